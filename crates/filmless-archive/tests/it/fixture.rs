//! An archive in a temporary folder.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use filmless_archive::{Archive, ArchiveLimits};
use filmless_blobstore::Blobstore;
use filmless_blobstore::config::BlobstoreConfig;
use filmless_codecs::{CodecLimits, Codecs};
use filmless_index::{Index, IndexConfig};
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::peer::PeerRights;
use filmless_model::store_outcome::{StoreFailure, Stored};
use tempfile::TempDir;

/// An archive and the folder it lives in.
pub(crate) struct Fixture {
    pub(crate) archive: Arc<Archive>,
    dir: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let archive = open(&dir, ArchiveLimits::default()).await;
        Self { archive, dir }
    }

    pub(crate) async fn with_limits(limits: ArchiveLimits) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let archive = open(&dir, limits).await;
        Self { archive, dir }
    }

    /// The same folder opened again, as after a restart.
    pub(crate) async fn reopened(self) -> Self {
        let Self { archive, dir } = self;
        drop(archive);
        let archive = open(&dir, ArchiveLimits::default()).await;
        Self { archive, dir }
    }

    /// Another connection to its index, as of another process.
    pub(crate) async fn index(&self) -> Arc<dyn Index> {
        filmless_index::open(&index_config(&self.dir)).await.expect("the index opens")
    }

    /// Its blobstore, as another process opens it.
    pub(crate) fn blobstore(&self) -> Blobstore {
        blobstore(&self.dir)
    }

    /// Every blob in the folder.
    pub(crate) fn blobs(&self) -> Vec<PathBuf> {
        let mut blobs = Vec::new();
        let mut folders = vec![self.dir.path().join("blobs/instances")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() { folders.push(entry.path()) } else { blobs.push(entry.path()) }
            }
        }
        blobs.retain(|path| path.metadata().is_ok_and(|metadata| metadata.len() > 0));
        blobs
    }

    /// Stores a file in pieces of `piece` bytes.
    pub(crate) async fn store_in_pieces(&self, actor: &Actor, file: &[u8], piece: usize) -> Result<Stored, StoreFailure> {
        let mut incoming = self.archive.begin_store_file(actor, None)?;
        for piece in file.chunks(piece) {
            incoming.write(Bytes::copy_from_slice(piece)).await?;
        }
        incoming.finish().await
    }

    /// Stores a file.
    pub(crate) async fn store(&self, actor: &Actor, file: &[u8]) -> Result<Stored, StoreFailure> {
        self.store_in_pieces(actor, file, 64 << 10).await
    }
}

fn index_config(dir: &TempDir) -> IndexConfig {
    IndexConfig::new(format!("sqlite:{}", dir.path().join("index.sqlite").display()))
}

async fn open(dir: &TempDir, limits: ArchiveLimits) -> Arc<Archive> {
    let config = index_config(dir);
    filmless_index::migrate(&config).await.expect("migrates");
    let index = filmless_index::open(&config).await.expect("the index opens");
    Archive::new(index, blobstore(dir), Codecs::new(CodecLimits::default()), limits)
}

fn blobstore(dir: &TempDir) -> Blobstore {
    let blobs = dir.path().join("blobs");
    let blobstore = Blobstore::open(&BlobstoreConfig {
        url: format!("file://{}", blobs.display()),
        endpoint: None,
        region: None,
        access_key_id: None,
        secret_access_key: None,
        staging: blobs.join("staging"),
    });
    blobstore.expect("the blobstore opens")
}

/// A peer with all rights but replacing.
pub(crate) fn peer(ae_title: &str) -> Actor {
    Actor::Peer {
        ae_title: AeTitle::parse(ae_title).expect("legal"),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        rights: PeerRights { store: true, query: true, retrieve: true, ..PeerRights::default() },
        user: None,
    }
}
