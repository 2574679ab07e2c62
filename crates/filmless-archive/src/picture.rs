//! Retrieve, decoded: the header as an object, a frame as samples, a frame as a picture.

use bytes::Bytes;
use dicom_object::InMemDicomObject;
use filmless_dicom::data_set;
use filmless_dicom::header::{HeaderLimits, HeaderReader};
use filmless_dicom::pixel::{self, PixelDescription, Samples, frame_bytes};
use filmless_dicom::render::{self, RenderOptions};
use filmless_index::StoredInstance;
use filmless_model::frame::{ByteRange, FrameNumber};
use filmless_model::uid::TransferSyntaxUid;

use crate::archive::{Archive, ArchiveError};

/// The longest header that is read into memory for a picture.
pub(crate) const MAX_HEADER_BYTES: u64 = 64 << 20;
/// The longest deflated instance whose frames are read: it must be inflated whole.
pub(crate) const MAX_DEFLATED_BYTES: u64 = 256 << 20;
/// Deflated Explicit VR Little Endian (PS3.5 section A.5).
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// Explicit VR Little Endian (PS3.5 section A.2).
const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

impl Archive {
    /// The data set without its pixels.
    pub async fn header(&self, instance: &StoredInstance) -> Result<InMemDicomObject, ArchiveError> {
        let version = &instance.version;
        let end = version.frames.pixels_begin().unwrap_or(version.length_bytes);
        let length = end.saturating_sub(version.data_set_offset).min(MAX_HEADER_BYTES);
        let bytes = self.blob_range(instance, ByteRange { offset: version.data_set_offset, length }).await?;
        let transfer_syntax = version.transfer_syntax.clone();
        blocking(move || data_set::read_header(&bytes, &transfer_syntax).map_err(undecodable)).await
    }

    /// One frame, decoded. Beside it the header, which most callers want too.
    pub async fn decode_frame(
        &self,
        instance: &StoredInstance,
        frame: FrameNumber,
    ) -> Result<(InMemDicomObject, Samples), ArchiveError> {
        let header = self.header(instance).await?;
        let description = match PixelDescription::from_header(&header) {
            Ok(description) => description,
            Err(_) if instance.version.frames.count() == 0 => return Err(ArchiveError::NoImage),
            Err(error) => return Err(undecodable(error)),
        };
        if instance.version.frames.count() == 0 && instance.version.transfer_syntax.as_str() != DEFLATED {
            return Err(ArchiveError::NoImage);
        }
        let bytes = self.aligned_frame(instance, frame).await?;
        let samples = pixel::decode_frame(&self.codecs, &description, &instance.version.transfer_syntax, bytes).await;
        Ok((header, samples.map_err(undecodable)?))
    }

    /// One frame as a JPEG or PNG picture.
    pub async fn render(
        &self,
        instance: &StoredInstance,
        frame: FrameNumber,
        options: RenderOptions,
    ) -> Result<Vec<u8>, ArchiveError> {
        let _permit = self.renderings.acquire().await.expect("the semaphore is never closed");
        let (header, samples) = self.decode_frame(instance, frame).await?;
        blocking(move || render::render(&header, &samples, frame, &options).map_err(undecodable)).await
    }

    /// The frame that stands for an instance when none is named.
    pub async fn representative_frame(&self, instance: &StoredInstance) -> Result<FrameNumber, ArchiveError> {
        match instance.version.frames.count() {
            0 | 1 => Ok(FrameNumber::FIRST),
            count => Ok(render::representative_frame(&self.header(instance).await?, count)),
        }
    }

    /// Frames of a deflated data set have no place in the stored bytes: it is inflated and read again.
    pub(crate) async fn deflated_frame(&self, instance: &StoredInstance, frame: FrameNumber) -> Result<Bytes, ArchiveError> {
        let version = &instance.version;
        let length = version.length_bytes.saturating_sub(version.data_set_offset);
        if length > MAX_DEFLATED_BYTES {
            return Err(ArchiveError::Undecodable("the deflated data set is too long".to_owned()));
        }
        let bytes = self.blob_range(instance, ByteRange { offset: version.data_set_offset, length }).await?;
        blocking(move || {
            let max_bytes = usize::try_from(MAX_DEFLATED_BYTES).unwrap_or(usize::MAX);
            let inflated = data_set::inflate(&bytes, max_bytes).map_err(undecodable)?;
            let explicit = TransferSyntaxUid::parse(EXPLICIT_VR_LITTLE_ENDIAN).expect("a UID of the standard");
            let mut reader = HeaderReader::new(&explicit, 0, HeaderLimits::default());
            reader.push(&inflated).map_err(undecodable)?;
            let frames = reader.finish().map_err(undecodable)?.frames;
            if frames.count() == 0 {
                return Err(ArchiveError::NoImage);
            }
            let location = frames.locate(frame).ok_or(ArchiveError::NotFound)?;
            let mut joined = Vec::new();
            for range in &location.ranges {
                let span = usize::try_from(range.offset).ok().zip(usize::try_from(range.offset + range.length).ok());
                let part = span.and_then(|(start, end)| inflated.get(start..end));
                joined.extend_from_slice(part.ok_or(ArchiveError::NotFound)?);
            }
            Ok(frame_bytes(joined.into(), &location))
        })
        .await
    }
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
