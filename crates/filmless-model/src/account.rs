//! People and programs that sign in: accounts, their sessions and their tokens.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest account name, in bytes.
pub const MAX_NAME_LENGTH: usize = 64;

/// The name of an account: letters, digits and `.-_@`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(Box<str>);

/// Why a text is not an account name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account name has 1 to {MAX_NAME_LENGTH} lower-case letters, digits and .-_@")]
pub struct AccountNameError;

impl AccountName {
    /// Checks a name. Upper case becomes lower case, so that `Lan` and `lan` are one account.
    pub fn parse(text: &str) -> Result<Self, AccountNameError> {
        let text = text.trim().to_ascii_lowercase();
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b);
        if text.is_empty() || text.len() > MAX_NAME_LENGTH || !text.bytes().all(legal) {
            return Err(AccountNameError);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountName({})", self.0)
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;

    fn try_from(text: String) -> Result<Self, AccountNameError> {
        Self::parse(&text)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> String {
        name.0.into()
    }
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the archive: everything.
    Admin,
    /// Reads studies: looks, measures and marks, prints, takes away.
    Radiologist,
    /// Makes studies: orders, what came in and what disagrees, prints.
    Technologist,
    /// Treats patients on a ward or in a clinic: looks.
    Clinician,
    /// Watches over who does what, and sees no patient's images.
    Auditor,
    /// A program, such as the hospital's information system: stores, searches, fetches, orders.
    Service,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Radiologist, Self::Technologist, Self::Clinician, Self::Auditor, Self::Service];

    /// The word in the table and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Radiologist => "radiologist",
            Self::Technologist => "technologist",
            Self::Clinician => "clinician",
            Self::Auditor => "auditor",
            Self::Service => "service",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// An account as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// Its role.
    pub role: Role,
    /// The argon2id hash of its password, in PHC string form.
    pub password_hash: String,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: i64,
}

/// A token as it is kept: never the secret, only its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names the token in lists.
    pub id: String,
    /// Whose rights it carries.
    pub account: AccountName,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: i64,
}
