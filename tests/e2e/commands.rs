//! The command line beside a running server, and what is refused before it runs.

use std::time::Duration;

use filmless_testkit::instance::Instance;
use filmless_testkit::site::{ACCOUNT, CALLING, PASSWORD, Site, free_port};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(
    accounts_and_tokens_are_managed_beside_a_running_server,
    nothing_is_open_to_nobody,
    a_reader_reads_and_does_not_store,
    doctor_is_content_with_a_sound_installation_and_names_what_is_not,
    migrating_twice_applies_nothing_twice,
    attributes_are_indexed_beside_a_running_server,
    a_peer_is_called_to_see_whether_it_is_there,
    what_is_set_for_a_peer_is_shown,
);

async fn accounts_and_tokens_are_managed_beside_a_running_server(site: Site) {
    let server = site.serve().await;
    let add = ["account", "add", "lan", "--role", "radiologist", "--password-stdin"];
    site.run_with_input(&add, "one two three four\n").await.success();
    let again = site.run_with_input(&add, "one two three four\n").await.failure();
    assert!(again.contains("lan"), "{again}");
    let accounts = site.run(&["account", "list"]).await.success();
    assert!(accounts.contains(ACCOUNT) && accounts.contains("lan"), "{accounts}");
    assert!(!accounts.contains("argon2"), "{accounts}");

    let printed = site.run(&["token", "add", "--account", "lan"]).await.success();
    assert_eq!(printed.lines().count(), 1, "the secret stands alone: {printed:?}");
    let secret = printed.trim();
    let status = async || {
        let request = server.anonymous(Method::GET, "/dicom-web/studies").bearer_auth(secret);
        request.send().await.expect("the server answers").status().as_u16()
    };
    assert!(matches!(status().await, 200 | 204));
    let tokens = site.run(&["token", "list"]).await.success();
    assert!(!tokens.contains(secret), "a secret is not shown again");
    let line = tokens.lines().find(|line| line.contains("lan")).expect("the token is listed");
    let id = line.split_whitespace().next().expect("a line begins with the ID");
    site.run(&["token", "revoke", id]).await.success();
    let refused = async { while status().await != 401 {} };
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("a revoked token is refused after a moment");

    let sign_in = async |password: &str| {
        let body = json!({"account": "lan", "password": password}).to_string();
        let request = server.anonymous(Method::POST, "/api/session").header("Content-Type", "application/json").body(body);
        request.send().await.expect("the server answers")
    };
    assert_eq!(sign_in("wrong").await.status().as_u16(), 401);
    let response = sign_in("one two three four").await;
    assert_eq!(response.status().as_u16(), 204);
    let cookie = response.headers()["set-cookie"].to_str().expect("a printable cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let session = async || {
        let pair = cookie.split(';').next().expect("a cookie is a pair").to_owned();
        server.anonymous(Method::GET, "/api/session").header("Cookie", pair).send().await.expect("the server answers")
    };
    let who: Value = session().await.json().await.expect("a session is described in JSON");
    assert_eq!((&who["account"], &who["role"]), (&json!("lan"), &json!("radiologist")));

    site.run_with_input(&["account", "passwd", "lan", "--password-stdin"], "five six seven eight\n").await.success();
    assert_eq!(session().await.status().as_u16(), 401, "a new password ends the sessions of the old one");
    assert_eq!(sign_in("one two three four").await.status().as_u16(), 401);
    assert_eq!(sign_in("five six seven eight").await.status().as_u16(), 204);

    site.run(&["account", "role", "lan", "clinician"]).await.success();
    site.run(&["account", "hours", "lan", "07:00-17:00+0700"]).await.success();
    site.run(&["account", "hours", "lan"]).await.success();
    site.run(&["account", "forget-second-factor", "lan"]).await.success();
    assert_eq!(sign_in("five six seven eight").await.status().as_u16(), 204);
    site.run(&["account", "block", "lan"]).await.success();
    assert_eq!(sign_in("five six seven eight").await.status().as_u16(), 403);
    let accounts = site.run(&["account", "list"]).await.success();
    let line = accounts.lines().find(|line| line.starts_with("lan ")).expect("the account is listed");
    assert!(line.contains("clinician") && line.contains("blocked"), "{line}");
    site.run(&["account", "admit", "lan"]).await.success();
    assert_eq!(sign_in("five six seven eight").await.status().as_u16(), 204);
    for command in [&["role", "nobody", "admin"][..], &["hours", "nobody"], &["block", "nobody"], &["admit", "nobody"]] {
        let refused = site.run(&[&["account"], command].concat()).await.failure();
        assert!(refused.contains("nobody"), "{refused}");
    }
    site.run(&["account", "hours", "lan", "always"]).await.failure();

    let narrow = ["token", "add", "--account", "lan", "--label", "list", "--acts", "search", "--days", "1"];
    let narrow = site.run(&narrow).await.success();
    for (path, expected) in [("/dicom-web/studies", &[200, 204][..]), ("/dicom-web/studies/1.2.3/metadata", &[403])] {
        let request = server.anonymous(Method::GET, path).bearer_auth(narrow.trim());
        let status = request.send().await.expect("the server answers").status().as_u16();
        assert!(expected.contains(&status), "{path}: {status}");
    }
    let tokens = site.run(&["token", "list"]).await.success();
    let line = tokens.lines().find(|line| line.contains("list")).expect("the token is listed");
    assert!(line.contains("search") && !line.contains("never"), "{line}");
    site.run(&["token", "add", "--account", "lan", "--acts", "fly"]).await.failure();
}

