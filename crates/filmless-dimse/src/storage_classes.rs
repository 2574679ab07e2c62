//! Which SOP Classes are of the Storage Service Class by the standard's dictionary (PS3.4 annex B.5, Standard SOP Classes).

use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::StandardSopClassDictionary;
use dicom_dictionary_std::uids;

/// Whether the standard's dictionary has a Storage SOP Class of this UID.
///
/// Its keyword says so. Storage Commitment is another service; a DICOMDIR travels on media only (PS3.4 annex I).
pub(crate) fn is_standard_storage(uid: &str) -> bool {
    StandardSopClassDictionary.by_uid(uid).is_some_and(|entry| {
        entry.alias.contains("Storage")
            && !entry.alias.starts_with("StorageCommitment")
            && entry.uid != uids::MEDIA_STORAGE_DIRECTORY_STORAGE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_classes_of_the_dictionary_are_accepted_with_retired_and_odd_ones() {
        for uid in [
            uids::CT_IMAGE_STORAGE,
            uids::ENHANCED_MR_COLOR_IMAGE_STORAGE,
            uids::VIDEO_ENDOSCOPIC_IMAGE_STORAGE,
            uids::ENCAPSULATED_STL_STORAGE,
            uids::PHOTOACOUSTIC_IMAGE_STORAGE,
            uids::RT_BEAMS_DELIVERY_INSTRUCTION_STORAGE,
            uids::HANGING_PROTOCOL_STORAGE,
            "1.2.840.10008.5.1.4.1.1.6",
        ] {
            assert!(is_standard_storage(uid), "{uid}");
        }
        for uid in [uids::VERIFICATION, uids::STORAGE_COMMITMENT_PUSH_MODEL, uids::MODALITY_WORKLIST_INFORMATION_MODEL_FIND] {
            assert!(!is_standard_storage(uid), "{uid}");
        }
    }
}
