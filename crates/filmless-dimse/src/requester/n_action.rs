//! N-ACTION (PS3.7 section 10.1.4) of the Storage Commitment Push Model with us as its SCU (PS3.4 section J.3.2): a node is asked
//! to vouch for instances that it was sent. It answers on the same association, if it is quick, or calls our door.

use std::sync::Arc;
use std::time::Duration;

use filmless_archive::Archive;
use filmless_dicom::commitment::write_request;
use filmless_model::commitment::AskedCommitment;
use futures::future::Either;

use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS, NO_DATA_SET};
use crate::commitment::{PUSH_MODEL, PUSH_MODEL_INSTANCE};
use crate::message::{End, Message};
use crate::outgoing::StorageContext;
use crate::pdu::Abort;
use crate::requester::c_find::proposal;
use crate::requester::{Association, RemoteNode, RequestError, Requester};
use crate::services::n_event_report::{MAX_RESULT_BYTES, take_result};
use crate::services::response;
use crate::status::Status;

/// Request Storage Commitment (PS3.4 section J.3.2.1).
const REQUEST_STORAGE_COMMITMENT: u16 = 1;
/// So long a node may take to answer on the association that it was asked on.
const SAME_ASSOCIATION: Duration = Duration::from_secs(5);

impl Requester {
    /// Asks a node to vouch for what was written down, in one transaction after the other; or so many were asked under, and why
    /// not under the rest, which is kept.
    pub async fn ask_for_commitments(
        &self,
        archive: &Arc<Archive>,
        node: &RemoteNode,
        all: &[AskedCommitment],
    ) -> Result<(), (usize, RequestError)> {
        for (place, asked) in all.iter().enumerate() {
            let Err(error) = self.ask_for_commitment(archive, node, asked).await else { continue };
            for rest in &all[place..] {
                if let Err(failed) = archive.could_not_ask(&rest.transaction, &error.to_string()).await {
                    tracing::warn!(error = &failed as &dyn std::error::Error, "cannot keep why a node could not be asked");
                }
            }
            return Err((place, error));
        }
        Ok(())
    }

    /// Asks a node to vouch for what was written down. Its answer is kept in the archive, now or later.
    pub async fn ask_for_commitment(
        &self,
        archive: &Arc<Archive>,
        node: &RemoteNode,
        asked: &AskedCommitment,
    ) -> Result<(), RequestError> {
        let mut association = self.associate(node, &[proposal(PUSH_MODEL)]).await?;
        let context = association.contexts.first().cloned().ok_or(RequestError::NothingAccepted)?;
        let keeping = Keeping { archive, node, context: &context };
        let (answer, is_heard) = match association.ask_to_vouch(keeping, asked).await {
            Ok(answer) => answer,
            Err(end) => return Err(association.ended(end).await),
        };
        let accepted = match answer.command.number(CommandTag::STATUS) {
            Some(0) => Ok(()),
            Some(status) => Err(RequestError::Status(status)),
            None => Err(RequestError::NoDicom),
        };
        let heard = if accepted.is_ok() && !is_heard { association.hear(keeping).await } else { Ok(()) };
        match heard {
            Ok(()) => association.release().await,
            // It has accepted the request, and may call our door.
            Err(end) => drop(association.ended(end).await),
        }
        accepted
    }
}

/// Where the answer of a node is kept, and the context that it comes in.
#[derive(Clone, Copy)]
struct Keeping<'a> {
    archive: &'a Arc<Archive>,
    node: &'a RemoteNode,
    context: &'a StorageContext,
}

const NOT_A_REPORT: End = End::Abort(Abort::ServiceUser, "not a report");

impl Association {
    /// The response to the request, and whether the answer came before it: nodes have been seen that answer so quickly.
    async fn ask_to_vouch(&mut self, keeping: Keeping<'_>, asked: &AskedCommitment) -> Result<(Message, bool), End> {
        let field = CommandField::N_ACTION_RQ;
        let request = CommandSet::default()
            .with_uid(CommandTag::REQUESTED_SOP_CLASS_UID, PUSH_MODEL)
            .with_number(CommandTag::COMMAND_FIELD, field.0)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS)
            .with_uid(CommandTag::REQUESTED_SOP_INSTANCE_UID, PUSH_MODEL_INSTANCE)
            .with_number(CommandTag::ACTION_TYPE_ID, REQUEST_STORAGE_COMMITMENT);
        let data_set = write_request(&asked.transaction, &asked.references, &keeping.context.transfer_syntax);
        let message_id = self.request(keeping.context.id, request, Some(&data_set)).await?;
        let mut is_heard = false;
        loop {
            let message = self.messages.next_response(self.response).await?;
            if message.command.answers(field, message_id) {
                self.messages.data_set().drain().await?;
                return Ok((message, is_heard));
            }
            if is_heard {
                return Err(NOT_A_REPORT);
            }
            self.take_report(keeping, &message).await?;
            is_heard = true;
        }
    }

    /// Waits a while for the answer on the same association.
    async fn hear(&mut self, keeping: Keeping<'_>) -> Result<(), End> {
        let waiting = self.messages.next_or(tokio::time::sleep(SAME_ASSOCIATION)).await?;
        let Either::Left(message) = waiting else { return Ok(()) };
        self.take_report(keeping, &message).await
    }

    async fn take_report(&mut self, Keeping { archive, node, context }: Keeping<'_>, message: &Message) -> Result<(), End> {
        let field = CommandField::N_EVENT_REPORT_RQ;
        if message.command.field() != Some(field) {
            return Err(NOT_A_REPORT);
        }
        let message_id = message.command.number(CommandTag::MESSAGE_ID).ok_or(NOT_A_REPORT)?;
        let data_set = self.messages.data_set().collect(MAX_RESULT_BYTES).await?;
        self.messages.data_set().drain().await?;
        let status = match data_set {
            Some(data_set) => take_result(archive, &node.ae_title, &data_set, &context.transfer_syntax).await,
            None => Status::resource_limitation("the result is too long"),
        };
        let response = response(&message.command, field, message_id, &status, NO_DATA_SET);
        self.send_message(message.context_id, &response, None).await
    }
}
