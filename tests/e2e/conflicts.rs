//! One instance from several places at once, and two instances of one UID.

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::part10::Part10;
use filmless_testkit::requester::Association;
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, CALLING, Site};
use serde_json::Value;
use tokio::task::JoinSet;

on_both_back_ends!(
    the_same_instance_by_both_doors_is_stored_once,
    another_file_of_a_known_uid_is_kept_as_another_version,
    eight_associations_that_send_the_same_study_store_it_once,
);

async fn send(server: &Server, calling: &str, instance: &Instance) -> u16 {
    let request = Association::request(server.dicom, calling, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
    let mut association = request.expect("a known peer");
    let status = association.c_store(CT_IMAGE_STORAGE, instance.sop_instance.as_str(), &instance.data_set()).await;
    association.release().await.expect("a clean end");
    status.expect("a response")
}

/// The data set that the archive serves for an instance.
async fn served(server: &Server, instance: &Instance) -> Vec<u8> {
    let path = format!("studies/{}/series/{}/instances/{}", instance.study, instance.series, instance.sop_instance);
    let parts = server.retrieve(&path).await;
    assert_eq!(parts.len(), 1, "one version is served");
    Part10::parse(&parts[0].body).expect("a Part 10 file").data_set
}

async fn conflicts(server: &Server) -> Value {
    let response = server.get("/api/conflicts", "application/json").await;
    assert_eq!(response.status().as_u16(), 200);
    response.json().await.expect("the conflict list is JSON")
}

async fn the_same_instance_by_both_doors_is_stored_once(site: Site) {
    let server = site.serve().await;
    let instance = Instance::ct();
    assert_eq!(send(&server, CALLING, &instance).await, 0);
    assert_eq!(send(&server, CALLING, &instance).await, 0);
    let (status, answer) = server.store(&[instance.part10(), instance.part10()]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(site.blobs().len(), 1, "the same data set is one blob, whatever stood in front of it");
    assert!(!conflicts(&server).await.to_string().contains(instance.sop_instance.as_str()));
    assert_eq!(server.search("instances").await.len(), 1);
    site.check_is_clean().await;
}

async fn another_file_of_a_known_uid_is_kept_as_another_version(site: Site) {
    let server = site.serve().await;
    site.admit("STRANGE", "store").await;
    let first = Instance::ct();
    let corrected = Instance { seed: 2, ..first.clone() };
    let foreign = Instance { seed: 3, ..first.clone() };
    assert_eq!(send(&server, CALLING, &first).await, 0);
    assert_eq!(send(&server, CALLING, &corrected).await, 0);
    assert!(served(&server, &first).await == corrected.data_set(), "the source of the first may correct it");
    let status = send(&server, "STRANGE", &foreign).await;
    assert!(status == 0 || status & 0xF000 == 0xB000, "kept, if not served: {status:04X}");
    assert!(served(&server, &first).await == corrected.data_set(), "another source does not replace it");
    assert_eq!(site.blobs().len(), 3, "every version is kept");
    let listed = conflicts(&server).await.to_string();
    assert!(listed.contains(first.sop_instance.as_str()), "{listed}");
    assert_eq!(server.search("instances").await.len(), 1, "an instance is found once");
    site.check_is_clean().await;
}

async fn eight_associations_that_send_the_same_study_store_it_once(site: Site) {
    let server = site.serve().await;
    let first = Instance::ct();
    let mut slices = first.clone().series_of(20);
    slices.extend(Instance { study: first.study.clone(), series_number: 2, ..Instance::ct() }.series_of(10));
    let mut senders = JoinSet::new();
    for number in 0..8 {
        let dicom = server.dicom;
        let mut slices = slices.clone();
        // Some begin elsewhere, so that they meet in all orders.
        slices.rotate_left(number % 4 * 5);
        senders.spawn(async move {
            let request = Association::request(dicom, CALLING, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
            let mut association = request.expect("a known peer");
            for slice in &slices {
                let status = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await;
                assert_eq!(status.expect("a response"), 0, "nothing fails for being sent twice");
            }
            association.release().await.expect("a clean end");
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.expect("every association ends well");
    }
    let studies = server.search("studies?includefield=all").await;
    assert_eq!(studies.len(), 1);
    assert_eq!(text_value(&studies[0], "00201206").as_deref(), Some("2"), "Number of Study Related Series");
    assert_eq!(text_value(&studies[0], "00201208").as_deref(), Some("30"), "Number of Study Related Instances");
    assert_eq!(server.search("instances?limit=100").await.len(), 30);
    assert_eq!(site.blobs().len(), 30);
    assert!(!conflicts(&server).await.to_string().contains(first.study.as_str()));
    site.check_is_clean().await;
}
