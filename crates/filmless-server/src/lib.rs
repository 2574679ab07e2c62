//! The binary `filmless`: commands, configuration, wiring, sign-in, the viewer and its API.
//!
//! The acts live below, in `filmless-archive`; this crate reads settings, builds the tower and opens its doors.

pub mod cli;
pub mod commands;

pub mod config;
pub mod open_files;
pub mod wiring;

pub mod http;
pub mod peer_operations;
pub mod printing;
mod study_page;
pub mod viewer_api;

pub mod second_factor;
pub mod secrets;
pub mod shutdown;
pub mod telemetry;
