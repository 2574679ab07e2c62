//! Requests for storage commitment from any bytes, however they are cut: no panic, and what is read is written and read again as
//! the same.
#![no_main]

use filmless_dicom::commitment::{RequestReader, write_result};
use filmless_model::uid::TransferSyntaxUid;
use libfuzzer_sys::fuzz_target;

const SYNTAXES: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];

fuzz_target!(|bytes: &[u8]| {
    let [first, step, data_set @ ..] = bytes else { return };
    let uid = SYNTAXES[usize::from(*first) % SYNTAXES.len()];
    let transfer_syntax = TransferSyntaxUid::parse(uid).expect("the standard's UIDs are UIDs");
    let read = |bytes: &[u8], step: usize| {
        let mut reader = RequestReader::new(&transfer_syntax);
        bytes.chunks(step).try_for_each(|piece| reader.push(piece))?;
        reader.finish()
    };
    let Ok((transaction, references)) = read(data_set, usize::from(*step) + 1) else { return };
    let written = write_result(&transaction, "FILMLESS", &references, &[], &transfer_syntax);
    assert_eq!(read(&written, 4096), Ok((transaction, references)));
});
