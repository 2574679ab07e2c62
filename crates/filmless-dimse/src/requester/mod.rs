//! We as requestor of associations, SCU towards remote nodes: the other side of PS3.8 section 9.2 (Sta4, Sta5, Sta6, Sta7).
//!
//! One file for what an association is made by, one for each service that we ask for. An association is of one task, and
//! asks for one thing at a time.

mod answer;
mod c_echo;
mod c_find;
mod ending;
mod error;
mod fetched_classes;
mod fetching;
mod n_action;
mod n_create;
mod n_event_report;
mod not_sent;
mod second_try;
pub(crate) mod sending;
mod skipped;
mod stream;
mod transfer;
mod whereabouts;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dicom_ul::pdu::{AssociationRQ, Pdu, PresentationContextProposed, RequestorRoles, UserVariableItem};
use filmless_dicom::file_meta::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::peer::Peer;
use filmless_model::uid::{SopClassUid, TransferSyntaxUid};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::associate::{APPLICATION_CONTEXT, RoleSelection};
use crate::command::{CommandSet, CommandTag};
use crate::config::DimseConfig;
use crate::connection::Connection;
use crate::message::{End, Message, MessageStream, Patience};
use crate::outgoing::{self, Ready, StorageContext, StoreRequest, Stored};
use crate::pdu::{Abort, AbortReason, Arrival, encode, encode_abort, encode_message};
use crate::prompt_stream::PromptStream;
use crate::requester::stream::NodeStream;
use crate::tls::{self, Tls};

pub use answer::{AssociateAnswer, MalformedAnswer};
pub use c_find::Found;
pub use error::RequestError;
pub use transfer::{Failure, Transfer, Wanted};

/// So many contexts an association has at most (PS3.8 section 9.3.2.2: odd numbers of one byte).
pub(crate) const MAX_CONTEXTS: usize = 128;

/// A node that we call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteNode {
    /// What it is called.
    pub ae_title: AeTitle,
    /// Its address or name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The transfer syntaxes in which instances are sent there, the preferred first; those usual, if empty.
    pub transfer_syntaxes: Vec<TransferSyntaxUid>,
    /// Whether it is called by TLS.
    pub tls: bool,
    /// The certificate that it must show by TLS; any that is for its host if absent.
    pub certificate: Option<CertificateBinding>,
}

impl RemoteNode {
    /// Where a peer is called; `None` unless its address and port are recorded.
    pub fn of(peer: &Peer) -> Option<Self> {
        let (host, port) = (peer.address.clone()?, peer.port?);
        let transfer_syntaxes = peer.offered_transfer_syntaxes.clone();
        let (tls, certificate) = (peer.tls, peer.certificate.clone());
        Some(Self { ae_title: peer.ae_title.clone(), host, port, transfer_syntaxes, tls, certificate })
    }
}

/// A presentation context that we propose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) abstract_syntax: SopClassUid,
    pub(crate) transfer_syntaxes: Vec<TransferSyntaxUid>,
}

/// Makes associations.
#[derive(Debug, Clone)]
pub struct Requester {
    config: DimseConfig,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
}

impl Requester {
    /// With the settings of the door: our AE title, lengths and time-outs. When `stop` comes, what is under way is aborted.
    pub fn new(config: DimseConfig, stop: CancellationToken) -> Self {
        Self { config, tls: None, stop }
    }

    /// Calls nodes by TLS with this, where they want it.
    #[must_use]
    pub fn with_tls(self, tls: Option<Arc<Tls>>) -> Self {
        Self { tls, ..self }
    }

    /// The same, aborting what is under way when this `stop` comes.
    #[must_use]
    pub fn stopped_by(&self, stop: CancellationToken) -> Self {
        Self { stop, ..self.clone() }
    }

    /// Calls a node. At least one context was accepted.
    pub(crate) async fn associate(&self, node: &RemoteNode, proposals: &[Proposal]) -> Result<Association, RequestError> {
        self.associate_in_roles(node, proposals, &[]).await
    }

