//! Storage commitments.

use std::net::{IpAddr, Ipv4Addr};

use filmless_index::NewCommitment;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{
    AskedCommitment, AskedState, AskedSummary, CommitmentAnswer, CommitmentFailure, CommitmentRequest, CommitmentState, Reference,
};
use filmless_model::uid::{SopClassUid, TransactionUid};

use crate::sample::{Fixture, Sample, instance_uid, on_each_engine};

on_each_engine! {
    a_commitment_is_had_by_one_until_its_time_is_over
    a_transaction_is_in_use_until_it_is_over
    what_ended_is_listed_and_forgotten
    every_kept_copy_of_what_is_visible_counts
    what_we_asked_is_answered_by_whom_we_asked
    what_we_asked_is_listed_with_what_came_of_it
}

async fn what_we_asked_is_listed_with_what_came_of_it(fixture: Fixture) {
    let index = &fixture.index;
    let peer = AeTitle::parse("PACS2").expect("a title");
    for (n, asked_ms) in [(1, 100), (2, 300), (3, 200), (4, 400)] {
        let CommitmentRequest { transaction, references, .. } = request(n, &[1, 2, 3]);
        let asked = AskedCommitment { transaction, peer: peer.clone(), references, asked_ms, answer: None };
        index.add_asked_commitment(&asked).await.expect("added");
    }
    let transaction = |n| request(n, &[]).transaction;
    let answered = async |n, committed: &[u32], failed: &[u32], at_ms| {
        let failed = failed.iter().map(|n| (instance_uid(*n), 0x0112)).collect();
        let answer = CommitmentAnswer { committed: committed.iter().map(|n| instance_uid(*n)).collect(), failed, at_ms };
        assert!(index.answer_asked_commitment(&transaction(n), &peer, &answer).await.expect("answered"));
    };
    // Of the third instance it says nothing, and one was not asked for.
    answered(1, &[1, 9], &[2], 500).await;
    index.note_asking_trouble(&transaction(2), "cannot connect").await.expect("noted");
    index.note_asking_trouble(&transaction(3), "the node closed the connection").await.expect("noted");
    answered(3, &[3, 2, 1], &[], 600).await;
    let listed = index.asked_commitments(10).await.expect("listed");
    let row = |row: &AskedSummary| (row.transaction.clone(), row.state(), row.refused, row.answered_ms);
    assert_eq!(
        listed.iter().map(row).collect::<Vec<_>>(),
        [
            (transaction(4), AskedState::Asked, 0, None),
            (transaction(2), AskedState::NotAsked, 0, None),
            (transaction(3), AskedState::Given, 0, Some(600)),
            (transaction(1), AskedState::Refused, 2, Some(500)),
        ]
    );
    assert!(listed.iter().all(|row| row.instances == 3 && row.peer == peer));
    assert_eq!(listed[1].trouble.as_deref(), Some("cannot connect"));
    assert_eq!(listed[3].reasons.iter().copied().collect::<Vec<_>>(), [0x0112]);
    assert_eq!(index.asked_commitments(1).await.expect("listed").len(), 1);
}

async fn what_we_asked_is_answered_by_whom_we_asked(fixture: Fixture) {
    let index = &fixture.index;
    let (peer, other) = (AeTitle::parse("PACS2").expect("a title"), AeTitle::parse("PACS3").expect("a title"));
    let CommitmentRequest { transaction, references, .. } = request(1, &[1, 2]);
    let mut asked = AskedCommitment { transaction, peer: peer.clone(), references, asked_ms: 100, answer: None };
    index.add_asked_commitment(&asked).await.expect("added");
    assert_eq!(index.asked_commitment(&asked.transaction).await.expect("read"), Some(asked.clone()));
    assert!(!asked.is_given());
    let answer = CommitmentAnswer { committed: vec![instance_uid(1)], failed: vec![(instance_uid(2), 0x0112)], at_ms: 200 };
    assert!(!index.answer_asked_commitment(&asked.transaction, &other, &answer).await.expect("asked"), "another was asked");
    assert!(index.answer_asked_commitment(&asked.transaction, &peer, &answer).await.expect("answered"));
    asked.answer = Some(answer);
    assert_eq!(index.asked_commitment(&asked.transaction).await.expect("read"), Some(asked.clone()));
    assert!(!asked.is_given(), "one of two");
    let all = CommitmentAnswer { committed: vec![instance_uid(1), instance_uid(2)], failed: vec![], at_ms: 300 };
    assert!(index.answer_asked_commitment(&asked.transaction, &peer, &all).await.expect("answered again"));
    assert!(index.asked_commitment(&asked.transaction).await.expect("read").expect("kept").is_given());
    assert_eq!(index.forget_asked_commitments(100).await.expect("forgotten"), 0);
    assert_eq!(index.forget_asked_commitments(101).await.expect("forgotten"), 1);
    assert_eq!(index.asked_commitment(&asked.transaction).await.expect("read"), None);
}

