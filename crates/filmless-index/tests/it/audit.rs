//! The audit log: written with what it is about, in one chain, and whatever is done to it is found.

use filmless_index::{AuditCheck, AuditFault, IndexConfig, IndexError};
use filmless_model::account::{AccountName, Token};
use filmless_model::actor::Acts;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditedAct, Outcome};
use sqlx::{AnyConnection, Connection, Executor};
use tokio::task::JoinSet;

use crate::sample::{Fixture, Sample, on_each_engine, study_uid};

on_each_engine! {
    an_act_and_its_entry_are_kept_together_or_not_at_all
    entries_made_at_the_same_time_are_one_chain
    entries_are_found_by_actor_patient_study_act_and_time_last_first
    no_row_is_changed_or_removed_by_mistake
    a_changed_entry_is_named
    a_changed_digest_or_column_is_named
    a_removed_entry_is_named
    exchanged_entries_are_named
    an_inserted_entry_is_named
    a_chain_that_was_written_anew_is_not_the_one_that_was_kept
    what_is_stored_is_summed_up_once
}

fn event(act: AuditedAct, actor: &str, at_ms: i64) -> AuditEvent {
    AuditEvent {
        at_ms,
        act,
        outcome: Outcome::Done,
        actor: actor.to_owned(),
        ae_title: None,
        address: "192.0.2.7".parse().ok(),
        study: None,
        patient_id: None,
        issuer_of_patient_id: None,
        count: None,
        purpose: None,
        detail: None,
    }
}

async fn faults(fixture: &Fixture) -> Vec<AuditFault> {
    let mut check = AuditCheck::default();
    let mut all = Vec::new();
    loop {
        let (entries, faults) = fixture.index.check_audit_log(&mut check, 3).await.expect("read");
        all.extend(faults);
        if entries == 0 {
            return all;
        }
    }
}

/// Does what only somebody can do who may alter tables.
async fn tamper(config: &IndexConfig, statements: &[&'static str]) {
    let mut connection = AnyConnection::connect(&config.url).await.expect("the database is there");
    for name in ["audit_log_never_changes", "audit_log_loses_nothing"] {
        let on_table = if config.url.starts_with("sqlite") { "" } else { " on audit_log" };
        connection.execute(sqlx::AssertSqlSafe(format!("drop trigger {name}{on_table}"))).await.expect("dropped");
    }
    for statement in statements {
        connection.execute(*statement).await.expect("a valid statement");
    }
    connection.close().await.expect("an idle connection closes");
}

async fn with_entries(fixture: &Fixture, count: i64) {
    let events: Vec<_> = (1..=count).map(|number| event(AuditedAct::View, "lan", number)).collect();
    fixture.index.record(&events).await.expect("kept");
    assert_eq!(faults(fixture).await, []);
}

async fn an_act_and_its_entry_are_kept_together_or_not_at_all(fixture: Fixture) {
    let recording = fixture.index.recording(event(AuditedAct::Administer, "operator", 1));
    let of_nobody = Token {
        id: "t1".to_owned(),
        account: AccountName::parse("nobody").expect("a name"),
        label: String::new(),
        acts: Acts::ALL,
        created_ms: 1,
        expires_ms: None,
    };
    let failed = recording.add_token(&of_nobody, "digest").await;
    assert!(matches!(failed, Err(IndexError::Constraint(_))), "{failed:?}");
    assert_eq!(fixture.index.audit_log(&AuditFilter::default(), 10).await.expect("listed"), []);

    recording.remove_token("t1").await.expect("nothing to remove");
    let listed = fixture.index.audit_log(&AuditFilter::default(), 10).await.expect("listed");
    assert_eq!(listed, [(1, event(AuditedAct::Administer, "operator", 1))]);
    fixture.index.remove_token("t1").await.expect("nothing to remove");
    assert_eq!(fixture.index.audit_log(&AuditFilter::default(), 10).await.expect("listed").len(), 1, "not that handle");
}

async fn entries_made_at_the_same_time_are_one_chain(fixture: Fixture) {
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let index = fixture.index.clone();
        tasks.spawn(async move { index.record(&[event(AuditedAct::SignIn, "lan", number)]).await });
    }
    while let Some(kept) = tasks.join_next().await {
        kept.expect("no panic").expect("kept");
    }
    let listed = fixture.index.audit_log(&AuditFilter::default(), 100).await.expect("listed");
    assert_eq!(listed.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), (1..=40).rev().collect::<Vec<_>>());
    assert_eq!(faults(&fixture).await, []);
}

async fn entries_are_found_by_actor_patient_study_act_and_time_last_first(fixture: Fixture) {
    let of_patient =
        AuditEvent { study: Some(study_uid(1)), patient_id: Some("P1".to_owned()), ..event(AuditedAct::Print, "minh", 300) };
    let events = [
        event(AuditedAct::SignIn, "lan", 100),
        event(AuditedAct::Search, "lan", 200),
        of_patient,
        event(AuditedAct::View, "lan", 400),
    ];
    fixture.index.record(&events).await.expect("kept");
    let found = async |filter: AuditFilter| {
        let listed = fixture.index.audit_log(&filter, 2).await.expect("listed");
        listed.into_iter().map(|(sequence, _)| sequence).collect::<Vec<_>>()
    };
    let any = AuditFilter::default;
    assert_eq!(found(any()).await, [4, 3]);
    assert_eq!(found(AuditFilter { before: Some(3), ..any() }).await, [2, 1]);
    assert_eq!(found(AuditFilter { actor: "lan".to_owned(), ..any() }).await, [4, 2]);
    assert_eq!(found(AuditFilter { patient_id: "P1".to_owned(), ..any() }).await, [3]);
    assert_eq!(found(AuditFilter { study: Some(study_uid(1)), actor: "minh".to_owned(), ..any() }).await, [3]);
    assert!(found(AuditFilter { study: Some(study_uid(1)), actor: "lan".to_owned(), ..any() }).await.is_empty());
    assert_eq!(found(AuditFilter { act: Some(AuditedAct::Search), ..any() }).await, [2]);
    assert_eq!(found(AuditFilter { from_ms: Some(200), until_ms: Some(400), ..any() }).await, [3, 2]);
}

