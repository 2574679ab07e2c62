//! Command sets from any bytes: no panic, and what is read is written and read again as the same.
#![no_main]

use bytes::Bytes;
use filmless_dimse::command::{CommandSet, CommandTag};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(command) = CommandSet::decode(Bytes::copy_from_slice(bytes)) else { return };
    let _ = (command.field(), command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID));
    // Group lengths are dropped and written anew, so it may grow beyond what is read.
    if let Ok(again) = CommandSet::decode(command.encode().into()) {
        for element in 0..=0x1031 {
            assert_eq!(again.value(CommandTag(element)), command.value(CommandTag(element)));
        }
    }
});
