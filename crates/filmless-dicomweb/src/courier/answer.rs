//! What a service says of each instance that it was sent (PS3.18 annex I, Store Instances Response Module).

use std::collections::HashMap;

use filmless_archive::forwarding::errand::Outcome;
use serde_json::Value;

const REFERENCED_SOP_SEQUENCE: &str = "00081199";
const FAILED_SOP_SEQUENCE: &str = "00081198";
const REFERENCED_SOP_INSTANCE_UID: &str = "00081155";
const WARNING_REASON: &str = "00081196";
const FAILURE_REASON: &str = "00081197";

/// The answer, by SOP Instance UID.
#[derive(Debug, Default)]
pub(super) struct Answer(HashMap<String, Outcome>);

impl Answer {
    /// Reads DICOM JSON. What is not such an answer says nothing of any instance.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
        // Some put the data set into a list.
        let data_set = json.as_array().and_then(|list| list.first()).unwrap_or(&json);
        let items = |sequence: &str| data_set[sequence]["Value"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut outcomes = HashMap::new();
        for item in items(REFERENCED_SOP_SEQUENCE) {
            let warning = number(item, WARNING_REASON).map(|reason| format!("warning {reason:04X}"));
            outcomes.extend(uid(item).map(|uid| (uid, Outcome::Sent(warning))));
        }
        for item in items(FAILED_SOP_SEQUENCE) {
            outcomes.extend(uid(item).map(|uid| (uid, failure(number(item, FAILURE_REASON)))));
        }
        Self(outcomes)
    }

    /// What became of an instance. What is not named was not stored, as far as anybody knows.
    pub(super) fn outcome(&self, instance: &str) -> Outcome {
        self.0.get(instance).cloned().unwrap_or_else(|| Outcome::NotNow("the answer does not name the instance".to_owned()))
    }
}

/// What a failure reason means (PS3.18 table I.2-2, Store Instances Response Failure Reason Values).
fn failure(reason: Option<u64>) -> Outcome {
    let Some(reason) = reason else { return Outcome::NotNow("failed without a reason".to_owned()) };
    let words = format!("failure {reason:04X}");
    match reason {
        // Out of resources, processing failure, not authorised, transaction already in progress.
        0xA700..=0xA7FF | 0x0110 | 0x0124 | 0x0131 => Outcome::NotNow(words),
        _ => Outcome::Never(words),
    }
}

fn uid(item: &Value) -> Option<String> {
    item[REFERENCED_SOP_INSTANCE_UID]["Value"][0].as_str().map(str::to_owned)
}

fn number(item: &Value, tag: &str) -> Option<u64> {
    let value = &item[tag]["Value"][0];
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instance_is_stored_failed_or_not_named() {
        let item = |uid: &str, reason: &str| format!(r#"{{"00081155":{{"vr":"UI","Value":["{uid}"]}}{reason}}}"#);
        let reason = |tag: &str, code: u16| format!(r#","{tag}":{{"vr":"US","Value":[{code}]}}"#);
        let stored = [item("1.1", ""), item("1.2", &reason("00081196", 0xB000))].join(",");
        let failed =
            [item("1.3", &reason("00081197", 0xA700)), item("1.4", &reason("00081197", 0xC000)), item("1.5", "")].join(",");
        let json = format!(r#"{{"00081199":{{"vr":"SQ","Value":[{stored}]}},"00081198":{{"vr":"SQ","Value":[{failed}]}}}}"#);
        for json in [json.clone(), format!("[{json}]")] {
            let answer = Answer::read(json.as_bytes());
            assert_eq!(answer.outcome("1.1"), Outcome::Sent(None));
            assert_eq!(answer.outcome("1.2"), Outcome::Sent(Some("warning B000".to_owned())));
            assert_eq!(answer.outcome("1.3"), Outcome::NotNow("failure A700".to_owned()));
            assert_eq!(answer.outcome("1.4"), Outcome::Never("failure C000".to_owned()));
            assert_eq!(answer.outcome("1.5"), Outcome::NotNow("failed without a reason".to_owned()));
            assert!(matches!(answer.outcome("1.6"), Outcome::NotNow(_)));
        }
        assert!(matches!(Answer::read(b"<html>").outcome("1.1"), Outcome::NotNow(_)));
    }
}
