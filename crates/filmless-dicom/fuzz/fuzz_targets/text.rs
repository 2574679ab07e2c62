//! Bytes of any character set become text, and its search form does not change when it is folded again.
#![no_main]

use filmless_dicom::text::{SpecificCharacterSet, fold};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (charset, bytes) = input;
    let (charset, _) = SpecificCharacterSet::parse(charset);
    let (text, _) = charset.decode(bytes);
    let folded = fold(&text);
    assert_eq!(fold(&folded), folded);
});
