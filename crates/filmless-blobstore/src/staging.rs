//! From arriving bytes to a published blob.
//!
//! What writes or syncs blocks and belongs off the async threads. The order for a folder: the file is written under the
//! staging name, linked under its key, then file and folder are synced, both at once, for the disk empties its cache for
//! both together; the row is committed by the caller after that; last, the staging name goes. A crash at any point leaves
//! a staging name for [`crate::Blobstore::resolve`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use filmless_model::version::{Digest, VersionId};
use sha2::{Digest as _, Sha256};

use crate::blobstore::BlobstoreError;

/// The staging folder of this process: locked while the process lives, so that another can tell it is in use.
#[derive(Debug)]
pub(crate) struct StagingFolder {
    pub(crate) path: PathBuf,
    /// Names that have served their purpose: the row is committed, or the published blob is gone again.
    settled: Mutex<Vec<PathBuf>>,
    _lock: File,
}

/// The name of the lock in a staging folder.
pub(crate) const LOCK: &str = "lock";

impl StagingFolder {
    /// Makes and locks a folder of our own under `parent`.
    pub(crate) fn create(parent: &Path) -> Result<Self, BlobstoreError> {
        let path = parent.join(VersionId::new().to_string());
        fs::create_dir_all(&path).map_err(BlobstoreError::io("create the staging folder", &path))?;
        let lock_path = path.join(LOCK);
        let lock = File::create(&lock_path).map_err(BlobstoreError::io("create", &lock_path))?;
        lock.lock().map_err(BlobstoreError::io("lock", &lock_path))?;
        Ok(Self { path, settled: Mutex::default(), _lock: lock })
    }

    /// Notes a name that may go; true if none was noted before it.
    pub(crate) fn settle(&self, blob: &SealedBlob) -> bool {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.push(blob.staged.staging_path());
        settled.len() == 1
    }

    /// Removes the names that were noted. Blocks.
    pub(crate) fn sweep(&self) {
        let settled = std::mem::take(&mut *self.settled.lock().unwrap_or_else(PoisonError::into_inner));
        for path in settled {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, path = %path.display(), "cannot remove a staging name; recovery will");
                }
                _ => {}
            }
        }
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        self.sweep();
        // Only an empty folder goes: what is left in it is for recovery to judge.
        let entries = fs::read_dir(&self.path).map_or(0, Iterator::count);
        if entries <= 1 {
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Bytes of a blob that stay in memory before they are written. A blob that is no longer than this and turns out to be
/// known already is never written at all.
const HELD_BYTES: usize = 1 << 20;

/// A blob that is still arriving. Dropping it discards the bytes.
#[derive(Debug)]
pub struct StagedBlob {
    folder: Arc<StagingFolder>,
    version: VersionId,
    held: Vec<u8>,
    file: Option<File>,
    hasher: Sha256,
    length_bytes: u64,
    /// Whether the staging file outlives this value.
    keep: bool,
}

impl StagedBlob {
    pub(crate) fn new(folder: Arc<StagingFolder>) -> Self {
        let version = VersionId::new();
        Self { folder, version, held: Vec::new(), file: None, hasher: Sha256::new(), length_bytes: 0, keep: false }
    }

    /// The version that the bytes will have.
    pub fn version(&self) -> VersionId {
        self.version
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

    pub(crate) fn staging_path(&self) -> PathBuf {
        self.folder.path.join(self.version.to_string())
    }

    /// Writes what is held in memory. Blocks.
    pub fn spill(&mut self) -> Result<(), BlobstoreError> {
        let path = self.staging_path();
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
            self.file.insert(file.map_err(BlobstoreError::io("create", &path))?)
        };
        file.write_all(&self.held).map_err(BlobstoreError::io("write", &path))?;
        self.held.clear();
        Ok(())
    }
}

impl Drop for StagedBlob {
    fn drop(&mut self) {
        if self.file.is_some() && !self.keep {
            let path = self.staging_path();
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(%error, path = %path.display(), "cannot remove a staged blob");
            }
        }
    }
}

/// A blob whose bytes are complete but not yet published. Dropping it discards the bytes.
#[derive(Debug)]
pub struct SealedBlob {
    pub(crate) staged: StagedBlob,
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

    /// The version that the bytes will have.
    pub fn version(&self) -> VersionId {
        self.staged.version
    }

    /// Links the bytes into a folder store, not yet durable.
    pub(crate) fn link(&mut self, target: &Path) -> Result<(), BlobstoreError> {
        self.staged.spill()?;
        let staging_path = self.staged.staging_path();
        // From here on recovery decides about the staging name, whatever happens.
        self.staged.keep = true;
        fs::hard_link(&staging_path, target).map_err(BlobstoreError::io("link", target))
    }

    /// Makes the bytes durable.
    pub(crate) fn sync(&self) -> Result<(), BlobstoreError> {
        let file = self.staged.file.as_ref().expect("link() wrote it");
        file.sync_all().map_err(BlobstoreError::io("sync", &self.staged.staging_path()))
    }

    /// Leaves a staging file that names the version before an upload begins, holding the bytes.
    pub(crate) fn spill_for_upload(&mut self) -> Result<PathBuf, BlobstoreError> {
        self.staged.spill()?;
        self.staged.keep = true;
        Ok(self.staged.staging_path())
    }
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), BlobstoreError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(BlobstoreError::io("sync", folder))
}

/// Makes a folder and those above it, each durable in its parent, up to `root`, which exists.
pub(crate) fn create_folder_durably(root: &Path, folder: &Path) -> Result<(), BlobstoreError> {
    let mut missing = Vec::new();
    let mut at = folder;
    while at != root && !at.exists() {
        missing.push(at);
        let Some(parent) = at.parent() else { break };
        at = parent;
    }
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(BlobstoreError::io("create", folder)(error));
            }
            _ => sync_folder(folder.parent().expect("below root"))?,
        }
    }
    Ok(())
}

/// Reads up to `limit` bytes: an upload's next part.
pub(crate) fn read_part(file: &mut File, limit: usize) -> io::Result<Vec<u8>> {
    let mut part = Vec::with_capacity(limit);
    file.take(limit as u64).read_to_end(&mut part)?;
    Ok(part)
}
