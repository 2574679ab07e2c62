//! Instance availability (PS3.4 annex R): peers that want it are told that a study is here, once nothing of it has come or gone
//! for a while, and what of it is not here any more. Behind the change feed, as forwarding is; who works on a row has it for a
//! short time, as with commitments.
//!
//! Telling the peer is the door's; this decides who is told of what.

use std::time::Duration;

use filmless_index::{ReadChanges, SettledNotice};
use filmless_model::actor::{Act, Actor};
use filmless_model::availability::{AvailableStudy, Notice, NoticeState, NoticeSummary};
use filmless_model::peer::Peer;
use filmless_model::performed_step::StepFilter;

use crate::archive::{Archive, ArchiveError};
use crate::clock::{later, milliseconds, now_ms, pause};
use crate::lease::Lease;

/// Changes that are read together. It bounds how long stores wait for what is written then.
const PAGE: i64 = 1000;
/// The first pause after a peer could not be told; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// After so long it is given up.
const PATIENCE: Duration = Duration::from_hours(24);
/// What ended so long ago is forgotten.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// A notice that this process works on.
#[derive(Debug)]
pub struct HeldNotice {
    /// Whom, and of what.
    pub notice: Notice,
    /// How long we have it.
    pub lease: Lease,
}

impl Archive {
    /// Reads the feed to its end, and notes who is to be told of which study; `quiet` after its last change.
    pub async fn follow_availability(&self, quiet: Duration) -> Result<(), ArchiveError> {
        loop {
            let (from, last) = (self.index.availability_read_through().await?, self.index.last_change().await?);
            if from >= last {
                return Ok(());
            }
            let through = last.min(from.saturating_add(PAGE));
            // Where another process was first, the next look at the mark tells.
            self.index.queue_notices(ReadChanges { from, through, now_ms: now_ms(), quiet_ms: milliseconds(quiet) }).await?;
        }
    }

    /// Takes the notice that is due the longest.
    pub async fn due_notice(&self) -> Result<Option<HeldNotice>, ArchiveError> {
        let until_ms = Lease::end();
        let taken = self.index.take_notice(now_ms(), until_ms).await?;
        Ok(taken.map(|notice| HeldNotice { lease: Lease::of_notice(&notice, until_ms), notice }))
    }

    /// Whom to tell what. Nobody is told who does not want it any more, or may not retrieve, nor of a study that was gone before
    /// the peer could hear of it. It is written down that the peer may know of the study.
    pub async fn begin_to_tell(&self, notice: &Notice) -> Result<Option<(Peer, AvailableStudy)>, ArchiveError> {
        let peer = self.index.peer(&notice.peer).await?;
        let Some(peer) = peer.filter(|peer| peer.instance_availability && peer.rights.retrieve) else { return Ok(None) };
        let mut available = self.index.begin_to_tell(notice).await?;
        if available.series.is_empty() {
            return Ok(None);
        }
        // It names one at most: of several nobody knows which is meant.
        if let [step] = &self.index.steps(&StepFilter::Study(notice.study.clone()), 2).await?[..] {
            available.step = Some(step.uid.clone());
        }
        Ok(Some((peer, available)))
    }

    /// The peer was told.
    pub async fn end_to_tell(&self, notice: &Notice, told: &AvailableStudy) -> Result<(), ArchiveError> {
        let (peer, study, is_here) = (notice.peer.as_str(), notice.study.as_str(), told.is_here());
        tracing::info!(peer, study.uid = study, is_here, "a peer was told of a study");
        Ok(self.index.end_to_tell(notice, told, now_ms()).await?)
    }

    /// Nobody is to be told, now or of what is deleted later.
    pub async fn drop_notice(&self, notice: &Notice) -> Result<(), ArchiveError> {
        Ok(self.index.drop_notice(notice).await?)
    }

    /// Something went wrong: it is tried again later, or given up.
    pub async fn postpone_notice(&self, notice: &Notice, trouble: &str) -> Result<(), ArchiveError> {
        let (peer, study, attempts) = (notice.peer.as_str(), notice.study.as_str(), notice.attempts.saturating_add(1));
        let is_over = now_ms().saturating_sub(notice.queued_ms) > milliseconds(PATIENCE);
        let (state, next_ms) = if is_over {
            tracing::error!(peer, study.uid = study, attempts, trouble, "a peer cannot be told of a study, and it is given up");
            (NoticeState::GivenUp, now_ms())
        } else {
            tracing::warn!(peer, study.uid = study, attempts, trouble, "a peer cannot be told of a study yet");
            (NoticeState::Waiting, later(pause(FIRST_PAUSE, notice.attempts, LONGEST_PAUSE)))
        };
        Ok(self.index.settle_notice(notice, SettledNotice { state, trouble, next_ms }).await?)
    }

    /// Who is told of what and how far that is, last due first.
    pub async fn notices(&self, actor: &Actor, limit: u32) -> Result<Vec<NoticeSummary>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.index.notices(limit).await?)
    }

    /// Has a peer told now that waits, or was given up.
    pub async fn retry_notice(&self, actor: &Actor, key: i64) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        if self.index.retry_notice(key, now_ms()).await? { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Forgets what ended long ago.
    pub async fn forget_notices(&self) -> Result<u64, ArchiveError> {
        Ok(self.index.forget_notices(now_ms().saturating_sub(milliseconds(KEPT))).await?)
    }
}
