//! An association from the acceptor's side: the state machine of PS3.8 section 9.2 (table 9-10), as a straight line.
//!
//! The states are places in the code: `accept` is Sta2 and Sta3, `serve` is Sta6 and Sta8, `release` is Sta7 with the
//! collision of Sta10 and Sta12, `await_close` is Sta13. The actions are named where they are taken.

use std::net::SocketAddr;
use std::time::Duration;

use dicom_ul::pdu::Pdu;
use futures::future::Either;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::admission::{Admitted, Transport};
use crate::associate::AssociateRequest;
use crate::commitment::Desk;
use crate::connection::Connection;
use crate::listener::{Acceptor, Pending};
use crate::message::{End, MessageStream, Patience};
use crate::negotiation::{Negotiated, negotiate};
use crate::operations::Tally;
use crate::pdu::{Abort, AbortReason, Arrival, PduType, encode, encode_abort};
use crate::services::n_event_report::Reports;
use crate::services::{Caller, perform};
use crate::tls::{self, Secured, Tls};

/// How long a peer has to close, or to answer a release, while we shut down.
const SHUTDOWN_CLOSE: Duration = Duration::from_secs(1);

impl Acceptor {
    /// Makes a connection secure, which may take as long as a request may, and lives through it.
    pub(crate) async fn run_secure<S>(&self, stream: S, peer: SocketAddr, tls: &Tls, pending: Pending)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let secured = tokio::select! {
            biased;
            () = pending.evicted() => return tracing::info!(peer.address = %peer, "closed a connection that others needed"),
            () = self.drain.cancelled() => return,
            secured = tokio::time::timeout(self.config.artim(), tls.secure(stream)) => secured,
        };
        match secured {
            Ok(Ok((mut stream, secured))) => {
                self.run(&mut stream, Transport { peer, secured: Some(secured) }, pending).await;
                // The peer is told that nothing was cut off.
                let _ = tokio::time::timeout(self.config.write(), stream.shutdown()).await;
            }
            Ok(Err(error)) => {
                let Some(reason) = tls::reason(&error) else { return };
                tracing::warn!(peer.address = %peer, reason, "refused a TLS connection");
                metrics::counter!("filmless_dimse_tls_refusals_total").increment(1);
                self.remember_nameless(peer, reason).await;
            }
            Err(_) => tracing::info!(peer.address = %peer, "a TLS handshake took too long"),
        }
    }

    /// Lives through a transport connection, from Sta2 on.
    pub(crate) async fn run<S>(&self, stream: S, transport: Transport, pending: Pending)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let id = self.next_association_id();
        let address = transport.peer.to_string();
        let span = tracing::info_span!(
            "association",
            association.id = id,
            peer.address = address,
            tls.version = Empty,
            tls.peer = Empty,
            ae.calling = Empty,
            ae.called = Empty
        );
        if let Some(Secured { version, certificate }) = &transport.secured {
            let fingerprint = certificate.as_ref().map(|certificate| tracing::field::display(certificate.fingerprint));
            span.record("tls.version", version).record("tls.peer", fingerprint);
        }
        self.accept(stream, &transport, pending).instrument(span).await;
    }

    /// Sta2: awaits the A-ASSOCIATE-RQ. Sta3: answers it.
    async fn accept<S>(&self, stream: S, transport: &Transport, pending: Pending)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut connection = Connection::new(stream, self.config.offered_pdu_length(), self.config.write());
        let arrival = tokio::select! {
            biased;
            () = pending.evicted() => return tracing::info!("closed a connection that others needed"),
            () = self.drain.cancelled() => return,
            arrival = tokio::time::timeout(self.config.artim(), connection.next()) => arrival,
        };
        let request = match arrival {
            Ok(Arrival::AssociateRequest(bytes)) => AssociateRequest::decode(&bytes).ok(),
            // AA-5, and AA-2 on an A-ABORT or when ARTIM expires: a probe, a port scan, a load balancer.
            Ok(Arrival::Closed | Arrival::Abort { .. }) | Err(_) => return,
            Ok(_) => None,
        };
        let Some(request) = request else {
            // AA-1.
            tracing::info!("aborted: what came first is no association request");
            metrics::counter!("filmless_dimse_associations_total", "outcome" => "malformed").increment(1);
            if connection.send(&encode_abort(Abort::ServiceUser)).await.is_ok() {
                self.await_close(connection, pending, PduType::Abort).await;
            }
            return;
        };
        Span::current().record("ae.calling", &request.calling_ae_title).record("ae.called", &request.called_ae_title);

        // AE-6.
        match self.admit(&request, transport).await {
            Ok(admitted) => self.establish(connection, &request, admitted, pending).await,
            Err(rejection) => {
                tracing::warn!(reason = rejection.as_str(), "rejected an association");
                metrics::counter!("filmless_dimse_associations_total", "outcome" => "rejected").increment(1);
                metrics::counter!("filmless_dimse_rejections_total", "reason" => rejection.as_str()).increment(1);
                // AE-8.
                if connection.send(&encode(&rejection.pdu())).await.is_ok() {
                    self.await_close(connection, pending, PduType::AssociateReject).await;
                }
            }
        }
    }

    /// AE-7, then Sta6 until it ends, then what table 9-10 asks for.
    async fn establish<S>(&self, mut connection: Connection<S>, request: &AssociateRequest, admitted: Admitted, pending: Pending)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut negotiated = negotiate(request, &self.private_sop_classes, &admitted.peer, self.config.offered_pdu_length());
        negotiated.accept.confirms_user = admitted.confirms_user;
        let window = negotiated.agree_on_window(request, self.config.max_operations);
        tracing::info!(
            peer.implementation_class_uid = request.implementation_class_uid,
            peer.implementation_version_name = request.implementation_version_name,
            contexts_proposed = request.contexts.len(),
            contexts_accepted = negotiated.contexts.len(),
            window,
            "accepted an association"
        );
        drop(pending);
        let open = OpenAssociation::start();
        if connection.send(&negotiated.accept.encode(&request.echoed)).await.is_err() {
            return;
        }
        let patience = Patience {
            idle: self.config.idle(),
            within_message: self.config.within_message(),
            expires: Instant::now() + self.config.lifetime(),
            drain: self.drain.clone(),
            stop: self.stop.clone(),
        };
        let mut messages = MessageStream::new(connection, patience, window);
        let end = self.serve(&mut messages, &negotiated, request.max_length, &admitted).await;
        let end = messages.settle(end).await;
        let Tally { operations, refused } = messages.operations.tally;
        let connection = messages.into_connection();
        let duration_ms = u64::try_from(open.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(operations, refused, duration_ms, end = end.as_str(), "an association ended");
        drop(open);
        // What follows is a connection waiting without an association, and counts as such.
        drop((admitted.permit, admitted.place));
        let pending = self.pending.enter();
        match end {
            // AA-4 and AA-3.
            End::Closed | End::PeerAborted { .. } => (),
            // AR-2 and AR-4.
            End::ReleaseRequested => self.say_last(connection, pending, PduType::ReleaseResponse, &encode(&Pdu::ReleaseRP)).await,
            // AA-8, or AA-1 if it is the service user that aborts.
            End::Abort(abort, _) => self.say_last(connection, pending, PduType::Abort, &encode_abort(abort)).await,
            End::Release(_) => self.release(connection, pending).await,
        }
    }

    /// Sta6: answers messages until something ends it.
    async fn serve<S>(
        &self,
        messages: &mut MessageStream<S>,
        negotiated: &Negotiated,
        max_length: u32,
        admitted: &Admitted,
    ) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        const UNKNOWN_CONTEXT: End =
            End::Abort(Abort::ServiceProvider(AbortReason::InvalidPduParameter), "a presentation context that was not accepted");
        let (sender, mut waiting) = mpsc::channel(1);
        let desk = Desk::new(self.commitments.clone(), sender);
        let mut reports = Reports::default();
        loop {
            let report = async { if reports.are_answered() { waiting.recv().await } else { std::future::pending().await } };
            let message = match messages.next_or(report).await {
                Ok(Either::Left(message)) => message,
                Ok(Either::Right(None)) => continue,
                Ok(Either::Right(Some(report))) => match messages.send(&reports.send(report, max_length)).await {
                    Ok(()) => continue,
                    Err(end) => return end,
                },
                Err(end) => return end,
            };
            if reports.take_response(&message) {
                match messages.data_set().drain().await {
                    Ok(()) => continue,
                    Err(end) => return end,
                }
            }
            let Some(context) = negotiated.contexts.get(&message.context_id) else { return UNKNOWN_CONTEXT };
            if let Err(end) = messages.await_turn(&message).await {
                return end;
            }
            let caller = Caller {
                archive: &self.archive,
                actor: &admitted.actor,
                peer: &admitted.peer,
                context,
                config: &self.config,
                contexts: &negotiated.contexts,
                requester: &self.requester,
                desk: &desk,
                drain: &self.drain,
            };
            if let Err(end) = perform(caller, &message, messages, max_length).await {
                return end;
            }
        }
    }

    /// AR-1, Sta7: asks for release and waits for the answer.
    async fn release<S>(&self, mut connection: Connection<S>, pending: Pending)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if connection.send(&encode(&Pdu::ReleaseRQ)).await.is_err() {
            return;
        }
        let patience = if self.drain.is_cancelled() { SHUTDOWN_CLOSE } else { self.config.artim() };
        let deadline = Instant::now() + patience;
        let mut collided = false;
        loop {
            let arrival = tokio::time::timeout_at(deadline, connection.next()).await;
            let abort = match arrival {
                // AR-3; after a collision AR-10, and at once AR-4.
                Ok(Arrival::ReleaseResponse) if collided => {
                    return self.say_last(connection, pending, PduType::ReleaseResponse, &encode(&Pdu::ReleaseRP)).await;
                }
                Ok(Arrival::ReleaseResponse | Arrival::Closed | Arrival::Abort { .. }) => return,
                // AR-8, Sta10: the requestor of the association answers first.
                Ok(Arrival::ReleaseRequest) if !collided => {
                    collided = true;
                    continue;
                }
                // AR-6: a message that crossed our request. It cannot be answered any more, so it is not acted on.
                Ok(Arrival::Fragment(_)) if !collided => continue,
                Ok(Arrival::Invalid(reason)) => Abort::ServiceProvider(reason),
                Ok(_) => Abort::ServiceProvider(AbortReason::UnexpectedPdu),
                Err(_) => Abort::ServiceProvider(AbortReason::ReasonNotSpecified),
            };
            return self.say_last(connection, pending, PduType::Abort, &encode_abort(abort)).await;
        }
    }

    /// Sends the last PDU of an association and leaves closing to the peer.
    async fn say_last<S>(&self, mut connection: Connection<S>, pending: Pending, pdu_type: PduType, pdu: &[u8])
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if connection.send(pdu).await.is_ok() {
            self.await_close(connection, pending, pdu_type).await;
        }
    }

    /// Sta13: awaits that the peer closes, so that it can read what was said `last`. Ends with ARTIM.
    async fn await_close<S>(&self, mut connection: Connection<S>, pending: Pending, last: PduType)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut deadline = Instant::now() + self.config.artim();
        let mut is_draining = false;
        // AA-7 is taken once, and not by one who aborted already: there is nobody left to tell.
        let mut may_abort = last != PduType::Abort;
        loop {
            let arrival = tokio::select! {
                biased;
                () = pending.evicted() => return,
                () = self.drain.cancelled(), if !is_draining => {
                    is_draining = true;
                    deadline = deadline.min(Instant::now() + SHUTDOWN_CLOSE);
                    continue;
                }
                arrival = tokio::time::timeout_at(deadline, connection.next()) => arrival,
            };
            let abort = match arrival {
                // AR-5 and AA-2.
                Ok(Arrival::Closed | Arrival::Abort { .. }) | Err(_) => return,
                // AA-7.
                Ok(Arrival::AssociateRequest(_) | Arrival::Unexpected(PduType::AssociateRequest)) => {
                    Abort::ServiceProvider(AbortReason::UnexpectedPdu)
                }
                Ok(Arrival::Invalid(reason)) => Abort::ServiceProvider(reason),
                // AA-6.
                Ok(_) => continue,
            };
            if std::mem::replace(&mut may_abort, false) && connection.send(&encode_abort(abort)).await.is_err() {
                return;
            }
        }
    }
}

impl End {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Closed => "connection lost",
            Self::PeerAborted { .. } => "aborted by the peer",
            Self::ReleaseRequested => "released",
            Self::Abort(_, why) | Self::Release(why) => why,
        }
    }
}

/// Keeps the gauge of open associations, whichever way one ends.
struct OpenAssociation {
    since: Instant,
}

impl OpenAssociation {
    fn start() -> Self {
        metrics::counter!("filmless_dimse_associations_total", "outcome" => "accepted").increment(1);
        metrics::gauge!("filmless_dimse_associations_open").increment(1.0);
        Self { since: Instant::now() }
    }
}

impl Drop for OpenAssociation {
    fn drop(&mut self) {
        metrics::gauge!("filmless_dimse_associations_open").decrement(1.0);
        metrics::histogram!("filmless_dimse_association_seconds").record(self.since.elapsed());
    }
}
