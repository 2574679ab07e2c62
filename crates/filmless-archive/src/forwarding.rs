//! Forwarding: instances that go to other places by themselves.
//!
//! A job follows the change feed and holds what was stored against the rules; what is meant becomes a row for each
//! destination in the transaction that moves the mark, so nothing is missed and nothing goes twice. For each destination some
//! errands ([`errand`]) take rows and hand them to a courier, which speaks to it and says what became of each. A row that nobody
//! has settled when its time is over is taken by the next, in this process or in another: no crash loses one.

pub mod errand;
mod proof;
mod router;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use filmless_dicom::coercion::{PeerCoercion, WrongRule};
pub use filmless_index::ForwardSummary;
use filmless_index::{DestinationRow, IndexError};
use filmless_model::actor::{Act, Actor};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::audit::{AuditEvent, AuditedAct};
use filmless_model::commitment::AskedCommitment;
use filmless_model::forwarding::{Destination, ForwardState, ForwardingName, Rule, Target};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::archive::{Archive, ArchiveError};
use crate::authorize::Forbidden;
use crate::clock::{later, milliseconds, now_ms, pause};
use crate::forwarding::errand::{Errand, Pace, TAKEN_TOGETHER};
use crate::forwarding::router::CompiledRule;
pub use crate::forwarding::router::Routing;
use crate::retrieve::read_headers;

/// How often it is looked what is due, besides when something is put on its way.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is forgotten what was sent long ago.
const FORGET: Duration = Duration::from_hours(1);
/// What was sent so long ago is forgotten.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The first pause after a destination could not be sent to; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Why a destination or a rule is not as it must be.
#[derive(Debug, thiserror::Error)]
pub enum ForwardingError {
    /// It cannot be so; in words.
    #[error("{0}")]
    Wrong(String),
    /// A rule of coercion is none.
    #[error(transparent)]
    WrongRule(#[from] WrongRule),
    /// The act failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl From<IndexError> for ForwardingError {
    fn from(error: IndexError) -> Self {
        Self::Archive(error.into())
    }
}

impl From<Forbidden> for ForwardingError {
    fn from(forbidden: Forbidden) -> Self {
        Self::Archive(forbidden.into())
    }
}

/// A destination as it is listed.
#[derive(Debug, Clone)]
pub struct DestinationSummary {
    /// What it is, and how it goes with it.
    pub row: DestinationRow,
    /// How many instances are in each state.
    pub counts: BTreeMap<ForwardState, u64>,
}

/// Speaks to destinations of one kind.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Sends what the errand gives until it gives no more, and settles each. The error says why the destination cannot be sent
    /// to, in words; what was not settled is sent again.
    async fn deliver(&self, destination: &Destination, errand: &mut Errand) -> Result<(), String>;
}

/// Asks destinations to vouch for what they have taken (PS3.4 annex J, Storage Commitment).
#[async_trait]
pub trait Notary: Send + Sync {
    /// Asks a destination under a transaction. It answers when it likes, through [`Archive::take_answer`]. The error says why it
    /// cannot be asked, in words.
    async fn ask(&self, destination: &Destination, asked: &AskedCommitment) -> Result<(), String>;
}

/// Who speaks to which kind of destination.
#[derive(Clone)]
pub struct Couriers {
    /// To peers, about what they have taken.
    pub notary: Arc<dyn Notary>,
    /// To peers.
    pub peers: Arc<dyn Courier>,
    /// To web services.
    pub web: Arc<dyn Courier>,
}

impl Couriers {
    fn of(&self, target: &Target) -> &dyn Courier {
        match target {
            Target::Peer(_) => &*self.peers,
            Target::Web { .. } => &*self.web,
        }
    }
}

/// What is changed in what goes to a destination, for [`Archive::coerced`].
pub fn coercion(destination: &Destination) -> Result<Arc<PeerCoercion>, WrongRule> {
    PeerCoercion::of_rules(&destination.coercion).map(Arc::new)
}

