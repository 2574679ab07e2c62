//! JPEG baseline, extended and lossless, and what colour their components are.

use jpeg_decoder::{ColorTransform, Decoder, Error};

use crate::CodecError;
use crate::codestream::JpegHeader;
use crate::frame_spec::{DecodedFrame, FrameSpec, Photometric};
use crate::pack::{Packing, widen};

const LOSSLESS: u8 = 0xc3;

pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8], max_decoded_bytes: u64) -> Result<DecodedFrame, CodecError> {
    let header = JpegHeader::read(codestream)?;
    header.check(spec)?;
    let packing = Packing::new(spec, u32::from(header.precision))?;
    let (transform, photometric) = colour(spec, &header);

    let mut decoder = Decoder::new(codestream);
    // Components are decoded to planes of whole blocks first, and samples of lossless ones are 16 bit.
    let room = max_decoded_bytes.saturating_mul(4).max(1 << 20);
    decoder.set_max_decoding_buffer_size(usize::try_from(room).unwrap_or(usize::MAX));
    decoder.set_color_transform(transform);
    let raw = decoder.decode().map_err(|error| match error {
        Error::Unsupported(feature) => CodecError::Unsupported(format!("JPEG with {feature:?}")),
        other => CodecError::Corrupt(other.to_string()),
    })?;

    let samples = raw.len() / if header.precision > 8 { 2 } else { 1 };
    let plain = header.precision == 8 && spec.bits_allocated == 8;
    let samples = if plain { raw } else { packing.pack(widen(&raw, header.precision > 8), samples) };
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated, photometric })
}

/// How components become colour, and what to call it.
///
/// PS3.5 8.2.1 (JPEG Image Compression) lets the data set decide. Devices write `YBR_FULL_422` over codestreams of RGB, and
/// then an Adobe marker (or components named R, G and B) tells the truth; a JFIF marker alone does not overrule RGB.
fn colour(spec: &FrameSpec, header: &JpegHeader) -> (ColorTransform, Photometric) {
    if header.components.len() != 3 {
        return (ColorTransform::None, spec.photometric);
    }
    if header.start_of_frame == LOSSLESS {
        let whole = if spec.photometric == Photometric::YbrFull422 { Photometric::YbrFull } else { spec.photometric };
        return (ColorTransform::None, whole);
    }
    let named_rgb = header.components.iter().map(|component| component.id).eq(*b"RGB");
    let is_rgb = match header.adobe_transform {
        Some(transform) => transform == 0,
        None => named_rgb || spec.photometric == Photometric::Rgb,
    };
    (if is_rgb { ColorTransform::RGB } else { ColorTransform::YCbCr }, Photometric::Rgb)
}
