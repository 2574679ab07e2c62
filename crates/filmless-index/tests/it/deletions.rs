//! Deleting, restoring and destroying, alone and while others store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use filmless_index::{Deleted, DeletionOrder, Origin, VersionCommit};
use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::attribute::Attribute;
use filmless_model::change::ChangeKind;
use filmless_model::query::{Query, QueryRetrieveLevel};
use filmless_model::store_outcome::StoreEffect;
use tokio::task::JoinSet;

use crate::sample::{Fixture, Sample, on_each_engine, series_uid, store, study, study_uid};

on_each_engine! {
    what_is_deleted_is_not_found_and_the_feed_tells
    the_last_of_a_series_study_and_patient_takes_them_along
    every_copy_of_a_deleted_instance_goes_with_it
    deleted_bytes_that_come_again_are_seen_again
    a_series_that_is_deleted_while_it_arrives_is_begun_again
    deleted_bytes_do_not_replace_what_came_since
    what_is_restored_is_as_it_was
    what_is_destroyed_leaves_only_its_name_in_the_feed
    stores_and_deletions_of_one_study_side_by_side_all_succeed
    four_writers_and_a_deleter_hide_nothing_from_a_reader_of_the_feed
}

const NOW: i64 = 1_763_700_000_000;

fn order(resource: Resource) -> DeletionOrder {
    DeletionOrder { resource, deleted_by: "lan".to_owned(), at_ms: NOW }
}

async fn delete(fixture: &Fixture, resource: Resource) -> Option<Deleted> {
    fixture.index.delete(&order(resource)).await.expect("a deletion succeeds")
}

fn instance(sample: &Sample) -> Resource {
    Resource::Instance(sample.address())
}

async fn kinds(fixture: &Fixture) -> Vec<ChangeKind> {
    fixture.index.changes(0, 1000).await.expect("the feed is read").iter().map(|change| change.kind).collect()
}

async fn what_is_deleted_is_not_found_and_the_feed_tells(fixture: Fixture) {
    for n in 1..=4 {
        fixture.commit(&Sample::new(1, n / 3, n)).await;
    }
    fixture.commit(&Sample::new(2, 5, 5)).await;
    assert_eq!(delete(&fixture, study(3)).await, None);
    let elsewhere = Resource::Series(SeriesAddress { study: study_uid(2), series: series_uid(1) });
    assert_eq!(delete(&fixture, elsewhere).await, None, "the series is of another study");

    let series = SeriesAddress { study: study_uid(1), series: series_uid(1) };
    let deleted = delete(&fixture, Resource::Series(series.clone())).await.expect("there was something");
    assert_eq!(deleted.instances, 2);
    assert_eq!(fixture.visible().await, 3);
    assert!(fixture.index.instances(&Resource::Series(series.clone())).await.expect("asked").is_empty());
    let changes = fixture.index.changes(5, 10).await.expect("the feed is read");
    assert_eq!(changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Deleted; 2]);
    let of_series = [Sample::new(1, 1, 3).address(), Sample::new(1, 1, 4).address()];
    assert_eq!(changes.iter().map(|change| change.address.clone()).collect::<Vec<_>>(), of_series);
    assert_eq!(Some(changes[1].sequence), deleted.change);
    assert_eq!(delete(&fixture, Resource::Series(series.clone())).await, None, "it is gone already");

    let listed = fixture.index.deletions(10).await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].resource, listed[0].deleted_by.as_str()), (&Resource::Series(series), "lan"));
    assert_eq!((listed[0].restorable, listed[0].destroyed, listed[0].at_ms), (2, 0, NOW));
}

async fn the_last_of_a_series_study_and_patient_takes_them_along(fixture: Fixture) {
    let (first, second) = (Sample::new(1, 1, 1), Sample::new(1, 2, 2));
    fixture.commit(&first).await;
    fixture.commit(&second).await;
    delete(&fixture, instance(&first)).await.expect("it was there");
    let series = fixture.find(Attribute::SeriesInstanceUid, QueryRetrieveLevel::Series, &[]).await;
    assert_eq!(series, ["1.2.3.2.2"]);
    delete(&fixture, instance(&second)).await.expect("it was there");
    assert_eq!(fixture.index.count(&Query::new(QueryRetrieveLevel::Study)).await.expect("counted"), 0);
    // The study may come back as another patient's: nothing of the first is left to contradict it.
    let other = Sample { patient: "P9".to_owned(), contents: 1, ..first };
    assert_eq!(fixture.commit(&other).await.effect, StoreEffect::New);
}

async fn every_copy_of_a_deleted_instance_goes_with_it(fixture: Fixture) {
    let first = Sample::new(1, 1, 1);
    fixture.commit(&first).await;
    fixture.commit(&Sample { contents: 1, ..first.clone() }).await;
    fixture.commit(&Sample { contents: 2, source: "dimse:CT2", ..first.clone() }).await;
    // Never visible: the study is another patient's.
    fixture.commit(&Sample { patient: "P2".to_owned(), ..Sample::new(1, 1, 2) }).await;
    let deleted = delete(&fixture, study(1)).await.expect("it was there");
    assert_eq!(deleted.instances, 1);
    assert_eq!(fixture.index.deletions(1).await.expect("listed")[0].restorable, 4);
    assert_eq!(fixture.index.conflicts(10, 0).await.expect("listed"), []);
    assert_eq!(fixture.index.versions(None, 10).await.expect("listed").len(), 4, "their bytes are still to be checked");
}

