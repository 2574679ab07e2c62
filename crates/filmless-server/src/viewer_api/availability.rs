//! `/api/availability-notifications`: which peers are told that which studies are here, and whether they have heard.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::availability::NoticeSummary;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Page;
use crate::viewer_api::peers::bad;

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    notification: i64,
    peer: String,
    study: String,
    state: &'static str,
    attempts: u32,
    trouble: Option<String>,
    queued_ms: i64,
    at_ms: i64,
}

impl From<NoticeSummary> for Row {
    fn from(NoticeSummary { notice, state, trouble, at_ms }: NoticeSummary) -> Self {
        Self {
            notification: notice.key,
            peer: notice.peer.into(),
            study: notice.study.into(),
            state: state.as_str(),
            attempts: notice.attempts,
            trouble,
            queued_ms: notice.queued_ms,
            at_ms,
        }
    }
}

/// The list, last due first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Json<Vec<Row>>, Problem> {
    let notices = app.archive.notices(&actor, page.limit.rows()).await?;
    Ok(Json(notices.into_iter().map(Row::from).collect()))
}

/// Has a peer told now that was not told yet.
pub async fn retry(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    notification: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(notification) = notification.map_err(|_| bad("a notification is a whole number"))?;
    app.archive.retry_notice(&actor, notification).await?;
    Ok(StatusCode::NO_CONTENT)
}
