//! Deleting, restoring, destroying: rows and bytes agree at every step.

use std::time::Duration;

use filmless_archive::ArchiveError;
use filmless_archive::verify::Finding;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::store_outcome::StoreEffect;
use filmless_testkit::instance::Instance;

use crate::fixture::{Fixture, peer};

const KEEP: Duration = Duration::from_hours(1);

async fn assert_sound(fixture: &Fixture) {
    let mut findings: Vec<Finding> = Vec::new();
    fixture.archive.check(|finding| findings.push(finding), |_| {}).await.expect("checks");
    assert_eq!(findings, []);
}

/// Stores a study of three instances, and one that two sources disagree about.
async fn filled() -> (Fixture, Resource) {
    let fixture = Fixture::new().await;
    let slices = Instance::ct().series_of(3);
    for slice in &slices {
        fixture.store(&peer("CT1"), &slice.part10()).await.expect("stores");
    }
    let disputed = Instance { seed: 9, ..slices[0].clone() };
    let stored = fixture.store(&peer("CT2"), &disputed.part10()).await.expect("stores");
    assert_eq!(stored.effect, StoreEffect::Conflict);
    (fixture, Resource::Study(slices[0].study.clone()))
}

#[tokio::test]
async fn only_who_may_delete_deletes_lists_and_restores() {
    let (fixture, study) = filled().await;
    let forbidden = [
        fixture.archive.delete(&peer("CT1"), &study).await.map(drop),
        fixture.archive.deletions(&peer("CT1"), 10).await.map(drop),
        fixture.archive.restore(&peer("CT1"), 1).await.map(drop),
    ];
    assert!(forbidden.iter().all(|answer| matches!(answer, Err(ArchiveError::Forbidden(_)))), "{forbidden:?}");
}

#[tokio::test]
async fn what_is_restored_is_served_as_before() {
    let (fixture, study) = filled().await;
    let before = fixture.archive.instances(&Actor::Operator, Act::View, &study).await.expect("there");
    let metadata = fixture.archive.metadata(&Actor::Operator, &study).await.expect("there");
    let deleted = fixture.archive.delete(&Actor::Operator, &study).await.expect("deletes");
    assert_eq!(deleted.instances, 3);
    assert!(matches!(fixture.archive.instances(&Actor::Operator, Act::View, &study).await, Err(ArchiveError::NotFound)));
    assert_eq!(fixture.archive.destroy_deleted(KEEP).await.expect("looks"), 0, "it is kept for its time");
    assert_sound(&fixture).await;

    assert_eq!(fixture.archive.restore(&Actor::Operator, deleted.key).await.expect("restores"), 4);
    assert_eq!(fixture.archive.instances(&Actor::Operator, Act::View, &study).await.expect("there"), before);
    assert_eq!(fixture.archive.metadata(&Actor::Operator, &study).await.expect("there"), metadata);
    let again = fixture.archive.restore(&Actor::Operator, deleted.key).await;
    assert!(matches!(again, Err(ArchiveError::NotFound)), "{again:?}");
    assert_eq!(fixture.archive.destroy_deleted(Duration::ZERO).await.expect("looks"), 0, "it is deleted no more");
    assert_sound(&fixture).await;
}

#[tokio::test]
async fn a_copy_without_bytes_keeps_no_other_from_being_restored() {
    let fixture = Fixture::new().await;
    let slices = Instance::ct().series_of(3);
    for slice in &slices {
        fixture.store(&peer("CT1"), &slice.part10()).await.expect("stores");
    }
    let study = Resource::Study(slices[0].study.clone());
    let deleted = fixture.archive.delete(&Actor::Operator, &study).await.expect("deletes");
    std::fs::remove_file(&fixture.blobs()[0]).expect("a blob is lost");
    let restored = fixture.archive.restore(&Actor::Operator, deleted.key).await;
    assert!(matches!(restored, Err(ArchiveError::Damaged(_))), "{restored:?}");
    assert_eq!(fixture.archive.instances(&Actor::Operator, Act::View, &study).await.expect("there").len(), 2);
    assert_eq!(fixture.archive.deletions(&Actor::Operator, 1).await.expect("listed")[0].restorable, 1);
}

#[tokio::test]
async fn deleted_bytes_that_are_sent_again_are_kept_once() {
    let fixture = Fixture::new().await;
    let instance = Instance::ct();
    let first = fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");
    fixture.archive.delete(&Actor::Operator, &Resource::Study(instance.study.clone())).await.expect("deletes");
    let again = fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");
    assert_eq!((again.effect, again.version), (StoreEffect::New, first.version));
    assert_eq!(fixture.blobs().len(), 1);
    assert_sound(&fixture).await;
}

#[tokio::test]
async fn what_is_destroyed_is_gone_and_may_be_stored_as_new() {
    let (fixture, study) = filled().await;
    let deleted = fixture.archive.delete(&Actor::Operator, &study).await.expect("deletes");
    assert_eq!(fixture.blobs().len(), 4);
    // Deletions are due when they are older than the time, by a millisecond at least.
    filmless_testkit::wait::until("the deletion is due", KEEP, async || {
        (fixture.archive.destroy_deleted(Duration::ZERO).await.expect("destroys") == 4).then_some(())
    })
    .await;
    assert_eq!(fixture.blobs(), [""; 0].map(std::path::PathBuf::from));
    assert_sound(&fixture).await;
    let restored = fixture.archive.restore(&Actor::Operator, deleted.key).await;
    assert!(matches!(restored, Err(ArchiveError::NotFound)), "{restored:?}");
    let instance = Instance::ct();
    fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");
    assert_sound(&fixture).await;
}
