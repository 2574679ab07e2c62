//! The four promises, held by killing the process (SIGKILL) while four associations store: what was acknowledged is
//! there, what is there is whole.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::part10::Part10;
use filmless_testkit::requester::Association;
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, CALLING, Site};
use filmless_testkit::wait;
use tokio::task::JoinSet;

/// Associations that store at the same time.
const ASSOCIATIONS: u32 = 4;
/// Rounds in `make test`; `FILMLESS_KILL_ROUNDS` asks for more.
const ROUNDS: usize = 3;

on_both_back_ends!(killed_during_ingest_nothing_acknowledged_is_lost);

/// Stores slices of a series until the connection breaks. Everything whose response came is in the answer.
async fn store_until_it_breaks(dicom: std::net::SocketAddr, first: Instance, acknowledged: Arc<AtomicUsize>) -> Vec<Instance> {
    let mut stored = Vec::new();
    let Ok(mut association) = Association::request(dicom, CALLING, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await
    else {
        return stored;
    };
    let mut slice = first;
    while let Ok(status) = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await {
        assert_eq!(status, 0, "a store that is answered is a success");
        acknowledged.fetch_add(1, Ordering::Relaxed);
        let next = slice.next();
        stored.push(std::mem::replace(&mut slice, next));
    }
    stored
}

/// The SOP Instance UIDs of a study, which are more than one page.
async fn instances_of(server: &Server, study: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    loop {
        let page = server.search(&format!("studies/{study}/instances?limit=500&offset={}", found.len())).await;
        if page.is_empty() {
            return found;
        }
        for instance in &page {
            let uid = text_value(instance, "00080018").expect("a match names its instance");
            assert!(found.insert(uid), "an instance is listed once");
        }
    }
}

async fn killed_during_ingest_nothing_acknowledged_is_lost(site: Site) {
    let rounds = std::env::var("FILMLESS_KILL_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number of rounds"));
    let mut server = site.serve().await;
    let study = Instance { rows: 96, columns: 96, ..Instance::ct() };
    let mut acknowledged: Vec<Instance> = Vec::new();
    for round in 0..rounds {
        let count = Arc::new(AtomicUsize::new(0));
        let mut senders = JoinSet::new();
        for number in 0..ASSOCIATIONS {
            // Two associations feed one series, the other two have one each: of one study.
            let series = Instance { study: study.study.clone(), rows: 96, columns: 96, ..Instance::ct() };
            let series = if number < 2 { Instance { series: study.series.clone(), ..series } } else { series };
            senders.spawn(store_until_it_breaks(server.dicom, series, count.clone()));
        }
        // The blow falls at another moment each round: after 7, 24, 41… answers.
        let enough = 7 + 17 * (round % 5);
        wait::until("acknowledged instances", Duration::from_mins(2), async || {
            (count.load(Ordering::Relaxed) >= enough).then_some(())
        })
        .await;
        let token = server.token.clone();
        server.kill().await;
        let mut of_this_round = Vec::new();
        while let Some(stored) = senders.join_next().await {
            of_this_round.extend(stored.expect("a sender ends by itself"));
        }
        assert!(of_this_round.len() >= enough);

        server = site.start(token).await;
        let there = instances_of(&server, study.study.as_str()).await;
        acknowledged.extend(of_this_round.iter().cloned());
        let lost: Vec<_> = acknowledged.iter().filter(|slice| !there.contains(slice.sop_instance.as_str())).collect();
        assert!(lost.is_empty(), "round {round}: {} of {} acknowledged instances are lost", lost.len(), acknowledged.len());
        // Whole: the last answered before the blow is the one that would be torn.
        for slice in of_this_round.iter().rev().take(4) {
            let path = format!("studies/{}/series/{}/instances/{}", slice.study, slice.series, slice.sop_instance);
            let parts = server.retrieve(&path).await;
            let back = Part10::parse(&parts[0].body).expect("a Part 10 file");
            assert!(back.data_set == slice.data_set(), "round {round}: {} is not what was sent", slice.sop_instance);
        }
        site.check_is_clean().await;
    }
    // Sending all of it again changes nothing.
    let before = site.blobs().len();
    let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    for slice in acknowledged.iter().take(50) {
        let status = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await;
        assert_eq!(status.expect("a response"), 0);
    }
    assert_eq!(site.blobs().len(), before);
    eprintln!("killed {rounds} times; {} acknowledged instances, all there", acknowledged.len());
}
