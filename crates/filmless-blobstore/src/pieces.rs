//! What arrives is gathered in pieces of one size. Their memory is used again, because memory that is fresh from the system
//! costs more than the copy into it, and begins where a page does, so that a file takes it past the page cache.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a piece: with two or three a slice of CT, so the first are written while the last arrives.
pub(crate) const PIECE_BYTES: usize = 1 << 18;

/// What a place in a file, a length and an address in memory are a multiple of where a write goes past the page cache.
pub(crate) const ALIGNMENT: usize = 4096;

/// The most pieces that wait for their next use: 8 MiB.
const KEPT: usize = 32;

static KEPT_PIECES: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// A stretch of an arriving blob.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Never grows, so that its address stays.
    memory: Vec<u8>,
    /// Where in `memory` the piece begins.
    start: usize,
}

impl Piece {
    pub(crate) fn new() -> Self {
        let mut memory = kept().pop().unwrap_or_else(|| Vec::with_capacity(PIECE_BYTES + ALIGNMENT));
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        memory.resize(start, 0);
        Self { memory, start }
    }

    /// Takes what fits of `bytes` and gives back the rest.
    pub(crate) fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.bytes().len()));
        self.memory.extend_from_slice(taken);
        rest
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..]
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes().len() == PIECE_BYTES
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut memory = std::mem::take(&mut self.memory);
        let mut kept = kept();
        if kept.len() < KEPT {
            memory.clear();
            kept.push(memory);
        }
    }
}

fn kept() -> MutexGuard<'static, Vec<Vec<u8>>> {
    KEPT_PIECES.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_takes_what_fits_and_stays_where_it_is() {
        for _ in 0..2 {
            let mut piece = Piece::new();
            let address = piece.bytes().as_ptr();
            assert_eq!(address.align_offset(ALIGNMENT), 0);
            assert!(piece.bytes().is_empty());
            assert!(piece.fill(&[7; 1000]).is_empty());
            let many = vec![8; PIECE_BYTES];
            let rest = piece.fill(&many);
            assert_eq!((rest.len(), piece.is_full()), (1000, true));
            assert_eq!(piece.fill(rest).len(), 1000);
            assert_eq!((piece.bytes()[999], piece.bytes()[1000], piece.bytes().as_ptr()), (7, 8, address));
        }
    }
}
