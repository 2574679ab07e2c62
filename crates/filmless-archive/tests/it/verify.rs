//! Check and recovery.

use std::fs;

use filmless_archive::verify::Finding;
use filmless_model::actor::Actor;
use filmless_testkit::instance::Instance;

use crate::fixture::Fixture;

async fn findings(fixture: &Fixture) -> Vec<Finding> {
    let mut findings = Vec::new();
    fixture.archive.check(|finding| findings.push(finding), |_| {}).await.expect("checks");
    findings
}

#[tokio::test]
async fn a_sound_archive_has_no_findings() {
    let fixture = Fixture::new().await;
    for instance in Instance::ct().series_of(3) {
        fixture.store(&Actor::Operator, &instance.part10()).await.expect("stores");
    }
    assert_eq!(findings(&fixture).await, []);
}

#[tokio::test]
async fn a_flipped_bit_a_cut_a_missing_and_a_stray_blob_are_found() {
    let fixture = Fixture::new().await;
    for instance in Instance::ct().series_of(4) {
        fixture.store(&Actor::Operator, &instance.part10()).await.expect("stores");
    }
    let blobs = fixture.blobs();
    let damage = |path: &std::path::Path, bytes: &[u8]| {
        fs::remove_file(path).expect("removes");
        fs::write(path, bytes).expect("writes");
    };
    let mut flipped = fs::read(&blobs[0]).expect("reads");
    flipped[500] ^= 1;
    damage(&blobs[0], &flipped);
    let cut = fs::read(&blobs[1]).expect("reads");
    damage(&blobs[1], &cut[..300]);
    fs::remove_file(&blobs[2]).expect("removes");
    let stray = "019aa000-0000-7000-8000-000000000000.dcm";
    fs::write(blobs[3].with_file_name(stray), b"stray").expect("writes");

    let mut kinds: Vec<_> = findings(&fixture)
        .await
        .iter()
        .map(|finding| match finding {
            Finding::MissingBlob(..) => "missing",
            Finding::WrongLength(..) => "length",
            Finding::WrongDigest(..) => "digest",
            Finding::UnreadableBlob(..) => "unreadable",
            Finding::BlobWithoutRow(path) if path.ends_with(stray) => "stray",
            Finding::BlobWithoutRow(_) => "another stray",
        })
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["digest", "length", "missing", "stray"]);
}

#[tokio::test]
async fn recovery_after_a_restart_finds_nothing_to_do_when_all_was_settled() {
    let fixture = Fixture::new().await;
    fixture.store(&Actor::Operator, &Instance::ct().part10()).await.expect("stores");
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.archive.recover().await.expect("recovers"), 0);
    assert_eq!(findings(&fixture).await, []);
}