async fn deleted_bytes_that_come_again_are_seen_again(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1);
    let first = fixture.commit(&sample).await;
    // Known before the deletion, committed after it.
    let known = fixture.known(&Sample::new(1, 1, 2)).await;
    delete(&fixture, study(1)).await.expect("it was there");
    let late = VersionCommit { known, ..Sample::new(1, 1, 2).commit() };
    assert_eq!(fixture.index.commit_version(late).await.expect("a commit succeeds").effect, StoreEffect::New);

    let again = fixture.commit(&sample).await;
    assert_eq!((again.effect, again.version), (StoreEffect::New, first.version), "the bytes are the ones kept");
    assert_eq!(fixture.visible().await, 2);
    assert_eq!(kinds(&fixture).await, [ChangeKind::Stored, ChangeKind::Deleted, ChangeKind::Stored, ChangeKind::Stored]);
    assert_eq!(fixture.index.deletions(1).await.expect("listed")[0].restorable, 0);
    assert_eq!(fixture.commit(&sample).await.effect, StoreEffect::AlreadyStored);
}

async fn a_series_that_is_deleted_while_it_arrives_is_begun_again(fixture: Fixture) {
    for instance in [1, 2] {
        fixture.commit(&Sample::new(1, 1, instance)).await;
    }
    delete(&fixture, study(1)).await.expect("it was there");
    for (instance, arriving) in [(3, false), (4, true), (5, true)] {
        assert_eq!(fixture.commit(&Sample::new(1, 1, instance)).await.effect, StoreEffect::New);
        assert_eq!(fixture.is_arriving(&Sample::new(1, 1, 9)), arriving, "after {instance}");
    }
    assert_eq!(fixture.visible().await, 3);
}

async fn deleted_bytes_do_not_replace_what_came_since(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1);
    let first = fixture.commit(&sample).await;
    delete(&fixture, study(1)).await.expect("it was there");
    let corrected = fixture.commit(&Sample { contents: 1, ..sample.clone() }).await;
    assert_eq!(corrected.effect, StoreEffect::New);
    let again = fixture.commit(&sample).await;
    assert_eq!((again.effect, again.version), (StoreEffect::Conflict, first.version));
    let served = fixture.index.instances(&study(1)).await.expect("asked");
    assert_eq!(served.iter().map(|served| served.version.id).collect::<Vec<_>>(), [corrected.version]);
}

async fn what_is_restored_is_as_it_was(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1).number(Attribute::Rows, 512);
    fixture.commit(&Sample { contents: 1, ..sample.clone() }).await;
    fixture.commit(&sample).await;
    let before = fixture.index.instances(&study(1)).await.expect("asked");
    let deletion = delete(&fixture, study(1)).await.expect("it was there").key;
    let versions = fixture.index.deleted_versions(deletion, 0, 10).await.expect("listed");
    assert_eq!(versions.iter().map(|deleted| deleted.was_served).collect::<Vec<_>>(), [false, true]);
    assert_eq!(fixture.index.deleted_versions(deletion, versions[0].key, 10).await.expect("listed"), versions[1..]);
    for deleted in versions {
        if !deleted.was_served {
            fixture.index.keep_again(deleted.version.id).await.expect("kept");
            continue;
        }
        let commit = VersionCommit { version: deleted.version, origin: Origin::Deleted, ..sample.commit() };
        assert_eq!(fixture.index.commit_version(commit.clone()).await.expect("restored").effect, StoreEffect::New);
        let again = fixture.index.commit_version(commit).await.expect("nothing to restore");
        assert_eq!((again.effect, again.change), (StoreEffect::AlreadyStored, None));
    }
    assert_eq!(fixture.index.instances(&study(1)).await.expect("asked"), before);
    assert!(fixture.index.deleted_versions(deletion, 0, 10).await.expect("listed").is_empty());
    assert_eq!(fixture.index.conflicts(10, 0).await.expect("listed").len(), 1);
}

