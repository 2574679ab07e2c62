//! N-EVENT-REPORT (PS3.7 section 10.1.1) of the Storage Commitment Push Model (PS3.4 section J.3.3): what came of a request, of a
//! peer's to us or of ours to a peer.

use std::sync::Arc;

use filmless_archive::Archive;
use filmless_dicom::commitment::{ReadResult, read_result, write_result};
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::Commitment;
use filmless_model::uid::TransferSyntaxUid;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS};
use crate::commitment::{PUSH_MODEL, PUSH_MODEL_INSTANCE};
use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::pdu::encode_message;
use crate::services::Caller;
use crate::status::Status;

/// Storage Commitment Request Successful (PS3.4 section J.3.3.1.1).
const SUCCESSFUL: u16 = 1;
/// Storage Commitment Request Complete - Failures Exist.
const FAILURES_EXIST: u16 = 2;

/// The request that tells what came of a commitment, without its Message ID, and its data set.
pub(crate) fn request(commitment: &Commitment, ae_title: &AeTitle, transfer_syntax: &TransferSyntaxUid) -> (CommandSet, Vec<u8>) {
    let event = if commitment.failures.is_empty() { SUCCESSFUL } else { FAILURES_EXIST };
    let command = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, PUSH_MODEL)
        .with_number(CommandTag::COMMAND_FIELD, CommandField::N_EVENT_REPORT_RQ.0)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS)
        .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, PUSH_MODEL_INSTANCE)
        .with_number(CommandTag::EVENT_TYPE_ID, event);
    let request = &commitment.request;
    let failures = &commitment.failures;
    let data_set = write_result(&request.transaction, ae_title.as_str(), &request.references, failures, transfer_syntax);
    (command, data_set)
}

/// The longest result that is read: it has some hundred bytes for each of tens of thousands of instances.
pub(crate) const MAX_RESULT_BYTES: usize = 4 << 20;

/// Takes what a peer says of what we asked it to vouch for, on an association that it made: it is SCP there.
pub(crate) async fn perform<S>(caller: Caller<'_>, request: &Message, data_set: &mut DataSet<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if caller.context.service != Service::StorageCommitment {
        return Ok(Status::unrecognised_operation());
    }
    if request.command.text(CommandTag::AFFECTED_SOP_CLASS_UID) != Some(caller.context.abstract_syntax.as_str()) {
        return Ok(Status::no_such_sop_class(&[CommandTag::AFFECTED_SOP_CLASS_UID]));
    }
    if !request.has_data_set {
        return Ok(Status::wrong_data_set_type());
    }
    let Actor::Peer { ae_title, .. } = caller.actor else { return Ok(Status::not_authorised()) };
    match data_set.collect(MAX_RESULT_BYTES).await? {
        Some(bytes) => Ok(take_result(caller.archive, ae_title, &bytes, &caller.context.transfer_syntax).await),
        None => Ok(Status::resource_limitation("the result is too long")),
    }
}

/// Keeps what a peer says.
pub(crate) async fn take_result(
    archive: &Arc<Archive>,
    peer: &AeTitle,
    data_set: &[u8],
    transfer_syntax: &TransferSyntaxUid,
) -> Status {
    let ReadResult { transaction, committed, failed } = match read_result(data_set, transfer_syntax) {
        Ok(read) => read,
        Err(error) => return Status::from(&error),
    };
    match archive.take_answer(peer, &transaction, committed, failed).await {
        Ok(true) => Status::SUCCESS,
        Ok(false) => Status::processing_failure("nothing was asked under this Transaction UID"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot keep what a peer vouches for");
            Status::processing_failure("the archive does not answer; try again later")
        }
    }
}

/// A request that goes out over an association that the peer made.
pub(crate) struct Report {
    /// The presentation context that the commitment was asked for in.
    pub(crate) context_id: u8,
    /// The command without its Message ID.
    pub(crate) command: CommandSet,
    /// The data set.
    pub(crate) data_set: Vec<u8>,
    /// Hears the status of the response, if one comes.
    pub(crate) answered: oneshot::Sender<u16>,
}

/// The reports of one association: one at a time.
#[derive(Default)]
pub(crate) struct Reports {
    last_message_id: u16,
    awaited: Option<(u16, oneshot::Sender<u16>)>,
}

impl Reports {
    /// Whether none waits for its response.
    pub(crate) fn are_answered(&self) -> bool {
        self.awaited.is_none()
    }

    /// The PDUs of a report, whose response is awaited from now on.
    pub(crate) fn send(&mut self, report: Report, max_length: u32) -> Vec<u8> {
        self.last_message_id = self.last_message_id.wrapping_add(1);
        let Report { context_id, command, data_set, answered } = report;
        let command = command.with_number(CommandTag::MESSAGE_ID, self.last_message_id);
        self.awaited = Some((self.last_message_id, answered));
        encode_message(context_id, &command.encode(), Some(&data_set), max_length)
    }

    /// Whether a message is the response that is awaited; if so, it is passed on.
    pub(crate) fn take_response(&mut self, message: &Message) -> bool {
        let command = &message.command;
        let Some((awaited, _)) = &self.awaited else { return false };
        let is_answered = command.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO) == Some(*awaited);
        if command.field() != Some(CommandField::N_EVENT_REPORT_RQ.response()) || !is_answered {
            return false;
        }
        if let (Some((_, answered)), Some(status)) = (self.awaited.take(), command.number(CommandTag::STATUS)) {
            // Who asked may have gone on to another association.
            let _ = answered.send(status);
        }
        true
    }
}
