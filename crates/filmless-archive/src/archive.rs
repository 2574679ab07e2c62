//! What the acts share: the index, the blobstore, the codecs, and how an act can fail.

use std::sync::Arc;

use filmless_blobstore::{Blobstore, BlobstoreError};
use filmless_codecs::Codecs;
use filmless_dicom::header::HeaderLimits;
use filmless_index::{Index, IndexError};
use filmless_model::further::FurtherAttribute;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::audit::Notes;
use crate::authorize::Forbidden;
use crate::coercions::Coercions;

/// Messages about procedure steps that are read at once.
const READING_STEPS: usize = 2;

/// Bounds on what one store or retrieve may take.
#[derive(Debug, Clone)]
pub struct ArchiveLimits {
    /// The longest instance, in bytes.
    pub max_instance_bytes: u64,
    /// Bounds on reading a data set.
    pub header: HeaderLimits,
    /// Pictures rendered at once.
    pub renderings: usize,
    /// Deflated data sets held inflated at once, of 256 MiB each at most.
    pub inflations: usize,
    /// Changes that a search by a further attribute reads itself before it is answered.
    pub changes_read_by_search: u32,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            max_instance_bytes: 16 << 30,
            header: HeaderLimits::default(),
            renderings: 4,
            inflations: 2,
            changes_read_by_search: 1024,
        }
    }
}

/// The archive. Shared by both doors.
pub struct Archive {
    pub(crate) index: Arc<dyn Index>,
    pub(crate) blobstore: Blobstore,
    pub(crate) codecs: Codecs,
    pub(crate) limits: ArchiveLimits,
    /// The sequence of the last change this process made or saw.
    pub(crate) last_change: watch::Sender<i64>,
    /// Counts how often something was put on its way to a destination.
    pub(crate) on_their_way: watch::Sender<u64>,
    /// The further attributes that searches may name.
    pub(crate) further: watch::Sender<Arc<[FurtherAttribute]>>,
    /// Held by who reads a page of headers for them, so that this process does so once.
    pub(crate) reading_further: Mutex<()>,
    pub(crate) renderings: Semaphore,
    pub(crate) inflations: Arc<Semaphore>,
    /// A permit for each message about a procedure step that is being read.
    pub(crate) reading_steps: Semaphore,
    pub(crate) coercions: Coercions,
    /// What is to be written to the audit log.
    pub(crate) notes: Notes,
}

impl Archive {
    /// Puts the parts together.
    pub fn new(index: Arc<dyn Index>, blobstore: Blobstore, codecs: Codecs, limits: ArchiveLimits) -> Arc<Self> {
        let renderings = Semaphore::new(limits.renderings);
        let inflations = Arc::new(Semaphore::new(limits.inflations));
        Arc::new(Self {
            index,
            blobstore,
            codecs,
            limits,
            last_change: watch::Sender::new(0),
            on_their_way: watch::Sender::new(0),
            further: watch::Sender::new(Arc::new([])),
            reading_further: Mutex::new(()),
            renderings,
            inflations,
            reading_steps: Semaphore::new(READING_STEPS),
            coercions: Coercions::default(),
            notes: Notes::default(),
        })
    }

    /// Whether database and store answer.
    pub async fn ping(&self) -> Result<(), ArchiveError> {
        self.index.ping().await?;
        Ok(())
    }
}

/// Why an act failed. Storing has failures of its own: [`filmless_model::store_outcome::StoreFailure`].
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The archive has no such study, series, instance or frame.
    #[error("not found")]
    NotFound,
    /// The instance has no pixels to show.
    #[error("the instance has no image")]
    NoImage,
    /// The pixels cannot be decoded or rendered.
    #[error("cannot decode the image: {0}")]
    Undecodable(String),
    /// A search names a further attribute whose values are not all read yet; trying again later helps.
    #[error("{0} is being indexed")]
    BeingIndexed(String),
    /// A search names a further attribute that is not one.
    #[error("{0} is not indexed")]
    NotIndexed(String),
    /// Too many others want the same; trying again helps.
    #[error("too many deflated data sets are being read")]
    Busy,
    /// The database failed.
    #[error("the index failed")]
    Index(#[from] IndexError),
    /// The store failed.
    #[error("the blobstore failed")]
    Blobstore(#[source] BlobstoreError),
    /// A row whose bytes are gone or unreadable: somebody must act.
    #[error("the stored copy is damaged: {0}")]
    Damaged(String),
}

impl From<BlobstoreError> for ArchiveError {
    fn from(error: BlobstoreError) -> Self {
        match error {
            BlobstoreError::NotFound => Self::Damaged("its bytes are missing; run `filmless check`".to_owned()),
            other => Self::Blobstore(other),
        }
    }
}
