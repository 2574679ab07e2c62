//! Data sets made here: cut in every way, without end, labelled wrongly, and at the bounds.

use std::collections::BTreeMap;

use filmless_dicom::file_meta::FileMetaReader;
use filmless_dicom::header::{HeaderError, HeaderLimits, HeaderReader, Identity};
use filmless_dicom::text::{SpecificCharacterSet, fold};
use filmless_model::attribute::{Attribute, Value};
use filmless_model::frame::{ByteRange, FrameIndex, FrameNumber};
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};
use proptest::prelude::*;

use crate::{json_of, read_file, testdata};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const JPEG: &str = "1.2.840.10008.1.2.4.50";

fn syntax(uid: &str) -> TransferSyntaxUid {
    TransferSyntaxUid::parse(uid).expect("a UID")
}

fn reader(uid: &str) -> HeaderReader {
    HeaderReader::new(&syntax(uid), 0, HeaderLimits::default())
}

/// An element in Explicit VR Little Endian with the short or the long header, as its VR asks.
fn element(group: u16, number: u16, vr: &str, value: &[u8]) -> Vec<u8> {
    let mut out = [group.to_le_bytes(), number.to_le_bytes()].concat();
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "OV" | "SQ" | "UN" | "UT") {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len()).expect("short").to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len()).expect("short").to_le_bytes());
    }
    out.extend(value);
    out
}

fn item(value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("short").to_le_bytes();
    [&[0xFE, 0xFF, 0x00, 0xE0], &length[..], value].concat()
}

/// Encapsulated Pixel Data with this offset table and these fragments.
fn encapsulated(table: &[u32], fragments: &[&[u8]]) -> Vec<u8> {
    let table: Vec<u8> = table.iter().flat_map(|offset| offset.to_le_bytes()).collect();
    let mut out = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff".to_vec();
    out.extend(item(&table));
    for fragment in fragments {
        out.extend(item(fragment));
    }
    out.extend(b"\xfe\xff\xdd\xe0\x00\x00\x00\x00");
    out
}

/// The elements that every instance has, and those given, which come behind group 0020.
fn instance(rest: &[Vec<u8>]) -> Vec<u8> {
    let mut out = [
        element(0x0008, 0x0016, "UI", b"1.2.840.10008.5.1.4.1.1.7\0"),
        element(0x0008, 0x0018, "UI", b"1.2.3.4\0"),
        element(0x0020, 0x000D, "UI", b"1.2.3\0"),
        element(0x0020, 0x000E, "UI", b"1.2.3.5\0"),
    ]
    .concat();
    out.extend(rest.concat());
    out
}

fn frames_of(uid: &str, data_set: &[u8]) -> (FrameIndex, Vec<String>) {
    let mut reader = reader(uid);
    reader.push(data_set).expect("it is well-formed");
    let header = reader.finish().expect("it is complete");
    (header.frames, header.warnings)
}

fn lengths(frames: &FrameIndex) -> Vec<Vec<u64>> {
    (1..=frames.count())
        .map(|frame| {
            let location = FrameNumber::new(frame).and_then(|frame| frames.locate(frame)).expect("it is counted");
            location.ranges.iter().map(|range| range.length).collect()
        })
        .collect()
}

