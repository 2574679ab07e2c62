//! The log of who did what: complete, and whoever bends it is found out.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use filmless_testkit::instance::Instance;
use filmless_testkit::server::Server;
use filmless_testkit::site::{ACCOUNT, CALLING, PASSWORD, Site};
use filmless_testkit::{repository, wait};
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(what_is_done_by_web_by_dicom_and_by_command_is_in_the_log);

async fn log(site: &Site, options: &[&str]) -> Vec<Value> {
    let arguments = [&["audit", "show", "--json", "--limit", "1000"], options].concat();
    let printed = site.run(&arguments).await.success();
    printed.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// What was done how by whom, each once.
fn told(entries: &[Value]) -> BTreeSet<String> {
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    entries.iter().map(|entry| ["act", "outcome", "actor"].map(|name| word(entry, name)).join(" ")).collect()
}

async fn sign_in(server: &Server, password: &str) -> reqwest::Response {
    let body = json!({"account": ACCOUNT, "password": password}).to_string();
    let request = server.anonymous(Method::POST, "/api/session").header("Content-Type", "application/json").body(body);
    request.send().await.expect("the server answers")
}

async fn what_is_done_by_web_by_dicom_and_by_command_is_in_the_log(site: Site) {
    let server = site.serve().await;
    let slices = Instance::ct().series_of(3);
    let study = slices[0].study.as_str();
    server.store_all(&slices).await;
    let other = Instance { patient_id: "PHANTOM-2".to_owned(), ..Instance::mr() };
    let mut association = server.associate(other.sop_class.as_str(), "1.2.840.10008.1.2.1").await.expect("accepted");
    let status = association.c_store(other.sop_class.as_str(), other.sop_instance.as_str(), &other.data_set()).await;
    assert_eq!(status.expect("answered"), 0);
    association.release().await.expect("released");

    assert_eq!(server.search("studies?PatientID=PHANTOM-1").await.len(), 1);
    assert_eq!(server.get(&format!("/dicom-web/studies/{study}/metadata"), "application/dicom+json").await.status(), 200);
    assert_eq!(server.retrieve(&format!("studies/{study}")).await.len(), 3);
    let port = server.dicom.port().to_string();
    let key = format!("StudyInstanceUID={study}");
    let find = ["-aet", CALLING, "-aec", "FILMLESS", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", &key, "127.0.0.1", &port];
    peers::run("findscu", find).await;
    let folder = site.scratch().display().to_string();
    let get = [&["-od", folder.as_str()], &find[..]].concat();
    peers::run("getscu", get).await;

    assert_eq!(sign_in(&server, "not the password").await.status(), 401);
    let signed_in = sign_in(&server, PASSWORD).await;
    let cookie =
        signed_in.headers()["set-cookie"].to_str().expect("printable").split(';').next().expect("has a value").to_owned();
    let leaving = server.anonymous(Method::DELETE, "/api/session").header("Cookie", cookie);
    let leaving = leaving.header("X-Filmless-Request", "1").header("Origin", server.url());
    assert_eq!(leaving.send().await.expect("the server answers").status(), 204);

    let reader = ["account", "add", "lan", "--role", "radiologist", "--password-stdin"];
    site.run_with_input(&reader, "one two three four\n").await.success();
    let token = site.run(&["token", "add", "--account", "lan"]).await.success();
    let path = format!("/dicom-web/studies/{study}");
    let refused = server.anonymous(Method::DELETE, &path).bearer_auth(token.trim()).send().await.expect("the server answers");
    assert_eq!(refused.status(), 403);
    let deleted = server.request(Method::DELETE, &path).send().await.expect("the server answers");
    assert_eq!(deleted.status(), 204);

    let expected = [
        format!("search done {ACCOUNT}"),
        format!("view done {ACCOUNT}"),
        format!("download done {ACCOUNT}"),
        format!("sign_in refused {ACCOUNT}"),
        format!("sign_in done {ACCOUNT}"),
        format!("sign_out done {ACCOUNT}"),
        format!("delete done {ACCOUNT}"),
        format!("search done dimse:{CALLING}"),
        format!("download done dimse:{CALLING}"),
        "delete refused lan".to_owned(),
        "administer done operator".to_owned(),
    ];
    wait::until("what was read is written", Duration::from_secs(20), async || {
        let told = told(&log(&site, &[]).await);
        expected.iter().all(|line| told.contains(line)).then_some(())
    })
    .await;
    // What is stored is summed up within a minute, or when the server stops.
    assert!(server.stop().await, "the server stops cleanly");
    let stored = log(&site, &["--act", "store"]).await;
    let rows: BTreeSet<_> = stored
        .iter()
        .map(|entry| (entry["actor"].to_string(), entry["count"].to_string(), entry["patient_id"].to_string()))
        .collect();
    let row = |actor: &str, count: &str, patient: &str| (format!("{actor:?}"), count.to_owned(), format!("{patient:?}"));
    assert_eq!(rows, [row(ACCOUNT, "3", "PHANTOM-1"), row(&format!("dimse:{CALLING}"), "1", "PHANTOM-2")].into());

    let of_patient = log(&site, &["--patient", "PHANTOM-1"]).await;
    assert!(of_patient.iter().all(|entry| entry["study"] == study && entry["patient_id"] == "PHANTOM-1"), "{of_patient:#?}");
    let seen = told(&of_patient);
    assert!(seen.contains(&format!("view done {ACCOUNT}")) && seen.contains("delete refused lan"), "{seen:?}");
    let of_lan = told(&log(&site, &["--actor", "lan"]).await);
    assert_eq!(of_lan, ["delete refused lan".to_owned()].into());
    assert_eq!(log(&site, &["--until", "2001-01-01"]).await, [Value::Null; 0]);
    let shown = site.run(&["audit", "show", "--actor", "lan"]).await.success();
    assert!(shown.contains("delete (refused)") && shown.contains("127.0.0.1"), "{shown}");
    let verified = site.run(&["audit", "verify"]).await.success();
    assert!(verified.starts_with("nothing wrong: "), "{verified}");
}

#[tokio::test]
async fn whoever_bends_the_log_is_found_out() {
    let site = Site::embedded();
    let server = site.serve().await;
    for password in ["a", "b", PASSWORD] {
        sign_in(&server, password).await;
    }
    // It is kept beside the images how far the log was.
    let audit = site.data().join("blobs/audit");
    wait::until("the end of the log is kept", Duration::from_secs(20), async || {
        std::fs::read_dir(&audit).is_ok_and(|mut entries| entries.next().is_some()).then_some(())
    })
    .await;
    assert!(server.stop().await, "the server stops cleanly");
    site.run(&["audit", "verify"]).await.success();

    let database = repository::files_below(&site.data()).into_iter().find(|file| file.extension().is_some_and(|e| e == "sqlite"));
    let database = database.expect("the embedded database is a file");
    let whole = std::fs::read(&database).expect("read");
    let other = "update audit_log set entry = replace(entry, 'operator', 'somebody'), actor = 'somebody' where sequence = 2";
    let rewritten = "update audit_log set at_ms = at_ms + 1 where sequence = 3";
    let swapped = "update audit_log set sequence = case sequence when 2 then 3 else 2 end + 1000 where sequence in (2, 3); \
                   update audit_log set sequence = sequence - 1000 where sequence > 1000";
    let inserted = "update audit_log set sequence = sequence + 1001 where sequence > 2; \
                    update audit_log set sequence = sequence - 1000 where sequence > 1000; \
                    insert into audit_log select 3, entry, digest, at_ms, act, actor, study_instance_uid, patient_id \
                    from audit_log where sequence = 1";
    for (statements, named) in [
        (other, vec!["changed: entry 2"]),
        (rewritten, vec!["changed: entry 3"]),
        ("delete from audit_log where sequence = 2", vec!["missing: entry 2"]),
        (swapped, vec!["changed: entry 2", "changed: entry 3"]),
        (inserted, vec!["changed: entry 3"]),
        ("delete from audit_log where sequence > 1", vec!["missing: entries 2 to "]),
        ("delete from audit_log", vec!["missing: entries 1 to "]),
    ] {
        bend(&database, statements).await;
        let finished = site.run(&["audit", "verify"]).await;
        assert_eq!(finished.code, Some(1), "{statements}");
        for line in named {
            assert!(finished.stdout.contains(line), "{statements}: {}", finished.stdout);
        }
        std::fs::write(&database, &whole).expect("written");
    }
    site.run(&["audit", "verify"]).await.success();
}

/// Does what only somebody can do who may alter tables.
async fn bend(database: &Path, statements: &str) {
    let script = "import sqlite3, sys\n\
                  db = sqlite3.connect(sys.argv[1])\n\
                  db.executescript('drop trigger audit_log_never_changes; drop trigger audit_log_loses_nothing; ' + sys.argv[2])\n\
                  db.commit(); db.execute('pragma wal_checkpoint(truncate)'); db.close()";
    peers::run("python3", ["-c", script, &database.display().to_string(), statements]).await;
}
