//! Instances and frames in Explicit VR Little Endian with native pixels, for those who cannot decode what is stored.
//!
//! [`to_explicit_vr_little_endian`] streams a whole instance, one frame in memory at a time; [`transcode_frame`] does one
//! frame. Photometric Interpretation, Planar Configuration and bits are corrected to what decoding gave; the flags of lossy
//! compression stay. What follows Pixel Data (digital signatures over it, padding) is dropped: it no longer applies.

use std::collections::VecDeque;
use std::error::Error;

use bytes::Bytes;
use dicom_core::VR;
use dicom_object::InMemDicomObject;
use filmless_codecs::{Codecs, Photometric};
use filmless_model::attribute::Tag;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};
use futures::Stream;

use crate::file_meta::FileMeta;
use crate::header::{HeaderError, Syntax};
use crate::pixel::{
    ByteOrder, PixelDescription, PixelError, SampleFormat, Samples, decode_all_bits, native_byte_order, swap_bytes,
};
use crate::transcode_header::{Replacement, put_header, rewrite};

/// The transfer syntax of everything written here.
pub const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// What is known of a stored instance that is to be transcoded.
#[derive(Debug, Clone)]
pub struct StoredHeader {
    /// For the File Meta Information.
    pub sop_class: SopClassUid,
    /// For the File Meta Information.
    pub sop_instance: SopInstanceUid,
    /// How the instance is stored; a deflated one is given inflated, as Explicit VR Little Endian.
    pub transfer_syntax: TransferSyntaxUid,
    /// The data set as stored, from its first byte to Pixel Data or further.
    pub data_set: Bytes,
    /// The same as an object.
    pub header: InMemDicomObject,
    /// Frames that there are; 0 for an instance without pixels.
    pub frames: u32,
}

/// Streams an instance as a Part 10 file in Explicit VR Little Endian.
///
/// `frame` gives the bytes of one frame, its fragments joined, as [`crate::pixel::frame_bytes`] makes them. It is called
/// for each frame, in order, once. An error ends the stream.
pub fn to_explicit_vr_little_endian<F, Fut, E>(
    codecs: Codecs,
    stored: StoredHeader,
    frame: F,
) -> impl Stream<Item = Result<Bytes, PixelError>> + Send
where
    F: FnMut(FrameNumber) -> Fut + Send,
    Fut: Future<Output = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let state = Transcoder { codecs, stored, frame, step: Step::Head, ready: VecDeque::new() };
    futures::stream::try_unfold(state, |mut state| async move {
        loop {
            if let Some(bytes) = state.ready.pop_front() {
                return Ok(Some((bytes, state)));
            }
            if matches!(state.step, Step::Done) {
                return Ok(None);
            }
            state.advance().await?;
        }
    })
}

struct Transcoder<F> {
    codecs: Codecs,
    stored: StoredHeader,
    frame: F,
    step: Step,
    ready: VecDeque<Bytes>,
}

enum Step {
    Head,
    Frames { next: u32, writer: FrameWriter },
    Done,
}

impl<F, Fut, E> Transcoder<F>
where
    F: FnMut(FrameNumber) -> Fut + Send,
    Fut: Future<Output = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    async fn advance(&mut self) -> Result<(), PixelError> {
        match std::mem::replace(&mut self.step, Step::Done) {
            Step::Done => {}
            Step::Head if self.stored.frames == 0 => {
                let head = self.head(&[])?;
                self.ready.push_back(head.into());
            }
            Step::Head => {
                let description = PixelDescription::from_header(&self.stored.header)?;
                // What the first frame becomes is what the header must say.
                let first = self.native(&description, 1).await?;
                let mut writer = FrameWriter::new(first.description.clone(), self.stored.frames)?;
                let mut head = self.head(&replacements(&description, &first.description))?;
                put_header(&mut head, writer.tag, writer.vr, writer.length);
                self.ready.push_back(head.into());
                self.push_frame(&mut writer, first, 1)?;
                self.step = Step::Frames { next: 2, writer };
            }
            Step::Frames { next, mut writer } => {
                if next > self.stored.frames {
                    self.ready.extend(writer.finish());
                    return Ok(());
                }
                let description = PixelDescription::from_header(&self.stored.header)?;
                let native = self.native(&description, next).await?;
                self.push_frame(&mut writer, native, next)?;
                self.step = Step::Frames { next: next + 1, writer };
            }
        }
        Ok(())
    }

    fn push_frame(&mut self, writer: &mut FrameWriter, native: Native, number: u32) -> Result<(), PixelError> {
        let bytes = writer.frame(native, number)?;
        if !bytes.is_empty() {
            self.ready.push_back(bytes.into());
        }
        Ok(())
    }

    async fn native(&mut self, description: &PixelDescription, number: u32) -> Result<Native, PixelError> {
        let number = FrameNumber::new(number).ok_or(PixelError::NoSuchFrame)?;
        let frame = (self.frame)(number).await.map_err(|error| PixelError::Source(error.into()))?;
        native(&self.codecs, description, &self.stored.transfer_syntax, frame).await
    }

    /// Preamble, File Meta Information and the data set up to Pixel Data.
    fn head(&self, replacements: &[Replacement]) -> Result<Vec<u8>, PixelError> {
        let transfer_syntax = TransferSyntaxUid::parse(EXPLICIT_VR_LITTLE_ENDIAN).expect("it is a UID");
        let meta = FileMeta {
            sop_class: self.stored.sop_class.clone(),
            sop_instance: self.stored.sop_instance.clone(),
            transfer_syntax,
        };
        let mut head = meta.encode();
        head.extend(header_to_explicit(&self.stored.data_set, &self.stored.transfer_syntax, replacements)?);
        Ok(head)
    }
}

