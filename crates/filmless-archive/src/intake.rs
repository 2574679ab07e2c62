//! Reads an instance as it arrives: File Meta Information away, ours in front, the data set's bytes hashed, parsed
//! and staged as they are. Only [`Intake::spill`] does I/O; the rest is quick enough for an async thread, in small pieces.

use std::sync::Arc;

use filmless_blobstore::staging::{SealedBlob, StagedBlob};
use filmless_dicom::coercion;
use filmless_dicom::file_meta::{FileMeta, FileMetaReader, FileStart};
use filmless_dicom::header::{Header, HeaderError, HeaderLimits, HeaderReader, Identity};
use filmless_model::coercion::Coercion;
use filmless_model::store_outcome::StoreFailure;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};

use crate::coercions::Effective;

/// The identity must be known within so many bytes of data set: SOP Class and Instance UID stand near the front.
const IDENTITY_WITHIN_BYTES: usize = 4 << 20;
/// Bytes read at a time until the identity is known.
const PROBE_BYTES: usize = 4 << 10;

/// What a request said that the data set is, before a byte of it came.
#[derive(Debug, Clone)]
pub(crate) enum Announced {
    /// A data set follows (C-STORE): the command named it, and it must be that.
    DataSet(FileMeta),
    /// A DICOM file follows: it says itself.
    File,
}

/// An instance whose bytes are complete.
pub(crate) struct Taken {
    pub(crate) sealed: SealedBlob,
    pub(crate) header: Header,
    pub(crate) transfer_syntax: TransferSyntaxUid,
    pub(crate) data_set_offset: u64,
    /// What the header shows in place of what the bytes say.
    pub(crate) coercion: Option<Box<Coercion>>,
}

/// An instance that is arriving.
pub(crate) struct Intake {
    staged: StagedBlob,
    state: State,
    limits: HeaderLimits,
    max_instance_bytes: u64,
    warnings: Vec<String>,
    rules: Option<Arc<Effective>>,
}

enum State {
    /// Before the data set: preamble and File Meta Information.
    BeforeDataSet(FileMetaReader),
    /// In the data set, but which instance it is, is not known yet.
    Identifying(Box<Identifying>),
    /// The instance is known; bytes go straight through.
    Passing { header: Box<HeaderReader>, transfer_syntax: TransferSyntaxUid, data_set_offset: u64 },
}

struct Identifying {
    probe: HeaderReader,
    probed: usize,
    held: Vec<u8>,
    transfer_syntax: TransferSyntaxUid,
    announced_class: Option<SopClassUid>,
    announced_instance: Option<SopInstanceUid>,
    /// Whether another identity is an error (a command said so) or a warning (a file's meta information did).
    binding: bool,
}

impl Intake {
    pub(crate) fn new(staged: StagedBlob, announced: Announced, limits: HeaderLimits, max_instance_bytes: u64) -> Self {
        let state = match announced {
            Announced::File => State::BeforeDataSet(FileMetaReader::new()),
            Announced::DataSet(meta) => State::Identifying(Box::new(Identifying {
                probe: HeaderReader::new(&meta.transfer_syntax, 0, limits.clone()),
                probed: 0,
                held: Vec::new(),
                transfer_syntax: meta.transfer_syntax,
                announced_class: Some(meta.sop_class),
                announced_instance: Some(meta.sop_instance),
                binding: true,
            })),
        };
        Self { staged, state, limits, max_instance_bytes, warnings: Vec::new(), rules: None }
    }

    /// Has the instance coerced; before its first byte.
    pub(crate) fn coerced(self, rules: Option<Arc<Effective>>) -> Self {
        Self { rules, ..self }
    }

