//! What rules make of the texts of an instance. A rule whose result its attribute cannot have (PS3.5 section 6.2, Value
//! Representation) changes nothing.

use std::collections::BTreeMap;

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::coercion::Coercion;

use super::{Action, Condition, PeerCoercion, Test};
use crate::header::{Gathered, date, dictionary_vr, time};
use crate::wild_card::is_like;

/// What one rule changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its place in the list.
    pub rule: usize,
    /// What it changed.
    pub attribute: Tag,
    /// What was there.
    pub before: Option<String>,
    /// What is there now.
    pub after: Option<String>,
}

/// What the rules change, one after the other.
pub fn effects(coercion: &PeerCoercion, texts: &BTreeMap<Tag, String>) -> Vec<Effect> {
    let mut now = texts.clone();
    now.retain(|_, text| !text.is_empty());
    let mut effects = Vec::new();
    for (place, rule) in coercion.rules.iter().enumerate() {
        if !rule.when.iter().all(|condition| holds(condition, &now)) {
            continue;
        }
        let before = now.get(&rule.attribute).cloned();
        let after = changed(&rule.action, rule.attribute, before.as_deref());
        if before == after || after.as_deref().is_some_and(|text| !is_legal(rule.attribute, text)) {
            continue;
        }
        match &after {
            Some(text) => now.insert(rule.attribute, text.clone()),
            None => now.remove(&rule.attribute),
        };
        effects.push(Effect { rule: place, attribute: rule.attribute, before, after });
    }
    effects
}

/// What is shown of an instance in place of what was gathered from it.
pub fn coercion_of(coercion: &PeerCoercion, gathered: &Gathered) -> Coercion {
    coercion_after(Coercion { character_set: gathered.repaired, changed: BTreeMap::new() }, coercion, gathered)
}

/// The same after what is shown of the instance already; what that changes must have been gathered too.
pub fn coercion_after(shown: Coercion, coercion: &PeerCoercion, gathered: &Gathered) -> Coercion {
    let Coercion { character_set, mut changed } = shown;
    let mut texts = gathered.texts.clone();
    for (tag, text) in &changed {
        match text {
            Some(text) => texts.insert(*tag, text.clone()),
            None => texts.remove(tag),
        };
    }
    changed.extend(effects(coercion, &texts).into_iter().map(|effect| (effect.attribute, effect.after)));
    let is_new = |tag: &Tag, text: &mut Option<String>| {
        let stored = gathered.texts.get(tag).filter(|text| !text.is_empty());
        stored != text.as_ref()
    };
    changed.retain(is_new);
    Coercion { character_set, changed }
}

fn holds(condition: &Condition, texts: &BTreeMap<Tag, String>) -> bool {
    let text = texts.get(&condition.attribute);
    let any =
        |test: &dyn Fn(&str) -> bool| text.is_some_and(|text| values(condition.attribute, text).any(|value| test(value.trim())));
    match &condition.test {
        Test::IsMissing => text.is_none(),
        Test::Equals(wanted) => any(&|value| value == wanted),
        Test::Matches(pattern) => any(&|value| is_like(value, pattern)),
    }
}

/// The values of a text, which some representations have one of.
fn values(tag: Tag, text: &str) -> impl Iterator<Item = &str> {
    let is_one = matches!(dictionary_vr(tag), VR::LT | VR::ST | VR::UT);
    text.split(move |c| c == '\\' && !is_one)
}

