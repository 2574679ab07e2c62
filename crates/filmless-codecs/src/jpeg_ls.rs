//! JPEG-LS by `CharLS` (C++): only ever called in a worker process.

use charls::{CharLS, FrameInfo, InterleaveMode};

use crate::codestream::JpegHeader;
use crate::frame_spec::{DecodedFrame, FrameSpec};
use crate::nearness::range;
use crate::pack::{Packing, low_bits, precision, unpack, widen};
use crate::{CodecError, Loss};

const JPEG_LS: u8 = 0xf7;

pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    let header = JpegHeader::read(codestream)?;
    if header.start_of_frame != JPEG_LS {
        return Err(CodecError::Corrupt("not a JPEG-LS codestream".into()));
    }
    header.check(spec)?;
    let packing = Packing::new(spec, u32::from(header.precision))?;
    let raw = CharLS::default().decode(codestream).map_err(|error| CodecError::Corrupt(error.to_string()))?;

    let components = header.components.len();
    let wide = header.precision > 8;
    let samples: Vec<i32> = widen(&raw, wide).collect();
    // Scans of one component each are decoded plane after plane, interleaved ones pixel by pixel.
    let samples = if components > 1 && header.scan_components == 1 {
        let planes: Vec<&[i32]> = samples.chunks(samples.len() / components).take(components).collect();
        packing.pack_planes(&planes)
    } else {
        packing.pack(samples.iter().copied(), samples.len())
    };
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated.max(8), photometric: spec.photometric })
}

/// The least precision that JPEG-LS has.
const LEAST_PRECISION: u32 = 2;

/// Signed samples are written as the bits they are: JPEG-LS knows no sign, and readers take it from the data set.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    write(spec, &unpack(spec, samples), 0)
}

/// No sample is off by more than so small a part of their range, or by 1.
const NEAR_PART: u32 = 512;

/// The largest difference that is allowed for (ISO/IEC 14495-1 C.2.3, NEAR).
const LARGEST_NEAR: u32 = 255;

pub(crate) const LOSS: Loss =
    Loss { method: "ISO_14495_1", description: "lossy compression by JPEG-LS, NEAR 1/512 of the range of samples" };

/// Samples may be off by a little. A codestream leaves only if none is by more.
pub(crate) fn encode_near(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let values = unpack(spec, samples);
    let near = (range(&values) / NEAR_PART).clamp(1, LARGEST_NEAR);
    let codestream = write(spec, &values, near.cast_signed())?;
    let decoded = unpack(spec, &decode(spec, &codestream)?.samples);
    if decoded.iter().zip(&values).all(|(decoded, value)| decoded.abs_diff(*value) <= near) {
        return Ok(codestream);
    }
    Err(CodecError::Encoding("CharLS wrote samples that are not near".into()))
}

fn write(spec: &FrameSpec, values: &[i32], near: i32) -> Result<Vec<u8>, CodecError> {
    let failed = |error: charls::Error| CodecError::Encoding(format!("CharLS: {error}"));
    let precision = precision(spec, values).max(LEAST_PRECISION);
    let bits = low_bits(values, precision);
    let raw: Vec<u8> =
        if precision > 8 { bits.flat_map(u16::to_ne_bytes).collect() } else { bits.map(|bits| bits.to_le_bytes()[0]).collect() };
    let mut encoder = CharLS::default();
    let mode = if spec.samples_per_pixel > 1 { InterleaveMode::Sample } else { InterleaveMode::None };
    encoder.set_interleave_mode(mode).map_err(failed)?;
    let info = FrameInfo {
        width: spec.columns.into(),
        height: spec.rows.into(),
        bits_per_sample: precision.cast_signed(),
        component_count: spec.samples_per_pixel.into(),
    };
    encoder.encode(info, near, &raw).map_err(failed)
}
