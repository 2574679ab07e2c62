//! WADO-URI: the same files and pictures as by WADO-RS, asked for in a query string.

use axum::http::StatusCode;
use filmless_testkit::instance::EXPLICIT_VR_LITTLE_ENDIAN;
use filmless_testkit::part10::Part10;

use crate::site::{Answer, Site, stored};

const RLE: &str = "1.2.840.10008.1.2.5";

/// A file of testdata, by both services.
struct Instance {
    site: Site,
    path: String,
    uri: String,
}

impl Instance {
    async fn of(file: &str) -> Self {
        let site = Site::new().await;
        let path = stored(&site, file).await;
        let uids: Vec<_> = path.split('/').skip(2).step_by(2).collect();
        let uri = format!("/wado?requestType=WADO&studyUID={}&seriesUID={}&objectUID={}", uids[0], uids[1], uids[2]);
        Self { site, path, uri }
    }

    async fn by_uri(&self, query: &str, accept: &str) -> Answer {
        self.site.get(&format!("{}{query}", self.uri), accept).await
    }

    async fn by_path(&self, rest: &str, accept: &str) -> Answer {
        let answer = self.site.get(&format!("{}{rest}", self.path), accept).await;
        assert_eq!(answer.status, StatusCode::OK, "{rest}: {}", answer.text());
        answer
    }
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> [u32; 2] {
    assert!(png.starts_with(b"\x89PNG"));
    [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes")))
}

#[tokio::test]
async fn pictures_are_those_of_wado_rs() {
    let mr = Instance::of("dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    for (query, accept, rendered, media_type) in [
        ("", "*/*", "/rendered", "image/jpeg"),
        ("", "image/png", "/rendered", "image/png"),
        ("&contentType=image/png", "image/jpeg", "/rendered", "image/png"),
        ("&contentType=image/x-none,image/png;q=0.5,image/jpeg;q=0.2", "*/*", "/rendered", "image/png"),
        ("&frameNumber=1&imageQuality=20", "*/*", "/rendered?quality=20", "image/jpeg"),
        ("&windowCenter=300&windowWidth=500", "*/*", "/rendered?window=300,500,linear", "image/jpeg"),
        ("&annotation=technique,patient", "*/*", "/rendered?annotation=patient,technique", "image/jpeg"),
        ("&rows=64&columns=32", "image/png", "/rendered?viewport=32,64", "image/png"),
        ("&rows=96&region=0.25,0,0.5,0.5", "image/png", "/rendered?viewport=4096,96,96,0,96,192", "image/png"),
    ] {
        let (by_uri, by_path) = (mr.by_uri(query, accept).await, mr.by_path(rendered, media_type).await);
        assert_eq!(by_uri.status, StatusCode::OK, "{query}: {}", by_uri.text());
        assert_eq!(by_uri.header("content-type"), media_type, "{query}");
        assert!(by_uri.body == by_path.body, "{query} is not {rendered}");
        let known = [("accept", accept), ("if-none-match", by_uri.header("etag"))];
        let again = mr.site.open(&format!("{}{query}", mr.uri), &known).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{query}");
    }
    for (query, expected) in [
        ("&region=0.25,0,0.5,0.5", [96, 192]),
        ("&rows=50", [50, 50]),
        ("&columns=500", [500, 500]),
        ("&columns=20&rows=30", [20, 20]),
    ] {
        assert_eq!(size(&mr.by_uri(query, "image/png").await.body), expected, "{query}");
    }
}

#[tokio::test]
async fn files_are_those_of_wado_rs() {
    let mr = Instance::of("dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    for (query, accept, form) in [
        ("", "application/dicom", ""),
        ("&contentType=application/dicom", "image/jpeg", ""),
        ("&contentType=application%2Fdicom&transferSyntax=1.2.840.10008.1.2.1", "*/*", EXPLICIT_VR_LITTLE_ENDIAN),
        ("&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.5", "*/*", RLE),
        ("&transferSyntax=1.2.840.10008.1.2.5", "*/*", RLE),
        ("&contentType=application/dicom&transferSyntax=*", "*/*", "*"),
    ] {
        let form = if form.is_empty() { String::new() } else { format!("; transfer-syntax={form}") };
        let (by_uri, by_path) = (mr.by_uri(query, accept).await, mr.by_path("", &format!("application/dicom{form}")).await);
        assert_eq!(by_uri.status, StatusCode::OK, "{query}: {}", by_uri.text());
        assert_eq!(by_uri.header("content-type"), by_path.header("content-type"), "{query}");
        assert!(by_uri.body == by_path.body, "{query}");
    }
    let rle = mr.by_uri("&transferSyntax=1.2.840.10008.1.2.5", "*/*").await;
    assert_eq!(Part10::parse(&rle.body).expect("a DICOM file").transfer_syntax, RLE);
    let lossy = mr.by_uri("&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.4.50", "*/*").await;
    lossy.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn many_frames_are_a_file_unless_one_is_named() {
    let cine = Instance::of("dicom/nm-pt/nm_64x64x13f_16bit_evle.dcm").await;
    assert!(cine.by_uri("", "*/*").await.header("content-type").starts_with("application/dicom"));
    assert_eq!(cine.by_uri("", "image/jpeg").await.body, cine.by_path("/frames/1/rendered", "image/jpeg").await.body);
    assert_eq!(cine.by_uri("&frameNumber=3", "*/*").await.body, cine.by_path("/frames/3/rendered", "image/jpeg").await.body);
    assert_eq!(cine.by_uri("", "image/gif").await.body, cine.by_path("/rendered", "image/gif").await.body);
    let still = cine.by_uri("&frameNumber=3", "image/gif").await;
    assert_eq!(still.body, cine.by_path("/frames/3/rendered", "image/gif").await.body);
    let beyond = cine.by_uri("&frameNumber=14", "*/*").await;
    beyond.assert_problem(400, "bad-parameter");
    assert_eq!(beyond.json()["parameter"], "frameNumber");
}

#[tokio::test]
async fn what_has_no_pixels_is_a_file() {
    let plan = Instance::of("dicom/rt/rtplan.dcm").await;
    assert!(plan.by_uri("", "*/*").await.header("content-type").starts_with("application/dicom"));
    plan.by_uri("&contentType=image/jpeg", "*/*").await.assert_problem(406, "not-acceptable");
    plan.by_uri("&frameNumber=1&contentType=image/png", "*/*").await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn documents_are_files_or_what_they_hold() {
    let pdf = Instance::of("dicom/encapsulated/encapsulated_pdf.dcm").await;
    assert!(pdf.by_uri("", "*/*").await.header("content-type").starts_with("application/dicom"));
    let document = pdf.by_uri("&contentType=application/pdf", "*/*").await;
    assert_eq!((document.status, document.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert!(document.body == pdf.by_path("/rendered", "application/pdf").await.body);
    pdf.by_uri("", "image/jpeg").await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn what_is_not_done_is_refused_by_name() {
    let mr = Instance::of("dicom/transfer-syntaxes/same-mr-image/1.dcm").await;
    for (query, parameter) in [
        ("&contentType=application/dicom&anonymize=yes", "anonymize"),
        ("&presentationUID=1.2.3&presentationSeriesUID=1.2", "presentationUID"),
        ("&requestType=OTHER", "requestType"),
        ("&windowCenter=40", "windowWidth"),
    ] {
        let answer = mr.by_uri(query, "*/*").await;
        answer.assert_problem(400, "bad-parameter");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
    mr.by_uri("", "text/html").await.assert_problem(406, "not-acceptable");
    let elsewhere = mr.uri.replace("studyUID=", "studyUID=1.");
    mr.site.get(&elsewhere, "*/*").await.assert_problem(404, "not-found");
}
