//! Reading columns into the model's words. What no version of this program writes is reported as corruption, by
//! column and never by value.

use filmless_model::address::InstanceAddress;
use filmless_model::coercion::Coercion;
use filmless_model::frame::FrameIndex;
use filmless_model::record::InstanceVersion;
use filmless_model::uid::UidError;
use filmless_model::version::{Digest, VersionId};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::error::IndexError;

/// An error that names a column.
fn corrupt(row: &AnyRow, column: usize) -> IndexError {
    let name = row.columns().get(column).map_or("?", |column| sqlx::Column::name(column));
    IndexError::Corrupt(format!("column {name} holds what it should not"))
}

pub(crate) fn text(row: &AnyRow, column: usize) -> Result<String, IndexError> {
    row.try_get(column).map_err(|_| corrupt(row, column))
}

pub(crate) fn optional_text(row: &AnyRow, column: usize) -> Result<Option<String>, IndexError> {
    row.try_get(column).map_err(|_| corrupt(row, column))
}

pub(crate) fn number(row: &AnyRow, column: usize) -> Result<i64, IndexError> {
    row.try_get(column).map_err(|_| corrupt(row, column))
}

pub(crate) fn optional_number(row: &AnyRow, column: usize) -> Result<Option<i64>, IndexError> {
    row.try_get(column).map_err(|_| corrupt(row, column))
}

pub(crate) fn unsigned(row: &AnyRow, column: usize) -> Result<u64, IndexError> {
    u64::try_from(number(row, column)?).map_err(|_| corrupt(row, column))
}

pub(crate) fn flag(row: &AnyRow, column: usize) -> Result<bool, IndexError> {
    Ok(number(row, column)? != 0)
}

pub(crate) fn bytes(row: &AnyRow, column: usize) -> Result<Vec<u8>, IndexError> {
    row.try_get(column).map_err(|_| corrupt(row, column))
}

/// A text that becomes a type of the model by `parse`.
pub(crate) fn parsed<T>(row: &AnyRow, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, IndexError> {
    let text: &str = row.try_get(column).map_err(|_| corrupt(row, column))?;
    parse(text).ok_or_else(|| corrupt(row, column))
}

/// The same where there may be none.
pub(crate) fn optional<T>(row: &AnyRow, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, IndexError> {
    optional_text(row, column)?.map(|text| parse(&text).ok_or_else(|| corrupt(row, column))).transpose()
}

pub(crate) fn uid<T: std::str::FromStr<Err = UidError>>(row: &AnyRow, column: usize) -> Result<T, IndexError> {
    parsed(row, column, |text| text.parse().ok())
}

pub(crate) fn version_id(row: &AnyRow, column: usize) -> Result<VersionId, IndexError> {
    parsed(row, column, VersionId::parse)
}

pub(crate) fn digest(row: &AnyRow, column: usize) -> Result<Digest, IndexError> {
    let bytes: &[u8] = row.try_get(column).map_err(|_| corrupt(row, column))?;
    bytes.try_into().map(Digest::new).map_err(|_| corrupt(row, column))
}

/// The nine columns of a version `v` that [`version`] reads.
macro_rules! version_columns {
    () => {
        "v.version_id, v.digest, v.length_bytes, v.transfer_syntax_uid, v.data_set_offset, v.frames, v.source, v.stored_ms, v.coercion"
    };
}

pub(crate) use version_columns;

/// A version in the columns from `first` on.
pub(crate) fn version(row: &AnyRow, first: usize) -> Result<InstanceVersion, IndexError> {
    Ok(InstanceVersion {
        id: version_id(row, first)?,
        digest: digest(row, first + 1)?,
        length_bytes: unsigned(row, first + 2)?,
        transfer_syntax: uid(row, first + 3)?,
        data_set_offset: unsigned(row, first + 4)?,
        frames: FrameIndex::decode(&bytes(row, first + 5)?).ok_or_else(|| corrupt(row, first + 5))?,
        source: text(row, first + 6)?,
        stored_ms: number(row, first + 7)?,
        coercion: optional_text(row, first + 8)?.map(|text| coercion(&text)).transpose()?,
    })
}

fn coercion(text: &str) -> Result<Box<Coercion>, IndexError> {
    serde_json::from_str(text).map_err(|_| IndexError::Corrupt("column coercion holds what it should not".to_owned()))
}

/// Study, series and instance UID in three columns from `first` on.
pub(crate) fn address(row: &AnyRow, first: usize) -> Result<InstanceAddress, IndexError> {
    Ok(InstanceAddress { study: uid(row, first)?, series: uid(row, first + 1)?, instance: uid(row, first + 2)? })
}
