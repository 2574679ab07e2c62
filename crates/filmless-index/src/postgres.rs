//! What is Postgres' own: connections, and transactions that are done again when they collide.

pub(crate) mod connect;

pub(crate) mod transaction;
