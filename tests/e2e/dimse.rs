//! The DIMSE door and requesters of other makers: dcmtk, pynetdicom, and one that says what no toolkit would.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use filmless_testkit::instance::{CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::requester::{Association, Refused, VERIFICATION, associate_request, pdu, read_pdu};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{ACCOUNT, CALLED, CALLING, PASSWORD, Site};
use filmless_testkit::wait;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::dicomweb::{distinct, is_no_instance};
use crate::peers;

/// Implicit VR Little Endian
const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
/// Storage: Not Authorized (PS3.4 section B.2.3)
const NOT_AUTHORISED: u16 = 0x0124;
/// Associations that store at once.
const ASSOCIATIONS: usize = 32;
/// What the server may take of memory then.
const MEMORY_BOUND_BYTES: u64 = 150 << 20;

on_both_back_ends!(
    requesters_of_other_makers_store_and_what_they_sent_is_found,
    requesters_of_other_makers_find_what_the_web_finds,
    an_unknown_peer_is_rejected_remembered_and_accepted_without_a_restart,
    a_peer_does_what_it_may_and_no_more,
    a_peer_that_vanishes_leaves_nothing_behind,
    malformed_pdus_end_their_connection_and_nothing_else,
    thirty_two_associations_store_at_once_in_bounded_memory,
    users_are_checked_by_their_accounts,
);

async fn users_are_checked_by_their_accounts(site: Site) {
    let server = site.serve().await;
    let port = server.dicom.port().to_string();
    let mut arguments =
        vec!["127.0.0.1", &port, CALLING, CALLED, ACCOUNT, PASSWORD, ACCOUNT, "wrong passcode 1", "nobody", PASSWORD];
    // More than one account may be guessed at from one address within a minute.
    arguments.extend([ACCOUNT, "wrong passcode 2"].repeat(12));
    arguments.extend([ACCOUNT, PASSWORD]);
    let told = peers::interop("user_pynetdicom.py", &arguments, &[] as &[&str]).await;
    let mut expected = vec!["confirmed"];
    expected.extend(["rejected"].repeat(15));
    assert_eq!(told, json!(expected), "the last is right, but comes too late");
    let inbox: Value = server.get("/api/inbox", "application/json").await.json().await.expect("the inbox is JSON");
    let reason = inbox[0]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.contains("too many wrong passcodes"), "{inbox}");
    let log = std::fs::read_to_string(site.log()).expect("a log");
    assert!(!["wrong passcode 1", "wrong passcode 2", PASSWORD].iter().any(|secret| log.contains(secret)), "secrets in the log");
}

/// SOP Instance UIDs of the files, without those that are not Part 10.
fn sop_instances(files: &[PathBuf]) -> BTreeSet<String> {
    files.iter().filter_map(|file| Part10::read(file)).map(|file| file.sop_instance).collect()
}

/// Fails unless every one of these instances is found.
async fn assert_found(server: &Server, wanted: &BTreeSet<String>) {
    for uid in wanted {
        let found = server.search(&format!("instances?SOPInstanceUID={uid}")).await;
        assert_eq!(found.len(), 1, "{uid}");
    }
}

async fn requesters_of_other_makers_store_and_what_they_sent_is_found(site: Site) {
    let server = site.serve().await;
    let port = server.dicom.port().to_string();
    peers::run("echoscu", ["-aet", CALLING, "-aec", CALLED, "127.0.0.1", &port]).await;

    let volume = testdata("dicom/volume-mr-t1-sagittal");
    let folder = volume.to_str().expect("a printable path");
    peers::run("storescu", ["-aet", CALLING, "-aec", CALLED, "+sd", "127.0.0.1", &port, folder]).await;
    assert_found(&server, &sop_instances(&files_below(&volume))).await;

    // dcmsend proposes what the files are in: compressed ones too.
    let compressed = testdata("dicom/us");
    let folder = compressed.to_str().expect("a printable path");
    peers::run("dcmsend", ["-aet", CALLING, "-aec", CALLED, "--decompress-never", "+sd", "127.0.0.1", &port, folder]).await;
    assert_found(&server, &sop_instances(&files_below(&compressed))).await;

    let mut files = files_below(&testdata("dicom/charset"));
    files.extend(files_below(&testdata("dicom/seg")));
    files.extend(files_below(&testdata("dicom/sr")));
    let files: Vec<_> = distinct(files).into_iter().map(|(file, _)| file).filter(|file| !is_no_instance(file)).collect();
    assert!(files.len() > 20, "the test data is there");
    let statuses = peers::interop("store_pynetdicom.py", &["127.0.0.1", &port, CALLING, CALLED], &files).await;
    for (file, status) in statuses.as_object().expect("a status for each file") {
        // Success, or a warning that it was coerced: never a failure.
        assert!(status == 0 || status.as_u64().is_some_and(|status| status & 0xF000 == 0xB000), "{file}: {status}");
    }
    assert_found(&server, &sop_instances(&files)).await;
    site.check_is_clean().await;
}

