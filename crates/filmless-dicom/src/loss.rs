//! Whether the stored pixels have lost something on their way, as far as an instance tells.

use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::uid::TransferSyntaxUid;

use crate::pixel::text;

/// Transfer syntaxes that always lose: JPEG baseline and extended, and moving pictures (PS3.5 A.4).
const ALWAYS: [&str; 2] = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"];
/// Every moving picture.
const MOVING: &str = "1.2.840.10008.1.2.4.10";
/// Transfer syntaxes that may lose: near-lossless JPEG-LS, JPEG 2000, High-Throughput JPEG 2000 and JPEG XL.
const PERHAPS: [&str; 6] = [
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.93",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.111",
    "1.2.840.10008.1.2.4.112",
];

/// Whether an image was compressed with loss, now or before (PS3.3 C.7.6.1.1.5, Lossy Image Compression). Where a transfer syntax
/// may lose, and the instance does not say that nothing was lost, something was.
pub fn has_lost(header: &InMemDicomObject, transfer_syntax: &TransferSyntaxUid) -> bool {
    let transfer_syntax = transfer_syntax.as_str();
    match text(header, tags::LOSSY_IMAGE_COMPRESSION).as_deref() {
        Some("01") => true,
        said => {
            ALWAYS.contains(&transfer_syntax)
                || transfer_syntax.starts_with(MOVING)
                || PERHAPS.contains(&transfer_syntax) && said != Some("00")
        }
    }
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue, VR};

    use super::*;
    use crate::pixel::tests::header;

    #[test]
    fn what_may_have_lost_has_unless_it_says_otherwise() {
        for (transfer_syntax, said, expected) in [
            ("1.2.840.10008.1.2.1", None, false),
            ("1.2.840.10008.1.2.1", Some("00"), false),
            ("1.2.840.10008.1.2.1", Some("01"), true),
            ("1.2.840.10008.1.2.4.50", Some("00"), true),
            ("1.2.840.10008.1.2.4.70", None, false),
            ("1.2.840.10008.1.2.4.90", None, false),
            ("1.2.840.10008.1.2.4.91", None, true),
            ("1.2.840.10008.1.2.4.91", Some("00"), false),
            ("1.2.840.10008.1.2.4.102.1", None, true),
            ("1.2.840.10008.1.2.4.110", None, false),
            ("1.2.840.10008.1.2.4.201", None, false),
        ] {
            let mut image = header("MONOCHROME2", 2, 4, 8, 8);
            if let Some(said) = said {
                image.put(DataElement::new(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, PrimitiveValue::from(said)));
            }
            let transfer_syntax = TransferSyntaxUid::parse(transfer_syntax).expect("a UID");
            assert_eq!(has_lost(&image, &transfer_syntax), expected, "{} {said:?}", transfer_syntax.as_str());
        }
    }
}
