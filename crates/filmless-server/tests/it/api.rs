//! The viewer's API as its table says: who may, what is sent and what comes back; and the OpenAPI document made from it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use filmless_archive::authorize::may;
use filmless_archive::clock::now_ms;
use filmless_archive::export::{ExportOrder, ExportedImage};
use filmless_dicomweb::resources::RESOURCES;
use filmless_model::account::{AccountName, Role};
use filmless_model::actor::{Act, Actor, Acts};
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::CommitmentRequest;
use filmless_model::export::ExportFormat;
use filmless_model::forwarding::{Destination, ForwardingName, Rule, Target};
use filmless_model::frame::FrameNumber;
use filmless_model::peer::{InboxEntry, Peer, PeerRights};
use filmless_model::performed_step::StepMessage;
use filmless_model::uid::{SopInstanceUid, TransactionUid, TransferSyntaxUid};
use filmless_server::viewer_api::operations::{Gives, May, OPERATIONS, Operation, Shape};
use filmless_testkit::instance::Instance;
use filmless_testkit::performed_step;
use serde_json::{Value, json};

use crate::site::{Answer, Site, request};

/// The study of a procedure step.
const STUDY: &str = "1.2.3";
/// A series of it, and an instance of that.
const SERIES: &str = "1.2.3.4";
const INSTANCE: &str = "1.2.3.4.5";
/// A PNG of one grey pixel, in Base 64.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An archive with something in every list: a caller in the inbox, a peer, a rule of coercion, a conflict, a deletion, a procedure step, a commitment,
/// one that we asked for, a study that a peer is told of, and a study on its way to a destination.
async fn filled() -> Site {
    let site = Site::new().await;
    let rights = PeerRights { retrieve: true, ..PeerRights::default() };
    let told = Peer { rights, instance_availability: true, ..Peer::named(AeTitle::parse("CT1").expect("a title")) };
    site.index.put_peer(&told).await.expect("a database");
    let entry = InboxEntry {
        calling_ae_title: "CT9".to_owned(),
        called_ae_title: "FILMLESS".to_owned(),
        address: CALLER,
        reason: "unknown".to_owned(),
        abstract_syntaxes: vec!["1.2.840.10008.1.1".to_owned()],
        first_ms: 1,
        last_ms: 2,
        count: 3,
    };
    site.index.remember(&entry).await.expect("a database");
    site.index.put_coercion(None, r#"{"rules":[{"attribute":"PatientID","action":"trim"}]}"#).await.expect("a database");
    let kept = Instance {
        study: STUDY.parse().expect("a UID"),
        series: SERIES.parse().expect("a UID"),
        sop_instance: INSTANCE.parse().expect("a UID"),
        ..Instance::ct()
    };
    let deleted = Instance::ct();
    for instance in [&kept, &deleted, &Instance { patient_id: "another".to_owned(), ..kept.clone() }] {
        let mut incoming = site.archive.begin_store_file(&Actor::Operator, None).expect("permitted");
        incoming.write(Bytes::from(instance.part10())).await.expect("taken");
        incoming.finish().await.expect("stored");
    }
    site.archive.follow_availability(Duration::ZERO).await.expect("followed");
    site.archive.delete(&Actor::Operator, &Resource::Study(deleted.study)).await.expect("deleted");
    let commitment = CommitmentRequest {
        transaction: TransactionUid::parse("1.2.9").expect("a UID"),
        peer: AeTitle::parse("CT1").expect("a title"),
        address: CALLER,
        references: vec![(kept.sop_class.clone(), kept.sop_instance.clone())],
    };
    let (peer, references) = (commitment.peer.clone(), commitment.references.clone());
    site.archive.request_commitment(&Actor::Operator, commitment).await.expect("kept");
    let asked = site.archive.begin_to_ask(&Actor::Operator, &peer, &references).await.expect("kept");
    let failed = vec![(asked[0].references[0].1.clone(), 0x0112)];
    assert!(site.archive.take_answer(&peer, &asked[0].transaction, Vec::new(), failed).await.expect("kept"));
    let target = Target::Peer(AeTitle::parse("CT1").expect("a title"));
    let [centre, kept] = ["centre", "kept"].map(|name| ForwardingName::parse(name).expect("a name"));
    for name in [&centre, &kept] {
        let (name, target) = (name.clone(), target.clone());
        let destination = Destination { active: false, ..Destination::new(name, target) };
        site.archive.put_forwarding_destination(&Actor::Operator, destination).await.expect("put");
    }
    let study = Resource::Study(STUDY.parse().expect("a UID"));
    site.archive.forward(&Actor::Operator, &centre, &study).await.expect("queued");
    let destinations = vec![kept];
    let rule = Rule { name: centre, active: true, peers: Vec::new(), conditions: Vec::new(), hours: None, destinations };
    site.archive.put_forwarding_rule(&Actor::Operator, &rule).await.expect("put");
    let transfer_syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID");
    let step = StepMessage { transfer_syntax, data_set: performed_step::beginning(STUDY) };
    let image = ExportedImage {
        series: SERIES.parse().expect("a UID"),
        instance: INSTANCE.parse().expect("a UID"),
        frame: FrameNumber::FIRST,
    };
    let study = STUDY.parse().expect("a UID");
    let format = ExportFormat::Png;
    let order = ExportOrder { study, format, images: vec![image], with_identity: true, address: CALLER };
    site.archive.record_export(&Actor::Operator, &order).await.expect("written down");
    site.archive.create_step(&Actor::Operator, &SopInstanceUid::generate(), step).await.expect("created");
    let kept = site.account("kept", Role::Clinician).await;
    site.token_for(&kept, "kept", Acts::ALL, None).await;
    site.session(&kept, "kept", now_ms(), now_ms() + 600_000).await;
    site
}

fn order() -> Value {
    json!({
        "accession_number": "1",
        "patient_id": "BN1",
        "patient_name": "Nguyễn Văn An",
        "requested_procedure_description": "CT",
        "steps": [{
            "modality": "CT", "scheduled_station_ae_title": "CT1", "scheduled_procedure_step_start_date": "20261122",
        }],
    })
}

/// A value that a request may send.
fn example(shape: &Shape) -> Value {
    match shape {
        Shape::Text => "127.0.0.1".into(),
        Shape::OneOf(words) => words[0].into(),
        Shape::Integer | Shape::Number => 1.into(),
        Shape::Flag => true.into(),
        // The test of rights goes through the table in its order: created, imported, changed and at last cancelled.
        Shape::Order => order(),
        Shape::OrderWords | Shape::StepWords | Shape::Document => json!({}),
        Shape::Optional(inner) => example(inner),
        Shape::List(_) => json!([]),
        Shape::Object(members) => {
            // Most texts may be an address.
            let value = |name: &str, member: &Shape| match name {
                "certificate" => "CN=ct1".into(),
                "machine_code" => "CL.1.01234.5".into(),
                "target" => json!({"peer": "CT1"}),
                "bytes_per_second" => 4096.into(),
                "hours" => "08:00-17:00+0700".into(),
                "destinations" => json!(["kept"]),
                "pictures" => json!([{
                    "series": SERIES, "instance": INSTANCE, "frame": 1, "right": [1, 0], "down": [0, 1], "file": PIXEL,
                }]),
                "images" => json!([{ "series": SERIES, "instance": INSTANCE, "frames": [1] }]),
                "study" => STUDY.into(),
                "series" | "instance" => Value::Null,
                _ => example(member),
            };
            members.iter().map(|(name, member)| ((*name).to_owned(), value(name, member))).collect()
        }
    }
}

/// Why a value has another shape.
fn difference(value: &Value, shape: &Shape) -> Option<String> {
    let found = || Some(value.to_string());
    match shape {
        Shape::Text => value.as_str().map_or_else(found, |_| None),
        Shape::OneOf(words) => value.as_str().filter(|word| words.contains(word)).map_or_else(found, |_| None),
        Shape::Integer => value.as_i64().map_or_else(found, |_| None),
        Shape::Number => value.as_f64().map_or_else(found, |_| None),
        Shape::Flag => value.as_bool().map_or_else(found, |_| None),
        Shape::Order => {
            let mut steps = value["steps"].as_array().into_iter().flatten();
            let is_order = value["steps"][0].is_object() && value["accession_number"].is_string();
            steps.find_map(|step| difference(step, &Shape::StepWords)).or_else(|| if is_order { None } else { found() })
        }
        Shape::OrderWords => value["patient_name"].as_str().map_or_else(found, |_| None),
        Shape::StepWords => value["status"].as_str().map_or_else(found, |_| None),
        Shape::Document => value.as_object().map_or_else(found, |_| None),
        Shape::Optional(inner) => {
            if value.is_null() {
                None
            } else {
                difference(value, inner)
            }
        }
        Shape::List(item) => value.as_array().map_or_else(found, |list| list.iter().find_map(|value| difference(value, item))),
        Shape::Object(members) => {
            let Some(object) = value.as_object() else { return found() };
            let names: BTreeSet<_> = members.iter().map(|(name, _)| *name).collect();
            if names != object.keys().map(String::as_str).collect() {
                return found();
            }
            members.iter().find_map(|(name, member)| difference(&value[*name], member))
        }
    }
}

fn path(operation: &Operation) -> String {
    format!(
        "/api{}",
        operation
            .path
            .replace("{ae_title}", "CT1")
            .replace("{deletion}", "1")
            .replace("{operation}", "1")
            .replace("{series}", SERIES)
            .replace("{study}", STUDY)
            .replace("{commitment}", "1")
            .replace("{notification}", "1")
            .replace("{name}", "centre")
            .replace("{accession_number}", "1")
            .replace("{account}", "kept")
            .replace("{session}", "kept")
            .replace("{token}", "kept")
    )
}

/// Asks with a token or the cookie of a session, with a body if the operation takes one. Only the head of an answer of events is
/// read.
async fn ask(site: &Site, operation: &Operation, method: &str, credentials: &str) -> Answer {
    let method: Method = method.parse().expect("a method");
    let with_token = [("authorization", credentials), ("content-type", "application/json")];
    let with_cookie = [
        ("cookie", credentials),
        ("content-type", "application/json"),
        ("x-filmless-request", "1"),
        ("sec-fetch-site", "same-origin"),
    ];
    let headers = if credentials.starts_with("Bearer") { &with_token[..] } else { &with_cookie[..] };
    let request = request(method, &path(operation), headers);
    let body = operation.takes.as_ref().map_or_else(Body::empty, |shape| example(shape).to_string().into());
    if matches!(operation.gives, Gives::Events(_)) {
        let (parts, _) = site.open(request, body).await.into_parts();
        return Answer { status: parts.status, headers: parts.headers, body: String::new() };
    }
    site.send(request, body).await
}

#[tokio::test]
async fn operations_answer_whom_the_table_names() {
    let site = filled().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let mut others = Vec::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        others.push((role, Acts::ALL, site.token(&site.account(role.as_str(), role).await).await));
    }
    let lan = AccountName::parse("lan").expect("a name");
    others.push((Role::Admin, Acts::NONE, site.token_for(&lan, "none", Acts::NONE, None).await));
    for act in Act::ALL {
        // Whoever prints or exports pictures must be allowed to look at them besides.
        let acts = [act, Act::View].into_iter().collect();
        others.push((Role::Admin, acts, site.token_for(&lan, act.as_str(), acts, None).await));
    }
    for operation in OPERATIONS {
        let (id, method) = (operation.id, operation.method);
        let nobody = ask(&site, operation, method, "Bearer filmless_wrong").await.status;
        // Whoever signs in is told that the password is wrong.
        assert_eq!(nobody, StatusCode::UNAUTHORIZED, "{id}");
        let admin = ask(&site, operation, method, &admin).await;
        let is_missing = ["acceptCaller", "setOrderStatus"].contains(&operation.id) && admin.status == StatusCode::NOT_FOUND;
        let is_wrong = operation.may == May::Anybody && admin.status == StatusCode::UNAUTHORIZED;
        let is_personal = operation.may == May::Person && admin.status == StatusCode::FORBIDDEN;
        let is_as_expected = admin.status.as_u16() == operation.status || is_missing || is_wrong || is_personal;
        assert!(is_as_expected, "{id}: {}", admin.body);
        for (role, within, token) in &others {
            let actor = Actor::Account { name: lan.clone(), role: *role, within: *within, address: CALLER };
            let is_permitted = match operation.may {
                May::Anybody | May::SignedIn => true,
                May::Person => false,
                May::Act(act) => may(&actor, act),
            };
            let status = ask(&site, operation, method, token).await.status;
            assert_eq!(status != StatusCode::FORBIDDEN, is_permitted, "{id} {role:?} {}: {status}", within.to_words());
        }
    }
}

