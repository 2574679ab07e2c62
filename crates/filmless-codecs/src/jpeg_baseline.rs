//! JPEG baseline (ISO/IEC 10918-1), written by the crate image: grey, or colour without sub-sampling.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::colour::ybr_full_to_rgb;
use crate::frame_spec::{FrameSpec, Photometric};
use crate::{CodecError, Loss};

/// From 1 to 100, as libjpeg counts.
const QUALITY: u8 = 92;

pub(crate) const LOSS: Loss = Loss { method: "ISO_10918_1", description: "lossy compression by JPEG baseline, quality 92" };

/// Encodes samples of 8 bits; the encoder makes YBR of RGB.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let (columns, rows) = (u32::from(spec.columns), u32::from(spec.rows));
    let mut codestream = Vec::new();
    let mut jpeg = JpegEncoder::new_with_quality(&mut codestream, QUALITY);
    let encoded = match (spec.photometric, spec.samples_per_pixel) {
        (_, 1) => jpeg.encode(samples, columns, rows, ExtendedColorType::L8),
        (Photometric::YbrFull, _) => {
            let colours: Vec<u8> = samples.as_chunks::<3>().0.iter().flat_map(|pixel| ybr_full_to_rgb(*pixel)).collect();
            jpeg.encode(&colours, columns, rows, ExtendedColorType::Rgb8)
        }
        _ => jpeg.encode(samples, columns, rows, ExtendedColorType::Rgb8),
    };
    encoded.map_err(|error| CodecError::Encoding(format!("image: {error}")))?;
    Ok(codestream)
}
