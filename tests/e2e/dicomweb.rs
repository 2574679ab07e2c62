//! The DICOMweb door: what goes in by STOW-RS is found by QIDO-RS and comes back by WADO-RS, unchanged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use filmless_testkit::instance::Instance;
use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::Site;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use crate::peers;

on_both_back_ends!(
    every_stored_file_comes_back_byte_for_byte,
    a_client_of_another_maker_stores_finds_and_retrieves,
    metadata_and_bulk_data_become_the_instances_they_came_from,
    frames_decode_to_the_pixels_of_another_decoder,
    names_are_found_without_their_marks,
    searches_filter_page_and_keep_their_order,
    what_is_wrong_is_said_in_the_standards_words,
    pictures_are_rendered,
);

/// Files without a Study Instance UID or a SOP Class: published to test decoders, no instances, and refused.
pub(crate) const NO_INSTANCES: [&str; 10] = [
    "HTJ2KLossless_08_RGB.dcm",
    "HTJ2K_08_RGB.dcm",
    "JLSL_08_07_0_1F.dcm",
    "JLSL_16_15_1_1F.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "chrSQEncoding.dcm",
    "chrSQEncoding1.dcm",
];

/// Whether the file is one of [`NO_INSTANCES`].
pub(crate) fn is_no_instance(file: &Path) -> bool {
    file.file_name().is_some_and(|name| NO_INSTANCES.iter().any(|known| name == *known))
}

/// Files of the test data whose SOP Instance UID no other file has, with what they hold.
pub(crate) fn distinct(files: Vec<PathBuf>) -> Vec<(PathBuf, Part10)> {
    let mut by_uid: BTreeMap<String, Vec<(PathBuf, Part10)>> = BTreeMap::new();
    // In some the File Meta Information names another instance than the data set does: that counts.
    let mut misnamed = Vec::new();
    for file in files {
        match Part10::read(&file) {
            Some(part10) if part10.names_its_data_set() => {
                by_uid.entry(part10.sop_instance.clone()).or_default().push((file, part10));
            }
            Some(part10) => misnamed.push(part10),
            None => {}
        }
    }
    by_uid.retain(|uid, same| same.len() == 1 && !misnamed.iter().any(|part10| part10.data_set_is(uid)));
    by_uid.into_values().flatten().collect()
}

/// The file with another SOP Instance UID of the same length.
fn renamed(mut bytes: Vec<u8>, uid: &str, number: u32) -> Vec<u8> {
    let other = format!("{}{number:02}", &uid[..uid.len() - 2]);
    assert_ne!(other, uid);
    while let Some(at) = bytes.windows(uid.len()).position(|window| window == uid.as_bytes()) {
        bytes[at..at + other.len()].copy_from_slice(other.as_bytes());
    }
    bytes
}

/// Fails unless the instance comes back with the data set and in the transfer syntax of the file.
pub(crate) async fn assert_comes_back(server: &Server, file: &Path, sent: &Part10) {
    let found = server.search(&format!("instances?SOPInstanceUID={}", sent.sop_instance)).await;
    assert_eq!(found.len(), 1, "{}", file.display());
    let study = text_value(&found[0], "0020000D").expect("a match names its study");
    let series = text_value(&found[0], "0020000E").expect("a match names its series");
    let parts = server.retrieve(&format!("studies/{study}/series/{series}/instances/{}", sent.sop_instance)).await;
    assert_eq!(parts.len(), 1, "{}", file.display());
    let back = Part10::parse(&parts[0].body).unwrap_or_else(|| panic!("{}: not a Part 10 file", file.display()));
    assert_eq!(back.transfer_syntax, sent.transfer_syntax, "{}", file.display());
    assert_eq!(back.sop_instance, sent.sop_instance, "{}", file.display());
    assert!(back.data_set == sent.data_set, "{}: the data set changed", file.display());
}

async fn every_stored_file_comes_back_byte_for_byte(site: Site) {
    let server = site.serve().await;
    let mut files = distinct(files_below(&testdata("dicom")));
    // DICOMDIR and the like are no instances.
    files.retain(|(path, file)| file.sop_class != "1.2.840.10008.1.3.10" && !is_no_instance(path));
    assert!(files.len() > 90, "the test data is there, all {} of it", files.len());
    for (file, part10) in &files {
        let (status, answer) = server.store(&[std::fs::read(file).expect("a file of the test data")]).await;
        assert_eq!(status, 200, "{}: {answer}", file.display());
        assert_comes_back(&server, file, part10).await;
    }
    site.check_is_clean().await;
}

