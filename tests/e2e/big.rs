//! An instance of many frames, by either door and back: what the server takes of memory does not grow with it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance, MULTI_FRAME_WORD_STORAGE};
use filmless_testkit::server::Server;
use filmless_testkit::site::Site;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Half a megabyte each.
const SIDE: u16 = 512;
const FRAME_BYTES: usize = 2 * SIDE as usize * SIDE as usize;
/// Frames in `make test`; `FILMLESS_BIG_FRAMES` asks for more (4095 of them are 2 GiB).
const FRAMES: u32 = 64;
/// What the server may take of memory for an instance, however many frames it has.
const INSTANCE_BOUND_BYTES: u64 = 150 * 1024 * 1024;
/// The same for one that comes as metadata and bulk data.
const MEMORY_BOUND_BYTES: u64 = 300 * 1024 * 1024;
/// For one transfer of 2 GiB on a slow machine.
const PATIENCE: Duration = Duration::from_mins(20);

/// Frames of bulk data for each of the others: more than `BULK_BOUND_BYTES` in any case, and 2 GiB at most.
const BULK_SHARE: u32 = 8;
const MOST_FRAMES: u32 = 4095;
/// What bulk data may add to what the server takes in any case, however much it is: the parts of 16 MiB that are on their way to S3
/// at a time, with their copies.
const BULK_BOUND_BYTES: u64 = 160 * 1024 * 1024;

on_both_back_ends!(a_long_instance_comes_and_goes_in_bounded_memory, bulk_data_waits_on_disk_for_its_instance);

/// An instance whose frames are made when they are asked for.
struct Long {
    instance: Instance,
    frames: u32,
}

impl Long {
    fn new(frames: u32) -> Self {
        Self { instance: Instance::first_of_frames(frames, SIDE), frames }
    }

    /// What stands before the pixels, of a whole file or of the data set alone.
    fn head(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut head = bytes;
        head.truncate(head.len() - FRAME_BYTES - 4);
        let length = u32::try_from(FRAME_BYTES).expect("half a megabyte") * self.frames;
        head.extend(length.to_le_bytes());
        head
    }

    /// No two frames are the same. Cheap to make: a slow sender would hide what the server does.
    fn frame(number: u32) -> Vec<u8> {
        static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let words = (0..FRAME_BYTES as u64 / 8).map(|place| place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            words.flat_map(u64::to_le_bytes).collect()
        });
        let mut frame = NOISE.clone();
        frame[..4].copy_from_slice(&number.to_le_bytes());
        frame
    }

    fn pieces(&self, head: Vec<u8>) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        std::iter::once(head).chain((1..=self.frames).map(Self::frame))
    }

    fn data_set(&self) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
        self.pieces(self.head(self.instance.data_set()))
    }

    /// A store request of metadata and bulk data (PS3.18 section 10.5.2, Behavior), the latter as it is made.
    fn metadata_and_bulk_data(&self) -> (&'static str, impl Iterator<Item = Vec<u8>> + Send + use<>) {
        let Instance { sop_class, sop_instance, study, series, .. } = &self.instance;
        let element = |vr: &str, value: Value| json!({"vr": vr, "Value": [value]});
        let metadata = json!([{
            "00080016": element("UI", sop_class.as_str().into()), "00080018": element("UI", sop_instance.as_str().into()),
            "00080060": element("CS", self.instance.modality.into()), "00100020": element("LO", "BULK".into()),
            "0020000D": element("UI", study.as_str().into()), "0020000E": element("UI", series.as_str().into()),
            "00280002": element("US", 1.into()), "00280004": element("CS", "MONOCHROME2".into()),
            "00280008": element("IS", self.frames.into()), "00280010": element("US", SIDE.into()),
            "00280011": element("US", SIDE.into()), "00280100": element("US", 16.into()), "00280101": element("US", 16.into()),
            "00280102": element("US", 15.into()), "00280103": element("US", 0.into()),
            "7FE00010": {"vr": "OW", "BulkDataURI": "bulk/1"},
        }]);
        let head = format!(
            "--b\r\nContent-Type: application/dicom+json\r\n\r\n{metadata}\r\n--b\r\nContent-Type: application/octet-stream\r\n\
             Content-Location: bulk/1\r\n\r\n"
        );
        let pieces = self.pieces(head.into_bytes()).chain([b"\r\n--b--\r\n".to_vec()]);
        ("multipart/related; type=\"application/dicom+json\"; boundary=b", pieces)
    }

    fn path(&self) -> String {
        let Instance { study, series, sop_instance, .. } = &self.instance;
        format!("/dicom-web/studies/{study}/series/{series}/instances/{sop_instance}")
    }
}

