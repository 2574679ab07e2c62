//! DICOM nodes: who may call, and the inbox of those who were turned away.

use std::net::IpAddr;

use filmless_index::IndexError;
use filmless_model::actor::{Act, Actor};
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::ShownCertificate;
use filmless_model::peer::{InboxEntry, Peer, PeerRights};
use filmless_model::version::Digest;

use crate::archive::{Archive, ArchiveError};

/// Why a caller is not known.
#[derive(Debug, thiserror::Error)]
pub enum PeerRefusal {
    /// No peer has this AE title.
    #[error("no peer has this calling AE title")]
    UnknownAeTitle,
    /// The peer is known, but calls from another address than the one recorded.
    #[error("the peer calls from another address than the one recorded")]
    WrongAddress,
    /// The peer is bound to a certificate, and shows none or calls without TLS.
    #[error("the peer has to show its certificate, and shows none")]
    NoCertificate,
    /// The peer shows another one.
    #[error("the peer has to show another certificate than that with SHA-256 {0}")]
    WrongCertificate(Digest),
    /// The database does not answer.
    #[error("the index failed")]
    Unavailable(#[source] IndexError),
}

impl Archive {
    /// Makes an actor of a caller, if it is a known peer; with what is set for that.
    pub async fn identify_peer(
        &self,
        calling: &AeTitle,
        address: IpAddr,
        certificate: Option<&ShownCertificate>,
    ) -> Result<(Actor, Peer), PeerRefusal> {
        let peer = self.index.peer(calling).await.map_err(PeerRefusal::Unavailable)?;
        let peer = peer.ok_or(PeerRefusal::UnknownAeTitle)?;
        if let Some(host) = &peer.address
            && !is_at(host, address).await
        {
            return Err(PeerRefusal::WrongAddress);
        }
        if let Some(binding) = &peer.certificate {
            let shown = certificate.ok_or(PeerRefusal::NoCertificate)?;
            if !binding.fits(shown) {
                return Err(PeerRefusal::WrongCertificate(shown.fingerprint));
            }
        }
        Ok((Actor::Peer { ae_title: peer.ae_title.clone(), address, rights: peer.rights, user: None }, peer))
    }

    /// The peer of this AE title, as a place that the actor may have instances sent to.
    pub async fn destination(&self, actor: &Actor, ae_title: &AeTitle) -> Result<Option<Peer>, ArchiveError> {
        self.permit(actor, Act::Download)?;
        if let Actor::Peer { ae_title: calling, .. } = actor
            && let Some(caller) = self.index.peer(calling).await?
            && !caller.move_destinations.contain(ae_title)
        {
            return Err(self.refused(actor, Act::Download, None).into());
        }
        Ok(self.index.peer(ae_title).await?)
    }

    /// Keeps a refused association in the inbox. Best effort: a refusal must not depend on the database.
    pub async fn remember_refused(&self, entry: InboxEntry) {
        if let Err(error) = self.index.remember(&entry).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot keep a refused association in the inbox");
        }
    }

    /// Whether the actor may see and change peers, and have us call them.
    pub fn may_manage_peers(&self, actor: &Actor) -> Result<(), ArchiveError> {
        Ok(self.permit(actor, Act::ManagePeers)?)
    }

    /// Known peers, by AE title.
    pub async fn peers(&self, actor: &Actor) -> Result<Vec<Peer>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.index.peers().await?)
    }

    /// Adds a peer, or changes the one of that AE title.
    pub async fn put_peer(&self, actor: &Actor, peer: &Peer) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.administered(actor, format!("peer {}", peer.ae_title)).put_peer(peer).await?)
    }

    /// Removes a peer; false if there was none.
    pub async fn remove_peer(&self, actor: &Actor, ae_title: &AeTitle) -> Result<bool, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.administered(actor, format!("peer {ae_title} removed")).remove_peer(ae_title).await?)
    }

    /// Refused associations, the latest first.
    pub async fn inbox(&self, actor: &Actor, limit: u32) -> Result<Vec<InboxEntry>, ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        Ok(self.index.inbox(limit).await?)
    }

    /// Accepts a caller of the inbox: it becomes a peer with these rights, and the entry goes. What is known of it stays.
    pub async fn accept_from_inbox(
        &self,
        actor: &Actor,
        calling: &AeTitle,
        called_ae_title: &str,
        address: IpAddr,
        rights: PeerRights,
    ) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManagePeers)?;
        let known = self.index.peer(calling).await?;
        let peer = known.unwrap_or_else(|| Peer::named(calling.clone()));
        let peer = peer.let_in(address, rights);
        self.administered(actor, format!("peer {calling} let in")).put_peer(&peer).await?;
        self.index.forget(calling.as_str(), called_ae_title, address).await?;
        Ok(())
    }
}

/// Whether a recorded host, an address or a name, is where the call came from.
async fn is_at(host: &str, address: IpAddr) -> bool {
    let address = address.to_canonical();
    if let Ok(recorded) = host.parse::<IpAddr>() {
        return recorded.to_canonical() == address;
    }
    match tokio::net::lookup_host((host, 0)).await {
        Ok(mut found) => found.any(|socket| socket.ip().to_canonical() == address),
        Err(error) => {
            tracing::warn!(%error, peer.host = host, "cannot resolve the host of a peer");
            false
        }
    }
}
