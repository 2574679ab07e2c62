//! Workers are started when needed, replaced when they die, stopped when idle, and held to their limits.

use std::time::Duration;

use bytes::Bytes;
use filmless_codecs::{CodecError, CodecLimits, Codecs, FrameSpec, Photometric};
use filmless_model::uid::TransferSyntaxUid;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// An 8×8 grey JPEG of one value: quantisation of ones, one Huffman code in each table, one block.
fn grey_jpeg() -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    out.extend([1; 64]);
    out.extend([0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        out.extend([0xff, 0xc4, 0, 20, class, 1]);
        out.extend([0; 15]);
        out.push(0);
    }
    // DC difference of category 0, end of block: two zero bits, padded with ones.
    out.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]);
    out
}

fn spec(transfer_syntax: &str, rows: u16, columns: u16) -> FrameSpec {
    FrameSpec {
        transfer_syntax: TransferSyntaxUid::parse(transfer_syntax).expect("a UID"),
        rows,
        columns,
        samples_per_pixel: 1,
        bits_allocated: 8,
        bits_stored: 8,
        signed: false,
        photometric: Photometric::Monochrome2,
        planar: false,
    }
}

const JPEG: &str = "1.2.840.10008.1.2.4.50";

fn limits(command: &[&str]) -> CodecLimits {
    let worker_command = command.iter().map(Into::into).collect();
    CodecLimits { workers: 2, time_limit: Duration::from_secs(20), worker_command, ..CodecLimits::default() }
}

fn real() -> CodecLimits {
    limits(&[env!("CARGO_BIN_EXE_filmless-codec-worker")])
}

async fn decode(codecs: &Codecs) -> Result<Vec<u8>, CodecError> {
    codecs.decode(&spec(JPEG, 8, 8), grey_jpeg().into()).await.map(|frame| frame.samples)
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.try_into().expect("a process id")).expect("not 0")
}

#[tokio::test]
async fn a_worker_is_kept_for_the_next_frame() {
    let codecs = Codecs::new(real());
    assert_eq!(codecs.idle_workers(), []);
    assert_eq!(decode(&codecs).await.expect("good"), [128; 64]);
    let workers = codecs.idle_workers();
    assert_eq!(workers.len(), 1);
    // A broken frame costs nothing but itself.
    let broken = codecs.decode(&spec(JPEG, 8, 8), Bytes::from_static(b"not a JPEG")).await;
    assert!(matches!(broken, Err(CodecError::Corrupt(_))), "{broken:?}");
    let other = codecs.decode(&spec(JPEG, 8, 9), grey_jpeg().into()).await;
    assert!(matches!(other, Err(CodecError::Mismatch(_))), "{other:?}");
    assert_eq!(decode(&codecs).await.expect("good"), [128; 64]);
    assert_eq!(codecs.idle_workers(), workers);
}

#[tokio::test]
async fn a_killed_worker_is_replaced() {
    let codecs = Codecs::new(real());
    decode(&codecs).await.expect("good");
    let first = codecs.idle_workers();
    kill_process(pid(first[0]), Signal::KILL).expect("it is ours");
    assert_eq!(decode(&codecs).await.expect("a worker that died while idle costs no frame"), [128; 64]);
    assert_ne!(codecs.idle_workers(), first);
}

