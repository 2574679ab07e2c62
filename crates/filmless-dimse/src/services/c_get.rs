//! C-GET of the Query/Retrieve Service Class (PS3.7 section 9.1.3, PS3.4 section C.4.3): what is named comes by C-STORE over the
//! association of the request, as it is stored where the peer takes that.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::message::End;
use crate::negotiation::{AcceptedContext, Service};
use crate::outgoing::{self, StorageContext, StoreRequest};
use crate::services::retrieval::{self, SubOperations};
use crate::services::{Answer, Caller, Exchange};
use crate::status::Status;

/// Sends what is named, one after the other. The next is opened while the peer stores one.
pub(crate) async fn perform<S>(caller: Caller<'_>, exchange: &mut Exchange<'_, S>) -> Result<Answer, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Service::Get(model, relational) = caller.context.service else { return Ok(Status::unrecognised_operation().into()) };
    let instances = match retrieval::named(caller, exchange, model, relational).await? {
        Ok(instances) => instances,
        Err(status) => return Ok(status.into()),
    };
    let contexts = storage_contexts(caller);
    let set = &caller.peer.offered_transfer_syntaxes;
    let mut sub_operations = SubOperations::new(instances.len());
    let mut waiting = instances.iter();
    let mut message_id = 0_u16;
    let mut next = outgoing::open_next(caller.archive, &contexts, set, waiting.next()).await;
    while let Some((instance, opened)) = next {
        if sub_operations.is_due() {
            exchange.progress(&sub_operations).await?;
        }
        let ready = match opened {
            Ok(ready) => ready,
            Err(error) => {
                tracing::warn!(instance.uid = %instance.address.instance, %error, "an instance is not sent");
                sub_operations.count(instance, None);
                next = outgoing::open_next(caller.archive, &contexts, set, waiting.next()).await;
                continue;
            }
        };
        message_id = message_id.checked_add(1).unwrap_or(1);
        let request = StoreRequest { message_id, priority: exchange.priority(), move_originator: None };
        outgoing::send(exchange.messages, ready, request, exchange.max_length).await?;
        let operation = Some(exchange.message_id);
        let stored = outgoing::stored(exchange.messages, message_id, caller.config.response(), operation);
        let (stored, opened) = tokio::join!(stored, outgoing::open_next(caller.archive, &contexts, set, waiting.next()));
        let stored = stored?;
        stored.log_unless_success(instance);
        sub_operations.count(instance, Some(stored.status));
        if stored.is_cancelled {
            return Ok(Answer::retrieved(caller, Status::CANCELLED, &sub_operations));
        }
        if caller.drain.is_cancelled() {
            sub_operations.give_up(opened.iter().map(|(instance, _)| *instance).chain(waiting));
            let status = Status::unable_to_perform_sub_operations("the archive is shutting down");
            return Ok(Answer::retrieved(caller, status, &sub_operations));
        }
        next = opened;
    }
    Ok(Answer::retrieved(caller, sub_operations.status(), &sub_operations))
}

/// The contexts in which the peer is SCP.
fn storage_contexts(caller: Caller<'_>) -> Vec<StorageContext> {
    let mut contexts: Vec<_> = caller.contexts.iter().filter(|(_, context)| context.peer_is_scp).collect();
    contexts.sort_unstable_by_key(|(id, _)| **id);
    let context = |(id, context): (&u8, &AcceptedContext)| StorageContext {
        id: *id,
        abstract_syntax: context.abstract_syntax.clone(),
        transfer_syntax: context.transfer_syntax.clone(),
    };
    contexts.into_iter().map(context).collect()
}
