//! Waveforms as curves of physical values (PS3.3 section C.10.9, Waveform Module): an ECG in millivolts, a pressure in what its
//! device measures in. Sound is not read.
//!
//! No more is read than can be shown: so many groups, channels and seconds.

use dicom_core::Tag;
use dicom_core::value::{PrimitiveValue, Value};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use crate::lut::first_item;
use crate::pixel::{decimal, integer, text};
use crate::report::{code, string, unit};

/// Multiplex groups that are read.
const MAX_GROUPS: usize = 8;
/// Channels of a group.
const MAX_CHANNELS: usize = 64;
/// Seconds of all channels of a group together: a minute of twelve leads.
const MAX_CHANNEL_SECONDS: f64 = 720.0;
/// Seconds of a group.
const MAX_SECONDS: f64 = 60.0;
/// Sampling frequencies that are believed, in hertz: a sample in a quarter of an hour to those of ultrasound. Of a lower one a
/// single sample would last for years of paper.
const FREQUENCIES: std::ops::RangeInclusive<f64> = 0.001..=10e6;
/// Samples of a group, whatever it says about its frequency.
const MAX_SAMPLES: usize = 4 << 20;
/// Annotations that are read.
const MAX_ANNOTATIONS: usize = 60;

/// What an instance recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// What was recorded together.
    pub groups: Vec<Group>,
    /// What the device or a person said of the whole: texts, and measurements with their names.
    pub annotations: Vec<Annotation>,
}

/// A multiplex group: channels of one sampling frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Multiplex Group Label (003A,0020).
    pub label: Option<String>,
    /// Sampling Frequency (003A,001A), in hertz.
    pub frequency: f64,
    /// How long it is, in seconds; of this the beginning is read.
    pub seconds: f64,
    /// Its curves.
    pub channels: Vec<Channel>,
}

/// A curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Where it was recorded: Channel Source (003A,0208), else Channel Label (003A,0203).
    pub name: String,
    /// Unit of its values; millivolts for all voltages, nothing if it has none.
    pub unit: String,
    /// Whether its values are samples as they were recorded, since Channel Sensitivity (003A,0210) does not say what they mean.
    pub is_raw: bool,
    /// What was filtered out of it.
    pub filter: Filter,
    /// Its values one sample after the other; NaN where there was no signal.
    pub values: Vec<f32>,
}

/// Frequencies that a device let through, in hertz (PS3.3 section C.10.9, Waveform Module).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Filter {
    /// Filter Low Frequency (003A,0220): lower ones were taken out.
    pub low: Option<f64>,
    /// Filter High Frequency (003A,0221): higher ones were taken out.
    pub high: Option<f64>,
    /// Notch Filter Frequency (003A,0222): this one was taken out.
    pub notch: Option<f64>,
}

impl Filter {
    fn read(definition: Option<&InMemDicomObject>) -> Self {
        let frequency = |tag| decimal(definition?, tag).filter(|frequency| frequency.is_finite() && *frequency > 0.0);
        Self {
            low: frequency(tags::FILTER_LOW_FREQUENCY),
            high: frequency(tags::FILTER_HIGH_FREQUENCY),
            notch: frequency(tags::NOTCH_FILTER_FREQUENCY),
        }
    }
}

/// Something said of a waveform (PS3.3 section C.10.10, Waveform Annotation Module).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// What was measured; none for a mere text.
    pub name: Option<String>,
    /// The text, or the number with its unit.
    pub text: String,
}

impl Waveform {
    /// Reads what can be shown of a data set; a group that cannot be read is left out.
    pub fn read(header: &InMemDicomObject) -> Self {
        let items = |tag| header.get(tag).and_then(|element| element.items()).unwrap_or_default();
        let groups = items(tags::WAVEFORM_SEQUENCE).iter().take(MAX_GROUPS).filter_map(read_group);
        let annotations = items(tags::WAVEFORM_ANNOTATION_SEQUENCE).iter().filter_map(read_annotation);
        Self { groups: groups.collect(), annotations: annotations.take(MAX_ANNOTATIONS).collect() }
    }
}

