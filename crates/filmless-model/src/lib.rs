//! The words of Filmless: identifiers, addresses, records, queries, outcomes and actors. No I/O.
//!
//! Words that collide are settled here, once, for every crate above:
//!
//! | word | we write |
//! |---|---|
//! | object | *instance* for a SOP Instance; *blob* for stored bytes |
//! | store | the act; the place for bytes is the *blobstore* |
//! | series | `series` for one, `series_list` for many |
//! | level | [`query::QueryRetrieveLevel`]; the log's is `log_level` |
//! | frame | an image frame; network units are PDU and PDV |
//! | record | our row of indexed attributes; DICOMDIR's is a `DirectoryRecord` |
//! | index | the metadata index; a database index is a *SQL index* |
//! | version | [`version::VersionId`]: one stored copy of an instance's bytes |

pub mod uid;

pub mod ae_title;

pub mod address;

pub mod version;

pub mod attribute;

pub mod module;

pub mod further;

pub mod coercion;

pub mod record;

pub mod utc_offset;

pub mod query;

pub mod frame;

pub mod store_outcome;

pub mod change;

pub mod conflict;

pub mod deletion;

pub mod export;

pub mod order;

pub mod performed_step;

pub mod certificate;

pub mod machine;

pub mod commitment;

pub mod audit;
pub mod availability;

pub mod forwarding;

pub mod peer;

pub mod account;

pub mod setting;

pub mod study_list;

pub mod actor;
