//! Makes the record of an instance: the indexed attributes, typed and cleaned.
//!
//! Strict, for what is here is compared and sorted: a value that is not what its attribute asks for is left out with
//! a warning. What the device sent stays in the blob and in the DICOM JSON.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use filmless_model::address::InstanceAddress;
use filmless_model::attribute::{Attribute, Origin, REQUEST_ATTRIBUTES_SEQUENCE, Tag, Value, Vr};
use filmless_model::record::{InstanceRecord, PatientKey, RequestAttributes};
use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid, UidError};
use unicode_normalization::UnicodeNormalization;

use super::{HeaderError, Identity, Warnings};
use crate::text::fold;

/// Longer texts are cut. PS3.5 table 6.2-1 allows 64 characters, and 64 to each group of a name; SQL indexes refuse
/// keys of some kilobytes.
const MAX_TEXT_CHARACTERS: usize = 256;

/// So many items of the Request Attributes Sequence are indexed: a series is made for a few requests.
const MAX_REQUESTS: usize = 256;

static STORED: LazyLock<Vec<(Tag, Attribute)>> = LazyLock::new(|| {
    let stored = Attribute::ALL.iter().filter(|attribute| attribute.origin() == Origin::Stored);
    let mut stored: Vec<_> = stored.map(|attribute| (attribute.tag(), *attribute)).collect();
    stored.sort_unstable_by_key(|(tag, _)| *tag);
    stored
});

fn stored(tag: Tag) -> Option<Attribute> {
    let place = STORED.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
    STORED.get(place).map(|(_, attribute)| *attribute)
}

/// Gathers values as they pass.
#[derive(Debug, Default)]
pub(crate) struct RecordBuilder {
    values: BTreeMap<Attribute, Value>,
    request_attributes: Vec<RequestAttributes>,
    past_group_8: bool,
}

impl RecordBuilder {
    /// Notes which element of the top level passes.
    pub(crate) fn pass(&mut self, tag: Tag) {
        self.past_group_8 |= tag.0 > 0x0008;
    }

    /// See [`super::HeaderReader::identity`].
    pub(crate) fn identity(&self) -> Option<Identity> {
        let text = |attribute| match self.values.get(&attribute) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let (sop_class, sop_instance) = (text(Attribute::SopClassUid), text(Attribute::SopInstanceUid));
        if !self.past_group_8 && (sop_class.is_none() || sop_instance.is_none()) {
            return None;
        }
        Some(Identity {
            sop_class: sop_class.and_then(|uid| SopClassUid::parse(uid).ok()),
            sop_instance: sop_instance.and_then(|uid| SopInstanceUid::parse(uid).ok()),
        })
    }

    /// A text of the top level.
    pub(crate) fn text(&mut self, tag: Tag, text: &str, warnings: &mut Warnings) {
        if let Some(attribute) = stored(tag)
            && !attribute.is_request_attribute()
        {
            self.put_text(attribute, text, warnings);
        }
    }

    /// An item of the Request Attributes Sequence begins.
    pub(crate) fn begin_request(&mut self, warnings: &mut Warnings) {
        if self.request_attributes.len() > MAX_REQUESTS {
            warnings.add_at("items that are too many for the index", REQUEST_ATTRIBUTES_SEQUENCE);
            self.request_attributes.truncate(MAX_REQUESTS);
        }
        self.request_attributes.push(RequestAttributes::new());
    }

    /// A text of the item that has begun.
    pub(crate) fn request_text(&mut self, tag: Tag, text: &str, warnings: &mut Warnings) {
        if let Some(attribute) = stored(tag).filter(|attribute| attribute.is_request_attribute())
            && let Some(Value::Text(text)) = typed(attribute, text, warnings)
            && let Some(item) = self.request_attributes.last_mut().filter(|item| item.iter().all(|(a, _)| *a != attribute))
        {
            item.push((attribute, text));
        }
    }

    /// A number of the top level.
    pub(crate) fn number(&mut self, tag: Tag, number: i64) {
        if let Some(attribute) = stored(tag)
            && matches!(attribute.vr(), Vr::IS | Vr::US)
        {
            self.values.insert(attribute, Value::Number(number));
        }
    }