impl Archive {
    /// Destinations, by name, with how much is on its way there.
    pub async fn destinations(&self, actor: &Actor) -> Result<Vec<DestinationSummary>, ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        let counts = self.index.forward_counts().await?;
        let rows = self.index.destinations(now_ms()).await?;
        let summary = |row: DestinationRow| {
            let of_row = ForwardState::ALL.into_iter().filter_map(|state| Some((state, *counts.get(&(row.key, state))?)));
            DestinationSummary { counts: of_row.collect(), row }
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    /// Adds a destination, or changes the one of that name. A secret that is not given again stays, unless it is to go to
    /// another address than before.
    pub async fn put_forwarding_destination(&self, actor: &Actor, mut destination: Destination) -> Result<(), ForwardingError> {
        self.permit(actor, Act::ManageForwarding)?;
        destination.check().map_err(ForwardingError::Wrong)?;
        coercion(&destination)?;
        if let Target::Web { url, authorization: secret @ None, .. } = &mut destination.target {
            let rows = self.index.destinations(now_ms()).await?;
            let known = rows.into_iter().find(|row| row.destination.name == destination.name);
            if let Some(Target::Web { url: known_url, authorization, .. }) = known.map(|row| row.destination.target)
                && known_url == *url
            {
                *secret = authorization;
            }
        }
        let detail = format!("forwarding destination {}", destination.name);
        self.administered(actor, detail).put_destination(&destination).await?;
        self.on_their_way.send_modify(|times| *times += 1);
        Ok(())
    }

    /// Removes a destination that no rule names, and all that is on its way there.
    pub async fn remove_forwarding_destination(&self, actor: &Actor, name: &ForwardingName) -> Result<(), ForwardingError> {
        self.permit(actor, Act::ManageForwarding)?;
        let rules = self.index.forwarding_rules().await?;
        if let Some(rule) = rules.iter().find(|rule| rule.destinations.contains(name)) {
            return Err(ForwardingError::Wrong(format!("the rule {} names it", rule.name)));
        }
        let removed = self.administered(actor, format!("forwarding destination {name} removed")).remove_destination(name).await?;
        if removed { Ok(()) } else { Err(ArchiveError::NotFound.into()) }
    }

    /// Rules, by name.
    pub async fn forwarding_rules(&self, actor: &Actor) -> Result<Vec<Rule>, ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        Ok(self.index.forwarding_rules().await?)
    }

    /// Adds a rule, or changes the one of that name. It is of what is stored from now on.
    pub async fn put_forwarding_rule(&self, actor: &Actor, rule: &Rule) -> Result<(), ForwardingError> {
        self.permit(actor, Act::ManageForwarding)?;
        CompiledRule::of(rule).map_err(ForwardingError::Wrong)?;
        let rows = self.index.destinations(now_ms()).await?;
        let is_known = |name: &&ForwardingName| rows.iter().any(|row| row.destination.name == **name);
        if let Some(unknown) = rule.destinations.iter().find(|name| !is_known(name)) {
            return Err(ForwardingError::Wrong(format!("there is no destination {unknown}")));
        }
        self.administered(actor, format!("forwarding rule {}", rule.name)).put_forwarding_rule(rule).await?;
        Ok(())
    }

