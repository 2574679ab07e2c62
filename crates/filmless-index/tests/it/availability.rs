//! Who is told that a study is here, and that it is not any more.

use filmless_index::{DeletionOrder, ReadChanges, SettledNotice};
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::availability::{Availability, AvailableStudy, Notice, NoticeState};
use filmless_model::peer::{Peer, PeerRights};

use crate::sample::{Fixture, Sample, instance_uid, on_each_engine};

on_each_engine! {
    peers_that_want_it_and_may_retrieve_are_told_of_each_study_once
    new_instances_make_a_notice_due_anew
    what_ended_is_listed_told_again_and_forgotten
    what_is_visible_of_a_study_is_available
    what_a_peer_was_told_of_it_is_told_to_be_gone
    who_never_heard_of_a_study_does_not_hear_that_it_is_gone
}

/// After the last new instance of a study.
const QUIET_MS: i64 = 60;
/// When the instances of samples come.
const STORED_MS: i64 = 1_763_676_000_000;
/// When they are due.
const DUE_MS: i64 = STORED_MS + QUIET_MS;

/// Makes peers known of which only READER is to be told.
async fn with_peers(fixture: &Fixture) {
    for (title, retrieve, instance_availability) in [("READER", true, true), ("STORER", false, true), ("VIEWER", true, false)] {
        let rights = PeerRights { store: true, retrieve, ..PeerRights::default() };
        let peer = Peer { rights, instance_availability, ..Peer::named(AeTitle::parse(title).expect("a title")) };
        fixture.index.put_peer(&peer).await.expect("put");
    }
}

/// Reads the feed to its end.
async fn follow(fixture: &Fixture, now_ms: i64) {
    let from = fixture.index.availability_read_through().await.expect("asked");
    let through = fixture.index.last_change().await.expect("asked");
    let changes = ReadChanges { from, through, now_ms, quiet_ms: QUIET_MS };
    assert!(fixture.index.queue_notices(changes).await.expect("queued"));
    assert!(!fixture.index.queue_notices(changes).await.expect("asked"), "somebody read them before");
}

async fn take(fixture: &Fixture, now_ms: i64) -> Option<Notice> {
    fixture.index.take_notice(now_ms, now_ms + 100).await.expect("asked")
}

async fn tell(fixture: &Fixture, notice: &Notice, now_ms: i64) -> AvailableStudy {
    let available = fixture.index.begin_to_tell(notice).await.expect("read");
    fixture.index.end_to_tell(notice, &available, now_ms).await.expect("settled");
    available
}

async fn fail(fixture: &Fixture, notice: &Notice, state: NoticeState, next_ms: i64) {
    fixture.index.settle_notice(notice, SettledNotice { state, trouble: "nobody answers", next_ms }).await.expect("settled");
}

async fn delete(fixture: &Fixture, resource: Resource) {
    let deletion = DeletionOrder { resource, deleted_by: "lan".to_owned(), at_ms: STORED_MS };
    fixture.index.delete(&deletion).await.expect("deleted").expect("there was something");
}

/// The availability of instances, in their order.
fn told_of(available: &AvailableStudy) -> Vec<(String, &'static str)> {
    let all = available.series.iter().flat_map(|(_, instances)| instances);
    let mut all: Vec<_> = all.map(|((_, instance), availability)| (instance.to_string(), availability.as_str())).collect();
    all.sort();
    all
}

async fn states(fixture: &Fixture) -> Vec<NoticeState> {
    fixture.index.notices(10).await.expect("listed").iter().map(|listed| listed.state).collect()
}

