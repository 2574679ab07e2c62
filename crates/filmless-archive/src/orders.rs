//! Orders: creating, changing, cancelling and importing them, and the worklist that machines ask for.

use filmless_dicom::text;
use filmless_index::OrderCommit;
use filmless_model::actor::{Act, Actor};
use filmless_model::order::{
    Order, OrderAttribute, OrderOutcome, OrderQuery, PerformedStep, Put, ScheduledStep, StepStatus, Words,
};
use filmless_model::peer::WorklistOptions;
use filmless_model::query::Matching;

use crate::archive::{Archive, ArchiveError};
use crate::authorize::authorize;
use crate::clock::now_ms;

impl Archive {
    /// Creates an order, or changes it; sending the same again changes nothing.
    pub async fn put_order(&self, actor: &Actor, order: Order, put: Put) -> Result<OrderOutcome, ArchiveError> {
        authorize(actor, Act::ManageOrders)?;
        let folded_steps = order.steps.iter().map(|step| folded(&step.words)).collect();
        let commit = OrderCommit { folded: folded(&order.words), folded_steps, put, at_ms: now_ms(), order };
        let outcome = self.index.put_order(&commit).await?;
        // Accession numbers are kept out of the log as patient data are.
        tracing::info!(by = actor.name(), ?outcome, "an order was put");
        Ok(outcome)
    }

    /// One order.
    pub async fn order(&self, actor: &Actor, accession_number: &str) -> Result<Order, ArchiveError> {
        authorize(actor, Act::SearchOrders)?;
        self.index.order(accession_number).await?.ok_or(ArchiveError::NotFound)
    }

    /// Steps of orders, in the order of their beginning. Names and descriptions are compared without diacritics and case.
    pub async fn search_orders(&self, actor: &Actor, query: &OrderQuery) -> Result<Vec<ScheduledStep>, ArchiveError> {
        authorize(actor, Act::SearchOrders)?;
        let mut query = query.clone();
        for (attribute, matching) in &mut query.matches {
            match matching {
                Matching::Single(key) | Matching::WildCard(key) if attribute.is_folded() => *key = text::fold(key),
                _ => {}
            }
        }
        if let Some(typed) = &mut query.text {
            typed.folded = text::fold(&typed.plain);
        }
        Ok(self.index.search_orders(&query).await?)
    }

    /// How the worklist is put to a caller.
    pub async fn worklist_options(&self, actor: &Actor) -> Result<WorklistOptions, ArchiveError> {
        authorize(actor, Act::SearchOrders)?;
        let Actor::Peer { ae_title, .. } = actor else { return Ok(WorklistOptions::default()) };
        Ok(self.index.peer(ae_title).await?.map(|peer| peer.worklist).unwrap_or_default())
    }

    /// Cancels an order, unless a machine has begun with a step of it.
    pub async fn cancel_order(&self, actor: &Actor, accession_number: &str) -> Result<OrderOutcome, ArchiveError> {
        authorize(actor, Act::ManageOrders)?;
        let outcome = self.index.cancel_order(accession_number).await?;
        tracing::info!(by = actor.name(), ?outcome, "an order was to be cancelled");
        Ok(outcome)
    }

    /// Says by hand how far a step is, or every step if `step_id` is empty: the patient is there, or a machine that says
    /// nothing itself is done.
    pub async fn set_step_status(
        &self,
        actor: &Actor,
        accession_number: &str,
        step_id: &str,
        status: StepStatus,
    ) -> Result<(), ArchiveError> {
        authorize(actor, Act::ManageOrders)?;
        let steps = self.index.set_step_status(accession_number, step_id, status).await?;
        if steps > 0 { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// A machine says how far it is with a step (PS3.4 annex F, Modality Performed Procedure Step). How many steps it meant:
    /// 0 for work that nobody ordered.
    pub async fn perform_steps(&self, actor: &Actor, performed: &PerformedStep, status: StepStatus) -> Result<u64, ArchiveError> {
        authorize(actor, Act::PerformOrders)?;
        Ok(self.index.perform_steps(performed, status).await?)
    }
}

fn folded(words: &Words) -> Words {
    let folded = words.iter().filter(|(attribute, _)| attribute.is_folded());
    folded.map(|(attribute, text): (&OrderAttribute, &String)| (*attribute, text::fold(text))).collect()
}
