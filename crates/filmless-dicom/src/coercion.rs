//! Coercion of attributes (PS3.4 section B.4.1.3): the rules of a peer, what they make of an instance (`effects`), what the
//! archive then shows of it (`shown`), and the copy that leaves (`copy`).
//!
//! Rules are about texts of the data set itself. What names an instance or describes its pixels they cannot touch.

mod copy;
mod effects;
mod shown;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::coercion::{CharacterSetRepair, WrittenCondition, WrittenRule};
use serde::{Deserialize, Serialize};

use crate::dictionary;
use crate::header::dictionary_vr;
use crate::text::is_text;
pub use copy::{CopiedHead, Provenance, copied_head};
pub use effects::{Effect, coercion_after, coercion_of, effects};
pub use shown::show;

/// The most rules of one list.
pub const MAX_RULES: usize = 100;
const MAX_CONDITIONS: usize = 16;
const MAX_MAPPED: usize = 1000;
const MAX_TEXT_CHARACTERS: usize = 1024;

/// What is done with the instances of a peer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerCoercion {
    /// How texts are read that do not say how they are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub character_set: Option<CharacterSetRepair>,
    /// Each works on what those before it left.
    #[serde(default)]
    pub rules: Vec<CoercionRule>,
}

/// One change, where all conditions hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenRule", into = "WrittenRule")]
pub struct CoercionRule {
    /// For people.
    pub name: Option<String>,
    /// All must hold.
    pub when: Vec<Condition>,
    /// What is changed.
    pub attribute: Tag,
    /// How.
    pub action: Action,
}

/// What must be so of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenCondition", into = "WrittenCondition")]
pub struct Condition {
    /// Which.
    pub attribute: Tag,
    /// What.
    pub test: Test,
}

/// What must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of its values is this.
    Equals(String),
    /// One of its values is like this, with `*` for any characters and `?` for one.
    Matches(String),
    /// It is not there, or empty.
    IsMissing,
}

/// What becomes of an attribute. All but the first two leave a missing one missing, and work on each of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is this.
    Set(String),
    /// It goes.
    Remove,
    /// This stands in front.
    Prefix(String),
    /// This stands behind.
    Suffix(String),
    /// What is like `pattern`, which has one `*` at most, becomes `with`, where `*` stands for the same.
    Replace {
        /// What is replaced.
        pattern: String,
        /// By what.
        with: String,
    },
    /// What stands on the left becomes what stands on the right.
    Map(BTreeMap<String, String>),
    /// In capitals.
    UpperCase,
    /// In small letters.
    LowerCase,
    /// Each word with one capital.
    Capitalise,
    /// Without spaces at its ends, and with single ones within.
    Trim,
}

/// Why rules are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not in the standard.
    #[error("{0:?} is no attribute of the standard")]
    UnknownAttribute(String),
    /// Not a rule's to change.
    #[error("{0} cannot be coerced: it names the instance, describes its pixels, or is no text")]
    NotCoercible(String),
    /// Nothing to compare.
    #[error("{0} is no text that a condition can be about")]
    NotComparable(String),
    /// A word that is not among these.
    #[error("an action is one of set, remove, prefix, suffix, replace, map, uppercase, lowercase, capitalise and trim")]
    UnknownAction,
    /// An action with other members than it has.
    #[error("the action {0} has {1}")]
    Members(&'static str, &'static str),
    /// A condition with more or less than one test.
    #[error("a condition has one of equals, matches and missing (true)")]
    Conditions,
    /// More than one wild card.
    #[error("the pattern and the text of a replacement have one * each at most, and the text none where the pattern has none")]
    WildCards,
    /// A value that the attribute cannot have.
    #[error("{0} cannot have this value: it is too long, or not of its kind")]
    Value(String),
    /// Longer than rules are.
    #[error(
        "rules have at most {MAX_RULES} entries, {MAX_CONDITIONS} conditions each, and texts of {MAX_TEXT_CHARACTERS} characters"
    )]
    TooMany,
}

