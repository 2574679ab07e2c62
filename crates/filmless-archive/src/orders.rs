//! Orders: creating, changing, cancelling and importing them, and the worklist that machines ask for.

use std::sync::Arc;

use bytes::Bytes;
use filmless_dicom::order_file::{self, Fault};
use filmless_dicom::text;
use filmless_index::{Index, OrderCommit};
use filmless_model::actor::{Act, Actor};
use filmless_model::audit::{AuditEvent, AuditedAct};
use filmless_model::order::{
    Order, OrderAttribute, OrderOutcome, OrderQuery, PerformedStep, Put, ScheduledStep, StepStatus, Words,
};
use filmless_model::peer::WorklistOptions;
use filmless_model::query::Matching;
use futures::StreamExt as _;

use crate::archive::{Archive, ArchiveError};
use crate::clock::now_ms;
use crate::search::{fold, keys_of};

/// Orders of a file that are put at once.
const TOGETHER: usize = 32;

/// What became of the orders of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderReport {
    /// Orders that are new.
    pub created: u64,
    /// Orders that are others now.
    pub changed: u64,
    /// Orders that were so already.
    pub unchanged: u64,
    /// What is wrong with the others.
    pub failed: Vec<Fault>,
}

impl OrderReport {
    fn add(&mut self, place: usize, outcome: OrderOutcome) {
        let fault = |reason: String| Fault { place, field: None, reason };
        match outcome {
            OrderOutcome::Created => self.created += 1,
            OrderOutcome::Changed => self.changed += 1,
            OrderOutcome::Unchanged => self.unchanged += 1,
            OrderOutcome::Begun(step) => {
                self.failed.push(fault(format!("a machine has begun with step {step}, so it cannot go")));
            }
            OrderOutcome::Exists | OrderOutcome::Missing => self.failed.push(fault("it changed meanwhile".to_owned())),
        }
    }
}

impl Archive {
    /// Takes in a file of orders, each by itself: one that is wrong keeps no other out, for the other patients wait. Taking it in
    /// again changes nothing. A fault is one of the whole file, of which nothing is taken.
    pub async fn import_orders(&self, actor: &Actor, file: Bytes) -> Result<Result<OrderReport, Fault>, ArchiveError> {
        self.permit(actor, Act::ManageOrders)?;
        let read = tokio::task::spawn_blocking(move || {
            let read = order_file::read(&file)?;
            let orders = read.into_iter().map(|read| read.and_then(|draft| Ok((draft.place, draft.order()?))));
            Ok::<Vec<_>, Fault>(orders.collect())
        });
        let orders = match read.await {
            Ok(Ok(orders)) => orders,
            Ok(Err(fault)) => return Ok(Err(fault)),
            Err(error) => return Err(ArchiveError::Damaged(error.to_string())),
        };
        let mut report = OrderReport::default();
        let (orders, faults): (Vec<_>, Vec<_>) = orders.into_iter().partition(Result::is_ok);
        report.failed.extend(faults.into_iter().filter_map(Result::err));
        let put = |(place, order)| async move { (place, self.index.put_order(&commit(order, Put::Import)).await) };
        let mut outcomes = futures::stream::iter(orders.into_iter().flatten()).map(put).buffered(TOGETHER);
        while let Some((place, outcome)) = outcomes.next().await {
            report.add(place, outcome?);
        }
        report.failed.sort_by_key(|fault| fault.place);
        let OrderReport { created, changed, unchanged, ref failed } = report;
        let detail = format!("import: {created} created, {changed} changed, {unchanged} unchanged, {} failed", failed.len());
        self.index.record(&[AuditEvent::of(actor, AuditedAct::Order, now_ms()).with_detail(detail)]).await?;
        tracing::info!(by = actor.name(), created, changed, unchanged, failed = failed.len(), "orders were imported");
        Ok(Ok(report))
    }

