//! What is SQLite's own: connections and the one writer.

pub(crate) mod connect;

pub(crate) mod readers;

pub(crate) mod writer;
