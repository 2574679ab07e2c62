//! Every image of testdata/, and of ../shared/dicom where it is there, decoded, shown and transcoded.
//!
//! What other decoders make of them is in ../reference/samples.tsv, with the script that wrote it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use filmless_codecs::{CodecLimits, Codecs};
use filmless_dicom::data_set;
use filmless_dicom::file_meta::{FileMeta, FileMetaReader};
use filmless_dicom::header::{Header, HeaderLimits, HeaderReader};
use filmless_dicom::pixel::{self, PixelDescription, PixelError, Samples};
use filmless_dicom::render::{Format, RenderOptions, Viewport, render, representative_frame};
use filmless_dicom::target_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, TargetSyntax};
use filmless_dicom::transcode::{StoredHeader, transcode};
use filmless_model::frame::FrameNumber;
use filmless_model::uid::TransferSyntaxUid;
use filmless_model::version::Digest as FileDigest;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::corpus::corpus;
use crate::{read_file, testdata};

/// A stored instance, as the archive has it. A deflated one is inflated first.
pub(crate) struct Stored {
    bytes: Vec<u8>,
    header: Header,
    pub(crate) object: InMemDicomObject,
    transfer_syntax: TransferSyntaxUid,
    data_set_offset: usize,
}

pub(crate) fn codecs() -> Codecs {
    let worker_command = vec![env!("CARGO_BIN_EXE_filmless-dicom-test-codec-worker").into()];
    // Unoptimised decoders on a busy machine are slow: the limit is for those that never end.
    let limit = Duration::from_mins(5);
    Codecs::new(CodecLimits { workers: 2, worker_command, time_limit: limit, wait_limit: limit, ..CodecLimits::default() })
}

fn explicit() -> TransferSyntaxUid {
    TransferSyntaxUid::parse(EXPLICIT_VR_LITTLE_ENDIAN).expect("a UID")
}

impl Stored {
    /// `None` for what the archive would not take.
    pub(crate) fn open(bytes: Vec<u8>) -> Option<Self> {
        let mut meta = FileMetaReader::new();
        let start = match meta.push(&bytes).ok()? {
            Some(start) => start,
            None => meta.finish().ok()?,
        };
        let mut data_set_offset = usize::try_from(start.data_set_offset).expect("in memory");
        let (mut bytes, mut transfer_syntax) = (bytes, start.transfer_syntax);
        let mut header = read_file(&bytes, 1 << 20).ok()?;
        if transfer_syntax.as_str() == "1.2.840.10008.1.2.1.99" {
            bytes = data_set::inflate(&bytes[data_set_offset..], 64 << 20).ok()?;
            (transfer_syntax, data_set_offset) = (explicit(), 0);
            let mut reader = HeaderReader::new(&transfer_syntax, 0, HeaderLimits::default());
            reader.push(&bytes).ok()?;
            header = reader.finish().ok()?;
        }
        let object = data_set::read_header(&bytes[data_set_offset..], &transfer_syntax).ok()?;
        Some(Self { bytes, header, object, transfer_syntax, data_set_offset })
    }

    fn frame(&self, frame: FrameNumber) -> Option<Bytes> {
        let location = self.header.frames.locate(frame)?;
        let mut bytes = Vec::new();
        for range in &location.ranges {
            let start = usize::try_from(range.offset).expect("in memory");
            bytes.extend_from_slice(&self.bytes[start..start + usize::try_from(range.length).expect("in memory")]);
        }
        Some(pixel::frame_bytes(bytes.into(), &location))
    }

    pub(crate) async fn decode(&self, codecs: &Codecs, frame: FrameNumber) -> Result<Samples, PixelError> {
        let description = PixelDescription::from_header(&self.object)?;
        let frame = self.frame(frame).ok_or(PixelError::NoSuchFrame)?;
        pixel::decode_frame(codecs, &description, &self.transfer_syntax, frame).await
    }

