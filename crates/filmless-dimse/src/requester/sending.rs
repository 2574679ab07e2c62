//! C-STORE (PS3.7 section 9.1.1) on associations of ours: instances go to a node one after the other.

use std::sync::Arc;

use filmless_archive::Archive;
use filmless_index::StoredInstance;
use filmless_model::ae_title::AeTitle;
use tokio::sync::watch;

use crate::message::End;
use crate::outgoing::{self, MEDIUM, Ready, StorageContext, StoreRequest, Stored, Unsendable};
use crate::requester::{Association, RemoteNode, RequestError, Requester, Transfer};

/// What the requests of an association have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SentFor<'a> {
    pub(crate) priority: u16,
    /// Who asked us to move the instances, and in which message.
    pub(crate) move_originator: Option<(&'a AeTitle, u16)>,
}

/// Instances on their way over one association, in their order. The next is opened while the node stores one.
pub(crate) struct Sending<'i> {
    archive: &'i Arc<Archive>,
    node: &'i RemoteNode,
    contexts: Vec<StorageContext>,
    sent_for: SentFor<'i>,
    waiting: std::slice::Iter<'i, StoredInstance>,
    next: Option<(&'i StoredInstance, Result<Ready, Unsendable>)>,
}

/// What came of sending one.
pub(crate) enum Sent {
    /// The node answered.
    Answered(Stored),
    /// It could not be sent.
    Unsendable(Unsendable),
    /// The association has come to its end.
    Ended(End),
}

impl<'i> Sending<'i> {
    pub(crate) async fn begin(
        archive: &'i Arc<Archive>,
        (node, association): (&'i RemoteNode, &Association),
        instances: &'i [StoredInstance],
        sent_for: SentFor<'i>,
    ) -> Self {
        let contexts = association.contexts.clone();
        let mut waiting = instances.iter();
        let next = outgoing::open_next(archive, &contexts, &node.transfer_syntaxes, waiting.next()).await;
        Self { archive, node, contexts, sent_for, waiting, next }
    }

    /// Whether all were sent.
    pub(crate) fn is_over(&self) -> bool {
        self.next.is_none()
    }

    /// Sends the next one, if there is one.
    pub(crate) async fn send_next(&mut self, association: &mut Association) -> Option<(&'i StoredInstance, Sent)> {
        let (instance, opened) = self.next.take()?;
        let SentFor { priority, move_originator } = self.sent_for;
        let opening = outgoing::open_next(self.archive, &self.contexts, &self.node.transfer_syntaxes, self.waiting.next());
        let sent = match opened {
            Ok(ready) => {
                let request = StoreRequest { message_id: association.next_message_id(), priority, move_originator };
                let (stored, next) = tokio::join!(association.store(ready, request), opening);
                self.next = next;
                stored.map_or_else(Sent::Ended, Sent::Answered)
            }
            Err(error) => {
                tracing::warn!(instance.uid = %instance.address.instance, %error, "an instance is not sent");
                self.next = opening.await;
                Sent::Unsendable(error)
            }
        };
        if let Sent::Answered(stored) = &sent {
            stored.log_unless_success(instance);
        }
        Some((instance, sent))
    }

    /// Those that were not tried.
    pub(crate) fn rest(self) -> impl Iterator<Item = &'i StoredInstance> {
        self.next.map(|(instance, _)| instance).into_iter().chain(self.waiting)
    }
}

impl Requester {
    /// Sends instances to a node, as they are stored where it takes that. `progress` says how far it is; what could not be sent
    /// is among its failures. The error is why it ended before all was tried.
    pub async fn store_instances(
        &self,
        archive: &Arc<Archive>,
        node: &RemoteNode,
        instances: &[StoredInstance],
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        progress.send_modify(|transfer| transfer.total = Some(instances.len()));
        let mut rest = instances;
        let mut ended = Ok(());
        while !rest.is_empty() && ended.is_ok() {
            let (batch, after) = rest.split_at(outgoing::batch(rest, &node.transfer_syntaxes));
            rest = after;
            ended = self.store_batch(archive, node, batch, progress).await;
        }
        if let Err(error) = &ended {
            tracing::warn!(%error, destination = %node.ae_title, "not all instances were sent");
            give_up(progress, rest.iter(), error);
        }
        ended
    }

    /// Sends what goes on one association.
    async fn store_batch(
        &self,
        archive: &Arc<Archive>,
        node: &RemoteNode,
        batch: &[StoredInstance],
        progress: &watch::Sender<Transfer>,
    ) -> Result<(), RequestError> {
        let proposals = outgoing::proposals(batch, &node.transfer_syntaxes);
        // Without a transfer syntax that is set for the node and that anything can be had in, there is nothing to ask.
        let associated =
            if proposals.is_empty() { Err(RequestError::NothingAccepted) } else { self.associate(node, &proposals).await };
        let mut association = match associated {
            Ok(association) => association,
            Err(error) => {
                give_up(progress, batch.iter(), &error);
                return Err(error);
            }
        };
        let sent_for = SentFor { priority: MEDIUM, move_originator: None };
        let mut sending = Sending::begin(archive, (node, &association), batch, sent_for).await;
        while let Some((instance, sent)) = sending.send_next(&mut association).await {
            let uid = &instance.address.instance;
            match sent {
                Sent::Answered(stored) if stored.failed() => {
                    progress.send_modify(|transfer| transfer.fail(Some(uid.clone()), &format!("the node answers with {stored}")));
                }
                Sent::Answered(stored) => progress.send_modify(|transfer| transfer.complete(stored.status != 0)),
                Sent::Unsendable(error) => progress.send_modify(|transfer| transfer.fail(Some(uid.clone()), &error.to_string())),
                Sent::Ended(end) => {
                    let error = association.ended(end).await;
                    give_up(progress, std::iter::once(instance).chain(sending.rest()), &error);
                    return Err(error);
                }
            }
        }
        association.release().await;
        Ok(())
    }
}

/// None of these is sent.
fn give_up<'i>(progress: &watch::Sender<Transfer>, instances: impl Iterator<Item = &'i StoredInstance>, error: &RequestError) {
    let reason = error.to_string();
    progress.send_modify(|transfer| {
        for instance in instances {
            transfer.fail(Some(instance.address.instance.clone()), &reason);
        }
    });
}
