//! The viewer in headless Chromium, against the real binary: `npm run e2e` of viewer/, which drives it by role and label.

use std::process::Stdio;
use std::time::Duration;

use filmless_testkit::repository::{files_below, root, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{ACCOUNT, PASSWORD, Site, free_port};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::dicomweb::distinct;
use crate::{nodes, peers, sweep};

on_both_back_ends!(a_reader_signs_in_finds_and_sees, an_administrator_fetches_from_another_archive_and_sends);

/// Specifications of what the browser does with images once it has them: another database and store do not change that, and they are
/// run with the embedded ones.
const OF_THE_BROWSER_ALONE: [&str; 12] = [
    "access.spec.ts",
    "fusion.spec.ts",
    "layout.spec.ts",
    "mpr.spec.ts",
    "overlays.spec.ts",
    "phone.spec.ts",
    "presentation.spec.ts",
    "tags.spec.ts",
    "theme.spec.ts",
    "toolbar.spec.ts",
    "tools.spec.ts",
    "waveforms.spec.ts",
];

/// Accounts besides that of the tests, and what they are for.
const OTHERS: [(&str, &str); 2] = [("khoa", "clinician"), ("kiem", "auditor")];

/// All of its scenarios together, with those of the other back end at the same time.
const LIMIT: Duration = Duration::from_mins(40);

async fn a_reader_signs_in_finds_and_sees(site: Site) {
    let server = site.serve().await;
    let samples = testdata("dicom");
    let imported = site.run(&["import", samples.to_str().expect("a printable path")]).await;
    // Some files are no instances (see `dicomweb::NO_INSTANCES`), and the import says so.
    assert_eq!(imported.code, Some(1), "{}", imported.stderr);
    let all = specifications();
    let of_this_back_end: Vec<_> = all
        .iter()
        .map(String::as_str)
        .filter(|name| site.back_end == "embedded" || !OF_THE_BROWSER_ALONE.contains(name))
        .collect();
    for (name, role) in OTHERS {
        let add = ["account", "add", name, "--role", role, "--password-stdin"];
        site.run_with_input(&add, &format!("{PASSWORD}\n")).await.success();
    }
    let others = [("FILMLESS_CLINICIAN", OTHERS[0].0), ("FILMLESS_AUDITOR", OTHERS[1].0)];
    in_the_browser(&server, site.back_end, &of_this_back_end, &others).await;
    others_read_what_was_measured(&site, &server).await;
}

/// The names of all specifications.
fn specifications() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("viewer/e2e")).expect("the specifications");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("a printable name"));
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".spec.ts")).collect();
    names.sort();
    for name in OF_THE_BROWSER_ALONE {
        assert!(names.iter().any(|known| known == name), "there is no {name}");
    }
    names
}

/// What the reader of annotations.spec.ts saved on a copy of the head phantom (whose name and ID are those of the phantom backwards), read back by dcmtk, pydicom and highdicom.
async fn others_read_what_was_measured(site: &Site, server: &Server) {
    /// Pixel Spacing of the study, the same both ways.
    const SPACING_MM: f64 = 0.451_171_875;
    let folder = site.scratch().join("measured");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut files = Vec::new();
    for instance in server.search("instances?Modality=SR&PatientID=CITSALP&includefield=all").await {
        let value = |tag| text_value(&instance, tag).unwrap_or_default();
        // The samples hold a report of another maker.
        if value("00080070") == "Filmless" {
            let path = format!("studies/{}/series/{}/instances/{}", value("0020000D"), value("0020000E"), value("00080018"));
            let parts = server.retrieve(&path).await;
            let file = folder.join(format!("{}.dcm", value("00080018")));
            std::fs::write(&file, &parts[0].body).expect("written");
            let dumped = peers::run("dsrdump", [&file]).await;
            assert!(dumped.contains("Imaging Measurement Report"), "{dumped}");
            files.push(file);
        }
    }
    let read = peers::interop("measurements.py", &[], &files).await;
    let reports = read.as_array().expect("a list");
    assert!(!reports.is_empty(), "the browser saved no report");
    for report in reports {
        assert_eq!(report["patient"], json!(["DAEH", "CITSALP"]), "{report}");
        assert_eq!(report["character_set"], "ISO_IR 192");
        assert_eq!(report["transfer_syntax"], "1.2.840.10008.1.2.1");
        assert_eq!((&report["template"], &report["language"]), (&json!("1500"), &json!("vi")));
        assert_eq!((&report["author"], &report["observers"]), (&json!(ACCOUNT), &json!([ACCOUNT])));
    }
    let first = reports.iter().find(|report| report["follows"] == json!([])).expect("a first version");
    let region = &first["regions"][0];
    assert_eq!(region["label"], "Nốt ở thùy trên phổi phải", "{first}");
    assert_eq!(region["type"], "ELLIPSE");
    let names = |group: &Value| -> Vec<String> {
        let measured = group["measured"].as_array().expect("measurements");
        measured.iter().map(|one| format!("{} {}", one["name"], one["unit"]).replace('"', "")).collect()
    };
    assert_eq!(names(region)[..2], ["Area mm2", "Attenuation Coefficient [hnsf'U]"]);
    assert_eq!(names(&first["lines"][0]), ["Length mm"]);
    // The area is that of the ellipse whose axes were written, by the spacing of the header.
    let point = |at: usize, axis: usize| region["points"][at][axis].as_f64().expect("a coordinate");
    let axes = (point(0, 0) - point(1, 0)).hypot(point(0, 1) - point(1, 1))
        * (point(2, 0) - point(3, 0)).hypot(point(2, 1) - point(3, 1));
    let area = region["measured"][0]["value"].as_f64().expect("an area");
    assert!((area - axes * std::f64::consts::FRAC_PI_4 * SPACING_MM * SPACING_MM).abs() < 0.1, "{area}");
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

/// Runs the specifications of these names; what they saw is left in a folder of this name.
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
