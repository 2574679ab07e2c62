//! Accounts that are made, changed and barred; passwords, sessions and tokens that people look after themselves.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_archive::clock::now_ms;
use filmless_model::account::Role;
use filmless_model::actor::{Act, Acts};
use filmless_server::config::Config;
use serde_json::{Value, json};

use crate::site::{Answer, PASSWORD, Site, request};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Asks as a page of ours does.
async fn ask(site: &Site, method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
    let headers = [
        ("cookie", cookie),
        ("content-type", "application/json"),
        ("x-filmless-request", "1"),
        ("sec-fetch-site", "same-origin"),
        ("user-agent", "Mozilla/5.0"),
    ];
    let body = if body.is_null() { Body::empty() } else { body.to_string().into() };
    site.send(request(method, path, &headers), body).await
}

async fn signed_in(site: &Site, name: &str, role: Role) -> String {
    site.account(name, role).await;
    site.sign_in(name, PASSWORD).await.cookie()
}

async fn status_of_session(site: &Site, cookie: &str) -> StatusCode {
    site.get("/api/session", &[("cookie", cookie)]).await.status
}

#[tokio::test]
async fn whoever_was_given_a_password_does_nothing_before_it_is_changed() {
    let site = Site::new().await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    let sent = json!({ "account": "Minh", "role": "radiologist" });
    let made = ask(&site, Method::POST, "/api/accounts", &admin, &sent).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let initial = made.json()["password"].as_str().expect("a password").to_owned();
    assert_eq!(ask(&site, Method::POST, "/api/accounts", &admin, &sent).await.status, StatusCode::CONFLICT);

    let cookie = site.sign_in("minh", &initial).await.cookie();
    let session = site.get("/api/session", &[("cookie", &cookie)]).await.json();
    assert_eq!(
        session,
        json!({ "account": "minh", "role": "radiologist", "acts": [], "must_change_password": true, "must_add_second_factor": false, "has_second_factor": false })
    );
    for path in ["/api/studies", "/dicom-web/studies", "/api/settings", "/api/tokens", "/api/sessions"] {
        assert_eq!(site.get(path, &[("cookie", &cookie)]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let change = |password: &str, new: &str| json!({ "password": password, "new_password": new });
    for (body, expected) in [
        (change("not the old one", "a new password"), StatusCode::UNAUTHORIZED),
        (change(&initial, &initial), StatusCode::BAD_REQUEST),
        (change(&initial, "short"), StatusCode::BAD_REQUEST),
        (change(&initial, "Minh is my name"), StatusCode::BAD_REQUEST),
    ] {
        let answer = ask(&site, Method::POST, "/api/session/password", &cookie, &body).await;
        assert_eq!(answer.status, expected, "{body}: {}", answer.body);
    }
    let changed = ask(&site, Method::POST, "/api/session/password", &cookie, &change(&initial, "a new password")).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    assert_eq!(status_of_session(&site, &cookie).await, StatusCode::UNAUTHORIZED, "sessions from before have ended");
    assert_eq!(site.get("/api/studies", &[("cookie", &changed.cookie())]).await.status, StatusCode::OK);
    assert_eq!(site.sign_in("minh", &initial).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.sign_in("minh", "a new password").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_blocked_account_is_out_at_once_until_it_is_let_in() {
    let site = Site::new().await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    let cookie = signed_in(&site, "minh", Role::Radiologist).await;
    let token = site.token(&"minh".to_owned().try_into().expect("a name")).await;
    let by_token = async || site.get("/api/session", &[("authorization", &token)]).await.status;
    assert_eq!(by_token().await, StatusCode::OK);
    let set = async |blocked: bool| {
        let answer = ask(&site, Method::PATCH, "/api/accounts/minh", &admin, &json!({ "blocked": blocked })).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    };
    set(true).await;
    assert_eq!(status_of_session(&site, &cookie).await, StatusCode::UNAUTHORIZED);
    assert_eq!(by_token().await, StatusCode::UNAUTHORIZED, "though it was seen a moment ago");
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.sign_in("minh", "wrong password").await.status, StatusCode::UNAUTHORIZED, "who guesses learns nothing");
    set(false).await;
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::NO_CONTENT);
    assert_eq!(by_token().await, StatusCode::OK);
}

#[tokio::test]
async fn an_account_that_nobody_used_for_long_is_let_in_by_an_administrator() {
    let site = Site::with(|config: &mut Config| config.sign_in.idle_days = 30).await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    let minh = site.account("minh", Role::Clinician).await;
    site.index.let_account_in(&minh, now_ms() - 30 * DAY_MS).await.expect("a database");
    let token = site.token(&minh).await;
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get("/api/session", &[("authorization", &token)]).await.status, StatusCode::UNAUTHORIZED);
    let listed = site.get("/api/accounts", &[("cookie", &admin)]).await.json();
    assert_eq!((&listed[0]["idle"], &listed[1]["idle"]), (&json!(false), &json!(true)), "{listed}");
    let let_in = ask(&site, Method::PATCH, "/api/accounts/minh", &admin, &json!({ "blocked": false })).await;
    assert_eq!(let_in.status, StatusCode::NO_CONTENT, "{}", let_in.body);
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::NO_CONTENT);

    // Whoever comes back in time has all of it again.
    site.index.let_account_in(&minh, now_ms() - 29 * DAY_MS).await.expect("a database");
    assert_eq!(site.get("/api/session", &[("authorization", &token)]).await.status, StatusCode::OK);
    let used_ms = site.index.account(&minh).await.expect("a database").expect("an account").used_ms;
    assert!(used_ms > now_ms() - DAY_MS, "{used_ms}");
}

#[tokio::test]
async fn a_name_is_locked_for_wrong_passwords_whether_there_is_an_account_or_not() {
    let site = Site::with(|config: &mut Config| {
        config.sign_in.lock_after_attempts = 3;
        config.sign_in.lock_seconds = 600;
    })
    .await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    site.account("minh", Role::Radiologist).await;
    for name in ["minh", "nobody"] {
        for _ in 0..2 {
            assert_eq!(site.sign_in(name, "wrong password").await.status, StatusCode::UNAUTHORIZED);
        }
    }
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::NO_CONTENT, "what is right begins anew");
    for (name, wrong) in [("minh", 3), ("nobody", 1)] {
        for _ in 0..wrong {
            assert_eq!(site.sign_in(name, "wrong password").await.status, StatusCode::UNAUTHORIZED);
        }
        let locked = site.sign_in(name, PASSWORD).await;
        assert_eq!((locked.status, locked.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "601"), "{name}");
    }
    let listed = site.get("/api/accounts", &[("cookie", &admin)]).await.json();
    assert_eq!((&listed[0]["locked"], &listed[1]["locked"]), (&json!(false), &json!(true)), "{listed}");
    let let_in = ask(&site, Method::PATCH, "/api/accounts/minh", &admin, &json!({ "blocked": false })).await;
    assert_eq!(let_in.status, StatusCode::NO_CONTENT, "{}", let_in.body);
    assert_eq!(site.sign_in("minh", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_token_does_what_it_is_for_as_long_as_it_is_for() {
    let site = Site::new().await;
    let cookie = signed_in(&site, "lan", Role::Admin).await;
    let ask_for = async |body: Value| ask(&site, Method::POST, "/api/tokens", &cookie, &body).await;
    let made = ask_for(json!({ "label": "OHIF", "acts": ["search"], "days": 1 })).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let token = format!("Bearer {}", made.json()["secret"].as_str().expect("a secret"));
    let by = async |token: &str, path: &str| site.get(path, &[("authorization", token)]).await.status;
    assert_eq!(by(&token, "/dicom-web/studies").await, StatusCode::NO_CONTENT, "the archive is empty");
    assert_eq!(by(&token, "/dicom-web/studies/1.2").await, StatusCode::FORBIDDEN, "it is for no more than searching");
    assert_eq!(by(&token, "/api/accounts").await, StatusCode::FORBIDDEN);
    assert_eq!(by(&token, "/api/tokens").await, StatusCode::FORBIDDEN, "people look after their tokens, programs do not");

    let listed = site.get("/api/tokens", &[("cookie", &cookie)]).await;
    assert!(!listed.body.contains("filmless_"), "no secret is shown again: {}", listed.body);
    let listed = listed.json();
    let shown = &listed[0];
    assert_eq!((&shown["label"], &shown["acts"]), (&json!("OHIF"), &json!(["search"])));
    let lifetime_ms = shown["expires_ms"].as_i64().expect("a time") - shown["created_ms"].as_i64().expect("a time");
    assert_eq!(lifetime_ms, DAY_MS);

    let path = format!("/api/tokens/{}", made.json()["token"].as_str().expect("an identifier"));
    let stranger = signed_in(&site, "minh", Role::Admin).await;
    assert_eq!(ask(&site, Method::DELETE, &path, &stranger, &Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&site, Method::DELETE, &path, &cookie, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(by(&token, "/dicom-web/studies").await, StatusCode::UNAUTHORIZED, "at once, though it was seen a moment ago");

    let lan = "lan".to_owned().try_into().expect("a name");
    let over = site.token_for(&lan, "over", Acts::ALL, Some(now_ms())).await;
    assert_eq!(by(&over, "/dicom-web/studies").await, StatusCode::UNAUTHORIZED);

    for (body, field) in [
        (json!({ "label": " " }), "label"),
        (json!({ "label": "x".repeat(65) }), "label"),
        (json!({ "label": "x", "acts": ["fly"] }), "acts"),
        (json!({ "label": "x", "days": 0 }), "days"),
    ] {
        let answer = ask_for(body.clone()).await;
        assert_eq!((answer.status, &answer.json()["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{body}");
    }
    let odd = ask_for(json!({ "label": "x", "role": "admin" })).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is taken that is not asked for");
}

#[tokio::test]
async fn a_token_cannot_take_more_than_it_was_given() {
    let site = Site::new().await;
    let lan = site.account("lan", Role::Clinician).await;
    let more = site.token_for(&lan, "more", [Act::Delete, Act::View].into_iter().collect(), None).await;
    let shown = site.get("/api/session", &[("authorization", &more)]).await.json();
    assert_eq!(shown["acts"], json!(["view"]), "no token has rights that its account has not");
}

#[tokio::test]
async fn people_see_and_end_their_sessions_and_administrators_those_of_all() {
    let site = Site::new().await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    let here = signed_in(&site, "minh", Role::Radiologist).await;
    let there = site.sign_in("minh", PASSWORD).await.cookie();
    let listed = site.get("/api/sessions", &[("cookie", &here)]).await.json();
    let [_, _] = listed.as_array().expect("a list").as_slice() else { panic!("{listed}") };
    let other = listed.as_array().expect("a list").iter().find(|session| session["current"] == false).expect("one");
    let path = format!("/api/sessions/{}", other["session"].as_str().expect("an identifier"));
    assert_eq!(ask(&site, Method::DELETE, &path, &admin, &Value::Null).await.status, StatusCode::NOT_FOUND, "it is not theirs");
    assert_eq!(ask(&site, Method::DELETE, &path, &here, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(status_of_session(&site, &there).await, StatusCode::UNAUTHORIZED);

    let listed = site.get("/api/accounts/minh/sessions", &[("cookie", &admin)]).await.json();
    assert_eq!((&listed[0]["account"], &listed[0]["current"]), (&json!("minh"), &json!(false)), "{listed}");
    let own = ask(&site, Method::GET, "/api/accounts/minh/sessions", &here, &Value::Null).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "not even their own: that is another path, which tokens do not open");
    let path = format!("/api/accounts/minh/sessions/{}", listed[0]["session"].as_str().expect("an identifier"));
    assert_eq!(ask(&site, Method::DELETE, &path, &here, &Value::Null).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(&site, Method::DELETE, &path, &admin, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(status_of_session(&site, &here).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_changes_their_own_role_or_locks_themselves_out() {
    let site = Site::new().await;
    let admin = signed_in(&site, "lan", Role::Admin).await;
    for body in [json!({ "role": "clinician" }), json!({ "blocked": true })] {
        assert_eq!(ask(&site, Method::PATCH, "/api/accounts/lan", &admin, &body).await.status, StatusCode::CONFLICT);
    }
    let reset = ask(&site, Method::POST, "/api/accounts/lan/password", &admin, &Value::Null).await;
    assert_eq!(reset.status, StatusCode::CONFLICT);
    site.account("minh", Role::Clinician).await;
    let raised = ask(&site, Method::PATCH, "/api/accounts/minh", &admin, &json!({ "role": "radiologist" })).await;
    assert_eq!(raised.status, StatusCode::NO_CONTENT);
    let listed = site.get("/api/accounts", &[("cookie", &admin)]).await.json();
    assert_eq!(listed[1]["role"], json!("radiologist"));
    let nobody = ask(&site, Method::PATCH, "/api/accounts/nobody", &admin, &json!({ "role": "admin" })).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}
