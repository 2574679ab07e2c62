//! Nodes of other makers that we send to, search and fetch from: dcmtk's dcmqrscp, pynetdicom, and Debian's Orthanc, which
//! stores, finds and moves with us as well.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, Site, free_port};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(
    a_study_goes_to_dcmqrscp_is_found_there_and_comes_back,
    what_does_not_go_over_is_told_with_its_reason,
    a_node_without_c_get_moves_to_our_door,
    what_a_node_skips_without_a_word_is_told,
    orthanc_is_a_peer_in_both_directions,
);

/// The longest that an operation may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Stores an MR volume, and makes a node known.
async fn with_a_study(site: &Site, server: &Server, ae_title: &str, port: u16) -> (String, Vec<PathBuf>) {
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let bytes: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect();
    assert_eq!(server.store(&bytes).await.0, 200);
    know(site, ae_title, port, &[]).await;
    (text_value(&server.search("studies").await[0], "0020000D").expect("a study has its UID"), files)
}

async fn know(site: &Site, ae_title: &str, port: u16, more: &[&str]) {
    let port = port.to_string();
    let add = ["peer", "add", ae_title, "--allow", "store,query,retrieve", "--address", "127.0.0.1", "--port", &port];
    site.run(&[&add[..], more].concat()).await.success();
}

async fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let asked = server.request(Method::POST, path).json(body).send().await.expect("an answer");
    (asked.status().as_u16(), asked.json().await.expect("JSON"))
}

async fn get(server: &Server, path: &str) -> Value {
    server.get(path, "application/json").await.json().await.expect("JSON")
}

/// Begins an operation with a node, and waits for its end.
async fn operation(server: &Server, ae_title: &str, act: &str, body: &Value) -> Value {
    let (status, begun) = post(server, &format!("/api/peers/{ae_title}/{act}"), body).await;
    assert_eq!(status, 202, "{begun}");
    let path = format!("/api/peers/{ae_title}/operations/{}", begun["operation"]);
    wait::until("the end of an operation", LIMIT, async || {
        let shown = get(server, &path).await;
        (shown["state"] != "running").then_some(shown)
    })
    .await
}

pub(crate) async fn delete(server: &Server, study: &str) {
    let path = format!("/dicom-web/studies/{study}");
    let deleted = server.request(Method::DELETE, &path).send().await.expect("an answer");
    assert!(deleted.status().is_success(), "{}", deleted.status());
}

/// SOP Instance UIDs of what is stored of a study.
pub(crate) async fn stored(server: &Server, study: &str) -> BTreeSet<String> {
    let found = server.search(&format!("studies/{study}/instances")).await;
    found.iter().filter_map(|instance| text_value(instance, "00080018")).collect()
}

/// dcmtk's archive; it has a folder and knows us, at this port.
pub(crate) async fn dcmqrscp(site: &Site, port: u16, ours: u16) -> tokio::process::Child {
    let folder = site.scratch().join("dcmqrscp");
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let settings = format!(
        "NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n\
         HostTable BEGIN\nfilmless = ({CALLED}, 127.0.0.1, {ours})\nHostTable END\nVendorTable BEGIN\nVendorTable END\n\
         AETable BEGIN\nDCMQRSCP {} RW (200, 1024mb) ANY\nAETable END\n",
        folder.display()
    );
    let file = site.scratch().join("dcmqrscp.cfg");
    std::fs::write(&file, settings).expect("a temporary folder");
    peers::listening("dcmqrscp", ["-c", &file.display().to_string()], port).await
}

async fn a_study_goes_to_dcmqrscp_is_found_there_and_comes_back(site: Site) {
    let server = site.serve().await;
    let port = free_port();
    let _scp = dcmqrscp(&site, port, site.dicom.port()).await;
    sends_finds_and_fetches(&site, &server, port, &[]).await;
    site.check_is_clean().await;
}

