//! The store itself: publish, read, list, delete, recover. A folder is written by hand, because the order of its
//! steps is the durability promise; everything else is `object_store`'s.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use filmless_model::audit::AuditHead;
use filmless_model::frame::ByteRange;
use filmless_model::version::{Digest, VersionId};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::local::LocalFileSystem;
use object_store::{ClientConfigKey, GetOptions, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::buffers::{BUFFER_BYTES, buffer, filled};
use crate::config::BlobstoreConfig;
use crate::key::{AUDIT_HEADS, BlobKey, INSTANCES};
use crate::ledger::{self, Ledger};
use crate::reserve::Reserve;
use crate::staging::{PublishedBlob, SealedBlob, StagedBlob};

/// Larger blobs are uploaded to S3 in parts.
const SINGLE_PUT_LIMIT: u64 = 32 << 20;
/// Bytes of a part; S3 wants at least 5 MiB and at most 10,000 parts.
const PART_BYTES: usize = 16 << 20;
/// Parts in flight at once.
const PARTS_IN_FLIGHT: usize = 2;
/// How long an S3 store may say nothing. To put the parts of a long upload together takes some of them minutes, and an
/// instance takes as long as it takes, so this counts and not the whole of a request.
const SILENCE: &str = "2 minutes";
/// How long a whole request to an S3 store may take: as good as for ever.
const WHOLE_REQUEST: &str = "1 day";
/// Bytes read from a file at once: all of a slice of CT or MR.
const PIECE_BYTES: u64 = BUFFER_BYTES as u64;
/// Pieces of a file that are read while the one before is on its way. Not more: they share the file's position.
const READ_AHEAD: usize = 1;

/// Why the blobstore could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BlobstoreError {
    /// A file or folder.
    #[error("cannot {act} {path}")]
    Io {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The object store.
    #[error("the object store failed")]
    Store(#[from] object_store::Error),
    /// There is no such blob.
    #[error("no such blob")]
    NotFound,
    /// The settings make no sense.
    #[error("{0}")]
    Config(String),
}

impl BlobstoreError {
    pub(crate) fn io(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| {
            if source.kind() == io::ErrorKind::NotFound { Self::NotFound } else { Self::Io { act, path, source } }
        }
    }
}

/// A blob as a listing shows it.
#[derive(Debug, Clone)]
pub struct ListedBlob {
    /// Its version, unless the path is none of ours.
    pub version: Option<VersionId>,
    /// Its path in the store.
    pub path: String,
    /// Its length in bytes.
    pub length_bytes: u64,
}

#[derive(Debug)]
enum Place {
    Folder { root: PathBuf, store: LocalFileSystem },
    Bucket { store: Box<dyn ObjectStore> },
}

/// Bytes by key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobstore {
    place: Arc<Place>,
    reserve: Arc<Reserve>,
    ledgers: PathBuf,
}

impl Blobstore {
    /// Opens the store, making its folders where they are missing.
    pub fn open(config: &BlobstoreConfig) -> Result<Self, BlobstoreError> {
        let url = Url::parse(&config.url).map_err(|error| BlobstoreError::Config(format!("storage.url: {error}")))?;
        let place = match url.scheme() {
            "file" => open_folder(&url)?,
            "s3" => open_bucket(&url, config)?,
            other => return Err(BlobstoreError::Config(format!("storage.url: {other}: is neither file: nor s3:"))),
        };
        std::fs::create_dir_all(&config.staging).map_err(BlobstoreError::io("create", &config.staging))?;
        let written_to = match &place {
            Place::Folder { root, .. } => root,
            Place::Bucket { .. } => &config.staging,
        };
        let reserve = Reserve::new(written_to.clone(), Ledger::create(&config.staging)?);
        Ok(Self { place: Arc::new(place), reserve, ledgers: config.staging.clone() })
    }

    /// A file for bytes that wait for others of their request. Its name is gone as soon as it exists, so a crash leaves none
    /// of them. Blocks.
    pub fn scratch(&self) -> Result<File, BlobstoreError> {
        let path = self.ledgers.join(VersionId::new().to_string()).with_extension("scratch");
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(BlobstoreError::io("create", &path))?;
        std::fs::remove_file(&path).map_err(BlobstoreError::io("remove", &path))?;
        Ok(file)
    }

    /// Begins a blob.
    pub fn stage(&self) -> StagedBlob {
        StagedBlob::new(self.reserve.clone())
    }

    /// Makes a blob durable under the key of a new version. Its row may be committed after this, not before; then call
    /// [`PublishedBlob::settle`]. After an error nobody may refer to the blob; recovery removes what is left of it.
    pub async fn publish(&self, sealed: SealedBlob) -> Result<PublishedBlob, BlobstoreError> {
        match &*self.place {
            Place::Folder { .. } => blocking(move || sealed.write()?.sync()).await,
            Place::Bucket { store } => {
                let length_bytes = sealed.length_bytes();
                let written = blocking(move || sealed.write()).await?;
                let (copy, published) = (written.path(), written.published);
                upload(&**store, &BlobKey::Instance(published.version()).path(), &copy, length_bytes).await?;
                blocking(move || remove_if_there(&copy)).await?;
                Ok(published)
            }
        }
    }

    /// The blob turned out not to be needed, and no row refers to it: it goes again.
    pub async fn withdraw(&self, published: PublishedBlob) -> Result<(), BlobstoreError> {
        self.delete(&BlobKey::Instance(published.version())).await?;
        published.settle();
        Ok(())
    }

    /// Reads a part of a blob. A range beyond the end is an error: what the index says must be there.
    pub async fn get_range(&self, key: &BlobKey, range: ByteRange) -> Result<Bytes, BlobstoreError> {
        let end = range.offset.saturating_add(range.length);
        match &*self.place {
            Place::Folder { root, .. } => {
                let path = root.join(key.path().as_ref());
                blocking(move || {
                    let file = File::open(&path).map_err(BlobstoreError::io("open", &path))?;
                    read_at(&file, &path, &(range.offset..end))
                })
                .await
            }
            Place::Bucket { store } => {
                if range.length == 0 {
                    return Ok(Bytes::new());
                }
                let path = key.path();
                let bytes = store.get_range(&path, range.offset..end).await.map_err(not_found)?;
                whole(bytes, range.length, Path::new(path.as_ref()))
            }
        }
    }

    /// Reads a blob, or a part of it, piece by piece. A range beyond the end is an error before the first piece.
    pub async fn get_stream(
        &self,
        key: &BlobKey,
        range: Option<ByteRange>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobstoreError>>, BlobstoreError> {
        match &*self.place {
            Place::Folder { root, .. } => open_stream(root.join(key.path().as_ref()), range).await,
            Place::Bucket { store } => {
                let (range, path) = (range.map(|range| range.offset..range.offset.saturating_add(range.length)), key.path());
                let options = GetOptions { range: range.clone().map(Into::into), ..GetOptions::default() };
                let result = store.get_opts(&path, options).await.map_err(not_found)?;
                if range.is_some_and(|range| range != result.range) {
                    return Err(shorter_than_said(Path::new(path.as_ref())));
                }
                Ok(result.into_stream().map_err(BlobstoreError::from).boxed())
            }
        }
    }

    /// SHA-256 and length of a blob, read from end to end.
    pub async fn digest(&self, key: &BlobKey) -> Result<(Digest, u64), BlobstoreError> {
        let mut stream = self.get_stream(key, None).await?;
        let mut hasher = Sha256::new();
        let mut length_bytes = 0;
        while let Some(bytes) = stream.try_next().await? {
            length_bytes += bytes.len() as u64;
            hasher = blocking(move || {
                hasher.update(&bytes);
                Ok(hasher)
            })
            .await?;
        }
        Ok((Digest::new(hasher.finalize().into()), length_bytes))
    }

    /// Every instance blob, in no particular order.
    pub fn list(&self) -> BoxStream<'static, Result<ListedBlob, BlobstoreError>> {
        let prefix = object_store::path::Path::from(INSTANCES);
        self.store()
            .list(Some(&prefix))
            .map_ok(|meta| ListedBlob {
                version: BlobKey::parse(&meta.location),
                path: meta.location.to_string(),
                length_bytes: meta.size,
            })
            .map_err(BlobstoreError::from)
            .boxed()
    }

    /// Versions that a running process is storing at this moment: published, perhaps, but without a row yet.
    pub async fn in_flight(&self) -> Result<HashSet<VersionId>, BlobstoreError> {
        Ok(self.survey().await?.in_flight)
    }

    /// Removes a blob; one that is not there is no error.
    pub async fn delete(&self, key: &BlobKey) -> Result<(), BlobstoreError> {
        match self.store().delete(&key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Versions whose store was cut short by a crash, for [`Blobstore::resolve`] once it is known which have a row.
    pub async fn abandoned(&self) -> Result<HashSet<VersionId>, BlobstoreError> {
        Ok(self.survey().await?.abandoned)
    }

    /// Cleans up after a crash: of the abandoned versions those in `committed` keep their blob, the others lose it.
    /// Returns how many versions lost what there was of them.
    pub async fn resolve(&self, committed: &HashSet<VersionId>) -> Result<usize, BlobstoreError> {
        let survey = self.survey().await?;
        let mut removed = 0;
        for version in survey.abandoned {
            if !committed.contains(&version) {
                self.delete(&BlobKey::Instance(version)).await?;
                removed += 1;
            }
            if let Place::Bucket { .. } = &*self.place {
                remove_if_there(&self.reserve.path(version))?;
            }
        }
        for (ledger, lock) in survey.ended {
            remove_if_there(&ledger)?;
            drop(lock);
        }
        Ok(removed)
    }

    /// Removes the empty files that are held ready, which a process that ends may not come to by itself: its tasks may hold
    /// the store until they are killed with it.
    pub async fn close(&self) -> Result<(), BlobstoreError> {
        let reserve = self.reserve.clone();
        blocking(move || {
            reserve.close();
            Ok(())
        })
        .await
    }

    async fn survey(&self) -> Result<ledger::Survey, BlobstoreError> {
        let ledgers = self.ledgers.clone();
        blocking(move || ledger::survey(&ledgers)).await
    }

    /// Keeps how far the audit log is.
    pub async fn put_audit_head(&self, head: &AuditHead) -> Result<(), BlobstoreError> {
        self.store().put(&BlobKey::AuditHead(*head).path(), PutPayload::default()).await?;
        Ok(())
    }

    /// How far the audit log was whenever that was kept, in no particular order.
    pub async fn audit_heads(&self) -> Result<Vec<AuditHead>, BlobstoreError> {
        let prefix = object_store::path::Path::from(AUDIT_HEADS);
        let paths = self.store().list(Some(&prefix)).map_ok(|meta| BlobKey::parse_audit_head(&meta.location));
        Ok(paths.try_filter_map(async |head| Ok(head)).try_collect().await?)
    }

    /// Writes, reads and removes a small blob: whether the store answers.
    pub async fn probe(&self) -> Result<(), BlobstoreError> {
        let path = BlobKey::Probe(VersionId::new()).path();
        let store = self.store();
        store.put(&path, PutPayload::from_static(b"filmless")).await?;
        let bytes = store.get(&path).await?.bytes().await?;
        store.delete(&path).await?;
        whole(bytes, 8, Path::new(path.as_ref())).map(|_| ())
    }

    /// The folder of a `file:` store.
    pub fn folder(&self) -> Option<&Path> {
        match &*self.place {
            Place::Folder { root, .. } => Some(root),
            Place::Bucket { .. } => None,
        }
    }

    fn store(&self) -> &dyn ObjectStore {
        match &*self.place {
            Place::Folder { store, .. } => store,
            Place::Bucket { store, .. } => &**store,
        }
    }
}

fn open_folder(url: &Url) -> Result<Place, BlobstoreError> {
    let root = url.to_file_path().map_err(|()| BlobstoreError::Config("storage.url: not an absolute file: URL".into()))?;
    std::fs::create_dir_all(&root).map_err(BlobstoreError::io("create", &root))?;
    let store = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
    Ok(Place::Folder { root, store })
}

fn open_bucket(url: &Url, config: &BlobstoreConfig) -> Result<Place, BlobstoreError> {
    let bucket = url.host_str().ok_or_else(|| BlobstoreError::Config("storage.url: s3: without a bucket".into()))?;
    // The only provider in the tree; another part of the program may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_checksum_algorithm(Checksum::SHA256)
        .with_allow_http(true)
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), WHOLE_REQUEST)
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout), SILENCE);
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = &config.region {
        builder = builder.with_region(region);
    }
    if let Some(access_key_id) = &config.access_key_id {
        builder = builder.with_access_key_id(access_key_id);
    }
    if let Some(secret) = &config.secret_access_key {
        builder = builder.with_secret_access_key(secret);
    }
    let store = builder.build()?;
    let prefix = url.path().trim_matches('/');
    let store: Box<dyn ObjectStore> =
        if prefix.is_empty() { Box::new(store) } else { Box::new(object_store::prefix::PrefixStore::new(store, prefix)) };
    Ok(Place::Bucket { store })
}

