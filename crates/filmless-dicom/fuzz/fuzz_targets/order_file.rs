//! Any file is read as orders: within bounds, and what is an order is the same order once it was written and read again.
#![no_main]

use filmless_dicom::order_file::{draft, json, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(orders) = read(file) else { return };
    for order in orders.into_iter().filter_map(|read| read.ok()?.order().ok()) {
        let mut written = json(&order);
        for step in written["steps"].as_array_mut().into_iter().flatten() {
            step.as_object_mut().expect("a step is an object").remove("status");
        }
        assert_eq!(draft(&written, 1).and_then(|draft| draft.order()), Ok(order));
    }
});
