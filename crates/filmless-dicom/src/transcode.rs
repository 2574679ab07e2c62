//! Instances and frames in another transfer syntax than they are stored in, for those who cannot decode that, or want it
//! smaller.
//!
//! [`transcode`] streams a whole instance, one frame in memory at a time; [`crate::transcode_frame`] does one frame. What is
//! known by a [`TargetSyntax`] can be written. Photometric Interpretation, Planar Configuration and bits are corrected to what decoding
//! and encoding gave. Without loss the flags of lossy compression stay; with loss it becomes an instance of its own
//! (`derivation.rs`). What follows Pixel Data (digital signatures over it, padding) is
//! dropped: it no longer applies.

use std::collections::VecDeque;
use std::error::Error;

use bytes::Bytes;
use dicom_core::VR;
use dicom_object::InMemDicomObject;
use filmless_codecs::{Codecs, Encoder};
use filmless_model::attribute::Tag;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};
use filmless_model::version::Digest;
use futures::Stream;

use crate::deflated_data_set::Deflater;
use crate::derivation;
use crate::encapsulated_pixels::EncapsulatedWriter;
use crate::file_meta::FileMeta;
use crate::header::{Encoding, HeaderError, Syntax};
use crate::native_pixels::NativeWriter;
use crate::pixel::{PixelDescription, PixelError};
use crate::target_syntax::TargetSyntax;
use crate::transcode_frame::{Encoded, encoded};
use crate::transcode_header::{Replacement, rewrite};

/// What is known of a stored instance that is to be transcoded.
#[derive(Debug, Clone)]
pub struct StoredHeader {
    /// Of the stored file.
    pub digest: Digest,
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

/// Streams an instance as a Part 10 file in another transfer syntax. The first piece is what stands in front of the data set.
///
/// `frame` gives the bytes of one frame, its fragments joined, as [`crate::pixel::frame_bytes`] makes them. It is called
/// for each frame, in order, once. An error ends the stream.
pub fn transcode<F, Fut, E>(
    codecs: Codecs,
    stored: StoredHeader,
    target: TargetSyntax,
    frame: F,
) -> impl Stream<Item = Result<Bytes, PixelError>> + Send
where
    F: FnMut(FrameNumber) -> Fut + Send,
    Fut: Future<Output = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let deflater = (target == TargetSyntax::DeflatedExplicitVrLittleEndian).then(Deflater::new);
    let (instance, step, ready) = (stored.sop_instance.clone(), Step::Head, VecDeque::new());
    let state = Transcoder { codecs, stored, target, instance, frame, step, deflater, ready };
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
    target: TargetSyntax,
    /// What is written.
    instance: SopInstanceUid,
    frame: F,
    step: Step,
    deflater: Option<Deflater>,
    ready: VecDeque<Bytes>,
}

enum Step {
    Head,
    Frames { next: u32, writer: PixelWriter },
    Done,
}

/// What writes Pixel Data.
enum PixelWriter {
    Native(NativeWriter),
    Encapsulated(EncapsulatedWriter),
}

impl PixelWriter {
    fn begin(&self, encoding: Encoding, out: &mut Vec<u8>) {
        match self {
            Self::Native(writer) => writer.begin(encoding, out),
            Self::Encapsulated(_) => EncapsulatedWriter::begin(out),
        }
    }

    fn frame(&mut self, frame: Encoded, number: u32) -> Result<Vec<u8>, PixelError> {
        match self {
            Self::Native(writer) => writer.frame(frame, number),
            Self::Encapsulated(writer) => writer.frame(&frame, number),
        }
    }

