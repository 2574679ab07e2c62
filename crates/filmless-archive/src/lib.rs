//! The acts: store, search, retrieve, delete, watch. Both doors, DIMSE and DICOMweb, ask here; only the wire differs.
//!
//! Four promises, each tested by killing the process: no row without durable bytes; no success before commit; a
//! change is recorded in the transaction that made it; storing the same bytes twice changes nothing.

pub mod authorize;

pub mod audit;

pub mod store;

mod intake;

pub mod spool;

pub mod search;

pub mod study_list;

pub mod further;

pub mod retrieve;

pub mod data_set;

pub mod outgoing_file;

pub mod pixels;

pub mod export;

pub mod delete;

pub mod watch;

pub mod orders;

pub mod peers;

pub mod accounts;

pub mod settings;

pub mod coercions;

pub mod performed_step;

pub mod asked_commitment;

pub mod availability;

pub mod commitment;

pub mod lease;

pub mod forwarding;

pub mod verify;

pub mod clock;

mod carried_through;

mod archive;

pub use archive::{Archive, ArchiveError, ArchiveLimits};
