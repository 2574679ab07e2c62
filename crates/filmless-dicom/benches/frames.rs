//! Milliseconds a frame, for each codec, decoding and encoding, and for rendering: `cargo bench -p filmless-dicom --bench frames`.
//!
//! Figures are of one run on one machine; compare lines of a run, not runs. Files are those of testdata/ and, where a
//! checkout has it beside itself, of ../shared/dicom.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use dicom_object::InMemDicomObject;
use filmless_codecs::{CodecLimits, Codecs};
use filmless_dicom::data_set;
use filmless_dicom::file_meta::FileMetaReader;
use filmless_dicom::header::{HeaderLimits, HeaderReader};
use filmless_dicom::pixel::{PixelDescription, decode_frame};
use filmless_dicom::render::{Format, RenderOptions, Viewport, render};
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_dicom::transcode_frame::transcode_frame;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::TransferSyntaxUid;

const FILES: [&str; 13] = [
    "ct/ct_brain_single.dcm",
    "ct/CT2_J2KR.dcm",
    "transfer-syntaxes/same-mr-image/1.dcm",
    "transfer-syntaxes/same-mr-image/4.dcm",
    "transfer-syntaxes/same-mr-image/5.dcm",
    "transfer-syntaxes/same-mr-image/7.dcm",
    "transfer-syntaxes/same-mr-image/9.dcm",
    "transfer-syntaxes/htj2k_lossless_16bit.dcm",
    "transfer-syntaxes/jpegxl_lossless_16bit.dcm",
    "xa-rf/xa_cine_96f.dcm",
    "us/examples_ybr_color.dcm",
    "transfer-syntaxes/JPGExtended.dcm",
    "mg/mg_jpeg_lossless_GH133.dcm",
];
/// A native one.
const ENCODED: &str = "ct/ct_brain_single.dcm";
const ROUNDS: usize = 21;

/// The median of some rounds, in milliseconds.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The first frame of a file.
struct Image {
    header: InMemDicomObject,
    description: PixelDescription,
    transfer_syntax: TransferSyntaxUid,
    frame: Bytes,
}

fn open(name: &str) -> Option<Image> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("../../testdata/dicom"), root.join("../../../shared/dicom")];
    let bytes = folders.iter().find_map(|folder| std::fs::read(folder.join(name)).ok())?;
    let start = FileMetaReader::new().push(&bytes).ok()??;
    let offset = usize::try_from(start.data_set_offset).ok()?;
    let mut reader = HeaderReader::new(&start.transfer_syntax, start.data_set_offset, HeaderLimits::default());
    reader.push(&bytes[offset..]).ok()?;
    let frames = reader.finish().ok()?.frames;
    let header = data_set::read_header(&bytes[offset..], &start.transfer_syntax).ok()?;
    let description = PixelDescription::from_header(&header).ok()?;
    let mut frame = Vec::new();
    for range in frames.locate(FrameNumber::FIRST)?.ranges {
        let begin = usize::try_from(range.offset).ok()?;
        frame.extend_from_slice(&bytes[begin..begin + usize::try_from(range.length).ok()?]);
    }
    Some(Image { header, description, transfer_syntax: start.transfer_syntax, frame: frame.into() })
}

/// Frames that are native are encoded; the others are decoded first.
async fn measure_encoding(codecs: &Codecs, name: &str) -> Option<()> {
    let image = open(name)?;
    let Image { description, transfer_syntax, frame, .. } = &image;
    for target in TargetSyntax::all().filter(|target| target.check(&image.header).is_ok()) {
        let (mut times, mut length) = (Vec::new(), 0);
        // The first frame starts a worker.
        for round in 0..=ROUNDS {
            let begin = Instant::now();
            let encoded = transcode_frame(codecs, description, transfer_syntax, frame.clone(), target).await;
            length = encoded.ok()?.0.len();
            if round > 0 {
                times.push(begin.elapsed().as_secs_f64() * 1e3);
            }
        }
        let columns = description.columns;
        println!("{columns:5}x{:<5} encode {:7.2} ms   {length:8} bytes   {target:?}", description.rows, median(times));
    }
    Some(())
}

async fn measure(codecs: &Codecs, name: &str) -> Option<()> {
    let Image { header, description, transfer_syntax, frame } = open(name)?;
    let decode = || decode_frame(codecs, &description, &transfer_syntax, frame.clone());
    // The first frame starts a worker.
    let samples = decode().await.ok()?;
    let mut decoding = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        decode().await.ok()?;
        decoding.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let picture = |format, viewport| {
        let options = RenderOptions { format, viewport, ..RenderOptions::default() };
        let times = (0..ROUNDS).map(|_| {
            let begin = Instant::now();
            let picture = render(&header, &samples, FrameNumber::FIRST, &options);
            assert!(picture.is_ok_and(|picture| !picture.is_empty()));
            begin.elapsed().as_secs_f64() * 1e3
        });
        median(times.collect())
    };
    println!(
        "{:5}x{:<5} decode {:7.2} ms   JPEG {:7.2} ms   PNG {:7.2} ms   128x128 JPEG {:6.2} ms   {name}",
        description.columns,
        description.rows,
        median(decoding),
        picture(Format::Jpeg, None),
        picture(Format::Png, None),
        picture(Format::Jpeg, Some(Viewport::fit(128, 128))),
    );
    Some(())
}

#[tokio::main]
async fn main() {
    let worker_command = vec![env!("CARGO_BIN_EXE_filmless-dicom-test-codec-worker").into()];
    let codecs = Codecs::new(CodecLimits { worker_command, ..CodecLimits::default() });
    for name in FILES {
        if measure(&codecs, name).await.is_none() {
            println!("not there or not decoded: {name}");
        }
    }
    if measure_encoding(&codecs, ENCODED).await.is_none() {
        println!("not there or not encoded: {ENCODED}");
    }
}
