//! The store act.

use bytes::Bytes;
use filmless_archive::ArchiveLimits;
use filmless_dicom::file_meta::FileMeta;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::attribute::Attribute;
use filmless_model::change::ChangeKind;
use filmless_model::conflict::ConflictKind;
use filmless_model::peer::PeerRights;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::store_outcome::{StoreEffect, StoreFailure};
use filmless_model::uid::{SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};
use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance, fresh_uid};
use filmless_testkit::part10::Part10;
use futures::TryStreamExt;
use futures::future::join_all;

use crate::fixture::{Fixture, peer};

fn meta(instance: &Instance) -> FileMeta {
    FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: TransferSyntaxUid::parse(EXPLICIT_VR_LITTLE_ENDIAN).expect("a UID of the standard"),
    }
}

#[tokio::test]
async fn the_data_set_comes_back_byte_for_byte_however_it_was_cut() {
    for piece in [1, 7, 1000, 1 << 20] {
        let fixture = Fixture::new().await;
        let instance = Instance::ct();
        let stored = fixture.store_in_pieces(&Actor::Operator, &instance.part10(), piece).await.expect("stores");
        assert_eq!(stored.effect, StoreEffect::New);
        assert_eq!(stored.address.instance, instance.sop_instance);

        let found = fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there");
        let blob = fixture.archive.blob(&found, None).await.expect("opens");
        let file = blob.try_collect::<Vec<_>>().await.expect("reads").concat();
        assert_eq!(Part10::parse(&file).expect("a DICOM file").data_set, instance.data_set(), "pieces of {piece}");
    }
}

#[tokio::test]
async fn a_stored_instance_is_found_by_the_next_search_without_diacritics() {
    let fixture = Fixture::new().await;
    let mut instance = Instance::ct();
    instance.character_set = "ISO_IR 192";
    instance.patient_name = "Nguyễn^Văn Đức".as_bytes().to_vec();
    fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");

    let mut query = Query::new(QueryRetrieveLevel::Study);
    query.matches.push((Attribute::PatientName, Matching::WildCard("nguyen van d*".to_owned())));
    let found = fixture.archive.search(&peer("WS"), &query).await.expect("searches");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text(Attribute::StudyInstanceUid), Some(instance.study.as_str()));
    assert_eq!(found[0].text(Attribute::PatientName), Some("Nguyễn^Văn Đức"));
    assert_eq!(found[0].number(Attribute::NumberOfStudyRelatedInstances), Some(1));
}

#[tokio::test]
async fn resending_the_same_instance_changes_nothing() {
    let fixture = Fixture::new().await;
    let file = Instance::ct().part10();
    let first = fixture.store(&peer("CT1"), &file).await.expect("stores");
    let again = fixture.store(&peer("OTHER"), &file).await.expect("stores");
    assert_eq!(again.effect, StoreEffect::AlreadyStored);
    assert_eq!(again.version, first.version);
    assert_eq!(fixture.blobs().len(), 1);
    assert_eq!(fixture.archive.changes(&Actor::Operator, 0, 10).await.expect("reads").len(), 1);
}

#[tokio::test]
async fn other_bytes_under_a_known_uid_are_kept_and_served_only_if_their_source_may_replace() {
    let replacing = {
        let Actor::Peer { ae_title, address, rights, user } = peer("QA") else { unreachable!("peer() makes a peer") };
        Actor::Peer { ae_title, address, rights: PeerRights { replace: true, ..rights }, user }
    };
    for (source, effect, kind) in [
        (peer("CT1"), StoreEffect::Replaced, ChangeKind::Replaced),
        (peer("OTHER"), StoreEffect::Conflict, ChangeKind::Conflict),
        (replacing, StoreEffect::Replaced, ChangeKind::Replaced),
    ] {
        let fixture = Fixture::new().await;
        let mut instance = Instance::ct();
        let first = fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");
        instance.seed += 1;
        let second = fixture.store(&source, &instance.part10()).await.expect("stores");
        assert_eq!(second.effect, effect, "{source:?}");
        assert_eq!(fixture.blobs().len(), 2, "both are kept");

        let served = fixture.archive.instance(&Actor::Operator, &first.address).await.expect("is there").version.id;
        assert_eq!(served, if effect == StoreEffect::Replaced { second.version } else { first.version });
        let conflicts = fixture.archive.conflicts(&Actor::Operator, 10, 0).await.expect("reads");
        assert_eq!(conflicts.len(), 1);
        assert_eq!(conflicts[0].kind, ConflictKind::Content);
        assert_eq!((conflicts[0].later, conflicts[0].earlier), (second.version, Some(first.version)));
        let changes = fixture.archive.changes(&Actor::Operator, 0, 10).await.expect("reads");
        assert_eq!(changes.iter().map(|change| change.kind).collect::<Vec<_>>(), [ChangeKind::Stored, kind]);
    }
}