/// Stores a study, which goes to dcmqrscp at this port, is found there and comes back; its UID.
pub(crate) async fn sends_finds_and_fetches(site: &Site, server: &Server, port: u16, more: &[&str]) -> String {
    let (study, files) = with_a_study(site, server, "DCMQRSCP", port).await;
    know(site, "DCMQRSCP", port, more).await;
    let sent = stored(server, &study).await;
    let first = sent.first().expect("an instance").clone();

    let shown = operation(server, "DCMQRSCP", "send", &json!({"study": study})).await;
    assert_eq!(shown["state"], "done", "{shown}");
    assert_eq!((&shown["total"], &shown["completed"], &shown["failed"]), (&json!(files.len()), &json!(files.len()), &json!(0)));
    // It serves no storage commitment, and that is said.
    let shown = operation(server, "DCMQRSCP", "send", &json!({"study": study, "commit": true})).await;
    assert_eq!((&shown["state"], &shown["failed"], &shown["commitment"]), (&json!("failed"), &json!(0), &Value::Null), "{shown}");
    assert!(shown["trouble"].as_str().is_some_and(|trouble| trouble.contains("not asked to vouch")), "{shown}");
    let listed = get(server, "/api/asked-commitments").await;
    assert_eq!((&listed[0]["state"], &listed[0]["answered_ms"]), (&json!("not asked"), &Value::Null), "{listed}");
    let (status, refused) = post(server, "/api/peers/DCMQRSCP/fetch", &json!({"study": study, "commit": true})).await;
    assert_eq!(status, 400, "{refused}");
    let found = get(server, &format!("/api/peers/DCMQRSCP/studies?StudyInstanceUID={study}&includefield=StudyID")).await;
    assert_eq!((&found["failure"], &found["complete"]), (&Value::Null, &json!(true)), "{found}");
    assert_eq!(text_value(&found["answers"][0], "0020000D"), Some(study.clone()));
    let series = get(server, &format!("/api/peers/DCMQRSCP/studies/{study}/series")).await;
    let series = text_value(&series["answers"][0], "0020000E").expect("a series");
    let path = format!("/api/peers/DCMQRSCP/studies/{study}/series/{series}/instances");
    assert_eq!(get(server, &path).await["answers"].as_array().map(Vec::len), Some(files.len()));
    let limited = get(server, &format!("{path}?limit=2")).await;
    assert_eq!((limited["answers"].as_array().map(Vec::len), &limited["complete"]), (Some(2), &json!(false)), "{limited}");
    let lines = site.run(&["peer", "find", "DCMQRSCP", "PatientID", &format!("StudyInstanceUID={study}")]).await.success();
    assert_eq!(lines.lines().count(), 1, "{lines}");

    // One series of it by the command, the study by the server.
    delete(server, &study).await;
    let said = site.run(&["peer", "fetch", "DCMQRSCP", "--study", &study, "--series", &series]).await.success();
    assert!(said.contains(&format!("{} fetched, 0 failed", files.len())), "{said}");
    delete(server, &study).await;
    let shown = operation(server, "DCMQRSCP", "fetch", &json!({"study": study})).await;
    assert_eq!((&shown["state"], &shown["completed"]), (&json!("done"), &json!(files.len())), "{shown}");
    assert_eq!(stored(server, &study).await, sent);
    // The one that is there already changes nothing.
    let one = json!({"study": study, "series": series, "instances": [first]});
    let shown = operation(server, "DCMQRSCP", "fetch", &one).await;
    assert_eq!((&shown["state"], &shown["completed"]), (&json!("done"), &json!(1)), "{shown}");
    study
}

async fn what_does_not_go_over_is_told_with_its_reason(site: Site) {
    let server = site.serve().await;
    let gone = free_port();
    let (study, files) = with_a_study(&site, &server, "GONE", gone).await;
    let shown = operation(&server, "GONE", "send", &json!({"study": study})).await;
    assert_eq!((&shown["state"], &shown["failed"]), (&json!("failed"), &json!(files.len())), "{shown}");
    assert!(shown["failures"][0]["reason"].as_str().is_some_and(|reason| reason.contains("cannot connect")), "{shown}");
    let said = site.run(&["peer", "send", "GONE", "--study", &study]).await;
    assert_eq!(said.code, Some(1));
    let found = get(&server, "/api/peers/GONE/studies?PatientID=1").await;
    assert_eq!((&found["failure"], &found["answers"]), (&json!("unreachable"), &json!([])), "{found}");
    let wrong = server.get("/api/peers/GONE/studies?Patient=1", "application/json").await;
    assert_eq!(wrong.status(), 400);
    let nothing = operation(&server, "GONE", "send", &json!({"study": "1.2.3"})).await;
    assert_eq!(nothing["state"], "failed", "{nothing}");
    let list = get(&server, "/api/peers/GONE/operations").await;
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
}

