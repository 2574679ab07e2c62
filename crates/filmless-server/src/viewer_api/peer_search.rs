//! `/api/peers/{ae_title}/patients`, `studies` and below: what another node has, by C-FIND. Parameters as those of QIDO-RS, DICOM JSON out.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use filmless_dicom::remote_search::{self, Level};
use filmless_dimse::requester::{Found, RequestError};
use filmless_model::actor::Actor;
use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};
use serde::Serialize;
use serde_json::Value;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::peers::{bad, node};

/// Who searches at a node does not wait longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Answers, unless another limit is named.
const USUAL_LIMIT: usize = 200;
/// The most answers.
const MAX_LIMIT: usize = 2000;

/// What a search found.
#[derive(Serialize)]
pub struct Shown {
    /// Why it was not done, as a word for programs.
    failure: Option<&'static str>,
    /// The same in words.
    detail: Option<String>,
    /// Whether these are all answers.
    complete: bool,
    /// DICOM JSON.
    answers: Vec<Value>,
}

/// Words of the query string, in their order.
type Parameters = Query<Vec<(String, String)>>;

/// Patients of a node.
pub async fn patients(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    Query(parameters): Parameters,
) -> Result<Json<Shown>, Problem> {
    search(&app, &actor, &ae_title, Level::Patient, &[], &parameters).await
}

/// Studies of a node.
pub async fn studies(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    Query(parameters): Parameters,
) -> Result<Json<Shown>, Problem> {
    search(&app, &actor, &ae_title, Level::Study, &[], &parameters).await
}

/// Series of a study of a node.
pub async fn series(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path((ae_title, study)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Result<Json<Shown>, Problem> {
    let study = StudyInstanceUid::parse(&study).map_err(|_| bad("a study is named by its UID"))?;
    let place = [("StudyInstanceUID", study.as_str())];
    search(&app, &actor, &ae_title, Level::Series, &place, &parameters).await
}

/// Instances of a series of a node.
pub async fn instances(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path((ae_title, study, series)): Path<(String, String, String)>,
    Query(parameters): Parameters,
) -> Result<Json<Shown>, Problem> {
    let study = StudyInstanceUid::parse(&study).map_err(|_| bad("a study is named by its UID"))?;
    let series = SeriesInstanceUid::parse(&series).map_err(|_| bad("a series is named by its UID"))?;
    let place = [("StudyInstanceUID", study.as_str()), ("SeriesInstanceUID", series.as_str())];
    search(&app, &actor, &ae_title, Level::Instance, &place, &parameters).await
}

async fn search(
    app: &App,
    actor: &Actor,
    ae_title: &str,
    level: Level,
    place: &[(&str, &str)],
    parameters: &[(String, String)],
) -> Result<Json<Shown>, Problem> {
    let (_, node) = node(app, actor, ae_title).await?;
    let mut limit = USUAL_LIMIT;
    let mut keys = place.to_vec();
    for (name, value) in parameters {
        match name.as_str() {
            "limit" => limit = value.parse().map_err(|_| bad("limit is a whole number"))?,
            "includefield" => keys.extend(value.split(',').map(|name| (name.trim(), ""))),
            name => keys.push((name, value)),
        }
    }
    let keys = remote_search::identifier(level, keys).map_err(|error| bad(error.to_string()))?;
    let finding = tokio::time::timeout(PATIENCE, app.requester.find(&node, level, &keys, limit.min(MAX_LIMIT)));
    let found = finding.await.unwrap_or(Err(RequestError::NoResponse));
    Ok(Json(match found {
        Ok(Found { answers, is_complete }) => Shown { failure: None, detail: None, complete: is_complete, answers },
        Err(error) => {
            let detail = Some(error.to_string());
            Shown { failure: Some(error.word()), detail, complete: false, answers: Vec::new() }
        }
    }))
}
