//! Which versions may have a blob but no row: a small file for each process that stores, and what it says after a crash.
//!
//! A line is sixteen bytes at a place of its own: a version, or zeros where none is. A version is synced before it may have
//! a blob. Zeros are not synced: a version that has its row by then is only looked at once more.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use filmless_model::version::VersionId;

use crate::blobstore::BlobstoreError;

/// Bytes of a line.
const LINE_BYTES: usize = 16;
/// How a ledger's name ends.
const EXTENSION: &str = "ledger";

/// The ledger of this process: locked while the process lives, so that others can tell.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    /// Places that hold zeros again.
    free: Vec<u64>,
    /// How many places there are.
    count: u64,
}

/// The line that names a version. Not to be copied: whoever has it may strike it, once.
#[derive(Debug)]
pub(crate) struct Line(u64);

impl Ledger {
    /// Begins a ledger in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self, BlobstoreError> {
        loop {
            let path = folder.join(VersionId::new().to_string()).with_extension(EXTENSION);
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
            let file = file.map_err(BlobstoreError::io("create", &path))?;
            file.lock().map_err(BlobstoreError::io("lock", &path))?;
            // Another process that looked before the lock was taken saw a ledger that nobody holds, and removed it.
            if file.metadata().map_err(BlobstoreError::io("read", &path))?.nlink() > 0 {
                return Ok(Self { path, file, lines: Mutex::default() });
            }
        }
    }

    /// Names versions, durably, before anything of them is written.
    pub(crate) fn enter(&self, versions: &[VersionId]) -> Result<Vec<Line>, BlobstoreError> {
        let taken: Vec<_> = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            let mut take = || {
                lines.free.pop().unwrap_or_else(|| {
                    lines.count += 1;
                    lines.count - 1
                })
            };
            versions.iter().map(|_| Line(take())).collect()
        };
        let entered = versions.iter().zip(&taken).try_for_each(|(version, line)| self.write(line.0, version.as_bytes()));
        entered.and_then(|()| self.file.sync_data()).map_err(BlobstoreError::io("write", &self.path))?;
        Ok(taken)
    }

    /// Forgets a version: it has its row, or its blob is gone.
    pub(crate) fn strike(&self, Line(place): Line) {
        match self.write(place, &[0; LINE_BYTES]) {
            Ok(()) => self.lines.lock().unwrap_or_else(PoisonError::into_inner).free.push(place),
            Err(error) => tracing::warn!(%error, path = %self.path.display(), "cannot write to the ledger; recovery will look"),
        }
    }

    fn write(&self, place: u64, bytes: &[u8; LINE_BYTES]) -> io::Result<()> {
        self.file.write_all_at(bytes, place * LINE_BYTES as u64)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let lines = self.lines.get_mut().unwrap_or_else(PoisonError::into_inner);
        // What still names a version is for recovery to judge.
        if lines.free.len() as u64 == lines.count {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// What the ledgers of a folder say.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Versions that a running process is storing now.
    pub(crate) in_flight: HashSet<VersionId>,
    /// Versions that a process which no longer runs was storing.
    pub(crate) abandoned: HashSet<VersionId>,
    /// Ledgers of processes that no longer run, with the locks we took on them.
    pub(crate) ended: Vec<(PathBuf, File)>,
}

/// Reads every ledger in `folder`.
pub(crate) fn survey(folder: &Path) -> Result<Survey, BlobstoreError> {
    let mut survey = Survey::default();
    for entry in fs::read_dir(folder).map_err(BlobstoreError::io("read", folder))? {
        let path = entry.map_err(BlobstoreError::io("read", folder))?.path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        let mut file = match File::open(&path) {
            Ok(file) => file,
            // Its process ended well this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(BlobstoreError::io("open", &path)(error)),
        };
        let ended = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(BlobstoreError::io("lock", &path)(error)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(BlobstoreError::io("read", &path))?;
        let (lines, _) = bytes.as_chunks::<LINE_BYTES>();
        let versions = lines.iter().filter_map(|line| VersionId::from_bytes(*line));
        if ended {
            survey.abandoned.extend(versions);
            survey.ended.push((path, file));
        } else {
            survey.in_flight.extend(versions);
        }
    }
    Ok(survey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_used_again_and_a_ledger_without_versions_goes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ledger = Ledger::create(folder.path()).expect("a ledger");
        let (first, second) = (VersionId::new(), VersionId::new());
        let line = ledger.enter(&[first]).expect("a line").remove(0);
        assert_eq!(survey(folder.path()).expect("reads").in_flight, HashSet::from([first]));
        ledger.strike(line);
        let line = ledger.enter(&[second]).expect("a line").remove(0);
        assert_eq!(line.0, 0);
        assert_eq!(survey(folder.path()).expect("reads").in_flight, HashSet::from([second]));
        ledger.strike(line);
        drop(ledger);
        assert_eq!(fs::read_dir(folder.path()).expect("reads").count(), 0);
    }

    #[test]
    fn a_ledger_that_nobody_holds_tells_what_was_abandoned() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ledger = Ledger::create(folder.path()).expect("a ledger");
        let version = VersionId::new();
        ledger.enter(&[version]).expect("a line");
        drop(ledger);
        let survey = survey(folder.path()).expect("reads");
        assert_eq!((survey.abandoned, survey.in_flight), (HashSet::from([version]), HashSet::new()));
        assert_eq!(survey.ended.len(), 1);
    }
}
