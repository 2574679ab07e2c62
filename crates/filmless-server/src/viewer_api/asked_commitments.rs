//! `/api/asked-commitments`: what we asked peers to vouch for, and what they said.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::commitment::AskedSummary;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Page;
use crate::viewer_api::peers::bad;

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    transaction: String,
    peer: String,
    state: &'static str,
    instances: u64,
    refused: u64,
    reasons: Vec<String>,
    trouble: Option<String>,
    asked_ms: i64,
    answered_ms: Option<i64>,
}

impl From<AskedSummary> for Row {
    fn from(asked: AskedSummary) -> Self {
        Self {
            state: asked.state().as_str(),
            transaction: asked.transaction.into(),
            peer: asked.peer.into(),
            instances: asked.instances,
            refused: asked.refused,
            reasons: asked.reasons.into_iter().map(|reason| format!("{reason:04X}")).collect(),
            trouble: asked.trouble,
            asked_ms: asked.asked_ms,
            answered_ms: asked.answered_ms,
        }
    }
}

/// The list, last asked first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) = page.map_err(|_| bad("limit is a whole number"))?;
    let asked = app.archive.asked_commitments(&actor, page.limit.rows()).await?;
    Ok(Json(asked.into_iter().map(Row::from).collect()))
}
