//! The change feed as server-sent events: one implementation for `GET /changes` and for study lists that are open, which
//! differ in the shape of an event only.
//!
//! A wake-up carries no data: events are read from the feed, so a client that comes back with Last-Event-ID misses
//! nothing, and one that reads slowly holds up nobody.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use filmless_archive::{Archive, ArchiveError};
use filmless_model::actor::Actor;
use filmless_model::change::Change;
use futures::stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A sign of life, so that proxies and browsers keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after so long; a client comes back by itself and is asked again who it is.
const LIFETIME: Duration = Duration::from_mins(10);
/// How long a browser waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);
/// Changes read at once.
const PAGE: u32 = 500;
/// Changes put together into one batch at most.
const MAX_BATCH: usize = 10_000;

/// A place for each client that follows events, and the end of all of them.
#[derive(Debug, Clone)]
pub struct Listeners {
    places: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Listeners {
    /// So many places, until `stop`.
    pub fn new(places: usize, stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))), stop }
    }
}

/// What events look like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Between two batches.
    pub interval: Duration,
    /// The events of a batch. The ID of each is a sequence.
    pub events: fn(&[Change]) -> Vec<Event>,
}

/// Why a client cannot follow.
#[derive(Debug, thiserror::Error)]
pub enum CannotFollow {
    /// All places are taken.
    #[error("too many clients follow events")]
    Full,
    /// The act failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// One client's place in the feed.
struct Feed {
    archive: Arc<Archive>,
    actor: Actor,
    since: i64,
    wake: watch::Receiver<i64>,
    shape: Shape,
    ready: VecDeque<Event>,
    next_batch: Instant,
    ends: Instant,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// Where a client that comes back stopped.
pub fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok())
}

/// Opens the feed after `since`, or from now on.
pub async fn follow(
    archive: &Arc<Archive>,
    actor: Actor,
    listeners: &Listeners,
    since: Option<i64>,
    shape: Shape,
) -> Result<Response, CannotFollow> {
    let place = listeners.places.clone().try_acquire_owned().map_err(|_| CannotFollow::Full)?;
    let wake = archive.watch();
    let last = archive.last_change(&actor).await?;
    // A place in the future belongs to another database.
    let since = since.filter(|since| (0..=last).contains(since)).unwrap_or(last);
    if since < last {
        // Other processes may have made these changes: they are not waited for.
        archive.poll_changes().await?;
    }
    let now = Instant::now();
    let hello = Event::default().retry(RETRY).id(since.to_string()).comment("filmless");
    let feed = Feed {
        archive: archive.clone(),
        actor,
        since,
        wake,
        shape,
        ready: VecDeque::from([hello]),
        next_batch: now,
        ends: now + LIFETIME,
        stop: listeners.stop.clone(),
        _place: place,
    };
    let events = stream::unfold(feed, |mut feed| async { feed.next().await.map(|event| (Ok::<_, Infallible>(event), feed)) });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Proxies must not collect events.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

impl Feed {
    /// The next event; nothing when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let since = self.since;
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                woken = self.wake.wait_for(|last| *last > since) => { woken.ok()?; }
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.next_batch) => {}
            }
            self.next_batch = Instant::now() + self.shape.interval;
            self.read().await?;
        }
    }

    /// Reads what is new.
    async fn read(&mut self) -> Option<()> {
        let mut batch = Vec::new();
        while batch.len() < MAX_BATCH {
            let changes = match self.archive.changes(&self.actor, self.since, PAGE).await {
                Ok(changes) => changes,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot read the change feed");
                    return None;
                }
            };
            let Some(last) = changes.last() else { break };
            self.since = last.sequence;
            let complete = changes.len() < PAGE as usize;
            batch.extend(changes);
            if complete {
                break;
            }
        }
        self.ready.extend((self.shape.events)(&batch));
        Some(())
    }
}
