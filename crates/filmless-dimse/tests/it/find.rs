//! C-FIND.

use filmless_dicom::identifier::{self, Key, KeyValue};
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

use crate::client::{
    CT, Client, EXPLICIT, PATIENT_ROOT_FIND, Request, STUDY_ROOT_FIND, cancel_rq, command, data, item, store_rq,
};
use crate::door::Door;
use crate::keys::{INSTANCE, Keys, LEVEL, SERIES, SERIES_UID, STUDY, STUDY_UID, identifier_of};
use crate::store::data_set;

fn find_rq(message_id: u16) -> CommandSet {
    find_rq_of(STUDY_ROOT_FIND, message_id)
}

pub(crate) fn find_rq_of(model: &str, message_id: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, model)
        .with_number(CommandTag::COMMAND_FIELD, 0x20)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_number(CommandTag::PRIORITY, 0)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1)
}

/// A request with its keys.
fn request(message_id: u16, keys: Keys<'_>) -> Vec<u8> {
    [command(9, &find_rq(message_id)), data(9, 2, &identifier_of(keys))].concat()
}

/// The answers to a request with their statuses, and the last response.
pub(crate) async fn answers(client: &mut Client) -> (Vec<(u16, Vec<Key>)>, CommandSet) {
    let explicit = TransferSyntaxUid::parse(EXPLICIT).expect("a UID");
    let mut answers = Vec::new();
    loop {
        let response = client.response().await;
        let status = response.number(CommandTag::STATUS).expect("a status");
        let model = response.text(CommandTag::AFFECTED_SOP_CLASS_UID).expect("the model is named again").to_owned();
        if status & 0xFF00 != 0xFF00 {
            assert_eq!(response.number(CommandTag::COMMAND_DATA_SET_TYPE), Some(0x0101));
            return (answers, response);
        }
        assert_ne!(response.number(CommandTag::COMMAND_DATA_SET_TYPE), Some(0x0101));
        let pdu = client.pdu().await.expect("an identifier");
        let context = match model.as_str() {
            STUDY_ROOT_FIND => 9,
            PATIENT_ROOT_FIND => 11,
            _ => 13,
        };
        assert_eq!((pdu[0], pdu[10], pdu[11]), (4, context, 2), "one last fragment of the data set");
        answers.push((status, identifier::read(&pdu[12..], &explicit).expect("a data set")));
    }
}

pub(crate) fn text(keys: &[Key], (group, number): (u16, u16)) -> Option<&str> {
    match &keys.iter().find(|key| key.tag == Tag(group, number))?.value {
        KeyValue::Text(text) => Some(text.trim_end_matches('\0')),
        KeyValue::Items(_) => None,
    }
}

async fn with_instances(count: u32) -> (Door, Client) {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    for n in 1..=count {
        let instance = format!("1.2.826.0.1.3680043.10.1.3.{n}");
        client.send(&command(1, &store_rq(1, CT, &instance))).await;
        client.send(&data(1, 2, &data_set(CT, &instance, 2))).await;
        assert_eq!(client.status(1).await, 0);
    }
    (door, client)
}

