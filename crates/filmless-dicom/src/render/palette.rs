//! Pictures of 256 colours. A picture that has no more keeps them as they are; of others those are chosen that are furthest apart,
//! so that a few coloured dots on a grey image stay what they are: rare colours mean something (PS3.3 C.7.6.23, Enhanced Palette
//! Color Lookup Table Module, or a graphic that a device burned in).

use std::collections::HashMap;
use std::ops::Range;

/// Colours of a GIF's palette.
const PALETTE_COLOURS: usize = 256;
/// Colours that are told apart to choose from. If a picture has more, those that differ in low bits only are taken as one.
const MAX_BINS: usize = 1 << 15;

/// A picture by the numbers of its colours.
pub(super) struct Paletted {
    /// Red, green and blue of each colour, one behind the other.
    pub(super) palette: Vec<u8>,
    /// The number of its colour for each pixel.
    pub(super) pixels: Vec<u8>,
}

impl Paletted {
    /// Chooses the colours of a picture: red, green and blue of each pixel.
    pub(super) fn of(picture: &[u8]) -> Self {
        let pixels = picture.as_chunks::<3>().0;
        let (bins, dropped) = (0..3).find_map(|dropped| Some((Bins::count(pixels, dropped)?, dropped))).unwrap_or_else(|| {
            // Five bits of each are never more.
            (Bins::count(pixels, 3).unwrap_or_default(), 3)
        });
        let (palette, numbers) = bins.palette();
        let mut last = ([0; 3], 0);
        let mut is_first = true;
        let number_of = |pixel: &[u8; 3]| {
            let key = pixel.map(|sample| sample >> dropped);
            if is_first || key != last.0 {
                let bin = bins.places.get(&key).copied().unwrap_or(0);
                (last, is_first) = ((key, numbers.get(bin).copied().unwrap_or(0)), false);
            }
            last.1
        };
        Self { palette: palette.concat(), pixels: pixels.iter().map(number_of).collect() }
    }
}

/// Pixels of one colour, or of colours that are taken as one.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    sums: [u64; 3],
    count: u64,
}

impl Bin {
    #[expect(clippy::cast_precision_loss, reason = "at most 255 for each pixel of a picture")]
    fn mean(&self, channel: usize) -> f64 {
        self.sums[channel] as f64 / self.count.max(1) as f64
    }

    /// What it counts for: what is seen on a hundred times the area is not a hundred times as important.
    #[expect(clippy::cast_precision_loss, reason = "pixels of a picture")]
    fn weight(&self) -> f64 {
        (self.count as f64).sqrt()
    }
}

/// The colours of a picture.
#[derive(Debug, Default)]
struct Bins {
    places: HashMap<[u8; 3], usize>,
    all: Vec<Bin>,
}

impl Bins {
    /// Counts colours without so many of their low bits; nothing if they are too many.
    fn count(pixels: &[[u8; 3]], dropped: u32) -> Option<Self> {
        let mut bins = Self::default();
        let mut last = None;
        for pixel in pixels {
            let key = pixel.map(|sample| sample >> dropped);
            let place = match last {
                Some((before, place)) if before == key => place,
                _ => *bins.places.entry(key).or_insert_with(|| {
                    bins.all.push(Bin::default());
                    bins.all.len() - 1
                }),
            };
            last = Some((key, place));
            if bins.all.len() > MAX_BINS {
                return None;
            }
            let bin = bins.all.get_mut(place)?;
            bin.count += 1;
            for (sum, sample) in bin.sums.iter_mut().zip(pixel) {
                *sum += u64::from(*sample);
            }
        }
        Some(bins)
    }

