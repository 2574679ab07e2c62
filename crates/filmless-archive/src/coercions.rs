//! What is done with what peers send: the rules, as of a moment ago for the store act, and what they would do to stored
//! instances. What is stored by other doors comes from people, and stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use filmless_dicom::coercion::{PeerCoercion, coercion_after, effects};
use filmless_dicom::header::{Gathered, HeaderLimits, HeaderReader};
use filmless_index::{Index, IndexError, StoredInstance};
use filmless_model::actor::{Act, Actor};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::{Attribute, Tag};
use filmless_model::coercion::{CharacterSetRepair, Coercion};
use filmless_model::uid::{StudyInstanceUid, TransferSyntaxUid};

use crate::archive::{Archive, ArchiveError};
use crate::pixels::{blocking, undecodable};

/// Another process may have changed the rules: they are read again after so long.
const FRESH: Duration = Duration::from_secs(1);
/// A preview looks at so many instances at most.
pub const MAX_PREVIEWED: usize = 50;

/// What is done with the instances of one peer.
#[derive(Debug)]
pub(crate) struct Effective {
    pub(crate) coercion: PeerCoercion,
    /// What its rules look at, in order.
    pub(crate) wanted: Arc<[Tag]>,
}

impl Effective {
    /// The rules for all peers, then the peer's own. Its character set goes before that of all.
    fn of(all: &PeerCoercion, own: &PeerCoercion) -> Option<Arc<Self>> {
        let rules = all.rules.iter().chain(&own.rules).cloned().collect();
        let coercion = PeerCoercion { character_set: own.character_set.or(all.character_set), rules };
        let wanted = coercion.wanted();
        (!coercion.is_nothing()).then(|| Arc::new(Self { coercion, wanted }))
    }
}

/// The rules of all peers, as they were read a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Coercions(RwLock<Option<Known>>);

#[derive(Debug, Clone)]
struct Known {
    read: Instant,
    others: Option<Arc<Effective>>,
    peers: Arc<HashMap<AeTitle, Option<Arc<Effective>>>>,
}

impl Known {
    fn of(&self, peer: &AeTitle) -> Option<Arc<Effective>> {
        self.peers.get(peer).unwrap_or(&self.others).clone()
    }
}

impl Coercions {
    /// What is done with what an actor sends.
    pub(crate) async fn of(&self, index: &dyn Index, actor: &Actor) -> Result<Option<Arc<Effective>>, IndexError> {
        let Actor::Peer { ae_title, .. } = actor else { return Ok(None) };
        if let Some(known) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && known.read.elapsed() < FRESH
        {
            return Ok(known.of(ae_title));
        }
        let known = read(index).await?;
        let found = known.of(ae_title);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(found)
    }

    fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

async fn read(index: &dyn Index) -> Result<Known, IndexError> {
    let read = Instant::now();
    let mut written = definitions(index).await?;
    let all = written.remove(&None).unwrap_or_default();
    let peers = written.into_iter().filter_map(|(peer, own)| Some((peer?, Effective::of(&all, &own))));
    Ok(Known { read, others: Effective::of(&all, &PeerCoercion::default()), peers: Arc::new(peers.collect()) })
}

async fn definitions(index: &dyn Index) -> Result<BTreeMap<Option<AeTitle>, PeerCoercion>, IndexError> {
    let corrupt = |_| IndexError::Corrupt("rules of coercion are not those of this version".to_owned());
    let rows = index.coercions().await?;
    rows.into_iter().map(|(peer, text)| Ok((peer, PeerCoercion::from_json(&text).map_err(corrupt)?))).collect()
}

/// What a preview looks at.
#[derive(Debug, Clone)]
pub enum PreviewOf {
    /// The instances of a study.
    Study(StudyInstanceUid),
    /// What came last from a peer.
    LastOf(AeTitle, u32),
}

/// What would become of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoercionPreview {
    /// Which.
    pub address: InstanceAddress,
    /// In the order in which it happens.
    pub changes: Vec<PreviewedChange>,
}

/// What would become of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedChange {
    /// By which rule; by none where its text is read in another character set.
    pub rule: Option<usize>,
    /// Which.
    pub attribute: Tag,
    /// What is there.
    pub before: Option<String>,
    /// What would be there.
    pub after: Option<String>,
}

