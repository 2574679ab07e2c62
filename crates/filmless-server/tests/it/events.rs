//! Live events.

use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use filmless_server::commands::import::{Report, import_paths};
use filmless_testkit::events::read_until;
use futures::StreamExt;

use crate::site::{Site, request};

async fn import_a_sample(site: &Site) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/dicom/volume-ct-head-phantom");
    let tally = import_paths(&site.archive, &[sample], 1, Report::quiet()).await.expect("an import runs");
    assert!(tally.stored > 0, "{tally}");
}

#[tokio::test]
async fn a_stored_study_is_told_at_once_and_a_client_that_comes_back_misses_nothing() {
    let site = Site::new().await;
    let token = site.token(&site.account("lan", Role::Radiologist).await).await;
    let headers = [("authorization", token.as_str())];
    let response = site.open(request(Method::GET, "/api/events", &headers), Body::empty()).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    read_until(&mut stream, &mut text, "id: 0").await;
    import_a_sample(&site).await;
    read_until(&mut stream, &mut text, "event: change").await;
    read_until(&mut stream, &mut text, "\"kind\":\"stored\"").await;
    drop(stream);

    let headers = [("authorization", token.as_str()), ("last-event-id", "0")];
    let response = site.open(request(Method::GET, "/api/events", &headers), Body::empty()).await;
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    read_until(&mut stream, &mut text, "event: change").await;

    site.shutdown.cancel();
    let ending = async { while stream.next().await.is_some() {} };
    assert!(tokio::time::timeout(Duration::from_mins(1), ending).await.is_ok(), "shutdown ends the stream");
}

#[tokio::test]
async fn listeners_are_bounded() {
    let site = Site::with(|config| config.http.max_event_clients = 1).await;
    let token = site.token(&site.account("lan", Role::Radiologist).await).await;
    let follow = || site.open(request(Method::GET, "/api/events", &[("authorization", &token)]), Body::empty());
    let first = follow().await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(follow().await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(first);
    assert_eq!(follow().await.status(), StatusCode::OK);
}
