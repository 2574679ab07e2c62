//! Asynchronous operations (PS3.7 section D.3.3.3): stores that overlap, in whatever order they end.

use std::collections::BTreeSet;

use filmless_dimse::command::CommandTag;

use crate::client::{
    CT, Client, EXPLICIT, IMPLICIT, RELEASE_RP, RELEASE_RQ, Request, VERIFICATION, abort, command, data, echo_rq, item, store_rq,
};
use crate::door::Door;
use crate::store::data_set;

/// Stores and echoes, with a window of so many operations.
fn request(window: u8) -> Request {
    Request {
        contexts: vec![(1, CT, vec![EXPLICIT]), (5, VERIFICATION, vec![IMPLICIT])],
        user_items: item(0x53, &[0, window, 0, 1]),
        ..Request::default()
    }
}

fn instance(number: u16) -> String {
    format!("1.2.826.0.1.3680043.10.1.3.{number}")
}

/// A store of a small instance.
fn store(number: u16, pixel_bytes: u32) -> Vec<u8> {
    let uid = instance(number);
    [command(1, &store_rq(number, CT, &uid)), data(1, 2, &data_set(CT, &uid, pixel_bytes))].concat()
}

#[tokio::test]
async fn many_stores_under_way_are_each_answered_and_kept() {
    const COUNT: u16 = 40;
    let door = Door::open().await;
    let (mut client, answer) = Client::associated_by(door.address, &request(4)).await;
    assert!(answer.windows(8).any(|bytes| bytes == [0x53, 0, 0, 4, 0, 4, 0, 1]), "{answer:?}");
    let all: Vec<_> = (1..=COUNT).flat_map(|number| store(number, 1000)).collect();
    client.send(&all).await;
    let mut answered = BTreeSet::new();
    for _ in 0..COUNT {
        let response = client.response().await;
        assert_eq!(response.number(CommandTag::STATUS), Some(0), "{response:?}");
        let number = response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO).expect("an answer names its request");
        assert_eq!(response.text(CommandTag::AFFECTED_SOP_INSTANCE_UID), Some(instance(number).as_str()));
        assert!(answered.insert(number), "{number} twice");
    }
    assert_eq!(door.stored().await.len(), usize::from(COUNT));
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn what_is_no_store_waits_for_the_stores_before_it() {
    let door = Door::open().await;
    let (mut client, _) = Client::associated_by(door.address, &request(8)).await;
    client.send(&[store(1, 1000), store(2, 1000), command(5, &echo_rq(3)), store(4, 1000), RELEASE_RQ.to_vec()].concat()).await;
    let mut order = Vec::new();
    for _ in 0..4 {
        let response = client.response().await;
        assert_eq!(response.number(CommandTag::STATUS), Some(0), "{response:?}");
        order.push(response.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO));
    }
    assert_eq!(order[2..], [Some(3), Some(4)], "{order:?}");
    // The release too.
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
    door.ended().await;
}

#[tokio::test]
async fn of_two_data_sets_under_one_uid_the_later_is_served() {
    let door = Door::open().await;
    let (mut client, _) = Client::associated_by(door.address, &request(8)).await;
    for round in 0..10_u16 {
        let uid = instance(round + 1);
        for (number, pixel_bytes) in [(1, 2000), (2, 10)] {
            let message = [command(1, &store_rq(number, CT, &uid)), data(1, 2, &data_set(CT, &uid, pixel_bytes))].concat();
            client.send(&message).await;
        }
        for number in [1, 2] {
            assert_eq!(client.status(number).await, 0);
        }
    }
    let stored = door.stored().await;
    assert_eq!(stored.len(), 10);
    assert!(stored.iter().all(|stored| stored.version.length_bytes < 2000), "the short ones came later");
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn who_goes_leaves_nothing_that_is_not_whole() {
    let door = Door::open().await;
    for last in [&b""[..], &abort(0), &RELEASE_RQ] {
        let (mut client, _) = Client::associated_by(door.address, &request(4)).await;
        let unfinished = [command(1, &store_rq(9, CT, "1.2.3")), data(1, 0, &[0; 2000])].concat();
        client.send(&[store(1, 5000), store(2, 5000), unfinished, last.to_vec()].concat()).await;
        drop(client);
    }
    door.still_serves().await;
    assert!(door.stored().await.len() <= 2);
    // Sees that every blob belongs to a row.
    door.ended().await;
}
