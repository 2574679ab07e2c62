//! Inflates a deflated data set (PS3.5 section A.5) piece by piece, and stops when it grows out of proportion.

use flate2::{Decompress, FlushDecompress, Status};

use super::HeaderError;

/// Bytes inflated at a time.
const WINDOW_BYTES: usize = 64 << 10;

pub(crate) struct Inflater {
    /// Made when the first two bytes are there: they say whether a zlib header stands before the stream.
    stream: Option<Decompress>,
    first: Option<u8>,
    window: Vec<u8>,
    ended: bool,
    pushed: u64,
    max_free: u64,
    max_ratio: u64,
}

impl Inflater {
    pub(crate) fn new(max_free: u64, max_ratio: u64) -> Self {
        Self { stream: None, first: None, window: vec![0; WINDOW_BYTES], ended: false, pushed: 0, max_free, max_ratio }
    }

    /// Inflates `bytes` and shows what they become to `sink`. Bytes behind the stream's end are padding.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), HeaderError>,
    ) -> Result<(), HeaderError> {
        self.pushed += bytes.len() as u64;
        if self.stream.is_none() {
            let Some(first) = self.first else {
                let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
                self.first = Some(*first);
                self.pushed -= rest.len() as u64;
                return self.push(rest, sink);
            };
            let Some(second) = bytes.first() else { return Ok(()) };
            // RFC 1950, 2.2: some writers put a zlib header before the stream. No deflate encoder begins with its bytes.
            let zlib = first & 0x0F == 8 && (u16::from(first) << 8 | u16::from(*second)) % 31 == 0;
            self.stream = Some(Decompress::new(zlib));
            self.run(&[first], &mut sink)?;
        }
        while !bytes.is_empty() && !self.ended {
            let piece = bytes.len().min(WINDOW_BYTES);
            let (head, tail) = bytes.split_at(piece);
            self.run(head, &mut sink)?;
            bytes = tail;
        }
        Ok(())
    }

    fn run(&mut self, mut bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> Result<(), HeaderError>) -> Result<(), HeaderError> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        while !self.ended {
            let (read, written) = (stream.total_in(), stream.total_out());
            let status =
                stream.decompress(bytes, &mut self.window, FlushDecompress::None).map_err(|_| HeaderError::CorruptDeflate)?;
            let read = usize::try_from(stream.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(stream.total_out() - written).unwrap_or(usize::MAX);
            bytes = bytes.get(read..).unwrap_or_default();
            let grown = stream.total_out();
            if grown > self.max_free && grown / self.max_ratio > stream.total_in() {
                return Err(HeaderError::InflatesTooMuch { limit: self.max_ratio });
            }
            sink(self.window.get(..written).unwrap_or_default())?;
            self.ended = status == Status::StreamEnd;
            if bytes.is_empty() && written < self.window.len() || read == 0 && written == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Whether the stream has come to its end.
    pub(crate) fn finish(&self) -> Result<(), HeaderError> {
        if self.ended { Ok(()) } else { Err(HeaderError::Truncated { offset: self.pushed }) }
    }
}
