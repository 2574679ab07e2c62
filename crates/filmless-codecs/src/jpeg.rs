//! JPEG baseline, extended and lossless, and what colour their components are.

use jpeg_decoder::{ColorTransform, Decoder, Error};

use crate::CodecError;
use crate::codestream::JpegHeader;
use crate::frame_spec::{DecodedFrame, FrameSpec, Photometric};
use crate::jpeg_twelve_bit;
use crate::pack::{Packing, widen};

const EXTENDED: u8 = 0xc1;
const LOSSLESS: u8 = 0xc3;

pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8], max_decoded_bytes: u64) -> Result<DecodedFrame, CodecError> {
    let header = JpegHeader::read(codestream)?;
    header.check(spec)?;
    let packing = Packing::new(spec, u32::from(header.precision))?;
    let (transform, photometric) = colour(spec, &header);

    if header.start_of_frame == EXTENDED && header.precision == 12 {
        let mut planes = jpeg_twelve_bit::decode(&header, codestream)?;
        if let (ColorTransform::YCbCr, [luminance, blue, red]) = (transform, planes.as_mut_slice()) {
            twelve_bit_rgb(luminance, blue, red);
        }
        let planes: Vec<&[i32]> = planes.iter().map(Vec::as_slice).collect();
        let samples = packing.pack_planes(&planes);
        return Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated, photometric });
    }

    let mut decoder = Decoder::new(codestream);
    // Components are decoded to planes of whole blocks first, and samples of lossless ones are 16 bit.
    let room = max_decoded_bytes.saturating_mul(4).max(1 << 20);
    decoder.set_max_decoding_buffer_size(usize::try_from(room).unwrap_or(usize::MAX));
    decoder.set_color_transform(transform);
    let raw = decoder.decode().map_err(|error| match error {
        Error::Unsupported(feature) => CodecError::Unsupported(format!("JPEG with {feature:?}")),
        other => CodecError::Corrupt(other.to_string()),
    })?;

    // Lossless samples of less than 8 bits come in 16 too.
    let wide = header.precision > 8 || header.start_of_frame == LOSSLESS && header.precision < 8;
    let samples = raw.len() / if wide { 2 } else { 1 };
    let plain = header.precision == 8 && spec.bits_allocated == 8;
    let samples = if plain { raw } else { packing.pack(widen(&raw, wide), samples) };
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

/// PS3.3 C.7.6.3.1.2's equations for `YBR_FULL`, the other way round, with zero colour at 2048 and 16 bits of fraction.
fn twelve_bit_rgb(luminance: &mut [i32], blue: &mut [i32], red: &mut [i32]) {
    for ((first, second), third) in luminance.iter_mut().zip(blue).zip(red) {
        let (y, b, r) = (i64::from(*first) << 16, i64::from(*second) - 2048, i64::from(*third) - 2048);
        let rgb = [y + 91_881 * r, y - 22_554 * b - 46_802 * r, y + 116_130 * b];
        [*first, *second, *third] = rgb.map(|channel| i32::try_from(((channel + 0x8000) >> 16).clamp(0, 4095)).expect("12 bits"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_bit_colour_is_grey_without_colour_differences() {
        let (mut y, mut b, mut r) = (vec![0, 4095, 1000], vec![2048, 2048, 2048], vec![2048, 2048, 2148]);
        twelve_bit_rgb(&mut y, &mut b, &mut r);
        assert_eq!((y, b, r), (vec![0, 4095, 1140], vec![0, 4095, 929], vec![0, 4095, 1000]));
    }
}
