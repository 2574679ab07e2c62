//! The worker's parsing of requests and greetings: any bytes are one or are not, and what is one survives a round trip.
#![no_main]

use filmless_codecs::protocol::{Greeting, decode_request, encode_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((spec, codestream)) = decode_request(bytes) {
        let again = [encode_request(&spec).as_slice(), codestream].concat();
        assert_eq!(decode_request(&again), Some((spec, codestream)));
    }
    if let Some(greeting) = Greeting::decode(bytes) {
        assert_eq!(greeting.encode(), bytes);
    }
});
