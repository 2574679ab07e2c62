//! Destinations, rules, and what is on its way.

use filmless_index::{DeletionOrder, Forward, Routed, SettledForward, Taking};
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{AskedCommitment, CommitmentAnswer};
use filmless_model::forwarding::{Condition, Destination, ForwardState, ForwardingName, Hours, Rule, Target};
use filmless_model::uid::TransactionUid;

use crate::sample::{Fixture, Sample, on_each_engine};

on_each_engine! {
    destinations_and_rules_are_kept_as_they_were_put
    a_page_of_the_feed_puts_each_version_on_its_way_once
    what_is_taken_is_had_by_one_until_its_time_is_over
    what_was_deleted_or_replaced_goes_nowhere
    what_failed_is_sent_again_when_somebody_says_so
    what_was_sent_is_forgotten_and_can_be_sent_again
    what_was_taken_is_due_again_when_its_destination_has_answered
}

fn name(text: &str) -> ForwardingName {
    ForwardingName::parse(text).expect("a name")
}

fn destination(text: &str) -> Destination {
    let target = Target::Peer(AeTitle::parse("CENTRE").expect("a title"));
    let hours = Hours::parse("22:00-05:00+0700");
    Destination { bytes_per_second: Some(1 << 20), hours, ..Destination::new(name(text), target) }
}

/// The key of a destination that is there now.
async fn added(fixture: &Fixture, text: &str) -> i64 {
    fixture.index.put_destination(&destination(text)).await.expect("put");
    let rows = fixture.index.destinations(0).await.expect("listed");
    rows.iter().find(|row| row.destination.name.as_str() == text).expect("it is there").key
}

/// Puts all that the feed has on its way to a destination.
async fn route_all(fixture: &Fixture, destination: i64, now_ms: i64) {
    let from = fixture.index.routed_through().await.expect("asked");
    let changes = fixture.index.changed_headers(from, 1000).await.expect("read");
    let Some(through) = changes.last().map(|change| change.sequence) else { return };
    let forwards = changes.iter().filter_map(|change| Some((destination, change.served.as_ref()?.version))).collect();
    assert!(fixture.index.route(&Routed { from, through, forwards, now_ms }).await.expect("routed"));
}

async fn take(fixture: &Fixture, destination: i64, taken_by: i64, now_ms: i64, limit: u32) -> Vec<Forward> {
    take_of(fixture, destination, ForwardState::Waiting, taken_by, now_ms, limit).await
}

async fn take_of(
    fixture: &Fixture,
    destination: i64,
    state: ForwardState,
    taken_by: i64,
    now_ms: i64,
    limit: u32,
) -> Vec<Forward> {
    let taking = Taking { destination, state, taken_by, now_ms, until_ms: now_ms + 100, limit };
    fixture.index.take_forwards(taking).await.expect("taken")
}

/// Two instances of a study on their way, taken by 7; the key of the destination too.
async fn two_taken(fixture: &Fixture) -> (i64, Vec<Forward>) {
    let key = added(fixture, "centre").await;
    fixture.commit(&Sample::new(1, 1, 1)).await;
    fixture.commit(&Sample::new(1, 1, 2)).await;
    route_all(fixture, key, 0).await;
    (key, take(fixture, key, 7, 0, 100).await)
}

async fn settle(fixture: &Fixture, taken_by: i64, forward: &Forward, state: ForwardState, next_ms: i64) {
    let trouble = (state != ForwardState::Sent).then(|| "no room".to_owned());
    let settled = SettledForward { key: forward.key, state, trouble, next_ms };
    fixture.index.settle_forwards(taken_by, &[settled]).await.expect("settled");
}

async fn counts(fixture: &Fixture) -> Vec<(ForwardState, u64)> {
    let counts = fixture.index.forward_counts().await.expect("counted");
    counts.into_iter().map(|((_, state), count)| (state, count)).collect()
}

