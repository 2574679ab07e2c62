//! How many, how long: limits and time-outs.

use filmless_model::ae_title::AeTitle;
use filmless_model::peer::{Peer, PeerRights};

use crate::client::{CT, Client, RELEASE_RQ, Request, abort, command, data, echo_rq, reject, store_rq};
use crate::door::Door;

/// Two associations of one peer, beside which a third is rejected.
async fn two_and_no_third(door: &Door) -> [Client; 2] {
    let two = [Client::associated(door.address).await, Client::associated(door.address).await];
    let mut third = Client::connect(door.address).await;
    third.send(&Request::default().encode()).await;
    assert_eq!(third.pdu().await.as_deref(), Some(&reject(2, 3, 2)[..]));
    assert_eq!(door.remembered().await.len(), 0, "the inbox is for strangers");
    two
}

#[tokio::test]
async fn one_association_too_many_is_rejected_until_another_ends() {
    let door = Door::with(|config| config.max_associations = 2).await;
    let [first, _second] = two_and_no_third(&door).await;
    // The place is free before the release is answered.
    first.release().await;
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn a_peer_has_no_more_associations_than_are_set_for_it_and_others_have_theirs() {
    let door = Door::open().await;
    let title = AeTitle::parse("CT1").expect("an AE title");
    let rights = PeerRights { store: true, ..PeerRights::default() };
    door.know(Peer { rights, max_associations: Some(2), ..Peer::named(title) }).await;
    let [first, _second] = two_and_no_third(&door).await;
    let another = Request { calling: "STORER", ..Request::default() };
    Client::associated_by(door.address, &another).await.0.release().await;
    first.release().await;
    // The place is free before the release is answered.
    Client::associated(door.address).await.release().await;
    door.ended().await;
}

#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let door = Door::with(|config| {
        config.max_pending_connections = 16;
        config.max_associations = 4;
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(Client::connect(door.address).await);
    }
    door.still_serves().await;
    // The eldest had to make room.
    assert_eq!(idle[0].rest().await, b"");
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn artim_ends_who_does_not_ask_and_who_does_not_close() {
    let door = Door::with(|config| config.artim_timeout_seconds = 1).await;
    let mut silent = Client::connect(door.address).await;
    let mut slow = Client::connect(door.address).await;
    slow.send(&Request::default().encode()[..20]).await;
    let mut rejected = Client::connect(door.address).await;
    rejected.send(&Request { called: "OTHER", ..Request::default() }.encode()).await;
    let mut released = Client::associated(door.address).await;
    released.send(&RELEASE_RQ).await;
    assert_eq!(silent.rest().await, b"");
    assert_eq!(slow.rest().await, b"");
    assert_eq!(rejected.rest().await, reject(1, 1, 7));
    assert_eq!(released.rest().await, crate::client::RELEASE_RP);
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn who_rests_too_long_or_pauses_too_long_is_aborted() {
    let door = Door::with(|config| {
        config.idle_timeout_seconds = 1;
        config.message_timeout_seconds = 1;
        config.artim_timeout_seconds = 1;
    })
    .await;
    let mut resting = Client::associated(door.address).await;
    let mut within_command = Client::associated(door.address).await;
    within_command.send(&data(1, 1, b"ab")).await;
    let mut within_data_set = Client::associated(door.address).await;
    within_data_set.send(&[command(1, &store_rq(1, CT, "1.2.3")), data(1, 0, &[0; 100])].concat()).await;
    assert_eq!(resting.rest().await, abort(0));
    assert_eq!(within_command.rest().await, abort(0));
    assert_eq!(within_data_set.rest().await, abort(0));
    door.still_serves().await;
    door.ended().await;
}

/// Each byte comes within every time-out but that of the request as a whole, and that of the association.
#[tokio::test]
async fn who_sends_byte_by_byte_is_ended_all_the_same() {
    let door = Door::with(|config| {
        config.artim_timeout_seconds = 1;
        config.association_timeout_seconds = 1;
    })
    .await;
    let request = Request::default().encode();
    let mut slow = Client::connect(door.address).await;
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
    let mut sent = 0;
    for byte in &request {
        ticks.tick().await;
        if !slow.try_send(&[*byte]).await {
            break;
        }
        sent += 1;
    }
    assert!(sent < request.len(), "the request as a whole has the time of ARTIM");
    drop(slow);

    // Within a message it is heard to the end, and is released at the next rest.
    let mut slow = Client::associated(door.address).await;
    for byte in command(5, &echo_rq(1)) {
        ticks.tick().await;
        slow.send(&[byte]).await;
    }
    assert_eq!(slow.status(1).await, 0);
    assert_eq!(slow.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    drop(slow);
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn an_association_that_lived_long_enough_is_released() {
    let door = Door::with(|config| config.association_timeout_seconds = 1).await;
    let mut client = Client::associated(door.address).await;
    client.send(&command(5, &echo_rq(1))).await;
    assert_eq!(client.status(1).await, 0);
    assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    client.send(&crate::client::RELEASE_RP).await;
    assert_eq!(client.rest().await, b"");
    door.ended().await;
}

#[tokio::test]
async fn a_peer_that_never_reads_is_cut_off() {
    let door = Door::with(|config| config.write_timeout_seconds = 1).await;
    let mut client = Client::associated(door.address).await;
    // Responses fill the sockets' buffers, then the door stops reading and then gives up.
    let echo = command(5, &echo_rq(1)).repeat(1000);
    while client.try_send(&echo).await {}
    door.still_serves().await;
    door.ended().await;
}
