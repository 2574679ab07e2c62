//! Instance availability: who is told of what.

use std::time::Duration;

use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::availability::{Availability, NoticeState};
use filmless_model::peer::{Peer, PeerRights};
use filmless_model::performed_step::StepMessage;
use filmless_model::uid::{SopInstanceUid, TransferSyntaxUid};
use filmless_testkit::instance::Instance;
use filmless_testkit::performed_step;

use crate::fixture::{Fixture, peer};

#[tokio::test]
async fn what_is_told_is_what_is_here_and_nobody_is_told_who_may_not_have_it() {
    let fixture = Fixture::new().await;
    let archive = &fixture.archive;
    let may = PeerRights { retrieve: true, ..PeerRights::default() };
    let reader = Peer { rights: may, instance_availability: true, ..Peer::named(AeTitle::parse("READER").expect("a title")) };
    archive.put_peer(&Actor::Operator, &reader).await.expect("put");
    let slices = Instance::ct().series_of(2);
    for slice in &slices {
        fixture.store(&peer("CT1"), &slice.part10()).await.expect("stores");
    }
    archive.follow_availability(Duration::from_hours(1)).await.expect("followed");
    assert!(archive.due_notice().await.expect("asked").is_none(), "more of it may come");
    let key = archive.notices(&Actor::Operator, 9).await.expect("listed")[0].notice.key;
    archive.retry_notice(&Actor::Operator, key).await.expect("asked for at once");
    let notice = archive.due_notice().await.expect("asked").expect("it is due").notice;
    let told = async || archive.begin_to_tell(&notice).await.expect("read").map(|(_, available)| available);
    let available = told().await.expect("it is here");
    let all = |availability| {
        let of = |slice: &Instance| ((slice.sop_class.clone(), slice.sop_instance.clone()), availability);
        vec![(slices[0].series.clone(), slices.iter().map(of).collect::<Vec<_>>())]
    };
    assert_eq!((available.series, available.step), (all(Availability::Online), None));

    let begun = || StepMessage {
        data_set: performed_step::beginning(slices[0].study.as_str()),
        transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID"),
    };
    let (first, second) = (SopInstanceUid::generate(), SopInstanceUid::generate());
    archive.create_step(&peer("CT1"), &first, begun()).await.expect("created");
    assert_eq!(told().await.expect("it is here").step.as_ref(), Some(&first));
    archive.create_step(&peer("CT1"), &second, begun()).await.expect("created");
    assert_eq!(told().await.expect("it is here").step, None, "nobody knows which is meant");

    for changed in [
        Peer { rights: PeerRights { query: true, ..PeerRights::default() }, ..reader.clone() },
        Peer { instance_availability: false, ..reader.clone() },
    ] {
        archive.put_peer(&Actor::Operator, &changed).await.expect("put");
        assert_eq!(told().await, None);
    }
    archive.put_peer(&Actor::Operator, &reader).await.expect("put");
    assert!(told().await.is_some());
    archive.postpone_notice(&notice, "nobody answers").await.expect("kept");
    let listed = archive.notices(&Actor::Operator, 9).await.expect("listed").remove(0);
    assert_eq!((listed.state, listed.trouble.as_deref()), (NoticeState::Waiting, Some("nobody answers")));
    archive.delete(&Actor::Operator, &Resource::Study(slices[0].study.clone())).await.expect("deleted");
    let gone = told().await.expect("the peer may have heard of it");
    // Their numbers are gone with them.
    let mut expected = all(Availability::Unavailable);
    expected[0].1.sort_by(|one, other| one.0.1.as_str().cmp(other.0.1.as_str()));
    assert_eq!((gone.is_here(), &gone.series), (false, &expected));
    archive.end_to_tell(&notice, &gone).await.expect("kept");
    assert_eq!(told().await, None, "it is known to be gone");
}
