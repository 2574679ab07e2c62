//! Users that call by way of a peer (PS3.7 section D.3.3.7, User Identity Negotiation): whether they have to say who they are, and
//! who checks it. Names and passcodes are checked; Kerberos, SAML and JSON Web Tokens are not, and are not answered.

use std::net::IpAddr;

use filmless_model::actor::User;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Whether a user has to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserIdentityPolicy {
    /// Whoever is named is not looked at.
    Ignored,
    /// A user need not be named; one who is has to be right.
    #[default]
    Optional,
    /// A user has to be named.
    Username,
    /// A user has to be named, with a passcode.
    Passcode,
}

/// Why a user is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UserRefusal {
    /// There is no such account, or it has another passcode.
    #[error("wrong user name or passcode")]
    Wrong,
    /// Somebody may be guessing.
    #[error("too many wrong passcodes of this user; wait a minute")]
    TooManyAttempts,
    /// It cannot be found out now.
    #[error("users cannot be checked now")]
    Unavailable,
}

/// Checks users: by the accounts, passwords and limits of the web.
pub trait Users: Send + Sync {
    /// Whose name this is, if the passcode is right; a name alone is only looked up.
    fn check<'a>(
        &'a self,
        address: IpAddr,
        username: &'a str,
        passcode: Option<&'a str>,
    ) -> BoxFuture<'a, Result<User, UserRefusal>>;
}