    /// Removes a rule. What it put on its way stays so.
    pub async fn remove_forwarding_rule(&self, actor: &Actor, name: &ForwardingName) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        let index = self.administered(actor, format!("forwarding rule {name} removed"));
        if index.remove_forwarding_rule(name).await? { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Holds the newest `limit` changes against a rule, whether it is active or not: how many served instances were looked at,
    /// and which of them it means, newest last. Nothing is put on its way.
    pub async fn try_forwarding_rule(
        &self,
        actor: &Actor,
        rule: &Rule,
        limit: u32,
    ) -> Result<(u64, Vec<InstanceAddress>), ForwardingError> {
        self.permit(actor, Act::ManageForwarding)?;
        let compiled = CompiledRule::of(rule).map_err(ForwardingError::Wrong)?;
        let last = self.index.last_change().await?;
        let mut after = last.saturating_sub(limit.into()).max(0);
        let (mut looked_at, mut meant) = (0, Vec::new());
        loop {
            let changes = self.index.changed_headers(after, router::PAGE).await?;
            let Some(through) = changes.last().map(|change| change.sequence) else { return Ok((looked_at, meant)) };
            after = through;
            let headers: Vec<_> = changes.into_iter().filter_map(|change| change.served).map(router::split).collect();
            looked_at += headers.len() as u64;
            let rule = compiled.clone();
            let found =
                read_headers(headers, move |served, json| if rule.means(served, &json) { router::address(&json) } else { None });
            meant.extend(found.await?.into_iter().filter_map(|(_, address)| address));
        }
    }

    /// Puts what is stored of a resource on its way to a destination, whether or not it went there before; how many instances.
    pub async fn forward(&self, actor: &Actor, name: &ForwardingName, resource: &Resource) -> Result<u64, ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        let destination = self.forwarding_destination(name).await?;
        if self.index.instances(resource).await?.is_empty() {
            return Err(ArchiveError::NotFound);
        }
        let event = AuditEvent::of(actor, AuditedAct::Download, now_ms()).about(resource.study());
        let index = self.recorded(event.with_detail(format!("forwarding destination {name}")));
        let queued = index.queue_forwards(destination.key, resource, now_ms()).await?;
        self.on_their_way.send_modify(|times| *times += 1);
        Ok(queued)
    }

    /// Instances on their way to a destination, or that were, last first.
    pub async fn forwards(
        &self,
        actor: &Actor,
        name: &ForwardingName,
        state: ForwardState,
        limit: u32,
    ) -> Result<Vec<ForwardSummary>, ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        let destination = self.forwarding_destination(name).await?;
        Ok(self.index.forwards(destination.key, state, limit).await?)
    }

    /// Has what failed sent again, and what waits after trouble sent now; how many had failed.
    pub async fn retry_forwards(&self, actor: &Actor, name: &ForwardingName) -> Result<u64, ArchiveError> {
        self.permit(actor, Act::ManageForwarding)?;
        let destination = self.forwarding_destination(name).await?;
        let retried = self.index.retry_forwards(destination.key, now_ms()).await?;
        self.on_their_way.send_modify(|times| *times += 1);
        Ok(retried)
    }

    async fn forwarding_destination(&self, name: &ForwardingName) -> Result<DestinationRow, ArchiveError> {
        let rows = self.index.destinations(now_ms()).await?;
        rows.into_iter().find(|row| row.destination.name == *name).ok_or(ArchiveError::NotFound)
    }

    /// Sends what is on its way until `stop`.
    pub async fn send_forwards(self: Arc<Self>, couriers: Couriers, stop: CancellationToken) {
        let mut on_their_way = self.on_their_way.subscribe();
        let (mut look, mut forget) = (tokio::time::interval(LOOK), tokio::time::interval(FORGET));
        let mut dispatch = Dispatch {
            archive: self,
            couriers,
            stop: stop.clone(),
            paces: HashMap::new(),
            errands: HashMap::new(),
            under_way: JoinSet::new(),
        };
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = dispatch.under_way.join_next() => if let Ok((errand, settled)) = ended {
                    dispatch.ended(errand);
                    if settled > 0 {
                        look.reset_immediately();
                    }
                },
                Ok(()) = on_their_way.changed() => dispatch.look().await,
                _ = look.tick() => dispatch.look().await,
                _ = forget.tick() => dispatch.forget().await,
            }
        }
        while dispatch.under_way.join_next().await.is_some() {}
    }
}

/// Errands under way, and what they share.
struct Dispatch {
    archive: Arc<Archive>,
    couriers: Couriers,
    stop: CancellationToken,
    paces: HashMap<i64, Arc<Pace>>,
    /// How many errands go to each destination.
    errands: HashMap<(i64, Purpose), usize>,
    /// Each ends with its destination, and how many instances it settled.
    under_way: JoinSet<((i64, Purpose), u64)>,
}

