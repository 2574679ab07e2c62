//! What the pixels of an instance are, and one frame of them as samples.
//!
//! [`decode_frame`] turns a stored frame, native or encapsulated, into [`Samples`]: little endian, colour by pixel, one
//! layout for everything behind it. Lookup tables are in [`crate::lut`], pictures in [`crate::render`].

use bytes::Bytes;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_core::{DataElement, Tag};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_codecs::{Codec, CodecError, Codecs, FrameSpec, Photometric};
use filmless_model::frame::FrameLocation;
use filmless_model::uid::TransferSyntaxUid;

/// Why a frame cannot be decoded or shown. Messages name attributes and geometry, never values of a patient.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PixelError {
    /// An attribute without which pixels have no meaning.
    #[error("{0} is missing or no number")]
    Missing(&'static str),
    /// Something nobody here can decode or show.
    #[error("cannot show {0}")]
    Unsupported(String),
    /// The stored frame has not as many bytes as its description asks for.
    #[error("frame has {found} bytes, {expected} are needed")]
    ShortFrame {
        /// Bytes of the frame.
        found: u64,
        /// Bytes it must have.
        expected: u64,
    },
    /// There is no such frame.
    #[error("no such frame")]
    NoSuchFrame,
    /// A lookup table that is missing or broken.
    #[error("lookup table is unusable: {0}")]
    LookupTable(&'static str),
    /// What was asked for cannot be.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The instance is too large for what it is to become.
    #[error("{bytes} bytes of pixels are more than fit")]
    TooLarge {
        /// What they would take.
        bytes: u64,
    },
    /// A codec failed.
    #[error("frame cannot be decoded")]
    Codec(#[from] CodecError),
    /// The picture could not be written.
    #[error("picture cannot be encoded")]
    Encode(#[from] image::ImageError),
    /// The header cannot be re-written.
    #[error("header cannot be transcoded")]
    Header(#[from] crate::header::HeaderError),
    /// The bytes could not be read.
    #[error("stored bytes cannot be read")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What the numbers of a sample are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFormat {
    /// Pixel Data (7FE0,0010).
    Integer,
    /// Float Pixel Data (7FE0,0008).
    Float,
    /// Double Float Pixel Data (7FE0,0009).
    Double,
}

/// The Image Pixel Module (PS3.3 C.7.6.3) of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelDescription {
    /// Rows (0028,0010).
    pub rows: u16,
    /// Columns (0028,0011).
    pub columns: u16,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Photometric Interpretation (0028,0004).
    pub photometric: Photometric,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// High Bit (0028,0102).
    pub high_bit: u16,
    /// Pixel Representation (0028,0103): whether samples are two's complement.
    pub signed: bool,
    /// Planar Configuration (0028,0006): whether samples stand plane after plane.
    pub planar: bool,
    /// Number of Frames (0028,0008), at least 1.
    pub number_of_frames: u32,
    /// What a sample is.
    pub format: SampleFormat,
}

impl PixelDescription {
    /// Reads the module from a header. What readers of the world get along without is guessed as they do.
    pub fn from_header(header: &InMemDicomObject) -> Result<Self, PixelError> {
        let number = |tag| integer(header, tag).and_then(|number| u16::try_from(number).ok());
        let rows = number(tags::ROWS).ok_or(PixelError::Missing("Rows"))?;
        let columns = number(tags::COLUMNS).ok_or(PixelError::Missing("Columns"))?;
        let bits_allocated = number(tags::BITS_ALLOCATED).ok_or(PixelError::Missing("Bits Allocated"))?;
        let samples_per_pixel = number(tags::SAMPLES_PER_PIXEL).unwrap_or(1);
        let photometric = match text(header, tags::PHOTOMETRIC_INTERPRETATION) {
            Some(name) => name.parse()?,
            None if samples_per_pixel == 1 => Photometric::Monochrome2,
            None => Photometric::Rgb,
        };
        // Parametric maps have no Bits Stored when their samples are floating point (PS3.3 C.7.6.3.1, C.7.6.24).
        let bits_stored = number(tags::BITS_STORED);
        let format = match (bits_allocated, bits_stored) {
            (64, _) => SampleFormat::Double,
            (32, None) => SampleFormat::Float,
            _ => SampleFormat::Integer,
        };
        let bits_stored = bits_stored.filter(|bits| (1..=bits_allocated).contains(bits)).unwrap_or(bits_allocated);
        let high_bit = number(tags::HIGH_BIT).filter(|high| *high < bits_allocated && *high + 1 >= bits_stored);
        let frames = integer(header, tags::NUMBER_OF_FRAMES).and_then(|frames| u32::try_from(frames).ok());
        Ok(Self {
            rows,
            columns,
            samples_per_pixel,
            photometric,
            bits_allocated,
            bits_stored,
            high_bit: high_bit.unwrap_or(bits_stored.saturating_sub(1)),
            signed: number(tags::PIXEL_REPRESENTATION) == Some(1) && format == SampleFormat::Integer,
            planar: number(tags::PLANAR_CONFIGURATION) == Some(1) && samples_per_pixel > 1,
            number_of_frames: frames.unwrap_or(1).max(1),
            format,
        })
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }

    /// Bits of a native frame; frames of single bits follow each other without padding (PS3.5 section 8.1.1).
    pub fn native_frame_bits(&self) -> u64 {
        self.pixels() * u64::from(self.samples_per_pixel) * u64::from(self.bits_allocated)
    }

    /// Refuses what cannot be decoded; the bytes of a decoded frame.
    fn check(&self) -> Result<u64, PixelError> {
        let known = match self.format {
            SampleFormat::Integer => matches!(self.bits_allocated, 1 | 8 | 16 | 32),
            SampleFormat::Float => self.bits_allocated == 32,
            SampleFormat::Double => self.bits_allocated == 64,
        };
        if !known || self.pixels() == 0 || !matches!(self.samples_per_pixel, 1 | 3 | 4) {
            return Err(PixelError::Unsupported(format!(
                "{}×{} pixels of {} samples of {} bits",
                self.columns, self.rows, self.samples_per_pixel, self.bits_allocated
            )));
        }
        let colour = self.photometric.is_colour();
        if colour && self.samples_per_pixel == 1 || !colour && self.samples_per_pixel != 1 {
            return Err(PixelError::Unsupported(format!("{} samples of {}", self.samples_per_pixel, self.photometric)));
        }
        Ok(self.pixels() * u64::from(self.samples_per_pixel) * u64::from(self.bits_allocated.div_ceil(8)))
    }

    /// What a codec must know of a frame.
    pub(crate) fn frame_spec(&self, transfer_syntax: &TransferSyntaxUid) -> FrameSpec {
        FrameSpec {
            transfer_syntax: transfer_syntax.clone(),
            rows: self.rows,
            columns: self.columns,
            samples_per_pixel: self.samples_per_pixel,
            bits_allocated: self.bits_allocated,
            bits_stored: self.bits_stored,
            signed: self.signed,
            photometric: self.photometric,
            planar: self.planar,
        }
    }
}

/// A decoded frame: little endian, colour by pixel, rows from the top; single bits take a byte each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// The pixels as they are now, which is not always as they were stored: colour transforms of codestreams are undone,
    /// left-out chroma samples are filled in, planes are interleaved.
    pub description: PixelDescription,
    /// Their bytes.
    pub bytes: Vec<u8>,
}

/// How the bytes of native samples are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// The byte order of a native transfer syntax; `None` for encapsulated ones.
pub(crate) fn native_byte_order(transfer_syntax: &TransferSyntaxUid) -> Option<ByteOrder> {
    match transfer_syntax.as_str() {
        // Implicit and explicit VR little endian, deflated, and GE's private implicit one with big endian pixels aside.
        "1.2.840.10008.1.2" | "1.2.840.10008.1.2.1" | "1.2.840.10008.1.2.1.99" => Some(ByteOrder::Little),
        // Explicit VR big endian; GE's implicit little endian with big endian pixels.
        "1.2.840.10008.1.2.2" | "1.2.840.113619.5.2" => Some(ByteOrder::Big),
        _ => None,
    }
}

/// Whether frames in this transfer syntax can be decoded.
pub fn can_decode(transfer_syntax: &TransferSyntaxUid) -> bool {
    native_byte_order(transfer_syntax).is_some() || Codec::of(transfer_syntax).is_some()
}

/// Decodes one stored frame.
///
/// A native frame is as [`frame_bytes`] makes it. Bits outside Bits Stored, which held
/// overlays once, are cleared or filled with the sign.
pub async fn decode_frame(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
) -> Result<Samples, PixelError> {
    let mut samples = decode_all_bits(codecs, description, transfer_syntax, frame).await?;
    // A codestream says itself how many bits it has.
    if Codec::of(transfer_syntax).is_none_or(|codec| !codec.needs_worker()) {
        samples.keep_stored_bits();
    }
    Ok(samples)
}

/// As [`decode_frame`], with all bits allocated.
pub(crate) async fn decode_all_bits(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
) -> Result<Samples, PixelError> {
    description.check()?;
    if let Some(order) = native_byte_order(transfer_syntax) {
        return decode_native(description, order, &frame);
    }
    if description.format != SampleFormat::Integer {
        return Err(PixelError::Unsupported("encapsulated floating point samples".into()));
    }
    let decoded = codecs.decode(&description.frame_spec(transfer_syntax), frame).await?;
    let description = PixelDescription {
        photometric: decoded.photometric,
        bits_allocated: decoded.bits_allocated,
        planar: false,
        ..description.clone()
    };
    if description.photometric == Photometric::YbrFull422 {
        let order = ByteOrder::Little;
        return decode_native(&PixelDescription { photometric: Photometric::YbrFull, ..description }, order, &decoded.samples);
    }
    Ok(Samples { description, bytes: decoded.samples })
}

/// The bytes of a stored frame, read from its [`FrameLocation`] and joined, as decoders take them: words that stand with
/// their high byte first are turned round, and a frame that began within a byte begins at its lowest bit.
pub fn frame_bytes(stored: Bytes, location: &FrameLocation) -> Bytes {
    let mut bytes = stored;
    if location.swapped_words {
        let mut words = Vec::from(bytes);
        swap_bytes(&mut words, 2);
        bytes = words.into();
    }
    match location.length_bits {
        Some(length_bits) => align_bits(&bytes, location.skip_bits, length_bits).into(),
        None => bytes,
    }
}

/// Shifts a run of bits to begin at a byte (PS3.5 section 8.1.1: pixel cells fill bytes from the lowest bit). Behind its end
/// are zeros, not the beginning of the next.
fn align_bits(bytes: &[u8], skip_bits: u8, length_bits: u64) -> Vec<u8> {
    let bytes = bytes.get(usize::from(skip_bits / 8)..).unwrap_or_default();
    let shift = u32::from(skip_bits % 8);
    let length = usize::try_from(length_bits.div_ceil(8)).unwrap_or(usize::MAX).min(bytes.len());
    let aligned = |at: usize| {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let pair = u16::from_le_bytes([bytes[at], next]) >> shift;
        pair.to_le_bytes()[0]
    };
    let mut run: Vec<u8> = (0..length).map(aligned).collect();
    if let (Some(last), in_last @ 1..) = (run.last_mut(), length_bits % 8)
        && length as u64 == length_bits.div_ceil(8)
    {
        *last &= (1 << in_last) - 1;
    }
    run
}

fn decode_native(description: &PixelDescription, order: ByteOrder, frame: &[u8]) -> Result<Samples, PixelError> {
    let expected = description.check()?;
    let mut after = description.clone();
    if description.bits_allocated == 1 {
        let count = description.pixels() * u64::from(description.samples_per_pixel);
        let frame = cut(frame, count.div_ceil(8))?;
        let count = usize::try_from(count).map_err(|_| PixelError::TooLarge { bytes: count })?;
        after.bits_allocated = 8;
        return Ok(Samples { description: after, bytes: (0..count).map(|at| frame[at / 8] >> (at % 8) & 1).collect() });
    }
    let sub_sampled = matches!(description.photometric, Photometric::YbrFull422 | Photometric::YbrPartial422);
    if sub_sampled && description.samples_per_pixel == 3 {
        after.photometric = Photometric::YbrFull;
        after.planar = false;
        if (frame.len() as u64) < expected {
            let frame = cut(frame, expected / 3 * 2)?;
            return Ok(Samples { bytes: fill_in_chroma(frame, usize::from(description.columns)), description: after });
        }
    }
    let mut bytes = cut(frame, expected)?.to_vec();
    let sample = usize::from(description.bits_allocated / 8);
    if order == ByteOrder::Big {
        swap_bytes(&mut bytes, sample);
    }
    if description.planar {
        bytes = colour_by_pixel(&bytes, usize::from(description.samples_per_pixel), sample);
        after.planar = false;
    }
    Ok(Samples { description: after, bytes })
}

fn cut(frame: &[u8], expected: u64) -> Result<&[u8], PixelError> {
    let short = PixelError::ShortFrame { found: frame.len() as u64, expected };
    usize::try_from(expected).ok().and_then(|expected| frame.get(..expected)).ok_or(short)
}

/// Big endian samples to little endian ones, or back.
pub(crate) fn swap_bytes(bytes: &mut [u8], sample: usize) {
    if sample > 1 {
        for sample in bytes.chunks_exact_mut(sample) {
            sample.reverse();
        }
    }
}

/// `YBR_FULL_422` (PS3.3 C.7.6.3.1.2): two luminances, then the colour differences of both, at the first one's place.
fn fill_in_chroma(frame: &[u8], columns: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len() / 2 * 3);
    // Rows of odd length do not occur in the standard; the pairs simply go on.
    debug_assert!(columns > 0, "checked before");
    for &[first, second, blue, red] in frame.as_chunks::<4>().0 {
        out.extend_from_slice(&[first, blue, red, second, blue, red]);
    }
    // A frame of an odd number of pixels ends with half a pair.
    if let [first, blue] = *frame.as_chunks::<4>().1 {
        out.extend_from_slice(&[first, blue, blue]);
    }
    out
}

/// Planar Configuration 1 to 0 (PS3.3 C.7.6.3.1.3).
fn colour_by_pixel(planes: &[u8], samples_per_pixel: usize, sample: usize) -> Vec<u8> {
    let plane = planes.len() / samples_per_pixel;
    let mut out = Vec::with_capacity(planes.len());
    for at in (0..plane).step_by(sample) {
        for number in 0..samples_per_pixel {
            let from = number * plane + at;
            out.extend_from_slice(&planes[from..from + sample]);
        }
    }
    out
}

impl Samples {
    /// The stored value that 8 or 16 bits of a sample stand for: what is above High Bit is cut off, signs are extended.
    pub(crate) fn stored_value(&self, raw: u32) -> i64 {
        let description = &self.description;
        let bits = u32::from(description.bits_stored.clamp(1, 32));
        let low = u32::from(description.high_bit + 1).saturating_sub(bits).min(31);
        let value = i64::from(raw >> low) & ((1 << bits) - 1);
        if description.signed && value >> (bits - 1) & 1 == 1 { value - (1 << bits) } else { value }
    }

    fn keep_stored_bits(&mut self) {
        let description = &self.description;
        let allocated = description.bits_allocated;
        if description.format != SampleFormat::Integer || description.bits_stored == allocated || allocated == 32 {
            return;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        for sample in bytes.chunks_exact_mut(usize::from(allocated / 8)) {
            let raw = sample.iter().rev().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
            let value = self.stored_value(raw).to_le_bytes();
            sample.copy_from_slice(&value[..sample.len()]);
        }
        self.bytes = bytes;
        self.description.high_bit = self.description.bits_stored - 1;
    }

    /// Every sample as it is stored, not interpreted; `None` for floating point ones.
    pub(crate) fn raw(&self) -> Option<RawSamples<'_>> {
        if self.description.format != SampleFormat::Integer {
            return None;
        }
        Some(match self.description.bits_allocated {
            8 => RawSamples::Byte(&self.bytes),
            16 => RawSamples::Word(self.bytes.as_chunks().0),
            32 => RawSamples::Long(self.bytes.as_chunks().0),
            _ => return None,
        })
    }

    /// Every sample as a floating point number; NaN stays NaN.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        match (self.description.format, self.raw()) {
            (SampleFormat::Float, _) => {
                self.bytes.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
            }
            (SampleFormat::Double, _) => self.bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
            (SampleFormat::Integer, None) => Vec::new(),
            (SampleFormat::Integer, Some(raw)) => {
                let mut numbers = Vec::with_capacity(self.bytes.len());
                #[expect(clippy::cast_precision_loss, reason = "33 bits at most")]
                raw.each(|raw| numbers.push(self.stored_value(raw) as f64));
                numbers
            }
        }
    }
}

