//! Studies as media in ZIP archives: `Accept: application/zip`.

use std::io::{Cursor, Read as _};

use axum::http::StatusCode;
use filmless_testkit::instance::Instance;
use filmless_testkit::part10::Part10;

use crate::site::{Answer, Site, instance_path};

const ZIP: &str = "application/zip";

/// Names and contents of the files.
fn files(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), ZIP);
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body[..])).expect("a ZIP archive");
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).expect("an entry");
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("its checksum is right");
            (file.name().expect("a name in ASCII").into_owned(), content)
        })
        .collect()
}

#[tokio::test]
async fn a_study_a_series_and_an_instance_come_as_media() {
    let site = Site::new().await;
    let first = Instance::ct().series_of(3);
    let second = Instance { series: Instance::ct().series, series_number: 2, ..first[0].next().next().next() };
    site.fill(&first).await;
    site.fill(std::slice::from_ref(&second)).await;
    let study = format!("/studies/{}", first[0].study);
    let answer = site.get(&study, ZIP).await;
    let found = files(&answer);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["DICOM/S0000001/I0000001", "DICOM/S0000001/I0000002", "DICOM/S0000001/I0000003", "DICOM/S0000002/I0000001", "DICOMDIR"];
    assert_eq!(names, expected);
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{}.zip\"", first[0].study));
    for ((_, content), instance) in found.iter().zip(first.iter().chain([&second])) {
        assert_eq!(Part10::parse(content).expect("a DICOM file").data_set, instance.data_set());
    }
    let directory = Part10::parse(&found[4].1).expect("a DICOM file");
    assert_eq!(directory.sop_class, "1.2.840.10008.1.3.10");
    assert_eq!(site.get(&study, ZIP).await.body, answer.body, "the same study makes the same archive");

    assert_eq!(files(&site.get(&format!("{study}/series/{}", first[0].series), ZIP).await).len(), 4);
    assert_eq!(files(&site.get(&instance_path(&first[1]), "application/zip; transfer-syntax=*").await).len(), 2);
}

#[tokio::test]
async fn an_archive_comes_only_to_those_who_ask_for_one() {
    let site = Site::new().await;
    let instance = Instance::ct();
    site.fill(std::slice::from_ref(&instance)).await;
    let study = format!("/studies/{}", instance.study);
    for accept in ["*/*", "", "multipart/related; type=application/dicom, application/zip;q=0.5"] {
        assert!(site.get(&study, accept).await.header("content-type").starts_with("multipart/related"), "{accept}");
    }
    for accept in ["application/zip, multipart/related; type=\"application/dicom\";q=0.9", "text/html, application/*;q=0.1"] {
        let content_type = site.get(&study, accept).await.header("content-type").to_owned();
        assert!(content_type.starts_with("application/"), "{accept}: {content_type}");
    }
    let path = format!("{study}?accept=application/zip");
    assert_eq!(files(&site.get(&path, "*/*").await).len(), 2);
    site.get(&study, "application/zip; transfer-syntax=1.2.840.10008.1.2.4.100").await.assert_problem(406, "not-acceptable");
}
