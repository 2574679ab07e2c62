//! P-DATA-TF PDUs as they are written (PS3.8 section 9.3.5, P-DATA-TF PDU Structure): a part of a message in as many as it takes.

use bytes::BytesMut;

use super::{HEADER_BYTES, PduType, VALUE_HEADER_BYTES};

/// What the PDUs of a message carry (PS3.8 section E.2, Message Control Header Encoding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its command set.
    CommandSet,
    /// Its data set.
    DataSet,
}

/// The smallest PDU that is worth its headers. A peer that takes less than this takes nothing.
const MIN_LENGTH: usize = 16;

/// So many bytes of a message go into one P-DATA-TF PDU for a peer that takes `max_length` (0 is without limit).
fn fragment_bytes(max_length: u32) -> usize {
    /// Nobody is sent longer ones, whatever it says that it takes.
    const MAX_BYTES: usize = 1 << 20;
    let max_length = match max_length {
        0 => usize::MAX,
        length => usize::try_from(length).unwrap_or(usize::MAX).max(MIN_LENGTH),
    };
    // Even, as values are (PS3.8 annex E.1, Message Control Header).
    (max_length - VALUE_HEADER_BYTES).min(MAX_BYTES) & !1
}

/// P-DATA-TF PDUs that carry a part of a message. None is longer than the peer takes, `max_length` (0 is without limit); all
/// go into one buffer, so that they leave in one write: a second small write would wait for the first to be acknowledged.
pub fn encode_part(context_id: u8, part: Part, bytes: &[u8], max_length: u32) -> Vec<u8> {
    let mut pdus = Vec::new();
    put_part(context_id, part, bytes, max_length, &mut pdus);
    pdus
}

/// The same for a whole message: its command set, and its data set if it has one.
pub(crate) fn encode_message(context_id: u8, command_set: &[u8], data_set: Option<&[u8]>, max_length: u32) -> Vec<u8> {
    let mut pdus = encode_part(context_id, Part::CommandSet, command_set, max_length);
    if let Some(data_set) = data_set {
        put_part(context_id, Part::DataSet, data_set, max_length, &mut pdus);
    }
    pdus
}

fn put_part(context_id: u8, part: Part, bytes: &[u8], max_length: u32, pdus: &mut Vec<u8>) {
    let step = fragment_bytes(max_length);
    let count = bytes.len().div_ceil(step).max(1);
    pdus.reserve(bytes.len() + count * (HEADER_BYTES + VALUE_HEADER_BYTES));
    let (whole, last) = bytes.split_at((count - 1) * step);
    for piece in whole.chunks(step) {
        put_fragment(context_id, part, piece, false, pdus);
    }
    put_fragment(context_id, part, last, true, pdus);
}

/// Takes full fragments of a data set out of `bytes`, and leaves the last, of which it is not known yet whether it is.
pub(crate) fn encode_whole_fragments(context_id: u8, bytes: &mut BytesMut, max_length: u32, pdus: &mut Vec<u8>) {
    let step = fragment_bytes(max_length);
    let count = bytes.len().saturating_sub(1) / step;
    pdus.reserve(count * (step + HEADER_BYTES + VALUE_HEADER_BYTES));
    for piece in bytes.split_to(count * step).chunks(step) {
        put_fragment(context_id, Part::DataSet, piece, false, pdus);
    }
}

fn put_fragment(context_id: u8, part: Part, piece: &[u8], is_last: bool, pdus: &mut Vec<u8>) {
    let length = u32::try_from(piece.len()).expect("a fragment is bounded");
    pdus.extend_from_slice(&[PduType::Data as u8, 0]);
    pdus.extend_from_slice(&(length + 6).to_be_bytes());
    pdus.extend_from_slice(&(length + 2).to_be_bytes());
    pdus.extend_from_slice(&[context_id, u8::from(part == Part::CommandSet) | (u8::from(is_last) << 1)]);
    pdus.extend_from_slice(piece);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::{Arrival, PduDecoder};

    #[test]
    fn a_command_set_goes_out_in_pdus_that_the_peer_takes() {
        for (max_length, expected) in [(0, 1), (16_384, 1), (36, 1), (35, 2), (16, 3), (1, 3)] {
            let command: Vec<u8> = (0..30).collect();
            let mut buffer = BytesMut::from(encode_part(7, Part::CommandSet, &command, max_length).as_slice());
            let mut decoder = PduDecoder::new(max_length.max(16).wrapping_sub(u32::from(max_length == 0)).max(64));
            let mut found = Vec::new();
            let mut count = 0;
            while let Some(arrival) = decoder.next(&mut buffer) {
                let Arrival::Fragment(fragment) = arrival else { panic!("{arrival:?}") };
                found.extend_from_slice(&fragment.bytes);
                count += 1;
                assert_eq!((fragment.context_id, fragment.is_command), (7, true));
                assert_eq!(fragment.is_last, found.len() == command.len(), "limit {max_length}");
            }
            assert_eq!((found, count), (command, expected), "limit {max_length}");
        }
    }
}
