//! Making an association: who is admitted, and what is agreed on.

use std::net::{IpAddr, Ipv4Addr};

use crate::client::{
    CT, Client, EXPLICIT, IMPLICIT, PATIENT_ROOT_FIND, Request, STUDY_ROOT_FIND, VERIFICATION, WORKLIST_FIND, command, echo_rq,
    item, reject,
};
use crate::door::Door;

#[tokio::test]
async fn who_is_not_to_be_admitted_is_rejected_with_the_standards_reason() {
    let door = Door::open().await;
    let request = Request::default;
    for (name, request, expected) in [
        ("unknown calling AE title", Request { calling: "STRANGER", ..request() }, reject(1, 1, 3)),
        ("calling AE title in another case", Request { calling: "ct1", ..request() }, reject(1, 1, 3)),
        ("no calling AE title", Request { calling: "", ..request() }, reject(1, 1, 3)),
        ("calling AE title that is none", Request { calling: "CT\\1", ..request() }, reject(1, 1, 3)),
        ("known peer from elsewhere", Request { calling: "ELSEWHERE", ..request() }, reject(1, 1, 3)),
        ("known peer without its certificate", Request { calling: "BOUND", ..request() }, reject(1, 1, 3)),
        ("another called AE title", Request { called: "ORTHANC", ..request() }, reject(1, 1, 7)),
        ("another application context", Request { application_context: "1.2.3", ..request() }, reject(1, 1, 2)),
        ("another protocol version", Request { version: 2, ..request() }, reject(1, 2, 2)),
    ] {
        let mut client = Client::connect(door.address).await;
        client.send(&request.encode()).await;
        assert_eq!(client.pdu().await.as_deref(), Some(&expected[..]), "{name}");
    }
    // A later version that still speaks the first is welcome.
    let (client, _) = Client::associated_by(door.address, &Request { version: 3, ..request() }).await;
    client.release().await;
    door.still_serves().await;
    door.ended().await;
}

