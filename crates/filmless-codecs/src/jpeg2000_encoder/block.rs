//! One code block, bit plane by bit plane (ISO/IEC 15444-1 Annex D, Coefficient bit modeling).

use super::arithmetic::{ArithmeticEncoder, Context};

/// Sides of code blocks.
pub(crate) const BLOCK: usize = 64;

/// Which filters made a sub-band, horizontally and vertically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Band {
    LowLow,
    HighLow,
    LowHigh,
    HighHigh,
}

impl Band {
    /// By how many bits the filters let samples grow (ISO/IEC 15444-1 table E.1).
    pub(crate) fn gain(self) -> u32 {
        match self {
            Self::LowLow => 0,
            Self::HighLow | Self::LowHigh => 1,
            Self::HighHigh => 2,
        }
    }
}

/// What was written of a block.
#[derive(Debug, Default)]
pub(crate) struct EncodedBlock {
    /// Bit planes from the highest that has a bit; 0 of a block of zeros.
    pub(crate) planes: u32,
    pub(crate) bytes: Vec<u8>,
}

impl EncodedBlock {
    /// Coding passes: three a plane, but for the first.
    pub(crate) fn passes(&self) -> u32 {
        (3 * self.planes).saturating_sub(2)
    }
}

// What is known of a coefficient: which neighbours are significant,
const NORTH: u16 = 1;
const SOUTH: u16 = 1 << 1;
const WEST: u16 = 1 << 2;
const EAST: u16 = 1 << 3;
const NORTH_WEST: u16 = 1 << 4;
const NORTH_EAST: u16 = 1 << 5;
const SOUTH_WEST: u16 = 1 << 6;
const SOUTH_EAST: u16 = 1 << 7;
const NEIGHBOURS: u16 = 0xff;
// which of the four next to it are negative, eight places above the bits of their significance,
const NEGATIVE: u32 = 8;
// whether it is significant itself, was refined, and was coded in the plane already.
const SIGNIFICANT: u16 = 1 << 12;
const REFINED: u16 = 1 << 13;
const CODED: u16 = 1 << 14;

// ISO/IEC 15444-1 table D.7: contexts and the states they begin in.
const SIGN: usize = 9;
const MAGNITUDE: usize = 14;
const RUN: usize = 17;
const UNIFORM: usize = 18;
const CONTEXTS: [Context; 19] = {
    let mut contexts = [Context::new(0); 19];
    contexts[0] = Context::new(4);
    contexts[RUN] = Context::new(3);
    contexts[UNIFORM] = Context::new(46);
    contexts
};

/// Contexts of significance by significant neighbours (ISO/IEC 15444-1 table D.1).
const fn significance_contexts(band: Band) -> [u8; 256] {
    let mut contexts = [0; 256];
    let mut flags = 0u16;
    while flags < 256 {
        let west_east = (flags & (WEST | EAST)).count_ones();
        let north_south = (flags & (NORTH | SOUTH)).count_ones();
        let diagonal = (flags & !(WEST | EAST | NORTH | SOUTH)).count_ones();
        let (first, second) = match band {
            Band::HighLow => (north_south, west_east),
            _ => (west_east, north_south),
        };
        contexts[flags as usize] = match band {
            Band::HighHigh => match (diagonal, first + second) {
                (3.., _) => 8,
                (2, 1..) => 7,
                (2, 0) => 6,
                (1, 2..) => 5,
                (1, 1) => 4,
                (1, 0) => 3,
                (0, 2..) => 2,
                (0, 1) => 1,
                (0, 0) => 0,
            },
            _ => match (first, second, diagonal) {
                (2.., _, _) => 8,
                (1, 1.., _) => 7,
                (1, 0, 1..) => 6,
                (1, 0, 0) => 5,
                (0, 2.., _) => 4,
                (0, 1, _) => 3,
                (0, 0, 2..) => 2,
                (0, 0, 1) => 1,
                (0, 0, 0) => 0,
            },
        };
        flags += 1;
    }
    contexts
}

const SIGNIFICANCE: [[u8; 256]; 3] =
    [significance_contexts(Band::LowLow), significance_contexts(Band::HighLow), significance_contexts(Band::HighHigh)];

struct BlockEncoder<'a> {
    columns: usize,
    rows: usize,
    coefficients: &'a [i32],
    /// With a border of one all around.
    flags: Vec<u16>,
    significance: &'static [u8; 256],
    contexts: [Context; 19],
    encoder: ArithmeticEncoder,
    plane: u32,
}

/// Encodes a block of this many columns, row by row.
pub(crate) fn encode(coefficients: &[i32], columns: usize, band: Band) -> EncodedBlock {
    let magnitudes = coefficients.iter().fold(0, |bits, value| bits | value.unsigned_abs());
    let planes = u32::BITS - magnitudes.leading_zeros();
    if planes == 0 {
        return EncodedBlock::default();
    }
    let rows = coefficients.len() / columns;
    let significance = match band {
        Band::LowLow | Band::LowHigh => &SIGNIFICANCE[0],
        Band::HighLow => &SIGNIFICANCE[1],
        Band::HighHigh => &SIGNIFICANCE[2],
    };
    let mut block = BlockEncoder {
        columns,
        rows,
        coefficients,
        flags: vec![0; (columns + 2) * (rows + 2)],
        significance,
        contexts: CONTEXTS,
        encoder: ArithmeticEncoder::new(),
        plane: planes,
    };
    for plane in (0..planes).rev() {
        block.plane = plane;
        if plane + 1 < planes {
            block.each(BlockEncoder::propagate);
            block.each(BlockEncoder::refine);
        }
        block.clean_up();
    }
    EncodedBlock { planes, bytes: block.encoder.finish() }
}