/// Which of some rules is none, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WrongRule {
    /// Its place and its member that is wrong, as `0.attribute` and `0.when.1`; absent where it is the list.
    pub member: Option<String>,
    /// What is wrong with that.
    pub reason: RuleError,
}

impl PeerCoercion {
    /// Whether nothing is done.
    pub fn is_nothing(&self) -> bool {
        self.character_set.is_none() && self.rules.is_empty()
    }

    /// The attributes that its rules look at, in order.
    pub fn wanted(&self) -> Arc<[Tag]> {
        let of_rule = |rule: &CoercionRule| {
            let looked_at: Vec<_> = rule.when.iter().map(|condition| condition.attribute).collect();
            looked_at.into_iter().chain([rule.attribute])
        };
        self.rules.iter().flat_map(of_rule).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Rules as people wrote them.
    pub fn of_rules(rules: &[WrittenRule]) -> Result<Self, WrongRule> {
        if rules.len() > MAX_RULES {
            return Err(WrongRule { member: None, reason: RuleError::TooMany });
        }
        let read = |(place, rule): (usize, &WrittenRule)| {
            let wrong = |(member, reason)| WrongRule { member: Some(format!("{place}.{member}")), reason };
            read_rule(rule.clone()).map_err(wrong)
        };
        let rules = rules.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { character_set: None, rules })
    }

    /// Reads what [`Self::to_json`] or a person wrote.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let read: Self = serde_json::from_str(json)?;
        if read.rules.len() > MAX_RULES { Err(serde::de::Error::custom(RuleError::TooMany)) } else { Ok(read) }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and lists are JSON")
    }
}

/// Whether rules may change an attribute: a text of the modules of patient, study, series, equipment and acquisition that
/// neither names the instance nor says how its pixels are to be understood.
pub fn is_coercible(tag: Tag) -> bool {
    /// Specific Character Set, Image Type, Patient Position, Patient Orientation.
    const NEVER: [Tag; 4] = [Tag(0x0008, 0x0005), Tag(0x0008, 0x0008), Tag(0x0018, 0x5100), Tag(0x0020, 0x0020)];
    let vr = dictionary_vr(tag);
    matches!(tag.0, 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0032 | 0x0038 | 0x0040)
        && is_text(vr)
        && !matches!(vr, VR::UI | VR::UR | VR::DS)
        && !NEVER.contains(&tag)
}

/// Which attribute a keyword or eight hexadecimal digits name.
fn attribute(name: &str) -> Result<Tag, RuleError> {
    let tag = Tag::parse(name).or_else(|| dictionary::tag(name));
    tag.filter(|tag| dictionary::keyword(*tag).is_some())
        .ok_or_else(|| RuleError::UnknownAttribute(name.chars().take(64).collect()))
}

fn name(tag: Tag) -> String {
    dictionary::keyword(tag).map_or_else(|| tag.to_hex(), str::to_owned)
}

fn check_text(text: &str) -> Result<(), RuleError> {
    if text.chars().count() > MAX_TEXT_CHARACTERS { Err(RuleError::TooMany) } else { Ok(()) }
}

impl TryFrom<WrittenCondition> for Condition {
    type Error = RuleError;

    fn try_from(written: WrittenCondition) -> Result<Self, RuleError> {
        let tag = attribute(&written.attribute)?;
        if !is_text(dictionary_vr(tag)) {
            return Err(RuleError::NotComparable(name(tag)));
        }
        let test = match (written.equals, written.matches, written.missing) {
            (Some(text), None, None) => Test::Equals(text),
            (None, Some(pattern), None) => Test::Matches(pattern),
            (None, None, Some(true)) => Test::IsMissing,
            _ => return Err(RuleError::Conditions),
        };
        if let Test::Equals(text) | Test::Matches(text) = &test {
            check_text(text)?;
        }
        Ok(Self { attribute: tag, test })
    }
}

