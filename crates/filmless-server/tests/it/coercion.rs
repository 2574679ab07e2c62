//! Rules of coercion, as forms send them: what is wrong is said of the member that is wrong.

use axum::http::{Method, StatusCode};
use filmless_model::account::Role;
use serde_json::{Value, json};

use crate::site::{Site, request};

#[tokio::test]
async fn a_rule_that_is_none_is_refused_by_its_place_and_member() {
    let site = Site::new().await;
    let token = site.token(&site.account("lan", Role::Admin).await).await;
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let first = json!({"attribute": "PatientID", "action": "trim"});
    let destination = |rules: &Value| json!({"target": {"web": {"url": "https://a.example/studies"}}, "coercion": rules});
    let of_peer = |rules: &Value| json!({"peer": "CT1", "rules": rules});
    for (wrong, member) in [
        (json!({"attribute": "SOPInstanceUID", "action": "remove"}), "1.attribute"),
        (json!({"attribute": "StudyDate", "action": "set", "value": "tomorrow"}), "1.value"),
        (json!({"attribute": "Modality", "action": "remove", "when": [{"attribute": "Rows", "equals": "5"}]}), "1.when.0"),
    ] {
        let rules = json!([first, wrong]);
        for (method, path, body, list) in [
            (Method::PUT, "/api/forwarding/destinations/centre", destination(&rules), "coercion"),
            (Method::PUT, "/api/coercion-rules", of_peer(&rules), "rules"),
            (Method::POST, "/api/coercion-rules/preview", of_peer(&rules), "rules"),
        ] {
            let answer = site.send(request(method, path, &headers), body.to_string()).await;
            let field = format!("{list}.{member}");
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.body);
            assert_eq!(answer.json()["field"].as_str(), Some(field.as_str()), "{path}: {}", answer.body);
        }
    }
    for (path, body) in
        [("/api/forwarding/destinations/centre", destination(&json!([first]))), ("/api/coercion-rules", of_peer(&json!([first])))]
    {
        let answer = site.send(request(Method::PUT, path, &headers), body.to_string()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}: {}", answer.body);
    }
    for (path, list) in [("/api/forwarding/destinations", "coercion"), ("/api/coercion-rules", "rules")] {
        assert_eq!(site.get(path, &headers).await.json()[0][list], json!([first]), "{path}");
    }
}
