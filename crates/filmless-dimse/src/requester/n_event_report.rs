//! N-EVENT-REPORT (PS3.7 section 10.1.1) on an association of ours, as SCP of what it tells of (PS3.4 section J.3.3).

use filmless_dicom::target_syntax::TargetSyntax;
use filmless_model::commitment::Commitment;
use filmless_model::uid::SopClassUid;

use crate::associate::RoleSelection;
use crate::command::CommandTag;
use crate::commitment::PUSH_MODEL;
use crate::requester::{Proposal, RemoteNode, RequestError, Requester};
use crate::services::n_event_report;

impl Requester {
    /// Tells a node what came of its storage commitment; the status of its response.
    ///
    /// We are SCP of the association that we ask for, and propose to be. Peers that do not answer that proposal have been seen
    /// to take the report all the same.
    pub(crate) async fn report_commitment(&self, node: &RemoteNode, commitment: &Commitment) -> Result<u16, RequestError> {
        let sop_class = SopClassUid::parse(PUSH_MODEL).expect("a UID of the standard");
        let transfer_syntaxes = [TargetSyntax::ExplicitVrLittleEndian, TargetSyntax::ImplicitVrLittleEndian];
        let transfer_syntaxes = transfer_syntaxes.map(TargetSyntax::transfer_syntax);
        let proposal = Proposal { abstract_syntax: sop_class.clone(), transfer_syntaxes: transfer_syntaxes.to_vec() };
        let role = RoleSelection { sop_class, scu: false, scp: true };
        let mut association = self.associate_in_roles(node, &[proposal], &[role]).await?;
        let context = association.contexts.first().cloned().ok_or(RequestError::NothingAccepted)?;
        let (request, data_set) = n_event_report::request(commitment, &self.config.ae_title, &context.transfer_syntax);
        let answer = match association.ask(context.id, request, Some(&data_set)).await {
            Ok(answer) => answer,
            Err(end) => return Err(association.ended(end).await),
        };
        association.release().await;
        answer.command.number(CommandTag::STATUS).ok_or(RequestError::NoDicom)
    }
}
