//! Messages: P-DATA fragments become a command set and a *stream* of data set bytes (PS3.8 annex E, PS3.7 section 6.3).
//!
//! Only the last-fragment bit ends a command set or a data set. Fragments of two messages never mix. While a message is
//! waited for, operations that are under way are answered as they end.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt as _;
use futures::future::Either;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::command::{CommandField, CommandSet, CommandTag, MAX_COMMAND_SET_BYTES, NO_DATA_SET};
use crate::connection::Connection;
use crate::operations::{Concluded, Operations};
use crate::pdu::{Abort, AbortReason, Arrival, Fragment};

/// Why no more messages can be exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// The transport connection is gone.
    Closed,
    /// The peer aborted.
    PeerAborted { source: u8, reason: u8 },
    /// The peer asks to release the association.
    ReleaseRequested,
    /// We have to abort, because of this.
    Abort(Abort, &'static str),
    /// We want to release the association at this resting point, because of this.
    Release(&'static str),
}

impl End {
    const NOT_A_MESSAGE: Self = Self::Abort(Abort::ServiceUser, "not a message of PS3.7");
}

impl From<JoinError> for End {
    fn from(fault: JoinError) -> Self {
        tracing::error!(%fault, "an operation failed by a fault of ours");
        Self::Abort(IDLE, "an operation failed by a fault of ours")
    }
}

/// A command set and the presentation context it came in. Its data set, if it has one, is still to be read.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) context_id: u8,
    pub(crate) command: CommandSet,
    pub(crate) has_data_set: bool,
}

/// When to give up waiting.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// For a message.
    pub(crate) idle: Duration,
    /// Within a message.
    pub(crate) within_message: Duration,
    /// When the association has lived long enough.
    pub(crate) expires: Instant,
    /// Asks to end at the next resting point.
    pub(crate) drain: CancellationToken,
    /// Asks to end now.
    pub(crate) stop: CancellationToken,
}

/// The messages of an association.
#[derive(Debug)]
pub(crate) struct MessageStream<S> {
    connection: Connection<S>,
    patience: Patience,
    /// The context of the data set that is still coming.
    data_set: Option<u8>,
    /// The response to a report of ours, which came while the peer's own operation was under way.
    set_aside: Option<Message>,
    pub(crate) operations: Operations,
}

impl<S: AsyncRead + AsyncWrite + Unpin> MessageStream<S> {
    /// The messages of a connection, of which operations may be under way at once within a window.
    pub(crate) fn new(connection: Connection<S>, patience: Patience, window: usize) -> Self {
        Self { connection, patience, data_set: None, set_aside: None, operations: Operations::new(window) }
    }

    /// Gives the connection back, once messages are over.
    pub(crate) fn into_connection(self) -> Connection<S> {
        self.connection
    }

    /// Waits for a message's command set, or for something else between two messages. What is left of the data set before it must
    /// have been read.
    pub(crate) async fn next_or<T>(&mut self, other: impl Future<Output = T>) -> Result<Either<Message, T>, End> {
        if let Some(message) = self.set_aside.take() {
            return Ok(Either::Left(message));
        }
        match self.first_fragment_or(other).await? {
            Either::Left(first) => Ok(Either::Left(self.message(first).await?)),
            Either::Right(other) => Ok(Either::Right(other)),
        }
    }

    async fn message(&mut self, first: Fragment) -> Result<Message, End> {
        let context_id = first.context_id;
        let bytes = self.command_bytes(first).await?;
        let command = CommandSet::decode(bytes).map_err(|_| End::NOT_A_MESSAGE)?;
        let data_set_type = command.number(CommandTag::COMMAND_DATA_SET_TYPE).ok_or(End::NOT_A_MESSAGE)?;
        let has_data_set = data_set_type != NO_DATA_SET;
        self.data_set = has_data_set.then_some(context_id);
        Ok(Message { context_id, command, has_data_set })
    }

