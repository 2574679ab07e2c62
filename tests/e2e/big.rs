//! An instance of many frames, by either door and back: what the server takes of memory does not grow with it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance, MULTI_FRAME_WORD_STORAGE};
use filmless_testkit::server::Server;
use filmless_testkit::site::Site;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use sha2::{Digest, Sha256};

/// Half a megabyte each.
const SIDE: u16 = 512;
const FRAME_BYTES: usize = 2 * SIDE as usize * SIDE as usize;
/// Frames in `make test`; `FILMLESS_BIG_FRAMES` asks for more (4095 of them are 2 GiB).
const FRAMES: u32 = 64;
/// However many frames there are.
const MEMORY_BOUND_BYTES: u64 = 300 * 1024 * 1024;
/// For one transfer of 2 GiB on a slow machine.
const PATIENCE: Duration = Duration::from_mins(20);

on_both_back_ends!(a_long_instance_comes_and_goes_in_bounded_memory);

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

    fn path(&self) -> String {
        let Instance { study, series, sop_instance, .. } = &self.instance;
        format!("/dicom-web/studies/{study}/series/{series}/instances/{sop_instance}")
    }
}

fn tell(server: &Server, what: &str, started: Instant) {
    let peak = server.peak_memory_bytes();
    eprintln!("{what}: {:.1} s, peak of the server so far {} MiB", started.elapsed().as_secs_f64(), peak / 1024 / 1024);
    assert!(peak < MEMORY_BOUND_BYTES, "{what}: the server took {} MiB", peak / 1024 / 1024);
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
    let frames = std::env::var("FILMLESS_BIG_FRAMES").map_or(FRAMES, |text| text.parse().expect("a number of frames"));
    let server = site.serve().await;
    let (by_dimse, by_stow) = (Long::new(frames), Long::new(frames));
    eprintln!("{frames} frames, {} MiB", u64::from(frames) * FRAME_BYTES as u64 / 1024 / 1024);

    let started = Instant::now();
    let mut association = server.associate(MULTI_FRAME_WORD_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN).await.expect("a known peer");
    let uid = by_dimse.instance.sop_instance.as_str();
    assert_eq!(association.c_store_pieces(MULTI_FRAME_WORD_STORAGE, uid, by_dimse.data_set()).await.expect("a response"), 0);
    association.release().await.expect("a release");
    tell(&server, "C-STORE", started);

    let started = Instant::now();
    let pieces = by_stow.pieces(by_stow.head(by_stow.instance.part10())).map(Ok::<_, std::io::Error>);
    let request = server.request(Method::POST, "/dicom-web/studies").header(CONTENT_TYPE, "application/dicom");
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    let response = request.timeout(PATIENCE).body(body).send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
    tell(&server, "STOW-RS", started);

    for (long, door) in [(&by_dimse, "C-STORE"), (&by_stow, "STOW-RS")] {
        let started = Instant::now();
        for number in [1, frames / 2, frames] {
            let path = format!("{}/frames/{number}", long.path());
            let frame = server.get(&path, "application/octet-stream").await.bytes().await.expect("a frame");
            assert!(frame == Long::frame(number), "frame {number} of what came by {door}");
        }
        tell(&server, &format!("three frames of what came by {door}"), started);
        let started = Instant::now();
        retrieve(&server, long).await;
        tell(&server, &format!("all of what came by {door}"), started);
    }
    site.check_is_clean().await;
}