#[tokio::test]
async fn idle_workers_are_stopped() {
    let codecs = Codecs::new(CodecLimits { idle_limit: Duration::from_millis(20), ..real() });
    decode(&codecs).await.expect("good");
    let worker = pid(codecs.idle_workers()[0]);
    tokio::time::timeout(Duration::from_secs(20), async {
        while !codecs.idle_workers().is_empty() || test_kill_process(worker).is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the worker is gone");
    assert_eq!(decode(&codecs).await.expect("a new one is started"), [128; 64]);
}

#[tokio::test]
async fn a_worker_that_does_not_answer_is_stopped_after_the_time_limit() {
    let codecs = Codecs::new(CodecLimits { time_limit: Duration::from_millis(50), ..limits(&["sleep", "1000"]) });
    assert!(matches!(decode(&codecs).await, Err(CodecError::TimedOut)));
    assert_eq!(codecs.idle_workers(), []);
}

#[tokio::test]
async fn a_worker_that_ends_is_a_crash_and_one_that_talks_nonsense_is_not_used() {
    assert!(matches!(decode(&Codecs::new(limits(&["true"]))).await, Err(CodecError::Crashed | CodecError::Worker(_))));
    let nonsense = Codecs::new(limits(&["printf", "\u{1}aaaaaaaaaaaaaaaaa"]));
    assert!(matches!(decode(&nonsense).await, Err(CodecError::Protocol | CodecError::Crashed | CodecError::Worker(_))));
    let missing = Codecs::new(limits(&["/nowhere/filmless-codec-worker"]));
    assert!(matches!(decode(&missing).await, Err(CodecError::Worker(_))));
}

/// A grey JPEG of 8192×8192 whose planes do not fit the worker: it says so or dies, and the next frame is decoded.
#[tokio::test]
async fn memory_is_capped() {
    let codecs = Codecs::new(CodecLimits { memory_bytes: 64 << 20, ..real() });
    let mut large = grey_jpeg();
    let at = large.windows(2).position(|bytes| bytes == [0xff, 0xc0]).expect("a frame header");
    large[at + 5..at + 9].copy_from_slice(&[0x20, 0, 0x20, 0]);
    // Two zero bits for each of its blocks.
    large.truncate(large.len() - 3);
    large.resize(large.len() + 1024 * 1024 / 4, 0);
    large.extend([0xff, 0xd9]);
    let answer = codecs.decode(&spec(JPEG, 8192, 8192), large.clone().into()).await;
    assert!(matches!(answer, Err(CodecError::Crashed)), "{answer:?}");
    assert_eq!(decode(&codecs).await.expect("the next frame"), [128; 64]);
    // The same frame is no trouble for a worker with room: it is the limit that stopped it.
    let roomy = Codecs::new(real()).decode(&spec(JPEG, 8192, 8192), large.into()).await.expect("room enough");
    assert!(roomy.samples.iter().all(|sample| *sample == 128));
}

#[tokio::test]
async fn a_frame_over_the_limit_never_reaches_a_worker() {
    let codecs = Codecs::new(CodecLimits { max_decoded_bytes: 1000, max_codestream_bytes: 150, ..limits(&["/nowhere"]) });
    let vast = codecs.decode(&spec(JPEG, 65535, 65535), grey_jpeg().into()).await;
    assert!(matches!(vast, Err(CodecError::TooLarge { limit: 1000, .. })), "{vast:?}");
    let long = codecs.decode(&spec(JPEG, 8, 8), vec![0; 151].into()).await;
    assert!(matches!(long, Err(CodecError::TooLarge { bytes: 151, limit: 150 })), "{long:?}");
    let video = codecs.decode(&spec("1.2.840.10008.1.2.4.102", 8, 8), Bytes::new()).await;
    assert!(matches!(video, Err(CodecError::Unsupported(_))), "{video:?}");
}

#[tokio::test]
async fn more_frames_than_workers_wait_their_turn() {
    let codecs = Codecs::new(real());
    let frames: Vec<_> = (0..12)
        .map(|_| {
            let codecs = codecs.clone();
            tokio::spawn(async move { decode(&codecs).await })
        })
        .collect();
    for frame in frames {
        assert_eq!(frame.await.expect("no panic").expect("good"), [128; 64]);
    }
    assert!(codecs.idle_workers().len() <= 2);
    let busy = Codecs::new(CodecLimits { workers: 1, wait_limit: Duration::from_millis(20), ..limits(&["sleep", "1000"]) });
    let first = tokio::spawn({
        let busy = busy.clone();
        async move { decode(&busy).await }
    });
    tokio::task::yield_now().await;
    assert!(matches!(decode(&busy).await, Err(CodecError::Busy)));
    first.abort();
}
