//! The certificate that a peer shows, and what a peer may be bound to.

use std::fmt;

use crate::version::Digest;

/// A certificate that was shown, and found to be good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCertificate {
    /// SHA-256 of its DER.
    pub fingerprint: Digest,
    /// The common name of its subject.
    pub common_name: Option<String>,
}

/// What a peer's certificate has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateBinding {
    /// This one.
    Fingerprint(Digest),
    /// One of a subject with this common name, so that it can be renewed.
    CommonName(String),
}

impl CertificateBinding {
    /// The longest text, in bytes: `ub-common-name` of RFC 5280 is 64 characters.
    pub const MAX_LENGTH_BYTES: usize = 256;

    /// Reads `CN=name`, or the 64 hexadecimal digits of a SHA-256, as OpenSSL writes them with colons or without.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > Self::MAX_LENGTH_BYTES {
            return None;
        }
        if let Some(name) = text.strip_prefix("CN=") {
            return (!name.is_empty() && !name.contains(char::is_control)).then(|| Self::CommonName(name.to_owned()));
        }
        let digits: String = text.chars().filter(|c| *c != ':').collect();
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        Digest::parse(&digits).map(Self::Fingerprint)
    }

    /// Whether a certificate is what it has to be.
    pub fn fits(&self, shown: &ShownCertificate) -> bool {
        match self {
            Self::Fingerprint(fingerprint) => *fingerprint == shown.fingerprint,
            Self::CommonName(name) => shown.common_name.as_ref() == Some(name),
        }
    }
}

impl fmt::Display for CertificateBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(fingerprint) => fingerprint.fmt(f),
            Self::CommonName(name) => write!(f, "CN={name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_is_read_as_people_and_openssl_write_it() {
        let colons = format!("AB:{}", "0c:".repeat(30)) + "0C";
        let digits = format!("ab{}", "0c".repeat(31));
        for (text, expected) in [
            ("CN=CT1", Some("CN=CT1")),
            (" CN=Máy chụp 1 ", Some("CN=Máy chụp 1")),
            (colons.as_str(), Some(digits.as_str())),
            (digits.as_str(), Some(digits.as_str())),
            ("CN=", None),
            ("CN=a\nb", None),
            ("O=Hospital", None),
            (&digits[1..], None),
            (&format!("+{}", &digits[1..]), None),
            ("", None),
        ] {
            let read = CertificateBinding::parse(text).map(|binding| binding.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_certificate_fits_by_its_fingerprint_or_its_name() {
        let shown = ShownCertificate { fingerprint: Digest::new([7; 32]), common_name: Some("CT1".to_owned()) };
        for (text, fits) in [("CN=CT1", true), ("CN=ct1", false), (&"07".repeat(32), true), (&"08".repeat(32), false)] {
            let binding = CertificateBinding::parse(text).expect("a binding");
            assert_eq!(binding.fits(&shown), fits, "{text}");
        }
        let nameless = ShownCertificate { common_name: None, ..shown };
        assert!(!CertificateBinding::CommonName("CT1".to_owned()).fits(&nameless));
    }
}
