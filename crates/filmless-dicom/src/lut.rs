//! Lookup tables and windows: from stored values to what is shown (PS3.3 C.11, Look Up Tables and Presentation States).

use dicom_core::Tag;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::frame::FrameNumber;

use crate::pixel::{PixelError, decimal, decimals, integer, text};

/// VOI LUT Function (0028,1056), PS3.3 C.11.2.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindowFunction {
    /// C.11.2.1.2.1: the window covers `width - 1` steps.
    #[default]
    Linear,
    /// C.11.2.1.3.2: the window covers `width`.
    LinearExact,
    /// C.11.2.1.3.1: a logistic curve.
    Sigmoid,
}

/// A window: which values are shown between black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Window Center (0028,1050).
    pub center: f64,
    /// Window Width (0028,1051).
    pub width: f64,
    /// VOI LUT Function (0028,1056).
    pub function: WindowFunction,
}

impl Window {
    /// Reads `center,width,function` as PS3.18 8.3.5.1.4 (Windowing) writes it; the function may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(',').map(str::trim);
        let mut number = || parts.next()?.parse::<f64>().ok().filter(|number| number.is_finite());
        let (center, width) = (number()?, number()?);
        let function = match parts.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("linear") => WindowFunction::Linear,
            Some("linear-exact" | "linear_exact") => WindowFunction::LinearExact,
            Some("sigmoid") => WindowFunction::Sigmoid,
            Some(_) => return None,
        };
        (parts.next().is_none() && width > 0.0).then_some(Self { center, width, function })
    }

    /// The window that shows everything from `least` to `most`.
    pub(crate) fn spanning(least: f64, most: f64) -> Self {
        let width = (most - least).max(f64::MIN_POSITIVE);
        Self { center: least + width / 2.0, width, function: WindowFunction::LinearExact }
    }

    /// Where a value falls: 0 is black, 1 is white. Never NaN but for NaN.
    pub fn apply(&self, value: f64) -> f64 {
        let Self { center, width, function } = *self;
        match function {
            WindowFunction::Linear => {
                // C.11.2.1.2.1: below a width of 1 there is no slope, and at 1 a single step.
                let (center, slope) = (center - 0.5, width.max(1.0) - 1.0);
                if value <= center - slope / 2.0 {
                    0.0
                } else if value > center + slope / 2.0 {
                    1.0
                } else {
                    ((value - center) / slope + 0.5).clamp(0.0, 1.0)
                }
            }
            WindowFunction::LinearExact => {
                let width = width.max(0.0);
                if value <= center - width / 2.0 {
                    0.0
                } else if value > center + width / 2.0 {
                    1.0
                } else {
                    ((value - center) / width + 0.5).clamp(0.0, 1.0)
                }
            }
            WindowFunction::Sigmoid => {
                let width = width.max(f64::MIN_POSITIVE);
                1.0 / (1.0 + (-4.0 * (value - center) / width).exp())
            }
        }
    }
}

/// A table from a run of integers (PS3.3 C.11.1.1.1, C.7.6.3.1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookupTable {
    /// The value that the first entry stands for.
    pub(crate) first: i64,
    /// Values below get the first entry, values above the last. Never empty.
    pub(crate) entries: Vec<u16>,
    /// Bits of an entry.
    pub(crate) bits: u32,
}

impl LookupTable {
    /// Reads descriptor and data. `signed` says how the values are meant that go in.
    pub(crate) fn read(object: &InMemDicomObject, descriptor: Tag, data: Tag, signed: bool) -> Result<Self, PixelError> {
        let (count, first, bits) = read_descriptor(object, descriptor, signed)?;
        let words = read_words(object, data).ok_or(PixelError::LookupTable("no data"))?;
        // 8 bit entries stand two in a word, the first one low; some writers take a word for each.
        let packed = bits == 8 && words.len() < count;
        let entries: Vec<u16> = if packed {
            words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).take(count).collect()
        } else {
            words.into_iter().take(count).collect()
        };
        Self::checked(first, entries, bits)
    }

    fn checked(first: i64, entries: Vec<u16>, bits: u32) -> Result<Self, PixelError> {
        if entries.is_empty() {
            return Err(PixelError::LookupTable("no entries"));
        }
        Ok(Self { first, entries, bits })
    }

    /// Reads a segmented palette (PS3.3 C.7.9.2, Segmented Palette Color Lookup Table Module).
    pub(crate) fn read_segmented(object: &InMemDicomObject, descriptor: Tag, data: Tag) -> Result<Self, PixelError> {
        let (count, first, bits) = read_descriptor(object, descriptor, false)?;
        let words = read_words(object, data).ok_or(PixelError::LookupTable("no data"))?;
        let words: Vec<u16> = match bits {
            8 => words.iter().flat_map(|word| word.to_le_bytes()).map(u16::from).collect(),
            _ => words,
        };
        Self::checked(first, expand_segments(&words, count, bits)?, bits)
    }

    /// The entry for a value.
    pub(crate) fn get(&self, value: i64) -> u16 {
        let last = self.entries.len() - 1;
        let at = usize::try_from(value.saturating_sub(self.first).max(0)).unwrap_or(last);
        self.entries[at.min(last)]
    }

    /// The entry for a value in 8 bits.
    pub(crate) fn get_byte(&self, value: i64) -> u8 {
        let shift = self.bits.saturating_sub(8);
        u8::try_from(self.get(value) >> shift).unwrap_or(u8::MAX)
    }

    /// Whether values as high as this one have entries of their own.
    pub(crate) fn covers(&self, value: i64) -> bool {
        value >= self.first
    }

    /// The largest number an entry can be.
    pub(crate) fn largest(&self) -> f64 {
        f64::from(u16::try_from((1u32 << self.bits) - 1).unwrap_or(u16::MAX))
    }
}

