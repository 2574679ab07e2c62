//! Storage commitments (PS3.4 annex J): what peers want us to vouch for, answered from the bytes.
//!
//! A request is a row before it is answered. Whoever works on a row has it for a short time, which it moves on while it works:
//! after a crash somebody else goes on. Telling the peer is the door's; this decides what it is told.

use std::collections::HashMap;
use std::time::Duration;

use filmless_blobstore::BlobstoreError;
use filmless_blobstore::key::BlobKey;
use filmless_index::{CommittedCopy, NewCommitment};
use filmless_model::actor::{Act, Actor};
use filmless_model::commitment::{
    Commitment, CommitmentFailure, CommitmentRequest, CommitmentState, CommitmentSummary, Reference,
};
use filmless_model::peer::Peer;
use filmless_model::uid::SopInstanceUid;
use futures::{StreamExt, TryStreamExt};

use crate::archive::{Archive, ArchiveError};
use crate::authorize::Forbidden;
use crate::clock::{later, milliseconds, now_ms, pause};
use crate::lease::Lease;

/// References looked up together.
const BATCH: usize = 500;
/// Blobs of one commitment read at once.
const READERS: usize = 4;
/// After so many attempts bytes that cannot be read are a failure.
const READING_ATTEMPTS: u32 = 8;
/// The first pause after something went wrong; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// What ended so long ago is forgotten.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// A commitment that this process works on.
#[derive(Debug)]
pub struct HeldCommitment {
    /// What it is about, and how far it is.
    pub commitment: Commitment,
    /// How long we have it.
    pub lease: Lease,
}

impl Archive {
    /// Whether the actor may ask for commitments: who may store.
    pub fn may_ask_for_commitment(&self, actor: &Actor) -> Result<(), Forbidden> {
        self.permit(actor, Act::Store)
    }

    /// Makes a request durable; `None` if it is known and under way.
    pub async fn request_commitment(
        &self,
        actor: &Actor,
        request: CommitmentRequest,
    ) -> Result<Option<HeldCommitment>, ArchiveError> {
        self.permit(actor, Act::Store)?;
        let (requested_ms, until_ms) = (now_ms(), Lease::end());
        let NewCommitment::Added(key, failures) = self.index.add_commitment(&request, requested_ms, until_ms).await? else {
            return Ok(None);
        };
        let (transaction, instances) = (request.transaction.as_str(), request.references.len());
        tracing::info!(commitment = key, transaction.uid = transaction, instances, "storage commitment was asked for");
        let state = if failures.is_empty() { CommitmentState::Checking } else { CommitmentState::Reporting };
        let commitment = Commitment { key, request, state, failures, attempts: 0, requested_ms };
        Ok(Some(HeldCommitment { commitment, lease: Lease::of_commitment(key, until_ms) }))
    }

    /// Takes the commitment that has waited longest for somebody to go on with it.
    pub async fn due_commitment(&self) -> Result<Option<HeldCommitment>, ArchiveError> {
        let until_ms = Lease::end();
        let taken = self.index.take_commitment(now_ms(), until_ms).await?;
        Ok(taken.map(|commitment| HeldCommitment { lease: Lease::of_commitment(commitment.key, until_ms), commitment }))
    }

    /// Reads the bytes of what a commitment is about, and keeps what came of it; false if somebody else took it.
    pub async fn check_commitment(&self, held: &mut HeldCommitment) -> Result<bool, ArchiveError> {
        let HeldCommitment { commitment, lease } = held;
        let is_last = commitment.attempts >= READING_ATTEMPTS;
        let Some(failures) = self.hold(lease, self.failures(&commitment.request.references, is_last)).await else {
            return Ok(false);
        };
        commitment.failures = failures?;
        commitment.state = CommitmentState::Reporting;
        commitment.attempts = 0;
        self.index.move_commitment(commitment, None, lease.until_ms()).await?;
        Ok(true)
    }

