//! Certificates and keys in PEM files, and what TLS makes of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use filmless_model::version::Digest;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::calling::Calling;
use super::certificate::Validity;

/// Whether peers have to show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// They are not asked for one.
    None,
    /// They may; one that is shown must be good.
    Optional,
    /// They must.
    #[default]
    Required,
}

/// Where everything is, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Our certificate, and after it those between it and its authority.
    pub certificate: PathBuf,
    /// The private key of the first, not encrypted.
    pub key: PathBuf,
    /// The authorities whose certificates peers may show. Where there is none, none is asked for, and nobody is called by TLS.
    pub client_ca: Option<PathBuf>,
    /// Whether peers that call have to show one.
    pub client_authentication: ClientAuthentication,
}

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of them cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no certificate in a file.
    #[error("there is no certificate in {}, or not in PEM", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key.
    #[error("there is no private key in {}, or not in PEM, or it is encrypted", .0.display())]
    NoKey(PathBuf),
    /// The two are not of each other.
    #[error("the key in {} is not that of the certificate in {}", key.display(), certificate.display())]
    KeyOfAnother {
        /// The key.
        key: PathBuf,
        /// The certificate.
        certificate: PathBuf,
    },
    /// TLS takes them not.
    #[error("the certificates cannot be used: {0}")]
    Unusable(String),
}

/// What the files hold.
pub(super) struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    /// Empty if there is no such file.
    client_ca: Vec<u8>,
}

impl Contents {
    /// Changes with any of them.
    pub(super) fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        for file in [&self.certificate, &self.key, &self.client_ca] {
            hash.update(Sha256::digest(file));
        }
        Digest::new(hash.finalize().into())
    }
}

/// What TLS made of the files.
#[derive(Debug)]
pub struct Loaded {
    /// For peers that call.
    pub(super) config: Arc<ServerConfig>,
    /// For those that we call, if there are authorities to know them by.
    pub(super) calling: Option<Calling>,
    pub(super) digest: Digest,
    /// Of our own certificate and those after it.
    pub certificates: Vec<Validity>,
    /// Of the authorities of peers.
    pub client_ca: Vec<Validity>,
}

impl TlsFiles {
    /// Reads the files and sees whether they fit together.
    pub fn load(&self) -> Result<Loaded, TlsError> {
        self.load_from(&self.read()?)
    }

    pub(super) fn read(&self) -> Result<Contents, TlsError> {
        let read = |path: &Path| std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source });
        let client_ca = self.client_ca.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(Contents { certificate: read(&self.certificate)?, key: read(&self.key)?, client_ca })
    }

    pub(super) fn load_from(&self, contents: &Contents) -> Result<Loaded, TlsError> {
        let chain = certificates(&contents.certificate, &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|_| TlsError::NoKey(self.key.clone()))?;
        let client_ca = self.client_ca.as_deref().map(|path| certificates(&contents.client_ca, path)).transpose()?;
        let client_ca = client_ca.unwrap_or_default();
        let validities = |certificates: &[CertificateDer<'_>]| -> Vec<_> {
            certificates.iter().filter_map(|certificate| Validity::read(certificate)).collect()
        };
        let (certificates, authorities) = (validities(&chain), validities(&client_ca));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        for authority in client_ca {
            roots.add(authority).map_err(|error| unusable(&error))?;
        }
        let roots = Arc::new(roots);
        let config = self.config(&provider, &roots, chain.clone(), key.clone_key())?;
        let calling = if roots.is_empty() {
            None
        } else {
            Some(Calling::new(provider, roots, chain, key).map_err(|error| unusable(&error))?)
        };
        Ok(Loaded { digest: contents.digest(), certificates, client_ca: authorities, config: Arc::new(config), calling })
    }

    fn config(
        &self,
        provider: &Arc<CryptoProvider>,
        authorities: &Arc<RootCertStore>,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(provider));
        let builder = builder
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| unusable(&error))?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(authorities), Arc::clone(provider));
        let verifier = match self.client_authentication {
            ClientAuthentication::None => None,
            ClientAuthentication::Optional => Some(verifier.allow_unauthenticated()),
            ClientAuthentication::Required => Some(verifier),
        };
        let builder = match verifier {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier.build().map_err(|error| unusable(&error))?),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::KeyOfAnother { key: self.key.clone(), certificate: self.certificate.clone() }
            }
            error => unusable(&error),
        })?;
        // A resumed session would go on with a certificate that has expired or changed since.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }
}

fn unusable(error: &dyn std::error::Error) -> TlsError {
    TlsError::Unusable(error.to_string())
}

fn certificates(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}
