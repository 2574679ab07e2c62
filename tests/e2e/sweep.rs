//! Every file of the larger collection, where it stands beside the clone: imported or refused with a stated reason, and
//! what was imported comes back as it was, with the metadata and the frames that pydicom reads from it.

use std::path::{Path, PathBuf};

use filmless_testkit::repository::{files_below, root};
use filmless_testkit::site::Site;

use crate::dicomweb::{DECODED_BY_PYDICOM, assert_comes_back, distinct, is_no_instance};
use crate::peers;

pub(crate) fn collection() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/dicom");
    folder.join("INDEX.tsv").exists().then_some(folder)
}

/// Its folders but for that of files that are meant to be broken.
pub(crate) fn well_formed(collection: &Path) -> Vec<PathBuf> {
    let folders = std::fs::read_dir(collection).expect("the collection can be read");
    let mut folders: Vec<_> = folders.map(|entry| entry.expect("the collection can be read").path()).collect();
    folders.retain(|path| path.is_dir() && !path.ends_with("malformed"));
    folders.sort();
    folders
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_of_the_collection_is_imported_or_refused_with_a_reason() {
    let Some(collection) = collection() else {
        eprintln!("SKIPPED: ../shared/dicom is not there; testdata/ is swept by other tests");
        return;
    };
    let site = Site::embedded();
    let folders = well_formed(&collection);
    let mut arguments = vec!["import"];
    arguments.extend(folders.iter().map(|path| path.to_str().expect("a printable path")));
    let finished = site.run(&arguments).await;
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(matches!(finished.code, Some(0 | 1)), "{said}");

    let server = site.serve().await;
    let files: Vec<_> = folders.iter().flat_map(|folder| files_below(folder)).collect();
    let (mut came_back, mut pictures) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for (file, part10) in distinct(files) {
        let found = server.search(&format!("instances?SOPInstanceUID={}", part10.sop_instance)).await;
        if found.is_empty() {
            let name = file.file_name().expect("a file has a name").to_str().expect("a printable name");
            assert!(said.contains(name), "{}: neither stored nor refused with a reason", file.display());
            refused.push(file);
        } else {
            assert_comes_back(&server, &file, &part10).await;
            if found[0].get("00280010").is_some() && DECODED_BY_PYDICOM.contains(&part10.transfer_syntax.as_str()) {
                pictures.push(file.clone());
            }
            came_back.push(file);
        }
    }
    eprintln!("{} files came back byte for byte; refused: {refused:?}", came_back.len());
    assert!(refused.iter().all(|file| is_no_instance(file)), "refused: {refused:?}");
    assert!(came_back.len() > 280, "only {} files came back", came_back.len());

    let arguments = [server.dicomweb(), server.token.clone()];
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let told = peers::interop("metadata.py", &arguments, &came_back).await;
    assert_eq!(told, serde_json::json!({"same": came_back.len(), "differing": []}), "{told:#}");
    let told = peers::interop("frames.py", &arguments, &pictures).await;
    assert_eq!(told["differing"], serde_json::json!([]), "{told:#}");
    assert!(told["decoded"].as_u64() > Some(1000), "{told:#}");
    // Segments of single bits in RLE.
    let unreadable = told["unreadable"].as_array().expect("a list");
    assert!(unreadable.iter().all(|file| file.as_str().is_some_and(|file| file.contains("liver_rle"))), "{unreadable:#?}");
    let told = peers::interop("rendered.py", &arguments, &pictures).await;
    assert_eq!(told["differing"], serde_json::json!([]), "{told:#}");
    assert!(told["compared"].as_u64() > Some(150), "{told:#}");
    site.check_is_clean().await;
}
