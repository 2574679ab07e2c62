//! The file of a blob that is still being written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rustix::fs::{OFlags, fcntl_setfl};

use crate::blobstore::BlobstoreError;
use crate::pieces::Piece;
use crate::reserve::{Reserve, Reserved};

/// What of a blob is written, and its file. Dropping it gives the file back, empty. All of it blocks.
#[derive(Debug)]
pub(crate) struct Draft {
    reserve: Arc<Reserve>,
    /// Absent until something is written, and once it is complete.
    reserved: Option<Reserved>,
    length_bytes: u64,
}

impl Draft {
    pub(crate) fn new(reserve: Arc<Reserve>) -> Self {
        Self { reserve, reserved: None, length_bytes: 0 }
    }

    /// Writes what comes next. Of all pieces of a blob only the last may be less than full.
    pub(crate) fn write(&mut self, pieces: &[Piece]) -> Result<(), BlobstoreError> {
        for piece in pieces {
            let reserved = match &self.reserved {
                Some(reserved) => reserved,
                None => self.reserved.insert(self.reserve.take()?),
            };
            write_at(&reserved.file, piece, self.length_bytes, self.reserve.is_read_at_once())
                .map_err(|error| BlobstoreError::io("write", &self.reserve.path(reserved.version))(error))?;
            self.length_bytes += piece.bytes().len() as u64;
        }
        Ok(())
    }

    /// All bytes are in the file.
    pub(crate) fn complete(mut self) -> Result<Reserved, BlobstoreError> {
        match self.reserved.take() {
            Some(reserved) => Ok(reserved),
            // A blob without bytes.
            None => self.reserve.take(),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(reserved) = self.reserved.take() {
            self.reserve.give_back(reserved);
        }
    }
}

/// Writes a piece: past the page cache if it is a full one, where the file system can do that. The processor then copies
/// nothing, no memory has to be found, and the disk has the bytes before the sync that somebody waits for.
fn write_at(file: &File, piece: &Piece, place: u64, is_read_at_once: bool) -> io::Result<()> {
    if piece.is_full() && !is_read_at_once && goes_past_page_cache(file, true) {
        let written = file.write_all_at(piece.bytes(), place);
        goes_past_page_cache(file, false);
        match written {
            // A disk with larger blocks.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
            other => return other,
        }
    }
    file.write_all_at(piece.bytes(), place)
}

/// Says whether what is written goes past the page cache (`O_DIRECT`). False if the file system has no such thing.
fn goes_past_page_cache(file: &File, does: bool) -> bool {
    fcntl_setfl(file, if does { OFlags::DIRECT } else { OFlags::empty() }).is_ok()
}
