//! Files made to break readers: refused with a reason or stored as they are, within a bound of memory, and the server
//! goes on.

use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, fresh_uid};
use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::Site;
use filmless_testkit::wait;

/// More than the server needs for files of a megabyte, and far less than what some of them claim or inflate to.
const MEMORY_BOUND_BYTES: u64 = 300 * 1024 * 1024;

on_both_back_ends!(
    hostile_files_by_stow_are_refused_or_kept_and_the_server_goes_on,
    hostile_data_sets_by_c_store_are_refused_or_kept_and_the_server_goes_on,
);

/// Fails unless the server still does what it is for, within its memory.
async fn assert_goes_on(server: &Server) {
    let instance = filmless_testkit::instance::Instance::ct();
    server.store_all(std::slice::from_ref(&instance)).await;
    assert_eq!(server.search(&format!("instances?SOPInstanceUID={}", instance.sop_instance)).await.len(), 1);
    let peak = server.peak_memory_bytes();
    assert!(peak < MEMORY_BOUND_BYTES, "the server took {} MiB", peak / 1024 / 1024);
}

async fn hostile_files_by_stow_are_refused_or_kept_and_the_server_goes_on(site: Site) {
    let server = site.serve().await;
    let files = files_below(&testdata("malformed"));
    assert!(files.len() > 100, "the malformed files are there");
    for file in &files {
        let (status, answer) = server.store(&[std::fs::read(file).expect("a file of the test data")]).await;
        assert!(matches!(status, 200 | 202 | 400 | 409), "{}: {status} {answer}", file.display());
    }
    assert_goes_on(&server).await;

    // Whatever was kept can be asked for in every way; some of it cannot be shown, and that is said.
    let kept = server.search("instances?limit=1000").await;
    for instance in &kept {
        let uid = |tag| text_value(instance, tag).unwrap_or_else(|| panic!("{instance} has no {tag}"));
        let path = format!("/dicom-web/studies/{}/series/{}/instances/{}", uid("0020000D"), uid("0020000E"), uid("00080018"));
        for (path, accept) in [
            (format!("{path}/metadata"), "application/dicom+json"),
            (format!("{path}/rendered"), "image/jpeg"),
            (
                format!("{path}/frames/1"),
                "multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1",
            ),
            (path.clone(), "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1"),
        ] {
            let response = server.get(&path, accept).await;
            let status = response.status().as_u16();
            // The body may break off where the bytes do not keep what the header promised.
            let _ = response.bytes().await;
            assert_ne!(status, 500, "{path} as {accept}");
        }
    }
    assert_goes_on(&server).await;
    site.check_is_clean().await;
}

async fn hostile_data_sets_by_c_store_are_refused_or_kept_and_the_server_goes_on(site: Site) {
    let server = site.serve().await;
    for file in files_below(&testdata("malformed")) {
        let bytes = std::fs::read(&file).expect("a file of the test data");
        let part10 = Part10::parse(&bytes);
        // What the file says of itself where it says it well, anything else under a name of our own.
        let (instance, data_set) = match part10 {
            Some(file) => (file.sop_instance, file.data_set),
            None => (fresh_uid(), bytes),
        };
        let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("the server goes on");
        let stored =
            tokio::time::timeout(Duration::from_mins(1), association.c_store(CT_IMAGE_STORAGE, &instance, &data_set)).await;
        // A status, or the end of the association: in bounded time.
        if let Err(late) = stored {
            panic!("{}: {late}", file.display());
        }
    }
    assert_goes_on(&server).await;
    site.check_is_clean().await;
}

#[tokio::test]
async fn importing_hostile_files_ends_by_itself_within_its_memory() {
    let site = Site::embedded();
    let folder = testdata("malformed");
    let mut command = site.command(&["import", folder.to_str().expect("a printable path")]);
    let report = std::fs::File::create(site.log()).expect("a log file");
    command.stdout(report.try_clone().expect("a log file")).stderr(report);
    let mut child = command.spawn().expect("the filmless binary starts");
    let process = child.id().expect("it runs");
    let mut peak_kib = 0;
    let status = wait::until("the end of the import", Duration::from_mins(5), async || {
        // The peak only grows, so the last look before the end is the one that counts.
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status"))
            && let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            peak_kib = line.trim().trim_end_matches(" kB").parse().unwrap_or(peak_kib);
        }
        child.try_wait().expect("a child can be asked")
    })
    .await;
    let said = std::fs::read_to_string(site.log()).expect("a report");
    assert_eq!(status.code(), Some(1), "some of it cannot be stored: {said}");
    assert!(!said.contains("panicked at"), "{said}");
    assert!(peak_kib > 0 && peak_kib * 1024 < MEMORY_BOUND_BYTES, "the import took {peak_kib} KiB");
    site.check_is_clean().await;
}

#[tokio::test]
async fn hostile_directories_of_media_lead_nowhere() {
    for name in ["DICOMDIR_loop", "DICOMDIR_offset_beyond_eof", "DICOMDIR_path_traversal"] {
        let site = Site::embedded();
        let medium = site.scratch().join("medium");
        std::fs::create_dir(&medium).expect("a folder");
        std::fs::copy(testdata("malformed/hostile").join(name), medium.join("DICOMDIR")).expect("a copy");
        let directory = medium.join("DICOMDIR");
        let arguments = ["import", directory.to_str().expect("a printable path")];
        let import = site.run(&arguments);
        let finished = tokio::time::timeout(Duration::from_mins(1), import).await.expect("the import ends by itself");
        assert!(finished.code.is_some(), "{name}: {}", finished.stderr);
        assert!(!finished.stderr.contains("panicked at"), "{name}: {}", finished.stderr);
        assert!(site.blobs().is_empty(), "{name}: nothing outside the medium is taken in");
    }
}
