//! The study list: what a reader asks of it, in which order and from where on, and the rows that are shown.

use serde::{Deserialize, Serialize};

use crate::account::AccountName;
use crate::query::{Match, Query};

/// The most studies of a patient that are counted: test objects have them by the thousand.
pub const MOST_PRIORS: u32 = 999;

/// What studies are ordered by. Names and descriptions as they are compared: without marks and case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortedBy {
    /// Patient's Name.
    PatientName,
    /// Patient ID.
    PatientId,
    /// Patient's Sex.
    PatientSex,
    /// Patient's Birth Date.
    PatientBirthDate,
    /// Study Date and Study Time.
    StudyDate,
    /// Accession Number.
    AccessionNumber,
    /// Study Description.
    StudyDescription,
    /// The modality that comes first in the alphabet.
    Modality,
    /// The Body Part Examined that comes first.
    BodyPart,
    /// The Institution Name that comes first.
    Institution,
    /// Number of Study Related Instances.
    Instances,
    /// How many other studies the patient has.
    Priors,
}

impl SortedBy {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::PatientName,
        Self::PatientId,
        Self::PatientSex,
        Self::PatientBirthDate,
        Self::StudyDate,
        Self::AccessionNumber,
        Self::StudyDescription,
        Self::Modality,
        Self::BodyPart,
        Self::Institution,
        Self::Instances,
        Self::Priors,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PatientName => "patient_name",
            Self::PatientId => "patient_id",
            Self::PatientSex => "patient_sex",
            Self::PatientBirthDate => "patient_birth_date",
            Self::StudyDate => "study_date",
            Self::AccessionNumber => "accession_number",
            Self::StudyDescription => "study_description",
            Self::Modality => "modality",
            Self::BodyPart => "body_part",
            Self::Institution => "institution",
            Self::Instances => "instances",
            Self::Priors => "priors",
        }
    }

    /// Whether studies are ordered by a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Instances | Self::Priors)
    }
}

/// An order of the list. Studies that are level in it follow each other as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StudyOrder {
    /// By what.
    pub by: SortedBy,
    /// The greatest first; studies without a value are last then, else first.
    pub descending: bool,
}

impl StudyOrder {
    /// Newest first.
    pub const NEWEST: Self = Self { by: SortedBy::StudyDate, descending: true };

    /// Reads the word on the wire, which has a `-` in front if the order is descending.
    pub fn parse(text: &str) -> Option<Self> {
        let (descending, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
        SortedBy::ALL.into_iter().find(|by| by.as_str() == word).map(|by| Self { by, descending })
    }
}

/// What a study is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// See [`SortedBy::is_number`].
    Number(i64),
    /// Any other.
    Text(String),
}

/// A place in the list: that of a study, which stays where it is when the study goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place(pub SortValue, pub i64);

/// How far a study is, as far as the archive can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StudyState {
    /// New instances came a moment ago, or a machine says that it is at it.
    Arriving,
    /// A machine says that it made instances which are not here.
    Incomplete,
    /// A machine says that it is done, and all that it made is here.
    Complete,
    /// It came a while ago, and nobody said what belongs to it.
    Received,
}

impl StudyState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Arriving, Self::Incomplete, Self::Complete, Self::Received];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arriving => "arriving",
            Self::Incomplete => "incomplete",
            Self::Complete => "complete",
            Self::Received => "received",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Whether an account has read a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMark {
    /// It has not, or wants it to look so.
    Unread,
    /// It has.
    Read,
    /// It has, and there are more instances or fewer since.
    Changed,
}

impl ReadMark {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Changed => "changed",
        }
    }
}

/// What is asked of the list.
#[derive(Debug, Clone)]
pub struct StudyListQuery {
    /// The conditions, and how many rows; its offset is not regarded.
    pub query: Query,
    /// In which order.
    pub order: StudyOrder,
    /// From the study behind this place on.
    pub after: Option<Place>,
    /// Only studies that are so far.
    pub state: Option<StudyState>,
    /// Only studies that the reader has not read, or that changed since.
    pub unread: bool,
    /// Whose marks are shown.
    pub reader: AccountName,
    /// The time, in milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedStudy {
    /// Its attributes, those of the patient, and what is counted.
    pub study: Match,
    /// Every Body Part Examined of its series.
    pub body_parts: Vec<String>,
    /// Every Institution Name of its series.
    pub institutions: Vec<String>,
    /// How many other studies the patient has (the same Patient ID and issuer), [`MOST_PRIORS`] at most. 0 without Patient ID.
    pub priors: u64,
    /// How far it is.
    pub state: StudyState,
    /// How many instances machines say that they made and that are not here.
    pub missing: u64,
    /// How many steps of its order wait for a machine.
    pub awaited: u64,
    /// Whether the reader has read it.
    pub read: ReadMark,
    /// Where it stands.
    pub place: Place,
}

/// What the list can be narrowed to, as far as studies have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListChoices {
    /// Values of Body Part Examined.
    pub body_parts: Vec<String>,
    /// Values of Institution Name.
    pub institutions: Vec<String>,
}

/// A filter of the list that an account keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFilter {
    /// What the account calls it.
    pub name: String,
    /// What it narrows the list to and how it orders it, as JSON that the viewer's API understands.
    pub definition: String,
    /// The list opens with it; at most one of an account's does.
    pub opens: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_written() {
        assert_eq!(StudyOrder::parse("-study_date"), Some(StudyOrder::NEWEST));
        let ascending = StudyOrder::parse("priors").expect("an order");
        assert_eq!((ascending.by, ascending.descending), (SortedBy::Priors, false));
        for wrong in ["", "-", "--priors", "study_key", "Priors"] {
            assert_eq!(StudyOrder::parse(wrong), None, "{wrong}");
        }
    }
}
