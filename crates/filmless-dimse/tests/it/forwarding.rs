//! Forwarding to peers that do not do as one wishes.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use filmless_archive::clock::now_ms;
use filmless_archive::forwarding::errand::Errand;
use filmless_archive::forwarding::{Courier, Couriers};
use filmless_dicom::commitment::RequestReader;
use filmless_dimse::DimseConfig;
use filmless_dimse::command::{CommandField, CommandTag};
use filmless_dimse::courier::PeerCourier;
use filmless_dimse::requester::Requester;
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::coercion::WrittenRule;
use filmless_model::forwarding::{Destination as Place, ForwardState, ForwardingName, Target};
use filmless_model::uid::{SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};
use filmless_testkit::wait;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::client::{CT, EXPLICIT};
use crate::commitment::PUSH_MODEL;
use crate::destination::Destination;
use crate::door::Door;
use crate::get::with_instances;
use crate::keys::STUDY_UID;
use crate::store::data_set;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Nothing goes to web services here.
struct NoCourier;

#[async_trait]
impl Courier for NoCourier {
    async fn deliver(&self, _: &Place, _: &mut Errand) -> Result<(), String> {
        Err("not here".to_owned())
    }
}

fn name() -> ForwardingName {
    ForwardingName::parse("centre").expect("a name")
}

/// Has the study on its way to the peer DEST, and sends until the guard is dropped.
async fn forwarding(door: &Door, destination: &Destination, set: impl FnOnce(&mut Place)) -> DropGuard {
    door.know(destination.peer("DEST")).await;
    let target = Target::Peer(AeTitle::parse("DEST").expect("a title"));
    let mut place = Place { parallel: 1, ..Place::new(name(), target) };
    set(&mut place);
    door.archive.put_forwarding_destination(&Actor::Operator, place).await.expect("put");
    let study = Resource::Study(StudyInstanceUid::parse(STUDY_UID).expect("a UID"));
    assert_eq!(door.archive.forward(&Actor::Operator, &name(), &study).await.expect("queued"), 3);
    let stop = CancellationToken::new();
    let requester = Requester::new(DimseConfig::default(), stop.clone());
    let peers = Arc::new(PeerCourier::new(door.archive.clone(), requester));
    let couriers = Couriers { notary: peers.clone(), peers, web: Arc::new(NoCourier) };
    tokio::spawn(door.archive.clone().send_forwards(couriers, stop.clone()));
    stop.drop_guard()
}

/// Waits until so many are waiting, unproven, sent and failed.
async fn counted(door: &Door, expected: [u64; 4]) {
    wait::until("forwards in these states", PATIENCE, async || {
        let counts = &door.archive.destinations(&Actor::Operator).await.expect("listed")[0].counts;
        (ForwardState::ALL.map(|state| counts.get(&state).copied().unwrap_or(0)) == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn instances_go_on_one_association_and_each_status_is_its_own() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    let _sending = forwarding(&door, &destination, |_| {}).await;
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    let mut received = Vec::new();
    for status in [0xB000, 0xC000, 0x0124] {
        let (context_id, command, bytes) = called.message().await.expect("an instance");
        let instance = command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).expect("an instance").to_owned();
        assert_eq!(bytes, data_set(CT, &instance, 40));
        assert_eq!(command.text(CommandTag::MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE), None);
        called.stored(context_id, &command, status).await;
        received.push(instance);
    }
    counted(&door, [1, 0, 1, 1]).await;
    assert!(called.message().await.is_none(), "it is released when nothing more comes");
    let list = async |state| door.archive.forwards(&Actor::Operator, &name(), state, 10).await.expect("listed");
    let sent = list(ForwardState::Sent).await;
    assert_eq!((sent[0].address.instance.as_str(), sent[0].trouble.as_deref()), (received[0].as_str(), Some("status B000")));
    let failed = list(ForwardState::Failed).await;
    assert_eq!((failed[0].address.instance.as_str(), failed[0].trouble.as_deref()), (received[1].as_str(), Some("status C000")));
    let waiting = list(ForwardState::Waiting).await;
    assert_eq!((waiting[0].trouble.as_deref(), waiting[0].attempts), (Some("status 0124"), 1));
    assert!(waiting[0].at_ms > now_ms(), "not at once");

    // What failed and what waits is sent when somebody says so.
    assert_eq!(door.archive.retry_forwards(&Actor::Operator, &name()).await.expect("asked"), 1);
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    for _ in 0..2 {
        let (context_id, command, _) = called.message().await.expect("an instance");
        called.stored(context_id, &command, 0).await;
    }
    counted(&door, [0, 0, 3, 0]).await;
}

#[tokio::test]
async fn a_peer_without_room_and_one_that_breaks_off_are_called_again_and_get_all() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    let _sending = forwarding(&door, &destination, |_| {}).await;
    // No room.
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    let (context_id, command, _) = called.message().await.expect("an instance");
    called.stored(context_id, &command, 0xA700).await;
    assert!(called.message().await.is_none(), "nothing else is tried");
    counted(&door, [3, 0, 0, 0]).await;
    // Breaks off in the middle; what it was sent then comes last.
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    let (_, command, _) = called.message().await.expect("an instance");
    let first = command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).expect("an instance").to_owned();
    drop(called);
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    for _ in 0..2 {
        let (context_id, command, _) = called.message().await.expect("an instance");
        assert_ne!(command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID), Some(first.as_str()));
        called.stored(context_id, &command, 0).await;
    }
    counted(&door, [1, 0, 2, 0]).await;
}

