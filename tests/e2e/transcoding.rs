//! Instances in transfer syntaxes that they are not stored in, as readers of other makers see them.

use std::path::PathBuf;

use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::site::Site;

use crate::dicomweb::{is_no_instance, store_each};
use crate::peers;

/// What pydicom decodes to the very samples that every other decoder gives.
pub(crate) const LOSSLESS: [&str; 9] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
];

/// Files longer than this are cines, or one image among many of its size.
const MAX_FILE_BYTES: u64 = 3 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_instances_are_transcoded_into_decodes_to_the_same_samples() {
    let mut files = Vec::new();
    let folders =
        ["transfer-syntaxes", "us", "sc", "mr", "cr-dx", "ct", "wsi", "nm-pt", "op", "rt", "seg", "multiframe-synthetic"];
    for folder in folders {
        files.extend(files_below(&testdata(&format!("dicom/{folder}"))));
    }
    let short = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() <= MAX_FILE_BYTES);
    let files = files.into_iter().filter(short).filter_map(|path| Part10::read(&path).map(|file| (path, file)));
    let mut files: Vec<_> = files.filter(|(path, file)| !is_no_instance(path) && file.names_its_data_set()).collect();
    files.retain(|(_, file)| LOSSLESS.contains(&file.transfer_syntax.as_str()));
    let site = Site::embedded();
    let server = site.serve().await;
    let folder = site.scratch();
    let paths = store_each(&server, &folder, files).await;
    let scratch = folder.to_str().expect("a printable path");
    let told = peers::interop("transcoding.py", &[&server.dicomweb(), &server.token, scratch], &paths).await;
    assert_eq!(told["differing"], serde_json::json!([]), "{told:#}");
    assert!(told["transcoded"].as_u64() > Some(60) && told["by_dcmtk"].as_u64() > Some(30), "{told:#}");
}
