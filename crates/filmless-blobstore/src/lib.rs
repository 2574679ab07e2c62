//! filmless-blobstore
