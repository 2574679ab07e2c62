//! The viewer in headless Chromium, against the real binary: `npm run e2e` of viewer/, which drives it by role and label.

use std::process::Stdio;
use std::time::Duration;

use filmless_testkit::repository::{files_below, root, testdata};
use filmless_testkit::server::Server;
use filmless_testkit::site::{ACCOUNT, PASSWORD, Site, free_port};
use tokio::process::Command;

use crate::dicomweb::distinct;
use crate::{nodes, peers, sweep};

on_both_back_ends!(a_reader_signs_in_finds_and_sees, an_administrator_fetches_from_another_archive_and_sends);

/// All of its scenarios together, with those of the other back end at the same time.
const LIMIT: Duration = Duration::from_mins(40);

async fn a_reader_signs_in_finds_and_sees(site: Site) {
    let server = site.serve().await;
    let samples = testdata("dicom");
    let imported = site.run(&["import", samples.to_str().expect("a printable path")]).await;
    // Some files are no instances (see `dicomweb::NO_INSTANCES`), and the import says so.
    assert_eq!(imported.code, Some(1), "{}", imported.stderr);
    in_the_browser(&server, site.back_end, &[], &[]).await;
}

async fn an_administrator_fetches_from_another_archive_and_sends(site: Site) {
    let server = site.serve().await;
    let port = free_port();
    let (_orthanc, _) = nodes::orthanc(&site, port).await;
    nodes::has_a_study_of_ours(&site, &server, "ORTHANC", port).await;
    let results = format!("{}-remote", site.back_end);
    in_the_browser(&server, &results, &["remote.spec.ts"], &[("FILMLESS_NODE", "ORTHANC")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_those_that_pydicom_makes() {
    let Some(collection) = sweep::collection() else {
        eprintln!("SKIPPED: ../shared/dicom is not there; of testdata/ the pictures are compared with those of the server");
        return;
    };
    let site = Site::embedded();
    let files: Vec<_> = sweep::well_formed(&collection).iter().flat_map(|folder| files_below(folder)).collect();
    let files: Vec<_> = distinct(files).into_iter().map(|(file, _)| file).collect();
    let folder = site.scratch();
    let told = peers::interop("references.py", &[folder.to_str().expect("a printable path")], &files).await;
    let pictures = told["pictures"].as_array().expect("a list");
    assert!(pictures.len() >= 25, "{told:#}");
    // Only these: each is the first image of its series then.
    let mut arguments = vec!["import"];
    arguments.extend(pictures.iter().map(|picture| picture["file"].as_str().expect("a path")));
    site.run(&arguments).await.success();
    let server = site.serve().await;
    let references = [("FILMLESS_REFERENCES", folder.to_str().expect("a printable path"))];
    in_the_browser(&server, "foreign", &["foreign.spec.ts"], &references).await;
}

/// Runs the specifications of these names, or all; what they saw is left in a folder of this name.
async fn in_the_browser(server: &Server, results: &str, names: &[&str], more: &[(&str, &str)]) {
    let viewer = root().join("viewer");
    assert!(viewer.join("node_modules").is_dir(), "the viewer's packages are missing: run `make setup`");
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", "e2e", "--"])
        .args(names)
        .envs(more.iter().copied())
        .current_dir(&viewer)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command.env("FILMLESS_URL", server.url()).env("FILMLESS_ACCOUNT", ACCOUNT).env("FILMLESS_PASSWORD", PASSWORD);
    command.env("FILMLESS_RESULTS", viewer.join("test-results").join(results)).env("CI", "true");
    let output = tokio::time::timeout(LIMIT, command.output()).await.expect("the browser tests end in time").expect("npm runs");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    eprintln!("{said}");
}
