//! Any Accept is read without panic, and one that asks for nothing readable gets the default.
#![no_main]

use filmless_dicomweb::media_type::{Acceptable, MediaType, Offer, Packaging};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let offers: Vec<_> = [Packaging::Multipart, Packaging::Single]
        .into_iter()
        .flat_map(|packaging| ["application/dicom", "image/jp2"].map(|essence| Offer::plain(packaging, essence)))
        .collect();
    let acceptable = Acceptable::parse(text);
    let chosen = acceptable.choose(&offers);
    if acceptable == Acceptable::default() {
        assert_eq!(chosen, offers.first());
    }
    let _ = MediaType::parse(text);
});
