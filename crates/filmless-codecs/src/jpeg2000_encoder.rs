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
use crate::nearness::Nearness;
use crate::pack::{precision, unpack};
use crate::{CodecError, Encoder, Loss, jpeg2000};

/// Wavelet decompositions of an image that is large enough.
const DECOMPOSITIONS: u32 = 5;

/// A precinct is so long at most, and only one a resolution is written.
pub(crate) const MAX_SIDE: u16 = 1 << 15;

/// Guard bits that are usual; more where coefficients need them.
const GUARD_BITS: u32 = 2;

pub(crate) const LOSS: Loss =
    Loss { method: "ISO_15444_1", description: "lossy compression by JPEG 2000, step up to 1/256 of the range of samples" };

/// How coefficients are made.
#[derive(Debug, Clone, Copy)]
enum Coding {
    /// With integers, so that they can be turned back.
    Reversible,
    /// With this step, in units of samples.
    Irreversible(f32),
}

/// Encodes the samples without loss.
pub(crate) fn encode(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let codestream = write(spec, &unpack(spec, samples), Coding::Reversible)?;
    let written = FrameSpec { photometric: Encoder::Jpeg2000Lossless.photometric(spec.photometric), ..spec.clone() };
    if jpeg2000::decode(&written, &codestream)?.samples == samples {
        return Ok(codestream);
    }
    Err(CodecError::Encoding("a JPEG 2000 codestream of other samples".into()))
}

/// Encodes samples so that they are near what they were.
pub(crate) fn encode_near(spec: &FrameSpec, samples: &[u8]) -> Result<Vec<u8>, CodecError> {
    let values = unpack(spec, samples);
    let nearness = Nearness::of(&values);
    let written = FrameSpec { photometric: Encoder::Jpeg2000.photometric(spec.photometric), ..spec.clone() };
    for step in nearness.steps() {
        let codestream = write(spec, &values, Coding::Irreversible(step))?;
        if nearness.holds(&values, &unpack(spec, &jpeg2000::decode(&written, &codestream)?.samples)) {
            return Ok(codestream);
        }
    }
    Err(CodecError::Encoding("a JPEG 2000 codestream of samples that are not near".into()))
}

fn write(spec: &FrameSpec, values: &[i32], coding: Coding) -> Result<Vec<u8>, CodecError> {
    let precision = precision(spec, values);
    let levels = spec.rows.min(spec.columns).checked_ilog2().unwrap_or(0).min(DECOMPOSITIONS);
    let (columns, rows) = (usize::from(spec.columns), usize::from(spec.rows));
    let resolutions = resolutions(columns, rows, levels);
    let planes = planes(spec, values, precision);
    let (planes, steps) = match coding {
        Coding::Reversible => reversible(planes, spec, precision, levels, &resolutions),
        Coding::Irreversible(step) => irreversible(planes, spec, precision, levels, &resolutions, step),
    };
    let quantisation = Quantisation::new(steps, &planes, columns, &resolutions);

    let mut out = main_header(spec, precision, levels, coding, &quantisation);
    let start = out.len();
    out.extend([0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93]);
    // ISO/IEC 15444-1 B.12.1.1: layer by layer, resolution by resolution, component by component.
    for bands in resolutions {
        for plane in &planes {
            let bands = bands.iter().map(|area| blocks(plane, columns, area, &quantisation));
            packet::write(&bands.collect::<Vec<_>>(), &mut out);
        }
    }
    let length = u32::try_from(out.len() - start).map_err(|_| CodecError::Encoding("a tile-part has 32 bits".into()))?;
    out[start + 6..start + 10].copy_from_slice(&length.to_be_bytes());
    out.extend([0xff, 0xd9]);
    Ok(out)
}

/// Components one by one, around zero.
fn planes(spec: &FrameSpec, values: &[i32], precision: u32) -> Vec<Vec<i32>> {
    let level = if spec.signed { 0 } else { 1 << (precision - 1) };
    let count = usize::from(spec.samples_per_pixel);
    (0..count).map(|component| values.iter().skip(component).step_by(count).map(|value| value - level).collect()).collect()
}

/// Coefficients that can be turned back. Their exponents are as many bits as filters let samples grow to (ISO/IEC 15444-1
/// E.1.1).
fn reversible(
    mut planes: Vec<Vec<i32>>,
    spec: &FrameSpec,
    precision: u32,
    levels: u32,
    resolutions: &[Vec<BandArea>],
) -> (Vec<Vec<i32>>, Vec<Step>) {
    if let (Photometric::Rgb, [red, green, blue]) = (spec.photometric, planes.as_mut_slice()) {
        // ISO/IEC 15444-1 G.2 (Reversible multiple component transformation).
        for ((first, second), third) in red.iter_mut().zip(green).zip(blue) {
            (*first, *second, *third) = ((*first + 2 * *second + *third) >> 2, *third - *second, *first - *second);
        }
    }
    for plane in &mut planes {
        transform(plane, spec.columns.into(), levels);
    }
    let bands = resolutions.iter().flatten();
    (planes, bands.map(|area| Step { exponent: precision + area.band.gain(), mantissa: 0 }).collect())
}

