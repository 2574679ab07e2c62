//! The DIMSE door: associations (PS3.8), messages (PS3.7) and the services Verification and Storage as SCP (PS3.4).
//!
//! Bytes of a data set go from the socket to the archive as they come: nothing of the size of an instance, a PDU or a
//! fragment is held. What the acts mean is `filmless_archive`'s to say; this crate only writes it down in PS3.7's words.
//!
//! Read in this order: the listener accepts connections, each becomes an association, its negotiation decides on
//! presentation contexts, messages are put together from P-DATA, and a service answers each.

mod config;
mod listener;

pub mod tls;

pub mod users;

mod admission;
mod association;
mod negotiation;
mod places;
mod preference;
mod storage_classes;

mod availability;
mod commitment;
pub mod courier;
mod message;
mod operations;
mod outgoing;
mod services;
mod status;

mod connection;
mod prompt_stream;

pub mod associate;
pub mod command;
pub mod pdu;
pub mod requester;
pub mod user_information;

pub use config::DimseConfig;
pub use listener::{Listeners, serve};
