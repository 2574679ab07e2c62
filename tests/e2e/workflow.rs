//! What machines and we tell each other beside the images: what was done, and what is kept safely.

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::text_value;
use filmless_testkit::site::{CALLED, CALLING, Site, free_port};
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(
    steps_that_another_maker_reports_show_what_has_not_come,
    commitments_are_answered_from_the_bytes_on_the_same_association_or_a_new_one,
    a_commitment_is_reported_after_the_server_was_killed,
    a_node_vouches_on_the_association_that_it_was_asked_on,
);

async fn steps_that_another_maker_reports_show_what_has_not_come(site: Site) {
    let server = site.serve().await;
    let port = server.dicom.port().to_string();
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let (came, rest) = files.split_at(files.len() - 2);
    let read = |files: &[_]| files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect::<Vec<_>>();
    assert_eq!(server.store(&read(came)).await.0, 200);
    let told = peers::interop("steps_pynetdicom.py", &["127.0.0.1", &port, CALLING, CALLED], &files).await;
    let uid = told["uid"].as_str().expect("a UID").to_owned();
    let expected = json!({
        "create": 0, "uid": uid, "set": 0, "again": 0x0110, "error_id": 0xA501, "get": 0, "state": "COMPLETED",
        "name": "Nguyễn^Văn An", "images": files.len(),
    });
    assert_eq!(told, expected);
    let steps = async || -> Value {
        let response = server.get("/api/performed-procedure-steps?day=20261122", "application/json").await;
        response.json().await.expect("steps are JSON")
    };
    let step = &steps().await[0];
    assert_eq!((&step["step"], &step["state"], &step["instances"]), (&json!(uid), &json!("COMPLETED"), &json!(files.len())));
    assert_eq!((&step["missing"], &step["scheduled"][0]["accession_number"]), (&json!(2), &json!("A1")));
    assert_eq!(server.store(&read(rest)).await.0, 200);
    assert_eq!(steps().await[0]["missing"], json!(0));
}

/// The failures of the only event that came.
fn only_event(told: &Value) -> &Value {
    let events = told["events"].as_array().expect("events");
    assert_eq!(events.len(), 1, "{told}");
    &events[0]
}

async fn commitments_are_answered_from_the_bytes_on_the_same_association_or_a_new_one(site: Site) {
    let server = site.serve().await;
    let (port, listen) = (server.dicom.port().to_string(), free_port().to_string());
    site.run(&["peer", "add", CALLING, "--address", "127.0.0.1", "--port", &listen, "--allow", "store,query"]).await.success();
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let stored = files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect::<Vec<_>>();
    assert_eq!(server.store(&stored).await.0, 200);
    let ask = async |mode: &str| {
        peers::interop("commit_pynetdicom.py", &[mode, "127.0.0.1", &port, CALLING, CALLED, &listen], &files).await
    };
    for mode in ["same", "new"] {
        let told = ask(mode).await;
        let event = only_event(&told);
        assert_eq!((&told["asked"], &event["type"], &event["committed"]), (&json!(0), &json!(2), &json!(files.len())), "{mode}");
        assert_eq!(event["failed"], json!({"1.2.3.404": 0x0112}), "{mode}");
    }
    // Bytes that have changed are not vouched for.
    let blob = site.blobs().into_iter().next();
    if let Some(blob) = blob {
        let mut bytes = std::fs::read(&blob).expect("a readable blob");
        *bytes.last_mut().expect("bytes") ^= 1;
        std::fs::write(&blob, bytes).expect("a writable blob");
        let told = ask("same").await;
        let failed = only_event(&told)["failed"].as_object().expect("failures").clone();
        assert_eq!((failed.len(), only_event(&told)["committed"].clone()), (2, json!(files.len() - 1)));
        assert!(failed.values().any(|reason| *reason == json!(0x0110)), "{failed:?}");
    }
    let commitments: Value = server.get("/api/storage-commitments", "application/json").await.json().await.expect("JSON");
    assert!(commitments.as_array().expect("a list").iter().all(|row| row["state"] == "reported"), "{commitments}");
}

async fn a_commitment_is_reported_after_the_server_was_killed(site: Site) {
    let server = site.serve().await;
    let listen = free_port().to_string();
    site.run(&["peer", "add", CALLING, "--address", "127.0.0.1", "--port", &listen, "--allow", "store"]).await.success();
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let stored = files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect::<Vec<_>>();
    assert_eq!(server.store(&stored).await.0, 200);
    let port = server.dicom.port().to_string();
    let told = peers::interop("commit_pynetdicom.py", &["ask", "127.0.0.1", &port, CALLING, CALLED, &listen], &files).await;
    assert_eq!(told["asked"], json!(0));
    let token = server.token.clone();
    server.kill().await;
    let server = site.start(token).await;
    let port = server.dicom.port().to_string();
    let told = peers::interop("commit_pynetdicom.py", &["listen", "127.0.0.1", &port, CALLING, CALLED, &listen], &files).await;
    let event = only_event(&told);
    assert_eq!((&event["type"], &event["committed"]), (&json!(2), &json!(files.len())), "{told}");
}

async fn a_node_vouches_on_the_association_that_it_was_asked_on(site: Site) {
    let server = site.serve().await;
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let stored = files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect::<Vec<_>>();
    assert_eq!(server.store(&stored).await.0, 200);
    let study = text_value(&server.search("studies").await[0], "0020000D").expect("a study has its UID");
    for order in ["after", "before"] {
        let port = free_port();
        let _scp = peers::interop_scp("commit_scp_pynetdicom.py", port, &[order]).await;
        // It may not call us at all.
        let add = ["peer", "add", "VOUCHER", "--allow", "", "--address", "127.0.0.1", "--port", &port.to_string()];
        site.run(&add).await.success();
        let said = site.run(&["peer", "send", "VOUCHER", "--study", &study, "--commit"]).await.failure();
        assert!(said.contains(&format!("{} sent, 0 failed", files.len())), "{order}: {said}");
        assert!(said.contains("0112") && said.contains("VOUCHER does not vouch for all of them"), "{order}: {said}");
    }
}