impl From<Condition> for WrittenCondition {
    fn from(condition: Condition) -> Self {
        let mut written = Self { attribute: name(condition.attribute), ..Self::default() };
        match condition.test {
            Test::Equals(text) => written.equals = Some(text),
            Test::Matches(pattern) => written.matches = Some(pattern),
            Test::IsMissing => written.missing = Some(true),
        }
        written
    }
}

/// The action of a rule, from members that are its own and no others.
fn action(written: WrittenRule) -> Result<Action, RuleError> {
    let members = (written.value, written.pattern, written.with, written.values);
    let value = |word, make: fn(String) -> Action, members| match members {
        (Some(value), None, None, None) => Ok(make(value)),
        _ => Err(RuleError::Members(word, "value, and nothing else")),
    };
    let bare = |word, action, members| match members {
        (None, None, None, None) => Ok(action),
        _ => Err(RuleError::Members(word, "nothing else to it")),
    };
    match written.action.as_str() {
        "set" => value("set", Action::Set, members),
        "prefix" => value("prefix", Action::Prefix, members),
        "suffix" => value("suffix", Action::Suffix, members),
        "remove" => bare("remove", Action::Remove, members),
        "uppercase" => bare("uppercase", Action::UpperCase, members),
        "lowercase" => bare("lowercase", Action::LowerCase, members),
        "capitalise" => bare("capitalise", Action::Capitalise, members),
        "trim" => bare("trim", Action::Trim, members),
        "replace" => match members {
            (None, Some(pattern), Some(with), None) => Ok(Action::Replace { pattern, with }),
            _ => Err(RuleError::Members("replace", "pattern and with, and nothing else")),
        },
        "map" => match members {
            (None, None, None, Some(values)) => Ok(Action::Map(values)),
            _ => Err(RuleError::Members("map", "values, and nothing else")),
        },
        _ => Err(RuleError::UnknownAction),
    }
}

/// A rule, or which of its members is wrong and why.
fn read_rule(mut written: WrittenRule) -> Result<CoercionRule, (Cow<'static, str>, RuleError)> {
    let of = |member: &'static str| move |error| (Cow::Borrowed(member), error);
    let tag = attribute(&written.attribute).map_err(of("attribute"))?;
    if !is_coercible(tag) {
        return Err(of("attribute")(RuleError::NotCoercible(name(tag))));
    }
    let (rule_name, conditions) = (written.name.take(), std::mem::take(&mut written.when));
    if conditions.len() > MAX_CONDITIONS {
        return Err(of("when")(RuleError::TooMany));
    }
    let condition = |(place, written)| Condition::try_from(written).map_err(|error| (format!("when.{place}").into(), error));
    let when = conditions.into_iter().enumerate().map(condition).collect::<Result<_, _>>()?;
    rule_name.as_deref().map_or(Ok(()), check_text).map_err(of("name"))?;
    let action = action(written).map_err(of("action"))?;
    let is_value = |text: &str| effects::is_legal(tag, text).then_some(()).ok_or_else(|| RuleError::Value(name(tag)));
    match &action {
        Action::Set(text) if text.is_empty() => return Err(of("value")(RuleError::Value(name(tag)))),
        Action::Set(text) => is_value(text).map_err(of("value"))?,
        Action::Prefix(text) | Action::Suffix(text) => check_text(text).map_err(of("value"))?,
        Action::Replace { pattern, with } => {
            let stars = |text: &str| text.bytes().filter(|byte| *byte == b'*').count();
            if stars(pattern) > 1 {
                return Err(of("pattern")(RuleError::WildCards));
            }
            if stars(with) > stars(pattern) {
                return Err(of("with")(RuleError::WildCards));
            }
            check_text(pattern).map_err(of("pattern"))?;
            check_text(with).map_err(of("with"))?;
        }
        Action::Map(values) if values.len() > MAX_MAPPED => return Err(of("values")(RuleError::TooMany)),
        Action::Map(values) => {
            for (from, to) in values {
                check_text(from).and_then(|()| is_value(to)).map_err(of("values"))?;
            }
        }
        Action::Remove | Action::UpperCase | Action::LowerCase | Action::Capitalise | Action::Trim => {}
    }
    Ok(CoercionRule { name: rule_name, when, attribute: tag, action })
}