    fn put_text(&mut self, attribute: Attribute, text: &str, warnings: &mut Warnings) {
        if let Some(value) = typed(attribute, text, warnings) {
            self.values.insert(attribute, value);
        }
    }

    pub(crate) fn finish(mut self, warnings: &mut Warnings) -> Result<InstanceRecord, HeaderError> {
        let address = InstanceAddress {
            study: self.uid(Attribute::StudyInstanceUid, StudyInstanceUid::parse)?,
            series: self.uid(Attribute::SeriesInstanceUid, SeriesInstanceUid::parse)?,
            instance: self.uid(Attribute::SopInstanceUid, SopInstanceUid::parse)?,
        };
        let sop_class = self.uid(Attribute::SopClassUid, SopClassUid::parse)?;
        let patient = patient_of(&self.values);
        if patient.patient_id.is_empty() {
            warnings.add("Patient ID (0010,0020) is empty");
        }
        let folded = folded(&self.values);
        self.request_attributes.truncate(MAX_REQUESTS);
        self.request_attributes.retain(|item| !item.is_empty());
        Ok(InstanceRecord {
            patient,
            address,
            sop_class,
            values: self.values,
            request_attributes: self.request_attributes,
            folded,
        })
    }

    /// One of the four UIDs; its text in the values becomes the UID's own.
    fn uid<U: AsRef<str>>(
        &mut self,
        attribute: Attribute,
        parse: impl Fn(&str) -> Result<U, UidError>,
    ) -> Result<U, HeaderError> {
        match self.values.get_mut(&attribute) {
            Some(Value::Text(text)) => {
                let uid = parse(text).map_err(|_| HeaderError::InvalidUid(attribute.keyword()))?;
                uid.as_ref().clone_into(text);
                Ok(uid)
            }
            _ => Err(HeaderError::MissingUid(attribute.keyword())),
        }
    }
}

/// Has a record show other texts than the bytes say; `None` for a text that is not there any more.
pub(crate) fn coerce(record: &mut InstanceRecord, changed: &BTreeMap<Tag, Option<String>>) {
    // What is wrong with a text was found when its rule was made.
    let mut warnings = Warnings::default();
    for (tag, text) in changed {
        let Some(attribute) = stored(*tag).filter(|attribute| !attribute.is_request_attribute()) else { continue };
        match text.as_deref().and_then(|text| typed(attribute, text, &mut warnings)) {
            Some(value) => record.values.insert(attribute, value),
            None => record.values.remove(&attribute),
        };
    }
    record.patient = patient_of(&record.values);
    record.folded = folded(&record.values);
}

fn patient_of(values: &BTreeMap<Attribute, Value>) -> PatientKey {
    let key = |attribute| match values.get(&attribute) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    PatientKey { issuer: key(Attribute::IssuerOfPatientId), patient_id: key(Attribute::PatientId) }
}

fn folded(values: &BTreeMap<Attribute, Value>) -> BTreeMap<Attribute, String> {
    let searched = values.iter().filter(|(attribute, _)| is_folded(**attribute));
    searched
        .filter_map(|(attribute, value)| match value {
            Value::Text(text) => Some((*attribute, fold(text))),
            _ => None,
        })
        .collect()
}

/// The value that a text is; `None` if it is empty, or not one of its attribute's kind.
fn typed(attribute: Attribute, text: &str, warnings: &mut Warnings) -> Option<Value> {
    // The attributes of the record have one value; where a device sent several, the first with content counts.
    // A UID is taken whole: of several, none is the instance's.
    let is_uid = attribute.vr() == Vr::UI;
    let first = text.split('\\').map(|value| value.trim_matches(['\0', ' '])).find(|value| !value.is_empty());
    let first = if is_uid { Some(text.trim_matches(['\0', ' '])) } else { first }.filter(|value| !value.is_empty())?;
    let value = match attribute.vr() {
        Vr::DA => date(first).map(Value::Text),
        Vr::TM => time(first).map(Value::Text),
        Vr::IS | Vr::US => {
            whole_number(first).filter(|number| *number > 0 || attribute != Attribute::NumberOfFrames).map(Value::Number)
        }
        Vr::UI => Some(Value::Text(first.to_owned())),
        _ => clean(first, attribute, warnings).map(Value::Text),
    };
    if value.is_none() {
        warnings.add_at("a value that is not indexed, for it is not one of its kind", attribute.tag());
    }
    value
}

