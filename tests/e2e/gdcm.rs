//! GDCM's tools: what they send is stored, and what we give back they read and decode.

use std::path::Path;

use filmless_testkit::part10::Part10;
use filmless_testkit::repository::{files_below, testdata};
use filmless_testkit::site::{CALLED, CALLING, Site};
use tokio::process::Command;

use crate::dicomweb::{is_no_instance, store_each};
use crate::transcoding::LOSSLESS;

on_both_back_ends!(gdcm_stores_and_decodes_what_it_gets_back);

/// GDCM has no decoder of HTJ2K; what else is lossless it decodes to the samples of any other decoder.
const HTJ2K_LOSSLESS: &str = "1.2.840.10008.1.2.4.201";

async fn gdcm_stores_and_decodes_what_it_gets_back(site: Site) {
    let server = site.serve().await;
    let port = server.dicom.port().to_string();
    let call = ["--aetitle", CALLING, "--call", CALLED, "127.0.0.1", &port];
    let volume = testdata("dicom/volume-mr-t1-sagittal");
    let folder = volume.to_str().expect("a printable path");
    // It aborts after a clean release (3.0.21, whatever the peer), so how it ends says nothing; what it sent is there.
    let sent = Command::new("gdcmscu").args(["--store", "-r", "-i", folder]).args(call).output().await;
    sent.expect("it runs: otherwise `make setup`");
    for file in files_below(&volume).iter().filter_map(|file| Part10::read(file)) {
        let found = server.search(&format!("instances?SOPInstanceUID={}", file.sop_instance)).await;
        assert_eq!(found.len(), 1, "{}", file.sop_instance);
    }

    let scratch = site.scratch();
    let folders = ["transfer-syntaxes", "us", "sc", "mr", "ct", "cr-dx"];
    let files = folders.iter().flat_map(|folder| files_below(&testdata(&format!("dicom/{folder}"))));
    let files = files.filter(|path| !is_no_instance(path)).filter_map(|path| Part10::read(&path).map(|file| (path, file)));
    // Samples of 32 bits in RLE it puts together in an order of its own.
    let files = files.filter(|(path, _)| !path.ends_with("SC_rgb_rle_32bit.dcm"));
    let is_decoded = |uid: &str| LOSSLESS.contains(&uid) && uid != HTJ2K_LOSSLESS;
    let files: Vec<_> = files.filter(|(_, file)| is_decoded(&file.transfer_syntax)).collect();
    let stored = store_each(&server, &scratch, files).await;
    let (mut compared, mut differing) = (0, Vec::new());
    for path in &stored {
        // What it cannot read before it has been here is none of ours.
        let Some(expected) = pixels(path, &scratch).await else { continue };
        compared += 1;
        let file = Part10::read(path).expect("it was read above");
        let found = server.search(&format!("instances?SOPInstanceUID={}", file.sop_instance)).await;
        let url = found[0]["00081190"]["Value"][0].as_str().expect("a Retrieve URL");
        let (_, resource) = url.split_once("/dicom-web/").expect("a resource of ours");
        for transfer_syntax in ["*", "1.2.840.10008.1.2.1"] {
            let accept = format!("multipart/related; type=\"application/dicom\"; transfer-syntax={transfer_syntax}");
            let retrieved = server.retrieve_as(resource, &accept).await.remove(0);
            let answer = scratch.join("answer.dcm");
            tokio::fs::write(&answer, &retrieved.body).await.expect("written");
            if pixels(&answer, &scratch).await.as_ref() != Some(&expected) {
                differing.push((path, transfer_syntax));
            }
        }
    }
    assert!(differing.is_empty() && compared > 30, "{compared} of {}: {differing:#?}", stored.len());
}

/// The samples of a file as GDCM decodes them, if it does.
async fn pixels(file: &Path, scratch: &Path) -> Option<Vec<u8>> {
    let [native, raw] = ["native.dcm", "native.raw"].map(|name| scratch.join(name));
    let run = async |program: &str, options: &[&str], input: &Path, output: &Path| {
        // It dies of some files (3.0.21), but not each time.
        for _ in 0..8 {
            let ended = Command::new(program).args(options).arg("-i").arg(input).arg("-o").arg(output).output().await;
            if let Some(code) = ended.expect("it runs: otherwise `make setup`").status.code() {
                return code == 0;
            }
        }
        false
    };
    if !(run("gdcmconv", &["--raw"], file, &native).await && run("gdcmraw", &[], &native, &raw).await) {
        return None;
    }
    Some(tokio::fs::read(&raw).await.expect("it wrote them"))
}
