//! C-STORE (PS3.7 section 9.1.1, PS3.4 annex B): the data set goes to the archive as it comes.
//!
//! Success is said when the archive says it: bytes durable, row committed. What the archive kept in spite of an oddity
//! is a success too; none of the warnings of PS3.4 table B.2-1 is about something we do.

use std::sync::Arc;

use filmless_archive::Archive;
use filmless_dicom::file_meta::FileMeta;
use filmless_model::actor::Actor;
use filmless_model::store_outcome::StoreFailure;
use filmless_model::uid::SopInstanceUid;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::command::CommandTag;
use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::services::Caller;
use crate::status::Status;

/// What became of a data set.
pub(crate) enum Received {
    /// It is not wanted. Perhaps not all of it was read.
    Refused(Status),
    /// All of it is here, and is yet to be made durable.
    Whole(SopInstanceUid, BoxFuture<'static, Status>),
}

/// Receives the data set of a message.
pub(crate) async fn receive<S>(caller: Caller<'_>, message: &Message, data_set: &mut DataSet<'_, S>) -> Result<Received, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match file_meta(caller, message) {
        Ok(file_meta) => take(caller.archive, caller.actor, file_meta, data_set).await,
        Err(status) => Ok(Received::Refused(status)),
    }
}

/// Receives a data set that is announced to be this instance.
pub(crate) async fn take<S>(
    archive: &Arc<Archive>,
    actor: &Actor,
    file_meta: FileMeta,
    data_set: &mut DataSet<'_, S>,
) -> Result<Received, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut arrival = Arrival { instance: file_meta.sop_instance.clone(), started: Instant::now(), length_bytes: 0 };
    // Leaving this function early drops `incoming`, and with it all that came.
    let mut incoming = match archive.begin_store_data_set(actor, file_meta).await {
        Ok(incoming) => incoming,
        Err(failure) => return Ok(Received::Refused(arrival.conclude(Err(failure)))),
    };
    while let Some(bytes) = data_set.next().await? {
        arrival.length_bytes += bytes.len() as u64;
        if let Err(failure) = incoming.write(bytes).await {
            return Ok(Received::Refused(arrival.conclude(Err(failure))));
        }
    }
    let instance = arrival.instance.clone();
    let finishing = async move { arrival.conclude(incoming.finish().await.map(drop)) };
    Ok(Received::Whole(instance, Box::pin(finishing)))
}

/// An instance that arrives.
struct Arrival {
    instance: SopInstanceUid,
    started: Instant,
    length_bytes: u64,
}

impl Arrival {
    /// Writes down how it ended.
    fn conclude(self, outcome: Result<(), StoreFailure>) -> Status {
        let duration = self.started.elapsed();
        metrics::counter!("filmless_dimse_received_bytes_total").increment(self.length_bytes);
        metrics::histogram!("filmless_dimse_store_seconds").record(duration);
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let (instance, length_bytes) = (self.instance.as_str(), self.length_bytes);
        match outcome {
            Ok(()) => {
                tracing::debug!(instance.uid = instance, length_bytes, duration_ms, "stored an instance");
                Status::SUCCESS
            }
            Err(failure) => {
                tracing::warn!(instance.uid = instance, length_bytes, duration_ms, %failure, "refused an instance");
                Status::from(&failure)
            }
        }
    }
}

/// What the command set and its presentation context say of the instance.
fn file_meta(caller: Caller<'_>, message: &Message) -> Result<FileMeta, Status> {
    let context = caller.context;
    if context.service != Service::Storage {
        return Err(Status::unrecognised_operation());
    }
    caller.check(message)?;
    let instance = message.command.text(CommandTag::AFFECTED_SOP_INSTANCE_UID);
    let sop_instance = instance.and_then(|uid| SopInstanceUid::parse(uid).ok()).ok_or_else(Status::invalid_sop_instance)?;
    Ok(FileMeta { sop_class: context.abstract_syntax.clone(), sop_instance, transfer_syntax: context.transfer_syntax.clone() })
}
