//! Instances that come as metadata and bulk data: metadata wait in memory, bulk data in a spool, and as soon as an instance has
//! all of its own it is laid out and stored like any file. The spool is emptied when nobody waits for what is in it, so a request
//! that sends bulk data in the order of its instances takes the room of one.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use filmless_archive::spool::Spool;
use filmless_dicom::compose::{Bulk, Codestream, DataSet, Flaw, HEAD_BYTES, Piece, identify};
use filmless_dicom::file_meta::FileMeta;
use filmless_model::actor::Actor;
use filmless_model::attribute::Attribute;
use filmless_model::frame::ByteRange;
use filmless_model::store_outcome::{StoreFailure, Stored};
use filmless_model::uid::{SopClassUid, SopInstanceUid, StudyInstanceUid};

use crate::base_url::BaseUrl;
use crate::multipart::reader::PartHeader;
use crate::problem::Problem;
use crate::router::Door;
use crate::store::bulk_parts::{ArrivingBulk, Awaited, BulkKind, Resolver};
use crate::store::metadata::{self, Model};
use crate::store::response::{Failed, Outcome};
use crate::transfer_syntax::TargetSyntax;

/// Bytes read from the spool at a time.
const PIECE_BYTES: u64 = 256 << 10;

/// The instances of one request.
pub(super) struct Composition {
    door: Door,
    actor: Actor,
    study: Option<StudyInstanceUid>,
    resolver: Resolver,
    waiting: BTreeMap<usize, Waiting>,
    /// Bytes of metadata that wait.
    held: usize,
    next: usize,
    awaited: Awaited,
    spool: Option<Spool>,
}

/// An instance whose bulk data is to come.
struct Waiting {
    data_set: DataSet,
    /// Resolved from each `BulkDataURI`, by which they are found.
    locations: HashMap<String, String>,
    /// URIs from which something is to come yet.
    missing: usize,
    /// Its part of the metadata, in bytes.
    bytes: usize,
}

impl Composition {
    pub(super) fn new(door: Door, actor: Actor, study: Option<StudyInstanceUid>, base: &BaseUrl) -> Self {
        let request = match &study {
            Some(study) => base.study(study),
            None => format!("{}/studies", base.as_str()),
        };
        let (waiting, awaited) = (BTreeMap::new(), Awaited::default());
        Self { door, actor, study, resolver: Resolver::new(&request), waiting, held: 0, next: 0, awaited, spool: None }
    }

    /// How many instances wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether there is room for a document of so many bytes.
    pub(super) fn allow_metadata(&self, bytes: usize) -> Result<(), Problem> {
        let limit = self.door.config.max_store_metadata_bytes;
        if self.held + bytes > limit { Err(Problem::MetadataTooLong { limit }) } else { Ok(()) }
    }

    /// Takes a document. Instances that wait for nothing are stored at once. The inner error is the document's.
    pub(super) async fn add(&mut self, model: Model, document: Vec<u8>) -> Result<Result<Vec<Outcome>, Problem>, Problem> {
        let bytes = document.len();
        let found = match metadata::read(model, document).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut outcomes = Vec::new();
        let share = bytes / found.len().max(1) + 1;
        for data_set in found {
            if let Some(flaw) = data_set.flaw() {
                outcomes.push(failed(&data_set, flaw));
                continue;
            }
            let instance = self.next;
            self.next += 1;
            let frames = data_set.frames();
            let (mut locations, mut missing) = (HashMap::new(), 0);
            for (uri, is_pixel_data) in data_set.bulk_data() {
                let location = self.resolver.resolve(uri);
                missing += usize::from(self.awaited.want(location.clone(), instance, frames, is_pixel_data));
                locations.insert(uri.to_owned(), location);
            }
            self.held += share;
            self.waiting.insert(instance, Waiting { data_set, locations, missing, bytes: share });
            if missing == 0 {
                outcomes.extend(self.store(instance).await);
            }
        }
        Ok(Ok(outcomes))
    }

    /// Begins a part; `None` if no instance waits for it.
    pub(super) fn begin_bulk(&mut self, header: PartHeader) -> Option<ArrivingBulk> {
        let location = self.resolver.resolve(&header.location?);
        let end = self.spool.as_ref().map_or(0, Spool::end);
        self.awaited.begin(location, header.media_type.as_ref(), end)
    }

