//! How a transfer syntax encodes data elements, and what a data set's first bytes say about it.
//!
//! Devices mislabel data sets. What the first element looks like is believed over the label, with a warning; whether Pixel
//! Data has the form that the label asks for is told here too.

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

/// Implicit VR Little Endian (PS3.5 section A.1).
pub(crate) const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
/// Explicit VR Little Endian (PS3.5 section A.2).
pub(crate) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
/// Deflated Explicit VR Little Endian (PS3.5 section A.5).
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// Explicit VR Big Endian (retired; PS3.5 2016b section A.3).
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
/// RLE Lossless (PS3.5 section A.4.2): one fragment is one frame.
const RLE_LOSSLESS: &str = "1.2.840.10008.1.2.5";

/// The length that says "until the delimiter" (PS3.5 section 7.1.1, Data Element Fields).
pub(crate) const UNDEFINED: u32 = 0xFFFF_FFFF;
pub(crate) const ITEM: Tag = Tag(0xFFFE, 0xE000);
pub(crate) const ITEM_DELIMITER: Tag = Tag(0xFFFE, 0xE00D);
pub(crate) const SEQUENCE_DELIMITER: Tag = Tag(0xFFFE, 0xE0DD);

/// How the headers of data elements are written (PS3.5 section 7.1, Data Elements).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// The value representation is written.
    pub(crate) explicit: bool,
    /// The most significant byte comes first.
    pub(crate) big_endian: bool,
}

impl Encoding {
    pub(crate) const IMPLICIT_LITTLE: Self = Self { explicit: false, big_endian: false };
    pub(crate) const EXPLICIT_LITTLE: Self = Self { explicit: true, big_endian: false };
    pub(crate) const EXPLICIT_BIG: Self = Self { explicit: true, big_endian: true };

    /// The transfer syntax of an uncompressed data set that is written so. None is for Implicit VR Big Endian.
    pub(crate) fn transfer_syntax(self) -> Option<&'static str> {
        match self {
            Self::IMPLICIT_LITTLE => Some(IMPLICIT_LITTLE),
            Self::EXPLICIT_LITTLE => Some(EXPLICIT_LITTLE),
            Self::EXPLICIT_BIG => Some(EXPLICIT_BIG),
            Self { explicit: false, big_endian: true } => None,
        }
    }

    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    pub(crate) fn u64(self, bytes: [u8; 8]) -> u64 {
        if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
    }

    pub(crate) fn u16_bytes(self, number: u16) -> [u8; 2] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub(crate) fn u32_bytes(self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub(crate) fn tag(self, bytes: [u8; 4]) -> Tag {
        let [a, b, c, d] = bytes;
        Tag(self.u16([a, b]), self.u16([c, d]))
    }

    /// What the first element of a data set looks like, where that differs from what was declared.
    pub(crate) fn corrected(self, first: [u8; 8]) -> Option<Self> {
        let [a, b, _, _, v, r, ..] = first;
        let (here, swapped) = (self.u16([a, b]), self.u16([b, a]));
        // The first groups of a data set are 0004, 0008 and their neighbours: a group such as 0800 is one of
        // them with its bytes swapped.
        let big_endian = self.big_endian ^ (here > 0x00FF && swapped != 0 && swapped <= 0x00FF);
        let explicit = if VR::from_binary([v, r]).is_some() {
            true
        } else {
            // A letter pair is a VR nobody knows; all else there is part of a length.
            self.explicit && (v.is_ascii_uppercase() && r.is_ascii_uppercase() || here > 0x00FF && swapped > 0x00FF)
        };
        let seen = Self { explicit, big_endian };
        (seen != self).then_some(seen)
    }
}

/// How Pixel Data (7FE0,0010) of the data set itself stands in it (PS3.5 section A.4, Transfer Syntaxes for Encapsulation of
/// Encoded Pixel Data).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelForm {
    /// As one value.
    Native,
    /// As fragments.
    Encapsulated,
    /// A private transfer syntax, or one that has its pixels elsewhere, has it in its own way.
    Unknown,
}

impl PixelForm {
    fn of(uid: &str) -> Self {
        const PIXELS_BY_REFERENCE: [&str; 4] = [".94", ".95", ".204", ".205"];
        match uid.strip_prefix("1.2.840.10008.1.2") {
            Some("" | ".1" | ".1.99" | ".2") => Self::Native,
            Some(".1.98" | ".5" | ".8.1") => Self::Encapsulated,
            Some(rest) => match rest.strip_prefix(".4") {
                Some(number) if !PIXELS_BY_REFERENCE.contains(&number) => Self::Encapsulated,
                _ => Self::Unknown,
            },
            None => Self::Unknown,
        }
    }
}

/// What a transfer syntax means for reading a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) encoding: Encoding,
    /// How Pixel Data stands in it.
    pub(crate) pixel_form: PixelForm,
    /// The whole data set is a deflate stream.
    pub(crate) deflated: bool,
    /// Pixel Data is one stream whose frames depend on each other.
    pub(crate) video: bool,
    /// One fragment is one frame, whatever the rest says.
    pub(crate) rle: bool,
}

impl Syntax {
    /// Unknown and private transfer syntaxes are read as Explicit VR Little Endian, as all of the standard's since 1993 are.
    pub(crate) fn of(uid: &TransferSyntaxUid) -> Self {
        let encoding = match uid.as_str() {
            // 1.2.840.113619.5.2 is GE's Implicit VR Little Endian with big-endian Pixel Data.
            IMPLICIT_LITTLE | "1.2.840.113619.5.2" => Encoding::IMPLICIT_LITTLE,
            EXPLICIT_BIG => Encoding::EXPLICIT_BIG,
            _ => Encoding::EXPLICIT_LITTLE,
        };
        let uid = uid.as_str();
        let pixel_form = PixelForm::of(uid);
        Self { encoding, pixel_form, deflated: uid == DEFLATED, video: is_video(uid), rle: uid == RLE_LOSSLESS }
    }

