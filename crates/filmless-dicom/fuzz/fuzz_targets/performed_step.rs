//! Any bytes create, change and give a procedure step, or are refused, without panic. The first half creates, the second changes.
#![no_main]

use filmless_dicom::performed_step::{attributes, change, create};
use filmless_model::performed_step::StepMessage;
use filmless_model::uid::{SopInstanceUid, TransferSyntaxUid};
use libfuzzer_sys::fuzz_target;

const SYNTAXES: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let uid = SYNTAXES[usize::from(*first) % SYNTAXES.len()];
    let transfer_syntax = TransferSyntaxUid::parse(uid).expect("the standard's UIDs are UIDs");
    let (creating, changing) = rest.split_at(rest.len() / 2);
    let message = |data_set: &[u8]| StepMessage { transfer_syntax: transfer_syntax.clone(), data_set: data_set.to_vec() };
    let (creating, changing) = (message(creating), message(changing));
    let step = SopInstanceUid::parse("1.2").expect("a UID");
    if let Ok(mut step) = create(step, "fuzz", &creating, 0) {
        let _ = change(&mut step, &changing, 1);
    }
    let _ = attributes(&[creating, changing], &[], &transfer_syntax);
});
