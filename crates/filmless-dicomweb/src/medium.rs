//! `application/zip`: a study, series or instance as a medium in one ZIP archive, for a person to take along: files in
//! folders of series with names that PS3.10 section 8.2 (File IDs) allows, and a DICOMDIR behind them. It is made as it goes
//! out; what stays in memory is the directory, some hundred bytes for each instance.

use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use filmless_archive::ArchiveError;
use filmless_dicom::dicomdir::{Directory, ReferencedFile};
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, TransferSyntaxUid};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::problem::Problem;
use crate::retrieve::{Form, length_of, open, syntax_of};
use crate::router::Door;
use crate::validators::Representation;

/// The media type of these archives.
pub const ZIP: &str = "application/zip";

/// Pieces of an archive that wait for a client that reads slowly.
const PIECES_AHEAD: usize = 2;

/// So much is compressed at a time on an async thread.
const PIECE_BYTES: usize = 256 << 10;

/// Files from here on have lengths of 64 bits in the archive. Deflating may make a file longer by some thousandths.
const LONG_BYTES: u64 = 0xF000_0000;

/// The answer. Its first instance is opened before it begins: what is wrong with that one is an answer of its own.
pub(crate) async fn answer(
    door: &Door,
    actor: &Actor,
    representation: &Representation,
    status: StatusCode,
    instances: Vec<(StoredInstance, Form)>,
) -> Result<Response, Problem> {
    let name = instances.first().map(|(instance, _)| instance.address.study.to_string()).unwrap_or_default();
    let (pieces, mut coming) = mpsc::channel(PIECES_AHEAD);
    let writing = Writing::new(door.clone(), actor.clone(), pieces);
    tokio::spawn(writing.run(instances));
    let first = match coming.recv().await {
        Some(Err(error)) => return Err(error.downcast().unwrap_or(Problem::Unavailable)),
        first => stream::iter(first),
    };
    let rest = stream::poll_fn(move |context| coming.poll_recv(context));
    let mut response = representation.stream(status, None, Body::from_stream(first.chain(rest)));
    let disposition =
        HeaderValue::try_from(format!("attachment; filename=\"{name}.zip\"")).expect("a UID is digits and full stops");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// An archive that is being written. It ends when the client goes away.
struct Writing {
    door: Door,
    actor: Actor,
    zip: ZipWriter<StreamWriter<Outgoing>>,
    outgoing: Outgoing,
    pieces: mpsc::Sender<io::Result<Bytes>>,
    directory: Directory,
    series: Option<SeriesInstanceUid>,
    /// Folders, and files in the last of them.
    folders: u32,
    files: u32,
}

/// Why writing ended early.
enum Ended {
    /// The client went away.
    Gone,
    Failed(Problem),
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl Writing {
    fn new(door: Door, actor: Actor, pieces: mpsc::Sender<io::Result<Bytes>>) -> Self {
        let outgoing = Outgoing::default();
        let zip = ZipWriter::new_stream(outgoing.clone());
        Self { door, actor, zip, outgoing, pieces, directory: Directory::default(), series: None, folders: 0, files: 0 }
    }

    async fn run(mut self, instances: Vec<(StoredInstance, Form)>) {
        let pieces = self.pieces.clone();
        if let Err(Ended::Failed(problem)) = self.archive(instances).await {
            // Nobody listens any more: nobody needs to know.
            drop(pieces.send(Err(io::Error::other(problem))).await);
        }
    }

    async fn archive(&mut self, instances: Vec<(StoredInstance, Form)>) -> Result<(), Ended> {
        let directory = directory_uid(&instances);
        for (instance, form) in instances {
            self.file(&instance, form).await?;
        }
        let directory = std::mem::take(&mut self.directory).finish(directory).map_err(|error| damaged(&error))?;
        self.zip.start_file("DICOMDIR", options(directory.len() as u64)).map_err(|error| damaged(&error))?;
        self.deflate(&directory).await?;
        let zip = std::mem::replace(&mut self.zip, ZipWriter::new_stream(Outgoing::default()));
        zip.finish().map_err(|error| damaged(&error))?;
        self.send().await
    }

    /// One file of the archive, entered into the directory.
    async fn file(&mut self, instance: &StoredInstance, form: Form) -> Result<(), Ended> {
        let (form, mut bytes) = open(&self.door, instance, form).await?;
        let found = self.door.archive.metadata(&self.actor, &Resource::Instance(instance.address.clone())).await;
        let metadata = found.map_err(Problem::from)?.into_iter().next().ok_or(Problem::NotFound)?;
        let file = ReferencedFile {
            file_id: self.next_file_id(instance),
            sop_class: instance.sop_class.clone(),
            sop_instance: instance.address.instance.clone(),
            transfer_syntax: TransferSyntaxUid::parse(syntax_of(instance, form)).expect("a transfer syntax of our own"),
        };
        self.directory.add(&metadata.json, instance.address.series.as_str(), &file).map_err(|error| damaged(&error))?;
        let length = length_of(instance, form).unwrap_or(u64::MAX);
        self.zip.start_file(file.file_id.join("/"), options(length)).map_err(|error| damaged(&error))?;
        while let Some(bytes) = bytes.try_next().await.map_err(|error| damaged(&error))? {
            self.deflate(&bytes).await?;
        }
        Ok(())
    }

    /// Names the next file.
    fn next_file_id(&mut self, instance: &StoredInstance) -> Vec<String> {
        if self.series.as_ref() != Some(&instance.address.series) {
            self.series = Some(instance.address.series.clone());
            self.folders += 1;
            self.files = 0;
        }
        self.files += 1;
        vec!["DICOM".to_owned(), format!("S{:07}", self.folders), format!("I{:07}", self.files)]
    }

    /// Puts bytes into the file that was begun last.
    async fn deflate(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.zip.write_all(piece).map_err(|error| damaged(&error))?;
            self.send().await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Sends what has come out of the archive.
    async fn send(&mut self) -> Result<(), Ended> {
        let piece = std::mem::take(&mut *self.outgoing.lock());
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.send(Ok(piece.into())).await.map_err(|_| Ended::Gone)
    }
}

/// Bytes on their way from the archive to the client.
#[derive(Clone, Default)]
struct Outgoing(Arc<Mutex<Vec<u8>>>);

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Deflated, and quickly: a CT of plain pixels becomes half as long, which counts on the line of a hospital. Files carry no
/// time, so that an archive of the same files is the same bytes.
fn options(length_bytes: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .large_file(length_bytes >= LONG_BYTES)
}

fn damaged(error: &dyn Error) -> Problem {
    ArchiveError::Damaged(error.to_string()).into()
}

/// The UID of a directory of these versions: the same for the same, so that the archive is too (PS3.5 section B.2, UUID
/// Derived UID).
fn directory_uid(instances: &[(StoredInstance, Form)]) -> SopInstanceUid {
    let mut hasher = Sha256::new();
    for (instance, form) in instances {
        hasher.update(instance.version.id.as_bytes());
        hasher.update(syntax_of(instance, *form));
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let half = digest.first_chunk().expect("sixteen of thirty-two bytes");
    let uuid = uuid::Builder::from_custom_bytes(*half).into_uuid();
    SopInstanceUid::parse(&format!("2.25.{}", uuid.as_u128())).expect("digits and full stops")
}