async fn a_client_of_another_maker_stores_finds_and_retrieves(site: Site) {
    let server = site.serve().await;
    let mut files = files_below(&testdata("dicom/volume-ct-head-phantom"));
    files.truncate(4);
    files.push(testdata("dicom/sr/test-SR.dcm"));
    files.push(testdata("dicom/us/us_cine_10f_jpeg.dcm"));
    let count = files.len();
    let told = peers::interop("dicomweb.py", &[&server.dicomweb(), &server.token], &files).await;
    assert_eq!(told, serde_json::json!({"stored": count, "found": count, "same": count}));
}

async fn metadata_and_bulk_data_become_the_instances_they_came_from(site: Site) {
    let server = site.serve().await;
    let names = [
        "charset/chrGreek.dcm",
        "charset/chrSQEncoding.dcm",
        "ecg/waveform_ecg.dcm",
        "encapsulated/encapsulated_pdf.dcm",
        "mr/MR_small.dcm",
        "mr/MR_small_implicit.dcm",
        "mr/MR_small_jp2klossless.dcm",
        "mr/MR_small_jpeg_ls_lossless.dcm",
        "sc/SC_rgb_jpeg_gdcm.dcm",
        "sc/SC_rgb_rle_16bit_2frame.dcm",
        "sc/SC_rgb_small_odd.dcm",
        "seg/liver.dcm",
        "sr/test-SR.dcm",
        "transfer-syntaxes/htj2k_lossless_16bit.dcm",
        "us/us_cine_10f_jpeg.dcm",
        "video/video_h264_high41.dcm",
    ];
    let mut files: Vec<_> = names.iter().map(|name| testdata("dicom").join(name)).collect();
    files.extend(files_below(&testdata("dicom/volume-ct-head-phantom")).into_iter().take(2));
    let told = peers::interop("stow_parts.py", &[&server.dicomweb(), &server.token], &files).await;
    assert_eq!(told, serde_json::json!({"stored": 2 * files.len()}));
    site.check_is_clean().await;
}

/// Stores files, each as an instance of its own: one image in many encodings has one UID. The files as they were stored.
pub(crate) async fn store_each(server: &Server, folder: &Path, files: Vec<(PathBuf, Part10)>) -> Vec<PathBuf> {
    let mut seen = BTreeMap::new();
    let mut paths = Vec::new();
    for (file, part10) in files {
        let times: &mut u32 = seen.entry(part10.sop_instance.clone()).or_default();
        let bytes = std::fs::read(&file).expect("a file of the test data");
        let bytes = if *times == 0 { bytes } else { renamed(bytes, &part10.sop_instance, *times) };
        *times += 1;
        let path = folder.join(format!("{}-{}", paths.len(), file.file_name().expect("a file has a name").display()));
        std::fs::write(&path, &bytes).expect("a copy");
        let (status, answer) = server.store(&[bytes]).await;
        assert_eq!(status, 200, "{}: {answer}", file.display());
        paths.push(path);
    }
    paths
}

/// The transfer syntaxes that pydicom decodes with the decoders beside it: those of [`frames.py`](../interop/frames.py).
pub(crate) const DECODED_BY_PYDICOM: &[&str] = &[
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.5",
];

async fn frames_decode_to_the_pixels_of_another_decoder(site: Site) {
    let server = site.serve().await;
    let folder = site.scratch();
    let mut chosen = files_below(&testdata("dicom/transfer-syntaxes"));
    for folder in ["us", "sc", "mr", "cr-dx", "ct", "wsi", "nm-pt", "op"] {
        chosen.extend(files_below(&testdata(&format!("dicom/{folder}"))));
    }
    let mut files: Vec<_> = chosen.into_iter().filter_map(|file| Part10::read(&file).map(|part10| (file, part10))).collect();
    files.retain(|(path, _)| !is_no_instance(path));
    files.retain(|(_, file)| DECODED_BY_PYDICOM.contains(&file.transfer_syntax.as_str()));
    let paths = store_each(&server, &folder, files).await;
    let told = peers::interop("frames.py", &[&server.dicomweb(), &server.token], &paths).await;
    let count = |key: &str| told[key].as_u64().expect("a count");
    assert_eq!((&told["differing"], &told["unreadable"]), (&serde_json::json!([]), &serde_json::json!([])), "{told:#}");
    assert!(count("decoded") >= 60 && count("decoded") * 10 >= count("frames") * 9, "{told}");
}

