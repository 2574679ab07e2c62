//! How far samples may be from what they were, once wavelets have compressed them with loss: what their codestreams are held to.
//!
//! It is told in steps, which are a part of the range of a frame's samples: a frame of little contrast keeps it.

/// A step is so small a part of the range of samples, or 1.
const STEP_PART: u32 = 256;

/// The most steps that any sample may be off.
const MOST_STEPS: u32 = 8;

/// How far samples of a frame may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nearness {
    /// In units of samples: what the root of the mean square of differences stays within.
    pub(crate) step: u32,
}

impl Nearness {
    /// Of a frame of these samples.
    pub(crate) fn of(values: &[i32]) -> Self {
        Self { step: (range(values) / STEP_PART).max(1) }
    }

    /// Steps to divide coefficients by, one after the other until one is fine enough: of nearly every image that is the first.
    #[expect(clippy::cast_precision_loss, reason = "eight bits")]
    pub(crate) fn steps(self) -> impl Iterator<Item = f32> {
        [1.0, 0.5, 0.25, 0.125].into_iter().map(move |part| self.step as f32 * part)
    }

    /// Whether what was decoded is as near as it must be.
    pub(crate) fn holds(self, values: &[i32], decoded: &[i32]) -> bool {
        let differences = || decoded.iter().zip(values).map(|(decoded, value)| decoded.abs_diff(*value));
        let squares: u64 = differences().map(|difference| u64::from(difference).pow(2)).sum();
        decoded.len() == values.len()
            && squares <= u64::from(self.step).pow(2) * values.len() as u64
            && differences().all(|difference| difference <= self.step * MOST_STEPS)
    }
}

/// From the least to the largest of them.
pub(crate) fn range(values: &[i32]) -> u32 {
    let ends = values.iter().min().zip(values.iter().max());
    ends.map_or(0, |(least, largest)| largest.abs_diff(*least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_many_nor_any_sample_may_be_far_off() {
        let mut values = [0; 400];
        values[0] = 1024;
        let nearness = Nearness::of(&values);
        assert_eq!(nearness, Nearness { step: 4 });
        assert_eq!(Nearness::of(&[-7, 7]), Nearness { step: 1 });
        for (off_by, of, expected) in [(4, 400, true), (5, 400, false), (32, 1, true), (33, 1, false), (20, 40, false)] {
            let mut decoded = values;
            decoded.iter_mut().take(of).for_each(|value| *value += off_by);
            assert_eq!(nearness.holds(&values, &decoded), expected, "{of} are off by {off_by}");
        }
        assert!(!nearness.holds(&values, &values[1..]));
    }
}
