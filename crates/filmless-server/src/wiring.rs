//! Builds the tower from the settings: index, blobstore, codecs, archive.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use filmless_archive::{Archive, ArchiveLimits};
use filmless_blobstore::Blobstore;
use filmless_blobstore::config::BlobstoreConfig;
use filmless_codecs::{CodecLimits, Codecs};
use filmless_dicomweb::DicomwebConfig;
use filmless_dimse::DimseConfig;
use filmless_dimse::requester::Requester;
use filmless_dimse::tls::Tls;
use filmless_index::{Index, IndexConfig};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::{Config, seconds};

/// The file of the embedded database, in the data folder.
pub const DATABASE_FILE: &str = "filmless.sqlite";
/// The folder of the embedded store, in the data folder.
pub const BLOBS_FOLDER: &str = "blobs";
/// Where instances wait until they are complete, in the data folder. Beside the store, so that publishing is a rename.
pub const SPOOL_FOLDER: &str = "spool";

/// The data folder as an absolute path, so that no part depends on the working folder.
pub fn data_folder(config: &Config) -> anyhow::Result<PathBuf> {
    std::path::absolute(&config.data.directory).with_context(|| format!("data.directory {}", config.data.directory.display()))
}

/// The settings of the index.
pub fn index_config(config: &Config) -> anyhow::Result<IndexConfig> {
    let url = if config.database.url.is_empty() {
        format!("sqlite:{}", utf8(&data_folder(config)?.join(DATABASE_FILE))?)
    } else {
        config.database.url.expose().to_owned()
    };
    let patience = seconds(config.database.acquire_timeout_seconds);
    let mut index = IndexConfig::new(url);
    index.max_connections = config.database.max_connections;
    index.acquire_timeout = patience;
    index.busy_timeout = patience;
    Ok(index)
}

/// The settings of the blobstore.
pub fn blobstore_config(config: &Config) -> anyhow::Result<BlobstoreConfig> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let data = data_folder(config)?;
    let storage = &config.storage;
    let url = if storage.url.is_empty() { folder_url(&data.join(BLOBS_FOLDER))? } else { storage.url.clone() };
    let staging = given(&storage.spool_directory).map_or_else(|| Ok(data.join(SPOOL_FOLDER)), std::path::absolute);
    Ok(BlobstoreConfig {
        url,
        endpoint: given(&storage.endpoint),
        region: given(&storage.region),
        access_key_id: given(&storage.access_key_id),
        secret_access_key: given(storage.secret_access_key.expose()),
        staging: staging.context("storage.spool_directory")?,
    })
}

/// Creates the data folder, if anything lives in it.
pub fn create_data_folder(config: &Config) -> anyhow::Result<()> {
    if !config.database.url.is_empty() && !config.storage.url.is_empty() && !config.storage.spool_directory.is_empty() {
        return Ok(());
    }
    let folder = data_folder(config)?;
    create_private(&folder).with_context(|| {
        format!("cannot create the data folder {}; choose one with --data DIR or data.directory", folder.display())
    })
}

/// Patient data is for the service alone.
fn create_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        created => created,
    }
}

/// Brings the database up to date; the names of what was applied.
pub async fn migrate(config: &Config) -> anyhow::Result<Vec<String>> {
    create_data_folder(config)?;
    filmless_index::migrate(&index_config(config)?).await.with_context(|| about_database(config))
}

/// Opens the index, up to date.
pub async fn open_index(config: &Config) -> anyhow::Result<Arc<dyn Index>> {
    migrate(config).await?;
    filmless_index::open(&index_config(config)?).await.with_context(|| about_database(config))
}

/// Names the database in an error, without its password.
pub fn about_database(config: &Config) -> String {
    if config.database.url.is_empty() {
        format!("database in the data folder {}", config.data.directory.display())
    } else {
        format!("database.url {}", config.database.url.as_public_url())
    }
}

/// Opens the blobstore.
pub fn open_blobstore(config: &Config) -> anyhow::Result<Blobstore> {
    create_data_folder(config)?;
    let blobstore = blobstore_config(config)?;
    let place = blobstore.url.clone();
    Blobstore::open(&blobstore).with_context(|| format!("storage.url {place}"))
}

