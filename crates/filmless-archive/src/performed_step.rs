//! Performed procedure steps: what machines report of their work, kept as it came, and compared with what is here.
//!
//! The orders that a step names are told how far it is. Studies are looked up when the step is shown: they may come later.

use std::collections::HashSet;

use filmless_dicom::performed_step::{self, StepDataSetError};
use filmless_index::IndexError;
use filmless_model::actor::{Act, Actor};
use filmless_model::attribute::Tag;
use filmless_model::order::{PerformedStep, StepStatus};
use filmless_model::performed_step::{ReportedStep, StepFilter, StepMessage, StepState};
use filmless_model::uid::{SopInstanceUid, TransferSyntaxUid};

use crate::archive::{Archive, ArchiveError};
use crate::authorize::Forbidden;
use crate::clock::now_ms;

/// The longest message about a step: some 30000 instances.
pub const MAX_STEP_MESSAGE_BYTES: usize = 4 << 20;

/// The most messages of one step. Machines that report each image have been seen.
const MAX_STEP_MESSAGES: i64 = 10_000;

/// Why a step is not created, changed or given.
#[derive(Debug, thiserror::Error)]
pub enum StepRefusal {
    /// The actor may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A step of this UID is there already.
    #[error("the step is known already")]
    Known,
    /// There is no step of this UID.
    #[error("there is no such step")]
    Unknown,
    /// The step has ended.
    #[error("the step has ended")]
    Ended,
    /// It has been changed too often.
    #[error("the step has {MAX_STEP_MESSAGES} messages")]
    TooManyMessages,
    /// The message does not say what it must.
    #[error(transparent)]
    DataSet(#[from] StepDataSetError),
    /// The database failed.
    #[error("the index failed")]
    Index(#[from] IndexError),
    /// The parser failed.
    #[error("the message could not be read: {0}")]
    Failed(String),
}

/// A step and what of it is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownStep {
    /// The step.
    pub step: ReportedStep,
    /// Instances that were made and are not in the archive.
    pub missing: Vec<SopInstanceUid>,
}

impl Archive {
    /// Whether the actor may report steps.
    pub fn may_report_steps(&self, actor: &Actor) -> Result<(), Forbidden> {
        self.permit(actor, Act::PerformOrders)
    }

    /// Creates a step that has begun.
    pub async fn create_step(&self, actor: &Actor, uid: &SopInstanceUid, message: StepMessage) -> Result<(), StepRefusal> {
        self.permit(actor, Act::PerformOrders)?;
        let (named, source) = (uid.clone(), actor.source());
        let read = move || performed_step::create(named, &source, &message, now_ms()).map(|step| (step, message));
        let (step, message) = self.read_step_message(read).await??;
        if !self.index.add_step(&step, &message).await? {
            return Err(StepRefusal::Known);
        }
        tracing::info!(step.uid = uid.as_str(), "a procedure step has begun");
        self.tell_orders(actor, &step).await;
        Ok(())
    }

    /// Changes a step that is in progress. Returns what a change may not change, which stays as it was.
    ///
    /// Others than its source may do so if they may replace.
    pub async fn change_step(&self, actor: &Actor, uid: &SopInstanceUid, message: &StepMessage) -> Result<Vec<Tag>, StepRefusal> {
        self.permit(actor, Act::PerformOrders)?;
        loop {
            let (step, revision) = self.index.step(uid).await?.ok_or(StepRefusal::Unknown)?;
            if step.source != actor.source() {
                self.permit(actor, Act::Replace)?;
            }
            if step.state.has_ended() {
                return Err(StepRefusal::Ended);
            }
            if revision >= MAX_STEP_MESSAGES {
                return Err(StepRefusal::TooManyMessages);
            }
            let (mut changed, read) = (step, message.clone());
            let change = move || performed_step::change(&mut changed, &read, now_ms()).map(|left| (changed, left));
            let (step, left_aside) = self.read_step_message(change).await??;
            // Before it is kept: a report that is lost here is sent again, one that was kept is not.
            self.tell_orders(actor, &step).await;
            // Whoever else changed it in between was first, and its end would count.
            if self.index.change_step(&step, message, revision).await? {
                let (step_uid, state) = (uid.as_str(), step.state.as_str());
                tracing::info!(step.uid = step_uid, state, instances = step.instances().count(), "a procedure step goes on");
                return Ok(left_aside);
            }
        }
    }

    /// Says to the orders how far a step is. It is kept whatever becomes of that: most work is ordered elsewhere.
    async fn tell_orders(&self, actor: &Actor, step: &ReportedStep) {
        let status = match step.state {
            StepState::InProgress => StepStatus::InProgress,
            StepState::Completed => StepStatus::Completed,
            StepState::Discontinued => StepStatus::Discontinued,
        };
        for scheduled in &step.scheduled {
            let performed = PerformedStep {
                study_instance_uid: scheduled.study.as_str().to_owned(),
                accession_number: scheduled.accession_number.clone(),
                step_id: scheduled.scheduled_procedure_step_id.clone(),
            };
            if let Err(error) = self.perform_steps(actor, &performed, status).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot tell an order how far its step is");
            }
        }
    }

    /// The attributes of a step: those of `wanted`, or all if it is empty.
    pub async fn step_attributes(
        &self,
        actor: &Actor,
        uid: &SopInstanceUid,
        wanted: Vec<Tag>,
        transfer_syntax: TransferSyntaxUid,
    ) -> Result<Vec<u8>, StepRefusal> {
        self.permit(actor, Act::Search)?;
        let messages = self.index.step_messages(uid).await?;
        if messages.is_empty() {
            return Err(StepRefusal::Unknown);
        }
        let read = move || performed_step::attributes(&messages, &wanted, &transfer_syntax);
        let written = self.read_step_message(read).await?.map_err(StepDataSetError::from)?;
        written.ok_or_else(|| StepRefusal::Failed("it cannot be written in this transfer syntax".to_owned()))
    }

    /// Steps, last started first, with what is missing of each.
    pub async fn steps(&self, actor: &Actor, filter: &StepFilter, limit: u32) -> Result<Vec<ShownStep>, ArchiveError> {
        self.permit(actor, Act::Search)?;
        let mut shown = Vec::new();
        for step in self.index.steps(filter, limit).await? {
            let made: Vec<_> = step.instances().cloned().collect();
            let visible = if made.is_empty() { HashSet::new() } else { self.index.visible_instances(&made).await? };
            let missing = made.into_iter().filter(|uid| !visible.contains(uid)).collect();
            shown.push(ShownStep { step, missing });
        }
        Ok(shown)
    }

    /// Reads off the async threads, a few messages at a time: each may be megabytes and many objects.
    async fn read_step_message<T: Send + 'static>(&self, read: impl FnOnce() -> T + Send + 'static) -> Result<T, StepRefusal> {
        let failed = |error: String| StepRefusal::Failed(error);
        let _turn = self.reading_steps.acquire().await.map_err(|error| failed(error.to_string()))?;
        tokio::task::spawn_blocking(read).await.map_err(|error| failed(error.to_string()))
    }
}
