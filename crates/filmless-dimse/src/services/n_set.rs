//! N-SET (PS3.7 section 10.1.3) of Modality Performed Procedure Steps (PS3.4 section F.7.2.2): a step goes on or has ended.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::services::{Caller, performed_step};
use crate::status::Status;

/// Changes a step. What may not change stays, and the status names it.
pub(crate) async fn perform<S>(caller: Caller<'_>, request: &Message, data_set: &mut DataSet<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if caller.context.service != Service::PerformedStep {
        return Ok(Status::unrecognised_operation());
    }
    let uid = match performed_step::requested(caller, request) {
        Ok(uid) => uid,
        Err(status) => return Ok(status),
    };
    let message = match performed_step::message(caller, request, data_set).await? {
        Ok(message) => message,
        Err(status) => return Ok(status),
    };
    Ok(match caller.archive.change_step(caller.actor, &uid, &message).await {
        Ok(left_aside) if left_aside.is_empty() => Status::SUCCESS,
        Ok(left_aside) => Status::attribute_list_error(left_aside),
        Err(refusal) => refusal.into(),
    })
}
