//! Opening and migrating an index.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{AnyConnection, Connection};

use crate::config::IndexConfig;
use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::Index;
use crate::sql_index::SqlIndex;
use crate::sqlite::readers::Readers;
use crate::sqlite::writer::Writer;
use crate::{migrations, postgres, row, sqlite};

/// Opens a migrated index; the URL's scheme chooses the engine. Refuses tables that are older or newer than this program.
pub async fn open(config: &IndexConfig) -> Result<Arc<dyn Index>, IndexError> {
    match engine(config)? {
        Engine::Sqlite => {
            if !sqlite::connect::file_exists(config) {
                return Err(IndexError::NotMigrated);
            }
            let mut connection = sqlite::connect::writer(config, false).await?;
            check_version(&mut connection).await?;
            let (readers, writer) = (Readers::open(config.clone()).await?, Writer::start(config.clone(), connection));
            Ok(Arc::new(SqlIndex::new(Connections::Sqlite { readers, writer })))
        }
        Engine::Postgres => {
            let pool = postgres::connect::pool(config).await?;
            check_version(&mut *pool.acquire().await?).await?;
            Ok(Arc::new(SqlIndex::new(Connections::Postgres(pool))))
        }
    }
}

/// Brings the tables up to date and says which migrations were applied. An SQLite file that is missing is made.
pub async fn migrate(config: &IndexConfig) -> Result<Vec<String>, IndexError> {
    let engine = engine(config)?;
    let mut connection = match engine {
        Engine::Sqlite => sqlite::connect::writer(config, true).await?,
        Engine::Postgres => AnyConnection::connect_with(&postgres::connect::options(config)?).await?,
    };
    let before = applied(&mut connection).await?;
    if let Some(newer) = before.iter().find(|version| **version > migrations::newest()) {
        return Err(IndexError::Newer(*newer));
    }
    migrations::migrator(engine).run(&mut connection).await.map_err(IndexError::Migration)?;
    connection.close().await?;
    Ok(migrations::named().filter(|(version, _)| !before.contains(version)).map(|(_, name)| name).collect())
}

/// The engine that a URL names.
fn engine(config: &IndexConfig) -> Result<Engine, IndexError> {
    sqlx::any::install_default_drivers();
    match config.url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(Engine::Sqlite),
        Some("postgres" | "postgresql") => Ok(Engine::Postgres),
        _ => Err(IndexError::Url("database.url must begin with sqlite: or postgres:".to_owned())),
    }
}

async fn check_version(connection: &mut AnyConnection) -> Result<(), IndexError> {
    match applied(connection).await?.last() {
        Some(version) if *version == migrations::newest() => Ok(()),
        Some(version) if *version > migrations::newest() => Err(IndexError::Newer(*version)),
        _ => Err(IndexError::NotMigrated),
    }
}

/// The versions of the migrations that were applied; none if there never was one.
async fn applied(connection: &mut AnyConnection) -> Result<BTreeSet<i64>, IndexError> {
    match sqlx::query("select version from _sqlx_migrations order by version").fetch_all(connection).await {
        Ok(rows) => rows.iter().map(|row| row::number(row, 0)).collect(),
        // Postgres: undefined_table. SQLite has no code of its own for it.
        Err(sqlx::Error::Database(error))
            if error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table") =>
        {
            Ok(BTreeSet::new())
        }
        Err(error) => Err(error.into()),
    }
}
