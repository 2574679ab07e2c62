//! Taking in files, folders and ZIP files.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use filmless_server::commands::import::{Report, Tally, import_paths};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::site::Site;

/// Licensed samples of the repository.
fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/dicom/volume-ct-head-phantom")
}

/// Some plain files below a folder, in order.
fn some_files(folder: &Path, count: usize) -> Vec<PathBuf> {
    let mut waiting = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "dcm") {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(count);
    files
}

async fn import(site: &Site, paths: &[PathBuf]) -> Tally {
    import_paths(&site.archive, paths, 4, Report::quiet()).await.expect("an import runs")
}

#[tokio::test]
async fn a_folder_is_taken_in_once_and_what_is_not_dicom_is_passed_by() {
    let site = Site::new().await;
    let folder = site.folder.path().join("in");
    std::fs::create_dir_all(folder.join("deep/er")).expect("ours");
    let files = some_files(&samples(), 5);
    assert_eq!(files.len(), 5);
    for (number, file) in files.iter().enumerate() {
        std::fs::copy(file, folder.join(format!("deep/er/{number}"))).expect("ours");
    }
    std::fs::write(folder.join("readme.txt"), "Dear colleague, here are the images.").expect("ours");
    std::fs::write(folder.join("empty"), "").expect("ours");
    let first = import(&site, std::slice::from_ref(&folder)).await;
    assert_eq!(first, Tally { stored: 5, skipped: 2, ..Tally::default() });
    let again = import(&site, &[folder]).await;
    assert_eq!(again, Tally { known: 5, skipped: 2, ..Tally::default() });
}

#[tokio::test]
async fn a_zip_file_is_taken_in_like_a_folder_and_a_broken_instance_is_a_failure() {
    let site = Site::new().await;
    let files = some_files(&samples(), 3);
    let path = site.folder.path().join("study.zip");
    let mut writer = ZipWriter::new(File::create(&path).expect("ours"));
    for (number, file) in files.iter().enumerate() {
        writer.start_file(format!("images/{number}"), SimpleFileOptions::default()).expect("a legal entry");
        writer.write_all(&std::fs::read(file).expect("a sample")).expect("ours");
    }
    writer.start_file("notes.txt", SimpleFileOptions::default()).expect("a legal entry");
    writer.write_all(b"nothing to see").expect("ours");
    writer.start_file("cut", SimpleFileOptions::default()).expect("a legal entry");
    writer.write_all(&std::fs::read(&files[0]).expect("a sample")[..400]).expect("ours");
    writer.finish().expect("ours");
    let tally = import(&site, &[path]).await;
    assert_eq!(tally, Tally { stored: 3, skipped: 1, failed: 1, ..Tally::default() });
}
