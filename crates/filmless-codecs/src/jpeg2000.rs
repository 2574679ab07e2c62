//! JPEG 2000 read by `OpenJPEG` (C) and High-Throughput JPEG 2000 by openjph-core: only ever called in a worker process.

use jpeg2k::{DecodeParameters, Image};
use openjph_core::codestream::Codestream;
use openjph_core::file::MemInfile;

use crate::CodecError;
use crate::codestream::Jpeg2000Header;
use crate::frame_spec::{DecodedFrame, FrameSpec, Photometric};
use crate::pack::Packing;

/// Decodes with `OpenJPEG`, which reads both block coders.
pub(crate) fn decode(spec: &FrameSpec, bytes: &[u8]) -> Result<DecodedFrame, CodecError> {
    let header = checked_header(spec, bytes)?;
    // The codestream alone: palettes and channel definitions of a JP2 wrapper are not DICOM's (PS3.5 A.4.4).
    let codestream = bytes.get(header.start..).unwrap_or_default();
    let image = Image::from_bytes_with(codestream, DecodeParameters::new())
        .map_err(|error| CodecError::Corrupt(format!("OpenJPEG: {error}")))?;
    let pixels = spec.pixels();
    let mut planes = Vec::new();
    for component in image.components() {
        if u64::from(component.width()) * u64::from(component.height()) != pixels {
            return Err(CodecError::Mismatch("JPEG 2000 component of another size than the image".into()));
        }
        planes.push(component.data());
    }
    frame(spec, &header, &planes)
}

/// Decodes with openjph-core, twice as fast, and what it refuses with `OpenJPEG`; so too colour transforms, which
/// openjph-core leaves in, and signed samples with loss, which it lets leave their range.
pub(crate) fn decode_high_throughput(spec: &FrameSpec, bytes: &[u8]) -> Result<DecodedFrame, CodecError> {
    let header = checked_header(spec, bytes)?;
    if header.colour_transform || spec.signed && !header.reversible {
        return decode(spec, bytes);
    }
    let codestream = bytes.get(header.start..).unwrap_or_default();
    // A panic inside is its way to refuse; the worker is its fence.
    let planes = std::panic::catch_unwind(|| pull_planes(spec, codestream)).ok().flatten();
    let Some(planes) = planes else { return decode(spec, bytes) };
    let planes: Vec<&[i32]> = planes.iter().map(Vec::as_slice).collect();
    frame(spec, &header, &planes)
}

fn pull_planes(spec: &FrameSpec, codestream: &[u8]) -> Option<Vec<Vec<i32>>> {
    let mut file = MemInfile::new(codestream);
    let mut decoder = Codestream::new();
    decoder.read_headers(&mut file).ok()?;
    decoder.create(&mut file).ok()?;
    let mut planes = vec![Vec::new(); usize::from(spec.samples_per_pixel)];
    for _ in 0..spec.rows {
        for (component, plane) in (0..).zip(&mut planes) {
            let line = decoder.pull(component)?;
            plane.extend_from_slice(line.get(..usize::from(spec.columns))?);
        }
    }
    Some(planes)
}

fn checked_header(spec: &FrameSpec, bytes: &[u8]) -> Result<Jpeg2000Header, CodecError> {
    let header = Jpeg2000Header::read(bytes)?;
    header.check(spec)?;
    Ok(header)
}

fn frame(spec: &FrameSpec, header: &Jpeg2000Header, planes: &[&[i32]]) -> Result<DecodedFrame, CodecError> {
    let precision = header.precisions.iter().copied().max().unwrap_or(0);
    if planes.len() != header.precisions.len() {
        return Err(CodecError::Mismatch("JPEG 2000 components are missing".into()));
    }
    let samples = Packing::new(spec, u32::from(precision))?.pack_planes(planes);
    // PS3.5 8.2.4 (JPEG 2000 Image Compression): the decoder has undone the component transform.
    let photometric = match spec.photometric {
        Photometric::YbrRct | Photometric::YbrIct => Photometric::Rgb,
        Photometric::YbrFull | Photometric::YbrFull422 if header.colour_transform => Photometric::Rgb,
        Photometric::YbrFull422 => Photometric::YbrFull,
        other => other,
    };
    Ok(DecodedFrame { samples, bits_allocated: spec.bits_allocated.max(8), photometric })
}
