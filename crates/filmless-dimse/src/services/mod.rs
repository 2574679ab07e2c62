//! The services we are SCP of, one file each: a command set, and a data set if it has one, become responses.

pub(crate) mod c_echo;
pub(crate) mod c_find;
pub(crate) mod c_get;
pub(crate) mod c_move;
pub(crate) mod c_store;
pub(crate) mod n_action;
pub(crate) mod n_create;
pub(crate) mod n_event_report;
pub(crate) mod n_get;
pub(crate) mod n_set;
mod performed_step;
mod query_keys;
mod retrieval;
pub(crate) mod worklist;

use std::collections::HashMap;
use std::sync::Arc;

use filmless_archive::Archive;
use filmless_model::actor::Actor;
use filmless_model::peer::Peer;
use filmless_model::uid::SopInstanceUid;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS, NO_DATA_SET};
use crate::commitment::Desk;
use crate::config::DimseConfig;
use crate::message::{DataSet, End, Message, MessageStream};
use crate::negotiation::{AcceptedContext, Service};
use crate::operations::Concluded;
use crate::pdu::{Abort, encode_message};
use crate::requester::Requester;
use crate::services::c_store::Received;
use crate::services::retrieval::SubOperations;
use crate::status::Status;

/// What a service needs to know of the association it acts in.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) archive: &'a Arc<Archive>,
    pub(crate) actor: &'a Actor,
    /// What is set for the peer.
    pub(crate) peer: &'a Peer,
    pub(crate) context: &'a AcceptedContext,
    pub(crate) config: &'a DimseConfig,
    /// All that were accepted, by ID.
    pub(crate) contexts: &'a HashMap<u8, AcceptedContext>,
    /// Makes associations of ours.
    pub(crate) requester: &'a Requester,
    /// Where commitments are handed in.
    pub(crate) desk: &'a Desk,
    /// Asks for an end at the next occasion.
    pub(crate) drain: &'a CancellationToken,
}

impl Caller<'_> {
    /// What a composite request with a data set must be (PS3.7 section 9.1): of the class of its context.
    pub(crate) fn check(self, message: &Message) -> Result<(), Status> {
        if message.command.text(CommandTag::AFFECTED_SOP_CLASS_UID) != Some(self.context.abstract_syntax.as_str()) {
            return Err(Status::sop_class_not_supported());
        }
        if message.has_data_set { Ok(()) } else { Err(Status::wrong_data_set_type()) }
    }
}

/// The last response to a request.
pub(crate) struct Answer {
    pub(crate) status: Status,
    /// What its command set has besides what every response has.
    elements: CommandSet,
    data_set: Option<Vec<u8>>,
}

impl Answer {
    /// Of a retrieve, with the numbers of its sub-operations and the list of those that failed.
    fn retrieved(caller: Caller<'_>, status: Status, sub_operations: &SubOperations) -> Self {
        let with_remaining = status == Status::CANCELLED;
        let data_set = sub_operations.failed(&caller.context.transfer_syntax);
        Self { status, elements: sub_operations.elements(with_remaining), data_set }
    }

    /// Of an N-CREATE that left the UID to us.
    fn created(uid: &SopInstanceUid) -> Self {
        let elements = CommandSet::default().with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, uid.as_str());
        Self { status: Status::SUCCESS, elements, data_set: None }
    }

    /// Of an N-GET.
    fn with_data_set(data_set: Vec<u8>) -> Self {
        Self { data_set: Some(data_set), ..Status::SUCCESS.into() }
    }
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        Self { status, elements: CommandSet::default(), data_set: None }
    }
}

/// A request whose answers are sent one by one.
pub(crate) struct Exchange<'a, S> {
    message: &'a Message,
    field: CommandField,
    message_id: u16,
    messages: &'a mut MessageStream<S>,
    /// The longest PDU that the peer takes.
    max_length: u32,
    /// Answers that leave together.
    waiting: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<'_, S> {
    /// The data set of the request.
    pub(crate) fn data_set(&mut self) -> DataSet<'_, S> {
        self.messages.data_set()
    }

    /// Answers with a data set. It leaves once enough of them wait, or with [`Exchange::flush`].
    pub(crate) async fn answer(&mut self, status: &Status, data_set: &[u8]) -> Result<(), End> {
        const TOGETHER_BYTES: usize = 64 << 10;
        let command = response(&self.message.command, self.field, self.message_id, status, DATA_SET_FOLLOWS).encode();
        self.waiting.extend(encode_message(self.message.context_id, &command, Some(data_set), self.max_length));
        if self.waiting.len() < TOGETHER_BYTES { Ok(()) } else { self.flush().await }
    }

    /// Says at once how far a retrieve is.
    async fn progress(&mut self, sub_operations: &SubOperations) -> Result<(), End> {
        let command = response(&self.message.command, self.field, self.message_id, &Status::PENDING, NO_DATA_SET);
        let command = command.with_all(sub_operations.elements(true)).encode();
        let pdus = encode_message(self.message.context_id, &command, None, self.max_length);
        self.messages.send(&pdus).await
    }

    /// Priority (0000,0700) of the request, which its sub-operations have as well; medium if it does not say.
    fn priority(&self) -> u16 {
        self.message.command.number(CommandTag::PRIORITY).unwrap_or(0)
    }

    /// Sends the answers that wait.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        let sent = if self.waiting.is_empty() { Ok(()) } else { self.messages.send(&self.waiting).await };
        self.waiting.clear();
        sent
    }

    /// Whether the peer wants no more answers.
    pub(crate) async fn is_cancelled(&mut self) -> Result<bool, End> {
        self.messages.is_cancelled(self.message_id).await
    }
}

