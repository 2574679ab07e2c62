//! STOW-RS: what is stored, what is not, and what is said of it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use filmless_dicomweb::DicomwebConfig;
use filmless_testkit::instance::Instance;
use filmless_testkit::multipart;
use futures::stream;
use serde_json::{Value, json};

use crate::site::{Answer, Site, instance_path};

async fn count(site: &Site) -> usize {
    let answer = site.get("/instances", "*/*").await;
    if answer.status == StatusCode::NO_CONTENT { 0 } else { answer.json().as_array().map_or(0, Vec::len) }
}

fn instances(answer: &Answer, sequence: &str) -> Vec<String> {
    let json = answer.json();
    let items = json[sequence]["Value"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["00081155"]["Value"][0].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn instances_are_stored_and_listed_with_where_to_get_them() {
    let site = Site::new().await;
    let series = Instance::ct().series_of(3);
    let files: Vec<_> = series.iter().map(Instance::part10).collect();
    for _ in 0..2 {
        let answer = site.store("/studies", &files).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/dicom+json");
        let uids: Vec<_> = series.iter().map(|instance| instance.sop_instance.to_string()).collect();
        assert_eq!(instances(&answer, "00081199"), uids);
        let json = answer.json();
        assert_eq!(json["00081190"]["Value"][0], format!("http://pacs.test/dicom-web/studies/{}", series[0].study));
        let first = &json["00081199"]["Value"][0];
        assert_eq!(first["00081190"]["Value"][0], format!("http://pacs.test/dicom-web{}", instance_path(&series[0])));
        assert_eq!(first["00081150"]["Value"][0], series[0].sop_class.to_string());
        assert_eq!(json.get("00081198"), None);
        assert_eq!(count(&site).await, 3, "storing the same bytes again changes nothing");
    }
}

#[tokio::test]
async fn one_file_may_be_the_whole_body() {
    let site = Site::new().await;
    let file = Instance::ct().part10();
    let answer = site.send(Method::POST, "/studies", &[("content-type", "application/dicom")], file.into()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(count(&site).await, 1);
}

#[tokio::test]
async fn a_bad_part_costs_only_itself() {
    let site = Site::new().await;
    let (good, other, cut) = (Instance::ct(), Instance::mr(), Instance::ct());
    let mut cut_file = cut.part10();
    cut_file.truncate(cut_file.len() - 100);
    let answer =
        site.store("/studies", &[b"no DICOM at all".to_vec(), good.part10(), cut_file, Vec::new(), other.part10()]).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(instances(&answer, "00081199"), [good.sop_instance.to_string(), other.sop_instance.to_string()]);
    assert_eq!(instances(&answer, "00081198"), [cut.sop_instance.to_string()]);
    assert_eq!(answer.json()["0008119A"]["Value"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer.json().get("00081190"), None, "two studies have no address in common");
    assert_eq!(count(&site).await, 2);
}

#[tokio::test]
async fn compressed_pixels_under_an_uncompressed_label_are_refused_with_a_reason() {
    let site = Site::new().await;
    let instance = Instance::ct();
    let mut file = instance.part10();
    file.truncate(file.len() - instance.data_set().len());
    file.extend(instance.data_set_of_fragments());
    let answer = site.store("/studies", &[file]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["00081198"]["Value"][0]["00081197"]["Value"][0], 0xC000);
    assert_eq!(count(&site).await, 0);
}

#[tokio::test]
async fn an_instance_of_another_study_is_refused() {
    let site = Site::new().await;
    let (own, other) = (Instance::ct(), Instance::ct());
    let path = format!("/studies/{}", own.study);
    let answer = site.store(&path, &[own.part10(), other.part10()]).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["00081198"]["Value"][0]["00081197"]["Value"][0], 0xA900);
    let answer = site.store(&path, &[other.part10()]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(instances(&answer, "00081198"), [other.sop_instance.to_string()]);
    assert_eq!(count(&site).await, 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_only_its_complete_parts() {
    let site = Site::new().await;
    let (content_type, body) = multipart::of_instances(&[Instance::ct().part10(), Instance::ct().part10()]);
    let headers = [("content-type", content_type.as_str())];
    let cut = body[..body.len() - 300].to_vec();
    let answer = site.send(Method::POST, "/studies", &headers, cut.into()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.json()["0008119A"]["Value"].as_array().map(Vec::len), Some(1));
    assert_eq!(count(&site).await, 1);

    let connection_lost = stream::iter([Ok(Bytes::from(body[..200].to_vec())), Err(std::io::Error::other("connection lost"))]);
    let answer = site.send(Method::POST, "/studies", &headers, Body::from_stream(connection_lost)).await;
    answer.assert_problem(400, "body-broken");
    assert_eq!(count(&site).await, 1);
}

#[tokio::test]
async fn bodies_that_cannot_be_stored_are_refused() {
    let site = Site::with(DicomwebConfig { max_store_bytes: 4096, ..DicomwebConfig::default() }).await;
    let multipart = "multipart/related; type=\"application/dicom\"; boundary=b";
    for (content_type, body, status, code) in [
        ("", "", 415, "unsupported-media-type"),
        ("multipart/form-data; boundary=b", "--b--", 415, "unsupported-media-type"),
        ("multipart/related; type=\"application/pdf\"; boundary=b", "--b--", 415, "unsupported-media-type"),
        ("application/json", "[]", 415, "unsupported-media-type"),
        ("multipart/related; type=application/dicom", "--b--", 400, "malformed-multipart"),
        (multipart, "", 400, "malformed-multipart"),
        (multipart, "no boundary", 400, "malformed-multipart"),
        (multipart, "--b\r\nContent-Type: application/dicom\r\n\r\n", 400, "malformed-multipart"),
        (multipart, "--b--", 400, "nothing-to-store"),
        ("application/dicom", "", 400, "nothing-to-store"),
        (multipart, &format!("--b\r\n\r\n{}", "x".repeat(5000)), 413, "body-too-long"),
    ] {
        let answer = site.send(Method::POST, "/studies", &[("content-type", content_type)], body.to_owned().into()).await;
        answer.assert_problem(status, code);
    }
    let headers = [("content-type", multipart), ("content-encoding", "gzip")];
    site.send(Method::POST, "/studies", &headers, Body::empty()).await.assert_problem(415, "unsupported-media-type");
    let headers = [("content-type", multipart), ("accept", "text/html")];
    site.send(Method::POST, "/studies", &headers, Body::empty()).await.assert_problem(406, "not-acceptable");
    assert_eq!(count(&site).await, 0);
}

#[tokio::test]
async fn a_part_of_another_media_type_is_refused_alone() {
    let site = Site::new().await;
    let mut body = b"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b\r\nContent-Type: application/dicom\r\n\r\n".to_vec();
    body.extend(Instance::ct().part10());
    body.extend(b"\r\n--b--");
    let headers = [("content-type", "multipart/related; boundary=b")];
    let answer = site.send(Method::POST, "/studies", &headers, body.into()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let expected: Value = json!([{"00081197": {"vr": "US", "Value": [0xC000]}}]);
    assert_eq!(answer.json()["0008119A"]["Value"], expected);
    assert_eq!(count(&site).await, 1);
}

#[tokio::test]
async fn a_client_that_stops_sending_is_not_waited_for() {
    let body_idle_timeout = Duration::from_millis(50);
    let site = Site::with(DicomwebConfig { body_idle_timeout, ..DicomwebConfig::default() }).await;
    let start = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"--b\r\n\r\nDICM"))]);
    let body = Body::from_stream(futures::StreamExt::chain(start, stream::pending()));
    let headers = [("content-type", "multipart/related; boundary=b")];
    site.send(Method::POST, "/studies", &headers, body).await.assert_problem(408, "body-timed-out");
}
