//! The keys and their defaults: the one place where both stand.
//!
//! An empty text means "not set", so that every key can stand in the file with its default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use filmless_dicom::further;
use filmless_dimse::DimseConfig;
use filmless_dimse::tls::{ClientAuthentication, TlsFiles};
use filmless_dimse::users::UserIdentityPolicy;
use filmless_model::account::Role;
use filmless_model::ae_title::AeTitle;
use filmless_model::further::FurtherAttribute;
use filmless_model::uid::SopClassUid;
use ipnet::IpNet;
use serde::Deserialize;

use super::secret::Secret;

const MIB: u64 = 1024 * 1024;

/// All settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the embedded database and store live.
    pub data: DataConfig,
    /// The door for browsers and DICOMweb.
    pub http: HttpConfig,
    /// The door for modalities and workstations.
    pub dicom: DicomConfig,
    /// Rows.
    pub database: DatabaseConfig,
    /// Bytes.
    pub storage: StorageConfig,
    /// What becomes of instances.
    pub archive: ArchiveConfig,
    /// What can be searched by.
    pub index: IndexedConfig,
    /// Decoders.
    pub codecs: CodecsConfig,
    /// How long a sign-in lasts.
    pub sessions: SessionsConfig,
    /// How often one may try to sign in.
    pub sign_in: SignInConfig,
    /// The log of who did what.
    pub audit: AuditConfig,
    /// Stopping.
    pub shutdown: ShutdownConfig,
    /// What is written about the running service.
    pub log: LogConfig,
}

/// `[data]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Folder of the embedded database, store and spool; `--data` wins.
    pub directory: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { directory: PathBuf::from("data") }
    }
}

/// `[http]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// The address that browsers use, if a proxy stands in front.
    pub public_url: String,
    /// Connections at once.
    pub max_connections: u32,
    /// Largest body of a request that is not a STOW.
    pub max_body_bytes: u64,
    /// Largest body of a STOW.
    pub max_store_bytes: u64,
    /// Longest metadata of a STOW that sends them apart from bulk data.
    pub max_store_metadata_bytes: u64,
    /// DICOMweb requests worked on at once.
    pub max_requests: u32,
    /// Memory for answers that are asked for again.
    pub answer_cache_bytes: u64,
    /// Listeners to live events at once.
    pub max_event_clients: u32,
    /// To send the head of a request.
    pub header_timeout_seconds: u64,
    /// Between two pieces of a request's body, and for a piece of an answer to be taken.
    pub body_timeout_seconds: u64,
    /// To answer a request of the viewer's own API.
    pub request_timeout_seconds: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            public_url: String::new(),
            max_connections: 512,
            max_body_bytes: MIB,
            max_store_bytes: 64 * 1024 * MIB,
            max_store_metadata_bytes: 32 * MIB,
            max_requests: 256,
            answer_cache_bytes: 32 * MIB,
            max_event_clients: 128,
            header_timeout_seconds: 20,
            body_timeout_seconds: 60,
            request_timeout_seconds: 30,
        }
    }
}

/// `[dicom]`. The defaults are the door's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct DicomConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Our AE title.
    pub ae_title: AeTitle,
    /// The PDU length we offer.
    pub max_pdu_length_bytes: u32,
    /// Associations at once.
    pub max_associations: u32,
    /// Connections that have no association yet, at once.
    pub max_pending_connections: u32,
    /// ARTIM timer (PS3.8 section 9.1.5, Association Establishment timers).
    pub artim_timeout_seconds: u64,
    /// Between two messages.
    pub idle_timeout_seconds: u64,
    /// Between two pieces of a message.
    pub message_timeout_seconds: u64,
    /// For a piece of a response to be taken.
    pub write_timeout_seconds: u64,
    /// For a peer that is called to connect, and again to answer the association request.
    pub connect_timeout_seconds: u64,
    /// For a peer to answer a request of ours.
    pub response_timeout_seconds: u64,
    /// For an association altogether.
    pub association_timeout_seconds: u64,
    /// Whether peers have to name a user.
    pub user_identity: UserIdentityPolicy,
    /// Stores of one association at once, for peers that propose so.
    pub max_operations: u16,
    /// To tell a peer what came of its storage commitment, before that is given up.
    pub commitment_report_hours: u64,
    /// Without news of a study, before peers that want it are told what is here.
    pub availability_quiet_seconds: u64,
    /// SOP Classes to store beyond those of the standard, separated by commas.
    pub private_sop_classes: String,
    /// The same door by TLS.
    pub tls: TlsConfig,
}

