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

fn bucket(dir: &TempDir, name: &str) -> BlobstoreConfig {
    // S3 wants names without underscores.
    let bucket = S3Server::shared().bucket(&name.replace('_', "-")[..name.len().min(60)]);
    BlobstoreConfig {
        url: format!("s3://{}/some/prefix", bucket.name),
        endpoint: Some(bucket.endpoint),
        region: Some(bucket.region),
        access_key_id: Some(bucket.access_key_id),
        secret_access_key: Some(bucket.secret_access_key),
        staging: dir.path().join("staging"),
    }
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
                super::suite::$name(&super::bucket(&dir, stringify!($name))).await;
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
    nothing_is_held_ready_once_a_store_is_closed
    reading_beyond_the_end_is_an_error
    the_store_answers_a_probe
}
