//! A shutdown finishes what it began, releases who rests, and does not wait for ever.

use crate::client::{CT, Client, RELEASE_RP, RELEASE_RQ, Request, abort, command, data, echo_rq, store_rq};
use crate::door::Door;

#[tokio::test]
async fn who_rests_is_released_and_the_door_ends_at_once() {
    let door = Door::open().await;
    let mut waiting = Client::connect(door.address).await;
    let mut resting = Client::associated(door.address).await;
    door.shut_down();
    assert_eq!(waiting.rest().await, b"");
    assert_eq!(resting.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    // A message that crosses the release is not acted on.
    resting.send(&command(5, &echo_rq(1))).await;
    resting.send(&RELEASE_RP).await;
    assert_eq!(resting.rest().await, b"");
    let address = door.address;
    door.ended().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn a_release_collision_is_resolved_as_the_acceptor_does_it() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    door.shut_down();
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    // Sta10 awaits our A-RELEASE-RP before it sends its own.
    client.send(&RELEASE_RQ).await;
    client.send(&RELEASE_RP).await;
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
    drop(client);
    door.ended().await;
}

#[tokio::test]
async fn what_cannot_answer_a_release_is_aborted() {
    for (bytes, expected) in [
        (&[][..], abort(0)),
        (&Request::default().encode()[..], abort(2)),
        (&[9, 0, 0, 0, 0, 0][..], abort(1)),
        (&[&RELEASE_RQ[..], &RELEASE_RQ].concat()[..], abort(2)),
    ] {
        let door = Door::open().await;
        let mut client = Client::associated(door.address).await;
        door.shut_down();
        assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
        client.send(bytes).await;
        assert_eq!(client.pdu().await.as_deref(), Some(&expected[..]), "{bytes:?}");
        drop(client);
        door.ended().await;
    }
}

#[tokio::test]
async fn a_message_in_flight_is_finished_and_answered() {
    let door = Door::open().await;
    let mut client = Client::associated(door.address).await;
    // An echo proves that the message before it has begun to be read.
    client.send(&[command(5, &echo_rq(1)), command(1, &store_rq(2, CT, "1.2.3")), data(1, 0, b"\x08\0")].concat()).await;
    assert_eq!(client.status(1).await, 0);
    let mut other = Client::associated(door.address).await;
    door.shut_down();
    assert_eq!(other.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    client.send(&data(1, 2, b"rest")).await;
    assert_ne!(client.status(2).await, 0, "not a data set, but answered");
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    client.send(&RELEASE_RP).await;
    assert_eq!(client.rest().await, b"");
    door.ended().await;
}

#[tokio::test]
async fn a_message_that_does_not_end_is_aborted_after_the_grace() {
    let door = Door::with(|config| config.shutdown_timeout_seconds = 1).await;
    let mut client = Client::associated(door.address).await;
    client.send(&[command(5, &echo_rq(1)), command(1, &store_rq(2, CT, "1.2.3")), data(1, 0, b"\x08\0")].concat()).await;
    assert_eq!(client.status(1).await, 0);
    door.shut_down();
    assert_eq!(client.pdu().await.as_deref(), Some(&abort(0)[..]));
    assert_eq!(door.versions().await.len(), 0);
    drop(client);
    door.ended().await;
}