async fn destinations_and_rules_are_kept_as_they_were_put(fixture: Fixture) {
    let index = &fixture.index;
    let key = added(&fixture, "Trung tâm").await;
    index.note_destination(key, 3, Some("nobody answers"), 500).await.expect("noted");
    let rows = index.destinations(0).await.expect("listed");
    assert_eq!((&rows[0].destination, rows[0].failures, rows[0].next_ms), (&destination("Trung tâm"), 3, 500));
    assert_eq!(rows[0].trouble.as_deref(), Some("nobody answers"));
    let slower = Destination { parallel: 1, ..destination("Trung tâm") };
    index.put_destination(&slower).await.expect("put");
    let rows = index.destinations(0).await.expect("listed");
    assert_eq!((rows[0].key, &rows[0].destination, rows[0].failures, rows[0].next_ms), (key, &slower, 0, 0));

    let condition = Condition { attribute: "Modality".to_owned(), values: vec!["CT".to_owned()], not: true };
    let rule = Rule {
        name: name("night"),
        active: true,
        peers: vec![AeTitle::parse("CT1").expect("a title")],
        conditions: vec![condition],
        hours: None,
        destinations: vec![name("Trung tâm")],
    };
    index.put_forwarding_rule(&rule).await.expect("put");
    index.put_forwarding_rule(&rule).await.expect("put");
    assert_eq!(index.forwarding_rules().await.expect("listed"), [rule]);
    assert!(index.remove_forwarding_rule(&name("night")).await.expect("removed"));
    assert!(!index.remove_forwarding_rule(&name("night")).await.expect("asked"));

    fixture.commit(&Sample::new(1, 1, 1)).await;
    route_all(&fixture, key, 0).await;
    assert!(index.remove_destination(&name("Trung tâm")).await.expect("removed"));
    assert!(!index.remove_destination(&name("Trung tâm")).await.expect("asked"));
    assert!(counts(&fixture).await.is_empty());
}

async fn a_page_of_the_feed_puts_each_version_on_its_way_once(fixture: Fixture) {
    let index = &fixture.index;
    let key = added(&fixture, "centre").await;
    for instance in 1..=3 {
        fixture.commit(&Sample::new(1, 1, instance)).await;
    }
    let changes = index.changed_headers(0, 2).await.expect("read");
    let served = changes[0].served.as_ref().expect("it is served");
    assert_eq!((served.source.as_str(), changes.len()), ("dimse:CT1", 2));
    let versions: Vec<_> = changes.iter().filter_map(|change| Some(change.served.as_ref()?.version)).collect();
    let forwards = versions.iter().map(|version| (key, *version)).chain([(key, versions[0]), (key + 1, versions[1])]).collect();
    let page = Routed { from: 0, through: changes[1].sequence, forwards, now_ms: 10 };
    assert!(index.route(&page).await.expect("routed"));
    assert!(!index.route(&page).await.expect("asked"), "somebody read this page before");
    route_all(&fixture, key, 20).await;
    assert_eq!(counts(&fixture).await, [(ForwardState::Waiting, 3)]);
    let due = |rows: Vec<filmless_index::DestinationRow>| rows[0].due;
    assert_eq!(due(index.destinations(9).await.expect("listed")), 0);
    assert_eq!(due(index.destinations(10).await.expect("listed")), 2);
    let taken = take(&fixture, key, 7, 20, 100).await;
    let instances: Vec<_> = taken.iter().map(|forward| forward.instance.address.instance.as_str()).collect();
    assert_eq!(instances.len(), 3);
    assert!(instances.is_sorted(), "in the order in which they came: {instances:?}");
}

