//! STOW-RS with metadata and bulk data apart: what is put together, and what cannot be.

use axum::http::{Method, StatusCode};
use filmless_dicomweb::DicomwebConfig;
use filmless_testkit::instance::Instance;
use filmless_testkit::multipart;
use filmless_testkit::part10::Part10;
use serde_json::{Value, json};

use crate::site::{Answer, Site, instance_path};

const JSON: &str = "application/dicom+json";
const XML: &str = "application/dicom+xml";
const AS_STORED: &str = "application/dicom; transfer-syntax=*";

type Part<'a> = (&'a [&'a str], &'a [u8]);

/// A frame header of 4 lines of 6 grey samples, and the beginning of a scan.
const JPEG: &[u8] = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x04\0\x06\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\x55\xff\xd9";

async fn store(site: &Site, path: &str, part_type: &str, parts: &[Part<'_>]) -> Answer {
    let (content_type, body) = multipart::of_parts(part_type, parts);
    site.send(Method::POST, path, &[("content-type", &content_type)], body.into()).await
}

/// Metadata of an instance whose Pixel Data stands elsewhere.
fn metadata(instance: &Instance, uri: &str) -> Value {
    let ui = |uid: &str| json!({"vr": "UI", "Value": [uid]});
    json!({
        "00080016": ui(instance.sop_class.as_str()),
        "00080018": ui(instance.sop_instance.as_str()),
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Phantom^Nước"}]},
        "00100020": {"vr": "LO", "Value": [instance.patient_id]},
        "0020000D": ui(instance.study.as_str()),
        "0020000E": ui(instance.series.as_str()),
        "7FE00010": {"vr": "OW", "BulkDataURI": uri},
    })
}

fn reasons(answer: &Answer, sequence: &str) -> Vec<u64> {
    let json = answer.json();
    let items = json[sequence]["Value"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|item| item["00081197"]["Value"][0].as_u64()).collect()
}

async fn retrieved(site: &Site, instance: &Instance) -> Part10 {
    let answer = site.get(&instance_path(instance), AS_STORED).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    Part10::parse(&answer.body).expect("a DICOM file")
}

async fn is_stored(site: &Site, instance: &Instance) -> bool {
    site.get(&instance_path(instance), AS_STORED).await.status == StatusCode::OK
}

#[tokio::test]
async fn our_own_metadata_and_bulk_data_make_the_same_bytes_again() {
    for (form, accept) in [(JSON, JSON), (XML, "multipart/related; type=\"application/dicom+xml\"")] {
        let site = Site::new().await;
        let series = Instance { frames: 3, ..Instance::ct() }.series_of(2);
        site.fill(&series).await;
        let answer = site.get(&format!("/studies/{}/metadata", series[0].study), accept).await;
        let documents =
            if form == JSON { vec![answer.body.to_vec()] } else { answer.parts().into_iter().map(|part| part.body).collect() };
        let metadata: Value = site.get(&format!("/studies/{}/metadata", series[0].study), JSON).await.json();
        let mut heads = vec![format!("Content-Type: {form}"); documents.len()];
        let mut bodies = documents;
        for instance in metadata.as_array().expect("a list") {
            let uri = instance["7FE00010"]["BulkDataURI"].as_str().expect("bulk data");
            heads.push(format!("Content-Type: application/octet-stream\r\nContent-Location: {uri}"));
            let path = uri.strip_prefix("http://pacs.test/dicom-web").expect("our own address");
            bodies.push(site.get(path, "application/octet-stream").await.body.to_vec());
        }
        let heads: Vec<[&str; 1]> = heads.iter().map(|head| [head.as_str()]).collect();
        let parts: Vec<Part<'_>> = heads.iter().map(<[_; 1]>::as_slice).zip(bodies.iter().map(Vec::as_slice)).collect();

        let again = store(&site, "/studies", form, &parts).await;
        assert_eq!(again.status, StatusCode::OK, "{form}: the same bytes are no conflict: {}", again.text());
        let other = Site::new().await;
        let answer = store(&other, &format!("/studies/{}", series[0].study), form, &parts).await;
        assert_eq!(answer.status, StatusCode::OK, "{form}: {}", answer.text());
        for instance in &series {
            assert_eq!(retrieved(&other, instance).await.data_set, instance.data_set(), "{form}");
        }
    }
}

#[tokio::test]
async fn bulk_data_is_found_by_its_address_however_it_is_written() {
    for (uri, location) in [
        ("bulk/1", "bulk/1"),
        ("bulk/1", "/dicom-web/bulk/1"),
        ("http://pacs.test/dicom-web/bulk/1", "./bulk/x/../1"),
        ("cid:pixels", "cid:pixels"),
        ("urn:uuid:1", "urn:uuid:1"),
    ] {
        let site = Site::new().await;
        let instance = Instance::ct();
        let document = json!([metadata(&instance, uri)]).to_string();
        let location = format!("content-location: {location}");
        let parts: [Part<'_>; 2] = [(&["Content-Type: application/dicom+json"], document.as_bytes()), (&[&location], b"odd")];
        let answer = store(&site, "/studies", JSON, &parts).await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}: {}", answer.text());
        let file = retrieved(&site, &instance).await;
        assert!(file.data_set.ends_with(b"\xe0\x7f\x10\0OW\0\0\x04\0\0\0odd\0"), "padded to even length");
        assert!(file.data_set.starts_with(b"\x08\0\x05\0CS\x0a\0ISO_IR 192"), "the text of JSON is UTF-8");
    }
}

#[tokio::test]
async fn compressed_frames_are_encapsulated_in_the_transfer_syntax_of_their_parts() {
    let site = Site::new().await;
    let instance = Instance::ct();
    let mut document = metadata(&instance, "frames");
    document["00280008"] = json!({"vr": "IS", "Value": [3]});
    let document = json!([document]).to_string();
    let frame: Part<'_> = (&["Content-Type: image/jpeg", "Content-Location: frames"], JPEG);
    let parts = [(&["Content-Type: application/dicom+json"][..], document.as_bytes()), frame, frame, frame];
    let answer = store(&site, "/studies", JSON, &parts).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let file = retrieved(&site, &instance).await;
    assert_eq!(file.transfer_syntax, "1.2.840.10008.1.2.4.50", "the bytes say that it is JPEG baseline");
    let frames = site.get(&format!("{}/frames", instance_path(&instance)), "multipart/related; type=image/jpeg").await.parts();
    assert_eq!(frames.len(), 3);
    let padded = [JPEG, b"\0"].concat();
    assert!(frames.iter().all(|part| part.body == JPEG || part.body == padded));
    let metadata = site.get(&format!("{}/metadata", instance_path(&instance)), JSON).await.json();
    assert_eq!((&metadata[0]["00280010"]["Value"][0], &metadata[0]["00280011"]["Value"][0]), (&json!(4), &json!(6)));
    assert_eq!(metadata[0]["00280004"]["Value"][0], "MONOCHROME2", "what the picture says of itself is filled in");
}

#[tokio::test]
async fn a_document_is_stored_whole_and_says_how_long_it_is() {
    let site = Site::new().await;
    let instance = Instance::ct();
    let mut document = metadata(&instance, "unused");
    document.as_object_mut().expect("an object").remove("7FE00010");
    document["00420011"] = json!({"vr": "OB", "BulkDataURI": "letter"});
    let document = json!(document).to_string();
    let parts: [Part<'_>; 2] = [
        (&["Content-Type: application/dicom+json"], document.as_bytes()),
        (&["Content-Type: application/pdf", "Content-Location: letter"], b"%PDF-1.7 letter"),
    ];
    let answer = store(&site, "/studies", JSON, &parts).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let data_set = retrieved(&site, &instance).await.data_set;
    assert!(data_set.ends_with(b"\x10\0\0\0%PDF-1.7 letter\0\x42\0\x15\0UL\x04\0\x0f\0\0\0"));
}

#[tokio::test]
async fn what_one_instance_lacks_costs_no_other() {
    let site = Site::new().await;
    let [good, missing, flawed, elsewhere] = [Instance::ct(), Instance::ct(), Instance::ct(), Instance::ct()];
    let mut bad = metadata(&flawed, "good");
    bad["00280010"] = json!({"vr": "US", "Value": [-1]});
    let document = json!([
        metadata(&good, "good"),
        metadata(&missing, "missing"),
        bad,
        metadata(&elsewhere, "http://127.0.0.1:1/never-fetched"),
    ]);
    let document = document.to_string();
    let parts: [Part<'_>; 5] = [
        (&["Content-Type: application/dicom+json"], document.as_bytes()),
        (&["Content-Type: application/octet-stream", "Content-Location: good"], b"pixels"),
        (&["Content-Type: application/octet-stream", "Content-Location: good"], b"other!"),
        (&["Content-Type: application/octet-stream", "Content-Location: nobody's"], b"pixels"),
        (&["Content-Type: application/octet-stream"], b"pixels"),
    ];
    let answer = store(&site, "/studies", JSON, &parts).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(reasons(&answer, "00081198"), [0xC000; 3], "missing, flawed, elsewhere");
    assert_eq!(reasons(&answer, "0008119A"), [0xC000; 3], "parts that nobody asks for");
    assert!(retrieved(&site, &good).await.data_set.ends_with(b"pixels"), "the first of two is taken");
    for instance in [missing, flawed, elsewhere] {
        assert!(!is_stored(&site, &instance).await);
    }
}

#[tokio::test]
async fn labels_that_bytes_contradict_are_refused_with_their_reason() {
    let site = Site::new().await;
    for (head, content, reason) in [
        ("Content-Type: image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70", JPEG, 0xC000),
        ("Content-Type: image/jpeg", b"GIF89a", 0xC000),
        ("Content-Type: image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.90", JPEG, 0xC122),
        ("Content-Type: application/octet-stream; transfer-syntax=1.2.840.10008.1.2.2", JPEG, 0xC122),
        ("Content-Type: application/octet-stream; transfer-syntax=../../x", JPEG, 0xC122),
    ] {
        let instance = Instance::ct();
        let document = metadata(&instance, "b").to_string();
        let parts: [Part<'_>; 2] =
            [(&["Content-Type: application/dicom+json"], document.as_bytes()), (&[head, "Content-Location: b"], content)];
        let answer = store(&site, "/studies", JSON, &parts).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{head}: {}", answer.text());
        assert_eq!(reasons(&answer, "00081198"), [reason], "{head}");
        assert!(!is_stored(&site, &instance).await);
    }
}

#[tokio::test]
async fn instances_without_bulk_data_may_be_the_whole_body_and_the_answer_xml() {
    let site = Site::new().await;
    let instance = Instance::ct();
    let mut document = metadata(&instance, "unused");
    document.as_object_mut().expect("an object").remove("7FE00010");
    let headers = [("content-type", JSON), ("accept", XML)];
    let answer = site.send(Method::POST, "/studies", &headers, document.to_string().into()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), XML);
    assert!(answer.text().contains("keyword=\"ReferencedSOPSequence\""), "{}", answer.text());
    assert!(is_stored(&site, &instance).await);

    let xml =
        site.get(&format!("{}/metadata", instance_path(&instance)), "multipart/related; type=\"application/dicom+xml\"").await;
    let answer = site.send(Method::POST, "/studies", &[("content-type", XML)], xml.parts()[0].body.clone().into()).await;
    assert_eq!(answer.status, StatusCode::OK, "the same again: {}", answer.text());

    let wanting = metadata(&Instance::ct(), "no part can bring it").to_string();
    let answer = site.send(Method::POST, "/studies", &[("content-type", JSON)], wanting.into()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
}

#[tokio::test]
async fn documents_that_cannot_be_read_are_refused_whole() {
    let site = Site::with(DicomwebConfig { max_store_metadata_bytes: 4096, ..DicomwebConfig::default() }).await;
    let long = format!("[{}]", " ".repeat(5000));
    let deep = format!("{}{{}}{}", r#"{"00400275":{"vr":"SQ","Value":["#.repeat(40), "]}}".repeat(40));
    for (body, status, code) in [
        ("[{", 400, "malformed-metadata"),
        ("[]", 400, "nothing-to-store"),
        (long.as_str(), 413, "metadata-too-long"),
        (deep.as_str(), 400, "malformed-metadata"),
    ] {
        let answer = store(&site, "/studies", JSON, &[(&["Content-Type: application/dicom+json"], body.as_bytes())]).await;
        answer.assert_problem(status, code);
        let answer = site.send(Method::POST, "/studies", &[("content-type", JSON)], body.to_owned().into()).await;
        answer.assert_problem(status, code);
    }
    let answer = site.send(Method::POST, "/studies", &[("content-type", XML)], "<NativeDicomModel>".into()).await;
    answer.assert_problem(400, "malformed-metadata");
    let answer = store(&site, "/studies", XML, &[(&["Content-Type: application/dicom+xml"], b"<x>")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "a document of XML is one instance: {}", answer.text());
}

#[tokio::test]
async fn bulk_data_that_breaks_off_stores_nothing() {
    let site = Site::new().await;
    let instance = Instance::ct();
    let document = metadata(&instance, "b").to_string();
    let value = vec![7; 3 << 20];
    let parts: [Part<'_>; 2] =
        [(&["Content-Type: application/dicom+json"], document.as_bytes()), (&["Content-Location: b"], &value)];
    let (content_type, mut body) = multipart::of_parts(JSON, &parts);
    body.truncate(body.len() - 1000);
    let answer = site.send(Method::POST, "/studies", &[("content-type", &content_type)], body.into()).await;
    answer.assert_problem(400, "malformed-multipart");
    assert!(!is_stored(&site, &instance).await);

    let answer = store(&site, "/studies", JSON, &parts).await;
    assert_eq!(answer.status, StatusCode::OK, "a value that is spooled: {}", answer.text());
    assert!(retrieved(&site, &instance).await.data_set.ends_with(&value));
}
