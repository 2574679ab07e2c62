//! The web door: DICOMweb as PS3.18 (Web Services) has it, over the acts of `filmless-archive`.
//!
//! [`router()`] is all that a server needs. It expects the [`filmless_model::actor::Actor`] among the extensions of
//! each request; who that is, and over what connection, is the server's to know. CONFORMANCE.md lists what is
//! spoken here.

pub mod router;

pub mod resources;

pub mod search;

pub mod retrieve;

pub mod medium;

pub mod metadata;

pub mod frames;

pub mod rendered;

pub mod category;

pub mod documents;

pub mod presented;

pub mod wado_uri;

pub mod bulkdata;

pub mod store;

pub mod courier;

pub mod delete;

pub mod changes;

pub mod events;

pub mod capabilities;

pub mod target;

pub mod query_parameters;

pub mod media_type;

pub mod multipart;

pub mod dicom_json;

pub mod dicom_xml;

pub mod data_sets;

pub mod answers;

pub mod transfer_syntax;

pub mod base_url;

pub mod validators;

pub mod problem;

pub mod config;

pub use config::DicomwebConfig;
pub use router::router;