    fn finish(self) -> Option<Bytes> {
        match self {
            Self::Native(writer) => writer.finish(),
            Self::Encapsulated(_) => Some(EncapsulatedWriter::finish().into()),
        }
    }
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
                if self.target.encoder().is_some() {
                    return Err(PixelError::Unsupported("an instance without pixels as codestreams".into()));
                }
                let head = self.head(&[])?;
                self.begin(head).await;
                self.end();
            }
            Step::Head => {
                self.target.check(&self.stored.header)?;
                let description = PixelDescription::from_header(&self.stored.header)?;
                // What the first frame becomes is what the header must say.
                let first = self.encoded(&description, 1).await?;
                let mut writer = match self.target.encoder() {
                    None => PixelWriter::Native(NativeWriter::new(first.description.clone(), self.stored.frames)?),
                    Some(_) => PixelWriter::Encapsulated(EncapsulatedWriter::new(first.description.clone())),
                };
                let mut replacements = replacements(&description, &first.description);
                if let Some(loss) = self.target.encoder().and_then(Encoder::loss) {
                    let instance = derivation::instance_uid(&self.stored, &loss);
                    replacements.extend(derivation::replacements(&self.stored, &instance, &loss, first.ratio()));
                    replacements.sort_by_key(|replacement| replacement.tag);
                    self.instance = instance;
                }
                let mut head = self.head(&replacements)?;
                writer.begin(self.encoding(), &mut head);
                let frame = writer.frame(first, 1)?;
                self.begin(head).await;
                self.put(frame.into()).await;
                self.step = Step::Frames { next: 2, writer };
            }
            Step::Frames { next, writer } if next > self.stored.frames => {
                self.put(writer.finish().unwrap_or_default()).await;
                self.end();
            }
            Step::Frames { next, mut writer } => {
                let description = PixelDescription::from_header(&self.stored.header)?;
                let frame = self.encoded(&description, next).await?;
                self.put(writer.frame(frame, next)?.into()).await;
                self.step = Step::Frames { next: next + 1, writer };
            }
        }
        Ok(())
    }

    /// Preamble, File Meta Information and the data set up to Pixel Data.
    async fn begin(&mut self, head: Vec<u8>) {
        let meta = FileMeta {
            sop_class: self.stored.sop_class.clone(),
            sop_instance: self.instance.clone(),
            transfer_syntax: self.target.transfer_syntax(),
        };
        self.ready.push_back(meta.encode().into());
        self.put(head.into()).await;
    }

    /// Takes the next bytes of the data set.
    async fn put(&mut self, bytes: Bytes) {
        let ready = match self.deflater.take() {
            None => bytes,
            Some(deflater) => {
                let (deflater, ready) = deflater.push(bytes).await;
                self.deflater = Some(deflater);
                ready
            }
        };
        if !ready.is_empty() {
            self.ready.push_back(ready);
        }
    }

    fn end(&mut self) {
        self.ready.extend(self.deflater.take().map(Deflater::finish));
    }

    async fn encoded(&mut self, description: &PixelDescription, number: u32) -> Result<Encoded, PixelError> {
        let number = FrameNumber::new(number).ok_or(PixelError::NoSuchFrame)?;
        let frame = (self.frame)(number).await.map_err(|error| PixelError::Source(error.into()))?;
        encoded(&self.codecs, description, &self.stored.transfer_syntax, frame, self.target).await
    }

    /// The data set up to Pixel Data.
    fn head(&self, replacements: &[Replacement]) -> Result<Vec<u8>, HeaderError> {
        rewritten(&self.stored.data_set, &self.stored.transfer_syntax, self.encoding(), replacements)
    }

    /// How data elements are written.
    fn encoding(&self) -> Encoding {
        match self.target {
            TargetSyntax::ImplicitVrLittleEndian => Encoding::IMPLICIT_LITTLE,
            _ => Encoding::EXPLICIT_LITTLE,
        }
    }
}

/// Re-writes the data set before Pixel Data.
fn rewritten(
    data_set: &[u8],
    transfer_syntax: &TransferSyntaxUid,
    target: Encoding,
    replacements: &[Replacement],
) -> Result<Vec<u8>, HeaderError> {
    let declared = Syntax::of(transfer_syntax).encoding;
    let seen = data_set.first_chunk::<8>().and_then(|first| declared.corrected(*first));
    rewrite(data_set, seen.unwrap_or(declared), target, replacements)
}

