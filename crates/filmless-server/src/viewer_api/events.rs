//! `GET /api/events`: the change feed as server-sent events, for study lists that are open.
//!
//! A wake-up carries no data: events are read from the change feed, so a client that comes back with Last-Event-ID
//! misses nothing. One study speaks at most four times a second, with its latest change.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use filmless_archive::Archive;
use filmless_model::actor::Actor;
use filmless_model::change::Change;
use futures::stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::App;
use crate::http::problem::Problem;

/// Between two batches, and so between two events of one study.
const BATCH_INTERVAL: Duration = Duration::from_millis(250);
/// A sign of life, so that proxies and browsers keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after so long; the browser comes back by itself and is asked again who it is.
const LIFETIME: Duration = Duration::from_mins(10);
/// How long the browser waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);
/// Changes read at once.
const PAGE: u32 = 500;
/// Changes put together into one batch at most.
const MAX_BATCH: usize = 10_000;

#[derive(Serialize)]
struct Data<'a> {
    sequence: i64,
    kind: &'static str,
    study: &'a str,
    series: &'a str,
}

/// One client's place in the feed.
struct Feed {
    archive: Arc<Archive>,
    actor: Actor,
    since: i64,
    wake: watch::Receiver<i64>,
    ready: VecDeque<Event>,
    next_batch: Instant,
    ends: Instant,
    shutdown: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// Opens the feed, from Last-Event-ID on or from now.
pub async fn follow(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = app.event_places.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many clients follow events"))?;
    let wake = app.archive.watch();
    let last = app.archive.last_change(&actor).await?;
    let resumed = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<i64>().ok());
    // An id from the future belongs to another database.
    let since = resumed.filter(|since| (0..=last).contains(since)).unwrap_or(last);
    let now = Instant::now();
    let hello = Event::default().retry(RETRY).id(since.to_string()).comment("filmless");
    let feed = Feed {
        archive: app.archive.clone(),
        actor,
        since,
        wake,
        ready: VecDeque::from([hello]),
        next_batch: now,
        ends: now + LIFETIME,
        shutdown: app.shutdown.clone(),
        _place: place,
    };
    let events = stream::unfold(feed, |mut feed| async { feed.next().await.map(|event| (Ok::<_, Infallible>(event), feed)) });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // Proxies must not collect events.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
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
                () = self.shutdown.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                woken = self.wake.wait_for(|last| *last > since) => { woken.ok()?; }
            }
            tokio::select! {
                () = self.shutdown.cancelled() => return None,
                () = tokio::time::sleep_until(self.next_batch) => {}
            }
            self.next_batch = Instant::now() + BATCH_INTERVAL;
            self.read().await?;
        }
    }

    /// Reads what is new and keeps the latest change of each study.
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
        self.ready.extend(latest_of_each_study(&batch).into_iter().filter_map(event));
        Some(())
    }
}

/// The latest change of each study, in order.
fn latest_of_each_study(changes: &[Change]) -> Vec<&Change> {
    let mut latest = HashMap::new();
    for change in changes {
        latest.insert(&change.address.study, change);
    }
    let mut latest: Vec<_> = latest.into_values().collect();
    latest.sort_by_key(|change| change.sequence);
    latest
}

fn event(change: &Change) -> Option<Event> {
    let data = Data {
        sequence: change.sequence,
        kind: change.kind.as_str(),
        study: change.address.study.as_str(),
        series: change.address.series.as_str(),
    };
    Event::default().event("change").id(change.sequence.to_string()).json_data(data).ok()
}

#[cfg(test)]
mod tests {
    use filmless_model::address::InstanceAddress;
    use filmless_model::change::ChangeKind;
    use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};
    use filmless_model::version::VersionId;

    use super::*;

    fn change(sequence: i64, study: &str) -> Change {
        let address = InstanceAddress {
            study: StudyInstanceUid::parse(study).expect("a UID"),
            series: SeriesInstanceUid::parse("1.2").expect("a UID"),
            instance: SopInstanceUid::parse("1.2.3").expect("a UID"),
        };
        Change { sequence, kind: ChangeKind::Stored, address, version: VersionId::new(), at_ms: 0 }
    }

    #[test]
    fn a_batch_has_one_event_for_each_study_the_latest() {
        let changes = [change(1, "1"), change(2, "2"), change(3, "1"), change(4, "3"), change(5, "2")];
        let sequences: Vec<_> = latest_of_each_study(&changes).iter().map(|change| change.sequence).collect();
        assert_eq!(sequences, [3, 4, 5]);
    }
}