    async fn transcode(&self, codecs: &Codecs, target: TargetSyntax) -> Result<Vec<u8>, PixelError> {
        let stored = StoredHeader {
            digest: FileDigest::new([7; 32]),
            sop_class: self.header.record.sop_class.clone(),
            sop_instance: self.header.record.address.instance.clone(),
            transfer_syntax: self.transfer_syntax.clone(),
            data_set: Bytes::copy_from_slice(&self.bytes[self.data_set_offset..]),
            header: self.object.clone(),
            frames: self.header.frames.count(),
        };
        let frame = |number| {
            let frame = self.frame(number);
            async move { frame.ok_or("no such frame") }
        };
        let parts: Vec<Bytes> = transcode(codecs.clone(), stored, target, frame).try_collect().await?;
        Ok(parts.concat())
    }
}

/// Finds a file of the table in testdata/dicom, else in ../shared/dicom.
fn find(name: &str) -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dicom");
    [testdata().join("dicom"), testdata().join("media"), shared]
        .iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn sha256(samples: &Samples) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(&samples.bytes))
}

/// The mean of each sample in each cell of a 4×4 grid, cut as numpy's `array_split` does.
fn means(samples: &Samples) -> Vec<f64> {
    let description = &samples.description;
    let (rows, columns) = (usize::from(description.rows), usize::from(description.columns));
    let (channels, width) = (usize::from(description.samples_per_pixel), usize::from(description.bits_allocated / 8));
    let cut = |length: usize, at: usize| at * (length / 4) + at.min(length % 4);
    let mut out = Vec::new();
    for row in 0..4 {
        for column in 0..4 {
            for channel in 0..channels {
                let (mut sum, mut count) = (0f64, 0u32);
                for y in cut(rows, row)..cut(rows, row + 1) {
                    for x in cut(columns, column)..cut(columns, column + 1) {
                        let at = ((y * columns + x) * channels + channel) * width;
                        let value =
                            samples.bytes[at..at + width].iter().rev().fold(0i64, |sum, byte| sum << 8 | i64::from(*byte));
                        let sign = 1i64 << (8 * width - 1);
                        let value = if description.signed && value >= sign { value - 2 * sign } else { value };
                        sum += f64::from(i32::try_from(value).expect("at most 32 bits"));
                        count += 1;
                    }
                }
                out.push(sum / f64::from(count.max(1)));
            }
        }
    }
    out
}

#[tokio::test]
async fn frames_decode_to_what_other_decoders_make_of_them() {
    let codecs = codecs();
    let (mut compared, mut absent, mut wrong) = (0, 0, Vec::new());
    let mut open: BTreeMap<String, Stored> = BTreeMap::new();
    for line in include_str!("../reference/samples.tsv").lines() {
        let [name, frame, photometric, kind, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("five columns: {line}")
        };
        if !open.contains_key(name) {
            open.clear();
            let Some(path) = find(name) else {
                absent += 1;
                continue;
            };
            let bytes = std::fs::read(path).expect("a file that is there can be read");
            let Some(stored) = Stored::open(bytes) else { continue };
            open.insert(name.to_owned(), stored);
        }
        let stored = &open[name];
        let samples = match stored.decode(&codecs, FrameNumber::parse(frame).expect("a number")).await {
            Ok(samples) => samples,
            Err(error) => {
                wrong.push(format!("{name} {frame}: {error:?}"));
                continue;
            }
        };
        compared += 1;
        let same = match kind {
            "sha256" => sha256(&samples) == expected,
            "means" => {
                let expected = expected.split(',').map(|mean| mean.parse::<f64>().expect("a number"));
                let found = means(&samples);
                // Decoders round differently and fill in chroma differently at edges.
                let near = |found: f64, expected: f64| (found - expected).abs() < 2.0 + expected.abs() / 50.0;
                // Small images have cells without pixels.
                found.iter().zip(expected).all(|(found, expected)| expected.is_nan() || near(*found, expected))
            }
            other => panic!("{other}"),
        };
        if !same || samples.description.photometric.as_str() != photometric {
            wrong.push(format!("{name} {frame}: differs, {}", samples.description.photometric));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} frames:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 60, "{compared} frames were compared, {absent} files are not there");
}