    /// Whether the label is all there is to say: how elements are encoded, in a data set that is not compressed in any way.
    pub(crate) fn is_uncompressed(self) -> bool {
        self.pixel_form == PixelForm::Native && !self.deflated
    }
}

/// MPEG2, MPEG-4 AVC/H.264 and HEVC, fragmentable ones included (PS3.6 table A-1), and SMPTE ST 2110.
fn is_video(uid: &str) -> bool {
    let compressed = uid.strip_prefix("1.2.840.10008.1.2.4.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    compressed.is_some_and(|number| (100..=108).contains(&number)) || uid.starts_with("1.2.840.10008.1.2.7.")
}

/// The transfer syntax of a data set of which only the first bytes are known, if they look like DICOM at all.
pub(crate) fn guess(first: [u8; 8]) -> Option<&'static str> {
    let [g0, g1, e0, e1, v, r, l2, l3] = first;
    let length = u32::from_le_bytes([v, r, l2, l3]);
    let usual = |group: u16| matches!(group, 0x0004 | 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028);
    if usual(u16::from_le_bytes([g0, g1])) {
        if VR::from_binary([v, r]).is_some() {
            return Some(EXPLICIT_LITTLE);
        }
        // A length over 64 KiB in the first element of a data set is no length.
        let element = u16::from_le_bytes([e0, e1]);
        let known = element == 0 || super::representation::dictionary_vr(Tag(u16::from_le_bytes([g0, g1]), element)) != VR::UN;
        return (known && length < 0x1_0000).then_some(IMPLICIT_LITTLE);
    }
    (usual(u16::from_be_bytes([g0, g1])) && VR::from_binary([v, r]).is_some()).then_some(EXPLICIT_BIG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_tells_the_encoding_from_a_wrong_label() {
        let check = |declared: Encoding, first: &[u8; 8], expected: Option<Encoding>| {
            assert_eq!(declared.corrected(*first), expected, "{declared:?} {first:02x?}");
        };
        let implicit = b"\x08\x00\x05\x00\x0a\x00\x00\x00";
        let explicit = b"\x08\x00\x05\x00CS\x0a\x00";
        let big = b"\x00\x08\x00\x05CS\x00\x0a";
        check(Encoding::IMPLICIT_LITTLE, implicit, None);
        check(Encoding::EXPLICIT_LITTLE, explicit, None);
        check(Encoding::EXPLICIT_BIG, big, None);
        check(Encoding::IMPLICIT_LITTLE, explicit, Some(Encoding::EXPLICIT_LITTLE));
        check(Encoding::EXPLICIT_LITTLE, implicit, Some(Encoding::IMPLICIT_LITTLE));
        check(Encoding::EXPLICIT_LITTLE, big, Some(Encoding::EXPLICIT_BIG));
        check(Encoding::EXPLICIT_BIG, explicit, Some(Encoding::EXPLICIT_LITTLE));
        check(Encoding::IMPLICIT_LITTLE, big, Some(Encoding::EXPLICIT_BIG));
        check(Encoding::EXPLICIT_LITTLE, b"\x08\x00\x05\x00XX\x0a\x00", None);
    }

    #[test]
    fn what_is_not_dicom_is_not_guessed() {
        for (first, expected) in [
            (b"\x08\x00\x05\x00CS\x0a\x00", Some(EXPLICIT_LITTLE)),
            (b"\x08\x00\x00\x00\x04\x00\x00\x00", Some(IMPLICIT_LITTLE)),
            (b"\x00\x08\x00\x05CS\x00\x0a", Some(EXPLICIT_BIG)),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"This is ", None),
            (b"\0\0\0\0\0\0\0\0", None),
            (b"\x08\x00\x05\x00\xff\xff\xff\x7f", None),
        ] {
            assert_eq!(guess(*first), expected, "{first:02x?}");
        }
    }

    #[test]
    fn the_form_of_pixel_data_is_known_of_the_standards_transfer_syntaxes() {
        for (uid, form) in [
            (IMPLICIT_LITTLE, PixelForm::Native),
            (EXPLICIT_LITTLE, PixelForm::Native),
            (EXPLICIT_BIG, PixelForm::Native),
            (DEFLATED, PixelForm::Native),
            (RLE_LOSSLESS, PixelForm::Encapsulated),
            ("1.2.840.10008.1.2.1.98", PixelForm::Encapsulated),
            ("1.2.840.10008.1.2.4.50", PixelForm::Encapsulated),
            ("1.2.840.10008.1.2.4.100.1", PixelForm::Encapsulated),
            ("1.2.840.10008.1.2.4.94", PixelForm::Unknown),
            ("1.2.840.10008.1.2.7.1", PixelForm::Unknown),
            ("1.2.840.113619.5.2", PixelForm::Unknown),
        ] {
            assert_eq!(Syntax::of(&TransferSyntaxUid::parse(uid).expect("a UID")).pixel_form, form, "{uid}");
        }
    }

    #[test]
    fn video_is_told_from_still_compression() {
        for (uid, video) in [
            ("1.2.840.10008.1.2.4.100", true),
            ("1.2.840.10008.1.2.4.100.1", true),
            ("1.2.840.10008.1.2.4.107", true),
            ("1.2.840.10008.1.2.4.90", false),
            ("1.2.840.10008.1.2.4.110", false),
            ("1.2.840.10008.1.2.4.201", false),
        ] {
            assert_eq!(Syntax::of(&TransferSyntaxUid::parse(uid).expect("a UID")).video, video, "{uid}");
        }
    }
}