impl TryFrom<WrittenRule> for CoercionRule {
    type Error = RuleError;

    fn try_from(written: WrittenRule) -> Result<Self, RuleError> {
        read_rule(written).map_err(|(_, error)| error)
    }
}

impl From<CoercionRule> for WrittenRule {
    fn from(rule: CoercionRule) -> Self {
        let mut written = Self {
            name: rule.name,
            when: rule.when.into_iter().map(WrittenCondition::from).collect(),
            attribute: name(rule.attribute),
            ..Self::default()
        };
        let word = match rule.action {
            Action::Set(value) => ("set", written.value = Some(value)).0,
            Action::Prefix(value) => ("prefix", written.value = Some(value)).0,
            Action::Suffix(value) => ("suffix", written.value = Some(value)).0,
            Action::Replace { pattern, with } => {
                (written.pattern, written.with) = (Some(pattern), Some(with));
                "replace"
            }
            Action::Map(values) => ("map", written.values = Some(values)).0,
            Action::Remove => "remove",
            Action::UpperCase => "uppercase",
            Action::LowerCase => "lowercase",
            Action::Capitalise => "capitalise",
            Action::Trim => "trim",
        };
        word.clone_into(&mut written.action);
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rule: &str) -> Result<CoercionRule, String> {
        let read = PeerCoercion::from_json(&format!(r#"{{"rules":[{rule}]}}"#));
        read.map(|mut read| read.rules.remove(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn rules_are_read_back_as_they_were_written() {
        let json = serde_json::json!({
            "character_set": {"assume": "tcvn3", "applies_to": "all"},
            "rules": [
                {"name": "issuer", "when": [{"attribute": "IssuerOfPatientID", "missing": true}, {"attribute": "Modality", "equals": "CT"}],
                 "attribute": "IssuerOfPatientID", "action": "set", "value": "BVDK"},
                {"when": [{"attribute": "StationName", "matches": "XQ*"}], "attribute": "Modality", "action": "map", "values": {"OT": "DX"}},
                {"attribute": "PatientID", "action": "replace", "pattern": "BN-*", "with": "HN*"},
                {"attribute": "PatientName", "action": "capitalise"},
                {"attribute": "PatientComments", "action": "remove"},
                {"attribute": "PatientID", "action": "prefix", "value": "A"},
            ],
        });
        let read = PeerCoercion::from_json(&json.to_string()).expect("rules");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), json);
        assert_eq!(PeerCoercion::from_json(&read.to_json()).expect("rules"), read);
        let wanted: Vec<_> = read.wanted().iter().map(|tag| name(*tag)).collect();
        assert_eq!(wanted, ["Modality", "StationName", "PatientName", "PatientID", "IssuerOfPatientID", "PatientComments"]);
    }

    #[test]
    fn what_names_an_instance_or_describes_its_pixels_cannot_be_coerced() {
        for attribute in [
            "SOPInstanceUID",
            "SOPClassUID",
            "StudyInstanceUID",
            "SeriesInstanceUID",
            "FrameOfReferenceUID",
            "TransferSyntaxUID",
            "PhotometricInterpretation",
            "NumberOfFrames",
            "Rows",
            "PixelSpacing",
            "ImageType",
            "ImagePositionPatient",
            "PatientOrientation",
            "SpecificCharacterSet",
            "RequestAttributesSequence",
            "PixelData",
        ] {
            let error = read(&format!(r#"{{"attribute":"{attribute}","action":"remove"}}"#)).expect_err(attribute);
            assert!(error.contains("cannot be coerced"), "{attribute}: {error}");
        }
        for attribute in ["PatientID", "PatientName", "AccessionNumber", "StudyDate", "00080080", "InstanceNumber"] {
            assert!(read(&format!(r#"{{"attribute":"{attribute}","action":"remove"}}"#)).is_ok(), "{attribute}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_and_told() {
        for (rule, expected) in [
            (r#"{"attribute":"NoSuchThing","action":"remove"}"#, "no attribute of the standard"),
            (r#"{"attribute":"00091001","action":"remove"}"#, "no attribute of the standard"),
            (r#"{"attribute":"PatientID","action":"drop"}"#, "an action is one of"),
            (r#"{"attribute":"PatientID","action":"set"}"#, "set has value"),
            (r#"{"attribute":"PatientID","action":"remove","value":"x"}"#, "remove has nothing else"),
            (r#"{"attribute":"PatientID","action":"remove","wehn":[]}"#, "unknown field"),
            (r#"{"attribute":"PatientID","action":"remove","when":[{"attribute":"Modality"}]}"#, "one of equals"),
            (r#"{"attribute":"PatientID","action":"remove","when":[{"attribute":"Modality","missing":false}]}"#, "one of equals"),
            (r#"{"attribute":"PatientID","action":"remove","when":[{"attribute":"Rows","equals":"5"}]}"#, "no text"),
            (r#"{"attribute":"PatientID","action":"replace","pattern":"*a*","with":"b"}"#, "one * each"),
            (r#"{"attribute":"PatientID","action":"replace","pattern":"a","with":"b*"}"#, "one * each"),
            (r#"{"attribute":"StudyDate","action":"set","value":"tomorrow"}"#, "cannot have this value"),
            (r#"{"attribute":"Modality","action":"map","values":{"a":"ct scan of the whole body"}}"#, "cannot have this value"),
        ] {
            let error = read(rule).expect_err(rule);
            assert!(error.contains(expected), "{rule}: {error}");
        }
        let many = vec![r#"{"attribute":"PatientID","action":"trim"}"#; MAX_RULES + 1].join(",");
        assert!(PeerCoercion::from_json(&format!(r#"{{"rules":[{many}]}}"#)).is_err());
        let written: Vec<WrittenRule> = serde_json::from_str(&format!("[{many}]")).expect("rules");
        let wrong = PeerCoercion::of_rules(&written).expect_err("too many");
        assert_eq!(wrong, WrongRule { member: None, reason: RuleError::TooMany });
    }

    #[test]
    fn the_member_that_is_wrong_is_named_with_the_place_of_its_rule() {
        for (rule, expected) in [
            (r#"{"attribute":"SOPInstanceUID","action":"remove"}"#, "1.attribute"),
            (r#"{"attribute":"PatientID","action":"drop"}"#, "1.action"),
            (r#"{"attribute":"StudyDate","action":"set","value":"tomorrow"}"#, "1.value"),
            (r#"{"attribute":"PatientID","action":"replace","pattern":"*a*","with":"b"}"#, "1.pattern"),
            (r#"{"attribute":"PatientID","action":"replace","pattern":"a","with":"b*"}"#, "1.with"),
            (r#"{"attribute":"Modality","action":"map","values":{"a":"ct scan of the whole body"}}"#, "1.values"),
            (
                r#"{"attribute":"PatientID","action":"trim","when":[{"attribute":"Modality","missing":true},{"attribute":"X","missing":true}]}"#,
                "1.when.1",
            ),
        ] {
            let list = format!(r#"[{{"attribute":"PatientID","action":"trim"}},{rule}]"#);
            let written: Vec<WrittenRule> = serde_json::from_str(&list).expect("rules as they are written");
            let wrong = PeerCoercion::of_rules(&written).expect_err(rule);
            assert_eq!(wrong.member.as_deref(), Some(expected));
        }
    }
}
