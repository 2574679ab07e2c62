//! What a codestream says about its image, read before any decoder sees it.
//!
//! Decoders allocate by these numbers and adapters index by the data set's: where the two differ, memory is lost or the
//! process is. So both are compared first, with a reader that only looks and never allocates by what it reads.

use crate::CodecError;
use crate::frame_spec::FrameSpec;

/// A cursor over untrusted big endian bytes.
#[derive(Debug, Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, CodecError> {
        let (&byte, rest) = self.0.split_first().ok_or_else(short)?;
        self.0 = rest;
        Ok(byte)
    }

    fn u16(&mut self) -> Result<u16, CodecError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(short)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*bytes))
    }

    fn u32(&mut self) -> Result<u32, CodecError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(short)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*bytes))
    }

    /// A marker segment's content: two bytes of length that count themselves.
    fn segment(&mut self) -> Result<Reader<'a>, CodecError> {
        let length = usize::from(self.u16()?);
        let content = length.checked_sub(2).ok_or_else(|| CodecError::Corrupt("marker segment without content".into()))?;
        self.take(content).map(Reader)
    }
}

fn short() -> CodecError {
    CodecError::Corrupt("header is cut short".into())
}

/// Refuses an image of another geometry than the data set's.
fn check_geometry(spec: &FrameSpec, columns: u32, rows: u32, components: usize) -> Result<(), CodecError> {
    let expected = (u32::from(spec.columns), u32::from(spec.rows), usize::from(spec.samples_per_pixel));
    if (columns, rows, components) == expected {
        return Ok(());
    }
    Err(CodecError::Mismatch(format!(
        "{columns}×{rows}×{components} in the codestream, {}×{}×{} in the data set",
        expected.0, expected.1, expected.2
    )))
}

/// A component of a JPEG frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegComponent {
    /// Its identifier.
    pub id: u8,
    /// Horizontal sampling factor.
    pub horizontal: u8,
    /// Vertical sampling factor.
    pub vertical: u8,
    /// Which quantisation table it uses.
    pub quantisation: u8,
}

/// The frame header of a JPEG or JPEG-LS codestream (ISO/IEC 10918-1 B.2.2, ISO/IEC 14495-1 C.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JpegHeader {
    /// The start-of-frame marker's second byte: C0 baseline, C1 extended, C2 progressive, C3 lossless, F7 JPEG-LS …
    pub start_of_frame: u8,
    /// Bits a sample.
    pub precision: u8,
    /// Lines.
    pub rows: u16,
    /// Samples a line.
    pub columns: u16,
    /// The components.
    pub components: Vec<JpegComponent>,
    /// Adobe's APP14: 0 no transform, 1 YCbCr, 2 YCCK.
    pub adobe_transform: Option<u8>,
    /// Whether there is a JFIF APP0.
    pub jfif: bool,
    /// Components of the first scan.
    pub scan_components: u8,
}

impl JpegHeader {
    /// Reads marker segments up to the first scan.
    pub fn read(codestream: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader(codestream);
        if reader.take(2)? != [0xff, 0xd8] {
            return Err(CodecError::Corrupt("no start of image".into()));
        }
        let (mut frame, mut adobe_transform, mut jfif) = (None, None, false);
        loop {
            if reader.u8()? != 0xff {
                return Err(CodecError::Corrupt("no marker where one must stand".into()));
            }
            let mut marker = reader.u8()?;
            while marker == 0xff {
                marker = reader.u8()?;
            }
            match marker {
                0x01 | 0xd0..=0xd7 => {}
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xf7 => {
                    if frame.is_some() {
                        return Err(CodecError::Unsupported("a hierarchical JPEG".into()));
                    }
                    frame = Some(Self::read_frame(marker, reader.segment()?)?);
                }
                0xda => {
                    let mut frame: Self = frame.ok_or_else(|| CodecError::Corrupt("scan before frame header".into()))?;
                    frame.scan_components = reader.segment()?.u8()?;
                    return Ok(Self { adobe_transform, jfif, ..frame });
                }
                0xd8 | 0xd9 => return Err(CodecError::Corrupt("no scan".into())),
                0xee => {
                    let segment = reader.segment()?.0;
                    if segment.starts_with(b"Adobe") {
                        adobe_transform = segment.get(11).copied();
                    }
                }
                0xe0 => jfif |= reader.segment()?.0.starts_with(b"JFIF\0"),
                _ => {
                    reader.segment()?;
                }
            }
        }
    }

