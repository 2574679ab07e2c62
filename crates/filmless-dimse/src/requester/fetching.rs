//! Instances that another node gives us (PS3.4 section C.4.2 and C.4.3): by C-GET over an association of ours where it serves
//! that, else by C-MOVE, for which it calls our door.
//!
//! What comes by C-GET is stored with the node as its source, as if it had sent it; what a C-MOVE sends the door stores.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use dicom_core::VR;
use dicom_dictionary_std::uids;
use filmless_archive::Archive;
use filmless_dicom::file_meta::FileMeta;
use filmless_dicom::identifier::{self, Answer, AnswerValue, KeyValue};
use filmless_model::actor::Actor;
use filmless_model::attribute::Tag;
use filmless_model::peer::{Peer, PeerRights};
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};
use tokio::sync::watch;

use crate::associate::RoleSelection;
use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS, NO_DATA_SET};
use crate::message::{End, Message};
use crate::outgoing::StorageContext;
use crate::pdu::Abort;
use crate::requester::c_find::proposal;
use crate::requester::fetched_classes::{COMPRESSED, FETCHED};
use crate::requester::{Association, Proposal, RemoteNode, RequestError, Requester, Transfer, Wanted};
use crate::services::c_store::{self, Received};
use crate::services::response;
use crate::status::{Meaning, Status};

const GET: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET;
const MOVE: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE;
/// Failed SOP Instance UID List.
const FAILED: Tag = Tag(0x0008, 0x0058);
/// The longest identifier of a response that is read.
const MAX_IDENTIFIER_BYTES: usize = 1 << 20;
const NOT_A_RESPONSE: End = End::Abort(Abort::ServiceUser, "neither a response to our request nor a store");

impl Requester {
    /// Has a node give us instances. `progress` says how far it is; the error is why it ended before all was tried.
    pub async fn fetch(
        &self,
        archive: &Arc<Archive>,
        (peer, node): (&Peer, &RemoteNode),
        wanted: &Wanted,
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        let classes = FETCHED.map(|uid| SopClassUid::parse(uid).expect("a UID of the standard"));
        let roles = classes.clone().map(|sop_class| RoleSelection { sop_class, scu: false, scp: true });
        let compressed = COMPRESSED.map(|uid| TransferSyntaxUid::parse(uid).expect("a UID of the standard"));
        // Where a node has compressed images, it need not decompress them for us.
        let storage = classes.iter().flat_map(|class| {
            let compressed = Proposal { abstract_syntax: class.clone(), transfer_syntaxes: compressed.to_vec() };
            [proposal(class.as_str()), compressed]
        });
        let proposals: Vec<_> = [GET, MOVE].map(proposal).into_iter().chain(storage).collect();
        let mut association = self.associate_in_roles(node, &proposals, &roles).await?;
        let context = |uid: &str| association.contexts.iter().find(|context| context.abstract_syntax.as_str() == uid).cloned();
        let ended = match (context(GET), context(MOVE)) {
            (Some(context), _) => {
                let storing = Storing { archive, actor: &source(peer, node) };
                association.retrieve(&context, wanted, Way::Get(storing), progress).await
            }
            (None, Some(context)) => {
                association.retrieve(&context, wanted, Way::Move(self.config.ae_title.as_str()), progress).await
            }
            (None, None) => Ok(Err(RequestError::NothingAccepted)),
        };
        match ended {
            Ok(done) => {
                association.release().await;
                done
            }
            Err(end) => Err(association.ended(end).await),
        }
    }
}

/// As whom what a node gives us is stored: it may do so, as it was asked to.
fn source(peer: &Peer, node: &RemoteNode) -> Actor {
    let address = node.host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Actor::Peer { ae_title: peer.ae_title.clone(), address, rights: PeerRights { store: true, ..peer.rights }, user: None }
}

/// How instances come.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// Over this association.
    Get(Storing<'a>),
    /// Over one of the node's, to the door of this AE title.
    Move(&'a str),
}

/// Where they are stored.
#[derive(Clone, Copy)]
struct Storing<'a> {
    archive: &'a Arc<Archive>,
    actor: &'a Actor,
}