/// Bytes that lengths and tags are mistaken for.
const INTERESTING: [&[u8]; 9] = [
    &[0],
    &[0xFF],
    &[0xFF; 4],
    &[0xFE, 0xFF, 0xFF, 0xFF],
    &[0xFE, 0xFF, 0x00, 0xE0],
    &[0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0],
    &[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0],
    b"SQ\0\0\xff\xff\xff\xff",
    b"UN\0\0\x08\0\0\0",
];
const TERMS: [&str; 12] = [
    "",
    "ISO 2022 IR 6",
    "ISO 2022 IR 87",
    "ISO 2022 IR 159",
    "ISO 2022 IR 149",
    "ISO 2022 IR 58",
    "ISO 2022 IR 13",
    "ISO_IR 13",
    "ISO_IR 100",
    "ISO_IR 192",
    "GBK",
    "unheard of",
];
/// Escape sequences, delimiters, and what they come between.
const TEXT_PARTS: [&[u8]; 16] = [
    b"\x1b$B",
    b"\x1b(B",
    b"\x1b(J",
    b"\x1b)I",
    b"\x1b$(D",
    b"\x1b$)C",
    b"\x1b$)A",
    b"\x1b-A",
    b"\x1b",
    b"^",
    b"=",
    b"\\",
    b"\r",
    b"B;3E",
    b"\xb5\xbf",
    b"\xc4\x90",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_a_file_is_cut_its_header_is_the_same(file in 0usize..8, cuts in prop::collection::vec(1usize..400, 1..40)) {
        let file = [
            "ct/CT_small.dcm",
            "mr/MR_small_implicit.dcm",
            "mr/MR_small_bigendian.dcm",
            "mr/MR_small_RLE.dcm",
            "charset/chrSQEncoding.dcm",
            "rt/rtplan.dcm",
            "sc/SC_rgb_small_odd_jpeg.dcm",
            "seg/seg_image_ct_binary.dcm",
        ][file];
        let bytes = std::fs::read(testdata().join("dicom").join(file)).expect(file);
        let whole = read_file(&bytes, bytes.len());
        let mut meta = FileMetaReader::new();
        let mut reader: Option<HeaderReader> = None;
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at(rest.len().min(*cut));
            rest = after;
            if let Some(reader) = &mut reader {
                reader.push(piece).expect("the file is well-formed");
            } else if let Some(start) = meta.push(piece).expect("the file is well-formed") {
                let limits = HeaderLimits::default();
                let mut header = HeaderReader::new(&start.transfer_syntax, start.data_set_offset, limits);
                header.push(&start.rest).expect("the file is well-formed");
                reader = Some(header);
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(reader.expect("the file is longer than its meta information").finish(), whole);
    }

    #[test]
    fn mutated_files_are_read_or_refused_alike_however_they_are_cut(
        file in 0usize..6,
        piece in 1usize..200,
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(INTERESTING.to_vec())), 1..6),
    ) {
        let file = [
            "charset/chrH32.dcm",
            "mr/MR_small_implicit.dcm",
            "mr/MR_small_RLE.dcm",
            "charset/chrSQEncoding1.dcm",
            "rt/rtplan.dcm",
            "sc/SC_rgb_small_odd_jpeg.dcm",
        ][file];
        let mut bytes = std::fs::read(testdata().join("dicom").join(file)).expect(file);
        for (at, value) in changes {
            // Behind the preamble, whose bytes mean nothing.
            let at = 132 + at.index(bytes.len() - 132);
            let length = value.len().min(bytes.len() - at);
            bytes[at..at + length].copy_from_slice(&value[..length]);
        }
        let whole = read_file(&bytes, bytes.len());
        if let Ok(header) = &whole {
            json_of(header);
        }
        prop_assert_eq!(read_file(&bytes, piece), whole);
    }

    #[test]
    fn any_bytes_in_any_character_set_become_text(
        charset in prop::collection::vec(prop::sample::select(TERMS.to_vec()), 0..4),
        parts in prop::collection::vec(prop::sample::select(TEXT_PARTS.to_vec()), 0..30),
        tail in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let bytes = [parts.concat(), tail].concat();
        let (charset, _) = SpecificCharacterSet::parse(charset.join("\\").as_bytes());
        let folded = fold(&charset.decode(&bytes).0);
        prop_assert_eq!(fold(&folded), folded);
    }

    #[test]
    fn random_bytes_behind_a_good_beginning_never_panic(tail in prop::collection::vec(any::<u8>(), 0..2000), which in 0usize..4) {
        let uid = [EXPLICIT, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"][which];
        let mut reader = reader(uid);
        let data_set = [instance(&[]), tail].concat();
        // Either is right; what counts is that both calls return.
        if reader.push(&data_set).is_ok() {
            let _ = reader.finish();
        }
    }
}

