//! Storage commitment: N-ACTION, and the N-EVENT-REPORT that follows.

use filmless_dicom::identifier::{self, Key, KeyValue};
use filmless_dimse::command::{CommandField, CommandSet, CommandTag};
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::Tag;
use filmless_model::commitment::{AskedCommitment, CommitmentState};
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransactionUid, TransferSyntaxUid};
use filmless_testkit::performed_step::{element, references};
use filmless_testkit::wait;

use crate::client::{CT, Client, EXPLICIT, MR, Request, command, data, store_rq};
use crate::door::Door;
use crate::store::data_set;

pub(crate) const PUSH_MODEL: &str = "1.2.840.10008.1.20.1";
const PUSH_MODEL_INSTANCE: &str = "1.2.840.10008.1.20.1.1";
const FAILED: Tag = Tag(0x0008, 0x1198);
const COMMITTED: Tag = Tag(0x0008, 0x1199);

/// CT under 1, commitments under 3.
async fn associated(door: &Door, calling: &'static str) -> Client {
    let contexts = vec![(1, CT, vec![EXPLICIT]), (3, PUSH_MODEL, vec![EXPLICIT])];
    Client::associated_by(door.address, &Request { calling, contexts, ..Request::default() }).await.0
}

fn action_rq(message_id: u16, class: &str, instance: &str, action: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::REQUESTED_SOP_CLASS_UID, class)
        .with_number(CommandTag::COMMAND_FIELD, CommandField::N_ACTION_RQ.0)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1)
        .with_uid(CommandTag::REQUESTED_SOP_INSTANCE_UID, instance)
        .with_number(CommandTag::ACTION_TYPE_ID, action)
}

fn information(transaction: &str, instances: &[(&str, &str)]) -> Vec<u8> {
    [element(0x0008, 0x1195, *b"UI", transaction.as_bytes()), references(0x0008, 0x1199, instances)].concat()
}

/// Asks for a commitment; the status of the response.
async fn ask(client: &mut Client, transaction: &str, instances: &[(&str, &str)]) -> u16 {
    let request = command(3, &action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 1));
    client.send(&[request, data(3, 2, &information(transaction, instances))].concat()).await;
    client.status(7).await
}

/// The report that comes next: its type, what failed and why, and what is committed. It is answered.
async fn report(client: &mut Client) -> (u16, Vec<(String, String)>, Vec<String>) {
    let request = client.response().await;
    assert_eq!(request.number(CommandTag::COMMAND_FIELD), Some(0x0100), "{request:?}");
    assert_eq!(request.text(CommandTag::AFFECTED_SOP_INSTANCE_UID), Some(PUSH_MODEL_INSTANCE));
    let event = request.number(CommandTag::EVENT_TYPE_ID).expect("a type");
    let pdu = client.pdu().await.expect("the result");
    let explicit = TransferSyntaxUid::parse(EXPLICIT).expect("a UID");
    let keys = identifier::read(&pdu[12..], &explicit).expect("a data set");
    let text = |key: &Key| match &key.value {
        KeyValue::Text(text) => text.clone(),
        KeyValue::Items(_) => String::new(),
    };
    let items = |tag| match keys.iter().find(|key| key.tag == tag).map(|key| &key.value) {
        Some(KeyValue::Items(items)) => items.clone(),
        _ => Vec::new(),
    };
    let failed = items(FAILED).iter().map(|item| (text(&item[1]), text(&item[2]))).collect();
    let committed = items(COMMITTED).iter().map(|item| text(&item[1])).collect();
    let response = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, PUSH_MODEL)
        .with_number(CommandTag::COMMAND_FIELD, 0x8100)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, request.number(CommandTag::MESSAGE_ID).expect("an ID"))
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_number(CommandTag::STATUS, 0);
    client.send(&command(3, &response)).await;
    (event, failed, committed)
}

async fn store(client: &mut Client, instance: &str) {
    client.send(&command(1, &store_rq(1, CT, instance))).await;
    client.send(&data(1, 2, &data_set(CT, instance, 2))).await;
    assert_eq!(client.status(1).await, 0);
}

