//! The data set of an instance for a DIMSE peer: what stands behind the File Meta Information, as it is stored or transcoded.

use std::sync::Arc;

use bytes::Bytes;
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_index::StoredInstance;
use filmless_model::actor::{Act, Actor};
use filmless_model::frame::ByteRange;
use filmless_model::query::{Match, Query};
use filmless_model::store_outcome::StoreFailure;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::archive::{Archive, ArchiveError};
use crate::spool::Spool;

/// Up to this length a data set is read at once.
const SHORT_BYTES: u64 = 4 << 20;

/// The bytes of a data set, piece by piece.
pub type DataSetStream = BoxStream<'static, Result<Bytes, ArchiveError>>;

impl Archive {
    /// What unique keys name: a search by one who may retrieve, and need not be allowed to look around.
    pub async fn named(&self, actor: &Actor, query: &Query) -> Result<Vec<Match>, ArchiveError> {
        self.permit(actor, Act::View)?;
        Ok(self.index.search(query).await?)
    }

    /// The data set in the transfer syntax that it is stored in: the stored bytes, but for what is coerced.
    pub async fn data_set(self: &Arc<Self>, instance: &StoredInstance) -> Result<DataSetStream, ArchiveError> {
        let version = &instance.version;
        if version.coercion.is_some() {
            return self.file(instance).await?.data_set().await;
        }
        let length = version.length_bytes.saturating_sub(version.data_set_offset);
        let range = ByteRange { offset: version.data_set_offset, length };
        if length <= SHORT_BYTES {
            let bytes = self.blob_range(instance, range).await?;
            return Ok(futures::stream::iter([Ok(bytes)]).boxed());
        }
        Ok(self.blob(instance, Some(range)).await?.map_err(ArchiveError::from).boxed())
    }

    /// The data set in another transfer syntax. All of it is made before this returns: a peer that is being sent it cannot be
    /// told any more that a later frame cannot be decoded.
    pub async fn data_set_in(
        self: &Arc<Self>,
        instance: &StoredInstance,
        target: TargetSyntax,
    ) -> Result<DataSetStream, ArchiveError> {
        // The first piece is the File Meta Information.
        let pieces = self.pixels(instance).await?.file_in(target).await?.skip(1);
        self.spooled(pieces.boxed()).await
    }

    /// The file in another transfer syntax, all of it made before this returns, for the same reason.
    pub async fn made_file_in(
        self: &Arc<Self>,
        instance: &StoredInstance,
        target: TargetSyntax,
    ) -> Result<DataSetStream, ArchiveError> {
        let pieces = self.pixels(instance).await?.file_in(target).await?;
        self.spooled(pieces).await
    }

    /// Waits for the last piece and gives all of them again.
    async fn spooled(&self, mut pieces: DataSetStream) -> Result<DataSetStream, ArchiveError> {
        let mut spool = Spool::new(self.blobstore.clone());
        while let Some(piece) = pieces.try_next().await? {
            spool.append(&piece).await.map_err(no_room)?;
        }
        let read = futures::stream::try_unfold((spool, 0), |(spool, at)| async move {
            let length = SHORT_BYTES.min(spool.end() - at);
            if length == 0 {
                return Ok(None);
            }
            let bytes = spool.read(ByteRange { offset: at, length }).await.map_err(no_room)?;
            Ok(Some((bytes, (spool, at + length))))
        });
        Ok(read.boxed())
    }
}

/// The reason is in the log.
fn no_room(_: StoreFailure) -> ArchiveError {
    ArchiveError::Undecodable("no room to transcode in".to_owned())
}
