//! Listens, and owns the task of each connection. Bounds how many there are, with and without an association.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use filmless_archive::Archive;
use filmless_model::uid::SopClassUid;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::admission::Transport;
use crate::availability;
use crate::commitment::{self, Accepted};
use crate::config::DimseConfig;
use crate::places::Places;
use crate::prompt_stream::PromptStream;
use crate::requester::Requester;
use crate::tls::Tls;
use crate::users::Users;

/// Where associations come in. There may be either or both.
#[derive(Default)]
pub struct Listeners {
    /// As they are.
    pub plain: Option<TcpListener>,
    /// By TLS, if there is any.
    pub secure: Option<TcpListener>,
    /// How it is spoken, also by us to peers that we call.
    pub tls: Option<Arc<Tls>>,
}

impl From<TcpListener> for Listeners {
    fn from(plain: TcpListener) -> Self {
        Self { plain: Some(plain), ..Self::default() }
    }
}

/// What all associations share.
pub(crate) struct Acceptor {
    pub(crate) archive: Arc<Archive>,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) config: DimseConfig,
    pub(crate) private_sop_classes: HashSet<SopClassUid>,
    pub(crate) requester: Requester,
    /// A permit for each association.
    pub(crate) associations: Arc<Semaphore>,
    /// How many each peer has.
    pub(crate) places: Places,
    /// A permit for each rejected peer that is being written into the inbox.
    pub(crate) remembering: Semaphore,
    pub(crate) pending: PendingConnections,
    /// Leads to who works on the commitments that are asked for.
    pub(crate) commitments: mpsc::Sender<Accepted>,
    /// Associations end at their next rest.
    pub(crate) drain: CancellationToken,
    /// Associations end where they are.
    pub(crate) stop: CancellationToken,
    last_association_id: AtomicU64,
}

impl Acceptor {
    /// The next number of an association, from one.
    pub(crate) fn next_association_id(&self) -> u64 {
        self.last_association_id.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Accepts associations on the `listeners` until `shutdown`; returns once all of them have ended.
///
/// After `shutdown` nothing is accepted any more, messages in flight are finished and answered, and associations are
/// released at their next rest. What takes longer than `shutdown_timeout_seconds` is aborted.
pub async fn serve(
    listeners: impl Into<Listeners>,
    archive: Arc<Archive>,
    users: Arc<dyn Users>,
    config: DimseConfig,
    shutdown: CancellationToken,
) {
    /// Writers of the inbox at one time.
    const REMEMBERING: usize = 4;
    let grace = config.shutdown();
    let stop = CancellationToken::new();
    let (commitments, accepted) = commitment::channel();
    let Listeners { plain, secure, tls } = listeners.into();
    let reporting = Requester::new(config.clone(), shutdown.clone()).with_tls(tls.clone());
    let quiet = Duration::from_secs(config.availability_quiet_seconds);
    let telling = tokio::spawn(availability::work(archive.clone(), quiet, reporting.clone(), shutdown.clone()));
    let working = tokio::spawn(commitment::work(archive.clone(), config.clone(), reporting, accepted, shutdown.clone()));
    let acceptor = Arc::new(Acceptor {
        archive,
        requester: Requester::new(config.clone(), stop.clone()).with_tls(tls.clone()),
        users,
        private_sop_classes: config.private_sop_classes.iter().cloned().collect(),
        associations: Arc::new(Semaphore::new(config.max_associations.min(Semaphore::MAX_PERMITS))),
        places: Places::default(),
        remembering: Semaphore::new(REMEMBERING),
        pending: PendingConnections::new(config.max_pending_connections),
        commitments,
        drain: shutdown.clone(),
        stop,
        last_association_id: AtomicU64::new(0),
        config,
    });
    let mut connections = JoinSet::new();
    if let Some(tls) = &tls {
        connections.spawn(Arc::clone(tls).follow(shutdown.clone()));
    }
    loop {
        let (accepted, tls) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            accepted = accept(plain.as_ref()) => (accepted, None),
            accepted = accept(secure.as_ref()) => (accepted, tls.clone()),
        };
        match accepted {
            Ok((stream, peer)) => {
                let stream = PromptStream::new(stream);
                let acceptor = Arc::clone(&acceptor);
                let pending = acceptor.pending.enter();
                connections.spawn(async move {
                    match tls {
                        None => acceptor.run(stream, Transport { peer, secured: None }, pending).await,
                        Some(tls) => acceptor.run_secure(stream, peer, &tls, pending).await,
                    }
                });
            }
            Err(error) => {
                // Mostly that no more files may be open: going on at once would only burn the processor.
                tracing::error!(%error, "cannot accept a DICOM connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop((plain, secure));
    end(connections, &acceptor.stop, grace).await;
    report(working.await);
    report(telling.await);
}

/// The next connection; never, where nobody listens.
async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Waits for connections to end, less and less patiently.
async fn end(mut connections: JoinSet<()>, stop: &CancellationToken, grace: Duration) {
    /// What an A-ABORT needs to be sent and read.
    const AFTER_STOP: Duration = Duration::from_secs(2);
    for patience in [grace, AFTER_STOP] {
        let all = async {
            while let Some(ended) = connections.join_next().await {
                report(ended);
            }
        };
        if tokio::time::timeout(patience, all).await.is_ok() {
            return;
        }
        stop.cancel();
    }
    tracing::warn!(count = connections.len(), "DICOM connections had to be cut off");
    connections.shutdown().await;
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a task of the DIMSE door failed by a fault of ours");
    }
}

/// The connections that have no association: not yet, rejected, or not any more.
///
/// When there are too many, the one that waits longest is closed. So thousands of idle connections neither use up what
/// the process may open nor keep a peer out: its request comes within milliseconds of its connection.
#[derive(Debug)]
pub(crate) struct PendingConnections {
    shared: Arc<Mutex<Waiting>>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    by_age: BTreeMap<u64, CancellationToken>,
    last: u64,
}

impl PendingConnections {
    fn new(limit: usize) -> Self {
        Self { shared: Arc::default(), limit: limit.max(1) }
    }

    /// Adds a connection.
    pub(crate) fn enter(&self) -> Pending {
        let evicted = CancellationToken::new();
        let mut waiting = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.last += 1;
        let number = waiting.last;
        waiting.by_age.insert(number, evicted.clone());
        if waiting.by_age.len() > self.limit
            && let Some((_, oldest)) = waiting.by_age.pop_first()
        {
            oldest.cancel();
        }
        drop(waiting);
        Pending { shared: Arc::clone(&self.shared), number, evicted }
    }
}

/// A place among the connections without an association; dropping it leaves.
#[derive(Debug)]
pub(crate) struct Pending {
    shared: Arc<Mutex<Waiting>>,
    number: u64,
    evicted: CancellationToken,
}

impl Pending {
    /// Resolves when the place is needed for another.
    pub(crate) async fn evicted(&self) {
        self.evicted.cancelled().await;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).by_age.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_that_waits_longest_makes_room() {
        let connections = PendingConnections::new(2);
        let (first, second) = (connections.enter(), connections.enter());
        assert!(!first.evicted.is_cancelled());
        let third = connections.enter();
        assert!(first.evicted.is_cancelled());
        drop(second);
        let fourth = connections.enter();
        assert!(!third.evicted.is_cancelled(), "the second had left");
        assert!(!fourth.evicted.is_cancelled());
    }
}