    /// The resting point between messages: the only place where we release.
    async fn first_fragment_or<T>(&mut self, other: impl Future<Output = T>) -> Result<Either<Fragment, T>, End> {
        /// After this an association counts as idle and gives its buffer back.
        const REST: Duration = Duration::from_secs(2);
        let now = Instant::now();
        let idle = now + self.patience.idle;
        let mut deadline = idle.min(now + REST).min(self.patience.expires);
        tokio::pin!(other);
        loop {
            let arrival = tokio::select! {
                biased;
                () = self.patience.drain.cancelled() => return Err(End::Release("shutdown")),
                Some(concluded) = self.operations.next() => {
                    self.conclude(concluded?).await?;
                    continue;
                }
                arrival = tokio::time::timeout_at(deadline, self.connection.next()) => arrival,
                other = &mut other => return Ok(Either::Right(other)),
            };
            let now = Instant::now();
            match arrival {
                Ok(arrival) => return fragment(arrival).map(Either::Left),
                Err(_) if now >= self.patience.expires => return Err(End::Release("lived long enough")),
                Err(_) if now >= idle => return Err(End::Abort(IDLE, "idle for too long")),
                Err(_) => {
                    self.connection.rest();
                    deadline = idle.min(self.patience.expires);
                }
            }
        }
    }

    /// Waits for the response to a request of ours, while nothing else is under way.
    pub(crate) async fn next_response(&mut self, patience: Duration) -> Result<Message, End> {
        let first = self.next_fragment(patience).await?;
        self.message(first).await
    }

    /// Waits for a message in the middle of an operation: a response of the peer to a request of ours, or a C-CANCEL-RQ.
    pub(crate) async fn next_in_operation(&mut self, patience: Duration) -> Result<Message, End> {
        loop {
            let message = self.next_response(patience).await?;
            if let Some(message) = self.unless_response_to_report(message) {
                return Ok(message);
            }
        }
    }

    async fn next_fragment(&mut self, patience: Duration) -> Result<Fragment, End> {
        let deadline = Instant::now() + patience;
        loop {
            let arrival = tokio::select! {
                biased;
                Some(concluded) = self.operations.next() => {
                    self.conclude(concluded?).await?;
                    continue;
                }
                arrival = tokio::time::timeout_at(deadline, self.connection.next()) => arrival,
                () = self.patience.stop.cancelled() => return Err(End::Abort(IDLE, SHUTDOWN)),
            };
            return arrival.map_or(Err(End::Abort(IDLE, PAUSED)), fragment);
        }
    }

    /// Waits until a message may be acted on beside what is under way.
    pub(crate) async fn await_turn(&mut self, message: &Message) -> Result<(), End> {
        while !self.operations.admits(message) {
            let Some(concluded) = self.operations.next().await else { break };
            self.conclude(concluded?).await?;
        }
        Ok(())
    }

    /// Counts an operation that is over, and sends its last response.
    pub(crate) async fn conclude(&mut self, concluded: Concluded) -> Result<(), End> {
        self.operations.count(&concluded);
        self.send(&concluded.response).await
    }

    /// Waits for what is under way at the end of the association. A peer that releases it, or that is to, gets its responses.
    pub(crate) async fn settle(&mut self, end: End) -> End {
        let listens = matches!(end, End::ReleaseRequested | End::Release(_));
        loop {
            let concluded = tokio::select! {
                biased;
                concluded = self.operations.next() => concluded,
                () = self.patience.stop.cancelled() => return end,
            };
            match concluded {
                None => return end,
                Some(Ok(concluded)) if listens => {
                    if let Err(end) = self.conclude(concluded).await {
                        return end;
                    }
                }
                Some(Ok(concluded)) => self.operations.count(&concluded),
                Some(Err(fault)) => return fault.into(),
            }
        }
    }

    async fn command_bytes(&mut self, first: Fragment) -> Result<Bytes, End> {
        let mut fragment = first;
        let context_id = fragment.context_id;
        let mut collected = BytesMut::new();
        loop {
            if !fragment.is_command || fragment.context_id != context_id {
                return Err(OUT_OF_PLACE);
            }
            if collected.len() + fragment.bytes.len() > MAX_COMMAND_SET_BYTES {
                return Err(End::NOT_A_MESSAGE);
            }
            if collected.is_empty() && fragment.is_last {
                return Ok(fragment.bytes);
            }
            collected.extend_from_slice(&fragment.bytes);
            if fragment.is_last {
                return Ok(collected.freeze());
            }
            fragment = self.next_fragment(self.patience.within_message).await?;
        }
    }