async fn names_are_found_without_their_marks(site: Site) {
    let server = site.serve().await;
    for (name, id) in [("Nguyễn^Thị Ánh", "VN1"), ("Đặng^Văn Đức", "VN2"), ("NGUYEN^THI HOA", "VN3")] {
        let patient =
            Instance { patient_name: name.into(), patient_id: id.to_owned(), character_set: "ISO_IR 192", ..Instance::ct() };
        server.store_all(&[patient]).await;
    }
    let found = async |name: &str| {
        let url = reqwest::Url::parse_with_params("http://x/studies", [("PatientName", name), ("fuzzymatching", "true")]);
        let query = url.expect("a query").query().expect("it has parameters").to_owned();
        let mut ids: Vec<_> =
            server.search(&format!("studies?{query}")).await.iter().filter_map(|study| text_value(study, "00100020")).collect();
        ids.sort();
        ids.join(" ")
    };
    for (asked, expected) in [
        ("nguyen*", "VN1 VN3"),
        ("Nguyễn*", "VN1 VN3"),
        ("nguyen thi anh", "VN1"),
        ("NGUYEN^THI ANH*", "VN1"),
        ("dang*", "VN2"),
        ("*duc*", "VN2"),
        ("đặng^văn đức", "VN2"),
        ("tran*", ""),
    ] {
        assert_eq!(found(asked).await, expected, "{asked}");
    }
    let vietnamese = &server.search("studies?PatientID=VN2").await[0];
    assert_eq!(text_value(vietnamese, "00100010").as_deref(), Some("Đặng^Văn Đức"), "the name is shown as it was sent");
}

async fn searches_filter_page_and_keep_their_order(site: Site) {
    let server = site.serve().await;
    let mut studies = Vec::new();
    for day in 1..=9 {
        let mut study = Instance {
            study_date: format!("202601{day:02}"),
            patient_id: format!("P{day}"),
            accession_number: format!("ACC{day}"),
            ..if day % 3 == 0 { Instance::mr() } else { Instance::ct() }
        };
        study.series_number = day;
        server.store_all(&study.clone().series_of(2)).await;
        studies.push(study);
    }
    let ids = async |query: &str| -> Vec<String> {
        let mut ids: Vec<_> =
            server.search(&format!("studies?{query}")).await.iter().filter_map(|study| text_value(study, "00100020")).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("PatientID=P4").await, ["P4"]);
    assert_eq!(ids("AccessionNumber=ACC5").await, ["P5"]);
    assert_eq!(ids("StudyDate=20260103-20260105").await, ["P3", "P4", "P5"]);
    assert_eq!(ids("StudyDate=-20260102").await, ["P1", "P2"]);
    assert_eq!(ids("ModalitiesInStudy=MR").await, ["P3", "P6", "P9"]);
    assert_eq!(ids("PatientID=P*&StudyDate=20260109").await, ["P9"]);
    assert_eq!(ids(&format!("StudyInstanceUID={},{}", studies[0].study, studies[7].study)).await, ["P1", "P8"]);
    assert_eq!(ids("00100020=P7").await, ["P7"], "a key may be named by its tag");
    assert!(ids("PatientID=P").await.is_empty(), "without a wildcard the whole value matches");

    let all = server.search("studies?limit=100").await;
    let mut paged = Vec::new();
    for offset in [0, 4, 8] {
        paged.extend(server.search(&format!("studies?limit=4&offset={offset}")).await);
    }
    assert_eq!(paged.len(), 9);
    assert_eq!(paged, all, "pages follow each other in one order");

    let study = &studies[2];
    let series = server.search(&format!("studies/{}/series", study.study)).await;
    assert_eq!(series.len(), 1);
    assert_eq!(text_value(&series[0], "00080060").as_deref(), Some("MR"));
    let instances = server.search(&format!("studies/{}/series/{}/instances", study.study, study.series)).await;
    let numbers: Vec<_> = instances.iter().filter_map(|instance| text_value(instance, "00200013")).collect();
    assert_eq!(numbers, ["1", "2"]);
}