    fn read_frame(start_of_frame: u8, mut segment: Reader<'_>) -> Result<Self, CodecError> {
        let (precision, rows, columns, count) = (segment.u8()?, segment.u16()?, segment.u16()?, segment.u8()?);
        let mut components = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let (id, sampling, quantisation) = (segment.u8()?, segment.u8()?, segment.u8()?);
            components.push(JpegComponent { id, horizontal: sampling >> 4, vertical: sampling & 15, quantisation });
        }
        Ok(Self { start_of_frame, precision, rows, columns, components, adobe_transform: None, jfif: false, scan_components: 0 })
    }

    /// Compares with the data set.
    pub fn check(&self, spec: &FrameSpec) -> Result<(), CodecError> {
        check_geometry(spec, u32::from(self.columns), u32::from(self.rows), self.components.len())
    }
}

/// The main header of a JPEG 2000 codestream (ISO/IEC 15444-1 A.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jpeg2000Header {
    /// Where the codestream begins: not at 0 inside a JP2 file, which PS3.5 forbids and devices send.
    pub start: usize,
    /// Lines.
    pub rows: u32,
    /// Samples a line.
    pub columns: u32,
    /// Bits a sample, by component.
    pub precisions: Vec<u8>,
    /// Whether all components have the image's resolution.
    pub subsampled: bool,
    /// Whether the codestream's components are a colour transform of the image's.
    pub colour_transform: bool,
    /// Whether its wavelets lose nothing.
    pub reversible: bool,
}

impl Jpeg2000Header {
    /// Reads SIZ and COD.
    pub fn read(bytes: &[u8]) -> Result<Self, CodecError> {
        let start = codestream_start(bytes)?;
        let mut reader = Reader(bytes.get(start..).unwrap_or_default());
        if reader.take(4)? != [0xff, 0x4f, 0xff, 0x51] {
            return Err(CodecError::Corrupt("no JPEG 2000 start of codestream".into()));
        }
        let mut siz = reader.segment()?;
        siz.take(2)?;
        let mut numbers = [0; 8];
        for number in &mut numbers {
            *number = siz.u32()?;
        }
        let [right, bottom, left, top, tile_columns, tile_rows, ..] = numbers;
        let (columns, rows) = (right.checked_sub(left), bottom.checked_sub(top));
        let (Some(columns), Some(rows)) = (columns, rows) else {
            return Err(CodecError::Corrupt("image area ends before it begins".into()));
        };
        if tile_columns == 0 || tile_rows == 0 {
            return Err(CodecError::Corrupt("tiles of no size".into()));
        }
        let components = siz.u16()?;
        let (mut precisions, mut subsampled) = (Vec::new(), false);
        for _ in 0..components {
            let (depth, dx, dy) = (siz.u8()?, siz.u8()?, siz.u8()?);
            precisions.push((depth & 0x7f) + 1);
            subsampled |= (dx, dy) != (1, 1);
        }
        let (colour_transform, reversible) = Self::read_transforms(reader)?;
        Ok(Self { start, rows, columns, precisions, subsampled, colour_transform, reversible })
    }

    /// Of components, and whether that of wavelets is reversible. COD stands anywhere in the main header, which the first tile
    /// part ends.
    fn read_transforms(mut reader: Reader<'_>) -> Result<(bool, bool), CodecError> {
        loop {
            match reader.u16()? {
                0xff90 | 0xffd9 => return Err(CodecError::Corrupt("no coding style".into())),
                0xff52 => {
                    let mut cod = reader.segment()?;
                    cod.take(4)?; // coding style, progression order, layers
                    let colour_transform = cod.u8()? != 0;
                    cod.take(4)?; // decomposition levels, sides and style of code blocks
                    return Ok((colour_transform, cod.u8()? == 1));
                }
                _ => {
                    reader.segment()?;
                }
            }
        }
    }

