//! The certificates of nodes that we call.
//!
//! One trust for both directions: a certificate is valid and of an authority of ours, whoever calls. Besides, a node that is
//! bound to a certificate has to show that one, and any other node one that is for the host it is called at.

use std::sync::Arc;

use filmless_model::certificate::CertificateBinding;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::shown;

/// What calls are made with.
#[derive(Debug)]
pub(super) struct Calling {
    config: ClientConfig,
    authorities: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Calling {
    /// With our certificate, for nodes that ask for one.
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        authorities: Arc<RootCertStore>,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Error> {
        let algorithms = provider.signature_verification_algorithms;
        let verifier = Verifier { authorities: authorities.clone(), algorithms, binding: None };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_auth_cert(chain, key)?;
        // A resumed session would go on with a certificate that has expired or changed since.
        config.resumption = Resumption::disabled();
        Ok(Self { config, authorities, algorithms })
    }

    /// How a node is called.
    pub(super) fn of(&self, binding: Option<&CertificateBinding>) -> ClientConfig {
        let verifier = Verifier { authorities: self.authorities.clone(), algorithms: self.algorithms, binding: binding.cloned() };
        let mut config = self.config.clone();
        config.dangerous().set_certificate_verifier(Arc::new(verifier));
        config
    }
}

/// See the head of this file.
#[derive(Debug)]
struct Verifier {
    authorities: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    binding: Option<CertificateBinding>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&certificate, &self.authorities, intermediates, now, algorithms)?;
        match &self.binding {
            None => verify_server_name(&certificate, server_name)?,
            Some(binding) if binding.fits(&shown(end_entity)) => {}
            Some(_) => return Err(CertificateError::ApplicationVerificationFailure.into()),
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