#[tokio::test]
async fn a_rejected_peer_is_remembered_with_what_it_asked_for() {
    let door = Door::open().await;
    let mut client = Client::connect(door.address).await;
    client.send(&Request { calling: "STRANGER", ..Request::default() }.encode()).await;
    assert!(client.pdu().await.is_some());
    let mut client = Client::connect(door.address).await;
    client.send(&Request { called: "OTHER\x1b[2J", ..Request::default() }.encode()).await;
    assert!(client.pdu().await.is_some());

    let mut client = Client::connect(door.address).await;
    client.send(&Request { calling: "BOUND", ..Request::default() }.encode()).await;
    assert!(client.pdu().await.is_some());

    let remembered = door.remembered().await;
    assert_eq!(remembered.len(), 3);
    let expected = "calling AE title not recognized: the peer has to show its certificate, and shows none";
    assert!(remembered.iter().any(|entry| entry.calling_ae_title == "BOUND" && entry.reason == expected), "{remembered:?}");
    let called = |title: &str| {
        remembered
            .iter()
            .find(|entry| entry.called_ae_title == title && entry.calling_ae_title != "BOUND")
            .expect("an entry for each")
    };
    let entry = called("FILMLESS");
    assert_eq!(entry.calling_ae_title, "STRANGER");
    assert_eq!(entry.address, IpAddr::V4(Ipv4Addr::LOCALHOST));
    assert_eq!(entry.reason, "calling AE title not recognized");
    assert_eq!(
        entry.abstract_syntaxes,
        [
            VERIFICATION,
            "1.2.840.10008.5.1.1.9",
            CT,
            "1.2.840.10008.5.1.4.1.1.4",
            PATIENT_ROOT_FIND,
            STUDY_ROOT_FIND,
            WORKLIST_FIND
        ]
    );
    assert_eq!(entry.count, 1);
    assert!(entry.first_ms > 1_700_000_000_000 && entry.first_ms == entry.last_ms);
    assert_eq!(called(r"OTHER\x1b[2J").reason, "called AE title not recognized");
    door.ended().await;
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_a_passing_trouble() {
    let door = Door::open().await;
    door.lose_database().await;
    let mut client = Client::connect(door.address).await;
    client.send(&Request::default().encode()).await;
    assert_eq!(client.pdu().await.as_deref(), Some(&reject(2, 3, 1)[..]));
    door.ended().await;
}

#[tokio::test]
async fn loopback_may_call_under_any_name_if_told_so() {
    let door = Door::with(|config| config.accept_any_calling_from_loopback = true).await;
    let (client, _) = Client::associated_by(door.address, &Request { calling: "ANYBODY", ..Request::default() }).await;
    client.release().await;
    door.ended().await;
}

#[tokio::test]
async fn every_proposal_is_answered_as_the_standard_has_it() {
    let door = Door::open().await;
    let role = [&[0, 25][..], CT.as_bytes(), &[1, 1]].concat();
    let user_items = [
        item(0x53, &[0, 8, 0, 8]),
        item(0x54, &role),
        item(0x55, b"TEST"),
        item(0x56, b"\0\x031.2whatever"),
        item(0x58, b"\x03\x01\0\x06ticket\0\0"),
        item(0x99, b"?"),
    ]
    .concat();
    let mut client = Client::connect(door.address).await;
    let request = Request {
        contexts: vec![
            (1, CT, vec![IMPLICIT, EXPLICIT]),
            (2, CT, vec![EXPLICIT]),
            (3, "1.2.3", vec![EXPLICIT]),
            (5, CT, vec!["1.2.840.10008.1.2.4.80"]),
            (7, CT, vec![]),
            (9, CT, vec![EXPLICIT]),
            (9, VERIFICATION, vec![EXPLICIT]),
            (255, VERIFICATION, vec![IMPLICIT]),
        ],
        user_items,
        ..Request::default()
    };
    let sent = request.encode();
    client.send(&sent).await;
    let answer = client.pdu().await.expect("an answer");
    assert_eq!(answer[0], 2);
    assert_eq!(answer[6..8], [0, 1], "protocol version");
    assert_eq!(answer[10..74], sent[10..74], "AE titles and reserved bytes as they came");

    let answered = items(&answer[74..]);
    assert_eq!(answered[0], (0x10, b"1.2.840.10008.3.1.1.1".to_vec()));
    let contexts: Vec<_> = answered.iter().filter(|(item_type, _)| *item_type == 0x21).map(|(_, value)| value).collect();
    let contexts: Vec<_> =
        contexts.iter().map(|value| (value[0], value[2], String::from_utf8(value[8..].to_vec()).expect("a UID"))).collect();
    let expected = [
        (1, 0, EXPLICIT),
        (2, 2, EXPLICIT),
        (3, 3, EXPLICIT),
        (5, 0, "1.2.840.10008.1.2.4.80"),
        (7, 4, IMPLICIT),
        (9, 2, EXPLICIT),
        (255, 0, IMPLICIT),
    ];
    assert_eq!(contexts, expected.map(|(id, result, uid)| (id, result, uid.to_owned())));

    let (item_type, user) = answered.last().expect("user information");
    assert_eq!(*item_type, 0x50);
    let user = items(user);
    let types: Vec<_> = user.iter().map(|(item_type, _)| *item_type).collect();
    assert_eq!(types, [0x51, 0x52, 0x53, 0x54, 0x55], "in ascending order, and none that was not asked for");
    assert_eq!(user[0].1, (256_u32 * 1024).to_be_bytes());
    assert_eq!(user[1].1, filmless_dicom::file_meta::IMPLEMENTATION_CLASS_UID.as_bytes());
    assert_eq!(user[2].1, [0, 8, 0, 1], "eight operations of theirs, one of ours");
    assert_eq!(user[3].1, [&[0, 25][..], CT.as_bytes(), &[1, 0]].concat(), "SCU yes, SCP no");
    assert_eq!(user[4].1, filmless_dicom::file_meta::IMPLEMENTATION_VERSION_NAME.as_bytes());

    client.send(&command(255, &echo_rq(1))).await;
    assert_eq!(client.status(1).await, 0);
    client.release().await;
    door.ended().await;
}

fn items(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut items = Vec::new();
    while let [item_type, _, high, low, rest @ ..] = bytes {
        let (value, rest) = rest.split_at(u16::from_be_bytes([*high, *low]).into());
        items.push((*item_type, value.to_vec()));
        bytes = rest;
    }
    items
}
