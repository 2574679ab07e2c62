//! `filmless check`: it is content with what is right, and finds what somebody did to the disk.

use filmless_testkit::instance::Instance;
use filmless_testkit::site::Site;

on_both_back_ends!(
    check_finds_a_changed_byte,
    check_finds_missing_bytes,
    check_finds_bytes_without_a_row,
    changed_bytes_do_not_stop_the_server,
);

/// A site with three instances, checked.
async fn stored(site: &Site) -> Vec<Instance> {
    let slices = Instance::ct().series_of(3);
    let server = site.serve().await;
    server.store_all(&slices).await;
    assert!(server.stop().await, "the server stops cleanly");
    assert_eq!(site.blobs().len(), 3);
    site.check_is_clean().await;
    slices
}

async fn check_finds_a_changed_byte(site: Site) {
    let slices = stored(&site).await;
    let blob = &site.blobs()[1];
    let mut bytes = std::fs::read(blob).expect("a blob");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(blob, bytes).expect("a blob");
    let said = site.run(&["check"]).await.failure();
    let named = slices.iter().filter(|slice| said.contains(slice.sop_instance.as_str())).count();
    assert_eq!(named, 1, "the one instance is named: {said}");
}

async fn check_finds_missing_bytes(site: Site) {
    let slices = stored(&site).await;
    std::fs::remove_file(&site.blobs()[0]).expect("a blob");
    let said = site.run(&["check"]).await.failure();
    assert!(slices.iter().any(|slice| said.contains(slice.sop_instance.as_str())), "{said}");
}

async fn check_finds_bytes_without_a_row(site: Site) {
    stored(&site).await;
    let blob = site.blobs()[2].clone();
    let name = blob.file_name().expect("a blob has a name").to_str().expect("a printable name");
    // The same day, another version: one that no row knows.
    let first = name.as_bytes()[name.len() - 5];
    let other = if first == b'0' { '1' } else { '0' };
    let orphan = format!("{}{other}.dcm", &name[..name.len() - 5]);
    std::fs::copy(&blob, blob.with_file_name(&orphan)).expect("a copy");
    let said = site.run(&["check"]).await.failure();
    assert!(said.contains(&orphan), "{said}");
}

async fn changed_bytes_do_not_stop_the_server(site: Site) {
    let slices = stored(&site).await;
    for blob in site.blobs() {
        std::fs::write(blob, b"overwritten").expect("a blob");
    }
    let token = site.add_token().await;
    let server = site.start(token).await;
    let slice = &slices[0];
    let path = format!("/dicom-web/studies/{}/series/{}/instances/{}", slice.study, slice.series, slice.sop_instance);
    for (path, accept) in [
        (format!("{path}/frames/1"), "application/octet-stream"),
        (format!("{path}/rendered"), "image/jpeg"),
        (path.clone(), "multipart/related; type=\"application/dicom\"; transfer-syntax=*"),
    ] {
        assert_eq!(server.get(&path, accept).await.status(), 503, "{path}");
    }
    assert_eq!(server.search("instances").await.len(), 3, "rows are read without blobs");
}
