//! Retrieves by DIMSE with requesters of other makers: dcmtk and pynetdicom, over one association (C-GET) and to a third node
//! (C-MOVE). What comes is what was sent, byte for byte, wherever the peer takes it so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::server::{Server, text_value};
use filmless_testkit::site::{CALLED, CALLING, Site, free_port};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::peers;

on_both_back_ends!(what_was_sent_comes_back_by_c_get, what_was_sent_goes_to_a_third_node_by_c_move,);

const RETIRED_ULTRASOUND_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.6";

/// What stands behind the File Meta Information, by SOP Instance UID.
fn data_sets(files: &[PathBuf]) -> BTreeMap<String, Vec<u8>> {
    let read = |file: &PathBuf| {
        let instance = Part10::read(file)?;
        Some((instance.sop_instance, instance.data_set))
    };
    files.iter().filter_map(read).collect()
}

fn digests(data_sets: &BTreeMap<String, Vec<u8>>) -> Value {
    let digest = |bytes: &Vec<u8>| HEXLOWER.encode(&Sha256::digest(bytes));
    data_sets.iter().map(|(uid, bytes)| (uid.clone(), Value::from(digest(bytes)))).collect()
}

/// Stores an MR volume and compressed ultrasound; what was stored, by study.
async fn stored(server: &Server) -> Vec<(String, String, Vec<PathBuf>)> {
    let mut studies = Vec::new();
    let mut sent = BTreeMap::new();
    for folder in ["dicom/volume-mr-t1-sagittal", "dicom/us"] {
        for file in files_below(&testdata(folder)) {
            let Some(instance) = Part10::read(&file) else { continue };
            // One of those that share a UID, and none of a retired class, which getscu does not propose.
            if instance.sop_class != RETIRED_ULTRASOUND_IMAGE_STORAGE && !sent.contains_key(&instance.sop_instance) {
                server.store(&[std::fs::read(&file).expect("a file of the test data")]).await;
                sent.insert(instance.sop_instance, file);
            }
        }
    }
    for study in server.search("studies?includefield=PatientID").await {
        let uid = text_value(&study, "0020000D").expect("a study has its UID");
        let instances = server.search(&format!("studies/{uid}/instances")).await;
        let instances = instances.iter().map(|instance| text_value(instance, "00080018").expect("an instance has its UID"));
        let files: Vec<_> = instances.map(|uid| sent[&uid].clone()).collect();
        studies.push((uid, text_value(&study, "00100020").unwrap_or_default(), files));
    }
    assert!(studies.len() > 1, "the test data is there");
    studies
}

async fn retrieve(server: &Server, destination: &str, port: u16, keys: &[Value]) -> Vec<Value> {
    let (server, port) = (server.dicom.port().to_string(), port.to_string());
    let mut arguments = vec!["127.0.0.1".to_owned(), server, CALLING.to_owned(), CALLED.to_owned(), port, destination.to_owned()];
    arguments.extend(keys.iter().map(Value::to_string));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let told = peers::interop("retrieve_pynetdicom.py", &arguments, &[] as &[&str]).await;
    told.as_array().expect("an answer to each").clone()
}

