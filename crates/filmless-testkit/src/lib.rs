//! filmless-testkit
