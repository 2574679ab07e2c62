//! The one writer of an SQLite file: a task that owns the connection and groups the writes that wait.
//!
//! A commit costs a sync of the disk, whatever it holds. While one is under way others queue up; the next transaction
//! takes them all, each in a savepoint of its own, and one sync answers them together. A write that fails takes only
//! itself back. Nothing is answered before the commit.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::{AnyConnection, Connection, Executor};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::connect;
use crate::commit::statements::store_new_instance_sqlite;
use crate::commit::{self, Attempt};
use crate::config::IndexConfig;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{Committed, VersionCommit};

/// Writes that may wait. Whoever comes later waits to be let in.
const QUEUE: usize = 256;

/// The most writes of one transaction: it bounds how long the first of them waits.
const GROUP: usize = 64;

/// Tells the requester how it ended, once it is known whether the group was committed.
type Reply = Box<dyn FnOnce(Result<(), IndexError>) + Send>;

/// Where a write stands in its transaction, and so what goes before and after it. Each has a savepoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Only,
    First,
    Middle,
    Last,
}

impl Place {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 4] = [Self::Only, Self::First, Self::Middle, Self::Last];

    fn new(is_first: bool, is_last: bool) -> Self {
        match (is_first, is_last) {
            (true, true) => Self::Only,
            (true, false) => Self::First,
            (false, false) => Self::Middle,
            (false, true) => Self::Last,
        }
    }

    /// Immediate: the write lock is waited for here, not at a later statement that could only fail.
    pub(crate) fn before(self) -> &'static str {
        match self {
            Self::Only | Self::First => "begin immediate; savepoint one",
            Self::Middle | Self::Last => "savepoint one",
        }
    }

    /// What keeps the write.
    pub(crate) fn after(self) -> &'static str {
        match self {
            Self::First | Self::Middle => "release one",
            Self::Only | Self::Last => "release one; commit",
        }
    }
}

/// Runs a write with what goes before and after it. An error is one of the whole transaction.
type Work = Box<dyn for<'c> FnOnce(&'c mut AnyConnection, Place) -> BoxFuture<'c, (Reply, Result<(), sqlx::Error>)> + Send>;

enum Request {
    Write(Work),
    Close,
}

/// A handle of the writer. The task ends when it is closed or the last handle is gone.
#[derive(Debug)]
pub(crate) struct Writer {
    requests: mpsc::Sender<Request>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Begins to write on a connection.
    pub(crate) fn start(config: IndexConfig, connection: AnyConnection) -> Self {
        let (requests, received) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(config, connection, received));
        Self { requests, task: tokio::sync::Mutex::new(Some(task)) }
    }

    /// Runs `write` in a transaction and returns once that is committed. Once queued, the write happens even if the
    /// requester goes away.
    pub(crate) async fn write<T, F>(&self, write: Arc<F>) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        self.queue(move |connection, place| {
            Box::pin(async move {
                if let Err(error) = connection.execute(place.before()).await {
                    return (Err(IndexError::NotCommitted(error.to_string())), Err(error));
                }
                let result = write(connection).await;
                let ended = end(connection, place, result.is_ok()).await;
                (result, ended)
            })
        })
        .await
    }

    /// Records a version: with one request to SQLite if what is known allows it.
    pub(crate) async fn commit_version(&self, version: Arc<VersionCommit>) -> Result<Committed, IndexError> {
        self.queue(move |connection, place| {
            Box::pin(async move {
                let committed = match commit::in_one_request(&version, store_new_instance_sqlite(place)) {
                    Some(query) => match query.fetch_all(&mut *connection).await {
                        Ok(rows) => return (commit::done_in_one(&version, &rows), Ok(())),
                        Err(error) => Err(error),
                    },
                    None => connection.execute(place.before()).await.map(drop),
                };
                // A broken constraint: a row appeared since it was looked for. What else failed is not for us to mend.
                let ready = match committed {
                    Err(error) if IndexError::breaks_a_constraint(&error) => {
                        connection.execute("rollback to one").await.map(drop)
                    }
                    other => other,
                };
                if let Err(error) = ready {
                    return (Err(IndexError::NotCommitted(error.to_string())), Err(error));
                }
                let result = match commit::commit(Engine::Sqlite, connection, &version).await {
                    Ok(Attempt::Done(committed)) => Ok(committed),
                    Ok(Attempt::Raced) => Err(IndexError::Corrupt("a row appeared beside the one writer".to_owned())),
                    Err(error) => Err(error),
                };
                let ended = end(connection, place, result.is_ok()).await;
                (result, ended)
            })
        })
        .await
    }

    /// Queues a write and waits until its transaction is committed. It happens even if the requester goes away.
    async fn queue<T, W>(&self, write: W) -> Result<T, IndexError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut AnyConnection, Place) -> BoxFuture<'c, (Result<T, IndexError>, Result<(), sqlx::Error>)>
            + Send
            + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection, place| {
            Box::pin(async move {
                let (result, transaction) = write(connection, place).await;
                // A requester that went away needs no answer.
                let reply: Reply = Box::new(move |committed| drop(answer.send(committed.and(result))));
                (reply, transaction)
            })
        });
        self.requests.send(Request::Write(work)).await.map_err(|_| IndexError::Closed)?;
        answered.await.map_err(|_| IndexError::NotCommitted("the writer could not begin".to_owned()))?
    }

    /// Finishes what is queued and closes the connection.
    pub(crate) async fn close(&self) {
        // Nobody listens if it is closed already.
        drop(self.requests.send(Request::Close).await);
        let task = self.task.lock().await.take();
        if let Some(Err(error)) = match task {
            Some(task) => Some(task.await),
            None => None,
        } {
            tracing::error!(%error, "the index writer failed");
        }
    }
}

