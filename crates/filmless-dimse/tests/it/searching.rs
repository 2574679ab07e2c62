//! C-FIND and C-GET of ours at a node that does what a test says.

use filmless_dicom::remote_search::{self, Level};
use filmless_dimse::DimseConfig;
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_dimse::requester::{Found, RemoteNode, RequestError, Requester};
use tokio_util::sync::CancellationToken;

use crate::client::{PATIENT_ROOT_FIND, STUDY_ROOT_FIND, command, data};
use crate::destination::{Called, Destination};
use crate::keys::identifier_of;

const PATIENT_ID: (u16, u16) = (0x0010, 0x0020);

/// A search of ours, and the node at which it arrives: its context, Message ID and what is left to do.
async fn searching(
    level: Level,
    limit: usize,
    model: &str,
) -> (Called, u8, u16, tokio::task::JoinHandle<Result<Found, RequestError>>) {
    let destination = Destination::listen().await;
    let node = RemoteNode::of(&destination.peer("NODE")).expect("it has a place");
    let config = DimseConfig { response_timeout_seconds: 1, ..DimseConfig::default() };
    let requester = Requester::new(config, CancellationToken::new());
    let keys = remote_search::identifier(level, [("PatientID", "BN1")]).expect("keys");
    let finding = tokio::spawn(async move { requester.find(&node, level, &keys, limit).await });
    let mut called = destination.called().await;
    called.accept(|abstract_syntax, _| abstract_syntax == model).await;
    let (context_id, request, identifier) = called.message().await.expect("a request");
    assert_eq!(request.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(model));
    assert_eq!(request.number(CommandTag::COMMAND_FIELD), Some(0x20));
    assert!(identifier.windows(4).any(|bytes| bytes == b"BN1 "), "the key is there");
    let message_id = request.number(CommandTag::MESSAGE_ID).expect("a Message ID");
    (called, context_id, message_id, finding)
}

fn response(message_id: u16, status: u16, has_data_set: bool) -> CommandSet {
    CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x8020)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, if has_data_set { 1 } else { 0x0101 })
        .with_number(CommandTag::STATUS, status)
}

async fn answer(called: &mut Called, context_id: u8, message_id: u16, patient_id: &str) {
    let answer = identifier_of(&[(PATIENT_ID, *b"LO", patient_id)]);
    called.send(&[command(context_id, &response(message_id, 0xFF00, true)), data(context_id, 2, &answer)].concat()).await;
}

#[tokio::test]
async fn answers_are_read_to_the_last() {
    for (level, model) in
        [(Level::Study, STUDY_ROOT_FIND), (Level::Study, PATIENT_ROOT_FIND), (Level::Patient, PATIENT_ROOT_FIND)]
    {
        let (mut called, context_id, message_id, finding) = searching(level, 10, model).await;
        for patient_id in ["BN1", "BN2"] {
            answer(&mut called, context_id, message_id, patient_id).await;
        }
        called.send(&command(context_id, &response(message_id, 0, false))).await;
        assert!(called.message().await.is_none(), "released");
        let found = finding.await.expect("no panic").expect("found");
        assert!(found.is_complete);
        let ids: Vec<_> = found.answers.iter().map(|answer| &answer["00100020"]["Value"][0]).collect();
        assert_eq!(ids, ["BN1", "BN2"]);
    }
}

#[tokio::test]
async fn more_answers_than_wanted_are_cancelled() {
    let (mut called, context_id, message_id, finding) = searching(Level::Study, 2, STUDY_ROOT_FIND).await;
    for patient_id in ["BN1", "BN2", "BN3"] {
        answer(&mut called, context_id, message_id, patient_id).await;
    }
    let (_, cancel, _) = called.message().await.expect("a cancel");
    assert_eq!(cancel.number(CommandTag::COMMAND_FIELD), Some(0x0FFF));
    assert_eq!(cancel.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id));
    answer(&mut called, context_id, message_id, "BN4").await;
    called.send(&command(context_id, &response(message_id, 0xFE00, false))).await;
    assert!(called.message().await.is_none(), "released");
    let found = finding.await.expect("no panic").expect("found");
    assert_eq!((found.answers.len(), found.is_complete), (2, false));
}

#[tokio::test]
async fn a_node_that_refuses_errs_or_falls_silent_is_said_to_do_so() {
    let (mut called, context_id, message_id, finding) = searching(Level::Study, 2, STUDY_ROOT_FIND).await;
    called.send(&command(context_id, &response(message_id, 0xA700, false))).await;
    assert!(called.message().await.is_none(), "released");
    assert!(matches!(finding.await.expect("no panic"), Err(RequestError::Status(0xA700))));

    let (mut called, context_id, message_id, finding) = searching(Level::Study, 2, STUDY_ROOT_FIND).await;
    let cut = b"\x10\0\x20\0LO\x40\0BN1 ";
    called.send(&[command(context_id, &response(message_id, 0xFF00, true)), data(context_id, 2, cut)].concat()).await;
    assert!(called.message().await.is_none(), "released");
    assert!(matches!(finding.await.expect("no panic"), Err(RequestError::NoDicom)));

    // A response to another request, and a response to nothing of the kind.
    for (field, number) in [(0x8020, 77), (0x8001, 1)] {
        let (mut called, context_id, _, finding) = searching(Level::Study, 2, STUDY_ROOT_FIND).await;
        let strange = CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, field)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, number)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
            .with_number(CommandTag::STATUS, 0);
        called.send(&command(context_id, &strange)).await;
        assert_eq!(called.pdu().await.map(|pdu| pdu[0]), Some(7), "an abort");
        called.finish().await;
        assert!(matches!(finding.await.expect("no panic"), Err(RequestError::NoDicom)), "{field:04X}");
    }

    let (mut called, _, _, finding) = searching(Level::Study, 2, STUDY_ROOT_FIND).await;
    assert_eq!(called.pdu().await.map(|pdu| pdu[0]), Some(7), "an abort");
    called.finish().await;
    assert!(matches!(finding.await.expect("no panic"), Err(RequestError::NoResponse)));
}
