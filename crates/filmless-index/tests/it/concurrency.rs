//! Many at once: nothing deadlocks, fails, doubles, or slips past a reader of the feed.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use std::time::Duration;

use filmless_index::{DeletionOrder, open};
use filmless_model::address::Resource;
use filmless_model::store_outcome::StoreEffect;
use filmless_testkit::wait;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::task::JoinSet;

use crate::sample::{Fixture, Sample, on_each_engine, store, study};

const TASKS: u32 = 16;

on_each_engine! {
    tasks_that_store_one_study_side_by_side_all_succeed
    tasks_that_store_one_instance_side_by_side_make_one
    tasks_that_store_different_bytes_of_one_instance_keep_each_once
    studies_that_claim_one_series_leave_it_to_one
    a_reader_of_the_feed_misses_nothing
    two_programs_on_one_database_store_side_by_side
}

/// Commits samples side by side, each from a task of its own.
async fn commit_all(fixture: &Fixture, samples: impl IntoIterator<Item = Sample>) -> Vec<StoreEffect> {
    let mut tasks = JoinSet::new();
    for sample in samples {
        let index = fixture.index.clone();
        tasks.spawn(async move { store(&*index, &sample).await.effect });
    }
    tasks.join_all().await
}

fn count(effects: &[StoreEffect], effect: StoreEffect) -> usize {
    effects.iter().filter(|e| **e == effect).count()
}

async fn tasks_that_store_one_study_side_by_side_all_succeed(fixture: Fixture) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let index = fixture.index.clone();
        tasks.spawn(async move {
            for n in 0..20 {
                // Two tasks share a series, all share the study and the patient.
                let sample = Sample::new(1, task / 2, task * 100 + n);
                let committed = store(&*index, &sample).await;
                assert_eq!(committed.effect, StoreEffect::New);
            }
        });
    }
    tasks.join_all().await;
    let stored = fixture.index.instances(&study(1)).await.expect("a retrieve succeeds");
    assert_eq!(stored.len(), 320);
    assert_eq!(stored.iter().map(|stored| &stored.address.series).collect::<HashSet<_>>().len(), 8);
    assert_eq!(fixture.index.changes(0, 1000).await.expect("the feed is read").len(), 320);
}

async fn tasks_that_store_one_instance_side_by_side_make_one(fixture: Fixture) {
    for round in 0..5 {
        let effects = commit_all(&fixture, (0..TASKS).map(|_| Sample::new(round, round, round))).await;
        assert_eq!(count(&effects, StoreEffect::New), 1);
        assert_eq!(count(&effects, StoreEffect::AlreadyStored), 15);
        assert_eq!(fixture.index.instances(&study(round)).await.expect("a retrieve succeeds").len(), 1);
    }
    assert_eq!(fixture.index.versions(None, 100).await.expect("listed").len(), 5);
}

async fn tasks_that_store_different_bytes_of_one_instance_keep_each_once(fixture: Fixture) {
    // Every content comes from two tasks.
    let samples = (0..TASKS).map(|task| Sample { contents: task / 2, ..Sample::new(1, 1, 1) });
    let effects = commit_all(&fixture, samples).await;
    assert_eq!(count(&effects, StoreEffect::New), 1);
    assert_eq!(count(&effects, StoreEffect::Replaced), 7);
    assert_eq!(count(&effects, StoreEffect::AlreadyStored), 8);
    assert_eq!(fixture.index.versions(None, 100).await.expect("listed").len(), 8);
    // The conflict list is a chain: each version was replaced by the next, and the last is served.
    let conflicts = fixture.index.conflicts(100, 0).await.expect("the list is read");
    assert_eq!(conflicts.len(), 7);
    let earlier: HashSet<_> = conflicts.iter().map(|conflict| conflict.earlier.expect("there was one")).collect();
    assert_eq!(earlier.len(), 7);
    assert_eq!(conflicts.iter().filter(|conflict| conflict.later_is_served).count(), 1);
}

async fn studies_that_claim_one_series_leave_it_to_one(fixture: Fixture) {
    let samples = (0..TASKS).map(|task| Sample { patient: "P".to_owned(), ..Sample::new(task, 1, task) });
    let effects = commit_all(&fixture, samples).await;
    assert_eq!(count(&effects, StoreEffect::New), 1);
    assert_eq!(count(&effects, StoreEffect::Conflict), 15);
    assert_eq!(fixture.visible().await, 1);
}

