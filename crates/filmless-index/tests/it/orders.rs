//! Orders and the worklist.

use filmless_index::{Index, OrderCommit};
use filmless_model::order::OrderAttribute as A;
use filmless_model::order::{FreeText, Order, OrderOutcome, OrderQuery, PerformedStep, Put, StepStatus, Words};
use filmless_model::query::Matching;

use crate::sample::{Fixture, on_each_engine, single};

on_each_engine! {
    an_order_is_created_once_and_changed
    the_worklist_finds_steps_by_their_keys
    ranges_of_date_and_time_are_one_range
    pages_follow_each_other
    a_cancelled_step_is_on_no_worklist_and_one_that_has_begun_is_not_cancelled
    a_machine_says_how_far_it_is
}

fn words(pairs: &[(A, &str)]) -> Words {
    pairs.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
}

/// Order number `n` of one step for CT1 or CT2, at hour `n`.
pub(crate) fn order(n: u32) -> Order {
    let (number, hour) = (format!("A{n}"), format!("{n:02}00"));
    let (patient, title) = if n.is_multiple_of(2) { ("Nguyễn Văn An", "CT2") } else { ("Trần^Đức", "CT1\\CT2") };
    let of_order = [
        (A::AccessionNumber, number.as_str()),
        (A::PatientId, &format!("P{n}")),
        (A::PatientName, patient),
        (A::RequestedProcedureDescription, "CT sọ não"),
    ];
    let of_step = [(A::Modality, "CT"), (A::ScheduledStationAeTitle, title), (A::StartDate, "20261122"), (A::StartTime, &hour)];
    Order::new(&words(&of_order), &[words(&of_step)]).expect("a whole order")
}

pub(crate) fn commit(order: Order, put: Put) -> OrderCommit {
    let name = if order.words[&A::PatientName] == "Trần^Đức" { "tran duc" } else { "nguyen van an" };
    let folded_steps = vec![Words::new(); order.steps.len()];
    OrderCommit { order, folded: words(&[(A::PatientName, name)]), folded_steps, put, at_ms: 1 }
}

async fn put(index: &dyn Index, order: Order, how: Put) -> OrderOutcome {
    index.put_order(&commit(order, how)).await.expect("an answer")
}

fn query(matches: &[(A, Matching)]) -> OrderQuery {
    OrderQuery {
        matches: matches.to_vec(),
        statuses: StepStatus::WAITING.to_vec(),
        text: None,
        fuzzy_matching: false,
        limit: 100,
        offset: 0,
    }
}

async fn found(index: &dyn Index, query: &OrderQuery) -> Vec<String> {
    let found = index.search_orders(query).await.expect("an answer");
    found.iter().map(|found| found.order[&A::AccessionNumber].clone()).collect()
}

async fn an_order_is_created_once_and_changed(fixture: Fixture) {
    let index = &*fixture.index;
    assert_eq!(put(index, order(1), Put::Change).await, OrderOutcome::Missing);
    assert_eq!(put(index, order(1), Put::Create).await, OrderOutcome::Created);
    assert_eq!(put(index, order(1), Put::Create).await, OrderOutcome::Exists);
    assert_eq!(put(index, order(1), Put::Import).await, OrderOutcome::Unchanged);
    let kept = index.order("A1").await.expect("an answer").expect("it is there");
    let study = kept.words[&A::StudyInstanceUid].clone();
    assert!(study.starts_with("2.25."), "{study}");
    assert_eq!(kept.steps, order(1).steps);
    let mut changed = order(1);
    changed.words.insert(A::Allergies, "Iod".to_owned());
    let mut second = changed.steps[0].clone();
    second.words.insert(A::StepId, "2".to_owned());
    changed.steps.push(second);
    assert_eq!(put(index, changed.clone(), Put::Change).await, OrderOutcome::Changed);
    changed.settle_study(Some(&study));
    assert_eq!(index.order("A1").await.expect("an answer"), Some(changed));
    assert_eq!(put(index, order(1), Put::Import).await, OrderOutcome::Changed, "the second step goes");
    assert_eq!(index.order("A1").await.expect("an answer").map(|order| order.steps.len()), Some(1));
    assert_eq!(index.order("A2").await.expect("an answer"), None);
}

