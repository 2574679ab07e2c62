//! DICOMDIR (PS3.3 Annex F, Basic Directory Information Object Definition): the list of a medium's files.
//!
//! The folder is walked anyway, so the list is only compared with what lies there: a file that it names and the medium
//! lacks is a loss that somebody must hear of. Offsets between records are not followed; they may run in circles.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dicom_core::Tag;
use filmless_dicom::data_set::read_header;
use filmless_dicom::file_meta::FileMetaReader;

use super::report::Report;

/// Media Storage Directory Storage.
const DIRECTORY_CLASS: &[u8] = b"1.2.840.10008.1.3.10";
/// The class stands in the File Meta Information, at the beginning of the file.
const META_BYTES: usize = 1024;
/// The largest DICOMDIR that is read: some 100,000 images.
const MAX_BYTES: u64 = 64 << 20;
/// Missing files that are named one by one.
const MAX_NAMED: usize = 100;

const DIRECTORY_RECORD_SEQUENCE: Tag = Tag(0x0004, 0x1220);
const REFERENCED_FILE_ID: Tag = Tag(0x0004, 0x1500);

/// Whether a file has the name of a directory.
pub(super) fn is_directory_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"))
}

/// Whether a file says that it is a directory, whatever its name.
pub(super) fn is_directory(first: &[u8]) -> bool {
    let meta = &first[..first.len().min(META_BYTES)];
    super::file::says_dicom(first)
        && meta.windows(DIRECTORY_CLASS.len() + 1).any(|window| {
            // Followed by padding or the next element, not by more digits: 1.2.840.10008.1.3.10 has no children.
            window.starts_with(DIRECTORY_CLASS) && !window.last().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.')
        })
}

/// Compares the list with the medium.
pub(super) async fn report(path: &Path, report: &Arc<Report>) {
    let (directory, told) = (path.to_owned(), report.clone());
    let compared = tokio::task::spawn_blocking(move || compare(&directory, &told)).await;
    if let Err(error) = compared {
        report.failed(&path.display(), &error.to_string());
    }
}

fn compare(directory: &Path, report: &Report) {
    let name = directory.display();
    let references = match references(directory) {
        Ok(references) => references,
        Err(why) => {
            return report
                .skipped(&name, &format!("a DICOMDIR that cannot be read ({why}); its folder is taken in all the same"));
        }
    };
    let root = directory.parent().unwrap_or(Path::new("."));
    let (mut outside, mut missing) = (0, Vec::new());
    for reference in &references {
        match resolve(root, reference) {
            Resolved::There => {}
            Resolved::Missing(path) => missing.push(path),
            Resolved::Outside => outside += 1,
        }
    }
    report.skipped(&name, &format!("a DICOMDIR; lists {} files", references.len()));
    for path in missing.iter().take(MAX_NAMED) {
        report.failed(&path.display(), "listed in the DICOMDIR, but not on the medium");
    }
    if let Some(more) = missing.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
        report.failed(&name, &format!("lists {more} more files that are not on the medium"));
    }
    if outside > 0 {
        report.failed(&name, &format!("lists {outside} files outside its medium, which are not followed"));
    }
}

/// The file IDs of all records.
fn references(directory: &Path) -> Result<Vec<Vec<String>>, String> {
    let length = std::fs::metadata(directory).map_err(|error| error.to_string())?.len();
    if length > MAX_BYTES {
        return Err(format!("it has {length} bytes"));
    }
    let bytes = std::fs::read(directory).map_err(|error| error.to_string())?;
    let mut reader = FileMetaReader::new();
    let start = reader.push(&bytes).map_err(|error| error.to_string())?.ok_or("it ends too early")?;
    let header = read_header(&start.rest, &start.transfer_syntax).map_err(|error| error.to_string())?;
    let Some(records) = header.get(DIRECTORY_RECORD_SEQUENCE).and_then(|element| element.items()) else {
        return Err("it has no records".to_owned());
    };
    let ids = records.iter().filter_map(|record| record.get(REFERENCED_FILE_ID)?.to_multi_str().ok());
    let parts = |id: &[String]| id.iter().map(|part| part.trim_matches([' ', '\0']).to_owned()).collect::<Vec<_>>();
    Ok(ids.map(|id| parts(&id)).filter(|id| id.iter().any(|part| !part.is_empty())).collect())
}

#[derive(Debug, PartialEq, Eq)]
enum Resolved {
    There,
    Missing(PathBuf),
    Outside,
}

/// Finds a file ID under the medium's root, part by part, without ever leaving it.
fn resolve(root: &Path, id: &[String]) -> Resolved {
    let legal = |part: &String| !part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\\', '\0', ':']);
    if id.is_empty() || !id.iter().all(legal) {
        return Resolved::Outside;
    }
    let mut path = root.to_owned();
    for part in id {
        match entry(&path, part) {
            Some(found) => path = found,
            None => return Resolved::Missing(root.join(id.iter().collect::<PathBuf>())),
        }
    }
    // A link may lead out: it does not count as being there.
    if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) { Resolved::There } else { Resolved::Missing(path) }
}

/// The entry of a folder with this name. Systems show the names of a disc in either case and with a version behind.
fn entry(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = |path: &PathBuf| path.symlink_metadata().is_ok_and(|metadata| !metadata.is_symlink());
    let variants = [name.to_owned(), name.to_ascii_lowercase(), format!("{name};1"), format!("{};1", name.to_ascii_lowercase())];
    variants.iter().map(|variant| folder.join(variant)).find(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_on_the_medium() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("medium");
        std::fs::create_dir_all(root.join("images")).expect("ours");
        std::fs::write(root.join("images/im1"), "").expect("ours");
        std::fs::write(root.join("IM2;1"), "").expect("ours");
        std::fs::write(folder.path().join("outside"), "").expect("ours");
        std::os::unix::fs::symlink(folder.path(), root.join("link")).expect("ours");
        for (id, expected) in [
            (&["IMAGES", "IM1"][..], Resolved::There),
            (&["IM2"], Resolved::There),
            (&["IM3"], Resolved::Missing(root.join("IM3"))),
            (&["link", "outside"], Resolved::Missing(root.join("link/outside"))),
            (&["..", "outside"], Resolved::Outside),
            (&["/etc/passwd"], Resolved::Outside),
            (&["", "etc"], Resolved::Outside),
            (&[], Resolved::Outside),
        ] {
            let id: Vec<_> = id.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(resolve(&root, &id), expected, "{id:?}");
        }
    }

    #[test]
    fn a_directory_is_known_by_its_name_or_by_its_class() {
        assert!(is_directory_file(Path::new("/media/cd/dicomdir")));
        assert!(!is_directory_file(Path::new("/media/DICOMDIR/1")));
        let file = |class: &str| [&[0; 128][..], b"DICM\x02\x00\x02\x00UI\x14\x00", class.as_bytes(), b"\x02\x00"].concat();
        assert!(is_directory(&file("1.2.840.10008.1.3.10")));
        assert!(!is_directory(&file("1.2.840.10008.1.3.100")));
        assert!(!is_directory(b"1.2.840.10008.1.3.10\0"));
    }
}