async fn requesters_of_other_makers_find_what_the_web_finds(site: Site) {
    let server = site.serve().await;
    let volume = testdata("dicom/volume-mr-t1-sagittal");
    let files: Vec<_> = files_below(&volume).iter().map(|file| std::fs::read(file).expect("a file of the test data")).collect();
    assert_eq!(server.store(&files).await.0, 200);
    let name = "Nguyễn^Văn An";
    let patient =
        Instance { patient_name: name.into(), patient_id: "VN1".to_owned(), character_set: "ISO_IR 192", ..Instance::ct() };
    server.store_all(&[patient.clone(), patient.next()]).await;

    let on_the_web = server.search("studies?PatientName=nguyen*").await.remove(0);
    let uid = text_value(&on_the_web, "0020000D").expect("a study has its UID");
    let series = text_value(&server.search(&format!("studies/{uid}/series")).await[0], "0020000E").expect("its UID");
    let searches = [
        json!({"QueryRetrieveLevel": "STUDY", "PatientName": "nguyen*", "NumberOfStudyRelatedInstances": null, "ModalitiesInStudy": "CT"}),
        json!({"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": null, "StudyDate": "19000101-"}),
        json!({"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": uid, "Modality": null}),
        json!({"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": uid, "SeriesInstanceUID": series, "Rows": null}),
        json!({"QueryRetrieveLevel": "STUDY", "PatientName": "nobody"}),
        json!({"QueryRetrieveLevel": "STUDY", "StudyDate": "yesterday"}),
        json!({"QueryRetrieveLevel": "PATIENT", "PatientName": "NGUYEN*", "PatientID": null, "NumberOfPatientRelatedInstances": null}),
    ];
    let port = server.dicom.port().to_string();
    let mut arguments = vec!["127.0.0.1".to_owned(), port.clone(), CALLING.to_owned(), CALLED.to_owned()];
    arguments.extend(searches.iter().map(Value::to_string));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let told = peers::interop("find_pynetdicom.py", &arguments, &[] as &[&str]).await;
    let answers = |n: usize| told[n]["answers"].as_array().expect("answers");
    let study = &answers(0)[0];
    assert_eq!(text_value(study, "00100010").as_deref(), Some(name), "{told:#}");
    assert_eq!(text_value(study, "0020000D").as_deref(), Some(uid.as_str()));
    assert_eq!(study["00201208"]["Value"], json!([2]));
    assert_eq!(answers(1).len(), server.search("studies?StudyDate=19000101-").await.len());
    assert_eq!(text_value(&answers(2)[0], "0020000E").as_deref(), Some(series.as_str()));
    assert_eq!((answers(3).len(), text_value(&answers(3)[0], "00080054").as_deref()), (2, Some(CALLED)));
    assert_eq!((&told[4]["statuses"], &told[5]["statuses"]), (&json!([0]), &json!([0xC001])));

    let patient = &answers(6)[0];
    assert_eq!(
        (text_value(patient, "00100010").as_deref(), text_value(patient, "00100020").as_deref()),
        (Some(name), Some("VN1"))
    );
    assert_eq!(patient["00201204"]["Value"], json!([2]));

    let call =
        ["-S", "-aet", CALLING, "-aec", CALLED, "127.0.0.1", &port, "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID"];
    let folder = site.scratch();
    let folder = folder.to_str().expect("a printable path");
    peers::run("findscu", call.iter().chain(&["-X", "-od", folder])).await;
    assert_eq!(files_below(folder.as_ref()).len(), server.search("studies").await.len());
}

