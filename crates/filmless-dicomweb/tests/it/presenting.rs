//! Images as presentation states show them.

use std::fs;

use axum::http::StatusCode;
use filmless_model::uid::SopClassUid;
use filmless_testkit::instance::Instance;
use filmless_testkit::repository::testdata;

use crate::site::{Site, stored};

#[tokio::test]
async fn a_state_shows_its_image_if_that_is_here() {
    let site = Site::new().await;
    let state = stored(&site, "dicom/pr-gsps/prLUTs.dcm").await;
    for rest in ["rendered", "thumbnail"] {
        site.get(&format!("{state}/{rest}"), "*/*").await.assert_problem(406, "state-not-shown");
    }
    let image = stored(&site, "dicom/pr-gsps/imageForPrLUTs.dcm").await;
    let (plain, shown) =
        (site.get(&format!("{image}/rendered"), "image/png").await, site.get(&format!("{state}/rendered"), "image/png").await);
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/png"), "{}", shown.text());
    assert!(shown.body.starts_with(b"\x89PNG") && shown.body != plain.body);
    assert_eq!(site.get(&format!("{state}/rendered"), "image/png").await.body, shown.body);
    let thumbnail = site.get(&format!("{state}/thumbnail"), "*/*").await;
    assert_eq!((thumbnail.status, thumbnail.header("content-type")), (StatusCode::OK, "image/jpeg"));
    for (query, parameter) in [("window=40,400,linear", "window"), ("viewport=64,64,0,0,10,10", "viewport")] {
        let refused = site.get(&format!("{state}/rendered?{query}"), "*/*").await;
        refused.assert_problem(400, "bad-parameter");
        assert_eq!(refused.json()["parameter"], parameter);
    }
    assert_eq!(site.get(&format!("{state}/rendered?viewport=64,64"), "*/*").await.status, StatusCode::OK);
    // The study is still shown by its image.
    let study = state.split("/series").next().expect("a study");
    assert_eq!(site.get(&format!("{study}/rendered"), "image/png").await.body, plain.body);
}

#[tokio::test]
async fn states_of_other_kinds_are_refused_and_said_to_be() {
    let site = Site::new().await;
    let sop_class = SopClassUid::parse("1.2.840.10008.5.1.4.1.1.11.4").expect("a UID");
    let blending = Instance { sop_class, ..Instance::ct() };
    site.fill(std::slice::from_ref(&blending)).await;
    let path = format!("/studies/{}/series/{}/instances/{}", blending.study, blending.series, blending.sop_instance);
    for rest in ["rendered", "thumbnail"] {
        let refused = site.get(&format!("{path}/{rest}"), "*/*").await;
        refused.assert_problem(406, "state-not-shown");
        assert!(refused.text().contains("grayscale and color"), "{}", refused.text());
    }
}

#[tokio::test]
async fn the_next_image_is_shown_when_the_first_is_gone() {
    let site = Site::new().await;
    for file in fs::read_dir(testdata("dicom/volume-ct-head-phantom")).expect("a folder") {
        let file = fs::read(file.expect("an entry").path()).expect("a file");
        assert_eq!(site.store("/studies", &[file]).await.status, StatusCode::OK);
    }
    let state = stored(&site, "dicom/derived-on-ct-volume/gsps_graphics.dcm").await;
    let shown = site.get(&format!("{state}/rendered"), "image/jpeg").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let tag = shown.header("etag").to_owned();
    let headers = [("accept", "image/jpeg"), ("if-none-match", tag.as_str())];
    let again = site.open(&format!("{state}/rendered"), &headers).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    // Without the first of its images the next one is shown.
    let first = "/studies/1.3.46.670589.33.1.27492712521914879309.27169771283235650014\
                 /series/1.3.46.670589.33.1.6002432791750815306.26862469513794233732\
                 /instances/1.3.46.670589.33.1.37391012551059187011.27766834801129997829";
    let deleted = site.send(axum::http::Method::DELETE, first, &[], axum::body::Body::empty()).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let next = site.open(&format!("{state}/rendered"), &headers).await;
    assert_eq!(next.status(), StatusCode::OK);
}
