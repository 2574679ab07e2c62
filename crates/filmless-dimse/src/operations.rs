//! The operations of an association: which are under way while the next message arrives, and what became of all.
//!
//! Several are under way only within the window that was agreed on (PS3.7 section D.3.3.3, Asynchronous Operations Window),
//! and only stores: an instance is made durable while the next one arrives.

use std::collections::HashSet;

use filmless_model::uid::SopInstanceUid;
use futures::future::BoxFuture;
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

use crate::command::{CommandField, CommandTag};
use crate::message::Message;
use crate::status::Status;

/// An operation that is over.
#[derive(Debug)]
pub(crate) struct Concluded {
    pub(crate) field: CommandField,
    pub(crate) status: Status,
    /// Its last response, as it is sent.
    pub(crate) response: Vec<u8>,
}

/// What an association did, for the log.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    pub(crate) refused: u64,
}

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Operations {
    /// So many may be under way.
    window: usize,
    under_way: JoinSet<(SopInstanceUid, Concluded)>,
    instances: HashSet<SopInstanceUid>,
    pub(crate) tally: Tally,
}

impl Operations {
    pub(crate) fn new(window: usize) -> Self {
        Self { window, under_way: JoinSet::new(), instances: HashSet::new(), tally: Tally::default() }
    }

    /// Whether an operation may go on while the next message arrives.
    pub(crate) fn may_overlap(&self) -> bool {
        self.window > 1
    }

    /// Whether a message may be acted on beside what is under way. A store of an instance that is being stored has to wait, as
    /// the later is to be the later, and so has everything that is no store.
    pub(crate) fn admits(&self, message: &Message) -> bool {
        let instance = || message.command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID);
        let is_store = message.command.field() == Some(CommandField::C_STORE_RQ);
        self.under_way.is_empty()
            || is_store
                && self.under_way.len() < self.window
                && instance().is_none_or(|uid| !self.instances.iter().any(|stored| stored.as_str() == uid))
    }

    /// Puts a store under way.
    pub(crate) fn begin(&mut self, instance: SopInstanceUid, store: BoxFuture<'static, Concluded>) {
        self.instances.insert(instance.clone());
        self.under_way.spawn(async move { (instance, store.await) }.in_current_span());
    }

    /// The next that is over, in whatever order they end; `None` if none is under way. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Result<Concluded, JoinError>> {
        let ended = self.under_way.join_next().await?;
        Some(ended.map(|(instance, concluded)| {
            self.instances.remove(&instance);
            concluded
        }))
    }

    /// Counts an operation that is over.
    pub(crate) fn count(&mut self, Concluded { field, status, .. }: &Concluded) {
        self.tally.operations += 1;
        self.tally.refused += u64::from(!status.is_success());
        let code = format!("{:04X}", status.code());
        metrics::counter!("filmless_dimse_operations_total", "operation" => field.name(), "status" => code).increment(1);
    }
}
