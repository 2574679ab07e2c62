//! `/api/orders`: what is to be done at which machine, for programs of the hospital and for the page of orders.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::orders::OrderReport;
use filmless_dicom::match_key::{self, Extended};
use filmless_dicom::order_file::{self, Draft, Fault};
use filmless_model::actor::Actor;
use filmless_model::order::{
    FreeText, OrderAttribute, OrderOutcome, OrderQuery, Put, ScheduledStep, StepStatus, made_accession_number,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Limit;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The longest text that is searched for, in characters.
const MAX_TEXT: usize = 64;

/// Which part of the list.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    from: String,
    to: String,
    modality: String,
    status: String,
    q: String,
    limit: Limit,
    offset: u64,
}

impl Page {
    fn query(&self) -> Result<OrderQuery, Problem> {
        let mut matches = Vec::new();
        let range = if self.from.is_empty() && self.to.is_empty() { String::new() } else { format!("{}-{}", self.from, self.to) };
        for (parameter, attribute, text) in
            [("from", OrderAttribute::StartDate, &range), ("modality", OrderAttribute::Modality, &self.modality)]
        {
            if !match_key::is_universal(text) {
                let matching = match_key::read(attribute.vr(), text, Extended::default());
                let matching = matching.map_err(|reason| bad(format!("{parameter}: {reason}")).of_field(parameter))?;
                matches.push((attribute, matching));
            }
        }
        let words = self.status.split(',').filter(|word| !word.is_empty());
        let statuses = words.map(status).collect::<Result<Vec<_>, _>>()?;
        let statuses = if statuses.is_empty() { StepStatus::ALL.to_vec() } else { statuses };
        let typed = self.q.trim();
        if typed.chars().count() > MAX_TEXT {
            return Err(bad("q: it is longer than 64 characters").of_field("q"));
        }
        let text = (!typed.is_empty()).then(|| FreeText { plain: typed.to_owned(), folded: typed.to_owned() });
        let (limit, offset) = (self.limit.rows(), self.offset);
        Ok(OrderQuery { matches, statuses, text, fuzzy_matching: true, limit, offset })
    }
}

fn status(word: &str) -> Result<StepStatus, Problem> {
    StepStatus::parse(word).ok_or_else(|| {
        let words = StepStatus::ALL.map(StepStatus::as_str).join(", ");
        bad(format!("status: there are {words}")).of_field("status")
    })
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault.field {
            Some(field) => bad(format!("{field}: {}", fault.reason)).of_field(field),
            None => bad(fault.reason),
        }
    }
}

/// The steps of orders, in the order of their beginning.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Value>>, Problem> {
    let Query(page) = page.map_err(|_| bad("the parameters are from, to, modality, status, q, limit and offset"))?;
    let found = app.archive.search_orders(&actor, &page.query()?).await?;
    let row = |found: ScheduledStep| {
        let mut step = order_file::words_json(&found.step.words);
        step.insert("status".to_owned(), found.step.status.as_str().into());
        json!({ "order": order_file::words_json(&found.order), "step": step })
    };
    Ok(Json(found.into_iter().map(row).collect()))
}

/// One order.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(accession_number): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(order_file::json(&app.archive.order(&actor, &accession_number).await?)))
}

/// Creates an order. One without accession number is given one.
pub async fn create(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let mut draft = order_file::draft(&sent, 0)?;
    let is_blank = |text: &String| text.trim().is_empty();
    if draft.words.get(&OrderAttribute::AccessionNumber).is_none_or(is_blank) {
        draft.words.insert(OrderAttribute::AccessionNumber, made_accession_number());
    }
    let (_, order) = put(&app, &actor, &draft, Put::Create).await?;
    Ok((StatusCode::CREATED, order))
}

/// Changes an order to what is sent.
pub async fn change(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(accession_number): Path<String>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let mut draft = order_file::draft(&sent, 0)?;
    let field = OrderAttribute::AccessionNumber;
    let named = draft.words.entry(field).or_insert_with(|| accession_number.clone());
    if *named != accession_number {
        return Err(bad("accession_number: it is not that of the path, and does not change").of_field(field.name()));
    }
    Ok(put(&app, &actor, &draft, Put::Change).await?.1)
}

async fn put(app: &App, actor: &Actor, draft: &Draft, how: Put) -> Result<(OrderOutcome, Json<Value>), Problem> {
    let order = draft.order()?;
    let (outcome, kept) = app.archive.put_order(actor, order, how).await?;
    let outcome = done(outcome)?;
    Ok((outcome, Json(order_file::json(&kept.ok_or_else(Problem::not_found)?))))
}

/// An outcome that is none of success is a problem.
fn done(outcome: OrderOutcome) -> Result<OrderOutcome, Problem> {
    match outcome {
        OrderOutcome::Missing => Err(Problem::not_found()),
        OrderOutcome::Exists => Err(Problem::new(StatusCode::CONFLICT, "accession_number: there is an order of this number")
            .of_field(OrderAttribute::AccessionNumber.name())),
        OrderOutcome::Begun(step) => {
            Err(Problem::new(StatusCode::CONFLICT, format!("a machine has begun with step {step}, so it cannot go")))
        }
        done => Ok(done),
    }
}

/// Cancels an order.
pub async fn cancel(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(accession_number): Path<String>,
) -> Result<StatusCode, Problem> {
    done(app.archive.cancel_order(&actor, &accession_number).await?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far a step is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    #[serde(default)]
    scheduled_procedure_step_id: Option<String>,
    status: String,
}

/// Says by hand how far a step is, or all of them.
pub async fn progress(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(accession_number): Path<String>,
    sent: Result<Json<Progress>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let step = sent.scheduled_procedure_step_id.unwrap_or_default();
    app.archive.set_step_status(&actor, &accession_number, &step, status(&sent.status)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of the orders of a file.
#[derive(Serialize)]
pub struct Report {
    created: u64,
    changed: u64,
    unchanged: u64,
    failed: Vec<Failure>,
}

/// What is wrong with an order of a file.
#[derive(Serialize)]
pub struct Failure {
    place: usize,
    field: Option<String>,
    reason: String,
}

/// Takes in a file of orders. What can be taken is; the rest is told.
pub async fn import(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Bytes, BytesRejection>,
) -> Result<Json<Report>, Problem> {
    let bytes = sent.map_err(|rejection| Problem::new(rejection.status(), "the file is longer than 8 MiB, or broke off"))?;
    let OrderReport { created, changed, unchanged, failed } = app.archive.import_orders(&actor, bytes).await??;
    let failed = failed.into_iter().map(|Fault { place, field, reason }| Failure { place, field, reason });
    Ok(Json(Report { created, changed, unchanged, failed: failed.collect() }))
}
