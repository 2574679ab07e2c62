//! A ZIP file: its entries are inflated piece by piece on a blocking thread and stored as they come.
//!
//! Names of entries are shown and never become paths. What an entry says of its size is not believed: the bytes that
//! come out are counted.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use filmless_archive::Archive;
use filmless_archive::store::Incoming;
use tokio::sync::mpsc;
use zip::ZipArchive;

use super::file::{self, Failure};
use super::media;
use super::report::Report;

/// Entries of one file.
const MAX_ENTRIES: usize = 1_000_000;
/// An entry may inflate to this size whatever its ratio: a blank image shrinks a thousandfold.
const ALWAYS_BYTES: u64 = 64 << 20;
/// Beyond that, so many times its compressed size; deflate cannot do more than 1032.
const MAX_RATIO: u64 = 200;
/// All entries together, beyond the ratio.
const ALWAYS_TOTAL_BYTES: u64 = 1 << 30;
/// Bytes that wait between inflating and storing: pieces of [`PIECE_BYTES`].
const PIECES_AHEAD: usize = 4;
const PIECE_BYTES: usize = 256 * 1024;

/// What the inflating thread tells.
enum Event {
    Begin(String),
    Piece(Bytes),
    End,
    Skip(String, &'static str),
    Fail(String, String),
}

/// Takes in every entry, and reports how it went.
pub(super) async fn import(archive: &Arc<Archive>, path: &Path, report: &Report) {
    let (sender, mut events) = mpsc::channel(PIECES_AHEAD);
    let opened: PathBuf = path.to_owned();
    let inflating = tokio::task::spawn_blocking(move || inflate(&opened, &|event| sender.blocking_send(event).is_ok()));
    let mut entry: Option<Entry> = None;
    while let Some(event) = events.recv().await {
        match event {
            Event::Begin(name) => entry = Some(Entry { name, first: true, said_to_be_dicom: false, incoming: Err(None) }),
            Event::Piece(piece) => {
                if let Some(entry) = &mut entry {
                    entry.write(archive, piece).await;
                }
            }
            Event::End => {
                if let Some(entry) = entry.take() {
                    entry.finish(report).await;
                }
            }
            Event::Skip(name, why) => report.skipped(&name, why),
            Event::Fail(name, why) => {
                entry = None;
                report.failed(&name, &why);
            }
        }
    }
    if let Err(error) = inflating.await {
        report.failed(&path.display(), &error.to_string());
    }
}

/// The entry that is coming in.
struct Entry {
    name: String,
    first: bool,
    said_to_be_dicom: bool,
    /// The store, or why there is none; nothing yet before the first piece.
    incoming: Result<Incoming, Option<Failure>>,
}

impl Entry {
    async fn write(&mut self, archive: &Arc<Archive>, piece: Bytes) {
        if self.first {
            self.first = false;
            self.said_to_be_dicom = file::says_dicom(&piece);
            self.incoming = file::begin(archive).map_err(|failure| Some(failure.into()));
        }
        if let Ok(incoming) = &mut self.incoming
            && let Err(failure) = incoming.write(piece).await
        {
            self.incoming = Err(Some(failure.into()));
        }
    }

