//! The file of an instance as it leaves: the stored bytes, behind a header that says what the archive shows where that is
//! something else (PS3.3 C.12.1.1.9, Original Attributes Macro).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use filmless_blobstore::Blobstore;
use filmless_blobstore::key::BlobKey;
use filmless_dicom::coercion::{CopiedHead, Provenance, copied_head};
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_index::StoredInstance;
use filmless_model::coercion::Coercion;
use filmless_model::frame::ByteRange;
use filmless_model::uid::TransferSyntaxUid;
use filmless_model::version::VersionId;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::archive::{Archive, ArchiveError};
use crate::data_set::DataSetStream;
use crate::pixels::{blocking, is_deflated, undecodable};

/// Who says that it modified attributes.
const SYSTEM: &str = "FILMLESS";

/// A file that is ready to go.
pub struct OutgoingFile {
    blobstore: Blobstore,
    version: VersionId,
    /// What was made for it; empty for most.
    front: Bytes,
    /// What follows of the stored file.
    behind: ByteRange,
    /// Where the data set begins.
    data_set_offset: u64,
}

impl Archive {
    /// The file of an instance, in the transfer syntax that it is stored in.
    pub async fn file(self: &Arc<Self>, instance: &StoredInstance) -> Result<OutgoingFile, ArchiveError> {
        let version = &instance.version;
        let (length, data_set_offset) = (version.length_bytes, version.data_set_offset);
        let file = |front, behind, data_set_offset| OutgoingFile {
            blobstore: self.blobstore.clone(),
            version: instance.version.id,
            front,
            behind,
            data_set_offset,
        };
        let Some(coercion) = version.coercion.clone() else {
            return Ok(file(Bytes::new(), ByteRange { offset: 0, length }, data_set_offset));
        };
        if is_deflated(instance) {
            let mut pieces = self.pixels(instance).await?.file_in(TargetSyntax::DeflatedExplicitVrLittleEndian).await?;
            // The first piece is the File Meta Information.
            let mut front = BytesMut::from(pieces.try_next().await?.unwrap_or_default());
            let data_set_offset = front.len() as u64;
            while let Some(piece) = pieces.try_next().await? {
                front.extend_from_slice(&piece);
            }
            return Ok(file(front.freeze(), ByteRange { offset: length, length: 0 }, data_set_offset));
        }
        let meta = self.blob_range(instance, ByteRange { offset: 0, length: data_set_offset }).await?;
        let (head, syntax) = (self.stored_head(instance).await?, instance.version.transfer_syntax.clone());
        let copied = copy_of(instance, coercion, head, syntax).await?;
        let mut front = BytesMut::from(meta);
        front.extend_from_slice(&copied.bytes);
        let offset = data_set_offset + copied.end as u64;
        let behind = ByteRange { offset, length: length.saturating_sub(offset) };
        Ok(file(front.freeze(), behind, data_set_offset))
    }
}

/// The header of a copy, from the stored one.
pub(crate) async fn copy_of(
    instance: &StoredInstance,
    coercion: Box<Coercion>,
    head: Bytes,
    transfer_syntax: TransferSyntaxUid,
) -> Result<CopiedHead, ArchiveError> {
    let source = instance.version.source.clone();
    let at_ms = instance.version.stored_ms;
    blocking(move || {
        // What stands before the colon is the door.
        let source = source.split_once(':').map_or(source.as_str(), |(_, who)| who);
        let provenance = Provenance { source, system: SYSTEM, at_ms };
        copied_head(&head, &transfer_syntax, &coercion, provenance).map_err(undecodable)
    })
    .await
}

impl OutgoingFile {
    /// How long it is.
    pub fn length_bytes(&self) -> u64 {
        self.front.len() as u64 + self.behind.length
    }

    /// Its bytes, or a part of them, piece by piece.
    pub async fn bytes(&self, part: Option<ByteRange>) -> Result<DataSetStream, ArchiveError> {
        let whole = ByteRange { offset: 0, length: self.length_bytes() };
        let ByteRange { offset, length } = part.unwrap_or(whole);
        let made = self.front.len() as u64;
        let place = |at: u64| usize::try_from(at.min(made)).expect("it is within what is in memory");
        let end = offset.saturating_add(length).min(self.length_bytes());
        let front = self.front.slice(place(offset)..place(end).max(place(offset)));
        let (from, to) = (offset.max(made) - made, end.max(made) - made);
        let front = futures::stream::iter((!front.is_empty()).then_some(Ok(front)));
        if from >= to {
            return Ok(front.boxed());
        }
        let range = ByteRange { offset: self.behind.offset + from, length: to - from };
        let behind = self.blobstore.get_stream(&BlobKey::Instance(self.version), Some(range)).await?;
        let behind = behind.map_err(ArchiveError::from);
        Ok(front.chain(behind).boxed())
    }

    /// Its data set, without the File Meta Information.
    pub(crate) async fn data_set(&self) -> Result<DataSetStream, ArchiveError> {
        let length = self.length_bytes().saturating_sub(self.data_set_offset);
        self.bytes(Some(ByteRange { offset: self.data_set_offset, length })).await
    }
}
