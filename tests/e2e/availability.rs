//! Instance availability: whoever wants to know when a study is here is told, and when it is not any more, whatever happens in
//! between.

use std::path::Path;
use std::time::Duration;

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, CALLING, Site, free_port};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};

use crate::nodes::stored;
use crate::peers;

on_both_back_ends!(a_peer_is_told_of_a_study_though_the_server_is_killed_while_it_tells);

/// The longest that it may take until a peer is told, also after a crash.
const LIMIT: Duration = Duration::from_mins(2);

/// The last of what a peer was told, when it was told so often.
async fn told(file: &Path, times: usize) -> Value {
    wait::until("a notification", LIMIT, async || {
        let lines = std::fs::read_to_string(file).ok()?;
        let lines: Vec<_> = lines.lines().collect();
        (lines.len() >= times).then(|| serde_json::from_str(lines[times - 1]).expect("a line of JSON"))
    })
    .await
}

/// Waits until the list says that there is one notification, and that it is told.
async fn is_known(server: &Server, peer: &str, study: &str) {
    wait::until("a notification that is told", LIMIT, async || {
        let listed: Value = server.get("/api/availability-notifications", "application/json").await.json().await.ok()?;
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "one peer is told: {listed}");
        assert_eq!((&listed[0]["peer"], &listed[0]["study"]), (&json!(peer), &json!(study)));
        (listed[0]["state"] == "told").then_some(())
    })
    .await;
}

async fn delete(server: &Server, path: &str) {
    let response = server.request(Method::DELETE, &format!("/dicom-web/{path}")).send().await.expect("the server answers");
    assert_eq!(response.status().as_u16(), 204, "{path}");
}

async fn series_of(server: &Server, study: &str) -> String {
    text_value(&server.search(&format!("studies/{study}/series")).await[0], "0020000E").expect("a series has its UID")
}

async fn a_peer_is_told_of_a_study_though_the_server_is_killed_while_it_tells(mut site: Site) {
    site.set("dicom.availability_quiet_seconds", "1");
    site.set("http.public_url", "https://pacs.example.org");
    let server = site.serve().await;
    let (port, file) = (free_port(), site.scratch().join("told"));
    let place = ["--address", "127.0.0.1", "--port", &port.to_string(), "--instance-availability"];
    // One that may not retrieve is not told what it cannot have.
    for (ae_title, rights) in [("READER", "retrieve"), ("STORER", "store")] {
        site.run(&[&["peer", "add", ae_title, "--allow", rights], &place[..]].concat()).await.success();
    }
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let read = |files: &[_]| files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect::<Vec<_>>();
    let (first, last) = files.split_at(files.len() - 1);
    let called = server.dicom.port().to_string();
    let step = peers::interop("steps_pynetdicom.py", &["127.0.0.1", &called, CALLING, CALLED], &files).await;
    let _scp = peers::interop_scp("availability_scp_pynetdicom.py", port, &[&file.display().to_string()]).await;
    assert_eq!(server.store(&read(first)).await.0, 200);
    let study = text_value(&server.search("studies").await[0], "0020000D").expect("a study has its UID");
    told(&file, 1).await;
    let token = server.token.clone();
    server.kill().await;

    let server = site.start(token).await;
    let again = told(&file, 2).await;
    is_known(&server, "READER", &study).await;
    let url = again["url"].as_str().expect("an address");
    let expected = json!({
        "calling": CALLED, "study": study, "steps": [step["uid"]], "series": 1, "instances": stored(&server, &study).await,
        "gone": [], "retrieve": [CALLED], "url": url,
    });
    assert_eq!(again, expected);
    assert!(url.starts_with(&format!("https://pacs.example.org/dicom-web/studies/{study}/series/")), "{url}");

    // More of it comes, and it is told of all that is here.
    assert_eq!(server.store(&read(last)).await.0, 200);
    let all: Vec<_> = stored(&server, &study).await.into_iter().collect();
    assert_eq!(told(&file, 3).await["instances"], json!(all));
    is_known(&server, "READER", &study).await;

    // An instance goes, and then all of it, just before the server is killed.
    let (gone, rest) = all.split_first().expect("it has instances");
    delete(&server, &format!("studies/{study}/series/{}/instances/{gone}", series_of(&server, &study).await)).await;
    let partly = told(&file, 4).await;
    assert_eq!((&partly["instances"], &partly["gone"], &partly["series"]), (&json!(rest), &json!([gone]), &json!(1)));
    is_known(&server, "READER", &study).await;
    delete(&server, &format!("studies/{study}")).await;
    let token = server.token.clone();
    server.kill().await;
    let server = site.start(token).await;
    let wholly = told(&file, 5).await;
    assert_eq!((&wholly["instances"], &wholly["gone"], &wholly["url"]), (&json!([]), &json!(rest), &Value::Null));
    is_known(&server, "READER", &study).await;
}
