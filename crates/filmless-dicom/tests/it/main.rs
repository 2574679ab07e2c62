//! Integration tests of filmless-dicom: real and hostile files, whole.

mod corpus;
mod pixels;
mod presenting;
mod streams;

use std::path::{Path, PathBuf};

use filmless_dicom::file_meta::FileMetaReader;
use filmless_dicom::header::{Header, HeaderError, HeaderLimits, HeaderReader};
use filmless_dicom::json;

/// testdata/ of the repository.
fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Reads a whole file, pushed in pieces of this size.
fn read_file(bytes: &[u8], piece: usize) -> Result<Header, HeaderError> {
    let mut meta = FileMetaReader::new();
    let mut pieces = bytes.chunks(piece);
    let mut start = None;
    for piece in pieces.by_ref() {
        start = meta.push(piece)?;
        if start.is_some() {
            break;
        }
    }
    let start = match start {
        Some(start) => start,
        None => meta.finish()?,
    };
    let mut header = HeaderReader::new(&start.transfer_syntax, start.data_set_offset, HeaderLimits::default());
    header.push(&start.rest)?;
    for piece in pieces {
        header.push(piece)?;
    }
    header.finish()
}

/// The DICOM JSON of a header.
fn json_of(header: &Header) -> serde_json::Value {
    let json = json::decompress(&header.dicom_json).expect("it was just compressed");
    serde_json::from_slice(&json).expect("what is written is JSON")
}