impl Archive {
    /// What is done with the instances of each peer; what no peer is named for is done with all.
    pub async fn coercions(&self, actor: &Actor) -> Result<BTreeMap<Option<AeTitle>, PeerCoercion>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(definitions(&*self.index).await?)
    }

    /// What is done with the instances of a peer, what is done with all included.
    pub async fn coercion_of(&self, actor: &Actor, peer: Option<&AeTitle>) -> Result<PeerCoercion, ArchiveError> {
        let mut written = self.coercions(actor).await?;
        let all = written.remove(&None).unwrap_or_default();
        let own = written.remove(&peer.cloned()).unwrap_or_default();
        Ok(Effective::of(&all, &own).map(|effective| effective.coercion.clone()).unwrap_or_default())
    }

    /// Says what is done with what a peer sends from now on, or all peers. What is stored already stays as it is.
    pub async fn put_coercion(&self, actor: &Actor, peer: Option<&AeTitle>, coercion: &PeerCoercion) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        let index = self.administered(actor, format!("coercion of {}", peer.map_or("all peers", AeTitle::as_str)));
        if coercion.is_nothing() {
            index.remove_coercion(peer).await?;
        } else {
            index.put_coercion(peer, &coercion.to_json()).await?;
        }
        self.coercions.forget();
        Ok(())
    }

    /// What rules would make of stored instances, of [`MAX_PREVIEWED`] at most; nothing is kept.
    pub async fn preview_coercion(
        &self,
        actor: &Actor,
        coercion: PeerCoercion,
        of: PreviewOf,
    ) -> Result<Vec<CoercionPreview>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        let mut instances = match of {
            PreviewOf::Study(study) => self.index.instances(&Resource::Study(study)).await?,
            PreviewOf::LastOf(peer, count) => self.index.last_of_source(&format!("dimse:{peer}"), count).await?,
        };
        instances.truncate(MAX_PREVIEWED);
        let coercion = Arc::new(coercion);
        let mut previews = Vec::with_capacity(instances.len());
        for instance in instances {
            previews.push(self.preview(instance, coercion.clone()).await?);
        }
        Ok(previews)
    }

    async fn preview(&self, instance: StoredInstance, coercion: Arc<PeerCoercion>) -> Result<CoercionPreview, ArchiveError> {
        let bytes = self.stored_head(&instance).await?;
        let (syntax, limits) = (instance.version.transfer_syntax, self.limits.header.clone());
        let changes = blocking(move || {
            let of_people =
                [Attribute::PatientName, Attribute::StudyDescription, Attribute::SeriesDescription].map(Attribute::tag);
            let wanted: BTreeSet<_> = coercion.wanted().iter().copied().chain(of_people).collect();
            let wanted: Arc<[Tag]> = wanted.into_iter().collect();
            let gathered = |repair| gathered(&bytes, &syntax, &limits, repair, wanted.clone());
            let (sent, read) = (gathered(None)?, gathered(coercion.character_set)?);
            let text = |gathered: &Gathered, tag: &Tag| gathered.texts.get(tag).cloned();
            let differ = wanted.iter().filter(|tag| text(&sent, tag) != text(&read, tag));
            let repaired = differ.map(|tag| PreviewedChange {
                rule: None,
                attribute: *tag,
                before: text(&sent, tag),
                after: text(&read, tag),
            });
            let by_rules = effects(&coercion, &read.texts).into_iter().map(|effect| PreviewedChange {
                rule: Some(effect.rule),
                attribute: effect.attribute,
                before: effect.before,
                after: effect.after,
            });
            Ok(repaired.chain(by_rules).collect())
        });
        Ok(CoercionPreview { address: instance.address, changes: changes.await? })
    }

    /// An instance as further rules show it, those of the place that it goes to: they work on what is shown of it here.
    pub async fn coerced(
        &self,
        mut instance: StoredInstance,
        coercion: &Arc<PeerCoercion>,
    ) -> Result<StoredInstance, ArchiveError> {
        if coercion.rules.is_empty() {
            return Ok(instance);
        }
        let bytes = self.stored_head(&instance).await?;
        let (syntax, limits) = (instance.version.transfer_syntax.clone(), self.limits.header.clone());
        let shown = instance.version.coercion.take().map_or_else(Coercion::default, |shown| *shown);
        let coercion = coercion.clone();
        let coerced = blocking(move || {
            let wanted: BTreeSet<_> = coercion.wanted().iter().chain(shown.changed.keys()).copied().collect();
            let gathered = gathered(&bytes, &syntax, &limits, shown.character_set, wanted.into_iter().collect())?;
            Ok(coercion_after(shown, &coercion, &gathered))
        });
        let coerced = coerced.await?;
        instance.version.coercion = (!coerced.is_nothing()).then(|| Box::new(coerced));
        Ok(instance)
    }
}

/// The wanted texts of a stored header.
fn gathered(
    head: &[u8],
    syntax: &TransferSyntaxUid,
    limits: &HeaderLimits,
    repair: Option<CharacterSetRepair>,
    wanted: Arc<[Tag]>,
) -> Result<Gathered, ArchiveError> {
    let mut reader = HeaderReader::new(syntax, 0, limits.clone()).gathering(repair, wanted);
    reader.push(head).map_err(undecodable)?;
    Ok(reader.gathered())
}
