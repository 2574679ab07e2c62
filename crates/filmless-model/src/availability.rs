//! Instance availability (PS3.4 annex R): who is told that a study is here, or is not any more, and how far that is.

use crate::ae_title::AeTitle;
use crate::commitment::Reference;
use crate::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};

/// How far it is with telling a peer of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// The peer is still to be told.
    Waiting,
    /// It was told.
    Told,
    /// It could not be told for too long.
    GivenUp,
}

impl NoticeState {
    /// Reads what [`NoticeState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Told, Self::GivenUp].into_iter().find(|state| state.as_str() == text)
    }

    /// The word of it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::GivenUp => "given up",
        }
    }
}

/// A study that a peer is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub key: i64,
    /// Grows with every page of the feed that has new or deleted instances of the study.
    pub revision: i64,
    /// Whom.
    pub peer: AeTitle,
    /// Of what.
    pub study: StudyInstanceUid,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// When its last change was read of, in milliseconds since 1970-01-01T00:00:00Z.
    pub queued_ms: i64,
}

/// A notice as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSummary {
    /// The notice.
    pub notice: Notice,
    /// How far it is.
    pub state: NoticeState,
    /// Why it was in vain the last time, if it was.
    pub trouble: Option<String>,
    /// When it is tried next, or ended, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// Instance Availability (PS3.3 section C.4.23.1.1), as far as we have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It can be had at once.
    Online,
    /// It is not here any more.
    Unavailable,
}

impl Availability {
    /// Its defined term.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "ONLINE",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

/// What is here of a study, and what of it is not here any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailableStudy {
    /// Study Instance UID.
    pub study: StudyInstanceUid,
    /// Each series with its instances.
    pub series: Vec<(SeriesInstanceUid, Vec<(Reference, Availability)>)>,
    /// The last deletion that was looked at for it.
    pub last_deletion: i64,
    /// The Performed Procedure Step that made it, if one is known.
    pub step: Option<SopInstanceUid>,
}

impl AvailableStudy {
    /// Whether anything of it is here.
    pub fn is_here(&self) -> bool {
        self.series.iter().flat_map(|(_, instances)| instances).any(|(_, availability)| *availability == Availability::Online)
    }
}
