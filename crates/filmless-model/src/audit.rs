//! What is written down of every act: who did what, to which patient's which study, from where, why and when (PS3.15 A.5, Audit
//! Trail Message Format Profile). An entry is a text that never changes; each carries a digest over itself and the one before.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::actor::{Act, Actor};
use crate::uid::StudyInstanceUid;
use crate::version::Digest;

/// What was done, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditedAct {
    /// Somebody signed in (PS3.15 A.5.3.11, User Authentication).
    SignIn,
    /// Somebody signed out, or was signed out.
    SignOut,
    /// Somebody searched (PS3.15 A.5.3.10, Query).
    Search,
    /// Somebody looked at a study (PS3.15 A.5.3.6, DICOM Instances Accessed).
    View,
    /// Instances left (PS3.15 A.5.3.7, DICOM Instances Transferred).
    Download,
    /// Pictures left on paper (PS3.15 A.5.3.4, Data Export).
    Print,
    /// Pictures left as files or over the clipboard.
    Export,
    /// Instances came.
    Store,
    /// A study, series or instance was deleted (PS3.15 A.5.3.8, DICOM Study Deleted).
    Delete,
    /// What was deleted was taken back.
    Restore,
    /// An order was placed, changed or cancelled.
    Order,
    /// What runs the archive was looked at or changed: accounts, peers, rules (PS3.15 A.5.3.12, Security Alert).
    Administer,
}

impl AuditedAct {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::SignIn,
        Self::SignOut,
        Self::Search,
        Self::View,
        Self::Download,
        Self::Print,
        Self::Export,
        Self::Store,
        Self::Delete,
        Self::Restore,
        Self::Order,
        Self::Administer,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Search => "search",
            Self::View => "view",
            Self::Download => "download",
            Self::Print => "print",
            Self::Export => "export",
            Self::Store => "store",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Order => "order",
            Self::Administer => "administer",
        }
    }

    /// The act of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

impl From<Act> for AuditedAct {
    /// As what an act is written down.
    fn from(act: Act) -> Self {
        match act {
            Act::Store | Act::Replace | Act::Annotate => Self::Store,
            Act::Search | Act::SearchOrders | Act::Watch => Self::Search,
            Act::View => Self::View,
            Act::Download => Self::Download,
            Act::Print => Self::Print,
            Act::Export => Self::Export,
            Act::Delete => Self::Delete,
            Act::PerformOrders | Act::ManageOrders => Self::Order,
            Act::ReviewLog
            | Act::ManageConflicts
            | Act::ManagePeers
            | Act::ManageForwarding
            | Act::ManageAccounts
            | Act::KeepSettings => Self::Administer,
        }
    }
}

/// How it ended (PS3.15 A.5.1, Event Outcome Indicator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// Whoever asked may not.
    Refused,
    /// It was permitted, and failed.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Failed];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// What.
    pub act: AuditedAct,
    /// How it ended.
    pub outcome: Outcome,
    /// Who: [`Actor::name`].
    pub actor: String,
    /// The AE title of the node that it was asked by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ae_title: Option<String>,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// Which study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyInstanceUid>,
    /// Patient ID (0010,0020) of whose study it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_id: Option<String>,
    /// Issuer of Patient ID (0010,0021): without it the Patient IDs of two hospitals would be one patient's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_of_patient_id: Option<String>,
    /// How many instances or pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Why, as whoever did it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What besides: the name of what was administered, the keys of a search, the form of what left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl AuditEvent {
    /// That an actor does something, of which nothing else is to be said yet.
    pub fn of(actor: &Actor, act: AuditedAct, at_ms: i64) -> Self {
        Self {
            at_ms,
            act,
            outcome: Outcome::Done,
            actor: actor.name(),
            ae_title: actor.ae_title().map(ToString::to_string),
            address: actor.address(),
            study: None,
            patient_id: None,
            issuer_of_patient_id: None,
            count: None,
            purpose: None,
            detail: None,
        }
    }

    /// With the study that it is about.
    #[must_use]
    pub fn about(self, study: &StudyInstanceUid) -> Self {
        Self { study: Some(study.clone()), ..self }
    }

    /// With what besides is to be said of it.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// With how many instances or pictures that were.
    #[must_use]
    pub fn counting(self, count: u64) -> Self {
        Self { count: Some(count), ..self }
    }
}

/// How far the log is: the place of its last entry, and the digest there, which is of all before as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHead {
    /// The place; 0 before the first entry.
    pub sequence: i64,
    /// The digest.
    pub digest: Digest,
}

/// Which entries of the log are wanted; what is empty is not asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this actor.
    pub actor: String,
    /// About this patient.
    pub patient_id: String,
    /// About this study.
    pub study: Option<StudyInstanceUid>,
    /// Of this act.
    pub act: Option<AuditedAct>,
    /// Not earlier, in milliseconds since 1970-01-01T00:00:00Z.
    pub from_ms: Option<i64>,
    /// Earlier, in milliseconds since 1970-01-01T00:00:00Z.
    pub until_ms: Option<i64>,
    /// Before this place, for the next page.
    pub before: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_and_outcome_is_read_back_from_its_word() {
        assert!(AuditedAct::ALL.into_iter().all(|act| AuditedAct::parse(act.as_str()) == Some(act)));
        assert!(Outcome::ALL.into_iter().all(|outcome| Outcome::parse(outcome.as_str()) == Some(outcome)));
    }
}
