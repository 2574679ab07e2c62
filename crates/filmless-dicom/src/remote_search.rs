//! Searches at other nodes (PS3.4 section C.4.1, C-FIND Operation): keys as people write them, and answers in the DICOM JSON Model.

use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_object::StandardDataDictionary;
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;
use serde_json::{Map, Value, json};

use crate::header::HeaderError;
use crate::identifier::{self, Answer, AnswerValue, Key, KeyValue};

/// Specific Character Set.
const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// Query/Retrieve Level.
const LEVEL: Tag = Tag(0x0008, 0x0052);
/// Text with values is not longer.
const MAX_VALUE_CHARS: usize = 1024;

/// What is searched (PS3.4 section C.3, Query/Retrieve Information Models).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Patients, which only the Patient Root model has.
    Patient,
    /// Studies.
    Study,
    /// Series.
    Series,
    /// Instances; IMAGE in DIMSE.
    Instance,
}

/// What is asked for beside the keys.
const PATIENT: &[&str] =
    &["PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "NumberOfPatientRelatedStudies"];
const STUDY: &[&str] = &[
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ModalitiesInStudy",
    "ReferringPhysicianName",
    "StudyDescription",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyID",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
];
const SERIES: &[&str] = &[
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "Modality",
    "SeriesDate",
    "SeriesTime",
    "SeriesDescription",
    "BodyPartExamined",
    "NumberOfSeriesRelatedInstances",
];
const INSTANCE: &[&str] =
    &["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "InstanceNumber", "NumberOfFrames"];

/// Why a key cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The dictionary does not have it, or it is a sequence.
    #[error("{0} is no attribute that can be searched by")]
    Unknown(String),
    /// Its value is too long, or has characters that no value has.
    #[error("the value of {0} is none")]
    Value(String),
}

/// The identifier of a search: its level, keys by keyword or tag, and what is returned as a rule.
pub fn identifier<'k>(level: Level, keys: impl IntoIterator<Item = (&'k str, &'k str)>) -> Result<Vec<Answer>, KeyError> {
    let (word, returned) = match level {
        Level::Patient => ("PATIENT", PATIENT),
        Level::Study => ("STUDY", STUDY),
        Level::Series => ("SERIES", SERIES),
        Level::Instance => ("IMAGE", INSTANCE),
    };
    let mut attributes = vec![Answer { tag: LEVEL, vr: VR::CS, value: AnswerValue::Text(word.to_owned()) }];
    for (name, value) in keys.into_iter().chain(returned.iter().map(|name| (*name, ""))) {
        let attribute = attribute(name, value)?;
        if attributes.iter().all(|known| known.tag != attribute.tag) {
            attributes.push(attribute);
        }
    }
    attributes.sort_by_key(|attribute| attribute.tag);
    Ok(attributes)
}

fn attribute(name: &str, value: &str) -> Result<Answer, KeyError> {
    let entry = StandardDataDictionary.by_expr(name).filter(|entry| entry.tag().group() > 0x0007);
    let entry = entry.ok_or_else(|| KeyError::Unknown(name.to_owned()))?;
    let (tag, vr) = (entry.tag(), entry.vr().relaxed());
    if vr == VR::SQ {
        return Err(KeyError::Unknown(name.to_owned()));
    }
    if value.chars().count() > MAX_VALUE_CHARS || value.chars().any(char::is_control) {
        return Err(KeyError::Value(name.to_owned()));
    }
    let value = if value.is_empty() { AnswerValue::Empty } else { AnswerValue::Text(value.to_owned()) };
    Ok(Answer { tag: Tag(tag.group(), tag.element()), vr, value })
}

/// An answer in DICOM JSON (PS3.18 annex F).
pub fn json(bytes: &[u8], transfer_syntax: &TransferSyntaxUid) -> Result<Value, HeaderError> {
    Ok(object(&identifier::read(bytes, transfer_syntax)?))
}

