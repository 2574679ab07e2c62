//! Items of the user information that `dicom-ul` leaves as bytes (PS3.7 annex D.3.3, DICOM Application Association Information).
//!
//! They are read where a request is walked over. What they mean is decided elsewhere; a passcode is shown to nobody.

use std::fmt;

use filmless_model::uid::SopClassUid;

use crate::associate::MalformedRequest;

/// How many operations may be under way (PS3.7 section D.3.3.3, Asynchronous Operations Window). 0 is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationsWindow {
    /// Of those that the requestor asks for.
    pub invoked: u16,
    /// Of those that it is asked for.
    pub performed: u16,
}

impl OperationsWindow {
    /// Reads the item.
    pub(crate) fn decode(value: &[u8]) -> Result<Self, MalformedRequest> {
        let [a, b, c, d] = value.try_into().map_err(|_| MalformedRequest)?;
        Ok(Self { invoked: u16::from_be_bytes([a, b]), performed: u16::from_be_bytes([c, d]) })
    }

    /// Writes the item.
    pub(crate) fn encode(self) -> Vec<u8> {
        [self.invoked.to_be_bytes(), self.performed.to_be_bytes()].concat()
    }

    /// What is agreed to of what is proposed: no more than `invoked`, and one operation that we ask for.
    #[must_use]
    pub(crate) fn agreed(self, invoked: u16) -> Self {
        let within = |proposed: u16, limit: u16| if proposed == 0 { limit } else { proposed.min(limit) };
        Self { invoked: within(self.invoked, invoked), performed: within(self.performed, 1) }
    }
}

/// SOP Class Common Extended Negotiation (PS3.7 section D.3.3.6): what service an unheard-of SOP Class is of. The general
/// classes that it is related to are not kept: nothing here depends on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonExtendedNegotiation {
    /// The SOP Class.
    pub sop_class: SopClassUid,
    /// Its Service Class.
    pub service_class: String,
}

impl CommonExtendedNegotiation {
    /// Reads the item; `None` if its UIDs are none.
    pub(crate) fn decode(mut value: &[u8]) -> Result<Option<Self>, MalformedRequest> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(|text| text.trim_end_matches(['\0', ' ']).to_owned());
        let (sop_class, service_class) = (text(counted(&mut value)?), text(counted(&mut value)?));
        let mut related = counted(&mut value)?;
        while !related.is_empty() {
            counted(&mut related)?;
        }
        let (Ok(sop_class), Ok(service_class)) = (sop_class, service_class) else { return Ok(None) };
        Ok(SopClassUid::parse(&sop_class).ok().map(|sop_class| Self { sop_class, service_class }))
    }
}

/// Who says to call (PS3.7 section D.3.3.7, User Identity Negotiation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentity {
    /// How it is said.
    pub proof: Proof,
    /// Whether the peer wants to hear that it was believed.
    pub wants_response: bool,
}

/// What an identity is proved by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: a name.
    Username(String),
    /// A name and its passcode.
    Passcode(String, Passcode),
    /// A Kerberos ticket (3), SAML assertion (4), JSON Web Token (5), or something newer.
    Other(u8),
}

/// A secret, which is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Passcode(String);

impl Passcode {
    /// The secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(…)")
    }
}

impl UserIdentity {
    /// Reads the item.
    pub(crate) fn decode(value: &[u8]) -> Result<Self, MalformedRequest> {
        let ([kind, response], mut rest) = value.split_first_chunk().ok_or(MalformedRequest)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let primary = counted(&mut rest)?;
        let secondary = counted(&mut rest)?;
        let proof = match kind {
            1 => Proof::Username(text(primary)),
            2 => Proof::Passcode(text(primary), Passcode(text(secondary))),
            other => Proof::Other(*other),
        };
        Ok(Self { proof, wants_response: *response == 1 })
    }

    /// The answer to an identity of the kinds that are checked: without a server response.
    pub(crate) const RESPONSE: [u8; 2] = [0, 0];
}

/// Splits off what stands behind its length of two bytes.
fn counted<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], MalformedRequest> {
    let (length, rest) = bytes.split_first_chunk().ok_or(MalformedRequest)?;
    let (value, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(MalformedRequest)?;
    *bytes = rest;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_agreed_to_within_both_limits() {
        for (invoked, performed, limit, expected) in [(8, 8, 4, (4, 1)), (2, 1, 4, (2, 1)), (0, 0, 4, (4, 1)), (1, 1, 4, (1, 1))]
        {
            let agreed = OperationsWindow { invoked, performed }.agreed(limit);
            assert_eq!((agreed.invoked, agreed.performed), expected);
        }
        assert_eq!(OperationsWindow::decode(&[0, 5, 0, 6]), Ok(OperationsWindow { invoked: 5, performed: 6 }));
        assert_eq!(OperationsWindow::decode(&[0, 5, 0]), Err(MalformedRequest));
    }

    #[test]
    fn the_service_class_of_a_sop_class_is_read() {
        let read = |bytes: &[u8]| CommonExtendedNegotiation::decode(bytes).map(|read| read.map(|read| read.service_class));
        assert_eq!(read(b"\0\x051.2.3\0\x041.4\0\0\x0a\0\x031.5\0\x031.6"), Ok(Some("1.4".to_owned())));
        assert_eq!(read(b"\0\x051.2.3\0\x031.4\0\0"), Ok(Some("1.4".to_owned())));
        assert_eq!(read(b"\0\x03abc\0\x031.4\0\0"), Ok(None));
        assert_eq!(read(b"\0\x051.2.3\0\x041.4"), Err(MalformedRequest));
        assert_eq!(read(b"\0\x051.2.3\0\x031.4\0\x05\0\x091.5"), Err(MalformedRequest));
    }

    #[test]
    fn an_identity_is_read_and_its_secret_not_shown() {
        let identity = UserIdentity::decode(b"\x02\x01\0\x04user\0\x06secret").expect("well formed");
        assert_eq!(identity.proof, Proof::Passcode("user".to_owned(), Passcode("secret".to_owned())));
        assert!(identity.wants_response);
        assert!(!format!("{identity:?}").contains("secret"), "{identity:?}");
        let decode = |bytes: &[u8]| UserIdentity::decode(bytes).map(|identity| identity.proof);
        assert_eq!(decode(b"\x01\0\0\x04user\0\0"), Ok(Proof::Username("user".to_owned())));
        assert_eq!(decode(b"\x03\0\0\x02ab\0\0"), Ok(Proof::Other(3)));
        assert_eq!(decode(b"\x02\x01\0\x04user\0\x06secre"), Err(MalformedRequest));
        assert_eq!(decode(b"\x02"), Err(MalformedRequest));
    }
}