#[test]
fn the_identity_is_known_before_the_rest_has_come() {
    let data_set = instance(&[element(0x7FE0, 0x0010, "OW", &[0; 64])]);
    let mut reader = reader(EXPLICIT);
    let mut known_after = None;
    for (at, byte) in data_set.iter().enumerate() {
        reader.push(&[*byte]).expect("it is well-formed");
        if known_after.is_none() && reader.identity().is_some() {
            known_after = Some(at + 1);
        }
    }
    assert_eq!(known_after, Some(34 + 16), "SOP Class UID and SOP Instance UID are the first two elements");
    assert_eq!(
        reader.identity(),
        Some(Identity {
            sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.7").ok(),
            sop_instance: SopInstanceUid::parse("1.2.3.4").ok()
        })
    );
}

#[test]
fn two_gibibytes_of_pixel_data_pass_in_no_time_and_without_memory() {
    let length = 2u32 << 30;
    let mut pixel_data = b"\xe0\x7f\x10\x00OW\x00\x00".to_vec();
    pixel_data.extend(length.to_le_bytes());
    let image = [
        element(0x0028, 0x0008, "IS", b"4096"),
        element(0x0028, 0x0010, "US", &512u16.to_le_bytes()),
        element(0x0028, 0x0011, "US", &512u16.to_le_bytes()),
        element(0x0028, 0x0100, "US", &16u16.to_le_bytes()),
        pixel_data,
    ];
    let data_set = instance(&image);
    let offset = data_set.len() as u64;
    let mut reader = reader(EXPLICIT);
    reader.push(&data_set).expect("it is well-formed");
    let resident = resident_kib();
    let chunk = vec![7; 1 << 20];
    for _ in 0..2048 {
        reader.push(&chunk).expect("pixel data are any bytes");
    }
    if let (Some(before), Some(after)) = (resident, resident_kib()) {
        assert!(after.saturating_sub(before) < 32 << 10, "memory grew from {before} to {after} KiB");
    }
    let header = reader.finish().expect("it is complete");
    let pixel_data = ByteRange { offset, length: length.into() };
    let expected = FrameIndex::Native { pixel_data, frame_length_bits: 512 * 512 * 16, count: 4096, swapped_words: false };
    assert_eq!(header.frames, expected);
}

/// Resident memory of this process, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn frames_of_encapsulated_data_are_found_with_and_without_tables() {
    let jpeg = |length: usize| [&[0xFF, 0xD8, 0xFF, 0xE0][..], &vec![0; length - 4]].concat();
    let (a, b, tail) = (jpeg(10), jpeg(20), vec![9; 6]);
    let frames = |number: &str, pixel_data: Vec<u8>| instance(&[element(0x0028, 0x0008, "IS", number.as_bytes()), pixel_data]);
    let check = |number, pixel_data, expected: &[&[u64]], warned| {
        let (index, warnings) = frames_of(JPEG, &frames(number, pixel_data));
        assert_eq!(lengths(&index), expected, "{warnings:?}");
        assert_eq!(warnings.iter().any(|warning| !warning.contains("Patient ID")), warned, "{warnings:?}");
    };
    // One fragment a frame.
    check("2 ", encapsulated(&[], &[&a, &b]), &[&[10], &[20]], false);
    // A Basic Offset Table: the second frame begins at the third fragment.
    check("2 ", encapsulated(&[0, 32], &[&a, &tail, &b]), &[&[10, 6], &[20]], false);
    // No table: images begin where their signature stands.
    check("2 ", encapsulated(&[], &[&a, &tail, &b, &tail]), &[&[10, 6], &[20, 6]], false);
    // A single frame in many fragments.
    check("1 ", encapsulated(&[], &[&a, &tail, &tail]), &[&[10, 6, 6]], false);
    check("1 ", encapsulated(&[0], &[&a, &tail, &tail]), &[&[10, 6, 6]], false);
    // Tables that lie.
    check("2 ", encapsulated(&[0, 7], &[&a, &b]), &[&[10], &[20]], true);
    check("2 ", encapsulated(&[0, 0xFFFF_FFF0], &[&a, &tail, &b]), &[&[10, 6], &[20]], true);
    check("2 ", encapsulated(&[8, 0], &[&a, &b]), &[&[10], &[20]], true);
    // Numbers that lie: no more frames than there are.
    check("2147483647", encapsulated(&[], &[&a, &b]), &[&[10], &[20]], true);
    check("2 ", encapsulated(&[], &[]), &[], true);

    // An Extended Offset Table whose lengths tell padding from data.
    let eight = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let extended = instance(&[
        element(0x0028, 0x0008, "IS", b"2 "),
        element(0x7FE0, 0x0001, "OV", &eight(&[0, 18])),
        element(0x7FE0, 0x0002, "OV", &eight(&[9, 20])),
        encapsulated(&[], &[&a, &b]),
    ]);
    assert_eq!(lengths(&frames_of(JPEG, &extended).0), [[9], [20]]);
    // A video stream is one frame, whatever Number of Frames says.
    let video = frames("48", encapsulated(&[], &[&a, &tail]));
    assert_eq!(lengths(&frames_of("1.2.840.10008.1.2.4.102", &video).0), [[10, 6]]);
}

