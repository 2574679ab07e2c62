//! Where the bytes are: a folder or an S3 bucket.
//!
//! A blob is staged while it arrives, published under the key of its version, and settled once its row is committed.
//! Until then a line of the ledger names it, so that recovery after a crash knows exactly which blobs may lack a row,
//! without listing the store. Nothing here knows what the bytes mean.

pub mod config;

pub mod key;

pub mod staging;

mod buffers;

mod ledger;

mod reserve;

mod blobstore;

pub use blobstore::{Blobstore, BlobstoreError, ListedBlob};
