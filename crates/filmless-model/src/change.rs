//! What happened to the archive, in order: the feed that lists, forwarders and open study lists follow.

use crate::address::InstanceAddress;
use crate::version::VersionId;

/// One change, recorded in the transaction that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Grows with every change; gaps are possible.
    pub sequence: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// To which instance.
    pub address: InstanceAddress,
    /// The version that the change is about.
    pub version: VersionId,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// Kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// An instance is new.
    Stored,
    /// Another version of an instance is served from now on.
    Replaced,
    /// Bytes were kept but are not served.
    Conflict,
    /// An instance is gone.
    Deleted,
}

impl ChangeKind {
    /// The word in the table and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Replaced => "replaced",
            Self::Conflict => "conflict",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stored, Self::Replaced, Self::Conflict, Self::Deleted].into_iter().find(|kind| kind.as_str() == text)
    }
}
