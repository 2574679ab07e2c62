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
use std::path::PathBuf;
use std::sync::Arc;

use filmless_model::version::{Digest, VersionId};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::blobstore::BlobstoreError;
use crate::draft::Draft;
use crate::ledger::Line;
use crate::pieces::Piece;
use crate::reserve::{Reserve, Reserved};

/// Pieces of a blob that stay in memory while others of it are written: 1 MiB.
const HELD_PIECES: usize = 4;

const NO_PANIC: &str = "writing a blob does not panic";

/// A blob that is still arriving. Dropping it discards the bytes.
#[derive(Debug)]
pub struct StagedBlob {
    reserve: Arc<Reserve>,
    /// What came last. A blob that is shorter than a piece and turns out to be known already is never written.
    held: Vec<Piece>,
    /// Writes what came before.
    writing: Option<JoinHandle<Result<Draft, BlobstoreError>>>,
    hasher: Sha256,
    length_bytes: u64,
}

impl StagedBlob {
    pub(crate) fn new(reserve: Arc<Reserve>) -> Self {
        Self { reserve, held: Vec::new(), writing: None, hasher: Sha256::new(), length_bytes: 0 }
    }

    /// Bytes so far.
    pub fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    /// Takes the next bytes: hashes and holds them. [`StagedBlob::make_room`] before there are too many.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.length_bytes += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.held.last_mut() {
                Some(piece) if !piece.is_full() => piece.fill(rest),
                _ => {
                    self.held.push(Piece::new());
                    rest
                }
            };
        }
    }

    /// Has full pieces written while others arrive. Waits only if too many are held.
    pub async fn make_room(&mut self) -> Result<(), BlobstoreError> {
        let full = self.held.iter().take_while(|piece| piece.is_full()).count();
        let is_busy = self.writing.as_ref().is_some_and(|writing| !writing.is_finished());
        if full == 0 || is_busy && full < HELD_PIECES {
            return Ok(());
        }
        let mut draft = match self.writing.take() {
            Some(writing) => writing.await.expect(NO_PANIC)?,
            None => Draft::new(self.reserve.clone()),
        };
        let pieces: Vec<_> = self.held.drain(..full).collect();
        self.writing = Some(tokio::task::spawn_blocking(move || draft.write(&pieces).map(|()| draft)));
        Ok(())
    }

    /// All bytes have come: what they are is now known.
    pub fn seal(mut self) -> SealedBlob {
        let digest = Digest::new(std::mem::take(&mut self.hasher).finalize().into());
        SealedBlob { staged: self, digest }
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
    pub(crate) fn write(self) -> Result<WrittenBlob, BlobstoreError> {
        let StagedBlob { reserve, held, writing, .. } = self.staged;
        let mut draft = match writing {
            // Waited for here, where what comes next is done: to wake a thread of ours for it first would take longer.
            Some(writing) => Handle::current().block_on(writing).expect(NO_PANIC)?,
            None => Draft::new(reserve.clone()),
        };
        draft.write(&held)?;
        let Reserved { version, file, line } = draft.complete()?;
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
