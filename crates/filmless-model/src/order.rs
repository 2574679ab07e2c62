//! Orders: what is to be done for a patient, at which machine and when, in the words of the Modality Worklist (PS3.4 annex K,
//! Basic Worklist Management Service).
//!
//! An order is one requested procedure, so one study, under one accession number; its steps are what machines do. What is
//! said of it is checked here, once; what is kept can be sent to a machine as it is.

pub mod attribute;
mod value;

use std::collections::{BTreeMap, BTreeSet};

pub use attribute::{OrderAttribute, Place};

use crate::query::Matching;
use crate::uid::StudyInstanceUid;

/// The most steps of an order.
pub const MOST_STEPS: usize = 20;

/// Values by attribute; those without one are absent.
pub type Words = BTreeMap<OrderAttribute, String>;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepStatus {
    /// It is to be done.
    Scheduled,
    /// The patient is there.
    Arrived,
    /// A machine has begun.
    InProgress,
    /// It is done.
    Completed,
    /// It was begun and given up.
    Discontinued,
    /// It is not to be done.
    Cancelled,
}

impl StepStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Scheduled, Self::Arrived, Self::InProgress, Self::Completed, Self::Discontinued, Self::Cancelled];

    /// Those of steps that wait for a machine.
    pub const WAITING: [Self; 2] = [Self::Scheduled, Self::Arrived];

    /// The word in tables and on our own wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Arrived => "arrived",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Discontinued => "discontinued",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The defined term of Scheduled Procedure Step Status (PS3.3 C.4.10); `None` of what no worklist shows.
    pub fn term(self) -> Option<&'static str> {
        match self {
            Self::Scheduled => Some("SCHEDULED"),
            Self::Arrived => Some("ARRIVED"),
            Self::InProgress => Some("STARTED"),
            Self::Completed | Self::Discontinued => Some("DEPARTED"),
            Self::Cancelled => None,
        }
    }

    /// Whether a machine has begun with it.
    pub fn has_begun(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed | Self::Discontinued)
    }
}

/// A step of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is said of it.
    pub words: Words,
    /// How far it is.
    pub status: StepStatus,
}

impl Step {
    /// Its Scheduled Procedure Step ID.
    pub fn id(&self) -> &str {
        text(&self.words, OrderAttribute::StepId)
    }
}

/// An order whose words are checked and complete, but for a Study Instance UID that nobody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What is said of it.
    pub words: Words,
    /// Its steps, at least one.
    pub steps: Vec<Step>,
}

/// What is wrong with an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {reason}", step.map(|step| format!("step {step}, ")).unwrap_or_default(), field)]
pub struct OrderError {
    /// The step, from 1.
    pub step: Option<usize>,
    /// The name of the attribute, or `steps`.
    pub field: &'static str,
    /// What is wrong, without the value.
    pub reason: String,
}

fn text(words: &Words, attribute: OrderAttribute) -> &str {
    words.get(&attribute).map_or("", String::as_str)
}

impl Order {
    /// Checks what is said, and adds what follows from it: the ID of the requested procedure and of each step from the
    /// accession number, the start of the day where no time is said, and each description from the other.
    pub fn new(words: &Words, steps: &[Words]) -> Result<Self, OrderError> {
        use OrderAttribute as A;
        let mut words = checked(words, false, None)?;
        for attribute in [A::AccessionNumber, A::PatientId, A::PatientName] {
            require(&words, attribute, None)?;
        }
        require_whole_code(&words, [A::ProcedureCodeValue, A::ProcedureCodingScheme, A::ProcedureCodeMeaning], None)?;
        let accession_number = text(&words, A::AccessionNumber).to_owned();
        words.entry(A::RequestedProcedureId).or_insert_with(|| accession_number.clone());
        if steps.is_empty() || steps.len() > MOST_STEPS {
            return Err(OrderError { step: None, field: "steps", reason: format!("there are 1 to {MOST_STEPS} steps") });
        }
        let mut checked_steps = Vec::new();
        let mut ids = BTreeSet::new();
        for (number, step) in (1..).zip(steps) {
            let mut step = checked(step, true, Some(number))?;
            for attribute in [A::Modality, A::ScheduledStationAeTitle, A::StartDate] {
                require(&step, attribute, Some(number))?;
            }
            let code = [A::ProtocolCodeValue, A::ProtocolCodingScheme, A::ProtocolCodeMeaning];
            require_whole_code(&step, code, Some(number))?;
            step.entry(A::StartTime).or_insert_with(|| "000000".to_owned());
            step.entry(A::StepId).or_insert_with(|| step_id(&accession_number, number));
            if !ids.insert(text(&step, A::StepId).to_owned()) {
                let reason = "another step has the same".to_owned();
                return Err(OrderError { step: Some(number), field: A::StepId.name(), reason });
            }
            checked_steps.push(step);
        }
        let of_steps = checked_steps.iter().find_map(|step| step.get(&A::StepDescription).or(step.get(&A::ProtocolCodeMeaning)));
        let description = words.get(&A::RequestedProcedureDescription).or(words.get(&A::ProcedureCodeMeaning)).or(of_steps);
        let description = description.cloned().ok_or_else(|| missing(A::RequestedProcedureDescription, None))?;
        words.entry(A::RequestedProcedureDescription).or_insert_with(|| description.clone());
        let steps = checked_steps.into_iter().map(|mut step| {
            let own = step.get(&A::ProtocolCodeMeaning).unwrap_or(&description).clone();
            step.entry(A::StepDescription).or_insert(own);
            Step { words: step, status: StepStatus::Scheduled }
        });
        Ok(Self { words, steps: steps.collect() })
    }

