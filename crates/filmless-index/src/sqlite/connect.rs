//! Connections to an SQLite file.

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::config::IndexConfig;
use crate::error::IndexError;

/// Pages of write-ahead log after which it is copied into the database: 16 MB. A copy costs two syncs, so the default
/// of 4 MB would cost one commit in a few hundred its time; a longer log makes readers slower.
const CHECKPOINT_PAGES: u32 = 4000;

/// Page cache of a connection, in KiB.
const CACHE_KIB: u32 = 8 * 1024;

/// The URL with the mode that says whether a missing file is made.
fn options(config: &IndexConfig, mode: &str) -> Result<AnyConnectOptions, IndexError> {
    let separator = if config.url.contains('?') { '&' } else { '?' };
    let has_mode = config.url.contains("mode=");
    let url = if has_mode { config.url.clone() } else { format!("{}{separator}mode={mode}", config.url) };
    AnyConnectOptions::from_str(&url).map_err(|_| IndexError::Url("database.url is not a valid sqlite: URL".to_owned()))
}

/// Whether the database's file is there.
pub(crate) fn file_exists(config: &IndexConfig) -> bool {
    SqliteConnectOptions::from_str(&config.url).is_ok_and(|options| options.get_filename().exists())
}

fn milliseconds(duration: Duration) -> u128 {
    duration.as_millis()
}

/// A connection that writes. `synchronous = full` syncs the log at each commit: with `normal` the last commits before a
/// power failure would be gone although the sender was told that they are kept.
pub(crate) async fn writer(config: &IndexConfig, may_create: bool) -> Result<AnyConnection, IndexError> {
    let mut connection = AnyConnection::connect_with(&options(config, if may_create { "rwc" } else { "rw" })?).await?;
    let pragmas = format!(
        "pragma busy_timeout = {}; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
         pragma wal_autocheckpoint = {CHECKPOINT_PAGES}; pragma journal_size_limit = {}; pragma cache_size = -{CACHE_KIB}; \
         pragma temp_store = memory",
        milliseconds(config.busy_timeout),
        u64::from(CHECKPOINT_PAGES) * 4096 * 2,
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(pragmas))).await?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) async fn reader(config: &IndexConfig) -> Result<AnyConnection, IndexError> {
    let mut connection = AnyConnection::connect_with(&options(config, "rw")?).await?;
    let pragmas = format!(
        "pragma busy_timeout = {}; pragma query_only = on; pragma cache_size = -{CACHE_KIB}; pragma temp_store = memory",
        milliseconds(config.busy_timeout),
    );
    connection.execute(sqlx::raw_sql(AssertSqlSafe(pragmas))).await?;
    Ok(connection)
}
