//! `filmless check`: every row has its bytes and their digest is right; every blob has its row. And recovery, which
//! makes that so again after a crash.

use std::collections::HashSet;

use filmless_blobstore::BlobstoreError;
use filmless_blobstore::key::BlobKey;
use filmless_index::VersionSummary;
use filmless_model::address::InstanceAddress;
use filmless_model::version::VersionId;
use futures::{StreamExt, TryStreamExt};

use crate::archive::{Archive, ArchiveError};

/// Rows or blobs looked at together.
const BATCH: u32 = 500;
/// Blobs read at once.
const READERS: usize = 4;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A row whose blob is missing.
    MissingBlob(InstanceAddress, VersionId),
    /// A blob that is longer or shorter than its row says.
    WrongLength(InstanceAddress, VersionId),
    /// A blob whose bytes have changed.
    WrongDigest(InstanceAddress, VersionId),
    /// A blob that cannot be read.
    UnreadableBlob(InstanceAddress, VersionId, String),
    /// A blob without a row, by its path in the store.
    BlobWithoutRow(String),
}

/// How far a check is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows compared with their blobs.
    pub rows: u64,
    /// Blobs compared with their rows.
    pub blobs: u64,
    /// Bytes read.
    pub bytes: u64,
}

impl Archive {
    /// Finishes or undoes what a crash interrupted. Returns how many leftovers were removed.
    pub async fn recover(&self) -> Result<usize, ArchiveError> {
        let abandoned: Vec<_> = self.blobstore.abandoned().await?.into_iter().collect();
        let committed = self.index.known_versions(&abandoned).await?;
        Ok(self.blobstore.resolve(&committed).await?)
    }

    /// Compares all rows with all blobs. `found` hears of every finding, `progress` after every batch.
    pub async fn check(&self, mut found: impl FnMut(Finding), mut progress: impl FnMut(Progress)) -> Result<(), ArchiveError> {
        let mut so_far = Progress::default();
        let mut after = None;
        loop {
            let rows = self.index.versions(after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            let mut findings = futures::stream::iter(&rows).map(|row| self.check_row(row)).buffer_unordered(READERS);
            while let Some((length_bytes, finding)) = findings.next().await {
                so_far.rows += 1;
                so_far.bytes += length_bytes;
                finding.into_iter().for_each(&mut found);
            }
            drop(findings);
            progress(so_far);
        }

        let mut blobs = self.blobstore.list().try_chunks(BATCH as usize);
        while let Some(batch) = blobs.next().await {
            let batch = batch.map_err(|error| ArchiveError::from(error.1))?;
            // In flight is asked first: a version that settles in between then has its row.
            let in_flight = self.blobstore.in_flight().await?;
            let versions: Vec<_> = batch.iter().filter_map(|blob| blob.version).collect();
            let known: HashSet<_> = self.index.known_versions(&versions).await?;
            for blob in &batch {
                so_far.blobs += 1;
                let accounted = blob.version.is_some_and(|version| known.contains(&version) || in_flight.contains(&version));
                if !accounted && self.is_there(blob.version).await {
                    found(Finding::BlobWithoutRow(blob.path.clone()));
                }
            }
            progress(so_far);
        }
        Ok(())
    }

    async fn check_row(&self, row: &VersionSummary) -> (u64, Option<Finding>) {
        let (address, id) = (row.address.clone(), row.id);
        match self.blobstore.digest(&BlobKey::Instance(row.id)).await {
            Err(BlobstoreError::NotFound) => (0, self.must_have_bytes(id).await.then_some(Finding::MissingBlob(address, id))),
            Err(error) => (0, Some(Finding::UnreadableBlob(address, id, error.to_string()))),
            Ok((_, length)) if length != row.length_bytes => (length, Some(Finding::WrongLength(address, id))),
            Ok((digest, length)) if digest != row.digest => (length, Some(Finding::WrongDigest(address, id))),
            Ok((_, length)) => (length, None),
        }
    }

    /// Whether the row still promises bytes: it may have been given up since it was listed.
    async fn must_have_bytes(&self, version: VersionId) -> bool {
        self.index.kept_versions(&[version]).await.map_or(true, |kept| kept.contains(&version))
    }

    /// Whether a blob is still there: it may have been destroyed since it was listed. A path that is none of ours is.
    async fn is_there(&self, version: Option<VersionId>) -> bool {
        let Some(version) = version else { return true };
        !matches!(self.blobstore.get_stream(&BlobKey::Instance(version), None).await, Err(BlobstoreError::NotFound))
    }
}
