//! What no decent peer sends: each case has its exact answer, and the door goes on serving.

use filmless_dimse::command::{CommandSet, CommandTag};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::client::{
    ABORT_USER, CT, Client, EXPLICIT, IMPLICIT, MR, RELEASE_RP, RELEASE_RQ, Request, VERIFICATION, abort, command, data, echo_rq,
    pdu, store_rq, value,
};
use crate::door::Door;

#[tokio::test]
async fn what_comes_in_place_of_a_request_is_aborted_by_the_user() {
    let request = Request::default().encode();
    let mut lying_item = request.clone();
    lying_item[76] = 0xff;
    let mut too_long = vec![1, 0];
    too_long.extend_from_slice(&(512 * 1024 + 1_u32).to_be_bytes());
    let cases: [(&str, Vec<u8>); 12] = [
        ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec()),
        ("A-ASSOCIATE-AC", pdu(2, &request[6..])),
        ("A-ASSOCIATE-RJ", pdu(3, &[0, 1, 1, 1])),
        ("P-DATA-TF", data(1, 3, b"ab")),
        ("A-RELEASE-RQ", RELEASE_RQ.to_vec()),
        ("A-RELEASE-RP", RELEASE_RP.to_vec()),
        ("request without content", pdu(1, b"")),
        ("request cut within its fixed part", pdu(1, &request[6..60])),
        ("request cut within an item", pdu(1, &request[6..request.len() - 3])),
        ("request with an item that lies", lying_item),
        ("request that is too long", too_long),
    ];
    let door = Door::open().await;
    for (name, bytes) in cases {
        let mut client = Client::connect(door.address).await;
        client.send(&bytes).await;
        client.finish().await;
        assert_eq!(client.rest().await, ABORT_USER, "{name}");
    }
    for (name, bytes) in [("A-ABORT", abort(0).to_vec()), ("nothing", vec![]), ("half a request", request[..100].to_vec())] {
        let mut client = Client::connect(door.address).await;
        client.send(&bytes).await;
        client.finish().await;
        assert_eq!(client.rest().await, b"", "{name}");
    }
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn what_breaks_an_association_is_aborted_with_the_standards_reason() {
    const UNRECOGNISED: u8 = 1;
    const UNEXPECTED_PDU: u8 = 2;
    const UNEXPECTED_PARAMETER: u8 = 5;
    const INVALID_VALUE: u8 = 6;
    let store = || command(1, &store_rq(1, CT, "1.2.3"));
    let with = |field: u16| {
        CommandSet::default().with_number(CommandTag::COMMAND_FIELD, field).with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
    };
    let fieldless = || CommandSet::default().with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101);
    let header = |length: u32| [&[4, 0][..], &length.to_be_bytes()].concat();
    let cases: Vec<(&str, Vec<u8>, [u8; 10])> = vec![
        ("unknown PDU type", pdu(0x08, b""), abort(UNRECOGNISED)),
        ("unknown PDU type of 4 GiB", vec![0xff, 0, 0xff, 0xff, 0xff, 0xff], abort(UNRECOGNISED)),
        ("second A-ASSOCIATE-RQ", Request::default().encode(), abort(UNEXPECTED_PDU)),
        ("A-ASSOCIATE-AC", pdu(2, &[0; 68]), abort(UNEXPECTED_PDU)),
        ("A-ASSOCIATE-RJ", pdu(3, &[0, 1, 1, 1]), abort(UNEXPECTED_PDU)),
        ("A-RELEASE-RP", RELEASE_RP.to_vec(), abort(UNEXPECTED_PDU)),
        ("A-RELEASE-RQ of no length", pdu(5, b""), abort(INVALID_VALUE)),
        ("PDU one byte longer than offered", header(256 * 1024 + 1), abort(INVALID_VALUE)),
        ("PDU of 4 GiB", header(u32::MAX), abort(INVALID_VALUE)),
        ("PDU without a value", pdu(4, b""), abort(INVALID_VALUE)),
        ("PDU that ends within a value's header", pdu(4, &[0, 0, 0, 2, 1]), abort(INVALID_VALUE)),
        ("value of no length", pdu(4, &[0, 0, 0, 0, 1, 3]), abort(INVALID_VALUE)),
        ("value that is longer than its PDU", pdu(4, &[0, 0, 0, 9, 1, 3, 0, 0]), abort(INVALID_VALUE)),
        ("value of 4 GiB", pdu(4, &[0xff, 0xff, 0xff, 0xff, 1, 3, 0, 0]), abort(INVALID_VALUE)),
        ("bytes after a value", pdu(4, &[value(1, 1, b"ab"), vec![0]].concat()), abort(INVALID_VALUE)),
        ("context never proposed", command(99, &echo_rq(1)), abort(INVALID_VALUE)),
        ("context that was rejected", command(7, &echo_rq(1)), abort(INVALID_VALUE)),
        ("context 0", command(0, &echo_rq(1)), abort(INVALID_VALUE)),
        ("data set without a command", data(1, 2, b"ab"), abort(UNEXPECTED_PARAMETER)),
        (
            "data set after a command without one",
            [command(5, &echo_rq(1)), data(5, 2, b"ab")].concat(),
            abort(UNEXPECTED_PARAMETER),
        ),
        ("command in two contexts", [data(1, 1, b"ab"), data(3, 3, b"cd")].concat(), abort(UNEXPECTED_PARAMETER)),
        ("data set in another context", [store(), data(3, 2, b"ab")].concat(), abort(UNEXPECTED_PARAMETER)),
        (
            "command within a data set",
            [store(), data(1, 0, b"ab"), command(1, &echo_rq(2))].concat(),
            abort(UNEXPECTED_PARAMETER),
        ),
        ("value that lies within a data set", [store(), pdu(4, &[0, 0, 1, 0, 1, 0, 9, 9])].concat(), abort(INVALID_VALUE)),
        ("command that does not end", data(1, 1, &[0; 16_000]).repeat(5), ABORT_USER),
        ("command of garbage", data(1, 3, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ABORT_USER),
        ("command with a length that lies", data(1, 3, b"\0\0\0\x01\xff\0\0\0\x30\0"), ABORT_USER),
        ("command of another group", data(1, 3, b"\x08\0\0\x01\x02\0\0\0\x30\0"), ABORT_USER),
        ("command without anything", data(1, 3, b""), ABORT_USER),
        ("command without a field", command(1, &fieldless()), ABORT_USER),
        ("request without Message ID", command(5, &with(0x30)), ABORT_USER),
        ("response to nothing", command(1, &with(0x8001).with_number(CommandTag::MESSAGE_ID, 1)), ABORT_USER),
    ];
    let door = Door::open().await;
    for (name, bytes, expected) in cases {
        let mut client = Client::associated(door.address).await;
        client.send(&bytes).await;
        client.finish().await;
        let rest = client.rest().await;
        // Some cases get an answer to what was right before.
        assert!(rest.ends_with(&expected), "{name}: {rest:?}");
        assert_eq!(rest.len() > 10, name.starts_with("data set after"), "{name}: {rest:?}");
    }
    assert_eq!(door.versions().await.len(), 0);
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn operations_that_are_not_ours_are_answered_and_the_association_goes_on() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    // C-FIND, C-MOVE, C-GET, N-EVENT-REPORT to N-DELETE, and one that nobody has.
    for (message_id, field) in (1_u16..).zip([0x20, 0x21, 0x10, 0x100, 0x110, 0x120, 0x130, 0x140, 0x150, 0x0042]) {
        let request = CommandSet::default()
            .with_uid(CommandTag::REQUESTED_SOP_CLASS_UID, "1.2.3")
            .with_number(CommandTag::COMMAND_FIELD, field)
            .with_number(CommandTag::MESSAGE_ID, message_id)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0);
        client.send(&[command(1, &request), data(1, 0, b"abc"), data(1, 2, b"def")].concat()).await;
        let response = client.response().await;
        assert_eq!(response.number(CommandTag::COMMAND_FIELD), Some(field | 0x8000));
        assert_eq!(response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id));
        assert_eq!(response.number(CommandTag::STATUS), Some(0x0211), "{field:04X}");
        assert_eq!(response.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some("1.2.3"));
    }
    let cancel = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x0FFF)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101);
    client.send(&[command(1, &cancel), command(5, &echo_rq(77))].concat()).await;
    assert_eq!(client.status(77).await, 0, "C-CANCEL has no response");
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn after_the_last_word_only_a_request_is_answered() {
    let door = Door::open().await;
    // Sta13 after a rejection: AA-6 ignores, AA-7 aborts.
    let mut client = Client::connect(door.address).await;
    client.send(&Request { called: "OTHER", ..Request::default() }.encode()).await;
    assert_eq!(client.pdu().await.expect("a rejection")[0], 3);
    client.send(&[data(1, 3, b"ab"), RELEASE_RQ.to_vec(), RELEASE_RP.to_vec(), pdu(2, &[0; 68])].concat()).await;
    client.send(&Request::default().encode()).await;
    assert_eq!(client.pdu().await.as_deref(), Some(&abort(2)[..]));
    client.send(&Request::default().encode()).await;
    client.finish().await;
    assert_eq!(client.rest().await, b"", "one abort is enough");

    // Sta13 after a release: the peer's abort closes at once.
    let mut client = Client::associated(door.address).await;
    client.send(&RELEASE_RQ).await;
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
    client.send(&abort(0)).await;
    assert_eq!(client.rest().await, b"");
    door.ended().await;
}

