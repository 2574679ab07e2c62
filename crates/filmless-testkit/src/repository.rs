//! Where the repository and its test data are.

use std::path::{Path, PathBuf};

/// The top of the repository.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate is two folders below the top of the repository")
}

/// A file or folder of testdata/.
pub fn testdata(path: &str) -> PathBuf {
    root().join("testdata").join(path)
}

/// Every file below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("a folder of test data can be read").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    found.sort();
    found
}

/// The Python of target/venv, where `scripts/setup` put the foreign peers.
pub fn python() -> PathBuf {
    let python = root().join("target/venv/bin/python");
    assert!(python.exists(), "the Python peers are missing: run `make setup`");
    python
}
