//! dcmtk as the peer. Skipped, loudly, where it is not installed (`make test` installs it).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::door::Door;

/// Whether a tool is there.
fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("SKIPPED: {tool} of dcmtk is not installed");
    }
    found
}

async fn run(tool: &'static str, arguments: Vec<String>) -> Output {
    let running = tokio::task::spawn_blocking(move || Command::new(tool).args(arguments).output());
    running.await.expect("no panic").expect("the tool runs")
}

fn testdata(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/dicom").join(folder)
}

/// `-v -aec … -aet … host port` as all of dcmtk's tools take them.
fn call(door: &Door, called: &str) -> Vec<String> {
    let port = door.address.port().to_string();
    ["-v", "-aet", "CT1", "-aec", called, "127.0.0.1", &port].map(str::to_owned).to_vec()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn echoscu_gets_its_answer_and_its_rejection() {
    if !has("echoscu") {
        return;
    }
    let door = Door::open().await;
    let arguments = [call(&door, "FILMLESS"), vec!["--repeat".to_owned(), "3".to_owned()]].concat();
    let output = run("echoscu", arguments).await;
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(text(&output).matches("Received Echo Response (Success)").count(), 3, "{}", text(&output));

    let output = run("echoscu", [call(&door, "FILMLESS"), vec!["--abort".to_owned()]].concat()).await;
    assert!(output.status.success(), "{}", text(&output));

    let output = run("echoscu", call(&door, "OTHER")).await;
    assert!(!output.status.success());
    assert!(text(&output).contains("Called AE Title Not Recognized"), "{}", text(&output));

    // 128 contexts of all transfer syntaxes that dcmtk knows.
    let arguments = [call(&door, "FILMLESS"), ["-ppc", "128", "-pts", "38"].map(str::to_owned).to_vec()].concat();
    let output = run("echoscu", arguments).await;
    assert!(output.status.success(), "{}", text(&output));
    door.ended().await;
}

#[tokio::test]
async fn storescu_sends_a_volume_and_what_it_sent_is_there() {
    if !has("storescu") {
        return;
    }
    let door = Door::open().await;
    let folder = testdata("volume-ct-head-phantom").display().to_string();
    let arguments = |more: &[&str]| {
        let more: Vec<_> = more.iter().map(|&argument| argument.to_owned()).collect();
        [call(&door, "FILMLESS"), more, vec!["+sd".to_owned(), "+r".to_owned(), folder.clone()]].concat()
    };
    let output = run("storescu", arguments(&[])).await;
    assert!(output.status.success(), "{}", text(&output));
    let count = text(&output).matches("Received Store Response (Success)").count();
    assert_eq!(count, 9, "{}", text(&output));
    assert_eq!(door.versions().await.len(), 9);

    // Again, in PDUs of another length, ended by an abort; in Implicit VR it is another data set.
    let output = run("storescu", arguments(&["--max-pdu", "4096", "--max-send-pdu", "4096", "--abort"])).await;
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(door.versions().await.len(), 9);
    let output = run("storescu", arguments(&["-xi"])).await;
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(door.versions().await.len(), 18);
    // Of the same source the later is served.
    let stored = door.stored().await;
    assert_eq!(stored.len(), 9);
    assert!(stored.iter().all(|stored| stored.version.transfer_syntax.as_str() == "1.2.840.10008.1.2"));
    door.ended().await;
}

#[tokio::test]
async fn dcmsend_sends_every_transfer_syntax_as_it_is() {
    if !has("dcmsend") {
        return;
    }
    let door = Door::open().await;
    let folder = testdata("transfer-syntaxes").display().to_string();
    let more = ["--scan-directories", "--recurse", "--decompress-never", "--no-uid-checks", "--no-halt"].map(str::to_owned);
    let output = run("dcmsend", [call(&door, "FILMLESS"), more.to_vec(), vec![folder]].concat()).await;
    let text = text(&output);
    // Some of the files are fragments of instances: dcmsend does not take them, or the archive does not.
    let stored = door.stored().await;
    let syntaxes: std::collections::BTreeSet<_> =
        stored.iter().map(|stored| stored.version.transfer_syntax.as_str().to_owned()).collect();
    assert_eq!(text.matches("Received C-STORE Response (Success)").count(), door.versions().await.len(), "{text}");
    for uid in ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.91"] {
        assert!(syntaxes.contains(uid), "{uid} of {syntaxes:?}\n{text}");
    }
    door.ended().await;
}