/// Number of entries, first value mapped, bits of an entry.
fn read_descriptor(object: &InMemDicomObject, tag: Tag, signed: bool) -> Result<(usize, i64, u32), PixelError> {
    let values = object.get(tag).and_then(|element| element.to_multi_int::<i64>().ok()).unwrap_or_default();
    let [count, first, bits] = *values else { return Err(PixelError::LookupTable("no descriptor")) };
    // The first and third are unsigned whatever the VR says; 0 entries mean 2^16 (PS3.3 C.7.6.3.1.5).
    let count = usize::try_from(count & 0xffff).unwrap_or(0);
    let count = if count == 0 { 1 << 16 } else { count };
    let first = match first {
        0x8000..=0xffff if signed => first - 0x1_0000,
        -0x8000..0 if !signed => first,
        first => first,
    };
    let bits = u32::try_from(bits & 0xffff).unwrap_or(0);
    if !(1..=16).contains(&bits) {
        return Err(PixelError::LookupTable("entries of more than 16 bits"));
    }
    Ok((count, first, bits))
}

/// US, SS or OW values as words; OB values as the words they fill.
fn read_words(object: &InMemDicomObject, tag: Tag) -> Option<Vec<u16>> {
    let Value::Primitive(value) = object.get(tag)?.value() else { return None };
    Some(match value {
        PrimitiveValue::U16(words) => words.to_vec(),
        PrimitiveValue::I16(words) => words.iter().map(|word| word.cast_unsigned()).collect(),
        PrimitiveValue::U8(bytes) => {
            let (pairs, last) = bytes.as_chunks::<2>();
            let words = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
            words.chain(last.iter().map(|byte| u16::from(*byte))).collect()
        }
        _ => return None,
    })
}

/// PS3.3 C.7.9.2.2: discrete, linear and indirect segments. `count` bounds what comes out, whatever the segments say.
fn expand_segments(words: &[u16], count: usize, bits: u32) -> Result<Vec<u16>, PixelError> {
    const BROKEN: PixelError = PixelError::LookupTable("broken segments");
    let mut out: Vec<u16> = Vec::new();
    let mut at = 0;
    // An indirect segment copies earlier ones and must not name itself: one level is all there is.
    let mut copied: Option<(usize, usize)> = None;
    loop {
        if copied.is_some_and(|(_, remaining)| remaining == 0) {
            at = copied.take().map_or(at, |(back, _)| back);
        }
        if out.len() >= count || at >= words.len() {
            break;
        }
        let (Some(&kind), Some(&length)) = (words.get(at), words.get(at + 1)) else { break };
        let length = usize::from(length);
        at += 2;
        match kind {
            0 => {
                let values = words.get(at..at + length).ok_or(BROKEN)?;
                out.extend_from_slice(values);
                at += length;
            }
            1 => {
                let (&end, &start) = (words.get(at).ok_or(BROKEN)?, out.last().ok_or(BROKEN)?);
                let (start, end, steps) =
                    (f64::from(start), f64::from(end), f64::from(u32::try_from(length.max(1)).unwrap_or(1)));
                for step in 1..=u32::try_from(length).unwrap_or(0) {
                    let value = start + (end - start) * f64::from(step) / steps;
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two u16")]
                    out.push(value.round() as u16);
                }
                at += 1;
            }
            2 if copied.is_none() => {
                // The offset counts bytes from the first segment: a word is one byte of 8 bit tables.
                let (low, high) = (words.get(at).ok_or(BROKEN)?, words.get(at + 1).ok_or(BROKEN)?);
                let (offset, words_of_offset) = if bits == 8 {
                    let rest = [*low, *high, *words.get(at + 2).ok_or(BROKEN)?, *words.get(at + 3).ok_or(BROKEN)?];
                    (rest.iter().rev().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)), 4)
                } else {
                    ((usize::from(*high) << 16 | usize::from(*low)) / 2, 2)
                };
                copied = Some((at + words_of_offset, length + 1));
                at = offset;
            }
            _ => return Err(BROKEN),
        }
        if let Some((_, remaining)) = &mut copied {
            *remaining -= 1;
        }
    }
    out.truncate(count);
    Ok(out)
}

