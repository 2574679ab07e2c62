//! JPEG 2000 (ISO/IEC 15444-1), written: one tile, one layer, code blocks of 64 × 64, as many bit planes as there are.
//!
//! Every codestream is decoded again by `OpenJPEG`, which shares no code with this, and leaves only if that gave the samples,
//! or samples as near as the step allows.

mod arithmetic;
mod block;
mod packet;
mod wavelet;

use std::ops::Range;

use self::block::{BLOCK, Band};
use self::packet::BandBlocks;
use self::wavelet::{halves, transform};
use crate::frame_spec::{FrameSpec, Photometric};
use crate::pack::{precision, unpack};
use crate::{CodecError, Encoder, jpeg2000};

/// Wavelet decompositions of an image that is large enough.
const DECOMPOSITIONS: u32 = 5;

/// A precinct is so long at most, and only one a resolution is written.
pub(crate) const MAX_SIDE: u16 = 1 << 15;

/// Guard bits that are usual; more where coefficients need them.
const GUARD_BITS: u32 = 2;

/// Encodes the samples without loss.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let codestream = write(spec, samples)?;
    let written = FrameSpec { photometric: Encoder::Jpeg2000Lossless.photometric(spec.photometric), ..spec.clone() };
    if jpeg2000::decode(&written, &codestream)?.samples == samples {
        return Ok(codestream);
    }
    Err(CodecError::Encoding("a JPEG 2000 codestream of other samples".into()))
}

fn write(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let values = unpack(spec, samples);
    let precision = precision(spec, &values);
    let levels = spec.rows.min(spec.columns).checked_ilog2().unwrap_or(0).min(DECOMPOSITIONS);
    let mut components = planes(spec, &values, precision);
    let columns = usize::from(spec.columns);
    for plane in &mut components {
        transform(plane, columns, levels);
    }
    let quantisation = Quantisation::reversible(&components, precision, levels, columns);

    let mut out = main_header(spec, precision, levels, &quantisation);
    let start = out.len();
    out.extend([0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93]);
    // ISO/IEC 15444-1 B.12.1.1: layer by layer, resolution by resolution, component by component.
    for bands in resolutions(columns, usize::from(spec.rows), levels) {
        for plane in &components {
            let bands = bands.iter().map(|area| blocks(plane, columns, area, &quantisation));
            packet::write(&bands.collect::<Vec<_>>(), &mut out);
        }
    }
    let length = u32::try_from(out.len() - start).map_err(|_| CodecError::Encoding("a tile-part has 32 bits".into()))?;
    out[start + 6..start + 10].copy_from_slice(&length.to_be_bytes());
    out.extend([0xff, 0xd9]);
    Ok(out)
}

/// Components one by one, around zero, and of RGB transformed (ISO/IEC 15444-1 Annex G).
fn planes(spec: &FrameSpec, values: &[i32], precision: u32) -> Vec<Vec<i32>> {
    let level = if spec.signed { 0 } else { 1 << (precision - 1) };
    let count = usize::from(spec.samples_per_pixel);
    let mut planes: Vec<Vec<i32>> =
        (0..count).map(|component| values.iter().skip(component).step_by(count).map(|value| value - level).collect()).collect();
    if let (Photometric::Rgb, [red, green, blue]) = (spec.photometric, planes.as_mut_slice()) {
        // G.2 (Reversible multiple component transformation).
        for ((first, second), third) in red.iter_mut().zip(green).zip(blue) {
            (*first, *second, *third) = ((*first + 2 * *second + *third) >> 2, *third - *second, *first - *second);
        }
    }
    planes
}

/// A sub-band, and where it is in a transformed plane.
struct BandArea {
    band: Band,
    /// In the order of quantisation values: from the lowest resolution.
    number: usize,
    columns: Range<usize>,
    rows: Range<usize>,
}

/// The sub-bands of each resolution, the lowest first.
fn resolutions(columns: usize, rows: usize, levels: u32) -> Vec<Vec<BandArea>> {
    let size = |level: u32| (columns.div_ceil(1 << level), rows.div_ceil(1 << level));
    let (width, height) = size(levels);
    let mut resolutions = vec![vec![BandArea { band: Band::LowLow, number: 0, columns: 0..width, rows: 0..height }]];
    for (first, level) in (1..).step_by(3).zip((0..levels).rev()) {
        let (width, height) = size(level);
        let ([left, right], [top, bottom]) = (halves(width), halves(height));
        resolutions.push(vec![
            BandArea { band: Band::HighLow, number: first, columns: right.clone(), rows: top },
            BandArea { band: Band::LowHigh, number: first + 1, columns: left, rows: bottom.clone() },
            BandArea { band: Band::HighHigh, number: first + 2, columns: right, rows: bottom },
        ]);
    }
    resolutions
}

