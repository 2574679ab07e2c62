//! Whether a peer is admitted (PS3.8 table 9-10, action AE-6), and the inbox of those who are not.

use std::net::{IpAddr, SocketAddr};

use filmless_archive::clock::now_ms;
use filmless_archive::peers::PeerRefusal;
use filmless_model::actor::{Actor, User};
use filmless_model::ae_title::AeTitle;
use filmless_model::peer::{InboxEntry, Peer, PeerRights};
use tokio::sync::OwnedSemaphorePermit;

use crate::associate::{APPLICATION_CONTEXT, AssociateRequest};
use crate::listener::Acceptor;
use crate::pdu::Rejection;
use crate::places::Place;
use crate::tls::Secured;
use crate::user_information::Proof;
use crate::users::{UserIdentityPolicy, UserRefusal};

/// A connection, as far as it says who is at its other end.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) peer: SocketAddr,
    /// How it is secured, if it is.
    pub(crate) secured: Option<Secured>,
}

/// A peer that may act, and its place among the associations.
pub(crate) struct Admitted {
    pub(crate) actor: Actor,
    /// What is set for it.
    pub(crate) peer: Peer,
    pub(crate) permit: OwnedSemaphorePermit,
    pub(crate) place: Place,
    /// Whether the peer wants to hear that its user was believed.
    pub(crate) confirms_user: bool,
}

/// A peer that is who it says, and has a place among its own associations.
struct Identified {
    actor: Actor,
    peer: Peer,
    place: Place,
    confirms_user: bool,
}

/// Why a peer is not admitted.
#[derive(Debug)]
struct Refusal {
    /// What it is told.
    rejection: Rejection,
    /// What an administrator reads.
    reason: String,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, reason: rejection.as_str().to_owned() }
    }
}

impl Refusal {
    /// A reason that the standard has no words for.
    fn because(rejection: Rejection, why: impl std::fmt::Display) -> Self {
        Self { rejection, reason: format!("{}: {why}", rejection.as_str()) }
    }
}

impl Acceptor {
    /// Whether the peer is to be admitted, in the order of what costs least.
    pub(crate) async fn admit(&self, request: &AssociateRequest, transport: &Transport) -> Result<Admitted, Rejection> {
        if request.protocol_version & 1 == 0 {
            return Err(Rejection::ProtocolVersionNotSupported);
        }
        if request.application_context != APPLICATION_CONTEXT {
            return Err(Rejection::ApplicationContextNotSupported);
        }
        let permit = self.associations.clone().try_acquire_owned().map_err(|_| Rejection::LocalLimitExceeded)?;
        match self.identify(request, transport).await {
            Ok(Identified { actor, peer, place, confirms_user }) => Ok(Admitted { actor, peer, permit, place, confirms_user }),
            Err(Refusal { rejection, reason }) => {
                tracing::info!(reason, "a peer is not admitted");
                if !matches!(rejection, Rejection::TemporaryCongestion | Rejection::LocalLimitExceeded) {
                    self.remember(request, transport.peer, reason).await;
                }
                Err(rejection)
            }
        }
    }

    /// Which peer it is, on whose behalf, and whether it wants to hear that it was believed.
    async fn identify(&self, request: &AssociateRequest, transport: &Transport) -> Result<Identified, Refusal> {
        let (mut actor, peer) = self.identify_peer(request, transport).await?;
        let found = self.identify_user(request, transport.peer.ip().to_canonical()).await?;
        let confirms_user = found.is_some() && request.user_identity.as_ref().is_some_and(|said| said.wants_response);
        if let Actor::Peer { user, .. } = &mut actor {
            *user = found;
        }
        let place = self.places.take(&peer.ae_title, peer.max_associations);
        let place = place.ok_or_else(|| {
            Refusal::because(Rejection::LocalLimitExceeded, "the peer has as many associations as are set for it")
        })?;
        Ok(Identified { actor, peer, place, confirms_user })
    }

