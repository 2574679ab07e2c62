//! The reversible wavelet transform (ISO/IEC 15444-1 F.4.8.1, the 5-3 reversible filter).

use std::ops::Range;

/// The odd ones of a dimension are lifted first, then the even ones.
const PARITIES: [usize; 2] = [1, 0];

/// Transforms the plane in place, `levels` times. Low halves stand before high ones, in rows and in columns.
pub(crate) fn transform(plane: &mut [i32], columns: usize, levels: u32) {
    let rows = plane.len() / columns;
    let mut scratch = Vec::new();
    for level in 0..levels {
        let (width, height) = (columns.div_ceil(1 << level), rows.div_ceil(1 << level));
        if height > 1 {
            lift_columns(plane, columns, width, height);
            scratch.clear();
            for row in 0..height {
                scratch.extend_from_slice(&plane[row * columns..][..width]);
            }
            for (row, source) in scratch.chunks_exact(width).enumerate() {
                plane[separated(row, height) * columns..][..width].copy_from_slice(source);
            }
        }
        if width > 1 {
            for row in plane.chunks_exact_mut(columns).take(height) {
                lift_row(&mut row[..width]);
                scratch.clear();
                scratch.extend_from_slice(&row[..width]);
                for (column, value) in scratch.iter().enumerate() {
                    row[separated(column, width)] = *value;
                }
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

/// What becomes of a number by its neighbours.
fn lifted(parity: usize, value: i32, one: i32, other: i32) -> i32 {
    if parity == 1 { value - ((one + other) >> 1) } else { value + ((one + other + 2) >> 2) }
}

fn lift_row(row: &mut [i32]) {
    for parity in PARITIES {
        for at in (parity..row.len()).step_by(2) {
            let (one, other) = neighbours(at, row.len());
            row[at] = lifted(parity, row[at], row[one], row[other]);
        }
    }
}

/// All columns at once, row after row.
fn lift_columns(plane: &mut [i32], columns: usize, width: usize, height: usize) {
    let mut row = Vec::new();
    for parity in PARITIES {
        for at in (parity..height).step_by(2) {
            let (one, other) = neighbours(at, height);
            let values = |number: usize| plane[number * columns..][..width].iter().copied();
            row.clear();
            row.extend(
                values(at).zip(values(one)).zip(values(other)).map(|((value, one), other)| lifted(parity, value, one, other)),
            );
            plane[at * columns..][..width].copy_from_slice(&row);
        }
    }
}
