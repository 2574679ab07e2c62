//! High-Throughput JPEG 2000 (ISO/IEC 15444-15), written by openjph-core: only ever called in a worker process.
//!
//! The encoder is young. So every codestream is decoded again by `OpenJPEG`, which shares no code with it, and leaves only if
//! all samples are the same, or near where it is of loss.

use openjph_core::OjphError;
use openjph_core::codestream::Codestream;
use openjph_core::file::MemOutfile;
use openjph_core::types::{Point, Size};

use crate::frame_spec::{FrameSpec, Photometric};
use crate::jpeg2000_encoder::{luminance_and_differences, real};
use crate::nearness::Nearness;
use crate::pack::{precision, unpack};
use crate::{CodecError, Encoder, Loss, jpeg2000};

/// Sides of code blocks, as they are tried. Of those of 64 the encoder breaks many, of those of 32 one now and then, and of
/// those of 16 none that was seen.
const BLOCKS: [u32; 2] = [32, 16];

/// Wavelet decompositions of an image that is large enough.
const DECOMPOSITIONS: u32 = 5;

/// The longest side of the lowest resolution of RPCL (PS3.5 section 10.18, Transfer Syntax for High-Throughput JPEG 2000).
const RPCL_BASE: u32 = 64;

pub(crate) const LOSS: Loss = Loss {
    method: "ISO_15444_15",
    description: "lossy compression by High-Throughput JPEG 2000, step up to 1/256 of the range of samples",
};

const START_OF_TILE_PART: [u8; 2] = [0xff, 0x90];

pub(crate) fn encode(spec: &FrameSpec, samples: &[u8], encoder: Encoder) -> Result<Vec<u8>, CodecError> {
    let values = unpack(spec, samples);
    let nearness = encoder.loss().map(|_| Nearness::of(&values));
    let written = FrameSpec { photometric: encoder.photometric(spec.photometric), ..spec.clone() };
    let steps = nearness.map_or_else(|| vec![None], |nearness| nearness.steps().map(Some).collect());
    for (step, block) in steps.into_iter().flat_map(|step| BLOCKS.map(|block| (step, block))) {
        let codestream =
            write(spec, &values, encoder, step, block).map_err(|error| CodecError::Encoding(format!("openjph-core: {error}")))?;
        let codestream = match encoder {
            Encoder::Htj2kLosslessRpcl => with_tile_part_length(&codestream).ok_or_else(unfit)?,
            _ => codestream,
        };
        let is_good = jpeg2000::decode(&written, &codestream).is_ok_and(|frame| match nearness {
            Some(nearness) => nearness.holds(&values, &unpack(spec, &frame.samples)),
            None => frame.samples == samples,
        });
        if is_good {
            return Ok(codestream);
        }
    }
    Err(unfit())
}

fn unfit() -> CodecError {
    CodecError::Encoding("openjph-core wrote a codestream of other samples".into())
}

fn write(spec: &FrameSpec, values: &[i32], encoder: Encoder, step: Option<f32>, block: u32) -> Result<Vec<u8>, OjphError> {
    let (columns, rows, components) = (u32::from(spec.columns), u32::from(spec.rows), u32::from(spec.samples_per_pixel));
    let mut codestream = Codestream::new();
    let siz = codestream.access_siz_mut();
    siz.set_image_extent(Point::new(columns, rows));
    siz.set_tile_size(Size::new(columns, rows));
    siz.set_num_components(components);
    let precision = precision(spec, values);
    for component in 0..components {
        siz.set_comp_info(component, Point::new(1, 1), precision, spec.signed);
    }
    let cod = codestream.access_cod_mut();
    cod.set_num_decomposition(decompositions(spec, encoder));
    cod.set_block_dims(block, block);
    cod.set_reversible(step.is_none());
    // It only says so: the transform is ours to do.
    cod.set_color_transform(spec.photometric == Photometric::Rgb);
    if encoder == Encoder::Htj2kLosslessRpcl {
        cod.set_progression_order("RPCL")?;
    }
    if let Some(step) = step {
        // In units of the range that the precision has.
        codestream.access_qcd_mut().set_delta(step / real(1 << precision));
    }
    codestream.set_planar(0);

    let mut file = MemOutfile::new();
    codestream.write_headers(&mut file, &[])?;
    let components = usize::from(spec.samples_per_pixel);
    // What the codestream's level shift takes from unsigned samples, and must not take from differences.
    let level = if spec.signed { 0 } else { 1 << (precision - 1) };
    for row in values.chunks_exact(usize::from(spec.columns) * components) {
        let mut lines = vec![Vec::with_capacity(usize::from(spec.columns)); components];
        for pixel in row.chunks_exact(components) {
            match *pixel {
                [red, green, blue] if spec.photometric == Photometric::Rgb && step.is_some() => {
                    #[expect(clippy::cast_possible_truncation, reason = "as many bits as before")]
                    let [luminance, differences @ ..] =
                        luminance_and_differences([red, green, blue].map(real)).map(|number| number.round() as i32);
                    lines[0].push(luminance);
                    lines[1..].iter_mut().zip(differences).for_each(|(line, difference)| line.push(difference + level));
                }
                // ISO/IEC 15444-1 G.2 (Reversible multiple component transformation).
                [red, green, blue] if spec.photometric == Photometric::Rgb => {
                    lines[0].push((red + 2 * green + blue) >> 2);
                    lines[1].push(blue - green + level);
                    lines[2].push(red - green + level);
                }
                _ => lines.iter_mut().zip(pixel).for_each(|(line, value)| line.push(*value)),
            }
        }
        for (number, line) in (0..).zip(&lines) {
            codestream.exchange(line, number)?;
        }
    }
    codestream.flush(&mut file)?;
    Ok(file.get_data().to_vec())
}

