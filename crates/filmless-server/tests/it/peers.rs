//! Peers and the inbox, as an administrator's page uses them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::peer::{InboxEntry, Peer};
use serde_json::json;

use crate::site::{Site, request};

fn call(ae_title: &str, address: &str, syntaxes: &[&str]) -> InboxEntry {
    InboxEntry {
        calling_ae_title: ae_title.to_owned(),
        called_ae_title: "FILMLESS".to_owned(),
        address: address.parse().expect("an address"),
        reason: "calling AE title not recognized".to_owned(),
        abstract_syntaxes: syntaxes.iter().map(|uid| (*uid).to_owned()).collect(),
        first_ms: 1,
        last_ms: 2,
        count: 1,
    }
}

#[tokio::test]
async fn a_peer_is_added_changed_and_forgotten() {
    let site = Site::new().await;
    let token = site.token(&site.account("lan", Role::Admin).await).await;
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    for (path, body, expected) in [
        ("/api/peers/CT1", json!({"allow": ["store"]}), 204),
        (
            "/api/peers/CT1",
            json!({"allow": ["store", "query"], "address": " 10.0.0.21 ", "port": 104, "certificate": "CN=ct1"}),
            204,
        ),
        ("/api/peers/SEVENTEEN_LETTERS", json!({"allow": ["store"]}), 400),
        ("/api/peers/CT2", json!({"allow": ["fly"]}), 400),
        ("/api/peers/CT2", json!({"allow": ["store"], "certificate": "ct2"}), 400),
        ("/api/peers/CT2", json!({"allow": [], "worklist": {"characters": "viscii", "names": "whole"}}), 400),
        ("/api/peers/CT2", json!({"allow": [], "worklist": {"characters": "ascii", "names": "first"}}), 400),
        ("/api/peers/CT2", json!({"allow": [], "worklist": {"characters": "ascii", "names": "whole", "max_entries": 0}}), 400),
        (
            "/api/peers/CT1",
            json!({
                "allow": ["store", "worklist"], "address": "10.0.0.21", "port": 104, "tls": true,
                "worklist": {"characters": "ascii", "names": "parsed", "max_entries": 50}, "certificate": "CN=ct1",
                "move_destinations": [], "accepted_transfer_syntaxes": ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.1"],
                "offered_transfer_syntaxes": ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1"], "max_associations": 3, "instance_availability": true,
                "issuer_of_patient_id": " 01234 ", "department": "", "machine_code": "CL.1.01234.5"
            }),
            204,
        ),
        ("/api/peers/CT2", json!({"allow": [], "port": 0}), 400),
        ("/api/peers/CT2", json!({"allow": [], "max_associations": 0}), 400),
        ("/api/peers/CT2", json!({"allow": [], "move_destinations": ["SEVENTEEN_LETTERS"]}), 400),
        ("/api/peers/CT2", json!({"allow": [], "accepted_transfer_syntaxes": ["JPEG"]}), 400),
        ("/api/peers/CT2", json!({"allow": [], "offered_transfer_syntaxes": vec!["1.2"; 257]}), 400),
        ("/api/peers/CT2", json!({"allow": [], "issuer_of_patient_id": "a\\b"}), 400),
        ("/api/peers/CT2", json!({"allow": [], "department": "x".repeat(65)}), 400),
        ("/api/peers/CT2", json!({"allow": [], "machine_code": "CL"}), 400),
        ("/api/peers/CT2", json!({"allow": [], "address": "a\nb"}), 400),
        ("/api/peers/CT2", json!({"allow": [], "adress": "x"}), 422),
    ] {
        let answer = site.send(request(Method::PUT, path, &headers), body.to_string()).await;
        assert_eq!(answer.status.as_u16(), expected, "{path} {body}: {}", answer.body);
    }
    let peers = site.get("/api/peers", &headers).await.json();
    let worklist = json!({"characters": "ascii", "names": "parsed", "max_entries": 50});
    let expected = json!({
        "ae_title": "CT1", "address": "10.0.0.21", "port": 104, "tls": true, "allow": ["store", "worklist"],
        "worklist": worklist,
        "certificate": "CN=ct1", "move_destinations": [], "max_associations": 3, "instance_availability": true,
        "accepted_transfer_syntaxes": ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.1"],
        "offered_transfer_syntaxes": ["1.2.840.10008.1.2.1"],
        "issuer_of_patient_id": "01234", "department": null, "machine_code": "CL.1.01234.5"
    });
    assert_eq!(peers, json!([expected]));
    for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let answer = site.send(request(Method::DELETE, "/api/peers/CT1", &headers), Body::empty()).await;
        assert_eq!(answer.status, expected);
    }
}

#[tokio::test]
async fn a_caller_of_the_inbox_is_let_in_with_one_act_from_its_own_address() {
    let site = Site::new().await;
    let token = site.token(&site.account("lan", Role::Admin).await).await;
    let headers = [("authorization", token.as_str())];
    for entry in [
        call("MR1", "10.0.0.5", &["1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.2.2.1"]),
        call("MR1", "10.0.0.66", &["1.2.840.10008.5.1.4.1.1.4"]),
    ] {
        site.index.remember(&entry).await.expect("a database");
    }
    let ae_title = AeTitle::parse("MR1").expect("legal");
    let certificate = CertificateBinding::parse("CN=mr1");
    let known = Peer { certificate: certificate.clone(), ..Peer::named(ae_title) };
    site.index.put_peer(&known).await.expect("a database");
    let inbox = site.get("/api/inbox", &headers).await.json();
    assert_eq!(inbox.as_array().map(Vec::len), Some(2), "{inbox}");
    let accept = json!({"calling_ae_title": "MR1", "address": "10.0.0.5"});
    let accepted = site.post_json("/api/inbox/accept", &headers, &accept).await;
    assert_eq!(accepted.status, StatusCode::NO_CONTENT, "{}", accepted.body);
    let peer = site.index.peer(&AeTitle::parse("MR1").expect("legal")).await.expect("a database").expect("a peer");
    assert_eq!(peer.certificate, certificate, "what it has to show stays");
    assert_eq!((peer.address.as_deref(), peer.rights.to_words().as_str()), (Some("10.0.0.5"), "store,query"));
    let inbox = site.get("/api/inbox", &headers).await.json();
    assert_eq!(inbox[0]["address"], json!("10.0.0.66"), "the other caller still waits: {inbox}");
    let again = site.post_json("/api/inbox/accept", &headers, &accept).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}
