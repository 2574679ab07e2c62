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
use crate::config::IndexConfig;
use crate::error::IndexError;

/// Writes that may wait. Whoever comes later waits to be let in.
const QUEUE: usize = 256;

/// The most writes of one transaction: it bounds how long the first of them waits.
const GROUP: usize = 64;

/// Tells the requester how it ended, once it is known whether the group was committed.
type Reply = Box<dyn FnOnce(Result<(), IndexError>) + Send>;

/// What a write did inside the transaction.
struct Written {
    /// Whether what it wrote may stay.
    stays: bool,
    reply: Reply,
}

type Work = Box<dyn for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Written> + Send>;

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
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            Box::pin(async move {
                let result = write(connection).await;
                let stays = result.is_ok();
                // A requester that went away needs no answer.
                let reply: Reply = Box::new(move |committed| drop(answer.send(committed.and(result))));
                Written { stays, reply }
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
    // Immediate: the write lock is waited for here, not at a later statement that could only fail.
    connection.execute("begin immediate; savepoint one").await?;
    let mut left = group.len();
    for work in group {
        left -= 1;
        let written = work(connection).await;
        replies.push(written.reply);
        // What ends this write and what begins the next go to SQLite's thread together.
        let next = match (written.stays, left) {
            (true, 0) => "release one; commit",
            (true, _) => "release one; savepoint one",
            (false, 0) => "rollback to one; release one; commit",
            (false, _) => "rollback to one",
        };
        connection.execute(next).await?;
    }
    Ok(())
}
