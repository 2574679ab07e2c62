//! The retrieve act: files, frames and metadata as they are stored. Pictures are made in [`crate::pixels`].

use bytes::{Bytes, BytesMut};
use filmless_blobstore::BlobstoreError;
use filmless_blobstore::key::BlobKey;
use filmless_dicom::json::{DecompressError, Decompressor};
use filmless_dicom::pixel::frame_bytes;
use filmless_index::{StoredHeader, StoredInstance};
use filmless_model::actor::{Act, Actor};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::audit::AuditedAct;
use filmless_model::frame::{ByteRange, FrameNumber};
use filmless_model::uid::TransferSyntaxUid;
use filmless_model::version::VersionId;
use futures::stream::BoxStream;

use crate::archive::{Archive, ArchiveError};

/// The longest frame that is read into memory; the largest real ones are mammography and slide tiles.
pub const MAX_FRAME_BYTES: u64 = 1 << 30;

/// The header of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Which instance.
    pub address: InstanceAddress,
    /// Which of its versions.
    pub version: VersionId,
    /// The transfer syntax it is stored in.
    pub transfer_syntax: TransferSyntaxUid,
    /// DICOM JSON (PS3.18 Annex F).
    pub json: Vec<u8>,
}

impl Archive {
    /// The instances of a resource, in reading order, to look at ([`Act::View`]) or to take away ([`Act::Download`]). What this
    /// returns may be read with the functions below.
    pub async fn instances(&self, actor: &Actor, act: Act, resource: &Resource) -> Result<Vec<StoredInstance>, ArchiveError> {
        self.permit_on(actor, act, resource.study())?;
        let instances = self.index.instances(resource).await?;
        if instances.is_empty() {
            return Err(ArchiveError::NotFound);
        }
        self.note_read(actor, act.into(), resource.study(), instances.len());
        Ok(instances)
    }

    /// Lets instances that may be looked at be taken away.
    pub fn hand_out(&self, actor: &Actor, instances: &[StoredInstance]) -> Result<(), ArchiveError> {
        let Some(first) = instances.first() else { return Ok(()) };
        self.permit_on(actor, Act::Download, &first.address.study)?;
        self.note_read(actor, AuditedAct::Download, &first.address.study, instances.len());
        Ok(())
    }

    /// One instance, to look at.
    pub async fn instance(&self, actor: &Actor, address: &InstanceAddress) -> Result<StoredInstance, ArchiveError> {
        let mut instances = self.instances(actor, Act::View, &Resource::Instance(address.clone())).await?;
        instances.pop().ok_or(ArchiveError::NotFound)
    }

    /// The served versions of a resource, in reading order: they name all that can be said of it.
    pub async fn served_versions(&self, actor: &Actor, resource: &Resource) -> Result<Vec<VersionId>, ArchiveError> {
        self.permit_on(actor, Act::View, resource.study())?;
        let versions = self.index.served_versions(resource).await?;
        if versions.is_empty() {
            return Err(ArchiveError::NotFound);
        }
        self.note_read(actor, AuditedAct::View, resource.study(), versions.len());
        Ok(versions)
    }

    /// The DICOM JSON (PS3.18 Annex F) of each instance of a resource, in the order of [`Archive::instances`].
    ///
    /// Bulk data stand in it as `"BulkDataURI":"bulkdata/<offset>-<length>"` or `"frames"`, relative to the instance.
    pub async fn metadata(&self, actor: &Actor, resource: &Resource) -> Result<Vec<Metadata>, ArchiveError> {
        self.permit_on(actor, Act::View, resource.study())?;
        let headers = self.index.dicom_json(resource).await?;
        if headers.is_empty() {
            return Err(ArchiveError::NotFound);
        }
        let compressed = headers.into_iter().map(|header| {
            let StoredHeader { address, version, transfer_syntax, dicom_json } = header;
            ((address, version, transfer_syntax), dicom_json)
        });
        let metadata = read_headers(compressed.collect(), |_, json| json).await?.into_iter();
        Ok(metadata
            .map(|((address, version, transfer_syntax), json)| Metadata { address, version, transfer_syntax, json })
            .collect())
    }

    /// The stored file, or a part of it, piece by piece. A file that is shorter than the index says is an error before the
    /// first piece.
    pub async fn blob(
        &self,
        instance: &StoredInstance,
        range: Option<ByteRange>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobstoreError>>, ArchiveError> {
        let range = range.unwrap_or(ByteRange { offset: 0, length: instance.version.length_bytes });
        Ok(self.blobstore.get_stream(&BlobKey::Instance(instance.version.id), Some(range)).await?)
    }

    /// A part of the stored file.
    pub async fn blob_range(&self, instance: &StoredInstance, range: ByteRange) -> Result<Bytes, ArchiveError> {
        Ok(self.blobstore.get_range(&BlobKey::Instance(instance.version.id), range).await?)
    }

    /// One frame as it is stored, in the transfer syntax of the instance, without parsing anything. Frames that share bytes
    /// with others are taken apart: [`frame_bytes`].
    pub async fn frame(&self, instance: &StoredInstance, frame: FrameNumber) -> Result<Bytes, ArchiveError> {
        let location = instance.version.frames.locate(frame).ok_or(ArchiveError::NotFound)?;
        let length_bytes: u64 = location.ranges.iter().map(|range| range.length).sum();
        if length_bytes > MAX_FRAME_BYTES {
            return Err(ArchiveError::Undecodable(format!("a frame of {length_bytes} bytes is too long")));
        }
        let bytes = match location.ranges.as_slice() {
            [range] => self.blob_range(instance, *range).await?,
            ranges => {
                let mut bytes = BytesMut::new();
                for range in ranges {
                    bytes.extend_from_slice(&self.blob_range(instance, *range).await?);
                }
                bytes.freeze()
            }
        };
        Ok(frame_bytes(bytes, &location))
    }
}

/// Decompresses headers one after the other, off the async threads, and gives each to `read`.
pub(crate) async fn read_headers<K: Send + 'static, T: Send + 'static>(
    headers: Vec<(K, Vec<u8>)>,
    read: impl Fn(&K, Vec<u8>) -> T + Send + 'static,
) -> Result<Vec<(K, T)>, ArchiveError> {
    let damaged = |error: DecompressError| ArchiveError::Damaged(error.to_string());
    let work = move || {
        let mut decompressor = Decompressor::new().map_err(damaged)?;
        let read_one = |(key, compressed): (K, Vec<u8>)| {
            let value = read(&key, decompressor.decompress(&compressed).map_err(damaged)?);
            Ok((key, value))
        };
        headers.into_iter().map(read_one).collect()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(ArchiveError::Damaged(error.to_string())))
}
