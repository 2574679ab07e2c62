//! Value representations (PS3.5 section 6.2): which are written how, and which tags have which.

use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_dictionary_std::StandardDataDictionary;
use filmless_model::attribute::Tag;

/// Pixel Data, Float Pixel Data and Double Float Pixel Data (PS3.3 C.7.6.3, C.7.6.24).
pub(crate) fn is_pixel_data(tag: Tag) -> bool {
    tag.0 == 0x7FE0 && matches!(tag.1, 0x0008 | 0x0009 | 0x0010)
}

/// Value representations of bytes without meaning of their own.
pub(crate) fn is_binary(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}

/// Those with a reserved field and a length of 32 bits (PS3.5 section 7.1.2, table 7.1-1).
pub(crate) fn has_long_length(vr: VR) -> bool {
    is_binary(vr) || matches!(vr, VR::SQ | VR::SV | VR::UC | VR::UR | VR::UT | VR::UV)
}

/// The value representation that the standard gives a tag; UN for what it does not know.
pub(crate) fn dictionary_vr(tag: Tag) -> VR {
    match StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1)).map(DataDictionaryEntry::vr) {
        Some(VirtualVr::Exact(vr)) => vr,
        Some(VirtualVr::Xs) => VR::US,
        Some(VirtualVr::Ox | VirtualVr::Px | VirtualVr::Lt) => VR::OW,
        _ => VR::UN,
    }
}

/// Whether a US is a SS where Pixel Representation says so.
pub(crate) fn has_sample_sign(tag: Tag) -> bool {
    let entry = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1));
    entry.is_some_and(|entry| entry.vr() == VirtualVr::Xs)
}
