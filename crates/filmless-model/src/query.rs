//! What a search asks: match keys with their kind of matching (PS3.4 section C.2.2.2, Attribute Matching).

use crate::attribute::{Attribute, Value};
use crate::uid::{SeriesInstanceUid, StudyInstanceUid};

/// The level whose entities a search returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryRetrieveLevel {
    /// Studies.
    Study,
    /// Series.
    Series,
    /// Instances; IMAGE in DIMSE.
    Instance,
}

/// How one attribute is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// Equal (PS3.4 C.2.2.2.1, Single Value Matching). Names compare folded.
    Single(String),
    /// Equal to one of these (C.2.2.2.2, List of UID Matching).
    List(Vec<String>),
    /// `*` stands for any run of characters, `?` for one (C.2.2.2.4, Wild Card Matching).
    WildCard(String),
    /// Between two dates or times, both included; one end may be open (C.2.2.2.5, Range Matching).
    Range {
        /// Not before.
        from: Option<String>,
        /// Not after.
        to: Option<String>,
    },
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is returned.
    pub level: QueryRetrieveLevel,
    /// Only within this study.
    pub study: Option<StudyInstanceUid>,
    /// Only within this series.
    pub series: Option<SeriesInstanceUid>,
    /// All of these must match. An attribute of a lower level matches a study or series that has such a child.
    pub matches: Vec<(Attribute, Matching)>,
    /// Names match when every word of the key begins a word of the name, in any order.
    pub fuzzy_matching: bool,
    /// At most so many answers.
    pub limit: u32,
    /// Skip so many.
    pub offset: u64,
}

impl Query {
    /// A search for everything of a level.
    pub fn new(level: QueryRetrieveLevel) -> Self {
        Self { level, study: None, series: None, matches: Vec::new(), fuzzy_matching: false, limit: 100, offset: 0 }
    }
}

/// One answer: the attributes of its level and of those above, stored and derived, in no particular order.
///
/// Attributes without a value are absent. [`Attribute::RetrieveUrl`] is the door's to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Match {
    /// Attribute and value.
    pub values: Vec<(Attribute, Value)>,
}

impl Match {
    /// The text of an attribute.
    pub fn text(&self, attribute: Attribute) -> Option<&str> {
        self.values.iter().find_map(|(a, value)| match value {
            Value::Text(text) if *a == attribute => Some(text.as_str()),
            _ => None,
        })
    }

    /// The number of an attribute.
    pub fn number(&self, attribute: Attribute) -> Option<i64> {
        self.values.iter().find_map(|(a, value)| match value {
            Value::Number(number) if *a == attribute => Some(*number),
            _ => None,
        })
    }
}
