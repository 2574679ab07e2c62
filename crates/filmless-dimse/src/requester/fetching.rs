//! Instances that another node gives us (PS3.4 section C.4.2 and C.4.3): by C-GET over an association of ours where it serves
//! that, else by C-MOVE, for which it calls our door. What it does not send by C-GET is fetched once more (`second_try`), and in
//! the end it is asked what it has (`skipped`).
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
use crate::requester::not_sent::{NotSent, Numbers};
use crate::requester::skipped;
use crate::requester::{Association, Proposal, RemoteNode, RequestError, Requester, Transfer, Wanted};
use crate::services::c_store::{self, Received};
use crate::services::response;
use crate::status::{Meaning, Status};

pub(super) const GET: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_GET;
pub(super) const MOVE: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_MOVE;
/// Why an instance that a node was asked for does not come.
const CANNOT_SEND: &str = "the node could not send it";
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
        let storing = Storing { archive, actor: &source(peer, node) };
        let first = self.fetch_first(storing, node, wanted, progress).await?;
        let mut rest = first.retrieved.not_sent;
        let mut ended = first.retrieved.ended;
        let mut why = CANNOT_SEND.to_owned();
        if first.can_get && !rest.is_empty() {
            // It is worth another try, whatever it ended with.
            ended = self.fetch_rest((storing, node), (wanted, &mut rest), first.can_move, progress).await;
            if let (true, Err(error)) = (first.can_move, &ended) {
                why = format!("{CANNOT_SEND} nor move it: {error}");
            }
        }
        if ended.is_ok() {
            self.compare((archive, node), wanted, &mut rest, progress).await;
        }
        progress.send_modify(|transfer| rest.tell(transfer, &why));
        ended
    }

    /// Looks whether all that the node has is here now.
    async fn compare(
        &self,
        (archive, node): (&Arc<Archive>, &RemoteNode),
        wanted: &Wanted,
        rest: &mut NotSent,
        progress: &watch::Sender<Transfer>,
    ) {
        let said = self.said(node, wanted).await;
        match skipped::here(archive, wanted).await {
            Ok(here) => progress.send_modify(|transfer| skipped::tell(transfer, said, &here, rest)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot look whether all that was fetched is here");
            }
        }
    }

    /// Asks for all of them.
    async fn fetch_first(
        &self,
        storing: Storing<'_>,
        node: &RemoteNode,
        wanted: &Wanted,
        progress: &watch::Sender<Transfer>,
    ) -> Result<First, RequestError> {
        let classes = FETCHED.map(|uid| SopClassUid::parse(uid).expect("a UID of the standard"));
        let compressed = COMPRESSED.map(|uid| TransferSyntaxUid::parse(uid).expect("a UID of the standard"));
        // Where a node has compressed images, it need not decompress them for us.
        let storage = classes.iter().flat_map(|class| {
            let compressed = Proposal { abstract_syntax: class.clone(), transfer_syntaxes: compressed.to_vec() };
            [proposal(class.as_str()), compressed]
        });
        let proposals: Vec<_> = [GET, MOVE].map(proposal).into_iter().chain(storage).collect();
        let mut association = self.associate_in_roles(node, &proposals, &receiving(&classes)).await?;
        let (get, moving) = (association.context_of(GET), association.context_of(MOVE));
        let (can_get, can_move) = (get.is_some(), moving.is_some());
        let retrieved = match (get, moving) {
            (Some(context), _) => association.retrieve(&context, wanted, Way::Get(storing), progress).await,
            (None, Some(context)) => {
                association.retrieve(&context, wanted, Way::Move(self.config.ae_title.as_str()), progress).await
            }
            (None, None) => Ok(Retrieved { not_sent: NotSent::default(), ended: Err(RequestError::NothingAccepted) }),
        };
        let retrieved = association.concluded(retrieved).await?;
        Ok(First { retrieved, can_get, can_move })
    }
}

