//! `GET /api/deletions` and `POST /api/deletions/{deletion}/restore`: what was deleted, and taking it back.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::deletion::Deletion;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Page;
use crate::viewer_api::peers::bad;

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    deletion: i64,
    study: String,
    series: Option<String>,
    instance: Option<String>,
    deleted_by: String,
    at_ms: i64,
    restorable: u64,
    destroyed: u64,
}

impl From<Deletion> for Row {
    fn from(deletion: Deletion) -> Self {
        let (study, series, instance) = match deletion.resource {
            Resource::Study(study) => (study, None, None),
            Resource::Series(address) => (address.study, Some(address.series.into()), None),
            Resource::Instance(address) => (address.study, Some(address.series.into()), Some(address.instance.into())),
        };
        Self {
            deletion: deletion.key,
            study: study.into(),
            series,
            instance,
            deleted_by: deletion.deleted_by,
            at_ms: deletion.at_ms,
            restorable: deletion.restorable,
            destroyed: deletion.destroyed,
        }
    }
}

/// How many copies are kept again.
#[derive(Serialize)]
pub struct Restored {
    restored: u64,
}

/// The list, newest first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Json<Vec<Row>>, Problem> {
    let deletions = app.archive.deletions(&actor, page.limit.rows()).await?;
    Ok(Json(deletions.into_iter().map(Row::from).collect()))
}

/// Takes a deletion back.
pub async fn restore(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    deletion: Result<Path<i64>, PathRejection>,
) -> Result<Json<Restored>, Problem> {
    let Path(deletion) = deletion.map_err(|_| bad("a deletion is a whole number"))?;
    Ok(Json(Restored { restored: app.archive.restore(&actor, deletion).await? }))
}
