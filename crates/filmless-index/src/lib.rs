//! filmless-index
