//! Performed procedure steps.

use filmless_model::performed_step::{PerformedSeries, ReportedStep, Schedule, StepFilter, StepMessage, StepState};
use filmless_model::record::PatientKey;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};

use crate::sample::{Fixture, Sample, instance_uid, on_each_engine, series_uid, study_uid};

on_each_engine! {
    a_step_is_added_once_and_changed_by_who_read_it_last
    steps_are_listed_by_study_and_day_last_first
    what_is_visible_is_told
}

pub(crate) fn step(n: u32, day: &str, studies: &[u32]) -> ReportedStep {
    let scheduled = studies.iter().map(|study| Schedule {
        study: study_uid(*study),
        accession_number: format!("A{study}"),
        requested_procedure_id: String::new(),
        scheduled_procedure_step_id: format!("S{study}"),
    });
    ReportedStep {
        uid: SopInstanceUid::parse(&format!("1.2.3.9.{n}")).expect("a UID"),
        state: StepState::InProgress,
        source: "dimse:CT1".to_owned(),
        scheduled: scheduled.collect(),
        patient: PatientKey { issuer: String::new(), patient_id: "P1".to_owned() },
        id: format!("PPS{n}"),
        station_ae_title: "CT1".to_owned(),
        modality: "CT".to_owned(),
        start_date: day.to_owned(),
        start_time: "120000".to_owned(),
        end_date: String::new(),
        end_time: String::new(),
        series: Vec::new(),
        created_ms: 1,
        changed_ms: 1,
    }
}

pub(crate) fn message(n: u8) -> StepMessage {
    let transfer_syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2").expect("a UID");
    StepMessage { transfer_syntax, data_set: vec![0, n, 255] }
}

async fn a_step_is_added_once_and_changed_by_who_read_it_last(fixture: Fixture) {
    let index = &fixture.index;
    let mut first = step(1, "20261122", &[1, 2]);
    assert!(index.add_step(&first, &message(1)).await.expect("added"));
    assert!(!index.add_step(&step(1, "20261123", &[3]), &message(9)).await.expect("asked"));
    assert_eq!(index.step(&first.uid).await.expect("read"), Some((first.clone(), 1)));
    let class = SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID");
    first.series = vec![PerformedSeries { series: series_uid(1), instances: vec![(class, instance_uid(1))] }];
    first.state = StepState::Completed;
    "20261122".clone_into(&mut first.end_date);
    first.changed_ms = 2;
    assert!(index.change_step(&first, &message(2), 1).await.expect("changed"));
    assert!(!index.change_step(&step(1, "20261122", &[]), &message(3), 1).await.expect("asked"), "it was read before");
    assert_eq!(index.step(&first.uid).await.expect("read"), Some((first.clone(), 2)));
    assert_eq!(index.step_messages(&first.uid).await.expect("read"), [message(1), message(2)]);
    assert_eq!(index.step(&instance_uid(1)).await.expect("asked"), None);
}

async fn steps_are_listed_by_study_and_day_last_first(fixture: Fixture) {
    let index = &fixture.index;
    let steps = [step(1, "20261121", &[1]), step(2, "20261122", &[1, 2]), step(3, "20261122", &[3])];
    for step in &steps {
        assert!(index.add_step(step, &message(1)).await.expect("added"));
    }
    for (filter, limit, expected) in [
        (StepFilter::Study(study_uid(1)), 9, &[2, 1][..]),
        (StepFilter::Study(study_uid(9)), 9, &[]),
        (StepFilter::Day(Some("20261122".to_owned())), 9, &[3, 2]),
        (StepFilter::Day(None), 2, &[3, 2]),
        (StepFilter::Day(None), 9, &[3, 2, 1]),
    ] {
        let expected: Vec<_> = expected.iter().map(|n: &usize| steps[n - 1].clone()).collect();
        assert_eq!(index.steps(&filter, limit).await.expect("listed"), expected, "{filter:?}");
    }
}

async fn what_is_visible_is_told(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let visible = fixture.index.visible_instances(&[instance_uid(1), instance_uid(2)]).await.expect("asked");
    assert_eq!(visible.into_iter().collect::<Vec<_>>(), [instance_uid(1)]);
}