/// What came of the first request.
struct First {
    retrieved: Retrieved,
    can_get: bool,
    can_move: bool,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Retrieved {
    /// What the node did not send.
    pub(super) not_sent: NotSent,
    /// Why it ended before all was tried, if so.
    pub(super) ended: Result<(), RequestError>,
}

/// We are SCP of these classes.
pub(super) fn receiving(classes: &[SopClassUid]) -> Vec<RoleSelection> {
    classes.iter().map(|class| RoleSelection { sop_class: class.clone(), scu: false, scp: true }).collect()
}

/// As whom what a node gives us is stored: it may do so, as it was asked to.
fn source(peer: &Peer, node: &RemoteNode) -> Actor {
    let address = node.host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Actor::Peer { ae_title: peer.ae_title.clone(), address, rights: PeerRights { store: true, ..peer.rights }, user: None }
}

/// How instances come.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// Over this association.
    Get(Storing<'a>),
    /// Over one of the node's, to the door of this AE title.
    Move(&'a str),
}

/// Where they are stored.
#[derive(Clone, Copy)]
pub(super) struct Storing<'a> {
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
    /// The context of a class that was accepted.
    pub(super) fn context_of(&self, uid: &str) -> Option<StorageContext> {
        self.contexts.iter().find(|context| context.abstract_syntax.as_str() == uid).cloned()
    }

    /// Releases it after what was done on it, or says what is still to be said.
    pub(super) async fn concluded<T>(self, done: Result<T, End>) -> Result<T, RequestError> {
        match done {
            Ok(done) => {
                self.release().await;
                Ok(done)
            }
            Err(end) => Err(self.ended(end).await),
        }
    }

    /// Asks for instances, and takes what comes until the last response.
    pub(super) async fn retrieve(
        &mut self,
        context: &StorageContext,
        wanted: &Wanted,
        way: Way<'_>,
        progress: &watch::Sender<Transfer>,
    ) -> Result<Retrieved, End> {
        let Some(identifier) = identifier_of(wanted, &context.transfer_syntax) else {
            return Ok(Retrieved { not_sent: NotSent::default(), ended: Err(RequestError::NothingAccepted) });
        };
        let before = progress.borrow().clone();
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
            let numbers = Numbers::of(&message.command);
            progress.send_modify(|transfer| account(transfer, &before, numbers, matches!(way, Way::Move(_))));
            let ended = match meaning {
                Meaning::Pending => continue,
                Meaning::Success | Meaning::Warning => Ok(()),
                Meaning::Cancelled | Meaning::Failure => Err(RequestError::Status(status)),
            };
            let failed = failed(&list, &context.transfer_syntax);
            let transfer = progress.borrow();
            let refused = transfer.failed - before.failed;
            return Ok(Retrieved { not_sent: NotSent::of(numbers.failed, failed, &transfer, refused), ended });
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

/// Brings the numbers of a response in, beside what was counted before the request. What comes over this association is counted
/// as it comes.
fn account(transfer: &mut Transfer, before: &Transfer, numbers: Numbers, is_move: bool) {
    if is_move {
        transfer.completed = before.completed + numbers.completed + numbers.warnings;
        transfer.warnings = before.warnings + numbers.warnings;
    }
    let known = before.completed + before.failed + numbers.sum();
    transfer.total = Some(transfer.total.unwrap_or_default().max(known));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn what_a_node_moves_is_counted_by_what_it_says_and_what_it_gives_as_it_comes() {
        let numbers = |remaining, completed, warnings, failed| Numbers { remaining, completed, warnings, failed };
        let (mut transfer, before) = (Transfer::default(), Transfer::default());
        account(&mut transfer, &before, numbers(7, 2, 1, 0), true);
        assert_eq!((transfer.total, transfer.completed, transfer.warnings), (Some(10), 3, 1));
        account(&mut transfer, &before, numbers(0, 7, 1, 2), true);
        assert_eq!((transfer.total, transfer.completed, transfer.failed), (Some(10), 8, 0));
        // The two once more.
        let before = transfer.clone();
        account(&mut transfer, &before, numbers(0, 1, 0, 1), true);
        assert_eq!((transfer.total, transfer.completed), (Some(10), 9));
        let mut transfer = Transfer { completed: 1, ..Transfer::default() };
        account(&mut transfer, &Transfer::default(), numbers(4, 1, 0, 1), false);
        assert_eq!((transfer.total, transfer.completed), (Some(6), 1));
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
