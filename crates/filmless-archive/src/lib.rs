//! filmless-archive
