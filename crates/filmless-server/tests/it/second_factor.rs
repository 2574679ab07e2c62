//! The second factor: added with the app of a phone, asked for at sign-in, required where the settings say so.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, StatusCode};
use data_encoding::BASE32_NOPAD;
use filmless_archive::clock::now_ms;
use filmless_model::account::Role;
use filmless_model::forwarding::Hours;
use filmless_server::config::Config;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::site::{Answer, PASSWORD, Site, request};

/// The digits that an app shows so many half minutes from now.
fn digits(secret: &str, from_now: i64) -> String {
    let bytes = BASE32_NOPAD.decode(secret.as_bytes()).expect("Base 32");
    let app = Builder::new().with_secret(Secret::from(bytes)).with_account_name("lan").build().expect("a legal secret");
    app.generate(u64::try_from(now_ms() / 1000 + 30 * from_now).expect("after 1970")).to_string()
}

async fn ask_from(site: &Site, address: [u8; 4], method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("x-filmless-request", "1"),
        ("sec-fetch-site", "same-origin"),
    ];
    let request = request(method, path, &headers).extension(ConnectInfo(SocketAddr::from((address, 5000))));
    site.send(request, if body.is_null() { Body::empty() } else { body.to_string().into() }).await
}

async fn ask(site: &Site, method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
    ask_from(site, [127, 0, 0, 1], method, path, cookie, body).await
}

async fn sign_in(site: &Site, address: [u8; 4], password: &str, code: Option<&str>) -> Answer {
    let body = json!({ "account": "lan", "password": password, "code": code });
    ask_from(site, address, Method::POST, "/api/session", "", &body).await
}

const HERE: [u8; 4] = [127, 0, 0, 1];
const WARD: [u8; 4] = [10, 1, 2, 3];
const HOME: [u8; 4] = [203, 0, 113, 7];

/// Adds a second factor, and gives its secret.
async fn enrol(site: &Site, cookie: &str) -> String {
    let begun = ask(site, Method::POST, "/api/session/second-factor", cookie, &Value::Null).await;
    let secret = begun.json()["secret"].as_str().expect("a secret").to_owned();
    let sent = |password: &str, code: &str| json!({ "password": password, "secret": secret, "code": code });
    for (body, expected) in [
        (sent("not the password", &digits(&secret, 0)), StatusCode::UNAUTHORIZED),
        (sent(PASSWORD, "000000x"), StatusCode::UNAUTHORIZED),
        (sent(PASSWORD, &digits(&secret, -1)), StatusCode::NO_CONTENT),
    ] {
        let answer = ask(site, Method::PUT, "/api/session/second-factor", cookie, &body).await;
        assert_eq!(answer.status, expected, "{}", answer.body);
    }
    secret
}

#[tokio::test]
async fn whoever_has_a_second_factor_shows_it_and_each_code_opens_once() {
    let site = Site::new().await;
    site.account("lan", Role::Radiologist).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let secret = enrol(&site, &cookie).await;
    assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.json()["has_second_factor"], json!(true));

    let wanted = sign_in(&site, HERE, PASSWORD, None).await;
    assert_eq!((wanted.status, &wanted.json()["field"]), (StatusCode::UNAUTHORIZED, &json!("code")));
    let wrong = sign_in(&site, HERE, "not the password", Some(&digits(&secret, 0))).await;
    assert_eq!((wrong.status, &wrong.json()["field"]), (StatusCode::UNAUTHORIZED, &Value::Null), "the password comes first");
    let used = sign_in(&site, HERE, PASSWORD, Some(&digits(&secret, -1))).await;
    assert_eq!((used.status, &used.json()["field"]), (StatusCode::UNAUTHORIZED, &json!("code")), "those showed that it works");
    let code = digits(&secret, 1);
    assert_eq!(sign_in(&site, HERE, PASSWORD, Some(&code)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&site, HERE, PASSWORD, Some(&code)).await.status, StatusCode::UNAUTHORIZED, "a second time");
}

