//! Instances on their way to a peer (PS3.7 section 9.1.1, C-STORE service, with us as its SCU), whichever side asked for the
//! association: on a peer's own in C-GET, on one of ours in C-MOVE and forwarding.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use filmless_archive::data_set::DataSetStream;
use filmless_archive::forwarding::errand::Pace;
use filmless_archive::{Archive, ArchiveError};
use filmless_dicom::target_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, TargetSyntax};
use filmless_index::StoredInstance;
use filmless_model::ae_title::AeTitle;
use filmless_model::uid::{SopClassUid, TransferSyntaxUid};
use futures::TryStreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::associate;
use crate::command::{CommandField, CommandSet, CommandTag, DATA_SET_FOLLOWS};
use crate::message::{End, MessageStream};
use crate::pdu::{Abort, Part, encode_part, encode_whole_fragments};
use crate::requester::{MAX_CONTEXTS, Proposal};
use crate::status::Meaning;

/// A presentation context in which the peer takes instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StorageContext {
    pub(crate) id: u8,
    pub(crate) abstract_syntax: SopClassUid,
    pub(crate) transfer_syntax: TransferSyntaxUid,
}

/// An instance that can be sent: the next byte of it is known to be there.
pub(crate) struct Ready {
    context_id: u8,
    sop_class: String,
    sop_instance: String,
    data_set: DataSetStream,
}

impl Ready {
    /// The same, no faster than the pace.
    pub(crate) fn at(self, pace: Arc<Pace>) -> Self {
        Self { data_set: pace.stream(self.data_set), ..self }
    }
}

/// Why an instance is not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("the peer does not take its SOP Class")]
    SopClassNotAccepted,
    #[error("the peer takes no transfer syntax that it has or can have")]
    TransferSyntaxNotAccepted,
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Opens an instance in one of the contexts: as it is stored where the peer takes that, else transcoded without loss. Of those
/// that it can be transcoded into, `set` says which come first.
pub(crate) async fn open(
    archive: &Arc<Archive>,
    instance: &StoredInstance,
    contexts: &[StorageContext],
    set: &[TransferSyntaxUid],
) -> Result<Ready, Unsendable> {
    let forms = forms(instance, contexts, set);
    if forms.is_empty() {
        let is_class = contexts.iter().any(|context| context.abstract_syntax == instance.sop_class);
        return Err(if is_class { Unsendable::TransferSyntaxNotAccepted } else { Unsendable::SopClassNotAccepted });
    }
    let mut failure = ArchiveError::NoImage;
    for (context_id, target) in forms {
        let opened = match target {
            None => archive.data_set(instance).await,
            Some(target) => archive.data_set_in(instance, target).await,
        };
        match opened {
            Ok(data_set) => {
                let (sop_class, sop_instance) = (instance.sop_class.to_string(), instance.address.instance.to_string());
                return Ok(Ready { context_id, sop_class, sop_instance, data_set });
            }
            Err(error @ (ArchiveError::Undecodable(_) | ArchiveError::NoImage)) => failure = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(failure.into())
}

/// Opens the next of several instances, if there is one.
pub(crate) async fn open_next<'i>(
    archive: &Arc<Archive>,
    contexts: &[StorageContext],
    set: &[TransferSyntaxUid],
    instance: Option<&'i StoredInstance>,
) -> Option<(&'i StoredInstance, Result<Ready, Unsendable>)> {
    let instance = instance?;
    Some((instance, open(archive, instance, contexts, set).await))
}

/// The contexts that instances are proposed in: each class in the transfer syntaxes that it is stored in, and in those that
/// anything can become; where some are `set` for the peer, in these alone. A context has one, so that the peer's choice among
/// several is no matter. There may be none.
pub(crate) fn proposals(instances: &[StoredInstance], set: &[TransferSyntaxUid]) -> Vec<Proposal> {
    let pairs: BTreeSet<_> = instances.iter().flat_map(|instance| wanted(instance, set)).collect();
    let proposal = |(sop_class, transfer_syntax): (&str, &str)| Proposal {
        abstract_syntax: SopClassUid::parse(sop_class).expect("it was one"),
        transfer_syntaxes: vec![TransferSyntaxUid::parse(transfer_syntax).expect("it was one")],
    };
    pairs.into_iter().map(proposal).collect()
}

/// How many of the first instances go on one association, by the contexts that they need.
pub(crate) fn batch(instances: &[StoredInstance], set: &[TransferSyntaxUid]) -> usize {
    let mut pairs = BTreeSet::new();
    let too_many = instances.iter().position(|instance| {
        pairs.extend(wanted(instance, set));
        pairs.len() > MAX_CONTEXTS
    });
    too_many.unwrap_or(instances.len())
}

/// SOP Class and transfer syntax of the contexts that an instance is proposed in.
fn wanted<'a>(instance: &'a StoredInstance, set: &'a [TransferSyntaxUid]) -> Vec<(&'a str, &'a str)> {
    let stored = instance.version.transfer_syntax.as_str();
    let transfer_syntaxes = if set.is_empty() {
        vec![stored, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN]
    } else {
        let can_be = |uid: &&str| *uid == stored || TargetSyntax::without_loss().any(|target| target.uid() == *uid);
        set.iter().map(TransferSyntaxUid::as_str).filter(can_be).collect()
    };
    transfer_syntaxes.into_iter().map(|uid| (instance.sop_class.as_str(), uid)).collect()
}

