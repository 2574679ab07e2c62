//! Files that are made before they are needed.
//!
//! To make the name of a file durable, and the line of the ledger that names it, costs a flush of the disk each. So both are
//! done for several files at once, empty ones, and an instance that comes takes one of them and syncs its bytes alone.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use filmless_model::version::VersionId;

use crate::blobstore::{BlobstoreError, remove_if_there};
use crate::key::BlobKey;
use crate::ledger::{Ledger, Line};

/// Files made at once.
const BATCH: usize = 32;
/// With so many left the next are made, while instances take these.
const LOW: usize = BATCH / 2;
/// After so long without an instance the files go again.
const IDLE: Duration = Duration::from_secs(60);

/// An empty file under the key of a version, durable, named by the ledger.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) version: VersionId,
    pub(crate) file: File,
    pub(crate) line: Line,
}

/// The files that wait.
#[derive(Debug)]
pub(crate) struct Reserve {
    /// The folder that keys are below.
    root: PathBuf,
    ledger: Ledger,
    ready: Mutex<Ready>,
    /// Held by whoever makes files.
    making: Mutex<()>,
}

#[derive(Debug, Default)]
struct Ready {
    files: VecDeque<Reserved>,
    /// Whether one was taken since the watch looked last.
    in_use: bool,
    /// Whether a watch is there that will remove files that nobody takes.
    watched: bool,
    /// Whether no more are made ahead.
    closed: bool,
}

impl Reserve {
    pub(crate) fn new(root: PathBuf, ledger: Ledger) -> Arc<Self> {
        Arc::new(Self { root, ledger, ready: Mutex::default(), making: Mutex::default() })
    }

    /// Where the bytes of a version are written.
    pub(crate) fn path(&self, version: VersionId) -> PathBuf {
        self.root.join(BlobKey::Instance(version).path().as_ref())
    }

    /// Takes a file. Blocks where files must be made first.
    pub(crate) fn take(self: &Arc<Self>) -> Result<Reserved, BlobstoreError> {
        loop {
            if let Some(reserved) = self.pop() {
                return Ok(reserved);
            }
            let _making = lock(&self.making);
            if lock(&self.ready).files.is_empty() {
                self.make()?;
            }
        }
    }

    /// Forgets a version: it has its row, or its file is gone.
    pub(crate) fn forget(&self, line: Line) {
        self.ledger.strike(line);
    }

    /// Removes a file that is not wanted, and forgets its version. Blocks.
    pub(crate) fn discard(&self, version: VersionId, line: Line) {
        match remove_if_there(&self.path(version)) {
            Ok(()) => self.forget(line),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "a file that is not wanted stays; recovery will remove it");
            }
        }
    }

    /// The file that waits longest, if it lies in the folder of today.
    fn pop(self: &Arc<Self>) -> Option<Reserved> {
        let today = folder(&self.path(VersionId::new())).to_owned();
        loop {
            let (reserved, left) = {
                let mut ready = lock(&self.ready);
                ready.in_use = true;
                (ready.files.pop_front()?, ready.files.len())
            };
            if left == LOW {
                let reserve = self.clone();
                tokio::task::spawn_blocking(move || {
                    let _making = lock(&reserve.making);
                    if lock(&reserve.ready).closed {
                        return;
                    }
                    if let Err(error) = reserve.make() {
                        tracing::warn!(error = &error as &dyn std::error::Error, "cannot make files ahead");
                    }
                });
            }
            if folder(&self.path(reserved.version)) == today {
                return Some(reserved);
            }
            self.discard(reserved.version, reserved.line);
        }
    }

    /// Makes a batch of files. Blocks.
    fn make(self: &Arc<Self>) -> Result<(), BlobstoreError> {
        let versions: Vec<_> = (0..BATCH).map(|_| VersionId::new()).collect();
        let paths: Vec<_> = versions.iter().map(|version| self.path(*version)).collect();
        // More than one only at midnight.
        let folders: HashSet<_> = paths.iter().map(|path| folder(path)).collect();
        for folder in &folders {
            create_folder_durably(&self.root, folder)?;
        }
        let mut made = VecDeque::with_capacity(BATCH);
        let lines = self.ledger.enter(&versions)?;
        let mut failed = None;
        for ((version, path), line) in versions.into_iter().zip(&paths).zip(lines) {
            match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
                Ok(file) => made.push_back(Reserved { version, file, line }),
                Err(error) => {
                    self.forget(line);
                    failed = Some(BlobstoreError::io("create", path)(error));
                }
            }
        }
        if failed.is_none() {
            failed = folders.iter().find_map(|folder| sync_folder(folder).err());
        }
        if let Some(error) = failed {
            for reserved in made {
                self.discard(reserved.version, reserved.line);
            }
            return Err(error);
        }
        let mut ready = lock(&self.ready);
        ready.files.append(&mut made);
        if !std::mem::replace(&mut ready.watched, true) {
            tokio::spawn(watch(Arc::downgrade(self)));
        }
        Ok(())
    }

    /// Removes the files, once whoever makes some is done, and makes no more ahead. Blocks.
    pub(crate) fn close(&self) {
        let _making = lock(&self.making);
        lock(&self.ready).closed = true;
        self.discard_all();
    }

    fn discard_all(&self) {
        let files = std::mem::take(&mut lock(&self.ready).files);
        for reserved in files {
            self.discard(reserved.version, reserved.line);
        }
    }
}

/// Removes the files once no instance comes any more.
async fn watch(reserve: Weak<Reserve>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(reserve) = reserve.upgrade() else { return };
        let in_use = {
            let mut ready = lock(&reserve.ready);
            ready.watched = std::mem::take(&mut ready.in_use);
            ready.watched
        };
        if !in_use {
            tokio::task::spawn_blocking(move || reserve.discard_all()).await.expect("removing files does not panic");
            return;
        }
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        self.discard_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn folder(path: &Path) -> &Path {
    path.parent().expect("a key has a folder")
}

/// Makes the entries of a folder durable.
fn sync_folder(folder: &Path) -> Result<(), BlobstoreError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(BlobstoreError::io("sync", folder))
}

/// Makes a folder and those above it, each durable in its parent, up to `root`, which exists.
fn create_folder_durably(root: &Path, folder: &Path) -> Result<(), BlobstoreError> {
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