/// Names, and the descriptions that people search for in words.
fn is_folded(attribute: Attribute) -> bool {
    attribute.vr() == Vr::PN || matches!(attribute, Attribute::StudyDescription | Attribute::SeriesDescription)
}

/// Text in composed form (vietnam.md I13: one way to write a name), without control characters, of bounded length.
fn clean(text: &str, attribute: Attribute, warnings: &mut Warnings) -> Option<String> {
    let mut cleaned: String = text.nfc().filter(|character| !character.is_control()).collect();
    if let Some((end, _)) = cleaned.char_indices().nth(MAX_TEXT_CHARACTERS) {
        warnings.add_at("a text that is too long for the index and cut", attribute.tag());
        cleaned.truncate(end);
    }
    let trimmed = cleaned.trim();
    match trimmed.len() {
        0 => None,
        length if length == cleaned.len() => Some(cleaned),
        _ => Some(trimmed.to_owned()),
    }
}

/// `YYYYMMDD` of a DA (PS3.5 section 6.2), of the ACR-NEMA form with full stops and of ISO 8601's with hyphens.
pub(crate) fn date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digits: String = match (bytes.len(), bytes.get(4), bytes.get(7)) {
        (8, ..) => text.to_owned(),
        (10, Some(b'.'), Some(b'.')) | (10, Some(b'-'), Some(b'-')) => [text.get(..4)?, text.get(5..7)?, text.get(8..)?].concat(),
        _ => return None,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(digits)
}

/// `HHMMSS[.FFFFFF]` of a TM (PS3.5 section 6.2) with or without colons; absent minutes and seconds are 0.
pub(crate) fn time(text: &str) -> Option<String> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let clock: String = match clock.as_bytes() {
        [_, _, b':', _, _, b':', _, _] | [_, _, b':', _, _] => clock.split(':').collect(),
        _ => clock.to_owned(),
    };
    if !matches!(clock.len(), 2 | 4 | 6) || !clock.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut time = format!("{clock:0<6}");
    // 60 is a leap second (PS3.5 section 6.2, TM).
    for (range, largest) in [(0..2, 23), (2..4, 59), (4..6, 60)] {
        if time.get(range)?.parse::<u32>().ok()? > largest {
            return None;
        }
    }
    if let Some(fraction) = fraction {
        if clock.len() != 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let fraction = fraction.get(..6).unwrap_or(fraction);
        if !fraction.is_empty() {
            time.push('.');
            time.push_str(fraction);
        }
    }
    Some(time)
}

/// The number of an IS, also of those that devices write with a fraction of zeros.
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_indexed_in_one_form_or_not_at_all() {
        for (text, expected) in [
            ("20261121", Some("20261121")),
            ("2026.11.21", Some("20261121")),
            ("2026-11-21", Some("20261121")),
            ("20240229", Some("20240229")),
            ("20230229", None),
            ("19000229", None),
            ("19800000", None),
            ("20261301", None),
            ("2026112", None),
            ("20261121120000", None),
            ("2026.11-21", None),
            ("２０２６", None),
            ("năm nay", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn times_are_indexed_in_one_form_or_not_at_all() {
        for (text, expected) in [
            ("101530", Some("101530")),
            ("101530.5", Some("101530.5")),
            ("101530.123456", Some("101530.123456")),
            ("101530.1234567", Some("101530.123456")),
            ("101530.", Some("101530")),
            ("10:15:30", Some("101530")),
            ("10:15:30.25", Some("101530.25")),
            ("1015", Some("101500")),
            ("10", Some("100000")),
            ("235960", Some("235960")),
            ("240000", None),
            ("106000", None),
            ("1", None),
            ("10.5", None),
            ("101530.5x", None),
            ("101530-1", None),
            ("é0", None),
        ] {
            assert_eq!(time(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_read_as_devices_write_them() {
        for (text, expected) in [
            ("7", Some(7)),
            ("+7", Some(7)),
            ("-007", Some(-7)),
            ("7.00", Some(7)),
            ("7.5", None),
            ("1A", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
