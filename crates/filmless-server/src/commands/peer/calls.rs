//! `filmless peer send`, `find` and `fetch`: what other nodes are called for.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use filmless_archive::Archive;
use filmless_dicom::remote_search::{self, Level};
use filmless_dimse::requester::{Found, RemoteNode, RequestError, Requester, Transfer, Wanted};
use filmless_index::Index;
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{AskedCommitment, Reference};
use filmless_model::peer::Peer;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;

use crate::cli::Which;
use crate::commands::console::{note, print, printable, table};
use crate::commands::{EXIT_FOUND, close};
use crate::config::Config;
use crate::{shutdown, wiring};

impl From<Which> for Wanted {
    fn from(Which { study, series, instances }: Which) -> Self {
        Self { study, series, instances }
    }
}

/// A peer, and where it is called.
pub(super) async fn node(index: &dyn Index, ae_title: &AeTitle) -> anyhow::Result<(Peer, RemoteNode)> {
    let Some(peer) = index.peer(ae_title).await? else {
        bail!("there is no peer {ae_title}; `filmless peer list` shows all");
    };
    let Some(node) = RemoteNode::of(&peer) else {
        bail!("it is not known where {ae_title} is; `filmless peer add {ae_title} --address HOST --port N …` says it");
    };
    Ok((peer, node))
}

/// Where it is, for people.
pub(super) fn place(node: &RemoteNode) -> String {
    format!("{} at {}:{}", node.ae_title, printable(&node.host), node.port)
}

/// Sends what is stored here.
pub(super) async fn send(
    config: &Config,
    index: Arc<dyn Index>,
    ae_title: &AeTitle,
    (which, commit): (Which, bool),
) -> anyhow::Result<ExitCode> {
    let (_, node) = node(&*index, ae_title).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let instances = Wanted::from(which).stored(&archive, &Actor::Operator).await.context("what is to be sent")?;
    let requester = wiring::requester(config, shutdown::on_signals()?)?;
    let (said, progress) = watch::channel(Transfer::default());
    let sent = shown(progress, requester.store_instances(&archive, &node, &instances, &said)).await;
    let references: Vec<_> = instances.into_iter().map(|stored| (stored.sop_class, stored.address.instance)).collect();
    let all_sent = sent.is_ok() && said.borrow().failed == 0;
    let mut code = conclude(&node, "sent", &sent, &said.borrow())?;
    if commit && all_sent {
        code = have_vouched(&archive, &requester, &node, &references).await?;
    }
    close(&archive, &*index).await?;
    Ok(code)
}

/// Has the peer vouch for what it was sent, and waits for its answer.
async fn have_vouched(
    archive: &Arc<Archive>,
    requester: &Requester,
    node: &RemoteNode,
    references: &[Reference],
) -> anyhow::Result<ExitCode> {
    /// It may read all of it again.
    const PATIENCE: Duration = Duration::from_mins(5);
    const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
    let all = archive.begin_to_ask(&Actor::Operator, &node.ae_title, references).await?;
    requester.ask_for_commitments(archive, node, &all).await.map_err(|(_, error)| error).with_context(|| place(node))?;
    let transactions: Vec<_> = all.into_iter().map(|asked| asked.transaction).collect();
    let answered = async {
        loop {
            let asked = archive.asked_under(&Actor::Operator, &transactions).await?;
            if asked.iter().all(|asked| asked.answer.is_some()) {
                return anyhow::Ok(asked);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    };
    let Ok(asked) = tokio::time::timeout(PATIENCE, answered).await else {
        bail!("{} has not said in time what it vouches for; its answer will be kept when it comes", node.ae_title);
    };
    let asked = asked?;
    let failed: Vec<_> = asked.iter().flat_map(|asked| &asked.answer).flat_map(|answer| &answer.failed).collect();
    let rows: Vec<_> = failed.iter().map(|(instance, reason)| [instance.to_string(), format!("{reason:04X}")]).collect();
    if !rows.is_empty() {
        table(["INSTANCE", "FAILURE REASON"], &rows)?;
    }
    let is_given = asked.iter().all(AskedCommitment::is_given);
    let vouches = if is_given { "vouches for all of them" } else { "does not vouch for all of them" };
    print(format_args!("{} {vouches}", node.ae_title))?;
    Ok(if is_given { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

/// Has the peer give us what it has.
pub(super) async fn fetch(config: &Config, index: Arc<dyn Index>, ae_title: &AeTitle, which: Which) -> anyhow::Result<ExitCode> {
    let (peer, node) = node(&*index, ae_title).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let requester = wiring::requester(config, shutdown::on_signals()?)?;
    let (said, progress) = watch::channel(Transfer::default());
    let fetched = shown(progress, requester.fetch(&archive, (&peer, &node), &which.into(), &said)).await;
    close(&archive, &*index).await?;
    conclude(&node, "fetched", &fetched, &said.borrow())
}

/// Searches at a peer.
pub(super) async fn find(
    config: &Config,
    index: Arc<dyn Index>,
    ae_title: &AeTitle,
    (level, keys): (Level, &[String]),
    limit: usize,
) -> anyhow::Result<ExitCode> {
    let (_, node) = node(&*index, ae_title).await?;
    index.close().await;
    let keys = keys.iter().map(|key| key.split_once('=').unwrap_or((key, "")));
    let keys = remote_search::identifier(level, keys)?;
    let requester = wiring::requester(config, shutdown::on_signals()?)?;
    let Found { answers, is_complete } = requester.find(&node, level, &keys, limit).await.with_context(|| place(&node))?;
    for answer in &answers {
        print(answer)?;
    }
    let more = if is_complete { "" } else { ", and there are more: see --limit" };
    note(format_args!("{} answers{more}", answers.len()));
    Ok(ExitCode::SUCCESS)
}

/// Shows how far a transfer is until it ends.
async fn shown<T>(mut progress: watch::Receiver<Transfer>, work: impl Future<Output = T>) -> T {
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template("{wide_bar} {pos}/{len}").expect("a template"));
    bar.enable_steady_tick(Duration::from_millis(200));
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            Ok(()) = progress.changed() => {
                let transfer = progress.borrow_and_update();
                bar.set_length(transfer.total.unwrap_or_default() as u64);
                bar.set_position((transfer.completed + transfer.failed) as u64);
            }
        }
    };
    bar.finish_and_clear();
    done
}

/// Says how it went.
fn conclude(node: &RemoteNode, done: &str, ended: &Result<(), RequestError>, transfer: &Transfer) -> anyhow::Result<ExitCode> {
    let rows: Vec<_> = transfer
        .failures
        .iter()
        .map(|failure| {
            let instance = failure.instance.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            [instance, printable(&failure.reason)]
        })
        .collect();
    if !rows.is_empty() {
        table(["INSTANCE", "WHY NOT"], &rows)?;
    }
    let Transfer { completed, warnings, failed, .. } = transfer;
    let warned = if *warnings == 0 { String::new() } else { format!(", {warnings} with a warning") };
    print(format_args!("{}: {completed} {done}{warned}, {failed} failed", node.ae_title))?;
    if let Err(error) = ended {
        note(format_args!("{}: {error}", place(node)));
    }
    Ok(if ended.is_ok() && *failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}