/// What QCD says (ISO/IEC 15444-1 A.6.4, Quantization default).
struct Quantisation {
    guard_bits: u32,
    /// Of each sub-band, from the lowest resolution.
    exponents: Vec<u32>,
}

impl Quantisation {
    /// Exponents are as many bits as filters let samples grow to (ISO/IEC 15444-1 E.1.1).
    fn reversible(planes: &[Vec<i32>], precision: u32, levels: u32, columns: usize) -> Self {
        let mut quantisation = Self { guard_bits: GUARD_BITS, exponents: Vec::new() };
        let rows = planes.first().map_or(0, |plane| plane.len() / columns);
        for area in resolutions(columns, rows, levels).iter().flatten() {
            let gain = match area.band {
                Band::LowLow => 0,
                Band::HighLow | Band::LowHigh => 1,
                Band::HighHigh => 2,
            };
            let exponent = precision + gain;
            quantisation.exponents.push(exponent);
            let rows = |plane: &Vec<i32>| {
                let row = |row: usize| {
                    plane[row * columns..][area.columns.clone()].iter().fold(0, |bits, value| bits | value.unsigned_abs())
                };
                area.rows.clone().fold(0, |bits, number| bits | row(number))
            };
            let needed = u32::BITS - planes.iter().fold(0, |bits, plane| bits | rows(plane)).leading_zeros();
            quantisation.guard_bits = quantisation.guard_bits.max((needed + 1).saturating_sub(exponent));
        }
        quantisation
    }

    /// Magnitude bit planes of a sub-band (ISO/IEC 15444-1 equation E-2).
    fn planes(&self, band: usize) -> u32 {
        self.guard_bits + self.exponents[band] - 1
    }
}

fn blocks(plane: &[i32], columns: usize, area: &BandArea, quantisation: &Quantisation) -> BandBlocks {
    let mut blocks = Vec::new();
    for top in area.rows.clone().step_by(BLOCK) {
        let rows = top..area.rows.end.min(top + BLOCK);
        for left in area.columns.clone().step_by(BLOCK) {
            let width = BLOCK.min(area.columns.end - left);
            let coefficients: Vec<i32> = rows.clone().flat_map(|row| &plane[row * columns + left..][..width]).copied().collect();
            blocks.push(block::encode(&coefficients, width, area.band));
        }
    }
    BandBlocks { columns: area.columns.len().div_ceil(BLOCK).max(1), blocks, planes: quantisation.planes(area.number) }
}

/// SOC, SIZ, COD and QCD (ISO/IEC 15444-1 A.5 and A.6).
fn main_header(spec: &FrameSpec, precision: u32, levels: u32, quantisation: &Quantisation) -> Vec<u8> {
    let [levels, ..] = levels.to_le_bytes();
    let mut out = vec![0xff, 0x4f, 0xff, 0x51];
    out.extend((38 + 3 * spec.samples_per_pixel).to_be_bytes());
    out.extend([0, 0]);
    let (columns, rows) = (u32::from(spec.columns), u32::from(spec.rows));
    // The image, where it begins, one tile of its size, where that begins.
    for number in [columns, rows, 0, 0, columns, rows, 0, 0] {
        out.extend(number.to_be_bytes());
    }
    out.extend(spec.samples_per_pixel.to_be_bytes());
    let [depth, ..] = (precision - 1).to_le_bytes();
    (0..spec.samples_per_pixel).for_each(|_| out.extend([depth | u8::from(spec.signed) << 7, 1, 1]));

    let transformed = spec.photometric == Photometric::Rgb;
    // Layers, resolutions and components in this order; one layer; blocks of 2^(4+2); 5-3 reversible.
    out.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, u8::from(transformed), levels, 4, 4, 0, 1]);

    out.extend([0xff, 0x5c, 0, 4 + 3 * levels]);
    let [guard_bits, ..] = quantisation.guard_bits.to_le_bytes();
    out.push(guard_bits << 5);
    out.extend(quantisation.exponents.iter().map(|exponent| exponent.to_le_bytes()[0] << 3));
    out
}
