//! The time of day, as rows and sessions keep it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z; 0 of a clock that shows an earlier time.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    milliseconds(since)
}

/// A span as the times of rows are counted; of a longer one as long as they can say.
pub fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// So long from now, in the unit of [`now_ms`].
pub(crate) fn later(span: Duration) -> i64 {
    now_ms().saturating_add(milliseconds(span))
}

/// The pause after the first of several failures, twice as long after each one more, and no longer than `longest`.
pub(crate) fn pause(first: Duration, failures_before: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << failures_before.min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let [first, longest] = [10, 3600].map(Duration::from_secs);
        let seconds = [0, 1, 8, 9, 16, u32::MAX].map(|failures| pause(first, failures, longest).as_secs());
        assert_eq!(seconds, [10, 20, 2560, 3600, 3600, 3600]);
    }
}
