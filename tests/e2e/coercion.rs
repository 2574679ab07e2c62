//! A machine that writes names in TCVN3 without saying so, and a patient's ID as it should not: what others are given is right,
//! what is stored is what came.

use filmless_testkit::instance::Instance;
use filmless_testkit::repository::files_below;
use filmless_testkit::server::text_value;
use filmless_testkit::site::{CALLED, CALLING, Site};
use reqwest::Method;
use serde_json::{Value, json};

use crate::peers;

on_both_back_ends!(what_a_machine_sends_wrongly_is_shown_and_sent_right);

/// Nguyễn Văn Đức.
const NAME: &[u8] = b"Nguy\xd4n V\xa8n \xa7\xf8c";

async fn what_a_machine_sends_wrongly_is_shown_and_sent_right(site: Site) {
    let server = site.serve().await;
    let port = server.dicom.port().to_string();
    let folder = site.scratch();
    let rules = folder.join("rules.json");
    let written = json!({
        "character_set": {"assume": "tcvn3"},
        "rules": [
            {"attribute": "PatientID", "action": "prefix", "value": "HN-"},
            {"when": [{"attribute": "IssuerOfPatientID", "missing": true}],
             "attribute": "IssuerOfPatientID", "action": "set", "value": "BVDK"},
        ],
    });
    std::fs::write(&rules, written.to_string()).expect("a file is written");
    let rules = rules.to_str().expect("a printable path");
    site.run(&["coercion", "set", rules, "--peer", CALLING]).await.success();
    assert!(site.run(&["coercion", "show", "--peer", CALLING]).await.success().contains("tcvn3"));

    let instance = Instance { patient_name: NAME.to_vec(), ..Instance::ct() };
    let sent = folder.join("sent.dcm");
    std::fs::write(&sent, instance.part10()).expect("a file is written");
    let sent = sent.to_str().expect("a printable path");
    let store = ["-aet", CALLING, "-aec", CALLED, "127.0.0.1", &port, sent];
    peers::run("storescu", store).await;
    peers::run("storescu", store).await;

    let found = server.search("studies?PatientName=nguyen van duc&fuzzymatching=true&includefield=IssuerOfPatientID").await;
    assert_eq!(found.len(), 1, "the same bytes twice are one copy");
    assert_eq!(found[0]["00100010"]["Value"][0]["Alphabetic"], "Nguyễn Văn Đức");
    assert_eq!(text_value(&found[0], "00100020").as_deref(), Some("HN-PHANTOM-1"));
    let answers = folder.join("answers");
    std::fs::create_dir(&answers).expect("a folder of its own");
    let out = answers.to_str().expect("a printable path");
    let keys =
        ["-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=HN-*", "-k", "PatientName", "-k", "SpecificCharacterSet=ISO_IR 192"];
    let call = ["-S", "-X", "-aet", CALLING, "-aec", CALLED, "-od", out, "127.0.0.1", &port];
    peers::run("findscu", call.iter().chain(&keys)).await;

    // The stored bytes are those that came.
    let blobs = site.blobs();
    assert!(blobs.is_empty() || blobs.iter().any(|blob| std::fs::read(blob).expect("a blob").ends_with(&instance.data_set())));
    site.check_is_clean().await;

    let copies = folder.join("copies");
    std::fs::create_dir(&copies).expect("a folder of its own");
    let out = copies.to_str().expect("a printable path");
    let key = format!("StudyInstanceUID={}", instance.study);
    let call =
        ["-S", "+B", "-aet", CALLING, "-aec", CALLED, "-od", out, "127.0.0.1", &port, "-k", "QueryRetrieveLevel=STUDY", "-k"];
    peers::run("getscu", call.iter().copied().chain([key.as_str()])).await;
    let path = format!("/dicom-web/studies/{}/series/{}/instances/{}", instance.study, instance.series, instance.sop_instance);
    let by_web = server.get(&path, "application/dicom; transfer-syntax=*").await.bytes().await.expect("a file");
    std::fs::write(copies.join("by_web.dcm"), &by_web).expect("a file is written");
    let copies = files_below(&copies);
    assert_eq!(copies.len(), 2);
    for copy in &copies {
        let dumped = peers::run("dcmdump", ["+U8".as_ref(), copy.as_os_str()]).await;
        assert!(dumped.contains("Nguyễn Văn Đức") && dumped.contains("(0400,0561)"), "{dumped}");
    }
    let right = |pixel_bytes: usize, before: Value| {
        json!({
            "character_set": "ISO_IR 192", "name": "Nguyễn Văn Đức", "id": "HN-PHANTOM-1", "issuer": "BVDK",
            "pixel_bytes": pixel_bytes, "before": before,
        })
    };
    let before = json!([{
        "source": CALLING,
        "reason": "COERCE",
        "modified": {"SpecificCharacterSet": "", "PatientID": "PHANTOM-1", "IssuerOfPatientID": ""},
        "bytes": {"PatientName": data_encoding::HEXLOWER.encode(NAME)},
    }]);
    let told = peers::interop("coerced.py", &[], &copies).await;
    assert_eq!(told, json!([right(512, before.clone()), right(512, before)]));
    let told = peers::interop("coerced.py", &[], &files_below(&answers)).await;
    assert_eq!((&told[0]["name"], &told[0]["id"]), (&json!("Nguyễn Văn Đức"), &json!("HN-PHANTOM-1")));

    // What other rules would do is shown, and not done.
    let asked = json!({
        "peer": CALLING,
        "rules": [{"name": "without sign", "attribute": "PatientID", "action": "replace", "pattern": "PHANTOM-*", "with": "*"}],
    });
    let request = server.request(Method::POST, "/api/coercion-rules/preview").json(&asked);
    let previews: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(
        previews["instances"][0]["changes"],
        json!([{"rule": 0, "name": "without sign", "attribute": "PatientID", "before": "PHANTOM-1", "after": "1"}])
    );
    let log = std::fs::read_to_string(site.log()).expect("a log");
    assert!(!["PHANTOM", "Nguy", "HN-"].iter().any(|text| log.contains(text)), "patient data in the log");
}
