//! The metadata index: what can be searched, and which bytes belong to it. Rows only; no blobs, no parsing, no permission.
//!
//! One trait, [`Index`], and one implementation of it over SQLite and Postgres. Reading order:

mod index;

mod config;

mod error;

mod open;

pub use config::IndexConfig;
pub use error::IndexError;
pub use index::{Committed, FOLDED_ATTRIBUTES, INBOX_LIMIT, Index, StoredInstance, VersionCommit, VersionSummary};
pub use open::{migrate, open};
