//! testdata/ is what its index says: every file listed with origin and licence, unchanged, and small in all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::repository::{relative, report, root};

/// A clone stays small.
const MAX_TOTAL_BYTES: u64 = 15 * 1024 * 1024;
/// What the index says of a licence that forbids, or does not say.
const FORBIDDEN: [&str; 4] = ["GPL", "MS-PL", "no explicit licence", "unknown"];

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of testdata can be read") {
        let path = entry.expect("a folder of testdata can be read").path();
        if path.is_dir() { walk(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_test_file_is_listed_licensed_and_unchanged() {
    let folder = root().join("testdata");
    let index = fs::read_to_string(folder.join("INDEX.tsv")).expect("testdata has an index");
    let mut lines = index.lines();
    let head: Vec<_> = lines.next().expect("the index has a head").split('\t').collect();
    let column = |name: &str| head.iter().position(|head| *head == name).expect("the index has the column");
    let (path, source, licence, sha256) = (column("path"), column("source"), column("licence"), column("sha256"));

    let mut offences = Vec::new();
    let mut listed = BTreeSet::new();
    for line in lines {
        let fields: Vec<_> = line.split('\t').collect();
        assert_eq!(fields.len(), head.len(), "a line of the index: {line}");
        let file = folder.join(fields[path]);
        match fs::read(&file) {
            Err(error) => offences.push(format!("{}: {error}", fields[path])),
            Ok(bytes) => {
                let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes));
                if digest != fields[sha256] {
                    offences.push(format!("{}: is not the file that was listed", fields[path]));
                }
            }
        }
        if fields[source].is_empty() || fields[licence].is_empty() {
            offences.push(format!("{}: origin or licence is not said", fields[path]));
        }
        if FORBIDDEN.iter().any(|word| fields[licence].contains(word) && !fields[licence].contains(" OR Apache-2.0")) {
            offences.push(format!("{}: licence {}", fields[path], fields[licence]));
        }
        listed.insert(file);
    }

    let mut found = Vec::new();
    walk(&folder, &mut found);
    let mut total = 0;
    for file in found {
        total += fs::metadata(&file).expect("a file of testdata can be read").len();
        let described = ["README.md", "INDEX.tsv"].iter().any(|name| file == folder.join(name));
        if !described && !listed.contains(&file) {
            offences.push(format!("{}: is not in testdata/INDEX.tsv", relative(&file)));
        }
    }
    report("testdata differs from its index", &offences);
    assert!(total <= MAX_TOTAL_BYTES, "testdata has {total} bytes, more than {MAX_TOTAL_BYTES}");
}