/// The decoders; C codecs run in processes of this binary.
pub fn codecs(config: &Config) -> anyhow::Result<Codecs> {
    let binary = std::env::current_exe().context("cannot find the filmless binary")?;
    Ok(Codecs::new(CodecLimits {
        workers: usize::try_from(config.codecs.workers)?,
        memory_bytes: config.codecs.memory_bytes,
        time_limit: seconds(config.codecs.time_limit_seconds),
        worker_command: vec![binary.into(), "codec-worker".into()],
        ..CodecLimits::default()
    }))
}

/// The archive over an open index and blobstore.
pub fn archive(config: &Config, index: Arc<dyn Index>, blobstore: Blobstore) -> anyhow::Result<Arc<Archive>> {
    Ok(Archive::new(index, blobstore, codecs(config)?, ArchiveLimits::default()))
}

/// The settings of the DIMSE door.
pub fn dimse_config(config: &Config) -> anyhow::Result<DimseConfig> {
    let dicom = &config.dicom;
    Ok(DimseConfig {
        listen: dicom.listen,
        ae_title: dicom.ae_title.clone(),
        max_pdu_length: dicom.max_pdu_length_bytes,
        max_associations: usize::try_from(dicom.max_associations)?,
        max_pending_connections: usize::try_from(dicom.max_pending_connections)?,
        artim_timeout_seconds: dicom.artim_timeout_seconds,
        idle_timeout_seconds: dicom.idle_timeout_seconds,
        message_timeout_seconds: dicom.message_timeout_seconds,
        write_timeout_seconds: dicom.write_timeout_seconds,
        connect_timeout_seconds: dicom.connect_timeout_seconds,
        response_timeout_seconds: dicom.response_timeout_seconds,
        association_timeout_seconds: dicom.association_timeout_seconds,
        user_identity: dicom.user_identity,
        max_operations: dicom.max_operations,
        shutdown_timeout_seconds: config.shutdown.timeout_seconds,
        commitment_report_hours: dicom.commitment_report_hours,
        availability_quiet_seconds: dicom.availability_quiet_seconds,
        dicomweb_url: config.public_url().map(|url| format!("{url}dicom-web")),
        private_sop_classes: dicom.private_sop_classes().map_err(anyhow::Error::msg).context("dicom.private_sop_classes")?,
        accept_any_calling_from_loopback: false,
    })
}

/// TLS of the DIMSE door and of its calls, if there are certificates for it.
pub fn tls(config: &Config) -> anyhow::Result<Option<Arc<Tls>>> {
    let tls = config.dicom.tls.files().map(Tls::new).transpose().context("dicom.tls")?;
    Ok(tls.map(Arc::new))
}

/// What calls other nodes from a command, until `stop`.
pub fn requester(config: &Config, stop: CancellationToken) -> anyhow::Result<Requester> {
    Ok(Requester::new(dimse_config(config)?, stop).with_tls(tls(config)?))
}

/// The settings of the DICOMweb door.
pub fn dicomweb_config(config: &Config) -> anyhow::Result<DicomwebConfig> {
    Ok(DicomwebConfig {
        public_origin: config.public_url().map(|url| url.origin().ascii_serialization()),
        max_store_bytes: config.http.max_store_bytes,
        max_store_metadata_bytes: usize::try_from(config.http.max_store_metadata_bytes)?,
        max_requests: usize::try_from(config.http.max_requests)?,
        answer_cache_bytes: usize::try_from(config.http.answer_cache_bytes)?,
        body_idle_timeout: seconds(config.http.body_timeout_seconds),
        ..DicomwebConfig::default()
    })
}

fn utf8(path: &Path) -> anyhow::Result<&str> {
    let Some(text) = path.to_str() else { bail!("the data folder {} is not written in UTF-8", path.display()) };
    Ok(text)
}

fn folder_url(path: &Path) -> anyhow::Result<String> {
    Url::from_directory_path(path).map(String::from).map_err(|()| anyhow::anyhow!("{} is not an absolute path", path.display()))
}
