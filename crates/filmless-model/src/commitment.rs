//! Storage commitments (PS3.4 annex J): what a peer wants us to vouch for, and what became of it.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use crate::ae_title::AeTitle;
use crate::uid::{SopClassUid, SopInstanceUid, TransactionUid};

/// An instance by its class and UID, as an item of Referenced SOP Sequence (0008,1199) names it.
pub type Reference = (SopClassUid, SopInstanceUid);

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentRequest {
    /// Transaction UID, of the peer's making.
    pub transaction: TransactionUid,
    /// Who asks.
    pub peer: AeTitle,
    /// From where.
    pub address: IpAddr,
    /// What for.
    pub references: Vec<Reference>,
}

/// Failure Reason (0008,1197) of an instance (PS3.3 section C.14.1.1, Failure Reason).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentFailure {
    /// Its bytes are not what they must be, or cannot be read.
    ProcessingFailure,
    /// There is no such instance.
    NoSuchInstance,
    /// It is of another class.
    ClassInstanceConflict,
    /// The Transaction UID is in use for something else.
    DuplicateTransaction,
}

impl CommitmentFailure {
    const ALL: [Self; 4] =
        [Self::ProcessingFailure, Self::NoSuchInstance, Self::ClassInstanceConflict, Self::DuplicateTransaction];

    /// The number.
    pub fn code(self) -> u16 {
        match self {
            Self::ProcessingFailure => 0x0110,
            Self::NoSuchInstance => 0x0112,
            Self::ClassInstanceConflict => 0x0119,
            Self::DuplicateTransaction => 0x0131,
        }
    }

    /// Reads the number.
    pub fn of_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.code() == code)
    }
}

/// What we asked a peer to vouch for, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedCommitment {
    /// Transaction UID, of our making.
    pub transaction: TransactionUid,
    /// Whom.
    pub peer: AeTitle,
    /// What for.
    pub references: Vec<Reference>,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub asked_ms: i64,
    /// Its answer, once it has given one.
    pub answer: Option<CommitmentAnswer>,
}

/// What a peer said to what we asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentAnswer {
    /// What it vouches for.
    pub committed: Vec<SopInstanceUid>,
    /// What it does not vouch for, each with its Failure Reason (0008,1197).
    pub failed: Vec<(SopInstanceUid, u16)>,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

impl AskedCommitment {
    /// Whether the peer vouches for all that it was asked for.
    pub fn is_given(&self) -> bool {
        self.state() == AskedState::Given
    }

    /// How far it is.
    pub fn state(&self) -> AskedState {
        match &self.answer {
            None => AskedState::Asked,
            Some(answer) if answer.refused(&self.references) == 0 => AskedState::Given,
            Some(_) => AskedState::Refused,
        }
    }
}

impl CommitmentAnswer {
    /// How many of these it does not vouch for, whether it says so or says nothing of them.
    pub fn refused(&self, references: &[Reference]) -> usize {
        let committed: HashSet<_> = self.committed.iter().collect();
        references.iter().filter(|(_, instance)| !committed.contains(instance)).count()
    }

    /// Its Failure Reasons (0008,1197), each once.
    pub fn reasons(&self) -> BTreeSet<u16> {
        self.failed.iter().map(|(_, reason)| *reason).collect()
    }
}

/// How far it is what we asked a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedState {
    /// It has not answered.
    Asked,
    /// It could not be asked.
    NotAsked,
    /// It vouches for all.
    Given,
    /// It does not vouch for some.
    Refused,
}

impl AskedState {
    /// The word of it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NotAsked => "not asked",
            Self::Given => "given",
            Self::Refused => "refused",
        }
    }
}

/// What we asked a peer to vouch for, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedSummary {
    /// Transaction UID.
    pub transaction: TransactionUid,
    /// Whom.
    pub peer: AeTitle,
    /// How many instances were named.
    pub instances: u64,
    /// How many of them it does not vouch for; none until it has answered.
    pub refused: u64,
    /// Why, each Failure Reason (0008,1197) once.
    pub reasons: BTreeSet<u16>,
    /// Why it could not be asked, if so.
    pub trouble: Option<String>,
    /// When it was asked, in milliseconds since 1970-01-01T00:00:00Z.
    pub asked_ms: i64,
    /// When it answered, in the same unit.
    pub answered_ms: Option<i64>,
}

impl AskedSummary {
    /// How far it is. An answer counts, whatever became of the request.
    pub fn state(&self) -> AskedState {
        match (self.answered_ms, &self.trouble) {
            (None, None) => AskedState::Asked,
            (None, Some(_)) => AskedState::NotAsked,
            (Some(_), _) if self.refused == 0 => AskedState::Given,
            (Some(_), _) => AskedState::Refused,
        }
    }
}

/// How far a commitment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitmentState {
    /// The bytes are still to be read.
    Checking,
    /// The peer is still to be told.
    Reporting,
    /// The peer was told.
    Reported,
    /// The peer could not be told for too long.
    GivenUp,
}

impl CommitmentState {
    /// Reads what [`CommitmentState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Checking, Self::Reporting, Self::Reported, Self::GivenUp].into_iter().find(|state| state.as_str() == text)
    }

    /// The word of it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Reporting => "reporting",
            Self::Reported => "reported",
            Self::GivenUp => "given up",
        }
    }
}

/// A commitment that is to be worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Its number.
    pub key: i64,
    /// What was asked.
    pub request: CommitmentRequest,
    /// How far it is.
    pub state: CommitmentState,
    /// The places of references that failed, and why. Empty while it is checking.
    pub failures: Vec<(usize, CommitmentFailure)>,
    /// How often the peer could not be told, or bytes not be read.
    pub attempts: u32,
    /// When it was asked for, in milliseconds since 1970-01-01T00:00:00Z.
    pub requested_ms: i64,
}

/// A commitment as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentSummary {
    /// Its number.
    pub key: i64,
    /// Transaction UID.
    pub transaction: TransactionUid,
    /// Who asked.
    pub peer: AeTitle,
    /// How far it is.
    pub state: CommitmentState,
    /// How many instances were named.
    pub instances: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Why it was in vain the last time, if it was.
    pub trouble: Option<String>,
    /// When it was asked for, in milliseconds since 1970-01-01T00:00:00Z.
    pub requested_ms: i64,
    /// When it is tried next, or ended, in the same unit.
    pub at_ms: i64,
}
