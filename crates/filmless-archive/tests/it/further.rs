//! Further attributes: read while others store, and never an answer that lacks something.

use filmless_archive::further::Progress;
use filmless_archive::{ArchiveError, ArchiveLimits};
use filmless_dicom::comparable::comparable;
use filmless_dicom::further;
use filmless_model::actor::Actor;
use filmless_model::attribute::Vr;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_testkit::instance::Instance;

use crate::fixture::{Fixture, peer};

fn heavy() -> Instance {
    Instance { extra: vec![(0x0010, 0x1030, "DS", b"70.50".to_vec())], ..Instance::ct() }
}

/// A search for studies of a weight of 70.5.
fn by_weight() -> Query {
    let key = comparable(Vr::DS, "70.5", None).expect("a number");
    let weight = further::parse("PatientWeight").expect("an attribute");
    Query { further: vec![(weight, Matching::Single(key))], ..Query::new(QueryRetrieveLevel::Study) }
}

async fn found(fixture: &Fixture) -> Result<u64, ArchiveError> {
    fixture.archive.count(&Actor::Operator, &by_weight()).await
}

async fn add(fixture: &Fixture, name: &str) {
    let attribute = further::parse(name).expect("an attribute");
    assert!(fixture.index().await.add_further_attribute(&attribute).await.expect("added"));
}

async fn work(fixture: &Fixture) {
    let mut progress = Progress::default();
    while fixture.archive.index_further(&mut progress).await.expect("read") {}
}

#[tokio::test]
async fn what_is_stored_is_found_at_once() {
    let fixture = Fixture::new().await;
    assert!(matches!(found(&fixture).await, Err(ArchiveError::NotIndexed(name)) if name == "PatientWeight"));
    fixture.store(&peer("CT1"), &heavy().part10()).await.expect("stored");
    fixture.store(&peer("CT1"), &Instance::ct().part10()).await.expect("stored");
    add(&fixture, "PatientWeight").await;
    assert_eq!(found(&fixture).await.expect("found"), 1);
    work(&fixture).await;
    assert_eq!(fixture.archive.further_attributes().len(), 1);
    fixture.store(&peer("CT1"), &heavy().part10()).await.expect("stored");
    assert_eq!(found(&fixture).await.expect("found"), 2, "no job has run since");
}

#[tokio::test]
async fn a_search_is_refused_while_much_is_to_be_read_and_a_restart_goes_on() {
    let fixture = Fixture::with_limits(ArchiveLimits { changes_read_by_search: 2, ..ArchiveLimits::default() }).await;
    add(&fixture, "PatientWeight").await;
    for _ in 0..100 {
        fixture.store(&peer("CT1"), &heavy().part10()).await.expect("stored");
    }
    assert!(matches!(found(&fixture).await, Err(ArchiveError::BeingIndexed(name)) if name == "PatientWeight"));
    assert!(fixture.archive.index_further(&mut Progress::default()).await.expect("a page is read"));
    let through = async |fixture: &Fixture| fixture.index().await.further_attributes().await.expect("listed")[0].indexed_through;
    let page = through(&fixture).await;
    assert!(0 < page && page < 100, "{page}");
    let fixture = fixture.reopened().await;
    assert_eq!(through(&fixture).await, page);
    // One that is added later waits until the first is done.
    add(&fixture, "SliceThickness").await;
    assert!(fixture.archive.index_further(&mut Progress::default()).await.expect("a page is read"));
    assert_eq!(through(&fixture).await, 100);
    work(&fixture).await;
    assert_eq!(found(&fixture).await.expect("found"), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_is_stored_meanwhile_is_missed() {
    let fixture = Fixture::new().await;
    let stores: Vec<_> = (0..4)
        .map(|_| {
            let archive = fixture.archive.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    let mut incoming = archive.begin_store_file(&peer("CT1"), None).expect("begun");
                    incoming.write(heavy().part10().into()).await.expect("taken");
                    incoming.finish().await.expect("stored");
                }
            })
        })
        .collect();
    add(&fixture, "PatientWeight").await;
    let mut last = 0;
    while !stores.iter().all(tokio::task::JoinHandle::is_finished) {
        let all = Query::new(QueryRetrieveLevel::Study);
        let before = fixture.archive.count(&Actor::Operator, &all).await.expect("counted");
        let now = found(&fixture).await.expect("found");
        assert!(now >= before && now >= last, "{now} found of at least {before}");
        last = now;
    }
    assert_eq!(found(&fixture).await.expect("found"), 100);
}
