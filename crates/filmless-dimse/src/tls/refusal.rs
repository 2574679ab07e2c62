//! Why a connection could not be made secure, in words that a technician can act on.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, ExtendedKeyPurpose, InvalidMessage, PeerIncompatible};

/// The words; `None` if the peer went away, which says nothing.
pub(crate) fn reason(error: &io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let words = match error {
        Error::PeerIncompatible(incompatible) => incompatibility(incompatible),
        Error::NoCertificatesPresented => "the peer shows no certificate",
        Error::InvalidCertificate(problem) => certificate(problem),
        Error::AlertReceived(alert) => match alert {
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate => {
                return Some(format!("the peer does not trust our certificate: {alert:?}"));
            }
            AlertDescription::CertificateRequired => "the peer wants a certificate of ours",
            _ => return Some(format!("the peer refuses: {alert:?}")),
        },
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "the peer does not speak TLS",
        error => return Some(error.to_string()),
    };
    Some(words.to_owned())
}

fn incompatibility(incompatible: &PeerIncompatible) -> &'static str {
    match incompatible {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired
        // What TLS 1.0 and 1.1 do not have is missed before the version is looked at.
        | PeerIncompatible::SignatureAlgorithmsExtensionRequired => "the peer speaks neither TLS 1.2 nor TLS 1.3",
        _ => "the peer has no cipher suite, key exchange or signature scheme that we have",
    }
}

fn certificate(problem: &CertificateError) -> &'static str {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "the peer's certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "the peer's certificate is not valid yet",
        CertificateError::UnknownIssuer => "the peer's certificate is of no authority in dicom.tls.client_ca",
        CertificateError::InvalidPurposeContext { required: ExtendedKeyPurpose::ServerAuth, .. } => {
            "the peer's certificate is not one for servers (extended key usage)"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "the peer's certificate is not one for clients (extended key usage)"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the peer's certificate is not for the address or name that it is called at"
        }
        CertificateError::ApplicationVerificationFailure => "the peer shows another certificate than the one it is bound to",
        CertificateError::Other(_) => "the peer's certificate is of a kind that is not taken; perhaps that of an authority",
        _ => "the peer's certificate is not valid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_technician_can_change_is_named() {
        let said = |error: Error| reason(&io::Error::new(io::ErrorKind::InvalidData, error)).expect("a reason");
        for (error, words) in [
            (Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered), "TLS 1.2"),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), "cipher suite"),
            (Error::NoCertificatesPresented, "shows no certificate"),
            (Error::InvalidCertificate(CertificateError::Expired), "expired"),
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), "client_ca"),
            (Error::InvalidCertificate(CertificateError::NotValidForName), "not for the address or name"),
            (Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure), "bound to"),
            (Error::AlertReceived(AlertDescription::UnknownCA), "does not trust our certificate"),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS"),
        ] {
            assert!(said(error.clone()).contains(words), "{error:?}");
        }
        assert_eq!(reason(&io::ErrorKind::UnexpectedEof.into()), None);
    }
}