#[tokio::test]
async fn digits_are_not_guessed() {
    let site = Site::with(|config: &mut Config| config.sign_in.lock_after_attempts = 3).await;
    site.account("lan", Role::Radiologist).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let secret = enrol(&site, &cookie).await;
    for _ in 0..3 {
        assert_eq!(sign_in(&site, HERE, PASSWORD, Some("no digits")).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(sign_in(&site, HERE, PASSWORD, Some(&digits(&secret, 1))).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_role_that_needs_a_second_factor_does_nothing_before_it_has_one() {
    let site = Site::with(|config: &mut Config| config.sign_in.second_factor_for = vec![Role::Admin]).await;
    site.account("lan", Role::Admin).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let session = site.get("/api/session", &[("cookie", &cookie)]).await.json();
    assert_eq!((&session["acts"], &session["must_add_second_factor"]), (&json!([]), &json!(true)));
    assert_eq!(site.get("/api/accounts", &[("cookie", &cookie)]).await.status, StatusCode::FORBIDDEN);
    enrol(&site, &cookie).await;
    assert_eq!(site.get("/api/accounts", &[("cookie", &cookie)]).await.status, StatusCode::OK);

    site.account("minh", Role::Clinician).await;
    let other = site.sign_in("minh", PASSWORD).await.cookie();
    assert_eq!(site.get("/api/studies", &[("cookie", &other)]).await.status, StatusCode::OK, "other roles do not");
}

#[tokio::test]
async fn from_outside_nobody_comes_in_without_a_second_factor() {
    let inside = || vec!["10.0.0.0/8".parse().expect("a network")];
    let site = Site::with(|config: &mut Config| config.sign_in.inside_networks = inside()).await;
    site.account("lan", Role::Radiologist).await;
    let refused = sign_in(&site, HOME, PASSWORD, None).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert_eq!(sign_in(&site, HOME, "not the password", None).await.status, StatusCode::UNAUTHORIZED);
    let cookie = sign_in(&site, WARD, PASSWORD, None).await.cookie();
    let status_at = async |address| ask_from(&site, address, Method::GET, "/api/session", &cookie, &Value::Null).await.status;
    assert_eq!(status_at(WARD).await, StatusCode::OK);
    assert_eq!(status_at(HOME).await, StatusCode::UNAUTHORIZED, "nor does a session that is carried out");
    let secret = enrol(&site, &cookie).await;
    assert_eq!(sign_in(&site, HOME, PASSWORD, Some(&digits(&secret, 1))).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn who_lost_the_phone_is_helped_by_an_administrator() {
    let site = Site::new().await;
    site.account("lan", Role::Radiologist).await;
    enrol(&site, &site.sign_in("lan", PASSWORD).await.cookie()).await;
    site.account("minh", Role::Admin).await;
    let admin = site.sign_in("minh", PASSWORD).await.cookie();
    let listed = site.get("/api/accounts", &[("cookie", &admin)]).await.json();
    assert_eq!(listed[0]["second_factor"], json!(true));
    let path = "/api/accounts/lan/second-factor";
    assert_eq!(ask(&site, Method::DELETE, path, &admin, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.sign_in("lan", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_account_is_used_in_its_hours_alone() {
    let site = Site::new().await;
    let lan = site.account("lan", Role::Technologist).await;
    let cookie = site.sign_in("lan", PASSWORD).await.cookie();
    let token = site.token(&lan).await;
    site.account("minh", Role::Admin).await;
    let admin = site.sign_in("minh", PASSWORD).await.cookie();
    let set = async |hours: &str| ask(&site, Method::PATCH, "/api/accounts/lan", &admin, &json!({ "hours": hours })).await;
    assert_eq!(set("from nine to five").await.json()["field"], json!("hours"));

    // An hour that begins in two, by the clock of UTC.
    let hour = now_ms().div_euclid(3_600_000).rem_euclid(24);
    let later = format!("{:02}:00-{:02}:00+0000", (hour + 2) % 24, (hour + 3) % 24);
    assert!(Hours::parse(&later).is_some_and(|hours| !hours.contain(now_ms())), "{later}");
    assert_eq!(set(&later).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.sign_in("lan", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/session", &[("authorization", &token)]).await.status, StatusCode::UNAUTHORIZED);
    let listed = site.get("/api/accounts", &[("cookie", &admin)]).await.json();
    assert_eq!(listed[0]["hours"], json!(later));

    assert_eq!(set("").await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get("/api/session", &[("cookie", &cookie)]).await.status, StatusCode::OK);
}
