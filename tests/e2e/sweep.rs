//! Every file of the larger collection, where it stands beside the clone: imported or refused with a stated reason, and
//! what was imported comes back as it was.

use std::path::PathBuf;

use filmless_testkit::repository::{files_below, root};
use filmless_testkit::site::Site;

use crate::dicomweb::{assert_comes_back, distinct, is_no_instance};

fn collection() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/dicom");
    folder.join("INDEX.tsv").exists().then_some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_of_the_collection_is_imported_or_refused_with_a_reason() {
    let Some(collection) = collection() else {
        eprintln!("SKIPPED: ../shared/dicom is not there; testdata/ is swept by other tests");
        return;
    };
    let site = Site::embedded();
    let folders = std::fs::read_dir(&collection).expect("the collection can be read");
    let mut folders: Vec<_> = folders.map(|entry| entry.expect("the collection can be read").path()).collect();
    folders.retain(|path| path.is_dir() && !path.ends_with("malformed"));
    folders.sort();
    let mut arguments = vec!["import"];
    arguments.extend(folders.iter().map(|path| path.to_str().expect("a printable path")));
    let finished = site.run(&arguments).await;
    let said = format!("{}{}", finished.stdout, finished.stderr);
    assert!(matches!(finished.code, Some(0 | 1)), "{said}");

    let server = site.serve().await;
    let files: Vec<_> = folders.iter().flat_map(|folder| files_below(folder)).collect();
    let mut came_back = 0;
    let mut refused = Vec::new();
    for (file, part10) in distinct(files) {
        let found = server.search(&format!("instances?SOPInstanceUID={}", part10.sop_instance)).await;
        if found.is_empty() {
            let name = file.file_name().expect("a file has a name").to_str().expect("a printable name");
            assert!(said.contains(name), "{}: neither stored nor refused with a reason", file.display());
            refused.push(file);
        } else {
            assert_comes_back(&server, &file, &part10).await;
            came_back += 1;
        }
    }
    eprintln!("{came_back} files came back byte for byte; refused: {refused:?}");
    assert!(refused.iter().all(|file| is_no_instance(file)), "refused: {refused:?}");
    assert!(came_back > 280, "only {came_back} files came back");
    site.check_is_clean().await;
}