    /// Whether the peer has cancelled the operation of this Message ID meanwhile (PS3.7 section 9.3.2.3, C-CANCEL-RQ). What
    /// has not come yet is not waited for. Nothing else may come while an operation is under way.
    pub(crate) async fn is_cancelled(&mut self, message_id: u16) -> Result<bool, End> {
        while let Some(arrival) = self.connection.next().now_or_never() {
            let message = self.message(fragment(arrival)?).await?;
            let Some(message) = self.unless_response_to_report(message) else { continue };
            if message.command.field() != Some(CommandField::C_CANCEL_RQ) || message.has_data_set {
                return Err(OUT_OF_PLACE);
            }
            return Ok(message.command.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO) == Some(message_id));
        }
        Ok(false)
    }

    /// Puts the response to a report of ours aside until the operation under way is over; every other message is given back.
    fn unless_response_to_report(&mut self, message: Message) -> Option<Message> {
        let is_response = message.command.field() == Some(CommandField::N_EVENT_REPORT_RQ.response());
        if !is_response || message.has_data_set || self.set_aside.is_some() {
            return Some(message);
        }
        self.set_aside = Some(message);
        None
    }

    /// The data set of the message that came last.
    pub(crate) fn data_set(&mut self) -> DataSet<'_, S> {
        DataSet { messages: self }
    }

    /// Sends bytes that are whole PDUs.
    pub(crate) async fn send(&mut self, pdus: &[u8]) -> Result<(), End> {
        self.connection.send(pdus).await.map_err(|_| End::Closed)
    }
}

/// The bytes of a data set as they come.
#[derive(Debug)]
pub(crate) struct DataSet<'a, S> {
    messages: &'a mut MessageStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> DataSet<'_, S> {
    /// The next piece; `None` once the last fragment is past, or if the message has no data set.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, End> {
        let Some(context_id) = self.messages.data_set else { return Ok(None) };
        loop {
            let patience = self.messages.patience.within_message;
            let fragment = self.messages.next_fragment(patience).await?;
            if fragment.is_command || fragment.context_id != context_id {
                return Err(OUT_OF_PLACE);
            }
            if fragment.is_last {
                self.messages.data_set = None;
            }
            // An empty fragment says nothing, unless it is the last.
            if !fragment.bytes.is_empty() {
                return Ok(Some(fragment.bytes));
            }
            if fragment.is_last {
                return Ok(None);
            }
        }
    }

    /// All of a short data set; `None` if it is longer than that.
    pub(crate) async fn collect(&mut self, max_bytes: usize) -> Result<Option<Vec<u8>>, End> {
        let mut collected = Vec::new();
        while let Some(bytes) = self.next().await? {
            if collected.len() + bytes.len() > max_bytes {
                return Ok(None);
            }
            collected.extend_from_slice(&bytes);
        }
        Ok(Some(collected))
    }

    /// Reads what is left and drops it, so that a response can be sent: peers do not look for one before they have sent all.
    pub(crate) async fn drain(&mut self) -> Result<(), End> {
        /// Who sends more than this after it was of no use is cut off.
        const MAX_DRAINED_BYTES: usize = 4 << 30;
        let mut drained = 0_usize;
        while let Some(bytes) = self.next().await? {
            drained += bytes.len();
            if drained > MAX_DRAINED_BYTES {
                return Err(End::Abort(IDLE, "a data set that is not wanted does not end"));
            }
        }
        Ok(())
    }
}

/// Why we abort when we have to end now.
pub(crate) const SHUTDOWN: &str = "shutdown";
/// Why we abort when a message does not go on, or does not come.
pub(crate) const PAUSED: &str = "paused within a message";

/// A peer that must go, but did not break the protocol.
const IDLE: Abort = Abort::ServiceProvider(AbortReason::ReasonNotSpecified);
/// A fragment of another kind or context in the middle of a message.
const OUT_OF_PLACE: End =
    End::Abort(Abort::ServiceProvider(AbortReason::UnexpectedPduParameter), "a fragment that is not of this message");

