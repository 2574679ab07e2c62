//! `/api/peers/{ae_title}/…`: instances are sent to a node and fetched from it, in the background, and how far that is.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::Archive;
use filmless_dimse::requester::{RemoteNode, Requester, Wanted};
use filmless_model::actor::Actor;
use filmless_model::commitment::{AskedCommitment, AskedState, Reference};
use filmless_model::peer::Peer;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::peer_operations::{PeerAct, PeerOperation, Reins};
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
    /// Whether the node is asked to vouch for what it was sent.
    #[serde(default)]
    commit: bool,
}

impl Sent {
    fn wanted(self) -> Result<Wanted, Problem> {
        let Self { study, series, instances, commit: _ } = self;
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
    commitment: Option<ShownCommitment>,
    began_ms: i64,
    ended_ms: Option<i64>,
}

/// What the node that was sent something said to vouching for it.
#[derive(Serialize)]
pub struct ShownCommitment {
    transactions: Vec<String>,
    state: &'static str,
    failures: Vec<ShownFailure>,
}

/// An instance that did not go over.
#[derive(Serialize)]
pub struct ShownFailure {
    instance: Option<String>,
    reason: String,
}

impl Shown {
    async fn of(app: &App, actor: &Actor, operation: &PeerOperation) -> Result<Self, Problem> {
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
        let commitment = match operation.asked() {
            Some(transactions) => ShownCommitment::of(app.archive.asked_under(actor, transactions).await?),
            None => None,
        };
        let failures = progress.failures.into_iter();
        Ok(Self {
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
            commitment,
            began_ms: operation.began_ms,
            ended_ms: ended.map(|ended| ended.at_ms),
        })
    }
}

impl ShownCommitment {
    fn of(asked: Vec<AskedCommitment>) -> Option<Self> {
        let is = |state| move |asked: &AskedCommitment| asked.state() == state;
        let state = match &asked[..] {
            [] => return None,
            asked if asked.iter().any(is(AskedState::Asked)) => AskedState::Asked,
            asked if asked.iter().all(is(AskedState::Given)) => AskedState::Given,
            _ => AskedState::Refused,
        };
        let (mut transactions, mut failures) = (Vec::new(), Vec::new());
        for AskedCommitment { transaction, answer, .. } in asked {
            transactions.push(transaction.into());
            let failed = answer.into_iter().flat_map(|answer| answer.failed);
            failures.extend(failed.map(|(instance, reason): (SopInstanceUid, u16)| ShownFailure {
                instance: Some(instance.into()),
                reason: format!("{reason:04X}"),
            }));
        }
        Some(Self { transactions, state: state.as_str(), failures })
    }
}

/// Begins to send what is stored here to a node.
pub async fn send(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(StatusCode, Json<Shown>), Problem> {
    let (peer, node, sent) = asked(&app, &actor, &ae_title, sent).await?;
    let commit = sent.commit;
    let wanted = sent.wanted()?;
    let (archive, requester, named, sender) = (app.archive.clone(), app.requester.clone(), wanted.clone(), actor.clone());
    let begun = begin(&app, &peer, PeerAct::Send, wanted, |reins| async move {
        let instances = named.stored(&archive, &sender).await.map_err(|error| error.to_string())?;
        let requester = requester.stopped_by(reins.stop.clone());
        let sent = requester.store_instances(&archive, &node, &instances, &reins.progress).await;
        sent.map_err(|error| error.to_string())?;
        if commit && reins.progress.borrow().failed == 0 {
            let references: Vec<_> = instances.into_iter().map(|stored| (stored.sop_class, stored.address.instance)).collect();
            have_vouched((&archive, &sender), (&requester, &node), &references, &reins).await?;
        }
        Ok(())
    })?;
    accepted(&app, &actor, &begun).await
}

/// Asks a node to vouch for what it was sent. Its answers are kept whenever they come.
async fn have_vouched(
    (archive, actor): (&Arc<Archive>, &Actor),
    (requester, node): (&Requester, &RemoteNode),
    references: &[Reference],
    reins: &Reins,
) -> Result<(), String> {
    let not_asked = |error: &dyn std::error::Error| format!("the node was not asked to vouch for them: {error}");
    let all = archive.begin_to_ask(actor, &node.ae_title, references).await.map_err(|error| not_asked(&error))?;
    let (asked, ended) = match requester.ask_for_commitments(archive, node, &all).await {
        Ok(()) => (all.len(), Ok(())),
        Err((0, error)) => return Err(not_asked(&error)),
        Err((asked, error)) => (asked, Err(format!("the node was asked to vouch for some of them only: {error}"))),
    };
    // Nobody else says so.
    let _ = reins.asked.set(all.into_iter().take(asked).map(|asked| asked.transaction).collect());
    ended
}

/// Begins to have a node give us what it has.
pub async fn fetch(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(StatusCode, Json<Shown>), Problem> {
    let (peer, node, sent) = asked(&app, &actor, &ae_title, sent).await?;
    if sent.commit {
        return Err(bad("a node vouches for what it is sent, not for what it gives"));
    }
    let wanted = sent.wanted()?;
    let (archive, requester, named, source) = (app.archive.clone(), app.requester.clone(), wanted.clone(), peer.clone());
    let begun = begin(&app, &peer, PeerAct::Fetch, wanted, |reins| async move {
        let requester = requester.stopped_by(reins.stop);
        requester.fetch(&archive, (&source, &node), &named, &reins.progress).await.map_err(|error| error.to_string())
    })?;
    accepted(&app, &actor, &begun).await
}

/// The node, and which instances go over.
async fn asked(
    app: &App,
    actor: &Actor,
    ae_title: &str,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<(Peer, RemoteNode, Sent), Problem> {
    let (peer, node) = node(app, actor, ae_title).await?;
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    Ok((peer, node, sent))
}

fn begin<W>(
    app: &App,
    peer: &Peer,
    act: PeerAct,
    wanted: Wanted,
    work: impl FnOnce(Reins) -> W,
) -> Result<Arc<PeerOperation>, Problem>
where
    W: Future<Output = Result<(), String>> + Send + 'static,
{
    let begun = app.peer_operations.begin((peer.ae_title.clone(), act, wanted), app.shutdown.child_token(), work);
    begun.ok_or_else(|| {
        let detail = "too many operations with other nodes go on: wait until one has ended";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
    })
}

async fn accepted(app: &App, actor: &Actor, begun: &PeerOperation) -> Result<(StatusCode, Json<Shown>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(Shown::of(app, actor, begun).await?)))
}

/// The operations with a node, last begun first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
) -> Result<Json<Vec<Shown>>, Problem> {
    app.archive.may_manage_peers(&actor)?;
    let mut shown = Vec::new();
    for operation in app.peer_operations.of(&parse(&ae_title)?) {
        shown.push(Shown::of(&app, &actor, &operation).await?);
    }
    Ok(Json(shown))
}

/// One of them.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    place: Result<Path<(String, u64)>, PathRejection>,
) -> Result<Json<Shown>, Problem> {
    Ok(Json(Shown::of(&app, &actor, &*find(&app, &actor, place)?).await?))
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
