//! C-GET.

use filmless_dicom::identifier::{self, KeyValue};
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

use crate::client::{CT, Client, EXPLICIT, IMPLICIT, MR, Request, cancel_rq, command, data, item, store_rq};
use crate::door::Door;
use crate::keys::{INSTANCE, Keys, LEVEL, PATIENT, SERIES, SERIES_UID, STUDY, STUDY_UID, identifier_of};
use crate::store::data_set;

/// Study Root and Patient Root Query/Retrieve Information Model - GET.
const STUDY_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
const PATIENT_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.1.3";

fn get_rq(model: &str, message_id: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, model)
        .with_number(CommandTag::COMMAND_FIELD, 0x10)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_number(CommandTag::PRIORITY, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1)
}

/// A request in the context of the Study Root, 13, or of the Patient Root, 15.
fn request(context: u8, message_id: u16, keys: Keys<'_>) -> Vec<u8> {
    let model = if context == 13 { STUDY_ROOT_GET } else { PATIENT_ROOT_GET };
    [command(context, &get_rq(model, message_id)), data(context, 2, &identifier_of(keys))].concat()
}

/// Asks for an association in which CT goes in these contexts, and it is SCP of CT.
async fn associated(door: &Door, storage: Vec<(u8, &'static str, Vec<&'static str>)>) -> (Client, Vec<u8>) {
    let mut contexts = vec![(13, STUDY_ROOT_GET, vec![EXPLICIT]), (15, PATIENT_ROOT_GET, vec![EXPLICIT])];
    contexts.extend(storage);
    let role = [&[0, 25][..], CT.as_bytes(), &[1, 1]].concat();
    let user_items = item(0x54, &role);
    Client::associated_by(door.address, &Request { contexts, user_items, ..Request::default() }).await
}

pub(crate) async fn with_instances(count: u32) -> Door {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    for n in 1..=count {
        let instance = format!("1.2.826.0.1.3680043.10.1.3.{n}");
        client.send(&command(1, &store_rq(1, CT, &instance))).await;
        client.send(&data(1, 2, &data_set(CT, &instance, 40))).await;
        assert_eq!(client.status(1).await, 0);
    }
    client.release().await;
    door
}

/// The numbers of completed, failed and warning sub-operations, and of remaining ones where it says so.
pub(crate) fn numbers(response: &CommandSet) -> (Option<u16>, Option<u16>, Option<u16>, Option<u16>) {
    (
        response.number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS),
        response.number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS),
        response.number(CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS),
        response.number(CommandTag::NUMBER_OF_REMAINING_SUBOPERATIONS),
    )
}

/// Stores what comes, saying `status`, until the last response; the data sets with their contexts, the last response, and the
/// UIDs that its list of failures has.
pub(crate) async fn receive(
    client: &mut Client,
    message_id: u16,
    status: u16,
) -> (Vec<(u8, Vec<u8>)>, CommandSet, Option<String>) {
    let mut received = Vec::new();
    loop {
        let pdu = client.pdu().await.expect("a command set");
        assert_eq!((pdu[0], pdu[11]), (4, 3), "one last fragment of a command set");
        let said = CommandSet::decode(pdu[12..].to_vec().into()).expect("a command set");
        if said.number(CommandTag::COMMAND_FIELD) == Some(1) {
            assert_eq!(said.number(CommandTag::PRIORITY), Some(1), "that of the C-GET");
            let mut bytes = Vec::new();
            loop {
                let pdu = client.pdu().await.expect("a data set");
                assert_eq!((pdu[0], pdu[11] & 1), (4, 0));
                bytes.extend_from_slice(&pdu[12..]);
                if pdu[11] == 2 {
                    break;
                }
            }
            received.push((pdu[10], bytes));
            let number = said.number(CommandTag::MESSAGE_ID).expect("a message ID");
            client.send(&command(pdu[10], &stored(number, status))).await;
            continue;
        }
        assert_eq!(said.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id));
        if said.number(CommandTag::STATUS) == Some(0xFF00) {
            assert!(numbers(&said).3.is_some_and(|remaining| remaining > 0));
            continue;
        }
        let mut failed = None;
        if said.number(CommandTag::COMMAND_DATA_SET_TYPE) != Some(0x0101) {
            let pdu = client.pdu().await.expect("a data set");
            let explicit = TransferSyntaxUid::parse(EXPLICIT).expect("a UID");
            let keys = identifier::read(&pdu[12..], &explicit).expect("a data set");
            let [key] = keys.as_slice() else { panic!("{keys:?}") };
            assert_eq!(key.tag, Tag(0x0008, 0x0058));
            let KeyValue::Text(text) = &key.value else { panic!("{key:?}") };
            failed = Some(text.trim_end_matches('\0').to_owned());
        }
        return (received, said, failed);
    }
}

