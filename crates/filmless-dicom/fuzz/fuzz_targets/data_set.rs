//! A data set of any bytes, in a transfer syntax that the first byte chooses, is read or refused without panic.
#![no_main]

use filmless_dicom::data_set::read_header;
use filmless_model::uid::TransferSyntaxUid;
use libfuzzer_sys::fuzz_target;

const SYNTAXES: [&str; 5] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.50",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, data_set)) = bytes.split_first() else { return };
    let uid = SYNTAXES[usize::from(*first) % SYNTAXES.len()];
    let transfer_syntax = TransferSyntaxUid::parse(uid).expect("the standard's UIDs are UIDs");
    // Either is right; what counts is that the call returns.
    let _ = read_header(data_set, &transfer_syntax);
});
