//! Buffers that files are read into. They are used again: memory that is fresh from the system costs more than the copy into
//! it, page by page.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// What a buffer takes.
pub(crate) const BUFFER_BYTES: usize = 1 << 20;

/// Less than this is not worth a buffer.
const SMALL_BYTES: usize = 1 << 16;

/// The most buffers that wait for their next use. Their memory is ours for good.
const KEPT: usize = 8;

static KEPT_BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// An empty vector for so many bytes.
pub(crate) fn buffer(length: usize) -> Vec<u8> {
    if !is_reusable(length) {
        return Vec::with_capacity(length);
    }
    kept().pop().unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES))
}

/// What was read into a buffer, which returns when the last who has some of it is done.
pub(crate) fn filled(buffer: Vec<u8>) -> Bytes {
    if buffer.capacity() == BUFFER_BYTES { Bytes::from_owner(Filled(buffer)) } else { buffer.into() }
}

fn is_reusable(length: usize) -> bool {
    (SMALL_BYTES..=BUFFER_BYTES).contains(&length)
}

fn kept() -> MutexGuard<'static, Vec<Vec<u8>>> {
    KEPT_BUFFERS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Filled(Vec<u8>);

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.0);
        let mut kept = kept();
        if kept.len() < KEPT {
            buffer.clear();
            kept.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_stays_until_the_last_part_of_it_is_dropped() {
        let read = |length: usize, byte: u8| {
            let mut buffer = buffer(length);
            assert!(buffer.is_empty() && buffer.capacity() >= length);
            buffer.resize(length, byte);
            filled(buffer)
        };
        for length in [0, 1, SMALL_BYTES - 1, SMALL_BYTES, BUFFER_BYTES, BUFFER_BYTES + 1] {
            let first = read(length, 1);
            let part = first.slice(length / 2..);
            drop(first);
            let others: Vec<_> = (2..20).map(|byte| read(length, byte)).collect();
            assert!(part.iter().all(|byte| *byte == 1), "{length}");
            assert_eq!(part.len(), length - length / 2);
            drop(others);
        }
        assert!(kept().len() <= KEPT);
    }
}