#[tokio::test]
async fn each_level_is_searched_and_answers_what_was_asked_for() {
    let (door, mut client) = with_instances(3).await;
    client.send(&request(5, &[(LEVEL, *b"CS", "STUDY"), ((0x0010, 0x0020), *b"LO", "P*"), ((0x0020, 0x1208), *b"IS", "")])).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0), 1));
    let (status, study) = &found[0];
    assert_eq!(*status, 0xFF00);
    for (tag, expected) in
        [(LEVEL, "STUDY"), ((0x0008, 0x0054), "FILMLESS"), ((0x0010, 0x0020), "P1"), (STUDY, STUDY_UID), ((0x0020, 0x1208), "3")]
    {
        assert_eq!(text(study, tag).map(str::trim_end), Some(expected));
    }
    client.send(&request(6, &[(LEVEL, *b"CS", "SERIES"), (STUDY, *b"UI", STUDY_UID)])).await;
    let (found, _) = answers(&mut client).await;
    assert_eq!(found.iter().map(|(_, keys)| text(keys, SERIES)).collect::<Vec<_>>(), [Some(SERIES_UID)]);
    let of_series = [(LEVEL, *b"CS", "IMAGE"), (STUDY, *b"UI", STUDY_UID), (SERIES, *b"UI", SERIES_UID), (INSTANCE, *b"UI", "")];
    client.send(&request(7, &of_series)).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), found.len()), (Some(7), 3));
    assert!(found.iter().all(|(_, keys)| text(keys, INSTANCE).is_some_and(|uid| uid.starts_with("1.2.826.0.1.3680043.10.1.3."))));
    client.send(&request(8, &[(LEVEL, *b"CS", "STUDY"), ((0x0010, 0x0020), *b"LO", "Q*")])).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0), 0));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn the_patient_root_has_patients_above_studies() {
    let (door, mut client) = with_instances(2).await;
    let patient_id = (0x0010, 0x0020);
    let ask = |keys: Keys<'_>| [command(11, &find_rq_of(PATIENT_ROOT_FIND, 1)), data(11, 2, &identifier_of(keys))].concat();
    client.send(&ask(&[(LEVEL, *b"CS", "PATIENT"), (patient_id, *b"LO", ""), ((0x0020, 0x1204), *b"IS", "")])).await;
    let (found, _) = answers(&mut client).await;
    let [(0xFF00, patient)] = found.as_slice() else { panic!("{found:?}") };
    for (tag, expected) in [(LEVEL, "PATIENT"), (patient_id, "P1"), ((0x0020, 0x1204), "2")] {
        assert_eq!(text(patient, tag).map(str::trim_end), Some(expected));
    }
    client.send(&ask(&[(LEVEL, *b"CS", "STUDY"), (patient_id, *b"LO", "P1")])).await;
    let (found, _) = answers(&mut client).await;
    assert_eq!(found.iter().map(|(_, keys)| text(keys, STUDY)).collect::<Vec<_>>(), [Some(STUDY_UID)]);
    client.send(&ask(&[(LEVEL, *b"CS", "STUDY"), (patient_id, *b"LO", "P*")])).await;
    assert_eq!(answers(&mut client).await.1.number(CommandTag::STATUS), Some(0xA900));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn keys_that_are_not_supported_are_answered_empty_and_said_to_be_so() {
    let (door, mut client) = with_instances(1).await;
    client.send(&request(1, &[(LEVEL, *b"CS", "STUDY"), ((0x0010, 0x1030), *b"DS", "70")])).await;
    let (found, _) = answers(&mut client).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, text(&found[0].1, (0x0010, 0x1030))), (0xFF01, Some("")));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_refused_and_says_why() {
    let (door, mut client) = with_instances(1).await;
    let date = (0x0008, 0x0020);
    for (keys, status, comment) in [
        (&[(date, *b"DA", "")][..], 0xA900, "Query/Retrieve Level is missing"),
        (&[(LEVEL, *b"CS", "PATIENT")], 0xA900, "Query/Retrieve Level is STUDY, SERIES or IMAGE"),
        (&[(LEVEL, *b"CS", "SERIES")], 0xA900, "one Study Instance UID is needed at this level"),
        (&[(LEVEL, *b"CS", "IMAGE"), (STUDY, *b"UI", STUDY_UID)], 0xA900, "one Series Instance UID is needed at this level"),
        (&[(LEVEL, *b"CS", "STUDY"), (date, *b"DA", "yesterday")], 0xC001, "StudyDate: a date is YYYYMMDD; a range is"),
        (&[(LEVEL, *b"CS", "STUDY"), ((0x0008, 0x0030), *b"TM", "22-06")], 0xC001, "the range ends before it begins"),
    ] {
        client.send(&request(3, keys)).await;
        let (found, last) = answers(&mut client).await;
        assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(status), 0), "{keys:?}");
        let said = last.text(CommandTag::ERROR_COMMENT).expect("a comment");
        assert!(said.starts_with(comment), "{said}");
    }
    client.send(&[command(9, &find_rq(4)), data(9, 2, b"\x08\0\x52\0CS\xff\xff")].concat()).await;
    assert_eq!(answers(&mut client).await.1.number(CommandTag::STATUS), Some(0xC001));
    // In a context of another class, and without a data set.
    client.send(&[command(1, &find_rq(5)), data(1, 2, b"")].concat()).await;
    assert_eq!(client.status(5).await, 0x0211);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn relational_queries_are_agreed_on_and_then_need_no_keys_above() {
    let (door, client) = with_instances(2).await;
    client.release().await;
    let uid = STUDY_ROOT_FIND.as_bytes();
    let length = u16::try_from(uid.len()).expect("short").to_be_bytes();
    let said = item(0x56, &[&length[..], uid, &[1, 0, 0]].concat());
    let proposal = Request { user_items: said.clone(), ..Request::default() };
    let (mut client, accepted) = Client::associated_by(door.address, &proposal).await;
    assert!(accepted.windows(said.len()).any(|window| window == said), "what was asked for is agreed to");
    client.send(&request(1, &[(LEVEL, *b"CS", "IMAGE"), ((0x0010, 0x0020), *b"LO", "P1")])).await;
    assert_eq!(answers(&mut client).await.0.len(), 2);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_search_ends_when_it_is_cancelled_and_the_association_goes_on() {
    let (door, mut client) = with_instances(2).await;
    let keys = [(LEVEL, *b"CS", "IMAGE"), (STUDY, *b"UI", STUDY_UID), (SERIES, *b"UI", SERIES_UID)];
    client.send(&[request(3, &keys), command(9, &cancel_rq(3))].concat()).await;
    assert_eq!(answers(&mut client).await.1.number(CommandTag::STATUS), Some(0xFE00));
    // One that comes too late, or for another, cancels nothing.
    client.send(&[command(9, &cancel_rq(3)), request(4, &keys), command(9, &cancel_rq(3))].concat()).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0), 2));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn who_may_not_search_is_told_so() {
    let (door, client) = with_instances(1).await;
    client.release().await;
    let storer = Request { calling: "STORER", ..Request::default() };
    let (mut client, _) = Client::associated_by(door.address, &storer).await;
    client.send(&request(1, &[(LEVEL, *b"CS", "STUDY")])).await;
    let (found, last) = answers(&mut client).await;
    assert_eq!((last.number(CommandTag::STATUS), found.len()), (Some(0x0124), 0));
    client.release().await;
    door.ended().await;
}
