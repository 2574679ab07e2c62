//! Two thousand connections that say nothing, at each door at once: who has something to say is served, memory stays
//! bounded, and the silent are put out.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::requester::{Refused, VERIFICATION};
use filmless_testkit::server::Server;
use filmless_testkit::site::Site;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Silent connections at each door.
const SILENT: usize = 2000;
/// Associations that the server is told to allow.
const ASSOCIATIONS: usize = 20;
/// Far less than what two thousand read buffers of a busy association would take.
const MEMORY_BOUND_BYTES: u64 = 200 * 1024 * 1024;
/// No known peer waits longer for an association.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets this process open both ends' worth of connections.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("a process may go to its hard limit");
}

/// Keeps a connection until the server closes it.
async fn stay(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 1]).await;
}

/// Connects one after the other: what comes faster than it is accepted is dropped by the system, and not seen by the server.
async fn fill_in_turn(address: SocketAddr) -> JoinSet<()> {
    let mut silent = JoinSet::new();
    for _ in 0..SILENT {
        silent.spawn(stay(TcpStream::connect(address).await.expect("the door accepts at once")));
    }
    silent
}

/// Connects all at once, as a door that lets callers wait does not accept them at once.
fn fill(address: SocketAddr) -> JoinSet<()> {
    let mut silent = JoinSet::new();
    for _ in 0..SILENT {
        silent.spawn(async move {
            if let Ok(stream) = TcpStream::connect(address).await {
                stay(stream).await;
            }
        });
    }
    silent
}

async fn store_one(server: &Server) -> Duration {
    let started = Instant::now();
    let instance = Instance::ct();
    let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    let status = association.c_store(CT_IMAGE_STORAGE, instance.sop_instance.as_str(), &instance.data_set()).await;
    assert_eq!(status.expect("a response"), 0);
    association.release().await.expect("a release");
    started.elapsed()
}

/// The soft limit of open files of the server.
fn soft_limit(server: &Server) -> u64 {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process_id())).expect("a running process has limits");
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("Linux tells the limit");
    line.split_whitespace().next().and_then(|soft| soft.parse().ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_silent_connections_at_each_door_keep_no_known_peer_out() {
    allow_many_files();
    let mut site = Site::embedded();
    site.limits = "-Sn 256";
    site.set("dicom.max_associations", &ASSOCIATIONS.to_string());
    site.set("dicom.artim_timeout_seconds", "3");
    site.set("http.header_timeout_seconds", "3");
    let server = site.serve().await;
    assert!(soft_limit(&server) > 512 + 128 + 256, "the server raises its limit");

    let at_http = fill(server.http);
    let mut at_dicom = fill_in_turn(server.dicom).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        slowest = slowest.max(store_one(&server).await);
    }
    assert!(slowest < PATIENCE, "an association waited for {slowest:?}");

    let mut held = Vec::new();
    for _ in 0..ASSOCIATIONS {
        held.push(server.associate(VERIFICATION, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer"));
    }
    let refused = server.associate(VERIFICATION, EXPLICIT_VR_LITTLE_ENDIAN).await;
    // Transient, presentation related, local limit exceeded (PS3.8 table 9-21).
    assert!(matches!(refused, Err(Refused::Rejected(2, 3, 2))), "{refused:?}");
    for mut association in held {
        assert_eq!(association.c_echo().await.expect("those that were there go on"), 0);
        association.release().await.expect("a release");
    }

    // ARTIM ends all of them, though nobody else needs their places.
    let put_out = async { while at_dicom.join_next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(30), put_out).await.expect("the silent are put out");
    let started = Instant::now();
    assert_eq!(server.search("instances").await.len(), 20);
    let waited = started.elapsed();
    drop(at_http);
    let peak = server.peak_memory_bytes();
    assert!(peak < MEMORY_BOUND_BYTES, "the server took {} MiB", peak / 1024 / 1024);
    eprintln!(
        "slowest association and store {slowest:?}; a search behind the silent {waited:?}; peak {} MiB",
        peak / 1024 / 1024
    );
}

#[tokio::test]
async fn doctor_tells_that_too_few_files_may_be_open() {
    let mut site = Site::embedded();
    assert!(site.run(&["doctor"]).await.stdout.contains("open files"), "it is looked at");
    site.limits = "-n 200";
    let said = site.run(&["doctor"]).await.stdout;
    assert!(said.contains("at most 200, but") && said.contains("LimitNOFILE="), "{said}");
}