    /// The same, with roles that are proposed.
    pub(crate) async fn associate_in_roles(
        &self,
        node: &RemoteNode,
        proposals: &[Proposal],
        roles: &[RoleSelection],
    ) -> Result<Association, RequestError> {
        let patience = self.config.connect();
        let connecting = tokio::time::timeout(patience, self.connect(node));
        let stream = connecting.await.map_err(|_| RequestError::NoConnection)??;
        let offered = self.config.offered_pdu_length();
        let mut connection = Connection::of_requestor(stream, offered, self.config.write());
        // AE-2.
        let request = request(&self.config.ae_title, &node.ae_title, proposals, roles, offered);
        connection.send(&encode(&request)).await.map_err(|_| RequestError::Closed)?;
        let arrival = tokio::select! {
            () = self.stop.cancelled() => return Err(RequestError::Stopped),
            arrival = tokio::time::timeout(patience, connection.next()) => arrival,
        };
        let (error, abort) = match arrival {
            // AE-3.
            Ok(Arrival::AssociateAccept(body)) => match AssociateAnswer::decode(&body) {
                Ok(answer) => return self.established(connection, proposals, &answer).await,
                Err(_) => (RequestError::NoDicom, Some(Abort::ServiceProvider(AbortReason::InvalidPduParameter))),
            },
            // AE-4.
            Ok(Arrival::AssociateReject { result, source, reason }) => {
                (RequestError::Rejected { result, rejected_by: source, reason }, None)
            }
            // AA-3 and AA-4.
            Ok(Arrival::Abort { .. }) => (RequestError::Aborted, None),
            Ok(Arrival::Closed) => (closed(&connection), None),
            // AA-8.
            Ok(Arrival::Invalid(reason)) => (RequestError::NoDicom, Some(Abort::ServiceProvider(reason))),
            Ok(_) => (RequestError::NoDicom, Some(Abort::ServiceProvider(AbortReason::UnexpectedPdu))),
            // AA-1.
            Err(_) => (RequestError::NoAnswer, Some(Abort::ServiceUser)),
        };
        if let Some(abort) = abort {
            ending::say_last(connection, &encode_abort(abort)).await;
        }
        Err(error)
    }

    /// AE-1, by TLS where that is wanted.
    async fn connect(&self, node: &RemoteNode) -> Result<NodeStream, RequestError> {
        let stream = TcpStream::connect((node.host.as_str(), node.port)).await.map_err(RequestError::Unreachable)?;
        let stream = PromptStream::new(stream);
        if !node.tls {
            return Ok(NodeStream::Plain(stream));
        }
        let tls = self.tls.as_ref().ok_or_else(|| RequestError::Insecure("[dicom.tls] has no certificate of ours".to_owned()))?;
        let secure = tls.call(&node.host, node.certificate.as_ref(), stream).await;
        secure.map(|stream| NodeStream::Secure(Box::new(stream))).map_err(|error| insecure(&error))
    }

    /// Sta6.
    async fn established(
        &self,
        connection: Connection<NodeStream>,
        proposals: &[Proposal],
        answer: &AssociateAnswer,
    ) -> Result<Association, RequestError> {
        let patience = Patience {
            idle: self.config.idle(),
            within_message: self.config.within_message(),
            expires: Instant::now() + self.config.lifetime(),
            drain: CancellationToken::new(),
            stop: self.stop.clone(),
        };
        let association = Association {
            messages: MessageStream::new(connection, patience, 1),
            contexts: accepted(proposals, answer),
            max_length: answer.max_length,
            last_message_id: 0,
            response: self.config.response(),
            artim: self.config.artim(),
        };
        if association.contexts.is_empty() {
            association.release().await;
            return Err(RequestError::NothingAccepted);
        }
        Ok(association)
    }
}

fn insecure(error: &io::Error) -> RequestError {
    RequestError::Insecure(tls::reason(error).unwrap_or_else(|| error.to_string()))
}

/// What it means that a connection is gone before the association was answered. In TLS 1.3 a node that does not trust our
/// certificate says so only then.
fn closed(connection: &Connection<NodeStream>) -> RequestError {
    let reason = connection.failure().and_then(tls::reason);
    reason.map_or(RequestError::Closed, RequestError::Insecure)
}

/// The A-ASSOCIATE-RQ. There are at most [`MAX_CONTEXTS`] proposals; the first is context 1, the second 3.
fn request(calling: &AeTitle, called: &AeTitle, proposals: &[Proposal], roles: &[RoleSelection], max_length: u32) -> Pdu {
    let contexts = (1..=u8::MAX).step_by(2).zip(proposals).map(|(id, proposal)| PresentationContextProposed {
        id,
        abstract_syntax: proposal.abstract_syntax.to_string(),
        transfer_syntaxes: proposal.transfer_syntaxes.iter().map(ToString::to_string).collect(),
    });
    let mut user_variables = vec![
        UserVariableItem::MaxLength(max_length),
        UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
        UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION_NAME.to_owned()),
    ];
    user_variables.extend(roles.iter().map(|&RoleSelection { ref sop_class, scu, scp }| {
        UserVariableItem::ScuScpRoleSelectionSubItem(sop_class.to_string(), RequestorRoles { scu, scp })
    }));
    Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: calling.to_string(),
        called_ae_title: called.to_string(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: contexts.collect(),
        user_variables,
    })
}