async fn what_is_taken_is_had_by_one_until_its_time_is_over(fixture: Fixture) {
    let index = &fixture.index;
    let key = added(&fixture, "centre").await;
    for instance in 1..=3 {
        fixture.commit(&Sample::new(1, 1, instance)).await;
    }
    route_all(&fixture, key, 0).await;
    let first = take(&fixture, key, 7, 0, 2).await;
    assert_eq!(first.len(), 2);
    assert_eq!(take(&fixture, key, 8, 50, 100).await.len(), 1, "only one was left");
    let keys: Vec<_> = first.iter().map(|forward| forward.key).collect();
    assert_eq!(index.keep_forwards(7, &keys, 300).await.expect("kept"), 2);
    assert_eq!(take(&fixture, key, 9, 299, 100).await.len(), 1, "that of the second has run out");
    assert_eq!(index.keep_forwards(8, &keys, 400).await.expect("asked"), 0, "they are another's");
    assert_eq!(take(&fixture, key, 10, 300, 1).await[0].key, keys[0]);
    settle(&fixture, 7, &first[0], ForwardState::Sent, 300).await;
    assert_eq!(counts(&fixture).await, [(ForwardState::Waiting, 3)], "it is not its any more");
    settle(&fixture, 10, &first[0], ForwardState::Sent, 300).await;
    assert_eq!(counts(&fixture).await, [(ForwardState::Waiting, 2), (ForwardState::Sent, 1)]);
}

async fn what_was_deleted_or_replaced_goes_nowhere(fixture: Fixture) {
    let index = &fixture.index;
    let key = added(&fixture, "centre").await;
    fixture.commit(&Sample::new(1, 1, 1)).await;
    fixture.commit(&Sample::new(2, 2, 2)).await;
    route_all(&fixture, key, 0).await;
    let deletion =
        DeletionOrder { resource: Resource::Study(Sample::new(1, 1, 1).address().study), deleted_by: "lan".to_owned(), at_ms: 1 };
    index.delete(&deletion).await.expect("deleted");
    fixture.commit(&Sample { contents: 1, ..Sample::new(2, 2, 2) }).await;
    route_all(&fixture, key, 1).await;
    let taken = take(&fixture, key, 7, 2, 100).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].instance.address, Sample::new(2, 2, 2).address());
    assert_eq!(counts(&fixture).await, [(ForwardState::Waiting, 1)]);
}

async fn what_failed_is_sent_again_when_somebody_says_so(fixture: Fixture) {
    let index = &fixture.index;
    let (key, taken) = two_taken(&fixture).await;
    settle(&fixture, 7, &taken[0], ForwardState::Failed, 10).await;
    settle(&fixture, 7, &taken[1], ForwardState::Waiting, 1_000_000).await;
    let failed = index.forwards(key, ForwardState::Failed, 10).await.expect("listed");
    assert_eq!((failed[0].key, failed[0].attempts, failed[0].at_ms), (taken[0].key, 1, 10));
    assert_eq!((failed[0].trouble.as_deref(), &failed[0].address), (Some("no room"), &taken[0].instance.address));
    index.note_destination(key, 3, Some("nobody answers"), 2_000_000).await.expect("noted");
    assert_eq!(index.retry_forwards(key, 20).await.expect("asked"), 1);
    assert_eq!(index.destinations(20).await.expect("listed")[0].next_ms, 0);
    let again = take(&fixture, key, 8, 20, 100).await;
    assert_eq!(again.iter().map(|forward| forward.attempts).collect::<Vec<_>>(), [0, 1]);
}

async fn what_was_sent_is_forgotten_and_can_be_sent_again(fixture: Fixture) {
    let index = &fixture.index;
    let (key, taken) = two_taken(&fixture).await;
    settle(&fixture, 7, &taken[0], ForwardState::Sent, 10).await;
    let study = Resource::Study(Sample::new(1, 1, 1).address().study);
    assert_eq!(index.queue_forwards(key, &study, 15).await.expect("queued"), 1, "the other is on its way already");
    settle(&fixture, 7, &taken[1], ForwardState::Sent, 10).await;
    let again = take(&fixture, key, 8, 15, 100).await;
    assert_eq!((again.len(), again[0].key, again[0].attempts), (1, taken[0].key, 0));
    settle(&fixture, 8, &again[0], ForwardState::Sent, 20).await;
    assert_eq!(index.forget_forwards(20).await.expect("forgotten"), 1);
    assert_eq!(counts(&fixture).await, [(ForwardState::Sent, 1)]);
    let other = added(&fixture, "other").await;
    assert_eq!(index.queue_forwards(other, &study, 30).await.expect("queued"), 2);
}

