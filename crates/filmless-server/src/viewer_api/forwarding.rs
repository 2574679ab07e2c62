//! `/api/forwarding`: where instances go by themselves, which, and how far they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::forwarding::{DestinationSummary, ForwardSummary, ForwardingError};
use filmless_model::actor::Actor;
use filmless_model::address::{InstanceAddress, Resource, SeriesAddress};
use filmless_model::forwarding::{Destination, ForwardState, ForwardingName, Rule, Target};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::coercion_rules::wrong_rule;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The most rows of one answer.
const MAX_ROWS: u32 = 500;
/// The most changes that a rule is tried on.
const MAX_TRIED: u32 = 20_000;

impl From<ForwardingError> for Problem {
    fn from(error: ForwardingError) -> Self {
        match error {
            ForwardingError::Wrong(words) => bad(words),
            ForwardingError::WrongRule(wrong) => wrong_rule("coercion", wrong),
            ForwardingError::Archive(error) => error.into(),
        }
    }
}

/// A destination as it is shown: its settings without their secret, and how it goes with it.
#[derive(Serialize)]
pub struct Shown {
    #[serde(flatten)]
    destination: Destination,
    has_authorization: bool,
    failures: u32,
    trouble: Option<String>,
    next_ms: i64,
    waiting: u64,
    unproven: u64,
    sent: u64,
    failed: u64,
}

impl From<DestinationSummary> for Shown {
    fn from(summary: DestinationSummary) -> Self {
        let count = |state| summary.counts.get(&state).copied().unwrap_or(0);
        let [waiting, unproven, sent, failed] = ForwardState::ALL.map(count);
        let mut destination = summary.row.destination;
        let secret = match &mut destination.target {
            Target::Web { authorization, .. } => authorization.take(),
            Target::Peer(_) => None,
        };
        Self {
            destination,
            has_authorization: secret.is_some(),
            failures: summary.row.failures,
            trouble: summary.row.trouble,
            next_ms: summary.row.next_ms,
            waiting,
            unproven,
            sent,
            failed,
        }
    }
}

/// All destinations.
pub async fn destinations(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    Ok(Json(app.archive.destinations(&actor).await?.into_iter().map(Shown::from).collect()))
}

/// Adds or changes a destination.
pub async fn put_destination(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let destination: Destination = named(&name, sent)?;
    if let Target::Web { url, .. } = &destination.target {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| bad("url is the https address of the studies of a web service").of_field("url"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("a password belongs into authorization, not into url").of_field("url"));
        }
    }
    app.archive.put_forwarding_destination(&actor, destination).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a destination.
pub async fn remove_destination(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    match app.archive.remove_forwarding_destination(&actor, &parse(&name)?).await {
        Err(ForwardingError::Wrong(words)) => Err(Problem::new(StatusCode::CONFLICT, words)),
        ended => Ok(ended.map(|()| StatusCode::NO_CONTENT)?),
    }
}

/// Which rows of the list.
#[derive(Deserialize)]
#[serde(default)]
pub struct Page {
    state: String,
    limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { state: ForwardState::Waiting.as_str().to_owned(), limit: 100 }
    }
}

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    study: String,
    series: String,
    instance: String,
    attempts: u32,
    trouble: Option<String>,
    queued_ms: i64,
    at_ms: i64,
}

/// Instances on their way to a destination.
pub async fn forwards(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) = page.map_err(|_| bad("limit is a whole number"))?;
    let state = ForwardState::parse(&page.state).ok_or_else(|| bad("state is waiting, unproven, sent or failed"))?;
    let rows = app.archive.forwards(&actor, &parse(&name)?, state, page.limit.min(MAX_ROWS)).await?;
    let row = |row: ForwardSummary| Row {
        study: row.address.study.into(),
        series: row.address.series.into(),
        instance: row.address.instance.into(),
        attempts: row.attempts,
        trouble: row.trouble,
        queued_ms: row.queued_ms,
        at_ms: row.at_ms,
    };
    Ok(Json(rows.into_iter().map(row).collect()))
}

/// What is to be sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    study: String,
    #[serde(default)]
    series: Option<String>,
    #[serde(default)]
    instance: Option<String>,
}

impl Named {
    fn resource(&self) -> Option<Resource> {
        let study = self.study.parse().ok()?;
        Some(match (&self.series, &self.instance) {
            (None, None) => Resource::Study(study),
            (Some(series), None) => Resource::Series(SeriesAddress { study, series: series.parse().ok()? }),
            (Some(series), Some(instance)) => {
                Resource::Instance(InstanceAddress { study, series: series.parse().ok()?, instance: instance.parse().ok()? })
            }
            (None, Some(_)) => return None,
        })
    }
}

/// How many instances it is about.
#[derive(Serialize)]
pub struct Count {
    instances: u64,
}

/// Puts something on its way.
pub async fn send(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    sent: Result<Json<Named>, JsonRejection>,
) -> Result<Json<Count>, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let resource = sent.resource().ok_or_else(|| bad("study, series and instance are UIDs, and an instance needs its series"))?;
    Ok(Json(Count { instances: app.archive.forward(&actor, &parse(&name)?, &resource).await? }))
}

/// Tries again what failed.
pub async fn retry(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Result<Json<Count>, Problem> {
    Ok(Json(Count { instances: app.archive.retry_forwards(&actor, &parse(&name)?).await? }))
}

/// All rules.
pub async fn rules(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Rule>>, Problem> {
    Ok(Json(app.archive.forwarding_rules(&actor).await?))
}

/// Adds or changes a rule.
pub async fn put_rule(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    app.archive.put_forwarding_rule(&actor, &named(&name, sent)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a rule.
pub async fn remove_rule(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.archive.remove_forwarding_rule(&actor, &parse(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many of the newest changes.
#[derive(Deserialize)]
#[serde(default)]
pub struct Newest {
    limit: u32,
}

impl Default for Newest {
    fn default() -> Self {
        Self { limit: 2000 }
    }
}

/// What a rule would mean.
#[derive(Serialize)]
pub struct Meant {
    looked_at: u64,
    instances: u64,
    studies: Vec<MeantStudy>,
}

/// Of one study.
#[derive(Serialize)]
pub struct MeantStudy {
    study: String,
    instances: u64,
}

/// Holds the newest instances against a rule.
pub async fn try_rule(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    newest: Result<Query<Newest>, QueryRejection>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Meant>, Problem> {
    let Query(newest) = newest.map_err(|_| bad("limit is a whole number"))?;
    let rule: Rule = named(&name, sent)?;
    let (looked_at, meant) = app.archive.try_forwarding_rule(&actor, &rule, newest.limit.min(MAX_TRIED)).await?;
    let instances = meant.len() as u64;
    let mut studies = BTreeMap::<_, u64>::new();
    for address in meant {
        *studies.entry(address.study).or_default() += 1;
    }
    let studies = studies.into_iter().map(|(study, instances)| MeantStudy { study: study.into(), instances }).collect();
    Ok(Json(Meant { looked_at, instances, studies }))
}

fn parse(name: &str) -> Result<ForwardingName, Problem> {
    ForwardingName::parse(name).map_err(|error| bad(error.to_string()))
}

/// What was sent, with the name of the path.
fn named<T: DeserializeOwned>(name: &str, sent: Result<Json<Value>, JsonRejection>) -> Result<T, Problem> {
    let Json(mut sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let members = sent.as_object_mut().ok_or_else(|| bad("the body is an object"))?;
    members.insert("name".to_owned(), parse(name)?.as_str().into());
    // The words are of settings: no patient is in them.
    serde_json::from_value(sent).map_err(|error| bad(error.to_string()))
}