    /// What names it.
    pub fn accession_number(&self) -> &str {
        text(&self.words, OrderAttribute::AccessionNumber)
    }

    /// Gives it a study: the one it names, else the one it had, else a new one.
    pub fn settle_study(&mut self, earlier: Option<&str>) {
        let settled = || earlier.map_or_else(|| StudyInstanceUid::unique().to_string(), str::to_owned);
        self.words.entry(OrderAttribute::StudyInstanceUid).or_insert_with(settled);
    }
}

/// An accession number for an order that comes without: `F` and ten digits, of which nobody has made two alike yet.
pub fn made_accession_number() -> String {
    format!("F{:010}", uuid::Uuid::new_v4().as_u128() % 10_u128.pow(10))
}

/// Made of the accession number and the place of the step, so that the same order sent again has the same steps.
fn step_id(accession_number: &str, number: usize) -> String {
    const KEPT_CHARACTERS: usize = 13;
    let skipped = accession_number.chars().count().saturating_sub(KEPT_CHARACTERS);
    let kept: String = accession_number.chars().skip(skipped).collect();
    format!("{kept}.{number}")
}

fn checked(said: &Words, is_of_step: bool, step: Option<usize>) -> Result<Words, OrderError> {
    let mut words = Words::new();
    for (attribute, text) in said {
        let field = attribute.name();
        if attribute.place().is_of_step() != is_of_step {
            let reason = if is_of_step { "it belongs to the order" } else { "it belongs to a step" };
            return Err(OrderError { step, field, reason: reason.to_owned() });
        }
        let value = value::checked(*attribute, text).map_err(|reason| OrderError { step, field, reason })?;
        words.extend(value.map(|value| (*attribute, value)));
    }
    Ok(words)
}

fn missing(attribute: OrderAttribute, step: Option<usize>) -> OrderError {
    OrderError { step, field: attribute.name(), reason: "it is missing".to_owned() }
}

fn require(words: &Words, attribute: OrderAttribute, step: Option<usize>) -> Result<(), OrderError> {
    if words.contains_key(&attribute) { Ok(()) } else { Err(missing(attribute, step)) }
}

/// A code is a value, its scheme and its meaning (PS3.3 section 8, Encoding of Coded Entry Data), or nothing.
fn require_whole_code(words: &Words, code: [OrderAttribute; 3], step: Option<usize>) -> Result<(), OrderError> {
    if code.iter().any(|attribute| words.contains_key(attribute)) {
        code.iter().try_for_each(|attribute| require(words, *attribute, step))?;
    }
    Ok(())
}

/// What is asked of the steps of all orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderQuery {
    /// All of these must match. Ranges of the start date and the start time are one range of moments (PS3.4 table K.6-1).
    pub matches: Vec<(OrderAttribute, Matching)>,
    /// The step has one of these.
    pub statuses: Vec<StepStatus>,
    /// This too.
    pub text: Option<FreeText>,
    /// Names match when every word of the key begins a word of the name, in any order.
    pub fuzzy_matching: bool,
    /// At most so many answers.
    pub limit: u32,
    /// Skip so many.
    pub offset: u64,
}

