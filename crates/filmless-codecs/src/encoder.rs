//! The transfer syntaxes that frames are encoded into, and what each of them can hold.
//!
//! An encoder refuses what its transfer syntax has no place for; one without loss never changes a sample to make it fit. One with
//! loss changes samples within a bound that it holds to, and says so by its [`Loss`].

use filmless_model::uid::TransferSyntaxUid;

use crate::frame_spec::{FrameSpec, Photometric};
use crate::{CodecError, jpeg_baseline, jpeg_ls, jpeg2000_encoder, jpeg2000_high_throughput};

/// A transfer syntax that frames are encoded into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoder {
    /// Deflated Image Frame Compression.
    DeflatedImageFrame,
    /// RLE Lossless.
    Rle,
    /// JPEG Lossless, first-order prediction (process 14, selection value 1).
    JpegLossless,
    /// JPEG-LS Lossless.
    JpegLsLossless,
    /// JPEG baseline, with loss.
    JpegBaseline,
    /// JPEG-LS, near-lossless.
    JpegLsNearLossless,
    /// JPEG 2000, with loss.
    Jpeg2000,
    /// JPEG 2000, lossless only.
    Jpeg2000Lossless,
    /// JPEG XL Lossless.
    JpegXlLossless,
    /// High-Throughput JPEG 2000, lossless only.
    Htj2kLossless,
    /// High-Throughput JPEG 2000, lossless only, lowest resolution first.
    Htj2kLosslessRpcl,
    /// High-Throughput JPEG 2000, with loss.
    Htj2k,
}

impl Encoder {
    /// Every one of them.
    pub const ALL: [Self; 12] = [
        Self::JpegLsLossless,
        Self::JpegLossless,
        Self::Jpeg2000Lossless,
        Self::Htj2kLossless,
        Self::Htj2kLosslessRpcl,
        Self::JpegXlLossless,
        Self::JpegBaseline,
        Self::JpegLsNearLossless,
        Self::Jpeg2000,
        Self::Htj2k,
        Self::Rle,
        Self::DeflatedImageFrame,
    ];

    /// The UID of the transfer syntax (PS3.6 annex A, Registry of DICOM Unique Identifiers).
    pub fn uid(self) -> &'static str {
        match self {
            Self::DeflatedImageFrame => "1.2.840.10008.1.2.8.1",
            Self::Rle => "1.2.840.10008.1.2.5",
            Self::JpegLossless => "1.2.840.10008.1.2.4.70",
            Self::JpegLsLossless => "1.2.840.10008.1.2.4.80",
            Self::JpegBaseline => "1.2.840.10008.1.2.4.50",
            Self::JpegLsNearLossless => "1.2.840.10008.1.2.4.81",
            Self::Jpeg2000 => "1.2.840.10008.1.2.4.91",
            Self::Jpeg2000Lossless => "1.2.840.10008.1.2.4.90",
            Self::JpegXlLossless => "1.2.840.10008.1.2.4.110",
            Self::Htj2kLossless => "1.2.840.10008.1.2.4.201",
            Self::Htj2kLosslessRpcl => "1.2.840.10008.1.2.4.202",
            Self::Htj2k => "1.2.840.10008.1.2.4.203",
        }
    }

    /// The encoder into a transfer syntax; `None` where there is none.
    pub fn of(transfer_syntax: &TransferSyntaxUid) -> Option<Self> {
        Self::ALL.into_iter().find(|encoder| encoder.uid() == transfer_syntax.as_str())
    }

    /// What is lost; `None` where nothing is.
    pub fn loss(self) -> Option<Loss> {
        Some(match self {
            Self::JpegBaseline => jpeg_baseline::LOSS,
            Self::JpegLsNearLossless => jpeg_ls::LOSS,
            Self::Jpeg2000 => jpeg2000_encoder::LOSS,
            Self::Htj2k => jpeg2000_high_throughput::LOSS,
            _ => return None,
        })
    }

    /// Whether bits outside Bits Stored are kept.
    pub fn keeps_all_bits(self) -> bool {
        matches!(self, Self::Rle | Self::DeflatedImageFrame)
    }

    /// Refuses frames that the transfer syntax has no place for (PS3.5 section 8.2, Native or Encapsulated Format
    /// Encoding).
    pub fn check(self, spec: &FrameSpec) -> Result<(), CodecError> {
        let fits = match self {
            Self::DeflatedImageFrame => true,
            // PS3.5 G.5 (The RLE Header): there is room for fifteen segments.
            Self::Rle => {
                matches!(spec.bits_allocated, 8 | 16 | 32) && spec.sample_bytes() * u64::from(spec.samples_per_pixel) <= 15
            }
            // Of three components it is told that they are RGB, and of none that they have a sign.
            Self::JpegXlLossless => {
                matches!(spec.bits_allocated, 8 | 16)
                    && !spec.signed
                    && matches!((spec.samples_per_pixel, spec.photometric), (1, _) | (3, Photometric::Rgb))
                    && spec.rows.min(spec.columns) > 1
            }
            Self::JpegLossless | Self::JpegLsLossless | Self::Htj2kLossless | Self::Htj2kLosslessRpcl => has_usual_samples(spec),
            Self::Jpeg2000Lossless => has_usual_samples(spec) && fits_jpeg_2000(spec),
            // PS3.5 section 8.2.1 (JPEG Image Compression): the baseline process has eight bits, and no sign.
            Self::JpegBaseline => has_shades(spec) && (spec.bits_allocated, spec.bits_stored, spec.signed) == (8, 8, false),
            // Of two's complement the largest and the least sample are neighbours: to be near is not enough.
            Self::JpegLsNearLossless => has_shades(spec) && !spec.signed,
            Self::Jpeg2000 => has_shades(spec) && fits_jpeg_2000(spec),
            Self::Htj2k => has_shades(spec),
        };
        if fits {
            return Ok(());
        }
        let (samples, bits, photometric) = (spec.samples_per_pixel, spec.bits_allocated, spec.photometric);
        let sign = if spec.signed { "signed" } else { "unsigned" };
        Err(CodecError::Unsupported(format!(
            "{}×{} pixels of {samples} {sign} samples of {bits} bits, {photometric}, in transfer syntax {}",
            spec.columns,
            spec.rows,
            self.uid()
        )))
    }

    /// Photometric Interpretation of the codestream of a frame that has this one.
    pub(crate) fn photometric(self, photometric: Photometric) -> Photometric {
        match self {
            // PS3.5 8.2.4 (JPEG 2000 Image Compression): the reversible component transform.
            Self::Jpeg2000Lossless | Self::Htj2kLossless | Self::Htj2kLosslessRpcl if photometric == Photometric::Rgb => {
                Photometric::YbrRct
            }
            Self::Jpeg2000 | Self::Htj2k if photometric == Photometric::Rgb => Photometric::YbrIct,
            Self::JpegBaseline if photometric.is_colour() => Photometric::YbrFull,
            _ => photometric,
        }
    }
}

