//! Stopping (SIGTERM): what was acknowledged is finished, the process ends by itself, in time, and says all went well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::requester::Association;
use filmless_testkit::site::{CALLED, CALLING, Site};
use filmless_testkit::wait;

on_both_back_ends!(stopping_during_ingest_loses_nothing, stopping_does_not_wait_for_an_idle_association);

async fn stopping_during_ingest_loses_nothing(mut site: Site) {
    site.set("shutdown.timeout_seconds", "10");
    let server = site.serve().await;
    let token = server.token.clone();
    let count = Arc::new(AtomicUsize::new(0));
    let (dicom, counting) = (server.dicom, count.clone());
    let sender = tokio::spawn(async move {
        let request = Association::request(dicom, CALLING, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
        let mut association = request.expect("a known peer");
        let mut acknowledged = Vec::new();
        let mut slice = Instance::ct();
        while let Ok(status) = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await {
            if status == 0 {
                acknowledged.push(slice.clone());
                counting.fetch_add(1, Ordering::Relaxed);
            }
            slice = slice.next();
        }
        acknowledged
    });
    wait::until("some instances", Duration::from_mins(1), async || (count.load(Ordering::Relaxed) > 5).then_some(())).await;
    assert!(server.stop().await, "stopping is no failure");
    let acknowledged = sender.await.expect("the sender ends with the association");
    site.check_is_clean().await;
    let server = site.start(token).await;
    for slice in &acknowledged {
        assert_eq!(server.search(&format!("instances?SOPInstanceUID={}", slice.sop_instance)).await.len(), 1);
    }
}

async fn stopping_does_not_wait_for_an_idle_association(mut site: Site) {
    site.set("shutdown.timeout_seconds", "5");
    let server = site.serve().await;
    let mut idle = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    assert!(server.stop().await, "stopping is no failure");
    // The peer is asked to release, or told of an abort, or the connection is just gone; it does not hang.
    let end = tokio::time::timeout(Duration::from_secs(5), filmless_testkit::requester::read_pdu(idle.stream())).await;
    let end = end.expect("the association ends");
    assert!(end.as_ref().map_or(true, |(kind, _)| matches!(kind, 5 | 7)), "{end:?}");
}
