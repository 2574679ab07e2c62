//! C-STORE (PS3.7 section 9.1.1, PS3.4 annex B): the data set goes to the archive as it comes.
//!
//! Success is said when the archive says it: bytes durable, row committed. What the archive kept in spite of an oddity
//! is a success too; none of the warnings of PS3.4 table B.2-1 is about something we do.

use filmless_dicom::file_meta::FileMeta;
use filmless_model::store_outcome::StoreFailure;
use filmless_model::uid::SopInstanceUid;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::command::CommandTag;
use crate::message::{DataSet, End, Message};
use crate::negotiation::Service;
use crate::services::Caller;
use crate::status::Status;

/// Stores the data set of a message. A refusal may come before all of the data set is read.
pub(crate) async fn perform<S>(caller: Caller<'_>, message: &Message, data_set: &mut DataSet<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let file_meta = match file_meta(caller, message) {
        Ok(file_meta) => file_meta,
        Err(status) => return Ok(status),
    };
    let instance = file_meta.sop_instance.clone();
    let started = Instant::now();
    let mut received_bytes = 0;
    let outcome = store(caller, file_meta, data_set, &mut received_bytes).await?;
    let duration = started.elapsed();
    metrics::counter!("filmless_dimse_received_bytes_total").increment(received_bytes);
    metrics::histogram!("filmless_dimse_store_seconds").record(duration);
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let instance = instance.as_str();
    Ok(match outcome {
        Ok(()) => {
            tracing::debug!(instance.uid = instance, length_bytes = received_bytes, duration_ms, "stored an instance");
            Status::SUCCESS
        }
        Err(failure) => {
            tracing::warn!(instance.uid = instance, length_bytes = received_bytes, duration_ms, %failure, "refused an instance");
            Status::from(&failure)
        }
    })
}

async fn store<S>(
    caller: Caller<'_>,
    file_meta: FileMeta,
    data_set: &mut DataSet<'_, S>,
    received_bytes: &mut u64,
) -> Result<Result<(), StoreFailure>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut incoming = match caller.archive.begin_store_data_set(caller.actor, file_meta) {
        Ok(incoming) => incoming,
        Err(failure) => return Ok(Err(failure)),
    };
    // Leaving this function early drops `incoming`, and with it all that came.
    while let Some(bytes) = data_set.next().await? {
        *received_bytes += bytes.len() as u64;
        if let Err(failure) = incoming.write(bytes).await {
            return Ok(Err(failure));
        }
    }
    Ok(incoming.finish().await.map(drop))
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