async fn what_is_destroyed_leaves_only_its_name_in_the_feed(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1);
    let corrected = Sample { contents: 1, ..sample.clone() };
    let versions = [fixture.commit(&sample).await.version, fixture.commit(&corrected).await.version];
    delete(&fixture, study(1)).await.expect("it was there");
    let index = &fixture.index;
    assert!(index.begin_to_destroy(NOW, 10).await.expect("asked").is_empty(), "it is not due");
    let one = index.begin_to_destroy(NOW + 1, 1).await.expect("begun");
    assert_eq!(one, versions[..1]);
    // As after a crash: what was begun is told again.
    let both = index.begin_to_destroy(NOW + 1, 10).await.expect("begun");
    assert_eq!(both, versions);
    assert_eq!(index.known_versions(&versions).await.expect("asked").len(), 2, "their bytes may be there");
    assert!(index.kept_versions(&versions).await.expect("asked").is_empty(), "and may be gone");
    assert!(index.versions(None, 10).await.expect("listed").is_empty());
    // The same bytes may come at any time, and are new.
    assert_eq!(fixture.commit(&sample).await.effect, StoreEffect::New);
    index.end_to_destroy(&both).await.expect("ended");
    assert!(index.known_versions(&versions).await.expect("asked").is_empty());
    assert!(index.begin_to_destroy(NOW + 1, 10).await.expect("asked").is_empty());
    assert_eq!((index.deletions(1).await.expect("listed")[0].restorable, fixture.visible().await), (0, 1));
    assert_eq!(index.deletions(1).await.expect("listed")[0].destroyed, 2);
    let changes = index.changes(0, 10).await.expect("the feed is read");
    assert_eq!(
        changes.iter().map(|change| change.kind.as_str()).collect::<Vec<_>>(),
        ["stored", "replaced", "deleted", "stored"]
    );
    assert!(changes.iter().all(|change| change.address == sample.address()));
}

async fn stores_and_deletions_of_one_study_side_by_side_all_succeed(fixture: Fixture) {
    let storing = Arc::new(AtomicBool::new(true));
    let mut deleters = JoinSet::new();
    for n in 0..3 {
        let (index, storing) = (fixture.index.clone(), storing.clone());
        deleters.spawn(async move {
            let mut deleted = 0;
            while storing.load(Ordering::Acquire) {
                let resource = match n {
                    0 => study(1),
                    1 => Resource::Series(SeriesAddress { study: study_uid(1), series: series_uid(1) }),
                    _ => Resource::Instance(Sample::new(1, 2, 200).address()),
                };
                deleted +=
                    index.delete(&order(resource)).await.expect("a deletion succeeds").map_or(0, |deleted| deleted.instances);
                tokio::task::yield_now().await;
            }
            deleted
        });
    }
    let mut writers = JoinSet::new();
    for task in 0..6 {
        let index = fixture.index.clone();
        writers.spawn(async move {
            let mut seen = 0;
            for n in 0..40 {
                // Of two series; the last ones come again and again, in two versions.
                let instance = if n % 4 == 0 { 200 } else { task * 1000 + n };
                let series = if n % 4 == 0 { 2 } else { task % 3 };
                let contents = if n % 4 == 0 { n % 8 } else { 0 };
                let committed = store(&*index, &Sample { contents, ..Sample::new(1, series, instance) }).await;
                seen += u64::from(committed.effect == StoreEffect::New);
            }
            seen
        });
    }
    let stored: u64 = writers.join_all().await.into_iter().sum();
    storing.store(false, Ordering::Release);
    let deleted: u64 = deleters.join_all().await.into_iter().sum();
    assert_eq!(fixture.visible().await, stored - deleted, "nothing is lost, and nothing in two places");
    let kinds = kinds(&fixture).await;
    let count = |kind| kinds.iter().filter(|found| **found == kind).count() as u64;
    assert_eq!((count(ChangeKind::Stored), count(ChangeKind::Deleted)), (stored, deleted));
    let found = fixture.index.instances(&study(1)).await.expect("asked");
    assert_eq!(found.len() as u64, stored - deleted, "every visible instance has its series and study");
    if stored > deleted {
        delete(&fixture, study(1)).await.expect("something was left");
    }
    assert_eq!(fixture.index.count(&Query::new(QueryRetrieveLevel::Series)).await.expect("counted"), 0);
}

async fn four_writers_and_a_deleter_hide_nothing_from_a_reader_of_the_feed(fixture: Fixture) {
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (index, done) = (fixture.index.clone(), done.clone());
        async move {
            let mut read: Vec<filmless_model::change::Change> = Vec::new();
            loop {
                let all_written = done.load(Ordering::Acquire);
                let since = read.last().map_or(0, |change| change.sequence);
                read.extend(index.changes(since, 50).await.expect("the feed is read"));
                if all_written && index.last_change().await.expect("asked") == read.last().map_or(0, |change| change.sequence) {
                    return read;
                }
            }
        }
    });
    let mut writers = JoinSet::new();
    for task in 0..4 {
        let index = fixture.index.clone();
        writers.spawn(async move {
            for n in 0..30 {
                let sample = Sample::new(task % 2, task, task * 100 + n);
                store(&*index, &sample).await;
                if n % 5 == 4 {
                    let deletion = index.delete(&order(Resource::Instance(sample.address()))).await;
                    assert_eq!(deletion.expect("a deletion succeeds").expect("it was stored").instances, 1);
                }
            }
        });
    }
    writers.join_all().await;
    done.store(true, Ordering::Release);
    let read = reader.await.expect("the reader reads");
    let all = fixture.index.changes(0, 1000).await.expect("the feed is read");
    assert_eq!(all.len(), 4 * (30 + 6));
    assert_eq!(read, all);
}
