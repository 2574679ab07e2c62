//! filmless-server
