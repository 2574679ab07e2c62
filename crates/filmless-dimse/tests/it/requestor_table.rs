//! PS3.8 table 9-10 (DICOM Upper Layer Protocol State Transition Table), column by column, for the requestor of an association:
//! every PDU and the end of the connection in each state in which we wait for a peer that we called.
//!
//! Sta4 ends with the connection, Sta9 is left at once, and Sta13 ends with the peer's end; what else waits is here.

use filmless_dimse::DimseConfig;
use filmless_dimse::command::{CommandSet, CommandTag};
use filmless_dimse::requester::{RemoteNode, RequestError, Requester};
use tokio_util::sync::CancellationToken;

use crate::client::{ABORT_USER, RELEASE_RP, RELEASE_RQ, Request, abort, command, pdu, reject};
use crate::destination::{Called, Destination};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Awaiting the answer to the A-ASSOCIATE-RQ.
    Sta5,
    /// Established, awaiting the response to a C-ECHO-RQ.
    Sta6,
    /// Awaiting the A-RELEASE-RP.
    Sta7,
    /// The same, after both asked for it, and the peer's was answered (Sta9).
    Sta11,
}

/// What the table lets be seen from outside. The action is in the comment of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Bytes are sent; then Sta13, which ends with the peer's end.
    Says([u8; 10]),
    /// A PDU of this type is sent, and the association goes on.
    GoesOn(u8),
    /// Nothing is sent, and the connection ends.
    Closes,
    /// Nothing is sent, and the state stays.
    Stays,
}

const EVENTS: [&str; 10] = [
    "A-ASSOCIATE-AC",
    "A-ASSOCIATE-RJ",
    "A-ASSOCIATE-RQ",
    "P-DATA-TF",
    "A-RELEASE-RQ",
    "A-RELEASE-RP",
    "A-ABORT",
    "unrecognised PDU",
    "invalid PDU",
    "end of the connection",
];

/// A column of the table, in the order of [`EVENTS`].
fn column(state: State) -> [Then; 10] {
    use Then::{Closes, GoesOn, Says, Stays};
    let (unrecognised, unexpected, invalid) = (Says(abort(1)), Says(abort(2)), Says(abort(6)));
    match state {
        // AE-3, AE-4, AA-8, AA-8, AA-8, AA-8, AA-3, AA-8, AA-8, AA-4.
        State::Sta5 => [GoesOn(4), Closes, unexpected, unexpected, unexpected, unexpected, Closes, unrecognised, invalid, Closes],
        // AA-8, AA-8, AA-8, DT-2 (and then our own AR-1), AR-2 and AR-4, AA-8, AA-3, AA-8, AA-8, AA-4.
        State::Sta6 => {
            [unexpected, unexpected, unexpected, GoesOn(5), Says(RELEASE_RP), unexpected, Closes, unrecognised, invalid, Closes]
        }
        // AA-8, AA-8, AA-8, AR-6, AR-8 and AR-9, AR-3, AA-3, AA-8, AA-8, AA-4.
        State::Sta7 => [unexpected, unexpected, unexpected, Stays, GoesOn(6), Closes, Closes, unrecognised, invalid, Closes],
        // AA-8, AA-8, AA-8, AA-8, AA-8, AR-3, AA-3, AA-8, AA-8, AA-4.
        State::Sta11 => {
            [unexpected, unexpected, unexpected, unexpected, unexpected, Closes, Closes, unrecognised, invalid, Closes]
        }
    }
}

/// The response to the first request.
fn echoed() -> Vec<u8> {
    let response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, 0x8030)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, 1)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, 0x0101)
        .with_number(CommandTag::STATUS, 0);
    command(1, &response)
}

/// A call of the requester in a state.
async fn bring_about(destination: &Destination, state: State) -> Called {
    let mut called = destination.called().await;
    if state == State::Sta5 {
        // Its answer is the event.
        return called;
    }
    called.accept(|_, _| true).await;
    assert_eq!(called.pdu().await.expect("an echo")[0], 4);
    if state == State::Sta6 {
        return called;
    }
    called.send(&echoed()).await;
    assert_eq!(called.pdu().await.as_deref(), Some(&RELEASE_RQ[..]));
    if state == State::Sta11 {
        called.send(&RELEASE_RQ).await;
        assert_eq!(called.pdu().await.as_deref(), Some(&RELEASE_RP[..]));
    }
    called
}

async fn make(called: &mut Called, state: State, event: usize) {
    let is_answer = state == State::Sta5;
    if is_answer && event == 0 {
        called.accept(|_, _| true).await;
        return;
    }
    if is_answer {
        called.pdu().await.expect("a request");
    }
    let bytes = match event {
        0 => pdu(2, &[0; 68]),
        1 => reject(1, 1, 1).to_vec(),
        2 => Request::default().encode(),
        3 => echoed(),
        4 => RELEASE_RQ.to_vec(),
        5 => RELEASE_RP.to_vec(),
        6 => ABORT_USER.to_vec(),
        7 => pdu(0x2a, b"?"),
        8 => pdu(5, b""),
        _ => return called.finish().await,
    };
    called.send(&bytes).await;
}

async fn check(state: State, event: usize, expected: Then) {
    let name = format!("{} in {state:?}", EVENTS[event]);
    let destination = Destination::listen().await;
    let node = RemoteNode::of(&destination.peer("DEST")).expect("it has a place");
    let requester = Requester::new(DimseConfig::default(), CancellationToken::new());
    let (asked, ()) = tokio::join!(requester.echo(&node), async {
        let mut called = bring_about(&destination, state).await;
        make(&mut called, state, event).await;
        match expected {
            Then::Says(pdu) => assert_eq!(called.pdu().await.as_deref(), Some(&pdu[..]), "{name}"),
            Then::GoesOn(pdu_type) => {
                assert_eq!(called.pdu().await.map(|pdu| pdu[0]), Some(pdu_type), "{name}");
                called.send(&ABORT_USER).await;
                assert_eq!(called.pdu().await, None, "{name}");
            }
            Then::Closes => assert_eq!(called.pdu().await, None, "{name}"),
            Then::Stays => {
                called.send(&RELEASE_RP).await;
                assert_eq!(called.pdu().await, None, "{name}");
            }
        }
    });
    // Who asked hears of the answer if there was one, and else what became of the association.
    let was_answered = matches!(state, State::Sta7 | State::Sta11) || (state, event) == (State::Sta6, 3);
    assert_eq!(asked.is_ok(), was_answered, "{name}: {asked:?}");
    if (state, event) == (State::Sta5, 1) {
        assert!(matches!(asked, Err(RequestError::Rejected { result: 1, rejected_by: 1, reason: 1 })), "{asked:?}");
    }
}

#[tokio::test]
async fn every_event_in_every_state_of_a_requestor_has_the_reaction_of_the_table() {
    let mut checks = Vec::new();
    for state in [State::Sta5, State::Sta6, State::Sta7, State::Sta11] {
        checks.extend(column(state).into_iter().enumerate().map(|(event, expected)| check(state, event, expected)));
    }
    futures::future::join_all(checks).await;
}
