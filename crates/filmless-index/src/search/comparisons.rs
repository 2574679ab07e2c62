//! How an expression compares with a key: numbers, dates and times, folded texts, exact texts.

use filmless_model::attribute::{Attribute, Vr};
use filmless_model::query::Matching;

use crate::columns::{is_folded, is_number};
use crate::engine::Engine;
use crate::text::{kept, without_nul};

/// A value for a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bind {
    Text(String),
    Number(i64),
}

/// The values of a statement, and the conditions that compare with them.
pub(super) struct Values {
    pub(super) engine: Engine,
    /// Names match by their words.
    pub(super) fuzzy_matching: bool,
    pub(super) binds: Vec<Bind>,
}

/// How an expression compares.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Date,
    Time,
    /// Folded text; a name if words may be looked for.
    Folded {
        name: bool,
    },
    Exact,
}

impl Values {
    pub(super) fn new(engine: Engine, fuzzy_matching: bool) -> Self {
        Self { engine, fuzzy_matching, binds: Vec::new() }
    }

    /// The number of the placeholder that gets a value.
    pub(super) fn bind(&mut self, bind: Bind) -> usize {
        self.binds.push(bind);
        self.binds.len()
    }

    pub(super) fn text(&mut self, text: &str) -> usize {
        self.bind(Bind::Text(without_nul(text).into_owned()))
    }

    pub(super) fn compare(&mut self, expression: &str, kind: Kind, matching: &Matching) -> Option<String> {
        match matching {
            Matching::Empty => return Some(lacks(expression, kind)),
            Matching::All(keys) => {
                let conditions: Vec<_> =
                    keys.iter().filter_map(|key| self.compare(expression, kind, &Matching::Single(key.clone()))).collect();
                return (!conditions.is_empty()).then(|| conditions.join(" and "));
            }
            _ => {}
        }
        match kind {
            Kind::Number => Some(self.compare_number(expression, matching)),
            Kind::Date | Kind::Time => Some(self.compare_moment(expression, kind, matching)),
            Kind::Folded { name } => self.compare_folded(expression, name, matching),
            Kind::Exact => Some(self.compare_text(expression, matching)),
        }
    }

    fn compare_text(&mut self, expression: &str, matching: &Matching) -> String {
        match matching {
            Matching::Single(key) => {
                let n = self.bind(Bind::Text(kept(key).into_owned()));
                format!("{expression} = ${n}")
            }
            Matching::List(keys) => {
                let keys: Vec<_> = keys.iter().map(|key| kept(key).into_owned()).collect();
                let n = self.text(&serde_json::Value::from(keys).to_string());
                format!("{expression} in {}", self.engine.texts(n))
            }
            Matching::WildCard(key) => {
                let n = self.text(&self.engine.pattern(key));
                self.engine.matches_pattern(expression, n)
            }
            Matching::Range { from, to } => self.between(expression, from.as_deref(), to.as_deref()),
            Matching::All(_) | Matching::Empty => unreachable!("these are taken apart before"),
        }
    }

    /// Names and descriptions. Keys arrive folded; lower-casing them is for texts whose record brought no folded form.
    fn compare_folded(&mut self, expression: &str, name: bool, matching: &Matching) -> Option<String> {
        if name
            && self.fuzzy_matching
            && let Matching::Single(key) | Matching::WildCard(key) = matching
            && !key.contains('?')
        {
            return self.compare_words(expression, key);
        }
        let lower = match matching {
            Matching::Single(key) => Matching::Single(key.to_lowercase()),
            Matching::WildCard(key) => Matching::WildCard(key.to_lowercase()),
            Matching::List(keys) => Matching::List(keys.iter().map(|key| key.to_lowercase()).collect()),
            other => other.clone(),
        };
        Some(self.compare_text(expression, &lower))
    }

    /// Every word of the key begins a word of the name. A `*` parts words as space does.
    pub(super) fn compare_words(&mut self, expression: &str, key: &str) -> Option<String> {
        let key = key.to_lowercase();
        let words = key.split(|c: char| c == '*' || c.is_whitespace()).filter(|word| !word.is_empty());
        let conditions: Vec<_> = words
            .map(|word| {
                let n = self.text(word);
                self.engine.has_word(expression, n)
            })
            .collect();
        (!conditions.is_empty()).then(|| conditions.join(" and "))
    }

