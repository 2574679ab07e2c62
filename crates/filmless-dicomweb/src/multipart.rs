//! `multipart/related` in both directions (PS3.18 section 8.6.1.2, Multipart Payload Syntax; RFC 2046 section 5.1).
//!
//! [`reader`] takes a request apart as its bytes arrive, [`writer`] makes the pieces of an answer.
//! What the parts hold is not their business.

pub mod reader;
pub mod writer;
