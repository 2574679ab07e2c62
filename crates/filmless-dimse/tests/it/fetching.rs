//! C-GET of ours at a node that sends what it has a context for, and the ways to the rest.

use std::sync::Mutex;

use filmless_dimse::DimseConfig;
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_dimse::requester::{Failure, RemoteNode, RequestError, Requester, Transfer, Wanted};
use filmless_model::uid::{SopInstanceUid, StudyInstanceUid};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::{CT, STUDY_ROOT_FIND, command, data, store_rq};
use crate::destination::{Called, Destination};
use crate::door::Door;
use crate::keys::{INSTANCE, Keys, SERIES, SERIES_UID, STUDY_UID, identifier_of};
use crate::store::data_set;

/// Study Root Query/Retrieve Information Model - GET and MOVE.
const STUDY_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
/// A class that a vendor made.
const PRIVATE: &str = "1.3.12.2.1107.5.9.1";
const FIRST: &str = "1.2.826.0.1.3680043.10.1.3.1";
const SECOND: &str = "1.2.826.0.1.3680043.10.1.3.2";
const FAILED: (u16, u16) = (0x0008, 0x0058);
const SOP_CLASS: (u16, u16) = (0x0008, 0x0016);
const RELATED_INSTANCES: (u16, u16) = (0x0020, 0x1208);

/// Accepts an association in these classes; the contexts of them, by class and transfer syntax.
async fn accepted(called: &mut Called, classes: &[&str]) -> Vec<(u8, String, String)> {
    let proposed = Mutex::new(Vec::new());
    called
        .accept(|abstract_syntax, transfer_syntax| {
            proposed.lock().expect("not poisoned").push((abstract_syntax.to_owned(), transfer_syntax.to_owned()));
            classes.contains(&abstract_syntax)
        })
        .await;
    let proposed = proposed.into_inner().expect("not poisoned");
    let contexts = (1..=u8::MAX).step_by(2).zip(proposed).map(|(id, (class, transfer_syntax))| (id, class, transfer_syntax));
    contexts.filter(|(_, class, _)| classes.contains(&class.as_str())).collect()
}

fn context_of(contexts: &[(u8, String, String)], class: &str) -> u8 {
    contexts.iter().find(|(_, abstract_syntax, _)| abstract_syntax == class).expect("it was proposed").0
}

/// The last response to a request, with what failed.
async fn conclude(
    called: &mut Called,
    (context_id, request): (u8, &CommandSet),
    status: u16,
    (completed, failed): (u16, &[&str]),
) {
    let field = request.number(CommandTag::COMMAND_FIELD).expect("a request") | 0x8000;
    let response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, field)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, request.number(CommandTag::MESSAGE_ID).expect("a Message ID"))
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, if failed.is_empty() { 0x0101 } else { 1 })
        .with_number(CommandTag::STATUS, status)
        .with_number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS, completed)
        .with_number(CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS, 0)
        .with_number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS, u16::try_from(failed.len()).expect("few"));
    called.send(&command(context_id, &response)).await;
    if !failed.is_empty() {
        called.send(&data(context_id, 2, &identifier_of(&[(FAILED, *b"UI", &failed.join("\\"))]))).await;
    }
}

/// Sends an instance, which is to be stored.
async fn give(called: &mut Called, context_id: u8, class: &str, instance: &str) {
    called.send(&command(context_id, &store_rq(1, class, instance))).await;
    called.send(&data(context_id, 2, &data_set(class, instance, 40))).await;
    let (_, response, _) = called.message().await.expect("a response");
    assert_eq!((response.number(CommandTag::COMMAND_FIELD), response.number(CommandTag::STATUS)), (Some(0x8001), Some(0)));
}

/// Answers a search.
async fn answer(called: &mut Called, answers: &[Keys<'_>], level: &str) {
    let (context_id, request, identifier) = called.message().await.expect("a search");
    assert!(identifier.windows(level.len()).any(|bytes| bytes == level.as_bytes()), "{level}");
    let response = |status: u16, data_set: u16| {
        CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, 0x8020)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, request.number(CommandTag::MESSAGE_ID).expect("an ID"))
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, data_set)
            .with_number(CommandTag::STATUS, status)
    };
    for keys in answers {
        called.send(&[command(context_id, &response(0xFF00, 1)), data(context_id, 2, &identifier_of(keys))].concat()).await;
    }
    called.send(&command(context_id, &response(0, 0x0101))).await;
}

