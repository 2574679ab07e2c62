//! The change feed, by page and as events.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_dicomweb::DicomwebConfig;
use filmless_dicomweb::events::Listeners;
use filmless_testkit::events::read_until;
use filmless_testkit::instance::Instance;
use serde_json::Value;

use crate::site::{Site, instance_path};

/// Three stores, a replacement and a deletion.
async fn filled() -> (Site, Vec<Instance>) {
    let site = Site::new().await;
    let slices = Instance::ct().series_of(3);
    site.fill(&slices).await;
    site.fill(&[Instance { seed: 5, ..slices[0].clone() }]).await;
    site.send(Method::DELETE, &instance_path(&slices[1]), &[], Body::empty()).await;
    (site, slices)
}

fn kinds(answer: &Value) -> Vec<&str> {
    let changes = answer["changes"].as_array().expect("a list");
    changes.iter().map(|change| change["kind"].as_str().expect("a word")).collect()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap() {
    let (site, slices) = filled().await;
    let all = site.get("/changes", "application/json").await.json();
    assert_eq!(kinds(&all), ["stored", "stored", "stored", "replaced", "deleted"]);
    let deleted = &all["changes"][4];
    assert_eq!(deleted["study"], slices[1].study.as_str());
    assert_eq!(deleted["series"], slices[1].series.as_str());
    assert_eq!(deleted["instance"], slices[1].sop_instance.as_str());
    assert!(deleted["time"].as_str().is_some_and(|time| time.starts_with("20") && time.ends_with('Z')), "{deleted}");
    assert_eq!((&all["last"], &all["more"]), (&deleted["sequence"], &Value::Bool(false)));

    let (mut since, mut read) = (Value::from(0), Vec::new());
    loop {
        let page = site.get(&format!("/changes?since={since}&limit=2"), "*/*").await.json();
        read.extend(page["changes"].as_array().expect("a list").clone());
        since = page["last"].clone();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(Value::from(read), all["changes"]);
    let after = site.get(&format!("/changes?since={since}"), "*/*").await.json();
    assert_eq!((kinds(&after).len(), &after["last"]), (0, &since));
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let site = Site::new().await;
    for query in ["since=-1", "since=x", "limit=%2B1", "limit=99999999999999999999", "sinse=1"] {
        let answer = site.get(&format!("/changes?{query}"), "*/*").await;
        answer.assert_problem(400, "bad-parameter");
        assert_eq!(answer.json()["parameter"], query.split('=').next().expect("a name"));
    }
    site.get("/changes", "image/png").await.assert_problem(406, "not-acceptable");
    let mut site = site;
    site.actor = None;
    site.get("/changes", "*/*").await.assert_problem(401, "unauthenticated");
}

#[tokio::test]
async fn events_begin_where_the_client_stopped_and_go_on() {
    let (site, slices) = filled().await;
    let all = site.get("/changes", "*/*").await.json();
    let third = all["changes"][2]["sequence"].to_string();
    let headers = [("accept", "text/event-stream"), ("last-event-id", third.as_str())];
    let response = site.open("/changes?since=0", &headers).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    read_until(&mut stream, &mut text, "\"deleted\"").await;
    assert!(text.contains("\"replaced\"") && !text.contains("\"stored\""), "{text}");
    assert!(text.contains(&format!("id: {}\n", all["last"])), "{text}");
    site.fill(&slices[1..2]).await;
    read_until(&mut stream, &mut text, "\"stored\"").await;
}

#[tokio::test]
async fn only_so_many_follow_at_once() {
    let listeners = Listeners::new(1, tokio_util::sync::CancellationToken::new());
    let site = Site::with(DicomwebConfig { listeners, ..DicomwebConfig::default() }).await;
    let follow = || site.open("/changes", &[("accept", "text/event-stream")]);
    let first = follow().await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(follow().await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(first);
    assert_eq!(follow().await.status(), StatusCode::OK);
}
