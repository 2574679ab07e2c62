//! What N-CREATE, N-SET and N-GET of the Modality Performed Procedure Step Service Class share (PS3.4 annex F).

use filmless_archive::performed_step::{MAX_STEP_MESSAGE_BYTES, StepRefusal};
use filmless_dicom::performed_step::StepDataSetError;
use filmless_model::performed_step::StepMessage;
use filmless_model::uid::SopInstanceUid;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::command::CommandTag;
use crate::message::{DataSet, End, Message};
use crate::services::Caller;
use crate::status::Status;

/// The data set of a request to create or change a step, once it is known that the peer may.
pub(super) async fn message<S>(
    caller: Caller<'_>,
    request: &Message,
    data_set: &mut DataSet<'_, S>,
) -> Result<Result<StepMessage, Status>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if caller.archive.may_report_steps(caller.actor).is_err() {
        return Ok(Err(Status::not_authorised()));
    }
    if !request.has_data_set {
        return Ok(Err(Status::wrong_data_set_type()));
    }
    let Some(bytes) = data_set.collect(MAX_STEP_MESSAGE_BYTES).await? else {
        return Ok(Err(Status::resource_limitation("the data set is too long")));
    };
    Ok(Ok(StepMessage { transfer_syntax: caller.context.transfer_syntax.clone(), data_set: bytes }))
}

/// Requested SOP Instance UID of a request about a step. Steps of all classes of annex F are one class's (F.7.1).
pub(super) fn requested(caller: Caller<'_>, request: &Message) -> Result<SopInstanceUid, Status> {
    const CLASS: &[CommandTag] = &[CommandTag::REQUESTED_SOP_CLASS_UID];
    let class = request.command.text(CommandTag::REQUESTED_SOP_CLASS_UID);
    let is_step = class == Some(dicom_dictionary_std::uids::MODALITY_PERFORMED_PROCEDURE_STEP);
    if !is_step && class != Some(caller.context.abstract_syntax.as_str()) {
        return Err(Status::no_such_sop_class(CLASS));
    }
    let uid = request.command.text(CommandTag::REQUESTED_SOP_INSTANCE_UID);
    uid.and_then(|uid| SopInstanceUid::parse(uid).ok()).ok_or_else(Status::no_such_sop_instance)
}

impl From<StepRefusal> for Status {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::Forbidden(_) => Self::not_authorised(),
            StepRefusal::Known => Self::duplicate_sop_instance(),
            StepRefusal::Unknown => Self::no_such_sop_instance(),
            StepRefusal::Ended => Self::step_has_ended(),
            StepRefusal::TooManyMessages => Self::resource_limitation("the step was changed too often"),
            StepRefusal::DataSet(StepDataSetError::Malformed(_)) => Self::processing_failure("the data set cannot be read"),
            StepRefusal::DataSet(StepDataSetError::MissingAttribute(tag)) => Self::missing_attribute(tag),
            StepRefusal::DataSet(StepDataSetError::MissingValue(tag)) => Self::missing_attribute_value(tag),
            StepRefusal::DataSet(StepDataSetError::InvalidValue(tag)) => Self::invalid_attribute_value(tag),
            StepRefusal::Index(_) | StepRefusal::Failed(_) => {
                tracing::error!(error = &refusal as &dyn std::error::Error, "cannot keep or give a procedure step");
                Self::processing_failure("the archive does not answer; try again later")
            }
        }
    }
}
