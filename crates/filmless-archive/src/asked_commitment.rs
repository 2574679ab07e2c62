//! What we ask peers to vouch for (PS3.4 annex J, with us as SCU): written down before they are asked, so that their answer
//! finds it, whenever and however it comes.

use std::time::Duration;

use filmless_model::actor::{Act, Actor};
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{AskedCommitment, AskedSummary, CommitmentAnswer, Reference};
use filmless_model::uid::{SopInstanceUid, TransactionUid};

use crate::archive::{Archive, ArchiveError};
use crate::clock::{milliseconds, now_ms};

/// At most so many instances are asked for in one transaction: the answer is an element of some 170 bytes for each, and there is
/// an end to what is read of it.
pub(crate) const TOGETHER: u32 = 1000;
/// What was asked so long ago is forgotten.
const KEPT: Duration = Duration::from_hours(30 * 24);

impl Archive {
    /// Writes down what a peer is about to be asked to vouch for, in as many transactions as it takes.
    pub async fn begin_to_ask(
        &self,
        actor: &Actor,
        peer: &AeTitle,
        references: &[Reference],
    ) -> Result<Vec<AskedCommitment>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        let mut all = Vec::new();
        for portion in references.chunks(TOGETHER as usize) {
            all.push(self.ask_together(peer, portion.to_vec()).await?);
        }
        Ok(all)
    }

    /// Writes down what a peer is about to be asked for in one transaction.
    pub(crate) async fn ask_together(&self, peer: &AeTitle, references: Vec<Reference>) -> Result<AskedCommitment, ArchiveError> {
        let now_ms = now_ms();
        self.index.forget_asked_commitments(now_ms.saturating_sub(milliseconds(KEPT))).await?;
        let transaction = TransactionUid::generate();
        let asked = AskedCommitment { transaction, peer: peer.clone(), references, asked_ms: now_ms, answer: None };
        self.index.add_asked_commitment(&asked).await?;
        Ok(asked)
    }

    /// Keeps why a peer could not be asked. It may have heard all the same, and answer.
    pub async fn could_not_ask(&self, transaction: &TransactionUid, trouble: &str) -> Result<(), ArchiveError> {
        Ok(self.index.note_asking_trouble(transaction, trouble).await?)
    }

    /// Keeps what a peer said; false if it was not asked so. Who was asked is who may answer.
    pub async fn take_answer(
        &self,
        peer: &AeTitle,
        transaction: &TransactionUid,
        committed: Vec<SopInstanceUid>,
        failed: Vec<(SopInstanceUid, u16)>,
    ) -> Result<bool, ArchiveError> {
        let answer = CommitmentAnswer { committed, failed, at_ms: now_ms() };
        let is_asked = self.index.answer_asked_commitment(transaction, peer, &answer).await?;
        // What was forwarded may be settled by it.
        self.on_their_way.send_modify(|times| *times += 1);
        let (committed, failed, transaction) = (answer.committed.len(), answer.failed.len(), transaction.as_str());
        tracing::info!(transaction.uid = transaction, committed, failed, is_asked, "a peer said what it vouches for");
        Ok(is_asked)
    }

    /// What was asked under these transactions, and what the peer said; without those that are forgotten.
    pub async fn asked_under(
        &self,
        actor: &Actor,
        transactions: &[TransactionUid],
    ) -> Result<Vec<AskedCommitment>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        let mut all = Vec::new();
        for transaction in transactions {
            all.extend(self.index.asked_commitment(transaction).await?);
        }
        Ok(all)
    }

    /// What was asked, last first.
    pub async fn asked_commitments(&self, actor: &Actor, limit: u32) -> Result<Vec<AskedSummary>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.index.asked_commitments(limit).await?)
    }
}