    /// Keys that are no numbers match nothing.
    fn compare_number(&mut self, expression: &str, matching: &Matching) -> String {
        let nothing = || "1 = 0".to_owned();
        match matching {
            Matching::Single(key) => match key.trim().parse() {
                Ok(number) => format!("{expression} = ${}", self.bind(Bind::Number(number))),
                Err(_) => nothing(),
            },
            Matching::List(keys) => {
                let numbers: Vec<_> =
                    keys.iter().filter_map(|key| key.trim().parse::<i64>().ok()).map(|n| n.to_string()).collect();
                let n = self.text(&format!("[{}]", numbers.join(",")));
                format!("{expression} in {}", self.engine.numbers(n))
            }
            Matching::WildCard(key) => {
                let n = self.text(&self.engine.pattern(key.trim()));
                self.engine.matches_pattern(&format!("cast({expression} as text)"), n)
            }
            Matching::Range { from, to } => {
                let mut conditions = Vec::new();
                for (end, comparison) in [(from, ">="), (to, "<=")] {
                    match end.as_ref().map(|end| end.trim().parse()) {
                        None => {}
                        Some(Ok(number)) => {
                            let n = self.bind(Bind::Number(number));
                            conditions.push(format!("{expression} {comparison} ${n}"));
                        }
                        Some(Err(_)) => conditions.push(nothing()),
                    }
                }
                conditions.join(" and ")
            }
            Matching::All(_) | Matching::Empty => unreachable!("these are taken apart before"),
        }
    }

    /// A range of moments: days and times of day, where the times bound the first and the last day only.
    pub(super) fn compare_moments(&mut self, date: &str, days: &Matching, time: &str, times: &Matching) -> String {
        let (Matching::Range { from: first_day, to: last_day }, Matching::Range { from, to }) = (days, times) else {
            unreachable!("only ranges are combined");
        };
        let mut conditions = Vec::new();
        if let (Some(day), Some(moment)) = (first_day, from) {
            let (day, moment) = (self.text(day), self.text(earliest(moment)));
            conditions.push(format!("{date} >= ${day} and ({date} > ${day} or {time} >= ${moment})"));
        }
        if let (Some(day), Some(moment)) = (last_day, to) {
            let (day, moment) = (self.text(&latest(Kind::Date, day)), self.text(&latest(Kind::Time, moment)));
            conditions.push(format!("{date} <= ${day} and ({date} < ${day} or {time} <= ${moment})"));
        }
        conditions.join(" and ")
    }

    /// Dates and times compare as texts of one length. A key of less precision means all it covers: 1030 is the minute
    /// from 103000 to 103059.999999 (PS3.4 C.2.2.2.5.3, Range Matching of Attributes of VR of TM).
    fn compare_moment(&mut self, expression: &str, kind: Kind, matching: &Matching) -> String {
        match matching {
            Matching::Single(key) if kind == Kind::Time => {
                self.between(expression, Some(earliest(key)), Some(&latest(kind, key)))
            }
            Matching::Range { from, to } => {
                let to = to.as_deref().map(|to| latest(kind, to));
                self.between(expression, from.as_deref().map(earliest), to.as_deref())
            }
            _ => self.compare_text(expression, matching),
        }
    }

    fn between(&mut self, expression: &str, from: Option<&str>, to: Option<&str>) -> String {
        let mut conditions = Vec::new();
        for (end, comparison) in [(from, ">="), (to, "<=")] {
            if let Some(end) = end {
                let n = self.text(end);
                conditions.push(format!("{expression} {comparison} ${n}"));
            }
        }
        conditions.join(" and ")
    }
}

/// How the values of a stored attribute compare.
pub(super) fn kind(attribute: Attribute) -> Kind {
    match attribute.vr() {
        _ if is_number(attribute) => Kind::Number,
        _ if is_folded(attribute) => Kind::Folded { name: attribute.vr() == Vr::PN },
        Vr::DA => Kind::Date,
        Vr::TM => Kind::Time,
        _ => Kind::Exact,
    }
}

/// Whether there is no value. Texts without one are kept as null, or empty where they are part of a key.
fn lacks(expression: &str, kind: Kind) -> String {
    match kind {
        Kind::Number => format!("{expression} is null"),
        _ => format!("({expression} is null or {expression} = '')"),
    }
}

/// The last moment that a date or time of any precision covers.
pub(super) fn latest(kind: Kind, key: &str) -> String {
    let whole = if kind == Kind::Date { "99991231" } else { "235959.999999" };
    let rest = whole.get(key.len()..).unwrap_or_default();
    format!("{key}{rest}")
}

/// The first moment that a date or time covers, shorn of zeros that a kept time may not have.
pub(super) fn earliest(key: &str) -> &str {
    if key.contains('.') { key.trim_end_matches('0').trim_end_matches('.') } else { key }
}
