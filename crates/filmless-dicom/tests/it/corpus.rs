//! Every file of testdata/, and of ../shared/dicom where a checkout has it beside itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use filmless_dicom::data_set;
use filmless_dicom::file_meta::FileMetaReader;
use filmless_dicom::header::HeaderError;
use filmless_model::attribute::Attribute;
use filmless_model::frame::{FrameIndex, FrameNumber};

use crate::{json_of, read_file, testdata};

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a folder that opens can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|extension| extension != "md" && extension != "tsv") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// All files, and whether each is of the malformed ones.
pub(crate) fn corpus() -> Vec<(PathBuf, bool)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dicom");
    let files = [testdata(), shared].iter().flat_map(|folder| files_under(folder)).collect::<Vec<_>>();
    let malformed = |path: &Path| path.components().any(|part| part.as_os_str() == "malformed");
    files.into_iter().map(|path| (path.clone(), malformed(&path))).collect()
}

#[test]
fn good_files_are_read_and_every_frame_has_its_bytes() {
    let mut read = 0;
    for (path, _) in corpus().into_iter().filter(|(_, malformed)| !malformed) {
        let bytes = std::fs::read(&path).expect("a file that is listed can be read");
        let header = match read_file(&bytes, 64 << 10) {
            Ok(header) => header,
            // DICOMDIR, and test images that belong to no study.
            Err(HeaderError::MissingUid("StudyInstanceUID")) => continue,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        read += 1;
        let json = json_of(&header);
        let of_json = |tag: &str| json[tag]["Value"][0].as_str().map(str::to_owned);
        assert_eq!(of_json("00080018").as_deref(), Some(header.record.address.instance.as_str()), "{}", path.display());
        assert_eq!(header.record.text(Attribute::SopClassUid), Some(header.record.sop_class.as_str()));
        for frame in 1..=header.frames.count() {
            let frame = FrameNumber::new(frame).expect("counted from 1");
            let location = header.frames.locate(frame).expect("it is counted");
            for range in location.ranges {
                assert!(range.offset + range.length <= bytes.len() as u64, "{}: {range:?}", path.display());
            }
        }
    }
    assert!(read > 100, "testdata/ holds over a hundred instances, {read} were read");
}

#[test]
fn the_frames_of_images_are_found() {
    // File of testdata/dicom, frames, bytes that the first frame begins with.
    for (file, count, begin) in [
        ("mr/MR_small.dcm", 1, &b""[..]),
        ("mr/MR_small_bigendian.dcm", 1, b""),
        ("mr/MR_small_jp2klossless.dcm", 1, b"\xff\x4f\xff\x51"),
        ("nm-pt/nm_64x64x13f_16bit_evle.dcm", 13, b""),
        ("rt/rtdose.dcm", 15, b""),
        ("rt/rtdose_rle.dcm", 15, b"\x04\0\0\0\x40\0\0\0"),
        ("sc/SC_rgb_rle_16bit_2frame.dcm", 2, b"\x06\0\0\0\x40\0\0\0"),
        ("sc/SC_ybr_full_422_uncompressed.dcm", 1, b""),
        ("seg/liver.dcm", 3, b""),
        ("seg/liver_nonbyte_aligned.dcm", 3, b""),
        ("seg/liver_rle.dcm", 3, b"\x01\0\0\0\x40\0\0\0"),
        ("parametric-map/parametric_map_float.dcm", 1, b""),
        ("sc/image_dfl.dcm", 0, b""),
        ("sc/SC_rgb_jpeg_gdcm.dcm", 1, b"\xff\xd8\xff"),
        ("rt/rtplan.dcm", 0, b""),
        ("video/video_h264_high41.dcm", 1, b""),
    ] {
        let bytes = std::fs::read(testdata().join("dicom").join(file)).expect(file);
        let header = read_file(&bytes, 4096).expect(file);
        assert_eq!(header.frames.count(), count, "{file}: {:?}", header.warnings);
        if let Some(location) = header.frames.locate(FrameNumber::FIRST) {
            let first = usize::try_from(location.ranges[0].offset).expect("within the file");
            assert!(bytes[first..].starts_with(begin), "{file}");
        }
    }
}

#[test]
fn native_frames_are_as_long_as_the_image_says() {
    for (file, frame_length_bits) in [
        ("mr/MR_small.dcm", 64 * 64 * 16),
        ("rt/rtdose.dcm", 10 * 10 * 32),
        ("sc/SC_ybr_full_422_uncompressed.dcm", 100 * 100 * 16),
        ("seg/liver_nonbyte_aligned.dcm", 510 * 510),
        ("parametric-map/parametric_map_float.dcm", 128 * 128 * 32),
    ] {
        let bytes = std::fs::read(testdata().join("dicom").join(file)).expect(file);
        match read_file(&bytes, 1 << 20).expect(file).frames {
            FrameIndex::Native { frame_length_bits: length, .. } => assert_eq!(length, frame_length_bits, "{file}"),
            other => panic!("{file}: {other:?}"),
        }
    }
}

#[test]
fn names_in_many_character_sets_are_decoded_and_folded() {
    for (file, name, folded) in [
        ("chrArab.dcm", "قباني^لنزار", "قباني لنزار"),
        ("chrFren.dcm", "Buc^Jérôme", "buc jerome"),
        ("chrGerm.dcm", "Äneas^Rüdiger", "aneas rudiger"),
        ("chrGreek.dcm", "Διονυσιος", "διονυσιος"),
        ("chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada tarou 山田 太郎 やまだ たろう"),
        ("chrH32.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ ﾀﾛｳ 山田 太郎 やまだ たろう"),
        ("chrI2.dcm", "Hong^Gildong=洪^吉洞=홍^길동", "hong gildong 洪 吉洞 홍 길동"),
        ("chrRuss.dcm", "Люкceмбypг", "люкceмбypг"),
        ("chrX1.dcm", "Wang^XiaoDong=王^小東", "wang xiaodong 王 小東"),
        ("chrX2.dcm", "Wang^XiaoDong=王^小东", "wang xiaodong 王 小东"),
    ] {
        let bytes = std::fs::read(testdata().join("dicom/charset").join(file)).expect(file);
        let record = read_file(&bytes, 1000).expect(file).record;
        assert_eq!(record.text(Attribute::PatientName).map(|name| name.trim_end_matches('=')), Some(name), "{file}");
        assert_eq!(record.folded.get(&Attribute::PatientName).map(String::as_str), Some(folded), "{file}");
    }
}

#[test]
fn malformed_files_end_in_time_with_a_header_or_a_reason() {
    let mut seen = 0;
    for (path, _) in corpus().into_iter().filter(|(_, malformed)| *malformed) {
        seen += 1;
        let bytes = std::fs::read(&path).expect("a file that is listed can be read");
        let begin = Instant::now();
        let result = read_file(&bytes, 64 << 10);
        // Generous: the slowest, the deflate bomb, takes a fraction of it without optimisation.
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", path.display());
        if let Ok(header) = &result {
            json_of(header);
            let end = bytes.len() as u64;
            for frame in 1..=header.frames.count() {
                let location = FrameNumber::new(frame).and_then(|frame| header.frames.locate(frame));
                let ranges = location.expect("it is counted").ranges;
                assert!(ranges.iter().all(|range| range.offset + range.length <= end), "{}", path.display());
            }
        }
        for piece in [1, 7, 4096] {
            if bytes.len() < 64 << 10 {
                assert_eq!(read_file(&bytes, piece), result, "{} in pieces of {piece}", path.display());
            }
        }
        let mut meta = FileMetaReader::new();
        if let Ok(Some(start)) = meta.push(&bytes) {
            // What the door takes, the reader in memory takes too.
            let object = data_set::read_header(&start.rest, &start.transfer_syntax);
            assert!(object.is_ok() || result.is_err(), "{}: {:?}", path.display(), object.err());
        }
    }
    assert!(seen > 10, "testdata/malformed holds files, {seen} were seen");
}

#[test]
fn hostile_files_are_refused_for_the_right_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/dicom/malformed/hostile");
    if !folder.exists() {
        eprintln!("skipped: ../shared/dicom is not here");
        return;
    }
    for (file, expected) in [
        ("empty_file.dcm", "not DICOM"),
        ("not_dicom_png.dcm", "not DICOM"),
        ("short_127.dcm", "not DICOM"),
        ("only_preamble.dcm", "data set ends within"),
        ("deflate_bomb_256MiB.dcm", "grows more than"),
        ("deflate_garbage.dcm", "corrupt"),
        ("sequence_nested_60000.dcm", "nested more than 32 deep"),
        ("length_4gib_minus_2.dcm", "data set ends within"),
        ("path_traversal_uid.dcm", "SOPInstanceUID is not a UID"),
        ("uid_empty.dcm", "SOPInstanceUID is missing"),
        ("sequence_bad_item_tag.dcm", "something other than an item"),
    ] {
        let bytes = std::fs::read(folder.join(file)).expect(file);
        let error = read_file(&bytes, 1000).expect_err(file).to_string();
        assert!(error.contains(expected), "{file}: {error}");
    }
}
