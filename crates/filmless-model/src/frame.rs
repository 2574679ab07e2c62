//! Where the frames of a stored instance are, so that one can be served without parsing the rest.

use std::num::NonZeroU32;

/// The number of a frame: 1 is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameNumber(NonZeroU32);

impl FrameNumber {
    /// The first frame.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// A frame number, unless it is 0.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Reads decimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Counted from 1.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// Counted from 0.
    pub fn index(self) -> usize {
        usize::try_from(self.0.get() - 1).expect("a u32 fits usize on supported machines")
    }
}

/// A run of bytes of the blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteRange {
    /// Where it begins, from the start of the blob.
    pub offset: u64,
    /// How long it is.
    pub length: u64,
}

/// Where every frame is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FrameIndex {
    /// The instance has no frames.
    #[default]
    None,
    /// Native pixel data: equal frames, one behind the other (PS3.5 section 8.1.1, Pixel Data Encoding).
    Native {
        /// The value of Pixel Data in the blob.
        pixel_data: ByteRange,
        /// Bits of one frame; not a multiple of 8 where single-bit frames are packed.
        frame_length_bits: u64,
        /// How many frames lie wholly inside the value.
        count: u32,
        /// The value is words with their high byte first, but samples are bytes or bits (PS3.5 section 8.1.1): every two
        /// bytes stand in each other's place.
        swapped_words: bool,
    },
    /// Encapsulated pixel data: the fragments of each frame, items' values only (PS3.5 section A.4).
    Encapsulated {
        /// Fragments by frame.
        frames: Vec<Vec<ByteRange>>,
    },
}

/// What it takes to read one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameLocation {
    /// Bytes to join, in order.
    pub ranges: Vec<ByteRange>,
    /// Leading bits that belong to the frame before; 0 but for packed single-bit frames and for whole words.
    pub skip_bits: u8,
    /// Bits of the frame where the ranges hold more, else `None`.
    pub length_bits: Option<u64>,
    /// The ranges are whole words whose bytes are to be swapped before anything else.
    pub swapped_words: bool,
}

