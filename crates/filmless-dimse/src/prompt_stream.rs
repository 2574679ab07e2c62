//! A TCP stream that makes nobody wait: what is sent leaves at once, and what is short and comes is acknowledged at once.
//!
//! Many peers send a response in two small writes and leave Nagle's algorithm on: the second waits until the first is
//! acknowledged, which a receiver puts off for 40 ms. On the way out `TCP_NODELAY` spares the peer that, on the way in
//! `TCP_QUICKACK`, which Linux forgets again and again.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What comes in such pieces is not the middle of a data set, whose acknowledgements may wait.
const SHORT_BYTES: usize = 4 * 1024;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct PromptStream(TcpStream);

impl PromptStream {
    pub(crate) fn new(stream: TcpStream) -> Self {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        Self(stream)
    }

    #[cfg(target_os = "linux")]
    fn acknowledge(&self) {
        // A connection that is gone says so when it is next used.
        let _ = self.0.set_quickack(true);
    }

    #[cfg(not(target_os = "linux"))]
    fn acknowledge(&self) {}
}

impl AsyncRead for PromptStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(context, buffer))?;
        if (1..SHORT_BYTES).contains(&(buffer.filled().len() - before)) {
            self.acknowledge();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PromptStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
