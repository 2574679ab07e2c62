//! What becomes of a version that arrives.

use filmless_index::VersionCommit;
use filmless_model::attribute::Attribute;
use filmless_model::change::ChangeKind;
use filmless_model::conflict::ConflictKind;
use filmless_model::query::QueryRetrieveLevel;
use filmless_model::store_outcome::StoreEffect;

use crate::sample::{Fixture, Sample, on_each_engine, single, study};

on_each_engine! {
    a_new_instance_is_served_listed_and_counted
    resending_the_same_instance_changes_nothing
    what_was_stored_since_a_commit_was_prepared_is_noticed
    the_next_instance_of_an_arriving_series_needs_no_look
    a_study_of_another_patient_is_kept_but_not_served
    an_instance_in_another_place_is_kept_but_not_served
    other_bytes_from_the_first_source_are_served
    other_bytes_from_another_source_are_kept_but_not_served
    an_instance_that_first_came_in_conflict_becomes_visible_when_it_comes_right
    people_without_patient_id_keep_their_own_names
}

async fn a_new_instance_is_served_listed_and_counted(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1);
    let commit = sample.commit();
    let committed = fixture.index.commit_version(commit.clone()).await.expect("a commit succeeds");
    assert_eq!(committed.effect, StoreEffect::New);
    assert_eq!(committed.address, sample.address());
    assert_eq!(committed.version, commit.version.id);

    let stored = fixture.index.instances(&study(1)).await.expect("a retrieve succeeds");
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].version, commit.version);
    assert_eq!(stored[0].sop_class, commit.record.sop_class);
    let changes = fixture.index.changes(0, 10).await.expect("the feed is read");
    assert_eq!(changes.len(), 1);
    assert_eq!(Some(changes[0].sequence), committed.change);
    assert_eq!((changes[0].kind, changes[0].version), (ChangeKind::Stored, commit.version.id));
    assert_eq!(changes[0].address, sample.address());
    assert_eq!(fixture.index.last_change().await.expect("the feed is read"), changes[0].sequence);
    assert_eq!(fixture.index.conflicts(10, 0).await.expect("the list is read"), []);
}

async fn resending_the_same_instance_changes_nothing(fixture: Fixture) {
    let first = fixture.commit(&Sample::new(1, 1, 1)).await;
    let changed = Sample { contents: 1, ..Sample::new(1, 1, 1) };
    let second = fixture.commit(&changed).await;
    // Both kept versions are known, the served one and the one before.
    for (sample, kept) in [(Sample::new(1, 1, 1), &first), (changed, &second)] {
        let again = fixture.commit(&Sample { source: "stow:lan", ..sample.clone() }).await;
        assert_eq!((again.effect, again.change), (StoreEffect::AlreadyStored, None));
        assert_eq!((&again.version, &again.address), (&kept.version, &sample.address()));
        assert_eq!(fixture.known(&sample).await.same_bytes, Some((kept.version, sample.address())));
    }
    let never = Sample { contents: 2, ..Sample::new(1, 1, 1) };
    assert_eq!(fixture.known(&never).await.same_bytes, None);
    assert_eq!(fixture.index.changes(0, 10).await.expect("the feed is read").len(), 2);
    assert_eq!(fixture.visible().await, 1);
}

async fn what_was_stored_since_a_commit_was_prepared_is_noticed(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let sample = Sample::new(1, 1, 2);
    let known = fixture.known(&sample).await;
    let other = Sample { source: "dimse:ELSEWHERE", contents: 1, ..sample.clone() };
    for (since, effect) in [(&sample, StoreEffect::AlreadyStored), (&other, StoreEffect::Conflict)] {
        fixture.commit(&sample).await;
        let prepared = VersionCommit { known: known.clone(), ..since.commit() };
        assert_eq!(fixture.index.commit_version(prepared).await.expect("a commit succeeds").effect, effect);
    }
    // What went wrong took nothing else with it.
    assert_eq!(fixture.commit(&Sample::new(1, 1, 3)).await.effect, StoreEffect::New);
    assert_eq!(fixture.visible().await, 3);
}