/// What no decoder of the table reads: compared with the same image in another transfer syntax.
#[tokio::test]
async fn one_image_decodes_alike_from_every_transfer_syntax() {
    let codecs = codecs();
    for (group, least) in [
        (
            &[
                "transfer-syntaxes/same-mr-image/1.dcm",
                "transfer-syntaxes/same-mr-image/2.dcm",
                "transfer-syntaxes/same-mr-image/3.dcm",
                "transfer-syntaxes/same-mr-image/4.dcm",
                "transfer-syntaxes/same-mr-image/5.dcm",
                "transfer-syntaxes/same-mr-image/7.dcm",
                "transfer-syntaxes/same-mr-image/9.dcm",
                "transfer-syntaxes/encapsulated_uncompressed.dcm",
                "transfer-syntaxes/htj2k_lossless_16bit.dcm",
                "transfer-syntaxes/htj2k_rpcl_lossless_16bit.dcm",
                "transfer-syntaxes/jpegxl_lossless_16bit.dcm",
            ][..],
            2,
        ),
        (&["seg/liver.dcm", "seg/liver_rle.dcm", "seg/liver_deflate.dcm", "seg/liver_j2k.dcm"], 2),
    ] {
        let mut digests = BTreeMap::new();
        for name in group {
            let Some(path) = find(name) else { continue };
            let stored = Stored::open(std::fs::read(path).expect("it is there")).expect(name);
            let samples = stored.decode(&codecs, FrameNumber::FIRST).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            digests.insert(*name, sha256(&samples));
        }
        assert!(digests.len() >= least, "{digests:?}");
        let first = digests.values().next().cloned();
        assert!(digests.values().all(|digest| Some(digest) == first.as_ref()), "{digests:#?}");
    }
}

/// Frames of 27 bytes share words: the bytes of each word stand in each other's place in big endian (PS3.5 section 8.1.1).
#[tokio::test]
async fn odd_frames_of_bytes_in_words_decode_alike_from_both_byte_orders() {
    let codecs = codecs();
    let path = find("sc/SC_rgb_small_odd_big_endian.dcm").expect("it is in testdata");
    let single = Stored::open(std::fs::read(path).expect("it is there")).expect("it is read");
    let samples: Vec<u8> = (0..3 * 27).collect();
    let words = samples.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
    let mut object = single.object.clone();
    object.put(DataElement::new(tags::NUMBER_OF_FRAMES, VR::IS, "3"));
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.collect())));
    for uid in ["1.2.840.10008.1.2", EXPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.2"] {
        let meta = FileMeta {
            sop_class: single.header.record.sop_class.clone(),
            sop_instance: single.header.record.address.instance.clone(),
            transfer_syntax: TransferSyntaxUid::parse(uid).expect("a UID"),
        };
        let mut file = meta.encode();
        let syntax = TransferSyntaxRegistry.get(uid).expect("dicom-rs writes it");
        object.write_dataset_with_ts(&mut file, syntax).expect("writing to memory succeeds");
        let stored = Stored::open(file).expect("it is read");
        let transcoded =
            Stored::open(stored.transcode(&codecs, TargetSyntax::ExplicitVrLittleEndian).await.expect("it is native"))
                .expect("it is read");
        for stored in [&stored, &transcoded] {
            assert_eq!(stored.header.frames.count(), 3, "{uid}");
            for (number, expected) in (1..).zip(samples.chunks(27)) {
                let frame = FrameNumber::new(number).expect("counted from 1");
                assert_eq!(stored.decode(&codecs, frame).await.expect(uid).bytes, expected, "{uid} {number}");
            }
        }
    }
}