async fn nothing_is_open_to_nobody(site: Site) {
    let server = site.serve().await;
    for (method, path) in [
        (Method::GET, "/dicom-web/studies"),
        (Method::GET, "/dicom-web/studies/1.2.3"),
        (Method::GET, "/dicom-web/studies/1.2.3/metadata"),
        (Method::GET, "/dicom-web/studies/1.2.3/series/1.2.3/instances/1.2.3/frames/1"),
        (Method::GET, "/dicom-web/studies/1.2.3/series/1.2.3/thumbnail"),
        (Method::POST, "/dicom-web/studies"),
        (Method::GET, "/api/session"),
        (Method::GET, "/api/events"),
        (Method::GET, "/api/inbox"),
        (Method::GET, "/api/peers"),
        (Method::GET, "/api/conflicts"),
        (Method::POST, "/api/inbox/accept"),
    ] {
        let response = server.anonymous(method.clone(), path).send().await.expect("the server answers");
        assert_eq!(response.status().as_u16(), 401, "{method} {path}");
        let forged = server.anonymous(method.clone(), path).bearer_auth("forged").send().await.expect("the server answers");
        assert_eq!(forged.status().as_u16(), 401, "{method} {path} with a forged token");
    }
    let health = server.anonymous(Method::GET, "/healthz").send().await.expect("the server answers");
    assert_eq!(health.status().as_u16(), 200);
}

async fn a_reader_reads_and_does_not_store(site: Site) {
    let mut server = site.serve().await;
    let instance = filmless_testkit::instance::Instance::ct();
    server.store_all(std::slice::from_ref(&instance)).await;
    let add = ["account", "add", "reader", "--role", "radiologist", "--password-stdin"];
    site.run_with_input(&add, PASSWORD).await.success();
    site.run(&["token", "add", "--account", "reader"]).await.success().trim().clone_into(&mut server.token);
    assert_eq!(server.search(&format!("studies?StudyInstanceUID={}", instance.study)).await.len(), 1);
    let (status, _) = server.store(&[instance.next().part10()]).await;
    assert_eq!(status, 403);
    let inbox = server.get("/api/inbox", "application/json").await;
    assert_eq!(inbox.status().as_u16(), 403);
}

async fn doctor_is_content_with_a_sound_installation_and_names_what_is_not(mut site: Site) {
    site.run(&["migrate"]).await.success();
    site.run(&["doctor"]).await.success();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("a bound listener has an address").to_string();
    site.set("dicom.listen", &port);
    let said = site.run(&["doctor"]).await.failure();
    assert!(said.contains("dicom.listen"), "{said}");
    drop(taken);
    site.set("storage.url", "file:///proc/filmless");
    let said = site.run(&["doctor"]).await.failure();
    assert!(said.contains("storage"), "{said}");
}

async fn migrating_twice_applies_nothing_twice(site: Site) {
    let first = site.run(&["migrate"]).await.success();
    let second = site.run(&["migrate"]).await.success();
    assert_ne!(first, second, "the second time nothing is left to apply");
    let server = site.serve().await;
    assert!(server.search("studies").await.is_empty());
}

async fn attributes_are_indexed_beside_a_running_server(mut site: Site) {
    site.set("index.additional_attributes", "SliceThickness");
    let server = site.serve().await;
    let weighed = |weight: &str| Instance { extra: vec![(0x0010, 0x1030, "DS", weight.into())], ..Instance::ct() };
    let light = weighed("20");
    server.store_all(&[light.clone(), weighed("90")]).await;
    let status = async || server.get("/dicom-web/studies?PatientWeight=10-30", "*/*").await.status().as_u16();
    assert_eq!(status().await, 400);
    site.run(&["index-attribute", "add", "PatientWeight"]).await.success();
    let patience = Duration::from_secs(20);
    wait::until("the indexed attribute", patience, async || (status().await == 200).then_some(())).await;
    let found = server.search("studies?PatientWeight=10-30").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["0020000D"]["Value"][0], light.study.as_str());
    let listed = site.run(&["index-attribute", "list"]).await.success();
    assert!(listed.contains("PatientWeight") && listed.contains("SliceThickness"), "{listed}");

    let said = site.run(&["index-attribute", "remove", "SliceThickness"]).await.failure();
    assert!(said.contains("index.additional_attributes"), "{said}");
    site.run(&["index-attribute", "remove", "PatientWeight"]).await.success();
    wait::until("the end of the attribute", patience, async || (status().await == 400).then_some(())).await;
    site.run(&["index-attribute", "remove", "PatientWeight"]).await.failure();
}

