//! PDUs from any bytes, however they are cut: no panic, no growth beyond what came, and the same things either way.
#![no_main]

use bytes::BytesMut;
use filmless_dimse::associate::AssociateRequest;
use filmless_dimse::pdu::{Arrival, PduDecoder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (step, bytes) = input;
    let whole = data_bytes(bytes.len().max(1), bytes);
    let pieces = data_bytes(usize::from(step).max(1), bytes);
    assert_eq!(whole, pieces);
});

/// Data bytes handed out, and how many other things arrived.
fn data_bytes(step: usize, bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut decoder = PduDecoder::new(1024);
    let mut buffer = BytesMut::new();
    let (mut data, mut others) = (Vec::new(), 0);
    for piece in bytes.chunks(step) {
        buffer.extend_from_slice(piece);
        while let Some(arrival) = decoder.next(&mut buffer) {
            match arrival {
                Arrival::Fragment(fragment) => data.extend_from_slice(&fragment.bytes),
                Arrival::AssociateRequest(request) => {
                    let _ = AssociateRequest::decode(&request);
                    others += 1;
                }
                _ => others += 1,
            }
        }
    }
    (data, others)
}
