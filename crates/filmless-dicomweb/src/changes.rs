//! `GET /changes`: every store, replacement and deletion in the order of the commits, page by page or as server-sent
//! events. Not of PS3.18; CONFORMANCE.md describes the answer. Who has read up to N never finds a change below N later.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use filmless_model::change::Change;
use serde_json::{Value, json};

use crate::events::{self, Shape};
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::problem::Problem;
use crate::query_parameters;
use crate::router::Door;
use crate::target::Caller;

/// What an answer can be, the first if the client does not care.
pub(crate) const MEDIA_TYPES: [&str; 2] = ["application/json", "text/event-stream"];

/// Every change is an event of its own, told at once.
const SHAPE: Shape = Shape { interval: Duration::from_millis(20), events };

/// Answers with the changes after `since`.
pub async fn changes(
    State(door): State<Door>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !["since", "limit", "accept"].contains(&name.as_str())) {
        return Err(Problem::bad_parameter(name, "the parameters of the change feed are since, limit and accept"));
    }
    let since = number(&pairs, "since")?.unwrap_or(0);
    let limit = number(&pairs, "limit")?.unwrap_or(i64::from(door.config.default_results));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX).min(door.config.max_results);

    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), &headers);
    let offers = MEDIA_TYPES.map(|essence| Offer::plain(Packaging::Single, essence));
    let chosen = acceptable.choose(&offers).ok_or_else(|| Problem::NotAcceptable { offered: MEDIA_TYPES.join(", ") })?;
    if chosen.essence != MEDIA_TYPES[0] {
        let since = events::last_event_id(&headers).unwrap_or(since);
        return Ok(events::follow(&door.archive, actor, &door.config.listeners, Some(since), SHAPE).await?);
    }
    let mut found = door.archive.changes(&actor, since, limit.saturating_add(1)).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().map_or(since, |change| change.sequence);
    let body = json!({ "changes": found.iter().map(described).collect::<Vec<_>>(), "last": last, "more": more });
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPES[0])),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body.to_string()).into_response())
}

fn number(pairs: &query_parameters::Pairs, name: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = query_parameters::value(pairs, name) else { return Ok(None) };
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    number.map(Some).ok_or_else(|| Problem::bad_parameter(name, "it is a whole number from 0"))
}

fn described(change: &Change) -> Value {
    json!({
        "sequence": change.sequence,
        "kind": change.kind.as_str(),
        "study": change.address.study.as_str(),
        "series": change.address.series.as_str(),
        "instance": change.address.instance.as_str(),
        "version": change.version.to_string(),
        "time": time(change.at_ms),
    })
}

/// RFC 3339, in UTC.
fn time(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default().to_string()
}

fn events(changes: &[Change]) -> Vec<Event> {
    let event =
        |change: &Change| Event::default().event("change").id(change.sequence.to_string()).data(described(change).to_string());
    changes.iter().map(event).collect()
}
