//! Modality Performed Procedure Steps: N-CREATE, N-SET, N-GET.

use filmless_dicom::identifier::{self, KeyValue};
use filmless_dimse::command::{CommandField, CommandSet, CommandTag};
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;
use filmless_testkit::performed_step::{beginning, element, end};

use crate::client::{CT, Client, EXPLICIT, Request, VERIFICATION, command, data};
use crate::door::Door;

const STEP: &str = "1.2.840.10008.3.1.2.3.3";
const RETRIEVE: &str = "1.2.840.10008.3.1.2.3.4";
const STATE: Tag = Tag(0x0040, 0x0252);

/// Steps under 1, their retrieval under 3, CT under 5.
async fn associated(door: &Door, calling: &'static str) -> Client {
    let contexts = vec![(1, STEP, vec![EXPLICIT]), (3, RETRIEVE, vec![EXPLICIT]), (5, CT, vec![EXPLICIT])];
    Client::associated_by(door.address, &Request { calling, contexts, ..Request::default() }).await.0
}

fn create_rq(class: &str, uid: Option<&str>) -> CommandSet {
    let request = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, class)
        .with_number(CommandTag::COMMAND_FIELD, CommandField::N_CREATE_RQ.0)
        .with_number(CommandTag::MESSAGE_ID, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1);
    uid.into_iter().fold(request, |request, uid| request.with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, uid))
}

fn requested(field: CommandField, class: &str, uid: &str, data_set_type: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::REQUESTED_SOP_CLASS_UID, class)
        .with_number(CommandTag::COMMAND_FIELD, field.0)
        .with_number(CommandTag::MESSAGE_ID, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, data_set_type)
        .with_uid(CommandTag::REQUESTED_SOP_INSTANCE_UID, uid)
}

async fn create(client: &mut Client, uid: Option<&str>, data_set: &[u8]) -> CommandSet {
    client.send(&[command(1, &create_rq(STEP, uid)), data(1, 2, data_set)].concat()).await;
    client.response().await
}

async fn set(client: &mut Client, uid: &str, data_set: &[u8]) -> CommandSet {
    client.send(&[command(1, &requested(CommandField::N_SET_RQ, STEP, uid, 1)), data(1, 2, data_set)].concat()).await;
    client.response().await
}

fn status(response: &CommandSet) -> u16 {
    response.number(CommandTag::STATUS).expect("a status")
}

fn completed() -> Vec<u8> {
    end("COMPLETED", "1.2.3.4", &[(CT, "1.2.3.4.5")])
}