/// As many as the image has halves, but for RPCL enough to end with a thumbnail.
fn decompositions(spec: &FrameSpec, encoder: Encoder) -> u32 {
    let (shorter, longer) = (spec.rows.min(spec.columns), spec.rows.max(spec.columns));
    let usual = shorter.checked_ilog2().unwrap_or(0).min(DECOMPOSITIONS);
    if encoder != Encoder::Htj2kLosslessRpcl {
        return usual;
    }
    usual.max(u32::from(longer).div_ceil(RPCL_BASE).next_power_of_two().ilog2())
}

/// Puts a TLM marker segment (ISO/IEC 15444-1 A.7.1, Tile-part lengths) in front of the only tile-part: the encoder writes
/// it without lengths. `None` if there is no tile-part, or more than one.
fn with_tile_part_length(codestream: &[u8]) -> Option<Vec<u8>> {
    let mut at = 2;
    while codestream.get(at..at + 2)? != START_OF_TILE_PART {
        let length = codestream.get(at + 2..)?.first_chunk()?;
        at += 2 + usize::from(u16::from_be_bytes(*length));
    }
    let length = codestream.get(at + 6..)?.first_chunk::<4>()?;
    let end = at + usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if codestream.get(end..)? != [0xff, 0xd9] {
        return None;
    }
    // Index of the segment; lengths of 32 bits for tiles in order.
    let mut out = [&codestream[..at], &[0xff, 0x55, 0, 8, 0, 0x40]].concat();
    out.extend_from_slice(length);
    out.extend_from_slice(&codestream[at..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame_spec::tests::spec;

    #[test]
    fn the_lowest_resolution_of_rpcl_is_a_thumbnail() {
        for (rows, columns, expected) in [(1, 1, 0), (64, 64, 5), (1, 65, 1), (512, 512, 5), (4096, 2048, 6), (4097, 1, 7)] {
            let spec = spec(Encoder::Htj2kLosslessRpcl.uid(), rows, columns, 8);
            assert_eq!(decompositions(&spec, Encoder::Htj2kLosslessRpcl), expected, "{rows}×{columns}");
        }
    }

    #[test]
    fn rpcl_says_where_its_tile_part_ends() {
        let spec = spec(Encoder::Htj2kLosslessRpcl.uid(), 100, 100, 8);
        let codestream = encode(&spec, &[7; 10_000], Encoder::Htj2kLosslessRpcl).expect("encodes");
        let at = codestream.windows(2).position(|marker| marker == START_OF_TILE_PART).expect("a tile-part");
        let (length, rest) = (codestream.len() - at - 2, &codestream[at - 10..at]);
        assert_eq!(rest[..6], [0xff, 0x55, 0, 8, 0, 0x40]);
        assert_eq!(rest[6..], u32::try_from(length).expect("short").to_be_bytes());
        let cod = codestream.windows(2).position(|marker| marker == [0xff, 0x52]).expect("a coding style");
        assert_eq!(codestream[cod + 5], 2, "the progression is not RPCL");
    }
}
