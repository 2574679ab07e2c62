//! User identity (PS3.7 section D.3.3.7): who is believed, who is told so, and what a user may do.

use filmless_dimse::users::UserIdentityPolicy;

use crate::client::{CT, Client, Request, command, data, item, reject, store_rq};
use crate::door::Door;
use crate::store::data_set;

/// A user identity item.
fn identity(kind: u8, wants_response: bool, primary: &str, secondary: &str) -> Vec<u8> {
    let counted = |text: &str| [&u16::try_from(text.len()).expect("short").to_be_bytes()[..], text.as_bytes()].concat();
    item(0x58, &[vec![kind, u8::from(wants_response)], counted(primary), counted(secondary)].concat())
}

fn request(user_items: Vec<u8>) -> Request {
    Request { user_items, ..Request::default() }
}

#[tokio::test]
async fn who_is_not_believed_is_rejected_and_who_is_hears_it_if_they_ask() {
    use UserIdentityPolicy::{Ignored, Optional, Passcode, Username};
    const ACCEPTED: Option<bool> = Some(false);
    const CONFIRMED: Option<bool> = Some(true);
    let nobody = Vec::new;
    let name = || identity(1, true, "lan", "");
    let right = || identity(2, true, "lan", "secret");
    let wrong = || identity(2, true, "lan", "guess");
    let ticket = || identity(3, true, "ticket", "");
    let transient = || identity(2, true, "nobody can tell", "secret");
    let cases = [
        (Optional, nobody(), ACCEPTED, "nobody"),
        (Optional, name(), CONFIRMED, "a name"),
        (Optional, right(), CONFIRMED, "a passcode"),
        (Optional, identity(2, false, "lan", "secret"), ACCEPTED, "a passcode without question"),
        (Optional, wrong(), None, "a wrong passcode"),
        (Optional, identity(2, true, "guessed", "secret"), None, "too many attempts"),
        (Optional, identity(1, true, "stranger", ""), None, "a name that nobody has"),
        (Optional, ticket(), ACCEPTED, "a ticket"),
        (Optional, identity(5, true, "token", ""), ACCEPTED, "a token"),
        (Ignored, wrong(), ACCEPTED, "a wrong passcode where none is looked at"),
        (Username, nobody(), None, "nobody where a name is wanted"),
        (Username, ticket(), None, "a ticket where a name is wanted"),
        (Username, name(), CONFIRMED, "a name where one is wanted"),
        (Passcode, name(), None, "a name where a passcode is wanted"),
        (Passcode, right(), CONFIRMED, "a passcode where one is wanted"),
    ];
    for (policy, user_items, expected, name) in cases {
        let door = Door::with(|config| config.user_identity = policy).await;
        let mut client = Client::connect(door.address).await;
        client.send(&request(user_items).encode()).await;
        let answer = client.pdu().await.expect("an answer");
        match expected {
            None => {
                assert_eq!(answer, reject(1, 1, 1), "{name}");
                let remembered = door.remembered().await;
                assert!(remembered[0].reason.starts_with("no reason given: "), "{name}: {remembered:?}");
                assert!(!format!("{remembered:?}").contains("guess\""), "{name}");
            }
            Some(is_confirmed) => {
                assert_eq!(answer[0], 2, "{name}: {answer:?}");
                assert_eq!(answer.ends_with(&item(0x59, &[0, 0])), is_confirmed, "{name}");
                client.release().await;
            }
        }
        door.ended().await;
    }
    let door = Door::open().await;
    let mut client = Client::connect(door.address).await;
    client.send(&request(transient()).encode()).await;
    assert_eq!(client.pdu().await.as_deref(), Some(&reject(2, 3, 1)[..]));
    door.ended().await;
}

#[tokio::test]
async fn a_user_and_its_peer_may_do_together_what_both_may() {
    const NOT_AUTHORISED: u16 = 0x0124;
    let door = Door::open().await;
    for (calling, user, expected) in
        [("CT1", "lan", 0), ("CT1", "minh", NOT_AUTHORISED), ("VIEWER", "lan", NOT_AUTHORISED), ("CT1", "", 0)]
    {
        let user_items = if user.is_empty() { Vec::new() } else { identity(2, false, user, "secret") };
        let (mut client, _) = Client::associated_by(door.address, &Request { calling, ..request(user_items) }).await;
        let uid = "1.2.826.0.1.3680043.10.1.3.9";
        client.send(&[command(1, &store_rq(1, CT, uid)), data(1, 2, &data_set(CT, uid, 10))].concat()).await;
        assert_eq!(client.status(1).await, expected, "{calling} for {user}");
        client.release().await;
    }
    door.ended().await;
}