#[tokio::test]
async fn paths_have_the_methods_of_the_table_and_no_other() {
    let site = filled().await;
    let lan = site.account("lan", Role::Admin).await;
    let admin = site.token(&lan).await;
    let cookie = site.session(&lan, "of lan", now_ms(), now_ms() + 600_000).await;
    for operation in OPERATIONS {
        for method in ["GET", "PUT", "PATCH", "POST", "DELETE"] {
            let is_there = OPERATIONS.iter().any(|other| other.path == operation.path && other.method == method);
            let credentials = if operation.may == May::Person { &cookie } else { &admin };
            let answer = ask(&site, operation, method, credentials).await;
            assert_eq!(answer.status != StatusCode::METHOD_NOT_ALLOWED, is_there, "{method} {}", operation.path);
        }
    }
}

#[tokio::test]
async fn answers_look_as_the_table_says() {
    let site = filled().await;
    let lan = site.account("lan", Role::Admin).await;
    let admin = site.token(&lan).await;
    let cookie = site.session(&lan, "of lan", now_ms(), now_ms() + 600_000).await;
    for id in ["putPeer", "putSavedFilter"] {
        let put = OPERATIONS.iter().find(|operation| operation.id == id).expect("there is one");
        assert_eq!(ask(&site, put, "PUT", &admin).await.status, StatusCode::NO_CONTENT);
    }
    for operation in OPERATIONS {
        let Gives::Json(shape) = &operation.gives else { continue };
        let credentials = if operation.may == May::Person { &cookie } else { &admin };
        let answer = ask(&site, operation, operation.method, credentials).await;
        assert_eq!(answer.status.as_u16(), operation.status, "{}: {}", operation.id, answer.body);
        assert_eq!(answer.header("content-type"), "application/json", "{}", operation.id);
        assert_eq!(difference(&answer.json(), shape), None, "{}", operation.id);
        assert_ne!(answer.json(), json!([]), "{} shows nothing", operation.id);
        for parameter in operation.parameters.iter().filter(|_| operation.method == "GET") {
            for (value, expected) in [("1", 200), ("-1", 400)] {
                let path = format!("{}?{parameter}={value}", path(operation));
                let answer = site.get(&path, &[("authorization", &admin)]).await;
                assert_eq!(answer.status.as_u16(), expected, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn the_document_describes_all_that_is_our_own() {
    let site = Site::new().await;
    let reader = site.token(&site.account("minh", Role::Radiologist).await).await;
    let document = site.get("/api/openapi.json", &[("authorization", &reader)]).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("an object") {
        for (method, operation) in methods.as_object().expect("an object") {
            found.insert((path.clone(), method.clone(), operation["operationId"].as_str().expect("a name").to_owned()));
            assert!(operation["responses"].as_object().is_some_and(|responses| !responses.is_empty()), "{path} {method}");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_path = parameters.filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{path}");
        }
    }
    let api = OPERATIONS.iter().map(|own| (format!("/api{}", own.path), own.method.to_ascii_lowercase(), own.id.to_owned()));
    let dicomweb = RESOURCES.iter().filter(|resource| resource.path != "/").flat_map(|resource| {
        let own = resource.transactions.iter().filter(|own| own.section.is_none());
        own.map(|own| (format!("/dicom-web{}", resource.path), own.method.to_ascii_lowercase(), own.name.to_owned()))
    });
    assert_eq!(found, api.chain(dicomweb).collect());
    assert_eq!(found.iter().map(|(_, _, id)| id).collect::<BTreeSet<_>>().len(), found.len(), "names are not shared");
}
