//! The connections to a database, and who reads over which.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool};

use crate::commit::statements::AnyQuery;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{Committed, VersionCommit};
use crate::postgres::transaction;
use crate::sqlite::readers::Readers;
use crate::sqlite::writer::Writer;

/// The connections of an index.
#[derive(Debug)]
pub(crate) enum Connections {
    /// Many read, one writes.
    Sqlite { readers: Readers, writer: Writer },
    /// All read and write.
    Postgres(AnyPool),
}

impl Connections {
    /// Whose they are.
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Every row of a query that only reads.
    pub(crate) async fn fetch_all(&self, query: AnyQuery) -> Result<Vec<AnyRow>, IndexError> {
        match self {
            Self::Sqlite { readers, .. } => readers.fetch_all(query).await,
            Self::Postgres(pool) => Ok(query.fetch_all(pool).await?),
        }
    }

    /// The row of a query that has one at most.
    pub(crate) async fn fetch_optional(&self, query: AnyQuery) -> Result<Option<AnyRow>, IndexError> {
        Ok(self.fetch_all(query).await?.into_iter().next())
    }

    /// The row of a query that has one always.
    pub(crate) async fn fetch_one(&self, query: AnyQuery) -> Result<AnyRow, IndexError> {
        Ok(self.fetch_optional(query).await?.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Runs `write` in a transaction and returns once that is durable. It may run again if it collides with another.
    pub(crate) async fn write<T, F>(&self, write: F) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite { writer, .. } => writer.write(Arc::new(write)).await,
            Self::Postgres(pool) => transaction::write(pool, Arc::new(write)).await,
        }
    }

    /// Records a version.
    pub(crate) async fn commit_version(&self, version: Arc<VersionCommit>) -> Result<Committed, IndexError> {
        match self {
            Self::Sqlite { writer, .. } => writer.commit_version(version).await,
            Self::Postgres(pool) => transaction::commit_version(pool, &version).await,
        }
    }

    /// Ends them, once what is under way has ended.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                writer.close().await;
                readers.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