#[tokio::test]
async fn a_peer_that_goes_at_any_point_leaves_nothing_behind() {
    let door = Door::open().await;
    let message = [command(1, &store_rq(1, CT, "1.2.3")), data(1, 0, &[0; 2000]), data(1, 0, &[0; 2000])].concat();
    for length in [0, 3, 6, 11, 12, 40, message.len() - 2020, message.len() - 1, message.len()] {
        for last in [&b""[..], &abort(0), &RELEASE_RQ] {
            let mut client = Client::associated(door.address).await;
            client.send(&message[..length]).await;
            client.send(last).await;
            drop(client);
        }
    }
    door.still_serves().await;
    assert_eq!(door.versions().await.len(), 0);
    door.ended().await;
}

#[tokio::test]
async fn more_contexts_than_there_are_ids_are_each_answered_once() {
    let door = Door::open().await;
    let contexts = (0..1000_u16).map(|number| (u8::try_from(number % 256).expect("below 256"), CT, vec![EXPLICIT])).collect();
    let (client, answer) = Client::associated_by(door.address, &Request { contexts, ..Request::default() }).await;
    // Every ID comes several times, so that none of them can be told from its twins: no reason given, for each once.
    let refused = answer.windows(8).filter(|bytes| bytes[0] == 0x21 && bytes[6..] == [2, 0]).count();
    assert_eq!(refused, 256);
    client.release().await;

    let contexts: Vec<_> = (0..128_u8).map(|number| (number * 2 + 1, VERIFICATION, vec![IMPLICIT])).collect();
    let (mut client, _) = Client::associated_by(door.address, &Request { contexts, ..Request::default() }).await;
    for id in [1, 127, 255] {
        client.send(&command(id, &echo_rq(id.into()))).await;
        assert_eq!(client.status(id.into()).await, 0);
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn commands_that_contradict_themselves_are_answered_by_the_first_word_of_each() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    let twice = |tag, first, second| {
        CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, VERIFICATION)
            .with_number(CommandTag::COMMAND_FIELD, 0x30)
            .with_number(tag, first)
            .with_number(tag, second)
    };
    // The elements of each are in ascending order, and those of one tag in that of arrival.
    let two_ids = twice(CommandTag::MESSAGE_ID, 7, 8).with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101);
    client.send(&command(5, &two_ids)).await;
    assert_eq!(client.status(7).await, 0);
    // An echo with a data set, which comes: it is read and refused.
    let with_data_set = twice(CommandTag::COMMAND_DATA_SET_TYPE, 1, 0x0101).with_number(CommandTag::MESSAGE_ID, 9);
    client.send(&[command(5, &with_data_set), data(5, 2, b"abcd")].concat()).await;
    assert_eq!(client.status(9).await, 0x0212);
    // A store of a class in the context of another, with an instance that is none.
    for (class, instance, expected) in [(MR, "1.2.3", 0x0122), (CT, "no UID", 0x0117), (CT, "", 0x0117)] {
        client.send(&[command(1, &store_rq(10, class, instance)), data(1, 2, b"abcd")].concat()).await;
        assert_eq!(client.status(10).await, expected, "{class} {instance}");
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_storm_of_responses_to_nothing_ends_at_the_first() {
    let door = Door::open().await;
    let response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x8001)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_number(CommandTag::STATUS, 0xFF00);
    let mut client = Client::associated(door.address).await;
    client.try_send(&command(1, &response).repeat(10_000)).await;
    client.finish().await;
    assert_eq!(client.rest().await, ABORT_USER);
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn a_connection_of_which_one_half_is_closed_is_answered_and_ended() {
    let door = Door::open().await;
    // Before anything, within a request, after a request, within a message, after a message.
    let request = Request::default().encode();
    let message = command(5, &echo_rq(1));
    for (bytes, answers) in [
        (Vec::new(), 0),
        (request[..50].to_vec(), 0),
        (request.clone(), 1),
        ([&request[..], &message[..20]].concat(), 1),
        ([&request[..], &message].concat(), 2),
    ] {
        let mut client = Client::connect(door.address).await;
        client.send(&bytes).await;
        client.finish().await;
        for answer in 0..answers {
            assert!(client.pdu().await.is_some(), "answer {answer} to {} bytes", bytes.len());
        }
        assert_eq!(client.rest().await, b"", "{} bytes", bytes.len());
    }
    door.ended().await;
}

#[test]
fn no_bytes_make_the_door_fail() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let door = runtime.block_on(Door::open());
    let pieces = prop_oneof![
        2 => proptest::collection::vec(any::<u8>(), 0..40),
        2 => (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(kind, body)| pdu(kind % 10, &body)),
        4 => (0_u8..8, 0_u8..4, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(id, control, body)| data(id, control, &body)),
        3 => (0_u8..8, any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(id, field, message_id, data_set)| {
            let command_set = CommandSet::default()
                .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, CT)
                .with_number(CommandTag::COMMAND_FIELD, field & 0x31)
                .with_number(CommandTag::MESSAGE_ID, message_id)
                .with_number(CommandTag::COMMAND_DATA_SET_TYPE, if data_set % 2 == 0 { 0x0101 } else { 1 })
                .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, "1.2.3");
            command(id, &command_set)
        }),
        1 => Just(RELEASE_RQ.to_vec()),
    ];
    let strategy = (any::<bool>(), proptest::collection::vec(pieces, 0..12));
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let result = runner.run(&strategy, |(associated, pieces)| {
        runtime.block_on(async {
            let mut client =
                if associated { Client::associated(door.address).await } else { Client::connect(door.address).await };
            // The door may close before it has all.
            client.try_send(&pieces.concat()).await;
            client.finish().await;
            client.rest().await;
        });
        Ok(())
    });
    result.expect("the door closes in time, whatever comes");
    runtime.block_on(async {
        door.still_serves().await;
        door.ended().await;
    });
}
