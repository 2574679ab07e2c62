//! Data sets for the tests of this crate, written down in a line.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_object::InMemDicomObject;

/// Elements by their text; a backslash parts values.
pub(crate) fn object(elements: &[(Tag, VR, &str)]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    for (tag, vr, value) in elements {
        let values = value.split('\\').map(str::to_owned).collect();
        object.put(DataElement::new(*tag, *vr, PrimitiveValue::Strs(values)));
    }
    object
}

/// Adds a sequence.
pub(crate) fn put_items(object: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
}
