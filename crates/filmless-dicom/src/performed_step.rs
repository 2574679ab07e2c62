//! Data sets of the Modality Performed Procedure Step SOP Class (PS3.4 table F.7.2-1): what creates a step and changes it.
//!
//! Type 1 is insisted on, type 2 is not: a machine that leaves an empty attribute out has done its work all the same.

use dicom_core::Tag as CoreTag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use filmless_model::attribute::Tag;
use filmless_model::performed_step::{PerformedSeries, ReportedStep, Schedule, StepMessage, StepState};
use filmless_model::record::PatientKey;
use filmless_model::uid::{SopInstanceUid, TransferSyntaxUid};

use crate::data_set::{self, read_header};
use crate::header::{HeaderError, date, time};

/// What only the creation of a step may say: "Not allowed" for N-SET in table F.7.2-1.
const CREATED_ONLY: [CoreTag; 20] = [
    tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE,
    tags::REFERENCED_PATIENT_SEQUENCE,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::OTHER_PATIENT_I_DS_SEQUENCE,
    tags::ADMISSION_ID,
    tags::ISSUER_OF_ADMISSION_ID_SEQUENCE,
    tags::SERVICE_EPISODE_ID,
    tags::PERFORMED_PROCEDURE_STEP_ID,
    tags::PERFORMED_STATION_AE_TITLE,
    tags::PERFORMED_STATION_NAME,
    tags::PERFORMED_LOCATION,
    tags::PERFORMED_PROCEDURE_STEP_START_DATE,
    tags::PERFORMED_PROCEDURE_STEP_START_TIME,
    tags::MODALITY,
    tags::STUDY_ID,
];

/// Why a data set creates or changes no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepDataSetError {
    /// It cannot be read.
    #[error("the data set cannot be read")]
    Malformed(#[from] HeaderError),
    /// An attribute that must be there is not.
    #[error("an attribute is missing: {0:?}")]
    MissingAttribute(Tag),
    /// An attribute that must have a value has none.
    #[error("an attribute has no value: {0:?}")]
    MissingValue(Tag),
    /// An attribute has a value that it must not have.
    #[error("an attribute has a wrong value: {0:?}")]
    InvalidValue(Tag),
}

/// Reads the Attribute List of an N-CREATE.
pub fn create(uid: SopInstanceUid, source: &str, message: &StepMessage, now_ms: i64) -> Result<ReportedStep, StepDataSetError> {
    let object = read_header(&message.data_set, &message.transfer_syntax)?;
    let state = state(&object)?.ok_or(StepDataSetError::MissingAttribute(model(tags::PERFORMED_PROCEDURE_STEP_STATUS)))?;
    if state != StepState::InProgress {
        return Err(StepDataSetError::InvalidValue(model(tags::PERFORMED_PROCEDURE_STEP_STATUS)));
    }
    let scheduled: Vec<_> =
        required_items(&object, tags::SCHEDULED_STEP_ATTRIBUTES_SEQUENCE)?.iter().map(scheduled).collect::<Result<_, _>>()?;
    let mut step = ReportedStep {
        uid,
        state,
        source: source.to_owned(),
        scheduled,
        patient: PatientKey { issuer: text(&object, tags::ISSUER_OF_PATIENT_ID), patient_id: text(&object, tags::PATIENT_ID) },
        id: required(&object, tags::PERFORMED_PROCEDURE_STEP_ID)?,
        station_ae_title: required(&object, tags::PERFORMED_STATION_AE_TITLE)?,
        modality: required(&object, tags::MODALITY)?,
        start_date: moment(&object, tags::PERFORMED_PROCEDURE_STEP_START_DATE)?,
        start_time: moment(&object, tags::PERFORMED_PROCEDURE_STEP_START_TIME)?,
        end_date: String::new(),
        end_time: String::new(),
        series: Vec::new(),
        created_ms: now_ms,
        changed_ms: now_ms,
    };
    take_what_changes(&mut step, &object)?;
    Ok(step)
}

