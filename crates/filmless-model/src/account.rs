//! People and programs that sign in: accounts, their sessions and their tokens.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::actor::Acts;
use crate::forwarding::Hours;

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
    /// Somebody else knows the password: nothing may be done before it is changed.
    pub must_change_password: bool,
    /// An administrator took away the right to sign in.
    pub is_blocked: bool,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: i64,
    /// When it was last used, to a day, in milliseconds since 1970-01-01T00:00:00Z; before that, when it was made or let in again.
    pub used_ms: i64,
    /// The secret of its TOTP generator in Base 32 (RFC 6238), if it has a second factor.
    pub second_factor: Option<String>,
    /// When it may be used, if not always.
    pub hours: Option<Hours>,
}

/// Why an account may not be used, whatever secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// An administrator blocked it.
    Blocked,
    /// It was not used for too long.
    Idle,
    /// It may be used at other times of the day.
    OutOfHours,
    /// From there it wants a second factor, and has none.
    Outside,
}

impl Barred {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "the account is blocked",
            Self::Idle => "the account was not used for too long",
            Self::OutOfHours => "the account is not for this time of the day",
            Self::Outside => "from there the account needs a second factor, which is added inside",
        }
    }
}

impl Account {
    /// An account that is made now, with a password of its own choice.
    pub fn new(name: AccountName, role: Role, password_hash: String, now_ms: i64) -> Self {
        Self {
            name,
            role,
            password_hash,
            must_change_password: false,
            is_blocked: false,
            created_ms: now_ms,
            used_ms: now_ms,
            second_factor: None,
            hours: None,
        }
    }

    /// Why it may not be used at a time, if it expires after so many milliseconds in which nobody used it.
    pub fn barred(&self, idle_ms: i64, now_ms: i64) -> Option<Barred> {
        if self.is_blocked {
            return Some(Barred::Blocked);
        }
        if now_ms >= self.used_ms.saturating_add(idle_ms) {
            return Some(Barred::Idle);
        }
        self.hours.is_some_and(|hours| !hours.contain(now_ms)).then_some(Barred::OutOfHours)
    }

    /// What of its role's acts it may do when it comes in.
    pub fn within(&self) -> Acts {
        if self.must_change_password { Acts::NONE } else { Acts::ALL }
    }
}

/// The longest name of a token, in bytes.
pub const MAX_LABEL_LENGTH: usize = 64;

/// A token as it is kept: never the secret, only its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names the token in lists.
    pub id: String,
    /// Whose rights it carries.
    pub account: AccountName,
    /// What it is for, in its maker's words; at most [`MAX_LABEL_LENGTH`] bytes.
    pub label: String,
    /// What of its account's acts it is for.
    pub acts: Acts,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: i64,
    /// From when on it is refused.
    pub expires_ms: Option<i64>,
}

impl Token {
    /// Whether it is refused by now.
    pub fn is_over(&self, now_ms: i64) -> bool {
        self.expires_ms.is_some_and(|expires| now_ms >= expires)
    }
}

/// A sign-in that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session in lists.
    pub id: String,
    /// Whose it is.
    pub account: AccountName,
    /// When it began, in milliseconds since 1970-01-01T00:00:00Z.
    pub began_ms: i64,
    /// When it ends if it is not used, in milliseconds since 1970-01-01T00:00:00Z.
    pub expires_ms: i64,
    /// From where it was opened.
    pub address: IpAddr,
    /// What the browser called itself; at most [`MAX_AGENT_LENGTH`] characters.
    pub agent: String,
}

/// The longest name of a browser that is kept, in characters.
pub const MAX_AGENT_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_blocked_idle_or_out_of_its_hours_is_barred() {
        let name = AccountName::parse("lan").expect("legal");
        let account = Account::new(name, Role::Clinician, String::new(), 1_000);
        assert_eq!(account.barred(500, 1_499), None);
        assert_eq!(account.barred(500, 1_500), Some(Barred::Idle));
        assert_eq!(Account { is_blocked: true, ..account.clone() }.barred(500, 1_000), Some(Barred::Blocked));
        let mornings = Account { hours: Hours::parse("06:00-12:00"), ..account };
        assert_eq!(mornings.barred(500, 1_000), Some(Barred::OutOfHours));
        let six_ms = 6 * 60 * 60 * 1000;
        assert_eq!(mornings.barred(2 * six_ms, six_ms), None);
    }
}
