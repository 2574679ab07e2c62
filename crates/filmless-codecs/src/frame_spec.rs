//! What a data set says about one frame, and what a decoded frame is.

use std::fmt;
use std::str::FromStr;

use filmless_model::uid::TransferSyntaxUid;

use crate::CodecError;

/// Photometric Interpretation (0028,0004), PS3.3 C.7.6.3.1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// The lowest value is shown white.
    Monochrome1,
    /// The lowest value is shown black.
    Monochrome2,
    /// Values are indices into the palette lookup tables.
    PaletteColor,
    /// Red, green, blue.
    Rgb,
    /// Luminance and two colour differences, full range.
    YbrFull,
    /// As `YbrFull`, colour differences at half the horizontal resolution.
    YbrFull422,
    /// As `YbrFull`, studio range, colour differences at half the resolution (retired but for video).
    YbrPartial420,
    /// As `YbrFull422`, studio range (retired).
    YbrPartial422,
    /// JPEG 2000's irreversible colour transform.
    YbrIct,
    /// JPEG 2000's reversible colour transform.
    YbrRct,
    /// JPEG XL's own colour space.
    Xyb,
}

impl Photometric {
    const NAMES: [(Self, &str); 11] = [
        (Self::Monochrome1, "MONOCHROME1"),
        (Self::Monochrome2, "MONOCHROME2"),
        (Self::PaletteColor, "PALETTE COLOR"),
        (Self::Rgb, "RGB"),
        (Self::YbrFull, "YBR_FULL"),
        (Self::YbrFull422, "YBR_FULL_422"),
        (Self::YbrPartial420, "YBR_PARTIAL_420"),
        (Self::YbrPartial422, "YBR_PARTIAL_422"),
        (Self::YbrIct, "YBR_ICT"),
        (Self::YbrRct, "YBR_RCT"),
        (Self::Xyb, "XYB"),
    ];

    /// The defined term.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(value, _)| *value == self).map_or("RGB", |(_, name)| name)
    }

    /// Whether one sample makes a shade of grey.
    pub fn is_monochrome(self) -> bool {
        matches!(self, Self::Monochrome1 | Self::Monochrome2)
    }

    /// Whether three samples make a colour.
    pub fn is_colour(self) -> bool {
        !self.is_monochrome() && self != Self::PaletteColor
    }

    pub(crate) fn code(self) -> u8 {
        let at = Self::NAMES.iter().position(|(value, _)| *value == self).expect("every value has a name");
        u8::try_from(at).expect("there are eleven")
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::NAMES.get(usize::from(code)).map(|(value, _)| *value)
    }
}

impl fmt::Display for Photometric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Photometric {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        let text = text.trim_matches([' ', '\0']);
        let found = Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        found.map(|(value, _)| *value).ok_or_else(|| CodecError::Unsupported("this photometric interpretation".into()))
    }
}

/// What the data set says about one frame: PS3.3 C.7.6.3 (Image Pixel Module).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameSpec {
    /// How the frame is encoded.
    pub transfer_syntax: TransferSyntaxUid,
    /// Rows (0028,0010).
    pub rows: u16,
    /// Columns (0028,0011).
    pub columns: u16,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Bits Allocated (0028,0100): 1, 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// Pixel Representation (0028,0103): whether samples are two's complement.
    pub signed: bool,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Photometric,
    /// Planar Configuration (0028,0006): whether native samples stand plane after plane.
    pub planar: bool,
}

impl FrameSpec {
    /// Pixels of the frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Samples of the frame.
    pub fn samples(&self) -> u64 {
        self.pixels() * u64::from(self.samples_per_pixel)
    }

    /// Bytes a decoded sample takes: single bits are decoded to a byte each.
    pub fn sample_bytes(&self) -> u64 {
        u64::from(self.bits_allocated.div_ceil(8))
    }

    /// Bytes of the decoded frame, colour by pixel.
    pub fn decoded_bytes(&self) -> u64 {
        // 65535² pixels of 65535 samples of 8192 bytes stay below 2^64.
        self.samples() * self.sample_bytes()
    }

    /// Refuses what no decoder can handle, and frames whose samples take more than `limit` bytes.
    pub fn check(&self, limit: u64) -> Result<usize, CodecError> {
        if self.rows == 0 || self.columns == 0 {
            return Err(CodecError::Unsupported("a frame without rows or columns".into()));
        }
        if !matches!(self.samples_per_pixel, 1 | 3 | 4) {
            return Err(CodecError::Unsupported(format!("{} samples per pixel", self.samples_per_pixel)));
        }
        if !matches!(self.bits_allocated, 1 | 8 | 16 | 32) || self.bits_stored == 0 || self.bits_stored > self.bits_allocated {
            return Err(CodecError::Unsupported(format!(
                "{} bits stored in {} bits allocated",
                self.bits_stored, self.bits_allocated
            )));
        }
        let bytes = self.decoded_bytes();
        let too_large = CodecError::TooLarge { bytes, limit };
        if bytes > limit {
            return Err(too_large);
        }
        usize::try_from(bytes).map_err(|_| too_large)
    }
}

/// A decoded frame: little endian, colour by pixel, rows from the top without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedFrame {
    /// The samples. Signed ones are extended to all bits allocated; single bits take a byte each.
    pub samples: Vec<u8>,
    /// Bits a sample takes: 8, 16 or 32.
    pub bits_allocated: u16,
    /// Photometric Interpretation after decoding: colour transforms that belong to the codestream are undone.
    pub photometric: Photometric,
}

/// An encoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    /// One codestream, without padding.
    pub codestream: Vec<u8>,
    /// Photometric Interpretation of the codestream.
    pub photometric: Photometric,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A monochrome frame of one transfer syntax.
    pub(crate) fn spec(transfer_syntax: &str, rows: u16, columns: u16, bits: u16) -> FrameSpec {
        FrameSpec {
            transfer_syntax: TransferSyntaxUid::parse(transfer_syntax).expect("a UID"),
            rows,
            columns,
            samples_per_pixel: 1,
            bits_allocated: bits,
            bits_stored: bits,
            signed: false,
            photometric: Photometric::Monochrome2,
            planar: false,
        }
    }

    #[test]
    fn a_frame_that_no_memory_can_hold_is_refused_before_it_is_allocated() {
        let vast = spec("1.2.840.10008.1.2.5", u16::MAX, u16::MAX, 32);
        assert!(matches!(vast.check(1 << 30), Err(CodecError::TooLarge { bytes: 17_179_344_900, .. })));
        assert!(matches!(spec("1.2.840.10008.1.2.5", 0, 5, 8).check(1 << 30), Err(CodecError::Unsupported(_))));
        assert!(matches!(spec("1.2.840.10008.1.2.5", 5, 5, 13).check(1 << 30), Err(CodecError::Unsupported(_))));
        assert_eq!(spec("1.2.840.10008.1.2.5", 5, 4, 16).check(1 << 30).expect("small"), 40);
    }

    #[test]
    fn photometric_interpretations_are_read_with_padding() {
        for (text, expected) in [("MONOCHROME1", "MONOCHROME1"), ("RGB ", "RGB"), ("palette color", "PALETTE COLOR")] {
            assert_eq!(text.parse::<Photometric>().expect("known").as_str(), expected);
        }
        assert!("HSV".parse::<Photometric>().is_err());
        for (value, _) in Photometric::NAMES {
            assert_eq!(Photometric::from_code(value.code()), Some(value));
        }
    }
}