#[tokio::test]
async fn a_step_begins_goes_on_ends_and_then_stays_as_it_is() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    let response = create(&mut client, Some("1.2.3.9"), &beginning("1.2.3")).await;
    assert_eq!((status(&response), response.number(CommandTag::COMMAND_FIELD)), (0, Some(0x8140)));
    assert_eq!(response.text(CommandTag::AFFECTED_SOP_INSTANCE_UID), Some("1.2.3.9"));
    assert_eq!(status(&create(&mut client, Some("1.2.3.9"), &beginning("1.2.3")).await), 0x0111);

    let response = set(&mut client, "1.2.3.9", &element(0x0040, 0x0254, *b"LO", b"Head")).await;
    assert_eq!((status(&response), response.number(CommandTag::COMMAND_FIELD)), (0, Some(0x8120)));
    assert_eq!(response.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(STEP));
    let another = [element(0x0010, 0x0020, *b"LO", b"P2"), completed()].concat();
    let response = set(&mut client, "1.2.3.9", &another).await;
    assert_eq!(status(&response), 0x0107, "another patient is not taken");
    assert_eq!(response.tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST), Some(vec![Tag(0x0010, 0x0020)]));

    let response = set(&mut client, "1.2.3.9", &completed()).await;
    assert_eq!((status(&response), response.number(CommandTag::ERROR_ID)), (0x0110, Some(0xA501)));
    let words = response.text(CommandTag::ERROR_COMMENT);
    assert_eq!(words, Some("Performed Procedure Step Object may no longer be updated"));

    for (class, wanted, expected) in [(STEP, vec![STATE], 1), (RETRIEVE, vec![], 13)] {
        let mut request = requested(CommandField::N_GET_RQ, class, "1.2.3.9", 0x0101);
        if !wanted.is_empty() {
            request = request.with_tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST, &wanted);
        }
        client.send(&command(3, &request)).await;
        let response = client.response().await;
        assert_eq!((status(&response), response.number(CommandTag::COMMAND_FIELD)), (0, Some(0x8110)));
        let pdu = client.pdu().await.expect("the attributes");
        let explicit = TransferSyntaxUid::parse(EXPLICIT).expect("a UID");
        let found = identifier::read(&pdu[12..], &explicit).expect("a data set");
        assert_eq!(found.len(), expected, "{found:?}");
        let state = found.iter().find(|key| key.tag == STATE).map(|key| &key.value);
        assert_eq!(state, Some(&KeyValue::Text("COMPLETED".to_owned())));
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_uid_is_made_for_who_has_none() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    let response = create(&mut client, None, &beginning("1.2.3")).await;
    let uid = response.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).expect("a UID").to_owned();
    assert!(status(&response) == 0 && uid.starts_with("2.25."), "{response:?}");
    assert_eq!(status(&set(&mut client, &uid, &completed()).await), 0);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_its_number() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    let without_id: Vec<u8> = {
        let whole = beginning("1.2.3");
        let id = element(0x0040, 0x0253, *b"SH", b"PPS1");
        let at = whole.windows(id.len()).position(|window| window == id).expect("it has an ID");
        [&whole[..at], &whole[at + id.len()..]].concat()
    };
    let response = create(&mut client, Some("1.2.3.9"), &without_id).await;
    assert_eq!(status(&response), 0x0120);
    assert_eq!(response.tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST), Some(vec![Tag(0x0040, 0x0253)]));
    for (uid, data_set, expected) in [
        (Some("../9"), beginning("1.2.3"), 0x0117),
        (Some("1.2.3.9"), completed(), 0x0106),
        (Some("1.2.3.9"), beginning(""), 0x0121),
        (Some("1.2.3.9"), b"\x08\0\x60\0CS\xff\xff".to_vec(), 0x0110),
    ] {
        assert_eq!(status(&create(&mut client, uid, &data_set).await), expected);
    }
    assert_eq!(status(&set(&mut client, "1.2.3.9", &completed()).await), 0x0112);
    assert_eq!(status(&create(&mut client, Some("1.2.3.9"), &beginning("1.2.3")).await), 0);
    let mute = end("COMPLETED", "1.2.3.4", &[]).split_off(16);
    assert_eq!(status(&set(&mut client, "1.2.3.9", &mute).await), 0x0121, "it ended at no date");

    // Of another class, in another context, without a data set, and one where none belongs.
    for (context, request, bytes, expected) in [
        (1, create_rq(VERIFICATION, None), Some(beginning("1.2.3")), 0x0118),
        (1, requested(CommandField::N_SET_RQ, CT, "1.2.3.9", 1), Some(completed()), 0x0118),
        (5, create_rq(CT, None), Some(beginning("1.2.3")), 0x0211),
        (1, requested(CommandField::N_GET_RQ, STEP, "1.2.3.9", 0x0101), None, 0x0211),
        (1, requested(CommandField::N_SET_RQ, STEP, "1.2.3.9", 0x0101), None, 0x0212),
        (3, requested(CommandField::N_GET_RQ, RETRIEVE, "1.2.3.9", 1), Some(completed()), 0x0212),
        (1, requested(CommandField(0x0150), STEP, "1.2.3.9", 0x0101), None, 0x0211),
    ] {
        client.send(&command(context, &request)).await;
        if let Some(bytes) = bytes {
            client.send(&data(context, 2, &bytes)).await;
        }
        assert_eq!(status(&client.response().await), expected, "{request:?}");
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn who_may_not_report_steps_is_told_so_and_others_steps_are_theirs() {
    let door = Door::open().await;
    let mut client = associated(&door, "CT1").await;
    assert_eq!(status(&create(&mut client, Some("1.2.3.9"), &beginning("1.2.3")).await), 0);
    client.release().await;
    let mut viewer = associated(&door, "VIEWER").await;
    assert_eq!(status(&create(&mut viewer, Some("1.2.3.8"), &beginning("1.2.3")).await), 0x0124);
    viewer.release().await;
    let mut storer = associated(&door, "STORER").await;
    assert_eq!(status(&set(&mut storer, "1.2.3.9", &completed()).await), 0x0124);
    storer.send(&command(3, &requested(CommandField::N_GET_RQ, STEP, "1.2.3.9", 0x0101))).await;
    assert_eq!(status(&storer.response().await), 0x0124);
    storer.release().await;
    door.ended().await;
}
