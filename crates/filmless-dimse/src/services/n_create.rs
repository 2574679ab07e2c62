//! N-CREATE (PS3.7 section 10.1.5) of Modality Performed Procedure Steps (PS3.4 section F.7.2.1): a step has begun.

use filmless_model::uid::SopInstanceUid;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::command::CommandTag;
use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::services::{Answer, Caller, performed_step};
use crate::status::Status;

/// Creates a step. Where the peer leaves its UID to us, the reply names it.
pub(crate) async fn perform<S>(caller: Caller<'_>, request: &Message, data_set: &mut DataSet<'_, S>) -> Result<Answer, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const CLASS: &[CommandTag] = &[CommandTag::AFFECTED_SOP_CLASS_UID];
    if caller.context.service != Service::PerformedStep {
        return Ok(Status::unrecognised_operation().into());
    }
    if request.command.text(CommandTag::AFFECTED_SOP_CLASS_UID) != Some(caller.context.abstract_syntax.as_str()) {
        return Ok(Status::no_such_sop_class(CLASS).into());
    }
    let named = request.command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID).map(SopInstanceUid::parse);
    let Ok(named) = named.transpose() else { return Ok(Status::invalid_sop_instance().into()) };
    let message = match performed_step::message(caller, request, data_set).await? {
        Ok(message) => message,
        Err(status) => return Ok(status.into()),
    };
    let made_here = named.is_none();
    let uid = named.unwrap_or_else(SopInstanceUid::generate);
    Ok(match caller.archive.create_step(caller.actor, &uid, message).await {
        Ok(()) if made_here => Answer::created(&uid),
        Ok(()) => Status::SUCCESS.into(),
        Err(refusal) => Status::from(refusal).into(),
    })
}
