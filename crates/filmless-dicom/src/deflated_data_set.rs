//! A data set deflated on its way out (PS3.5 section A.5, DICOM Deflated Little Endian Transfer Syntax (Explicit VR)).

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Deflates what follows the File Meta Information, piece by piece.
pub(crate) struct Deflater {
    encoder: DeflateEncoder<Vec<u8>>,
    /// Bytes that have come out.
    written: u64,
}

impl Deflater {
    pub(crate) fn new() -> Self {
        Self { encoder: DeflateEncoder::new(Vec::new(), Compression::default()), written: 0 }
    }

    /// Takes the next bytes of the data set, and gives those that are ready. The work leaves the async threads.
    pub(crate) async fn push(self, bytes: Bytes) -> (Self, Bytes) {
        let deflate = move || {
            let Self { mut encoder, written } = self;
            encoder.write_all(&bytes).expect("memory takes what is written");
            let ready = std::mem::take(encoder.get_mut());
            (Self { encoder, written: written + ready.len() as u64 }, Bytes::from(ready))
        };
        tokio::task::spawn_blocking(deflate).await.expect("deflating does not panic")
    }

    /// What is left, of even length together with what was given.
    pub(crate) fn finish(self) -> Bytes {
        let mut rest = self.encoder.finish().expect("memory takes what is written");
        if (self.written + rest.len() as u64) % 2 == 1 {
            rest.push(0);
        }
        rest.into()
    }
}
