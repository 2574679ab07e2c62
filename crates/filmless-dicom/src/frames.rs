//! Finds where each frame of Pixel Data is (PS3.5 sections 8.2 and A.4), from what a pass over the header noted.
//!
//! Tables that a sender wrote are believed only where they meet the fragments that are there. A video stream is one
//! frame of the index: its pictures depend on each other, so the stream is served whole. Pixels are not decoded.

use filmless_model::frame::{ByteRange, FrameIndex};

use crate::header::Warnings;

/// What the frames follow from.
#[derive(Debug, Default)]
pub(crate) struct PixelFacts {
    pub(crate) rows: u64,
    pub(crate) columns: u64,
    /// Samples per Pixel; 0 where it is absent.
    pub(crate) samples: u64,
    pub(crate) bits_allocated: u64,
    /// Number of Frames; 0 where it is absent or not a number.
    pub(crate) number_of_frames: u64,
    pub(crate) chroma: Chroma,
    pub(crate) video: bool,
    pub(crate) rle: bool,
    pub(crate) value: PixelValue,
    /// Native pixels are words (VR OW) with their high byte first.
    pub(crate) big_endian_words: bool,
    /// Extended Offset Table (7FE0,0001).
    pub(crate) extended_offsets: OffsetTable,
    /// Extended Offset Table Lengths (7FE0,0002).
    pub(crate) extended_lengths: OffsetTable,
    pub(crate) basic_offsets: OffsetTable,
}

/// Chroma samples that native pixel data leaves out, as its Photometric Interpretation says (PS3.3 C.7.6.3.1.2).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chroma {
    /// None.
    #[default]
    Full,
    /// Every second, horizontally.
    Half,
    /// Every second, in both directions.
    Quarter,
}

/// Pixel Data as it was met.
#[derive(Debug, Default)]
pub(crate) enum PixelValue {
    #[default]
    None,
    Native(ByteRange),
    Encapsulated(Vec<Fragment>),
    /// More fragments than the limit.
    TooManyFragments,
}

/// One fragment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragment {
    /// Where its item begins, which is what offset tables name.
    pub(crate) item: u64,
    pub(crate) bytes: ByteRange,
    /// It begins as an image codestream does.
    pub(crate) starts_image: bool,
}

/// An offset table that arrives in pieces.
#[derive(Debug, Default)]
pub(crate) struct OffsetTable {
    pub(crate) entries: Vec<u64>,
    /// Bytes of an entry that is not complete.
    partial: Vec<u8>,
    overflowed: bool,
}

impl OffsetTable {
    /// Reads entries of `width` (4 or 8) bytes; past `limit` of them, the table is void.
    pub(crate) fn push(&mut self, mut bytes: &[u8], width: usize, big_endian: bool, limit: usize) {
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(width - self.partial.len()));
            self.partial.extend_from_slice(head);
            bytes = rest;
            if self.partial.len() < width {
                return;
            }
            if self.entries.len() == limit {
                self.overflowed = true;
                self.partial.clear();
                return;
            }
            let step = |entry: u64, byte: &u8| entry << 8 | u64::from(*byte);
            let entry = if big_endian { self.partial.iter().fold(0, step) } else { self.partial.iter().rev().fold(0, step) };
            self.entries.push(entry);
            self.partial.clear();
        }
    }

    fn usable(&self) -> &[u64] {
        if self.overflowed { &[] } else { &self.entries }
    }
}

/// Whether bytes begin a still image codestream.
pub(crate) fn starts_image(head: &[u8]) -> bool {
    const SIGNATURES: [&[u8]; 5] = [
        &[0xFF, 0xD8, 0xFF],         // JPEG and JPEG-LS: start of image, then a marker
        &[0xFF, 0x4F, 0xFF, 0x51],   // JPEG 2000 and HTJ2K: start of codestream, image and tile size
        b"\0\0\0\x0cjP  \r\n\x87\n", // JPEG 2000 in the JP2 file format
        &[0xFF, 0x0A],               // JPEG XL codestream
        b"\0\0\0\x0cJXL \r\n\x87\n", // JPEG XL in its container
    ];
    SIGNATURES.iter().any(|signature| head.starts_with(signature))
}

impl PixelFacts {
    /// The frame index.
    pub(crate) fn index(self, warnings: &mut Warnings) -> FrameIndex {
        match &self.value {
            PixelValue::None => FrameIndex::None,
            PixelValue::Native(range) => self.native(*range, warnings),
            PixelValue::Encapsulated(fragments) => {
                let frames = self.encapsulated(fragments, warnings);
                if frames.is_empty() { FrameIndex::None } else { FrameIndex::Encapsulated { frames } }
            }
            PixelValue::TooManyFragments => {
                warnings.add("Pixel Data has more fragments than are indexed");
                FrameIndex::None
            }
        }
    }

