//! `/api/storage-commitments`: what peers asked us to vouch for, and whether they have heard.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::commitment::CommitmentSummary;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Page;
use crate::viewer_api::peers::bad;

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    commitment: i64,
    transaction: String,
    peer: String,
    state: &'static str,
    instances: u64,
    failed: u64,
    attempts: u32,
    trouble: Option<String>,
    requested_ms: i64,
    at_ms: i64,
}

impl From<CommitmentSummary> for Row {
    fn from(commitment: CommitmentSummary) -> Self {
        Self {
            commitment: commitment.key,
            transaction: commitment.transaction.into(),
            peer: commitment.peer.into(),
            state: commitment.state.as_str(),
            instances: commitment.instances,
            failed: commitment.failed,
            attempts: commitment.attempts,
            trouble: commitment.trouble,
            requested_ms: commitment.requested_ms,
            at_ms: commitment.at_ms,
        }
    }
}

/// The list, last asked for first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Json<Vec<Row>>, Problem> {
    let commitments = app.archive.commitments(&actor, page.limit.rows()).await?;
    Ok(Json(commitments.into_iter().map(Row::from).collect()))
}

/// Has one that the peer was not told of worked on anew, now.
pub async fn retry(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    commitment: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(commitment) = commitment.map_err(|_| bad("a commitment is a whole number"))?;
    app.archive.retry_commitment(&actor, commitment).await?;
    Ok(StatusCode::NO_CONTENT)
}
