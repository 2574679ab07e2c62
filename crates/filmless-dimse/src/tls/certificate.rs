//! What a certificate says of itself (RFC 5280 section 4.1, Basic Certificate Fields): until when it is valid, and whose it is.
//!
//! `rustls` decides whether a certificate is good and tells neither. Nothing here decides anything about a signature.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Whose a certificate is, and when it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// The common name of its subject, the last if it has several.
    pub common_name: Option<String>,
    /// The first moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub not_before_ms: i64,
    /// The last, in the same unit.
    pub not_after_ms: i64,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version, which is not there in version 1.
const VERSION: u8 = 0xa0;
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

impl Validity {
    /// Reads a certificate in DER; `None` if it is none.
    pub(crate) fn read(certificate: &[u8]) -> Option<Self> {
        let mut certificate = Elements(Elements(certificate).value(SEQUENCE)?);
        let mut fields = Elements(certificate.value(SEQUENCE)?);
        if fields.0.first() == Some(&VERSION) {
            fields.value(VERSION)?;
        }
        fields.value(INTEGER)?;
        // The algorithm of the signature, and who issued it.
        fields.value(SEQUENCE)?;
        fields.value(SEQUENCE)?;
        let mut validity = Elements(fields.value(SEQUENCE)?);
        let (not_before_ms, not_after_ms) = (validity.time()?, validity.time()?);
        let common_name = common_name(Elements(fields.value(SEQUENCE)?));
        Some(Self { common_name, not_before_ms, not_after_ms })
    }
}

fn common_name(mut subject: Elements<'_>) -> Option<String> {
    let mut found = None;
    while let Some(relative) = subject.value(SET) {
        let mut attributes = Elements(relative);
        while let Some(attribute) = attributes.value(SEQUENCE) {
            let mut attribute = Elements(attribute);
            if attribute.value(OBJECT_IDENTIFIER) == Some(&COMMON_NAME)
                && let Some((UTF8_STRING | PRINTABLE_STRING | IA5_STRING, text)) = attribute.next()
            {
                found = String::from_utf8(text.to_vec()).ok();
            }
        }
    }
    found
}

/// Elements in DER (X.690), one after another.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Tag and contents of the next element. Lengths of more than four bytes are none of a certificate's.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (digits, rest) = match usize::from(*first) {
            0..=0x7f => (std::slice::from_ref(first), rest),
            long @ 0x81..=0x84 => rest.split_at_checked(long - 0x80)?,
            _ => return None,
        };
        let length = digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, contents))
    }

    /// The contents of the next element, if it has this tag.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, contents)| contents)
    }

    /// A moment (RFC 5280 section 4.1.2.5, Validity): in UTC, with seconds.
    fn time(&mut self) -> Option<i64> {
        let (tag, text) = self.next()?;
        let text = std::str::from_utf8(text).ok()?;
        let text = match tag {
            // Two digits of the year are from 1950 to 2049.
            UTC_TIME => format!("{}{text}", if text.get(..1)? < "5" { "20" } else { "19" }),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        let moment = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
        Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    /// Of nobody, with a key that was thrown away.
    const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----
MIIByTCCAXCgAwIBAgIUREEGf7yVZB/Y8NcHF3tMe8jnZ/swCgYIKoZIzj0EAwIw
OzELMAkGA1UEBhMCVk4xFjAUBgNVBAoMDULhu4duaCB2aeG7h24xFDASBgNVBAMM
C0NUIFBow7JuZyAxMCAXDTI2MTEyMjE0NDQzOVoYDzIxMjYxMDI5MTQ0NDM5WjA7
MQswCQYDVQQGEwJWTjEWMBQGA1UECgwNQuG7h25oIHZp4buHbjEUMBIGA1UEAwwL
Q1QgUGjDsm5nIDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ8D4wS8umX6xsO
nqee09eg736TWLMh2CNVcbrtjcBA7v6IfBGkgvCaKi7t1T964QWJLUeSEBoZN60k
GtEuozaNo1AwTjAdBgNVHQ4EFgQUarZfQPgD6NtnMRXCo2/qi1ngAsAwHwYDVR0j
BBgwFoAUarZfQPgD6NtnMRXCo2/qi1ngAsAwDAYDVR0TAQH/BAIwADAKBggqhkjO
PQQDAgNHADBEAiAWVqITc2uCF3PUsKnG/j6TsxDHidNoYy1asIrFsxqQHgIgczJ+
3lLzNaVz5366RalTz4cFp5M7cBtv2LmeChcRyck=
-----END CERTIFICATE-----";

    #[test]
    fn validity_and_common_name_are_read() {
        let certificate = CertificateDer::from_pem_slice(PEM).expect("PEM");
        let expected = Validity {
            common_name: Some("CT Phòng 1".to_owned()),
            // 2026-11-22T14:44:39Z in UTCTime, 2126-10-29T14:44:39Z in GeneralizedTime.
            not_before_ms: 1_795_358_679_000,
            not_after_ms: 4_948_958_679_000,
        };
        assert_eq!(Validity::read(&certificate), Some(expected));
        for length in 0..certificate.len() {
            assert_eq!(Validity::read(&certificate[..length]), None, "{length}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(place in 0_usize..450, bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..20)) {
            let mut certificate = CertificateDer::from_pem_slice(PEM).expect("PEM").to_vec();
            for (old, new) in certificate.iter_mut().skip(place).zip(bytes) {
                *old = new;
            }
            let _ = Validity::read(&certificate);
        }
    }
}