async fn peers_that_want_it_and_may_retrieve_are_told_of_each_study_once(fixture: Fixture) {
    fixture.commit(&Sample::new(3, 3, 3)).await;
    follow(&fixture, 1).await;
    assert_eq!(states(&fixture).await, [], "nobody wanted it then");
    with_peers(&fixture).await;
    for (study, instance) in [(1, 1), (1, 2), (2, 4)] {
        fixture.commit(&Sample::new(study, study, instance)).await;
    }
    follow(&fixture, 2).await;
    assert_eq!(take(&fixture, DUE_MS - 1).await, None, "more of it may come");
    let first = take(&fixture, DUE_MS).await.expect("it is due");
    assert_eq!((first.peer.as_str(), &first.study), ("READER", &Sample::new(1, 1, 1).address().study));
    assert_eq!((first.revision, first.attempts, first.queued_ms), (0, 0, 2));
    let second = take(&fixture, DUE_MS).await.expect("it is due");
    assert_eq!(second.study, Sample::new(2, 2, 4).address().study);
    assert_eq!(take(&fixture, DUE_MS).await, None, "somebody has them");
    assert!(fixture.index.keep_notice(first.key, 0, DUE_MS + 200).await.expect("kept"));
    assert_eq!(take(&fixture, DUE_MS + 100).await, Some(second), "nobody goes on with it");
    tell(&fixture, &first, DUE_MS).await;
    assert!(!fixture.index.keep_notice(first.key, 0, DUE_MS + 300).await.expect("asked"), "it has ended");
    assert_eq!(take(&fixture, DUE_MS + 199).await, None);
}

async fn new_instances_make_a_notice_due_anew(fixture: Fixture) {
    with_peers(&fixture).await;
    fixture.commit(&Sample::new(1, 1, 1)).await;
    follow(&fixture, 1).await;
    let begun = take(&fixture, DUE_MS).await.expect("it is due");
    fixture.commit(&Sample { contents: 5, ..Sample::new(1, 1, 2) }).await;
    follow(&fixture, 2).await;
    assert!(!fixture.index.keep_notice(begun.key, begun.revision, DUE_MS + 100).await.expect("asked"));
    tell(&fixture, &begun, DUE_MS).await;
    fixture.index.drop_notice(&begun).await.expect("asked");
    assert_eq!(take(&fixture, DUE_MS + 4).await, None, "five milliseconds later");
    let again = take(&fixture, DUE_MS + 5).await.expect("it is due anew");
    assert_eq!(again, Notice { revision: 1, queued_ms: 2, ..begun });
    tell(&fixture, &again, DUE_MS + 6).await;
    // What came again, and what is kept but not served, is nothing new.
    fixture.commit(&Sample::new(1, 1, 1)).await;
    fixture.commit(&Sample { contents: 7, source: "dimse:CT2", ..Sample::new(1, 1, 1) }).await;
    follow(&fixture, 3).await;
    assert_eq!(states(&fixture).await, [NoticeState::Told]);
}

async fn what_ended_is_listed_told_again_and_forgotten(fixture: Fixture) {
    let index = &fixture.index;
    with_peers(&fixture).await;
    fixture.commit(&Sample::new(1, 1, 1)).await;
    follow(&fixture, 1).await;
    let notice = take(&fixture, DUE_MS).await.expect("it is due");
    fail(&fixture, &notice, NoticeState::Waiting, DUE_MS + 10).await;
    let again = take(&fixture, DUE_MS + 10).await.expect("it is due again");
    assert_eq!(again, Notice { attempts: 1, ..notice.clone() });
    fail(&fixture, &again, NoticeState::GivenUp, DUE_MS + 20).await;
    let listed = index.notices(10).await.expect("listed").remove(0);
    assert_eq!((listed.state, listed.notice.attempts, listed.at_ms), (NoticeState::GivenUp, 2, DUE_MS + 20));
    assert_eq!(listed.trouble.as_deref(), Some("nobody answers"));
    assert!(index.retry_notice(notice.key, 30).await.expect("retried"));
    let retried = take(&fixture, 30).await.expect("it is due now");
    assert_eq!(retried, Notice { revision: 1, attempts: 0, queued_ms: 30, ..notice.clone() });
    tell(&fixture, &retried, 40).await;
    assert!(!index.retry_notice(notice.key, 50).await.expect("asked"), "it was told");
    assert_eq!(index.forget_notices(40).await.expect("asked"), 0);
    assert_eq!(index.forget_notices(41).await.expect("forgotten"), 1);
    assert_eq!(states(&fixture).await, []);
}

async fn what_is_visible_of_a_study_is_available(fixture: Fixture) {
    with_peers(&fixture).await;
    for (series, instance) in [(1, 1), (2, 3), (1, 2)] {
        fixture.commit(&Sample::new(1, series, instance)).await;
    }
    fixture.commit(&Sample::new(2, 9, 9)).await;
    follow(&fixture, 1).await;
    let notice = take(&fixture, DUE_MS).await.expect("it is due");
    let available = fixture.index.begin_to_tell(&notice).await.expect("read");
    let mut found: Vec<Vec<_>> = available
        .series
        .iter()
        .map(|(_, all)| all.iter().map(|((_, instance), availability)| (instance.clone(), *availability)).collect())
        .collect();
    found.sort_by_key(Vec::len);
    let [first, second, third] = [1, 2, 3].map(|n| (instance_uid(n), Availability::Online));
    assert_eq!(found, [vec![third], vec![first, second]]);
    assert!(available.is_here());
}

