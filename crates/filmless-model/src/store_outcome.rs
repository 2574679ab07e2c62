//! How a store ended. One table serves both doors: C-STORE Status (PS3.4 section B.2.3, Statuses) and STOW-RS
//! Failure Reason (PS3.18 Annex I, Store Instances Response Module) use the same numbers.

use crate::address::InstanceAddress;
use crate::version::VersionId;

/// A store that succeeded: the bytes are durable and the row is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where the instance stands.
    pub address: InstanceAddress,
    /// The version that holds the bytes.
    pub version: VersionId,
    /// What the store changed.
    pub effect: StoreEffect,
    /// Oddities of the data set that were kept as sent, in words for a person, without patient data.
    pub warnings: Vec<String>,
}

/// What a store changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreEffect {
    /// An instance the archive did not have.
    New,
    /// The same bytes again: nothing changed.
    AlreadyStored,
    /// Other bytes under a known SOP Instance UID: they are kept, listed as a conflict, and served from now on.
    Replaced,
    /// Kept and listed as a conflict, but not served: the source may not replace, or the patient or study differs.
    Conflict,
}

/// A store that failed; nothing was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// The store is full, a limit is reached, or database or blobstore do not answer. Trying again may help.
    #[error("out of resources: {0}")]
    OutOfResources(String),
    /// The data set is not what the request said it is.
    #[error("data set does not match: {0}")]
    DataSetDoesNotMatch(String),
    /// The data set cannot be read.
    #[error("cannot understand: {0}")]
    CannotUnderstand(String),
    /// The SOP Class is not accepted.
    #[error("SOP class is not supported")]
    SopClassNotSupported,
    /// The actor may not store.
    #[error("not authorised to store")]
    NotAuthorised,
    /// A UID of the instance is missing or malformed.
    #[error("invalid SOP instance: {0}")]
    InvalidSopInstance(String),
}

impl StoreFailure {
    /// The number both doors send.
    pub fn code(&self) -> u16 {
        match self {
            Self::OutOfResources(_) => 0xA700,
            Self::DataSetDoesNotMatch(_) => 0xA900,
            Self::CannotUnderstand(_) => 0xC000,
            Self::SopClassNotSupported => 0x0122,
            Self::NotAuthorised => 0x0124,
            Self::InvalidSopInstance(_) => 0x0117,
        }
    }
}
