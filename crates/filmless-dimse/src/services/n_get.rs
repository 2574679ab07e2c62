//! N-GET (PS3.7 section 10.1.2) of the Modality Performed Procedure Step Retrieve SOP Class (PS3.4 section F.8.2.1).

use crate::command::CommandTag;
use crate::message::Message;
use crate::negotiation::Service;
use crate::services::{Answer, Caller, performed_step};
use crate::status::Status;

/// Gives the attributes of a step: those of the request's list, or all.
pub(crate) async fn perform(caller: Caller<'_>, request: &Message) -> Answer {
    if caller.context.service != Service::PerformedStepRetrieve {
        return Status::unrecognised_operation().into();
    }
    if request.has_data_set {
        return Status::wrong_data_set_type().into();
    }
    let uid = match performed_step::requested(caller, request) {
        Ok(uid) => uid,
        Err(status) => return status.into(),
    };
    let wanted = request.command.tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST).unwrap_or_default();
    let transfer_syntax = caller.context.transfer_syntax.clone();
    match caller.archive.step_attributes(caller.actor, &uid, wanted, transfer_syntax).await {
        Ok(data_set) => Answer::with_data_set(data_set),
        Err(refusal) => Status::from(refusal).into(),
    }
}
