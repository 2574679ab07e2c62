//! The part of the index that forwarding is: destinations, rules, and what is on its way.

pub(crate) mod proofs;
mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::forwarding::{Destination, ForwardState, ForwardingName, Rule};
use filmless_model::uid::TransactionUid;

use crate::error::IndexError;
use crate::index::StoredInstance;
use crate::sql_index::SqlIndex;

/// A destination, and how it goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationRow {
    /// Its number.
    pub key: i64,
    /// Where it is, and how it is sent to.
    pub destination: Destination,
    /// How often in a row it could not be sent to.
    pub failures: u32,
    /// Why the last time.
    pub trouble: Option<String>,
    /// Nothing is sent before, in milliseconds since 1970-01-01T00:00:00Z.
    pub next_ms: i64,
    /// How many instances are due to be sent, or some thousands if it is more.
    pub due: u64,
    /// The same of those that it is to vouch for.
    pub due_proofs: u64,
}

/// What a page of the feed put on its way.
#[derive(Debug, Clone)]
pub struct Routed {
    /// Rules were held against the feed as far as this.
    pub from: i64,
    /// They are as far as this now.
    pub through: i64,
    /// Keys of destinations and versions.
    pub forwards: Vec<(i64, i64)>,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
}

/// Who takes what is due, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Taking {
    /// The key of the destination.
    pub destination: i64,
    /// Waiting or unproven.
    pub state: ForwardState,
    /// The number of who takes it; not 0.
    pub taken_by: i64,
    /// What is due now, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// It is had until then, in the same unit.
    pub until_ms: i64,
    /// At most so many.
    pub limit: u32,
}

/// An instance on its way to a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// Its number.
    pub key: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// How often the destination was asked to vouch for it, since it was sent last.
    pub asked: u32,
    /// The transaction that it was asked under last.
    pub transaction: Option<TransactionUid>,
    /// The instance.
    pub instance: StoredInstance,
}

/// What became of an instance on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledForward {
    /// Its number.
    pub key: i64,
    /// How far it is.
    pub state: ForwardState,
    /// What is wrong, if anything.
    pub trouble: Option<String>,
    /// When it is due again, or when it ended, in milliseconds since 1970-01-01T00:00:00Z.
    pub next_ms: i64,
}

/// An instance on its way, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardSummary {
    /// Its number.
    pub key: i64,
    /// The instance.
    pub address: InstanceAddress,
    /// How often it was tried.
    pub attempts: u32,
    /// What is wrong, if anything.
    pub trouble: Option<String>,
    /// When it was put on its way, in milliseconds since 1970-01-01T00:00:00Z.
    pub queued_ms: i64,
    /// When it is due, or when it ended, in the same unit.
    pub at_ms: i64,
}