/// pynetdicom's archive without C-GET, known as MOVER, which has these files.
async fn mover(site: &Site, server: &Server, files: &[String]) -> tokio::process::Child {
    let port = free_port();
    let ours = server.dicom.port().to_string();
    let arguments: Vec<_> = [CALLED, ours.as_str()].into_iter().chain(files.iter().map(String::as_str)).collect();
    let scp = peers::interop_scp("qr_scp_pynetdicom.py", port, &arguments).await;
    know(site, "MOVER", port, &[]).await;
    scp
}

async fn a_node_without_c_get_moves_to_our_door(site: Site) {
    let server = site.serve().await;
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let file = Part10::read(&files[0]).expect("a DICOM file");
    let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    let _scp = mover(&site, &server, &names).await;
    let found = get(&server, "/api/peers/MOVER/studies?PatientName=M*").await;
    let name = text_value(&found["answers"][0], "00100010");
    assert_eq!(name.as_deref(), Some("Müller^Jörg"), "Latin-1 becomes UTF-8: {found}");
    let study = text_value(&found["answers"][0], "0020000D").expect("a study has its UID");
    let shown = operation(&server, "MOVER", "fetch", &json!({"study": study})).await;
    assert_eq!((&shown["state"], &shown["completed"]), (&json!("done"), &json!(files.len())), "{shown}");
    assert!(stored(&server, &study).await.contains(&file.sop_instance));
}

async fn what_a_node_skips_without_a_word_is_told(site: Site) {
    let server = site.serve().await;
    let files = files_below(&testdata("dicom/volume-mr-t1-sagittal"));
    let skipped = Part10::read(&files[1]).expect("a DICOM file").sop_instance;
    let name = |(place, file): (usize, &PathBuf)| format!("{}{}", if place == 1 { "-" } else { "" }, file.display());
    let names: Vec<_> = files.iter().enumerate().map(name).collect();
    let _scp = mover(&site, &server, &names).await;
    let found = get(&server, "/api/peers/MOVER/studies").await;
    let study = text_value(&found["answers"][0], "0020000D").expect("a study has its UID");
    let shown = operation(&server, "MOVER", "fetch", &json!({"study": study})).await;
    let numbers = ["total", "completed", "failed"].map(|name| shown[name].as_u64());
    let all = files.len() as u64;
    assert_eq!((&shown["state"], numbers), (&json!("failed"), [Some(all), Some(all - 1), Some(1)]), "{shown}");
    let reason = "the node did not send it and did not say so";
    assert_eq!(shown["failures"], json!([{"instance": skipped, "reason": reason}]));
    let said = site.run(&["peer", "fetch", "MOVER", "--study", &study]).await;
    assert_eq!(said.code, Some(1));
    assert!(said.stdout.contains(&skipped) && said.stdout.contains(reason), "{}", said.stdout);
}

/// Has a study go to a node, which alone has it then.
pub(crate) async fn has_a_study_of_ours(site: &Site, server: &Server, ae_title: &str, port: u16) {
    let (study, _) = with_a_study(site, server, ae_title, port).await;
    let shown = operation(server, ae_title, "send", &json!({"study": study})).await;
    assert_eq!(shown["state"], "done", "{shown}");
    delete(server, &study).await;
}

/// Debian's Orthanc; the port where it takes orders from the tests.
pub(crate) async fn orthanc(site: &Site, dicom: u16) -> (tokio::process::Child, u16) {
    let (folder, http) = (site.scratch().join("orthanc"), free_port());
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let settings = json!({
        "Name": "peer", "StorageDirectory": folder, "IndexDirectory": folder, "Plugins": [],
        "HttpPort": http, "RemoteAccessAllowed": false, "AuthenticationEnabled": false,
        "DicomAet": "ORTHANC", "DicomPort": dicom, "DicomCheckCalledAet": false,
        "DicomModalities": {"filmless": [CALLED, "127.0.0.1", site.dicom.port()]},
        "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true, "DicomAlwaysAllowMove": true,
    });
    let file = site.scratch().join("orthanc.json");
    std::fs::write(&file, settings.to_string()).expect("a temporary folder");
    let child = peers::listening("/usr/sbin/Orthanc", [file.display().to_string().as_str()], dicom).await;
    (child, http)
}

