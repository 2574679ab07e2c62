//! Where the index is and how patiently it is asked.

use std::fmt;
use std::time::Duration;

/// Settings of the index.
#[derive(Clone)]
pub struct IndexConfig {
    /// `sqlite:PATH`, `sqlite:///PATH` or `postgres://…`. The scheme chooses the engine.
    pub url: String,
    /// The most connections: readers on SQLite (one writer comes on top), all on Postgres.
    pub max_connections: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout: Duration,
    /// How long a write waits for another process that writes to the same SQLite file.
    pub busy_timeout: Duration,
}

impl IndexConfig {
    /// The usual settings for a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(10),
            busy_timeout: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for IndexConfig {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split(':').next().unwrap_or_default();
        f.debug_struct("IndexConfig")
            .field("scheme", &scheme)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
