//! The pixels of one instance, opened once for all the frames that a request wants.
//!
//! Frames are read from their place in the stored file. Those of a deflated data set have none: it is inflated once and
//! held as long as the request lasts. How many are held at a time is bounded.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dicom_object::InMemDicomObject;
use filmless_dicom::data_set;
use filmless_dicom::header::{HeaderLimits, HeaderReader};
use filmless_dicom::pixel::{self, PixelDescription, Samples, frame_bytes};
use filmless_dicom::presentation::PresentationState;
use filmless_dicom::render::animation::Animation;
use filmless_dicom::render::{self, RenderOptions};
use filmless_dicom::target_syntax::{DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, TargetSyntax};
use filmless_dicom::transcode::{self, StoredHeader};
use filmless_dicom::transcode_frame::transcode_frame;
use filmless_index::StoredInstance;
use filmless_model::frame::{ByteRange, FrameIndex, FrameNumber};
use filmless_model::uid::TransferSyntaxUid;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use tokio::sync::OwnedSemaphorePermit;

use crate::archive::{Archive, ArchiveError};
use crate::outgoing_file::copy_of;

/// The longest header that is read into memory.
const MAX_HEADER_BYTES: u64 = 64 << 20;
/// The longest deflated data set that is read, and what it may become.
const MAX_DEFLATED_BYTES: u64 = 256 << 20;
/// How long a request waits for room to inflate in.
const INFLATION_WAIT: Duration = Duration::from_secs(30);

/// An opened instance: its header, and where its frames come from.
pub struct Pixels {
    header: Arc<InMemDicomObject>,
    /// The data set up to Pixel Data.
    head: Bytes,
    frames: Frames,
}

struct Frames {
    archive: Arc<Archive>,
    instance: StoredInstance,
    inflated: Option<Inflated>,
}

struct Inflated {
    data_set: Bytes,
    frames: FrameIndex,
    _permit: OwnedSemaphorePermit,
}

impl Archive {
    /// Reads the header of an instance, and makes its frames ready to be read.
    pub async fn pixels(self: &Arc<Self>, instance: &StoredInstance) -> Result<Pixels, ArchiveError> {
        let inflated = if is_deflated(instance) { Some(self.inflate(instance).await?) } else { None };
        let head = match &inflated {
            Some(inflated) => inflated.head()?,
            None => self.head(instance).await?,
        };
        let frames = Frames { archive: self.clone(), instance: instance.clone(), inflated };
        let head = shown(instance, head, frames.transfer_syntax()).await?;
        let (bytes, transfer_syntax) = (head.clone(), frames.transfer_syntax());
        let header = blocking(move || data_set::read_header(&bytes, &transfer_syntax).map_err(undecodable)).await?;
        Ok(Pixels { header: Arc::new(header), head, frames })
    }

    /// The data set without its pixels.
    pub async fn header(&self, instance: &StoredInstance) -> Result<InMemDicomObject, ArchiveError> {
        // Inflating ends where Pixel Data begins, unless the header is another one then.
        let (bytes, transfer_syntax) = if is_deflated(instance) && instance.version.coercion.is_some() {
            (self.inflate(instance).await?.head()?, TargetSyntax::ExplicitVrLittleEndian.transfer_syntax())
        } else {
            (self.stored_head(instance).await?, instance.version.transfer_syntax.clone())
        };
        let bytes = shown(instance, bytes, transfer_syntax.clone()).await?;
        blocking(move || data_set::read_header(&bytes, &transfer_syntax).map_err(undecodable)).await
    }

    /// The frame that stands for an instance when none is named.
    pub async fn representative_frame(&self, instance: &StoredInstance) -> Result<FrameNumber, ArchiveError> {
        match instance.version.frames.count() {
            0 | 1 => Ok(FrameNumber::FIRST),
            count => Ok(render::representative_frame(&self.header(instance).await?, count)),
        }
    }

    /// The stored bytes of a data set up to its pixels, or all of one that is deflated.
    pub(crate) async fn stored_head(&self, instance: &StoredInstance) -> Result<Bytes, ArchiveError> {
        if is_deflated(instance) { self.deflated(instance).await } else { self.head(instance).await }
    }

    /// The same of one that is not deflated.
    async fn head(&self, instance: &StoredInstance) -> Result<Bytes, ArchiveError> {
        let version = &instance.version;
        let end = version.frames.pixels_begin().unwrap_or(version.length_bytes);
        let length = end.saturating_sub(version.data_set_offset);
        check_header_length(length)?;
        self.blob_range(instance, ByteRange { offset: version.data_set_offset, length }).await
    }

