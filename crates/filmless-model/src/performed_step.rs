//! Modality Performed Procedure Steps (PS3.4 annex F.7): what a machine says that it did.

use crate::record::PatientKey;
use crate::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};

/// Performed Procedure Step Status (0040,0252).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// The machine is at it.
    InProgress,
    /// It is done.
    Completed,
    /// It was broken off.
    Discontinued,
}

impl StepState {
    /// Reads the defined term.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::InProgress, Self::Completed, Self::Discontinued].into_iter().find(|state| state.as_str() == text)
    }

    /// The defined term.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Discontinued => "DISCONTINUED",
        }
    }

    /// Whether nothing may change any more.
    pub fn has_ended(self) -> bool {
        self != Self::InProgress
    }
}

/// An item of Scheduled Step Attributes Sequence (0040,0270): what was asked for. Texts are empty where nothing was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Study Instance UID.
    pub study: StudyInstanceUid,
    /// Accession Number.
    pub accession_number: String,
    /// Requested Procedure ID.
    pub requested_procedure_id: String,
    /// Scheduled Procedure Step ID.
    pub scheduled_procedure_step_id: String,
}

/// An item of Performed Series Sequence (0040,0340).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformedSeries {
    /// Series Instance UID.
    pub series: SeriesInstanceUid,
    /// What was made: images and what is none.
    pub instances: Vec<(SopClassUid, SopInstanceUid)>,
}

/// A performed procedure step, as far as it is indexed. Texts are empty where there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedStep {
    /// Its SOP Instance UID.
    pub uid: SopInstanceUid,
    /// How far it is.
    pub state: StepState,
    /// The source that reports it.
    pub source: String,
    /// What it was scheduled as; one item at least.
    pub scheduled: Vec<Schedule>,
    /// Whose it is.
    pub patient: PatientKey,
    /// Performed Procedure Step ID.
    pub id: String,
    /// Performed Station AE Title.
    pub station_ae_title: String,
    /// Modality.
    pub modality: String,
    /// Performed Procedure Step Start Date, `YYYYMMDD`.
    pub start_date: String,
    /// Performed Procedure Step Start Time.
    pub start_time: String,
    /// Performed Procedure Step End Date, `YYYYMMDD`.
    pub end_date: String,
    /// Performed Procedure Step End Time.
    pub end_time: String,
    /// What was made.
    pub series: Vec<PerformedSeries>,
    /// When it was first heard of, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: i64,
    /// When it was last heard of, in the same unit.
    pub changed_ms: i64,
}

impl ReportedStep {
    /// Every instance that was made, in order.
    pub fn instances(&self) -> impl Iterator<Item = &SopInstanceUid> {
        self.series.iter().flat_map(|series| series.instances.iter().map(|(_, instance)| instance))
    }
}

/// A data set that created or changed a step, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMessage {
    /// What it is written in.
    pub transfer_syntax: TransferSyntaxUid,
    /// The bytes.
    pub data_set: Vec<u8>,
}

/// Which steps are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepFilter {
    /// Those of a study.
    Study(StudyInstanceUid),
    /// Those that started on a day, `YYYYMMDD`; of any day if absent.
    Day(Option<String>),
}