/// Takes the Modification List of an N-SET into a step that is in progress. Returns what it may not change, which stays.
pub fn change(step: &mut ReportedStep, message: &StepMessage, now_ms: i64) -> Result<Vec<Tag>, StepDataSetError> {
    let object = read_header(&message.data_set, &message.transfer_syntax)?;
    let mut changed = ReportedStep { changed_ms: now_ms, ..step.clone() };
    changed.state = state(&object)?.unwrap_or(step.state);
    take_what_changes(&mut changed, &object)?;
    if changed.state.has_ended() {
        for (tag, value) in [
            (tags::PERFORMED_PROCEDURE_STEP_END_DATE, &changed.end_date),
            (tags::PERFORMED_PROCEDURE_STEP_END_TIME, &changed.end_time),
        ] {
            if value.is_empty() {
                return Err(StepDataSetError::MissingValue(model(tag)));
            }
        }
    }
    if changed.state == StepState::Completed && changed.series.is_empty() {
        return Err(StepDataSetError::MissingValue(model(tags::PERFORMED_SERIES_SEQUENCE)));
    }
    *step = changed;
    Ok(CREATED_ONLY.into_iter().filter(|tag| object.get(*tag).is_some()).map(model).collect())
}

/// The attributes that both operations may set, where they are there.
fn take_what_changes(step: &mut ReportedStep, object: &InMemDicomObject) -> Result<(), StepDataSetError> {
    for (tag, value) in [
        (tags::PERFORMED_PROCEDURE_STEP_END_DATE, &mut step.end_date),
        (tags::PERFORMED_PROCEDURE_STEP_END_TIME, &mut step.end_time),
    ] {
        if !text(object, tag).is_empty() {
            *value = moment(object, tag)?;
        }
    }
    if object.get(tags::PERFORMED_SERIES_SEQUENCE).is_some() {
        step.series = items(object, tags::PERFORMED_SERIES_SEQUENCE).iter().map(series).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn state(object: &InMemDicomObject) -> Result<Option<StepState>, StepDataSetError> {
    let tag = tags::PERFORMED_PROCEDURE_STEP_STATUS;
    if object.get(tag).is_none() {
        return Ok(None);
    }
    StepState::parse(&required(object, tag)?).map(Some).ok_or(StepDataSetError::InvalidValue(model(tag)))
}

fn scheduled(item: &InMemDicomObject) -> Result<Schedule, StepDataSetError> {
    Ok(Schedule {
        study: uid(item, tags::STUDY_INSTANCE_UID)?,
        accession_number: text(item, tags::ACCESSION_NUMBER),
        requested_procedure_id: text(item, tags::REQUESTED_PROCEDURE_ID),
        scheduled_procedure_step_id: text(item, tags::SCHEDULED_PROCEDURE_STEP_ID),
    })
}

fn series(item: &InMemDicomObject) -> Result<PerformedSeries, StepDataSetError> {
    let sequences = [tags::REFERENCED_IMAGE_SEQUENCE, tags::REFERENCED_NON_IMAGE_COMPOSITE_SOP_INSTANCE_SEQUENCE];
    let made = sequences.into_iter().flat_map(|tag| items(item, tag)).map(|reference| -> Result<_, StepDataSetError> {
        let (class, instance) = (tags::REFERENCED_SOP_CLASS_UID, tags::REFERENCED_SOP_INSTANCE_UID);
        Ok((uid(reference, class)?, uid(reference, instance)?))
    });
    Ok(PerformedSeries { series: uid(item, tags::SERIES_INSTANCE_UID)?, instances: made.collect::<Result<_, _>>()? })
}

fn items(object: &InMemDicomObject, tag: CoreTag) -> &[InMemDicomObject] {
    object.get(tag).and_then(|element| element.items()).unwrap_or_default()
}

fn required_items(object: &InMemDicomObject, tag: CoreTag) -> Result<&[InMemDicomObject], StepDataSetError> {
    object.get(tag).ok_or(StepDataSetError::MissingAttribute(model(tag)))?;
    let items = items(object, tag);
    if items.is_empty() { Err(StepDataSetError::MissingValue(model(tag))) } else { Ok(items) }
}

fn text(object: &InMemDicomObject, tag: CoreTag) -> String {
    let text = object.get(tag).and_then(|element| element.to_str().ok()).unwrap_or_default();
    text.trim_matches([' ', '\0']).to_owned()
}

fn required(object: &InMemDicomObject, tag: CoreTag) -> Result<String, StepDataSetError> {
    object.get(tag).ok_or(StepDataSetError::MissingAttribute(model(tag)))?;
    let text = text(object, tag);
    if text.is_empty() { Err(StepDataSetError::MissingValue(model(tag))) } else { Ok(text) }
}

fn uid<T: std::str::FromStr>(object: &InMemDicomObject, tag: CoreTag) -> Result<T, StepDataSetError> {
    required(object, tag)?.parse().map_err(|_| StepDataSetError::InvalidValue(model(tag)))
}

/// A date or a time, in the form that the index keeps.
fn moment(object: &InMemDicomObject, tag: CoreTag) -> Result<String, StepDataSetError> {
    const DATES: [CoreTag; 2] = [tags::PERFORMED_PROCEDURE_STEP_START_DATE, tags::PERFORMED_PROCEDURE_STEP_END_DATE];
    let text = required(object, tag)?;
    let read = if DATES.contains(&tag) { date(&text) } else { time(&text) };
    read.ok_or(StepDataSetError::InvalidValue(model(tag)))
}

fn model(tag: CoreTag) -> Tag {
    Tag(tag.group(), tag.element())
}

/// The attributes of a step after all its messages, for N-GET: those of `wanted`, or all if it is empty. A later message wins.
///
/// `None` if the transfer syntax is none of the uncompressed ones.
pub fn attributes(
    messages: &[StepMessage],
    wanted: &[Tag],
    transfer_syntax: &TransferSyntaxUid,
) -> Result<Option<Vec<u8>>, HeaderError> {
    let mut all = InMemDicomObject::new_empty();
    for (n, message) in messages.iter().enumerate() {
        let object = read_header(&message.data_set, &message.transfer_syntax)?;
        let may = |tag: CoreTag| n == 0 || !CREATED_ONLY.contains(&tag);
        for element in object.into_iter().filter(|element| element.header().tag.element() != 0 && may(element.header().tag)) {
            all.put(element);
        }
    }
    all.retain(|element| wanted.is_empty() || wanted.contains(&model(element.header().tag)));
    Ok(data_set::write(all, transfer_syntax))
}

#[cfg(test)]
mod tests {
    use dicom_core::VR;

    use super::*;
    use crate::identifier::{Answer, AnswerValue, KeyValue, read, write};

    const EXPLICIT: &str = "1.2.840.10008.1.2.1";

    fn text(group: u16, element: u16, vr: VR, text: &str) -> Answer {
        Answer { tag: Tag(group, element), vr, value: AnswerValue::Text(text.to_owned()) }
    }

    fn items(group: u16, element: u16, items: Vec<Vec<Answer>>) -> Answer {
        Answer { tag: Tag(group, element), vr: VR::SQ, value: AnswerValue::Items(items) }
    }

    fn message(attributes: &[Answer]) -> StepMessage {
        let transfer_syntax = TransferSyntaxUid::parse(EXPLICIT).expect("a UID");
        StepMessage { data_set: write(attributes, &transfer_syntax).expect("written"), transfer_syntax }
    }

    fn beginning() -> Vec<Answer> {
        let scheduled = vec![text(0x0008, 0x0050, VR::SH, "A1"), text(0x0020, 0x000D, VR::UI, "1.2.3")];
        vec![
            text(0x0008, 0x0060, VR::CS, "CT"),
            text(0x0010, 0x0010, VR::PN, "Nguyễn^An"),
            text(0x0010, 0x0020, VR::LO, "P1"),
            text(0x0040, 0x0241, VR::AE, "CT1"),
            text(0x0040, 0x0244, VR::DA, "20261122"),
            text(0x0040, 0x0245, VR::TM, "1500"),
            text(0x0040, 0x0252, VR::CS, "IN PROGRESS"),
            text(0x0040, 0x0253, VR::SH, "S1"),
            items(0x0040, 0x0270, vec![scheduled]),
        ]
    }

    fn end(state: &str) -> Vec<Answer> {
        let image = vec![text(0x0008, 0x1150, VR::UI, "1.2.840.10008.5.1.4.1.1.2"), text(0x0008, 0x1155, VR::UI, "1.2.3.1.1")];
        let series = vec![items(0x0008, 0x1140, vec![image]), text(0x0020, 0x000E, VR::UI, "1.2.3.1")];
        vec![
            text(0x0040, 0x0250, VR::DA, "20261122"),
            text(0x0040, 0x0251, VR::TM, "1510"),
            text(0x0040, 0x0252, VR::CS, state),
            items(0x0040, 0x0340, vec![series]),
        ]
    }

    fn created() -> ReportedStep {
        let uid = SopInstanceUid::parse("1.2.3.9").expect("a UID");
        create(uid, "dimse:CT1", &message(&beginning()), 5).expect("a step")
    }

    #[test]
    fn a_step_is_created_and_completed_and_then_has_what_both_said() {
        let mut step = created();
        assert_eq!((step.scheduled[0].accession_number.as_str(), step.scheduled[0].study.as_str()), ("A1", "1.2.3"));
        assert_eq!((step.modality.as_str(), step.patient.patient_id.as_str(), step.series.len()), ("CT", "P1", 0));
        let mut last = end("COMPLETED");
        last.insert(0, text(0x0010, 0x0020, VR::LO, "P2"));
        assert_eq!(change(&mut step, &message(&last), 9).expect("changed"), [Tag(0x0010, 0x0020)]);
        assert_eq!((step.state, step.patient.patient_id.as_str()), (StepState::Completed, "P1"));
        assert_eq!((step.end_date.as_str(), step.created_ms, step.changed_ms), ("20261122", 5, 9));
        assert_eq!(step.instances().map(SopInstanceUid::as_str).collect::<Vec<_>>(), ["1.2.3.1.1"]);

        let implicit = TransferSyntaxUid::parse("1.2.840.10008.1.2").expect("a UID");
        let messages = [message(&beginning()), message(&last)];
        let all = read(&attributes(&messages, &[], &implicit).expect("read").expect("written"), &implicit).expect("a data set");
        let of = |tag| all.iter().find(|key| key.tag == tag).map(|key| key.value.clone());
        for (tag, expected) in [
            (Tag(0x0010, 0x0010), "Nguyễn^An"),
            (Tag(0x0010, 0x0020), "P1"),
            (Tag(0x0040, 0x0252), "COMPLETED"),
            (Tag(0x0008, 0x0005), "ISO_IR 192"),
        ] {
            assert_eq!(of(tag), Some(KeyValue::Text(expected.to_owned())));
        }
        let one = attributes(&messages, &[Tag(0x0040, 0x0252)], &implicit).expect("read").expect("written");
        assert_eq!(read(&one, &implicit).expect("a data set").len(), 1);
    }

    #[test]
    fn what_table_f_7_2_1_asks_for_must_be_there() {
        let uid = || SopInstanceUid::parse("1.2.3.9").expect("a UID");
        for tag in [(0x0008, 0x0060), (0x0040, 0x0241), (0x0040, 0x0244), (0x0040, 0x0252), (0x0040, 0x0253), (0x0040, 0x0270)] {
            let tag = Tag(tag.0, tag.1);
            let rest: Vec<_> = beginning().into_iter().filter(|answer| answer.tag != tag).collect();
            assert_eq!(create(uid(), "", &message(&rest), 0), Err(StepDataSetError::MissingAttribute(tag)));
            let empty: Vec<_> = beginning()
                .into_iter()
                .map(|answer| if answer.tag == tag { Answer { value: AnswerValue::Empty, ..answer } } else { answer })
                .collect();
            assert_eq!(create(uid(), "", &message(&empty), 0), Err(StepDataSetError::MissingValue(tag)));
        }
        let mut done = beginning();
        done[6] = text(0x0040, 0x0252, VR::CS, "COMPLETED");
        let wrong = |element| Err(StepDataSetError::InvalidValue(Tag(0x0040, element)));
        assert_eq!(create(uid(), "", &message(&done), 0), wrong(0x0252), "it begins in progress");
        done[6] = text(0x0040, 0x0252, VR::CS, "IN PROGRESS");
        done[4] = text(0x0040, 0x0244, VR::DA, "yesterday");
        assert_eq!(create(uid(), "", &message(&done), 0), wrong(0x0244));
    }

    #[test]
    fn an_end_has_a_time_and_a_completion_a_series() {
        for (state, left_out, expected) in [
            ("COMPLETED", 0x0340, Some(StepDataSetError::MissingValue(Tag(0x0040, 0x0340)))),
            ("DISCONTINUED", 0x0340, None),
            ("DISCONTINUED", 0x0251, Some(StepDataSetError::MissingValue(Tag(0x0040, 0x0251)))),
            ("IN PROGRESS", 0x0250, None),
            ("DONE", 0x0000, Some(StepDataSetError::InvalidValue(Tag(0x0040, 0x0252)))),
        ] {
            let rest: Vec<_> = end(state).into_iter().filter(|answer| answer.tag != Tag(0x0040, left_out)).collect();
            let mut step = created();
            assert_eq!(change(&mut step, &message(&rest), 0).err(), expected, "{state} without {left_out:04X}");
            assert_eq!(step == created(), expected.is_some());
        }
    }
}
