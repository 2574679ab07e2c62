//! Which store, and how to reach it.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// Settings of the blobstore.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobstoreConfig {
    /// `file:///path` or `s3://bucket/prefix`.
    pub url: String,
    /// The S3 service, such as `http://127.0.0.1:9000`; Amazon's if absent.
    pub endpoint: Option<String>,
    /// The S3 region.
    pub region: Option<String>,
    /// The S3 access key; from the environment (`AWS_ACCESS_KEY_ID`) if absent.
    pub access_key_id: Option<String>,
    /// The S3 secret; from the environment (`AWS_SECRET_ACCESS_KEY`) if absent.
    pub secret_access_key: Option<String>,
    /// The folder of the ledgers, and of what waits for its upload to a bucket.
    pub staging: PathBuf,
}

impl fmt::Debug for BlobstoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobstoreConfig")
            .field("url", &self.url)
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &self.secret_access_key.as_ref().map(|_| "…"))
            .field("staging", &self.staging)
            .finish()
    }
}