/// Words that begin words of the patient's name, or the beginning of Patient ID or Accession Number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeText {
    /// As it was typed.
    pub plain: String,
    /// The same, folded.
    pub folded: String,
}

/// A step that is found, with its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledStep {
    /// What is said of the order.
    pub order: Words,
    /// The step.
    pub step: Step,
}

/// What becomes of an order that is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It must be new.
    Create,
    /// It must be there.
    Change,
    /// Either.
    Import,
}

/// How putting or cancelling an order ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderOutcome {
    /// It is there now.
    Created,
    /// It is another now.
    Changed,
    /// It was so already.
    Unchanged,
    /// Nothing changed: there is one of this accession number.
    Exists,
    /// Nothing changed: there is none of this accession number.
    Missing,
    /// Nothing changed: a machine has begun with this step, so that it cannot go.
    Begun(String),
}

/// The step that a machine performs, as it names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformedStep {
    /// Study Instance UID; empty if it said none.
    pub study_instance_uid: String,
    /// Accession Number; empty if it said none. It counts where no order has the study.
    pub accession_number: String,
    /// Scheduled Procedure Step ID; empty if it said none, for every step that is not over.
    pub step_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(OrderAttribute, &str)]) -> Words {
        pairs.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
    }

    fn least() -> (Words, Words) {
        use OrderAttribute as A;
        (
            words(&[
                (A::AccessionNumber, "CD-2026-000123"),
                (A::PatientId, "BN1"),
                (A::PatientName, "Nguyễn Văn An"),
                (A::RequestedProcedureDescription, "Chụp CLVT sọ não"),
            ]),
            words(&[(A::Modality, "CT"), (A::ScheduledStationAeTitle, "CT1"), (A::StartDate, "2026-11-22")]),
        )
    }

    #[test]
    fn an_order_is_completed_from_what_is_said() {
        use OrderAttribute as A;
        let (order, step) = least();
        let mut order = Order::new(&order, &[step.clone(), step]).expect("enough");
        assert_eq!(order.words[&A::RequestedProcedureId], "CD-2026-000123");
        assert_eq!(order.steps.iter().map(Step::id).collect::<Vec<_>>(), ["D-2026-000123.1", "D-2026-000123.2"]);
        let step = &order.steps[0].words;
        assert_eq!((step[&A::StartDate].as_str(), step[&A::StartTime].as_str()), ("20261122", "000000"));
        assert_eq!(step[&A::StepDescription], "Chụp CLVT sọ não");
        order.settle_study(None);
        let study = order.words[&A::StudyInstanceUid].clone();
        assert!(study.starts_with("2.25.") && StudyInstanceUid::parse(&study).is_ok(), "{study}");
        order.settle_study(Some("1.2"));
        assert_eq!(order.words[&A::StudyInstanceUid], study);
    }

    #[test]
    fn what_is_wrong_is_named() {
        use OrderAttribute as A;
        type Change = fn(&mut Words, &mut Vec<Words>);
        let changes: [(Change, &str); 9] = [
            (|order, _| drop(order.remove(&A::PatientId)), "patient_id: it is missing"),
            (|order, _| drop(order.remove(&A::RequestedProcedureDescription)), "requested_procedure_description: it is missing"),
            (|order, _| drop(order.insert(A::PatientSex, "X".to_owned())), "patient_sex: it is M, F or O"),
            (
                |order, _| drop(order.insert(A::ProcedureCodeValue, "P1".to_owned())),
                "requested_procedure_coding_scheme_designator: it is missing",
            ),
            (|order, _| drop(order.insert(A::Modality, "CT".to_owned())), "modality: it belongs to a step"),
            (|_, steps| steps.clear(), "steps: there are 1 to 20 steps"),
            (|_, steps| drop(steps[0].remove(&A::Modality)), "step 1, modality: it is missing"),
            (
                |_, steps| {
                    steps[0].insert(A::StepId, "1".to_owned());
                    steps.push(steps[0].clone());
                },
                "step 2, scheduled_procedure_step_id: another step has the same",
            ),
            (|_, steps| drop(steps[0].insert(A::PatientId, "x".to_owned())), "step 1, patient_id: it belongs to the order"),
        ];
        for (change, expected) in changes {
            let (mut order, step) = least();
            let mut steps = vec![step];
            change(&mut order, &mut steps);
            assert_eq!(Order::new(&order, &steps).map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
    }
}
