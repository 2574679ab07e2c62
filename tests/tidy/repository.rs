//! Where the repository is, which files it has, and what cargo says of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the repository")
}

/// Folders that hold what was built or installed, not what was written.
const NOT_OURS: [&str; 5] = ["target", "node_modules", "dist", "data", ".git"];

/// Every file below `folder` with this extension, in order, without what was built.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let entry = entry.expect("a folder of the repository can be read");
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if !NOT_OURS.iter().any(|skipped| name == *skipped) {
                    walk(&path, extension, found);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

/// The path as a person reads it.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// `cargo metadata`, with the packages of the whole tree or of the workspace alone.
pub(crate) fn metadata(dependencies: bool) -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    if dependencies {
        // The platform we ship for: what other platforms need is not even downloaded.
        command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    } else {
        command.arg("--no-deps");
    }
    let output = command.output().expect("cargo runs: it is running this test");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Fails with one line for each offence.
pub(crate) fn report(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}