fn object(keys: &[Key]) -> Value {
    // The text is in UTF-8 now, whatever it was in.
    let keys = keys.iter().filter(|key| key.tag != CHARACTER_SET);
    let members = keys.map(|key| (format!("{:04X}{:04X}", key.tag.0, key.tag.1), member(key)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn member(key: &Key) -> Value {
    let mut member = json!({ "vr": key.vr.to_string() });
    let values: Vec<_> = match &key.value {
        KeyValue::Items(items) => items.iter().map(|item| object(item)).collect(),
        KeyValue::Text(text) if text.trim().is_empty() => Vec::new(),
        KeyValue::Text(text) if matches!(key.vr, VR::ST | VR::LT | VR::UT | VR::UR) => vec![trimmed(text).into()],
        KeyValue::Text(text) => text.split('\\').map(|text| value(key.vr, trimmed(text))).collect(),
    };
    if !values.is_empty() {
        member["Value"] = values.into();
    }
    member
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\0'])
}

fn value(vr: VR, text: &str) -> Value {
    let number = || text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from));
    match vr {
        _ if text.is_empty() => Value::Null,
        VR::PN => {
            let groups = ["Alphabetic", "Ideographic", "Phonetic"].into_iter().zip(text.split('='));
            let groups = groups.filter(|(_, group)| !group.is_empty());
            Value::Object(groups.map(|(name, group)| (name.to_owned(), group.into())).collect())
        }
        // What is no number, though it should be one, is shown as it came.
        VR::IS | VR::DS | VR::US | VR::SS | VR::UL | VR::SL | VR::FL | VR::FD | VR::UV | VR::SV => {
            number().unwrap_or_else(|_| text.into())
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explicit() -> TransferSyntaxUid {
        TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID")
    }

    #[test]
    fn keys_are_named_by_keyword_or_tag_and_the_usual_attributes_are_asked_for() {
        let keys = [("PatientID", "BN1"), ("0008,0020", "2026*"), ("00080060", "CT")];
        let written = identifier(Level::Study, keys).expect("keys");
        let bytes = identifier::write(&written, &explicit()).expect("written");
        let read = identifier::read(&bytes, &explicit()).expect("read");
        let text = |group, element| match read.iter().find(|key| key.tag == Tag(group, element)).map(|key| &key.value) {
            Some(KeyValue::Text(text)) => Some(text.trim_end().to_owned()),
            _ => None,
        };
        for (tag, expected) in [
            ((0x0008, 0x0020), Some("2026*")),
            ((0x0008, 0x0052), Some("STUDY")),
            ((0x0008, 0x0060), Some("CT")),
            ((0x0010, 0x0010), Some("")),
            ((0x0010, 0x0020), Some("BN1")),
            ((0x0020, 0x000D), Some("")),
            ((0x0020, 0x000E), None),
        ] {
            assert_eq!(text(tag.0, tag.1).as_deref(), expected, "{tag:04X?}");
        }
        for wrong in [("PatientIdentity", "1"), ("ReferencedStudySequence", ""), ("00020010", "1"), ("PatientID", "a\nb")] {
            assert!(identifier(Level::Series, [wrong]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn answers_become_dicom_json_in_utf_8() {
        // TCVN-free Latin-1: "Müller^Jörg" with ISO_IR 100.
        let mut bytes = b"\x08\0\x05\0CS\x0a\0ISO_IR 100".to_vec();
        bytes.extend(b"\x08\0\x61\0CS\x06\0CT\\MR ");
        bytes.extend(b"\x10\0\x10\0PN\x0c\0M\xfcller^J\xf6rg ");
        bytes.extend(b"\x20\0\x0d\0UI\x06\x001.2.3\0");
        bytes.extend(b"\x20\0\x06\x12IS\x02\x0012");
        bytes.extend(b"\x28\0\x10\0US\x02\0\0\x02");
        let expected = json!({
            "00080061": {"vr": "CS", "Value": ["CT", "MR"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Jörg"}]},
            "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
            "00201206": {"vr": "IS", "Value": [12]},
            "00280010": {"vr": "US", "Value": [512]},
        });
        assert_eq!(json(&bytes, &explicit()), Ok(expected));
        assert!(json(b"\x08\0\x05\0CS\x0a\0ISO", &explicit()).is_err());
    }
}
