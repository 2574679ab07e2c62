//! Passwords, and the random secrets of sessions and tokens. Of both, only digests are kept.
//!
//! Passwords are guessable and get argon2id. Session and token secrets have 256 random bits, so one SHA-256 is enough
//! and keeps the check of every request cheap.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use filmless_model::account::AccountName;
use sha2::{Digest, Sha256};

/// The shortest password, in characters.
pub const MIN_PASSWORD_LENGTH: usize = 10;

/// The longest password, in bytes: hashing time must not be the caller's to choose.
pub const MAX_PASSWORD_LENGTH_BYTES: usize = 1024;

/// Shorter names of accounts may be a part of many a good password, in characters.
const MIN_NAME_LENGTH: usize = 3;

/// Begins every token, so that scanners find one that leaked.
pub const TOKEN_PREFIX: &str = "filmless_";

/// Why a secret could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Too short.
    #[error("a password has at least {MIN_PASSWORD_LENGTH} characters")]
    TooShort,
    /// Too long.
    #[error("a password has at most {MAX_PASSWORD_LENGTH_BYTES} bytes")]
    TooLong,
    /// The old one again.
    #[error("the new password is the old one")]
    Unchanged,
    /// Guessed first of all.
    #[error("a password does not contain the name of its account")]
    ContainsName,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(String),
    /// No second factor could be made.
    #[error("no second factor can be made: {0}")]
    SecondFactor(String),
    /// argon2 refused.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// Random bytes.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|e| SecretError::NoRandomness(e.to_string()))?;
    Ok(bytes)
}

/// 256 random bits as text of letters, digits, `-` and `_`.
pub fn random_secret() -> Result<String, SecretError> {
    Ok(BASE64URL_NOPAD.encode(&random_bytes::<32>()?))
}

/// A new token.
pub fn random_token() -> Result<String, SecretError> {
    Ok(format!("{TOKEN_PREFIX}{}", random_secret()?))
}

/// A password that can be typed: four groups of five letters and digits without look-alikes, 100 bits.
pub fn random_password() -> Result<String, SecretError> {
    // 32 symbols: no 0, O, 1, I, l.
    const SYMBOLS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let symbols: Vec<char> = random_bytes::<20>()?.iter().map(|byte| char::from(SYMBOLS[usize::from(byte % 32)])).collect();
    Ok(symbols.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// What the index keeps of a session or token: SHA-256 in 64 hexadecimal digits.
pub fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// Whether a new password may be used.
pub fn check_password(password: &str) -> Result<(), SecretError> {
    if password.chars().count() < MIN_PASSWORD_LENGTH {
        return Err(SecretError::TooShort);
    }
    if password.len() > MAX_PASSWORD_LENGTH_BYTES {
        return Err(SecretError::TooLong);
    }
    Ok(())
}

/// Whether somebody's new password may take the place of the old one.
pub fn check_new_password(name: &AccountName, old: &str, new: &str) -> Result<(), SecretError> {
    check_password(new)?;
    if new == old {
        return Err(SecretError::Unchanged);
    }
    if name.as_str().len() >= MIN_NAME_LENGTH && new.to_lowercase().contains(name.as_str()) {
        return Err(SecretError::ContainsName);
    }
    Ok(())
}

/// The argon2id hash of a password with a salt of its own, in PHC form. Takes tens of milliseconds: call it off the async threads.
pub fn hash_password(password: &str) -> Result<String, SecretError> {
    check_password(password)?;
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|e| SecretError::Hash(e.to_string()))
}

/// Whether the password is the one that was hashed; with no hash, takes as long and says no.
///
/// So the time of an answer does not tell whether an account exists. Call it off the async threads.
pub fn verify_password(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_password("no account has this password").ok());
    if password.len() > MAX_PASSWORD_LENGTH_BYTES {
        return false;
    }
    let exists = hash.is_some();
    let Some(hash) = hash.or(NOBODY.as_deref()) else { return false };
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && exists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_that_was_hashed_fits() {
        let hash = hash_password("correct horse battery staple 9").expect("a fine password");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(verify_password("correct horse battery staple 9", Some(&hash)));
        assert!(!verify_password("correct horse battery staple 8", Some(&hash)));
        assert!(!verify_password("correct horse battery staple 9", Some("not a hash")));
        assert!(!verify_password("no account has this password", None));
        assert_ne!(hash, hash_password("correct horse battery staple 9").expect("a fine password"));
    }

    #[test]
    fn short_and_huge_passwords_are_refused() {
        for (password, legal) in [("123456789", false), ("mật khẩu 1", true), ("1234567890", true)] {
            assert_eq!(check_password(password).is_ok(), legal, "{password}");
        }
        assert!(matches!(check_password(&"x".repeat(1025)), Err(SecretError::TooLong)));
    }

    #[test]
    fn a_new_password_is_new_and_no_part_of_it_is_the_name() {
        let lan = AccountName::parse("lan").expect("legal");
        for (new, legal) in [("one two three", true), ("the old one!", false), ("planet planet", false), ("short", false)] {
            assert_eq!(check_new_password(&lan, "the old one!", new).is_ok(), legal, "{new}");
        }
    }

    #[test]
    fn secrets_differ_and_are_kept_as_digests() {
        let (a, b) = (random_token().expect("randomness"), random_token().expect("randomness"));
        assert_ne!(a, b);
        assert_eq!(a.len(), TOKEN_PREFIX.len() + 43);
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(random_password().expect("randomness").len(), 23);
    }
}
