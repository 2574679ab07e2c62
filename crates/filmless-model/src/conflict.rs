//! Bytes that disagree with what the archive already holds. Nothing is lost: they are kept and listed.

use crate::address::InstanceAddress;
use crate::version::VersionId;

/// In what they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictKind {
    /// Other bytes under a known SOP Instance UID.
    Content,
    /// The study is known under another patient: showing both together could mix up two people.
    Patient,
    /// The series is known under another study, or the instance under another series.
    Hierarchy,
}

impl ConflictKind {
    /// The word in the table and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Patient => "patient",
            Self::Hierarchy => "hierarchy",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Content, Self::Patient, Self::Hierarchy].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A row of the conflict list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// In what the versions disagree.
    pub kind: ConflictKind,
    /// What the later version says it is.
    pub address: InstanceAddress,
    /// The version that came later.
    pub later: VersionId,
    /// The version that was served before, if the archive had the instance.
    pub earlier: Option<VersionId>,
    /// Whether the later version is the served one.
    pub later_is_served: bool,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}
