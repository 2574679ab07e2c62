//! The worker's parsing of requests and greetings: any bytes are one or are not, and what is one survives a round trip.
#![no_main]

use filmless_codecs::protocol::{Greeting, decode_request, encode_request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((operation, spec, body)) = decode_request(bytes) {
        let again = [encode_request(operation, &spec).as_slice(), body].concat();
        assert_eq!(decode_request(&again), Some((operation, spec, body)));
    }
    if let Some(greeting) = Greeting::decode(bytes) {
        assert_eq!(greeting.encode(), bytes);
    }
});