async fn what_a_peer_was_told_of_it_is_told_to_be_gone(fixture: Fixture) {
    let [first, second, third] = [1, 2, 3].map(|n| instance_uid(n).to_string());
    with_peers(&fixture).await;
    for instance in [1, 2] {
        fixture.commit(&Sample::new(1, 1, instance)).await;
    }
    follow(&fixture, 1).await;
    let notice = take(&fixture, DUE_MS).await.expect("it is due");
    tell(&fixture, &notice, DUE_MS).await;
    assert_eq!(fixture.index.forget_notices(DUE_MS + 1).await.expect("forgotten"), 1, "not what the peer knows");

    // One goes, and comes again: the peer need not know.
    let sample = |instance| Sample::new(1, 1, instance);
    delete(&fixture, Resource::Instance(sample(1).address())).await;
    delete(&fixture, Resource::Instance(sample(2).address())).await;
    fixture.commit(&Sample { contents: 8, ..sample(3) }).await;
    fixture.commit(&Sample { contents: 9, ..sample(2) }).await;
    follow(&fixture, 2).await;
    let notice = take(&fixture, DUE_MS + 100).await.expect("it is due");
    let available = tell(&fixture, &notice, DUE_MS + 100).await;
    let expected = [(first, "UNAVAILABLE"), (second.clone(), "ONLINE"), (third.clone(), "ONLINE")];
    assert_eq!(told_of(&available), expected);
    assert_eq!(available.series.len(), 1, "a series stands once");

    // What it was told it is not told again. It hears of the rest although nobody learnt that it was told of it.
    fixture.commit(&sample(4)).await;
    follow(&fixture, 3).await;
    let notice = take(&fixture, DUE_MS + 200).await.expect("it is due");
    let unheard = fixture.index.begin_to_tell(&notice).await.expect("read");
    assert_eq!(told_of(&unheard).len(), 3);
    delete(&fixture, Resource::Study(sample(1).address().study)).await;
    follow(&fixture, 4).await;
    assert!(!fixture.index.keep_notice(notice.key, notice.revision, DUE_MS + 300).await.expect("asked"), "it is due anew");
    let notice = take(&fixture, DUE_MS + 300).await.expect("it is due");
    let gone = tell(&fixture, &notice, DUE_MS + 300).await;
    let fourth = instance_uid(4).to_string();
    assert_eq!(told_of(&gone), [second, third, fourth].map(|uid| (uid, "UNAVAILABLE")));
    assert!(!gone.is_here());
    assert_eq!(states(&fixture).await, [NoticeState::Told]);
    assert_eq!(fixture.index.begin_to_tell(&notice).await.expect("read").series, [], "there is nothing more to tell");
}

async fn who_never_heard_of_a_study_does_not_hear_that_it_is_gone(fixture: Fixture) {
    with_peers(&fixture).await;
    fixture.commit(&Sample::new(1, 1, 1)).await;
    follow(&fixture, 1).await;
    delete(&fixture, Resource::Study(Sample::new(1, 1, 1).address().study)).await;
    follow(&fixture, 2).await;
    let notice = take(&fixture, DUE_MS).await.expect("it is due");
    assert_eq!(notice.revision, 0, "the deletion is no news");
    assert_eq!(fixture.index.begin_to_tell(&notice).await.expect("read").series, []);
    fixture.index.drop_notice(&notice).await.expect("dropped");
    // Nor does who was told of another study, or does not want to hear any more.
    fixture.commit(&Sample::new(2, 2, 2)).await;
    follow(&fixture, 3).await;
    let notice = take(&fixture, DUE_MS).await.expect("it is due");
    fixture.index.begin_to_tell(&notice).await.expect("read");
    fixture.index.drop_notice(&notice).await.expect("dropped");
    delete(&fixture, Resource::Study(Sample::new(2, 2, 2).address().study)).await;
    follow(&fixture, 4).await;
    assert_eq!(states(&fixture).await, []);
}
