//! What every place promises.

use std::collections::HashSet;

use filmless_blobstore::config::BlobstoreConfig;
use filmless_blobstore::key::BlobKey;
use filmless_blobstore::staging::{PublishedBlob, SealedBlob};
use filmless_blobstore::{Blobstore, BlobstoreError};
use filmless_model::frame::ByteRange;
use filmless_model::version::VersionId;
use futures::TryStreamExt;

fn open(config: &BlobstoreConfig) -> Blobstore {
    Blobstore::open(config).expect("the store opens")
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 31 % 251).expect("below 251")).collect()
}

async fn publish(store: &Blobstore, chunks: &[&[u8]]) -> PublishedBlob {
    let mut staged = store.stage();
    for chunk in chunks {
        staged.push(chunk);
        if staged.is_full() {
            staged.spill().expect("staging works");
        }
    }
    store.publish(staged.seal()).await.expect("publishing works")
}

fn sealed(store: &Blobstore, content: &[u8]) -> SealedBlob {
    let mut staged = store.stage();
    staged.push(content);
    staged.seal()
}

/// What the store lists that has bytes, or is not on its way.
async fn held(store: &Blobstore) -> HashSet<VersionId> {
    let in_flight = store.in_flight().await.expect("looks");
    let blobs: Vec<_> = store.list().try_collect().await.expect("listing works");
    let versions = blobs.iter().map(|blob| (blob.version.expect("only our blobs are here"), blob.length_bytes));
    versions.filter(|(version, length)| *length > 0 || !in_flight.contains(version)).map(|(version, _)| version).collect()
}

pub(crate) async fn a_published_blob_is_read_back_whole_and_in_parts(config: &BlobstoreConfig) {
    let store = open(config);
    let content = bytes(700_000);
    let published = publish(&store, &[&content]).await;
    let version = published.version();
    published.settle();
    let key = BlobKey::Instance(version);

    let whole: Vec<_> = store.get_stream(&key, None).await.expect("opens").try_collect().await.expect("reads");
    assert_eq!(whole.concat(), content);
    let part = store.get_range(&key, ByteRange { offset: 1000, length: 300_000 }).await.expect("reads");
    assert_eq!(part, content[1000..301_000]);
    let range = Some(ByteRange { offset: 5, length: 600_000 });
    let part: Vec<_> = store.get_stream(&key, range).await.expect("opens").try_collect().await.expect("reads");
    assert_eq!(part.concat(), content[5..600_005]);
    let digest = sealed(&store, &content).digest();
    assert_eq!(store.digest(&key).await.expect("reads"), (digest, 700_000));
    assert_eq!(held(&store).await, HashSet::from([version]));
}

pub(crate) async fn a_blob_in_many_chunks_equals_one_in_a_single_chunk(config: &BlobstoreConfig) {
    let store = open(config);
    // Longer than a single upload to S3, so that the multipart way is walked too.
    let content = bytes(40 << 20);
    let chunks: Vec<_> = content.chunks(3 << 20).collect();
    let published = publish(&store, &chunks).await;
    let single = sealed(&store, &content);
    let key = BlobKey::Instance(published.version());
    assert_eq!(store.digest(&key).await.expect("reads"), (single.digest(), 40 << 20));
}

pub(crate) async fn a_dropped_blob_leaves_nothing(config: &BlobstoreConfig) {
    let store = open(config);
    let mut staged = store.stage();
    for _ in 0..3 {
        staged.push(&bytes(1000));
        staged.spill().expect("staging works");
    }
    drop(staged);
    assert!(held(&store).await.is_empty());
}

pub(crate) async fn a_withdrawn_blob_is_gone(config: &BlobstoreConfig) {
    let store = open(config);
    let published = publish(&store, &[b"twice"]).await;
    let key = BlobKey::Instance(published.version());
    store.withdraw(published).await.expect("withdraws");
    assert!(matches!(store.digest(&key).await, Err(BlobstoreError::NotFound)));
    assert!(held(&store).await.is_empty());
    store.delete(&key).await.expect("deleting what is gone is no error");
}

pub(crate) async fn a_blob_of_a_store_that_was_cut_short_is_recovered_by_whether_it_has_a_row(config: &BlobstoreConfig) {
    let crashed = open(config);
    let with_row = publish(&crashed, &[b"committed"]).await.version();
    let without_row = publish(&crashed, &[b"not committed"]).await.version();
    drop(crashed); // the lock goes as it does when a process dies; the ledger stays

    let store = open(config);
    assert_eq!(store.abandoned().await.expect("looks"), HashSet::from([with_row, without_row]));
    assert_eq!(store.resolve(&HashSet::from([with_row])).await.expect("resolves"), 1);
    assert_eq!(held(&store).await, HashSet::from([with_row]));
    assert_eq!(store.abandoned().await.expect("looks"), HashSet::new());
}

pub(crate) async fn a_version_being_stored_is_in_flight_until_it_is_settled(config: &BlobstoreConfig) {
    let store = open(config);
    let published = publish(&store, &[b"now"]).await;
    let version = published.version();
    let other = open(config); // another process, such as `filmless check`
    assert!(other.in_flight().await.expect("looks").contains(&version));
    assert_eq!(other.abandoned().await.expect("looks"), HashSet::new());
    published.settle();
    assert!(!other.in_flight().await.expect("looks").contains(&version));
}

pub(crate) async fn nothing_is_held_ready_once_a_store_is_closed(config: &BlobstoreConfig) {
    let store = open(config);
    let other = open(config);
    // So many that files are made ahead, which may go on while the store is closed.
    let mut published = Vec::new();
    for _ in 0..17 {
        published.push(publish(&store, &[b"kept"]).await);
    }
    let kept: HashSet<_> = published.iter().map(PublishedBlob::version).collect();
    assert!(other.in_flight().await.expect("looks").len() > kept.len(), "nothing was held ready");
    let user = store.clone();
    store.close().await.expect("closes");
    assert_eq!(other.in_flight().await.expect("looks"), kept);
    assert_eq!(held(&user).await, kept);
}

pub(crate) async fn reading_beyond_the_end_is_an_error(config: &BlobstoreConfig) {
    let store = open(config);
    let key = BlobKey::Instance(publish(&store, &[b"short"]).await.version());
    let beyond = ByteRange { offset: 3, length: 100 };
    assert!(store.get_range(&key, beyond).await.is_err());
    assert!(store.get_stream(&key, Some(beyond)).await.is_err());
    let missing = BlobKey::Instance(VersionId::new());
    assert!(matches!(store.get_range(&missing, beyond).await, Err(BlobstoreError::NotFound)));
}

pub(crate) async fn the_store_answers_a_probe(config: &BlobstoreConfig) {
    open(config).probe().await.expect("write, read and delete work");
}
