//! JPEG XL, read by jxl-oxide and written by zune-jpegxl: only ever called in a worker process.

use jxl_oxide::{AllocTracker, JxlImage};
use zune_core::bit_depth::BitDepth;
use zune_core::colorspace::ColorSpace;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

use crate::CodecError;
use crate::codestream::check_jpeg_xl;
use crate::frame_spec::{DecodedFrame, FrameSpec, Photometric};
use crate::pack::Packing;

/// Memory the decoder may take for each byte of the frame: samples are 32 bit, and filters and squeeze keep copies.
const WORKING_FACTOR: u64 = 32;

pub(crate) fn decode(spec: &FrameSpec, codestream: &[u8], max_decoded_bytes: u64) -> Result<DecodedFrame, CodecError> {
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| CodecError::Corrupt(format!("jxl-oxide: {error}"));
    let memory = max_decoded_bytes.min(spec.decoded_bytes().saturating_mul(WORKING_FACTOR)).saturating_add(64 << 20);
    let tracker = AllocTracker::with_limit(usize::try_from(memory).unwrap_or(usize::MAX));
    let image = JxlImage::builder().alloc_tracker(tracker).read(codestream).map_err(broken)?;
    let format = image.pixel_format();
    if format.has_black() {
        return Err(CodecError::Unsupported("JPEG XL in four colours".into()));
    }
    let channels = if format.is_grayscale() { 1 } else { 3 };
    check_jpeg_xl(spec, image.width(), image.height(), channels)?;
    let depth = image.image_header().metadata.bit_depth;
    if depth != (jxl_oxide::image::BitDepth::IntegerSample { bits_per_sample: depth.bits_per_sample() }) {
        return Err(CodecError::Unsupported("JPEG XL with floating point samples".into()));
    }
    let bits = depth.bits_per_sample();
    let packing = Packing::new(spec, bits)?;

    let render = image.render_frame(0).map_err(broken)?;
    let mut stream = render.stream_no_alpha();
    let count = usize::try_from(spec.samples()).map_err(|_| CodecError::Unsupported("a frame of this size".into()))?;
    let mut samples = vec![0f32; count];
    if stream.write_to_buffer(&mut samples) != count {
        return Err(CodecError::Corrupt("JPEG XL frame is cut short".into()));
    }
    // Integers come as fractions of the largest: exact to 24 bits.
    let largest = 2f32.powi(i32::try_from(bits.min(24)).unwrap_or(24)) - 1.0;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 24 bits")]
    let raw = samples.iter().map(|sample| (sample * largest).round().clamp(0.0, largest) as i32);
    let samples = packing.pack(raw, count);
    let photometric = if spec.photometric.is_colour() { Photometric::Rgb } else { spec.photometric };
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated, photometric })
}

/// From 0 to 127: how many lines the codes are made for.
const EFFORT: u8 = 64;

/// Encodes without loss, in all bits allocated. A codestream leaves only if jxl-oxide, which shares no code with the encoder,
/// gives the samples.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8], max_decoded_bytes: u64) -> Result<Vec<u8>, CodecError> {
    let depth = if spec.bits_allocated > 8 { BitDepth::Sixteen } else { BitDepth::Eight };
    let colours = if spec.samples_per_pixel > 1 { ColorSpace::RGB } else { ColorSpace::Luma };
    let options = EncoderOptions::new(spec.columns.into(), spec.rows.into(), colours, depth);
    // Threads are address space, of which a worker has not much.
    let options = options.set_num_threads(0).set_effort(EFFORT);
    let words = |word: &[u8; 2]| u16::from_le_bytes(*word).to_ne_bytes();
    let native: Vec<u8> = match depth {
        BitDepth::Sixteen => samples.as_chunks().0.iter().flat_map(words).collect(),
        _ => samples.to_vec(),
    };
    let mut codestream = Vec::new();
    JxlSimpleEncoder::new(&native, options)
        .encode(&mut codestream)
        .map_err(|error| CodecError::Encoding(format!("zune-jpegxl: {error:?}")))?;
    if decode(spec, &codestream, max_decoded_bytes)?.samples == samples {
        return Ok(codestream);
    }
    Err(CodecError::Encoding("zune-jpegxl wrote a codestream of other samples".into()))
}
