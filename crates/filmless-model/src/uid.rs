//! Unique identifiers, one type for each thing they name.
//!
//! Peers send UIDs of unregistered roots, with leading zeros and with padding. All of them are kept: a UID is
//! an opaque name of legal characters and length and is never parsed for meaning.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest UID (PS3.5 section 9.1, UID Encoding Rules).
pub const MAX_LENGTH: usize = 64;

/// Why a text is not a UID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UidError {
    /// Nothing is left once padding is removed.
    #[error("UID is empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("UID is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// A character outside `0-9` and `.`.
    #[error("UID has a character other than digits and full stops")]
    IllegalCharacter,
}

/// Removes the padding that PS3.5 section 9.4 asks for, and the spaces that devices use in its place.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c == '\0' || c == ' ')
}

fn check(text: &str) -> Result<&str, UidError> {
    let text = trimmed(text);
    if text.is_empty() {
        return Err(UidError::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(UidError::TooLong);
    }
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(UidError::IllegalCharacter);
    }
    Ok(text)
}

/// Declares a UID type: the types differ only in what they name, so that one cannot be passed for another.
macro_rules! uid {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks `text` against `[0-9.]{1,64}` after removing padding.
            pub fn parse(text: &str) -> Result<Self, UidError> {
                check(text).map(|uid| Self(uid.into()))
            }

            /// The UID without padding.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = UidError;

            fn from_str(text: &str) -> Result<Self, UidError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = UidError;

            fn try_from(text: String) -> Result<Self, UidError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(uid: $name) -> String {
                uid.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

uid!(
    /// Study Instance UID (0020,000D).
    StudyInstanceUid
);
impl StudyInstanceUid {
    /// A UID that nothing else has (PS3.5 section B.2, UUID Derived UID).
    pub fn unique() -> Self {
        Self(format!("2.25.{}", uuid::Uuid::new_v4().as_u128()).into())
    }
}

uid!(
    /// Series Instance UID (0020,000E).
    SeriesInstanceUid
);
uid!(
    /// SOP Instance UID (0008,0018).
    SopInstanceUid
);
uid!(
    /// SOP Class UID (0008,0016).
    SopClassUid
);
uid!(
    /// Transfer Syntax UID (0002,0010).
    TransferSyntaxUid
);

uid!(
    /// Transaction UID (0008,1195).
    TransactionUid
);

impl TransactionUid {
    /// A new UID of our own, made of a UUID (PS3.5 section B.2, UUID Derived UID).
    pub fn generate() -> Self {
        Self::parse(&format!("2.25.{}", Uuid::now_v7().as_u128())).expect("44 digits and full stops at most")
    }
}

impl SopInstanceUid {
    /// A new UID of our own, made of a UUID (PS3.5 section B.2, UUID Derived UID).
    pub fn generate() -> Self {
        Self::parse(&format!("2.25.{}", Uuid::now_v7().as_u128())).expect("44 digits and full stops at most")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_one_to_sixty_four_digits_and_full_stops_without_padding() {
        let longest = "1".repeat(64);
        for (text, expected) in [
            ("1.2.840.10008.1.2", Ok("1.2.840.10008.1.2")),
            ("1.2.3\0", Ok("1.2.3")),
            (" 1.2.3 ", Ok("1.2.3")),
            ("1.02.003", Ok("1.02.003")),
            (longest.as_str(), Ok(longest.as_str())),
            ("", Err(UidError::Empty)),
            ("\0\0", Err(UidError::Empty)),
            (&"1".repeat(65), Err(UidError::TooLong)),
            ("1.2/../../etc", Err(UidError::IllegalCharacter)),
            ("1.2\0/3", Err(UidError::IllegalCharacter)),
            ("１.２", Err(UidError::IllegalCharacter)),
        ] {
            let uid = SopInstanceUid::parse(text);
            assert_eq!(uid.as_ref().map(SopInstanceUid::as_str).map_err(|e| *e), expected, "{text:?}");
        }
    }
}
