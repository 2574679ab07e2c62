//! Finds the files under the given paths. Symbolic links within folders are not followed: a disc must not lead out
//! of itself. Whatever is not a plain file is never opened.

use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

/// What the walk came across.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file to look into.
    File(PathBuf),
    /// Something that is passed by, and why.
    Skipped(PathBuf, &'static str),
    /// Something that cannot be read, and why.
    Failed(PathBuf, String),
}

/// Walks depth first, in the order of names; ends early when `tell` returns false.
pub(super) fn walk(roots: &[PathBuf], mut tell: impl FnMut(Found) -> bool) {
    // Reversed, because the last is taken first.
    let mut waiting: Vec<(PathBuf, bool)> = roots.iter().rev().map(|root| (media_folder(root), true)).collect();
    while let Some((path, is_root)) = waiting.pop() {
        // What the caller names may be a link; what lies in a folder may not.
        let metadata = if is_root { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        let found = match metadata {
            Ok(metadata) if metadata.is_dir() => match entries(&path) {
                Ok(entries) => {
                    waiting.extend(entries.into_iter().rev().map(|entry| (entry, false)));
                    continue;
                }
                Err(error) => Found::Failed(path, error.to_string()),
            },
            Ok(metadata) => classify(path, metadata.file_type()),
            Err(error) => Found::Failed(path, error.to_string()),
        };
        if !tell(found) {
            return;
        }
    }
}

/// A DICOMDIR stands for its medium: the folder that it lies in.
fn media_folder(root: &Path) -> PathBuf {
    let parent = root.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    match parent {
        Some(parent) if super::media::is_directory_file(root) && root.is_file() => parent.to_owned(),
        _ => root.to_owned(),
    }
}

fn classify(path: PathBuf, kind: FileType) -> Found {
    if kind.is_file() {
        Found::File(path)
    } else if kind.is_symlink() {
        Found::Skipped(path, "a symbolic link")
    } else {
        Found::Skipped(path, "not a plain file")
    }
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(roots: &[PathBuf]) -> Vec<Found> {
        let mut all = Vec::new();
        walk(roots, |found| {
            all.push(found);
            true
        });
        all
    }

    #[test]
    fn files_are_found_in_order_and_links_are_passed_by() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("medium");
        fs::create_dir_all(root.join("b")).expect("ours");
        fs::write(root.join("b/2"), "").expect("ours");
        fs::write(root.join("a"), "").expect("ours");
        fs::write(root.join("DICOMDIR"), "").expect("ours");
        fs::write(folder.path().join("outside"), "").expect("ours");
        std::os::unix::fs::symlink(folder.path(), root.join("c")).expect("ours");
        let expected = [
            Found::File(root.join("DICOMDIR")),
            Found::File(root.join("a")),
            Found::File(root.join("b/2")),
            Found::Skipped(root.join("c"), "a symbolic link"),
        ];
        assert_eq!(found(std::slice::from_ref(&root)), expected);
        assert_eq!(found(&[root.join("DICOMDIR")]), expected, "a DICOMDIR stands for its folder");
        assert_eq!(found(&[root.join("c/outside")]), [Found::File(root.join("c/outside"))], "what is named is opened");
        assert!(matches!(found(&[root.join("gone")]).as_slice(), [Found::Failed(..)]));
    }
}