/// The identifier that names them.
fn identifier_of(wanted: &Wanted, transfer_syntax: &TransferSyntaxUid) -> Option<Vec<u8>> {
    let (level, series) = match &wanted.series {
        Some(series) if wanted.instances.is_empty() => ("SERIES", Some(series)),
        Some(series) => ("IMAGE", Some(series)),
        None => ("STUDY", None),
    };
    let instances: Vec<_> = wanted.instances.iter().map(SopInstanceUid::as_str).collect();
    let attribute = |tag, vr, text: &str| Answer { tag, vr, value: AnswerValue::Text(text.to_owned()) };
    let mut keys = vec![attribute(Tag(0x0008, 0x0052), VR::CS, level)];
    if !instances.is_empty() {
        keys.push(attribute(Tag(0x0008, 0x0018), VR::UI, &instances.join("\\")));
    }
    keys.push(attribute(Tag(0x0020, 0x000D), VR::UI, wanted.study.as_str()));
    keys.extend(series.map(|series| attribute(Tag(0x0020, 0x000E), VR::UI, series.as_str())));
    identifier::write(&keys, transfer_syntax)
}

impl Association {
    async fn retrieve(
        &mut self,
        context: &StorageContext,
        wanted: &Wanted,
        way: Way<'_>,
        progress: &watch::Sender<Transfer>,
    ) -> Result<Result<(), RequestError>, End> {
        let Some(identifier) = identifier_of(wanted, &context.transfer_syntax) else {
            return Ok(Err(RequestError::NothingAccepted));
        };
        let field = if matches!(way, Way::Get(_)) { CommandField::C_GET_RQ } else { CommandField::C_MOVE_RQ };
        let mut request = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, context.abstract_syntax.as_str())
            .with_number(CommandTag::COMMAND_FIELD, field.0)
            .with_number(CommandTag::PRIORITY, 0)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS);
        if let Way::Move(destination) = way {
            request = request.with_long_string(CommandTag::MOVE_DESTINATION, destination);
        }
        let message_id = self.request(context.id, request, Some(&identifier)).await?;
        loop {
            let message = self.messages.next_in_operation(self.response).await?;
            if let (Way::Get(storing), Some(CommandField::C_STORE_RQ)) = (way, message.command.field()) {
                self.take_in(storing, &message, progress).await?;
                continue;
            }
            if !message.command.answers(field, message_id) {
                return Err(NOT_A_RESPONSE);
            }
            let list = self.messages.data_set().collect(MAX_IDENTIFIER_BYTES).await?.unwrap_or_default();
            self.messages.data_set().drain().await?;
            let status = message.command.number(CommandTag::STATUS).ok_or(NOT_A_RESPONSE)?;
            let meaning = Meaning::of(status);
            let failed = if meaning == Meaning::Pending { Vec::new() } else { failed(&list, &context.transfer_syntax) };
            let is_move = matches!(way, Way::Move(_));
            progress.send_modify(|transfer| account(transfer, &message.command, failed, is_move));
            match meaning {
                Meaning::Pending => {}
                Meaning::Success | Meaning::Warning => return Ok(Ok(())),
                Meaning::Cancelled | Meaning::Failure => return Ok(Err(RequestError::Status(status))),
            }
        }
    }

    /// Stores an instance that comes, and says how that went.
    async fn take_in(
        &mut self,
        Storing { archive, actor }: Storing<'_>,
        message: &Message,
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), End> {
        let message_id = message.command.number(CommandTag::MESSAGE_ID).ok_or(NOT_A_RESPONSE)?;
        let instance = message.command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID);
        let instance = instance.and_then(|uid| SopInstanceUid::parse(uid).ok());
        let received = match file_meta(&self.contexts, message, instance.clone()) {
            Ok(file_meta) => c_store::take(archive, actor, file_meta, &mut self.messages.data_set()).await?,
            Err(status) => Received::Refused(status),
        };
        let status = match received {
            Received::Refused(status) => status,
            Received::Whole(_, store) => store.await,
        };
        self.messages.data_set().drain().await?;
        progress.send_modify(|transfer| match status.comment() {
            _ if status == Status::SUCCESS => transfer.complete(false),
            comment => transfer.fail(instance, comment.unwrap_or("not stored here")),
        });
        let response = response(&message.command, CommandField::C_STORE_RQ, message_id, &status, NO_DATA_SET);
        self.send_message(message.context_id, &response, None).await
    }
}

/// What a C-STORE-RQ says of the instance.
fn file_meta(contexts: &[StorageContext], message: &Message, instance: Option<SopInstanceUid>) -> Result<FileMeta, Status> {
    let context = contexts.iter().find(|context| context.id == message.context_id);
    let context = context.ok_or_else(Status::sop_class_not_supported)?;
    if message.command.text(CommandTag::AFFECTED_SOP_CLASS_UID) != Some(context.abstract_syntax.as_str()) {
        return Err(Status::sop_class_not_supported());
    }
    if !message.has_data_set {
        return Err(Status::wrong_data_set_type());
    }
    let sop_instance = instance.ok_or_else(Status::invalid_sop_instance)?;
    let (sop_class, transfer_syntax) = (context.abstract_syntax.clone(), context.transfer_syntax.clone());
    Ok(FileMeta { sop_class, sop_instance, transfer_syntax })
}

