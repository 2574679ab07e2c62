//! C-MOVE of the Query/Retrieve Service Class (PS3.7 section 9.1.4, PS3.4 section C.4.2): what is named goes by C-STORE to a third
//! node, on associations of ours.

use filmless_archive::ArchiveError;
use filmless_index::StoredInstance;
use filmless_model::ae_title::AeTitle;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::command::CommandTag;
use crate::message::End;
use crate::negotiation::Service;
use crate::outgoing;
use crate::requester::sending::{Sending, Sent, SentFor};
use crate::requester::{Association, RemoteNode};
use crate::services::retrieval::{self, SubOperations};
use crate::services::{Answer, Caller, Exchange};
use crate::status::Status;

/// Sends what is named to the Move Destination.
pub(crate) async fn perform<S>(caller: Caller<'_>, exchange: &mut Exchange<'_, S>) -> Result<Answer, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Service::Move(model, relational) = caller.context.service else { return Ok(Status::unrecognised_operation().into()) };
    let instances = match retrieval::named(caller, exchange, model, relational).await? {
        Ok(instances) => instances,
        Err(status) => return Ok(status.into()),
    };
    let node = match destination(caller, exchange.message.command.text(CommandTag::MOVE_DESTINATION)).await {
        Ok(node) => node,
        Err(status) => return Ok(status.into()),
    };
    let mut moving = Move { caller, sub_operations: SubOperations::new(instances.len()), ended: None };
    let mut rest = instances.as_slice();
    while !rest.is_empty() && moving.ended.is_none() {
        let (batch, after) = rest.split_at(outgoing::batch(rest, &node.transfer_syntaxes));
        rest = after;
        let proposals = outgoing::proposals(batch, &node.transfer_syntaxes);
        if proposals.is_empty() {
            tracing::warn!(destination = %node.ae_title, "none of the transfer syntaxes set for a destination can be sent");
            for instance in batch {
                moving.sub_operations.count(instance, None);
            }
            continue;
        }
        match caller.requester.associate(&node, &proposals).await {
            Ok(association) => moving.send(exchange, &node, association, batch).await?,
            Err(error) => {
                tracing::warn!(%error, destination = %node.ae_title, "cannot move instances");
                let why = format!("{}: {error}", node.ae_title);
                moving.ended = Some(Status::unable_to_perform_sub_operations(&why));
                moving.sub_operations.give_up(batch.iter());
            }
        }
    }
    let Move { mut sub_operations, ended, .. } = moving;
    let status = match ended {
        Some(status) if status == Status::CANCELLED => status,
        Some(status) => {
            sub_operations.give_up(rest.iter());
            status
        }
        None => sub_operations.status(),
    };
    Ok(Answer::retrieved(caller, status, &sub_operations))
}

/// The node that a Move Destination means: a peer with an address and a port.
async fn destination(caller: Caller<'_>, named: Option<&str>) -> Result<RemoteNode, Status> {
    let ae_title = named.and_then(|text| AeTitle::parse(text).ok()).ok_or_else(Status::move_destination_unknown)?;
    let peer = match caller.archive.destination(caller.actor, &ae_title).await {
        Ok(peer) => peer.ok_or_else(Status::move_destination_unknown)?,
        Err(ArchiveError::Forbidden(_)) => return Err(Status::not_authorised()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot look up a move destination");
            return Err(Status::unable_to_perform_sub_operations("the destination cannot be looked up"));
        }
    };
    RemoteNode::of(&peer).ok_or_else(Status::move_destination_unknown)
}

/// A move under way.
struct Move<'a> {
    caller: Caller<'a>,
    sub_operations: SubOperations,
    /// What ended it before all was sent.
    ended: Option<Status>,
}

impl Move<'_> {
    /// Sends instances on one association, one after the other.
    async fn send<S>(
        &mut self,
        exchange: &mut Exchange<'_, S>,
        node: &RemoteNode,
        mut association: Association,
        instances: &[StoredInstance],
    ) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let caller = self.caller;
        let move_originator = originator(caller).map(|ae_title| (ae_title, exchange.message_id));
        let sent_for = SentFor { priority: exchange.priority(), move_originator };
        let mut sending = Sending::begin(caller.archive, (node, &association), instances, sent_for).await;
        while !sending.is_over() {
            if self.sub_operations.is_due() {
                exchange.progress(&self.sub_operations).await?;
            }
            if exchange.is_cancelled().await? {
                self.ended = Some(Status::CANCELLED);
                break;
            }
            if caller.drain.is_cancelled() {
                self.ended = Some(Status::unable_to_perform_sub_operations("the archive is shutting down"));
                self.sub_operations.give_up(sending.rest());
                break;
            }
            let Some((instance, sent)) = sending.send_next(&mut association).await else { break };
            match sent {
                Sent::Answered(stored) => self.sub_operations.count(instance, Some(stored.status)),
                Sent::Unsendable(_) => self.sub_operations.count(instance, None),
                Sent::Ended(end) => {
                    self.sub_operations.give_up(std::iter::once(instance).chain(sending.rest()));
                    let error = association.ended(end).await;
                    tracing::warn!(%error, "the destination of a move is gone");
                    self.ended = Some(Status::unable_to_perform_sub_operations(&error.to_string()));
                    return Ok(());
                }
            }
        }
        association.release().await;
        Ok(())
    }
}

/// The AE title of the peer that asked.
fn originator(caller: Caller<'_>) -> Option<&AeTitle> {
    match caller.actor {
        filmless_model::actor::Actor::Peer { ae_title, .. } => Some(ae_title),
        _ => None,
    }
}