/// Does what a message asks for, and responds once its data set is past; there is no response to C-CANCEL-RQ. A store may be left
/// under way.
pub(crate) async fn perform<S>(
    caller: Caller<'_>,
    message: &Message,
    messages: &mut MessageStream<S>,
    max_length: u32,
) -> Result<(), End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const NOT_A_REQUEST: End = End::Abort(Abort::ServiceUser, "not a request");
    let command = &message.command;
    let field = command.field().ok_or(NOT_A_REQUEST)?;
    if field == CommandField::C_CANCEL_RQ {
        // What it wants to cancel is over.
        return messages.data_set().drain().await;
    }
    // To a response there is no response, and without a Message ID none can be told from another.
    let message_id = command.number(CommandTag::MESSAGE_ID);
    let message_id = message_id.filter(|_| !field.is_response()).ok_or(NOT_A_REQUEST)?;

    let mut exchange = Exchange { message, field, message_id, messages: &mut *messages, max_length, waiting: Vec::new() };
    let answer: Answer = match field {
        CommandField::C_ECHO_RQ => c_echo::perform(message).into(),
        CommandField::C_STORE_RQ => match c_store::receive(caller, message, &mut exchange.data_set()).await? {
            Received::Refused(status) => status.into(),
            Received::Whole(instance, store) if messages.operations.may_overlap() => {
                let (command, context_id) = (command.clone(), message.context_id);
                let concluding = async move {
                    let status = store.await;
                    let response = response(&command, field, message_id, &status, NO_DATA_SET);
                    let response = encode_message(context_id, &response.encode(), None, max_length);
                    Concluded { field, status, response }
                };
                messages.operations.begin(instance, Box::pin(concluding));
                return Ok(());
            }
            Received::Whole(_, store) => store.await.into(),
        },
        CommandField::C_FIND_RQ => match caller.context.service {
            Service::Worklist(options) => worklist::perform(caller, options, &mut exchange).await?.into(),
            _ => c_find::perform(caller, &mut exchange).await?.into(),
        },
        CommandField::C_GET_RQ => c_get::perform(caller, &mut exchange).await?,
        CommandField::C_MOVE_RQ => c_move::perform(caller, &mut exchange).await?,
        CommandField::N_EVENT_REPORT_RQ => n_event_report::perform(caller, message, &mut exchange.data_set()).await?.into(),
        CommandField::N_ACTION_RQ => n_action::perform(caller, message, &mut exchange.data_set()).await?.into(),
        CommandField::N_CREATE_RQ => n_create::perform(caller, message, &mut exchange.data_set()).await?,
        CommandField::N_SET_RQ => n_set::perform(caller, message, &mut exchange.data_set()).await?.into(),
        CommandField::N_GET_RQ => n_get::perform(caller, message).await,
        _ => Status::unrecognised_operation().into(),
    };
    messages.data_set().drain().await?;
    let Answer { status, elements, data_set } = answer;
    let data_set_type = if data_set.is_some() { DATA_SET_FOLLOWS } else { NO_DATA_SET };
    let response = response(command, field, message_id, &status, data_set_type).with_all(elements);
    let response = encode_message(message.context_id, &response.encode(), data_set.as_deref(), max_length);
    messages.conclude(Concluded { field, status, response }).await
}

/// A response (PS3.7 section 9.3): what the request named is named again.
pub(crate) fn response(
    request: &CommandSet,
    field: CommandField,
    message_id: u16,
    status: &Status,
    data_set_type: u16,
) -> CommandSet {
    let mut response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, field.response().0)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, data_set_type);
    // N-services request a class and an instance, and their responses affect them.
    for (affected, requested) in [
        (CommandTag::AFFECTED_SOP_CLASS_UID, CommandTag::REQUESTED_SOP_CLASS_UID),
        (CommandTag::AFFECTED_SOP_INSTANCE_UID, CommandTag::REQUESTED_SOP_INSTANCE_UID),
    ] {
        let uid = request.text(affected).or_else(|| request.text(requested));
        if let Some(uid) = uid.filter(|uid| filmless_model::uid::SopInstanceUid::parse(uid).is_ok()) {
            response = response.with_uid(affected, uid);
        }
    }
    status.write(response)
}
