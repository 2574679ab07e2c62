//! Reading of the DICOM JSON Model (PS3.18 Annex F), as far as the page needs it. What is odd is absent.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// One attribute.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Element {
    #[serde(rename = "Value", default)]
    pub(super) values: Vec<Value>,
}

impl Element {
    /// The first value as text, if it is not empty.
    pub(super) fn text(&self) -> Option<String> {
        let text = match self.values.first()? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The values that are numbers, be they written as text (PS3.18 F.2.3).
    pub(super) fn numbers(&self) -> Vec<f64> {
        let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        self.values.iter().filter_map(number).filter(|number| number.is_finite()).collect()
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.numbers().first().copied()
    }
}

/// Attributes by tag: eight upper-case hexadecimal digits.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct DataSet(HashMap<String, Element>);

impl DataSet {
    pub(super) fn text(&self, tag: &str) -> Option<String> {
        self.0.get(tag)?.text()
    }

    pub(super) fn number(&self, tag: &str) -> Option<f64> {
        self.0.get(tag)?.number()
    }

    /// A person name for reading: carets are spaces, and a second form stands in brackets (PS3.5 section 6.2.1, Person Name).
    pub(super) fn person_name(&self, tag: &str) -> Option<String> {
        let groups = self.0.get(tag)?.values.first()?.as_object()?;
        let readable = |group| {
            let words = groups.get(group)?.as_str()?.replace('^', " ");
            let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
            (!name.is_empty()).then_some(name)
        };
        let mut names = ["Alphabetic", "Ideographic", "Phonetic"].into_iter().filter_map(readable);
        let first = names.next()?;
        Some(match names.next().filter(|second| *second != first) {
            Some(second) => format!("{first} ({second})"),
            None => first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_attributes_are_absent() {
        let text = r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"NGUYEN^VAN  A^","Ideographic":"阮"}]},
            "00100020":{"vr":"LO","Value":[null]},"00100040":{"vr":"CS"},"00200011":{"vr":"IS","Value":["7"]},
            "00201209":{"vr":"IS","Value":[3]},"00080060":{"vr":"CS","Value":[" "]}}"#;
        let data_set: DataSet = serde_json::from_str(text).expect("DICOM JSON");
        assert_eq!(data_set.person_name("00100010").as_deref(), Some("NGUYEN VAN A (阮)"));
        assert_eq!((data_set.text("00100020"), data_set.text("00100040"), data_set.text("00080060")), (None, None, None));
        assert_eq!((data_set.number("00200011"), data_set.number("00201209")), (Some(7.0), Some(3.0)));
        assert_eq!(data_set.person_name("00100020"), None);
    }
}