    /// The palette, and the number in it for each bin. Groups are divided at their mean where colours are furthest apart, until
    /// there are enough of them.
    fn palette(&self) -> (Vec<[u8; 3]>, Vec<u8>) {
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        let mut groups = vec![Group::of(&self.all, &order, 0..order.len())];
        while groups.len() < PALETTE_COLOURS {
            let widest = (0..groups.len()).max_by(|one, other| groups[*one].spread.total_cmp(&groups[*other].spread));
            let Some(widest) = widest.filter(|group| groups[*group].spread > 0.0) else { break };
            let Group { range, channel, mean, .. } = groups.swap_remove(widest);
            let members = &mut order[range.clone()];
            members.sort_unstable_by(|one, other| self.all[*one].mean(channel).total_cmp(&self.all[*other].mean(channel)));
            let lower = members.partition_point(|bin| self.all[*bin].mean(channel) <= mean);
            // Rounding must not leave a side without members.
            let middle = range.start + lower.clamp(1, members.len() - 1);
            for half in [range.start..middle, middle..range.end] {
                groups.push(Group::of(&self.all, &order, half));
            }
        }
        let mut numbers = vec![0; self.all.len()];
        let mut palette = Vec::with_capacity(groups.len());
        for (number, group) in (0..=u8::MAX).zip(&groups) {
            let mut whole = Bin::default();
            for bin in &order[group.range.clone()] {
                numbers[*bin] = number;
                whole.count += self.all[*bin].count;
                for (sum, more) in whole.sums.iter_mut().zip(self.all[*bin].sums) {
                    *sum += more;
                }
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes")]
            palette.push([0, 1, 2].map(|channel| whole.mean(channel).round() as u8));
        }
        (palette, numbers)
    }
}

/// Colours that will be one, unless they are divided.
struct Group {
    /// Where they stand in the order.
    range: Range<usize>,
    /// The channel in which they differ most, their mean in it, and how much they differ.
    channel: usize,
    mean: f64,
    spread: f64,
}

impl Group {
    fn of(bins: &[Bin], order: &[usize], range: Range<usize>) -> Self {
        let members = || order[range.clone()].iter().map(|bin| &bins[*bin]);
        let weight: f64 = members().map(Bin::weight).sum();
        let statistics = [0, 1, 2].map(|channel| {
            let mean = members().map(|bin| bin.weight() * bin.mean(channel)).sum::<f64>() / weight.max(1.0);
            let spread: f64 = members().map(|bin| bin.weight() * (bin.mean(channel) - mean).powi(2)).sum();
            (channel, mean, spread)
        });
        let (channel, mean, spread) = statistics.into_iter().max_by(|one, other| one.2.total_cmp(&other.2)).unwrap_or_default();
        // A single colour is not divided, whatever rounding says.
        Self { spread: if range.len() > 1 { spread } else { 0.0 }, range, channel, mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colours that pixels come out in.
    fn shown(picture: &[[u8; 3]]) -> Vec<[u8; 3]> {
        let Paletted { palette, pixels } = Paletted::of(&picture.concat());
        let colours = palette.as_chunks::<3>().0;
        assert!(colours.len() <= PALETTE_COLOURS);
        pixels.iter().map(|number| colours[usize::from(*number)]).collect()
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let picture: Vec<[u8; 3]> = (0..=255).map(|at: u8| [at, 255 - at, at / 7]).collect();
        assert_eq!(shown(&picture), picture);
        assert_eq!(shown(&[[1, 2, 3]; 5]), [[1, 2, 3]; 5]);
        assert_eq!(shown(&[]), Vec::<[u8; 3]>::new());
    }

    #[test]
    fn a_few_coloured_dots_on_a_grey_recording_stay_coloured() {
        let mut picture: Vec<[u8; 3]> = (0..60_000u32)
            .map(|at| {
                let shade = u8::try_from(at % 254).expect("less");
                // Compression leaves a tint, so that there are more than 256 colours.
                [shade, shade + u8::from(at % 3 == 0), shade + u8::from(at % 5 == 0)]
            })
            .collect();
        let dots = [[0, 255, 0], [255, 200, 0], [10, 20, 250], [250, 0, 10]];
        picture.splice(7..11, dots);
        let shown = shown(&picture);
        for (dot, found) in dots.iter().zip(&shown[7..11]) {
            assert!(dot.iter().zip(found).all(|(one, other)| one.abs_diff(*other) < 12), "{dot:?} became {found:?}");
        }
        let furthest = picture.iter().zip(&shown).flat_map(|(one, other)| (0..3).map(|at| one[at].abs_diff(other[at]))).max();
        assert!(furthest < Some(12), "{furthest:?}");
    }

    #[test]
    fn a_picture_of_very_many_colours_keeps_about_what_they_are() {
        let picture: Vec<[u8; 3]> = (0..200_000u32)
            .map(|at| [at % 256, at / 256 % 256, at * 7 / 1000 % 256].map(|sample| u8::try_from(sample).expect("less")))
            .collect();
        let shown = shown(&picture);
        let far = picture.iter().zip(&shown).filter(|(one, other)| (0..3).any(|at| one[at].abs_diff(other[at]) > 48)).count();
        assert!(far < picture.len() / 50, "{far}");
    }
}
