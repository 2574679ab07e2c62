//! What the acts leave in the audit log.

use filmless_archive::ArchiveError;
use filmless_archive::audit::AuditFault;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::attribute::Attribute;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditHead, AuditedAct, Outcome};
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_testkit::instance::Instance;

use crate::fixture::{Fixture, peer};

/// What is in the log, first first, without the looking at it.
async fn entries(fixture: &Fixture) -> Vec<AuditEvent> {
    fixture.archive.write_notes(false).await.expect("written");
    let mut entries = fixture.index().await.audit_log(&AuditFilter::default(), 100).await.expect("listed");
    entries.reverse();
    entries.into_iter().map(|(_, event)| event).collect()
}

async fn faults(fixture: &Fixture) -> Vec<AuditFault> {
    let mut faults = Vec::new();
    fixture.archive.verify_log(|fault| faults.push(fault)).await.expect("verified");
    faults
}

#[tokio::test]
async fn what_comes_is_looked_at_taken_and_deleted_is_written_down_with_whose_it_is() {
    let fixture = Fixture::new().await;
    let slices = Instance::ct().series_of(3);
    for slice in &slices {
        fixture.store(&peer("CT1"), &slice.part10()).await.expect("stores");
    }
    let study = Resource::Study(slices[0].study.clone());
    let archive = &fixture.archive;
    archive.sum_up_stores().await.expect("summed up");
    archive.sum_up_stores().await.expect("nothing is left to sum up");
    archive.instances(&Actor::Operator, Act::View, &study).await.expect("there");
    archive.instances(&Actor::Operator, Act::View, &study).await.expect("there");
    archive.write_notes(false).await.expect("written");
    let mut query = Query::new(QueryRetrieveLevel::Study);
    query.matches.push((Attribute::PatientId, Matching::WildCard("P*".to_owned())));
    archive.search(&Actor::Operator, &query).await.expect("found");
    archive.write_notes(false).await.expect("written");
    archive.instances(&peer("WS1"), Act::Download, &study).await.expect("there");
    archive.write_notes(false).await.expect("written");
    archive.delete(&Actor::Operator, &study).await.expect("deleted");

    let entries = entries(&fixture).await;
    let told: Vec<_> =
        entries.iter().map(|e| (e.act, e.actor.as_str(), e.count, e.study.is_some(), e.patient_id.is_some())).collect();
    let expected = [
        (AuditedAct::Store, "dimse:CT1", Some(3), true, true),
        (AuditedAct::View, "operator", Some(6), true, true),
        (AuditedAct::Search, "operator", Some(1), false, false),
        (AuditedAct::Download, "dimse:WS1", Some(3), true, true),
        (AuditedAct::Delete, "operator", None, true, true),
    ];
    assert_eq!(told, expected, "{entries:#?}");
    assert_eq!(entries[2].detail.as_deref(), Some("study PatientID=P*"));
    assert_eq!((entries[3].ae_title.as_deref(), entries[3].address.is_some()), (Some("WS1"), true));
    assert_eq!(entries[0].patient_id.as_deref(), Some(slices[0].patient_id.as_str()));
    assert_eq!(faults(&fixture).await, []);
}

#[tokio::test]
async fn what_was_refused_is_written_down() {
    let fixture = Fixture::new().await;
    let study = Resource::Study(Instance::ct().study);
    for _ in 0..3 {
        let refused = fixture.archive.delete(&peer("CT1"), &study).await;
        assert!(matches!(refused, Err(ArchiveError::Forbidden(_))), "{refused:?}");
    }
    let entries = entries(&fixture).await;
    let told: Vec<_> = entries.iter().map(|e| (e.act, e.outcome, e.actor.as_str(), e.count)).collect();
    assert_eq!(told, [(AuditedAct::Delete, Outcome::Refused, "dimse:CT1", Some(3))]);
}

#[tokio::test]
async fn a_log_that_was_cut_off_or_written_anew_is_known_by_what_was_kept_outside_the_database() {
    let fixture = Fixture::new().await;
    let noted = async |detail: &str| {
        let event = AuditEvent::of(&Actor::Operator, AuditedAct::Administer, 1).with_detail(detail);
        fixture.index().await.record(&[event]).await.expect("kept");
    };
    assert_eq!(fixture.archive.anchor_log(None).await.expect("kept"), None, "there is nothing to keep");
    noted("first").await;
    let first = fixture.archive.anchor_log(None).await.expect("kept").expect("is new");
    assert_eq!(fixture.archive.anchor_log(Some(&first)).await.expect("kept"), None, "nothing was added");
    noted("second").await;
    fixture.archive.anchor_log(Some(&first)).await.expect("kept");
    assert_eq!(faults(&fixture).await, []);

    // Of entries that are not there any more, and of a chain that another one took the place of.
    let blobstore = fixture.blobstore();
    blobstore.put_audit_head(&AuditHead { sequence: 5, ..first }).await.expect("kept");
    assert_eq!(faults(&fixture).await, [AuditFault::Missing { from: 3, through: 5 }]);
    blobstore.put_audit_head(&AuditHead { sequence: 2, ..first }).await.expect("kept");
    assert_eq!(faults(&fixture).await, [AuditFault::Rewritten(2), AuditFault::Missing { from: 3, through: 5 }]);
}