async fn the_next_instance_of_an_arriving_series_needs_no_look(fixture: Fixture) {
    let third = Sample::new(1, 1, 3);
    for (instance, arriving) in [(1, false), (2, true), (3, true)] {
        assert_eq!(fixture.commit(&Sample::new(1, 1, instance)).await.effect, StoreEffect::New);
        assert_eq!(fixture.is_arriving(&third), arriving, "after {instance}");
    }
    let elsewhere = [Sample::new(1, 2, 4), Sample::new(2, 1, 4), Sample { issuer: "BVND2".to_owned(), ..third.clone() }];
    assert!(!elsewhere.iter().any(|sample| fixture.is_arriving(sample)));
    // What does not meet the expectation ends it: the same bytes, others, an instance of another series.
    let resent = Sample::new(1, 1, 2);
    let changed = Sample { source: "dimse:ELSEWHERE", contents: 1, ..resent.clone() };
    fixture.commit(&Sample::new(3, 3, 10)).await;
    let of_another_series = Sample::new(1, 1, 10);
    for (unexpected, effect) in
        [(resent, StoreEffect::AlreadyStored), (changed, StoreEffect::Conflict), (of_another_series, StoreEffect::Conflict)]
    {
        assert!(fixture.is_arriving(&third));
        assert_eq!(fixture.commit(&unexpected).await.effect, effect);
        assert!(!fixture.is_arriving(&third));
        let next = Sample::new(1, 1, u32::try_from(fixture.visible().await).expect("few") + 10);
        assert_eq!(fixture.commit(&next).await.effect, StoreEffect::New);
    }
    assert_eq!(fixture.visible().await, 7);
}

async fn a_study_of_another_patient_is_kept_but_not_served(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let known = Sample::new(1, 1, 2);
    fixture.commit(&known).await;
    for (other, earlier) in [
        (Sample { patient: "P2".to_owned(), ..Sample::new(1, 1, 3) }, false),
        (Sample { issuer: "BVND2".to_owned(), ..Sample::new(1, 2, 4) }, false),
        (Sample { patient: "P2".to_owned(), contents: 1, may_replace: true, ..Sample::new(1, 1, 2) }, true),
    ] {
        let committed = fixture.commit(&other).await;
        assert_eq!(committed.effect, StoreEffect::Conflict);
        let conflict = fixture.index.conflicts(1, 0).await.expect("the list is read").remove(0);
        assert_eq!((conflict.kind, conflict.later, conflict.later_is_served), (ConflictKind::Patient, committed.version, false));
        assert_eq!(conflict.earlier.is_some(), earlier);
        assert_eq!(conflict.address, other.address());
        let change = fixture.index.changes(committed.change.expect("a change") - 1, 1).await.expect("the feed is read").remove(0);
        assert_eq!((change.kind, change.version), (ChangeKind::Conflict, committed.version));
        // The same bytes again are known, though they are not served.
        assert_eq!(fixture.commit(&other).await.effect, StoreEffect::AlreadyStored);
    }
    assert_eq!(fixture.visible().await, 2);
    assert_eq!(fixture.index.versions(None, 10).await.expect("listed").len(), 5);
    let patients = fixture.find(Attribute::PatientId, QueryRetrieveLevel::Study, &[]).await;
    assert_eq!(patients, ["P1"]);
}

async fn an_instance_in_another_place_is_kept_but_not_served(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let same_patient = |sample: Sample| Sample { patient: "P1".to_owned(), may_replace: true, ..sample };
    for (what, moved) in [
        ("the series in a study not known", same_patient(Sample::new(2, 1, 2))),
        ("the instance in a series not known", same_patient(Sample::new(1, 3, 1))),
        ("the instance in a study and series not known", same_patient(Sample::new(4, 4, 1))),
    ] {
        let committed = fixture.commit(&moved).await;
        assert_eq!(committed.effect, StoreEffect::Conflict, "{what}");
        let conflict = fixture.index.conflicts(1, 0).await.expect("the list is read").remove(0);
        assert_eq!((conflict.kind, conflict.later), (ConflictKind::Hierarchy, committed.version), "{what}");
    }
    assert_eq!(fixture.visible().await, 1);
    let studies = fixture.find(Attribute::StudyInstanceUid, QueryRetrieveLevel::Study, &[]).await;
    assert_eq!(studies, ["1.2.3.1.1"], "a study that holds nothing visible is not made");
}

