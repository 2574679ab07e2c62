//! The readers of codestream headers, which see hostile bytes before any decoder does.
#![no_main]

use filmless_codecs::codestream::{Jpeg2000Header, JpegHeader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = JpegHeader::read(bytes);
    let _ = Jpeg2000Header::read(bytes);
});
