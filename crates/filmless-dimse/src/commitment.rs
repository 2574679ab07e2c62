//! Storage commitments that were accepted: who works on them, and how a peer is told what came of one.
//!
//! A result goes back over the association it was asked for on, if that is still open, else over one of ours. Until the peer has
//! said that it has it, it is tried again, after longer and longer pauses.

use std::sync::Arc;
use std::time::Duration;

use filmless_archive::Archive;
use filmless_archive::commitment::HeldCommitment;
use filmless_model::commitment::CommitmentState;
use filmless_model::peer::Peer;
use filmless_model::uid::TransferSyntaxUid;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::command::CommandSet;
use crate::config::DimseConfig;
use crate::requester::{RemoteNode, Requester};
use crate::services::n_event_report::{self, Report};

/// Storage Commitment Push Model (PS3.4 annex J).
pub(crate) const PUSH_MODEL: &str = dicom_dictionary_std::uids::STORAGE_COMMITMENT_PUSH_MODEL;
/// Its well-known SOP Instance.
pub(crate) const PUSH_MODEL_INSTANCE: &str = dicom_dictionary_std::uids::STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE;

/// Commitments that one process works on at a time.
const AT_ONCE: usize = 4;
/// Accepted commitments that wait for that. Of more the index takes care: they are found there when they are due.
const WAITING: usize = 64;
/// A peer that releases its association at once has done so by then, and is told over another.
const REST: Duration = Duration::from_secs(1);
/// How often it is looked what is due.
const LOOK: Duration = Duration::from_secs(1);
/// How often old ones are forgotten.
const FORGET: Duration = Duration::from_hours(1);
/// How long a peer may take to answer.
const ANSWER: Duration = Duration::from_mins(1);

/// How to tell a peer over the association that it made.
#[derive(Debug)]
struct WayBack {
    context_id: u8,
    transfer_syntax: TransferSyntaxUid,
    reports: mpsc::Sender<Report>,
}

/// A commitment that was accepted on an association.
#[derive(Debug)]
pub(crate) struct Accepted {
    held: HeldCommitment,
    way_back: WayBack,
}

/// Where an association hands in what it accepts.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    accepted: mpsc::Sender<Accepted>,
    reports: mpsc::Sender<Report>,
}

impl Desk {
    /// The desk of an association to which `reports` leads.
    pub(crate) fn new(accepted: mpsc::Sender<Accepted>, reports: mpsc::Sender<Report>) -> Self {
        Self { accepted, reports }
    }

    /// Hands in a commitment that was asked for in this context.
    pub(crate) fn accept(&self, held: HeldCommitment, context_id: u8, transfer_syntax: &TransferSyntaxUid) {
        let way_back = WayBack { context_id, transfer_syntax: transfer_syntax.clone(), reports: self.reports.clone() };
        if self.accepted.try_send(Accepted { held, way_back }).is_err() {
            tracing::debug!("too many storage commitments at once: this one is taken up when it is due");
        }
    }
}

/// The way to the worker, and its end.
pub(crate) fn channel() -> (mpsc::Sender<Accepted>, mpsc::Receiver<Accepted>) {
    mpsc::channel(WAITING)
}

/// What the work needs.
struct Worker {
    archive: Arc<Archive>,
    config: DimseConfig,
    requester: Requester,
}

/// Works on commitments until `stop`. What is under way then is due again soon, for whoever runs.
pub(crate) async fn work(
    archive: Arc<Archive>,
    config: DimseConfig,
    requester: Requester,
    mut accepted: mpsc::Receiver<Accepted>,
    stop: CancellationToken,
) {
    let worker = Arc::new(Worker { archive, config, requester });
    let mut under_way = JoinSet::new();
    let (mut look, mut forget) = (tokio::time::interval(LOOK), tokio::time::interval(FORGET));
    loop {
        let has_room = under_way.len() < AT_ONCE;
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(_) = under_way.join_next() => {}
            Some(Accepted { held, way_back }) = accepted.recv(), if has_room => {
                under_way.spawn(worker.clone().work_on(held, Some(way_back)));
            }
            _ = look.tick(), if has_room => match worker.archive.due_commitment().await {
                Ok(Some(held)) => {
                    under_way.spawn(worker.clone().work_on(held, None));
                    look.reset_immediately();
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "cannot look for storage commitments"),
            },
            _ = forget.tick() => if let Err(error) = worker.archive.forget_commitments().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot forget old storage commitments");
            }
        }
    }
    under_way.shutdown().await;
}

impl Worker {
    async fn work_on(self: Arc<Self>, mut held: HeldCommitment, way_back: Option<WayBack>) {
        let ended = match self.try_to_report(&mut held, way_back).await {
            Ok(true) => self.archive.commitment_reported(held).await,
            // Somebody else has it.
            Ok(false) => return,
            Err(trouble) => {
                let patience = Duration::from_hours(self.config.commitment_report_hours);
                self.archive.postpone_commitment(held, &trouble, patience).await
            }
        };
        if let Err(error) = ended {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep how far a storage commitment is");
        }
    }

    /// True: the peer has it. False: somebody else took it. Else what is wrong, in words for an operator.
    async fn try_to_report(&self, held: &mut HeldCommitment, way_back: Option<WayBack>) -> Result<bool, String> {
        if held.commitment.state == CommitmentState::Checking {
            let checked = self.archive.check_commitment(held).await;
            if !checked.map_err(|error| format!("cannot read what was stored: {error}"))? {
                return Ok(false);
            }
        }
        if let Some(WayBack { context_id, transfer_syntax, reports }) = way_back {
            let (command, data_set) = n_event_report::request(&held.commitment, &self.config.ae_title, &transfer_syntax);
            let telling = tell_over(context_id, command, data_set, &reports);
            let Some(told) = self.archive.hold(&mut held.lease, telling).await else { return Ok(false) };
            match told {
                Some(0) => return Ok(true),
                Some(status) => tracing::info!(status, "a result of storage commitment was not taken; it goes another way"),
                None => {}
            }
        }
        self.tell_over_one_of_ours(held).await
    }

    /// Calls the peer where it is set up, or else at the address that it called from.
    async fn tell_over_one_of_ours(&self, held: &mut HeldCommitment) -> Result<bool, String> {
        let HeldCommitment { commitment, lease } = held;
        let peer = self.archive.peer_of_commitment(commitment).await.map_err(|error| error.to_string())?;
        let peer = peer.ok_or("the peer is not known any more")?;
        let address = peer.address.clone().unwrap_or_else(|| commitment.request.address.to_string());
        let node = RemoteNode::of(&Peer { address: Some(address), ..peer })
            .ok_or("the association that it was asked for on has ended, and no port is set up to call the peer")?;
        match self.archive.hold(lease, self.requester.report_commitment(&node, commitment)).await {
            None => Ok(false),
            Some(Ok(0)) => Ok(true),
            Some(Ok(status)) => Err(format!("the peer refused the report with status {status:04X}")),
            Some(Err(error)) => Err(error.to_string()),
        }
    }
}

/// Tells a peer over the association that it made, unless that ends; the status of its response.
async fn tell_over(context_id: u8, command: CommandSet, data_set: Vec<u8>, reports: &mpsc::Sender<Report>) -> Option<u16> {
    tokio::time::timeout(REST, reports.closed()).await.err()?;
    let (answered, answer) = oneshot::channel();
    reports.send(Report { context_id, command, data_set, answered }).await.ok()?;
    tokio::time::timeout(ANSWER, answer).await.ok()?.ok()
}
