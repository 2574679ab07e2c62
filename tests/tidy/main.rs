//! The rules that review would otherwise lose: crate arrows, file heads, migration twins, licences, test data.
//! Reads the repository only; starts no server.

mod arrows;
mod licences;
mod repository;
mod sources;
mod testdata;
