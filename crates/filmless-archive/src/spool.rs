//! Keeps bytes until all of them are there, a little in memory, the rest in a file without a name: bulk data of a store request
//! until its instance can be put together, a transcoded data set until it is known to be whole.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use filmless_blobstore::{Blobstore, BlobstoreError};
use filmless_model::actor::{Act, Actor};
use filmless_model::frame::ByteRange;
use filmless_model::store_outcome::StoreFailure;

use crate::archive::Archive;

/// Bytes that wait in memory before they are written.
const HELD_BYTES: usize = 1 << 20;

impl Archive {
    /// Begins to keep bulk data for an actor who may store.
    pub fn spool(&self, actor: &Actor) -> Result<Spool, StoreFailure> {
        self.permit(actor, Act::Store).map_err(|_| StoreFailure::NotAuthorised)?;
        Ok(Spool::new(self.blobstore.clone()))
    }
}

/// Bytes one behind the other. Dropping it discards them.
#[derive(Debug)]
pub struct Spool {
    blobstore: Blobstore,
    file: Option<Arc<File>>,
    /// Bytes in the file.
    written: u64,
    /// Bytes behind those in the file.
    held: Vec<u8>,
    /// Bytes were lost in writing: no place behind them is right any more.
    is_broken: bool,
}

impl Spool {
    pub(crate) fn new(blobstore: Blobstore) -> Self {
        Self { blobstore, file: None, written: 0, held: Vec::new(), is_broken: false }
    }

    /// Where the next byte goes.
    pub fn end(&self) -> u64 {
        self.written + self.held.len() as u64
    }

    /// Keeps bytes.
    pub async fn append(&mut self, bytes: &[u8]) -> Result<(), StoreFailure> {
        if self.is_broken {
            return Err(no_room());
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() < HELD_BYTES {
            return Ok(());
        }
        self.is_broken = true;
        let (held, file, blobstore, at) =
            (std::mem::take(&mut self.held), self.file.take(), self.blobstore.clone(), self.written);
        let writing = tokio::task::spawn_blocking(move || {
            let file = match file {
                Some(file) => file,
                None => Arc::new(blobstore.scratch()?),
            };
            file.write_all_at(&held, at).map(|()| (held, file)).map_err(SpoolError::Io)
        });
        let (mut held, file) = finished(writing.await)?;
        self.written += held.len() as u64;
        held.clear();
        (self.held, self.file, self.is_broken) = (held, Some(file), false);
        Ok(())
    }

    /// Reads a range, which is short enough to be held.
    pub async fn read(&self, range: ByteRange) -> Result<Bytes, StoreFailure> {
        let length = usize::try_from(range.length).map_err(|_| no_room())?;
        if range.offset >= self.written {
            let start = usize::try_from(range.offset - self.written).map_err(|_| no_room())?;
            let found = self.held.get(start..).and_then(|held| held.get(..length));
            return found.map(Bytes::copy_from_slice).ok_or_else(no_room);
        }
        let in_file = usize::try_from(self.written - range.offset).unwrap_or(usize::MAX).min(length);
        let behind = self.held.get(..length - in_file).ok_or_else(no_room)?;
        let file = self.file.clone().ok_or_else(no_room)?;
        let reading = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; in_file];
            file.read_exact_at(&mut bytes, range.offset).map(|()| bytes).map_err(SpoolError::Io)
        });
        let mut bytes = finished(reading.await)?;
        bytes.extend_from_slice(behind);
        Ok(bytes.into())
    }

    /// Forgets all bytes, and gives their room back.
    pub fn clear(&mut self) {
        self.held.clear();
        self.written = 0;
        if let Some(file) = self.file.take() {
            // To free many blocks takes a while.
            tokio::task::spawn_blocking(move || drop(file));
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum SpoolError {
    #[error(transparent)]
    Blobstore(#[from] BlobstoreError),
    #[error("cannot keep bulk data")]
    Io(#[source] std::io::Error),
}

fn finished<T>(result: Result<Result<T, SpoolError>, tokio::task::JoinError>) -> Result<T, StoreFailure> {
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot keep bytes in the staging folder");
            Err(no_room())
        }
        Err(error) => {
            tracing::error!(%error, "keeping bulk data panicked");
            Err(no_room())
        }
    }
}

fn no_room() -> StoreFailure {
    StoreFailure::OutOfResources("cannot keep bulk data".to_owned())
}
