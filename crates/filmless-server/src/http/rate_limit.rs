//! Counts attempts by key, in bounded memory: a bucket that refills with time.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

/// How many keys are remembered; beyond that the one not seen for longest is forgotten.
const MAX_KEYS: usize = 16_384;

/// A limit of so many attempts per key, coming back evenly over a period.
pub struct RateLimit<K> {
    attempts: f64,
    period: Duration,
    buckets: Mutex<LruCache<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl<K: Hash + Eq> RateLimit<K> {
    /// Allows so many attempts at once, and as many again over each period.
    pub fn new(attempts: u32, period: Duration) -> Self {
        let capacity = NonZeroUsize::new(MAX_KEYS).unwrap_or(NonZeroUsize::MIN);
        Self { attempts: f64::from(attempts), period, buckets: Mutex::new(LruCache::new(capacity)) }
    }

    /// Takes an attempt, or says how long to wait for the next one.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let per_second = self.attempts / self.period.as_secs_f64();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get_or_insert_mut(key, || Bucket { left: self.attempts, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * per_second).min(self.attempts);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / per_second));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    /// Gives an attempt back: it was no guess.
    pub fn give_back(&self, key: &K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.left = (bucket.left + 1.0).min(self.attempts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_run_out_and_come_back_with_time() {
        let limit = RateLimit::new(2, Duration::from_mins(1));
        let start = Instant::now();
        assert_eq!(limit.take("a", start), Ok(()));
        assert_eq!(limit.take("a", start), Ok(()));
        assert_eq!(limit.take("a", start), Err(Duration::from_secs(30)));
        assert_eq!(limit.take("b", start), Ok(()), "another key is not held back");
        assert_eq!(limit.take("a", start + Duration::from_secs(30)), Ok(()));
        assert!(limit.take("a", start + Duration::from_secs(30)).is_err());
        limit.give_back(&"a");
        assert_eq!(limit.take("a", start + Duration::from_secs(30)), Ok(()));
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let limit = RateLimit::new(1, Duration::from_mins(1));
        let now = Instant::now();
        for key in 0..MAX_KEYS * 2 {
            assert_eq!(limit.take(key, now), Ok(()));
        }
        assert_eq!(limit.buckets.lock().expect("not poisoned").len(), MAX_KEYS);
    }
}