    /// Creates an order, or changes it; sending the same again changes nothing. Gives the order as it is then, if it is there.
    pub async fn put_order(&self, actor: &Actor, order: Order, put: Put) -> Result<(OrderOutcome, Option<Order>), ArchiveError> {
        self.permit(actor, Act::ManageOrders)?;
        let accession_number = order.accession_number().to_owned();
        let outcome = self
            .ordering(actor, order.words.get(&OrderAttribute::PatientId), detail_of(&order))
            .put_order(&commit(order, put))
            .await?;
        // Accession numbers are kept out of the log as patient data are.
        tracing::info!(by = actor.name(), ?outcome, "an order was put");
        Ok((outcome, self.index.order(&accession_number).await?))
    }

    /// The index for a change of an order.
    fn ordering(&self, actor: &Actor, patient_id: Option<&String>, detail: String) -> Arc<dyn Index> {
        let event = AuditEvent::of(actor, AuditedAct::Order, now_ms()).with_detail(detail);
        self.recorded(AuditEvent { patient_id: patient_id.cloned(), ..event })
    }

    /// One order.
    pub async fn order(&self, actor: &Actor, accession_number: &str) -> Result<Order, ArchiveError> {
        self.permit(actor, Act::SearchOrders)?;
        self.index.order(accession_number).await?.ok_or(ArchiveError::NotFound)
    }

    /// Steps of orders, in the order of their beginning. Names and descriptions are compared without diacritics and case.
    pub async fn search_orders(&self, actor: &Actor, query: &OrderQuery) -> Result<Vec<ScheduledStep>, ArchiveError> {
        self.permit(actor, Act::SearchOrders)?;
        let keys = query.matches.iter().map(|(attribute, matching)| (attribute.name().to_owned(), matching));
        let typed = query.text.as_ref().map(|typed| Matching::Single(typed.plain.clone()));
        let detail = keys_of("orders", keys.chain(typed.iter().map(|typed| ("text".to_owned(), typed))));
        self.note(AuditEvent::of(actor, AuditedAct::Search, now_ms()).with_detail(detail));
        let mut query = query.clone();
        for (attribute, matching) in &mut query.matches {
            if attribute.is_folded() {
                fold(matching);
            }
        }
        if let Some(typed) = &mut query.text {
            typed.folded = text::fold(&typed.plain);
        }
        Ok(self.index.search_orders(&query).await?)
    }

    /// How the worklist is put to a caller.
    pub async fn worklist_options(&self, actor: &Actor) -> Result<WorklistOptions, ArchiveError> {
        self.permit(actor, Act::SearchOrders)?;
        let Actor::Peer { ae_title, .. } = actor else { return Ok(WorklistOptions::default()) };
        Ok(self.index.peer(ae_title).await?.map(|peer| peer.worklist).unwrap_or_default())
    }

    /// Cancels an order, unless a machine has begun with a step of it.
    pub async fn cancel_order(&self, actor: &Actor, accession_number: &str) -> Result<OrderOutcome, ArchiveError> {
        self.permit(actor, Act::ManageOrders)?;
        let outcome = self.ordering(actor, None, format!("{accession_number} cancelled")).cancel_order(accession_number).await?;
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
        self.permit(actor, Act::ManageOrders)?;
        let index = self.ordering(actor, None, format!("{accession_number} {}", status.as_str()));
        let steps = index.set_step_status(accession_number, step_id, status).await?;
        if steps > 0 { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// A machine says how far it is with a step (PS3.4 annex F, Modality Performed Procedure Step). How many steps it meant:
    /// 0 for work that nobody ordered.
    pub async fn perform_steps(&self, actor: &Actor, performed: &PerformedStep, status: StepStatus) -> Result<u64, ArchiveError> {
        self.permit(actor, Act::PerformOrders)?;
        Ok(self.index.perform_steps(performed, status).await?)
    }
}

/// What is written down of an order: its Accession Number.
fn detail_of(order: &Order) -> String {
    order.words.get(&OrderAttribute::AccessionNumber).cloned().unwrap_or_default()
}

fn commit(order: Order, put: Put) -> OrderCommit {
    let folded_steps = order.steps.iter().map(|step| folded(&step.words)).collect();
    OrderCommit { folded: folded(&order.words), folded_steps, put, at_ms: now_ms(), order }
}

fn folded(words: &Words) -> Words {
    let folded = words.iter().filter(|(attribute, _)| attribute.is_folded());
    folded.map(|(attribute, text): (&OrderAttribute, &String)| (*attribute, text::fold(text))).collect()
}