/// Re-writes the data set before Pixel Data.
fn header_to_explicit(
    data_set: &[u8],
    transfer_syntax: &TransferSyntaxUid,
    replacements: &[Replacement],
) -> Result<Vec<u8>, HeaderError> {
    let declared = Syntax::of(transfer_syntax).encoding;
    let seen = data_set.first_chunk::<8>().and_then(|first| declared.corrected(*first));
    rewrite(data_set, seen.unwrap_or(declared), replacements)
}

/// The attributes that decoding changes.
fn replacements(before: &PixelDescription, after: &PixelDescription) -> Vec<Replacement> {
    let number = |element, value: u16| Replacement { tag: Tag(0x0028, element), vr: VR::US, value: value.to_le_bytes().into() };
    let mut out = Vec::new();
    if before.photometric != after.photometric {
        let mut value = after.photometric.as_str().as_bytes().to_vec();
        value.resize(value.len().next_multiple_of(2), b' ');
        out.push(Replacement { tag: Tag(0x0028, 0x0004), vr: VR::CS, value });
    }
    if after.samples_per_pixel > 1 {
        out.push(number(0x0006, u16::from(after.planar)));
    }
    out
}

/// A frame in the bytes it has in Explicit VR Little Endian; single bits still take a byte each.
struct Native {
    description: PixelDescription,
    bytes: Bytes,
}

/// Native frames stay as they are but for the byte order: no plane is moved, no left-out sample filled in.
async fn native(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
) -> Result<Native, PixelError> {
    let order = native_byte_order(transfer_syntax).filter(|_| description.bits_allocated > 1);
    if let Some(order) = order {
        let mut description = description.clone();
        // Some frames have all chroma samples though their label says half of them.
        let full = description.native_frame_bits() / 8;
        if description.photometric == Photometric::YbrFull422 && description.samples_per_pixel == 3 && frame.len() as u64 >= full
        {
            description.photometric = Photometric::YbrFull;
        }
        let bytes = match order {
            ByteOrder::Little => frame,
            ByteOrder::Big => {
                let mut bytes = frame.to_vec();
                swap_bytes(&mut bytes, usize::from(description.bits_allocated.div_ceil(8)));
                bytes.into()
            }
        };
        return Ok(Native { description, bytes });
    }
    let Samples { description: mut after, bytes } = decode_all_bits(codecs, description, transfer_syntax, frame).await?;
    if description.bits_allocated == 1 {
        after.bits_allocated = 1;
    }
    Ok(Native { description: after, bytes: bytes.into() })
}

/// One frame as Explicit VR Little Endian has it, and what its pixels are then. Single bits are packed from the lowest.
pub async fn transcode_frame(
    codecs: &Codecs,
    description: &PixelDescription,
    transfer_syntax: &TransferSyntaxUid,
    frame: Bytes,
) -> Result<(Bytes, PixelDescription), PixelError> {
    let native = native(codecs, description, transfer_syntax, frame).await?;
    let mut writer = FrameWriter::new(native.description.clone(), 1)?;
    let description = native.description.clone();
    let mut bytes = writer.frame(native, 1)?;
    bytes.extend(writer.packer.finish());
    Ok((bytes.into(), description))
}

/// Writes frames one behind the other into one value of Pixel Data.
struct FrameWriter {
    tag: Tag,
    vr: VR,
    /// Of the value, even.
    length: u32,
    description: PixelDescription,
    frame_bytes: Option<usize>,
    written: u64,
    packer: BitPacker,
}

