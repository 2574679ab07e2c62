//! A transport connection: PDUs in, bytes out. Knows nothing of associations.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::pdu::{Arrival, PduDecoder};

/// Read at once while data sets come. Their pieces are parts of this buffer, which is used again when all are dropped.
const READ_BUFFER_BYTES: usize = 256 * 1024;
/// Read at once while nothing much is expected: what an idle association costs.
const IDLE_BUFFER_BYTES: usize = 4 * 1024;

/// A transport connection.
#[derive(Debug)]
pub(crate) struct Connection<S> {
    stream: S,
    buffer: BytesMut,
    decoder: PduDecoder,
    /// Whether more has come than an idle association gets.
    is_busy: bool,
    write_timeout: Duration,
    /// Why it failed, if it did.
    failure: Option<io::Error>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, max_data_length: u32, write_timeout: Duration) -> Self {
        Self::of(stream, PduDecoder::new(max_data_length), write_timeout)
    }

    /// A connection that we made.
    pub(crate) fn of_requestor(stream: S, max_data_length: u32, write_timeout: Duration) -> Self {
        Self::of(stream, PduDecoder::of_requestor(max_data_length), write_timeout)
    }

    fn of(stream: S, decoder: PduDecoder, write_timeout: Duration) -> Self {
        Self { stream, buffer: BytesMut::new(), decoder, is_busy: false, write_timeout, failure: None }
    }

    /// The next thing that arrives. Cancel safe: what was read is kept.
    pub(crate) async fn next(&mut self) -> Arrival {
        loop {
            if let Some(arrival) = self.decoder.next(&mut self.buffer) {
                return arrival;
            }
            self.make_room();
            // A connection that fails is at its end like one that was closed: AA-4 and AA-5 of PS3.8 table 9-10.
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Arrival::Closed,
                Err(error) => {
                    self.failure = Some(error);
                    return Arrival::Closed;
                }
                Ok(_) => (),
            }
        }
    }

    /// Why the connection failed while something was to arrive.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Closes it from our side. By TLS the peer is told that nothing was cut off.
    pub(crate) async fn close(mut self) {
        let _ = tokio::time::timeout(self.write_timeout, self.stream.shutdown()).await;
    }

    /// The buffer is small until something long is seen to come. How long a peer says it is decides no more than that.
    fn make_room(&mut self) {
        self.is_busy |= self.decoder.remaining() > IDLE_BUFFER_BYTES;
        let size = if self.is_busy { READ_BUFFER_BYTES } else { IDLE_BUFFER_BYTES };
        if self.buffer.capacity() - self.buffer.len() < size / 4 {
            // Takes the same memory again if no piece of it is in use any more.
            self.buffer.reserve(size);
        }
    }

    /// Gives the buffer back, as nothing is expected for a while.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
            self.is_busy = false;
        }
    }

    /// Sends all of `bytes` in one write, unless the peer does not read.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        tokio::time::timeout(self.write_timeout, write).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}
