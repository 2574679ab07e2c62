//! Stopping: a signal tells every task to finish; what was acknowledged is finished, what hangs is cut off in time.

use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A token that is cancelled by SIGTERM or SIGINT.
pub fn on_signals() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let told = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        told.cancel();
        // A second signal means now.
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::warn!("told to stop twice: stopping at once");
        std::process::exit(130);
    });
    Ok(token)
}

/// Waits until all tasks have ended, at most so long. Says whether they did.
pub async fn finish(tasks: &TaskTracker, timeout: Duration) -> bool {
    tasks.close();
    tokio::time::timeout(timeout, tasks.wait()).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_are_waited_for_but_not_longer_than_agreed() {
        let tasks = TaskTracker::new();
        tasks.spawn(tokio::task::yield_now());
        assert!(finish(&tasks, Duration::from_mins(1)).await);

        let tasks = TaskTracker::new();
        tasks.spawn(std::future::pending::<()>());
        assert!(!finish(&tasks, Duration::from_millis(10)).await);
    }
}
