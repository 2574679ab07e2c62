//! What a part of compressed pixels is: its transfer syntax, and what its first bytes say of the image (PS3.18 table 8.7.3-5,
//! Media Types and Transfer Syntax UIDs for Compressed Data in Bulkdata).
//!
//! A label that the bytes contradict is not believed; where there is none, the bytes decide before the table's default does.

use dicom_core::VR;
use filmless_codecs::codestream::{Jpeg2000Header, JpegHeader};
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

use super::{DataSet, Flaw};

/// So many bytes of a codestream tell what it is.
pub const HEAD_BYTES: usize = 1 << 20;

/// The root of all that follows.
const ROOT: &str = "1.2.840.10008.1.2.";

/// Media types and the transfer syntaxes of each, the default first.
const TYPES: [(&str, &[&str]); 12] = [
    ("image/jpeg", &["4.70", "4.50", "4.51", "4.57"]),
    ("image/dicom-rle", &["5"]),
    ("image/x-dicom-rle", &["5"]),
    ("image/jls", &["4.80", "4.81"]),
    ("image/jp2", &["4.90", "4.91"]),
    ("image/jpx", &["4.92", "4.93"]),
    ("image/jphc", &["4.201", "4.202", "4.203"]),
    ("image/jxl", &["4.110", "4.112", "4.111"]),
    ("video/mpeg", &["4.100", "4.100.1", "4.101", "4.101.1"]),
    ("video/mpeg2", &["4.100", "4.100.1", "4.101", "4.101.1"]),
    (
        "video/mp4",
        &["4.102", "4.102.1", "4.103", "4.103.1", "4.104", "4.104.1", "4.105", "4.105.1", "4.106", "4.106.1", "4.107", "4.108"],
    ),
    ("video/h265", &["4.107", "4.108"]),
];

/// Transfer syntaxes of native pixels in little endian, which is what uncompressed bulk data is.
const NATIVE: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"];

/// Whether a part of Pixel Data is compressed; an error if its transfer syntax is not one that it may have.
pub fn is_compressed(media_type: &str, declared: Option<&str>) -> Result<bool, Flaw> {
    let is_native = declared.is_none_or(|declared| NATIVE.contains(&declared));
    match row(media_type, declared) {
        Some(_) => Ok(true),
        // Codestreams that no transfer syntax has, such as AVIF, would make no pixels.
        None if media_type.starts_with("image/") || is_video(media_type) => Err(Flaw::TransferSyntax),
        // A PDF or an STL file is no pixels, but the part's type is the client's to name.
        None if is_native => Ok(false),
        None => Err(Flaw::TransferSyntax),
    }
}

/// Whether all frames stand in one part.
fn is_video(media_type: &str) -> bool {
    media_type.starts_with("video/")
}

/// The row of the table for a media type; bytes of no type are of the row that their transfer syntax is in.
fn row(media_type: &str, declared: Option<&str>) -> Option<(&'static str, &'static [&'static str])> {
    let suffix = declared.and_then(|declared| declared.strip_prefix(ROOT));
    if let Some(row) = TYPES.iter().find(|(name, _)| *name == media_type) {
        return Some(*row);
    }
    let of_suffix = |(_, syntaxes): &&(_, &[&str])| suffix.is_some_and(|suffix| syntaxes.contains(&suffix));
    TYPES.iter().find(of_suffix).copied().filter(|_| media_type == "application/octet-stream")
}

/// What a codestream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codestream {
    /// Its transfer syntax.
    pub transfer_syntax: TransferSyntaxUid,
    /// It holds all frames.
    pub is_video: bool,
    /// Where it begins: not at 0 inside a JP2 file, which PS3.5 section A.4.4 does not allow in a data set.
    pub start: u64,
    image: Option<Image>,
}

/// What a codestream says of its image.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Image {
    rows: u32,
    columns: u32,
    samples: u16,
    bits: u8,
    photometric: &'static str,
}