/// The red, green and blue tables of PALETTE COLOR or of supplemental colour (PS3.3 C.7.6.3.1.5, C.7.6.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Palette(pub(crate) [LookupTable; 3]);

impl Palette {
    pub(crate) fn read(header: &InMemDicomObject, signed: bool) -> Result<Self, PixelError> {
        let table = |descriptor, data, segmented| {
            if header.get(data).is_none() && header.get(segmented).is_some() {
                return LookupTable::read_segmented(header, descriptor, segmented);
            }
            LookupTable::read(header, descriptor, data, signed)
        };
        Ok(Self([
            table(
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            table(
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            table(
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
        ]))
    }

    /// The colour of a value.
    pub(crate) fn colour(&self, value: i64) -> [u8; 3] {
        [0, 1, 2].map(|channel| self.0[channel].get_byte(value))
    }
}

/// From stored values to what they measure (PS3.3 C.11.1, Modality LUT Module).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ModalityTransform {
    /// Rescale Slope and Intercept.
    Linear { slope: f64, intercept: f64 },
    /// Modality LUT Sequence.
    Table(LookupTable),
}

impl ModalityTransform {
    pub(crate) fn read(groups: &Groups<'_>, signed: bool) -> Self {
        // A Pixel Value Transformation of the frame or of all frames overrules the top level (PS3.3 C.7.6.16.2.9).
        let linear = |object: &InMemDicomObject| {
            let slope = decimal(object, tags::RESCALE_SLOPE)?;
            let intercept = decimal(object, tags::RESCALE_INTERCEPT).unwrap_or(0.0);
            // A slope of 0 would make every value the same: devices write it for "none".
            Some(Self::Linear { slope: if slope == 0.0 { 1.0 } else { slope }, intercept })
        };
        if let Some(transform) = groups.item(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE).and_then(linear) {
            return transform;
        }
        if let Some(item) = first_item(groups.top, tags::MODALITY_LUT_SEQUENCE)
            && let Ok(table) = LookupTable::read(item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed)
        {
            return Self::Table(table);
        }
        linear(groups.top).unwrap_or(Self::Linear { slope: 1.0, intercept: 0.0 })
    }

    pub(crate) fn is_identity(&self) -> bool {
        *self == Self::Linear { slope: 1.0, intercept: 0.0 }
    }

    pub(crate) fn apply(&self, stored: f64) -> f64 {
        match self {
            Self::Linear { slope, intercept } => stored * slope + intercept,
            Self::Table(table) => f64::from(table.get(to_integer(stored))),
        }
    }
}

/// From measured values to shades (PS3.3 C.11.2, VOI LUT Module).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum VoiTransform {
    /// Window Center and Width.
    Window(Window),
    /// VOI LUT Sequence.
    Table(LookupTable),
}

impl VoiTransform {
    /// The first window or table of the frame, of all frames, or of the top level; `None` if there is none.
    pub(crate) fn read(groups: &Groups<'_>, signed: bool) -> Option<Self> {
        let from = |object: &InMemDicomObject| {
            let center = decimals(object, tags::WINDOW_CENTER).first().copied();
            let width = decimals(object, tags::WINDOW_WIDTH).first().copied();
            if let (Some(center), Some(width)) = (center, width)
                && width > 0.0
            {
                let function = match text(object, tags::VOILUT_FUNCTION).as_deref() {
                    Some("LINEAR_EXACT") => WindowFunction::LinearExact,
                    Some("SIGMOID") => WindowFunction::Sigmoid,
                    _ => WindowFunction::Linear,
                };
                // A width of less than 1 is illegal for LINEAR; floating point images have it and mean the exact one.
                let exact = function == WindowFunction::Linear && width < 1.0;
                let function = if exact { WindowFunction::LinearExact } else { function };
                return Some(Self::Window(Window { center, width, function }));
            }
            let item = first_item(object, tags::VOILUT_SEQUENCE)?;
            LookupTable::read(item, tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed).ok().map(Self::Table)
        };
        groups.item(tags::FRAME_VOILUT_SEQUENCE).and_then(from).or_else(|| from(groups.top))
    }