#[tokio::test]
async fn classes_that_a_peer_does_not_take_are_listed_and_keep_nothing_else_waiting() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    let _sending = forwarding(&door, &destination, |_| {}).await;
    for _ in 0..3 {
        let mut called = destination.called().await;
        called.accept(|_, _| false).await;
        assert!(called.message().await.is_none());
    }
    let waiting = door.archive.forwards(&Actor::Operator, &name(), ForwardState::Waiting, 10).await.expect("listed");
    assert_eq!(waiting.len(), 3);
    wait::until("all were tried", PATIENCE, async || {
        let waiting = door.archive.forwards(&Actor::Operator, &name(), ForwardState::Waiting, 10).await.expect("listed");
        waiting.iter().all(|forward| forward.attempts == 1).then_some(())
    })
    .await;
    let row = &door.archive.destinations(&Actor::Operator).await.expect("listed")[0].row;
    assert_eq!((row.failures, &row.trouble), (0, &None), "the peer itself is well");
}

#[tokio::test]
async fn what_a_peer_does_not_vouch_for_is_sent_again() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    let _sending = forwarding(&door, &destination, |place| place.commit = true).await;
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        let (context_id, command, _) = called.message().await.expect("an instance");
        taken.push(SopInstanceUid::parse(command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).expect("named")).expect("a UID"));
        called.stored(context_id, &command, 0).await;
    }
    counted(&door, [0, 3, 0, 0]).await;
    assert!(called.message().await.is_none());

    // It takes no Storage Commitment at first.
    let mut called = destination.called().await;
    called.accept(|_, _| false).await;
    assert!(called.message().await.is_none());
    let list = async |state| door.archive.forwards(&Actor::Operator, &name(), state, 10).await.expect("listed");
    wait::until("trouble", PATIENCE, async || {
        let unproven = list(ForwardState::Unproven).await;
        let words = "it has taken the instance, but: the peer has no Storage Commitment";
        unproven.iter().all(|forward| forward.trouble.as_deref() == Some(words)).then_some(())
    })
    .await;
    door.archive.retry_forwards(&Actor::Operator, &name()).await.expect("asked");
    let mut called = destination.called().await;
    called.accept(|abstract_syntax, _| abstract_syntax == PUSH_MODEL).await;
    let (context_id, command, data_set) = called.message().await.expect("a request");
    assert_eq!(command.number(CommandTag::COMMAND_FIELD), Some(CommandField::N_ACTION_RQ.0));
    let mut reader = RequestReader::new(&TransferSyntaxUid::parse(EXPLICIT).expect("a UID"));
    reader.push(&data_set).expect("a request");
    let (transaction, references) = reader.finish().expect("a request");
    assert_eq!(references.into_iter().map(|(_, instance)| instance).collect::<Vec<_>>(), taken);
    // It answers some time after it has accepted.
    called.answer(context_id, &command, 0x8130, 0).await;
    assert!(called.message().await.is_none());
    let peer = AeTitle::parse("DEST").expect("a title");
    let (committed, failed) = (vec![taken[0].clone()], vec![(taken[1].clone(), 0x0110)]);
    assert!(door.archive.take_answer(&peer, &transaction, committed, failed).await.expect("kept"));
    counted(&door, [2, 0, 1, 0]).await;
    let waiting = list(ForwardState::Waiting).await;
    let words: BTreeSet<_> = waiting.iter().filter_map(|forward| forward.trouble.as_deref()).collect();
    let why = "it has taken the instance but does not vouch for it";
    assert_eq!(words, BTreeSet::from([why, &format!("{why}: failure reason 0110")]));

    door.archive.retry_forwards(&Actor::Operator, &name()).await.expect("asked");
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    for _ in 0..2 {
        let (context_id, command, _) = called.message().await.expect("an instance");
        called.stored(context_id, &command, 0).await;
    }
    counted(&door, [0, 2, 1, 0]).await;
}

#[tokio::test]
async fn a_copy_is_as_the_rules_of_its_destination_have_it() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    let rule = |attribute: &str, action: &str, value: &str| WrittenRule {
        attribute: attribute.to_owned(),
        action: action.to_owned(),
        value: Some(value.to_owned()),
        ..WrittenRule::default()
    };
    let rules = vec![rule("PatientID", "prefix", "HN-"), rule("InstitutionName", "set", "BVDK")];
    let _sending = forwarding(&door, &destination, |place| place.coercion = rules).await;
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    for _ in 0..3 {
        let (context_id, command, bytes) = called.message().await.expect("an instance");
        let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(has(b"\x10\0\x20\0LO\x06\0HN-P1 ") && has(b"\x08\0\x80\0LO\x04\0BVDK"), "{bytes:?}");
        assert!(bytes.ends_with(&[0x5a; 40]), "the pixels are as they were");
        called.stored(context_id, &command, 0).await;
    }
    counted(&door, [0, 0, 3, 0]).await;
    assert!(door.stored().await.iter().all(|stored| stored.version.coercion.is_none()), "what is stored stays as it is");
}
