//! `GET /api/events`: the change feed as server-sent events, for study lists that are open.
//!
//! One study speaks at most four times a second, with its latest change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use filmless_dicomweb::events::{self, CannotFollow, Shape};
use filmless_model::actor::Actor;
use filmless_model::change::Change;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;

/// Between two events of one study there is a quarter of a second.
const SHAPE: Shape = Shape {
    interval: Duration::from_millis(250),
    events: |changes| latest_of_each_study(changes).into_iter().filter_map(event).collect(),
};

#[derive(Serialize)]
struct Data<'a> {
    sequence: i64,
    kind: &'static str,
    study: &'a str,
    series: &'a str,
}

/// Opens the feed, from Last-Event-ID on or from now.
pub async fn follow(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let since = events::last_event_id(&headers);
    Ok(events::follow(&app.archive, actor, &app.listeners, since, SHAPE).await?)
}

impl From<CannotFollow> for Problem {
    fn from(error: CannotFollow) -> Self {
        match error {
            CannotFollow::Full => Self::unavailable("too many clients follow events"),
            CannotFollow::Archive(error) => error.into(),
        }
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
