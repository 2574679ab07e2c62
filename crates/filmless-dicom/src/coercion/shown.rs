//! The header of an instance as the archive shows it: its record and its DICOM JSON with coerced texts.

use filmless_model::attribute::Tag;
use filmless_model::coercion::Coercion;

use crate::header::{Header, HeaderError, HeaderLimits, coerce, dictionary_vr};
use crate::json::{JsonWriter, decompress};
use crate::json_attributes::attributes;

const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// The defined term of UTF-8 (PS3.3 C.12.1.1.2).
pub(super) const UNICODE: &str = "ISO_IR 192";

/// Has a header, whose texts were read as the coercion says, show what the coercion changes.
pub fn show(header: &mut Header, coercion: &Coercion, limits: &HeaderLimits) -> Result<(), HeaderError> {
    if coercion.is_nothing() {
        return Ok(());
    }
    let mut changed = coercion.changed.clone();
    if coercion.needs_unicode() {
        changed.insert(SPECIFIC_CHARACTER_SET, Some(UNICODE.to_owned()));
    }
    let json = decompress(&header.dicom_json).map_err(|_| HeaderError::HeaderTooLong { limit: limits.max_json_bytes })?;
    let mut kept: Vec<_> = attributes(&json).map(|attribute| (attribute.tag, Some(attribute.text))).collect();
    kept.retain(|(tag, _)| !changed.contains_key(tag));
    kept.extend(changed.keys().map(|tag| (*tag, None)));
    kept.sort_by_key(|(tag, _)| *tag);
    let mut writer = JsonWriter::new(limits.max_json_bytes, limits.max_compressed_json_bytes);
    for (tag, text) in kept {
        match (text, changed.get(&tag)) {
            (Some(text), _) => writer.verbatim(text),
            (None, Some(Some(text))) => writer.text(tag, dictionary_vr(tag), text),
            (None, _) => {}
        }
        writer.check()?;
    }
    header.dicom_json = writer.finish()?;
    coerce(&mut header.record, &coercion.changed);
    Ok(())
}