    pub(crate) fn apply(&self, value: f64) -> f64 {
        match self {
            Self::Window(window) => window.apply(value),
            Self::Table(table) => (f64::from(table.get(to_integer(value))) / table.largest()).min(1.0),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and NaN becomes 0")]
fn to_integer(value: f64) -> i64 {
    value.round() as i64
}

/// Where attributes of one frame are: its own functional groups, those of all frames, the top level (PS3.3 C.7.6.16).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups<'a> {
    own: Option<&'a InMemDicomObject>,
    shared: Option<&'a InMemDicomObject>,
    pub(crate) top: &'a InMemDicomObject,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(header: &'a InMemDicomObject, frame: FrameNumber) -> Self {
        let items = header.get(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).and_then(|element| element.items());
        let own = items.and_then(|items| items.get(frame.index()));
        Self { own, shared: first_item(header, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE), top: header }
    }

    /// The first item of a functional group.
    pub(crate) fn item(&self, group: Tag) -> Option<&'a InMemDicomObject> {
        let of = |object: Option<&'a InMemDicomObject>| object.and_then(|object| first_item(object, group));
        of(self.own).or_else(|| of(self.shared))
    }
}

pub(crate) fn first_item(object: &InMemDicomObject, sequence: Tag) -> Option<&InMemDicomObject> {
    object.get(sequence)?.items()?.first()
}

/// Whether black and white are to be exchanged: MONOCHROME1 and Presentation LUT Shape INVERSE say the same
/// (PS3.3 C.7.6.3.1.2, C.11.6), once.
pub(crate) fn is_inverse(header: &InMemDicomObject, monochrome1: bool) -> bool {
    monochrome1 || text(header, tags::PRESENTATION_LUT_SHAPE).as_deref() == Some("INVERSE")
}

/// The stored values that stand for no measurement (PS3.3 C.7.5.1.1.2, Pixel Padding Value and Range Limit).
pub(crate) fn padding(header: &InMemDicomObject, signed: bool) -> Option<std::ops::RangeInclusive<i64>> {
    let stored = |value: i64| if signed && value > 0x7fff && value <= 0xffff { value - 0x1_0000 } else { value };
    let value = stored(integer(header, tags::PIXEL_PADDING_VALUE)?);
    let limit = integer(header, tags::PIXEL_PADDING_RANGE_LIMIT).map_or(value, stored);
    Some(value.min(limit)..=value.max(limit))
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, VR};

    use super::*;

    #[test]
    fn windows_follow_the_standards_pseudo_code() {
        let window = |function, center, width| Window { center, width, function };
        let (linear, exact, sigmoid) = (WindowFunction::Linear, WindowFunction::LinearExact, WindowFunction::Sigmoid);
        for (window, value, expected) in [
            // PS3.3 C.11.2.1.2.1, the two examples: c=2048 w=4096 and c=2048 w=1.
            (window(linear, 2048.0, 4096.0), 0.0, 0.0),
            (window(linear, 2048.0, 4096.0), 4095.0, 1.0),
            (window(linear, 2048.0, 4096.0), 2048.0, 0.5 + 0.5 / 4095.0),
            (window(linear, 2048.0, 1.0), 2047.0, 0.0),
            (window(linear, 2048.0, 1.0), 2048.0, 1.0),
            (window(linear, 0.0, 100.0), -50.0, 0.0),
            (window(linear, 0.0, 100.0), 49.0, 1.0),
            (window(linear, 10.0, 0.0), 9.0, 0.0),
            (window(linear, 10.0, 0.0), 10.0, 1.0),
            (window(exact, 2048.0, 4096.0), 1024.0, 0.25),
            (window(exact, 0.5, 0.0), 0.4, 0.0),
            (window(exact, 0.5, 0.0), 0.6, 1.0),
            (window(sigmoid, 100.0, 40.0), 100.0, 0.5),
            (window(sigmoid, 100.0, 40.0), 110.0, 1.0 / (1.0 + (-1f64).exp())),
            (window(sigmoid, 100.0, 0.0), 101.0, 1.0),
        ] {
            let found = window.apply(value);
            assert!((found - expected).abs() < 1e-12, "{window:?} {value}: {found}, not {expected}");
        }
    }

