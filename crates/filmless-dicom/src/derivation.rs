//! What an instance says of itself once its pixels were compressed with loss, so that nobody takes it for the original: another
//! SOP Instance UID, where it comes from, and by how much and how it was compressed (PS3.3 C.7.6.1.1.5, Lossy Image Compression).
//!
//! The UID depends on the stored bytes and on what is made of them alone: who asks twice is given the same instance.

use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_codecs::Loss;
use filmless_model::attribute::Tag;
use filmless_model::uid::SopInstanceUid;
use sha2::{Digest as _, Sha256};

use crate::element_header::{put_element, put_item};
use crate::header::{Encoding, ITEM};
use crate::transcode::StoredHeader;
use crate::transcode_header::Replacement;

/// The most that Derivation Description (0008,2111) holds (PS3.5 section 6.2, Value Representation: ST).
const MAX_DESCRIPTION: usize = 1024;

/// The name of what is made of a stored file by this (PS3.5 section B.2, UUID Derived UID).
pub(crate) fn instance_uid(stored: &StoredHeader, loss: &Loss) -> SopInstanceUid {
    let mut digest = Sha256::new();
    digest.update(stored.digest.as_bytes());
    digest.update(loss.description.as_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let bytes = *digest.first_chunk().expect("it has 32");
    // A UUID of version 8, whose bits are the maker's own (RFC 9562 section 5.8).
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | 0x8 << 76 | 0b10 << 62;
    SopInstanceUid::parse(&format!("2.25.{number}")).expect("44 digits at most")
}

/// What the header must say instead. `ratio` is how many times smaller the pixels have become.
pub(crate) fn replacements(stored: &StoredHeader, instance: &SopInstanceUid, loss: &Loss, ratio: f64) -> Vec<Replacement> {
    let header = &stored.header;
    let value = |element: dicom_core::Tag, vr, text: String| {
        let padding = if vr == VR::UI { 0 } else { b' ' };
        let mut value = text.into_bytes();
        value.resize(value.len().next_multiple_of(2), padding);
        Replacement { tag: Tag(element.group(), element.element()), vr, value }
    };
    let [ratios, methods] = successive(header, format!("{ratio:.2}"), loss.method.to_owned());
    let mut out = vec![
        value(tags::IMAGE_TYPE, VR::CS, image_type(header)),
        value(tags::SOP_INSTANCE_UID, VR::UI, instance.as_str().to_owned()),
        value(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "01".to_owned()),
        value(tags::LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS, ratios),
        value(tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, methods),
    ];
    out.extend(description(header, loss).map(|text| value(tags::DERIVATION_DESCRIPTION, VR::ST, text)));
    let source = item(&[
        value(tags::REFERENCED_SOP_CLASS_UID, VR::UI, stored.sop_class.as_str().to_owned()),
        value(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, stored.sop_instance.as_str().to_owned()),
    ]);
    out.push(Replacement { tag: Tag(0x0008, 0x2112), vr: VR::SQ, value: source });
    // PS3.16 CID 7203 (Image Derivation).
    let code = item(&[
        value(tags::CODE_VALUE, VR::SH, "113040".to_owned()),
        value(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM".to_owned()),
        value(tags::CODE_MEANING, VR::LO, "Lossy Compression".to_owned()),
    ]);
    out.push(Replacement { tag: Tag(0x0008, 0x9215), vr: VR::SQ, value: code });
    out
}

/// PS3.3 C.7.6.1.1.2 (Image Type): its first value tells originals from what is derived of them.
fn image_type(header: &InMemDicomObject) -> String {
    let stored = header.get(tags::IMAGE_TYPE).and_then(|element| element.to_str().ok()).unwrap_or_default();
    match stored.split_once('\\') {
        Some((_, rest)) => format!("DERIVED\\{rest}"),
        None => "DERIVED\\SECONDARY".to_owned(),
    }
}

/// Ratios and methods of all compressions, one behind the other: values at the same place are of the same compression, so
/// what was not said of an earlier one stays empty (PS3.3 C.7.6.1.1.5.1, Lossy Image Compression Method).
fn successive(header: &InMemDicomObject, ratio: String, method: String) -> [String; 2] {
    let stored = [tags::LOSSY_IMAGE_COMPRESSION_RATIO, tags::LOSSY_IMAGE_COMPRESSION_METHOD].map(|tag| {
        let text = header.get(tag).and_then(|element| element.to_str().ok()).unwrap_or_default();
        let text = text.trim_matches([' ', '\0']);
        if text.is_empty() { Vec::new() } else { text.split('\\').map(str::to_owned).collect() }
    });
    let before = stored.iter().map(Vec::len).max().unwrap_or(0);
    let [mut ratios, mut methods] = stored;
    for (values, last) in [(&mut ratios, ratio), (&mut methods, method)] {
        values.resize(before, String::new());
        values.push(last);
    }
    [ratios.join("\\"), methods.join("\\")]
}

/// `None` where the text that is there cannot be added to: too long, or not ASCII, so that its bytes are of its character set.
fn description(header: &InMemDicomObject, loss: &Loss) -> Option<String> {
    let stored = header.get(tags::DERIVATION_DESCRIPTION).and_then(|element| element.to_str().ok()).unwrap_or_default();
    let stored = stored.trim_matches([' ', '\0']);
    if stored.is_empty() {
        return Some(loss.description.to_owned());
    }
    let added = format!("{stored}; {}", loss.description);
    (added.is_ascii() && added.len() <= MAX_DESCRIPTION).then_some(added)
}

/// An item of these elements.
fn item(elements: &[Replacement]) -> Vec<u8> {
    let mut content = Vec::new();
    for element in elements {
        put_element(Encoding::EXPLICIT_LITTLE, &mut content, element.tag, element.vr, &element.value);
    }
    let mut out = Vec::new();
    put_item(Encoding::EXPLICIT_LITTLE, &mut out, ITEM, u32::try_from(content.len()).expect("short"));
    out.extend(content);
    out
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dicom_core::{DataElement, PrimitiveValue};
    use filmless_model::uid::{SopClassUid, TransferSyntaxUid};
    use filmless_model::version;

    use super::*;

    const LOSS: Loss = Loss { method: "ISO_14495_1", description: "lossy compression" };

    fn stored(header: InMemDicomObject) -> StoredHeader {
        StoredHeader {
            digest: version::Digest::new([7; 32]),
            sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.7").expect("a UID"),
            sop_instance: SopInstanceUid::parse("1.2.3").expect("a UID"),
            transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2").expect("a UID"),
            data_set: Bytes::new(),
            header,
            frames: 1,
        }
    }

    #[test]
    fn the_same_file_compressed_alike_is_the_same_instance() {
        let one = stored(InMemDicomObject::new_empty());
        let other = StoredHeader { digest: version::Digest::new([8; 32]), ..one.clone() };
        let uid = instance_uid(&one, &LOSS);
        assert_eq!(instance_uid(&one.clone(), &LOSS), uid);
        assert_ne!(instance_uid(&other, &LOSS), uid);
        assert_ne!(instance_uid(&one, &Loss { description: "more", ..LOSS }), uid);
        let number: u128 = uid.as_str().strip_prefix("2.25.").expect("UUID derived").parse().expect("a number");
        assert_eq!((number >> 76 & 0xf, number >> 62 & 3), (8, 2));
    }

    #[test]
    fn what_was_compressed_before_says_both() {
        let mut header = InMemDicomObject::new_empty();
        for (tag, vr, value) in [
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
            (tags::LOSSY_IMAGE_COMPRESSION_RATIO, VR::DS, "10"),
            (tags::DERIVATION_DESCRIPTION, VR::ST, "mean"),
        ] {
            header.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
        }
        for (header, expected) in [
            (header, ["DERIVED\\PRIMARY\\AXIAL ", "01", "10\\3.46 ", "\\ISO_14495_1", "mean; lossy compression "]),
            (InMemDicomObject::new_empty(), ["DERIVED\\SECONDARY ", "01", "3.46", "ISO_14495_1 ", "lossy compression "]),
        ] {
            let stored = stored(header);
            let replacements = replacements(&stored, &instance_uid(&stored, &LOSS), &LOSS, 3.456);
            let elements = [(0x0008, 0x0008), (0x0028, 0x2110), (0x0028, 0x2112), (0x0028, 0x2114), (0x0008, 0x2111)];
            let found = elements.map(|(group, element)| {
                let found = replacements.iter().find(|replacement| replacement.tag == Tag(group, element)).expect("it is said");
                String::from_utf8(found.value.clone()).expect("text")
            });
            assert_eq!(found, expected);
        }
    }
}
