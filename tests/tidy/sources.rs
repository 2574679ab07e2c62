//! Every source file says what it is for, keeps to one idea, and leaves no note to self; migrations come in twins.

use std::collections::BTreeSet;
use std::fs;

use crate::repository::{files, relative, report, root};

/// Past this a file has more than one idea, unless its head says why not.
const MAX_LINES: usize = 500;
/// How the head of a longer file begins its reason.
const REASON: &str = "Longer than 500 lines because";

fn rust_files() -> Vec<(String, String)> {
    let mut paths = files("crates", "rs");
    paths.extend(files("tests", "rs"));
    assert!(paths.len() > 20, "the walk finds the sources");
    paths.into_iter().map(|path| (relative(&path), fs::read_to_string(&path).expect("a source file is UTF-8"))).collect()
}

#[test]
fn every_source_file_opens_with_its_purpose() {
    let offences: Vec<_> = rust_files().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    report("files whose first line is not `//! `", &offences);
}

#[test]
fn long_files_say_why() {
    // Unit tests stand beside the code and do not make its idea longer.
    let length = |text: &str| text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    let offences: Vec<_> = rust_files()
        .into_iter()
        .filter(|(_, text)| length(text) > MAX_LINES && !text.contains(REASON))
        .map(|(path, text)| format!("{path}: {} lines, and no `//! {REASON} …`", length(&text)))
        .collect();
    report("files longer than 500 lines", &offences);
}

#[test]
fn notes_to_self_name_an_issue() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX ")];
    let mut offences = Vec::new();
    for (path, text) in rust_files() {
        for (number, line) in text.lines().enumerate() {
            let noted = words.iter().any(|word| line.contains(word));
            if noted && !line.contains("(#") {
                offences.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    report("notes without an issue", &offences);
}

#[test]
fn dependencies_are_declared_once_in_the_workspace() {
    let mut offences = Vec::new();
    for path in files("crates", "toml").into_iter().chain(files("tests", "toml")) {
        // Fuzz targets are packages of their own, outside the workspace, as cargo-fuzz wants them.
        let fuzz = path.components().any(|part| part.as_os_str() == "fuzz");
        if fuzz || path.file_name().is_none_or(|name| name != "Cargo.toml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a manifest is UTF-8");
        let mut in_dependencies = false;
        for line in text.lines() {
            if let Some(section) = line.strip_prefix('[') {
                in_dependencies = section.contains("dependencies");
            } else if in_dependencies && line.contains('=') && !line.contains("workspace") {
                offences.push(format!("{}: {line}", relative(&path)));
            }
        }
    }
    report("dependencies outside [workspace.dependencies]", &offences);
}

#[test]
fn migrations_come_in_twins() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = format!("crates/filmless-index/migrations/{engine}");
        let length = root().join(&folder).display().to_string().len() + 1;
        files(&folder, "sql").iter().map(|path| path.display().to_string()[length..].to_owned()).collect()
    };
    assert!(!names("postgres").is_empty(), "the migrations are there");
    assert_eq!(names("postgres"), names("sqlite"), "each migration has a file of the same name for the other engine");
}
