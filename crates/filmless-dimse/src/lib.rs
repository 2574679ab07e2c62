//! filmless-dimse