async fn no_row_is_changed_or_removed_by_mistake(fixture: Fixture) {
    with_entries(&fixture, 3).await;
    let mut connection = AnyConnection::connect(&fixture.config.url).await.expect("the database is there");
    for statement in ["update audit_log set actor = 'minh'", "delete from audit_log where sequence = 3"] {
        let refused = connection.execute(statement).await.map(|_| ()).expect_err("refused").to_string();
        assert!(refused.contains("only added to"), "{refused}");
    }
    connection.close().await.expect("an idle connection closes");
}

async fn a_changed_entry_is_named(fixture: Fixture) {
    with_entries(&fixture, 7).await;
    tamper(&fixture.config, &["update audit_log set entry = replace(entry, '192.0.2.7', '192.0.2.8') where sequence = 4"]).await;
    assert_eq!(faults(&fixture).await, [AuditFault::Altered(4)]);
}

async fn a_changed_digest_or_column_is_named(fixture: Fixture) {
    with_entries(&fixture, 7).await;
    let statements = [
        "update audit_log set digest = 'none' where sequence = 2",
        "update audit_log set digest = (select digest from audit_log where sequence = 1) where sequence = 4",
        "update audit_log set actor = 'minh' where sequence = 6",
    ];
    tamper(&fixture.config, &statements).await;
    assert_eq!(faults(&fixture).await, [2, 4, 6].map(AuditFault::Altered));
}

async fn a_removed_entry_is_named(fixture: Fixture) {
    with_entries(&fixture, 9).await;
    tamper(&fixture.config, &["delete from audit_log where sequence in (1, 5, 6)"]).await;
    let missing = |from, through| AuditFault::Missing { from, through };
    assert_eq!(faults(&fixture).await, [missing(1, 1), missing(5, 6)]);
}

async fn exchanged_entries_are_named(fixture: Fixture) {
    with_entries(&fixture, 5).await;
    let statements = [
        "update audit_log set sequence = 100 where sequence = 2",
        "update audit_log set sequence = 2 where sequence = 4",
        "update audit_log set sequence = 4 where sequence = 100",
    ];
    tamper(&fixture.config, &statements).await;
    let faults = faults(&fixture).await;
    assert!([2, 4].iter().all(|sequence| faults.contains(&AuditFault::Altered(*sequence))), "{faults:?}");
}

async fn an_inserted_entry_is_named(fixture: Fixture) {
    with_entries(&fixture, 4).await;
    let statements = [
        "update audit_log set sequence = 5 where sequence = 4",
        "update audit_log set sequence = 4 where sequence = 3",
        "insert into audit_log (sequence, entry, digest, at_ms, act, actor) \
         select 3, entry, digest, at_ms, act, actor from audit_log where sequence = 2",
    ];
    tamper(&fixture.config, &statements).await;
    assert_eq!(faults(&fixture).await.first(), Some(&AuditFault::Altered(3)));
}

async fn a_chain_that_was_written_anew_is_not_the_one_that_was_kept(fixture: Fixture) {
    with_entries(&fixture, 3).await;
    let kept = fixture.index.audit_head().await.expect("read").expect("is not empty");
    assert_eq!(kept.sequence, 3);
    tamper(&fixture.config, &["delete from audit_log"]).await;
    let others: Vec<_> = (1..=4).map(|number| event(AuditedAct::View, "minh", number)).collect();
    fixture.index.record(&others).await.expect("kept");
    assert_eq!(faults(&fixture).await, [], "it is a whole chain");
    let mut check = AuditCheck::against(vec![kept]);
    let (entries, faults) = fixture.index.check_audit_log(&mut check, 10).await.expect("read");
    assert_eq!((entries, faults, check.end()), (4, vec![AuditFault::Rewritten(3)], None));
}

async fn what_is_stored_is_summed_up_once(fixture: Fixture) {
    for number in 1..=3 {
        fixture.commit(&Sample::new(1, 1, number)).await;
    }
    fixture.commit(&Sample::new(2, 2, 4)).await;
    assert_eq!(fixture.index.sum_up_stores(3).await.expect("written"), 3);
    assert_eq!(fixture.index.sum_up_stores(3).await.expect("written"), 1);
    assert_eq!(fixture.index.sum_up_stores(3).await.expect("nothing is left"), 0);
    let filter = AuditFilter { act: Some(AuditedAct::Store), ..AuditFilter::default() };
    let listed = fixture.index.audit_log(&filter, 10).await.expect("listed");
    let told: Vec<_> = listed.iter().map(|(_, event)| (event.count, event.study.is_some(), event.patient_id.is_some())).collect();
    assert_eq!(told, [(Some(1), true, true), (Some(3), true, true)]);
    assert_eq!(faults(&fixture).await, []);
}
