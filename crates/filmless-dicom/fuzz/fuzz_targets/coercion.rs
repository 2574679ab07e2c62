//! Rules are read from anything, and are the same once written and read again; the header of a copy is made of any bytes, and
//! what is made is read as the same header once more.
#![no_main]

use filmless_dicom::coercion::{PeerCoercion, Provenance, coercion_of, copied_head};
use filmless_dicom::header::{HeaderLimits, HeaderReader};
use filmless_model::uid::TransferSyntaxUid;
use libfuzzer_sys::fuzz_target;

const SYNTAXES: [&str; 3] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"];

fuzz_target!(|input: (&str, u8, &[u8])| {
    let (rules, syntax, head) = input;
    let Ok(rules) = PeerCoercion::from_json(rules) else { return };
    assert_eq!(PeerCoercion::from_json(&rules.to_json()).expect("it was rules"), rules);
    let syntax = TransferSyntaxUid::parse(SYNTAXES[usize::from(syntax) % SYNTAXES.len()]).expect("a UID");
    let reader = || HeaderReader::new(&syntax, 0, HeaderLimits::default()).gathering(rules.character_set, rules.wanted());
    let mut reading = reader();
    if reading.push(head).is_err() {
        return;
    }
    let coercion = coercion_of(&rules, &reading.gathered());
    let provenance = Provenance { source: "CT1", system: "FILMLESS", at_ms: 0 };
    if let Ok(copied) = copied_head(head, &syntax, &coercion, provenance) {
        assert!(copied.end <= head.len());
        let _ = reader().push(&copied.bytes);
    }
});