fn stored(message_id: u16, status: u16) -> CommandSet {
    CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, CT)
        .with_number(CommandTag::COMMAND_FIELD, 0x8001)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_number(CommandTag::STATUS, status)
}

#[tokio::test]
async fn what_is_named_at_each_level_comes_as_it_is_stored() {
    let door = with_instances(3).await;
    let (mut client, accepted) = associated(&door, vec![(1, CT, vec![EXPLICIT])]).await;
    let role = [&[0x54, 0, 0, 29, 0, 25][..], CT.as_bytes(), &[1, 1]].concat();
    assert!(accepted.windows(role.len()).any(|window| window == role), "the peer is SCP and SCU");
    let second = "1.2.826.0.1.3680043.10.1.3.2";
    let two = format!("{second}\\1.2.826.0.1.3680043.10.1.3.3");
    for (context, count, keys) in [
        (13, 3, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)][..]),
        (13, 3, &[(LEVEL, *b"CS", "SERIES"), (STUDY, *b"UI", STUDY_UID), (SERIES, *b"UI", SERIES_UID)]),
        (
            13,
            1,
            &[(INSTANCE, *b"UI", second), (LEVEL, *b"CS", "IMAGE"), (STUDY, *b"UI", STUDY_UID), (SERIES, *b"UI", SERIES_UID)],
        ),
        (13, 2, &[(INSTANCE, *b"UI", &two), (LEVEL, *b"CS", "IMAGE"), (STUDY, *b"UI", STUDY_UID), (SERIES, *b"UI", SERIES_UID)]),
        (15, 3, &[(LEVEL, *b"CS", "PATIENT"), (PATIENT, *b"LO", "P1")]),
        (15, 3, &[(LEVEL, *b"CS", "STUDY"), (PATIENT, *b"LO", "P1"), (STUDY, *b"UI", STUDY_UID)]),
        (13, 0, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", "1.2.3")]),
    ] {
        client.send(&request(context, 7, keys)).await;
        let (received, last, failed) = receive(&mut client, 7, 0).await;
        assert_eq!((received.len(), last.number(CommandTag::STATUS), failed), (count, Some(0), None), "{keys:?}");
        assert_eq!(numbers(&last), (u16::try_from(count).ok(), Some(0), Some(0), None));
        for (context, bytes) in received {
            let instance = (1..=3).find(|n| bytes == data_set(CT, &format!("1.2.826.0.1.3680043.10.1.3.{n}"), 40));
            assert!(context == 1 && instance.is_some(), "byte for byte");
        }
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_cannot_be_named_is_refused_and_says_why() {
    let door = with_instances(1).await;
    let (mut client, _) = associated(&door, vec![(1, CT, vec![EXPLICIT])]).await;
    for (context, keys, comment) in [
        (13, &[(STUDY, *b"UI", STUDY_UID)][..], "Query/Retrieve Level is missing"),
        (13, &[(LEVEL, *b"CS", "PATIENT"), (PATIENT, *b"LO", "P1")], "Query/Retrieve Level is STUDY, SERIES or IMAGE"),
        (13, &[(LEVEL, *b"CS", "STUDY")], "StudyInstanceUID is needed at this level"),
        (13, &[(LEVEL, *b"CS", "SERIES"), (SERIES, *b"UI", SERIES_UID)], "StudyInstanceUID is needed at this level"),
        (15, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)], "PatientID is needed at this level"),
        (15, &[(LEVEL, *b"CS", "PATIENT"), (PATIENT, *b"LO", "P*")], "PatientID has one value here, and no wild card"),
    ] {
        client.send(&request(context, 1, keys)).await;
        let (received, last, _) = receive(&mut client, 1, 0).await;
        assert_eq!((received.len(), last.number(CommandTag::STATUS)), (0, Some(0xA900)), "{keys:?}");
        assert_eq!(last.text(CommandTag::ERROR_COMMENT), Some(comment));
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_the_peer_does_not_take_is_transcoded_or_counted_as_failed_and_listed() {
    let door = with_instances(2).await;
    let whole = [(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)];
    let both = "1.2.826.0.1.3680043.10.1.3.1\\1.2.826.0.1.3680043.10.1.3.2";
    for (storage, status, count, expected, counts) in [
        // Another transfer syntax that it can have.
        (vec![(1, CT, vec![IMPLICIT])], 0, 2, 0x0000, (2, 0, 0)),
        // One that it cannot: pixels nobody looks at become no JPEG 2000.
        (vec![(1, CT, vec!["1.2.840.10008.1.2.4.90"])], 0, 0, 0xA702, (0, 2, 0)),
        // No context of its class, and none in which the peer is SCP.
        (vec![(3, MR, vec![EXPLICIT])], 0, 0, 0xA702, (0, 2, 0)),
        // A peer that fails to store, and one that is not content.
        (vec![(1, CT, vec![EXPLICIT])], 0xA700, 2, 0xA702, (0, 2, 0)),
        (vec![(1, CT, vec![EXPLICIT])], 0xB000, 2, 0xB000, (0, 0, 2)),
    ] {
        let (mut client, _) = associated(&door, storage).await;
        client.send(&request(13, 3, &whole)).await;
        let (received, last, failed) = receive(&mut client, 3, status).await;
        assert_eq!((received.len(), last.number(CommandTag::STATUS)), (count, Some(expected)));
        assert_eq!(numbers(&last), (Some(counts.0), Some(counts.1), Some(counts.2), None));
        assert_eq!(failed.as_deref(), (counts.1 > 0).then_some(both));
        client.release().await;
    }
    door.ended().await;
}

#[tokio::test]
async fn a_cancel_ends_it_after_the_instance_under_way() {
    let door = with_instances(5).await;
    let (mut client, _) = associated(&door, vec![(1, CT, vec![EXPLICIT])]).await;
    client.send(&request(13, 9, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)])).await;
    client.send(&command(13, &cancel_rq(9))).await;
    let (received, last, failed) = receive(&mut client, 9, 0).await;
    assert_eq!((received.len(), last.number(CommandTag::STATUS), failed), (1, Some(0xFE00), None));
    assert_eq!(numbers(&last), (Some(1), Some(0), Some(0), Some(4)));
    // The association goes on.
    client.send(&request(13, 10, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)])).await;
    assert_eq!(receive(&mut client, 10, 0).await.0.len(), 5);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn who_may_not_retrieve_gets_nothing() {
    let door = with_instances(1).await;
    let contexts = vec![(13, STUDY_ROOT_GET, vec![EXPLICIT]), (1, CT, vec![EXPLICIT])];
    let role = [&[0, 25][..], CT.as_bytes(), &[1, 1]].concat();
    let request_of = Request { contexts, user_items: item(0x54, &role), calling: "STORER", ..Request::default() };
    let (mut client, _) = Client::associated_by(door.address, &request_of).await;
    client.send(&request(13, 1, &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)])).await;
    let (received, last, _) = receive(&mut client, 1, 0).await;
    assert_eq!((received.len(), last.number(CommandTag::STATUS)), (0, Some(0x0124)));
    client.release().await;
    door.ended().await;
}