impl BlockEncoder<'_> {
    /// Visits all coefficients: stripes of four rows, column by column (ISO/IEC 15444-1 D.1, Code-block scan pattern).
    fn each(&mut self, visit: impl Fn(&mut Self, usize, usize)) {
        for stripe in (0..self.rows).step_by(4) {
            for column in 0..self.columns {
                for row in stripe..self.rows.min(stripe + 4) {
                    visit(self, row, column);
                }
            }
        }
    }

    fn place(&self, row: usize, column: usize) -> usize {
        (row + 1) * (self.columns + 2) + column + 1
    }

    fn bit(&self, row: usize, column: usize) -> bool {
        self.coefficients[row * self.columns + column].unsigned_abs() >> self.plane & 1 == 1
    }

    fn put(&mut self, context: usize, bit: bool) {
        self.encoder.put(&mut self.contexts[context], bit);
    }

    /// Significance propagation: those with significant neighbours.
    fn propagate(&mut self, row: usize, column: usize) {
        let place = self.place(row, column);
        let flags = self.flags[place];
        if flags & SIGNIFICANT == 0 && flags & NEIGHBOURS != 0 {
            self.put_significance(row, column);
            self.flags[place] |= CODED;
        }
    }

    /// Magnitude refinement: those that were significant before this plane (ISO/IEC 15444-1 table D.4).
    fn refine(&mut self, row: usize, column: usize) {
        let place = self.place(row, column);
        let flags = self.flags[place];
        if flags & (SIGNIFICANT | CODED) != SIGNIFICANT {
            return;
        }
        let context = match (flags & REFINED != 0, flags & NEIGHBOURS != 0) {
            (true, _) => MAGNITUDE + 2,
            (false, true) => MAGNITUDE + 1,
            (false, false) => MAGNITUDE,
        };
        self.put(context, self.bit(row, column));
        self.flags[place] |= REFINED;
    }

    /// All others; four in a column of which nothing is known as a run.
    fn clean_up(&mut self) {
        for stripe in (0..self.rows).step_by(4) {
            for column in 0..self.columns {
                let rows = stripe..self.rows.min(stripe + 4);
                let mut first = stripe;
                let unknown = |row| self.flags[self.place(row, column)] & (NEIGHBOURS | SIGNIFICANT | CODED) == 0;
                if rows.len() == 4 && rows.clone().all(unknown) {
                    let run = rows.clone().position(|row| self.bit(row, column));
                    self.put(RUN, run.is_some());
                    let Some(run) = run else { continue };
                    self.put(UNIFORM, run & 2 != 0);
                    self.put(UNIFORM, run & 1 != 0);
                    self.put_sign(stripe + run, column);
                    first = stripe + run + 1;
                }
                for row in first..rows.end {
                    if self.flags[self.place(row, column)] & (SIGNIFICANT | CODED) == 0 {
                        self.put_significance(row, column);
                    }
                }
                for row in rows {
                    let place = self.place(row, column);
                    self.flags[place] &= !CODED;
                }
            }
        }
    }

    fn put_significance(&mut self, row: usize, column: usize) {
        let (bit, flags) = (self.bit(row, column), self.flags[self.place(row, column)]);
        self.put(usize::from(self.significance[usize::from(flags & NEIGHBOURS)]), bit);
        if bit {
            self.put_sign(row, column);
        }
    }

    /// The sign of a coefficient, which is significant from now on (ISO/IEC 15444-1 tables D.2 and D.3).
    fn put_sign(&mut self, row: usize, column: usize) {
        let (place, width) = (self.place(row, column), self.columns + 2);
        let flags = self.flags[place];
        let contribution = |one: u16, other: u16| {
            let of = |side: u16| match (flags & side != 0, flags & side << NEGATIVE != 0) {
                (false, _) => 0,
                (true, negative) => 1 - 2 * i32::from(negative),
            };
            (of(one) + of(other)).signum()
        };
        let (context, expected) = match (contribution(WEST, EAST), contribution(NORTH, SOUTH)) {
            (1, 1) => (SIGN + 4, false),
            (1, 0) => (SIGN + 3, false),
            (1, _) => (SIGN + 2, false),
            (0, 1) => (SIGN + 1, false),
            (0, 0) => (SIGN, false),
            (0, _) => (SIGN + 1, true),
            (_, 1) => (SIGN + 2, true),
            (_, 0) => (SIGN + 3, true),
            (_, _) => (SIGN + 4, true),
        };
        let negative = self.coefficients[row * self.columns + column] < 0;
        self.put(context, negative != expected);

        let flags = &mut self.flags;
        flags[place] |= SIGNIFICANT;
        let sign = |side: u16| side | if negative { side << NEGATIVE } else { 0 };
        flags[place - width] |= sign(SOUTH);
        flags[place + width] |= sign(NORTH);
        flags[place - 1] |= sign(EAST);
        flags[place + 1] |= sign(WEST);
        flags[place - width - 1] |= SOUTH_EAST;
        flags[place - width + 1] |= SOUTH_WEST;
        flags[place + width - 1] |= NORTH_EAST;
        flags[place + width + 1] |= NORTH_WEST;
    }
}