    /// The stored bytes of a deflated data set.
    async fn deflated(&self, instance: &StoredInstance) -> Result<Bytes, ArchiveError> {
        let version = &instance.version;
        let length = version.length_bytes.saturating_sub(version.data_set_offset);
        if length > MAX_DEFLATED_BYTES {
            return Err(ArchiveError::Undecodable(format!(
                "a deflated data set of {length} bytes is longer than the {MAX_DEFLATED_BYTES} that are inflated"
            )));
        }
        self.blob_range(instance, ByteRange { offset: version.data_set_offset, length }).await
    }

    async fn inflate(&self, instance: &StoredInstance) -> Result<Inflated, ArchiveError> {
        let permit = tokio::time::timeout(INFLATION_WAIT, self.inflations.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| ArchiveError::Busy)?.expect("the semaphore is never closed");
        let bytes = self.deflated(instance).await?;
        blocking(move || {
            let max_bytes = usize::try_from(MAX_DEFLATED_BYTES).unwrap_or(usize::MAX);
            let data_set = data_set::inflate(&bytes, max_bytes).map_err(undecodable)?;
            let mut reader =
                HeaderReader::new(&TargetSyntax::ExplicitVrLittleEndian.transfer_syntax(), 0, HeaderLimits::default());
            reader.push(&data_set).map_err(undecodable)?;
            let frames = reader.finish().map_err(undecodable)?.frames;
            Ok(Inflated { data_set: data_set.into(), frames, _permit: permit })
        })
        .await
    }
}

impl Inflated {
    fn head(&self) -> Result<Bytes, ArchiveError> {
        let end = self.frames.pixels_begin().unwrap_or(self.data_set.len() as u64);
        check_header_length(end)?;
        self.part(ByteRange { offset: 0, length: end })
    }

    fn part(&self, range: ByteRange) -> Result<Bytes, ArchiveError> {
        let start = usize::try_from(range.offset).ok();
        let end = range.offset.checked_add(range.length).and_then(|end| usize::try_from(end).ok());
        let span = start.zip(end).filter(|(start, end)| start <= end && *end <= self.data_set.len());
        span.map(|(start, end)| self.data_set.slice(start..end)).ok_or(ArchiveError::NotFound)
    }

    fn frame(&self, number: FrameNumber) -> Result<Bytes, ArchiveError> {
        let location = self.frames.locate(number).ok_or(ArchiveError::NotFound)?;
        let mut joined = Vec::new();
        for range in &location.ranges {
            joined.extend_from_slice(&self.part(*range)?);
        }
        Ok(frame_bytes(joined.into(), &location))
    }
}

impl Frames {
    fn index(&self) -> &FrameIndex {
        self.inflated.as_ref().map_or(&self.instance.version.frames, |inflated| &inflated.frames)
    }

    /// Of the bytes that are read: what was deflated is Explicit VR Little Endian.
    fn transfer_syntax(&self) -> TransferSyntaxUid {
        match self.inflated {
            Some(_) => TargetSyntax::ExplicitVrLittleEndian.transfer_syntax(),
            None => self.instance.version.transfer_syntax.clone(),
        }
    }

    async fn get(&self, number: FrameNumber) -> Result<Bytes, ArchiveError> {
        match &self.inflated {
            Some(inflated) => inflated.frame(number),
            None => self.archive.frame(&self.instance, number).await,
        }
    }
}

impl Pixels {
    /// One frame, decoded.
    pub async fn decode(&self, number: FrameNumber) -> Result<Samples, ArchiveError> {
        if self.frames.index().count() == 0 {
            return Err(ArchiveError::NoImage);
        }
        let description = PixelDescription::from_header(&self.header).map_err(undecodable)?;
        let bytes = self.frames.get(number).await?;
        let codecs = &self.frames.archive.codecs;
        pixel::decode_frame(codecs, &description, &self.frames.transfer_syntax(), bytes).await.map_err(undecodable)
    }

    /// One frame as a picture.
    pub async fn render(&self, number: FrameNumber, options: RenderOptions) -> Result<Vec<u8>, ArchiveError> {
        let _permit = self.frames.archive.renderings.acquire().await.expect("the semaphore is never closed");
        let (header, samples) = (self.header.clone(), self.decode(number).await?);
        blocking(move || render::render(&header, &samples, number, &options).map_err(undecodable)).await
    }

    /// One frame as a JPEG or PNG picture, as a presentation state shows it.
    pub async fn render_through(
        &self,
        state: Arc<PresentationState>,
        number: FrameNumber,
        options: RenderOptions,
    ) -> Result<Vec<u8>, ArchiveError> {
        let _permit = self.frames.archive.renderings.acquire().await.expect("the semaphore is never closed");
        let (header, samples) = (self.header.clone(), self.decode(number).await?);
        blocking(move || state.render(&header, &samples, number, &options).map_err(undecodable)).await
    }

