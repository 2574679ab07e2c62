//! Settings: a TOML file, then environment variables, then the command line; each later one wins.
//!
//! `config/filmless.toml` shows every key with its default and is held to this code by a test. A key `http.listen` is
//! also the environment variable `FILMLESS_HTTP__LISTEN`. Nothing here opens, connects or listens.

mod error;
mod secret;
mod sections;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use filmless_dimse::DimseConfig;
use url::Url;

pub use self::error::ConfigError;
use self::error::Places;
pub use self::secret::Secret;
pub(crate) use self::sections::seconds;
pub use self::sections::{
    ArchiveConfig, CodecsConfig, Config, DataConfig, DatabaseConfig, DicomConfig, HttpConfig, IndexedConfig, LogConfig,
    LogFormat, SessionsConfig, ShutdownConfig, SignInConfig, StorageConfig, TlsConfig,
};

/// What every variable of ours begins with.
pub const ENVIRONMENT_PREFIX: &str = "FILMLESS_";

/// Read when no `--config` is given, if it exists.
pub const SYSTEM_FILE: &str = "/etc/filmless/filmless.toml";

/// The sections, to recognise a variable that was meant for us but misspelt.
const SECTIONS: [&str; 13] = [
    "data", "http", "dicom", "database", "storage", "archive", "index", "codecs", "sessions", "sign_in", "audit", "shutdown",
    "log",
];

impl Config {
    /// Reads the settings that a command line asks for, with the variables of this process.
    pub fn load(file: Option<&Path>, data: Option<&Path>) -> Result<Self, ConfigError> {
        let system = Path::new(SYSTEM_FILE);
        let file = file.or_else(|| system.is_file().then_some(system));
        Self::read(
            file,
            data,
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Reads the settings from a file, the given variables and a data folder, and checks them.
    pub fn read(
        file: Option<&Path>,
        data: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => {
                Some(std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?)
            }
            None => None,
        };
        let variables = our_variables(variables)?;
        let places = Places::new(file, text.as_deref(), &variables);
        let mut builder = config::Config::builder();
        if let Some(text) = &text {
            builder = builder.add_source(config::File::from_str(text, config::FileFormat::Toml));
        }
        let environment =
            config::Environment::with_prefix("FILMLESS").prefix_separator("_").separator("__").source(Some(variables.clone()));
        let mut settings: Self = builder
            .add_source(environment)
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| places.explain(error))?;
        if let Some(data) = data {
            data.clone_into(&mut settings.data.directory);
        }
        settings.read_secret_file()?;
        settings.check().map_err(|(key, problem)| places.invalid(key, problem))?;
        Ok(settings)
    }

