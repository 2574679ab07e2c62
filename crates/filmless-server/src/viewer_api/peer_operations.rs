//! `/api/peers/{ae_title}/…`: instances are sent to a node and fetched from it, in the background, and how far that is.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_dimse::requester::{RemoteNode, Transfer, Wanted};
use filmless_model::actor::Actor;
use filmless_model::peer::Peer;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::http::App;
use crate::http::problem::Problem;
use crate::peer_operations::{PeerAct, PeerOperation};
use crate::viewer_api::peers::{bad, node, parse};
use crate::viewer_api::unreadable;

/// Which instances go over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    study: StudyInstanceUid,
    #[serde(default)]
    series: Option<SeriesInstanceUid>,
    #[serde(default)]
    instances: Option<Vec<SopInstanceUid>>,
}

impl Sent {
    fn wanted(self) -> Result<Wanted, Problem> {
        let Self { study, series, instances } = self;
        let instances = instances.unwrap_or_default();
        if series.is_none() && !instances.is_empty() {
            return Err(bad("instances are those of a series, which is not named"));
        }
        Ok(Wanted { study, series, instances })
    }
}

/// An operation as it is shown.
#[derive(Serialize)]
pub struct Shown {
    operation: u64,
    peer: String,
    act: &'static str,
    study: String,
    series: Option<String>,
    state: &'static str,
    total: Option<usize>,
    completed: usize,
    warnings: usize,
    failed: usize,
    failures: Vec<ShownFailure>,
    trouble: Option<String>,
    began_ms: i64,
    ended_ms: Option<i64>,
}

/// An instance that did not go over.
#[derive(Serialize)]
pub struct ShownFailure {
    instance: Option<String>,
    reason: String,
}

impl From<&PeerOperation> for Shown {
    fn from(operation: &PeerOperation) -> Self {
        // Looked at first: what is said of the progress of one that has ended is its last word.
        let ended = operation.ended();
        let progress = operation.progress();
        let trouble = ended.and_then(|ended| ended.trouble.clone());
        let state = match ended {
            None => "running",
            Some(_) if operation.is_stopped() => "stopped",
            Some(_) if trouble.is_some() || progress.failed > 0 => "failed",
            Some(_) => "done",
        };
        let failures = progress.failures.into_iter();
        Self {
            operation: operation.number,
            peer: operation.peer.to_string(),
            act: operation.act.as_str(),
            study: operation.wanted.study.to_string(),
            series: operation.wanted.series.as_ref().map(ToString::to_string),
            state,
            total: progress.total,
            completed: progress.completed,
            warnings: progress.warnings,
            failed: progress.failed,
            failures: failures
                .map(|failure| ShownFailure { instance: failure.instance.map(Into::into), reason: failure.reason })
                .collect(),
            trouble,
            began_ms: operation.began_ms,
            ended_ms: ended.map(|ended| ended.at_ms),
        }
    }
}

/// Begins to send what is stored here to a node.
pub async fn send(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(StatusCode, Json<Shown>), Problem> {
    let (peer, node, wanted) = asked(&app, &actor, &ae_title, sent).await?;
    let (archive, requester, named) = (app.archive.clone(), app.requester.clone(), wanted.clone());
    begin(&app, &peer, PeerAct::Send, wanted, |progress, stop| async move {
        let instances = named.stored(&archive, &actor).await.map_err(|error| error.to_string())?;
        let requester = requester.stopped_by(stop);
        requester.store_instances(&archive, &node, &instances, &progress).await.map_err(|error| error.to_string())
    })
}

/// Begins to have a node give us what it has.
pub async fn fetch(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(StatusCode, Json<Shown>), Problem> {
    let (peer, node, wanted) = asked(&app, &actor, &ae_title, sent).await?;
    let (archive, requester, named, source) = (app.archive.clone(), app.requester.clone(), wanted.clone(), peer.clone());
    begin(&app, &peer, PeerAct::Fetch, wanted, |progress, stop| async move {
        let requester = requester.stopped_by(stop);
        requester.fetch(&archive, (&source, &node), &named, &progress).await.map_err(|error| error.to_string())
    })
}

/// The node, and which instances go over.
async fn asked(
    app: &App,
    actor: &Actor,
    ae_title: &str,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(Peer, RemoteNode, Wanted), Problem> {
    let (peer, node) = node(app, actor, ae_title).await?;
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    Ok((peer, node, sent.wanted()?))
}

fn begin<W>(
    app: &App,
    peer: &Peer,
    act: PeerAct,
    wanted: Wanted,
    work: impl FnOnce(watch::Sender<Transfer>, CancellationToken) -> W,
) -> Result<(StatusCode, Json<Shown>), Problem>
where
    W: Future<Output = Result<(), String>> + Send + 'static,
{
    let begun = app.peer_operations.begin((peer.ae_title.clone(), act, wanted), app.shutdown.child_token(), work);
    let begun = begun.ok_or_else(|| {
        let detail = "too many operations with other nodes go on: wait until one has ended";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
    })?;
    Ok((StatusCode::ACCEPTED, Json(Shown::from(&*begun))))
}

/// The operations with a node, last begun first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
) -> Result<Json<Vec<Shown>>, Problem> {
    app.archive.may_manage_peers(&actor)?;
    let operations = app.peer_operations.of(&parse(&ae_title)?);
    Ok(Json(operations.iter().map(|operation| Shown::from(&**operation)).collect()))
}

/// One of them.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    place: Result<Path<(String, u64)>, PathRejection>,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(Shown::from(&*find(&app, &actor, place)?)))
}

/// Stops one where it is.
pub async fn stop(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    place: Result<Path<(String, u64)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    find(&app, &actor, place)?.stop();
    Ok(StatusCode::NO_CONTENT)
}

fn find(app: &App, actor: &Actor, place: Result<Path<(String, u64)>, PathRejection>) -> Result<Arc<PeerOperation>, Problem> {
    app.archive.may_manage_peers(actor)?;
    let Path((ae_title, number)) = place.map_err(|_| bad("an operation is a whole number"))?;
    let mut operations = app.peer_operations.of(&parse(&ae_title)?).into_iter();
    operations.find(|operation| operation.number == number).ok_or_else(Problem::not_found)
}