    /// Compares with the data set.
    pub fn check(&self, spec: &FrameSpec) -> Result<(), CodecError> {
        if self.subsampled {
            return Err(CodecError::Unsupported("JPEG 2000 components of different resolution".into()));
        }
        check_geometry(spec, self.columns, self.rows, self.precisions.len())?;
        if self.precisions.iter().any(|bits| u16::from(*bits) > spec.bits_allocated.max(8)) {
            return Err(CodecError::Mismatch("JPEG 2000 samples have more bits than are allocated".into()));
        }
        Ok(())
    }
}

/// Finds the contiguous codestream box of a JP2 file (ISO/IEC 15444-1 Annex I).
fn codestream_start(bytes: &[u8]) -> Result<usize, CodecError> {
    if !bytes.starts_with(b"\0\0\0\x0cjP  ") {
        return Ok(0);
    }
    let mut at = 0usize;
    loop {
        let mut reader = Reader(bytes.get(at..).unwrap_or_default());
        let (length, kind) = (reader.u32()?, reader.take(4)?);
        let (header, length) = match length {
            1 => {
                let (high, low) = (reader.u32()?, reader.u32()?);
                (16, u64::from(high) << 32 | u64::from(low))
            }
            length => (8, u64::from(length)),
        };
        if kind == b"jp2c" {
            return Ok(at + header);
        }
        let length = usize::try_from(length).ok().filter(|length| *length >= header);
        let next = length.and_then(|length| at.checked_add(length));
        at = next.ok_or_else(|| CodecError::Corrupt("JP2 box without an end".into()))?;
    }
}

/// Compares what a JPEG XL decoder found with the data set.
pub(crate) fn check_jpeg_xl(spec: &FrameSpec, columns: u32, rows: u32, channels: usize) -> Result<(), CodecError> {
    check_geometry(spec, columns, rows, channels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    const JPEG: &[u8] = &[
        0xff, 0xd8, 0xff, 0xee, 0, 14, b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, 1, 0xff, 0xff, 0xc0, 0, 11, 8, 0, 2, 0,
        3, 1, 7, 0x11, 0, 0xff, 0xda, 0, 8, 1, 7, 0, 0, 63, 0,
    ];

    #[test]
    fn a_jpeg_frame_header_is_found_behind_application_data() {
        let header = JpegHeader::read(JPEG).expect("good");
        assert_eq!((header.start_of_frame, header.precision, header.rows, header.columns), (0xc0, 8, 2, 3));
        assert_eq!((header.adobe_transform, header.scan_components, header.components[0].id), (Some(1), 1, 7));
        assert!(header.check(&spec("1.2", 2, 3, 8)).is_ok());
        for other in [spec("1.2", 3, 2, 8), spec("1.2", 2, 2, 8), FrameSpec { samples_per_pixel: 3, ..spec("1.2", 2, 3, 8) }] {
            assert!(matches!(header.check(&other), Err(CodecError::Mismatch(_))));
        }
    }

    #[test]
    fn a_jpeg_2000_header_is_found_inside_a_jp2_file() {
        let mut bytes = b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\0jp2c".to_vec();
        bytes.extend([0xff, 0x4f, 0xff, 0x51, 0, 41, 0, 0]);
        for number in [10u32, 7, 2, 1, 10, 7, 0, 0] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend([0, 1, 0x8b, 1, 1, 0xff, 0x52, 0, 12, 0, 0, 0, 1, 1, 5, 4, 4, 0, 1]);
        let header = Jpeg2000Header::read(&bytes).expect("good");
        assert_eq!((header.start, header.columns, header.rows), (20, 8, 6));
        assert_eq!((header.precisions.as_slice(), header.subsampled), ([12].as_slice(), false));
        assert_eq!((header.colour_transform, header.reversible), (true, true));
        for cut in 0..bytes.len() {
            assert!(Jpeg2000Header::read(&bytes[..cut]).is_err(), "{cut}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_a_header_or_an_error(bytes: Vec<u8>) {
            let _ = JpegHeader::read(&[&[0xff, 0xd8, 0xff], bytes.as_slice()].concat());
            let _ = Jpeg2000Header::read(&[&[0xff, 0x4f, 0xff, 0x51], bytes.as_slice()].concat());
            let _ = Jpeg2000Header::read(&[b"\0\0\0\x0cjP  ".as_slice(), bytes.as_slice()].concat());
        }
    }
}
