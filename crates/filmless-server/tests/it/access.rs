//! Who gets in: nothing is open but what is named here.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use filmless_archive::authorize::may;
use filmless_archive::clock::now_ms;
use filmless_dicomweb::resources::RESOURCES;
use filmless_model::account::Role;
use filmless_model::actor::{Actor, Acts};
use filmless_server::viewer_api::operations::{May, OPERATIONS};
use filmless_testkit::instance::Instance;
use filmless_testkit::multipart;

use crate::site::{PASSWORD, Site, request};

/// Routes that answer anybody, with what they say to nobody in particular.
const OPEN: [(&str, &str, u16); 5] = [
    ("GET", "/", 200),
    ("GET", "/healthz", 200),
    ("GET", "/studies/list", 200),
    // Understood, and refused for what it holds.
    ("POST", "/api/session", 415),
    ("GET", "/metrics", 200),
];

/// Every other route.
fn guarded() -> Vec<(&'static str, String)> {
    let api = OPERATIONS.iter().filter(|operation| operation.may != May::Anybody);
    let api = api.map(|operation| (operation.method, format!("/api{}", operation.path)));
    let dicomweb = RESOURCES.iter().flat_map(|resource| resource.transactions.iter().map(move |own| (own.method, resource.path)));
    let dicomweb = dicomweb.map(|(method, path)| (method, format!("/dicom-web{path}")));
    // A number is a legal parameter of every path.
    api.chain(dicomweb).map(|(method, path)| (method, path.split('{').map(after_template).collect())).collect()
}

fn after_template(piece: &str) -> String {
    piece.split_once('}').map_or_else(|| piece.to_owned(), |(_, rest)| format!("1{rest}"))
}

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

