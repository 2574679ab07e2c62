//! Holds what was stored against the rules, behind the change feed.

use std::collections::HashMap;

use filmless_dicom::condition::HeaderCondition;
use filmless_dicom::json_attributes::attributes;
use filmless_index::{Routed, ServedHeader};
use filmless_model::actor::Actor;
use filmless_model::address::InstanceAddress;
use filmless_model::attribute::Tag;
use filmless_model::forwarding::{ForwardingName, Hours, Rule, Target};
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};

use crate::archive::{Archive, ArchiveError};
use crate::clock::now_ms;
use crate::retrieve::read_headers;

/// Changes that are read together. It bounds how long stores wait for what is written then.
pub(super) const PAGE: u32 = 64;

/// A rule whose attributes were looked up.
#[derive(Debug, Clone)]
pub(super) struct CompiledRule {
    /// Who stores, as versions name it.
    sources: Vec<String>,
    conditions: Vec<HeaderCondition>,
    hours: Option<Hours>,
    destinations: Vec<ForwardingName>,
}

impl CompiledRule {
    /// The error says what is wrong with the rule.
    pub(super) fn of(rule: &Rule) -> Result<Self, String> {
        rule.check()?;
        Ok(Self {
            sources: rule.peers.iter().map(Actor::source_of_peer).collect(),
            conditions: rule.conditions.iter().map(HeaderCondition::of).collect::<Result<_, _>>()?,
            hours: rule.hours,
            destinations: rule.destinations.clone(),
        })
    }

    /// Whether it means an instance with this header.
    pub(super) fn means(&self, served: &Served, json: &[u8]) -> bool {
        (self.sources.is_empty() || self.sources.contains(&served.source))
            && self.hours.is_none_or(|hours| hours.contain(served.stored_ms))
            && self.conditions.iter().all(|condition| condition.fits(json))
    }
}

/// A served version, without its header.
pub(super) struct Served {
    version: i64,
    source: String,
    stored_ms: i64,
}

/// A served version, and its header apart.
pub(super) fn split(served: ServedHeader) -> (Served, Vec<u8>) {
    let ServedHeader { version, source, stored_ms, dicom_json, .. } = served;
    (Served { version, source, stored_ms }, dicom_json)
}

/// What a header says it belongs to.
pub(super) fn address(json: &[u8]) -> Option<InstanceAddress> {
    let uid = |tag: Tag| {
        let found = attributes(json).find(|attribute| attribute.tag == tag)?;
        let element: serde_json::Value = serde_json::from_slice(found.value()).ok()?;
        element["Value"][0].as_str().map(str::to_owned)
    };
    Some(InstanceAddress {
        study: StudyInstanceUid::parse(&uid(Tag(0x0020, 0x000D))?).ok()?,
        series: SeriesInstanceUid::parse(&uid(Tag(0x0020, 0x000E))?).ok()?,
        instance: SopInstanceUid::parse(&uid(Tag(0x0008, 0x0018))?).ok()?,
    })
}

/// How far rules were held against the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// A page was read, and there may be more.
    Page,
    /// The feed is read to its end.
    UpToDate,
    /// There is no active rule, and the feed counts as read: rules are of what is stored later.
    NoRules,
}

impl Archive {
    /// Holds the next page of changes against the active rules.
    pub async fn route_changes(&self) -> Result<Routing, ArchiveError> {
        let (from, last) = (self.index.routed_through().await?, self.index.last_change().await?);
        if from >= last {
            return Ok(Routing::UpToDate);
        }
        let mut rules = self.index.forwarding_rules().await?;
        rules.retain(|rule| rule.active);
        if rules.is_empty() {
            let page = Routed { from, through: last, forwards: Vec::new(), now_ms: now_ms() };
            self.index.route(&page).await?;
            return Ok(Routing::NoRules);
        }
        // What an earlier version of this program let pass, and this one does not understand, means nothing.
        let rules: Vec<_> = rules.iter().filter_map(|rule| CompiledRule::of(rule).ok()).collect();
        let rows = self.index.destinations(now_ms()).await?;
        let mut keys = HashMap::new();
        let mut peers = HashMap::new();
        for row in rows {
            if let Target::Peer(ae_title) = &row.destination.target {
                peers.insert(row.key, Actor::source_of_peer(ae_title));
            }
            keys.insert(row.destination.name, row.key);
        }
        let changes = self.index.changed_headers(from, PAGE).await?;
        let Some(through) = changes.last().map(|change| change.sequence) else { return Ok(Routing::UpToDate) };
        let headers = changes.into_iter().filter_map(|change| change.served).map(split).collect();
        let meant = move |served: &Served, json: Vec<u8>| -> Vec<i64> {
            let rules = rules.iter().filter(|rule| rule.means(served, &json));
            let destinations = rules.flat_map(|rule| &rule.destinations).filter_map(|name| keys.get(name).copied());
            // Nothing goes back to where it came from.
            destinations.filter(|key| peers.get(key) != Some(&served.source)).collect()
        };
        let found = read_headers(headers, meant).await?;
        let forwards: Vec<_> = found
            .iter()
            .flat_map(|(served, destinations)| destinations.iter().map(|destination| (*destination, served.version)))
            .collect();
        let is_any = !forwards.is_empty();
        // Where another process was first, the next look at the mark tells.
        if self.index.route(&Routed { from, through, forwards, now_ms: now_ms() }).await? && is_any {
            self.on_their_way.send_modify(|times| *times += 1);
        }
        Ok(Routing::Page)
    }
}
