//! Frames whose bytes are native samples, as they are or deflated (PS3.5 A.4.11 and A.4.13).

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::CodecError;
use crate::frame_spec::{DecodedFrame, FrameSpec};

/// Inflates exactly the frame and never more: a bomb stops at the frame's size.
pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    let length = native_bytes(spec);
    let mut native = Vec::new();
    let mut inflate = DeflateDecoder::new(codestream).take(length);
    inflate.read_to_end(&mut native).map_err(|_| CodecError::Corrupt("deflated frame cannot be inflated".into()))?;
    if native.len() as u64 != length {
        return Err(CodecError::Mismatch(format!("{} bytes inflated, {length} expected", native.len())));
    }
    native_frame(spec, native)
}

/// Takes the fragment as the frame; an even-length pad is left out.
pub(crate) fn native(spec: &FrameSpec, bytes: &[u8]) -> Result<DecodedFrame, CodecError> {
    let length = native_bytes(spec);
    let native = usize::try_from(length).ok().and_then(|length| bytes.get(..length));
    let native = native.ok_or_else(|| CodecError::Mismatch(format!("{} bytes, {length} expected", bytes.len())))?;
    native_frame(spec, native.to_vec())
}

/// Deflates native samples; single bits are packed from the lowest.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = |eight: &[u8]| (0..).zip(eight).fold(0, |byte, (at, bit)| byte | (bit & 1) << at);
    let written = match spec.bits_allocated {
        1 => encoder.write_all(&samples.chunks(8).map(packed).collect::<Vec<u8>>()),
        _ => encoder.write_all(samples),
    };
    written.and_then(|()| encoder.finish()).expect("memory takes what is written")
}

fn native_bytes(spec: &FrameSpec) -> u64 {
    if spec.bits_allocated == 1 { spec.samples().div_ceil(8) } else { spec.decoded_bytes() }
}

fn native_frame(spec: &FrameSpec, native: Vec<u8>) -> Result<DecodedFrame, CodecError> {
    let mut samples = if spec.bits_allocated == 1 {
        let count = usize::try_from(spec.samples()).map_err(|_| CodecError::Unsupported("a frame of this size".into()))?;
        (0..count).map(|at| native[at / 8] >> (at % 8) & 1).collect()
    } else {
        native
    };
    if spec.planar && spec.samples_per_pixel > 1 {
        samples = colour_by_pixel(&samples, usize::from(spec.samples_per_pixel), usize::from(spec.bits_allocated.div_ceil(8)));
    }
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated.max(8), photometric: spec.photometric })
}

/// Planar Configuration 1 to 0 (PS3.3 C.7.6.3.1.3, Planar Configuration).
fn colour_by_pixel(planes: &[u8], samples_per_pixel: usize, sample_bytes: usize) -> Vec<u8> {
    let plane = planes.len() / samples_per_pixel;
    let mut out = Vec::with_capacity(planes.len());
    for at in (0..plane).step_by(sample_bytes) {
        for sample in 0..samples_per_pixel {
            let from = sample * plane + at;
            out.extend_from_slice(&planes[from..from + sample_bytes]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        encode(&spec("1.2", 1, 1, 8), bytes)
    }

    #[test]
    fn a_frame_is_inflated_to_its_size_and_no_further() {
        let spec = spec("1.2.840.10008.1.2.8.1", 2, 2, 8);
        assert_eq!(decode(&spec, &deflate(&[1, 2, 3, 4])).expect("good").samples, [1, 2, 3, 4]);
        assert_eq!(decode(&spec, &deflate(&vec![7; 1 << 20])).expect("bomb").samples, [7; 4]);
        assert!(decode(&spec, &deflate(&[1, 2, 3])).is_err());
        assert!(decode(&spec, &[0xff; 40]).is_err());
    }

    #[test]
    fn single_bits_take_a_byte_each() {
        let spec = spec("1.2.840.10008.1.2.1.98", 3, 3, 1);
        assert_eq!(native(&spec, &[0b1000_0001, 1]).expect("good").samples, [1, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert!(native(&spec, &[0xff]).is_err());
        let samples = [1, 0, 1, 0, 0, 0, 0, 0, 1];
        assert_eq!(decode(&spec, &encode(&spec, &samples)).expect("good").samples, samples);
    }

    #[test]
    fn planes_become_pixels() {
        assert_eq!(colour_by_pixel(&[1, 2, 3, 4, 5, 6], 3, 1), [1, 3, 5, 2, 4, 6]);
        assert_eq!(colour_by_pixel(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 3, 2), [1, 2, 5, 6, 9, 10, 3, 4, 7, 8, 11, 12]);
    }
}
