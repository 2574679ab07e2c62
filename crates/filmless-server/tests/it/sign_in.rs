//! Signing in and out.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::account::Role;

use crate::site::{PASSWORD, Site, request};

#[tokio::test]
async fn the_right_password_opens_a_session_until_signing_out() {
    let site = Site::new().await;
    site.account("lan", Role::Radiologist).await;
    let answer = site.sign_in("Lan", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    let set = answer.header("set-cookie");
    for part in ["filmless_session=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "there is no TLS here: {set}");

    let cookie = answer.cookie();
    let shown = site.get("/api/session", &[("cookie", &cookie)]).await;
    assert_eq!(
        shown.json(),
        serde_json::json!({
            "account": "lan",
            "role": "radiologist",
            "acts": ["search", "view", "annotate", "download", "print", "export", "watch", "search_orders", "keep_settings"],
            "must_change_password": false,
            "must_add_second_factor": false,
            "has_second_factor": false,
        })
    );

    let ours = [("cookie", cookie.as_str()), ("x-filmless-request", "1"), ("sec-fetch-site", "same-origin")];
    let left = site.send(request(Method::DELETE, "/api/session", &ours), Body::empty()).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert!(left.header("set-cookie").starts_with("filmless_session=; "), "{}", left.header("set-cookie"));
    assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure() {
    let site = Site::with(|config| "https://pacs.example.org".clone_into(&mut config.http.public_url)).await;
    site.account("lan", Role::Radiologist).await;
    let answer = site.sign_in("lan", PASSWORD).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"), "{}", answer.header("set-cookie"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn wrong_passwords_and_unknown_accounts_are_told_the_same() {
    let site = Site::new().await;
    site.account("lan", Role::Radiologist).await;
    let wrong = site.sign_in("lan", "wrong horse battery staple").await;
    let unknown = site.sign_in("nobody", PASSWORD).await;
    let illegal = site.sign_in("no such name!", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.body, illegal.body);
    assert_eq!(wrong.header("set-cookie"), "");
}

#[tokio::test]
async fn attempts_run_out_for_an_account_and_not_for_others() {
    let site = Site::with(|config| config.sign_in.attempts_per_minute = 2).await;
    site.account("lan", Role::Radiologist).await;
    site.account("minh", Role::Radiologist).await;
    for _ in 0..3 {
        // What is right is no guess and does not count.
        assert_eq!(site.sign_in("lan", PASSWORD).await.status, StatusCode::NO_CONTENT);
    }
    for _ in 0..2 {
        assert_eq!(site.sign_in("lan", "wrong password").await.status, StatusCode::UNAUTHORIZED);
    }
    let limited = site.sign_in("lan", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "even the right one has to wait");
    assert!(limited.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=31).contains(&seconds)));
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn another_site_cannot_sign_a_browser_in_and_odd_bodies_are_refused() {
    let site = Site::new().await;
    site.account("lan", Role::Radiologist).await;
    let body = serde_json::json!({ "account": "lan", "password": PASSWORD });
    let foreign = site.post_json("/api/session", &[("sec-fetch-site", "cross-site")], &body).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    for (media_type, body, expected) in [
        ("text/plain", body.to_string(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", "{".to_owned(), StatusCode::BAD_REQUEST),
        ("application/json", "{}".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", format!("\"{}\"", "x".repeat(2 << 20)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = site.send(request(Method::POST, "/api/session", &[("content-type", media_type)]), body).await;
        assert_eq!(answer.status, expected, "{media_type}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}
