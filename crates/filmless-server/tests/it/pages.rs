//! The viewer's files and the headers of every answer.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::Role;

use crate::site::{Answer, Site, request};

fn headers(answer: &Answer) -> String {
    let mut lines: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["etag", "content-length", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
        .collect();
    lines.sort();
    lines.join("\n")
}

#[tokio::test]
async fn the_headers_of_a_page_and_of_data_are_as_agreed() {
    let site = Site::new().await;
    insta::assert_snapshot!("page", headers(&site.get("/", &[]).await));
    insta::assert_snapshot!("problem", headers(&site.get("/api/session", &[]).await));
}

#[tokio::test]
async fn pages_of_the_viewer_fall_back_to_the_index_and_nothing_else_does() {
    let site = Site::new().await;
    let index = site.get("/", &[]).await;
    assert_eq!(index.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(site.get("/index.html", &[]).await.body, index.body);
    assert_eq!(site.get("/studies/some-study", &[]).await.body, index.body);
    for path in
        ["/assets/none.js", "/favicon.none", "/..%2f..%2fCargo.toml", "/../Cargo.toml", "/api", "/api/none", "/dicom-web/none"]
    {
        let answer = site.get(path, &[]).await;
        assert!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED), "{path}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    let posted = site.send(request(Method::POST, "/", &[]), Body::empty()).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(posted.header("allow"), "GET, HEAD");
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let site = Site::new().await;
    let index = site.get("/", &[]).await;
    assert_eq!(index.header("cache-control"), "no-cache");
    let again = site.get("/", &[("if-none-match", index.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.body, "");
}

#[tokio::test]
async fn json_is_compressed_for_those_who_take_it() {
    let site = Site::new().await;
    let token = site.token(&site.account("lan", Role::Admin).await).await;
    for number in 0..40 {
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let path = format!("/api/peers/CT{number}");
        let put = site.send(request(Method::PUT, &path, &headers), r#"{"allow":["store","query"],"port":104}"#).await;
        assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.body);
    }
    let plain = site.get("/api/peers", &[("authorization", &token)]).await;
    assert_eq!(plain.header("content-encoding"), "");
    let small = site.get("/api/peers", &[("authorization", &token), ("accept-encoding", "gzip, br")]).await;
    assert_eq!(small.header("content-encoding"), "br");
    let small = site.get("/api/peers", &[("authorization", &token), ("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(small.header("content-encoding"), "zstd");
    assert_eq!(small.header("vary"), "accept-encoding");
}