/// Removes a file; one that is not there is no error. Blocks.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), BlobstoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BlobstoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

async fn upload(
    store: &dyn ObjectStore,
    path: &object_store::path::Path,
    source: &Path,
    length_bytes: u64,
) -> Result<(), BlobstoreError> {
    let opened = source.to_owned();
    let mut file = blocking(move || File::open(&opened).map_err(BlobstoreError::io("open", &opened))).await?;
    if length_bytes <= SINGLE_PUT_LIMIT {
        let limit = usize::try_from(length_bytes).expect("at most the limit of a single put");
        let bytes = blocking_read(&mut file, limit, source).await?;
        store.put(path, PutPayload::from(bytes)).await?;
        return Ok(());
    }
    let mut parts = WriteMultipart::new_with_chunk_size(store.put_multipart(path).await?, PART_BYTES);
    loop {
        let part = blocking_read(&mut file, PART_BYTES, source).await?;
        if part.is_empty() {
            break;
        }
        parts.wait_for_capacity(PARTS_IN_FLIGHT).await?;
        parts.put(part.into());
    }
    parts.finish().await?;
    Ok(())
}

/// Reads an upload's next part.
async fn blocking_read(file: &mut File, limit: usize, path: &Path) -> Result<Vec<u8>, BlobstoreError> {
    let mut file = file.try_clone().map_err(BlobstoreError::io("read", path))?;
    let path = path.to_owned();
    blocking(move || {
        let mut part = Vec::with_capacity(limit);
        (&mut file).take(limit as u64).read_to_end(&mut part).map_err(BlobstoreError::io("read", &path))?;
        Ok(part)
    })
    .await
}