/// What arrives in an established association (PS3.8 table 9-10, column Sta6).
fn fragment(arrival: Arrival) -> Result<Fragment, End> {
    match arrival {
        Arrival::Fragment(fragment) => Ok(fragment),
        Arrival::ReleaseRequest => Err(End::ReleaseRequested),
        Arrival::Abort { source, reason } => Err(End::PeerAborted { source, reason }),
        Arrival::Closed => Err(End::Closed),
        Arrival::Invalid(reason) => Err(End::Abort(Abort::ServiceProvider(reason), "invalid PDU")),
        Arrival::AssociateRequest(_)
        | Arrival::AssociateAccept(_)
        | Arrival::AssociateReject { .. }
        | Arrival::ReleaseResponse
        | Arrival::Unexpected(_) => Err(End::Abort(Abort::ServiceProvider(AbortReason::UnexpectedPdu), "unexpected PDU")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncWriteExt, DuplexStream};

    fn pipe() -> (DuplexStream, MessageStream<DuplexStream>, Patience) {
        let (peer, stream) = tokio::io::duplex(1 << 20);
        let patience = Patience {
            idle: Duration::from_mins(1),
            within_message: Duration::from_mins(1),
            expires: Instant::now() + Duration::from_mins(1),
            drain: CancellationToken::new(),
            stop: CancellationToken::new(),
        };
        let connection = Connection::new(stream, 4096, Duration::from_secs(5));
        (peer, MessageStream::new(connection, patience.clone(), 1), patience)
    }

    impl<S: AsyncRead + AsyncWrite + Unpin> MessageStream<S> {
        async fn next(&mut self) -> Result<Message, End> {
            match self.next_or(std::future::pending::<()>()).await? {
                Either::Left(message) => Ok(message),
                Either::Right(()) => panic!("it never comes"),
            }
        }
    }

    fn value(context_id: u8, control: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).expect("short");
        let mut pdu = vec![4, 0];
        pdu.extend_from_slice(&(length + 6).to_be_bytes());
        pdu.extend_from_slice(&(length + 2).to_be_bytes());
        pdu.extend_from_slice(&[context_id, control]);
        pdu.extend_from_slice(bytes);
        pdu
    }

    fn command(data_set_type: u16) -> Vec<u8> {
        CommandSet::default()
            .with_number(CommandTag::COMMAND_FIELD, 1)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, data_set_type)
            .encode()
    }

    #[tokio::test]
    async fn only_the_last_fragment_bit_ends_a_message() {
        let (mut peer, mut messages, _) = pipe();
        let command = command(1);
        let (head, tail) = command.split_at(5);
        for pdu in [
            value(1, 1, b""),
            value(1, 1, head),
            value(1, 1, b""),
            value(1, 3, tail),
            value(1, 0, b""),
            value(1, 0, b"ab"),
            value(1, 0, b""),
            value(1, 0, b"cd"),
            value(1, 2, b""),
        ] {
            peer.write_all(&pdu).await.expect("room in the pipe");
        }
        let message = messages.next().await.expect("a message");
        assert!(message.has_data_set);
        let mut data_set = messages.data_set();
        assert_eq!(data_set.next().await, Ok(Some(Bytes::from_static(b"ab"))));
        assert_eq!(data_set.next().await, Ok(Some(Bytes::from_static(b"cd"))));
        assert_eq!(data_set.next().await, Ok(None));
        assert_eq!(data_set.next().await, Ok(None));
    }

    #[tokio::test]
    async fn fragments_out_of_place_end_the_association() {
        let unexpected = || OUT_OF_PLACE;
        let cases: [(&str, Vec<Vec<u8>>, End); 8] = [
            ("data set without a command", vec![value(1, 2, b"ab")], unexpected()),
            ("another context within a command set", vec![value(1, 1, b"ab"), value(3, 3, b"cd")], unexpected()),
            ("data set within a command set", vec![value(1, 1, b"ab"), value(1, 2, b"cd")], unexpected()),
            ("another context within a data set", vec![value(1, 3, &command(1)), value(3, 2, b"ab")], unexpected()),
            ("command set within a data set", vec![value(1, 3, &command(1)), value(1, 0, b"a"), value(1, 3, b"b")], unexpected()),
            ("command set that is none", vec![value(1, 3, b"abc")], End::NOT_A_MESSAGE),
            ("command set without a data set type", vec![value(1, 3, b"")], End::NOT_A_MESSAGE),
            ("command set without end", vec![value(1, 1, &[0; 4000]); 17], End::NOT_A_MESSAGE),
        ];
        for (name, pdus, expected) in cases {
            let (mut peer, mut messages, _) = pipe();
            peer.write_all(&pdus.concat()).await.expect("room in the pipe");
            let end = loop {
                match messages.next().await {
                    Err(end) => break end,
                    Ok(_) => {
                        if let Err(end) = messages.data_set().drain().await {
                            break end;
                        }
                    }
                }
            };
            assert_eq!(end, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn the_response_to_a_report_waits_until_the_operation_under_way_is_over() {
        let (mut peer, mut messages, _) = pipe();
        let message = |field: CommandField| {
            CommandSet::default()
                .with_number(CommandTag::COMMAND_FIELD, field.0)
                .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, 7)
                .with_number(CommandTag::COMMAND_DATA_SET_TYPE, NO_DATA_SET)
                .encode()
        };
        let (reported, cancel) = (CommandField::N_EVENT_REPORT_RQ.response(), CommandField::C_CANCEL_RQ);
        peer.write_all(&value(3, 3, &message(reported))).await.expect("room in the pipe");
        assert_eq!(messages.is_cancelled(7).await, Ok(false));
        peer.write_all(&value(1, 3, &message(cancel))).await.expect("room in the pipe");
        assert_eq!(messages.is_cancelled(7).await, Ok(true));
        // A second one cannot be the response to anything.
        peer.write_all(&value(3, 3, &message(reported))).await.expect("room in the pipe");
        assert_eq!(messages.is_cancelled(7).await, Err(OUT_OF_PLACE));
        let Ok(Either::Left(late)) = messages.next_or(std::future::pending::<()>()).await else { panic!("it is still there") };
        assert_eq!((late.context_id, late.command.field()), (3, Some(reported)));
    }

    #[tokio::test]
    async fn waiting_has_an_end_between_and_within_messages() {
        let (_peer, mut messages, _) = pipe();
        messages.patience.idle = Duration::from_millis(20);
        assert_eq!(messages.next().await.err(), Some(End::Abort(IDLE, "idle for too long")));

        let (mut peer, mut messages, _) = pipe();
        messages.patience.within_message = Duration::from_millis(20);
        peer.write_all(&value(1, 1, b"ab")).await.expect("room in the pipe");
        assert_eq!(messages.next().await.err(), Some(End::Abort(IDLE, PAUSED)));
    }

    #[tokio::test]
    async fn an_association_that_is_old_or_in_the_way_is_released_at_rest() {
        let (_peer, mut messages, _) = pipe();
        messages.patience.expires = Instant::now() + Duration::from_millis(20);
        assert_eq!(messages.next().await.err(), Some(End::Release("lived long enough")));

        let (mut peer, mut messages, patience) = pipe();
        peer.write_all(&value(1, 1, b"ab")).await.expect("room in the pipe");
        patience.drain.cancel();
        assert_eq!(messages.next().await.err(), Some(End::Release("shutdown")));
    }

    #[tokio::test]
    async fn a_drain_lets_a_message_end_and_a_stop_does_not() {
        let (mut peer, mut messages, patience) = pipe();
        peer.write_all(&[value(1, 3, &command(1)), value(1, 0, b"ab")].concat()).await.expect("room in the pipe");
        messages.next().await.expect("a message");
        patience.drain.cancel();
        assert_eq!(messages.data_set().next().await, Ok(Some(Bytes::from_static(b"ab"))));
        patience.stop.cancel();
        assert_eq!(messages.data_set().next().await, Err(End::Abort(IDLE, SHUTDOWN)));
    }
}
