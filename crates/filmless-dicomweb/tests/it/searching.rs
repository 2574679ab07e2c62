//! QIDO-RS: paths, keys, paging and what answers say.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_archive::ArchiveLimits;
use filmless_archive::further::Progress;
use filmless_dicomweb::DicomwebConfig;
use filmless_testkit::instance::Instance;
use serde_json::Value;

use crate::site::Site;

/// Three studies: one of Nguyễn with a series of three, two others.
async fn filled() -> (Site, Vec<Instance>) {
    let site = Site::with(DicomwebConfig { max_results: 5, default_results: 4, ..DicomwebConfig::default() }).await;
    let name = |text: &str| text.as_bytes().to_vec();
    let first =
        Instance {
            patient_name: name("Nguyễn^Văn An"), character_set: "ISO_IR 192", patient_id: "BN1".into(), ..Instance::ct()
        };
    let second =
        Instance { patient_name: name("Tran^Thi B"), patient_id: "BN2".into(), study_date: "20260305".into(), ..Instance::mr() };
    let third =
        Instance { patient_name: name("Le^C"), patient_id: "BN3".into(), study_date: "20251231".into(), ..Instance::ct() };
    let mut instances = first.series_of(3);
    instances.extend([second, third]);
    site.fill(&instances).await;
    (site, instances)
}