    /// Replaces `storage.secret_access_key_file` by what the file holds.
    fn read_secret_file(&mut self) -> Result<(), ConfigError> {
        if self.storage.secret_access_key_file.is_empty() {
            return Ok(());
        }
        let path = PathBuf::from(&self.storage.secret_access_key_file);
        let secret = std::fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable { path, source })?;
        self.storage.secret_access_key = Secret::new(secret.trim().to_owned());
        Ok(())
    }

    /// Says which key holds a value that cannot work, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let positive: [(&'static str, u64); 31] = [
            ("http.max_connections", self.http.max_connections.into()),
            ("http.max_body_bytes", self.http.max_body_bytes),
            ("http.max_store_bytes", self.http.max_store_bytes),
            ("http.max_requests", self.http.max_requests.into()),
            ("http.max_event_clients", self.http.max_event_clients.into()),
            ("http.header_timeout_seconds", self.http.header_timeout_seconds),
            ("http.body_timeout_seconds", self.http.body_timeout_seconds),
            ("http.request_timeout_seconds", self.http.request_timeout_seconds),
            ("dicom.max_associations", self.dicom.max_associations.into()),
            ("dicom.max_operations", self.dicom.max_operations.into()),
            ("dicom.artim_timeout_seconds", self.dicom.artim_timeout_seconds),
            ("dicom.idle_timeout_seconds", self.dicom.idle_timeout_seconds),
            ("dicom.max_pending_connections", self.dicom.max_pending_connections.into()),
            ("dicom.message_timeout_seconds", self.dicom.message_timeout_seconds),
            ("dicom.write_timeout_seconds", self.dicom.write_timeout_seconds),
            ("dicom.connect_timeout_seconds", self.dicom.connect_timeout_seconds),
            ("dicom.response_timeout_seconds", self.dicom.response_timeout_seconds),
            ("dicom.association_timeout_seconds", self.dicom.association_timeout_seconds),
            ("database.max_connections", self.database.max_connections.into()),
            ("database.acquire_timeout_seconds", self.database.acquire_timeout_seconds),
            ("codecs.workers", self.codecs.workers.into()),
            ("codecs.memory_bytes", self.codecs.memory_bytes),
            ("codecs.time_limit_seconds", self.codecs.time_limit_seconds),
            ("sessions.idle_timeout_seconds", self.sessions.idle_timeout_seconds),
            ("sessions.lifetime_seconds", self.sessions.lifetime_seconds),
            ("sign_in.attempts_per_minute", self.sign_in.attempts_per_minute.into()),
            ("sign_in.max_concurrent", self.sign_in.max_concurrent.into()),
            ("sign_in.lock_after_attempts", self.sign_in.lock_after_attempts.into()),
            ("sign_in.lock_seconds", self.sign_in.lock_seconds),
            ("sign_in.idle_days", self.sign_in.idle_days.into()),
            ("audit.anchor_interval_seconds", self.audit.anchor_interval_seconds),
        ];
        if let Some((key, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return Err((key, "is 0, but must be at least 1".to_owned()));
        }
        let lengths = DimseConfig::PDU_LENGTHS;
        if !lengths.contains(&self.dicom.max_pdu_length_bytes) {
            return Err(("dicom.max_pdu_length_bytes", format!("must be from {} to {}", lengths.start(), lengths.end())));
        }
        self.dicom.private_sop_classes().map_err(|problem| ("dicom.private_sop_classes", problem))?;
        self.dicom.tls.check()?;
        self.index.attributes().map_err(|problem| ("index.additional_attributes", problem))?;
        if !self.http.public_url.is_empty() {
            let url = Url::parse(&self.http.public_url).map_err(|e| ("http.public_url", format!("is not a URL: {e}")))?;
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !matches!(url.path(), "" | "/") {
                return Err(("http.public_url", "must look like https://pacs.example.org, without a path".to_owned()));
            }
        }
        if !self.storage.secret_access_key.is_empty() && self.storage.access_key_id.is_empty() {
            return Err(("storage.access_key_id", "is empty, but a secret access key is given".to_owned()));
        }
        check_scheme("database.url", self.database.url.expose(), &["sqlite", "postgres", "postgresql"])?;
        check_scheme("storage.url", &self.storage.url, &["file", "s3"])?;
        Ok(())
    }

    /// Where the service listens, with the keys that say so.
    pub fn doors(&self) -> Vec<(&'static str, SocketAddr)> {
        let mut doors = vec![("http.listen", self.http.listen)];
        let secure = self.dicom.tls.address();
        doors.extend(self.plain_dicom().map(|address| ("dicom.listen", address)));
        doors.extend(secure.map(|address| ("dicom.tls.listen", address)));
        doors
    }

    /// Where to listen for DICOM without TLS, unless TLS takes the place.
    pub fn plain_dicom(&self) -> Option<SocketAddr> {
        Some(self.dicom.listen).filter(|address| self.dicom.tls.address() != Some(*address))
    }

    /// The address of this archive as browsers see it, if it is set.
    pub fn public_url(&self) -> Option<Url> {
        Url::parse(&self.http.public_url).ok()
    }
}

fn check_scheme(key: &'static str, url: &str, schemes: &[&str]) -> Result<(), (&'static str, String)> {
    let scheme = url.split(':').next().unwrap_or_default();
    if url.is_empty() || schemes.contains(&scheme) {
        return Ok(());
    }
    let known: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}:")).collect();
    Err((key, format!("must begin with {}", known.join(" or "))))
}

/// The variables that set a key; an error for one that looks as if it was meant to.
fn our_variables(variables: impl IntoIterator<Item = (String, String)>) -> Result<HashMap<String, String>, ConfigError> {
    let mut ours = HashMap::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        if rest.contains("__") {
            ours.insert(name, value);
            continue;
        }
        let rest = rest.to_ascii_lowercase();
        if let Some(section) = SECTIONS.into_iter().find(|section| rest.strip_prefix(section).is_some_and(|r| r.starts_with('_')))
        {
            let key = &rest[section.len() + 1..];
            let meant = format!("{ENVIRONMENT_PREFIX}{}__{}", section.to_ascii_uppercase(), key.to_ascii_uppercase());
            return Err(ConfigError::Invalid {
                place: format!("environment variable {name}"),
                problem: format!("sets nothing; two underscores stand between section and key: {meant}"),
            });
        }
    }
    Ok(ours)
}

#[cfg(test)]
mod tests;
