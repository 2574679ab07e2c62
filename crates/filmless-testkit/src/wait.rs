//! Waiting for a thing itself, with a deadline, instead of sleeping and hoping.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How often a condition is looked at.
const INTERVAL: Duration = Duration::from_millis(20);

/// Looks until `condition` gives something. Panics, saying what did not come, once `limit` is over.
pub async fn until<T>(what: &str, limit: Duration, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come within {limit:?}");
        sleep(INTERVAL).await;
    }
}