    /// The places of what cannot be vouched for, in their order.
    async fn failures(&self, references: &[Reference], is_last: bool) -> Result<Vec<(usize, CommitmentFailure)>, ArchiveError> {
        let mut failures = Vec::new();
        for (batch, part) in references.chunks(BATCH).enumerate() {
            let mut copies: HashMap<SopInstanceUid, Vec<CommittedCopy>> = HashMap::new();
            for copy in self.index.committed_copies(part).await? {
                copies.entry(copy.reference.1.clone()).or_default().push(copy);
            }
            let checks: Vec<_> = (batch * BATCH..)
                .zip(part)
                .map(|(place, reference)| {
                    let copies = copies.get(&reference.1).map(Vec::as_slice).unwrap_or_default();
                    async move { Ok::<_, ArchiveError>((place, self.check_copies(reference, copies, is_last).await?)) }
                })
                .collect();
            let checked: Vec<_> = futures::stream::iter(checks).buffered(READERS).try_collect().await?;
            failures.extend(checked.into_iter().filter_map(|(place, failure)| Some((place, failure?))));
        }
        Ok(failures)
    }

    /// Why an instance cannot be vouched for, if so. Every kept copy must be whole.
    async fn check_copies(
        &self,
        (class, instance): &Reference,
        copies: &[CommittedCopy],
        is_last: bool,
    ) -> Result<Option<CommitmentFailure>, ArchiveError> {
        if copies.is_empty() {
            return Ok(Some(CommitmentFailure::NoSuchInstance));
        }
        for copy in copies {
            if copy.reference.0 != *class {
                return Ok(Some(CommitmentFailure::ClassInstanceConflict));
            }
            match self.blobstore.digest(&BlobKey::Instance(copy.version)).await {
                Ok(found) if found == (copy.digest, copy.length_bytes) => {}
                Ok(_) | Err(BlobstoreError::NotFound) => {
                    tracing::error!(instance.uid = instance.as_str(), "bytes are missing or changed; run `filmless check`");
                    return Ok(Some(CommitmentFailure::ProcessingFailure));
                }
                Err(error) if is_last => {
                    tracing::error!(error = &error as &dyn std::error::Error, "bytes to vouch for cannot be read");
                    return Ok(Some(CommitmentFailure::ProcessingFailure));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// The peer was told.
    pub async fn commitment_reported(&self, mut held: HeldCommitment) -> Result<(), ArchiveError> {
        held.commitment.state = CommitmentState::Reported;
        self.index.move_commitment(&held.commitment, None, now_ms()).await?;
        let (key, failed) = (held.commitment.key, held.commitment.failures.len());
        let transaction = held.commitment.request.transaction.as_str();
        tracing::info!(commitment = key, transaction.uid = transaction, failed, "storage commitment was reported");
        Ok(())
    }

    /// Something went wrong: it is tried again later, or given up `patience` after it was asked for.
    pub async fn postpone_commitment(
        &self,
        mut held: HeldCommitment,
        trouble: &str,
        patience: Duration,
    ) -> Result<(), ArchiveError> {
        let commitment = &mut held.commitment;
        let pause = pause(FIRST_PAUSE, commitment.attempts, LONGEST_PAUSE);
        commitment.attempts = commitment.attempts.saturating_add(1);
        let is_over = now_ms().saturating_sub(commitment.requested_ms) > milliseconds(patience);
        if is_over {
            commitment.state = CommitmentState::GivenUp;
        }
        let (key, peer, attempts) = (commitment.key, commitment.request.peer.as_str(), commitment.attempts);
        if is_over {
            tracing::error!(commitment = key, peer, attempts, trouble, "a storage commitment cannot be reported and is given up");
        } else {
            tracing::warn!(commitment = key, peer, attempts, trouble, "a storage commitment waits");
        }
        let next_ms = if is_over { now_ms() } else { later(pause) };
        Ok(self.index.move_commitment(commitment, Some(trouble), next_ms).await?)
    }

    /// Where a peer is told: `None` if nobody knows it any more.
    pub async fn peer_of_commitment(&self, commitment: &Commitment) -> Result<Option<Peer>, ArchiveError> {
        Ok(self.index.peer(&commitment.request.peer).await?)
    }

    /// Commitments, last asked for first.
    pub async fn commitments(&self, actor: &Actor, limit: u32) -> Result<Vec<CommitmentSummary>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.index.commitments(limit).await?)
    }

    /// Has one that waits, or was given up, reported now.
    pub async fn retry_commitment(&self, actor: &Actor, key: i64) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        if self.index.retry_commitment(key, now_ms()).await? { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Forgets what ended long ago.
    pub async fn forget_commitments(&self) -> Result<u64, ArchiveError> {
        Ok(self.index.forget_commitments(now_ms().saturating_sub(milliseconds(KEPT))).await?)
    }
}