    /// Takes the next bytes, however they are cut.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), StoreFailure> {
        if self.staged.length_bytes() + bytes.len() as u64 > self.max_instance_bytes {
            return Err(StoreFailure::OutOfResources(format!("longer than {} bytes", self.max_instance_bytes)));
        }
        match &mut self.state {
            State::BeforeDataSet(reader) => {
                let Some(start) = reader.push(bytes).map_err(cannot_understand)? else { return Ok(()) };
                self.begin_data_set(start)
            }
            State::Identifying(identifying) => {
                identifying.held.extend_from_slice(bytes);
                self.identify(false)
            }
            State::Passing { header, .. } => {
                header.push(bytes).map_err(cannot_understand)?;
                self.staged.push(bytes);
                Ok(())
            }
        }
    }

    /// Whether [`Intake::spill`] is due.
    pub(crate) fn is_full(&self) -> bool {
        self.staged.is_full()
    }

    /// Writes what is held in memory. Blocks.
    pub(crate) fn spill(&mut self) -> Result<(), StoreFailure> {
        self.staged.spill().map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot stage an instance");
            StoreFailure::OutOfResources("cannot write to the staging folder".to_owned())
        })
    }

    /// All bytes have come.
    pub(crate) fn finish(mut self) -> Result<Taken, StoreFailure> {
        if let State::BeforeDataSet(reader) = &mut self.state {
            // Short files without preamble are told from other files only by where they end.
            let start = reader.finish().map_err(cannot_understand)?;
            self.begin_data_set(start)?;
        }
        if matches!(self.state, State::Identifying(_)) {
            self.identify(true)?;
        }
        let State::Passing { header, transfer_syntax, data_set_offset } = self.state else {
            unreachable!("identify() ends in Passing or fails when it is told that no more bytes come")
        };
        let mut header = header.finish().map_err(cannot_understand)?;
        header.warnings.append(&mut self.warnings);
        let coercion = match self.rules.as_deref().zip(header.gathered.take()) {
            None => None,
            Some((rules, gathered)) => {
                let coercion = coercion::coercion_of(&rules.coercion, &gathered);
                coercion::show(&mut header, &coercion, &self.limits).map_err(cannot_understand)?;
                (!coercion.is_nothing()).then(|| Box::new(coercion))
            }
        };
        Ok(Taken { sealed: self.staged.seal(), header, transfer_syntax, data_set_offset, coercion })
    }

    /// A file's meta information has been read.
    fn begin_data_set(&mut self, start: FileStart) -> Result<(), StoreFailure> {
        let probe = HeaderReader::new(&start.transfer_syntax, 0, self.limits.clone());
        self.state = State::Identifying(Box::new(Identifying {
            probe,
            probed: 0,
            held: start.rest,
            transfer_syntax: start.transfer_syntax,
            announced_class: start.sop_class,
            announced_instance: start.sop_instance,
            binding: false,
        }));
        self.identify(false)
    }

    /// Holds bytes until the data set has said which instance it is, then writes our File Meta Information.
    fn identify(&mut self, ended: bool) -> Result<(), StoreFailure> {
        let State::Identifying(identifying) = &mut self.state else { unreachable!("called in this state only") };
        let mut identity = identifying.probe.identity();
        while identity.is_none() && identifying.probed < identifying.held.len() {
            let end = (identifying.probed + PROBE_BYTES).min(identifying.held.len());
            identifying.probe.push(&identifying.held[identifying.probed..end]).map_err(cannot_understand)?;
            identifying.probed = end;
            identity = identifying.probe.identity();
        }
        let identity = match identity {
            Some(identity) => identity,
            None if ended || identifying.held.len() > IDENTITY_WITHIN_BYTES => {
                return Err(StoreFailure::InvalidSopInstance("the data set names no SOP Instance UID".to_owned()));
            }
            None => return Ok(()),
        };
        let (mut meta, warning) = identifying.settle(identity)?;
        self.warnings.extend(warning);
        if let Some(corrected) = identifying.probe.corrected_transfer_syntax().map_err(cannot_understand)? {
            let announced = std::mem::replace(&mut meta.transfer_syntax, corrected);
            let (instance, stored_as) = (meta.sop_instance.as_str(), meta.transfer_syntax.as_str());
            tracing::warn!(
                instance.uid = instance,
                announced = announced.as_str(),
                stored_as,
                "a data set is in another transfer syntax than announced, and is stored under the right one"
            );
            self.warnings.push(format!("the data set is not in the transfer syntax announced, {announced}, but in {stored_as}"));
        }
        let held = std::mem::take(&mut identifying.held);
        let file_meta = meta.encode();
        let data_set_offset = file_meta.len() as u64;
        let mut header = HeaderReader::new(&meta.transfer_syntax, data_set_offset, self.limits.clone());
        if let Some(rules) = &self.rules {
            header = header.gathering(rules.coercion.character_set, rules.wanted.clone());
        }
        header.push(&held).map_err(cannot_understand)?;
        self.state = State::Passing { header: Box::new(header), transfer_syntax: meta.transfer_syntax, data_set_offset };
        self.staged.push(&file_meta);
        self.staged.push(&held);
        Ok(())
    }
}

impl Identifying {
    /// Compares what was announced with what came; the data set is right about itself.
    fn settle(&self, identity: Identity) -> Result<(FileMeta, Option<String>), StoreFailure> {
        let sop_class = identity.sop_class.ok_or_else(|| missing("SOP Class UID"))?;
        let sop_instance = identity.sop_instance.ok_or_else(|| missing("SOP Instance UID"))?;
        let class_differs = self.announced_class.as_ref().is_some_and(|announced| *announced != sop_class);
        let instance_differs = self.announced_instance.as_ref().is_some_and(|announced| *announced != sop_instance);
        let mut warning = None;
        if class_differs || instance_differs {
            let what = if class_differs { "SOP Class UID" } else { "SOP Instance UID" };
            if self.binding {
                return Err(StoreFailure::DataSetDoesNotMatch(format!("{what} is not the command's")));
            }
            warning = Some(format!("{what} of the File Meta Information is not the data set's"));
        }
        Ok((FileMeta { sop_class, sop_instance, transfer_syntax: self.transfer_syntax.clone() }, warning))
    }
}

fn missing(what: &str) -> StoreFailure {
    StoreFailure::InvalidSopInstance(format!("the data set has no usable {what}"))
}

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err")]
fn cannot_understand(error: HeaderError) -> StoreFailure {
    StoreFailure::CannotUnderstand(error.to_string())
}