/// Failed SOP Instance UID List of the last response.
fn failed(data_set: &[u8], transfer_syntax: &TransferSyntaxUid) -> Vec<SopInstanceUid> {
    let keys = identifier::read(data_set, transfer_syntax).unwrap_or_default();
    match keys.into_iter().find(|key| key.tag == FAILED).map(|key| key.value) {
        Some(KeyValue::Text(list)) => list.split('\\').filter_map(|uid| SopInstanceUid::parse(uid.trim_end()).ok()).collect(),
        _ => Vec::new(),
    }
}

/// Brings the numbers of a response in. What came over this association was counted as it came.
fn account(transfer: &mut Transfer, response: &CommandSet, failed: Vec<SopInstanceUid>, is_move: bool) {
    const WHY: &str = "the node could not send it";
    let number = |tag| response.number(tag).map(usize::from);
    let numbers = [
        CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS,
        CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS,
        CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS,
    ];
    let [completed, warnings, not_sent] = numbers.map(|tag| number(tag).unwrap_or_default());
    if is_move {
        (transfer.completed, transfer.warnings) = (completed + warnings, warnings);
    }
    let told: Vec<_> = transfer.failures.iter().filter_map(|failure| failure.instance.clone()).collect();
    for instance in failed.into_iter().filter(|instance| !told.contains(instance)) {
        transfer.fail(Some(instance), WHY);
    }
    // Not every node has a list of them.
    while transfer.failed < not_sent {
        transfer.fail(None, WHY);
    }
    let remaining = number(CommandTag::NUMBER_OF_REMAINING_SUBOPERATIONS).unwrap_or_default();
    transfer.total = Some(transfer.completed.max(completed + warnings) + transfer.failed + remaining);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn response(remaining: Option<u16>, completed: u16, warnings: u16, failed: u16) -> CommandSet {
        let response = CommandSet::default()
            .with_number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS, completed)
            .with_number(CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS, warnings)
            .with_number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS, failed);
        match remaining {
            Some(remaining) => response.with_number(CommandTag::NUMBER_OF_REMAINING_SUBOPERATIONS, remaining),
            None => response,
        }
    }

    #[test]
    fn what_a_node_moves_is_counted_by_what_it_says() {
        let mut transfer = Transfer::default();
        account(&mut transfer, &response(Some(7), 2, 1, 0), vec![], true);
        assert_eq!((transfer.total, transfer.completed, transfer.warnings), (Some(10), 3, 1));
        let gone = SopInstanceUid::parse("1.2.3").expect("a UID");
        account(&mut transfer, &response(None, 7, 1, 2), vec![gone.clone()], true);
        assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(10), 8, 2));
        assert_eq!(transfer.failures.iter().map(|failure| failure.instance.clone()).collect::<Vec<_>>(), [Some(gone), None]);
    }

    #[test]
    fn what_we_refuse_is_not_counted_twice() {
        let mut transfer = Transfer::default();
        let refused = SopInstanceUid::parse("1.2.3").expect("a UID");
        transfer.complete(false);
        transfer.fail(Some(refused.clone()), "cannot understand");
        account(&mut transfer, &response(None, 1, 0, 1), vec![refused], false);
        assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(2), 1, 1));
        assert_eq!(transfer.failures[0].reason, "cannot understand");
    }

    #[test]
    fn there_is_room_for_all_that_is_proposed_and_the_conformance_statement_names_it() {
        assert_eq!(2 + 2 * FETCHED.len(), crate::requester::MAX_CONTEXTS);
        let statement = include_str!("../../../../CONFORMANCE.md");
        let row = |name: &str| statement.lines().find(|line| line.starts_with(name)).expect("a row of the table");
        assert!(row("| C-MOVE | ").contains(MOVE));
        let row = row("| C-GET | ");
        assert!(row.contains(GET));
        let words: HashSet<_> = row.split([' ', '…', ')']).collect();
        let named = |prefix: &str, uid: &str| words.contains(uid.strip_prefix(prefix).expect("of the standard's root"));
        let classes = FETCHED.iter().filter(|uid| !named("1.2.840.10008.5.1.4.1.1", uid));
        assert_eq!(classes.collect::<Vec<_>>(), Vec::<&&str>::new());
        let syntaxes = COMPRESSED.iter().filter(|uid| !named("1.2.840.10008.1.2", uid));
        assert_eq!(syntaxes.collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
