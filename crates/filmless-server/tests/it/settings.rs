//! What people who read set for themselves.

use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use filmless_model::setting::{MAX_SETTINGS, MAX_VALUE_BYTES};
use serde_json::{Value, json};

use crate::site::{Answer, Site, request};

async fn put(site: &Site, token: &str, name: &str, value: &Value) -> Answer {
    let headers = [("authorization", token), ("content-type", "application/json")];
    site.send(request(Method::PUT, &format!("/api/settings/{name}"), &headers), value.to_string()).await
}

async fn list(site: &Site, token: &str) -> Value {
    site.get("/api/settings", &[("authorization", token)]).await.json()
}

#[tokio::test]
async fn each_sees_and_changes_their_own() {
    let site = Site::new().await;
    let minh = site.token(&site.account("minh", Role::Radiologist).await).await;
    let lan = site.token(&site.account("lan", Role::Admin).await).await;
    assert_eq!(list(&site, &minh).await, json!({}));
    let protocol = json!({"name": "Ngực của tôi", "stages": [{"rows": 1}]});
    assert_eq!(put(&site, &minh, "hanging.1", &protocol).await.status, StatusCode::NO_CONTENT);
    assert_eq!(list(&site, &minh).await, json!({"hanging.1": protocol}));
    assert_eq!(list(&site, &lan).await, json!({}));
    assert_eq!(put(&site, &minh, "hanging.1", &json!({"name": "2"})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(list(&site, &minh).await, json!({"hanging.1": {"name": "2"}}));
    for (token, expected) in [(&lan, StatusCode::NOT_FOUND), (&minh, StatusCode::NO_CONTENT), (&minh, StatusCode::NOT_FOUND)] {
        let removed = request(Method::DELETE, "/api/settings/hanging.1", &[("authorization", token.as_str())]);
        assert_eq!(site.send(removed, "").await.status, expected);
    }
    assert_eq!(list(&site, &minh).await, json!({}));
}

#[tokio::test]
async fn settings_are_objects_of_a_size_and_of_a_number() {
    let site = Site::new().await;
    let minh = site.token(&site.account("minh", Role::Radiologist).await).await;
    let long = json!({"text": "a".repeat(MAX_VALUE_BYTES)});
    let longer = json!({"text": "a".repeat(3 * MAX_VALUE_BYTES)});
    for (name, value, expected) in [
        ("Theme", json!({}), StatusCode::BAD_REQUEST),
        ("theme", json!([]), StatusCode::UNPROCESSABLE_ENTITY),
        ("theme", json!("light"), StatusCode::UNPROCESSABLE_ENTITY),
        ("theme", long, StatusCode::PAYLOAD_TOO_LARGE),
        ("theme", longer, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = put(&site, &minh, name, &value).await;
        assert_eq!(answer.status, expected, "{name} {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    for number in 0..MAX_SETTINGS {
        assert_eq!(put(&site, &minh, &number.to_string(), &json!({})).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(put(&site, &minh, "one-more", &json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(put(&site, &minh, "0", &json!({"changed": true})).await.status, StatusCode::NO_CONTENT);
}
