//! The study list, as readers see it: what they look for, page after page, and what is theirs alone.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use filmless_model::account::Role;
use filmless_model::actor::Actor;
use filmless_testkit::instance::Instance;
use serde_json::{Value, json};

use crate::site::{Answer, Site, request};

async fn store(site: &Site, instance: &Instance) {
    let mut incoming = site.archive.begin_store_file(&Actor::Operator, None).expect("permitted");
    incoming.write(Bytes::from(instance.part10())).await.expect("taken");
    incoming.finish().await.expect("stored");
}

/// Study number `n`, of a day of January.
fn study(n: u32, name: &str, id: &str) -> Instance {
    Instance {
        study: format!("1.2.3.{n}").parse().expect("a UID"),
        patient_name: name.as_bytes().to_vec(),
        patient_id: id.to_owned(),
        character_set: "ISO_IR 192",
        study_date: format!("202601{n:02}"),
        accession_number: format!("A{n}"),
        ..Instance::ct()
    }
}

async fn reader(site: &Site, name: &str) -> String {
    site.token(&site.account(name, Role::Radiologist).await).await
}

async fn page(site: &Site, token: &str, parameters: &str) -> Value {
    let answer = site.get(&format!("/api/studies?{parameters}"), &[("authorization", token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{parameters}: {}", answer.body);
    answer.json()
}

fn studies(page: &Value) -> Vec<&str> {
    page["studies"].as_array().expect("a list").iter().map(|row| row["study"].as_str().expect("a UID")).collect()
}

async fn change(site: &Site, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let headers = [("authorization", token), ("content-type", "application/json")];
    site.send(request(method, path, &headers), body.map_or_else(Body::empty, |body| body.to_string().into())).await
}

#[tokio::test]
async fn studies_are_found_by_what_people_type() {
    let site = Site::new().await;
    let token = reader(&site, "lan").await;
    for (n, name, id) in [(1, "Nguyễn^Văn A", "BN1"), (2, "ĐỖ^THỊ VÂN", "BN2"), (3, "Nguyen^An", "BN2")] {
        store(&site, &study(n, name, id)).await;
    }
    for (parameters, expected) in [
        ("", &["1.2.3.3", "1.2.3.2", "1.2.3.1"][..]),
        ("patient_name=van+nguyen", &["1.2.3.1"]),
        ("patient_name=v%C4%83n%5Enguy%E1%BB%85n", &["1.2.3.1"]),
        ("patient_name=do", &["1.2.3.2"]),
        ("patient_name=*", &["1.2.3.3", "1.2.3.2", "1.2.3.1"]),
        ("patient_id=BN2", &["1.2.3.3", "1.2.3.2"]),
        ("patient_id=B", &["1.2.3.3", "1.2.3.2", "1.2.3.1"]),
        ("patient_id=B&issuer_of_patient_id=", &[]),
        ("patient_id=BN2&issuer_of_patient_id=", &["1.2.3.3", "1.2.3.2"]),
        ("accession_number=A3", &["1.2.3.3"]),
        ("study_date=20260102-", &["1.2.3.3", "1.2.3.2"]),
        ("study=1.2.3.1,1.2.3.2,1.2.9", &["1.2.3.2", "1.2.3.1"]),
        ("modality=CT&order=patient_name", &["1.2.3.2", "1.2.3.3", "1.2.3.1"]),
        ("modality=MR", &[]),
        ("state=arriving&order=-patient_id", &["1.2.3.3", "1.2.3.2", "1.2.3.1"]),
        ("state=complete", &[]),
    ] {
        assert_eq!(studies(&page(&site, &token, parameters).await), expected, "{parameters}");
    }
    let row = &page(&site, &token, "accession_number=A2").await["studies"][0];
    assert_eq!(row["patient_name"], "ĐỖ^THỊ VÂN");
    assert_eq!((&row["priors"], &row["instances"], &row["read"]), (&json!(1), &json!(1), &json!("unread")));
    for wrong in
        ["order=size", "after=x", "after=%5B1%2C2%5D", "study_date=x", "study=x", "state=x", "read=x", "limit=x", "offset=1"]
    {
        let answer = site.get(&format!("/api/studies?{wrong}"), &[("authorization", &token)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_page_says_where_the_next_begins() {
    let site = Site::new().await;
    let token = reader(&site, "lan").await;
    for n in 1..=5 {
        store(&site, &study(n, "Trần^An", "BN1")).await;
    }
    for order in ["", "study_date", "patient_name", "-priors"] {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let part = page(&site, &token, &format!("limit=2&order={order}&after={after}")).await;
            found.extend(studies(&part).into_iter().map(str::to_owned));
            let Some(next) = part["next"].as_str() else { break };
            after = next.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        }
        let whole = page(&site, &token, &format!("order={order}")).await;
        assert_eq!((found.len(), found), (5, studies(&whole).into_iter().map(str::to_owned).collect()), "{order}");
    }
}

#[tokio::test]
async fn what_an_account_has_read_and_keeps_is_its_own() {
    let site = Site::new().await;
    let (lan, minh) = (reader(&site, "lan").await, reader(&site, "minh").await);
    store(&site, &study(1, "Trần^An", "BN1")).await;
    let mark = |method: Method, token: String| {
        let site = &site;
        async move { change(site, &token, method, "/api/studies/1.2.3.1/read", None).await.status }
    };
    assert_eq!(mark(Method::PUT, lan.clone()).await, StatusCode::NO_CONTENT);
    assert_eq!(page(&site, &lan, "").await["studies"][0]["read"], "read");
    assert_eq!(page(&site, &minh, "").await["studies"][0]["read"], "unread");
    assert_eq!(studies(&page(&site, &lan, "read=unread").await), [""; 0]);
    assert_eq!(mark(Method::DELETE, minh.clone()).await, StatusCode::NO_CONTENT);
    assert_eq!(page(&site, &lan, "").await["studies"][0]["read"], "read");
    assert_eq!(mark(Method::DELETE, lan.clone()).await, StatusCode::NO_CONTENT);
    assert_eq!(page(&site, &lan, "").await["studies"][0]["read"], "unread");
    let missing = change(&site, &lan, Method::PUT, "/api/studies/1.2.9/read", None).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    let path = "/api/saved-filters/C%E1%BA%A5p%20c%E1%BB%A9u";
    let saved = json!({ "filters": { "date": "7d", "modality": "CT" }, "opens": true });
    assert_eq!(change(&site, &lan, Method::PUT, path, Some(saved.clone())).await.status, StatusCode::NO_CONTENT);
    let kept = site.get("/api/saved-filters", &[("authorization", &lan)]).await.json();
    assert_eq!(kept, json!([{ "name": "Cấp cứu", "filters": saved["filters"], "opens": true }]));
    assert_eq!(site.get("/api/saved-filters", &[("authorization", &minh)]).await.json(), json!([]));
    assert_eq!(change(&site, &minh, Method::DELETE, path, None).await.status, StatusCode::NOT_FOUND);
    let (unreadable, wrong) = (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::BAD_REQUEST);
    for (body, expected) in [
        (json!({ "filters": { "sql": "x" } }), unreadable),
        (json!({}), unreadable),
        (json!({ "filters": { "q": "x".repeat(200) } }), wrong),
        (json!({ "filters": { "q": "a\u{0}b" } }), wrong),
    ] {
        let answer = change(&site, &lan, Method::PUT, path, Some(body.clone())).await;
        assert_eq!(answer.status, expected, "{body}: {}", answer.body);
    }
    assert_eq!(change(&site, &lan, Method::DELETE, path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get("/api/saved-filters", &[("authorization", &lan)]).await.json(), json!([]));
}
