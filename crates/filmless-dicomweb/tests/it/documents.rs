//! The rendered forms of what is no picture: documents and video as they were put in.

use std::fs;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::uid::SopClassUid;
use filmless_testkit::instance::Instance;
use filmless_testkit::repository::testdata;

use crate::site::{Site, instance_path, stored};

/// What stands in a file from a mark on.
fn from_mark(file: &str, mark: &[u8]) -> Vec<u8> {
    let bytes = fs::read(testdata(file)).expect("a file");
    let place = bytes.windows(mark.len()).position(|window| window == mark).expect("the mark");
    bytes[place..].to_vec()
}

#[tokio::test]
async fn encapsulated_documents_come_out_as_they_were_put_in() {
    let site = Site::new().await;
    for (file, media_type, mark, end, disposition) in [
        ("encapsulated_pdf.dcm", "application/pdf", &b"%PDF-"[..], &b"%%EOF"[..], "inline"),
        ("encapsulated_pdf_fake_patient.dcm", "application/pdf", b"%PDF-", b"%%EOF", "inline"),
        ("encapsulated_cda.dcm", "text/xml", b"<?xml", b"</ClinicalDocument>", "inline"),
    ] {
        let file = format!("dicom/encapsulated/{file}");
        let path = stored(&site, &file).await;
        let answer = site.get(&format!("{path}/rendered"), "*/*").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, media_type), "{file}");
        let whole = from_mark(&file, mark);
        assert!(whole.starts_with(&answer.body) && answer.body.len() > 500, "{file}: {}", answer.body.len());
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(text.trim_end().as_bytes().ends_with(end) && !text.ends_with('\0'), "{file}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        let name = answer.header("content-disposition");
        let uid = path.rsplit('/').next().expect("a UID");
        assert!(name.starts_with(disposition) && name.contains(&format!("filename=\"{uid}.")), "{name}");

        let headers = [("accept", "*/*"), ("range", "bytes=2-5")];
        let range = site.send(Method::GET, &format!("{path}/rendered"), &headers, Body::empty()).await;
        assert_eq!((range.status, &range.body[..]), (StatusCode::PARTIAL_CONTENT, &whole[2..6]), "{file}");
        let headers = [("accept", "*/*"), ("if-none-match", answer.header("etag"))];
        let again = site.send(Method::GET, &format!("{path}/rendered"), &headers, Body::empty()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{file}");
        let study = path.split("/series").next().expect("a study");
        assert_eq!(site.get(&format!("{study}/rendered"), media_type).await.body, answer.body, "{file}");
        let parts = site.get(&format!("{path}/rendered"), &format!("multipart/related; type=\"{media_type}\"")).await.parts();
        assert!(parts.len() == 1 && parts[0].body == answer.body, "{file}");
        site.get(&format!("{path}/rendered"), "image/jpeg").await.assert_problem(406, "not-acceptable");
    }
    let path = stored(&site, "dicom/encapsulated/encapsulated_stl.dcm").await;
    let answer = site.get(&format!("{path}/rendered"), "model/stl").await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 284));
    assert!(answer.header("content-disposition").starts_with("attachment; "));
}

#[tokio::test]
async fn a_document_is_never_of_the_type_that_it_says_itself() {
    let site = Site::new().await;
    let hostile = b"<html><script>alert(1)</script></html>".to_vec();
    let instance = |suffix: &str| Instance {
        sop_class: SopClassUid::parse(&format!("1.2.840.10008.5.1.4.1.1.{suffix}")).expect("a UID"),
        extra: vec![(0x0042, 0x0011, "OB", hostile.clone()), (0x0042, 0x0012, "LO", b"text/html".to_vec())],
        ..Instance::ct()
    };
    let pdf = instance("104.1");
    site.fill(std::slice::from_ref(&pdf)).await;
    let answer = site.get(&format!("{}/rendered", instance_path(&pdf)), "text/html,*/*;q=0.8").await;
    assert_eq!((answer.header("content-type"), answer.header("x-content-type-options")), ("application/pdf", "nosniff"));
    let unknown = instance("104.99");
    let file = unknown.part10();
    if site.store("/studies", &[file]).await.status == StatusCode::OK {
        site.get(&format!("{}/rendered", instance_path(&unknown)), "*/*").await.assert_problem(406, "no-pixels");
    }
}

#[tokio::test]
async fn video_is_the_stored_stream_in_its_container() {
    let site = Site::new().await;
    for (file, media_type, mark) in [
        ("dicom/video/video_h264_high41.dcm", "video/mp4", &b"\0\0\0\x20ftypisom"[..]),
        ("dicom/video/video_hevc_main51.dcm", "video/mp2t", b"G@\x11\x10\0B\xf0"),
    ] {
        let path = stored(&site, file).await;
        let answer = site.get(&format!("{path}/rendered"), "*/*").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, media_type), "{file}");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert!(from_mark(file, mark).starts_with(&answer.body) && answer.body.len() > 20_000, "{file}");
        let headers = [("accept", "video/*"), ("range", "bytes=1000-")];
        let rest = site.send(Method::GET, &format!("{path}/rendered"), &headers, Body::empty()).await;
        assert_eq!((rest.status, &rest.body[..]), (StatusCode::PARTIAL_CONTENT, &answer.body[1000..]), "{file}");
        site.get(&format!("{path}/frames/1/rendered"), "*/*").await.assert_problem(406, "undecodable");
    }
}

#[tokio::test]
async fn what_is_no_picture_has_a_drawing_as_thumbnail() {
    let site = Site::new().await;
    let mut drawings = Vec::new();
    for file in [
        "encapsulated/encapsulated_pdf.dcm",
        "sr/sample-sr.dcm",
        "ecg/waveform_ecg.dcm",
        "video/video_h264_high41.dcm",
        "encapsulated/encapsulated_stl.dcm",
    ] {
        let path = stored(&site, &format!("dicom/{file}")).await;
        let series = path.split("/instances").next().expect("a series");
        let answer = site.get(&format!("{path}/thumbnail"), "image/png").await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/png"), "{file}");
        assert_eq!(site.get(&format!("{series}/thumbnail"), "image/png").await.body, answer.body, "{file}");
        assert!(!drawings.contains(&answer.body), "{file}");
        drawings.push(answer.body);
    }
}

#[tokio::test]
async fn an_image_stands_for_a_study_before_a_document_does() {
    let site = Site::new().await;
    let image = Instance { series_number: 2, ..Instance::ct() };
    let document = Instance {
        study: image.study.clone(),
        sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.104.1").expect("a UID"),
        extra: vec![(0x0042, 0x0011, "OB", b"%PDF-".to_vec())],
        ..Instance::ct()
    };
    site.fill(&[document, image.clone()]).await;
    assert_eq!(site.get(&format!("/studies/{}/rendered", image.study), "*/*").await.header("content-type"), "image/jpeg");
}
