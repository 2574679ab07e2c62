//! C-MOVE, and the associations that we ask for.

use std::sync::Mutex;

use filmless_dimse::DimseConfig;
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_dimse::requester::{RemoteNode, RequestError, Requester};
use filmless_model::ae_title::AeTitle;
use filmless_model::peer::{MoveDestinations, Peer};
use filmless_model::uid::TransferSyntaxUid;
use tokio_util::sync::CancellationToken;

use crate::client::{CT, Client, EXPLICIT, IMPLICIT, RELEASE_RP, RELEASE_RQ, Request, cancel_rq, command, data, pdu};
use crate::destination::Destination;
use crate::door::Door;
use crate::get::{numbers, receive, with_instances};
use crate::keys::{Keys, LEVEL, STUDY, STUDY_UID, identifier_of};
use crate::store::data_set;

/// Study Root Query/Retrieve Information Model - MOVE.
const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
const WHOLE: Keys<'_> = &[(LEVEL, *b"CS", "STUDY"), (STUDY, *b"UI", STUDY_UID)];

fn move_rq(message_id: u16, destination: &str) -> Vec<u8> {
    let request = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, STUDY_ROOT_MOVE)
        .with_number(CommandTag::COMMAND_FIELD, 0x21)
        .with_number(CommandTag::MESSAGE_ID, message_id)
        .with_long_string(CommandTag::MOVE_DESTINATION, destination)
        .with_number(CommandTag::PRIORITY, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 1);
    [command(13, &request), data(13, 2, &identifier_of(WHOLE))].concat()
}

async fn associated(door: &Door) -> Client {
    let contexts = vec![(13, STUDY_ROOT_MOVE, vec![EXPLICIT])];
    Client::associated_by(door.address, &Request { contexts, ..Request::default() }).await.0
}