    pub(super) async fn write_bulk(&mut self, part: &mut ArrivingBulk, bytes: &[u8]) {
        if part.failed.is_some() {
            return;
        }
        match self.append(bytes).await {
            Ok(()) => part.range.length += bytes.len() as u64,
            Err(failure) => part.failed = Some(failure.into()),
        }
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), StoreFailure> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            empty => empty.insert(self.door.archive.spool(&self.actor)?),
        };
        spool.append(bytes).await
    }

    /// Ends a part, and stores the instances that waited for it alone.
    pub(super) async fn end_bulk(&mut self, part: ArrivingBulk) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for instance in self.awaited.end(&part) {
            let Some(waiting) = self.waiting.get_mut(&instance) else { continue };
            waiting.missing -= 1;
            if waiting.missing == 0 {
                outcomes.extend(self.store(instance).await);
            }
        }
        outcomes
    }

    /// The body has ended: what still waits has failed.
    pub(super) fn finish(self) -> Vec<Outcome> {
        self.waiting.into_values().map(|waiting| failed(&waiting.data_set, Failed::not_dicom())).collect()
    }

    /// Stores an instance that is complete.
    async fn store(&mut self, instance: usize) -> Option<Outcome> {
        let mut waiting = self.waiting.remove(&instance)?;
        self.held -= waiting.bytes;
        let outcome = match self.compose(&mut waiting).await {
            Ok(stored) => Outcome::Stored { sop_class: named(&waiting.data_set, Attribute::SopClassUid), stored },
            Err(failure) => failed(&waiting.data_set, failure),
        };
        for location in waiting.locations.values() {
            self.awaited.release(location, instance);
        }
        if let Some(spool) = self.spool.as_mut().filter(|_| !self.awaited.has_bytes()) {
            spool.clear();
        }
        Some(outcome)
    }

    /// Lays out an instance and gives it to the archive.
    async fn compose(&self, waiting: &mut Waiting) -> Result<Stored, Failed> {
        let Waiting { data_set, locations, .. } = waiting;
        let invalid = |what: &str| StoreFailure::InvalidSopInstance(format!("the metadata have no usable {what}"));
        let sop_class = named(data_set, Attribute::SopClassUid).ok_or_else(|| invalid("SOP Class UID"))?;
        let sop_instance: SopInstanceUid =
            named(data_set, Attribute::SopInstanceUid).ok_or_else(|| invalid("SOP Instance UID"))?;
        let mut transfer_syntax = TargetSyntax::ExplicitVrLittleEndian.transfer_syntax();
        let mut bulk = HashMap::new();
        for (uri, location) in locations.iter() {
            let parts = self.awaited.get(location).ok_or_else(Failed::not_dicom)?;
            if let Some(failed) = parts.failed {
                return Err(failed);
            }
            let (ranges, is_compressed) = match &parts.kind {
                Some(BulkKind::Compressed { media_type, declared }) => {
                    let (codestream, ranges) = self.frames(media_type, declared.as_deref(), &parts.ranges).await?;
                    data_set.describe_pixels(&codestream);
                    transfer_syntax = codestream.transfer_syntax;
                    (ranges, true)
                }
                _ => (parts.ranges.clone(), false),
            };
            bulk.insert(uri.as_str(), Bulk { ranges, is_compressed });
        }
        let pieces = data_set.lay_out(&|uri| bulk.get(uri))?;
        let meta = FileMeta { sop_class, sop_instance, transfer_syntax };
        let mut incoming = self.door.archive.begin_store_file(&self.actor, self.study.clone())?;
        incoming.write(meta.encode().into()).await?;
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => incoming.write(bytes.into()).await?,
                Piece::Stored(mut range) => {
                    while range.length > 0 {
                        let length = range.length.min(PIECE_BYTES);
                        incoming.write(self.read(ByteRange { offset: range.offset, length }).await?).await?;
                        range = ByteRange { offset: range.offset + length, length: range.length - length };
                    }
                }
            }
        }
        Ok(incoming.finish().await?)
    }

    /// What compressed frames are, all of one kind, and where their codestreams lie.
    async fn frames(
        &self,
        media_type: &str,
        declared: Option<&str>,
        parts: &[ByteRange],
    ) -> Result<(Codestream, Vec<ByteRange>), Failed> {
        let (mut first, mut ranges) = (None, Vec::with_capacity(parts.len()));
        for part in parts {
            let head = ByteRange { offset: part.offset, length: part.length.min(HEAD_BYTES as u64) };
            let codestream = identify(media_type, declared, &self.read(head).await?)?;
            let start = codestream.start.min(part.length);
            ranges.push(ByteRange { offset: part.offset + start, length: part.length - start });
            let first: &Codestream = first.get_or_insert_with(|| codestream.clone());
            if first.transfer_syntax != codestream.transfer_syntax {
                return Err(Flaw::NotOfItsType.into());
            }
        }
        first.map(|first| (first, ranges)).ok_or_else(Failed::not_dicom)
    }

    async fn read(&self, range: ByteRange) -> Result<Bytes, StoreFailure> {
        match &self.spool {
            Some(spool) => spool.read(range).await,
            None => Ok(Bytes::new()),
        }
    }
}

/// A UID of a data set, if it is one.
fn named<T: std::str::FromStr>(data_set: &DataSet, attribute: Attribute) -> Option<T> {
    data_set.text(attribute.tag())?.parse().ok()
}

fn failed(data_set: &DataSet, failure: impl Into<Failed>) -> Outcome {
    let sop_class: Option<SopClassUid> = named(data_set, Attribute::SopClassUid);
    let sop_instance: Option<SopInstanceUid> = named(data_set, Attribute::SopInstanceUid);
    let failed = failure.into();
    let reason = data_set.flaw().map(|flaw| flaw.to_string());
    tracing::info!(instance.uid = ?sop_instance, reason, code = failed.reason, "an instance of metadata and bulk data is not stored");
    Outcome::Failed { sop_class, sop_instance, failed }
}
