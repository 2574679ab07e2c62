//! Any data set is read as a report: within its bounds, and with every item where its place says.
#![no_main]

use filmless_dicom::report::{ContentItem, Report};
use filmless_dicom_fuzz::data_set;
use libfuzzer_sys::fuzz_target;

/// Counts an item and those below.
fn count(item: &ContentItem) -> usize {
    1 + item.children.iter().map(count).sum::<usize>()
}

fuzz_target!(|file: &[u8]| {
    let Some(header) = data_set(file) else { return };
    let report = Report::read(&header);
    assert!(count(&report.root) <= 20_000);
    assert!(report.evidence.iter().all(|(uid, address)| *uid == address.instance));
    let mut item = &report.root;
    loop {
        assert_eq!(report.find(&item.place), Some(item));
        let Some(below) = item.children.last() else { break };
        assert!(below.place.starts_with(&item.place));
        item = below;
    }
});
