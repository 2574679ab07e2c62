//! What goes on with other nodes behind the requests that asked for it: instances that are sent to them and fetched from them.
//!
//! Kept in memory, and bounded: after a restart it is asked for again. What must arrive whatever happens is forwarding's.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use filmless_archive::clock::now_ms;
use filmless_dimse::requester::{Transfer, Wanted};
use filmless_model::ae_title::AeTitle;
use filmless_model::uid::TransactionUid;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// So many go on at once.
const AT_ONCE: usize = 8;
/// So many are remembered.
const REMEMBERED: usize = 200;

/// What is done with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerAct {
    /// Instances are sent to it.
    Send,
    /// It gives us some.
    Fetch,
}

impl PeerAct {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Fetch => "fetch",
        }
    }
}

/// One of them.
#[derive(Debug)]
pub struct PeerOperation {
    /// Its number, from one.
    pub number: u64,
    /// The node.
    pub peer: AeTitle,
    /// What is done.
    pub act: PeerAct,
    /// Which instances.
    pub wanted: Wanted,
    /// Since when, in milliseconds since 1970-01-01T00:00:00Z.
    pub began_ms: i64,
    progress: watch::Receiver<Transfer>,
    asked: Arc<OnceLock<Vec<TransactionUid>>>,
    ended: OnceLock<Ended>,
    stop: CancellationToken,
}

/// What the work of one is given.
#[derive(Debug)]
pub struct Reins {
    /// Where it says how far it is.
    pub progress: watch::Sender<Transfer>,
    /// Where it says under which transactions the node is asked to vouch for what it was sent.
    pub asked: Arc<OnceLock<Vec<TransactionUid>>>,
    /// It ends with this.
    pub stop: CancellationToken,
}

/// How one came to its end.
#[derive(Debug)]
pub struct Ended {
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Why before all was tried, if so.
    pub trouble: Option<String>,
}

impl PeerOperation {
    /// How far it is.
    pub fn progress(&self) -> Transfer {
        self.progress.borrow().clone()
    }

    /// Under which transactions the node was asked to vouch for what it was sent, once it was.
    pub fn asked(&self) -> Option<&[TransactionUid]> {
        self.asked.get().map(Vec::as_slice)
    }

    /// How it ended, once it has.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.get()
    }

    /// Stops it where it is.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct PeerOperations {
    kept: Mutex<Kept>,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    operations: VecDeque<Arc<PeerOperation>>,
}

impl PeerOperations {
    /// Begins one, unless too many go on.
    pub fn begin<W>(
        &self,
        (peer, act, wanted): (AeTitle, PeerAct, Wanted),
        stop: CancellationToken,
        work: impl FnOnce(Reins) -> W,
    ) -> Option<Arc<PeerOperation>>
    where
        W: Future<Output = Result<(), String>> + Send + 'static,
    {
        let (said, progress) = watch::channel(Transfer::default());
        let asked = Arc::new(OnceLock::new());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.operations.iter().filter(|operation| operation.ended().is_none()).count() >= AT_ONCE {
            return None;
        }
        kept.last += 1;
        let (number, began_ms, ended) = (kept.last, now_ms(), OnceLock::new());
        let reins = Reins { progress: said, asked: asked.clone(), stop: stop.clone() };
        let operation = Arc::new(PeerOperation { number, peer, act, wanted, began_ms, progress, asked, ended, stop });
        while kept.operations.len() >= REMEMBERED
            && let Some(oldest) = kept.operations.iter().position(|operation| operation.ended().is_some())
        {
            kept.operations.remove(oldest);
        }
        kept.operations.push_back(operation.clone());
        drop(kept);
        let (working, under_way) = (work(reins), operation.clone());
        self.tasks.spawn(async move {
            let trouble = working.await.err();
            // Nobody else ends it.
            let _ = under_way.ended.set(Ended { at_ms: now_ms(), trouble });
        });
        Some(operation)
    }

    /// Those with a node, last begun first.
    pub fn of(&self, peer: &AeTitle) -> Vec<Arc<PeerOperation>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.operations.iter().rev().filter(|operation| operation.peer == *peer).cloned().collect()
    }

    /// The tasks that they are.
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }
}
