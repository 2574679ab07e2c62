//! Native pixels: frames one behind the other in one value of Pixel Data (PS3.5 section 8.1.1, Pixel Data Encoding of Related
//! Data Elements), of a length that is known before the first.

use bytes::Bytes;
use dicom_core::VR;
use filmless_codecs::Photometric;
use filmless_model::attribute::Tag;

use crate::element_header::put_header_in;
use crate::header::Encoding;
use crate::pixel::{PixelDescription, PixelError, SampleFormat};
use crate::transcode_frame::Encoded;

/// Writes frames one behind the other into one value of Pixel Data.
pub(crate) struct NativeWriter {
    tag: Tag,
    vr: VR,
    /// Of the value, even.
    length: u32,
    description: PixelDescription,
    frame_bytes: Option<usize>,
    written: u64,
    packer: BitPacker,
}

impl NativeWriter {
    pub(crate) fn new(description: PixelDescription, frames: u32) -> Result<Self, PixelError> {
        let half = matches!(description.photometric, Photometric::YbrFull422 | Photometric::YbrPartial422);
        let frame_bits = description.native_frame_bits();
        let frame_bits = if half && description.samples_per_pixel == 3 { frame_bits / 3 * 2 } else { frame_bits };
        let bytes = frame_bits.saturating_mul(u64::from(frames)).div_ceil(8);
        // PS3.5 section 7.1.1: a native value has a length of 32 bits, and the last one means "undefined".
        let length = u32::try_from(bytes.next_multiple_of(2)).ok().filter(|length| *length < u32::MAX);
        let length = length.ok_or(PixelError::TooLarge { bytes })?;
        let (element, vr) = match description.format {
            SampleFormat::Float => (0x0008, VR::OF),
            SampleFormat::Double => (0x0009, VR::OD),
            // PS3.5 section A.2: words for more than 8 bits.
            SampleFormat::Integer if description.bits_allocated > 8 => (0x0010, VR::OW),
            SampleFormat::Integer => (0x0010, VR::OB),
        };
        let whole = description.bits_allocated > 1;
        let frame_bytes = usize::try_from(frame_bits / 8).map_err(|_| PixelError::TooLarge { bytes })?;
        let frame_bytes = whole.then_some(frame_bytes);
        Ok(Self { tag: Tag(0x7FE0, element), vr, length, description, frame_bytes, written: 0, packer: BitPacker::default() })
    }

    /// The element header.
    pub(crate) fn begin(&self, encoding: Encoding, out: &mut Vec<u8>) {
        put_header_in(encoding, out, self.tag, self.vr, self.length);
    }

    /// The bytes of one frame; of single bits, the bytes that are full.
    pub(crate) fn frame(&mut self, native: Encoded, number: u32) -> Result<Vec<u8>, PixelError> {
        if native.description != self.description {
            return Err(PixelError::Unsupported(format!("frame {number}, whose pixels are unlike those of the first")));
        }
        let mut bytes: Vec<u8> = native.bytes.into();
        match self.frame_bytes {
            None => bytes = self.packer.pack(&bytes),
            Some(expected) if bytes.len() < expected => {
                return Err(PixelError::ShortFrame { found: bytes.len() as u64, expected: expected as u64 });
            }
            Some(expected) => bytes.truncate(expected),
        }
        self.written += bytes.len() as u64;
        Ok(bytes)
    }

    /// The rest of a frame that stands alone, without padding.
    pub(crate) fn last_bits(&mut self) -> Option<u8> {
        self.packer.finish()
    }

    /// What is left of the value.
    pub(crate) fn finish(mut self) -> Option<Bytes> {
        let mut rest: Vec<u8> = self.packer.finish().into_iter().collect();
        if (self.written + rest.len() as u64) % 2 == 1 {
            rest.push(0);
        }
        (!rest.is_empty()).then(|| rest.into())
    }
}

/// Joins single bits over the ends of frames (PS3.5 section 8.1.1).
#[derive(Default)]
struct BitPacker {
    bits: u8,
    count: u32,
}

impl BitPacker {
    fn pack(&mut self, samples: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(samples.len() / 8 + 1);
        for sample in samples {
            self.bits |= (sample & 1) << self.count;
            self.count += 1;
            if self.count == 8 {
                out.push(self.bits);
                *self = Self::default();
            }
        }
        out
    }

    fn finish(&mut self) -> Option<u8> {
        let last = (self.count > 0).then_some(self.bits);
        *self = Self::default();
        last
    }
}
