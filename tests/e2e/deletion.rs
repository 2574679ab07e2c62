//! Deleting by DICOMweb: gone from sight, restorable, then destroyed by the server itself.

use filmless_testkit::instance::Instance;
use filmless_testkit::server::Server;
use filmless_testkit::site::Site;
use filmless_testkit::wait;
use reqwest::Method;
use std::time::Duration;

on_both_back_ends!(
    a_deleted_series_is_gone_and_comes_back_as_it_was,
    what_was_deleted_is_destroyed_when_its_time_is_over,
    stores_and_deletions_side_by_side_all_succeed,
);

async fn delete(server: &Server, path: &str) -> u16 {
    let response = server.request(Method::DELETE, &format!("/dicom-web/{path}")).send().await.expect("the server answers");
    response.status().as_u16()
}

async fn a_deleted_series_is_gone_and_comes_back_as_it_was(site: Site) {
    let server = site.serve().await;
    let slices = Instance::ct().series_of(3);
    server.store_all(&slices).await;
    let series = format!("studies/{}/series/{}", slices[0].study, slices[0].series);
    let before: Vec<_> = server.retrieve(&series).await.into_iter().map(|part| part.body).collect();
    assert_eq!(before.len(), 3);
    assert_eq!(delete(&server, &series).await, 204);
    assert_eq!(delete(&server, &series).await, 404);
    assert!(server.search("instances").await.is_empty() && server.retrieve(&series).await.is_empty());
    assert_eq!(site.blobs().len(), 3, "the bytes are kept for a time");
    site.check_is_clean().await;

    let listed = site.run(&["restore"]).await.success();
    assert!(listed.contains(slices[0].series.as_str()), "{listed}");
    let listed: serde_json::Value = server.get("/api/deletions", "application/json").await.json().await.expect("JSON");
    assert_eq!((&listed[0]["restorable"], &listed[0]["series"]), (&3.into(), &slices[0].series.as_str().into()));
    let restore = format!("/api/deletions/{}/restore", listed[0]["deletion"]);
    let restored = server.request(Method::POST, &restore).send().await.expect("the server answers");
    assert_eq!(restored.status().as_u16(), 200);
    let after: Vec<_> = server.retrieve(&series).await.into_iter().map(|part| part.body).collect();
    assert!(after == before, "every byte is as it was");
    site.check_is_clean().await;
}

async fn what_was_deleted_is_destroyed_when_its_time_is_over(mut site: Site) {
    let server = site.serve().await;
    let slices = Instance::ct().series_of(3);
    server.store_all(&slices).await;
    assert_eq!(delete(&server, &format!("studies/{}", slices[0].study)).await, 204);
    assert!(server.stop().await, "the server stops cleanly");
    assert_eq!(site.blobs().len(), 3);
    site.set("archive.keep_deleted_days", "0");
    let token = site.add_token().await;
    let server = site.start(token).await;
    wait::until("nothing is left of it", Duration::from_mins(1), async || site.blobs().is_empty().then_some(())).await;
    site.check_is_clean().await;
    server.store_all(&slices).await;
    assert_eq!(server.search("instances").await.len(), 3, "it may come again");
    site.check_is_clean().await;
}

async fn stores_and_deletions_side_by_side_all_succeed(site: Site) {
    let server = site.serve().await;
    let slices = Instance::ct().series_of(20);
    let study = format!("studies/{}", slices[0].study);
    let deleting = async {
        for _ in 0..15 {
            let status = delete(&server, &study).await;
            assert!(status == 204 || status == 404, "{status}");
        }
    };
    let storing = async |slices: &[Instance]| {
        for slice in slices {
            server.store_all(std::slice::from_ref(slice)).await;
        }
    };
    tokio::join!(deleting, storing(&slices[..10]), storing(&slices[10..]));
    server.store_all(&slices).await;
    assert_eq!(server.retrieve(&study).await.len(), 20);
    site.check_is_clean().await;
}