fn values(answers: &Value, tag: &str) -> Vec<String> {
    let texts = answers.as_array().expect("a list").iter().map(|answer| match &answer[tag]["Value"][0] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    texts.collect()
}

#[tokio::test]
async fn studies_are_found_by_their_attributes() {
    let (site, instances) = filled().await;
    let uid_list = format!("StudyInstanceUID={},{}", instances[0].study, instances[4].study);
    for (query, expected) in [
        ("PatientID=BN2", vec!["BN2"]),
        ("00100020=BN2", vec!["BN2"]),
        ("PatientID=BN*&ModalitiesInStudy=CT", vec!["BN1", "BN3"]),
        ("PatientName=nguyen*", vec!["BN1"]),
        ("PatientName=an%20nguyen&fuzzymatching=true", vec!["BN1"]),
        ("PatientID=BN%3F&StudyDate=20260101-20261231", vec!["BN1", "BN2"]),
        ("StudyDate=-20251231", vec!["BN3"]),
        ("StudyDate=20260305", vec!["BN2"]),
        ("Modality=MR", vec!["BN2"]),
        (&uid_list, vec!["BN1", "BN3"]),
        ("PatientID=", vec!["BN1", "BN2", "BN3"]),
        ("PatientID=nobody", vec![]),
        ("PatientID=%22%22&emptyvaluematching=true", vec![]),
        ("RequestAttributesSequence=%22%22&emptyvaluematching=true", vec!["BN1", "BN2", "BN3"]),
        ("StudyDate=20251231-20260305&StudyTime=2300-0100", vec!["BN1"]),
        ("ModalitiesInStudy=CT%5CMR", vec!["BN1", "BN2", "BN3"]),
        ("ModalitiesInStudy=CT%5CMR&multiplevaluematching=true", vec![]),
    ] {
        let answer = site.get(&format!("/studies?{query}"), "application/dicom+json").await;
        if expected.is_empty() {
            assert_eq!((answer.status, answer.text()), (StatusCode::NO_CONTENT, String::new()), "{query}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/dicom+json");
        let mut ids = values(&answer.json(), "00100020");
        ids.sort();
        assert_eq!(ids, expected, "{query}");
    }
}

#[tokio::test]
async fn days_and_times_are_of_the_time_zone_of_the_search() {
    let site = Site::with(DicomwebConfig::default()).await;
    let zone = (0x0008, 0x0201, "SH", b"+0700 ".to_vec());
    site.fill(&[Instance { study_date: "20260305".into(), extra: vec![zone], ..Instance::ct() }]).await;
    for (query, found) in [
        ("StudyDate=20260305", true),
        ("StudyDate=20260305&TimezoneOffsetFromUTC=+0700", true),
        ("StudyDate=20260305&00080201=%2B1400", true),
        ("StudyDate=20260304&TimezoneOffsetFromUTC=-0500", true),
        ("StudyDate=20260305&TimezoneOffsetFromUTC=-0500", false),
        ("StudyDate=20260304-20260304&StudyTime=22-23&TimezoneOffsetFromUTC=-0500", true),
    ] {
        let answer = site.get(&format!("/studies?{query}"), "*/*").await;
        assert_eq!(answer.status, if found { StatusCode::OK } else { StatusCode::NO_CONTENT }, "{query}");
        if found && query.contains("Timezone") {
            assert_eq!(values(&answer.json(), "00080201"), ["+0700"], "{query}");
        }
    }
    assert_eq!(site.get("/studies?TimezoneOffsetFromUTC=7", "*/*").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn answers_hold_counts_types_and_links() {
    let (site, instances) = filled().await;
    let study = site.get("/studies?PatientID=BN1&includefield=TimezoneOffsetFromUTC", "*/*").await.json();
    assert_eq!(study[0]["00201206"]["Value"][0], 1);
    assert_eq!(study[0]["00201208"]["Value"][0], 3);
    assert_eq!(study[0]["00080061"]["Value"], serde_json::json!(["CT"]));
    assert_eq!(study[0]["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn An");
    assert_eq!(study[0]["00080201"], serde_json::json!({"vr": "SH"}));
    let link = format!("http://pacs.test/dicom-web/studies/{}", instances[0].study);
    assert_eq!(study[0]["00081190"]["Value"][0], link);

    let series = site.get(&format!("/studies/{}/series", instances[0].study), "*/*").await.json();
    assert_eq!(values(&series, "0020000E"), [instances[0].series.to_string()]);
    assert_eq!(series[0]["00201209"]["Value"][0], 3);
    let below_series = format!("/studies/{}/series/{}/instances", instances[0].study, instances[0].series);
    let below_series = site.get(&below_series, "*/*").await.json();
    let uids: Vec<_> = instances[..3].iter().map(|instance| instance.sop_instance.to_string()).collect();
    assert_eq!(values(&below_series, "00080018"), uids);
    assert_eq!(below_series[0]["00280010"]["Value"][0], 16);
    let below_study = site.get(&format!("/studies/{}/instances?InstanceNumber=2", instances[0].study), "*/*").await.json();
    assert_eq!(values(&below_study, "00080018"), [uids[1].clone()]);
    assert_eq!(site.get("/series", "*/*").await.json().as_array().map(Vec::len), Some(3));
    assert_eq!(site.get("/studies/9.9/series", "*/*").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn pages_join_without_gap_and_say_when_there_is_more() {
    let (site, _) = filled().await;
    let mut found = Vec::new();
    for page in 0..3 {
        let answer = site.get(&format!("/instances?limit=2&offset={}", page * 2), "*/*").await;
        assert_eq!(answer.header("warning").starts_with("299 http://pacs.test/dicom-web: "), page < 2, "{page}");
        found.extend(values(&answer.json(), "00080018"));
    }
    let length = found.len();
    found.sort();
    found.dedup();
    assert_eq!((length, found.len()), (5, 5));

    let default = site.get("/instances", "*/*").await;
    assert_eq!(default.json().as_array().map(Vec::len), Some(4));
    let cut = site.get("/instances?limit=1000&count=true", "*/*").await;
    assert_eq!((cut.json().as_array().map(Vec::len), cut.header("x-total-count")), (Some(5), "5"));
    let counted = site.get("/instances?limit=2&count=true", "*/*").await;
    assert!(counted.header("warning").contains("There are 3 additional results"), "{}", counted.header("warning"));
    let none = site.get("/instances?limit=0&count=true", "*/*").await;
    assert_eq!((none.status, none.header("x-total-count")), (StatusCode::NO_CONTENT, "5"));
    assert!(none.header("warning").contains("There are 5 additional results"), "{}", none.header("warning"));
    assert_eq!(site.get("/instances?offset=9223372036854775807", "*/*").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn bad_queries_are_refused_with_the_parameter_at_fault() {
    let site = Site::new().await;
    for (query, parameter) in [
        ("Unknown=1", "Unknown"),
        ("StudyDate=yesterday", "StudyDate"),
        ("StudyInstanceUID=1.2.x", "StudyInstanceUID"),
        ("limit=many", "limit"),
        ("StudyDate=99999999-00000000", "StudyDate"),
        ("PatientName=%00%01", "PatientName"),
    ] {
        let answer = site.get(&format!("/studies?{query}"), "*/*").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
    site.get(&format!("/studies?PatientID={}", "x".repeat(20_000)), "*/*").await.assert_problem(414, "query-too-long");
    site.get("/studies", "text/html").await.assert_problem(406, "not-acceptable");
    for injection in ["PatientID=%27%20or%201=1--", "PatientID=%25", "PatientID=_", "PatientName=%27%3B%20drop%20table"] {
        let answer = site.get(&format!("/studies?{injection}"), "*/*").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{injection}");
    }
}

#[tokio::test]
async fn an_answer_that_has_not_changed_is_not_sent_again() {
    let (site, _) = filled().await;
    let first = site.get("/studies", "*/*").await;
    let again = |tag: String| {
        let site = &site;
        async move { site.send(Method::GET, "/studies", &[("if-none-match", &tag)], Body::empty()).await }
    };
    assert_eq!(again(first.header("etag").to_owned()).await.status, StatusCode::NOT_MODIFIED);
    site.fill(&[Instance::ct()]).await;
    assert_eq!(again(first.header("etag").to_owned()).await.status, StatusCode::OK);
}

/// What [`Instance`] writes into no column of the index.
const IMAGE_TYPE: &str = "00080008";

#[tokio::test]
async fn attributes_that_are_not_indexed_are_read_from_the_headers() {
    let (site, instances) = filled().await;
    let of_series = format!("/studies/{}/series/{}/instances", instances[0].study, instances[0].series);
    let metadata = site.get(&format!("/studies/{}/metadata", instances[0].study), "*/*").await.json();
    let pixels = site.get(&format!("{of_series}?includefield=BitsStored,7FE00010&limit=1"), "*/*").await.json();
    assert_eq!(pixels[0]["00280101"], metadata[0]["00280101"]);
    assert!(pixels[0]["00280101"]["Value"][0].is_number(), "{pixels}");
    let link = pixels[0]["7FE00010"]["BulkDataURI"].as_str().unwrap_or_default();
    assert!(link.starts_with("http://pacs.test/dicom-web/studies/"), "{pixels}");
    assert_eq!(pixels[0].get(IMAGE_TYPE), None);

    let all = site.get(&format!("{of_series}?includefield=all"), "*/*").await.json();
    let (all, whole) = (all[0].as_object().expect("an object"), metadata[0].as_object().expect("an object"));
    assert!(all.keys().is_sorted());
    assert!(!all.contains_key("7FE00010") && !all.contains_key("00100010"));
    assert_eq!(all["00280101"], whole["00280101"]);

    // A study has nothing of single instances.
    let study = site.get("/studies?PatientID=BN1&includefield=BitsStored,PatientWeight", "*/*").await.json();
    assert_eq!(study[0].get("00280101"), None);
    let refused = site.get("/studies?BitsStored=12", "*/*").await;
    assert_eq!((refused.status, refused.json()["parameter"].as_str()), (StatusCode::BAD_REQUEST, Some("BitsStored")));
}

async fn add_attribute(site: &Site, name: &str) {
    let attribute = filmless_dicom::further::parse(name).expect("an attribute");
    assert!(site.index.add_further_attribute(&attribute).await.expect("added"));
}

#[tokio::test]
async fn attributes_are_match_keys_once_they_are_indexed() {
    let site = Site::new().await;
    let scanned = |thickness: &str, dose: &str, moment: &str| Instance {
        extra: vec![
            (0x0008, 0x002A, "DT", moment.as_bytes().to_vec()),
            (0x0009, 0x0010, "LO", b"ACME".to_vec()),
            (0x0009, 0x1001, "DS", dose.as_bytes().to_vec()),
            (0x0018, 0x0050, "DS", thickness.as_bytes().to_vec()),
        ],
        patient_id: thickness.to_owned(),
        ..Instance::ct()
    };
    site.fill(&[scanned("0.50", "3", "20260105103000+0700"), scanned("5", "12", "20260105103000+0000")]).await;
    let keys = ["SliceThickness=5", "00091001=12&00090010=ACME", "AcquisitionDateTime=2026010510%2B0000"];
    for key in keys {
        assert_eq!(site.get(&format!("/studies?{key}"), "*/*").await.json()["code"], "unknown-attribute", "{key}");
    }
    for name in ["SliceThickness", "0009xx01:DS:ACME", "AcquisitionDateTime"] {
        add_attribute(&site, name).await;
    }
    while site.archive.index_further(&mut Progress::default()).await.expect("read") {}
    for key in keys.into_iter().chain([
        "00180050=5.0",
        "SliceThickness=1-10",
        "SliceThickness=1-",
        "00091001=4-&00090010=ACME",
        "AcquisitionDateTime=20260105100000%2B0000-",
    ]) {
        for level in ["studies", "series", "instances"] {
            let answer = site.get(&format!("/{level}?{key}"), "*/*").await;
            assert_eq!(
                (answer.status, values(&answer.json(), "00100020")),
                (StatusCode::OK, vec!["5".to_owned()]),
                "{level} {key}"
            );
        }
    }
    let instance = site.get("/instances?SliceThickness=0.5", "*/*").await.json();
    assert_eq!(instance[0]["00180050"]["Value"][0], 0.5, "a match key is returned");
    for (key, parameter) in [("SliceThickness=thin", "SliceThickness"), ("00091001=12", "00091001")] {
        let refused = site.get(&format!("/studies?{key}"), "*/*").await;
        assert_eq!((refused.status, refused.json()["parameter"].as_str()), (StatusCode::BAD_REQUEST, Some(parameter)));
    }
}

#[tokio::test]
async fn indexed_attributes_are_among_the_capabilities() {
    let site = Site::new().await;
    for name in ["SliceThickness", "ProcedureCodeSequence.CodeValue", "0009xx01:DS:A<B"] {
        add_attribute(&site, name).await;
    }
    site.archive.index_further(&mut Progress::default()).await.expect("read");
    let capabilities = site.get("", "*/*").await.text();
    for (parameter, searches) in [
        ("name=\"SliceThickness\" style=\"query\" type=\"xs:string\"/>", 6),
        ("name=\"ProcedureCodeSequence.CodeValue\" style=\"query\"", 6),
        ("with 00090010=A&lt;B beside it", 6),
        ("name=\"00091001\"", 6),
    ] {
        assert_eq!(capabilities.matches(parameter).count(), searches, "{parameter}");
    }
}

#[tokio::test]
async fn a_search_by_what_is_being_indexed_is_told_to_come_again() {
    let limits = ArchiveLimits { changes_read_by_search: 1, ..ArchiveLimits::default() };
    let site = Site::with_limits(DicomwebConfig::default(), limits).await;
    add_attribute(&site, "BitsStored").await;
    while site.archive.index_further(&mut Progress::default()).await.expect("read") {}
    site.fill(&Instance::ct().series_of(2)).await;
    let answer = site.get("/studies?BitsStored=12", "*/*").await;
    answer.assert_problem(503, "being-indexed");
    assert_eq!(answer.header("retry-after"), "5");
    while site.archive.index_further(&mut Progress::default()).await.expect("read") {}
    assert_eq!(site.get("/studies?BitsStored=12", "*/*").await.status, StatusCode::OK);
}

#[tokio::test]
async fn answers_and_metadata_go_out_as_xml_if_asked_for() {
    let (site, instances) = filled().await;
    let xml = "multipart/related; type=\"application/dicom+xml\"";
    let answer = site.get("/studies", xml).await;
    assert!(answer.header("content-type").starts_with("multipart/related; type=\"application/dicom+xml\"; boundary="));
    let parts = answer.parts();
    assert_eq!(parts.len(), 3);
    let texts: Vec<_> = parts.iter().map(|part| String::from_utf8_lossy(&part.body).into_owned()).collect();
    assert!(texts.iter().all(|text| text.starts_with("<?xml") && text.ends_with("</NativeDicomModel>")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("<FamilyName>Nguyễn</FamilyName><GivenName>Văn An</GivenName>")), "{texts:?}");
    let metadata = site.get(&format!("/studies/{}/metadata", instances[0].study), xml).await.parts();
    assert_eq!(metadata.len(), 3);
    let first = String::from_utf8_lossy(&metadata[0].body).into_owned();
    assert!(first.contains("keyword=\"PixelData\"><BulkData uri=\"http://pacs.test/dicom-web/studies/"), "{first}");
    assert_eq!(site.get("/studies?PatientID=nobody", xml).await.status, StatusCode::NO_CONTENT);
}