async fn an_unknown_peer_is_rejected_remembered_and_accepted_without_a_restart(site: Site) {
    let server = site.serve().await;
    let call = async |calling: &str, called: &str| {
        Association::request(server.dicom, calling, called, VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await
    };
    // Rejected-permanent, by the service user: calling AE title not recognised; called AE title not recognised.
    let refused = call("STRANGER", CALLED).await.expect_err("nobody knows it");
    assert!(matches!(refused, Refused::Rejected(1, 1, 3)), "{refused:?}");
    let refused = call(CALLING, "SOMEONE").await.expect_err("we are another");
    assert!(matches!(refused, Refused::Rejected(1, 1, 7)), "{refused:?}");

    let inbox = async || -> Value {
        let response = server.get("/api/inbox", "application/json").await;
        response.json().await.expect("the inbox is JSON")
    };
    let text = wait::until("the stranger in the inbox", Duration::from_secs(10), async || {
        let text = inbox().await.to_string();
        text.contains("STRANGER").then_some(text)
    })
    .await;
    assert!(text.contains("127.0.0.1") && text.contains(VERIFICATION), "{text}");
    let listed = site.run(&["peer", "inbox"]).await.success();
    assert!(listed.contains("STRANGER"), "{listed}");

    let body = json!({"calling_ae_title": "STRANGER", "address": "127.0.0.1"}).to_string();
    let request = server.request(Method::POST, "/api/inbox/accept").header("Content-Type", "application/json").body(body);
    let response = request.send().await.expect("the server answers");
    assert!(response.status().is_success(), "{}", response.text().await.unwrap_or_default());
    let mut association = call("STRANGER", CALLED).await.expect("it is known now");
    assert_eq!(association.c_echo().await.expect("a response"), 0);
    association.release().await.expect("a clean end");
    assert!(!inbox().await.to_string().contains("\"STRANGER\""), "what was accepted waits no longer");

    site.run(&["peer", "remove", "STRANGER"]).await.success();
    assert!(call("STRANGER", CALLED).await.is_err(), "a removed peer is a stranger again");
}

async fn a_peer_does_what_it_may_and_no_more(site: Site) {
    let server = site.serve().await;
    site.admit("ASKER", "query").await;
    let instance = Instance::ct();
    let asked = Association::request(server.dicom, "ASKER", CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
    // Either the context is not accepted, or the store is refused.
    if let Ok(mut association) = asked {
        let status = association.c_store(CT_IMAGE_STORAGE, instance.sop_instance.as_str(), &instance.data_set()).await;
        assert_eq!(status.expect("a response"), NOT_AUTHORISED);
    }
    assert!(server.search(&format!("instances?SOPInstanceUID={}", instance.sop_instance)).await.is_empty());

    site.run(&["peer", "add", "ELSEWHERE", "--address", "192.0.2.1", "--allow", "store"]).await.success();
    let refused = Association::request(server.dicom, "ELSEWHERE", CALLED, VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await;
    assert!(matches!(refused, Err(Refused::Rejected(1, _, _))), "a known name from another address is refused: {refused:?}");
}

async fn a_peer_that_vanishes_leaves_nothing_behind(site: Site) {
    let server = site.serve().await;
    let instance = Instance { rows: 256, columns: 256, ..Instance::ct() };
    let data_set = instance.data_set();
    // What a whole store sends, recorded by sending it to ourselves, cut in the middle of the data set.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let recording = tokio::spawn(async move {
        use tokio::io::AsyncReadExt;
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let _ = read_pdu(&mut stream).await.expect("a request");
        stream.write_all(&accept_context()).await.expect("the caller listens");
        let mut sent = vec![0; 100_000];
        stream.read_exact(&mut sent).await.expect("a store of more than that");
        sent
    });
    let mut association = Association::request(address, CALLING, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN)
        .await
        .expect("our own acceptor");
    let _ = association.c_store(CT_IMAGE_STORAGE, instance.sop_instance.as_str(), &data_set).await;
    let half = recording.await.expect("a recording");

    for _ in 0..3 {
        let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
        association.stream().write_all(&half).await.expect("the server listens");
        drop(association);
    }
    // The association ends for the server as well: a whole store behind the halves works, and finds nothing of them.
    let mut association = server.associate(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    assert!(server.search(&format!("instances?SOPInstanceUID={}", instance.sop_instance)).await.is_empty());
    let status = association.c_store(CT_IMAGE_STORAGE, instance.sop_instance.as_str(), &data_set).await;
    assert_eq!(status.expect("a response"), 0);
    association.release().await.expect("a clean end");
    assert_eq!(site.blobs().len(), 1);
    site.check_is_clean().await;
}

/// A-ASSOCIATE-AC that accepts presentation context 1.
fn accept_context() -> Vec<u8> {
    let mut body = vec![0, 1, 0, 0];
    body.extend([b' '; 32]);
    body.extend([0; 32]);
    body.extend([0x21, 0, 0, 4, 1, 0, 0, 0]);
    pdu(2, &body)
}

async fn malformed_pdus_end_their_connection_and_nothing_else(site: Site) {
    let server = site.serve().await;
    let request = associate_request(CALLING, CALLED, VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN);
    let mut wrong_version = request.clone();
    wrong_version[6..8].copy_from_slice(&[0xFF, 0xFE]);
    let mut lying_item = request.clone();
    lying_item[76] = 0xFF;
    let mut huge = request.clone();
    huge[2..6].copy_from_slice(&[0xFF; 4]);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing at all", Vec::new()),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a PDU type that does not exist", pdu(0x42, &[0; 16])),
        ("P-DATA before an association", pdu(4, &[0, 0, 0, 4, 1, 3, 0, 0])),
        ("a request of no length", pdu(1, &[])),
        ("a request cut short", request[..40].to_vec()),
        ("a length of 4 GiB", huge),
        ("an item longer than its PDU", lying_item),
        ("a protocol version of the future", wrong_version),
        ("noise", (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
    ];
    for (what, bytes) in cases {
        let mut stream = TcpStream::connect(server.dicom).await.expect("the server listens");
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        // The server answers with a rejection or an abort, or just ends the connection: in bounded time.
        let answer = tokio::time::timeout(Duration::from_secs(40), read_pdu(&mut stream)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{what}: the connection stays open"));
        assert!(answer.as_ref().map_or(true, |(kind, _)| matches!(kind, 2 | 3 | 7)), "{what}: {answer:?}");
    }
    // Within an association: a data set without a command, a fragment that lies about its length, a wrong context.
    for (what, body) in [
        ("a data set without a command", vec![0, 0, 0, 4, 1, 2, 0, 0]),
        ("a value longer than its PDU", vec![0xFF, 0xFF, 0xFF, 0xFF, 1, 3, 0, 0]),
        ("a context that was not negotiated", vec![0, 0, 0, 4, 9, 3, 0, 0]),
        ("a value of no length", vec![0, 0, 0, 0]),
        ("a command of noise", vec![0, 0, 0, 10, 1, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
    ] {
        let mut association = server.associate(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
        association.stream().write_all(&pdu(4, &body)).await.expect("the server listens");
        let answer = tokio::time::timeout(Duration::from_secs(40), read_pdu(association.stream())).await;
        let answer = answer.unwrap_or_else(|_| panic!("{what}: the connection stays open"));
        assert!(answer.as_ref().map_or(true, |(kind, _)| matches!(kind, 4 | 7)), "{what}: {answer:?}");
    }
    let mut association = server.associate(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN).await.expect("the server goes on");
    assert_eq!(association.c_echo().await.expect("a response"), 0);
}

async fn thirty_two_associations_store_at_once_in_bounded_memory(site: Site) {
    let server = site.serve().await;
    let first = Instance { rows: 512, columns: 512, ..Instance::ct() };
    let slices = first.clone().series_of(ASSOCIATIONS * 10);
    let mut senders = tokio::task::JoinSet::new();
    for part in slices.chunks(10) {
        let (dicom, part) = (server.dicom, part.to_vec());
        senders.spawn(async move {
            let request = Association::request(dicom, CALLING, CALLED, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await;
            let mut association = request.expect("one of many");
            for slice in part {
                let status = association.c_store(CT_IMAGE_STORAGE, slice.sop_instance.as_str(), &slice.data_set()).await;
                assert_eq!(status.expect("a response"), 0);
            }
            association.release().await.expect("a clean end");
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.expect("every association stores all it has");
    }
    let study = &server.search(&format!("studies?StudyInstanceUID={}&includefield=all", first.study)).await[0];
    let expected = (ASSOCIATIONS * 10).to_string();
    assert_eq!(text_value(study, "00201208"), Some(expected), "Number of Study Related Instances: {study}");
    let peak = server.peak_memory_bytes();
    eprintln!("{ASSOCIATIONS} associations at once: peak {} MiB on {}", peak >> 20, site.back_end);
    assert!(peak < MEMORY_BOUND_BYTES, "{peak} bytes");
    site.check_is_clean().await;
}
