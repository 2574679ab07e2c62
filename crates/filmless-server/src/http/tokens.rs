//! Remembers for a moment whose a bearer token is: a program that asks thousands of times a second does not make the
//! database look it up each time. A token that is revoked by another process is refused after this moment at the latest, one
//! that is revoked here at once.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use filmless_model::actor::User;
use lru::LruCache;

/// How long an answer of the database holds.
const MOMENT: Duration = Duration::from_secs(1);
/// Tokens remembered at once.
const REMEMBERED: usize = 1024;

/// Whose the tokens are that were seen a moment ago, by the digest of their secret.
pub struct Tokens(Mutex<LruCache<String, (Instant, User)>>);

impl Default for Tokens {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Tokens {
    /// Whose the token is, if that was known a moment before `now`.
    pub fn recall(&self, digest: &str, now: Instant) -> Option<User> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, user) = tokens.get(digest)?;
        (now.duration_since(*seen) < MOMENT).then(|| user.clone())
    }

    /// Notes what the database said at `now`.
    pub fn note(&self, digest: String, user: User, now: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(digest, (now, user));
    }

    /// Forgets all: something about tokens or accounts has changed.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use filmless_model::account::{AccountName, Role};
    use filmless_model::actor::Acts;

    use super::*;

    #[test]
    fn a_token_is_known_for_a_moment() {
        let (tokens, now) = (Tokens::default(), Instant::now());
        let lan = User { name: AccountName::parse("lan").expect("legal"), role: Role::Radiologist, within: Acts::ALL };
        assert_eq!(tokens.recall("d", now), None);
        tokens.note("d".to_owned(), lan.clone(), now);
        assert_eq!(tokens.recall("d", now + MOMENT / 2), Some(lan));
        assert_eq!(tokens.recall("e", now), None);
        assert_eq!(tokens.recall("d", now + MOMENT), None);
        tokens.forget();
        assert_eq!(tokens.recall("d", now), None);
    }
}