/// The attributes that decoding and encoding change.
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
    if after.high_bit != before.high_bit {
        out.push(number(0x0102, after.high_bit));
    }
    out
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, PrimitiveValue};
    use dicom_dictionary_std::tags;
    use dicom_object::{FileDicomObject, from_reader};
    use futures::TryStreamExt;

    use super::*;
    use crate::pixel::decode_frame;
    use crate::pixel::tests::header;
    use crate::target_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN};

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
        transcoded_into(TargetSyntax::ExplicitVrLittleEndian, header, transfer_syntax, frames).await
    }

    /// File Meta Information, then pieces of the data set.
    async fn pieces(
        target: TargetSyntax,
        header: InMemDicomObject,
        transfer_syntax: &str,
        frames: &[&'static [u8]],
    ) -> Result<Vec<Bytes>, PixelError> {
        let stored = StoredHeader {
            digest: Digest::new([7; 32]),
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
        let stream = transcode(codecs, stored, target, frame);
        stream.try_collect().await
    }

    async fn transcoded_into(
        target: TargetSyntax,
        header: InMemDicomObject,
        transfer_syntax: &str,
        frames: &[&'static [u8]],
    ) -> Result<FileDicomObject<InMemDicomObject>, PixelError> {
        let file = pieces(target, header, transfer_syntax, frames).await?.concat();
        Ok(from_reader(file.as_slice()).expect("a Part 10 file"))
    }

    fn pixels(file: &FileDicomObject<InMemDicomObject>) -> Vec<u8> {
        file.element(tags::PIXEL_DATA).expect("pixels").to_bytes().expect("bytes").into_owned()
    }

    #[tokio::test]
    async fn every_native_encoding_becomes_the_same_file() {
        for (transfer_syntax, frames) in [
            ("1.2.840.10008.1.2", [[1u8, 0, 2, 0].as_slice(), &[3, 0, 4, 0]]),
            ("1.2.840.10008.1.2.1", [&[1, 0, 2, 0], &[3, 0, 4, 0]]),
            ("1.2.840.10008.1.2.2", [&[0, 1, 0, 2], &[0, 3, 0, 4]]),
        ] {
            let file = transcoded(header("MONOCHROME2", 1, 2, 16, 12), transfer_syntax, &frames).await.expect("good");
            let implicit = TargetSyntax::ImplicitVrLittleEndian;
            let implicit = transcoded_into(implicit, header("MONOCHROME2", 1, 2, 16, 12), transfer_syntax, &frames).await;
            for (file, target) in [(file, EXPLICIT_VR_LITTLE_ENDIAN), (implicit.expect("good"), IMPLICIT_VR_LITTLE_ENDIAN)] {
                assert_eq!(file.meta().transfer_syntax(), target);
                assert_eq!(pixels(&file), [1, 0, 2, 0, 3, 0, 4, 0], "{transfer_syntax}");
                assert_eq!(file.element(tags::BITS_STORED).expect("there").to_int::<u16>().ok(), Some(12));
            }
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
        vast.remove_element(tags::HIGH_BIT);
        let vast = transcoded(vast, "1.2.840.10008.1.2.1", &[&[1, 0]]).await;
        assert!(matches!(vast, Err(PixelError::TooLarge { .. })));
        let none = transcoded(header("MONOCHROME2", 1, 2, 16, 12), "1.2.840.10008.1.2", &[]).await.expect("no pixels");
        assert!(none.element(tags::PIXEL_DATA).is_err());
    }

    #[tokio::test]
    async fn a_deflated_file_holds_what_the_plain_one_does() {
        let (plain, deflated) = (TargetSyntax::ExplicitVrLittleEndian, TargetSyntax::DeflatedExplicitVrLittleEndian);
        for frames in [&[&[1u8, 0, 2, 0][..], &[3, 0, 4, 0]][..], &[]] {
            let data_set = async |target| {
                let pieces = pieces(target, header("MONOCHROME2", 1, 2, 16, 12), "1.2.840.10008.1.2.2", frames).await;
                pieces.expect("good").split_off(1).concat()
            };
            let (plain, deflated) = (data_set(plain).await, data_set(deflated).await);
            assert_eq!(deflated.len() % 2, 0, "PS3.5 section A.5 asks for even length");
            assert_eq!(crate::data_set::inflate(&deflated, 1 << 20).expect("deflated"), plain);
        }
    }

    #[tokio::test]
    async fn native_becomes_rle_with_a_fragment_for_each_frame() {
        let target = TargetSyntax::of("1.2.840.10008.1.2.5").expect("it can be written");
        let mut planes = header("RGB", 1, 2, 8, 8);
        planes.put(DataElement::new(tags::PLANAR_CONFIGURATION, VR::US, PrimitiveValue::from(1u16)));
        let frames = [&[1u8, 2, 3, 4, 5, 6][..], &[7; 6]];
        let file = transcoded_into(target, planes.clone(), "1.2.840.10008.1.2", &frames).await.expect("good");
        assert_eq!(file.meta().transfer_syntax(), target.uid());
        assert_eq!(file.element(tags::PLANAR_CONFIGURATION).expect("there").to_int::<u16>().ok(), Some(0));
        let fragments = file.element(tags::PIXEL_DATA).expect("pixels").value().fragments().expect("fragments");
        assert_eq!(fragments.len(), 2);
        let (codecs, stored) = (Codecs::new(filmless_codecs::CodecLimits::default()), uid(target.uid()));
        let description = PixelDescription::from_header(&file).expect("whole");
        let first = decode_frame(&codecs, &description, &stored, fragments[0].clone().into()).await.expect("decodes");
        assert_eq!(first.bytes, [1, 3, 5, 2, 4, 6]);
    }

    #[tokio::test]
    async fn an_instance_without_pixels_does_not_become_codestreams() {
        let rle = TargetSyntax::Encapsulated(Encoder::Rle);
        let none = transcoded_into(rle, header("MONOCHROME2", 1, 2, 16, 12), "1.2.840.10008.1.2", &[]).await;
        assert!(matches!(none, Err(PixelError::Unsupported(_))));
    }
}
