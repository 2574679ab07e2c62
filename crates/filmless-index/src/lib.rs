//! The metadata index: what can be searched, and which bytes belong to it. Rows only; no blobs, no parsing, no permission.
//!
//! One trait, [`Index`], and one implementation of it that speaks one SQL to SQLite and Postgres. `schema.md` says what
//! the tables are for. Reading order: the trait; how a version is committed; how a search is built; the rest is short.

mod index;

mod commit;

mod search;

mod retrieve;

mod feed;

mod visible;

mod deletions;

mod exports;

mod further;

mod forwarding;

mod audit;

mod availability;

mod study_list;

mod versions;

mod orders;

mod performed_steps;

mod asked_commitments;
mod commitments;

mod peers;

mod coercions;

mod accounts;

mod settings;

mod columns;

mod text;

mod row;

mod engine;

mod connections;

mod sqlite;

mod postgres;

mod sql_index;

mod migrations;

mod open;

mod config;

mod error;

pub use audit::{AuditCheck, AuditFault};
pub use availability::{AvailabilityIndex, ReadChanges, SettledNotice};
pub use config::IndexConfig;
pub use error::IndexError;
pub use forwarding::{DestinationRow, Forward, ForwardSummary, ForwardingIndex, Routed, SettledForward, Taking};
pub use index::{
    ChangedHeader, Committed, CommittedCopy, Deleted, DeletionOrder, FOLDED_ATTRIBUTES, FurtherRow, FurtherValue, FurtherValues,
    INBOX_LIMIT, Index, Known, NewCommitment, OrderCommit, Origin, ServedHeader, StoredHeader, StoredInstance, VersionCommit,
    VersionSummary,
};
pub use open::{migrate, open};
pub use study_list::{MOST_FILTERS, StudyListIndex};
