//! JPEG lossless, first-order prediction, written (ITU-T T.81 Annex H, Lossless mode of operation; process 14, selection value 1).
//!
//! One interleaved scan and one Huffman table, made for the frame. Signed samples are written as the bits they are.

use std::cmp::Reverse;

use crate::CodecError;
use crate::frame_spec::FrameSpec;
use crate::pack::{low_bits, precision, unpack};

/// The least precision of the lossless processes (ITU-T T.81 table B.2).
const LEAST_PRECISION: u32 = 2;

/// Categories of differences: by how many bits they take (ITU-T T.81 table H.2).
const CATEGORIES: usize = 17;

/// The longest Huffman code.
const LONGEST_CODE: u32 = 16;

pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let values = unpack(spec, samples);
    let precision = precision(spec, &values).max(LEAST_PRECISION);
    let values: Vec<u16> = low_bits(&values, precision).collect();
    let components = usize::from(spec.samples_per_pixel);
    let differences = differences(&values, usize::from(spec.columns) * components, components, precision);
    let mut counts = [0u64; CATEGORIES];
    for difference in &differences {
        counts[usize::from(category(*difference))] += 1;
    }
    let table = HuffmanTable::new(counts);

    let mut out = vec![0xff, 0xd8];
    let components = u8::try_from(components).map_err(|_| CodecError::Unsupported("so many components".into()))?;
    let [precision, ..] = precision.to_le_bytes();
    segment(&mut out, 0xc3, |out| {
        out.push(precision);
        out.extend(spec.rows.to_be_bytes());
        out.extend(spec.columns.to_be_bytes());
        out.push(components);
        (1..=components).for_each(|component| out.extend([component, 0x11, 0]));
    });
    segment(&mut out, 0xc4, |out| {
        out.push(0);
        out.extend((1..=LONGEST_CODE).map(|length| table.symbols_of(length).count().to_le_bytes()[0]));
        out.extend((1..=LONGEST_CODE).flat_map(|length| table.symbols_of(length)).map(|symbol| symbol.to_le_bytes()[0]));
    });
    segment(&mut out, 0xda, |out| {
        out.push(components);
        (1..=components).for_each(|component| out.extend([component, 0]));
        // The sample to the left predicts; no bits are dropped.
        out.extend([1, 0, 0]);
    });
    let mut bits = BitWriter { out, bits: 0, count: 0 };
    for difference in differences {
        let category = category(difference);
        let (code, length) = table.codes[usize::from(category)];
        bits.put(code, length);
        // A difference of 32768 is all that its category has.
        if let 1..16 = category {
            let shown = if difference < 0 { difference - 1 } else { difference };
            bits.put(u32::from(shown.cast_unsigned()), category.into());
        }
    }
    let mut out = bits.finish();
    out.extend([0xff, 0xd9]);
    Ok(out)
}

/// A marker and its segment, whose length counts itself.
fn segment(out: &mut Vec<u8>, marker: u8, content: impl FnOnce(&mut Vec<u8>)) {
    out.extend([0xff, marker, 0, 0]);
    let start = out.len();
    content(out);
    let length = u16::try_from(out.len() - start + 2).expect("seventeen symbols and four components are short");
    out[start - 2..start].copy_from_slice(&length.to_be_bytes());
}

/// What is left of each sample when its neighbour is taken away, modulo 2¹⁶ (ITU-T T.81 H.1.2).
fn differences(values: &[u16], row: usize, components: usize, precision: u32) -> Vec<i16> {
    let middle = 1u16 << (precision - 1);
    let predicted = |at: usize| match (at % row < components, at < row) {
        (false, _) => values[at - components],
        (true, false) => values[at - row],
        (true, true) => middle,
    };
    values.iter().enumerate().map(|(at, value)| value.wrapping_sub(predicted(at)).cast_signed()).collect()
}

/// Bits of a difference; -32768 stands for 32768, which is the same modulo 2¹⁶.
fn category(difference: i16) -> u8 {
    let bits = u16::BITS - difference.unsigned_abs().leading_zeros();
    u8::try_from(bits).expect("sixteen at most")
}

