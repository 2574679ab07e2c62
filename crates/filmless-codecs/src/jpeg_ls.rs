//! JPEG-LS by `CharLS` (C++): only ever called in a worker process.

use charls::CharLS;

use crate::CodecError;
use crate::codestream::JpegHeader;
use crate::frame_spec::{DecodedFrame, FrameSpec};
use crate::pack::{Packing, widen};

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