#[test]
fn the_number_of_native_frames_is_bounded_by_the_bytes_there_are() {
    let image = |frames: &str, photometric: &str, samples: u16, bits: u16, bytes: usize| {
        instance(&[
            element(0x0028, 0x0002, "US", &samples.to_le_bytes()),
            element(0x0028, 0x0004, "CS", photometric.as_bytes()),
            element(0x0028, 0x0008, "IS", frames.as_bytes()),
            element(0x0028, 0x0010, "US", &4u16.to_le_bytes()),
            element(0x0028, 0x0011, "US", &6u16.to_le_bytes()),
            element(0x0028, 0x0100, "US", &bits.to_le_bytes()),
            element(0x7FE0, 0x0010, "OW", &vec![0; bytes]),
        ])
    };
    for (frames, photometric, samples, bits, bytes, expected) in [
        ("2 ", "MONOCHROME2 ", 1, 16, 96, Some((384, 2))),
        ("2147483647", "MONOCHROME2 ", 1, 16, 96, Some((384, 2))),
        ("-7", "MONOCHROME2 ", 1, 16, 96, Some((384, 1))),
        ("many", "MONOCHROME2 ", 1, 16, 96, Some((384, 1))),
        ("3 ", "MONOCHROME2 ", 1, 1, 10, Some((24, 3))),
        ("1 ", "RGB ", 3, 8, 72, Some((576, 1))),
        ("1 ", "YBR_FULL_422", 3, 8, 48, Some((384, 1))),
        // Labelled 4:2:2, but all samples are there.
        ("1 ", "YBR_FULL_422", 3, 8, 72, Some((576, 1))),
        ("1 ", "RGB ", 3, 8, 24, None),
        ("1 ", "MONOCHROME2 ", 1, 0, 24, None),
    ] {
        let (index, warnings) = frames_of(EXPLICIT, &image(frames, photometric, samples, bits, bytes));
        let found = match index {
            FrameIndex::Native { frame_length_bits, count, .. } => Some((frame_length_bits, count)),
            _ => None,
        };
        assert_eq!(found, expected, "{frames} {photometric} {warnings:?}");
    }
}

