//! `GET /api/performed-procedure-steps` and `GET /api/studies/{study}/performed-procedure-steps`: what machines say that they
//! did, and what of it has not come.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use filmless_archive::performed_step::ShownStep;
use filmless_model::actor::Actor;
use filmless_model::performed_step::{Schedule, StepFilter};
use filmless_model::uid::StudyInstanceUid;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::{Limit, MAX_ROWS};
use crate::viewer_api::peers::bad;

/// The most missing instances that are named.
const MAX_MISSING: usize = 100;

/// Which, and how many.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Page {
    /// `YYYYMMDD`, as a number.
    day: Option<u32>,
    limit: Limit,
}

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    step: String,
    state: &'static str,
    source: String,
    id: String,
    station: String,
    modality: String,
    patient_id: String,
    start_date: String,
    start_time: String,
    end_date: String,
    end_time: String,
    scheduled: Vec<Request>,
    series: Vec<String>,
    instances: usize,
    missing: usize,
    missing_instances: Vec<String>,
}

/// What a step was scheduled as.
#[derive(Serialize)]
pub struct Request {
    study: String,
    accession_number: String,
    requested_procedure_id: String,
    scheduled_procedure_step_id: String,
}

impl From<Schedule> for Request {
    fn from(scheduled: Schedule) -> Self {
        Self {
            study: scheduled.study.into(),
            accession_number: scheduled.accession_number,
            requested_procedure_id: scheduled.requested_procedure_id,
            scheduled_procedure_step_id: scheduled.scheduled_procedure_step_id,
        }
    }
}

impl From<ShownStep> for Row {
    fn from(ShownStep { step, missing }: ShownStep) -> Self {
        Self {
            instances: step.instances().count(),
            step: step.uid.into(),
            state: step.state.as_str(),
            source: step.source,
            id: step.id,
            station: step.station_ae_title,
            modality: step.modality,
            patient_id: step.patient.patient_id,
            start_date: step.start_date,
            start_time: step.start_time,
            end_date: step.end_date,
            end_time: step.end_time,
            scheduled: step.scheduled.into_iter().map(Request::from).collect(),
            series: step.series.into_iter().map(|series| series.series.into()).collect(),
            missing: missing.len(),
            missing_instances: missing.into_iter().take(MAX_MISSING).map(String::from).collect(),
        }
    }
}

/// The steps of a day, or of all days, last started first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) = page.map_err(|_| bad("day and limit are whole numbers"))?;
    let filter = StepFilter::Day(page.day.map(|day| format!("{day:08}")));
    let steps = app.archive.steps(&actor, &filter, page.limit.rows()).await?;
    Ok(Json(steps.into_iter().map(Row::from).collect()))
}

/// The steps of a study.
pub async fn of_study(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    study: Result<Path<StudyInstanceUid>, PathRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Path(study) = study.map_err(|_| bad("a study is a UID"))?;
    let steps = app.archive.steps(&actor, &StepFilter::Study(study), MAX_ROWS).await?;
    Ok(Json(steps.into_iter().map(Row::from).collect()))
}