fn reference(n: u32) -> Reference {
    (SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID"), instance_uid(n))
}

fn request(transaction: u32, instances: &[u32]) -> CommitmentRequest {
    CommitmentRequest {
        transaction: TransactionUid::parse(&format!("1.2.9.{transaction}")).expect("a UID"),
        peer: AeTitle::parse("CT1").expect("a title"),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        references: instances.iter().map(|n| reference(*n)).collect(),
    }
}

async fn added(fixture: &Fixture, request: &CommitmentRequest, next_ms: i64) -> i64 {
    match fixture.index.add_commitment(request, 100, next_ms).await.expect("added") {
        NewCommitment::Added(key, _) => key,
        NewCommitment::Known => panic!("it is new"),
    }
}

async fn a_commitment_is_had_by_one_until_its_time_is_over(fixture: Fixture) {
    let index = &fixture.index;
    let first = request(1, &[1, 2]);
    let key = added(&fixture, &first, 200).await;
    assert_eq!(index.take_commitment(199, 300).await.expect("asked"), None, "somebody has it");
    assert!(index.keep_commitment(key, 200, 250).await.expect("kept"));
    assert!(!index.keep_commitment(key, 200, 260).await.expect("asked"), "it was kept until another time");
    let taken = index.take_commitment(250, 400).await.expect("asked").expect("nobody has it any more");
    assert_eq!((taken.key, &taken.request, taken.state, taken.requested_ms), (key, &first, CommitmentState::Checking, 100));
    assert_eq!(index.take_commitment(250, 400).await.expect("asked"), None);
    assert!(!index.keep_commitment(key, 250, 500).await.expect("asked"), "it is another's now");

    let mut checked = taken;
    checked.state = CommitmentState::Reporting;
    checked.failures = vec![(1, CommitmentFailure::NoSuchInstance)];
    checked.attempts = 3;
    index.move_commitment(&checked, Some("nobody answers"), 500).await.expect("moved");
    assert_eq!(index.take_commitment(500, 600).await.expect("asked"), Some(checked));
}

async fn a_transaction_is_in_use_until_it_is_over(fixture: Fixture) {
    let index = &fixture.index;
    added(&fixture, &request(1, &[1]), 200).await;
    assert_eq!(index.add_commitment(&request(1, &[1]), 100, 200).await.expect("asked"), NewCommitment::Known);
    let other = CommitmentRequest { peer: AeTitle::parse("CT2").expect("a title"), ..request(1, &[1]) };
    added(&fixture, &other, 200).await;
    let NewCommitment::Added(_, failures) = index.add_commitment(&request(1, &[1, 2]), 100, 200).await.expect("added") else {
        panic!("it is for something else");
    };
    let duplicate = CommitmentFailure::DuplicateTransaction;
    assert_eq!(failures, [(0, duplicate), (1, duplicate)]);
    let mut first = index.take_commitment(200, 300).await.expect("asked").expect("the first");
    first.state = CommitmentState::Reported;
    index.move_commitment(&first, None, 300).await.expect("moved");
    let listed = index.commitments(10).await.expect("listed");
    assert_eq!(listed.iter().map(|listed| listed.failed).collect::<Vec<_>>(), [2, 0, 0]);
    assert_eq!((listed[2].state, listed[2].instances), (CommitmentState::Reported, 1));
}

async fn what_ended_is_listed_and_forgotten(fixture: Fixture) {
    let index = &fixture.index;
    let key = added(&fixture, &request(1, &[1]), 200).await;
    let mut taken = index.take_commitment(200, 300).await.expect("asked").expect("it is due");
    taken.state = CommitmentState::GivenUp;
    taken.attempts = 9;
    index.move_commitment(&taken, Some("nobody answers"), 400).await.expect("moved");
    assert_eq!(index.take_commitment(1000, 1100).await.expect("asked"), None);
    let listed = index.commitments(10).await.expect("listed").remove(0);
    assert_eq!((listed.key, listed.attempts, listed.trouble.as_deref()), (key, 9, Some("nobody answers")));
    assert!(index.retry_commitment(key, 500).await.expect("retried"));
    let again = index.take_commitment(500, 600).await.expect("asked").expect("it is due again");
    assert_eq!((again.state, again.attempts, again.requested_ms), (CommitmentState::Checking, 0, 500));
    index.move_commitment(&taken, None, 700).await.expect("moved");
    assert_eq!(index.forget_commitments(700).await.expect("asked"), 0);
    assert_eq!(index.forget_commitments(701).await.expect("forgotten"), 1);
    assert_eq!(index.commitments(10).await.expect("listed"), []);
    assert!(!index.retry_commitment(key, 800).await.expect("asked"));
}

async fn every_kept_copy_of_what_is_visible_counts(fixture: Fixture) {
    let first = fixture.commit(&Sample::new(1, 1, 1)).await;
    let second = fixture.commit(&Sample { contents: 7, source: "dimse:CT2", ..Sample::new(1, 1, 1) }).await;
    let copies = fixture.index.committed_copies(&[reference(1), reference(2)]).await.expect("asked");
    let mut versions: Vec<_> = copies.iter().map(|copy| copy.version).collect();
    versions.sort();
    assert_eq!(versions, [first.version, second.version]);
    assert!(copies.iter().all(|copy| copy.reference == reference(1) && copy.length_bytes == 530_660));
}
