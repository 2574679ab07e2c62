//! `filmless import`: files, folders, ZIP files and DICOMDIR media, what it skips, and doing it again.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use filmless_testkit::instance::{Instance, to_implicit};
use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::text_value;
use filmless_testkit::site::Site;

use crate::peers;

on_both_back_ends!(
    a_folder_is_imported_and_what_is_not_dicom_is_listed,
    an_archive_of_files_is_imported,
    a_medium_is_imported_by_its_directory,
    a_study_taken_along_is_a_medium_that_others_read_and_we_import,
    importing_again_resumes_and_stores_nothing_twice,
    what_cannot_be_stored_fails_the_import,
    a_swapped_label_is_put_right_and_one_that_hides_a_compression_fails_the_import,
);

fn text(path: &Path) -> &str {
    path.to_str().expect("a printable path")
}

async fn count(site: &Site, query: &str) -> usize {
    let server = site.serve().await;
    let count = server.search(query).await.len();
    assert!(server.stop().await, "the server stops cleanly");
    count
}

async fn a_folder_is_imported_and_what_is_not_dicom_is_listed(site: Site) {
    let folder = site.scratch().join("from a person's stick");
    std::fs::create_dir_all(folder.join("deeper/still")).expect("a folder");
    for (number, slice) in Instance::ct().series_of(5).iter().enumerate() {
        std::fs::write(folder.join(format!("deeper/still/Lát cắt {number}")), slice.part10()).expect("a file");
    }
    std::fs::write(folder.join("holiday.txt"), "not an image").expect("a file");
    std::fs::write(folder.join("deeper/picture.png"), b"\x89PNG\r\n\x1a\nnot really").expect("a file");
    std::fs::write(folder.join("empty"), b"").expect("a file");
    let finished = site.run(&["import", text(&folder)]).await;
    let said = format!("{}{}", finished.stdout, finished.stderr);
    finished.success();
    for skipped in ["holiday.txt", "picture.png", "empty"] {
        assert!(said.contains(skipped), "{skipped} is listed: {said}");
    }
    assert_eq!(count(&site, "instances").await, 5);
    site.check_is_clean().await;
}

