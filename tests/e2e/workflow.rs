//! What machines and we tell each other beside the images: what was done, and what is kept safely.

use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::site::{CALLED, CALLING, Site};
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(steps_that_another_maker_reports_show_what_has_not_come,);

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
