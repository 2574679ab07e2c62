//! Transactions that are done again when another got in their way.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool};

use crate::commit::statements::store_new_instance_postgres;
use crate::commit::{self, Attempt};
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{Committed, VersionCommit};

/// How often a transaction is tried. A commit that comes second finds at least one row more at each try and there are
/// five it may find (patient, study, series, version, instance); the rest is for instances that others replace.
const TRIES: u32 = 32;

/// Begins a transaction that stores, and with it keeps deletions out until the commit: one request for both.
const BEGIN_TO_STORE: &str = "begin; select pg_advisory_xact_lock_shared(7364123302)";

/// Runs `write` in a transaction.
pub(crate) async fn write<T, F>(pool: &AnyPool, write: Arc<F>) -> Result<T, IndexError>
where
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        let mut transaction = pool.begin().await?;
        let result = match write(&mut transaction).await {
            Ok(value) => transaction.commit().await.map(|()| value).map_err(IndexError::from),
            Err(error) => {
                transaction.rollback().await?;
                Err(error)
            }
        };
        match result {
            Err(IndexError::Unavailable(error)) if tries < TRIES && IndexError::is_rollback(&error) => {}
            result => return result,
        }
    }
}

/// Records a version: in one request if what is known allows it, else in a transaction, and again when it raced another.
pub(crate) async fn commit_version(pool: &AnyPool, version: &VersionCommit) -> Result<Committed, IndexError> {
    let mut last = None;
    let mut hint = commit::in_one_request(version, store_new_instance_postgres());
    for _ in 0..TRIES {
        let attempt = match hint.take() {
            Some(query) => query
                .fetch_all(pool)
                .await
                .map_err(IndexError::from)
                .and_then(|rows| Ok(Attempt::Done(commit::done_in_one(version, &rows)?))),
            None => commit_in_transaction(pool, version).await,
        };
        match attempt {
            Ok(Attempt::Done(committed)) => return Ok(committed),
            Ok(Attempt::Raced) => {}
            Err(error) if error.is_collision() => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| IndexError::NotCommitted(format!("others wrote the same rows {TRIES} times in between"))))
}

async fn commit_in_transaction(pool: &AnyPool, version: &VersionCommit) -> Result<Attempt, IndexError> {
    let mut transaction = pool.begin_with(BEGIN_TO_STORE).await?;
    let attempt = commit::commit(Engine::Postgres, &mut transaction, version).await;
    match &attempt {
        Ok(Attempt::Done(_)) => transaction.commit().await?,
        Ok(Attempt::Raced) | Err(_) => transaction.rollback().await?,
    }
    attempt
}