/// An annotation of the whole: those of single beats would fill pages.
fn read_annotation(item: &InMemDicomObject) -> Option<Annotation> {
    if item.get(tags::REFERENCED_SAMPLE_POSITIONS).is_some() || item.get(tags::REFERENCED_TIME_OFFSETS).is_some() {
        return None;
    }
    let name = code(item, tags::CONCEPT_NAME_CODE_SEQUENCE);
    let unit = first_item(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE).and_then(unit);
    let number =
        string(item, tags::NUMERIC_VALUE).map(|number| [Some(number), unit].into_iter().flatten().collect::<Vec<_>>().join(" "));
    let text =
        number.or_else(|| string(item, tags::UNFORMATTED_TEXT_VALUE)).or_else(|| code(item, tags::CONCEPT_CODE_SEQUENCE))?;
    Some(Annotation { name, text })
}

fn read_group(item: &InMemDicomObject) -> Option<Group> {
    let number = |tag| integer(item, tag).and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0);
    let (channels, samples) = (number(tags::NUMBER_OF_WAVEFORM_CHANNELS)?, number(tags::NUMBER_OF_WAVEFORM_SAMPLES)?);
    let frequency = decimal(item, tags::SAMPLING_FREQUENCY).filter(|frequency| FREQUENCIES.contains(frequency))?;
    let format = Format::of(&text(item, tags::WAVEFORM_SAMPLE_INTERPRETATION)?)?;
    let data = bytes(item, tags::WAVEFORM_DATA)?;
    let padding = bytes(item, tags::WAVEFORM_PADDING_VALUE).and_then(|bytes| format.read(&bytes, 0));
    if channels > MAX_CHANNELS {
        return None;
    }

    // What is there counts, and not what is declared.
    let there = samples.min(data.len() / (channels * format.bytes));
    #[expect(clippy::cast_precision_loss, reason = "to be shown")]
    let (seconds, most_seconds) = (there as f64 / frequency, MAX_SECONDS.min(MAX_CHANNEL_SECONDS / channels as f64));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is bounded")]
    let shown = there.min((most_seconds * frequency).ceil() as usize).min(MAX_SAMPLES / channels);
    if shown == 0 {
        return None;
    }
    let definitions = item.get(tags::CHANNEL_DEFINITION_SEQUENCE).and_then(|element| element.items()).unwrap_or_default();
    let read_channel = |channel: usize| {
        let scale = Scale::read(definitions.get(channel));
        let value = |sample: usize| match format.read(&data, sample * channels + channel) {
            Some(value) if Some(value) != padding => scale.apply(value),
            _ => f32::NAN,
        };
        Channel {
            name: definitions.get(channel).and_then(channel_name).unwrap_or_else(|| (channel + 1).to_string()),
            unit: scale.unit.clone(),
            is_raw: scale.is_raw,
            filter: Filter::read(definitions.get(channel)),
            values: (0..shown).map(value).collect(),
        }
    };
    let channels = (0..channels).map(read_channel).collect();
    Some(Group { label: string(item, tags::MULTIPLEX_GROUP_LABEL), frequency, seconds, channels })
}

/// Names of ECG leads are known without their surroundings: "Lead II (Einthoven)" is II.
fn channel_name(definition: &InMemDicomObject) -> Option<String> {
    let name = code(definition, tags::CHANNEL_SOURCE_SEQUENCE).or_else(|| string(definition, tags::CHANNEL_LABEL))?;
    let short = name.strip_prefix("Lead ").map(|rest| rest.split(" (").next().unwrap_or(rest));
    Some(short.unwrap_or(&name).to_owned())
}

/// Waveform Sample Interpretation (5400,1006). Companded sound is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    bytes: usize,
    signed: bool,
}

impl Format {
    fn of(name: &str) -> Option<Self> {
        let (bytes, signed) = match name {
            "SB" => (1, true),
            "UB" => (1, false),
            "SS" => (2, true),
            "US" => (2, false),
            "SL" => (4, true),
            "UL" => (4, false),
            _ => return None,
        };
        Some(Self { bytes, signed })
    }