/// Tells what a codestream is by its media type, its declared transfer syntax and its first bytes.
pub fn identify(media_type: &str, declared: Option<&str>, head: &[u8]) -> Result<Codestream, Flaw> {
    let (media_type, candidates) = row(media_type, declared).ok_or(Flaw::TransferSyntax)?;
    let (possible, start, image): (&[&str], u64, Option<Image>) = match media_type {
        "image/jpeg" => {
            let header = JpegHeader::read(head).map_err(|_| Flaw::NotOfItsType)?;
            let possible: &[&str] = match header.start_of_frame {
                0xC0 => &["4.50", "4.51"],
                0xC1 => &["4.51"],
                0xC3 => &["4.70", "4.57"],
                _ => return Err(Flaw::TransferSyntax),
            };
            (possible, 0, Some(Image::of_jpeg(&header)))
        }
        "image/jls" => {
            let header = JpegHeader::read(head).ok().filter(|header| header.start_of_frame == 0xF7);
            (candidates, 0, Some(Image::of_jpeg(&header.ok_or(Flaw::NotOfItsType)?)))
        }
        "image/jp2" | "image/jphc" => {
            let header = Jpeg2000Header::read(head).map_err(|_| Flaw::NotOfItsType)?;
            let image = Image::of_jpeg_2000(&header, declared.is_some_and(|declared| declared.ends_with("4.91")));
            (candidates, header.start as u64, Some(image))
        }
        // PS3.5 section G.5: the number of segments, which are bytes of samples.
        "image/dicom-rle" | "image/x-dicom-rle" if !matches!(head, [1..=15, 0, 0, 0, ..]) => return Err(Flaw::NotOfItsType),
        _ => (candidates, 0, None),
    };
    let suffix = match declared.map(|declared| declared.strip_prefix(ROOT)) {
        None => possible.first().copied().ok_or(Flaw::TransferSyntax)?,
        Some(Some(suffix)) if !candidates.contains(&suffix) => return Err(Flaw::TransferSyntax),
        Some(Some(suffix)) => possible.iter().copied().find(|known| *known == suffix).ok_or(Flaw::NotOfItsType)?,
        Some(None) => return Err(Flaw::TransferSyntax),
    };
    let transfer_syntax = TransferSyntaxUid::parse(&format!("{ROOT}{suffix}")).expect("the table has UIDs");
    Ok(Codestream { transfer_syntax, is_video: is_video(media_type), start, image })
}

impl Image {
    fn of_jpeg(header: &JpegHeader) -> Self {
        let is_lossy = matches!(header.start_of_frame, 0xC0 | 0xC1);
        let is_halved = header.components.first().is_some_and(|first| first.horizontal > 1);
        let photometric = match header.components.len() {
            1 => "MONOCHROME2",
            _ if !is_lossy || header.adobe_transform == Some(0) => "RGB",
            _ if is_halved => "YBR_FULL_422",
            _ => "YBR_FULL",
        };
        Self {
            rows: header.rows.into(),
            columns: header.columns.into(),
            samples: u16::try_from(header.components.len()).unwrap_or(u16::MAX),
            bits: header.precision,
            photometric,
        }
    }

    fn of_jpeg_2000(header: &Jpeg2000Header, is_lossy: bool) -> Self {
        let photometric = match (header.precisions.len(), header.colour_transform) {
            (1, _) => "MONOCHROME2",
            (_, false) => "RGB",
            (_, true) if is_lossy => "YBR_ICT",
            (_, true) => "YBR_RCT",
        };
        Self {
            rows: header.rows,
            columns: header.columns,
            samples: u16::try_from(header.precisions.len()).unwrap_or(u16::MAX),
            bits: header.precisions.first().copied().unwrap_or(8),
            photometric,
        }
    }
}