/// What for somebody goes to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Purpose {
    /// To send instances.
    Send,
    /// To have it vouch for some.
    Prove,
}

impl Dispatch {
    fn ended(&mut self, errand: (i64, Purpose)) {
        if let Some(errands) = self.errands.get_mut(&errand) {
            *errands = errands.saturating_sub(1);
        }
    }

    async fn forget(&self) {
        let before_ms = now_ms().saturating_sub(milliseconds(KEPT));
        if let Err(error) = self.archive.index.forget_forwards(before_ms).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot forget what was forwarded long ago");
        }
    }

    /// Sends errands to where something is due.
    async fn look(&mut self) {
        let now_ms = now_ms();
        let rows = match self.archive.index.destinations(now_ms).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot look what is to be forwarded");
                return;
            }
        };
        for row in rows {
            let is_time = row.destination.hours.is_none_or(|hours| hours.contain(now_ms));
            if !row.destination.active || row.next_ms > now_ms || !is_time {
                continue;
            }
            if row.due_proofs > 0 {
                self.prove(&row);
            }
            if row.due == 0 {
                continue;
            }
            let under_way = self.errands.entry((row.key, Purpose::Send)).or_default();
            // After trouble one finds out whether it is over. One that is under way takes what comes meanwhile.
            let useful = usize::try_from(row.due.div_ceil(TAKEN_TOGETHER.into())).unwrap_or(usize::MAX);
            let allowed = if row.failures > 0 { 1 } else { usize::from(row.destination.parallel).min(useful) };
            let pace = self.paces.entry(row.key).or_default().clone();
            pace.set(row.destination.bytes_per_second);
            for _ in *under_way..allowed {
                *under_way += 1;
                let (archive, couriers, stop) = (self.archive.clone(), self.couriers.clone(), self.stop.clone());
                let (row, pace) = (row.clone(), pace.clone());
                self.under_way.spawn(async move { ((row.key, Purpose::Send), run(archive, couriers, row, pace, stop).await) });
            }
        }
    }

    /// Has a destination vouch for what is due, unless somebody is there for that already.
    fn prove(&mut self, row: &DestinationRow) {
        let errand = (row.key, Purpose::Prove);
        let under_way = self.errands.entry(errand).or_default();
        if *under_way > 0 {
            return;
        }
        *under_way = 1;
        let (archive, notary, row) = (self.archive.clone(), self.couriers.notary.clone(), row.clone());
        self.under_way.spawn(async move {
            let destination = row.destination.name.as_str();
            let settled = proof::run(&archive, &row, &*notary).await.unwrap_or_else(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, destination, "cannot have it proven what was forwarded");
                0
            });
            (errand, settled)
        });
    }
}

/// Runs an errand to its end; how many instances were sent.
async fn run(archive: Arc<Archive>, couriers: Couriers, row: DestinationRow, pace: Arc<Pace>, stop: CancellationToken) -> u64 {
    let destination = row.destination.name.as_str();
    let done = match errand::run(&archive, &row, couriers.of(&row.destination.target), pace, stop).await {
        Ok(done) => done,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, destination, "cannot forward");
            return 0;
        }
    };
    if let Some(trouble) = done.trouble {
        let failures = if done.sent > 0 { 1 } else { row.failures.saturating_add(1) };
        let pause = pause(FIRST_PAUSE, failures - 1, LONGEST_PAUSE);
        tracing::warn!(destination, failures, trouble, pause_seconds = pause.as_secs(), "a destination cannot be sent to");
        note(&archive, row.key, failures, Some(&trouble), later(pause)).await;
        return 0;
    }
    if row.failures > 0 && done.sent > 0 {
        tracing::info!(destination, "a destination can be sent to again");
        note(&archive, row.key, 0, None, 0).await;
    }
    done.sent
}

async fn note(archive: &Archive, key: i64, failures: u32, trouble: Option<&str>, next_ms: i64) {
    if let Err(error) = archive.index.note_destination(key, failures, trouble, next_ms).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep how it goes with a destination");
    }
}
