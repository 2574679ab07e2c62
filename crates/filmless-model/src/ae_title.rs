//! Application Entity Titles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest AE title (PS3.8 table 9-11, A-ASSOCIATE-RQ PDU Fields).
pub const MAX_LENGTH: usize = 16;

/// Why a text is not an AE title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AeTitleError {
    /// Nothing but spaces.
    #[error("AE title is empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("AE title is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// A control character, a backslash, or a character outside the default repertoire.
    #[error("AE title has a character outside the default repertoire")]
    IllegalCharacter,
}

/// An AE title without leading and trailing spaces, which are not significant (PS3.5 table 6.2-1, VR AE).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AeTitle(Box<str>);

impl AeTitle {
    /// Checks a title and removes its padding.
    pub fn parse(text: &str) -> Result<Self, AeTitleError> {
        let text = text.trim_matches(|c| c == ' ' || c == '\0');
        if text.is_empty() {
            return Err(AeTitleError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(AeTitleError::TooLong);
        }
        if !text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'\\') {
            return Err(AeTitleError::IllegalCharacter);
        }
        Ok(Self(text.into()))
    }

    /// The title without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AeTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AeTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AeTitle({})", self.0)
    }
}

impl FromStr for AeTitle {
    type Err = AeTitleError;

    fn from_str(text: &str) -> Result<Self, AeTitleError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for AeTitle {
    type Error = AeTitleError;

    fn try_from(text: String) -> Result<Self, AeTitleError> {
        Self::parse(&text)
    }
}

impl From<AeTitle> for String {
    fn from(title: AeTitle) -> String {
        title.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ae_title_is_one_to_sixteen_characters_of_the_default_repertoire() {
        for (text, expected) in [
            ("CT1", Ok("CT1")),
            ("  CT 1          ", Ok("CT 1")),
            ("", Err(AeTitleError::Empty)),
            ("                ", Err(AeTitleError::Empty)),
            ("SEVENTEEN_LETTERS", Err(AeTitleError::TooLong)),
            ("CT\\1", Err(AeTitleError::IllegalCharacter)),
            ("CT\n1", Err(AeTitleError::IllegalCharacter)),
            ("Phòng", Err(AeTitleError::IllegalCharacter)),
        ] {
            let title = AeTitle::parse(text);
            assert_eq!(title.as_ref().map(AeTitle::as_str).map_err(|e| *e), expected, "{text:?}");
        }
    }
}