/// Coefficients in steps that weigh alike in the image.
fn irreversible(
    planes: Vec<Vec<i32>>,
    spec: &FrameSpec,
    precision: u32,
    levels: u32,
    resolutions: &[Vec<BandArea>],
    step: f32,
) -> (Vec<Vec<i32>>, Vec<Step>) {
    let columns = usize::from(spec.columns);
    let mut real_planes: Vec<Vec<f32>> = planes.iter().map(|plane| plane.iter().copied().map(real).collect()).collect();
    if let (Photometric::Rgb, [red, green, blue]) = (spec.photometric, real_planes.as_mut_slice()) {
        for ((first, second), third) in red.iter_mut().zip(green).zip(blue) {
            [*first, *second, *third] = luminance_and_differences([*first, *second, *third]);
        }
    }
    for plane in &mut real_planes {
        transform(plane, columns, levels);
    }
    let (mut planes, mut steps) = (planes, Vec::new());
    for (resolution, bands) in (0..).zip(resolutions) {
        // By how many halvings a coefficient stands for more samples than one.
        let level = if resolution == 0 { levels } else { levels + 1 - resolution };
        for area in bands {
            let gain = area.band.gain();
            let (quantised, size) = Step::near(step * 2f32.powi((gain.cast_signed()) - level.cast_signed()), precision + gain);
            for (plane, real) in planes.iter_mut().zip(&real_planes) {
                for row in area.rows.clone() {
                    let span = row * columns + area.columns.start..row * columns + area.columns.end;
                    for (coefficient, real) in plane[span.clone()].iter_mut().zip(&real[span]) {
                        #[expect(clippy::cast_possible_truncation, reason = "that is what quantising is")]
                        let whole = (real / size) as i32;
                        *coefficient = whole;
                    }
                }
            }
            steps.push(quantised);
        }
    }
    (planes, steps)
}

/// A number of 17 bits at most.
#[expect(clippy::cast_precision_loss, reason = "a mantissa has 24")]
pub(crate) fn real(number: i32) -> f32 {
    number as f32
}

/// ISO/IEC 15444-1 G.3 (Irreversible multiple component transformation).
pub(crate) fn luminance_and_differences([red, green, blue]: [f32; 3]) -> [f32; 3] {
    [
        0.299 * red + 0.587 * green + 0.114 * blue,
        -0.168_75 * red - 0.331_26 * green + 0.5 * blue,
        0.5 * red - 0.418_69 * green - 0.081_31 * blue,
    ]
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

/// A quantisation step (ISO/IEC 15444-1 equation E-3): 1 + mantissa / 2¹¹ times a power of two.
struct Step {
    /// How many bits less than the nominal range of the sub-band.
    exponent: u32,
    mantissa: u32,
}

impl Step {
    /// The step next to this size, and its own size.
    fn near(size: f32, range_bits: u32) -> (Self, f32) {
        let power = size.log2().floor();
        #[expect(clippy::cast_possible_truncation, reason = "of a step that is neither huge nor tiny")]
        let (whole_power, mantissa) = (power as i32, ((size / power.exp2() - 1.0) * 2048.0) as i32);
        let exponent = range_bits.saturating_add_signed(-whole_power).min(31);
        #[expect(clippy::cast_precision_loss, reason = "eleven bits")]
        let size = (1.0 + mantissa as f32 / 2048.0) * power.exp2();
        (Self { exponent, mantissa: mantissa.cast_unsigned() }, size)
    }
}

/// What QCD says (ISO/IEC 15444-1 A.6.4, Quantization default).
struct Quantisation {
    guard_bits: u32,
    /// Of each sub-band, from the lowest resolution.
    steps: Vec<Step>,
}

impl Quantisation {
    fn new(steps: Vec<Step>, planes: &[Vec<i32>], columns: usize, resolutions: &[Vec<BandArea>]) -> Self {
        let mut guard_bits = GUARD_BITS;
        for (area, step) in resolutions.iter().flatten().zip(&steps) {
            let rows = planes.iter().flat_map(|plane| area.rows.clone().map(move |row| &plane[row * columns..][..columns]));
            let bits = rows.flat_map(|row| &row[area.columns.clone()]).fold(0, |bits, value| bits | value.unsigned_abs());
            let needed = u32::BITS - bits.leading_zeros();
            guard_bits = guard_bits.max((needed + 1).saturating_sub(step.exponent));
        }
        Self { guard_bits, steps }
    }

    /// Magnitude bit planes of a sub-band (ISO/IEC 15444-1 equation E-2).
    fn planes(&self, band: usize) -> u32 {
        self.guard_bits + self.steps[band].exponent - 1
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
fn main_header(spec: &FrameSpec, precision: u32, levels: u32, coding: Coding, quantisation: &Quantisation) -> Vec<u8> {
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
    // Layers, resolutions and components in this order; one layer; blocks of 2^(4+2); 5-3 reversible or 9-7 irreversible.
    let filter = u8::from(matches!(coding, Coding::Reversible));
    out.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, u8::from(transformed), levels, 4, 4, 0, filter]);

    let [guard_bits, ..] = quantisation.guard_bits.to_le_bytes();
    let steps = &quantisation.steps;
    match coding {
        Coding::Reversible => {
            out.extend([0xff, 0x5c, 0, 4 + 3 * levels, guard_bits << 5]);
            out.extend(steps.iter().map(|step| step.exponent.to_le_bytes()[0] << 3));
        }
        Coding::Irreversible(_) => {
            out.extend([0xff, 0x5c, 0, 5 + 6 * levels, guard_bits << 5 | 2]);
            for step in steps {
                let [low, high, ..] = (step.exponent << 11 | step.mantissa).to_le_bytes();
                out.extend([high, low]);
            }
        }
    }
    out
}
