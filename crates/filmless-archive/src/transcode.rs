//! Retrieve, transcoded: a whole instance, or one frame, in Explicit VR Little Endian.

use std::sync::Arc;

use bytes::Bytes;
use filmless_dicom::data_set;
use filmless_dicom::pixel::PixelDescription;
use filmless_dicom::transcode::{self, StoredHeader};
use filmless_index::StoredInstance;
use filmless_model::frame::{ByteRange, FrameNumber};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};

use crate::archive::{Archive, ArchiveError};
use crate::picture::{DEFLATED, MAX_DEFLATED_BYTES, MAX_HEADER_BYTES, blocking, undecodable};

impl Archive {
    /// An instance as a DICOM file in Explicit VR Little Endian with native pixels. One frame is in memory at a time.
    ///
    /// The first piece is made before this returns, so that an instance that cannot be transcoded is an error here
    /// and not in the middle of an answer. The stream fails where a later frame cannot be decoded.
    pub async fn explicit_vr_little_endian(
        self: &Arc<Self>,
        instance: &StoredInstance,
    ) -> Result<BoxStream<'static, Result<Bytes, ArchiveError>>, ArchiveError> {
        let stored = self.stored_header(instance).await?;
        let (archive, instance) = (self.clone(), instance.clone());
        let frame = move |frame: FrameNumber| {
            let (archive, instance) = (archive.clone(), instance.clone());
            async move { archive.aligned_frame(&instance, frame).await }
        };
        let pieces = transcode::to_explicit_vr_little_endian(self.codecs.clone(), stored, frame);
        let mut pieces = pieces.map_err(undecodable).boxed();
        let first = pieces.try_next().await?;
        Ok(futures::stream::iter(first.map(Ok)).chain(pieces).boxed())
    }

    /// One frame in the bytes that it has in Explicit VR Little Endian.
    pub async fn explicit_frame(&self, instance: &StoredInstance, frame: FrameNumber) -> Result<Bytes, ArchiveError> {
        let description = PixelDescription::from_header(&self.header(instance).await?).map_err(|_| ArchiveError::NoImage)?;
        let bytes = self.aligned_frame(instance, frame).await?;
        let transcoded = transcode::transcode_frame(&self.codecs, &description, &instance.version.transfer_syntax, bytes).await;
        transcoded.map(|(bytes, _)| bytes).map_err(undecodable)
    }

    /// One frame as it is stored, single bits beginning at a byte, also of a deflated data set.
    pub(crate) async fn aligned_frame(&self, instance: &StoredInstance, frame: FrameNumber) -> Result<Bytes, ArchiveError> {
        if instance.version.transfer_syntax.as_str() == DEFLATED {
            self.deflated_frame(instance, frame).await
        } else {
            self.frame(instance, frame).await
        }
    }

    async fn stored_header(&self, instance: &StoredInstance) -> Result<StoredHeader, ArchiveError> {
        let version = &instance.version;
        let is_deflated = version.transfer_syntax.as_str() == DEFLATED;
        let end = version.frames.pixels_begin().unwrap_or(version.length_bytes);
        let length = end.saturating_sub(version.data_set_offset);
        if length > if is_deflated { MAX_DEFLATED_BYTES } else { MAX_HEADER_BYTES } {
            return Err(ArchiveError::Undecodable("the data set is too long to be transcoded".to_owned()));
        }
        let data_set = self.blob_range(instance, ByteRange { offset: version.data_set_offset, length }).await?;
        let (bytes, transfer_syntax) = (data_set.clone(), version.transfer_syntax.clone());
        let header = blocking(move || data_set::read_header(&bytes, &transfer_syntax).map_err(undecodable)).await?;
        let frames = match version.frames.count() {
            0 if is_deflated => PixelDescription::from_header(&header).map_or(0, |description| description.number_of_frames),
            count => count,
        };
        Ok(StoredHeader {
            sop_class: instance.sop_class.clone(),
            sop_instance: instance.address.instance.clone(),
            transfer_syntax: version.transfer_syntax.clone(),
            data_set,
            header,
            frames,
        })
    }
}
