//! How soon the first picture of a study is there, and the first without loss, beside OHIF: `make bench-viewer`. One server, one
//! study, one run; `viewer/bench` measures in Chromium.

use std::process::Stdio;

use filmless_testkit::repository::root;
use filmless_testkit::site::{ACCOUNT, PASSWORD, Site};
use tokio::process::Command;

#[tokio::main]
async fn main() {
    let site = Site::embedded();
    let server = site.serve().await;
    let viewer = root().join("viewer");
    let mut command = Command::new("npm");
    command.args(["run", "--silent", "bench"]).current_dir(&viewer).stdin(Stdio::null()).kill_on_drop(true);
    command.env("FILMLESS_URL", server.url()).env("FILMLESS_ACCOUNT", ACCOUNT).env("FILMLESS_PASSWORD", PASSWORD);
    command.env("FILMLESS_RESULTS", viewer.join("test-results/bench"));
    let status = command.status().await.expect("npm runs");
    assert!(status.success(), "the bench failed");
}