async fn what_was_sent_comes_back_by_c_get(site: Site) {
    let server = site.serve().await;
    let studies = stored(&server).await;
    let keys: Vec<_> = studies.iter().map(|(uid, ..)| json!({"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": uid})).collect();
    for (told, (_, _, files)) in retrieve(&server, "", 0, &keys).await.iter().zip(&studies) {
        assert_eq!(told["statuses"].as_array().expect("statuses").last(), Some(&json!(0)), "{told:#}");
        assert_eq!(told["instances"], digests(&data_sets(files)));
        assert_eq!((&told["completed"], &told["failed"]), (&json!(files.len()), &json!(0)));
    }
    let port = server.dicom.port().to_string();
    for (uid, _, files) in &studies {
        let folder = site.scratch().join(uid);
        std::fs::create_dir(&folder).expect("a folder of its own");
        let key = format!("StudyInstanceUID={uid}");
        let out = folder.to_str().expect("a printable path");
        let call =
            ["-S", "+B", "-aet", CALLING, "-aec", CALLED, "-od", out, "127.0.0.1", &port, "-k", "QueryRetrieveLevel=STUDY", "-k"];
        // Its contexts have uncompressed transfer syntaxes: compressed instances come decompressed.
        peers::run("getscu", call.iter().copied().chain([key.as_str()])).await;
        let came = files_below(&folder);
        assert_eq!(came.len(), files.len());
        let (came, sent) = (data_sets(&came), data_sets(files));
        let is_plain = files.iter().all(|file| is_explicit(file));
        assert!(if is_plain { came == sent } else { came.keys().eq(sent.keys()) }, "{uid}");
    }
    site.check_is_clean().await;
}

fn is_explicit(file: &Path) -> bool {
    Part10::read(file).is_some_and(|file| file.transfer_syntax == filmless_testkit::instance::EXPLICIT_VR_LITTLE_ENDIAN)
}

async fn what_was_sent_goes_to_a_third_node_by_c_move(site: Site) {
    let server = site.serve().await;
    let studies = stored(&server).await;
    let (dcmtk, pynetdicom) = (free_port(), free_port());
    for (ae_title, port) in [("STORESCP", dcmtk), ("PYNETDICOM", pynetdicom)] {
        let port = port.to_string();
        let place = ["--address", "127.0.0.1", "--port", &port];
        site.run(&["peer", "add", ae_title, "--allow", "store"].into_iter().chain(place).collect::<Vec<_>>()).await.success();
    }
    let mut keys: Vec<_> =
        studies.iter().map(|(uid, ..)| json!({"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": uid})).collect();
    keys.push(json!({"QueryRetrieveLevel": "PATIENT", "PatientID": studies[0].1}));
    let told = retrieve(&server, "PYNETDICOM", pynetdicom, &keys).await;
    for (told, (_, _, files)) in told.iter().zip(&studies) {
        assert_eq!(told["statuses"].as_array().expect("statuses").last(), Some(&json!(0)), "{told:#}");
        assert_eq!(told["instances"], digests(&data_sets(files)));
    }
    let of_patient: Vec<_> =
        studies.iter().filter(|(_, id, _)| *id == studies[0].1).flat_map(|(.., files)| files.clone()).collect();
    assert_eq!(told.last().expect("an answer")["instances"], digests(&data_sets(&of_patient)));

    let folder = site.scratch();
    let _scp = peers::storescp(&folder, dcmtk, &[]).await;
    let port = server.dicom.port().to_string();
    for (uid, _, files) in &studies {
        let key = format!("StudyInstanceUID={uid}");
        let call = ["-S", "-aet", CALLING, "-aec", CALLED, "-aem", "STORESCP", "127.0.0.1", &port];
        peers::run("movescu", call.iter().copied().chain(["-k", "QueryRetrieveLevel=STUDY", "-k", key.as_str()])).await;
        let came = data_sets(&files_below(&folder));
        for (uid, sent) in data_sets(files) {
            assert!(came.get(&uid) == Some(&sent), "{uid} is not what was sent");
        }
    }
    // A node that is gone is a failure that says so; nothing is dropped silently.
    let nobody = free_port().to_string();
    site.run(&["peer", "add", "GONE", "--allow", "store", "--address", "127.0.0.1", "--port", &nobody]).await.success();
    let told = retrieve(&server, "GONE", free_port(), &keys[..1]).await;
    assert_eq!(told[0]["statuses"].as_array().expect("statuses").last(), Some(&json!(0xA702)));
    assert_eq!(told[0]["list"].as_array().map(Vec::len), Some(studies[0].2.len()));
    site.check_is_clean().await;
}