/// Waits until the peer was told of all.
async fn reported(door: &Door) {
    wait::until("commitments that are reported", std::time::Duration::from_secs(20), async || {
        let all = door.commitments().await;
        all.iter().all(|commitment| commitment.state == CommitmentState::Reported).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_whole_is_committed_and_what_is_not_says_why() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    store(&mut client, "1.2.3.1").await;
    store(&mut client, "1.2.3.2").await;
    assert_eq!(ask(&mut client, "1.2.9.1", &[(CT, "1.2.3.1"), (CT, "1.2.3.2"), (CT, "1.2.3.1")]).await, 0);
    assert_eq!(report(&mut client).await, (1, vec![], vec!["1.2.3.1".to_owned(), "1.2.3.2".to_owned()]));

    door.damage_a_blob();
    assert_eq!(ask(&mut client, "1.2.9.2", &[(CT, "1.2.3.1"), (CT, "1.2.3.2"), (CT, "1.2.3.9"), (MR, "1.2.3.2")]).await, 0);
    let (event, failed, committed) = report(&mut client).await;
    assert_eq!((event, failed.len(), committed.len()), (2, 3, 1), "{failed:?}");
    let codes: Vec<_> = [0x0110, 0x0112, 0x0119].iter().map(u16::to_string).collect();
    let mut found: Vec<_> = failed.iter().map(|(_, reason)| reason.clone()).collect();
    found.sort();
    assert_eq!(found, codes);
    reported(&door).await;
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_transaction_is_asked_for_once() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    store(&mut client, "1.2.3.1").await;
    for (instance, message) in [("1.2.3.1", "anew"), ("1.2.3.1", "again"), ("1.2.3.2", "for something else")] {
        assert_eq!(ask(&mut client, "1.2.9.1", &[(CT, instance)]).await, 0, "{message}");
    }
    let mut reports = [report(&mut client).await, report(&mut client).await];
    reports.sort();
    let duplicate = vec![("1.2.3.2".to_owned(), 0x0131.to_string())];
    assert_eq!(reports, [(1, vec![], vec!["1.2.3.1".to_owned()]), (2, duplicate, vec![])]);
    reported(&door).await;
    // It is over, so its UID may be used again.
    assert_eq!(ask(&mut client, "1.2.9.1", &[(CT, "1.2.3.2")]).await, 0);
    assert_eq!(report(&mut client).await.1, [("1.2.3.2".to_owned(), 0x0112.to_string())]);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_store_goes_on_while_a_result_is_told() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    store(&mut client, "1.2.3.1").await;
    assert_eq!(ask(&mut client, "1.2.9.1", &[(CT, "1.2.3.1")]).await, 0);
    let request = client.response().await;
    assert_eq!(request.number(CommandTag::COMMAND_FIELD), Some(0x0100));
    client.pdu().await.expect("the result");
    // The response comes later, and another store before it.
    store(&mut client, "1.2.3.2").await;
    let response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x8100)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, request.number(CommandTag::MESSAGE_ID).expect("an ID"))
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_number(CommandTag::STATUS, 0);
    client.send(&command(3, &response)).await;
    reported(&door).await;
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_peer_without_a_port_keeps_its_result_waiting() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    assert_eq!(ask(&mut client, "1.2.9.1", &[(CT, "1.2.3.1")]).await, 0);
    client.release().await;
    wait::until("trouble", std::time::Duration::from_secs(20), async || {
        let waiting = door.commitments().await.remove(0);
        waiting.trouble.is_some_and(|trouble| trouble.contains("no port")).then_some(())
    })
    .await;
    let waiting = door.commitments().await.remove(0);
    assert_eq!((waiting.state, waiting.attempts, waiting.failed), (CommitmentState::Reporting, 1, 1));
    door.ended().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_its_number() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    let good = information("1.2.9.1", &[(CT, "1.2.3.1")]);
    for (name, context, request, information, expected) in [
        ("another class", 3, action_rq(7, CT, PUSH_MODEL_INSTANCE, 1), good.clone(), 0x0118),
        ("another instance", 3, action_rq(7, PUSH_MODEL, "1.2.3", 1), good.clone(), 0x0112),
        ("another action", 3, action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 2), good.clone(), 0x0123),
        ("another context", 1, action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 1), good.clone(), 0x0211),
        (
            "no transaction",
            3,
            action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 1),
            references(0x0008, 0x1199, &[(CT, "1.2")]),
            0x0115,
        ),
        ("no instances", 3, action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 1), information("1.2.9.1", &[]), 0x0115),
        ("no data set", 3, action_rq(7, PUSH_MODEL, PUSH_MODEL_INSTANCE, 1), b"\x08\0\x95\x11UI\xff\xff".to_vec(), 0x0110),
    ] {
        client.send(&[command(context, &request), data(context, 2, &information)].concat()).await;
        assert_eq!(client.status(7).await, expected, "{name}");
    }
    client.release().await;
    let mut viewer = associated(&door, "VIEWER").await;
    assert_eq!(ask(&mut viewer, "1.2.9.1", &[(CT, "1.2.3.1")]).await, 0x0124);
    viewer.release().await;
    assert_eq!(door.commitments().await, []);
    door.ended().await;
}

#[tokio::test]
async fn what_a_peer_was_asked_it_may_answer_and_nothing_else() {
    let door = Door::open().await;
    let instance = "1.2.826.0.1.3680043.10.1.3.1";
    let reference = (SopClassUid::parse(CT).expect("a UID"), SopInstanceUid::parse(instance).expect("a UID"));
    let asked = |transaction: &str, peer: &str| AskedCommitment {
        transaction: TransactionUid::parse(transaction).expect("a UID"),
        peer: AeTitle::parse(peer).expect("a title"),
        references: vec![reference.clone()],
        asked_ms: 1,
        answer: None,
    };
    let (ours, others) = (asked("1.2.9.1", "CT1"), asked("1.2.9.2", "VIEWER"));
    for asked in [&ours, &others] {
        door.has_asked(asked).await;
    }
    let mut client = associated(&door, "CT1").await;
    let report = |context_id: u8, transaction: &str| {
        let request = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, PUSH_MODEL)
            .with_number(CommandTag::COMMAND_FIELD, 0x0100)
            .with_number(CommandTag::MESSAGE_ID, 9)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1)
            .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, PUSH_MODEL_INSTANCE)
            .with_number(CommandTag::EVENT_TYPE_ID, 1);
        [command(context_id, &request), data(context_id, 2, &information(transaction, &[(CT, instance)]))].concat()
    };
    for (context_id, transaction, status) in
        [(3, "1.2.9.1", 0), (3, "1.2.9.1", 0), (3, "1.2.9.2", 0x0110), (3, "1.2.9.3", 0x0110), (1, "1.2.9.1", 0x0211)]
    {
        client.send(&report(context_id, transaction)).await;
        assert_eq!(client.status(9).await, status, "{context_id} {transaction}");
    }
    let answer = door.answer_to(&ours).await.expect("it was answered");
    assert_eq!((answer.committed, answer.failed), (vec![reference.1.clone()], Vec::new()));
    assert_eq!(door.answer_to(&others).await, None);
    client.release().await;
    door.ended().await;
}