    fn read(self, data: &[u8], at: usize) -> Option<i64> {
        let start = at.checked_mul(self.bytes)?;
        let raw = data.get(start..start.checked_add(self.bytes)?)?;
        let value = raw.iter().rev().fold(0i64, |sum, byte| sum << 8 | i64::from(*byte));
        let bits = self.bytes * 8;
        Some(if self.signed && value >> (bits - 1) == 1 { value - (1 << bits) } else { value })
    }
}

/// From samples to physical values (PS3.3 section C.10.9.1.4.2, Channel Sensitivity and Channel Sensitivity Units).
#[derive(Debug, Clone, PartialEq)]
struct Scale {
    factor: f64,
    baseline: f64,
    unit: String,
    is_raw: bool,
}

impl Scale {
    fn read(definition: Option<&InMemDicomObject>) -> Self {
        let number = |tag| decimal(definition?, tag);
        let sensitivity = number(tags::CHANNEL_SENSITIVITY).filter(|sensitivity| *sensitivity != 0.0);
        let Some(sensitivity) = sensitivity else {
            return Self { factor: 1.0, baseline: 0.0, unit: String::new(), is_raw: true };
        };
        let item = definition.and_then(|definition| first_item(definition, tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE));
        let own = item.and_then(unit).unwrap_or_default();
        let (millivolts, unit) = match own.as_str() {
            "uV" | "µV" | "microvolt" => (0.001, "mV".to_owned()),
            "V" | "volt" => (1000.0, "mV".to_owned()),
            "mV" | "millivolt" => (1.0, "mV".to_owned()),
            _ => (1.0, own),
        };
        let correction = number(tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR).filter(|factor| *factor != 0.0).unwrap_or(1.0);
        let baseline = number(tags::CHANNEL_BASELINE).unwrap_or(0.0);
        Self { factor: sensitivity * correction * millivolts, baseline: baseline * millivolts, unit, is_raw: false }
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "to be shown")]
    fn apply(&self, sample: i64) -> f32 {
        (sample as f64 * self.factor + self.baseline) as f32
    }
}

