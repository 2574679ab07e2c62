//! Structured Reports and Key Object Selections as pages and as plain text.

use std::fs;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_model::uid::SopClassUid;
use filmless_testkit::instance::Instance;
use filmless_testkit::repository::testdata;

use crate::elements::{element, items, sequence};
use crate::site::{Answer, Site, instance_path, stored};

async fn rendered(site: &Site, path: &str, accept: &str, language: &str) -> Answer {
    let headers = [("accept", accept), ("accept-language", language)];
    site.send(Method::GET, &format!("{path}/rendered"), &headers, Body::empty()).await
}

#[tokio::test]
async fn every_report_is_a_page_and_a_text() {
    let site = Site::new().await;
    for (file, words) in [
        ("sr/reportsi.dcm", &["Section Heading", "Enter text"][..]),
        ("sr/sample-sr.dcm", &[]),
        ("sr/sr.dcm", &[]),
        ("sr/sr_document.dcm", &["Imaging Measurement Report", "Tracking Identifier"]),
        ("sr/sr_document_with_multiple_groups.dcm", &["Measurement Group", "Image0001", "Doe John"]),
        ("sr/test-SR.dcm", &[]),
        ("derived-on-ct-volume/sr_tid1500_measurement.dcm", &["mm"]),
        ("derived-on-ct-volume/kos_of_interest.dcm", &["Of Interest"]),
        ("derived-on-ct-volume/kos_rejected_for_quality.dcm", &["Rejected for Quality"]),
    ] {
        let path = stored(&site, &format!("dicom/{file}")).await;
        let page = rendered(&site, &path, "*/*", "en").await;
        assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"), "{file}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"), "{file}");
        assert!(page.header("vary").contains("accept-language"));
        let html = page.text();
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">") && html.ends_with("</html>"), "{file}");
        assert!(!html.contains("<script") && html.contains("<dt>Patient"), "{file}");
        let text = rendered(&site, &path, "text/plain", "en").await;
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8", "{file}");
        assert!(rendered(&site, &path, "text/plain", "vi").await.text().contains(" người bệnh: "), "{file}");
        for word in words {
            assert!(html.contains(word) && text.text().contains(word), "{file}: {word}\n{}", text.text());
        }
        let headers = [("accept", "*/*"), ("accept-language", "en"), ("if-none-match", page.header("etag"))];
        let again = site.send(Method::GET, &format!("{path}/rendered"), &headers, Body::empty()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{file}");
        let vietnamese = rendered(&site, &path, "text/html", "vi-VN,vi;q=0.9").await;
        assert!(vietnamese.text().contains("<html lang=\"vi\">") && vietnamese.header("etag") != page.header("etag"), "{file}");
        site.get(&format!("{path}/rendered"), "image/jpeg").await.assert_problem(406, "not-acceptable");
    }
}

#[tokio::test]
async fn known_concepts_are_named_in_the_language_of_who_reads() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/sr/sr_document_with_multiple_groups.dcm").await;
    let vietnamese = rendered(&site, &path, "text/html", "vi").await.text();
    assert!(vietnamese.contains("<title>Báo cáo các phép đo trên ảnh</title>"), "{vietnamese}");
    assert!(vietnamese.contains(">Nhóm phép đo</h") && !vietnamese.contains("Measurement Group"), "{vietnamese}");
    let english = rendered(&site, &path, "text/html", "en").await.text();
    assert!(english.contains(">Measurement Group</h"), "{english}");
}

#[tokio::test]
async fn references_lead_to_the_rendered_image() {
    let site = Site::new().await;
    for entry in fs::read_dir(testdata("dicom/volume-ct-head-phantom")).expect("a folder") {
        let file = fs::read(entry.expect("an entry").path()).expect("a file");
        assert_eq!(site.store("/studies", &[file]).await.status, StatusCode::OK);
    }
    let path = stored(&site, "dicom/derived-on-ct-volume/kos_of_interest.dcm").await;
    let html = rendered(&site, &path, "text/html", "en").await.text();
    let links: Vec<_> = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!links.is_empty());
    let mut pictures = 0;
    for link in links {
        let picture = site.get(link.strip_prefix("/dicom-web").expect("a path of this door"), "image/jpeg").await;
        pictures += usize::from(picture.status == StatusCode::OK && picture.header("content-type") == "image/jpeg");
    }
    assert!(pictures > 0);
}