async fn a_reader_of_the_feed_misses_nothing(fixture: Fixture) {
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (index, done) = (fixture.index.clone(), done.clone());
        async move {
            let mut read = Vec::new();
            loop {
                let all_written = done.load(Ordering::Acquire);
                let since = read.last().copied().unwrap_or(0);
                let changes = index.changes(since, 1000).await.expect("the feed is read");
                read.extend(changes.iter().map(|change| change.sequence));
                if all_written {
                    return read;
                }
            }
        }
    });
    let mut writers = JoinSet::new();
    for task in 0..TASKS {
        let index = fixture.index.clone();
        writers.spawn(async move {
            let mut sequences = Vec::new();
            for n in 0..25 {
                let sample = Sample::new(task % 4, task, task * 100 + n);
                let committed = store(&*index, &sample).await;
                sequences.push(committed.change.expect("a new instance is a change"));
            }
            assert!(sequences.is_sorted(), "who waits for one commit before the next sees them in order");
            sequences
        });
    }
    let written: BTreeSet<i64> = writers.join_all().await.into_iter().flatten().collect();
    done.store(true, Ordering::Release);
    let read = reader.await.expect("the reader reads");
    assert_eq!(written.len(), 400);
    assert_eq!(read, written.into_iter().collect::<Vec<_>>());
}

async fn two_programs_on_one_database_store_side_by_side(fixture: Fixture) {
    let other = open(&fixture.config).await.expect("it opens a second time");
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let index = if task % 2 == 0 { fixture.index.clone() } else { other.clone() };
        tasks.spawn(async move {
            for n in 0..20 {
                let sample = Sample::new(1, task / 4, task * 100 + n);
                let committed = store(&*index, &sample).await;
                assert_eq!(committed.effect, StoreEffect::New);
            }
        });
    }
    tasks.join_all().await;
    other.close().await;
    assert_eq!(fixture.visible().await, 160);
    assert_eq!(fixture.index.changes(0, 1000).await.expect("the feed is read").len(), 160);
}

/// Postgres takes numbers before the commit: a change that has one and is not committed holds back all behind it, so that a
/// reader who has seen them cannot have missed it.
#[tokio::test]
async fn no_change_is_seen_before_one_that_was_numbered_earlier() {
    let Some(fixture) = Fixture::postgres().await else { return };
    let first = Sample::new(1, 1, 1);
    let since = fixture.commit(&first).await.change.expect("a new instance is a change");
    let mut slow = AnyConnection::connect(&fixture.config.url).await.expect("another program connects");
    let numbered = "begin; select append_change('stored', min(version_key), 0) from instance_versions";
    sqlx::raw_sql(numbered).execute(&mut slow).await.expect("its change is numbered");

    let mut others = JoinSet::new();
    // One request, a transaction, and a deletion.
    for sample in [Sample::new(1, 1, 2), Sample::new(2, 2, 3)] {
        let index = fixture.index.clone();
        others.spawn(async move { store(&*index, &sample).await.change });
    }
    let index = fixture.index.clone();
    others.spawn(async move {
        let order = DeletionOrder { resource: Resource::Instance(first.address()), deleted_by: "lan".to_owned(), at_ms: 1 };
        index.delete(&order).await.expect("a deletion succeeds").expect("it was stored").change
    });
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted \
                   and database = (select oid from pg_database where datname = current_database())";
    wait::until("all others wait", Duration::from_mins(1), async || {
        let row = sqlx::query(waiting).fetch_one(&mut slow).await.expect("asked");
        (row.get::<i64, _>(0) == 3).then_some(())
    })
    .await;
    assert_eq!(fixture.index.changes(since, 10).await.expect("the feed is read"), []);

    sqlx::raw_sql("commit").execute(&mut slow).await.expect("committed at last");
    let mut later = others.join_all().await;
    later.sort();
    let changes = fixture.index.changes(since, 10).await.expect("the feed is read");
    assert_eq!(changes[0].at_ms, 0);
    assert_eq!(changes[1..].iter().map(|change| Some(change.sequence)).collect::<Vec<_>>(), later);
}
