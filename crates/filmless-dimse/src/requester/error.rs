//! Why a remote node could not be asked, or did not do what it was asked for.

use std::io;

use crate::message::{End, PAUSED, SHUTDOWN};

/// Why a request to a remote node failed.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Its name is not known, nothing listens there, or there is no way to it.
    #[error("cannot connect: {0}")]
    Unreachable(io::Error),
    /// The connection was not made in time.
    #[error("the node does not answer: no connection in time")]
    NoConnection,
    /// The connection cannot be made secure, or its other end does not trust us.
    #[error("no secure connection: {0}")]
    Insecure(String),
    /// It took the connection and says nothing.
    #[error("the node takes the connection and does not answer the association request")]
    NoAnswer,
    /// It does not want the association (PS3.8 table 9-21, A-ASSOCIATE-RJ PDU Fields).
    #[error("the node rejects the association: {}", rejection(*.result, *.rejected_by, *.reason))]
    Rejected {
        /// 1 is permanent, 2 transient.
        result: u8,
        /// Who rejects: 1 the service user, 2 and 3 the service provider.
        rejected_by: u8,
        /// Why, by source.
        reason: u8,
    },
    /// It aborted.
    #[error("the node aborted the association")]
    Aborted,
    /// The connection is gone.
    #[error("the node closed the connection")]
    Closed,
    /// What answers does not speak DICOM, or not as the standard has it.
    #[error("what the node answers is not DICOM")]
    NoDicom,
    /// None of what we want was accepted.
    #[error("the node accepts none of the presentation contexts")]
    NothingAccepted,
    /// It did not answer a request in time.
    #[error("the node does not answer in time")]
    NoResponse,
    /// It answered with this status.
    #[error("the node answers with status {0:04X}")]
    Status(u16),
    /// We are shutting down.
    #[error("shutting down")]
    Stopped,
}

impl RequestError {
    /// The same in one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::NoConnection => "no-connection",
            Self::Insecure(_) => "insecure",
            Self::NoAnswer => "no-answer",
            Self::Rejected { rejected_by: 1, reason: 3, .. } => "calling-ae-title-unknown",
            Self::Rejected { rejected_by: 1, reason: 7, .. } => "called-ae-title-unknown",
            Self::Rejected { .. } => "rejected",
            Self::Aborted => "aborted",
            Self::Closed => "closed",
            Self::NoDicom => "no-dicom",
            Self::NothingAccepted => "nothing-accepted",
            Self::NoResponse => "no-response",
            Self::Status(_) => "status",
            Self::Stopped => "stopped",
        }
    }
}

impl From<End> for RequestError {
    fn from(end: End) -> Self {
        match end {
            End::Closed => Self::Closed,
            End::PeerAborted { .. } | End::ReleaseRequested => Self::Aborted,
            End::Abort(_, SHUTDOWN) | End::Release(_) => Self::Stopped,
            End::Abort(_, PAUSED) => Self::NoResponse,
            End::Abort(..) => Self::NoDicom,
        }
    }
}

/// The words of PS3.8 table 9-21.
fn rejection(result: u8, source: u8, reason: u8) -> String {
    let words = match (source, reason) {
        (1, 2) => "application context name not supported",
        (1, 3) => "calling AE title not recognized",
        (1, 7) => "called AE title not recognized",
        (2, 2) => "protocol version not supported",
        (3, 1) => "temporary congestion",
        (3, 2) => "local limit exceeded",
        _ => "no reason given",
    };
    if result == 2 { format!("{words} (for now)") } else { words.to_owned() }
}
