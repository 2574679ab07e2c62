//! The S3 server of the tests, seen by the client that the product uses.

use filmless_testkit::s3::S3Server;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

#[tokio::test]
async fn a_bucket_takes_gives_and_refuses_as_s3_does() {
    // object_store's client looks for the process's provider of cryptography even if only http: is spoken.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bucket = S3Server::shared().bucket("testkit");
    let open = |secret: &str| {
        let builder = AmazonS3Builder::new().with_endpoint(&bucket.endpoint).with_allow_http(true).with_region(&bucket.region);
        let builder = builder.with_bucket_name(&bucket.name).with_access_key_id(&bucket.access_key_id);
        let builder = builder.with_conditional_put(S3ConditionalPut::ETagMatch);
        builder.with_secret_access_key(secret).build().expect("an S3 client")
    };
    let store = open(&bucket.secret_access_key);
    let path = Path::from("a/b");
    let create = || PutOptions::from(PutMode::Create);
    store.put_opts(&path, "bytes".into(), create()).await.expect("an object is put");
    assert!(store.put_opts(&path, "other".into(), create()).await.is_err(), "an object is not put twice");
    assert_eq!(store.get_range(&path, 1..3).await.expect("an object is read").as_ref(), b"yt");
    assert!(bucket.folder.join("a/b").is_file());
    assert!(open("wrong").get(&path).await.is_err(), "a wrong secret opens nothing");
}