impl Default for DicomConfig {
    fn default() -> Self {
        let door = DimseConfig::default();
        Self {
            listen: door.listen,
            ae_title: door.ae_title,
            max_pdu_length_bytes: door.max_pdu_length,
            max_associations: u32::try_from(door.max_associations).expect("the default is small"),
            max_pending_connections: u32::try_from(door.max_pending_connections).expect("the default is small"),
            artim_timeout_seconds: door.artim_timeout_seconds,
            idle_timeout_seconds: door.idle_timeout_seconds,
            message_timeout_seconds: door.message_timeout_seconds,
            write_timeout_seconds: door.write_timeout_seconds,
            connect_timeout_seconds: door.connect_timeout_seconds,
            response_timeout_seconds: door.response_timeout_seconds,
            association_timeout_seconds: door.association_timeout_seconds,
            user_identity: door.user_identity,
            max_operations: door.max_operations,
            commitment_report_hours: door.commitment_report_hours,
            availability_quiet_seconds: door.availability_quiet_seconds,
            private_sop_classes: String::new(),
            tls: TlsConfig::default(),
        }
    }
}

impl DicomConfig {
    /// The private SOP Classes, or the entry that is none.
    pub fn private_sop_classes(&self) -> Result<Vec<SopClassUid>, String> {
        let entries = self.private_sop_classes.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| SopClassUid::parse(entry).map_err(|error| format!("{entry:?}: {error}"))).collect()
    }
}

/// `[dicom.tls]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Address and port; nobody comes by TLS if empty. That of `dicom.listen` puts TLS in its place.
    pub listen: String,
    /// Our certificate and those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The authorities of peers, whoever calls.
    pub client_ca: PathBuf,
    /// Whether peers that call have to show a certificate.
    pub client_authentication: ClientAuthentication,
}

impl TlsConfig {
    /// Where to listen, if at all.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }

    /// The files, if TLS is spoken at all.
    pub fn files(&self) -> Option<TlsFiles> {
        let given = |path: &PathBuf| Some(path.clone()).filter(|path| !path.as_os_str().is_empty());
        Some(TlsFiles {
            certificate: given(&self.certificate)?,
            key: self.key.clone(),
            client_ca: given(&self.client_ca),
            client_authentication: self.client_authentication,
        })
    }

    /// Says which key holds a value that cannot work, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let listens = !self.listen.is_empty();
        if listens {
            self.listen.parse::<SocketAddr>().map_err(|_| ("dicom.tls.listen", "must look like 0.0.0.0:2762".to_owned()))?;
        } else if self.files().is_none() {
            return Ok(());
        }
        let wants_authorities = !listens || self.client_authentication != ClientAuthentication::None;
        for (key, path, is_needed) in [
            ("dicom.tls.certificate", &self.certificate, true),
            ("dicom.tls.key", &self.key, true),
            ("dicom.tls.client_ca", &self.client_ca, wants_authorities),
        ] {
            if is_needed && path.as_os_str().is_empty() {
                let other = if listens { "dicom.tls.listen" } else { "dicom.tls.certificate" };
                return Err((key, format!("is empty, but {other} is set; it names a file in PEM")));
            }
        }
        Ok(())
    }
}

