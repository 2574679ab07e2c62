//! What a search asks: match keys with their kind of matching (PS3.4 section C.2.2.2, Attribute Matching).

use crate::attribute::{Attribute, Value};
use crate::further::FurtherAttribute;
use crate::record::RequestAttributes;
use crate::uid::{SeriesInstanceUid, StudyInstanceUid};
use crate::utc_offset::UtcOffset;

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
    /// Equal to each of these, with values of its own (C.2.2.2.8, Multiple Value Matching).
    All(Vec<String>),
    /// Without a value (C.2.2.2.7, Empty Value Matching).
    Empty,
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
    /// All of these must match; of those of the Request Attributes Sequence, in one and the same item (C.2.2.2.6, Sequence
    /// Matching). An attribute of a lower level matches a study or series that has such a child.
    pub matches: Vec<(Attribute, Matching)>,
    /// So must these, of further attributes. Their keys are in the form that values are kept in
    /// (`filmless_dicom::comparable`). Of keys in one sequence one and the same item must meet all (C.2.2.2.6, Sequence
    /// Matching).
    pub further: Vec<(FurtherAttribute, Matching)>,
    /// Names match when every word of the key begins a word of the name, in any order.
    pub fuzzy_matching: bool,
    /// A range of a date and one of the time beside it, open at the same end if at all, are one range of moments
    /// (C.2.2.2.5.4, Range Matching General Rules).
    pub combined_date_times: bool,
    /// Dates and times of the keys are of this time zone, those of a study of its own (C.2.2.2.1.3, Attributes of VR of DA, DT
    /// or TM). Without it they are compared as they are written.
    pub time_zone: Option<UtcOffset>,
    /// At most so many answers.
    pub limit: u32,
    /// Skip so many.
    pub offset: u64,
}

impl Query {
    /// A search for everything of a level.
    pub fn new(level: QueryRetrieveLevel) -> Self {
        Self {
            level,
            study: None,
            series: None,
            matches: Vec::new(),
            further: Vec::new(),
            fuzzy_matching: false,
            combined_date_times: false,
            time_zone: None,
            limit: 100,
            offset: 0,
        }
    }

    /// The ranges of a date and of the time beside it, if they are one range of moments.
    pub fn combined(&self, date: Attribute) -> Option<(&Matching, &Matching)> {
        let time = date.time_beside().filter(|_| self.combined_date_times)?;
        combined(&self.matches, date, time)
    }
}

/// What is asked of a date and of a time, if both are ranges, open at the same end if at all, and so one range of moments.
pub fn combined<A: PartialEq>(matches: &[(A, Matching)], date: A, time: A) -> Option<(&Matching, &Matching)> {
    let of = |wanted: A| matches.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, matching)| matching);
    let pair = (of(date)?, of(time)?);
    let (Matching::Range { from: first_day, to: last_day }, Matching::Range { from, to }) = pair else { return None };
    (first_day.is_some() == from.is_some() && last_day.is_some() == to.is_some()).then_some(pair)
}

/// One answer: the attributes of its level and of those above, stored and derived, in no particular order.
///
/// Attributes without a value are absent. [`Attribute::RetrieveUrl`] is the door's to add.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Match {
    /// Attribute and value.
    pub values: Vec<(Attribute, Value)>,
    /// The items of the Request Attributes Sequence.
    pub request_attributes: Vec<RequestAttributes>,
}

/// A patient that a search finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientMatch {
    /// The attributes of the patient, as the study that came last of those found has them.
    pub patient: Match,
    /// How many studies the patient has.
    pub studies: u64,
    /// How many series.
    pub series: u64,
    /// How many instances.
    pub instances: u64,
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