    #[test]
    fn windows_are_read_from_a_query() {
        let window = Window::parse("40,400,sigmoid").expect("good");
        assert_eq!(window, Window { center: 40.0, width: 400.0, function: WindowFunction::Sigmoid });
        assert_eq!(Window::parse("-600.5,1500").expect("good").function, WindowFunction::Linear);
        assert_eq!(Window::parse("1,2,linear-exact").expect("good").function, WindowFunction::LinearExact);
        for bad in ["", "1", "1,0", "1,-5", "nan,5", "1,inf", "1,2,curve", "1,2,linear,3"] {
            assert_eq!(Window::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn tables_give_their_ends_beyond_their_ends() {
        let table = LookupTable { first: -1, entries: vec![10, 20, 30], bits: 16 };
        for (value, expected) in [(i64::MIN, 10), (-1, 10), (0, 20), (1, 30), (2, 30), (i64::MAX, 30)] {
            assert_eq!(table.get(value), expected);
        }
    }

    fn table(descriptor: PrimitiveValue, data: PrimitiveValue) -> InMemDicomObject {
        let mut object = InMemDicomObject::new_empty();
        object.put(DataElement::new(tags::LUT_DESCRIPTOR, VR::US, descriptor));
        object.put(DataElement::new(tags::LUT_DATA, VR::OW, data));
        object
    }

    #[test]
    fn tables_are_read_in_all_their_forms() {
        let words = |words: &[u16]| PrimitiveValue::U16(words.iter().copied().collect());
        let bytes = |bytes: &[u8]| PrimitiveValue::U8(bytes.iter().copied().collect());
        for (name, descriptor, data, signed, expected) in [
            ("16 bit", words(&[3, 5, 12]), words(&[1, 2, 3]), false, Some((5, vec![1, 2, 3]))),
            ("16 bit as bytes", words(&[2, 5, 12]), bytes(&[1, 2, 3, 4]), false, Some((5, vec![0x201, 0x403]))),
            ("8 bit packed", words(&[3, 0, 8]), words(&[0x201, 3]), false, Some((0, vec![1, 2, 3]))),
            ("8 bit a word each", words(&[3, 0, 8]), words(&[1, 2, 3]), false, Some((0, vec![1, 2, 3]))),
            ("below zero", words(&[1, 0xfff0, 8]), words(&[7]), true, Some((-16, vec![7]))),
            ("not below zero", words(&[1, 0xfff0, 8]), words(&[7]), false, Some((0xfff0, vec![7]))),
            ("short", words(&[9, 0, 16]), words(&[7]), false, Some((0, vec![7]))),
            ("empty", words(&[9, 0, 16]), words(&[]), false, None),
            ("no bits", words(&[9, 0, 0]), words(&[1]), false, None),
            ("half a descriptor", words(&[9, 0]), words(&[1]), false, None),
        ] {
            let read = LookupTable::read(&table(descriptor, data), tags::LUT_DESCRIPTOR, tags::LUT_DATA, signed);
            assert_eq!(read.ok().map(|table| (table.first, table.entries)), expected, "{name}");
        }
    }

    #[test]
    fn segments_are_expanded() {
        for (words, count, expected) in [
            (vec![0, 3, 5, 6, 7], 3, Some(vec![5, 6, 7])),
            (vec![0, 1, 0, 1, 4, 8], 5, Some(vec![0, 2, 4, 6, 8])),
            // The two segments again, by an indirect one, then one more.
            (vec![0, 1, 0, 1, 2, 4, 2, 2, 0, 0, 0, 1, 9], 7, Some(vec![0, 2, 4, 0, 2, 4, 9])),
            (vec![1, 4, 8], 4, None),
            (vec![0, 9, 1], 9, None),
            // An indirect segment that names itself.
            (vec![0, 1, 7, 2, 1, 6, 0], 9, None),
            (vec![7, 1, 1], 9, None),
        ] {
            assert_eq!(expand_segments(&words, count, 16).ok(), expected, "{words:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_segments_end(words: Vec<u16>) {
            if let Ok(entries) = expand_segments(&words, 4096, 16) {
                proptest::prop_assert!(entries.len() <= 4096);
            }
        }

        #[test]
        fn windows_stay_between_black_and_white(center: f64, width: f64, value: f64) {
            for function in [WindowFunction::Linear, WindowFunction::LinearExact, WindowFunction::Sigmoid] {
                let shade = Window { center, width, function }.apply(value);
                proptest::prop_assert!(shade.is_nan() || (0.0..=1.0).contains(&shade));
            }
        }
    }
}
