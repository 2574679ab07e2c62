//! How long a session lasts: it ends when it was not used for a while, and in any case some hours after signing in.
//!
//! The index keeps when it began, and when it expires for lack of use.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use filmless_model::account::Session;
use lru::LruCache;

use crate::config::SessionsConfig;

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

    /// Whether a session has reached its age.
    pub fn is_over(&self, session: &Session, now_ms: i64) -> bool {
        now_ms >= session.began_ms.saturating_add(self.lifetime_ms)
    }

    /// When a session that is used now expires from now on; nothing if it was renewed a moment ago.
    pub fn renewal(&self, session: &Session, now_ms: i64) -> Option<i64> {
        let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
        let last = renewed.get(&session.id).copied().unwrap_or(session.began_ms);
        if now_ms < last.saturating_add(self.idle_ms / RENEWED_AFTER_PART) {
            return None;
        }
        renewed.put(session.id.clone(), now_ms);
        Some(now_ms.saturating_add(self.idle_ms).min(session.began_ms.saturating_add(self.lifetime_ms)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use filmless_model::account::AccountName;

    use super::*;

    #[test]
    fn a_session_is_renewed_now_and_then_and_never_beyond_its_age() {
        let sessions = Sessions::new(&SessionsConfig { idle_timeout_seconds: 80, lifetime_seconds: 200 });
        let session = Session {
            id: "s".to_owned(),
            account: AccountName::parse("lan").expect("legal"),
            began_ms: 1_000,
            expires_ms: 81_000,
            address: Ipv4Addr::LOCALHOST.into(),
            agent: String::new(),
        };
        assert_eq!(sessions.first_expiry_ms(1_000), 81_000);
        for (now_ms, expected) in
            [(2_000, None), (11_000, Some(91_000)), (20_000, None), (21_000, Some(101_000)), (190_000, Some(201_000))]
        {
            assert_eq!(sessions.renewal(&session, now_ms), expected, "{now_ms}");
            assert!(!sessions.is_over(&session, now_ms));
        }
        assert!(sessions.is_over(&session, 201_000));
    }
}