#[tokio::test]
async fn an_instance_of_another_patient_under_a_known_study_is_kept_but_never_shown() {
    let fixture = Fixture::new().await;
    let instance = Instance::ct();
    fixture.store(&peer("CT1"), &instance.part10()).await.expect("stores");
    let mut stray = instance.next();
    stray.patient_id = "SOMEBODY-ELSE".to_owned();
    let stored = fixture.store(&peer("CT1"), &stray.part10()).await.expect("stores");
    assert_eq!(stored.effect, StoreEffect::Conflict);

    let study = Resource::Study(instance.study.clone());
    let shown = fixture.archive.instances(&Actor::Operator, Act::View, &study).await.expect("is there");
    assert_eq!(shown.iter().map(|shown| &shown.address.instance).collect::<Vec<_>>(), [&instance.sop_instance]);
    let conflicts = fixture.archive.conflicts(&Actor::Operator, 10, 0).await.expect("reads");
    assert_eq!(conflicts[0].kind, ConflictKind::Patient);
    assert_eq!(fixture.blobs().len(), 2);
}

#[tokio::test]
async fn a_data_set_that_is_not_what_the_command_named_is_refused() {
    let fixture = Fixture::new().await;
    let instance = Instance::ct();
    let mut other = meta(&instance);
    other.sop_instance = SopInstanceUid::parse(&fresh_uid()).expect("a UID");
    for (meta, expected) in [(meta(&instance), None), (other, Some(0xA900))] {
        let mut incoming = fixture.archive.begin_store_data_set(&peer("CT1"), meta).await.expect("begins");
        let written = incoming.write(Bytes::from(instance.data_set())).await;
        let outcome = match written {
            Ok(()) => incoming.finish().await,
            Err(failure) => Err(failure),
        };
        assert_eq!(outcome.err().map(|failure| failure.code()), expected);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_leaves_nothing_behind() {
    let limits = ArchiveLimits { max_instance_bytes: 100_000, ..ArchiveLimits::default() };
    let fixture = Fixture::with_limits(limits).await;
    let good = Instance::ct();
    let mut long = Instance::ct();
    (long.rows, long.columns) = (512, 512);
    let truncated = good.part10();
    let truncated = &truncated[..truncated.len() - 100];
    for (file, code) in [
        (long.part10(), 0xA700),
        (truncated.to_vec(), 0xC000),
        (b"<html>this is no DICOM file, however long it is</html>".repeat(10), 0xC000),
        (Vec::new(), 0xC000),
    ] {
        let failure = fixture.store(&Actor::Operator, &file).await.expect_err("must fail");
        assert_eq!(failure.code(), code, "{failure}");
    }
    let elsewhere = StudyInstanceUid::parse(&fresh_uid()).expect("a UID");
    let mut incoming = fixture.archive.begin_store_file(&Actor::Operator, Some(elsewhere)).expect("begins");
    incoming.write(Bytes::from(good.part10())).await.expect("takes bytes");
    assert!(matches!(incoming.finish().await, Err(StoreFailure::DataSetDoesNotMatch(_))));

    assert_eq!(fixture.blobs(), Vec::<std::path::PathBuf>::new());
    assert_eq!(fixture.archive.last_change(&Actor::Operator).await.expect("reads"), 0);
}

#[tokio::test]
async fn a_peer_without_the_right_to_store_may_not() {
    let fixture = Fixture::new().await;
    let Actor::Peer { ae_title, address, .. } = peer("WS") else { unreachable!("peer() makes a peer") };
    let reader = Actor::Peer { ae_title, address, rights: PeerRights { query: true, ..PeerRights::default() }, user: None };
    let refused = fixture.archive.begin_store_data_set(&reader, meta(&Instance::ct())).await;
    assert_eq!(refused.err(), Some(StoreFailure::NotAuthorised));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_associations_that_store_one_series_never_fail_and_never_double() {
    let fixture = Fixture::new().await;
    let series = Instance::ct().series_of(12);
    let files: Vec<_> = series.iter().map(Instance::part10).collect();
    let (fixture, files) = (&fixture, &files);
    let senders = (0..8).map(|sender| async move {
        let mut new = 0;
        for at in 0..files.len() {
            let file = &files[(at + sender * 5) % files.len()];
            let stored = fixture.store(&peer("CT1"), file).await.expect("stores");
            new += usize::from(stored.effect == StoreEffect::New);
        }
        new
    });
    let new: usize = join_all(senders).await.into_iter().sum();
    assert_eq!(new, files.len());
    let study = Resource::Study(series[0].study.clone());
    assert_eq!(fixture.archive.instances(&Actor::Operator, Act::View, &study).await.expect("is there").len(), files.len());
    assert_eq!(fixture.blobs().len(), files.len(), "blobs of the same bytes that came at the same time are withdrawn");
}

#[tokio::test]
async fn a_store_wakes_those_who_watch() {
    let fixture = Fixture::new().await;
    let mut watcher = fixture.archive.watch();
    fixture.store(&Actor::Operator, &Instance::ct().part10()).await.expect("stores");
    watcher.changed().await.expect("the archive lives");
    let last = *watcher.borrow();
    assert_eq!(fixture.archive.last_change(&Actor::Operator).await.expect("reads"), last);
}
