//! C-ECHO.

use filmless_dimse::command::CommandTag;

use crate::client::{Client, Request, VERIFICATION, command, data, echo_rq};
use crate::door::Door;

#[tokio::test]
async fn an_echo_is_answered_with_its_message_id() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    for message_id in [1, 7, 65_535] {
        client.send(&command(5, &echo_rq(message_id))).await;
        let response = client.response().await;
        assert_eq!(response.number(CommandTag::COMMAND_FIELD), Some(0x8030));
        assert_eq!(response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO), Some(message_id));
        assert_eq!(response.number(CommandTag::COMMAND_DATA_SET_TYPE), Some(0x0101));
        assert_eq!(response.number(CommandTag::STATUS), Some(0));
        assert_eq!(response.text(CommandTag::AFFECTED_SOP_CLASS_UID), Some(VERIFICATION));
    }
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn an_echo_in_a_storage_context_is_answered_and_one_of_another_class_is_not() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    client.send(&command(1, &echo_rq(1))).await;
    assert_eq!(client.status(1).await, 0);

    let other = filmless_dimse::command::CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, "1.2.3")
        .with_number(CommandTag::COMMAND_FIELD, 0x30)
        .with_number(CommandTag::MESSAGE_ID, 2)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101);
    client.send(&command(5, &other)).await;
    assert_eq!(client.status(2).await, 0x0122);

    let with_data_set = echo_rq(3).encode();
    let at = with_data_set.len() - 2;
    let with_data_set = [&with_data_set[..at], &[0, 0]].concat();
    client.send(&data(5, 3, &with_data_set)).await;
    client.send(&data(5, 0, b"ab")).await;
    client.send(&data(5, 2, b"cd")).await;
    assert_eq!(client.status(3).await, 0x0212);
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn a_peer_that_takes_only_short_pdus_gets_them() {
    let door = Door::open().await;
    let (mut client, _) = Client::associated_by(door.address, &Request { max_length: 32, ..Request::default() }).await;
    client.send(&command(5, &echo_rq(1))).await;
    let mut collected = Vec::new();
    loop {
        let pdu = client.pdu().await.expect("a fragment");
        assert!(pdu.len() <= 6 + 32 && pdu[0] == 4, "{pdu:?}");
        collected.extend_from_slice(&pdu[12..]);
        if pdu[11] == 3 {
            break;
        }
        assert_eq!(pdu[11], 1);
    }
    let response = filmless_dimse::command::CommandSet::decode(collected.into()).expect("a command set");
    assert_eq!(response.number(CommandTag::STATUS), Some(0));
    client.release().await;
    door.ended().await;
}
