//! Orders, as programs of a hospital and the page of orders use them.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use serde_json::{Value, json};

use crate::site::{Answer, Site, request};

async fn admin(site: &Site) -> String {
    site.token(&site.account("lan", Role::Admin).await).await
}

async fn send(site: &Site, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", token), ("content-type", "application/json")];
    site.send(request(method, path, &headers), body.to_string()).await
}

fn order(number: &str, patient: &str, day: &str) -> Value {
    json!({
        "accession_number": number,
        "patient_id": format!("BN-{number}"),
        "patient_name": patient,
        "requested_procedure_description": "Chụp CLVT sọ não",
        "steps": [{
            "modality": "CT", "scheduled_station_ae_title": "CT1",
            "scheduled_procedure_step_start_date": day, "scheduled_procedure_step_start_time": "08:30",
        }],
    })
}

async fn numbers(site: &Site, token: &str, parameters: &str) -> Vec<String> {
    let answer = site.get(&format!("/api/orders?{parameters}"), &[("authorization", token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{parameters}: {}", answer.body);
    let rows = answer.json();
    let number = |row: &Value| row["order"]["accession_number"].as_str().expect("a number").to_owned();
    rows.as_array().expect("a list").iter().map(number).collect()
}

#[tokio::test]
async fn an_order_is_created_changed_and_cancelled() {
    let site = Site::new().await;
    let token = admin(&site).await;
    let created = send(&site, &token, Method::POST, "/api/orders", &order("A 1/2", "Nguyễn Văn An", "20261122")).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let made = created.json();
    assert_eq!(made["steps"][0]["status"], "scheduled");
    assert_eq!(made["steps"][0]["scheduled_procedure_step_start_time"], "083000");
    let study = made["study_instance_uid"].as_str().expect("a study").to_owned();
    let again = send(&site, &token, Method::POST, "/api/orders", &order("A 1/2", "Nguyễn Văn An", "20261122")).await;
    assert_eq!((again.status, again.json()["field"].as_str()), (StatusCode::CONFLICT, Some("accession_number")));

    let path = "/api/orders/A%201%2F2";
    let mut changed = order("A 1/2", "Nguyễn Văn Anh", "20261123");
    changed["allergies"] = "Iod".into();
    let answer = send(&site, &token, Method::PUT, path, &changed).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let shown = site.get(path, &[("authorization", &token)]).await.json();
    assert_eq!((shown["allergies"].as_str(), shown["study_instance_uid"].as_str()), (Some("Iod"), Some(study.as_str())));
    let other = send(&site, &token, Method::PUT, path, &order("B", "x", "20261123")).await;
    assert_eq!((other.status, other.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("accession_number")));

    let status = format!("{path}/status");
    for (body, expected) in [
        (json!({"status": "arrived"}), 204),
        (json!({"status": "gone"}), 400),
        (json!({"status": "arrived", "scheduled_procedure_step_id": "other"}), 404),
        (json!({"status": "in_progress"}), 204),
    ] {
        assert_eq!(send(&site, &token, Method::POST, &status, &body).await.status.as_u16(), expected, "{body}");
    }
    for (then, expected) in [("in_progress", 409), ("arrived", 204), ("cancelled", 204)] {
        send(&site, &token, Method::POST, &status, &json!({"status": then})).await;
        let headers = [("authorization", token.as_str())];
        let cancelled = site.send(request(Method::DELETE, path, &headers), Body::empty()).await;
        assert_eq!(cancelled.status.as_u16(), expected, "{then}");
    }
    let missing = send(&site, &token, Method::PUT, "/api/orders/B", &order("B", "x", "20261123")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_order_without_a_number_is_given_one_and_what_is_wrong_is_named() {
    let site = Site::new().await;
    let token = admin(&site).await;
    let made = send(&site, &token, Method::POST, "/api/orders", &order("", "Trần Đức", "20261122")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let number = made.json()["accession_number"].as_str().expect("a number").to_owned();
    assert!(number.len() == 11 && number.starts_with('F'), "{number}");
    for (member, value, field) in [
        ("patient_name", json!(""), "patient_name"),
        ("patient_birth_date", json!("30/02/1980"), "patient_birth_date"),
        ("patient_nmae", json!("x"), "patient_nmae"),
        ("steps", json!([]), "steps"),
    ] {
        let mut wrong = order("W", "Trần Đức", "20261122");
        wrong[member] = value;
        let answer = send(&site, &token, Method::POST, "/api/orders", &wrong).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some(field)), "{}", answer.body);
        assert!(!answer.body.contains("1980"), "values are not told: {}", answer.body);
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_day_modality_status_and_words() {
    let site = Site::new().await;
    let token = admin(&site).await;
    for (number, name, day) in [("A1", "Nguyễn Văn An", "20261122"), ("A2", "Trần Đức", "20261123"), ("A3", "Lê An", "20261124")]
    {
        assert_eq!(send(&site, &token, Method::POST, "/api/orders", &order(number, name, day)).await.status, 201);
    }
    send(&site, &token, Method::POST, "/api/orders/A3/status", &json!({"status": "completed"})).await;
    for (parameters, expected) in [
        ("", &["A1", "A2", "A3"][..]),
        ("from=20261122&to=20261122", &["A1"]),
        ("from=20261123", &["A2", "A3"]),
        ("modality=MR", &[]),
        ("status=completed", &["A3"]),
        ("status=scheduled,completed", &["A1", "A2", "A3"]),
        ("q=an", &["A1", "A3"]),
        ("q=nguyen%20a", &["A1"]),
        ("q=duc", &["A2"]),
        ("q=BN-A2", &["A2"]),
        ("q=A3", &["A3"]),
        ("limit=1&offset=1", &["A2"]),
    ] {
        assert_eq!(numbers(&site, &token, parameters).await, expected, "{parameters}");
    }
    for (parameters, field) in [("from=today", "from"), ("status=gone", "status"), ("from=20261123&to=20261122", "from")] {
        let answer = site.get(&format!("/api/orders?{parameters}"), &[("authorization", &token)]).await;
        assert_eq!((answer.status, answer.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some(field)), "{parameters}");
    }
}

#[tokio::test]
async fn a_file_is_taken_in_as_far_as_it_is_right_and_again_without_effect() {
    let site = Site::new().await;
    let token = admin(&site).await;
    let file = "accession_number;patient_id;patient_name;requested_procedure_description;modality;scheduled_station_ae_title;\
                scheduled_procedure_step_start_date\nA1;P1;Nguyễn Văn An;CT;CT;CT1;22-11-2026\nA2;P2;Trần Đức;CT;CT;CT1;2026-11-22\n";
    let headers = [("authorization", token.as_str()), ("content-type", "text/csv")];
    for (created, unchanged) in [(1, 0), (0, 1)] {
        let answer = site.send(request(Method::POST, "/api/orders/import", &headers), file).await;
        let report = answer.json();
        assert_eq!((report["created"].as_u64(), report["unchanged"].as_u64()), (Some(created), Some(unchanged)), "{report}");
        let failed = &report["failed"][0];
        assert_eq!((failed["place"].as_u64(), failed["field"].as_str()), (Some(2), Some("scheduled_procedure_step_start_date")));
    }
    let wrong = site.send(request(Method::POST, "/api/orders/import", &headers), "name;modality\n").await;
    assert_eq!((wrong.status, wrong.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("name")));
    let long = site.send(request(Method::POST, "/api/orders/import", &headers), vec![b' '; (8 << 20) + 1]).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
}
