//! What holds for all paths: who may, which methods there are, and how refusals look.

use std::net::Ipv4Addr;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::{AccountName, Role};
use filmless_model::actor::{Actor, Acts};
use filmless_model::uid::{SeriesInstanceUid, SopClassUid};
use filmless_testkit::instance::{Instance, fresh_uid};

use crate::site::{Site, instance_path};

#[tokio::test]
async fn a_request_without_an_actor_is_refused_everywhere() {
    let mut site = Site::new().await;
    site.actor = None;
    let instance = instance_path(&Instance::ct());
    for path in
        ["/studies", "/series", "/instances", "/studies/1.2", "/studies/1.2/metadata", &instance, &format!("{instance}/frames/1")]
    {
        let answer = site.get(path, "*/*").await;
        answer.assert_problem(401, "unauthenticated");
        assert!(!answer.header("www-authenticate").is_empty());
    }
    site.store("/studies", &[Instance::ct().part10()]).await.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_reader_reads_and_does_not_store() {
    let mut site = Site::new().await;
    let instance = Instance::ct();
    site.fill(std::slice::from_ref(&instance)).await;
    site.actor = Some(Actor::Account {
        name: AccountName::parse("reader").expect("a name"),
        role: Role::Radiologist,
        within: Acts::ALL,
        address: Ipv4Addr::LOCALHOST.into(),
    });
    assert_eq!(site.get("/studies", "*/*").await.status, StatusCode::OK);
    assert_eq!(site.get(&instance_path(&instance), "*/*").await.status, StatusCode::OK);
    assert_eq!(site.store("/studies", &[Instance::ct().part10()]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get("/studies", "*/*").await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_reader_adds_documents_to_a_study_that_is_here_and_nothing_else() {
    let mut site = Site::new().await;
    let image = Instance::ct();
    site.fill(std::slice::from_ref(&image)).await;
    site.actor = Some(Actor::Account {
        name: AccountName::parse("reader").expect("a name"),
        role: Role::Radiologist,
        within: Acts::ALL,
        address: Ipv4Addr::LOCALHOST.into(),
    });
    let document = |class: &str, of: Instance| Instance {
        sop_class: SopClassUid::parse(class).expect("a UID of the standard"),
        series: SeriesInstanceUid::parse(&fresh_uid()).expect("a UID"),
        ..of
    };
    for (class, of, status) in [
        ("1.2.840.10008.5.1.4.1.1.88.33", image.next(), 200),
        ("1.2.840.10008.5.1.4.1.1.88.59", image.next(), 200),
        ("1.2.840.10008.5.1.4.1.1.11.1", image.next(), 200),
        // An image, and a report of a study that nobody sent.
        ("1.2.840.10008.5.1.4.1.1.2", image.next(), 403),
        ("1.2.840.10008.5.1.4.1.1.88.33", Instance::ct(), 403),
    ] {
        let stored = site.store("/studies", &[document(class, of).part10()]).await;
        assert_eq!(stored.status.as_u16(), status, "{class}: {:?}", stored.body);
    }
}

#[tokio::test]
async fn unknown_paths_methods_and_malformed_uids_are_problems() {
    let site = Site::new().await;
    for path in ["/patients", "/studies/1.2/nonsense", "/studies/1.2/series/1.3/frames/1"] {
        site.get(path, "*/*").await.assert_problem(404, "unknown-path");
    }
    for path in ["/studies/abc", "/studies/1.2/series/..%2f", &format!("/studies/{}", "1".repeat(65)), "/studies/%ff"] {
        site.get(path, "*/*").await.assert_problem(400, "malformed-path");
    }
    for path in ["/studies/1.2", "/studies/1.2/metadata", "/studies/1.2/series/1.3", "/studies/1.2/thumbnail"] {
        site.get(path, "*/*").await.assert_problem(404, "not-found");
    }
    let answer = site.send(Method::PUT, "/studies/1.2", &[], Body::empty()).await;
    answer.assert_problem(405, "method-not-allowed");
    assert!(answer.header("allow").contains("GET") && answer.header("allow").contains("POST"));
    let answer = site.send(Method::OPTIONS, "/studies/1.2/metadata", &[], Body::empty()).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::NO_CONTENT, "GET, HEAD, OPTIONS"));
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let site = Site::new().await;
    let instance = Instance::ct();
    site.fill(std::slice::from_ref(&instance)).await;
    for path in ["/studies".to_owned(), instance_path(&instance), format!("{}/frames/1", instance_path(&instance))] {
        let (get, head) =
            (site.get(&path, "*/*").await, site.send(Method::HEAD, &path, &[("accept", "*/*")], Body::empty()).await);
        assert_eq!(head.status, StatusCode::OK);
        assert!(head.body.is_empty() && !get.body.is_empty());
        for name in ["content-type", "etag", "content-length"] {
            assert_eq!(get.header(name), head.header(name), "{path} {name}");
        }
    }
}
