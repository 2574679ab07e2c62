//! Conditions on headers: what an attribute must say for an instance to be meant.

use filmless_model::attribute::Tag;
use filmless_model::forwarding::Condition;
use serde_json::Value;

use crate::dictionary;
use crate::json_attributes::attributes;
use crate::text::fold;
use crate::wild_card::is_like;

/// The most steps of a path through sequences.
const MAX_PATH: usize = 8;
/// The most values of one attribute that are looked at.
const MAX_VALUES: usize = 4096;

/// A condition whose attribute was looked up, and whose values are ready to be compared.
#[derive(Debug, Clone)]
pub struct HeaderCondition {
    path: Vec<Tag>,
    patterns: Vec<String>,
    not: bool,
}

impl HeaderCondition {
    /// Looks its attribute up. The error says what is wrong.
    pub fn of(condition: &Condition) -> Result<Self, String> {
        let attribute = condition.attribute.trim();
        let step = |word: &str| Tag::parse(word).or_else(|| dictionary::tag(word));
        let path = attribute.split('.').map(step).collect::<Option<Vec<_>>>();
        let path = path.ok_or_else(|| format!("{attribute:?} is no keyword and no tag of the standard"))?;
        if path.len() > MAX_PATH {
            return Err(format!("{attribute:?} has more than {MAX_PATH} steps"));
        }
        let (_, sequences) = path.split_last().ok_or("a condition names an attribute")?;
        if sequences.iter().any(|tag| dictionary::vr(*tag).is_some_and(|vr| vr != "SQ")) {
            return Err(format!("{attribute:?} does not go through sequences"));
        }
        let patterns = condition.values.iter().map(|value| fold(value)).collect();
        Ok(Self { path, patterns, not: condition.not })
    }

    /// Whether the DICOM JSON of a header fits.
    pub fn fits(&self, json: &[u8]) -> bool {
        let Some((first, rest)) = self.path.split_first() else { return false };
        let mut values = Vec::new();
        if let Some(found) = attributes(json).find(|attribute| attribute.tag == *first)
            && let Ok(element) = serde_json::from_slice(found.value())
        {
            gather(&element, rest, &mut values);
        }
        let is_meant = |value: &String| self.patterns.iter().any(|pattern| is_like(value, pattern));
        let fits = if self.patterns.is_empty() { values.is_empty() } else { values.iter().any(is_meant) };
        fits != self.not
    }
}

/// The values at the end of a path, folded; what is empty is none.
fn gather(element: &Value, rest: &[Tag], values: &mut Vec<String>) {
    for value in element["Value"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if values.len() == MAX_VALUES {
            return;
        }
        match rest.split_first() {
            Some((next, rest)) => {
                if let Some(element) = value.get(next.to_hex()) {
                    gather(element, rest, values);
                }
            }
            None => values.extend(text(value).map(|text| fold(&text)).filter(|text| !text.is_empty())),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // A name: its component groups (PS3.18 section F.2.2).
        Value::Object(groups) => {
            let groups = ["Alphabetic", "Ideographic", "Phonetic"].map(|group| groups.get(group)?.as_str());
            Some(groups.into_iter().flatten().collect::<Vec<_>>().join("="))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = br#"{"00080060":{"vr":"CS","Value":["CT"]},"00081030":{"vr":"LO","Value":["Ng\u1ef1c th\u01b0\u1eddng quy"]},"00081032":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["A1"]}},{"00080100":{"vr":"SH","Value":["B2"]}}]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Nguy\u1ec5n^An"}]},"00180015":{"vr":"CS"},"00200013":{"vr":"IS","Value":[7]}}"#;

    fn fits(attribute: &str, values: &[&str]) -> bool {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let condition = Condition { attribute: attribute.to_owned(), values, not: false };
        let fits = HeaderCondition::of(&condition).expect("a condition").fits(HEADER);
        let otherwise = HeaderCondition::of(&Condition { not: true, ..condition }).expect("a condition").fits(HEADER);
        assert_ne!(fits, otherwise);
        fits
    }

    #[test]
    fn an_attribute_must_be_like_one_of_the_values() {
        for (attribute, values, expected) in [
            ("Modality", &["MR", "CT"][..], true),
            ("Modality", &["MR"], false),
            ("00080060", &["c?"], true),
            ("StudyDescription", &["nguc*"], true),
            ("StudyDescription", &["*QUY"], true),
            ("StudyDescription", &["thường"], false),
            ("StudyDescription", &["*thường*"], true),
            ("PatientName", &["nguyen an"], true),
            ("ProcedureCodeSequence.CodeValue", &["b2"], true),
            ("ProcedureCodeSequence.CodeValue", &["c3"], false),
            ("InstanceNumber", &["7"], true),
            ("BodyPartExamined", &[], true),
            ("BodyPartExamined", &["*"], false),
            ("StationName", &[], true),
            ("Modality", &[], false),
        ] {
            assert_eq!(fits(attribute, values), expected, "{attribute} {values:?}");
        }
    }

    #[test]
    fn what_is_no_attribute_is_refused_in_words() {
        for attribute in ["", "Nonsense", "Modality.CodeValue", "0008", &["00081032"; 9].join(".")] {
            let condition = Condition { attribute: attribute.to_owned(), values: Vec::new(), not: false };
            assert!(HeaderCondition::of(&condition).is_err(), "{attribute}");
        }
    }
}
