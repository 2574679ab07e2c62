//! From arriving bytes to a published blob.
//!
//! What writes or syncs blocks and belongs off the async threads. The order: the ledger names a version and its file is
//! made, both durably (`reserve.rs`); the bytes are written and synced; the row is committed by the caller after
//! that; last, the ledger forgets the version. A crash at any point leaves the version in the ledger for
//! [`crate::Blobstore::resolve`].
//!
//! The file of a folder store is written where it stays. For a bucket it is a copy that waits for its upload, in a
//! folder of the same shape.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use filmless_model::version::{Digest, VersionId};
use sha2::{Digest as _, Sha256};

use crate::blobstore::BlobstoreError;
use crate::ledger::Line;
use crate::reserve::{Reserve, Reserved};

/// Bytes of a blob that stay in memory before they are written. A blob that is no longer than this and turns out to be
/// known already is never written at all.
const HELD_BYTES: usize = 1 << 20;

/// A blob that is still arriving. Dropping it discards the bytes.
#[derive(Debug)]
pub struct StagedBlob {
    reserve: Arc<Reserve>,
    held: Vec<u8>,
    written: Option<Reserved>,
    hasher: Sha256,
    length_bytes: u64,
}

impl StagedBlob {
    pub(crate) fn new(reserve: Arc<Reserve>) -> Self {
        Self { reserve, held: Vec::new(), written: None, hasher: Sha256::new(), length_bytes: 0 }
    }

    /// Bytes so far.
    pub fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    /// Takes the next bytes: hashes and holds them. Does not block; [`StagedBlob::is_full`] says when to write.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.held.capacity() - self.held.len() < bytes.len() {
            self.held.reserve(HELD_BYTES.min(bytes.len() * 8).max(bytes.len()));
        }
        self.hasher.update(bytes);
        self.length_bytes += bytes.len() as u64;
        self.held.extend_from_slice(bytes);
    }

    /// Whether [`StagedBlob::spill`] is due.
    pub fn is_full(&self) -> bool {
        self.held.len() >= HELD_BYTES
    }

    /// All bytes have come: what they are is now known.
    pub fn seal(mut self) -> SealedBlob {
        let digest = Digest::new(std::mem::take(&mut self.hasher).finalize().into());
        SealedBlob { staged: self, digest }
    }

    /// Writes what is held in memory. Blocks.
    pub fn spill(&mut self) -> Result<(), BlobstoreError> {
        let written = match &mut self.written {
            Some(written) => written,
            None => self.written.insert(self.reserve.take()?),
        };
        let done = written.file.write_all(&self.held);
        done.map_err(|error| BlobstoreError::io("write", &self.reserve.path(written.version))(error))?;
        self.held.clear();
        Ok(())
    }
}

impl Drop for StagedBlob {
    fn drop(&mut self) {
        if let Some(Reserved { version, line, .. }) = self.written.take() {
            self.reserve.discard(version, line);
        }
    }
}

/// A blob whose bytes are complete but not yet published. Dropping it discards the bytes.
#[derive(Debug)]
pub struct SealedBlob {
    staged: StagedBlob,
    digest: Digest,
}

impl SealedBlob {
    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many there are.
    pub fn length_bytes(&self) -> u64 {
        self.staged.length_bytes
    }

    /// Writes the last bytes. From here on recovery decides about the blob, whatever happens. Blocks.
    pub(crate) fn write(mut self) -> Result<WrittenBlob, BlobstoreError> {
        self.staged.spill()?;
        let Reserved { version, file, line } = self.staged.written.take().expect("spill() wrote it");
        let reserve = self.staged.reserve.clone();
        Ok(WrittenBlob { file, published: PublishedBlob { reserve, version, line } })
    }
}

/// A blob whose bytes are all in its file.
#[derive(Debug)]
pub(crate) struct WrittenBlob {
    file: File,
    pub(crate) published: PublishedBlob,
}

impl WrittenBlob {
    /// Where it lies.
    pub(crate) fn path(&self) -> PathBuf {
        self.published.reserve.path(self.published.version)
    }

    /// Makes the bytes and their number durable; the name is so already. Blocks.
    pub(crate) fn sync(self) -> Result<PublishedBlob, BlobstoreError> {
        self.file.sync_data().map_err(|error| BlobstoreError::io("sync", &self.path())(error))?;
        Ok(self.published)
    }
}

/// A blob that is durable under the key of its version, and that the ledger still names.
#[derive(Debug)]
#[must_use = "settle it when its row is committed, or withdraw it"]
pub struct PublishedBlob {
    reserve: Arc<Reserve>,
    version: VersionId,
    line: Line,
}

impl PublishedBlob {
    /// Its version.
    pub fn version(&self) -> VersionId {
        self.version
    }

    /// Nothing is left to decide: the row is committed, or the blob is gone again. The ledger forgets the version.
    pub fn settle(self) {
        self.reserve.forget(self.line);
    }
}