impl FrameIndex {
    /// How many frames can be served.
    pub fn count(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::Native { count, .. } => *count,
            Self::Encapsulated { frames } => u32::try_from(frames.len()).unwrap_or(u32::MAX),
        }
    }

    /// Where one frame is, if there is such a frame.
    pub fn locate(&self, frame: FrameNumber) -> Option<FrameLocation> {
        match self {
            Self::None => None,
            Self::Native { pixel_data, frame_length_bits, count, swapped_words } => {
                if frame.get() > *count {
                    return None;
                }
                let first_bit = frame_length_bits.checked_mul(u64::from(frame.get() - 1))?;
                let end_bit = first_bit.checked_add(*frame_length_bits)?;
                let unit_bits = if *swapped_words { 16 } else { 8 };
                let first = first_bit / unit_bits * unit_bits / 8;
                // A value of odd length, which must not be, ends with half a word.
                let end = (end_bit.div_ceil(unit_bits) * (unit_bits / 8)).min(pixel_data.length);
                let range = ByteRange { offset: pixel_data.offset.checked_add(first)?, length: end.checked_sub(first)? };
                let skip_bits = u8::try_from(first_bit % unit_bits).expect("a remainder of 16 fits u8");
                let packed = skip_bits != 0 || end_bit % unit_bits != 0;
                Some(FrameLocation {
                    ranges: vec![range],
                    skip_bits,
                    length_bits: packed.then_some(*frame_length_bits),
                    swapped_words: *swapped_words,
                })
            }
            Self::Encapsulated { frames } => {
                let ranges = frames.get(frame.index())?.clone();
                Some(FrameLocation { ranges, skip_bits: 0, length_bits: None, swapped_words: false })
            }
        }
    }

    /// Where the first byte of pixels is; what stands before it is the header.
    pub fn pixels_begin(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Native { pixel_data, .. } => Some(pixel_data.offset),
            Self::Encapsulated { frames } => frames.iter().flatten().map(|fragment| fragment.offset).min(),
        }
    }

    /// A compact form for a column: see [`FrameIndex::decode`].
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::None => {}
            Self::Native { pixel_data, frame_length_bits, count, swapped_words } => {
                out.push(if *swapped_words { 3 } else { 1 });
                for number in [pixel_data.offset, pixel_data.length, *frame_length_bits, u64::from(*count)] {
                    put_number(&mut out, number);
                }
            }
            Self::Encapsulated { frames } => {
                out.push(2);
                let mut end = 0;
                for fragments in frames {
                    put_number(&mut out, fragments.len() as u64);
                    for fragment in fragments {
                        // Fragments follow each other with an item header of 8 bytes between: small numbers.
                        put_number(&mut out, fragment.offset.wrapping_sub(end));
                        put_number(&mut out, fragment.length);
                        end = fragment.offset.wrapping_add(fragment.length);
                    }
                }
            }
        }
        out
    }

    /// Reads what [`FrameIndex::encode`] wrote; `None` if it did not.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let Some((kind, mut rest)) = bytes.split_first() else { return Some(Self::None) };
        match kind {
            1 | 3 => {
                let mut numbers = [0; 4];
                for number in &mut numbers {
                    *number = take_number(&mut rest)?;
                }
                let [offset, length, frame_length_bits, count] = numbers;
                Some(Self::Native {
                    pixel_data: ByteRange { offset, length },
                    frame_length_bits,
                    count: u32::try_from(count).ok()?,
                    swapped_words: *kind == 3,
                })
            }
            2 => {
                let mut frames = Vec::new();
                let mut end = 0u64;
                while !rest.is_empty() {
                    let mut fragments = Vec::new();
                    for _ in 0..take_number(&mut rest)? {
                        let offset = end.wrapping_add(take_number(&mut rest)?);
                        let length = take_number(&mut rest)?;
                        end = offset.wrapping_add(length);
                        fragments.push(ByteRange { offset, length });
                    }
                    frames.push(fragments);
                }
                Some(Self::Encapsulated { frames })
            }
            _ => None,
        }
    }
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(offset: u64, length: u64) -> ByteRange {
        ByteRange { offset, length }
    }

    fn native(pixel_data: ByteRange, frame_length_bits: u64, count: u32) -> FrameIndex {
        FrameIndex::Native { pixel_data, frame_length_bits, count, swapped_words: false }
    }

    fn swapped(pixel_data: ByteRange, frame_length_bits: u64, count: u32) -> FrameIndex {
        FrameIndex::Native { pixel_data, frame_length_bits, count, swapped_words: true }
    }

    #[test]
    fn a_frame_index_is_read_back_from_its_compact_form() {
        for index in [
            FrameIndex::None,
            native(range(1234, 105 << 20), 512 * 512 * 16, 400),
            swapped(range(1234, 28), 27 * 8, 1),
            FrameIndex::Encapsulated { frames: vec![] },
            FrameIndex::Encapsulated { frames: vec![vec![range(900, 10), range(918, 7)], vec![], vec![range(5_000_000_000, 1)]] },
        ] {
            assert_eq!(FrameIndex::decode(&index.encode()), Some(index));
        }
        assert_eq!(FrameIndex::decode(&[1, 0xff]), None);
        assert_eq!(FrameIndex::decode(&[9]), None);
    }

    #[test]
    fn frames_that_share_a_byte_or_a_word_say_how_many_bits_to_skip() {
        let locate = |index: &FrameIndex, frame| index.locate(FrameNumber::new(frame).expect("not 0"));
        let location = |bytes, skip_bits, length_bits, swapped_words| {
            Some(FrameLocation { ranges: vec![bytes], skip_bits, length_bits, swapped_words })
        };
        let bits = native(range(100, 4), 9, 3);
        assert_eq!(locate(&bits, 2), location(range(101, 2), 1, Some(9), false));
        assert_eq!(locate(&bits, 4), None);
        let bytes = swapped(range(100, 10), 3 * 8, 3);
        assert_eq!(locate(&bytes, 1), location(range(100, 4), 0, Some(24), true));
        assert_eq!(locate(&bytes, 2), location(range(102, 4), 8, Some(24), true));
        assert_eq!(locate(&swapped(range(100, 8), 32, 2), 2), location(range(104, 4), 0, None, true));
        assert_eq!(locate(&swapped(range(100, 3), 24, 1), 1), location(range(100, 3), 0, Some(24), true));
    }
}