async fn what_was_taken_is_due_again_when_its_destination_has_answered(fixture: Fixture) {
    let index = &fixture.index;
    let (key, taken) = two_taken(&fixture).await;
    for forward in &taken {
        settle(&fixture, 7, forward, ForwardState::Unproven, 10).await;
    }
    let due = async |now_ms| {
        let row = &index.destinations(now_ms).await.expect("listed")[0];
        (row.due, row.due_proofs)
    };
    assert_eq!((due(9).await, due(10).await), ((0, 0), (0, 2)));
    let taken = take_of(&fixture, key, ForwardState::Unproven, 8, 10, 100).await;
    assert_eq!(taken.iter().map(|forward| (forward.attempts, forward.asked)).collect::<Vec<_>>(), [(1, 0), (1, 0)]);
    let transaction = TransactionUid::parse("1.2.9.1").expect("a UID");
    let peer = AeTitle::parse("CENTRE").expect("a title");
    let references = taken.iter().map(|forward| (forward.instance.sop_class.clone(), forward.instance.address.instance.clone()));
    let references: Vec<_> = references.collect();
    let (asked, no_answer) = (references.clone(), None);
    let asked = AskedCommitment {
        transaction: transaction.clone(),
        peer: peer.clone(),
        references: asked,
        asked_ms: 20,
        answer: no_answer,
    };
    index.add_asked_commitment(&asked).await.expect("added");
    let keys: Vec<_> = taken.iter().map(|forward| forward.key).collect();
    index.ask_for_forwards(9, &keys, &transaction, 1000).await.expect("kept");
    assert_eq!(due(200).await, (0, 2), "another has them");
    index.ask_for_forwards(8, &keys, &transaction, 1000).await.expect("kept");
    assert_eq!((due(999).await, due(1000).await), ((0, 0), (0, 2)));
    index.postpone_proof((&transaction, 999), None, 6000).await.expect("kept");
    assert_eq!(due(1000).await, (0, 2), "it has answered meanwhile");
    index.postpone_proof((&transaction, 1000), Some("cannot connect"), 5000).await.expect("kept");
    assert_eq!(due(1000).await, (0, 0));
    let listed = index.forwards(key, ForwardState::Unproven, 10).await.expect("listed");
    assert!(listed.iter().all(|row| row.trouble.as_deref() == Some("cannot connect")), "{listed:?}");
    let answer = CommitmentAnswer { committed: vec![references[0].1.clone()], failed: vec![], at_ms: 300 };
    assert!(index.answer_asked_commitment(&transaction, &peer, &answer).await.expect("answered"));
    let taken = take_of(&fixture, key, ForwardState::Unproven, 8, 300, 100).await;
    assert_eq!(
        taken.iter().map(|forward| (forward.asked, forward.transaction.clone())).collect::<Vec<_>>(),
        [(1, Some(transaction.clone())), (1, Some(transaction))]
    );
    settle(&fixture, 8, &taken[0], ForwardState::Sent, 300).await;
    settle(&fixture, 8, &taken[1], ForwardState::Waiting, 300).await;
    let again = take(&fixture, key, 7, 300, 100).await;
    let again: Vec<_> =
        again.iter().map(|forward| (forward.key, forward.attempts, forward.asked, &forward.transaction)).collect();
    assert_eq!(again, [(taken[1].key, 1, 0, &None)], "it was sent once, and is asked about anew");
}