async fn an_archive_of_files_is_imported(site: Site) {
    let path = site.scratch().join("study.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let options = zip::write::SimpleFileOptions::default();
    for (number, slice) in Instance::mr().series_of(4).iter().enumerate() {
        archive.start_file(format!("../../IM{number}"), options).expect("a member");
        archive.write_all(&slice.part10()).expect("a member");
    }
    archive.start_file("README.TXT", options).expect("a member");
    archive.write_all(b"viewer on this disc").expect("a member");
    archive.finish().expect("an archive");
    let finished = site.run(&["import", text(&path)]).await;
    let said = format!("{}{}", finished.stdout, finished.stderr);
    finished.success();
    assert!(said.contains("README.TXT"), "{said}");
    assert_eq!(count(&site, "instances").await, 4);
    assert!(!site.scratch().join("../../IM0").exists(), "a member's name leads nowhere");
}

async fn a_medium_is_imported_by_its_directory(site: Site) {
    let medium = site.scratch().join("medium");
    let mut wanted = BTreeSet::new();
    for folder in ["77654033", "98892001", "98892003"] {
        for file in files_below(&testdata("media").join(folder)) {
            let copy = medium.join(file.strip_prefix(testdata("media")).expect("a file of the medium"));
            std::fs::create_dir_all(copy.parent().expect("a file lies in a folder")).expect("a folder");
            std::fs::copy(&file, copy).expect("a copy");
            wanted.extend(Part10::read(&file).map(|file| file.sop_instance));
        }
    }
    assert_eq!(wanted.len(), 31, "the medium is there");
    let directory = medium.join("DICOMDIR");
    std::fs::copy(testdata("media/DICOMDIR"), &directory).expect("a copy");
    // A scratched disc: what its directory lists and it does not hold is said, and all the rest is taken in.
    let lost = files_below(&medium.join("98892003")).remove(0);
    let part = std::fs::read(&lost).expect("a file of the medium");
    std::fs::remove_file(&lost).expect("a file of ours");
    let said = site.run(&["import", text(&directory)]).await.failure();
    assert!(said.contains("98892003"), "{said}");
    assert_eq!(site.blobs().len(), 30);
    std::fs::write(&lost, part).expect("a file of ours");
    site.run(&["import", text(&directory)]).await.success();
    assert_eq!(count(&site, "instances?limit=1000").await, 31);
}

async fn a_study_taken_along_is_a_medium_that_others_read_and_we_import(site: Site) {
    let server = site.serve().await;
    for folder in ["derived-on-ct-volume", "rt", "pr-gsps", "sr", "ecg", "encapsulated", "us", "sc", "volume-ct-head-phantom"] {
        for file in files_below(&testdata("dicom").join(folder)) {
            server.store(&[std::fs::read(&file).expect("a file of the test data")]).await;
        }
    }
    let stored = server.search("instances?limit=1000").await.len();
    let mut archives = Vec::new();
    for (number, study) in server.search("studies?limit=1000").await.iter().enumerate() {
        let uid = text_value(study, "0020000D").expect("a study has a UID");
        let accept = if number % 2 == 0 { "application/zip" } else { "application/zip; transfer-syntax=*" };
        let answer = server.get(&format!("/dicom-web/studies/{uid}"), accept).await;
        assert_eq!(answer.status(), 200, "{uid}");
        let path = site.scratch().join(format!("{number}.zip"));
        std::fs::write(&path, answer.bytes().await.expect("the whole archive")).expect("a file");
        archives.push(path);
    }
    assert!(server.stop().await, "the server stops cleanly");

    let folder = site.scratch().join("media");
    let told = peers::interop("medium.py", &[text(&folder)], &archives).await;
    assert_eq!(told["instances"].as_u64(), Some(stored as u64));
    for kind in ["IMAGE", "SR DOCUMENT", "KEY OBJECT DOC", "PRESENTATION", "WAVEFORM", "ENCAP DOC", "RT DOSE", "RT PLAN"] {
        assert!(told["types"][kind].is_u64(), "{kind} is among {}", told["types"]);
    }
    peers::run("dcmdump", (0..archives.len()).map(|number| folder.join(number.to_string()).join("DICOMDIR"))).await;

    let elsewhere = Site::embedded();
    let arguments: Vec<_> = std::iter::once("import").chain(archives.iter().map(|path| text(path))).collect();
    elsewhere.run(&arguments).await.success();
    assert_eq!(count(&elsewhere, "instances?limit=1000").await, stored);
    elsewhere.check_is_clean().await;
}

async fn importing_again_resumes_and_stores_nothing_twice(site: Site) {
    let folder = site.scratch().join("studies");
    std::fs::create_dir_all(&folder).expect("a folder");
    let slices = Instance::ct().series_of(12);
    let write = |slices: &[Instance]| {
        for slice in slices {
            std::fs::write(folder.join(slice.sop_instance.as_str()), slice.part10()).expect("a file");
        }
    };
    // What an interrupted import would have left: a part of it.
    write(&slices[..5]);
    site.run(&["import", text(&folder)]).await.success();
    let before: BTreeSet<_> = site.blobs().into_iter().collect();
    assert_eq!(before.len(), 5);
    write(&slices);
    site.run(&["import", text(&folder)]).await.success();
    site.run(&["import", text(&folder), text(&folder)]).await.success();
    let after: BTreeSet<_> = site.blobs().into_iter().collect();
    assert_eq!(after.len(), 12);
    assert!(after.is_superset(&before), "what was stored is not stored again");
    assert_eq!(count(&site, "instances").await, 12);
    site.check_is_clean().await;
}

async fn what_cannot_be_stored_fails_the_import(site: Site) {
    let folder = site.scratch().join("broken");
    std::fs::create_dir_all(&folder).expect("a folder");
    let [good, bad] = [Instance::ct(), Instance::ct()];
    std::fs::write(folder.join("good.dcm"), good.part10()).expect("a file");
    let broken = bad.part10();
    std::fs::write(folder.join("cut.dcm"), &broken[..broken.len() - 100]).expect("a file");
    let said = site.run(&["import", text(&folder)]).await.failure();
    assert!(said.contains("cut.dcm"), "{said}");
    let nowhere = site.run(&["import", "/nowhere/at/all"]).await.failure();
    assert!(nowhere.contains("/nowhere/at/all"), "{nowhere}");
    assert_eq!(count(&site, "instances").await, 1, "what is good is stored all the same");
    site.check_is_clean().await;
}

async fn a_swapped_label_is_put_right_and_one_that_hides_a_compression_fails_the_import(site: Site) {
    let (swapped, hidden) = (Instance::ct(), Instance::ct());
    // A file that says Explicit VR Little Endian, with another data set in it.
    let file = |instance: &Instance, data_set: Vec<u8>| {
        let mut file = instance.part10();
        file.truncate(file.len() - instance.data_set().len());
        [file, data_set].concat()
    };
    let folder = site.scratch().join("mislabelled");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("swapped"), file(&swapped, to_implicit(&swapped.data_set()))).expect("a file");
    std::fs::write(folder.join("hidden"), file(&hidden, hidden.data_set_of_fragments())).expect("a file");
    let said = site.run(&["import", text(&folder)]).await.failure();
    assert!(said.contains("hidden") && said.contains("Pixel Data is compressed, unlike its label"), "{said}");
    let blobs = site.blobs();
    assert_eq!(blobs.len(), 1);
    assert_eq!(Part10::read(&blobs[0]).expect("a Part 10 file").transfer_syntax, "1.2.840.10008.1.2");
    site.check_is_clean().await;
}
