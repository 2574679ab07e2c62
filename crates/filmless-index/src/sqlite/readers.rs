//! The connections that read an SQLite file. They see the last commit at the time a statement begins and never wait for the
//! writer.
//!
//! sqlx's pool would ask each connection for a sign of life after each query, and take the one that was used longest ago. A
//! connection to a file does not die, its thread is woken for every question, and the one that was used last has pages and
//! statements at hand.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection, Error};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect;
use crate::commit::statements::AnyQuery;
use crate::config::IndexConfig;
use crate::error::IndexError;

/// Connections that read: those used last come first.
#[derive(Debug)]
pub(crate) struct Readers {
    config: IndexConfig,
    /// A permit for each connection that may be in use.
    places: Arc<Semaphore>,
    idle: Arc<Idle>,
}

#[derive(Debug, Default)]
struct Idle(Mutex<Vec<AnyConnection>>);

impl Idle {
    fn take(&self) -> Option<AnyConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, connection: AnyConnection) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Readers {
    /// Opens the first; the others are opened when they are needed.
    pub(crate) async fn open(config: IndexConfig) -> Result<Self, IndexError> {
        let idle = Arc::new(Idle::default());
        idle.put(connect::reader(&config).await?);
        let places = usize::try_from(config.max_connections.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self { config, places: Arc::new(Semaphore::new(places)), idle })
    }

    /// Every row of a query.
    pub(crate) async fn fetch_all(&self, query: AnyQuery) -> Result<Vec<AnyRow>, IndexError> {
        let place = tokio::time::timeout(self.config.acquire_timeout, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let connection = match self.idle.take() {
            Some(connection) => connection,
            None => connect::reader(&self.config).await?,
        };
        let mut loan = Loan { lent: Some((connection, place)), idle: self.idle.clone() };
        let rows = query.fetch_all(loan.connection()).await?;
        loan.give_back();
        Ok(rows)
    }

    /// Waits for the queries that are under way and closes all connections.
    pub(crate) async fn close(&self) {
        let places = self.places.acquire_many(self.config.max_connections.max(1)).await;
        self.places.close();
        drop(places);
        while let Some(connection) = self.idle.take() {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection did not close in order");
            }
        }
    }
}

/// A connection in use, and its place among those that may be.
struct Loan {
    lent: Option<(AnyConnection, OwnedSemaphorePermit)>,
    idle: Arc<Idle>,
}

impl Loan {
    fn connection(&mut self) -> &mut AnyConnection {
        &mut self.lent.as_mut().expect("it is lent until it is given back").0
    }

    fn give_back(mut self) {
        if let Some((connection, _place)) = self.lent.take() {
            self.idle.put(connection);
        }
    }
}

impl Drop for Loan {
    /// Whoever asked has gone away, or failed: the connection may still be at work, and keeps its place until it answers.
    fn drop(&mut self) {
        let (Some((mut connection, place)), Ok(runtime)) = (self.lent.take(), Handle::try_current()) else { return };
        let idle = self.idle.clone();
        runtime.spawn(async move {
            if connection.ping().await.is_ok() {
                idle.put(connection);
            }
            drop(place);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_goes_away_leaves_the_place_once_the_work_has_ended() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("index.db").display());
        let readers = Readers::open(IndexConfig { max_connections: 1, ..IndexConfig::new(url) }).await.expect("it opens");
        let numbers = |end: u32| {
            let sql = "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1) select count(*) from n";
            readers.fetch_all(sqlx::query(sql).bind(i64::from(end)))
        };
        let gone = tokio::time::timeout(Duration::from_millis(1), numbers(1_000_000)).await;
        assert!(gone.is_err(), "it takes longer");
        assert_eq!(readers.places.available_permits(), 0, "the work goes on");
        assert_eq!(numbers(7).await.expect("another is served").len(), 1);
        assert!(readers.fetch_all(sqlx::query("select nothing from nowhere")).await.is_err());
        assert_eq!(numbers(7).await.expect("an error closes nothing").len(), 1);
        readers.close().await;
        assert!(matches!(numbers(7).await, Err(IndexError::Closed)));
    }
}
