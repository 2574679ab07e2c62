//! Forwarding from one Filmless to another, by DIMSE and by STOW-RS: what a rule means arrives, once and whole, whatever
//! happens in between.

use std::collections::BTreeMap;
use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance, MR_IMAGE_STORAGE};
use filmless_testkit::part10::Part10;
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, Site};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};

use crate::back_end;

const PATIENCE: Duration = Duration::from_mins(2);
/// Instances of the test that kills.
const KILLED_INSTANCES: u64 = 1000;
/// How often it kills.
const KILLS: u64 = 30;

on_both_back_ends!(
    what_a_rule_means_arrives_by_dimse_and_by_stow_whole_and_once,
    a_destination_that_is_away_gets_all_once_it_is_back,
    killed_thirty_times_while_forwarding_a_thousand_instances_all_of_them_arrive,
);

/// A change that an administrator makes; the status.
async fn change(server: &Server, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = server.request(method, &format!("/api/forwarding/{path}")).json(body);
    let answer = request.header("X-Filmless-Request", "1").send().await.expect("the server answers");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn put(server: &Server, path: &str, body: &Value) {
    let (status, answer) = change(server, Method::PUT, path, body).await;
    assert_eq!(status, 204, "{path}: {answer}");
}

async fn list(server: &Server, path: &str) -> Vec<Value> {
    server.get(&format!("/api/forwarding/{path}"), "application/json").await.json().await.expect("a list")
}

/// Makes the two known to each other, the second as the peer CENTRE of the first.
async fn introduce(source: &Site, destination: &mut Site) {
    destination.set("dicom.ae_title", "CENTRE");
    destination.admit(CALLED, "store").await;
    let port = destination.dicom.port().to_string();
    let add = ["peer", "add", "CENTRE", "--address", "127.0.0.1", "--port", &port, "--allow", "query"];
    source.run(&add).await.success();
}

/// SOP Instance UIDs of a study, and how many rows there are of each.
async fn instances(server: &Server, study: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    loop {
        let offset: usize = found.values().sum();
        let page = server.search(&format!("studies/{study}/instances?limit=500&offset={offset}")).await;
        if page.is_empty() {
            return found;
        }
        for instance in &page {
            *found.entry(text_value(instance, "00080018").expect("a match names its instance")).or_default() += 1;
        }
    }
}

async fn arrived(server: &Server, study: &str, count: usize) {
    wait::until("instances at the destination", PATIENCE, async || (instances(server, study).await.len() == count).then_some(()))
        .await;
}

/// The data set of each instance of a study.
async fn data_sets(server: &Server, study: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for part in server.retrieve(&format!("studies/{study}")).await {
        let file = Part10::parse(&part.body).expect("a Part 10 file");
        let is_new = found.insert(file.sop_instance.clone(), file.data_set).is_none();
        assert!(is_new, "{} is there twice", file.sop_instance);
    }
    found
}

/// How many changes the feed has.
async fn changes(server: &Server) -> u64 {
    let (mut count, mut since) = (0, 0);
    loop {
        let answer = server.get(&format!("/dicom-web/changes?since={since}&limit=1000"), "application/json").await;
        let page: Value = answer.json().await.expect("the feed");
        count += page["changes"].as_array().expect("a list of changes").len() as u64;
        since = page["last"].as_i64().expect("a number");
        if page["more"] == false {
            return count;
        }
    }
}

async fn what_a_rule_means_arrives_by_dimse_and_by_stow_whole_and_once(site: Site) {
    let mut centre = back_end::embedded();
    introduce(&site, &mut centre).await;
    let (server, centre) = (site.serve().await, centre.serve().await);
    put(&server, "destinations/Trung%20t%C3%A2m", &json!({"target": {"peer": "CENTRE"}})).await;
    let web = json!({"web": {"url": format!("{}/studies", centre.dicomweb()), "authorization": "Bearer wrong"}});
    put(&server, "destinations/web", &json!({"target": web, "parallel": 1})).await;
    let ct = Instance::ct();
    let ct_series: Vec<_> = std::iter::successors(Some(ct.clone()), |slice| Some(slice.next())).take(5).collect();
    let mr = Instance { modality: "MR", sop_class: MR_IMAGE_STORAGE.parse().expect("a UID"), ..Instance::ct() };
    let other = Instance { modality: "OT", ..Instance::ct() };
    let old = Instance::ct();
    server.store_all(std::slice::from_ref(&old)).await;

    let of = |modality: &str, destination: &str| json!({"active": true, "destinations": [destination], "conditions": [{"attribute": "Modality", "values": [modality]}]});
    let (status, tried) = change(&server, Method::POST, "rules/ct/try", &of("CT", "web")).await;
    assert_eq!((status, &tried["instances"], &tried["studies"][0]["study"]), (200, &json!(1), &json!(old.study.as_str())));
    put(&server, "rules/ct", &of("CT", "Trung tâm")).await;
    put(&server, "rules/mr", &of("MR", "web")).await;
    let (status, answer) = change(&server, Method::PUT, "rules/bad", &of("CT", "nowhere")).await;
    assert_eq!(status, 400, "{answer}");

    server.store_all(&ct_series).await;
    server.store_all(&[mr.clone(), other.clone()]).await;
    // The same again is nothing new.
    server.store_all(&ct_series).await;
    arrived(&centre, ct.study.as_str(), 5).await;
    assert!(data_sets(&centre, ct.study.as_str()).await == data_sets(&server, ct.study.as_str()).await);
    assert_eq!(instances(&centre, old.study.as_str()).await.len(), 0, "a rule is of what is stored from now on");

    // The secret is wrong, and is never shown.
    let trouble = wait::until("trouble", PATIENCE, async || {
        let rows = list(&server, "destinations").await;
        assert!(!rows.iter().any(|row| row.to_string().contains("Bearer")));
        rows.iter().find_map(|row| Some(row["trouble"].as_str()?.to_owned()))
    })
    .await;
    assert_eq!(trouble, "the service answers 401 Unauthorized");
    let secret = json!(format!("Bearer {}", centre.token));
    let mut right = web.clone();
    right["web"]["authorization"] = secret;
    right["web"]["transfer_syntax"] = json!("1.2.840.10008.1.2.4.90");
    let coercion = json!([{"attribute": "PatientID", "action": "prefix", "value": "HN-"}]);
    put(&server, "destinations/web", &json!({"target": right, "parallel": 1, "coercion": coercion})).await;
    let no_rule = json!([{"attribute": "SOPInstanceUID", "action": "remove"}]);
    let (status, answer) = change(&server, Method::PUT, "destinations/bad", &json!({"target": web, "coercion": no_rule})).await;
    assert_eq!(status, 400, "{answer}");
    arrived(&centre, mr.study.as_str(), 1).await;
    let found = centre.search(&format!("studies/{}/instances?includefield=AvailableTransferSyntaxUID", mr.study)).await;
    assert_eq!(text_value(&found[0], "00083002").as_deref(), Some("1.2.840.10008.1.2.4.90"));
    // The copy is as the destination's rules have it; what is stored stays as it was.
    for (server, prefix) in [(&server, ""), (&centre, "HN-")] {
        let found = &server.search(&format!("studies?StudyInstanceUID={}", mr.study)).await[0];
        assert_eq!(text_value(found, "00100020"), Some(format!("{prefix}{}", mr.patient_id)));
    }
    assert_eq!(instances(&centre, other.study.as_str()).await.len(), 0);

    let listed = site.run(&["forwarding", "list"]).await.success();
    assert!(listed.contains("Trung tâm") && !listed.contains("Bearer"), "{listed}");
    let listed = site.run(&["forwarding", "rule", "list"]).await.success();
    assert!(listed.contains("Modality=CT"), "{listed}");
    let tried = site.run(&["forwarding", "rule", "try", "mr"]).await.success();
    assert!(tried.contains(mr.study.as_str()) && !tried.contains(ct.study.as_str()), "{tried}");
    site.run(&["forwarding", "rule", "try", "nothing"]).await.failure();

    // By hand, also what no rule means.
    site.run(&["forwarding", "send", "nowhere", other.study.as_str()]).await.failure();
    site.run(&["forwarding", "send", "web", other.study.as_str()]).await.success();
    arrived(&centre, other.study.as_str(), 1).await;
    wait::until("all is sent", PATIENCE, async || {
        let rows = list(&server, "destinations").await;
        rows.iter().all(|row| row["waiting"] == 0 && row["failed"] == 0 && row["trouble"].is_null()).then_some(())
    })
    .await;
    assert_eq!(list(&server, "destinations/web/instances?state=sent").await.len(), 2);
    assert_eq!(changes(&centre).await, 7, "each was stored once");
    let (status, answer) = change(&server, Method::DELETE, "destinations/web", &Value::Null).await;
    assert_eq!(status, 409, "{answer}");
    assert_eq!(change(&server, Method::DELETE, "rules/mr", &Value::Null).await.0, 204);
    assert_eq!(change(&server, Method::DELETE, "destinations/web", &Value::Null).await.0, 204);
}

async fn a_destination_that_is_away_gets_all_once_it_is_back(site: Site) {
    let mut centre = back_end::embedded();
    introduce(&site, &mut centre).await;
    let server = site.serve().await;
    put(&server, "destinations/centre", &json!({"target": {"peer": "CENTRE"}, "parallel": 4, "commit": true})).await;
    put(&server, "rules/all", &json!({"active": true, "destinations": ["centre"]})).await;
    let first = Instance::ct();
    let slices: Vec<_> = std::iter::successors(Some(first.clone()), |slice| Some(slice.next())).take(20).collect();
    server.store_all(&slices).await;
    wait::until("trouble", PATIENCE, async || {
        let rows = list(&server, "destinations").await;
        assert_eq!(rows[0]["sent"], 0);
        rows[0]["trouble"].as_str().filter(|words| words.starts_with("cannot connect")).map(drop)
    })
    .await;
    let listed = site.run(&["forwarding", "list"]).await.success();
    assert!(listed.contains("cannot connect"), "{listed}");
    assert_eq!(site.run(&["forwarding", "failed", "centre"]).await.success().lines().count(), 1, "nothing but the head");
    site.run(&["forwarding", "retry", "centre"]).await.success();
    // A restart forgets nothing.
    let token = server.token.clone();
    assert!(server.stop().await);
    let server = site.start(token).await;
    let centre = centre.serve().await;
    arrived(&centre, first.study.as_str(), 20).await;
    assert!(data_sets(&centre, first.study.as_str()).await == data_sets(&server, first.study.as_str()).await);
    // They count as sent once the destination has said that it keeps them.
    let sum = |row: &Value| {
        [row["waiting"].as_u64(), row["unproven"].as_u64(), row["sent"].as_u64()].into_iter().flatten().sum::<u64>()
    };
    wait::until("the destination vouches for all", PATIENCE, async || {
        let row = list(&server, "destinations").await.remove(0);
        assert_eq!((sum(&row), &row["failed"]), (20, &json!(0)), "{row}");
        (row["sent"] == 20).then_some(())
    })
    .await;
}

async fn killed_thirty_times_while_forwarding_a_thousand_instances_all_of_them_arrive(site: Site) {
    let mut centre = back_end::embedded();
    introduce(&site, &mut centre).await;
    let mut server = site.serve().await;
    let first = Instance { rows: 64, columns: 64, ..Instance::ct() };
    let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    let mut slice = first.clone();
    for _ in 0..KILLED_INSTANCES {
        let status = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await;
        assert_eq!(status.expect("a response"), 0);
        slice = slice.next();
    }
    drop(association);
    let centre = centre.serve().await;
    // It also has to vouch for them.
    put(&server, "destinations/centre", &json!({"target": {"peer": "CENTRE"}, "commit": true})).await;
    let (status, sent) = change(&server, Method::POST, "destinations/centre/send", &json!({"study": first.study.as_str()})).await;
    assert_eq!((status, &sent["instances"]), (200, &json!(KILLED_INSTANCES)));
    for kill in 1..=KILLS {
        let enough = KILLED_INSTANCES * kill / (KILLS + 1);
        wait::until("more at the destination", PATIENCE, async || (changes(&centre).await >= enough).then_some(())).await;
        let token = server.token.clone();
        server.kill().await;
        server = site.start(token).await;
    }
    let at_last = changes(&centre).await;
    wait::until("all at the destination", PATIENCE, async || {
        let row = list(&server, "destinations").await.remove(0);
        (row["sent"] == KILLED_INSTANCES).then_some(())
    })
    .await;
    assert!(at_last < KILLED_INSTANCES, "the last blow fell while it was forwarding");
    assert_eq!(instances(&centre, first.study.as_str()).await.len() as u64, KILLED_INSTANCES);
    assert!(data_sets(&centre, first.study.as_str()).await == data_sets(&server, first.study.as_str()).await);
    assert_eq!(changes(&centre).await, KILLED_INSTANCES, "none is there twice, and none in conflict");
    eprintln!("killed {KILLS} times; {KILLED_INSTANCES} instances arrived, {at_last} of them before the last blow was over");
}