    /// The user (PS3.7 section D.3.3.7): none if none is named, or in a way that is not checked, and none has to be.
    async fn identify_user(&self, request: &AssociateRequest, address: IpAddr) -> Result<Option<User>, Refusal> {
        let refuse = |why: &str| Err(Refusal::because(Rejection::UserNotBelieved, why));
        let policy = self.config.user_identity;
        let proof = request.user_identity.as_ref().map(|said| &said.proof);
        let (username, passcode) = match (proof, policy) {
            (_, UserIdentityPolicy::Ignored) | (None | Some(Proof::Other(_)), UserIdentityPolicy::Optional) => return Ok(None),
            (None | Some(Proof::Other(_)), UserIdentityPolicy::Username) => return refuse("a user name is wanted"),
            (None | Some(Proof::Other(_) | Proof::Username(_)), UserIdentityPolicy::Passcode) => {
                return refuse("a user name with a passcode is wanted");
            }
            (Some(Proof::Username(username)), _) => (username, None),
            (Some(Proof::Passcode(username, passcode)), _) => (username, Some(passcode.expose())),
        };
        match self.users.check(address, username, passcode).await {
            Ok(user) => {
                tracing::info!(account = %user.name, "a user was identified");
                Ok(Some(user))
            }
            Err(UserRefusal::Unavailable) => Err(Rejection::TemporaryCongestion.into()),
            Err(why) => Err(Refusal::because(Rejection::UserNotBelieved, why)),
        }
    }

    async fn identify_peer(&self, request: &AssociateRequest, transport: &Transport) -> Result<(Actor, Peer), Refusal> {
        let called = AeTitle::parse(&request.called_ae_title).ok();
        if called.is_none_or(|called| called != self.config.ae_title) {
            return Err(Rejection::CalledAeTitleNotRecognised.into());
        }
        let calling = AeTitle::parse(&request.calling_ae_title);
        let calling = calling.map_err(|_| Rejection::CallingAeTitleNotRecognised)?;
        let address = transport.peer.ip().to_canonical();
        let certificate = transport.secured.as_ref().and_then(|secured| secured.certificate.as_ref());
        match self.archive.identify_peer(&calling, address, certificate).await {
            Ok(identified) => Ok(identified),
            Err(PeerRefusal::Unavailable(error)) => {
                tracing::error!(%error, "cannot look up a peer");
                Err(Rejection::TemporaryCongestion.into())
            }
            Err(_) if self.config.accept_any_calling_from_loopback && address.is_loopback() => {
                let rights = PeerRights { replace: false, store: true, query: true, retrieve: true, worklist: true };
                let peer = Peer { rights, ..Peer::named(calling.clone()) };
                Ok((Actor::Peer { ae_title: calling, address, rights, user: None }, peer))
            }
            Err(PeerRefusal::UnknownAeTitle) => Err(Rejection::CallingAeTitleNotRecognised.into()),
            Err(why) => Err(Refusal::because(Rejection::CallingAeTitleNotRecognised, why)),
        }
    }

    /// Puts a rejected peer into the inbox, where an administrator finds what it wanted.
    async fn remember(&self, request: &AssociateRequest, peer: SocketAddr, reason: String) {
        let mut abstract_syntaxes: Vec<_> =
            request.contexts.iter().filter_map(|context| Some(context.abstract_syntax.as_ref()?.to_string())).collect();
        abstract_syntaxes.sort_unstable();
        abstract_syntaxes.dedup();
        abstract_syntaxes.truncate(128);
        let entry = InboxEntry {
            calling_ae_title: request.calling_ae_title.clone(),
            called_ae_title: request.called_ae_title.clone(),
            abstract_syntaxes,
            ..nameless(peer, reason)
        };
        self.put_into_inbox(entry).await;
    }

    /// Puts a peer into the inbox that got no further than its connection, so that its name is not known.
    pub(crate) async fn remember_nameless(&self, peer: SocketAddr, reason: String) {
        self.put_into_inbox(nameless(peer, reason)).await;
    }

    async fn put_into_inbox(&self, entry: InboxEntry) {
        // A flood of strangers is not to become a flood of transactions.
        let Ok(_permit) = self.remembering.try_acquire() else { return };
        self.archive.remember_refused(entry).await;
    }
}

fn nameless(peer: SocketAddr, reason: String) -> InboxEntry {
    let now_ms = now_ms();
    InboxEntry {
        calling_ae_title: String::new(),
        called_ae_title: String::new(),
        address: peer.ip().to_canonical(),
        reason,
        abstract_syntaxes: Vec::new(),
        first_ms: now_ms,
        last_ms: now_ms,
        count: 1,
    }
}
