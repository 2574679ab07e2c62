//! Peers and the inbox.

use std::net::{IpAddr, Ipv4Addr};

use filmless_index::INBOX_LIMIT;
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::machine::{LongString, Machine, MachineCode};
use filmless_model::peer::{InboxEntry, MoveDestinations, Peer, PeerRights, WorklistCharacters, WorklistNames, WorklistOptions};
use filmless_model::uid::TransferSyntaxUid;

use crate::sample::{Fixture, on_each_engine};

on_each_engine! {
    peers_are_put_read_and_removed
    a_peer_that_knocks_again_is_counted
    the_inbox_keeps_the_last_seen
}

fn title(text: &str) -> AeTitle {
    AeTitle::parse(text).expect("a title")
}

async fn peers_are_put_read_and_removed(fixture: Fixture) {
    let index = &fixture.index;
    let certificate = CertificateBinding::parse("CN=A peer");
    assert!(certificate.is_some());
    let all = PeerRights { store: true, query: true, retrieve: true, replace: true, worklist: true };
    let worklist =
        WorklistOptions { characters: WorklistCharacters::Ascii, names: WorklistNames::Parsed, max_entries: Some(200) };
    let uids = |uids: &[&str]| uids.iter().map(|uid| TransferSyntaxUid::parse(uid).expect("a UID")).collect();
    let mut ct = Peer {
        address: Some("10.0.0.7".to_owned()),
        port: Some(65535),
        tls: true,
        rights: all,
        worklist,
        move_destinations: MoveDestinations::Only(vec![title("WS 1"), title("WS,2")]),
        accepted_transfer_syntaxes: uids(&["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.1"]),
        offered_transfer_syntaxes: uids(&["1.2.840.10008.1.2"]),
        max_associations: Some(4),
        instance_availability: true,
        machine: Machine {
            issuer_of_patient_id: LongString::parse("01234"),
            department: LongString::parse("Khoa Chẩn đoán hình ảnh"),
            code: MachineCode::parse("CL.1.01234.5"),
        },
        ..Peer::named(title("CT1"))
    };
    let bare = Peer { certificate, ..Peer::named(title("A PEER")) };
    for peer in [&ct, &bare] {
        index.put_peer(peer).await.expect("put");
    }
    assert_eq!(index.peers().await.expect("listed"), [bare.clone(), ct.clone()]);
    ct.rights = PeerRights { query: true, ..PeerRights::default() };
    ct.address = None;
    ct.tls = false;
    ct.instance_availability = false;
    ct.certificate = CertificateBinding::parse(&"0f".repeat(32));
    ct.move_destinations = MoveDestinations::Only(Vec::new());
    ct.accepted_transfer_syntaxes.clear();
    ct.max_associations = None;
    ct.machine.department = None;
    index.put_peer(&ct).await.expect("put again");
    assert_eq!(index.peer(&title("CT1")).await.expect("read"), Some(ct));
    assert_eq!(index.peer(&title("ct1")).await.expect("read"), None, "titles keep their case");
    assert!(index.remove_peer(&title("CT1")).await.expect("removed"));
    assert!(!index.remove_peer(&title("CT1")).await.expect("gone already"));
    assert_eq!(index.peers().await.expect("listed"), [bare]);
}

fn knock(n: u32, at_ms: i64) -> InboxEntry {
    InboxEntry {
        calling_ae_title: format!("MR{n}"),
        called_ae_title: "FILMLESS".to_owned(),
        address: IpAddr::from(Ipv4Addr::from(0x0a00_0000 + n)),
        reason: "calling AE title not recognized".to_owned(),
        abstract_syntaxes: vec!["1.2.840.10008.1.1".to_owned(), "\"quoted\", [odd]".to_owned()],
        first_ms: at_ms,
        last_ms: at_ms,
        count: 1,
    }
}

async fn a_peer_that_knocks_again_is_counted(fixture: Fixture) {
    let index = &fixture.index;
    index.remember(&knock(1, 100)).await.expect("remembered");
    index.remember(&knock(2, 200)).await.expect("remembered");
    let again = InboxEntry { reason: "called AE title not recognized".to_owned(), abstract_syntaxes: vec![], ..knock(1, 300) };
    index.remember(&again).await.expect("remembered");
    let expected = InboxEntry { first_ms: 100, count: 2, ..again };
    assert_eq!(index.inbox(10).await.expect("listed"), [expected.clone(), knock(2, 200)]);
    assert_eq!(index.inbox(1).await.expect("listed"), [expected]);
    let address = knock(1, 0).address;
    assert!(!index.forget("MR2", "FILMLESS", address).await.expect("another address"));
    assert!(index.forget("MR1", "FILMLESS", address).await.expect("forgotten"));
    assert_eq!(index.inbox(10).await.expect("listed"), [knock(2, 200)]);
}

async fn the_inbox_keeps_the_last_seen(fixture: Fixture) {
    let index = &fixture.index;
    let at = |n: u32| i64::from(n);
    for n in 0..INBOX_LIMIT {
        index.remember(&knock(n, at(n))).await.expect("remembered");
    }
    index.remember(&knock(0, at(INBOX_LIMIT))).await.expect("the oldest is seen again");
    index.remember(&knock(INBOX_LIMIT, at(INBOX_LIMIT + 1))).await.expect("one too many");
    let inbox = index.inbox(2 * INBOX_LIMIT).await.expect("listed");
    assert_eq!(inbox.len(), INBOX_LIMIT as usize);
    let titles: Vec<_> = inbox.iter().map(|entry| entry.calling_ae_title.as_str()).collect();
    assert_eq!(titles[..2], ["MR1000", "MR0"]);
    assert!(!titles.contains(&"MR1"), "the one seen longest ago is dropped");
}
