//! What can go wrong with a frame. Texts name geometry and codec failures, never pixel or patient data.

/// Why a frame was not decoded or encoded.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// No codec here reads or writes this transfer syntax, or this form of it.
    #[error("no codec for {0}")]
    Unsupported(String),
    /// The codestream and the data set disagree about the image.
    #[error("codestream does not match the data set: {0}")]
    Mismatch(String),
    /// The codestream is broken.
    #[error("broken codestream: {0}")]
    Corrupt(String),
    /// The decoded frame or the codestream is larger than the limits allow.
    #[error("frame of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// What the frame needs.
        bytes: u64,
        /// What [`crate::CodecLimits`] allows.
        limit: u64,
    },
    /// The codec took longer than [`crate::CodecLimits::time_limit`] and was stopped.
    #[error("codec was stopped after its time limit")]
    TimedOut,
    /// The codec crashed or ran out of memory.
    #[error("codec crashed")]
    Crashed,
    /// The encoder failed, or what it wrote does not decode to what it was given.
    #[error("frame cannot be encoded: {0}")]
    Encoding(String),
    /// Every worker stayed busy for [`crate::CodecLimits::wait_limit`].
    #[error("all codecs are busy")]
    Busy,
    /// The worker process could not be started or spoken to.
    #[error("cannot run the codec worker")]
    Worker(#[source] std::io::Error),
    /// The worker answered something that is not the protocol.
    #[error("codec worker does not speak protocol version {}", crate::protocol::VERSION)]
    Protocol,
}

impl CodecError {
    /// Whether the frame itself is at fault: trying again gives the same.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Busy | Self::Worker(_) | Self::Protocol)
    }
}
