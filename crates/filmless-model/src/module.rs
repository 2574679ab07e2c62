//! Which entity an attribute describes that is not indexed, by the modules it belongs to (PS3.3 annex C): a search for
//! studies returns what is the same in all of a study, and nothing of single series and instances.

use crate::attribute::{Attribute, Level, Tag};

/// The group of the Patient Module and of the Patient Study Module (PS3.3 sections C.7.1.1 and C.7.2.2).
const PATIENT_GROUP: u16 = 0x0010;

/// The group of the clinical trial modules (PS3.3 sections C.7.1.3, C.7.2.3 and C.7.3.2).
const CLINICAL_TRIAL_GROUP: u16 = 0x0012;

/// Attributes of the General Study Module (PS3.3 section C.7.2.1), the visit (C.7.2.2) and of requests for a study.
const STUDY: &[Tag] = &[
    Tag(0x0008, 0x0051),
    Tag(0x0008, 0x0096),
    Tag(0x0008, 0x009C),
    Tag(0x0008, 0x009D),
    Tag(0x0008, 0x1032),
    Tag(0x0008, 0x1048),
    Tag(0x0008, 0x1049),
    Tag(0x0008, 0x1060),
    Tag(0x0008, 0x1062),
    Tag(0x0008, 0x1080),
    Tag(0x0008, 0x1084),
    Tag(0x0008, 0x1110),
    Tag(0x0008, 0x1120),
    Tag(0x0020, 0x1070),
    Tag(0x0032, 0x1030),
    Tag(0x0032, 0x1033),
    Tag(0x0032, 0x1034),
    Tag(0x0032, 0x4000),
    Tag(0x0038, 0x0010),
    Tag(0x0038, 0x0014),
    Tag(0x0038, 0x0060),
    Tag(0x0038, 0x0062),
    Tag(0x0038, 0x0064),
    Tag(0x0038, 0x0500),
    Tag(0x0040, 0x1012),
];

/// Attributes of the General Series, Clinical Trial Series, PET Series, Frame of Reference and General Equipment Modules
/// (PS3.3 sections C.7.3.1, C.7.3.2, C.8.9.1, C.7.4.1 and C.7.5.1).
const SERIES: &[Tag] = &[
    Tag(0x0008, 0x0068),
    Tag(0x0008, 0x0081),
    Tag(0x0008, 0x0082),
    Tag(0x0008, 0x103F),
    Tag(0x0008, 0x1040),
    Tag(0x0008, 0x1041),
    Tag(0x0008, 0x1050),
    Tag(0x0008, 0x1052),
    Tag(0x0008, 0x1070),
    Tag(0x0008, 0x1072),
    Tag(0x0008, 0x1090),
    Tag(0x0008, 0x1111),
    Tag(0x0008, 0x1250),
    Tag(0x0010, 0x2210),
    Tag(0x0012, 0x0060),
    Tag(0x0012, 0x0071),
    Tag(0x0012, 0x0072),
    Tag(0x0012, 0x0073),
    Tag(0x0018, 0x1000),
    Tag(0x0018, 0x1002),
    Tag(0x0018, 0x1008),
    Tag(0x0018, 0x100A),
    Tag(0x0018, 0x100B),
    Tag(0x0018, 0x1020),
    Tag(0x0018, 0x1030),
    Tag(0x0018, 0x1050),
    Tag(0x0018, 0x1200),
    Tag(0x0018, 0x1201),
    Tag(0x0018, 0x5100),
    Tag(0x0020, 0x0052),
    Tag(0x0020, 0x1040),
    Tag(0x0028, 0x0108),
    Tag(0x0028, 0x0109),
    Tag(0x0040, 0x0241),
    Tag(0x0040, 0x0242),
    Tag(0x0040, 0x0243),
    Tag(0x0040, 0x0250),
    Tag(0x0040, 0x0251),
    Tag(0x0040, 0x0253),
    Tag(0x0040, 0x0254),
    Tag(0x0040, 0x0255),
    Tag(0x0040, 0x0260),
    Tag(0x0040, 0x0280),
    Tag(0x0054, 0x0081),
    Tag(0x0054, 0x0101),
    Tag(0x0054, 0x1000),
    Tag(0x0054, 0x1001),
    Tag(0x0054, 0x1002),
    Tag(0x0054, 0x1102),
];

/// The level of the entity that an attribute describes. What is in none of the lists is taken for the instance's own.
pub fn level(tag: Tag) -> Level {
    if let Some(attribute) = Attribute::from_tag(tag) {
        return attribute.level();
    }
    if SERIES.binary_search(&tag).is_ok() {
        Level::Series
    } else if matches!(tag.0, PATIENT_GROUP | CLINICAL_TRIAL_GROUP) {
        Level::Patient
    } else if STUDY.binary_search(&tag).is_ok() {
        Level::Study
    } else {
        Level::Instance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_have_the_level_of_their_module() {
        assert!(STUDY.is_sorted() && SERIES.is_sorted());
        for (group, element, expected) in [
            (0x0010, 0x0010, Level::Patient),
            (0x0010, 0x1030, Level::Patient),
            (0x0012, 0x0063, Level::Patient),
            (0x0008, 0x1060, Level::Study),
            (0x0018, 0x1030, Level::Series),
            (0x0012, 0x0071, Level::Series),
            (0x0018, 0x0050, Level::Instance),
            (0x0009, 0x1001, Level::Instance),
        ] {
            assert_eq!(level(Tag(group, element)), expected, "{group:04X}{element:04X}");
        }
    }
}