/// The contexts that were accepted, in the order of the proposals. One in a transfer syntax that we did not propose is of no use.
fn accepted(proposals: &[Proposal], answer: &AssociateAnswer) -> Vec<StorageContext> {
    let contexts = (1..=u8::MAX).step_by(2).zip(proposals).filter_map(|(id, proposal)| {
        let (_, transfer_syntax) = answer.contexts.iter().find(|(answered, _)| *answered == id)?;
        let is_ours = proposal.transfer_syntaxes.contains(transfer_syntax);
        let (abstract_syntax, transfer_syntax) = (proposal.abstract_syntax.clone(), transfer_syntax.clone());
        is_ours.then_some(StorageContext { id, abstract_syntax, transfer_syntax })
    });
    contexts.collect()
}

/// An association that we asked for.
#[derive(Debug)]
pub(crate) struct Association {
    pub(crate) messages: MessageStream<NodeStream>,
    /// Those that were accepted.
    pub(crate) contexts: Vec<StorageContext>,
    /// The longest PDU that the peer takes.
    pub(crate) max_length: u32,
    last_message_id: u16,
    /// How long a response may take.
    response: Duration,
    artim: Duration,
}

impl Association {
    /// A Message ID that no request under way has.
    pub(crate) fn next_message_id(&mut self) -> u16 {
        self.last_message_id = self.last_message_id.checked_add(1).unwrap_or(1);
        self.last_message_id
    }

    /// Sends an instance and waits until it is stored.
    pub(crate) async fn store(&mut self, ready: Ready, request: StoreRequest<'_>) -> Result<Stored, End> {
        outgoing::send(&mut self.messages, ready, request, self.max_length).await?;
        outgoing::stored(&mut self.messages, request.message_id, self.response, None).await
    }

    /// Sends a request, to which a Message ID is given, in a context, and waits for the response; its data set is dropped.
    async fn ask(&mut self, context_id: u8, request: CommandSet, data_set: Option<&[u8]>) -> Result<Message, End> {
        const NOT_A_RESPONSE: End = End::Abort(Abort::ServiceUser, "not the response to our request");
        let field = request.field().ok_or(NOT_A_RESPONSE)?;
        let message_id = self.request(context_id, request, data_set).await?;
        let answer = self.messages.next_response(self.response).await?;
        if !answer.command.answers(field, message_id) {
            return Err(NOT_A_RESPONSE);
        }
        self.messages.data_set().drain().await?;
        Ok(answer)
    }

    /// Sends a request, and gives the Message ID that it was given.
    async fn request(&mut self, context_id: u8, request: CommandSet, data_set: Option<&[u8]>) -> Result<u16, End> {
        let message_id = self.next_message_id();
        self.send_message(context_id, &request.with_number(CommandTag::MESSAGE_ID, message_id), data_set).await?;
        Ok(message_id)
    }

    async fn send_message(&mut self, context_id: u8, command: &CommandSet, data_set: Option<&[u8]>) -> Result<(), End> {
        self.messages.send(&encode_message(context_id, &command.encode(), data_set, self.max_length)).await
    }

    /// Releases it.
    pub(crate) async fn release(self) {
        ending::release(self.messages.into_connection(), self.artim).await;
    }

    /// Says what is still to be said after it came to its end; what a caller is told.
    pub(crate) async fn ended(self, end: End) -> RequestError {
        let last = match &end {
            // AR-2 and AR-4.
            End::ReleaseRequested => Some(encode(&Pdu::ReleaseRP)),
            // AA-1 and AA-8.
            End::Abort(abort, _) => Some(encode_abort(abort.clone())),
            End::Release(_) => Some(encode_abort(Abort::ServiceUser)),
            // AA-4 and AA-3.
            End::Closed | End::PeerAborted { .. } => None,
        };
        if let Some(last) = last {
            ending::say_last(self.messages.into_connection(), &last).await;
        }
        end.into()
    }
}
