//! Forwarding to peers: C-STORE on associations of ours, one after the other, the next instance opened while the peer stores one.

use std::sync::Arc;

use async_trait::async_trait;
use filmless_archive::forwarding::errand::{Errand, Outcome};
use filmless_archive::forwarding::{self, Courier, Notary};
use filmless_archive::{Archive, ArchiveError};
use filmless_dicom::coercion::PeerCoercion;
use filmless_index::{Forward, StoredInstance};
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::AskedCommitment;
use filmless_model::forwarding::{Destination, Target};

use crate::outgoing::{self, MEDIUM, Ready, StorageContext, StoreRequest, Stored, Unsendable};
use crate::requester::{Association, Proposal, RemoteNode, RequestError, Requester};
use crate::status::Meaning;

/// Forwards to peers.
pub struct PeerCourier {
    archive: Arc<Archive>,
    requester: Requester,
}

impl PeerCourier {
    /// Calls peers by `requester`.
    pub fn new(archive: Arc<Archive>, requester: Requester) -> Self {
        Self { archive, requester }
    }

    async fn node(&self, ae_title: &AeTitle) -> Result<RemoteNode, String> {
        let peer = self.archive.destination(&Actor::Operator, ae_title).await.map_err(|error| error.to_string())?;
        let peer = peer.ok_or_else(|| format!("there is no peer {ae_title}"))?;
        RemoteNode::of(&peer).ok_or_else(|| format!("the peer {ae_title} has no address or no port"))
    }
}