impl DataSet {
    /// Fills in those attributes of the Image Pixel Description Macro (PS3.3 section C.7.6.3) that the metadata do not have: a
    /// camera's picture comes without. Those that are there stay.
    pub fn describe_pixels(&mut self, codestream: &Codestream) {
        let Some(image) = &codestream.image else { return };
        let (Ok(rows), Ok(columns)) = (u16::try_from(image.rows), u16::try_from(image.columns)) else { return };
        let bits = u16::from(image.bits.clamp(1, 16));
        let mut photometric = image.photometric.as_bytes().to_vec();
        photometric.resize(photometric.len().next_multiple_of(2), b' ');
        self.add_missing(Tag(0x0028, 0x0004), VR::CS, photometric);
        let colour = (image.samples > 1).then_some((0x0006, 0));
        let numbers = [
            (0x0002, image.samples),
            (0x0010, rows),
            (0x0011, columns),
            (0x0100, if bits > 8 { 16 } else { 8 }),
            (0x0101, bits),
            (0x0102, bits - 1),
            (0x0103, 0),
        ];
        for (element, number) in numbers.into_iter().chain(colour) {
            self.add_missing(Tag(0x0028, element), VR::US, number.to_le_bytes().to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start of image, a frame header of 4 lines of 6 samples of 8 bits, and a scan.
    fn jpeg(start_of_frame: u8) -> Vec<u8> {
        let frame = [0xFF, start_of_frame, 0, 11, 8, 0, 4, 0, 6, 1, 1, 0x11, 0];
        [&b"\xff\xd8"[..], &frame, b"\xff\xda\0\x08\x01\x01\0\0\x3f\0"].concat()
    }

    fn check(media_type: &str, declared: Option<&str>, head: &[u8], expected: Result<&str, Flaw>) {
        let declared = declared.map(|suffix| format!("{ROOT}{suffix}"));
        let found = identify(media_type, declared.as_deref(), head);
        let found = found.as_ref().map(|found| found.transfer_syntax.as_str().trim_start_matches(ROOT)).map_err(|flaw| *flaw);
        assert_eq!(found, expected, "{media_type} {declared:?}");
    }

    #[test]
    fn the_transfer_syntax_is_what_type_label_and_bytes_agree_on() {
        check("image/jpeg", None, &jpeg(0xC0), Ok("4.50"));
        check("image/jpeg", None, &jpeg(0xC1), Ok("4.51"));
        check("image/jpeg", None, &jpeg(0xC3), Ok("4.70"));
        check("image/jpeg", Some("4.57"), &jpeg(0xC3), Ok("4.57"));
        check("image/jpeg", Some("4.70"), &jpeg(0xC0), Err(Flaw::NotOfItsType));
        check("image/jpeg", Some("4.90"), &jpeg(0xC0), Err(Flaw::TransferSyntax));
        check("image/jpeg", None, &jpeg(0xC2), Err(Flaw::TransferSyntax));
        check("image/jpeg", None, b"GIF89a", Err(Flaw::NotOfItsType));
        check("image/jls", None, &jpeg(0xF7), Ok("4.80"));
        check("image/jls", Some("4.81"), &jpeg(0xF7), Ok("4.81"));
        check("image/jls", None, &jpeg(0xC3), Err(Flaw::NotOfItsType));
        check("image/jp2", None, b"no codestream", Err(Flaw::NotOfItsType));
        check("image/dicom-rle", None, b"\x01\0\0\0\x40\0\0\0", Ok("5"));
        check("image/x-dicom-rle", None, b"\xff\xd8\0\0", Err(Flaw::NotOfItsType));
        check("video/mp4", None, b"....ftyp", Ok("4.102"));
        check("video/mp4", Some("4.106"), b"....ftyp", Ok("4.106"));
        check("application/octet-stream", Some("4.50"), &jpeg(0xC0), Ok("4.50"));
        check("application/octet-stream", Some("9.99"), &jpeg(0xC0), Err(Flaw::TransferSyntax));
        assert_eq!(is_compressed("application/octet-stream", None), Ok(false));
        assert_eq!(is_compressed("application/octet-stream", Some("1.2.840.10008.1.2.1")), Ok(false));
        assert_eq!(is_compressed("application/octet-stream", Some("1.2.840.10008.1.2.2")), Err(Flaw::TransferSyntax));
        assert_eq!(is_compressed("application/pdf", None), Ok(false));
        assert_eq!(is_compressed("image/jpeg", None), Ok(true));
        for unknown in ["image/avif", "image/png", "video/webm"] {
            assert_eq!(is_compressed(unknown, None), Err(Flaw::TransferSyntax), "{unknown}");
        }
    }

    #[test]
    fn a_picture_describes_itself_where_its_metadata_do_not() {
        let codestream = identify("image/jpeg", None, &jpeg(0xC0)).expect("a JPEG");
        let mut data_set = super::super::DataSetBuilder::default();
        let given = |text: &str| super::super::Given {
            values: vec![super::super::GivenValue::Text(text.to_owned())],
            ..Default::default()
        };
        data_set.add(Some(Tag(0x28, 0x10)), Some("US"), None, given("9"));
        let mut data_set = data_set.finish();
        data_set.describe_pixels(&codestream);
        let number = |element| data_set.get(Tag(0x28, element)).map(|element| format!("{:?}", element.content));
        assert_eq!(number(0x10).as_deref(), Some("Bytes([9, 0])"), "what is said stays");
        assert_eq!(number(0x11).as_deref(), Some("Bytes([6, 0])"));
        assert_eq!(number(0x06), None);
        assert_eq!(data_set.text(Tag(0x28, 0x04)), Some("MONOCHROME2"));
    }
}
