//! Any XML becomes a data set that can be laid out, or is refused, within its bounds.
#![no_main]

use filmless_dicom::compose::{Budget, ComposeLimits};
use filmless_dicomweb::dicom_xml::reader::read_document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|xml: &[u8]| {
    let limits = ComposeLimits { max_depth: 16, max_values: 10_000 };
    if let Ok(mut data_set) = read_document(xml, &mut Budget::new(limits)) {
        let _ = data_set.lay_out(&|_| None);
    }
});