#[tokio::test]
async fn every_route_needs_a_session_or_a_token_but_the_named_ones() {
    let site = Site::new().await;
    for (name, path, status) in OPEN {
        let answer = site.send(request(method(name), path, &[]), Body::empty()).await;
        assert_eq!(answer.status.as_u16(), status, "{name} {path}: {}", answer.body);
    }
    for (name, path) in guarded() {
        let path = path.as_str();
        for wrong in [&[][..], &[("authorization", "Bearer filmless_wrong")], &[("cookie", "filmless_session=wrong")]] {
            let answer = site.send(request(method(name), path, wrong), Body::empty()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name} {path} {wrong:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{name} {path}");
        }
    }
}

#[tokio::test]
async fn a_reader_reads_and_an_administrator_administers() {
    let site = Site::new().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let reader = site.token(&site.account("minh", Role::Radiologist).await).await;
    for (name, path, for_admin, for_reader) in [
        ("GET", "/api/session", 200, 200),
        ("GET", "/api/about", 200, 200),
        ("GET", "/api/peers", 200, 403),
        ("DELETE", "/api/peers/CT1", 404, 403),
        ("GET", "/api/inbox", 200, 403),
        ("GET", "/api/conflicts", 200, 403),
        ("GET", "/api/orders", 200, 200),
        ("GET", "/api/orders/1", 404, 404),
        ("DELETE", "/api/orders/1", 404, 403),
        ("POST", "/api/orders/import", 400, 403),
        ("GET", "/api/deletions", 200, 403),
        ("GET", "/api/exports", 200, 403),
        ("GET", "/api/exports?study=1.2", 200, 403),
        ("GET", "/api/storage-commitments", 200, 403),
        ("POST", "/api/storage-commitments/1/retry", 404, 403),
        ("GET", "/api/asked-commitments", 200, 403),
        ("GET", "/api/availability-notifications", 200, 403),
        ("POST", "/api/availability-notifications/1/retry", 404, 403),
        ("GET", "/api/performed-procedure-steps", 200, 200),
        ("GET", "/api/studies/1.2/performed-procedure-steps", 200, 200),
        ("POST", "/api/deletions/1/restore", 404, 403),
        ("GET", "/dicom-web/studies", 200, 200),
        ("DELETE", "/dicom-web/studies/1.2", 404, 403),
        ("GET", "/api/nothing", 404, 404),
    ] {
        for (token, expected) in [(&admin, for_admin), (&reader, for_reader)] {
            let answer = site.send(request(method(name), path, &[("authorization", token)]), Body::empty()).await;
            // An empty search may also be 204.
            let status = if answer.status == StatusCode::NO_CONTENT { 200 } else { answer.status.as_u16() };
            assert_eq!(status, expected, "{name} {path}: {}", answer.body);
        }
    }
}

/// Operations of the API have a test like this of their own, with bodies that they take.
#[tokio::test]
async fn each_role_does_by_dicomweb_what_it_may_and_nothing_else() {
    let site = Site::new().await;
    let image = Instance::ct();
    let (content_type, body) = multipart::of_instances(&[image.part10()]);
    for role in Role::ALL {
        let name = site.account(role.as_str(), role).await;
        let actor = Actor::Account { name: name.clone(), role, within: Acts::ALL, address: Ipv4Addr::LOCALHOST.into() };
        let token = site.token(&name).await;
        for resource in RESOURCES {
            for transaction in resource.transactions {
                let query = if resource.path == "/wado" { "?requestType=WADO&studyUID=1&seriesUID=1&objectUID=1" } else { "" };
                let path = format!("/dicom-web{}{query}", resource.path.split('{').map(after_template).collect::<String>());
                let headers = [("authorization", token.as_str()), ("content-type", content_type.as_str())];
                let sent = if transaction.method == "POST" { body.clone() } else { Vec::new() };
                let path = if transaction.method == "POST" { "/dicom-web/studies" } else { path.as_str() };
                let answer = site.send(request(method(transaction.method), path, &headers), Body::from(sent)).await;
                let is_permitted = transaction.needs.is_none_or(|act| may(&actor, act));
                let is_refused = answer.status == StatusCode::FORBIDDEN;
                assert_eq!(
                    !is_refused, is_permitted,
                    "{role:?} {} {path}: {} {}",
                    transaction.method, answer.status, answer.body
                );
            }
        }
    }
}

#[tokio::test]
async fn a_cookie_changes_something_only_from_our_own_pages() {
    let site = Site::new().await;
    site.account("lan", Role::Admin).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let ours = [("x-filmless-request", "1"), ("sec-fetch-site", "same-origin")];
    for (headers, expected) in [
        (&[][..], 403),
        (&ours[..1], 403),
        (&ours[1..], 403),
        (&[("x-filmless-request", "1"), ("sec-fetch-site", "cross-site")], 403),
        (&[("x-filmless-request", "1"), ("origin", "http://evil.example")], 403),
        (&[("x-filmless-request", "1"), ("origin", "http://127.0.0.1:8080")], 204),
        (&ours[..], 204),
    ] {
        let mut headers = headers.to_vec();
        headers.push(("cookie", &cookie));
        headers.push(("content-type", "application/json"));
        let answer = site.send(request(Method::PUT, "/api/peers/CT1", &headers), r#"{"allow":["store"]}"#).await;
        assert_eq!(answer.status.as_u16(), expected, "{headers:?}: {}", answer.body);
    }
    let refused = site.send(request(Method::POST, "/dicom-web/studies", &[("cookie", &cookie)]), Body::empty()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "DICOMweb is guarded alike");
    assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.status, StatusCode::OK, "reading needs no more");
}

#[tokio::test]
async fn a_token_that_is_sent_decides_alone() {
    let site = Site::new().await;
    site.account("lan", Role::Admin).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let both = [("cookie", cookie.as_str()), ("authorization", "Bearer filmless_wrong")];
    assert_eq!(site.get("/api/session", &both).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_revoked_token_and_an_expired_session_are_nobody() {
    let site = Site::new().await;
    let lan = site.account("lan", Role::Radiologist).await;
    let token = site.token(&lan).await;
    assert_eq!(site.get("/api/session", &[("authorization", &token)]).await.status, StatusCode::OK);
    assert!(site.index.remove_token("of-lan").await.expect("a database"));
    let refused = async { while site.get("/api/session", &[("authorization", &token)]).await.status == StatusCode::OK {} };
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("a revoked token is refused after a moment");

    let now_ms = now_ms();
    for (began_ms, expires_ms, expected) in [
        (now_ms, now_ms + 60_000, StatusCode::OK),
        (now_ms, now_ms - 1, StatusCode::UNAUTHORIZED),
        (now_ms - 43_200_001, now_ms + 60_000, StatusCode::UNAUTHORIZED),
    ] {
        let id = format!("{began_ms}-{expires_ms}");
        let cookie = site.session(&lan, &id, began_ms, expires_ms).await;
        assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.status, expected, "{id}");
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_administrators() {
    let site = Site::new().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let reader = site.token(&site.account("minh", Role::Radiologist).await).await;
    let near = SocketAddr::from(([127, 0, 0, 1], 5000));
    let far = SocketAddr::from(([10, 0, 0, 7], 5000));
    for (from, headers, expected) in [
        (near, &[][..], 200),
        (near, &[("x-forwarded-for", "10.0.0.7")], 401),
        (far, &[], 401),
        (far, &[("authorization", reader.as_str())], 403),
        (far, &[("authorization", admin.as_str())], 200),
    ] {
        let request = request(Method::GET, "/metrics", headers).extension(ConnectInfo(from));
        assert_eq!(site.send(request, Body::empty()).await.status.as_u16(), expected, "{from} {headers:?}");
    }
    let text = site.get("/metrics", &[]).await.body;
    assert!(text.contains(r#"filmless_http_requests_total{method="GET",route="/metrics",status="401"}"#), "{text}");
}

#[tokio::test]
async fn readiness_follows_database_and_store() {
    let site = Site::new().await;
    assert_eq!(site.get("/readyz", &[]).await.status, StatusCode::SERVICE_UNAVAILABLE, "nothing was asked yet");
    site.health.refresh().await;
    assert_eq!(site.get("/readyz", &[]).await.status, StatusCode::OK);
    site.health.stopping();
    assert_eq!(site.get("/readyz", &[]).await.body, "not ready: stopping\n");
    assert_eq!(site.get("/healthz", &[]).await.status, StatusCode::OK);
}
