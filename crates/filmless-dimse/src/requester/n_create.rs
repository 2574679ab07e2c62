//! N-CREATE (PS3.7 section 10.1.5) of an Instance Availability Notification, with us as its SCU (PS3.4 section R.3.2.1).

use filmless_dicom::availability;
use filmless_model::availability::AvailableStudy;
use filmless_model::uid::SopInstanceUid;

use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS};
use crate::requester::c_find::proposal;
use crate::requester::{RemoteNode, RequestError, Requester};

const NOTIFICATION: &str = dicom_dictionary_std::uids::INSTANCE_AVAILABILITY_NOTIFICATION;

impl Requester {
    /// Tells a node what is here of a study; the status of its response.
    pub(crate) async fn tell_of(&self, node: &RemoteNode, available: &AvailableStudy) -> Result<u16, RequestError> {
        let mut association = self.associate(node, &[proposal(NOTIFICATION)]).await?;
        let context = association.contexts.first().cloned().ok_or(RequestError::NothingAccepted)?;
        let request = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, NOTIFICATION)
            .with_number(CommandTag::COMMAND_FIELD, CommandField::N_CREATE_RQ.0)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS)
            .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, SopInstanceUid::generate().as_str());
        let (ae_title, dicomweb) = (self.config.ae_title.as_str(), self.config.dicomweb_url.as_deref());
        let data_set = availability::write(available, ae_title, dicomweb, &context.transfer_syntax);
        let answer = match association.ask(context.id, request, Some(&data_set)).await {
            Ok(answer) => answer,
            Err(end) => return Err(association.ended(end).await),
        };
        association.release().await;
        answer.command.number(CommandTag::STATUS).ok_or(RequestError::NoDicom)
    }
}
