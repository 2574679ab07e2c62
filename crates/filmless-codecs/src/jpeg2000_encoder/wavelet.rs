//! The wavelet transforms (ISO/IEC 15444-1 Annex F, Discrete wavelet transformation of tile-components): reversible by
//! integers, irreversible by floating point numbers.

use std::ops::Range;

/// Numbers that are lifted.
pub(crate) trait Lifted: Copy + Default + 'static {
    /// The steps of one dimension: each adds to the odd (1) or even (0) ones something of their neighbours.
    const STEPS: &'static [(usize, Self)];
    /// What the even and the odd ones are multiplied by in the end.
    const SCALE: Option<[Self; 2]>;

    /// What becomes of a number by a step on the odd or even ones.
    fn lifted(self, one: Self, other: Self, parity: usize, weight: Self) -> Self;
    fn scaled(self, by: Self) -> Self;
}

/// ISO/IEC 15444-1 F.4.8.1 (5-3 reversible).
impl Lifted for i32 {
    const STEPS: &'static [(usize, Self)] = &[(1, 0), (0, 0)];
    const SCALE: Option<[Self; 2]> = None;

    fn lifted(self, one: Self, other: Self, parity: usize, _: Self) -> Self {
        if parity == 1 { self - ((one + other) >> 1) } else { self + ((one + other + 2) >> 2) }
    }

    fn scaled(self, _: Self) -> Self {
        self
    }
}

/// ISO/IEC 15444-1 F.4.8.2 (9-7 irreversible), with the parameters of table F.4.
impl Lifted for f32 {
    const STEPS: &'static [(usize, Self)] = &[(1, -1.586_134_3), (0, -0.052_980_12), (1, 0.882_911_1), (0, 0.443_506_85)];
    const SCALE: Option<[Self; 2]> = Some([1.0 / 1.230_174_1, 1.230_174_1]);

    fn lifted(self, one: Self, other: Self, _: usize, weight: Self) -> Self {
        self + weight * (one + other)
    }

    fn scaled(self, by: Self) -> Self {
        self * by
    }
}

/// Transforms the plane in place, `levels` times. Low halves stand before high ones, in rows and in columns.
pub(crate) fn transform<T: Lifted>(plane: &mut [T], columns: usize, levels: u32) {
    let rows = plane.len() / columns;
    let mut scratch = Vec::new();
    for level in 0..levels {
        let (width, height) = (columns.div_ceil(1 << level), rows.div_ceil(1 << level));
        if height > 1 {
            lift_columns(plane, columns, width, height);
            scratch.clear();
            (0..height).for_each(|row| scratch.extend_from_slice(&plane[row * columns..][..width]));
            for (row, source) in scratch.chunks_exact(width).enumerate() {
                plane[separated(row, height) * columns..][..width].copy_from_slice(source);
            }
        }
        if width > 1 {
            for row in plane.chunks_exact_mut(columns).take(height) {
                lift_row(&mut row[..width]);
                scratch.clear();
                scratch.extend_from_slice(&row[..width]);
                scratch.iter().enumerate().for_each(|(column, value)| row[separated(column, width)] = *value);
            }
        }
    }
}

/// Where the low and high ones of a sub-band stand once they are separated.
pub(crate) fn halves(length: usize) -> [Range<usize>; 2] {
    let low = length.div_ceil(2);
    [0..low, low..length]
}

fn separated(at: usize, length: usize) -> usize {
    halves(length)[at % 2].start + at / 2
}

/// The neighbours of a number; at the ends both are the one there is (ISO/IEC 15444-1 F.4.7, symmetric extension).
fn neighbours(at: usize, length: usize) -> (usize, usize) {
    let after = if at + 1 < length { at + 1 } else { at - 1 };
    (at.checked_sub(1).unwrap_or(after), after)
}

fn lift_row<T: Lifted>(row: &mut [T]) {
    for (parity, weight) in T::STEPS {
        for at in (*parity..row.len()).step_by(2) {
            let (one, other) = neighbours(at, row.len());
            row[at] = row[at].lifted(row[one], row[other], *parity, *weight);
        }
    }
    if let Some(scale) = T::SCALE {
        row.iter_mut().enumerate().for_each(|(at, value)| *value = value.scaled(scale[at % 2]));
    }
}

/// All columns at once, row after row.
fn lift_columns<T: Lifted>(plane: &mut [T], columns: usize, width: usize, height: usize) {
    let mut lifted = Vec::new();
    for (parity, weight) in T::STEPS {
        for at in (*parity..height).step_by(2) {
            let (one, other) = neighbours(at, height);
            let row = |number: usize| plane[number * columns..][..width].iter().copied();
            lifted.clear();
            lifted.extend(
                row(at).zip(row(one)).zip(row(other)).map(|((value, one), other)| value.lifted(one, other, *parity, *weight)),
            );
            plane[at * columns..][..width].copy_from_slice(&lifted);
        }
    }
    if let Some(scale) = T::SCALE {
        for (at, row) in plane.chunks_mut(columns).take(height).enumerate() {
            row[..width].iter_mut().for_each(|value| *value = value.scaled(scale[at % 2]));
        }
    }
}