/// A code for each category that occurs.
struct HuffmanTable {
    /// Code and its length; of length 0 where there is none.
    codes: [(u32, u32); CATEGORIES],
}

impl HuffmanTable {
    fn new(mut counts: [u64; CATEGORIES]) -> Self {
        let mut lengths = code_lengths(&counts);
        while lengths.iter().any(|length| *length > LONGEST_CODE) {
            // Rare categories come nearer to the others, until all codes are short enough.
            for count in counts.iter_mut().filter(|count| **count > 0) {
                *count = *count / 2 + 1;
            }
            lengths = code_lengths(&counts);
        }
        let (mut codes, mut code, mut last) = ([(0, 0); CATEGORIES], 0u32, 0);
        let mut order: Vec<usize> = (0..CATEGORIES).filter(|symbol| lengths[*symbol] > 0).collect();
        order.sort_by_key(|symbol| lengths[*symbol]);
        for symbol in order {
            let length = lengths[symbol];
            code <<= length - last;
            codes[symbol] = (code, length);
            (code, last) = (code + 1, length);
        }
        Self { codes }
    }

    fn symbols_of(&self, length: u32) -> impl Iterator<Item = usize> {
        (0..CATEGORIES).filter(move |symbol| self.codes[*symbol].1 == length)
    }
}

/// Lengths of Huffman codes. One more symbol, rarer than all, takes the code of ones alone, which is reserved (ITU-T T.81 K.2).
fn code_lengths(counts: &[u64; CATEGORIES]) -> [u32; CATEGORIES] {
    let mut depths = [0; CATEGORIES + 1];
    let mut trees: Vec<(u64, Vec<usize>)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, count)| (*count, vec![symbol])).collect();
    trees.push((0, vec![CATEGORIES]));
    while trees.len() > 1 {
        trees.sort_by_key(|(count, _)| Reverse(*count));
        let (rarest, rare) = (trees.pop(), trees.pop());
        let mut joined = (0, Vec::new());
        for (count, symbols) in rare.into_iter().chain(rarest) {
            for symbol in symbols {
                depths[symbol] += 1;
                joined.1.push(symbol);
            }
            joined.0 += count;
        }
        trees.push(joined);
    }
    let mut lengths = [0; CATEGORIES];
    lengths.copy_from_slice(&depths[..CATEGORIES]);
    lengths
}

/// Bits from the highest, with a zero behind each byte of ones (ITU-T T.81 F.1.2.3, Byte stuffing).
struct BitWriter {
    out: Vec<u8>,
    bits: u64,
    count: u32,
}

impl BitWriter {
    /// Appends the low `length` bits.
    fn put(&mut self, bits: u32, length: u32) {
        self.bits = self.bits << length | u64::from(bits) & ((1 << length) - 1);
        self.count += length;
        while self.count >= 8 {
            self.count -= 8;
            let [byte, ..] = (self.bits >> self.count).to_le_bytes();
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
        }
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        self.put(0xff, (8 - self.count) % 8);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_all_ones_or_longer_than_sixteen_bits() {
        // Counts like these make the longest codes there are.
        let mut steep = [1u64; CATEGORIES];
        for at in 2..CATEGORIES {
            steep[at] = steep[at - 1] + steep[at - 2];
        }
        let mut lone = [0; CATEGORIES];
        lone[0] = 5;
        for counts in [steep, lone, [7; CATEGORIES]] {
            let table = HuffmanTable::new(counts);
            for (count, (code, length)) in counts.iter().zip(table.codes) {
                assert_eq!(*count > 0, (1..=LONGEST_CODE).contains(&length), "{counts:?}");
                assert!(length == 0 || code < (1 << length) - 1, "{counts:?}");
            }
        }
    }

    #[test]
    fn differences_are_taken_modulo_the_whole_range() {
        assert_eq!(differences(&[0, 65535, 32767, 65535], 2, 1, 16), [-32768, -1, 32767, -32768]);
        assert_eq!([0, 1, -1, 2, 32767, -32767, -32768].map(category), [0, 1, 1, 2, 15, 15, 16]);
    }
}
