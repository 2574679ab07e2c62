//! C-ECHO (PS3.7 section 9.1.5): is a node there, does it know us, does it speak DICOM?

use filmless_dicom::target_syntax::TargetSyntax;
use filmless_model::uid::SopClassUid;

use crate::command::{CommandField, CommandSet, CommandTag, NO_DATA_SET};
use crate::negotiation::VERIFICATION;
use crate::requester::{Proposal, RemoteNode, RequestError, Requester};

impl Requester {
    /// Asks a node whether it is there, on an association of its own.
    pub async fn echo(&self, node: &RemoteNode) -> Result<(), RequestError> {
        let proposal = Proposal {
            abstract_syntax: SopClassUid::parse(VERIFICATION).expect("a UID of the standard"),
            transfer_syntaxes: vec![TargetSyntax::ImplicitVrLittleEndian.transfer_syntax()],
        };
        let mut association = self.associate(node, &[proposal]).await?;
        let context_id = association.contexts.first().ok_or(RequestError::NothingAccepted)?.id;
        let request = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, VERIFICATION)
            .with_number(CommandTag::COMMAND_FIELD, CommandField::C_ECHO_RQ.0)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, NO_DATA_SET);
        let answer = match association.ask(context_id, request, None).await {
            Ok(answer) => answer,
            Err(end) => return Err(association.ended(end).await),
        };
        association.release().await;
        match answer.command.number(CommandTag::STATUS) {
            Some(0) => Ok(()),
            Some(status) => Err(RequestError::Status(status)),
            None => Err(RequestError::NoDicom),
        }
    }
}