/// Asks Orthanc by its REST API.
async fn order(http: u16, path: &str, body: Value) -> Value {
    let client = reqwest::Client::new();
    let asked = client.post(format!("http://127.0.0.1:{http}{path}")).json(&body).send().await.expect("Orthanc answers");
    let status = asked.status();
    let text = asked.text().await.expect("an answer");
    assert!(status.is_success(), "{path}: {status}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

async fn orthanc_is_a_peer_in_both_directions(site: Site) {
    let server = site.serve().await;
    let port = free_port();
    let (_orthanc, http) = orthanc(&site, port).await;
    let (study, files) = with_a_study(&site, &server, "ORTHANC", port).await;
    let sent = stored(&server, &study).await;

    // We: send, find, fetch.
    site.run(&["peer", "echo", "ORTHANC"]).await.success();
    let sending = operation(&server, "ORTHANC", "send", &json!({"study": study, "commit": true})).await;
    assert_eq!((&sending["state"], &sending["completed"]), (&json!("done"), &json!(files.len())), "{sending}");
    let path = format!("/api/peers/ORTHANC/operations/{}", sending["operation"]);
    let given = wait::until("what Orthanc vouches for", LIMIT, async || {
        let commitment = get(&server, &path).await["commitment"].clone();
        (commitment["state"] != "asked").then_some(commitment)
    })
    .await;
    assert_eq!((&given["state"], &given["failures"]), (&json!("given"), &json!([])), "{given}");
    let listed = get(&server, "/api/asked-commitments").await;
    assert_eq!((&listed[0]["peer"], &listed[0]["state"]), (&json!("ORTHANC"), &json!("given")), "{listed}");
    assert_eq!((&listed[0]["instances"], &listed[0]["refused"]), (&json!(files.len()), &json!(0)), "{listed}");
    let said = site.run(&["peer", "send", "ORTHANC", "--study", &study, "--commit"]).await.success();
    assert!(said.contains(&format!("{} sent, 0 failed", files.len())), "{said}");
    // It called our door to say so.
    assert!(said.contains("ORTHANC vouches for all of them"), "{said}");
    let found = get(&server, &format!("/api/peers/ORTHANC/studies?StudyInstanceUID={study}")).await;
    assert_eq!(text_value(&found["answers"][0], "0020000D"), Some(study.clone()), "{found}");
    let patient = text_value(&server.search("studies").await[0], "00100020").expect("the patient has an ID");
    let patients = get(&server, &format!("/api/peers/ORTHANC/patients?PatientID={patient}")).await;
    assert_eq!(text_value(&patients["answers"][0], "00100020"), Some(patient), "{patients}");
    delete(&server, &study).await;
    let shown = operation(&server, "ORTHANC", "fetch", &json!({"study": study})).await;
    assert_eq!((&shown["state"], &shown["completed"]), (&json!("done"), &json!(files.len())), "{shown}");
    assert_eq!(stored(&server, &study).await, sent);

    // Orthanc: store, find, move.
    delete(&server, &study).await;
    let known = order(http, "/tools/find", json!({"Level": "Study", "Query": {"StudyInstanceUID": study}})).await;
    let id = known[0].as_str().expect("Orthanc has the study").to_owned();
    order(http, "/modalities/filmless/store", json!({"Resources": [id], "Synchronous": true})).await;
    assert_eq!(stored(&server, &study).await, sent);
    let client = reqwest::Client::new();
    let deleted = client.delete(format!("http://127.0.0.1:{http}/studies/{id}")).send().await.expect("Orthanc answers");
    assert!(deleted.status().is_success());
    let query = json!({"Level": "Study", "Query": {"StudyInstanceUID": study}});
    let query = order(http, "/modalities/filmless/query", query).await;
    let path = query["Path"].as_str().expect("a query");
    order(http, &format!("{path}/answers/0/retrieve"), json!({"TargetAet": "ORTHANC", "Synchronous": true})).await;
    let again = order(http, "/tools/find", json!({"Level": "Instance", "Query": {"StudyInstanceUID": study}})).await;
    assert_eq!(again.as_array().map(Vec::len), Some(files.len()));
    site.check_is_clean().await;
}