/// The contexts that an instance can be sent in, the best first: as it is stored, else transcoded without loss.
fn forms(instance: &StoredInstance, contexts: &[StorageContext], set: &[TransferSyntaxUid]) -> Vec<(u8, Option<TargetSyntax>)> {
    let find = |uid: &str| {
        let is_it =
            |context: &&StorageContext| context.abstract_syntax == instance.sop_class && context.transfer_syntax.as_str() == uid;
        contexts.iter().find(is_it).map(|context| context.id)
    };
    if let Some(id) = find(instance.version.transfer_syntax.as_str()) {
        return vec![(id, None)];
    }
    let mut targets: Vec<_> = TargetSyntax::without_loss().collect();
    targets.sort_by_key(|target| set.iter().position(|uid| uid.as_str() == target.uid()).unwrap_or(usize::MAX));
    targets.into_iter().filter_map(|target| Some((find(target.uid())?, Some(target)))).collect()
}

/// Priority (0000,0700) MEDIUM.
pub(crate) const MEDIUM: u16 = 0;

/// How a C-STORE of ours is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoreRequest<'a> {
    pub(crate) message_id: u16,
    pub(crate) priority: u16,
    /// Who asked us to move the instance, and in which message.
    pub(crate) move_originator: Option<(&'a AeTitle, u16)>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) status: u16,
    /// Error Comment (0000,0902), if the peer said something.
    pub(crate) comment: Option<String>,
    /// Whether the peer cancelled the operation that this belongs to.
    pub(crate) is_cancelled: bool,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {:04X}", self.status)?;
        self.comment.as_ref().map_or(Ok(()), |comment| write!(f, ": {comment}"))
    }
}

impl Stored {
    /// Whether it is not stored.
    pub(crate) fn failed(&self) -> bool {
        !matches!(Meaning::of(self.status), Meaning::Success | Meaning::Warning)
    }

    /// Says in the log what went wrong.
    pub(crate) fn log_unless_success(&self, instance: &StoredInstance) {
        if self.status != 0 {
            let (instance, status, comment) = (&instance.address.instance, self.status, &self.comment);
            tracing::warn!(instance.uid = %instance, status = format!("{status:04X}"), comment, "the peer did not just store an instance");
        }
    }
}

/// Sends an instance: its command set, and its data set as it is read. What cannot be read any more ends the association: a
/// data set that is begun must be ended, and a short one would be stored.
pub(crate) async fn send<S>(
    messages: &mut MessageStream<S>,
    mut ready: Ready,
    request: StoreRequest<'_>,
    max_length: u32,
) -> Result<u64, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// So much is sent in one write.
    const TOGETHER_BYTES: usize = 256 << 10;
    const UNREADABLE: End = End::Abort(Abort::ServiceUser, "an instance that is being sent cannot be read");
    let mut command = CommandSet::default()
        .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, &ready.sop_class)
        .with_number(CommandTag::COMMAND_FIELD, CommandField::C_STORE_RQ.0)
        .with_number(CommandTag::MESSAGE_ID, request.message_id)
        .with_number(CommandTag::PRIORITY, request.priority)
        .with_number(CommandTag::COMMAND_DATA_SET_TYPE, DATA_SET_FOLLOWS)
        .with_uid(CommandTag::AFFECTED_SOP_INSTANCE_UID, &ready.sop_instance);
    if let Some((ae_title, message_id)) = request.move_originator {
        command = command
            .with_long_string(CommandTag::MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE, ae_title.as_str())
            .with_number(CommandTag::MOVE_ORIGINATOR_MESSAGE_ID, message_id);
    }
    let context_id = ready.context_id;
    let mut pdus = encode_part(context_id, Part::CommandSet, &command.encode(), max_length);
    let mut sent = 0;
    // The last piece waits until it is known to be the last: its fragment says so.
    let mut waiting = BytesMut::new();
    loop {
        let piece = ready.data_set.try_next().await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, instance.uid = ready.sop_instance, "cannot be sent");
            UNREADABLE
        })?;
        let Some(piece) = piece else { break };
        sent += piece.len() as u64;
        if waiting.is_empty() {
            waiting = BytesMut::from(piece);
        } else {
            waiting.extend_from_slice(&piece);
        }
        encode_whole_fragments(context_id, &mut waiting, max_length, &mut pdus);
        if pdus.len() > TOGETHER_BYTES {
            messages.send(&pdus).await?;
            pdus.clear();
        }
    }
    pdus.extend(encode_part(context_id, Part::DataSet, &waiting, max_length));
    messages.send(&pdus).await?;
    Ok(sent)
}

/// Waits for the C-STORE-RSP. On the association of a C-GET the peer may cancel that, `operation`, meanwhile.
pub(crate) async fn stored<S>(
    messages: &mut MessageStream<S>,
    message_id: u16,
    patience: Duration,
    operation: Option<u16>,
) -> Result<Stored, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const NOT_A_RESPONSE: End = End::Abort(Abort::ServiceUser, "not the response to our request");
    let mut is_cancelled = false;
    loop {
        let message = messages.next_in_operation(patience).await?;
        messages.data_set().drain().await?;
        let answered = message.command.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO);
        match message.command.field() {
            Some(CommandField::C_CANCEL_RQ) if operation.is_some() => is_cancelled |= answered == operation,
            Some(CommandField::C_STORE_RSP) if answered == Some(message_id) => {
                let status = message.command.number(CommandTag::STATUS).ok_or(NOT_A_RESPONSE)?;
                let comment = message.command.text(CommandTag::ERROR_COMMENT).map(associate::printable);
                return Ok(Stored { status, comment, is_cancelled });
            }
            _ => return Err(NOT_A_RESPONSE),
        }
    }
}