async fn what_is_wrong_is_said_in_the_standards_words(site: Site) {
    let server = site.serve().await;
    let instance = Instance::ct();
    server.store_all(std::slice::from_ref(&instance)).await;
    let of_instance =
        format!("/dicom-web/studies/{}/series/{}/instances/{}", instance.study, instance.series, instance.sop_instance);
    let dicom = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let octets = "multipart/related; type=\"application/octet-stream\"";
    for (path, accept, expected) in [
        ("/dicom-web/studies/1.2.3.4", dicom, 404),
        ("/dicom-web/studies/1.2.3.4/metadata", "application/dicom+json", 404),
        ("/dicom-web/studies/not-a-uid", dicom, 400),
        ("/dicom-web/studies/..%2f..%2fetc%2fpasswd", dicom, 400),
        (&format!("{of_instance}/frames/1"), octets, 200),
        (&format!("{of_instance}/frames/2"), octets, 404),
        (&format!("{of_instance}/frames/0"), octets, 400),
        (&format!("{of_instance}/frames/x"), octets, 400),
        (&of_instance, "text/x-nothing", 406),
        ("/dicom-web/studies?StudyDate=yesterday", "application/dicom+json", 400),
        ("/dicom-web/studies?limit=-1", "application/dicom+json", 400),
        ("/dicom-web/nothing", "application/dicom+json", 404),
    ] {
        let response = server.get(path, accept).await;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?").to_owned());
        let text = response.text().await.unwrap_or_default();
        assert_eq!(status, expected, "{path}: {text}");
        if expected >= 400 {
            assert!(
                content_type.as_deref().is_some_and(|t| t.starts_with("application/problem+json")),
                "{path}: {content_type:?}"
            );
        }
    }
    let post = async |content_type: &str, body: &'static [u8]| {
        let request = server.request(Method::POST, "/dicom-web/studies").header(CONTENT_TYPE, content_type);
        request.header(ACCEPT, "application/dicom+json").body(body).send().await.expect("the server answers").status().as_u16()
    };
    assert_eq!(post("text/plain", b"x").await, 415);
    assert_eq!(post("multipart/related; type=\"application/dicom\"", b"x").await, 400);
    assert!(matches!(post("multipart/related; type=\"application/dicom\"; boundary=b", b"noise").await, 400 | 409));
    let other_study = format!("/dicom-web/studies/{}", Instance::ct().study);
    let (content_type, body) = filmless_testkit::multipart::of_instances(&[instance.next().part10()]);
    let request = server.request(Method::POST, &other_study).header(CONTENT_TYPE, content_type);
    let response = request.header(ACCEPT, "application/dicom+json").body(body).send().await.expect("the server answers");
    assert_eq!(response.status().as_u16(), 409, "an instance of another study is refused");
}

async fn pictures_are_rendered(site: Site) {
    let server = site.serve().await;
    for (file, size) in [
        ("dicom/volume-ct-head-phantom/I002.dcm", (512, 512)),
        ("dicom/us/us_cine_10f_jpeg.dcm", (240, 216)),
        ("dicom/mr/MR_small_RLE.dcm", (64, 64)),
    ] {
        let part10 = Part10::read(&testdata(file)).expect("a Part 10 file");
        server.store(&[std::fs::read(testdata(file)).expect("a file of the test data")]).await;
        let found = server.search(&format!("instances?SOPInstanceUID={}", part10.sop_instance)).await;
        let study = text_value(&found[0], "0020000D").expect("a match names its study");
        let series = text_value(&found[0], "0020000E").expect("a match names its series");
        let base = format!("/dicom-web/studies/{study}/series/{series}");
        let instance = format!("{base}/instances/{}", part10.sop_instance);
        for (path, accept, magic) in [
            (format!("{instance}/rendered"), "image/jpeg", &b"\xFF\xD8\xFF"[..]),
            (format!("{instance}/rendered"), "image/png", b"\x89PNG"),
            (format!("{instance}/frames/1/rendered"), "image/png", b"\x89PNG"),
            (format!("{base}/thumbnail"), "image/jpeg", b"\xFF\xD8\xFF"),
        ] {
            let response = server.get(&path, accept).await;
            assert_eq!(response.status().as_u16(), 200, "{file} {path}");
            let picture = response.bytes().await.expect("the whole picture comes");
            assert!(picture.starts_with(magic), "{file} {path} as {accept}");
            if accept == "image/png" {
                // Width and height stand in the head of a PNG file.
                let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"));
                assert_eq!((number(16), number(20)), size, "{file} {path}");
            }
        }
    }
}