/// Integer samples by width.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RawSamples<'a> {
    Byte(&'a [u8]),
    Word(&'a [[u8; 2]]),
    Long(&'a [[u8; 4]]),
}

impl RawSamples<'_> {
    /// Calls back with each sample in order.
    pub(crate) fn each(self, mut f: impl FnMut(u32)) {
        match self {
            Self::Byte(samples) => samples.iter().for_each(|sample| f(u32::from(*sample))),
            Self::Word(samples) => samples.iter().for_each(|sample| f(u32::from(u16::from_le_bytes(*sample)))),
            Self::Long(samples) => samples.iter().for_each(|sample| f(u32::from_le_bytes(*sample))),
        }
    }
}

/// The first value of an attribute as an integer.
pub(crate) fn integer(object: &InMemDicomObject, tag: Tag) -> Option<i64> {
    object.get(tag)?.to_int().ok()
}

/// The first value of an attribute as a finite number.
pub(crate) fn decimal(object: &InMemDicomObject, tag: Tag) -> Option<f64> {
    decimals(object, tag).first().copied()
}

/// The values of an attribute, as far as they are finite numbers.
pub(crate) fn decimals(object: &InMemDicomObject, tag: Tag) -> Vec<f64> {
    let Some(Value::Primitive(value)) = object.get(tag).map(DataElement::value) else { return Vec::new() };
    let values = match value {
        PrimitiveValue::Str(_) | PrimitiveValue::Strs(_) => {
            let text = value.to_str();
            text.split('\\').map(|part| part.trim_matches([' ', '\0']).parse().unwrap_or(f64::NAN)).collect()
        }
        _ => value.to_multi_float64().unwrap_or_default(),
    };
    values.into_iter().take_while(|value| value.is_finite()).collect()
}

/// The first value of an attribute as text without padding; `None` if there is none.
pub(crate) fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let values = object.get(tag)?.to_str().ok()?;
    let first = values.split('\\').next().unwrap_or_default().trim_matches([' ', '\0']);
    (!first.is_empty()).then(|| first.to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use dicom_core::VR;

    use super::*;

    /// A header of these numbers of the Image Pixel Module.
    pub(crate) fn header(photometric: &str, rows: u16, columns: u16, bits: u16, stored: u16) -> InMemDicomObject {
        let samples = if photometric.starts_with("MONO") || photometric.starts_with("PAL") { 1u16 } else { 3 };
        let mut header = InMemDicomObject::new_empty();
        for (tag, value) in [
            (tags::SAMPLES_PER_PIXEL, samples),
            (tags::ROWS, rows),
            (tags::COLUMNS, columns),
            (tags::BITS_ALLOCATED, bits),
            (tags::BITS_STORED, stored),
            (tags::HIGH_BIT, stored.saturating_sub(1)),
            (tags::PIXEL_REPRESENTATION, 0),
        ] {
            header.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        }
        header.put(DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, PrimitiveValue::from(photometric)));
        header
    }

    fn description(photometric: &str, rows: u16, columns: u16, bits: u16) -> PixelDescription {
        PixelDescription::from_header(&header(photometric, rows, columns, bits, bits)).expect("whole")
    }

    #[test]
    fn native_frames_come_out_little_endian_and_colour_by_pixel() {
        let planar = PixelDescription { planar: true, ..description("RGB", 1, 2, 8) };
        for (name, description, order, frame, expected) in [
            ("as it is", description("MONOCHROME2", 1, 2, 16), ByteOrder::Little, vec![1, 2, 3, 4], vec![1, 2, 3, 4]),
            ("padded", description("MONOCHROME2", 1, 3, 8), ByteOrder::Little, vec![1, 2, 3, 0], vec![1, 2, 3]),
            ("big endian", description("MONOCHROME2", 1, 2, 16), ByteOrder::Big, vec![1, 2, 3, 4], vec![2, 1, 4, 3]),
            ("long", description("MONOCHROME2", 1, 1, 32), ByteOrder::Big, vec![1, 2, 3, 4], vec![4, 3, 2, 1]),
            ("bits", description("MONOCHROME2", 1, 9, 1), ByteOrder::Little, vec![5, 1], vec![1, 0, 1, 0, 0, 0, 0, 0, 1]),
            ("planes", planar, ByteOrder::Little, vec![1, 2, 3, 4, 5, 6], vec![1, 3, 5, 2, 4, 6]),
            ("half chroma", description("YBR_FULL_422", 1, 2, 8), ByteOrder::Little, vec![1, 2, 3, 4], vec![1, 3, 4, 2, 3, 4]),
            ("all chroma", description("YBR_FULL_422", 1, 1, 8), ByteOrder::Little, vec![1, 2, 3], vec![1, 2, 3]),
        ] {
            let samples = decode_native(&description, order, &frame).expect(name);
            assert_eq!(samples.bytes, expected, "{name}");
            assert!(!samples.description.planar && samples.description.photometric != Photometric::YbrFull422);
        }
    }

    #[test]
    fn short_frames_and_impossible_geometry_are_errors() {
        let short = decode_native(&description("MONOCHROME2", 2, 2, 16), ByteOrder::Little, &[0; 7]);
        assert!(matches!(short, Err(PixelError::ShortFrame { found: 7, expected: 8 })));
        for description in [
            description("MONOCHROME2", 0, 2, 16),
            description("MONOCHROME2", 2, 2, 13),
            PixelDescription { samples_per_pixel: 3, ..description("MONOCHROME2", 2, 2, 8) },
            PixelDescription { samples_per_pixel: 2, ..description("RGB", 2, 2, 8) },
        ] {
            assert!(matches!(decode_native(&description, ByteOrder::Little, &[0; 99]), Err(PixelError::Unsupported(_))));
        }
        assert!(matches!(PixelDescription::from_header(&InMemDicomObject::new_empty()), Err(PixelError::Missing("Rows"))));
    }

    #[test]
    fn frames_of_single_bits_are_aligned() {
        assert_eq!(align_bits(&[0b1010_1010, 0b0000_0001], 1, 8), [0b1101_0101]);
        assert_eq!(align_bits(&[0xff], 0, 8), [0xff]);
        assert_eq!(align_bits(&[0xf0], 4, 12), [0x0f]);
        assert_eq!(align_bits(&[0xff, 0xff], 0, 12), [0xff, 0x0f]);
        assert_eq!(align_bits(&[0xff, 0xff], 3, 10), [0xff, 0x03]);
    }

    #[test]
    fn frames_in_swapped_words_are_turned_round() {
        // Two frames of three bytes, 1 2 3 and 4 5 6, and one of nine bits that begins with the last bit of a word.
        for (stored, skip_bits, length_bits, expected) in [
            (&[2, 1, 4, 3][..], 0, Some(24), &[1, 2, 3][..]),
            (&[4, 3, 6, 5], 8, Some(24), &[4, 5, 6]),
            (&[2, 1, 4, 3], 0, None, &[1, 2, 3, 4]),
            (&[0x80, 0, 0, 0xff], 15, Some(9), &[0xff, 1]),
        ] {
            let location = FrameLocation { ranges: vec![], skip_bits, length_bits, swapped_words: true };
            assert_eq!(frame_bytes(Bytes::from_static(stored), &location), expected);
        }
    }

    #[test]
    fn stored_values_lose_what_is_above_the_high_bit() {
        let description =
            PixelDescription { bits_stored: 12, high_bit: 11, signed: true, ..description("MONOCHROME2", 1, 1, 16) };
        let samples = Samples { description, bytes: vec![] };
        assert_eq!(samples.stored_value(0xffff), -1);
        assert_eq!(samples.stored_value(0xf800), -2048);
        assert_eq!(samples.stored_value(0x07ff), 2047);
        let description = PixelDescription { bits_stored: 12, high_bit: 15, signed: false, ..samples.description };
        assert_eq!(Samples { description, bytes: vec![] }.stored_value(0xabcf), 0xabc);
    }
}
