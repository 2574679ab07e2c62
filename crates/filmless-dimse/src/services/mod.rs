//! The services we are SCP of, one file each: a command set, and a data set if it has one, become a response.

pub(crate) mod c_echo;
pub(crate) mod c_store;

use std::sync::Arc;

use filmless_archive::Archive;
use filmless_model::actor::Actor;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::command::{CommandField, CommandSet, CommandTag, NO_DATA_SET};
use crate::message::{DataSet, End, Message};
use crate::negotiation::AcceptedContext;
use crate::pdu::Abort;
use crate::status::Status;

/// What a service needs to know of the association it acts in.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) archive: &'a Arc<Archive>,
    pub(crate) actor: &'a Actor,
    pub(crate) context: &'a AcceptedContext,
}

/// Does what a message asks for. The response waits until the data set is past; there is none to C-CANCEL-RQ.
pub(crate) async fn perform<S>(
    caller: Caller<'_>,
    message: &Message,
    data_set: &mut DataSet<'_, S>,
) -> Result<Option<(CommandSet, Status)>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const NOT_A_REQUEST: End = End::Abort(Abort::ServiceUser, "not a request");
    let command = &message.command;
    let field = command.field().ok_or(NOT_A_REQUEST)?;
    if field == CommandField::C_CANCEL_RQ {
        // Nothing that can be cancelled is under way: C-FIND, C-MOVE and C-GET are not served, or over.
        data_set.drain().await?;
        return Ok(None);
    }
    // To a response there is no response, and without a Message ID none can be told from another.
    let message_id = command.number(CommandTag::MESSAGE_ID);
    let message_id = message_id.filter(|_| !field.is_response()).ok_or(NOT_A_REQUEST)?;

    let status = match field {
        CommandField::C_ECHO_RQ => c_echo::perform(message),
        CommandField::C_STORE_RQ => c_store::perform(caller, message, data_set).await?,
        _ => Status::unrecognised_operation(),
    };
    data_set.drain().await?;
    Ok(Some((response(command, field, message_id, &status), status)))
}

/// A response without a data set (PS3.7 section 9.3): what the request named is named again.
fn response(request: &CommandSet, field: CommandField, message_id: u16, status: &Status) -> CommandSet {
    let mut response = CommandSet::default()
        .with_number(CommandTag::COMMAND_FIELD, field.response().0)
        .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, NO_DATA_SET);
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