type Fetching = JoinHandle<(Result<(), RequestError>, Transfer)>;

/// A fetch of a study of two instances.
async fn begun() -> (Door, Destination, Fetching) {
    let (door, destination) = (Door::open().await, Destination::listen().await);
    let peer = destination.peer("NODE");
    let node = RemoteNode::of(&peer).expect("it has a place");
    let requester =
        Requester::new(DimseConfig { response_timeout_seconds: 5, ..DimseConfig::default() }, CancellationToken::new());
    let archive = door.archive.clone();
    let fetching = tokio::spawn(async move {
        let (said, progress) = watch::channel(Transfer::default());
        let study = StudyInstanceUid::parse(STUDY_UID).expect("a UID");
        let wanted = Wanted { study, series: None, instances: Vec::new() };
        let ended = requester.fetch(&archive, (&peer, &node), &wanted, &said).await;
        let transfer = progress.borrow().clone();
        (ended, transfer)
    });
    (door, destination, fetching)
}

/// The node gives the first on its first association, and says this of the second.
async fn gives_the_first(destination: &Destination, status: u16, failed: &[&str]) {
    let mut called = destination.called().await;
    let contexts = accepted(&mut called, &[STUDY_ROOT_GET, STUDY_ROOT_MOVE, CT]).await;
    let (context_id, request, _) = called.message().await.expect("a request");
    assert_eq!(request.number(CommandTag::COMMAND_FIELD), Some(0x10));
    give(&mut called, context_of(&contexts, CT), CT, FIRST).await;
    conclude(&mut called, (context_id, &request), status, (1, failed)).await;
    assert!(called.message().await.is_none(), "released");
}

/// A fetch of which the node has given the first, and said that the second failed.
async fn half_fetched() -> (Door, Destination, Fetching) {
    let (door, destination, fetching) = begun().await;
    gives_the_first(&destination, 0xB000, &[SECOND]).await;
    (door, destination, fetching)
}

/// The node says where the two are.
async fn located(destination: &Destination) {
    let mut called = destination.called().await;
    accepted(&mut called, &[STUDY_ROOT_FIND]).await;
    answer(&mut called, &[&[(SERIES, *b"UI", SERIES_UID)]], "SERIES").await;
    let place = |class, instance| [(SOP_CLASS, *b"UI", class), (INSTANCE, *b"UI", instance)];
    answer(&mut called, &[&place(CT, FIRST), &place(PRIVATE, SECOND)], "IMAGE").await;
    assert!(called.message().await.is_none(), "released");
}

#[tokio::test]
async fn what_a_node_had_no_context_for_it_gives_in_contexts_of_its_class() {
    let (door, destination, fetching) = half_fetched().await;
    located(&destination).await;
    let mut called = destination.called().await;
    let contexts = accepted(&mut called, &[STUDY_ROOT_GET, PRIVATE]).await;
    assert_eq!(contexts.len(), 1 + 13, "every transfer syntax by itself");
    let (context_id, request, identifier) = called.message().await.expect("a request");
    assert!(identifier.windows(SECOND.len()).any(|bytes| bytes == SECOND.as_bytes()));
    assert!(!identifier.windows(FIRST.len()).any(|bytes| bytes == FIRST.as_bytes()), "that has come");
    give(&mut called, context_of(&contexts, PRIVATE), PRIVATE, SECOND).await;
    conclude(&mut called, (context_id, &request), 0, (1, &[])).await;
    assert!(called.message().await.is_none(), "released");
    located(&destination).await;
    let (ended, transfer) = fetching.await.expect("no panic");
    assert!(ended.is_ok(), "{ended:?}");
    assert_eq!(transfer, Transfer { total: Some(2), completed: 2, ..Transfer::default() });
    assert_eq!(door.stored().await.len(), 2);
    door.ended().await;
}

