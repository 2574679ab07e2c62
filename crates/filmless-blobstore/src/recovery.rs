//! After a crash: which blobs may lack a row, and what becomes of them.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use filmless_model::version::VersionId;

use crate::blobstore::BlobstoreError;
use crate::staging::LOCK;

/// What lies in the staging folders under one parent.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    /// Versions that a process which no longer runs was storing, with their staging names.
    pub(crate) abandoned: Vec<(VersionId, PathBuf)>,
    /// Versions that a running process is storing now.
    pub(crate) in_flight: Vec<VersionId>,
    /// Folders of processes that no longer run, with the locks we took on them.
    pub(crate) folders: Vec<(PathBuf, File)>,
}

/// Looks at every staging folder under `parent`.
pub(crate) fn survey(parent: &Path) -> Result<Leftovers, BlobstoreError> {
    let mut leftovers = Leftovers::default();
    let folders = fs::read_dir(parent).map_err(BlobstoreError::io("read", parent))?;
    for folder in folders {
        let folder = folder.map_err(BlobstoreError::io("read", parent))?.path();
        // A folder without a lock is one that its process is just making, or one that is none of ours.
        let Ok(lock) = File::open(folder.join(LOCK)) else { continue };
        let abandoned = match lock.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(BlobstoreError::io("lock", &folder)(error)),
        };
        let names = fs::read_dir(&folder).map_err(BlobstoreError::io("read", &folder))?;
        for name in names {
            let path = name.map_err(BlobstoreError::io("read", &folder))?.path();
            let Some(version) = path.file_name().and_then(|name| name.to_str()).and_then(VersionId::parse) else { continue };
            if abandoned {
                leftovers.abandoned.push((version, path));
            } else {
                leftovers.in_flight.push(version);
            }
        }
        if abandoned {
            leftovers.folders.push((folder, lock));
        }
    }
    Ok(leftovers)
}

/// Removes the folder of a process that no longer runs, if recovery left nothing in it.
pub(crate) fn remove_folder(folder: &Path) {
    let entries = fs::read_dir(folder).map_or(0, Iterator::count);
    if entries <= 1 {
        let _ = fs::remove_file(folder.join(LOCK));
        let _ = fs::remove_dir(folder);
    }
}
