//! Pictures that leave: only of the study that they are said to be of, only by whom may, and never unrecorded.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use filmless_model::account::Role;
use filmless_model::actor::Actor;
use filmless_testkit::instance::Instance;
use serde_json::{Value, json};

use crate::site::{Site, request};

async fn store(site: &Site, instance: &Instance) {
    let mut incoming = site.archive.begin_store_file(&Actor::Operator, None).expect("permitted");
    incoming.write(Bytes::from(instance.part10())).await.expect("taken");
    incoming.finish().await.expect("stored");
}

fn image(instance: &Instance, frames: &[u32]) -> Value {
    json!({ "series": instance.series.as_str(), "instance": instance.sop_instance.as_str(), "frames": frames })
}

fn path(instance: &Instance) -> String {
    format!("/api/studies/{}/exports", instance.study.as_str())
}

#[tokio::test]
async fn an_export_is_written_down_with_who_and_from_where() {
    let site = Site::new().await;
    let reader = site.token(&site.account("minh", Role::Radiologist).await).await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let [one, other] = [Instance::ct(), Instance::ct()];
    store(&site, &one).await;
    store(&site, &other).await;
    let body = json!({ "format": "png", "with_identity": false, "images": [image(&one, &[1])] });
    let from = ConnectInfo(SocketAddr::from(([10, 0, 0, 7], 5000)));
    let request = request(Method::POST, &path(&one), &[("authorization", &reader), ("content-type", "application/json")]);
    let answer = site.send(request.extension(from), body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let code = answer.json()["code"].clone();

    let of = |study: &str| format!("/api/exports?study={study}");
    let rows = site.get(&of(one.study.as_str()), &[("authorization", &admin)]).await.json();
    let row = &rows[0];
    assert_eq!(row["code"], code);
    assert_eq!(
        [&row["exported_by"], &row["address"], &row["study"], &row["format"], &row["with_identity"], &row["images"]],
        [&json!("minh"), &json!("10.0.0.7"), &json!(one.study.as_str()), &json!("png"), &json!(false), &json!(1)]
    );
    assert_eq!(row["instances"], json!([one.sop_instance.as_str()]));
    assert_eq!(site.get(&of(other.study.as_str()), &[("authorization", &admin)]).await.json(), json!([]));
}

#[tokio::test]
async fn what_is_not_of_the_study_does_not_leave_and_leaves_no_row() {
    let site = Site::new().await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let [one, other] = [Instance::ct(), Instance::ct()];
    store(&site, &one).await;
    store(&site, &other).await;
    let with_series_of_other = json!({ "series": other.series.as_str(), "instance": one.sop_instance.as_str(), "frames": [1] });
    let many: Vec<_> = (0..20_001).map(|_| 1).collect();
    for (format, images, expected) in [
        ("png", json!([image(&other, &[1])]), 404),
        ("png", json!([image(&one, &[1]), image(&other, &[1])]), 404),
        ("png", json!([with_series_of_other]), 404),
        ("png", json!([image(&one, &[2])]), 404),
        ("png", json!([image(&one, &[])]), 404),
        ("png", json!([]), 404),
        ("png", json!([image(&one, &[0])]), 400),
        ("png", json!([image(&one, &many)]), 400),
        ("png", json!([{ "series": "../x", "instance": one.sop_instance.as_str(), "frames": [1] }]), 400),
        ("pdf", json!([image(&one, &[1])]), 400),
        ("exe", json!([image(&one, &[1])]), 400),
    ] {
        let body = json!({ "format": format, "with_identity": true, "images": images });
        let answer = site.post_json(&path(&one), &[("authorization", &admin)], &body).await;
        assert_eq!(answer.status.as_u16(), expected, "{format}: {}", answer.body);
    }
    assert_eq!(site.get("/api/exports", &[("authorization", &admin)]).await.json(), json!([]));
}

#[tokio::test]
async fn exports_are_found_by_account_patient_and_time_page_by_page() {
    let site = Site::new().await;
    let reader = site.token(&site.account("minh", Role::Radiologist).await).await;
    let admin = site.token(&site.account("lan", Role::Admin).await).await;
    let one = Instance::ct();
    store(&site, &one).await;
    let body = json!({ "format": "mp4", "with_identity": true, "images": [image(&one, &[1])] });
    for token in [&reader, &admin, &reader] {
        let answer = site.post_json(&path(&one), &[("authorization", token)], &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let list = async |query: &str| {
        let answer = site.get(&format!("/api/exports?{query}"), &[("authorization", &admin)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        answer.json().as_array().expect("a list").clone()
    };
    let all = list("").await;
    let accounts: Vec<_> = all.iter().map(|row| row["exported_by"].as_str().expect("a name")).collect();
    assert_eq!(accounts, ["minh", "lan", "minh"]);
    assert_eq!(list("account=minh").await.len(), 2);
    let patient = all[0]["patient_id"].as_str().expect("an ID");
    assert_eq!(list(&format!("patient_id={patient}")).await.len(), 3);
    assert_eq!(list("patient_id=nobody-has-it").await.len(), 0);
    let moment = all[0]["at_ms"].as_i64().expect("a time");
    assert_eq!(list(&format!("from_ms={}", moment + 1)).await.len(), 0);
    assert_eq!(list(&format!("until_ms={}", moment + 1)).await.len(), 3);
    let first = list("limit=2").await;
    let code = first[1]["code"].as_str().expect("a code");
    assert_eq!(list(&format!("limit=2&before={code}")).await, all[2..]);
    for wrong in ["before=x", "from_ms=yesterday", "patient=1"] {
        let answer = site.get(&format!("/api/exports?{wrong}"), &[("authorization", &admin)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let refused = site.get("/api/exports?account=minh", &[("authorization", &reader)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