/// Destinations, rules, and what is on its way. Writes are durable when they return.
#[async_trait]
pub trait ForwardingIndex: Send + Sync + 'static {
    /// Destinations, by name, with what is due there at `now_ms`.
    async fn destinations(&self, now_ms: i64) -> Result<Vec<DestinationRow>, IndexError>;

    /// How many instances each destination has in each state, by its key.
    async fn forward_counts(&self) -> Result<BTreeMap<(i64, ForwardState), u64>, IndexError>;

    /// Adds a destination or changes the one of that name; what was wrong with it is forgotten.
    async fn put_destination(&self, destination: &Destination) -> Result<(), IndexError>;

    /// Removes a destination and all that is on its way there; false if there is none.
    async fn remove_destination(&self, name: &ForwardingName) -> Result<bool, IndexError>;

    /// Says how it went with a destination: how often it failed in a row, why, and that nothing is sent before `next_ms`.
    async fn note_destination(&self, key: i64, failures: u32, trouble: Option<&str>, next_ms: i64) -> Result<(), IndexError>;

    /// Rules, by name.
    async fn forwarding_rules(&self) -> Result<Vec<Rule>, IndexError>;

    /// Adds a rule or changes the one of that name.
    async fn put_forwarding_rule(&self, rule: &Rule) -> Result<(), IndexError>;

    /// Removes a rule; false if there is none.
    async fn remove_forwarding_rule(&self, name: &ForwardingName) -> Result<bool, IndexError>;

    /// The last change that rules were held against.
    async fn routed_through(&self) -> Result<i64, IndexError>;

    /// Puts on their way what a page of the feed has, and keeps how far it was read; false if another process was first, and
    /// nothing is kept. A version that went to a destination before does not go there again.
    async fn route(&self, page: &Routed) -> Result<bool, IndexError>;

    /// Puts the served versions of a resource on their way to a destination, also those that went there or failed before; how
    /// many.
    async fn queue_forwards(&self, destination: i64, resource: &Resource, now_ms: i64) -> Result<u64, IndexError>;

    /// Takes what has been due longest. What is not served any more is taken off its way.
    async fn take_forwards(&self, taking: Taking) -> Result<Vec<Forward>, IndexError>;

    /// Goes on having these until `until_ms`, or gives them back if that is now; how many of them are still had.
    async fn keep_forwards(&self, taken_by: i64, keys: &[i64], until_ms: i64) -> Result<u64, IndexError>;

    /// Keeps the transaction that a destination is about to be asked under to vouch for some of those that are had. They are
    /// nobody's then, and due again at `next_ms`, or when it has answered.
    async fn ask_for_forwards(
        &self,
        taken_by: i64,
        keys: &[i64],
        transaction: &TransactionUid,
        next_ms: i64,
    ) -> Result<(), IndexError>;

    /// Keeps that a destination was asked under a transaction, or why it could not be: what is about to be due at the time that
    /// was kept then, since it has not answered, is due at `next_ms`.
    async fn postpone_proof(&self, asked: (&TransactionUid, i64), trouble: Option<&str>, next_ms: i64) -> Result<(), IndexError>;

    /// Keeps what became of some of those that are had; of others it is not kept.
    async fn settle_forwards(&self, taken_by: i64, settled: &[SettledForward]) -> Result<(), IndexError>;

    /// Instances on their way to a destination, in a state, last due first.
    async fn forwards(&self, destination: i64, state: ForwardState, limit: u32) -> Result<Vec<ForwardSummary>, IndexError>;

    /// Has what failed on its way to a destination sent again, and what waits because of trouble sent now; how many failed.
    async fn retry_forwards(&self, destination: i64, now_ms: i64) -> Result<u64, IndexError>;

    /// Forgets what was sent before `before_ms`, and says how many.
    async fn forget_forwards(&self, before_ms: i64) -> Result<u64, IndexError>;
}

#[async_trait]
impl ForwardingIndex for SqlIndex {
    async fn destinations(&self, now_ms: i64) -> Result<Vec<DestinationRow>, IndexError> {
        statements::destinations(&self.connections, now_ms).await
    }

    async fn forward_counts(&self) -> Result<BTreeMap<(i64, ForwardState), u64>, IndexError> {
        statements::counts(&self.connections).await
    }

    async fn put_destination(&self, destination: &Destination) -> Result<(), IndexError> {
        let destination = Arc::new(destination.clone());
        self.write(move |connection| {
            let destination = destination.clone();
            Box::pin(async move { statements::put_destination(connection, &destination).await })
        })
        .await
    }