#[test]
fn the_record_is_typed_and_cleaned() {
    let request = |id: &[u8]| item(&element(0x0040, 0x1001, "SH", id));
    let data_set = [
        element(0x0008, 0x0005, "CS", b"ISO_IR 192"),
        instance(&[]),
        element(0x0008, 0x0020, "DA", b"2026.11.21"),
        element(0x0008, 0x0030, "TM", b"10:15:30"),
        element(0x0008, 0x0050, "SH", b"A1\0\0"),
        element(0x0008, 0x1030, "LO", "Sọ não ".as_bytes()),
        element(0x0010, 0x0010, "PN", "Nguyễn^Văn Đức ".as_bytes()),
        element(0x0010, 0x0030, "DA", b"19800000"),
        element(0x0020, 0x0011, "IS", b" +3 "),
        element(0x0028, 0x0010, "US", &512u16.to_le_bytes()),
        element(0x0040, 0x0275, "SQ", &[request(b"  "), request(b"R1"), request(b"R2")].concat()),
    ]
    .concat();
    let mut reader = reader(EXPLICIT);
    reader.push(&data_set).expect("it is well-formed");
    let header = reader.finish().expect("it is complete");
    let text = |text: &str| Value::Text(text.to_owned());
    let expected: BTreeMap<_, _> = [
        (Attribute::PatientName, text("Nguyễn^Văn Đức")),
        (Attribute::StudyDate, text("20261121")),
        (Attribute::StudyTime, text("101530")),
        (Attribute::AccessionNumber, text("A1")),
        (Attribute::StudyDescription, text("Sọ não")),
        (Attribute::StudyInstanceUid, text("1.2.3")),
        (Attribute::SeriesInstanceUid, text("1.2.3.5")),
        (Attribute::SeriesNumber, Value::Number(3)),
        (Attribute::SopClassUid, text("1.2.840.10008.5.1.4.1.1.7")),
        (Attribute::SopInstanceUid, text("1.2.3.4")),
        (Attribute::Rows, Value::Number(512)),
    ]
    .into();
    assert_eq!(header.record.values, expected);
    let requests = ["R1", "R2"].map(|text| vec![(Attribute::RequestedProcedureId, text.to_owned())]);
    assert_eq!(header.record.request_attributes, requests);
    let folded = [(Attribute::PatientName, "nguyen van duc"), (Attribute::StudyDescription, "so nao")];
    assert_eq!(header.record.folded, folded.map(|(attribute, text)| (attribute, text.to_owned())).into());
    assert_eq!(header.record.patient.patient_id, "");
    assert!(header.warnings.iter().any(|warning| warning.contains("(0010,0030)")), "{:?}", header.warnings);
    assert_eq!(json_of(&header)["00100030"], serde_json::json!({"vr": "DA", "Value": ["19800000"]}));
}

#[test]
fn limits_are_held() {
    let limits = HeaderLimits { max_elements: 100, max_depth: 3, max_frames: 2, ..HeaderLimits::default() };
    let push = |data_set: &[u8]| {
        let mut reader = HeaderReader::new(&syntax(EXPLICIT), 0, limits.clone());
        let first = reader.push(data_set);
        assert_eq!(reader.push(b"").is_err(), first.is_err(), "an error is repeated");
        first.and_then(|()| reader.finish())
    };
    let many: Vec<_> = (0..100).map(|number| element(0x0021, number, "US", &[0, 0])).collect();
    assert_eq!(push(&instance(&many)), Err(HeaderError::TooManyElements { limit: 100 }));
    let empty_items = element(0x0021, 0x0010, "SQ", &item(b"").repeat(100));
    assert_eq!(push(&instance(&[empty_items])), Err(HeaderError::TooManyElements { limit: 100 }));
    let nest = |depth| (0..depth).fold(Vec::new(), |inner, _| element(0x0021, 0x0010, "SQ", &item(&inner)));
    assert_eq!(push(&instance(&[nest(4)])), Err(HeaderError::TooDeep { limit: 3 }));
    assert!(push(&instance(&[nest(3)])).is_ok());
    // Siblings are not depth.
    assert!(push(&instance(&[nest(1), nest(1), nest(1), nest(1)])).is_ok());
    let fragments = encapsulated(&[], &[b"ab", b"cd", b"ef"]);
    let mut reader = HeaderReader::new(&syntax(JPEG), 0, limits.clone());
    reader.push(&instance(&[fragments])).expect("fragments are counted, not kept");
    assert_eq!(reader.finish().map(|header| header.frames), Ok(FrameIndex::None));
}

