//! What peers are asked to vouch for.

use filmless_archive::ArchiveError;
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransactionUid};

use crate::fixture::{Fixture, peer};

#[tokio::test]
async fn many_instances_are_asked_for_in_transactions_whose_answers_are_short() {
    let fixture = Fixture::new().await;
    let archive = &fixture.archive;
    let node = AeTitle::parse("NODE").expect("a title");
    let class = SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID");
    let instance = |n: u32| SopInstanceUid::parse(&format!("1.2.3.{n}")).expect("a UID");
    let references: Vec<_> = (0..2001).map(|n| (class.clone(), instance(n))).collect();
    let asked = archive.begin_to_ask(&Actor::Operator, &node, &references).await.expect("written down");
    assert_eq!(asked.iter().map(|asked| asked.references.len()).collect::<Vec<_>>(), [1000, 1000, 1]);
    assert_eq!(asked.iter().flat_map(|asked| asked.references.clone()).collect::<Vec<_>>(), references);

    // Each has an answer of its own.
    let transactions: Vec<_> = asked.iter().map(|asked| asked.transaction.clone()).collect();
    assert!(archive.take_answer(&node, &transactions[2], vec![instance(2000)], Vec::new()).await.expect("kept"));
    let unknown = TransactionUid::generate();
    let known = archive.asked_under(&Actor::Operator, &[&transactions[..], &[unknown]].concat()).await.expect("read");
    assert_eq!(known.iter().map(|asked| asked.answer.is_some()).collect::<Vec<_>>(), [false, false, true]);
    assert!(known[2].is_given() && !known[1].is_given());

    let refused = archive.begin_to_ask(&peer("CT1"), &node, &references).await;
    assert!(matches!(refused, Err(ArchiveError::Forbidden(_))), "{refused:?}");
}