/// Whether samples are those of grey, of a palette or of three colours, in bytes or words.
fn has_usual_samples(spec: &FrameSpec) -> bool {
    matches!(spec.bits_allocated, 8 | 16) && matches!(spec.samples_per_pixel, 1 | 3)
}

fn fits_jpeg_2000(spec: &FrameSpec) -> bool {
    spec.rows.max(spec.columns) <= jpeg2000_encoder::MAX_SIDE
}

/// Whether samples that are near each other look alike: indices into a palette do not, nor do the few values of few bits.
fn has_shades(spec: &FrameSpec) -> bool {
    if !matches!((spec.bits_allocated, spec.bits_stored), (8 | 16, 8..)) {
        return false;
    }
    match spec.photometric {
        Photometric::Monochrome1 | Photometric::Monochrome2 => spec.samples_per_pixel == 1,
        Photometric::Rgb | Photometric::YbrFull => spec.samples_per_pixel == 3,
        _ => false,
    }
}

/// What an encoder with loss does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The defined term of Lossy Image Compression Method (0028,2114).
    pub method: &'static str,
    /// What is done, and how much of it: another setting has another text.
    pub description: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Codec, decode_here, encode_here};
    use crate::frame_spec::tests::spec;
    use crate::nearness::range;
    use crate::pack::unpack;

    const LIMIT: u64 = 1 << 24;

    /// Samples between smooth and noisy that reach both ends of their range.
    fn samples(spec: &FrameSpec) -> Vec<u8> {
        let (bits, mut random) = (u32::from(spec.bits_stored), 12345u64);
        let mut out = Vec::new();
        for at in 0..spec.samples() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = random >> 40;
            let range = 1u64 << bits;
            let value = match at % 97 {
                0 => 0,
                1 => range - 1,
                _ => (at / 3 * 5 + noise % 9) % range,
            };
            let value = if spec.signed { value.wrapping_sub(range / 2) } else { value };
            out.extend_from_slice(&value.to_le_bytes()[..usize::from(spec.bits_allocated / 8)]);
        }
        out
    }

    fn check(spec: &FrameSpec, samples: &[u8]) {
        let name = format!("{spec:?}");
        let encoded = encode_here(spec, samples, LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let stored = FrameSpec { photometric: encoded.photometric, ..spec.clone() };
        let decoded = decode_here(&stored, &encoded.codestream, LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let by = Encoder::of(&spec.transfer_syntax).expect("it encoded");
        if by.loss().is_none() {
            assert!(decoded.samples == samples, "{name}: the samples differ");
            assert_eq!(decoded.photometric, spec.photometric, "{name}");
        } else if decoded.photometric == spec.photometric {
            let (values, decoded) = (unpack(spec, samples), unpack(spec, &decoded.samples));
            let difference = values.iter().zip(&decoded).map(|(value, decoded)| value.abs_diff(*decoded)).max();
            let bound = match by {
                Encoder::JpegLsNearLossless => (range(&values) / 512).max(1),
                // Noise from end to end is what it is worst at.
                Encoder::JpegBaseline => 64,
                _ => (range(&values) / 32).max(8),
            };
            assert!(difference <= Some(bound), "{name}: a sample is off by {difference:?}");
        }
    }

    fn frames(encoder: Encoder) -> impl Iterator<Item = FrameSpec> {
        let sizes = [(1, 1), (1, 7), (9, 1), (3, 5), (64, 65), (131, 67), (1, 300), (513, 2)];
        let depths = [(8, 8), (8, 3), (8, 1), (16, 16), (16, 12), (16, 9), (16, 8), (16, 5)];
        let colours =
            [(1, Photometric::Monochrome2), (1, Photometric::PaletteColor), (3, Photometric::Rgb), (3, Photometric::YbrFull)];
        sizes.into_iter().flat_map(move |(rows, columns)| {
            depths.into_iter().flat_map(move |(bits_allocated, bits_stored)| {
                colours.into_iter().flat_map(move |(samples_per_pixel, photometric)| {
                    [false, true].into_iter().filter(move |signed| !signed || photometric == Photometric::Monochrome2).map(
                        move |signed| FrameSpec {
                            samples_per_pixel,
                            bits_stored,
                            signed,
                            photometric,
                            ..spec(encoder.uid(), rows, columns, bits_allocated)
                        },
                    )
                })
            })
        })
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same_samples_or_to_samples_near_them() {
        for encoder in Encoder::ALL {
            let mut fitting = 0;
            for spec in frames(encoder).filter(|spec| encoder.check(spec).is_ok()) {
                check(&spec, &samples(&spec));
                fitting += 1;
            }
            assert!(fitting > 10, "{encoder:?} has a place for {fitting}");
        }
    }

    #[test]
    fn samples_beyond_bits_stored_are_kept() {
        for encoder in Encoder::ALL {
            let narrow = FrameSpec { bits_stored: 12, ..spec(encoder.uid(), 8, 8, 16) };
            for signed in [false, true] {
                let wide = FrameSpec { bits_stored: 16, signed, ..narrow.clone() };
                if encoder.check(&wide).is_err() {
                    continue;
                }
                check(&FrameSpec { signed, ..narrow.clone() }, &samples(&wide));
            }
        }
    }

    #[test]
    fn jpeg_xl_is_not_asked_for_signs_other_colours_and_lines() {
        let fits = spec(Encoder::JpegXlLossless.uid(), 2, 2, 8);
        assert!(Encoder::JpegXlLossless.check(&fits).is_ok());
        let colours = |photometric| FrameSpec { samples_per_pixel: 3, photometric, ..fits.clone() };
        assert!(Encoder::JpegXlLossless.check(&colours(Photometric::Rgb)).is_ok());
        for unfit in [
            FrameSpec { signed: true, ..fits.clone() },
            FrameSpec { rows: 1, ..fits.clone() },
            FrameSpec { columns: 1, ..fits.clone() },
            colours(Photometric::YbrFull),
        ] {
            assert!(matches!(Encoder::JpegXlLossless.check(&unfit), Err(CodecError::Unsupported(_))), "{unfit:?}");
        }
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for encoder in Encoder::ALL {
            let spec = spec(encoder.uid(), 2, 2, 8);
            assert_eq!(Encoder::of(&spec.transfer_syntax), Some(encoder));
            assert!(Codec::of(&spec.transfer_syntax).is_some(), "what is written is read");
            let bits = FrameSpec { bits_allocated: 1, bits_stored: 1, ..spec.clone() };
            let four = FrameSpec { bits_allocated: 32, samples_per_pixel: 4, ..spec.clone() };
            for (spec, length) in [(&bits, 4), (&four, 64)] {
                let encoded = encode_here(spec, &vec![0; length], LIMIT);
                let takes_all = encoder == Encoder::DeflatedImageFrame;
                assert!(if takes_all { encoded.is_ok() } else { matches!(encoded, Err(CodecError::Unsupported(_))) });
            }
            let long = FrameSpec { rows: 32769, columns: 2, ..spec.clone() };
            let is_short = matches!(encoder, Encoder::Jpeg2000Lossless | Encoder::Jpeg2000);
            assert_eq!(encoder.check(&long).is_err(), is_short, "{encoder:?}");
            assert!(matches!(encode_here(&spec, &[0; 3], LIMIT), Err(CodecError::Mismatch(_))));
            assert!(matches!(encode_here(&spec, &[0; 4], 3), Err(CodecError::TooLarge { .. })));
        }
    }
}