async fn a_peer_is_called_to_see_whether_it_is_there(site: Site) {
    let server = site.serve().await;
    let (there, gone) = (free_port(), free_port());
    for (ae_title, port) in [("STORESCP", there), ("GONE", gone)] {
        let port = port.to_string();
        site.run(&["peer", "add", ae_title, "--allow", "store", "--address", "127.0.0.1", "--port", &port]).await.success();
    }
    let _scp = peers::storescp(&site.scratch(), there, &[]).await;
    let asked = async |ae_title: &str| -> (u16, Value) {
        let response = server.request(Method::POST, &format!("/api/peers/{ae_title}/echo")).send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("it is JSON"))
    };
    let (status, answer) = asked("STORESCP").await;
    assert_eq!((status, &answer["answers"], &answer["failure"]), (200, &json!(true), &Value::Null), "{answer}");
    let (status, answer) = asked("GONE").await;
    assert_eq!((status, &answer["answers"], &answer["failure"]), (200, &json!(false), &json!("unreachable")), "{answer}");
    // TESTER is known, but not where it is.
    assert_eq!((asked(CALLING).await.0, asked("NOBODY").await.0), (409, 404));

    site.run(&["peer", "echo", "STORESCP"]).await.success();
    let failed = site.run(&["peer", "echo", "GONE"]).await.failure();
    assert!(failed.contains("cannot connect"), "{failed}");
}

async fn what_is_set_for_a_peer_is_shown(site: Site) {
    let settings = [
        ("--move-to", "WS1,WS 2"),
        ("--accept-transfer-syntaxes", "1.2.840.10008.1.2.4.80,1.2.840.10008.1.2.1"),
        ("--max-associations", "2"),
        ("--department", "Khoa CĐHA"),
        ("--machine-code", "CL.1.01234.5"),
    ];
    let flags = settings.iter().flat_map(|(flag, value)| [*flag, *value]);
    let add: Vec<_> = ["peer", "add", "RIS", "--allow", "retrieve"].into_iter().chain(flags).collect();
    site.run(&add).await.success();
    let shown = site.run(&["peer", "show", "RIS"]).await.success();
    for (flag, value) in settings {
        let name = flag.trim_start_matches('-');
        assert!(shown.lines().any(|line| line.starts_with(name) && line.ends_with(value)), "{flag}: {shown}");
    }
    let listed = site.run(&["peer", "list"]).await.success();
    assert!(listed.contains("Khoa CĐHA") && listed.contains("CL.1.01234.5"), "{listed}");
    site.run(&["peer", "show", "NOBODY"]).await.failure();
}

#[tokio::test]
async fn listening_beyond_loopback_needs_an_account() {
    for key in ["http.listen", "dicom.listen"] {
        let mut site = Site::embedded();
        site.set(key, &format!("0.0.0.0:{}", filmless_testkit::site::free_port()));
        let said = site.run(&["serve"]).await.failure();
        assert!(said.contains("account"), "{key}: {said}");
    }
}

#[tokio::test]
async fn a_misspelt_setting_is_named_with_its_file() {
    let site = Site::embedded();
    let file = site.scratch().join("filmless.toml");
    std::fs::write(&file, "[http]\nlisten = \"127.0.0.1:1\"\nlisen = 3\n").expect("a settings file");
    let said = site.run(&["doctor", "--config", file.to_str().expect("a printable path")]).await.failure();
    assert!(said.contains("lisen"), "{said}");
    let missing = site.run(&["doctor", "--config", "/nowhere/filmless.toml"]).await.failure();
    assert!(missing.contains("/nowhere/filmless.toml"), "{missing}");
}

#[tokio::test]
async fn weak_and_missing_passwords_are_refused() {
    let site = Site::embedded();
    let add = ["account", "add", "lan", "--role", "radiologist", "--password-stdin"];
    site.run_with_input(&add, "").await.failure();
    site.run_with_input(&add, "short\n").await.failure();
    let king = ["account", "add", "lan", "--role", "king", "--password-stdin"];
    site.run_with_input(&king, PASSWORD).await.failure();
}
