//! C-FIND (PS3.7 section 9.1.2, PS3.4 section C.4.1) at another node.

use dicom_dictionary_std::uids;
use filmless_dicom::identifier::{self, Answer};
use filmless_dicom::remote_search::{self, Level};
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_model::uid::SopClassUid;
use serde_json::Value;

use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS, NO_DATA_SET};
use crate::message::End;
use crate::pdu::Abort;
use crate::requester::{Association, Proposal, RemoteNode, RequestError, Requester};
use crate::status::Meaning;

/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Answers that still come after we have cancelled; a node that sends more does not listen.
const MOST_AFTER_CANCEL: usize = 10_000;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The answers, in the DICOM JSON Model (PS3.18 annex F).
    pub answers: Vec<Value>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// A proposal in the uncompressed transfer syntaxes.
pub(super) fn proposal(abstract_syntax: &str) -> Proposal {
    let transfer_syntaxes = [TargetSyntax::ExplicitVrLittleEndian, TargetSyntax::ImplicitVrLittleEndian];
    Proposal {
        abstract_syntax: SopClassUid::parse(abstract_syntax).expect("a UID of the standard"),
        transfer_syntaxes: transfer_syntaxes.map(TargetSyntax::transfer_syntax).to_vec(),
    }
}

/// Proposals for a search: the Study Root model, and the Patient Root model for patients and for where there is no other.
pub(super) fn models(level: Level) -> Vec<Proposal> {
    let study_root = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND;
    let patient_root = uids::PATIENT_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND;
    let study_root = (level != Level::Patient).then_some(study_root);
    study_root.into_iter().chain([patient_root]).map(proposal).collect()
}

impl Requester {
    /// Searches at a node for `limit` answers.
    pub async fn find(&self, node: &RemoteNode, level: Level, keys: &[Answer], limit: usize) -> Result<Found, RequestError> {
        let mut association = self.associate(node, &models(level)).await?;
        match association.find(keys, limit).await {
            Ok(found) => {
                association.release().await;
                found
            }
            Err(end) => Err(association.ended(end).await),
        }
    }
}

impl Association {
    /// Searches in the first context that was accepted.
    pub(super) async fn find(&mut self, keys: &[Answer], limit: usize) -> Result<Result<Found, RequestError>, End> {
        const NOT_A_RESPONSE: End = End::Abort(Abort::ServiceUser, "not the response to our request");
        let Some(context) = self.contexts.first().cloned() else { return Ok(Err(RequestError::NothingAccepted)) };
        let Some(data_set) = identifier::write(keys, &context.transfer_syntax) else {
            return Ok(Err(RequestError::NothingAccepted));
        };
        let request = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, context.abstract_syntax.as_str())
            .with_number(CommandTag::COMMAND_FIELD, CommandField::C_FIND_RQ.0)
            .with_number(CommandTag::PRIORITY, 0)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS);
        let message_id = self.request(context.id, request, Some(&data_set)).await?;
        let mut found = Found { is_complete: true, ..Found::default() };
        let mut too_many = 0;
        loop {
            let answer = self.messages.next_in_operation(self.response).await?;
            if !answer.command.answers(CommandField::C_FIND_RQ, message_id) {
                return Err(NOT_A_RESPONSE);
            }
            let bytes = self.messages.data_set().collect(MAX_ANSWER_BYTES).await?;
            self.messages.data_set().drain().await?;
            let status = answer.command.number(CommandTag::STATUS).ok_or(NOT_A_RESPONSE)?;
            match Meaning::of(status) {
                Meaning::Pending if found.is_complete && found.answers.len() < limit => {
                    let read = bytes.as_deref().map(|bytes| remote_search::json(bytes, &context.transfer_syntax));
                    let Some(Ok(read)) = read else { return Ok(Err(RequestError::NoDicom)) };
                    found.answers.push(read);
                }
                Meaning::Pending => {
                    if found.is_complete {
                        self.cancel(context.id, message_id).await?;
                        found.is_complete = false;
                    }
                    too_many += 1;
                    if too_many > MOST_AFTER_CANCEL {
                        return Err(End::Abort(Abort::ServiceUser, "a node goes on after a cancel"));
                    }
                }
                Meaning::Success | Meaning::Warning => return Ok(Ok(found)),
                // Cancelled, as we wished.
                Meaning::Cancelled if !found.is_complete => return Ok(Ok(found)),
                Meaning::Cancelled | Meaning::Failure => return Ok(Err(RequestError::Status(status))),
            }
        }
    }

    /// C-CANCEL-RQ (PS3.7 section 9.3.2.3).
    pub(super) async fn cancel(&mut self, context_id: u8, message_id: u16) -> Result<(), End> {
        let cancel = CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, CommandField::C_CANCEL_RQ.0)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, message_id)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, NO_DATA_SET);
        self.send_message(context_id, &cancel, None).await
    }
}