    fn native(&self, pixel_data: ByteRange, warnings: &mut Warnings) -> FrameIndex {
        let declared = self.number_of_frames.max(1);
        let available = pixel_data.length.saturating_mul(8);
        let pixels = self.rows.saturating_mul(self.columns).saturating_mul(self.bits_allocated);
        let full = pixels.saturating_mul(self.samples.max(1));
        let sub_sampled = match self.chroma {
            Chroma::Full => full,
            Chroma::Half => pixels.saturating_mul(2),
            Chroma::Quarter => pixels.saturating_mul(3) / 2,
        };
        let frame_length_bits = if sub_sampled < full && full.saturating_mul(declared) <= available {
            warnings.add("Pixel Data has all chroma samples though its Photometric Interpretation leaves some out");
            full
        } else {
            sub_sampled
        };
        if frame_length_bits == 0 {
            warnings.add("Pixel Data has no Rows, Columns or Bits Allocated");
            return FrameIndex::None;
        }
        let there = available / frame_length_bits;
        if there < declared {
            warnings.add("Pixel Data holds fewer frames than Number of Frames says");
        }
        let count = u32::try_from(declared.min(there)).unwrap_or(u32::MAX);
        // Larger samples come out right when they are read as big endian numbers.
        let swapped_words = self.big_endian_words && self.bits_allocated <= 8;
        if count == 0 { FrameIndex::None } else { FrameIndex::Native { pixel_data, frame_length_bits, count, swapped_words } }
    }

    fn encapsulated(&self, fragments: &[Fragment], warnings: &mut Warnings) -> Vec<Vec<ByteRange>> {
        let declared = usize::try_from(self.number_of_frames.max(1)).unwrap_or(usize::MAX);
        if fragments.is_empty() {
            warnings.add("encapsulated Pixel Data has no fragments");
            return Vec::new();
        }
        if self.video {
            return vec![fragments.iter().map(|fragment| fragment.bytes).collect()];
        }
        for (table, name) in [
            (&self.extended_offsets, "the Extended Offset Table does not meet the fragments"),
            (&self.basic_offsets, "the Basic Offset Table does not meet the fragments"),
        ] {
            let offsets = table.usable();
            if offsets.is_empty() {
                continue;
            }
            match by_table(fragments, offsets) {
                // A table that knows another number of frames than is declared is better than a guess only.
                Some(frames) if frames.len() == declared || fragments.len() != declared && frames.len() > 1 => {
                    if frames.len() != declared {
                        warnings.add("Number of Frames is not the number of frames found");
                    }
                    return self.trimmed(frames);
                }
                _ => warnings.add(name),
            }
        }
        let each = || fragments.iter().map(|fragment| vec![fragment.bytes]).collect::<Vec<_>>();
        if fragments.len() <= declared || self.rle {
            if fragments.len() != declared {
                warnings.add("Number of Frames is not the number of frames found");
            }
            return each();
        }
        if declared == 1 {
            return vec![fragments.iter().map(|fragment| fragment.bytes).collect()];
        }
        // Frames in several fragments without a table: a frame begins where an image does (PS3.5 section A.4).
        let mut frames: Vec<Vec<ByteRange>> = Vec::new();
        for fragment in fragments {
            match frames.last_mut() {
                Some(frame) if !fragment.starts_image => frame.push(fragment.bytes),
                _ => frames.push(vec![fragment.bytes]),
            }
        }
        if frames.len() != declared {
            warnings.add("Number of Frames is not the number of frames found");
        }
        if frames.len() == 1 { each() } else { frames }
    }

    /// Takes the padding off the last fragments where the Extended Offset Table says how long each frame is.
    fn trimmed(&self, mut frames: Vec<Vec<ByteRange>>) -> Vec<Vec<ByteRange>> {
        let lengths = self.extended_lengths.usable();
        if lengths.len() == frames.len() {
            for (frame, length) in frames.iter_mut().zip(lengths) {
                // One byte at most: the table tells the padding from the data, it does not cut data off.
                if let [fragment] = frame.as_mut_slice()
                    && fragment.length == length + 1
                {
                    fragment.length = *length;
                }
            }
        }
        frames
    }
}

/// Groups fragments by the offsets of a table, which must each name the item of a fragment, first one first.
fn by_table(fragments: &[Fragment], offsets: &[u64]) -> Option<Vec<Vec<ByteRange>>> {
    let first = fragments.first()?.item;
    let mut offsets = offsets.iter().peekable();
    let mut frames: Vec<Vec<ByteRange>> = Vec::new();
    for fragment in fragments {
        // Offsets of a Basic Offset Table have 32 bits and start over past 4 GiB.
        let place = fragment.item - first;
        let begins = offsets.next_if(|offset| **offset == place || **offset == place & 0xFFFF_FFFF).is_some();
        match frames.last_mut() {
            Some(frame) if !begins => frame.push(fragment.bytes),
            None if !begins => return None,
            _ => frames.push(vec![fragment.bytes]),
        }
    }
    offsets.peek().is_none().then_some(frames)
}