#[tokio::test]
async fn what_is_named_goes_to_the_destination_as_it_is_stored() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    door.know(destination.peer("DEST")).await;
    let mut client = associated(&door).await;
    client.send(&move_rq(7, "DEST")).await;
    let mut called = destination.called().await;
    let request = called.accept(|_, transfer_syntax| transfer_syntax == EXPLICIT).await;
    assert_eq!(&request[10..42], b"DEST            FILMLESS        ");
    let mut received = Vec::new();
    while let Some((context_id, command, bytes)) = called.message().await {
        assert_eq!(command.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(CT));
        assert_eq!(command.text(CommandTag::MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE), Some("CT1"));
        assert_eq!(command.number(CommandTag::MOVE_ORIGINATOR_MESSAGE_ID), Some(7));
        assert_eq!(command.number(CommandTag::PRIORITY), Some(1));
        let instance = command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).expect("an instance").to_owned();
        assert_eq!(bytes, data_set(CT, &instance, 40));
        called.stored(context_id, &command, 0).await;
        received.push(instance);
    }
    received.sort_unstable();
    assert_eq!(received, [1, 2, 3].map(|n| format!("1.2.826.0.1.3680043.10.1.3.{n}")));
    let (_, last, failed) = receive(&mut client, 7, 0).await;
    assert_eq!((last.number(CommandTag::STATUS), failed), (Some(0), None));
    assert_eq!(numbers(&last), (Some(3), Some(0), Some(0), None));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_destination_takes_what_it_can_and_the_rest_is_listed() {
    let door = with_instances(2).await;
    let destination = Destination::listen().await;
    door.know(destination.peer("DEST")).await;
    let mut client = associated(&door).await;
    client.send(&move_rq(1, "DEST")).await;
    let mut called = destination.called().await;
    called.accept(|_, transfer_syntax| transfer_syntax == IMPLICIT).await;
    for status in [0, 0xA700] {
        let (context_id, command, bytes) = called.message().await.expect("an instance");
        assert!(bytes.len() < data_set(CT, "1.2.826.0.1.3680043.10.1.3.1", 40).len(), "transcoded");
        called.stored(context_id, &command, status).await;
    }
    assert!(called.message().await.is_none(), "released");
    let (_, last, failed) = receive(&mut client, 1, 0).await;
    assert_eq!((last.number(CommandTag::STATUS), numbers(&last)), (Some(0xB000), (Some(1), Some(1), Some(0), None)));
    assert_eq!(failed.as_deref(), Some("1.2.826.0.1.3680043.10.1.3.2"));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_peer_moves_only_to_where_it_may() {
    let door = with_instances(1).await;
    let title = |text| AeTitle::parse(text).expect("an AE title");
    let ct = door.index.peer(&title("CT1")).await.expect("an answer").expect("a known peer");
    for (listed, destination, expected) in
        [(vec![title("DEST")], "DEST", 0xA801), (vec![title("DEST"), title("WS")], "OTHER", 0x0124), (vec![], "DEST", 0x0124)]
    {
        door.know(Peer { move_destinations: MoveDestinations::Only(listed), ..ct.clone() }).await;
        let mut client = associated(&door).await;
        client.send(&move_rq(1, destination)).await;
        let (_, last, _) = receive(&mut client, 1, 0).await;
        assert_eq!(last.number(CommandTag::STATUS), Some(expected), "{destination}");
        client.release().await;
    }
    door.ended().await;
}

#[tokio::test]
async fn a_destination_gets_the_transfer_syntaxes_that_are_set_for_it() {
    const RLE: &str = "1.2.840.10008.1.2.5";
    const JPEG: &str = "1.2.840.10008.1.2.4.50";
    let door = with_instances(1).await;
    let destination = Destination::listen().await;
    let uids = |uids: &[&str]| uids.iter().map(|uid| TransferSyntaxUid::parse(uid).expect("a UID")).collect::<Vec<_>>();
    // Stored is Explicit VR Little Endian; what is no image of ours has no place in RLE, and nothing becomes JPEG with loss.
    for (set, proposed, used) in [
        (&[IMPLICIT, EXPLICIT][..], &[IMPLICIT, EXPLICIT][..], EXPLICIT),
        (&[IMPLICIT, JPEG], &[IMPLICIT], IMPLICIT),
        (&[RLE, IMPLICIT], &[IMPLICIT, RLE], IMPLICIT),
    ] {
        door.know(Peer { offered_transfer_syntaxes: uids(set), ..destination.peer("DEST") }).await;
        let mut client = associated(&door).await;
        client.send(&move_rq(1, "DEST")).await;
        let mut called = destination.called().await;
        let seen = Mutex::new(Vec::new());
        called
            .accept(|_, transfer_syntax| {
                seen.lock().expect("not poisoned").push(transfer_syntax.to_owned());
                true
            })
            .await;
        let seen = seen.into_inner().expect("not poisoned");
        assert_eq!(seen, proposed, "{set:?}");
        let (context_id, command, _) = called.message().await.expect("an instance");
        assert_eq!(seen[usize::from(context_id) / 2], used, "{set:?}");
        called.stored(context_id, &command, 0).await;
        assert!(called.message().await.is_none(), "released");
        let (_, last, _) = receive(&mut client, 1, 0).await;
        assert_eq!(last.number(CommandTag::STATUS), Some(0), "{set:?}");
        client.release().await;
    }
    door.know(Peer { offered_transfer_syntaxes: uids(&[JPEG]), ..destination.peer("DEST") }).await;
    let mut client = associated(&door).await;
    client.send(&move_rq(1, "DEST")).await;
    let (_, last, failed) = receive(&mut client, 1, 0).await;
    assert_eq!((last.number(CommandTag::STATUS), numbers(&last).1), (Some(0xA702), Some(1)), "nobody is called");
    assert_eq!(failed.as_deref(), Some("1.2.826.0.1.3680043.10.1.3.1"));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_cancel_ends_it_after_the_instance_under_way() {
    let door = with_instances(3).await;
    let destination = Destination::listen().await;
    door.know(destination.peer("DEST")).await;
    let mut client = associated(&door).await;
    client.send(&move_rq(4, "DEST")).await;
    let mut called = destination.called().await;
    called.accept(|_, _| true).await;
    let (context_id, command_set, _) = called.message().await.expect("an instance");
    client.send(&command(13, &cancel_rq(4))).await;
    // The cancel is read no later than an echo on an association that was made after it.
    door.still_serves().await;
    called.stored(context_id, &command_set, 0).await;
    assert!(called.message().await.is_none(), "released");
    let (_, last, _) = receive(&mut client, 4, 0).await;
    assert_eq!((last.number(CommandTag::STATUS), numbers(&last)), (Some(0xFE00), (Some(1), Some(0), Some(0), Some(2))));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_destination_that_is_unknown_gone_silent_or_rude_is_said_to_be_so() {
    let door = Door::with(|config| (config.connect_timeout_seconds, config.response_timeout_seconds) = (1, 1)).await;
    let mut storing = Client::associated(door.address).await;
    let instance = "1.2.826.0.1.3680043.10.1.3.1";
    storing.send(&command(1, &crate::client::store_rq(1, CT, instance))).await;
    storing.send(&data(1, 2, &data_set(CT, instance, 40))).await;
    assert_eq!(storing.status(1).await, 0);
    let mut client = associated(&door).await;

    // VIEWER is known, but not where it is.
    for unknown in ["NOBODY", "VIEWER", ""] {
        client.send(&move_rq(1, unknown)).await;
        let (_, last, _) = receive(&mut client, 1, 0).await;
        assert_eq!(last.number(CommandTag::STATUS), Some(0xA801), "{unknown}");
    }
    let gone = Destination::listen().await.peer("GONE");
    door.know(gone).await;
    client.send(&move_rq(2, "GONE")).await;
    refused(&mut client, 2, instance, "GONE: cannot connect").await;

    let destination = Destination::listen().await;
    door.know(destination.peer("DEST")).await;
    client.send(&move_rq(3, "DEST")).await;
    let silent = destination.called().await;
    refused(&mut client, 3, instance, "DEST: the node takes the connection and does not answer").await;
    drop(silent);

    client.send(&move_rq(4, "DEST")).await;
    let mut rejecting = destination.called().await;
    rejecting.pdu().await.expect("a request");
    rejecting.send(&pdu(3, &[0, 1, 1, 7])).await;
    refused(&mut client, 4, instance, "DEST: the node rejects the association: called AE title not").await;

    client.send(&move_rq(5, "DEST")).await;
    destination.called().await.accept(|_, _| false).await;
    refused(&mut client, 5, instance, "DEST: the node accepts none of the presentation contexts").await;

    client.send(&move_rq(6, "DEST")).await;
    let mut mute = destination.called().await;
    mute.accept(|_, _| true).await;
    mute.message().await.expect("an instance");
    refused(&mut client, 6, instance, "the node does not answer in time").await;
    assert_eq!(mute.pdu().await.map(|pdu| pdu[0]), Some(7), "an abort");

    for (number, rude) in (7..).zip([&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], &pdu(2, &[0; 68 + 1]), &pdu(6, &[0; 4])]) {
        client.send(&move_rq(number, "DEST")).await;
        let mut called = destination.called().await;
        called.pdu().await.expect("a request");
        called.send(rude).await;
        refused(&mut client, number, instance, "DEST: what the node answers is not DICOM").await;
    }
    client.release().await;
    storing.release().await;
    door.ended().await;
}

/// Sees that no sub-operation was done, and why.
async fn refused(client: &mut Client, message_id: u16, instance: &str, why: &str) {
    let (_, last, failed) = receive(client, message_id, 0).await;
    assert_eq!((last.number(CommandTag::STATUS), failed.as_deref()), (Some(0xA702), Some(instance)));
    let comment = last.text(CommandTag::ERROR_COMMENT).expect("a comment");
    assert!(comment.starts_with(&why[..why.len().min(64)]), "{comment}");
}

#[tokio::test]
async fn an_echo_says_whether_a_node_is_there() {
    let door = Door::open().await;
    let node = |destination: &Destination| RemoteNode::of(&destination.peer("DEST")).expect("it has a place");
    let config = DimseConfig { response_timeout_seconds: 1, ..DimseConfig::default() };
    let requester = Requester::new(config, CancellationToken::new());
    // The door knows nobody of our AE title.
    let at_the_door = RemoteNode { port: door.address.port(), ..node(&Destination::listen().await) };
    let refused = requester.echo(&at_the_door).await.expect_err("it is another");
    assert!(matches!(refused, RequestError::Rejected { result: 1, rejected_by: 1, reason: 7 }), "{refused}");

    let destination = Destination::listen().await;
    for (status, released_by_both) in [(0, false), (0x0122, true)] {
        let called = node(&destination);
        let (asked, ()) = tokio::join!(requester.echo(&called), async {
            let mut called = destination.called().await;
            called.accept(|_, _| true).await;
            let (context_id, echo, _) = called.message().await.expect("an echo");
            let response = CommandSet::default()
                .with_number(CommandTag::COMMAND_FIELD, 0x8030)
                .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, echo.number(CommandTag::MESSAGE_ID).expect("an ID"))
                .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
                .with_number(CommandTag::STATUS, status);
            called.send(&command(context_id, &response)).await;
            assert_eq!(called.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
            if released_by_both {
                called.send(&RELEASE_RQ).await;
                assert_eq!(called.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
            }
            called.send(&RELEASE_RP).await;
            assert_eq!(called.pdu().await, None, "closed");
        });
        assert!(if status == 0 { asked.is_ok() } else { matches!(asked, Err(RequestError::Status(0x0122))) });
    }
    door.ended().await;
}