/// A file in pieces large enough that switching threads for each costs little. The first comes with the opening; of the
/// others one is read ahead.
async fn open_stream(
    path: PathBuf,
    range: Option<ByteRange>,
) -> Result<BoxStream<'static, Result<Bytes, BlobstoreError>>, BlobstoreError> {
    let (file, first, span) = blocking({
        let path = path.clone();
        move || {
            let file = File::open(&path).map_err(BlobstoreError::io("open", &path))?;
            let length = file.metadata().map_err(BlobstoreError::io("read", &path))?.len();
            let range = range.unwrap_or(ByteRange { offset: 0, length });
            let span = range.offset..range.offset.saturating_add(range.length);
            if span.end > length {
                return Err(shorter_than_said(&path));
            }
            let first = span.start..span.end.min(span.start.saturating_add(PIECE_BYTES));
            let bytes = read_at(&file, &path, &first)?;
            Ok((Arc::new(file), bytes, first.end..span.end))
        }
    })
    .await?;
    let starts = (span.start..span.end).step_by(usize::try_from(PIECE_BYTES).expect("a piece fits in memory"));
    let rest = stream::iter(starts).map(move |start| {
        let (file, path, piece) = (file.clone(), path.clone(), start..span.end.min(start + PIECE_BYTES));
        blocking(move || read_at(&file, &path, &piece))
    });
    Ok(stream::iter([Ok(first)]).chain(rest.buffered(READ_AHEAD)).boxed())
}