async fn other_bytes_from_the_first_source_are_served(fixture: Fixture) {
    let first = fixture.commit(&Sample::new(1, 1, 1).number(Attribute::InstanceNumber, 1).number(Attribute::Rows, 512)).await;
    let changed = Sample { contents: 1, ..Sample::new(1, 1, 1).number(Attribute::InstanceNumber, 7) };
    let second = fixture.commit(&changed).await;
    assert_eq!(second.effect, StoreEffect::Replaced);
    let privileged = Sample { contents: 2, source: "stow:lan", may_replace: true, ..Sample::new(1, 1, 1) };
    let third = fixture.commit(&privileged.number(Attribute::InstanceNumber, 9)).await;
    assert_eq!(third.effect, StoreEffect::Replaced);

    let stored = fixture.index.instances(&study(1)).await.expect("a retrieve succeeds");
    assert_eq!(stored.iter().map(|stored| stored.version.id).collect::<Vec<_>>(), [third.version]);
    let headers = fixture.index.dicom_json(&study(1)).await.expect("a retrieve succeeds");
    assert_eq!((headers[0].version, headers[0].dicom_json.as_slice()), (third.version, b"header of 1 contents 2".as_slice()));
    let found = fixture.index.search(&filmless_model::query::Query::new(QueryRetrieveLevel::Instance)).await.expect("found");
    assert_eq!(found[0].number(Attribute::InstanceNumber), Some(9), "attributes follow the served version");
    assert_eq!(found[0].number(Attribute::Rows), None, "what the served version has not is gone");

    let conflicts = fixture.index.conflicts(10, 0).await.expect("the list is read");
    let rows: Vec<_> = conflicts.iter().map(|c| (c.kind, c.earlier, c.later, c.later_is_served)).collect();
    assert_eq!(
        rows,
        [
            (ConflictKind::Content, Some(second.version), third.version, true),
            (ConflictKind::Content, Some(first.version), second.version, false),
        ]
    );
    assert_eq!(fixture.index.conflicts(10, 1).await.expect("the list is read"), conflicts[1..]);
    let kinds: Vec<_> = fixture.index.changes(0, 10).await.expect("the feed is read").iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Stored, ChangeKind::Replaced, ChangeKind::Replaced]);
    // Who replaced it last is not who stored it first.
    let by_replacer = Sample { contents: 3, source: "stow:lan", ..Sample::new(1, 1, 1) };
    assert_eq!(fixture.commit(&by_replacer).await.effect, StoreEffect::Conflict);
}

async fn other_bytes_from_another_source_are_kept_but_not_served(fixture: Fixture) {
    let first = fixture.commit(&Sample::new(1, 1, 1)).await;
    let foreign = Sample { contents: 1, source: "dimse:CT2", ..Sample::new(1, 1, 1) };
    let second = fixture.commit(&foreign).await;
    assert_eq!(second.effect, StoreEffect::Conflict);
    let stored = fixture.index.instances(&study(1)).await.expect("a retrieve succeeds");
    assert_eq!(stored.iter().map(|stored| stored.version.id).collect::<Vec<_>>(), [first.version]);
    let conflict = fixture.index.conflicts(1, 0).await.expect("the list is read").remove(0);
    assert_eq!((conflict.kind, conflict.earlier), (ConflictKind::Content, Some(first.version)));
    assert!(!conflict.later_is_served);
    let kept = fixture.index.known_versions(&[first.version, second.version]).await.expect("asked");
    assert_eq!(kept.len(), 2);
}

async fn an_instance_that_first_came_in_conflict_becomes_visible_when_it_comes_right(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let wrong = Sample { patient: "P2".to_owned(), source: "dimse:CT2", ..Sample::new(1, 1, 2) };
    assert_eq!(fixture.commit(&wrong).await.effect, StoreEffect::Conflict);
    let right = Sample { contents: 1, source: "dimse:CT3", ..Sample::new(1, 1, 2) };
    assert_eq!(fixture.commit(&right).await.effect, StoreEffect::New);
    // The first source of the visible instance is who stored it visibly.
    let changed = Sample { contents: 2, ..right };
    assert_eq!(fixture.commit(&changed).await.effect, StoreEffect::Replaced);
    assert_eq!(fixture.visible().await, 2);
}

async fn people_without_patient_id_keep_their_own_names(fixture: Fixture) {
    for (study, name) in [(1, "Nguyễn^An"), (2, "Trần^Bình")] {
        let sample = Sample { issuer: String::new(), patient: String::new(), ..Sample::new(study, study, study) };
        fixture.commit(&sample.name(Attribute::PatientName, name, name)).await;
    }
    let one = [(Attribute::StudyInstanceUid, single("1.2.3.1.1"))];
    assert_eq!(fixture.find(Attribute::PatientName, QueryRetrieveLevel::Study, &one).await, ["Nguyễn^An"]);
    let two = [(Attribute::StudyInstanceUid, single("1.2.3.1.2"))];
    assert_eq!(fixture.find(Attribute::PatientName, QueryRetrieveLevel::Instance, &two).await, ["Trần^Bình"]);
}
