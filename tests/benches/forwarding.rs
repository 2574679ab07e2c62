//! How fast one Filmless forwards to another over loopback, beside how fast it receives: `make bench-forwarding`. The same
//! instances are received and forwarded, so that the ratio holds on any machine.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::time::{Duration, Instant};

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::server::Server;
use filmless_testkit::site::{CALLED, Site};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};

const ROUNDS: usize = 3;
const INSTANCES: usize = 1000;
const PATIENCE: Duration = Duration::from_mins(5);

/// SOP Instance UID and data set of each.
type Loaded = Vec<(String, Vec<u8>)>;

/// A study of CT slices, of half a megabyte each.
fn study() -> (Instance, Loaded) {
    let first = Instance { rows: 512, columns: 512, ..Instance::ct() };
    let slices = first.clone().series_of(INSTANCES);
    (first, slices.iter().map(|slice| (slice.sop_instance.to_string(), slice.data_set())).collect())
}

/// How long the server takes to receive all on so many associations.
async fn receive(server: &Server, instances: &Loaded, associations: usize) -> Duration {
    let begin = Instant::now();
    let portions = (0..associations).map(|first| async move {
        let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
        for (instance, data_set) in instances.iter().skip(first).step_by(associations) {
            assert_eq!(association.c_store(CT_IMAGE_STORAGE, instance, data_set).await.expect("a response"), 0);
        }
    });
    futures::future::join_all(portions).await;
    begin.elapsed()
}

async fn change(server: &Server, method: Method, path: &str, body: &Value) {
    let request = server.request(method, &format!("/api/forwarding/destinations/{path}")).json(body);
    let answer = request.header("X-Filmless-Request", "1").send().await.expect("the server answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

/// How long the server takes to forward a study.
async fn forward(server: &Server, destination: &Value, study: &Instance) -> Duration {
    change(server, Method::PUT, "centre", destination).await;
    let begin = Instant::now();
    change(server, Method::POST, "centre/send", &json!({"study": study.study.as_str()})).await;
    wait::until("all is sent", PATIENCE, async || {
        let rows: Value = server.get("/api/forwarding/destinations", "application/json").await.json().await.expect("a list");
        assert!(rows[0]["failed"] == 0 && rows[0]["trouble"].is_null(), "{rows}");
        (rows[0]["sent"] == INSTANCES).then_some(())
    })
    .await;
    begin.elapsed()
}

/// Receives on some associations and forwards, by DIMSE or by STOW-RS; how much faster it forwards than it receives.
async fn round(associations: usize, parallel: u8, is_web: bool) -> f64 {
    let (source, mut centre) = (Site::embedded(), Site::embedded());
    centre.set("dicom.ae_title", "CENTRE");
    centre.admit(CALLED, "store").await;
    let port = centre.dicom.port().to_string();
    source.run(&["peer", "add", "CENTRE", "--address", "127.0.0.1", "--port", &port, "--allow", "query"]).await.success();
    let (server, centre) = (source.serve().await, centre.serve().await);
    let (first, loaded) = study();
    let received = receive(&server, &loaded, associations).await;
    let target = if is_web {
        json!({"web": {"url": format!("{}/studies", centre.dicomweb()), "authorization": format!("Bearer {}", centre.token)}})
    } else {
        json!({"peer": "CENTRE"})
    };
    let forwarded = forward(&server, &json!({"target": target, "parallel": parallel}), &first).await;
    received.as_secs_f64() / forwarded.as_secs_f64()
}

#[tokio::main]
async fn main() {
    println!("forwarding {INSTANCES} CT against receiving them, medians of {ROUNDS}; 1 is as fast");
    for (what, associations, parallel, is_web) in [
        ("2 associations, received on 1", 1, 2, false),
        ("2 associations, received on 4", 4, 2, false),
        ("4 associations, received on 4", 4, 4, false),
        ("STOW-RS, received on 1", 1, 2, true),
    ] {
        let mut ratios = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            ratios.push(round(associations, parallel, is_web).await);
        }
        ratios.sort_by(f64::total_cmp);
        println!("  {what:32} {:5.2}", ratios[ROUNDS / 2]);
    }
}