    async fn finish(self, report: &Report) {
        match self.incoming {
            Ok(incoming) => {
                let outcome = incoming.finish().await.map_err(Failure::from);
                file::settle(&self.name, self.said_to_be_dicom, outcome, report);
            }
            Err(Some(failure)) => file::settle(&self.name, self.said_to_be_dicom, Err(failure), report),
            Err(None) => report.skipped(&self.name, "empty"),
        }
    }
}

/// Reads a ZIP file from end to end; `tell` returns false when nobody listens any more.
fn inflate(path: &Path, tell: &dyn Fn(Event) -> bool) {
    let file_name = path.display().to_string();
    let opened = File::open(path).map_err(|error| error.to_string()).and_then(|file| {
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
        Ok((zip, length))
    });
    let (mut zip, length) = match opened {
        Ok(opened) => opened,
        Err(why) => {
            tell(Event::Fail(file_name, format!("not a ZIP file that can be read: {why}")));
            return;
        }
    };
    if zip.len() > MAX_ENTRIES {
        tell(Event::Fail(
            file_name,
            format!("has {} entries, more than {MAX_ENTRIES}; unpack it and import the folder", zip.len()),
        ));
        return;
    }
    let mut total_left = ALWAYS_TOTAL_BYTES.saturating_add(length.saturating_mul(MAX_RATIO));
    for number in 0..zip.len() {
        let told = match zip.by_index(number) {
            Ok(mut entry) => {
                let inner = entry.name().map_or_else(|_| format!("entry {number}"), Cow::into_owned);
                let name = format!("{file_name}:{inner}");
                if entry.is_dir() {
                    true
                } else if !entry.is_file() {
                    tell(Event::Skip(name, "not a plain file"))
                } else if media::is_directory_file(Path::new(&inner)) {
                    tell(Event::Skip(name, "a DICOMDIR; the files it lists are taken in by themselves"))
                } else {
                    let allowed = ALWAYS_BYTES.max(entry.compressed_size().min(length).saturating_mul(MAX_RATIO));
                    pump(&mut entry, &name, allowed, &mut total_left, tell)
                }
            }
            Err(error) => tell(Event::Fail(format!("{file_name}: entry {number}"), error.to_string())),
        };
        if !told {
            return;
        }
    }
}

/// Inflates one entry, within what it and the whole file may grow to.
fn pump(entry: &mut impl Read, name: &str, allowed: u64, total_left: &mut u64, tell: &dyn Fn(Event) -> bool) -> bool {
    if !tell(Event::Begin(name.to_owned())) {
        return false;
    }
    let mut left = allowed.min(*total_left);
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        match entry.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece) {
            Ok(0) => return tell(Event::End),
            Ok(read) => {
                let read = read as u64;
                *total_left = total_left.saturating_sub(read);
                let Some(still) = left.checked_sub(read) else {
                    return tell(Event::Fail(
                        name.to_owned(),
                        "inflates far beyond its size, as a ZIP bomb does; unpack it yourself".to_owned(),
                    ));
                };
                left = still;
                if !tell(Event::Piece(piece.into())) {
                    return false;
                }
            }
            Err(error) => return tell(Event::Fail(name.to_owned(), error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// What a ZIP file made of these entries tells, in words.
    fn told(entries: &[(&str, &[u8])]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("z.zip");
        let mut writer = ZipWriter::new(File::create(&path).expect("ours"));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a legal entry");
            writer.write_all(bytes).expect("ours");
        }
        writer.finish().expect("ours");
        read(&path)
    }

    fn read(path: &Path) -> Vec<String> {
        let told = RefCell::new(Vec::new());
        let prefix = path.display().to_string();
        inflate(path, &|event| {
            let mut told = told.borrow_mut();
            match event {
                Event::Begin(name) => told.push(format!("begin {}", name.replace(&prefix, ""))),
                Event::Piece(piece) => {
                    if let Some(last) = told.last_mut().filter(|last| last.starts_with("bytes ")) {
                        let sum = last[6..].parse::<usize>().expect("a number") + piece.len();
                        *last = format!("bytes {sum}");
                    } else {
                        told.push(format!("bytes {}", piece.len()));
                    }
                }
                Event::End => told.push("end".to_owned()),
                Event::Skip(name, why) => told.push(format!("skip {}: {why}", name.replace(&prefix, ""))),
                Event::Fail(name, why) => told.push(format!("fail {}: {why}", name.replace(&prefix, ""))),
            }
            true
        });
        told.into_inner()
    }

    #[test]
    fn entries_come_out_whole_and_hostile_names_are_only_names() {
        let big = vec![7_u8; PIECE_BYTES * 2 + 5];
        let told = told(&[("../../etc/passwd", b"abc"), ("DICOMDIR", b"x"), ("empty", b""), ("big", &big)]);
        let expected = [
            "begin :../../etc/passwd",
            "bytes 3",
            "end",
            "skip :DICOMDIR: a DICOMDIR; the files it lists are taken in by themselves",
            "begin :empty",
            "end",
            "begin :big",
            "bytes 524293",
            "end",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_bomb_is_cut_off_and_the_next_entry_still_comes() {
        let bomb = vec![0_u8; usize::try_from(ALWAYS_BYTES).expect("64 MiB") + PIECE_BYTES];
        let told = told(&[("bomb", &bomb), ("after", b"abc")]);
        assert_eq!(told[0], "begin :bomb");
        assert!(told[2].starts_with("fail :bomb: inflates far beyond"), "{told:?}");
        assert_eq!(told[3..], ["begin :after", "bytes 3", "end"]);
    }

    #[test]
    fn what_is_no_zip_file_fails_with_a_reason() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("z.zip");
        std::fs::write(&path, b"PK\x03\x04 and then nothing").expect("ours");
        let told = read(&path);
        assert!(told.len() == 1 && told[0].starts_with("fail : not a ZIP file"), "{told:?}");
    }
}
