//! `GET /api/conflicts`: bytes that disagree with what the archive already held.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::conflict::Conflict;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Limit;
use crate::viewer_api::peers::bad;

/// Which part of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Page {
    limit: Limit,
    offset: u64,
}

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    kind: &'static str,
    study: String,
    series: String,
    instance: String,
    later: String,
    earlier: Option<String>,
    later_is_served: bool,
    at_ms: i64,
}

impl From<Conflict> for Row {
    fn from(conflict: Conflict) -> Self {
        Self {
            kind: conflict.kind.as_str(),
            study: conflict.address.study.into(),
            series: conflict.address.series.into(),
            instance: conflict.address.instance.into(),
            later: conflict.later.to_string(),
            earlier: conflict.earlier.map(|version| version.to_string()),
            later_is_served: conflict.later_is_served,
            at_ms: conflict.at_ms,
        }
    }
}

/// The list, newest first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) = page.map_err(|_| bad("limit and offset are whole numbers"))?;
    let conflicts = app.archive.conflicts(&actor, page.limit.rows(), page.offset).await?;
    Ok(Json(conflicts.into_iter().map(Row::from).collect()))
}
