//! The tower of ARCHITECTURE.md: an arrow goes down (it may skip a floor), never up or sideways.

use serde_json::Value;

use crate::repository::{metadata, report};

/// Crates by floor, lowest first. Crates of one floor do not know each other.
const TOWER: [&[&str]; 6] = [
    &["filmless-model"],
    &["filmless-codecs"],
    &["filmless-dicom", "filmless-index", "filmless-blobstore"],
    &["filmless-archive"],
    &["filmless-dimse", "filmless-dicomweb"],
    &["filmless-server"],
];
/// Stands beside the tower, for tests alone: anyone may use it in tests, and of ours it uses the model alone.
const TESTKIT: &str = "filmless-testkit";
/// The tests of the repository, above everything.
const TESTS: &str = "filmless-tests";

fn floor(name: &str) -> Option<usize> {
    TOWER.iter().position(|floor| floor.contains(&name))
}

fn offence(from: &str, to: &str, for_tests: bool) -> Option<String> {
    if !to.starts_with("filmless-") {
        return None;
    }
    let allowed = match (from, to) {
        (TESTS, TESTKIT) => true,
        (TESTKIT, _) => to == TOWER[0][0],
        (_, TESTKIT) => for_tests,
        (TESTS, _) | (_, TESTS) => false,
        _ => matches!((floor(from), floor(to)), (Some(above), Some(below)) if above > below),
    };
    (!allowed).then(|| format!("{from} -> {to}"))
}

#[test]
fn arrows_between_crates_go_down() {
    let metadata = metadata(false);
    let text = |value: &Value| value.as_str().expect("cargo metadata names things in text").to_owned();
    let mut names = Vec::new();
    let mut offences = Vec::new();
    for package in metadata["packages"].as_array().expect("packages is a list") {
        let from = text(&package["name"]);
        for dependency in package["dependencies"].as_array().expect("dependencies is a list") {
            offences.extend(offence(&from, &text(&dependency["name"]), dependency["kind"] == "dev"));
        }
        names.push(from);
    }
    report("arrows that do not go down", &offences);

    names.retain(|name| name != TESTKIT && name != TESTS);
    names.sort();
    let mut drawn: Vec<_> = TOWER.concat();
    drawn.sort_unstable();
    assert_eq!(names, drawn, "the tower in tests/tidy/arrows.rs and ARCHITECTURE.md must show every crate");
}

#[test]
fn the_rule_itself_refuses_arrows_up_and_sideways() {
    for (from, to, for_tests, allowed) in [
        ("filmless-server", "filmless-model", false, true),
        ("filmless-dicom", "filmless-codecs", false, true),
        ("filmless-codecs", "filmless-dicom", false, false),
        ("filmless-dimse", "filmless-dicomweb", false, false),
        ("filmless-index", "filmless-blobstore", false, false),
        ("filmless-index", "filmless-testkit", true, true),
        ("filmless-index", "filmless-testkit", false, false),
        ("filmless-testkit", "filmless-index", false, false),
        ("filmless-model", "serde", false, true),
    ] {
        assert_eq!(offence(from, to, for_tests).is_none(), allowed, "{from} -> {to}");
    }
}