impl FrameWriter {
    fn new(description: PixelDescription, frames: u32) -> Result<Self, PixelError> {
        let half = matches!(description.photometric, Photometric::YbrFull422 | Photometric::YbrPartial422);
        let frame_bits = description.native_frame_bits();
        let frame_bits = if half && description.samples_per_pixel == 3 { frame_bits / 3 * 2 } else { frame_bits };
        let bytes = frame_bits.saturating_mul(u64::from(frames)).div_ceil(8);
        // PS3.5 section 7.1.1: a native value has a length of 32 bits, and the last one means "undefined".
        let length = u32::try_from(bytes.next_multiple_of(2)).ok().filter(|length| *length < u32::MAX);
        let length = length.ok_or(PixelError::TooLarge { bytes })?;
        let (element, vr) = match description.format {
            SampleFormat::Float => (0x0008, VR::OF),
            SampleFormat::Double => (0x0009, VR::OD),
            // PS3.5 section A.2: words for more than 8 bits.
            SampleFormat::Integer if description.bits_allocated > 8 => (0x0010, VR::OW),
            SampleFormat::Integer => (0x0010, VR::OB),
        };
        let whole = description.bits_allocated > 1;
        let frame_bytes = usize::try_from(frame_bits / 8).map_err(|_| PixelError::TooLarge { bytes })?;
        let frame_bytes = whole.then_some(frame_bytes);
        Ok(Self { tag: Tag(0x7FE0, element), vr, length, description, frame_bytes, written: 0, packer: BitPacker::default() })
    }

    /// The bytes of one frame; of single bits, the bytes that are full.
    fn frame(&mut self, native: Native, number: u32) -> Result<Vec<u8>, PixelError> {
        if native.description != self.description {
            return Err(PixelError::Unsupported(format!("frame {number}, whose pixels are unlike those of the first")));
        }
        let mut bytes: Vec<u8> = native.bytes.into();
        match self.frame_bytes {
            None => bytes = self.packer.pack(&bytes),
            Some(expected) if bytes.len() < expected => {
                return Err(PixelError::ShortFrame { found: bytes.len() as u64, expected: expected as u64 });
            }
            Some(expected) => bytes.truncate(expected),
        }
        self.written += bytes.len() as u64;
        Ok(bytes)
    }

    /// What is left of the value.
    fn finish(mut self) -> Option<Bytes> {
        let mut rest: Vec<u8> = self.packer.finish().into_iter().collect();
        if (self.written + rest.len() as u64) % 2 == 1 {
            rest.push(0);
        }
        (!rest.is_empty()).then(|| rest.into())
    }
}

/// Joins single bits over the ends of frames (PS3.5 section 8.1.1).
#[derive(Default)]
struct BitPacker {
    bits: u8,
    count: u32,
}

impl BitPacker {
    fn pack(&mut self, samples: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples.len() / 8 + 1);
        for sample in samples {
            self.bits |= (sample & 1) << self.count;
            self.count += 1;
            if self.count == 8 {
                out.push(self.bits);
                *self = Self::default();
            }
        }
        out
    }

    fn finish(&mut self) -> Option<u8> {
        let last = (self.count > 0).then_some(self.bits);
        *self = Self::default();
        last
    }
}

#[cfg(test)]
mod tests {
    use dicom_object::{FileDicomObject, from_reader};
    use futures::TryStreamExt;

    use super::*;
    use crate::pixel::tests::header;

    fn uid(text: &str) -> TransferSyntaxUid {
        TransferSyntaxUid::parse(text).expect("a UID")
    }

    /// The data set of a header in one of dicom-rs' native syntaxes.
    fn encoded(header: &InMemDicomObject, transfer_syntax: &str) -> Bytes {
        use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
        let syntax = dicom_transfer_syntax_registry::TransferSyntaxRegistry.get(transfer_syntax).expect("known");
        let mut out = Vec::new();
        header.write_dataset_with_ts(&mut out, syntax).expect("writes");
        out.into()
    }