/// A report of these content items.
fn report(content: &[Vec<Vec<u8>>]) -> Instance {
    let title = items(&[vec![element(0x0008, 0x0104, "LO", b"<h1>Title & \"more\"</h1>")]]);
    Instance {
        sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.88.33").expect("a UID"),
        patient_name: b"<script>alert(1)</script>^\"x".to_vec(),
        extra: vec![
            (0x0040, 0xA040, "CS", b"CONTAINER".to_vec()),
            (0x0040, 0xA043, "SQ", title),
            (0x0040, 0xA730, "SQ", items(content)),
        ],
        ..Instance::ct()
    }
}

fn named(name: &[u8]) -> Vec<u8> {
    sequence(0x0040, 0xA043, &[vec![element(0x0008, 0x0104, "LO", name)]])
}

#[tokio::test]
async fn nothing_that_a_report_says_is_markup() {
    let site = Site::new().await;
    let hostile = b"</span><img src=x onerror=alert(1)>'\"&lt;";
    let instance = report(&[
        vec![
            element(0x0040, 0xA010, "CS", b"CONTAINS"),
            element(0x0040, 0xA040, "CS", b"TEXT"),
            named(b"<i onclick='x'>"),
            element(0x0040, 0xA160, "UT", hostile),
        ],
        vec![element(0x0040, 0xA010, "CS", b"<u>"), element(0x0040, 0xA040, "CS", b"<SCRIPT>"), named(b"\" style=\"x")],
        vec![
            element(0x0040, 0xA010, "CS", b"CONTAINS"),
            element(0x0040, 0xA040, "CS", b"DATE"),
            named(b"Date"),
            element(0x0040, 0xA121, "DA", b"<b>date>"),
        ],
        vec![
            element(0x0008, 0x1199, "SQ", &items(&[vec![element(0x0008, 0x1155, "UI", b"javascript:alert(1)")]])),
            element(0x0040, 0xA010, "CS", b"CONTAINS"),
            element(0x0040, 0xA040, "CS", b"IMAGE"),
        ],
    ]);
    site.fill(std::slice::from_ref(&instance)).await;
    let html = rendered(&site, &instance_path(&instance), "text/html", "en").await.text();
    for markup in ["<script", "<img", "<i ", "<u>", "<SCRIPT", "onclick='", "\" style=\"", "javascript:", "<b>date", "<h1>Title"]
    {
        assert!(!html.contains(markup), "{markup}: {html}");
    }
    assert!(html.contains("&lt;/span&gt;&lt;img src=x onerror=alert(1)&gt;&#39;&quot;&amp;lt;"), "{html}");
    let opened = html.matches("<span>").count();
    assert_eq!(opened, html.matches("</span>").count());
}

#[tokio::test]
async fn items_by_reference_lead_to_the_item_that_is_meant() {
    let site = Site::new().await;
    let place = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let instance = report(&[
        vec![
            element(0x0040, 0xA010, "CS", b"CONTAINS"),
            element(0x0040, 0xA040, "CS", b"TEXT"),
            named(b"Finding"),
            element(0x0040, 0xA160, "UT", b"a shadow"),
        ],
        vec![element(0x0040, 0xA010, "CS", b"INFERRED FROM"), element(0x0040, 0xDB73, "UL", &place(&[1, 1]))],
        vec![element(0x0040, 0xA010, "CS", b"INFERRED FROM"), element(0x0040, 0xDB73, "UL", &place(&[1, 9, 9]))],
    ]);
    site.fill(std::slice::from_ref(&instance)).await;
    let html = rendered(&site, &instance_path(&instance), "text/html", "vi").await.text();
    assert!(
        html.contains("id=\"item-1.1\"") && html.contains("<small>suy ra từ</small><a href=\"#item-1.1\">→ 1.1 Finding</a>"),
        "{html}"
    );
    assert!(html.contains("<span>→ 1.9.9</span>"), "{html}");
}

#[tokio::test]
async fn a_report_of_many_items_is_bounded() {
    let site = Site::new().await;
    let line = || {
        vec![
            element(0x0040, 0xA010, "CS", b"CONTAINS"),
            element(0x0040, 0xA040, "CS", b"TEXT"),
            element(0x0040, 0xA160, "UT", b"line"),
        ]
    };
    let instance = report(&(0..25_000).map(|_| line()).collect::<Vec<_>>());
    site.fill(std::slice::from_ref(&instance)).await;
    let page = rendered(&site, &instance_path(&instance), "text/html", "en").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("longer than what is shown") && page.text().matches("<p ").count() < 20_000);
}