/// A binary value as the little endian bytes that it has in a file.
fn bytes(object: &InMemDicomObject, tag: Tag) -> Option<Vec<u8>> {
    let Value::Primitive(value) = object.get(tag)?.value() else { return None };
    Some(match value {
        PrimitiveValue::U8(bytes) => bytes.to_vec(),
        PrimitiveValue::U16(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        PrimitiveValue::I16(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        PrimitiveValue::U32(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        PrimitiveValue::I32(words) => words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use dicom_core::{DataElement, VR};

    use super::*;
    use crate::test_objects::{object, put_items};

    /// Two channels in microvolts, of which the first has a correction factor and a baseline.
    fn group(samples: &[i16], declared: u32) -> InMemDicomObject {
        let units = object(&[(tags::CODE_VALUE, VR::SH, "uV"), (tags::CODING_SCHEME_DESIGNATOR, VR::SH, "UCUM")]);
        let mut first = object(&[
            (tags::CHANNEL_SENSITIVITY, VR::DS, "5"),
            (tags::CHANNEL_SENSITIVITY_CORRECTION_FACTOR, VR::DS, "0.5"),
            (tags::CHANNEL_BASELINE, VR::DS, "1000"),
            (tags::FILTER_LOW_FREQUENCY, VR::DS, "0.05"),
            (tags::NOTCH_FILTER_FREQUENCY, VR::DS, "50"),
            (tags::FILTER_HIGH_FREQUENCY, VR::DS, "0"),
        ]);
        put_items(&mut first, tags::CHANNEL_SENSITIVITY_UNITS_SEQUENCE, vec![units]);
        put_items(
            &mut first,
            tags::CHANNEL_SOURCE_SEQUENCE,
            vec![object(&[(tags::CODE_MEANING, VR::LO, "Lead II (Einthoven)")])],
        );
        let mut group = object(&[(tags::SAMPLING_FREQUENCY, VR::DS, "2"), (tags::WAVEFORM_SAMPLE_INTERPRETATION, VR::CS, "SS")]);
        group.put(DataElement::new(tags::NUMBER_OF_WAVEFORM_CHANNELS, VR::US, PrimitiveValue::from(2u16)));
        group.put(DataElement::new(tags::NUMBER_OF_WAVEFORM_SAMPLES, VR::UL, PrimitiveValue::from(declared)));
        put_items(&mut group, tags::CHANNEL_DEFINITION_SEQUENCE, vec![first]);
        let words = samples.iter().map(|sample| sample.cast_unsigned()).collect();
        group.put(DataElement::new(tags::WAVEFORM_DATA, VR::OW, PrimitiveValue::U16(words)));
        group.put(DataElement::new(tags::WAVEFORM_PADDING_VALUE, VR::OW, PrimitiveValue::U16([0x8000].into_iter().collect())));
        group
    }

    fn read(groups: Vec<InMemDicomObject>) -> Waveform {
        let mut header = InMemDicomObject::new_empty();
        put_items(&mut header, tags::WAVEFORM_SEQUENCE, groups);
        Waveform::read(&header)
    }

    #[test]
    fn samples_become_millivolts_by_sensitivity_correction_and_baseline() {
        let waveform = read(vec![group(&[400, 7, -400, -8, i16::MIN, 9], 3)]);
        let [group] = waveform.groups.as_slice() else { panic!("{waveform:?}") };
        assert!((group.seconds - 1.5).abs() < 1e-9);
        let [lead, raw] = group.channels.as_slice() else { panic!("{group:?}") };
        assert_eq!((lead.name.as_str(), lead.unit.as_str(), raw.name.as_str(), raw.unit.as_str()), ("II", "mV", "2", ""));
        assert_eq!(lead.values[..2], [2.0, 0.0]);
        assert!(lead.values[2].is_nan(), "padding is no signal");
        assert_eq!(raw.values, [7.0, -8.0, 9.0]);
        assert_eq!((lead.is_raw, raw.is_raw), (false, true));
        assert_eq!(lead.filter, Filter { low: Some(0.05), high: None, notch: Some(50.0) });
        assert_eq!(raw.filter, Filter::default());
    }

    #[test]
    fn what_is_there_counts_and_not_what_is_declared() {
        let waveform = read(vec![group(&[1, 2, 3, 4, 5], u32::MAX)]);
        assert_eq!(waveform.groups[0].channels[0].values.len(), 2);
        assert_eq!(read(vec![group(&[], 5)]).groups, []);
        for (frequency, groups) in [("0.001", 1), ("1e-300", 0), ("0", 0), ("-5", 0), ("1e300", 0), ("inf", 0)] {
            let mut odd = group(&[1, 2], 1);
            odd.put(DataElement::new(tags::SAMPLING_FREQUENCY, VR::DS, PrimitiveValue::from(frequency)));
            assert_eq!(read(vec![odd]).groups.len(), groups, "{frequency}");
        }
        let mut sound = group(&[1, 2], 1);
        sound.put(DataElement::new(tags::WAVEFORM_SAMPLE_INTERPRETATION, VR::CS, PrimitiveValue::from("MB")));
        assert_eq!(read(vec![sound]).groups, []);
        let long = read(vec![group(&vec![0; 100_000], 50_000)]);
        assert_eq!(long.groups[0].channels[0].values.len(), 120, "a minute of two samples a second");
        assert!((long.groups[0].seconds - 25_000.0).abs() < 1e-9);
    }

    #[test]
    fn samples_of_all_widths_are_read() {
        for (name, data, expected) in [
            ("SB", &[0xff, 1][..], [-1, 1]),
            ("UB", &[0xff, 1], [255, 1]),
            ("SS", &[0xfe, 0xff, 1, 0], [-2, 1]),
            ("US", &[0xfe, 0xff, 1, 0], [65_534, 1]),
            ("SL", &[0xfe, 0xff, 0xff, 0xff, 0, 0, 1, 0], [-2, 65_536]),
            ("UL", &[0xfe, 0xff, 0xff, 0xff, 0, 0, 1, 0], [0xffff_fffe, 65_536]),
        ] {
            let format = Format::of(name).expect("known");
            assert_eq!([0, 1].map(|at| format.read(data, at)), expected.map(Some), "{name}");
            assert_eq!(format.read(data, 2), None);
        }
        assert_eq!(Format::of("AB"), None);
    }
}
