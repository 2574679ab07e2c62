//! DICOM TLS (PS3.15 annex B, the BCP 195 profiles): who we are to peers that connect and to those that we call, and whom of
//! them we trust.
//!
//! TLS 1.2 and 1.3 with the forward secret AEAD suites of RFC 9325 and no others. Certificate, key and authorities are
//! files; a change of theirs is taken up without a restart. Sessions are not resumed, so every connection shows its
//! certificate anew. What a certificate lets its peer do is not decided here.

mod calling;
mod certificate;
mod files;
mod refusal;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use filmless_model::certificate::{CertificateBinding, ShownCertificate};
use filmless_model::version::Digest;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use tokio_util::sync::CancellationToken;

pub use self::certificate::Validity;
pub use self::files::{ClientAuthentication, Loaded, TlsError, TlsFiles};
pub(crate) use self::refusal::reason;

/// How often the files are looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// What a connection was found to be secured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secured {
    /// The version of TLS.
    pub(crate) version: &'static str,
    /// What the peer showed, if it did.
    pub(crate) certificate: Option<ShownCertificate>,
}

/// Both sides of TLS, by files that may change.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Loaded>,
}

impl Tls {
    /// Reads the files.
    pub fn new(files: TlsFiles) -> Result<Self, TlsError> {
        let current = RwLock::new(files.load()?);
        Ok(Self { files, current })
    }

    /// Takes up what changes in the files, until `stop`. Files that do not fit together, as while they are being
    /// replaced, change nothing.
    pub(crate) async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut told = None;
        while stop.run_until_cancelled(tokio::time::sleep(RELOAD_INTERVAL)).await.is_some() {
            let this = Arc::clone(&self);
            let Ok(reloaded) = tokio::task::spawn_blocking(move || this.reload()).await else { continue };
            let error = match reloaded {
                Ok(false) => None,
                Ok(true) => {
                    tracing::info!("took up new certificates for DICOM over TLS");
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            if let Some(error) = error.as_ref().filter(|error| told.as_ref() != Some(*error)) {
                tracing::error!(error, "cannot take up new certificates for DICOM over TLS; the old ones stay");
            }
            told = error;
        }
    }

    /// Reads the files again if they changed; whether they did.
    fn reload(&self) -> Result<bool, TlsError> {
        let contents = self.files.read()?;
        if contents.digest() == self.loaded(|current| current.digest) {
            return Ok(false);
        }
        let loaded = self.files.load_from(&contents)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(true)
    }

    fn loaded<T>(&self, read: impl FnOnce(&Loaded) -> T) -> T {
        read(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a connection secure. The error is what `reason` explains.
    pub(crate) async fn secure<S>(&self, stream: S) -> std::io::Result<(server::TlsStream<S>, Secured)>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config: Arc<ServerConfig> = self.loaded(|current| Arc::clone(&current.config));
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        let connection = stream.get_ref().1;
        let version = match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "1.2",
            _ => "1.3",
        };
        let certificate = connection.peer_certificates().and_then(|chain| chain.first()).map(shown);
        Ok((stream, Secured { version, certificate }))
    }

    /// Makes a connection secure that we made to `host`. The error is what `reason` explains, or words of ours.
    pub(crate) async fn call<S>(
        &self,
        host: &str,
        binding: Option<&CertificateBinding>,
        stream: S,
    ) -> std::io::Result<client::TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| std::io::Error::other("no certificate can be for the name of its host"))?;
        let config = self.loaded(|current| current.calling.as_ref().map(|calling| calling.of(binding)));
        let config = config.ok_or_else(|| std::io::Error::other("dicom.tls.client_ca names no authorities to know it by"))?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }
}

/// What a certificate says that was shown.
fn shown(certificate: &CertificateDer<'_>) -> ShownCertificate {
    ShownCertificate {
        fingerprint: Digest::new(Sha256::digest(certificate).into()),
        common_name: Validity::read(certificate).and_then(|read| read.common_name),
    }
}