async fn the_worklist_finds_steps_by_their_keys(fixture: Fixture) {
    let index = &*fixture.index;
    for n in [3, 1, 2] {
        put(index, order(n), Put::Create).await;
    }
    let wild = |text: &str| Matching::WildCard(text.to_owned());
    for (matches, expected) in [
        (&[][..], &["A1", "A2", "A3"][..]),
        (&[(A::ScheduledStationAeTitle, single("CT1"))], &["A1", "A3"]),
        (&[(A::ScheduledStationAeTitle, wild("CT?"))], &["A1", "A2", "A3"]),
        (&[(A::ScheduledStationAeTitle, wild("C*1"))], &["A1", "A3"]),
        (&[(A::ScheduledStationName, single("CT1"))], &[]),
        (&[(A::Modality, Matching::List(vec!["CT".to_owned(), "MR".to_owned()]))], &["A1", "A2", "A3"]),
        (&[(A::Modality, single("MR"))], &[]),
        (&[(A::PatientId, single("P2"))], &["A2"]),
        (&[(A::PatientName, wild("tran*"))], &["A1", "A3"]),
        (&[(A::StartDate, single("20261122")), (A::StartTime, single("02"))], &["A2"]),
        (&[(A::AccessionNumber, wild("A[1]"))], &[]),
    ] {
        assert_eq!(found(index, &query(matches)).await, expected, "{matches:?}");
    }
    let fuzzy = OrderQuery { fuzzy_matching: true, ..query(&[(A::PatientName, single("an nguy"))]) };
    assert_eq!(found(index, &fuzzy).await, ["A2"]);
    for (typed, expected) in [("duc", &["A1", "A3"][..]), ("P2", &["A2"]), ("A3", &["A3"]), ("%", &[])] {
        let text = Some(FreeText { plain: typed.to_owned(), folded: typed.to_owned() });
        assert_eq!(found(index, &OrderQuery { text, ..query(&[]) }).await, expected, "{typed}");
    }
}

async fn ranges_of_date_and_time_are_one_range(fixture: Fixture) {
    let index = &*fixture.index;
    for n in [8, 12, 20] {
        put(index, order(n), Put::Create).await;
    }
    let range = |from: &str, to: &str| {
        let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Matching::Range { from: end(from), to: end(to) }
    };
    for (days, times, expected) in [
        (range("20261122", "20261122"), range("100000", "180000"), &["A12"][..]),
        (range("20261121", "20261123"), range("100000", "110000"), &["A8", "A12", "A20"]),
        (range("20261122", "20261123"), range("100000", "110000"), &["A12", "A20"]),
        (range("20261122", ""), range("120000", ""), &["A12", "A20"]),
        (range("20261121", "20261123"), range("", "110000"), &["A8"]),
    ] {
        let keys = [(A::StartDate, days), (A::StartTime, times)];
        assert_eq!(found(index, &query(&keys)).await, expected, "{keys:?}");
    }
}

async fn pages_follow_each_other(fixture: Fixture) {
    let index = &*fixture.index;
    for n in (1..=9).rev() {
        put(index, order(n), Put::Create).await;
    }
    let mut pages = Vec::new();
    for offset in [0, 4, 8] {
        pages.push(found(index, &OrderQuery { limit: 4, offset, ..query(&[]) }).await);
    }
    assert_eq!(pages.concat(), (1..=9).map(|n| format!("A{n}")).collect::<Vec<_>>());
}

async fn a_cancelled_step_is_on_no_worklist_and_one_that_has_begun_is_not_cancelled(fixture: Fixture) {
    let index = &*fixture.index;
    put(index, order(1), Put::Create).await;
    assert_eq!(index.cancel_order("A1").await.expect("an answer"), OrderOutcome::Changed);
    assert_eq!(index.cancel_order("A1").await.expect("an answer"), OrderOutcome::Unchanged);
    assert_eq!(index.cancel_order("A2").await.expect("an answer"), OrderOutcome::Missing);
    assert!(found(index, &query(&[])).await.is_empty());
    assert_eq!(put(index, order(1), Put::Import).await, OrderOutcome::Unchanged, "what is sent again stays cancelled");
    let all = OrderQuery { statuses: StepStatus::ALL.to_vec(), ..query(&[]) };
    assert_eq!(found(index, &all).await, ["A1"]);
    assert_eq!(index.set_step_status("A1", "", StepStatus::InProgress).await.expect("an answer"), 1);
    let begun = OrderOutcome::Begun("A1.1".to_owned());
    assert_eq!(index.cancel_order("A1").await.expect("an answer"), begun);
    let mut renamed = order(1);
    renamed.steps[0].words.insert(A::StepId, "X".to_owned());
    assert_eq!(put(index, renamed, Put::Change).await, begun);
}

async fn a_machine_says_how_far_it_is(fixture: Fixture) {
    let index = &*fixture.index;
    put(index, order(1), Put::Create).await;
    let study = index.order("A1").await.expect("an answer").expect("there").words[&A::StudyInstanceUid].clone();
    let named = |study: &str, accession: &str, step: &str| PerformedStep {
        study_instance_uid: study.to_owned(),
        accession_number: accession.to_owned(),
        step_id: step.to_owned(),
    };
    for (performed, status, expected) in [
        (named(&study, "", "A1.1"), StepStatus::InProgress, 1),
        (named("1.2.3", "A1", ""), StepStatus::Completed, 1),
        (named(&study, "", ""), StepStatus::InProgress, 0),
        (named(&study, "A1", "A1.1"), StepStatus::Discontinued, 1),
        (named(&study, "A1", "other"), StepStatus::Completed, 0),
        (named("", "", ""), StepStatus::Completed, 0),
    ] {
        let before = index.order("A1").await.expect("an answer").expect("there").steps[0].status;
        assert_eq!(index.perform_steps(&performed, status).await.expect("an answer"), expected, "{performed:?}");
        let after = index.order("A1").await.expect("an answer").expect("there").steps[0].status;
        assert_eq!(after, if expected == 0 { before } else { status });
    }
}