#[async_trait]
impl Courier for PeerCourier {
    async fn deliver(&self, destination: &Destination, errand: &mut Errand) -> Result<(), String> {
        let Target::Peer(ae_title) = &destination.target else { return Err("the destination is no peer".to_owned()) };
        let node = self.node(ae_title).await?;
        let coercion = forwarding::coercion(destination).map_err(|error| error.to_string())?;
        while let Some(first) = errand.next().await {
            let known: Vec<_> = std::iter::once(&first.instance).chain(errand.waiting()).cloned().collect();
            let together = outgoing::batch(&known, &node.transfer_syntaxes);
            let proposals = outgoing::proposals(&known[..together], &node.transfer_syntaxes);
            if proposals.is_empty() {
                errand
                    .settle(&first, Outcome::Never("none of the transfer syntaxes set for the peer can be sent".to_owned()))
                    .await;
                continue;
            }
            match self.requester.associate(&node, &proposals).await {
                Ok(association) => {
                    let (contexts, coercion) = (association.contexts.clone(), coercion.clone());
                    let trip = Trip { courier: self, node: &node, contexts, proposals, coercion };
                    trip.send(association, errand, first).await?;
                }
                // Perhaps it takes others: these must not keep them waiting.
                Err(error @ RequestError::NothingAccepted) => errand.settle(&first, Outcome::NotNow(error.to_string())).await,
                Err(RequestError::Stopped) => return Ok(()),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Notary for PeerCourier {
    async fn ask(&self, destination: &Destination, asked: &AskedCommitment) -> Result<(), String> {
        let Target::Peer(ae_title) = &destination.target else { return Err("the destination is no peer".to_owned()) };
        let node = self.node(ae_title).await?;
        let answered = self.requester.ask_for_commitment(&self.archive, &node, asked).await;
        answered.map_err(|error| match error {
            RequestError::NothingAccepted => "the peer has no Storage Commitment".to_owned(),
            error => error.to_string(),
        })
    }
}

/// What is sent on one association.
struct Trip<'a> {
    courier: &'a PeerCourier,
    node: &'a RemoteNode,
    contexts: Vec<StorageContext>,
    proposals: Vec<Proposal>,
    coercion: Arc<PeerCoercion>,
}

impl Trip<'_> {
    /// Sends until nothing comes any more, or something for which other contexts are needed.
    async fn send(&self, mut association: Association, errand: &mut Errand, first: Forward) -> Result<(), String> {
        let mut opened = Some(self.open(first).await);
        loop {
            let (forward, ready) = match opened.take() {
                Some(opened) => opened,
                None => match errand.next().await {
                    Some(forward) if self.covers(&forward.instance) => self.open(forward).await,
                    Some(other) => {
                        errand.put_back(other);
                        break;
                    }
                    None => break,
                },
            };
            let ready = match ready {
                Ok(ready) => ready.at(errand.pace()),
                Err(error) => {
                    errand.settle(&forward, unsent(&error)).await;
                    continue;
                }
            };
            let request = StoreRequest { message_id: association.next_message_id(), priority: MEDIUM, move_originator: None };
            let ahead = self.at_hand(errand);
            let open_ahead = async {
                match ahead {
                    Some(ahead) => Some(self.open(ahead).await),
                    None => None,
                }
            };
            let (stored, ahead) = tokio::join!(association.store(ready, request), open_ahead);
            match stored.as_ref().map(outcome) {
                Ok(Ok(outcome)) => errand.settle(&forward, outcome).await,
                Ok(Err(busy)) => {
                    association.release().await;
                    return Err(busy);
                }
                Err(end) => {
                    let error = association.ended(end.clone()).await;
                    if matches!(error, RequestError::Stopped) {
                        return Ok(());
                    }
                    // It may be this instance that the peer cannot bear: others go first.
                    errand.settle(&forward, Outcome::NotNow(error.to_string())).await;
                    return Err(error.to_string());
                }
            }
            opened = ahead;
        }
        association.release().await;
        Ok(())
    }

    async fn open(&self, forward: Forward) -> (Forward, Result<Ready, Unsendable>) {
        let ready = self.ready(&forward).await;
        (forward, ready)
    }

    async fn ready(&self, forward: &Forward) -> Result<Ready, Unsendable> {
        let archive = &self.courier.archive;
        let instance = archive.coerced(forward.instance.clone(), &self.coercion).await?;
        outgoing::open(archive, &instance, &self.contexts, &self.node.transfer_syntaxes).await
    }

    /// Whether the peer was asked for all contexts that an instance may go in.
    fn covers(&self, instance: &StoredInstance) -> bool {
        let needed = outgoing::proposals(std::slice::from_ref(instance), &self.node.transfer_syntaxes);
        needed.iter().all(|proposal| self.proposals.contains(proposal))
    }

    /// The next instance that is known already, if it can go on this association.
    fn at_hand(&self, errand: &mut Errand) -> Option<Forward> {
        if errand.waiting().next().is_some_and(|instance| self.covers(instance)) { errand.at_hand() } else { None }
    }
}

/// Why an instance could not even be begun with.
fn unsent(error: &Unsendable) -> Outcome {
    match error {
        Unsendable::SopClassNotAccepted
        | Unsendable::TransferSyntaxNotAccepted
        | Unsendable::Archive(ArchiveError::Undecodable(_) | ArchiveError::NoImage) => Outcome::Never(error.to_string()),
        Unsendable::Archive(_) => Outcome::NotNow(error.to_string()),
    }
}

/// What a status means for the instance (PS3.4 table B.2-1, C-STORE Response Status Values; PS3.7 annex C). The error: the peer
/// has no room for anything.
fn outcome(stored: &Stored) -> Result<Outcome, String> {
    Ok(match Meaning::of(stored.status) {
        Meaning::Success => Outcome::Sent(None),
        Meaning::Warning => Outcome::Sent(Some(stored.to_string())),
        _ => match stored.status {
            // Refused: out of resources.
            0xA700..=0xA7FF => return Err(stored.to_string()),
            // Not authorised may be mended there, as a processing failure may.
            0x0110 | 0x0124 => Outcome::NotNow(stored.to_string()),
            _ => Outcome::Never(stored.to_string()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_go_on_to_try_again_or_to_give_up() {
        let outcome = |status| outcome(&Stored { status, comment: Some("words".to_owned()), is_cancelled: false });
        let words = |status: &str| format!("status {status}: words");
        assert_eq!(outcome(0x0000), Ok(Outcome::Sent(None)));
        assert_eq!(outcome(0xB007), Ok(Outcome::Sent(Some(words("B007")))));
        assert_eq!(outcome(0xA700), Err(words("A700")));
        assert_eq!(outcome(0x0124), Ok(Outcome::NotNow(words("0124"))));
        assert_eq!(outcome(0xC000), Ok(Outcome::Never(words("C000"))));
        assert_eq!(outcome(0xA900), Ok(Outcome::Never(words("A900"))));
    }
}