fn changed(action: &Action, tag: Tag, text: Option<&str>) -> Option<String> {
    match action {
        Action::Set(text) => return Some(text.clone()),
        Action::Remove => return None,
        _ => {}
    }
    let each = |change: &dyn Fn(&str) -> String| {
        let values: Vec<_> =
            values(tag, text?).map(|value| if value.is_empty() { String::new() } else { change(value) }).collect();
        Some(values.join("\\")).filter(|text| !text.is_empty())
    };
    match action {
        Action::Set(_) | Action::Remove => None,
        Action::Prefix(prefix) => each(&|value| format!("{prefix}{}", value.trim_start())),
        Action::Suffix(suffix) => each(&|value| format!("{}{suffix}", value.trim_end())),
        Action::Replace { pattern, with } => each(&|value| replaced(value, pattern, with)),
        Action::Map(values) => each(&|value| values.get(value.trim()).map_or_else(|| value.to_owned(), Clone::clone)),
        Action::UpperCase => each(&str::to_uppercase),
        Action::LowerCase => each(&str::to_lowercase),
        Action::Capitalise => each(&capitalised),
        Action::Trim => each(&|value| value.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

fn replaced(value: &str, pattern: &str, with: &str) -> String {
    let trimmed = value.trim();
    let kept = match pattern.split_once('*') {
        None => (trimmed == pattern).then_some(""),
        Some((front, end)) => trimmed.strip_prefix(front).and_then(|rest| rest.strip_suffix(end)),
    };
    kept.map_or_else(|| value.to_owned(), |kept| with.replacen('*', kept, 1))
}

fn capitalised(value: &str) -> String {
    let mut begins = true;
    let letter = |c: char| {
        let is_first = std::mem::replace(&mut begins, !c.is_alphanumeric());
        if is_first { c.to_uppercase().collect::<String>() } else { c.to_lowercase().collect() }
    };
    value.chars().map(letter).collect()
}

/// Whether an attribute can have these values (PS3.5 table 6.2-1, DICOM Value Representations).
pub(super) fn is_legal(tag: Tag, text: &str) -> bool {
    let vr = dictionary_vr(tag);
    let is_layout = |c: char| matches!(vr, VR::LT | VR::ST | VR::UT) && matches!(c, '\r' | '\n' | '\t' | '\u{c}');
    if text.chars().any(|c| c.is_control() && !is_layout(c)) {
        return false;
    }
    let is_of = |value: &str, most: usize, legal: fn(u8) -> bool| value.len() <= most && value.bytes().all(legal);
    let is_age = |value: &str| matches!(value.as_bytes(), [a, b, c, b'D' | b'W' | b'M' | b'Y'] if [a, b, c].iter().all(|c| c.is_ascii_digit()));
    values(tag, text).all(|value| match vr {
        _ if value.is_empty() => true,
        VR::CS => is_of(value, 16, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, b' ' | b'_')),
        VR::AE => is_of(value, 16, |c| c.is_ascii_graphic() || c == b' '),
        VR::AS => is_age(value),
        VR::DA => value.len() == 8 && date(value).is_some(),
        VR::TM => time(value).is_some(),
        VR::DT => is_of(value, 26, |c| c.is_ascii_digit() || matches!(c, b'.' | b'+' | b'-')),
        VR::IS => value.len() <= 12 && value.parse::<i32>().is_ok(),
        VR::SH => value.chars().count() <= 16,
        VR::LO => value.chars().count() <= 64,
        VR::PN => value.split('=').count() <= 3 && value.split('=').all(|group| group.chars().count() <= 64),
        VR::ST => value.chars().count() <= 1024,
        VR::LT => value.chars().count() <= 10240,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Tag = Tag(0x0010, 0x0010);
    const ID: Tag = Tag(0x0010, 0x0020);
    const ISSUER: Tag = Tag(0x0010, 0x0021);
    const MODALITY: Tag = Tag(0x0008, 0x0060);
    const OTHER_NAMES: Tag = Tag(0x0010, 0x1001);

    fn texts(texts: &[(Tag, &str)]) -> BTreeMap<Tag, String> {
        texts.iter().map(|(tag, text)| (*tag, (*text).to_owned())).collect()
    }

    fn rules(rules: &serde_json::Value) -> PeerCoercion {
        PeerCoercion::from_json(&serde_json::json!({ "rules": rules }).to_string()).expect("rules")
    }

    #[test]
    fn an_action_makes_of_a_text_what_it_says() {
        let check = |tag: Tag, action: serde_json::Value, before: Option<&str>, after: Option<&str>| {
            let mut rule = action;
            rule["attribute"] = tag.to_hex().into();
            let rules = rules(&serde_json::json!([rule.clone()]));
            let gathered = Gathered { texts: before.map(|text| texts(&[(tag, text)])).unwrap_or_default(), repaired: None };
            let coercion = coercion_of(&rules, &gathered);
            let shown = coercion.changed.get(&tag).cloned().unwrap_or_else(|| before.map(str::to_owned));
            assert_eq!(shown.as_deref().filter(|text| !text.is_empty()), after, "{rule}");
        };
        let json = |text: &str| serde_json::from_str(text).expect("JSON");
        check(ID, json(r#"{"action":"set","value":"7"}"#), None, Some("7"));
        check(ID, json(r#"{"action":"set","value":"7"}"#), Some("8"), Some("7"));
        check(ID, json(r#"{"action":"remove"}"#), Some("8"), None);
        check(ID, json(r#"{"action":"prefix","value":"HN-"}"#), Some(" 8"), Some("HN-8"));
        check(ID, json(r#"{"action":"prefix","value":"HN-"}"#), None, None);
        check(ID, json(r#"{"action":"suffix","value":"-HN"}"#), Some("8"), Some("8-HN"));
        check(ID, json(r#"{"action":"replace","pattern":"BN-*-X","with":"HN*"}"#), Some("BN-12-X"), Some("HN12"));
        check(ID, json(r#"{"action":"replace","pattern":"BN*","with":"*"}"#), Some("XBN12"), Some("XBN12"));
        check(ID, json(r#"{"action":"replace","pattern":"0","with":""}"#), Some("0"), None);
        check(MODALITY, json(r#"{"action":"map","values":{"OT":"DX"}}"#), Some("OT"), Some("DX"));
        check(MODALITY, json(r#"{"action":"map","values":{"OT":"DX"}}"#), Some("CT"), Some("CT"));
        check(NAME, json(r#"{"action":"uppercase"}"#), Some("Đỗ^Hà"), Some("ĐỖ^HÀ"));
        check(NAME, json(r#"{"action":"lowercase"}"#), Some("ĐỖ"), Some("đỗ"));
        check(NAME, json(r#"{"action":"capitalise"}"#), Some("NGUYỄN^VĂN AN"), Some("Nguyễn^Văn An"));
        check(NAME, json(r#"{"action":"trim"}"#), Some("  Lê   Thị  B "), Some("Lê Thị B"));
        check(OTHER_NAMES, json(r#"{"action":"prefix","value":"x"}"#), Some("a\\\\b"), Some("xa\\\\xb"));
        // Not what the attribute can have.
        check(MODALITY, json(r#"{"action":"lowercase"}"#), Some("CT"), Some("CT"));
        check(ID, json(r#"{"action":"prefix","value":"12345678901234567890"}"#), Some(&"9".repeat(50)), Some(&"9".repeat(50)));
    }

    #[test]
    fn rules_work_on_what_those_before_them_left() {
        let rules = rules(&serde_json::json!([
            {"when": [{"attribute": "Modality", "equals": "CT"}], "attribute": "PatientID", "action": "prefix", "value": "A"},
            {"when": [{"attribute": "PatientID", "matches": "A?*"}], "attribute": "IssuerOfPatientID", "action": "set", "value": "BV"},
            {"when": [{"attribute": "IssuerOfPatientID", "missing": true}], "attribute": "PatientID", "action": "remove"},
            {"attribute": "Modality", "action": "set", "value": "CT"},
        ]));
        let of = |stored: &[(Tag, &str)]| {
            let texts = texts(stored);
            let effects = effects(&rules, &texts).into_iter().map(|effect| (effect.rule, effect.after));
            (effects.collect::<Vec<_>>(), coercion_of(&rules, &Gathered { texts, repaired: None }).changed)
        };
        let text = |text: &str| Some(text.to_owned());
        let (effects, changed) = of(&[(MODALITY, "CT"), (ID, "1")]);
        assert_eq!(effects, [(0, text("A1")), (1, text("BV"))]);
        assert_eq!(changed, BTreeMap::from([(ID, text("A1")), (ISSUER, text("BV"))]));
        let (effects, changed) = of(&[(MODALITY, "MR"), (ID, "1")]);
        assert_eq!(effects, [(2, None), (3, text("CT"))]);
        assert_eq!(changed, BTreeMap::from([(ID, None), (MODALITY, text("CT"))]));
    }
}
