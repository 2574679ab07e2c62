//! Opening and migrating an index.

use std::sync::Arc;

use crate::config::IndexConfig;
use crate::error::IndexError;
use crate::index::Index;

/// Opens a migrated index; the URL's scheme chooses the engine.
#[expect(clippy::unused_async, reason = "engines follow in the next commit")]
pub async fn open(config: &IndexConfig) -> Result<Arc<dyn Index>, IndexError> {
    Err(IndexError::Url(format!("no engine for {config:?}")))
}

/// Brings the tables up to date and says which migrations were applied.
#[expect(clippy::unused_async, reason = "engines follow in the next commit")]
pub async fn migrate(config: &IndexConfig) -> Result<Vec<String>, IndexError> {
    Err(IndexError::Url(format!("no engine for {config:?}")))
}
