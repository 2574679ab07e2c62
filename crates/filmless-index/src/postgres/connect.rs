//! Connections to a Postgres server.

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, Connection};

use crate::config::IndexConfig;
use crate::error::IndexError;

/// A connection that was idle for longer is asked for a sign of life before it is used. Asking always would add a
/// round trip to each request.
const TRUST_IDLE: Duration = Duration::from_secs(5);

/// Where to connect.
pub(crate) fn options(config: &IndexConfig) -> Result<AnyConnectOptions, IndexError> {
    AnyConnectOptions::from_str(&config.url).map_err(|_| IndexError::Url("database.url is not a valid postgres: URL".to_owned()))
}

/// Connections that read and write. What is set is the default of Postgres: a server-wide `synchronous_commit = off` would
/// break the promise that what is acknowledged is kept, and with another isolation a transaction that has waited for a
/// lock would not see what was committed meanwhile.
pub(crate) async fn pool(config: &IndexConfig) -> Result<AnyPool, IndexError> {
    let pool = AnyPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, idle| {
            Box::pin(async move {
                if idle.idle_for > TRUST_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move {
                let settings = "set synchronous_commit = on; set application_name = 'filmless'; \
                                set default_transaction_isolation = 'read committed'";
                sqlx::Executor::execute(connection, sqlx::raw_sql(settings)).await.map(|_| ())
            })
        });
    Ok(pool.connect_with(options(config)?).await?)
}
