//! One file: what it is, and storing it piece by piece.

use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use filmless_archive::Archive;
use filmless_archive::store::Incoming;
use filmless_model::actor::Actor;
use filmless_model::store_outcome::{StoreFailure, Stored};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::report::Report;
use super::{media, zip_file};

/// Bytes read at once.
const PIECE_BYTES: usize = 1 << 20;
/// Where a Part 10 file says what it is (PS3.10 section 7.1, DICOM File Meta Information).
const PREFIX_OFFSET: usize = 128;
const PREFIX: &[u8] = b"DICM";
/// How a ZIP file begins.
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// Takes in one file of a folder, and reports how it went.
pub(super) async fn import(archive: &Arc<Archive>, path: &Path, report: &Arc<Report>) {
    let name = path.display();
    let mut file = match tokio::fs::File::open(path).await {
        Ok(file) => file,
        Err(error) => return report.failed(&name, &error.to_string()),
    };
    file.set_max_buf_size(PIECE_BYTES);
    let first = match read_piece(&mut file).await {
        Ok(first) => first,
        Err(error) => return report.failed(&name, &error.to_string()),
    };
    if first.is_empty() {
        return report.skipped(&name, "empty");
    }
    if first.starts_with(ZIP_MAGIC) {
        return zip_file::import(archive, path, report).await;
    }
    if media::is_directory_file(path) || media::is_directory(&first) {
        return media::report(path, report).await;
    }
    let said_to_be_dicom = says_dicom(&first);
    let outcome = store(archive, first, &mut file).await;
    settle(&name, said_to_be_dicom, outcome, report);
}

/// Whether the bytes say that they are a DICOM file.
pub(super) fn says_dicom(first: &[u8]) -> bool {
    first.get(PREFIX_OFFSET..).is_some_and(|rest| rest.starts_with(PREFIX))
}

/// Reports how a store ended. What neither says that it is DICOM nor reads like it, is not.
pub(super) fn settle(name: &dyn std::fmt::Display, said_to_be_dicom: bool, outcome: Result<Stored, Failure>, report: &Report) {
    match outcome {
        Ok(stored) => report.stored(name, &stored),
        Err(Failure::Store(failure @ (StoreFailure::CannotUnderstand(_) | StoreFailure::InvalidSopInstance(_))))
            if !said_to_be_dicom =>
        {
            report.skipped(name, &format!("not DICOM: it has no prefix, and read without one: {failure}"));
        }
        Err(Failure::Store(failure)) => report.failed(name, &failure.to_string()),
        Err(Failure::Read(why)) => report.failed(name, &why),
    }
}

/// Why an instance could not be taken in.
pub(super) enum Failure {
    /// The archive refused it.
    Store(StoreFailure),
    /// It could not be read to its end.
    Read(String),
}

impl From<StoreFailure> for Failure {
    fn from(failure: StoreFailure) -> Self {
        Self::Store(failure)
    }
}

/// Begins to store an instance.
pub(super) fn begin(archive: &Arc<Archive>) -> Result<Incoming, StoreFailure> {
    archive.begin_store_file(&Actor::Operator, None)
}

async fn store(archive: &Arc<Archive>, first: Bytes, rest: &mut (impl AsyncRead + Unpin)) -> Result<Stored, Failure> {
    let mut incoming = begin(archive)?;
    let mut piece = first;
    while !piece.is_empty() {
        incoming.write(piece).await?;
        piece = read_piece(rest).await.map_err(|error| Failure::Read(error.to_string()))?;
    }
    Ok(incoming.finish().await?)
}

/// The next piece of a file; empty at its end.
async fn read_piece(file: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Bytes> {
    let mut piece = BytesMut::with_capacity(PIECE_BYTES);
    while piece.len() < PIECE_BYTES && file.read_buf(&mut piece).await? > 0 {}
    Ok(piece.freeze())
}