#[tokio::test]
async fn every_good_image_is_shown_and_transcoded() {
    let codecs = codecs();
    let (mut shown, mut transcoded, mut wrong) = (0, 0, Vec::new());
    for (path, _) in corpus().into_iter().filter(|(_, malformed)| !malformed) {
        let name = path.display().to_string();
        // testdata/ is a choice of the others, and slices of a volume are alike.
        let known = name.split_once("shared/dicom/").is_some_and(|(_, name)| testdata().join("dicom").join(name).is_file());
        if known || name.contains("/volume-") && !name.ends_with("1.dcm") {
            continue;
        }
        let Some(stored) = Stored::open(std::fs::read(&path).expect("it is listed")) else { continue };
        let frames = stored.header.frames.count();
        if frames == 0 || !pixel::can_decode(&stored.transfer_syntax) {
            continue;
        }
        let frame = representative_frame(&stored.object, frames);
        let samples = match stored.decode(&codecs, frame).await {
            Ok(samples) => samples,
            Err(error) => {
                wrong.push(format!("{name}: {error:?}"));
                continue;
            }
        };
        for format in [Format::Jpeg, Format::Png] {
            let options = RenderOptions { format, viewport: Some(Viewport::fit(64, 64)), ..RenderOptions::default() };
            match render(&stored.object, &samples, frame, &options) {
                Ok(picture) => {
                    let picture = image::load_from_memory(&picture).expect("a picture");
                    assert!(picture.width() == 64 || picture.height() == 64, "{name}");
                    shown += 1;
                }
                Err(error) => wrong.push(format!("{name}: {error:?}")),
            }
        }
        for target in TargetSyntax::all().filter(|target| target.check(&stored.object).is_ok()) {
            // A cine of many frames takes longer than it tells, and so does a large image without optimisation.
            let is_native = !matches!(target, TargetSyntax::Encapsulated(_));
            let is_long = frames > 20 && stored.object.get(tags::SEGMENT_SEQUENCE).is_none();
            if is_long || !is_native && (frames > 3 || samples.bytes.len() > 1 << 20) {
                continue;
            }
            let file = match stored.transcode(&codecs, target).await {
                Ok(file) => file,
                Err(error) => {
                    wrong.push(format!("{name}: transcoding into {target:?}: {error:?}"));
                    continue;
                }
            };
            transcoded += 1;
            let declared = FileMetaReader::new().push(&file).expect("a DICOM file").expect("whole").transfer_syntax;
            assert_eq!(declared.as_str(), target.uid(), "{name}");
            let again = Stored::open(file).unwrap_or_else(|| panic!("{name}: {target:?} cannot be read"));
            let is_lossy = matches!(target, TargetSyntax::Encapsulated(encoder) if encoder.loss().is_some());
            let is_same = again.header.record.address == stored.header.record.address;
            assert_eq!(is_same, !is_lossy, "{name}: {target:?} is another instance where it is lossy, and only there");
            assert_eq!(again.header.frames.count(), frames, "{name}");
            let decoded = again.decode(&codecs, frame).await.unwrap_or_else(|error| panic!("{name}: {target:?} {error:?}"));
            if is_lossy {
                let one = again.object.get(tags::LOSSY_IMAGE_COMPRESSION).and_then(|element| element.to_str().ok());
                assert_eq!(one.as_deref(), Some("01"), "{name}: {target:?}");
            } else if decoded.bytes != samples.bytes || decoded.description.photometric != samples.description.photometric {
                wrong.push(format!("{name}: {target:?} has other pixels"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {shown}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(shown > 100, "{shown} pictures were made");
    assert!(transcoded > 200, "{transcoded} files were transcoded");
}

#[tokio::test]
async fn malformed_images_are_errors_or_pictures_and_nothing_else() {
    let codecs = codecs();
    let mut seen = 0;
    for (path, _) in corpus().into_iter().filter(|(_, malformed)| *malformed) {
        let Some(stored) = Stored::open(std::fs::read(&path).expect("it is listed")) else { continue };
        seen += 1;
        for frame in 1..=stored.header.frames.count().min(3) {
            let frame = FrameNumber::new(frame).expect("counted from 1");
            let decoded = tokio::time::timeout(Duration::from_mins(10), stored.decode(&codecs, frame)).await;
            if let Ok(samples) = decoded.unwrap_or_else(|_| panic!("{} hangs", path.display())) {
                let options = RenderOptions { viewport: Some(Viewport::fit(64, 64)), ..RenderOptions::default() };
                let _ = render(&stored.object, &samples, frame, &options);
            }
        }
        let _ = stored.transcode(&codecs, TargetSyntax::ExplicitVrLittleEndian).await;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("garbage_codestream") {
            assert!(stored.decode(&codecs, FrameNumber::FIRST).await.is_err(), "{name}");
        }
    }
    assert!(seen > 10, "{seen} malformed files were read");
}
