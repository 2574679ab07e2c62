//! How long a process has a row that it works on: a short time, which it moves on while it works. After a crash the row is due, and
//! somebody else goes on.

use std::time::Duration;

use filmless_model::availability::Notice;

use crate::archive::Archive;
use crate::clock::later;

/// How long a row is had without a word of who has it.
const LEASE: Duration = Duration::from_secs(20);
/// How often who works on it says so.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long a process has a commitment, or a notice of availability.
#[derive(Debug)]
pub struct Lease {
    of: Leased,
    until_ms: i64,
}

#[derive(Debug)]
enum Leased {
    Commitment(i64),
    Notice { key: i64, revision: i64 },
}

impl Lease {
    /// Until when a row is had that is taken now.
    pub(crate) fn end() -> i64 {
        later(LEASE)
    }

    pub(crate) fn of_commitment(key: i64, until_ms: i64) -> Self {
        Self { of: Leased::Commitment(key), until_ms }
    }

    pub(crate) fn of_notice(notice: &Notice, until_ms: i64) -> Self {
        Self { of: Leased::Notice { key: notice.key, revision: notice.revision }, until_ms }
    }

    /// Until when the row is had.
    pub(crate) fn until_ms(&self) -> i64 {
        self.until_ms
    }
}

impl Archive {
    /// Does work on what is had and says meanwhile that it goes on; `None` if somebody else took it, and the work was left.
    pub async fn hold<T>(&self, lease: &mut Lease, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            let until_ms = Lease::end();
            let kept = match lease.of {
                Leased::Commitment(key) => self.index.keep_commitment(key, lease.until_ms, until_ms).await,
                Leased::Notice { key, revision } => self.index.keep_notice(key, revision, until_ms).await,
            };
            match kept {
                Ok(true) => lease.until_ms = until_ms,
                Ok(false) => return None,
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot say that work goes on"),
            }
            if let Ok(done) = tokio::time::timeout(RENEWAL, &mut work).await {
                return Some(done);
            }
        }
    }
}
