//! PS3.8 table 9-10 (DICOM Upper Layer Protocol State Transition Table), column by column, as far as an acceptor is in its
//! states: every PDU and the end of the connection in each state that a peer can bring about.
//!
//! Three states are left at once, without anything being awaited in them: Sta3 (what arrives is read when the request is
//! answered), Sta8 and Sta12 (a release is answered as it comes). Sta4, Sta5, Sta9 and Sta11 are the requestor's, in
//! `requestor_table`.

use crate::client::{ABORT_USER, Client, RELEASE_RP, RELEASE_RQ, Request, abort, command, echo_rq, pdu, reject};
use crate::door::Door;

/// The states that wait for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Awaiting the A-ASSOCIATE-RQ.
    Sta2,
    /// Established.
    Sta6,
    /// Awaiting the A-RELEASE-RP.
    Sta7,
    /// The same, after the peer's own A-RELEASE-RQ.
    Sta10,
    /// Awaiting the end of the connection, after an A-ASSOCIATE-RJ.
    Sta13,
}

/// What the table lets be seen from outside. The action is in the comment of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Bytes are sent; then Sta13, which ends with the peer's end.
    Says([u8; 10]),
    /// A P-DATA-TF is sent, and the state stays.
    Answers,
    /// An A-ASSOCIATE-AC is sent.
    Accepts,
    /// Nothing is sent, and the connection ends.
    Closes,
    /// Nothing is sent, and the state stays.
    Stays,
}

const UNRECOGNISED_PDU: u8 = 1;
const UNEXPECTED_PDU: u8 = 2;
const INVALID_VALUE: u8 = 6;

/// The events of the table that a peer makes: PDUs, and the last, its end.
fn events() -> [(&'static str, Vec<u8>); 10] {
    [
        ("A-ASSOCIATE-AC", pdu(2, &[0; 68])),
        ("A-ASSOCIATE-RJ", reject(1, 1, 1).to_vec()),
        ("A-ASSOCIATE-RQ", Request::default().encode()),
        ("P-DATA-TF", command(5, &echo_rq(1))),
        ("A-RELEASE-RQ", RELEASE_RQ.to_vec()),
        ("A-RELEASE-RP", RELEASE_RP.to_vec()),
        ("A-ABORT", ABORT_USER.to_vec()),
        ("unrecognised PDU", pdu(0x2a, b"?")),
        ("invalid PDU", pdu(5, b"")),
        ("end of the connection", Vec::new()),
    ]
}

/// A column of the table, in the order of `events`.
fn column(state: State) -> [Then; 10] {
    use Then::{Accepts, Answers, Closes, Says, Stays};
    let unexpected = Says(abort(UNEXPECTED_PDU));
    let (unrecognised, invalid) = (Says(abort(UNRECOGNISED_PDU)), Says(abort(INVALID_VALUE)));
    let user = Says(ABORT_USER);
    match state {
        // AA-1, AA-1, AE-6 and AE-7, AA-1, AA-1, AA-1, AA-2, AA-1, AA-1, AA-5.
        State::Sta2 => [user, user, Accepts, user, user, user, Closes, user, user, Closes],
        // AA-8, AA-8, AA-8, DT-2, AR-2 and AR-4, AA-8, AA-3, AA-8, AA-8, AA-4.
        State::Sta6 => {
            [unexpected, unexpected, unexpected, Answers, Says(RELEASE_RP), unexpected, Closes, unrecognised, invalid, Closes]
        }
        // AA-8, AA-8, AA-8, AR-6, AR-8, AR-3, AA-3, AA-8, AA-8, AA-4.
        State::Sta7 => [unexpected, unexpected, unexpected, Stays, Stays, Closes, Closes, unrecognised, invalid, Closes],
        // AA-8, AA-8, AA-8, AA-8, AA-8, AR-10 and AR-4, AA-3, AA-8, AA-8, AA-4.
        State::Sta10 => {
            [unexpected, unexpected, unexpected, unexpected, unexpected, Says(RELEASE_RP), Closes, unrecognised, invalid, Closes]
        }
        // AA-6, AA-6, AA-7, AA-6, AA-6, AA-6, AA-2, AA-7, AA-7, AR-5.
        State::Sta13 => [Stays, Stays, unexpected, Stays, Stays, Stays, Closes, unrecognised, invalid, Closes],
    }
}

/// A connection to the door in a state.
async fn bring_about(door: &Door, state: State) -> Client {
    match state {
        State::Sta2 => Client::connect(door.address).await,
        State::Sta6 => Client::associated(door.address).await,
        State::Sta7 | State::Sta10 => {
            // The association has lived long enough after a second.
            let mut client = Client::associated(door.address).await;
            assert_eq!(client.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
            if state == State::Sta10 {
                client.send(&RELEASE_RQ).await;
            }
            client
        }
        State::Sta13 => {
            let mut client = Client::connect(door.address).await;
            client.send(&Request { called: "OTHER", ..Request::default() }.encode()).await;
            assert_eq!(client.pdu().await.as_deref(), Some(&reject(1, 1, 7)[..]));
            client
        }
    }
}

async fn check(door: &Door, state: State, event: &str, bytes: &[u8], expected: Then) {
    let name = format!("{event} in {state:?}");
    let mut client = bring_about(door, state).await;
    if bytes.is_empty() {
        client.finish().await;
    } else {
        client.send(bytes).await;
    }
    match expected {
        Then::Says(pdu) => {
            assert_eq!(client.pdu().await.as_deref(), Some(&pdu[..]), "{name}");
            // Sta13: what may still be on its way is ignored (AA-6), and the peer's end ends it (AR-5).
            client.send(&RELEASE_RP).await;
            client.finish().await;
            assert_eq!(client.rest().await, b"", "{name}");
        }
        Then::Answers => {
            assert_eq!(client.status(1).await, 0, "{name}");
            client.release().await;
        }
        Then::Accepts => {
            assert_eq!(client.pdu().await.expect("an answer")[0], 2, "{name}");
            client.release().await;
        }
        Then::Closes => assert_eq!(client.rest().await, b"", "{name}"),
        Then::Stays => {
            // The same state goes on: an abort closes without a word (AA-2, AA-3).
            client.send(&ABORT_USER).await;
            assert_eq!(client.rest().await, b"", "{name}");
        }
    }
}

#[tokio::test]
async fn every_event_in_every_state_of_an_acceptor_has_the_reaction_of_the_table() {
    let lasting = Door::open().await;
    let short_lived = Door::with(|config| config.association_timeout_seconds = 1).await;
    let mut checks = Vec::new();
    for state in [State::Sta2, State::Sta6, State::Sta7, State::Sta10, State::Sta13] {
        let door = if matches!(state, State::Sta7 | State::Sta10) { &short_lived } else { &lasting };
        for ((event, bytes), expected) in events().into_iter().zip(column(state)) {
            checks.push(async move { check(door, state, event, &bytes, expected).await });
        }
    }
    futures::future::join_all(checks).await;
    lasting.still_serves().await;
    lasting.ended().await;
    short_lived.ended().await;
}

/// ARTIM runs in Sta2 and Sta13, and ends both without a word (AA-2).
#[tokio::test]
async fn artim_ends_the_states_it_runs_in() {
    let door = Door::with(|config| config.artim_timeout_seconds = 1).await;
    for state in [State::Sta2, State::Sta13] {
        assert_eq!(bring_about(&door, state).await.rest().await, b"", "{state:?}");
    }
    door.ended().await;
}