    /// Frames as one moving picture, a GIF, piece by piece: one frame is in memory at a time.
    ///
    /// The first piece is made before this returns, so that an instance that cannot be shown is an error here and not in
    /// the middle of an answer. The stream fails where a later frame cannot be decoded.
    pub async fn animate(
        self,
        numbers: Vec<FrameNumber>,
        options: RenderOptions,
    ) -> Result<BoxStream<'static, Result<Bytes, ArchiveError>>, ArchiveError> {
        let animation = Animation::new(&self.header, numbers.len());
        let beginning = (self, Some(animation), numbers.into_iter());
        let pieces = futures::stream::try_unfold(beginning, move |(pixels, animation, mut numbers)| async move {
            let Some(animation) = animation else { return Ok(None) };
            let (piece, animation) = match numbers.next() {
                Some(number) => pixels.animate_frame(animation, number, options).await.map(|(piece, a)| (piece, Some(a)))?,
                None => (animation.finish().map_err(undecodable)?, None),
            };
            Ok(Some((Bytes::from(piece), (pixels, animation, numbers))))
        });
        let mut pieces = pieces.boxed();
        let first = pieces.try_next().await?;
        Ok(futures::stream::iter(first.map(Ok)).chain(pieces).boxed())
    }

    async fn animate_frame(
        &self,
        mut animation: Animation,
        number: FrameNumber,
        options: RenderOptions,
    ) -> Result<(Vec<u8>, Animation), ArchiveError> {
        let _permit = self.frames.archive.renderings.acquire().await.expect("the semaphore is never closed");
        let (header, samples) = (self.header.clone(), self.decode(number).await?);
        blocking(move || {
            let piece = animation.add(&header, &samples, number, &options).map_err(undecodable)?;
            Ok((piece, animation))
        })
        .await
    }

    /// Whether the instance has a place in a transfer syntax. That its pixels can be decoded is not said.
    pub fn can_become(&self, target: TargetSyntax) -> bool {
        target.check(&self.header).is_ok()
    }

    /// One frame in the bytes that it has in another transfer syntax.
    pub async fn frame_in(&self, target: TargetSyntax, number: FrameNumber) -> Result<Bytes, ArchiveError> {
        let description = PixelDescription::from_header(&self.header).map_err(|_| ArchiveError::NoImage)?;
        target.check(&self.header).map_err(undecodable)?;
        let bytes = self.frames.get(number).await?;
        let codecs = &self.frames.archive.codecs;
        let stored = self.frames.transfer_syntax();
        let transcoded = transcode_frame(codecs, &description, &stored, bytes, target).await;
        transcoded.map(|(bytes, _)| bytes).map_err(undecodable)
    }

    /// The instance as a DICOM file in another transfer syntax. One frame is in memory at a time.
    ///
    /// The first piece is made before this returns, so that an instance that cannot be transcoded is an error here
    /// and not in the middle of an answer. The stream fails where a later frame cannot be transcoded.
    pub async fn file_in(self, target: TargetSyntax) -> Result<BoxStream<'static, Result<Bytes, ArchiveError>>, ArchiveError> {
        let frames = Arc::new(self.frames);
        let stored = StoredHeader {
            digest: frames.instance.version.digest,
            sop_class: frames.instance.sop_class.clone(),
            sop_instance: frames.instance.address.instance.clone(),
            transfer_syntax: frames.transfer_syntax(),
            data_set: self.head,
            header: Arc::unwrap_or_clone(self.header),
            frames: frames.index().count(),
        };
        let codecs = frames.archive.codecs.clone();
        let frame = move |number: FrameNumber| {
            let frames = frames.clone();
            async move { frames.get(number).await }
        };
        let mut pieces = transcode::transcode(codecs, stored, target, frame).map_err(undecodable).boxed();
        let first = pieces.try_next().await?;
        Ok(futures::stream::iter(first.map(Ok)).chain(pieces).boxed())
    }
}

/// The bytes of a header, which is not deflated, with what is shown in place of what they say.
async fn shown(instance: &StoredInstance, head: Bytes, transfer_syntax: TransferSyntaxUid) -> Result<Bytes, ArchiveError> {
    match instance.version.coercion.clone() {
        None => Ok(head),
        Some(coercion) => Ok(copy_of(instance, coercion, head, transfer_syntax).await?.bytes.into()),
    }
}

pub(crate) fn is_deflated(instance: &StoredInstance) -> bool {
    instance.version.transfer_syntax.as_str() == DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
}

/// A header that is cut would be another header: it is read whole or not at all.
fn check_header_length(length: u64) -> Result<(), ArchiveError> {
    if length <= MAX_HEADER_BYTES {
        return Ok(());
    }
    let reason = format!("a header of {length} bytes is longer than the {MAX_HEADER_BYTES} that are read");
    Err(ArchiveError::Undecodable(reason))
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "decoding panicked");
        Err(ArchiveError::Undecodable("internal error".to_owned()))
    })
}

pub(crate) fn undecodable(error: impl std::error::Error) -> ArchiveError {
    ArchiveError::Undecodable(error.to_string())
}