fn tell(server: &Server, what: &str, started: Instant, bound_bytes: u64) {
    let peak = server.peak_memory_bytes();
    eprintln!("{what}: {:.1} s, peak of the server so far {} MiB", started.elapsed().as_secs_f64(), peak / 1024 / 1024);
    assert!(peak < bound_bytes, "{what}: the server took {} MiB", peak / 1024 / 1024);
}

async fn post(server: &Server, content_type: &str, pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) {
    let request = server.request(Method::POST, "/dicom-web/studies").header(CONTENT_TYPE, content_type);
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    let response = request.timeout(PATIENCE).body(body).send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
}

fn frames() -> u32 {
    std::env::var("FILMLESS_BIG_FRAMES").map_or(FRAMES, |text| text.parse().expect("a number of frames"))
}

/// Retrieves the instance as it is stored, and compares without keeping it.
async fn retrieve(server: &Server, long: &Long) {
    let mut expected = Sha256::new();
    let mut length = 0;
    for piece in long.data_set() {
        length += piece.len() as u64;
        expected.update(&piece);
    }
    let request = server.request(Method::GET, &long.path()).header(ACCEPT, "application/dicom; transfer-syntax=*");
    let mut response = request.timeout(PATIENCE).send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
    let sent = response.content_length().expect("a file has a length");
    // In front stands File Meta Information, which is the server's own.
    let mut meta = usize::try_from(sent - length).expect("short");
    let mut found = Sha256::new();
    while let Some(chunk) = response.chunk().await.expect("the whole file comes") {
        let skipped = meta.min(chunk.len());
        meta -= skipped;
        found.update(&chunk[skipped..]);
    }
    assert!(found.finalize() == expected.finalize(), "byte for byte");
}

async fn a_long_instance_comes_and_goes_in_bounded_memory(site: Site) {
    let frames = frames();
    let server = site.serve().await;
    let tell = |what: &str, started| tell(&server, what, started, INSTANCE_BOUND_BYTES);
    let (by_dimse, by_stow) = (Long::new(frames), Long::new(frames));
    eprintln!("{frames} frames, {} MiB", u64::from(frames) * FRAME_BYTES as u64 / 1024 / 1024);

    let started = Instant::now();
    let mut association = server.associate(MULTI_FRAME_WORD_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    let uid = by_dimse.instance.sop_instance.as_str();
    assert_eq!(association.c_store_pieces(MULTI_FRAME_WORD_STORAGE, uid, by_dimse.data_set()).await.expect("a response"), 0);
    association.release().await.expect("a release");
    tell("C-STORE", started);

    let started = Instant::now();
    post(&server, "application/dicom", by_stow.pieces(by_stow.head(by_stow.instance.part10()))).await;
    tell("STOW-RS", started);

    for (long, door) in [(&by_dimse, "C-STORE"), (&by_stow, "STOW-RS")] {
        let started = Instant::now();
        for number in [1, frames / 2, frames] {
            let path = format!("{}/frames/{number}", long.path());
            let frame = server.get(&path, "application/octet-stream").await.bytes().await.expect("a frame");
            assert!(frame == Long::frame(number), "frame {number} of what came by {door}");
        }
        tell(&format!("three frames of what came by {door}"), started);
        let started = Instant::now();
        retrieve(&server, long).await;
        tell(&format!("all of what came by {door}"), started);
    }
    site.check_is_clean().await;
}

async fn bulk_data_waits_on_disk_for_its_instance(site: Site) {
    let server = site.serve().await;
    // What the server takes for any such request it has taken after this one.
    let (content_type, pieces) = Long::new(4).metadata_and_bulk_data();
    post(&server, content_type, pieces).await;
    let (before, started) = (server.peak_memory_bytes(), Instant::now());
    let long = Long::new((BULK_SHARE * frames()).min(MOST_FRAMES));
    let (content_type, pieces) = long.metadata_and_bulk_data();
    post(&server, content_type, pieces).await;
    tell(&server, "metadata and bulk data", started, MEMORY_BOUND_BYTES);
    let grown = server.peak_memory_bytes() - before;
    assert!(grown < BULK_BOUND_BYTES, "{} MiB of bulk data took {} MiB", long.frames / 2, grown / 1024 / 1024);
    for number in [1, long.frames / 2, long.frames] {
        let frame = server.get(&format!("{}/frames/{number}", long.path()), "application/octet-stream").await;
        assert!(frame.bytes().await.expect("a frame") == Long::frame(number), "frame {number}");
    }
    site.check_is_clean().await;
}
