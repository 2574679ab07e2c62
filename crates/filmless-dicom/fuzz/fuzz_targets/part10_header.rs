//! A Part 10 file of any bytes is read or refused: no panic, JSON that parses, frames within the file, and the same
//! answer whether the file comes whole or in pieces.
#![no_main]

use filmless_dicom::file_meta::FileMetaReader;
use filmless_dicom::header::{Header, HeaderError, HeaderLimits, HeaderReader};
use filmless_dicom::json;
use filmless_model::frame::FrameNumber;
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8], piece: usize) -> Result<Header, HeaderError> {
    let mut meta = FileMetaReader::new();
    let mut pieces = bytes.chunks(piece);
    let mut start = None;
    while start.is_none() {
        let Some(bytes) = pieces.next() else { break };
        start = meta.push(bytes)?;
    }
    let start = match start {
        Some(start) => start,
        None => meta.finish()?,
    };
    let mut header = HeaderReader::new(&start.transfer_syntax, start.data_set_offset, HeaderLimits::default());
    header.push(&start.rest)?;
    for bytes in pieces {
        header.push(bytes)?;
    }
    header.finish()
}

fuzz_target!(|bytes: &[u8]| {
    let whole = read(bytes, usize::MAX);
    let pieces = read(bytes, 1 + bytes.len() % 61);
    assert_eq!(whole.is_ok(), pieces.is_ok());
    let Ok(header) = whole else { return };
    assert_eq!(Ok(&header), pieces.as_ref());
    let json = json::decompress(&header.dicom_json).expect("it was just compressed");
    serde_json::from_slice::<serde_json::Value>(&json).expect("what is written is JSON");
    for frame in (1..=header.frames.count()).take(1000) {
        let location = FrameNumber::new(frame).and_then(|frame| header.frames.locate(frame)).expect("it is counted");
        for range in location.ranges {
            assert!(range.offset + range.length <= bytes.len() as u64);
        }
    }
});
