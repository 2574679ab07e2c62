//! Every dependency may be shipped inside a binary that is MIT OR Apache-2.0. deny.toml says the same to cargo-deny.

use crate::repository::{metadata, report};

/// Licences that ask for no more than their text.
const ALLOWED: [&str; 17] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "CC0-1.0",
    "Unlicense",
    "MPL-2.0",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "bzip2-1.0.6",
    "IJG",
];
/// Crates that must not come in by a side door, and why.
const BANNED: [(&str, &str); 3] = [
    ("openssl-sys", "TLS is rustls, so that one binary runs on any distribution"),
    ("native-tls", "TLS is rustls, so that one binary runs on any distribution"),
    ("aws-lc-rs", "rustls has one provider in the tree: ring"),
];

/// Whether an SPDX expression can be met by allowed licences: `OR` offers a choice, `AND` asks for all.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    split(&expression, " OR ").iter().any(|choice| {
        split(choice, " AND ").iter().all(|part| {
            let part = part.trim();
            match part.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
                Some(inner) => is_allowed(inner),
                None => ALLOWED.contains(&part),
            }
        })
    })
}

/// Splits outside parentheses.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && at >= start && text[at..].starts_with(separator) => {
                parts.push(&text[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for (expression, allowed) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 AND (GPL-2.0 OR LGPL-3.0)", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}

#[test]
fn every_dependency_is_permissive_and_none_is_banned() {
    let metadata = metadata(true);
    let mut offences = Vec::new();
    for package in metadata["packages"].as_array().expect("packages is a list") {
        let name = package["name"].as_str().expect("a package has a name");
        let version = package["version"].as_str().expect("a package has a version");
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) {
            offences.push(format!("{name} {version}: licence {licence:?}"));
        }
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            offences.push(format!("{name} {version}: {why}"));
        }
        let source = package["source"].as_str().unwrap_or("registry+the workspace itself");
        if !source.starts_with("registry+") {
            offences.push(format!("{name} {version}: comes from {source}"));
        }
    }
    report("dependencies that may not be shipped", &offences);
}
