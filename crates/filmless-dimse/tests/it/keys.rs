//! The keys of queries and retrieves, for instances of [`data_set`](crate::store::data_set).

use crate::store::element;

pub(crate) const LEVEL: (u16, u16) = (0x0008, 0x0052);
pub(crate) const PATIENT: (u16, u16) = (0x0010, 0x0020);
pub(crate) const STUDY: (u16, u16) = (0x0020, 0x000D);
pub(crate) const SERIES: (u16, u16) = (0x0020, 0x000E);
pub(crate) const INSTANCE: (u16, u16) = (0x0008, 0x0018);
pub(crate) const STUDY_UID: &str = "1.2.826.0.1.3680043.10.1.1";
pub(crate) const SERIES_UID: &str = "1.2.826.0.1.3680043.10.1.2";

/// Tag, value representation and value of each.
pub(crate) type Keys<'a> = &'a [((u16, u16), [u8; 2], &'a str)];

pub(crate) fn identifier_of(keys: Keys<'_>) -> Vec<u8> {
    let elements: Vec<_> = keys.iter().map(|((group, number), vr, value)| element(*group, *number, *vr, value)).collect();
    elements.concat()
}
