//! Keywords and tags of the standard's data elements (PS3.6 section 6, Registry of DICOM Data Elements).

use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_dictionary_std::StandardDataDictionary;
use filmless_model::attribute::Tag;

/// The keyword of a tag. Elements of repeating groups share theirs; private ones have none.
pub fn keyword(tag: Tag) -> Option<&'static str> {
    if tag.is_private() {
        return None;
    }
    let entry = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1))?;
    Some(entry.alias()).filter(|keyword| !keyword.starts_with("Generic"))
}

/// The tag of a keyword, in the first of repeating groups.
pub fn tag(keyword: &str) -> Option<Tag> {
    let tag = StandardDataDictionary.by_name(keyword)?.tag();
    Some(Tag(tag.group(), tag.element()))
}

/// The two letters of a standard tag's value representation, the first that the standard allows.
pub fn vr(tag: Tag) -> Option<&'static str> {
    keyword(tag)?;
    Some(StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1))?.vr().relaxed().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_tags_belong_together() {
        for (group, element, expected) in [
            (0x0010, 0x1030, Some("PatientWeight")),
            (0x6002, 0x3000, Some("OverlayData")),
            (0x0009, 0x1001, None),
            (0x0009, 0x0010, None),
            (0x0010, 0x0000, None),
        ] {
            assert_eq!(keyword(Tag(group, element)), expected);
        }
        assert_eq!(tag("PatientWeight"), Some(Tag(0x0010, 0x1030)));
        assert_eq!(tag("OverlayData"), Some(Tag(0x6000, 0x3000)));
        assert_eq!(tag("NoSuchThing"), None);
    }
}