    async fn transcoded(
        header: InMemDicomObject,
        transfer_syntax: &str,
        frames: &[&'static [u8]],
    ) -> Result<FileDicomObject<InMemDicomObject>, PixelError> {
        let stored = StoredHeader {
            sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.7").expect("a UID"),
            sop_instance: SopInstanceUid::parse("1.2.3").expect("a UID"),
            transfer_syntax: uid(transfer_syntax),
            data_set: encoded(&header, transfer_syntax),
            frames: u32::try_from(frames.len()).expect("few"),
            header,
        };
        let codecs = Codecs::new(filmless_codecs::CodecLimits::default());
        let frame = |number: FrameNumber| {
            let bytes = frames.get(number.index()).copied();
            async move { bytes.map(Bytes::from_static).ok_or("no such frame") }
        };
        let stream = to_explicit_vr_little_endian(codecs, stored, frame);
        let file: Vec<u8> = stream.try_collect::<Vec<Bytes>>().await?.concat();
        Ok(from_reader(file.as_slice()).expect("a Part 10 file"))
    }

    fn pixels(file: &FileDicomObject<InMemDicomObject>) -> Vec<u8> {
        file.element(dicom_dictionary_std::tags::PIXEL_DATA).expect("pixels").to_bytes().expect("bytes").into_owned()
    }

    #[tokio::test]
    async fn every_native_encoding_becomes_the_same_file() {
        for (transfer_syntax, frames) in [
            ("1.2.840.10008.1.2", [[1u8, 0, 2, 0].as_slice(), &[3, 0, 4, 0]]),
            ("1.2.840.10008.1.2.1", [&[1, 0, 2, 0], &[3, 0, 4, 0]]),
            ("1.2.840.10008.1.2.2", [&[0, 1, 0, 2], &[0, 3, 0, 4]]),
        ] {
            let file = transcoded(header("MONOCHROME2", 1, 2, 16, 12), transfer_syntax, &frames).await.expect("good");
            assert_eq!(file.meta().transfer_syntax(), EXPLICIT_VR_LITTLE_ENDIAN);
            assert_eq!(pixels(&file), [1, 0, 2, 0, 3, 0, 4, 0], "{transfer_syntax}");
            assert_eq!(file.element(dicom_dictionary_std::tags::BITS_STORED).expect("there").to_int::<u16>().ok(), Some(12));
        }
    }

    #[tokio::test]
    async fn single_bits_are_packed_over_the_ends_of_frames() {
        // Two frames of 3 bits each, 101 and 110, make 011101.
        let file = transcoded(header("MONOCHROME2", 1, 3, 1, 1), "1.2.840.10008.1.2.1", &[&[0b101], &[0b011]]).await;
        assert_eq!(pixels(&file.expect("good")), [0b0001_1101, 0]);
    }

    #[tokio::test]
    async fn odd_values_are_padded_and_colour_stays_as_it_is() {
        let file = transcoded(header("RGB", 1, 1, 8, 8), "1.2.840.10008.1.2.1", &[&[1, 2, 3]]).await.expect("good");
        assert_eq!(pixels(&file), [1, 2, 3, 0]);
        let half = transcoded(header("YBR_FULL_422", 1, 2, 8, 8), "1.2.840.10008.1.2.1", &[&[1, 2, 3, 4]]).await.expect("good");
        assert_eq!(pixels(&half), [1, 2, 3, 4]);
    }

    #[tokio::test]
    async fn what_cannot_be_transcoded_is_an_error_and_no_half_file() {
        let short = transcoded(header("MONOCHROME2", 1, 2, 16, 12), "1.2.840.10008.1.2.1", &[&[1, 0, 2, 0], &[3]]).await;
        assert!(matches!(short, Err(PixelError::ShortFrame { .. })));
        let mut vast = header("MONOCHROME2", 65535, 65535, 16, 16);
        vast.remove_element(dicom_dictionary_std::tags::HIGH_BIT);
        let vast = transcoded(vast, "1.2.840.10008.1.2.1", &[&[1, 0]]).await;
        assert!(matches!(vast, Err(PixelError::TooLarge { .. })));
        let none = transcoded(header("MONOCHROME2", 1, 2, 16, 12), "1.2.840.10008.1.2", &[]).await.expect("no pixels");
        assert!(none.element(dicom_dictionary_std::tags::PIXEL_DATA).is_err());
    }

    #[tokio::test]
    async fn rle_becomes_native() {
        let codecs = Codecs::new(filmless_codecs::CodecLimits::default());
        let description = PixelDescription::from_header(&header("MONOCHROME2", 1, 4, 8, 8)).expect("whole");
        let mut frame = vec![1, 0, 0, 0, 64];
        frame.resize(64, 0);
        frame.extend([253, 9]);
        let (bytes, _) = transcode_frame(&codecs, &description, &uid("1.2.840.10008.1.2.5"), frame.into()).await.expect("good");
        assert_eq!(*bytes, [9, 9, 9, 9]);
    }
}
