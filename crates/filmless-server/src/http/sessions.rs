//! How long a session lasts: it ends when it was not used for a while, and in any case some hours after signing in.
//!
//! The index keeps when a session expires for lack of use. When it began stands in the cookie itself, before the secret:
//! the index knows the digest of both together, so a beginning that was changed belongs to no session.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::config::SessionsConfig;
use crate::secrets::{self, SecretError};

/// Sessions whose last renewal is remembered; a forgotten one is renewed a little early.
const REMEMBERED: usize = 4096;
/// A session is renewed after this part of the idle time-out: not with every request, each renewal is a write.
const RENEWED_AFTER_PART: i64 = 8;

/// The rules, and when each session was renewed last.
pub struct Sessions {
    idle_ms: i64,
    lifetime_ms: i64,
    renewed: Mutex<LruCache<String, i64>>,
}

/// The value of a new session's cookie.
pub fn new_secret(now_ms: i64) -> Result<String, SecretError> {
    Ok(format!("{now_ms}.{}", secrets::random_secret()?))
}

impl Sessions {
    /// As the settings say.
    pub fn new(config: &SessionsConfig) -> Self {
        let ms = |seconds: u64| i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        let capacity = NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN);
        let renewed = Mutex::new(LruCache::new(capacity));
        Self { idle_ms: ms(config.idle_timeout_seconds), lifetime_ms: ms(config.lifetime_seconds), renewed }
    }

    /// When a session that begins now expires, if it is not used.
    pub fn first_expiry_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.idle_ms.min(self.lifetime_ms))
    }

    /// Whether a session has reached its age, or says nothing of its beginning.
    pub fn is_over(&self, secret: &str, now_ms: i64) -> bool {
        began_ms(secret).is_none_or(|began| now_ms >= began.saturating_add(self.lifetime_ms))
    }

    /// When a session that is used now expires from now on; nothing if it was renewed a moment ago.
    pub fn renewal(&self, secret: &str, digest: &str, now_ms: i64) -> Option<i64> {
        let began = began_ms(secret)?;
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        let last = renewed.get(digest).copied().unwrap_or(began);
        if now_ms < last.saturating_add(self.idle_ms / RENEWED_AFTER_PART) {
            return None;
        }
        renewed.put(digest.to_owned(), now_ms);
        Some(now_ms.saturating_add(self.idle_ms).min(began.saturating_add(self.lifetime_ms)))
    }
}

fn began_ms(secret: &str) -> Option<i64> {
    secret.split_once('.')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_renewed_now_and_then_and_never_beyond_its_age() {
        let sessions = Sessions::new(&SessionsConfig { idle_timeout_seconds: 80, lifetime_seconds: 200 });
        let secret = new_secret(1_000).expect("randomness");
        assert_eq!(sessions.first_expiry_ms(1_000), 81_000);
        for (now_ms, expected) in
            [(2_000, None), (11_000, Some(91_000)), (20_000, None), (21_000, Some(101_000)), (190_000, Some(201_000))]
        {
            assert_eq!(sessions.renewal(&secret, "d", now_ms), expected, "{now_ms}");
            assert!(!sessions.is_over(&secret, now_ms));
        }
        assert!(sessions.is_over(&secret, 201_000));
        assert!(sessions.is_over("a secret without a beginning", 0));
    }
}