#[test]
fn a_cut_data_set_is_an_error_wherever_it_is_cut() {
    let sequence = element(0x0040, 0x0275, "SQ", &item(&element(0x0040, 0x1001, "SH", b"R1")));
    let data_set = instance(&[sequence, element(0x7FE0, 0x0010, "OW", &[1; 20])]);
    for cut in 0..data_set.len() {
        let mut reader = reader(EXPLICIT);
        reader.push(&data_set[..cut]).expect("the beginning is well-formed");
        let header = reader.finish();
        // Between elements of the top level nobody can tell; the padding byte of Pixel Data may be missing.
        let between = matches!(cut, 0 | 34 | 50 | 64 | 80 | 110) || cut == data_set.len() - 1;
        let truncated = matches!(header, Err(HeaderError::Truncated { .. }));
        assert_eq!(truncated, !between, "cut at {cut}: {header:?}");
    }
}

#[test]
fn a_missing_byte_at_the_end_is_padding_or_costs_the_last_frame() {
    let image = |frames: &str, bits: u16, bytes: usize| {
        let data_set = instance(&[
            element(0x0028, 0x0008, "IS", frames.as_bytes()),
            element(0x0028, 0x0010, "US", &3u16.to_le_bytes()),
            element(0x0028, 0x0011, "US", &3u16.to_le_bytes()),
            element(0x0028, 0x0100, "US", &bits.to_le_bytes()),
            element(0x7FE0, 0x0010, "OW", &vec![0; bytes]),
        ]);
        frames_of(EXPLICIT, &data_set[..data_set.len() - 1]).0.count()
    };
    assert_eq!(image("1 ", 8, 10), 1, "nine bytes and one of padding");
    assert_eq!(image("2 ", 16, 36), 1, "36 bytes are needed");
}

#[test]
fn unknown_values_hold_what_the_dictionary_says() {
    // UN of defined length: a name; UN of undefined length: a sequence in Implicit VR Little Endian.
    let implicit = |group: u16, number: u16, value: &[u8]| {
        let mut out = [group.to_le_bytes(), number.to_le_bytes()].concat();
        out.extend(u32::try_from(value.len()).expect("short").to_le_bytes());
        out.extend(value);
        out
    };
    let mut private = b"\x21\x00\x10\x10UN\x00\x00\xff\xff\xff\xff".to_vec();
    private.extend(item(&implicit(0x0010, 0x0010, b"A^B ")));
    private.extend(b"\xfe\xff\xdd\xe0\x00\x00\x00\x00");
    let data_set = [instance(&[]), private, element(0x0040, 0xA075, "UN", b"C^D ")].concat();
    let mut reader = reader(EXPLICIT);
    reader.push(&data_set).expect("it is well-formed");
    let json = json_of(&reader.finish().expect("it is complete"));
    let name = |name: &str| serde_json::json!({"vr": "PN", "Value": [{"Alphabetic": name}]});
    assert_eq!(json["00211010"], serde_json::json!({"vr": "SQ", "Value": [{"00100010": name("A^B")}]}));
    assert_eq!(json["0040A075"], name("C^D"));
}

#[test]
fn long_values_are_named_not_kept() {
    let data_set = instance(&[
        element(0x0028, 0x1201, "OW", &[1; 1026]),
        element(0x0028, 0x1202, "OW", &[1; 6]),
        element(0x7FE0, 0x0010, "OW", &[0; 2]),
    ]);
    let mut reader = HeaderReader::new(&syntax(EXPLICIT), 1000, HeaderLimits::default());
    reader.push(&data_set).expect("it is well-formed");
    let json = json_of(&reader.finish().expect("it is complete"));
    let place = |needle: &[u8]| data_set.windows(4).position(|bytes| bytes == needle).expect("it is there") + 1000 + 12;
    let lut = place(b"\x28\x00\x01\x12");
    assert_eq!(json["00281201"], serde_json::json!({"vr": "OW", "BulkDataURI": format!("bulkdata/{lut}-1026")}));
    assert_eq!(json["00281202"], serde_json::json!({"vr": "OW", "InlineBinary": "AQEBAQEB"}));
    let pixels = place(b"\xe0\x7f\x10\x00");
    assert_eq!(json["7FE00010"], serde_json::json!({"vr": "OW", "BulkDataURI": format!("bulkdata/{pixels}-2")}));
}
