//! The acts over a real index (SQLite) and a real blobstore (a folder).

mod asked_commitment;
mod audit;
mod availability;
mod coercion;
mod delete;
mod fixture;
mod further;
mod labels;
mod performed_steps;

mod pixels;

mod retrieve;

mod store;

mod verify;
