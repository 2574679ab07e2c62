//! One suite for every place that blobs can be kept.

mod suite;

use filmless_blobstore::config::BlobstoreConfig;
use filmless_testkit::s3::S3Server;
use tempfile::TempDir;

fn folder(dir: &TempDir) -> BlobstoreConfig {
    BlobstoreConfig {
        url: format!("file://{}", dir.path().join("blobs").display()),
        endpoint: None,
        region: None,
        access_key_id: None,
        secret_access_key: None,
        staging: dir.path().join("blobs/staging"),
    }
}

async fn bucket(dir: &TempDir) -> (S3Server, BlobstoreConfig) {
    let server = S3Server::start().await.expect("the S3 server starts");
    let config = BlobstoreConfig {
        url: format!("s3://{}/some/prefix", server.bucket()),
        endpoint: Some(server.endpoint()),
        region: Some("us-east-1".to_owned()),
        access_key_id: Some(server.access_key_id().to_owned()),
        secret_access_key: Some(server.secret_access_key().to_owned()),
        staging: dir.path().join("staging"),
    };
    (server, config)
}

/// Runs each function of the suite on a folder and on a bucket.
macro_rules! suite {
    ($($name:ident)*) => {
        mod in_a_folder {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let dir = tempfile::tempdir().expect("a temporary folder");
                super::suite::$name(&super::folder(&dir)).await;
            })*
        }

        mod in_a_bucket {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let dir = tempfile::tempdir().expect("a temporary folder");
                let (_server, config) = super::bucket(&dir).await;
                super::suite::$name(&config).await;
            })*
        }
    };
}

suite! {
    a_published_blob_is_read_back_whole_and_in_parts
    a_blob_in_many_chunks_equals_one_in_a_single_chunk
    a_dropped_blob_leaves_nothing
    a_withdrawn_blob_is_gone
    a_blob_of_a_store_that_was_cut_short_is_recovered_by_whether_it_has_a_row
    a_version_being_stored_is_in_flight_until_it_is_settled
    reading_beyond_the_end_is_an_error
    the_store_answers_a_probe
}
