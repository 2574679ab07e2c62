//! Performed procedure steps: who may report them, and what is missing of them.

use filmless_archive::performed_step::StepRefusal;
use filmless_model::actor::Actor;
use filmless_model::order::{Order, OrderAttribute, Put, StepStatus, Words};
use filmless_model::performed_step::{StepFilter, StepMessage, StepState};
use filmless_model::uid::{SopInstanceUid, TransferSyntaxUid};
use filmless_testkit::instance::Instance;
use filmless_testkit::performed_step;

use crate::fixture::{Fixture, peer};

fn message(data_set: Vec<u8>) -> StepMessage {
    StepMessage { data_set, transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID") }
}

fn beginning(study: &str) -> StepMessage {
    message(performed_step::beginning(study))
}

fn end(made: &[Instance]) -> StepMessage {
    let made: Vec<_> = made.iter().map(|made| (made.sop_class.as_str(), made.sop_instance.as_str())).collect();
    message(performed_step::end("COMPLETED", "1.2.3.4", &made))
}

#[tokio::test]
async fn a_completed_step_says_what_has_not_come() {
    let fixture = Fixture::new().await;
    let slices = Instance::ct().series_of(3);
    fixture.store(&peer("CT1"), &slices[0].part10()).await.expect("stores");
    let uid = SopInstanceUid::generate();
    let study = slices[0].study.clone();
    fixture.archive.create_step(&peer("CT1"), &uid, beginning(study.as_str())).await.expect("created");
    fixture.archive.change_step(&peer("CT1"), &uid, &end(&slices)).await.expect("completed");
    let shown = fixture.archive.steps(&Actor::Operator, &StepFilter::Study(study), 9).await.expect("listed");
    assert_eq!((shown.len(), shown[0].step.state), (1, StepState::Completed));
    assert_eq!(shown[0].missing, [slices[1].sop_instance.clone(), slices[2].sop_instance.clone()]);
    for slice in &slices[1..] {
        fixture.store(&peer("CT1"), &slice.part10()).await.expect("stores");
    }
    let shown = fixture.archive.steps(&Actor::Operator, &StepFilter::Day(None), 9).await.expect("listed");
    assert_eq!(shown[0].missing, []);
}

#[tokio::test]
async fn a_step_is_its_sources_and_ends_once() {
    let fixture = Fixture::new().await;
    let slices = Instance::ct().series_of(2);
    let uid = SopInstanceUid::generate();
    let archive = &fixture.archive;
    let unknown = archive.change_step(&peer("CT1"), &uid, &end(&slices)).await;
    assert!(matches!(unknown, Err(StepRefusal::Unknown)), "{unknown:?}");
    archive.create_step(&peer("CT1"), &uid, beginning("1.2.3")).await.expect("created");
    let again = archive.create_step(&peer("CT1"), &uid, beginning("1.2.3")).await;
    assert!(matches!(again, Err(StepRefusal::Known)), "{again:?}");
    let foreign = archive.change_step(&peer("CT2"), &uid, &end(&slices)).await;
    assert!(matches!(foreign, Err(StepRefusal::Forbidden(_))), "{foreign:?}");
    archive.change_step(&peer("CT1"), &uid, &end(&slices)).await.expect("completed");
    let ended = archive.change_step(&peer("CT1"), &uid, &end(&slices)).await;
    assert!(matches!(ended, Err(StepRefusal::Ended)), "{ended:?}");
}

#[tokio::test]
async fn orders_are_told_how_far_their_steps_are() {
    use OrderAttribute as A;
    let fixture = Fixture::new().await;
    let words = |pairs: &[(A, &str)]| pairs.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect();
    let order: Words = words(&[
        (A::AccessionNumber, "A1"),
        (A::PatientId, "P1"),
        (A::PatientName, "Test^Patient"),
        (A::RequestedProcedureDescription, "Head"),
    ]);
    let step = [(A::Modality, "CT"), (A::ScheduledStationAeTitle, "CT1"), (A::StartDate, "20261122"), (A::StepId, "SPS1")];
    let order = Order::new(&order, &[words(&step)]).expect("a whole order");
    let archive = &fixture.archive;
    archive.put_order(&Actor::Operator, order, Put::Create).await.expect("put");
    let status = async || archive.order(&Actor::Operator, "A1").await.expect("there").steps[0].status;
    let (uid, slices) = (SopInstanceUid::generate(), Instance::ct().series_of(1));
    archive.create_step(&peer("CT1"), &uid, beginning("1.2.3")).await.expect("created");
    assert_eq!(status().await, StepStatus::InProgress);
    archive.change_step(&peer("CT1"), &uid, &end(&slices)).await.expect("completed");
    assert_eq!(status().await, StepStatus::Completed);
}