/// `[database]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:` or `postgres:`; the embedded database if empty.
    pub url: Secret,
    /// Connections at once.
    pub max_connections: u32,
    /// To get a connection, and to get past another writer.
    pub acquire_timeout_seconds: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: Secret::default(), max_connections: 16, acquire_timeout_seconds: 30 }
    }
}

/// `[storage]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// `file:///folder` or `s3://bucket/prefix`; a folder beside the embedded database if empty.
    pub url: String,
    /// Address of an S3 server that is not Amazon's.
    pub endpoint: String,
    /// S3 region.
    pub region: String,
    /// S3 access key.
    pub access_key_id: String,
    /// S3 secret.
    pub secret_access_key: Secret,
    /// A file that holds the S3 secret.
    pub secret_access_key_file: String,
    /// Where incoming instances wait until they are complete; in the data folder if empty.
    pub spool_directory: String,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            access_key_id: String::new(),
            secret_access_key: Secret::default(),
            secret_access_key_file: String::new(),
            spool_directory: String::new(),
        }
    }
}

/// `[archive]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveConfig {
    /// What was deleted can be restored for so long, then it is destroyed.
    pub keep_deleted_days: u32,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self { keep_deleted_days: 30 }
    }
}

/// `[index]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct IndexedConfig {
    /// Attributes to search by besides those of the columns, separated by commas.
    pub additional_attributes: String,
}

impl IndexedConfig {
    /// The attributes, or the entry that is none.
    pub fn attributes(&self) -> Result<Vec<FurtherAttribute>, String> {
        let entries = self.additional_attributes.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| further::parse(entry).map_err(|error| format!("{entry:?}: {error}"))).collect()
    }
}

/// `[codecs]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct CodecsConfig {
    /// Decoding processes at once.
    pub workers: u32,
    /// Memory of each.
    pub memory_bytes: u64,
    /// For one frame.
    pub time_limit_seconds: u64,
}

impl Default for CodecsConfig {
    fn default() -> Self {
        Self { workers: 2, memory_bytes: 1024 * MIB, time_limit_seconds: 20 }
    }
}

/// `[sessions]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// A session unused for so long ends.
    pub idle_timeout_seconds: u64,
    /// Every session ends after so long.
    pub lifetime_seconds: u64,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { idle_timeout_seconds: 7_200, lifetime_seconds: 43_200 }
    }
}

/// `[sign_in]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct SignInConfig {
    /// Wrong passwords for one account from one address, before it has to wait.
    pub attempts_per_minute: u32,
    /// Passwords checked at once; each check takes 19 MiB.
    pub max_concurrent: u32,
    /// Wrong passwords in succession, from wherever, before a name is locked.
    pub lock_after_attempts: u32,
    /// How long it is locked, counted from the last of them.
    pub lock_seconds: u64,
    /// An account that nobody used for so long is let in again by an administrator only.
    pub idle_days: u32,
    /// Roles that need a second factor wherever they sign in from.
    pub second_factor_for: Vec<Role>,
    /// The hospital's own networks; from elsewhere everybody needs a second factor. None: everywhere is inside.
    pub inside_networks: Vec<IpNet>,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            attempts_per_minute: 10,
            max_concurrent: 2,
            lock_after_attempts: 20,
            lock_seconds: 900,
            idle_days: 45,
            second_factor_for: Vec::new(),
            inside_networks: Vec::new(),
        }
    }
}

/// `[audit]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// How often it is kept outside the database how far the log is.
    pub anchor_interval_seconds: u64,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { anchor_interval_seconds: 3600 }
    }
}

/// `[shutdown]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct ShutdownConfig {
    /// For associations and requests under way to finish.
    pub timeout_seconds: u64,
}

impl Default for ShutdownConfig {
    fn default() -> Self {
        Self { timeout_seconds: 30 }
    }
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// Which are written: a level, or directives such as `info,filmless_dimse=debug`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Turns a number of seconds of the file into a duration.
pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
