//! N-ACTION (PS3.7 section 10.1.4) of the Storage Commitment Push Model (PS3.4 section J.3.2): a peer asks us to vouch for
//! instances. The request is durable before it is answered; what came of it is reported later.

use filmless_archive::ArchiveError;
use filmless_dicom::commitment::{CommitmentDataSetError, RequestReader};
use filmless_model::actor::Actor;
use filmless_model::commitment::{CommitmentRequest, Reference};
use filmless_model::uid::TransactionUid;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::command::CommandTag;
use crate::commitment::PUSH_MODEL_INSTANCE;
use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::services::Caller;
use crate::status::Status;

/// Request Storage Commitment (PS3.4 section J.3.2.1).
const REQUEST_STORAGE_COMMITMENT: u16 = 1;

/// Takes a request.
pub(crate) async fn perform<S>(caller: Caller<'_>, request: &Message, data_set: &mut DataSet<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Err(status) = check(caller, request) {
        return Ok(status);
    }
    let (transaction, references) = match read(caller, data_set).await? {
        Ok(read) => read,
        Err(error) => return Ok(Status::from(&error)),
    };
    let Actor::Peer { ae_title, address, .. } = caller.actor else { return Ok(Status::not_authorised()) };
    let request_kept = CommitmentRequest { transaction, peer: ae_title.clone(), address: *address, references };
    match caller.archive.request_commitment(caller.actor, request_kept).await {
        Ok(held) => {
            // One that is asked for again while it is under way is answered, and reported once.
            if let Some(held) = held {
                caller.desk.accept(held, request.context_id, &caller.context.transfer_syntax);
            }
            Ok(Status::SUCCESS)
        }
        Err(ArchiveError::Forbidden(_)) => Ok(Status::not_authorised()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot keep a request for storage commitment");
            Ok(Status::processing_failure("the archive does not answer; try again later"))
        }
    }
}

/// What the command says, and who the peer is.
fn check(caller: Caller<'_>, request: &Message) -> Result<(), Status> {
    const CLASS: &[CommandTag] = &[CommandTag::REQUESTED_SOP_CLASS_UID];
    if caller.context.service != Service::StorageCommitment {
        return Err(Status::unrecognised_operation());
    }
    if request.command.text(CommandTag::REQUESTED_SOP_CLASS_UID) != Some(caller.context.abstract_syntax.as_str()) {
        return Err(Status::no_such_sop_class(CLASS));
    }
    if request.command.text(CommandTag::REQUESTED_SOP_INSTANCE_UID) != Some(PUSH_MODEL_INSTANCE) {
        return Err(Status::no_such_sop_instance());
    }
    if request.command.number(CommandTag::ACTION_TYPE_ID) != Some(REQUEST_STORAGE_COMMITMENT) {
        return Err(Status::no_such_action());
    }
    if caller.archive.may_ask_for_commitment(caller.actor).is_err() {
        return Err(Status::not_authorised());
    }
    if request.has_data_set { Ok(()) } else { Err(Status::wrong_data_set_type()) }
}

async fn read<S>(
    caller: Caller<'_>,
    data_set: &mut DataSet<'_, S>,
) -> Result<Result<(TransactionUid, Vec<Reference>), CommitmentDataSetError>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut reader = RequestReader::new(&caller.context.transfer_syntax);
    while let Some(bytes) = data_set.next().await? {
        if let Err(error) = reader.push(&bytes) {
            return Ok(Err(error));
        }
    }
    Ok(reader.finish())
}

impl From<&CommitmentDataSetError> for Status {
    fn from(error: &CommitmentDataSetError) -> Self {
        match error {
            CommitmentDataSetError::Malformed(_) => Self::processing_failure("the data set cannot be read"),
            CommitmentDataSetError::Wrong(attribute) => Self::invalid_argument_value(*attribute),
            CommitmentDataSetError::TooMany => Self::resource_limitation(&error.to_string()),
        }
    }
}