async fn run(config: IndexConfig, connection: AnyConnection, mut requests: mpsc::Receiver<Request>) {
    let mut connection = Some(connection);
    // After a close the queue gives what is left, then nothing.
    while let Some(first) = requests.recv().await {
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Write(work) => group.push(work),
                Request::Close => requests.close(),
            }
            next = if group.len() < GROUP { requests.try_recv().ok() } else { None };
        }
        connection = write_group(&config, connection, group).await;
    }
    if let Some(connection) = connection
        && let Err(error) = connection.close().await
    {
        tracing::warn!(%error, "the index writer could not close its connection");
    }
}

/// Writes a group and answers it. Gives the connection back unless it is in a state that is not known.
async fn write_group(config: &IndexConfig, connection: Option<AnyConnection>, group: Vec<Work>) -> Option<AnyConnection> {
    if group.is_empty() {
        return connection;
    }
    let mut connection = match connection {
        Some(connection) => connection,
        None => match connect::writer(config, false).await {
            Ok(connection) => connection,
            Err(error) => {
                // Dropping the work tells every requester that it was not begun; why goes to the log.
                tracing::error!(%error, "the index writer cannot connect");
                return None;
            }
        },
    };
    let mut replies = Vec::with_capacity(group.len());
    let committed = transaction(&mut connection, group, &mut replies).await;
    let failed = match committed {
        Ok(()) => None,
        Err(error) => {
            let words = error.to_string();
            // The transaction may be open or rolled back already: a new connection starts clean either way.
            let closed = connection.close_hard().await;
            tracing::error!(%error, clean = closed.is_ok(), writes = replies.len(), "the index could not commit");
            return answer(replies, Some((IndexError::from(error), words)), None);
        }
    };
    answer(replies, failed, Some(connection))
}

/// Answers a group: the first requester gets the error itself, the others its words.
fn answer(replies: Vec<Reply>, failed: Option<(IndexError, String)>, connection: Option<AnyConnection>) -> Option<AnyConnection> {
    let (mut error, words) = match failed {
        Some((error, words)) => (Some(error), words),
        None => (None, String::new()),
    };
    let failed = error.is_some();
    for reply in replies {
        reply(match (failed, error.take()) {
            (false, _) => Ok(()),
            (true, Some(error)) => Err(error),
            (true, None) => Err(IndexError::NotCommitted(words.clone())),
        });
    }
    connection
}

async fn transaction(connection: &mut AnyConnection, group: Vec<Work>, replies: &mut Vec<Reply>) -> Result<(), sqlx::Error> {
    let last = group.len() - 1;
    for (n, work) in group.into_iter().enumerate() {
        let (reply, done) = work(connection, Place::new(n == 0, n == last)).await;
        replies.push(reply);
        done?;
    }
    Ok(())
}

/// Ends the savepoint that is open. What is not to be kept is taken back.
async fn end(connection: &mut AnyConnection, place: Place, keep: bool) -> Result<(), sqlx::Error> {
    if !keep {
        connection.execute("rollback to one").await?;
    }
    connection.execute(place.after()).await.map(drop)
}