    async fn remove_destination(&self, name: &ForwardingName) -> Result<bool, IndexError> {
        let name = Arc::new(name.clone());
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { statements::remove_destination(connection, &name).await })
        })
        .await
    }

    async fn note_destination(&self, key: i64, failures: u32, trouble: Option<&str>, next_ms: i64) -> Result<(), IndexError> {
        let trouble: Option<Arc<str>> = trouble.map(Into::into);
        self.write(move |connection| {
            let trouble = trouble.clone();
            Box::pin(async move { statements::note_destination(connection, key, failures, trouble.as_deref(), next_ms).await })
        })
        .await
    }

    async fn forwarding_rules(&self) -> Result<Vec<Rule>, IndexError> {
        statements::rules(&self.connections).await
    }

    async fn put_forwarding_rule(&self, rule: &Rule) -> Result<(), IndexError> {
        let rule = Arc::new(rule.clone());
        self.write(move |connection| {
            let rule = rule.clone();
            Box::pin(async move { statements::put_rule(connection, &rule).await })
        })
        .await
    }

    async fn remove_forwarding_rule(&self, name: &ForwardingName) -> Result<bool, IndexError> {
        let name = Arc::new(name.clone());
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { statements::remove_rule(connection, &name).await })
        })
        .await
    }

    async fn routed_through(&self) -> Result<i64, IndexError> {
        statements::routed_through(&self.connections).await
    }

    async fn route(&self, page: &Routed) -> Result<bool, IndexError> {
        let (engine, page) = (self.engine(), Arc::new(page.clone()));
        self.write(move |connection| {
            let page = page.clone();
            Box::pin(async move { statements::route(engine, connection, &page).await })
        })
        .await
    }

    async fn queue_forwards(&self, destination: i64, resource: &Resource, now_ms: i64) -> Result<u64, IndexError> {
        let resource = Arc::new(resource.clone());
        self.write(move |connection| {
            let resource = resource.clone();
            Box::pin(async move { statements::queue(connection, destination, &resource, now_ms).await })
        })
        .await
    }

    async fn take_forwards(&self, taking: Taking) -> Result<Vec<Forward>, IndexError> {
        let engine = self.engine();
        self.write(move |connection| Box::pin(statements::take(engine, connection, taking))).await
    }

    async fn keep_forwards(&self, taken_by: i64, keys: &[i64], until_ms: i64) -> Result<u64, IndexError> {
        let (engine, keys): (_, Arc<[i64]>) = (self.engine(), keys.into());
        self.write(move |connection| {
            let keys = keys.clone();
            Box::pin(async move { statements::keep(engine, connection, taken_by, &keys, until_ms).await })
        })
        .await
    }

    async fn ask_for_forwards(
        &self,
        taken_by: i64,
        keys: &[i64],
        transaction: &TransactionUid,
        next_ms: i64,
    ) -> Result<(), IndexError> {
        let (engine, asked): (_, Arc<(Vec<i64>, TransactionUid)>) =
            (self.engine(), Arc::new((keys.to_vec(), transaction.clone())));
        self.write(move |connection| {
            let asked = asked.clone();
            Box::pin(async move { proofs::ask(engine, connection, taken_by, &asked.0, &asked.1, next_ms).await })
        })
        .await
    }

    async fn postpone_proof(
        &self,
        (transaction, due_ms): (&TransactionUid, i64),
        trouble: Option<&str>,
        next_ms: i64,
    ) -> Result<(), IndexError> {
        let said = Arc::new((transaction.clone(), trouble.map(str::to_owned)));
        self.write(move |connection| {
            let said = said.clone();
            Box::pin(async move { proofs::postpone(connection, (&said.0, due_ms), said.1.as_deref(), next_ms).await })
        })
        .await
    }

    async fn settle_forwards(&self, taken_by: i64, settled: &[SettledForward]) -> Result<(), IndexError> {
        let (engine, settled): (_, Arc<[_]>) = (self.engine(), settled.into());
        self.write(move |connection| {
            let settled = settled.clone();
            Box::pin(async move { statements::settle(engine, connection, taken_by, &settled).await })
        })
        .await
    }

    async fn forwards(&self, destination: i64, state: ForwardState, limit: u32) -> Result<Vec<ForwardSummary>, IndexError> {
        statements::list(&self.connections, destination, state, limit).await
    }

    async fn retry_forwards(&self, destination: i64, now_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| Box::pin(statements::retry(connection, destination, now_ms))).await
    }

    async fn forget_forwards(&self, before_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| Box::pin(statements::forget(connection, before_ms))).await
    }
}