#[tokio::test]
async fn what_a_node_does_not_give_at_all_it_is_asked_to_move_to_our_door() {
    for (status, reason) in [
        // It says that it moved it, which is not true.
        (0, "the node did not send it and did not say so"),
        (0xA801, "the node could not send it nor move it: the node answers with status A801"),
    ] {
        let (door, destination, fetching) = half_fetched().await;
        located(&destination).await;
        let mut called = destination.called().await;
        accepted(&mut called, &[STUDY_ROOT_GET]).await;
        let (context_id, request, _) = called.message().await.expect("a request");
        conclude(&mut called, (context_id, &request), 0xA702, (0, &[SECOND])).await;
        assert!(called.message().await.is_none(), "released");
        let mut called = destination.called().await;
        accepted(&mut called, &[STUDY_ROOT_MOVE]).await;
        let (context_id, request, _) = called.message().await.expect("a request");
        assert_eq!(request.text(CommandTag::MOVE_DESTINATION), Some("FILMLESS"));
        conclude(&mut called, (context_id, &request), status, (u16::from(status == 0), &[])).await;
        assert!(called.message().await.is_none(), "released");
        if status == 0 {
            located(&destination).await;
        }
        let (ended, transfer) = fetching.await.expect("no panic");
        assert_eq!(ended.is_ok(), status == 0, "{ended:?}");
        assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(2), 1, 1));
        assert_eq!(transfer.failures, [Failure { instance: SopInstanceUid::parse(SECOND).ok(), reason: reason.to_owned() }]);
        door.ended().await;
    }
}

#[tokio::test]
async fn what_a_node_skips_is_told_by_its_name_or_number() {
    for lists_instances in [true, false] {
        let (door, destination, fetching) = begun().await;
        gives_the_first(&destination, 0, &[]).await;
        if lists_instances {
            located(&destination).await;
        } else {
            let mut called = destination.called().await;
            accepted(&mut called, &[STUDY_ROOT_FIND]).await;
            answer(&mut called, &[], "SERIES").await;
            assert!(called.message().await.is_none(), "released");
            let mut called = destination.called().await;
            accepted(&mut called, &[STUDY_ROOT_FIND]).await;
            answer(&mut called, &[&[(RELATED_INSTANCES, *b"IS", "2 ")]], "STUDY").await;
            assert!(called.message().await.is_none(), "released");
        }
        let (ended, transfer) = fetching.await.expect("no panic");
        assert!(ended.is_ok(), "{ended:?}");
        assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(2), 1, 1));
        let instance = SopInstanceUid::parse(SECOND).ok().filter(|_| lists_instances);
        let reason = "the node did not send it and did not say so".to_owned();
        assert_eq!(transfer.failures, [Failure { instance, reason }]);
        door.ended().await;
    }
}

#[tokio::test]
async fn a_node_that_names_nothing_is_asked_to_move_all() {
    let (door, destination, fetching) = begun().await;
    for (model, failed) in [(STUDY_ROOT_GET, 2), (STUDY_ROOT_MOVE, 1)] {
        let mut called = destination.called().await;
        accepted(&mut called, &[STUDY_ROOT_GET, STUDY_ROOT_MOVE]).await;
        let (context_id, request, _) = called.message().await.expect("a request");
        assert_eq!(request.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(model));
        let response = CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, request.number(CommandTag::COMMAND_FIELD).expect("a field") | 0x8000)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, request.number(CommandTag::MESSAGE_ID).expect("an ID"))
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
            .with_number(CommandTag::STATUS, 0xB000)
            .with_number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS, 2 - failed)
            .with_number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS, failed);
        called.send(&command(context_id, &response)).await;
        assert!(called.message().await.is_none(), "released");
    }
    // It does not say what it has either.
    accepted(&mut destination.called().await, &[]).await;
    let (ended, transfer) = fetching.await.expect("no panic");
    assert!(ended.is_ok(), "{ended:?}");
    assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(2), 1, 1));
    door.ended().await;
}