fn read_at(mut file: &File, path: &Path, span: &Range<u64>) -> Result<Bytes, BlobstoreError> {
    if span.end > file.metadata().map_err(BlobstoreError::io("read", path))?.len() {
        return Err(shorter_than_said(path));
    }
    let length = usize::try_from(span.end - span.start).map_err(|_| shorter_than_said(path))?;
    let mut bytes = buffer(length);
    file.seek(SeekFrom::Start(span.start)).map_err(BlobstoreError::io("read", path))?;
    file.take(length as u64).read_to_end(&mut bytes).map_err(BlobstoreError::io("read", path))?;
    whole(filled(bytes), length as u64, path)
}

fn whole(bytes: Bytes, length_bytes: u64, path: &Path) -> Result<Bytes, BlobstoreError> {
    if bytes.len() as u64 == length_bytes {
        return Ok(bytes);
    }
    Err(shorter_than_said(path))
}

fn shorter_than_said(path: &Path) -> BlobstoreError {
    let source = io::Error::new(io::ErrorKind::UnexpectedEof, "the blob is shorter than the index says");
    BlobstoreError::Io { act: "read", path: path.to_owned(), source }
}

fn not_found(error: object_store::Error) -> BlobstoreError {
    match error {
        object_store::Error::NotFound { .. } => BlobstoreError::NotFound,
        other => BlobstoreError::Store(other),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobstoreError> + Send + 'static,
) -> Result<T, BlobstoreError> {
    tokio::task::spawn_blocking(work).await.expect("blobstore work does not panic")
}
