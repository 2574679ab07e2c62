//! Writes the directory of a medium that holds instances of one study (PS3.3 Annex F, Basic Directory Information Object
//! Definition; PS3.10 section 8.6, DICOMDIR File).
//!
//! Keys are taken from the instances' DICOM JSON. Those that a directory cannot be without, and an instance is, get a value that
//! says nothing. Offsets count from the first byte of the file, so records are measured first and written last.

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use crate::compose::{Budget, ComposeLimits, Flaw, MetadataError, Piece, read_json};
use crate::element_header::put_header;
use crate::file_meta::FileMeta;
use crate::target_syntax::TargetSyntax;

/// Media Storage Directory Storage.
const DIRECTORY_CLASS: &str = "1.2.840.10008.1.3.10";

/// A key of a record: its tag, its value representation, and its value where an instance has none.
type Key = (&'static str, &'static str, &'static str);

const PATIENT: &[Key] = &[("00100010", "PN", ""), ("00100020", "LO", "UNKNOWN")];
const STUDY: &[Key] = &[
    ("00080020", "DA", "19000101"),
    ("00080030", "TM", "000000"),
    ("00080050", "SH", ""),
    ("00081030", "LO", ""),
    ("0020000D", "UI", ""),
    ("00200010", "SH", "1"),
];
const SERIES: &[Key] = &[("00080060", "CS", "OT"), ("0020000E", "UI", ""), ("00200011", "IS", "1")];
const CONTENT_DATE: Key = ("00080023", "DA", "19000101");
const CONTENT_TIME: Key = ("00080033", "TM", "000000");
const CONTENT_LABEL: Key = ("00700080", "CS", "UNNAMED");
const CONTENT_DESCRIPTION: Key = ("00700081", "LO", "");
const CONTENT_CREATOR: Key = ("00700084", "PN", "");
const CONCEPT_NAME: Key = ("0040A043", "SQ", "");

/// SOP classes below 1.2.840.10008.5.1.4.1.1, the more particular first, with the type and keys of their records (PS3.3
/// section F.5, Definition of Specific Directory Records). Everything else is an image.
const TYPES: &[(&str, &str, &[Key])] = &[
    ("88.59", "KEY OBJECT DOC", &[CONTENT_DATE, CONTENT_TIME, CONCEPT_NAME]),
    (
        "88.",
        "SR DOCUMENT",
        &[("0040A491", "CS", "COMPLETE"), ("0040A493", "CS", "UNVERIFIED"), CONTENT_DATE, CONTENT_TIME, CONCEPT_NAME],
    ),
    (
        "11.",
        "PRESENTATION",
        &[
            ("00700082", "DA", "19000101"),
            ("00700083", "TM", "000000"),
            ("00081115", "SQ", ""),
            CONTENT_LABEL,
            CONTENT_DESCRIPTION,
            CONTENT_CREATOR,
        ],
    ),
    ("9.", "WAVEFORM", &[CONTENT_DATE, CONTENT_TIME]),
    (
        "104.",
        "ENCAP DOC",
        &[
            ("00080023", "DA", ""),
            ("00080033", "TM", ""),
            ("00420010", "ST", ""),
            CONCEPT_NAME,
            ("00420012", "LO", "application/octet-stream"),
        ],
    ),
    ("481.2", "RT DOSE", &[("3004000A", "CS", "PLAN")]),
    ("481.3", "RT STRUCTURE SET", &[("30060002", "SH", "UNNAMED"), ("30060008", "DA", ""), ("30060009", "TM", "")]),
    ("481.5", "RT PLAN", &[("300A0002", "SH", "UNNAMED"), ("300A0006", "DA", ""), ("300A0007", "TM", "")]),
    ("481.8", "RT PLAN", &[("300A0002", "SH", "UNNAMED"), ("300A0006", "DA", ""), ("300A0007", "TM", "")]),
    ("481.4", "RT TREAT RECORD", &[("30080250", "DA", ""), ("30080251", "TM", "")]),
    ("481.6", "RT TREAT RECORD", &[("30080250", "DA", ""), ("30080251", "TM", "")]),
    ("481.7", "RT TREAT RECORD", &[("30080250", "DA", ""), ("30080251", "TM", "")]),
    ("66.1", "REGISTRATION", &[CONTENT_DATE, CONTENT_TIME, CONTENT_LABEL, CONTENT_DESCRIPTION, CONTENT_CREATOR]),
    ("66.3", "REGISTRATION", &[CONTENT_DATE, CONTENT_TIME, CONTENT_LABEL, CONTENT_DESCRIPTION, CONTENT_CREATOR]),
    ("66.2", "FIDUCIAL", &[CONTENT_DATE, CONTENT_TIME, CONTENT_LABEL, CONTENT_DESCRIPTION, CONTENT_CREATOR]),
    ("66", "RAW DATA", &[CONTENT_DATE, CONTENT_TIME]),
    (
        "4.2",
        "SPECTROSCOPY",
        &[
            ("00080008", "CS", "ORIGINAL"),
            CONTENT_DATE,
            CONTENT_TIME,
            ("00280008", "IS", "1"),
            ("00280010", "US", "1"),
            ("00280011", "US", "1"),
            ("00289001", "UL", "1"),
            ("00289002", "UL", "1"),
        ],
    ),
    ("67", "VALUE MAP", &[CONTENT_DATE, CONTENT_TIME, CONTENT_LABEL, CONTENT_DESCRIPTION, CONTENT_CREATOR]),
];

/// Why a record cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The header is no DICOM JSON.
    #[error("a header is not in the DICOM JSON Model")]
    NotDicomJson(#[from] serde_json::Error),
    /// The same, found later.
    #[error("the keys of a record cannot be read")]
    Unreadable(#[from] MetadataError),
    /// A key cannot be written.
    #[error("a key of a record cannot be written")]
    Key(#[from] Flaw),
    /// More records than 32 bits of offset can name.
    #[error("the directory is too long")]
    TooLong,
}

/// A file that a directory names.
#[derive(Debug, Clone)]
pub struct ReferencedFile {
    /// Its file ID, components of up to eight characters.
    pub file_id: Vec<String>,
    /// Its SOP class.
    pub sop_class: SopClassUid,
    /// Its instance.
    pub sop_instance: SopInstanceUid,
    /// The transfer syntax that it is in.
    pub transfer_syntax: TransferSyntaxUid,
}

/// A record but for its offsets.
#[derive(Debug)]
struct Record {
    kind: &'static str,
    /// The elements behind Directory Record Type.
    rest: Vec<u8>,
}

#[derive(Debug)]
struct SeriesRecords {
    series: Record,
    instances: Vec<Record>,
}

/// A directory that grows by files of one study, those of a series one behind the other.
#[derive(Debug, Default)]
pub struct Directory {
    above: Option<(Record, Record)>,
    series: Vec<SeriesRecords>,
    last_series: Option<String>,
}

impl Directory {
    /// Adds a file by the header of its instance; `series` tells those of one series from others.
    pub fn add(&mut self, dicom_json: &[u8], series: &str, file: &ReferencedFile) -> Result<(), DirectoryError> {
        let suffix = file.sop_class.as_str().strip_prefix("1.2.840.10008.5.1.4.1.1.").unwrap_or_default();
        let of_class = TYPES.iter().find(|(class, ..)| suffix == *class || (class.ends_with('.') && suffix.starts_with(class)));
        let (kind, keys) = of_class.map_or(("IMAGE", &[][..]), |(_, kind, keys)| (*kind, *keys));
        let number = (self.series.last().map_or(0, |series| series.instances.len()) + 1).to_string();
        let header = Wanted(keys).deserialize(&mut serde_json::Deserializer::from_slice(dicom_json))?;

        if self.above.is_none() {
            self.above =
                Some((Record::new("PATIENT", &[], &header, PATIENT, &[])?, Record::new("STUDY", &[], &header, STUDY, &[])?));
        }
        if self.last_series.as_deref() != Some(series) {
            let record = Record::new("SERIES", &[], &header, SERIES, &[])?;
            self.series.push(SeriesRecords { series: record, instances: Vec::new() });
            self.last_series = Some(series.to_owned());
        }
        let mut reference = Vec::new();
        put_text(&mut reference, Tag(4, 0x1500), VR::CS, &file.file_id.join("\\"))?;
        put_text(&mut reference, Tag(4, 0x1510), VR::UI, file.sop_class.as_str())?;
        put_text(&mut reference, Tag(4, 0x1511), VR::UI, file.sop_instance.as_str())?;
        put_text(&mut reference, Tag(4, 0x1512), VR::UI, file.transfer_syntax.as_str())?;
        let record = Record::new(kind, &reference, &header, keys, &[("00200013", "IS", &number)])?;
        if let Some(series) = self.series.last_mut() {
            series.instances.push(record);
        }
        Ok(())
    }

    /// The file DICOMDIR.
    pub fn finish(self, sop_instance: SopInstanceUid) -> Result<Vec<u8>, DirectoryError> {
        let meta = FileMeta {
            sop_class: SopClassUid::parse(DIRECTORY_CLASS).expect("a UID of the standard"),
            sop_instance,
            transfer_syntax: TargetSyntax::ExplicitVrLittleEndian.transfer_syntax(),
        };
        let mut out = meta.encode();
        // File-set ID, the two offsets, the consistency flag, and the header of the sequence.
        let first = out.len() + 8 + 12 + 12 + 10 + 12;
        let records = self.placed(first)?;
        put_text(&mut out, Tag(4, 0x1130), VR::CS, "")?;
        let root = if records.is_empty() { 0 } else { offset(first)? };
        put_number(&mut out, Tag(4, 0x1200), root);
        put_number(&mut out, Tag(4, 0x1202), root);
        put_header(&mut out, Tag(4, 0x1212), VR::US, 2);
        out.extend([0; 2]);
        put_header(&mut out, Tag(4, 0x1220), VR::SQ, offset(records.len())?);
        debug_assert_eq!(out.len(), first, "the first record stands where offsets say");
        out.extend(records);
        Ok(out)
    }

    /// The records, the first of which stands at `first`: the patient, the study, then each series before its instances.
    fn placed(self, first: usize) -> Result<Vec<u8>, DirectoryError> {
        let Some((patient, study)) = self.above else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        let study_at = first + patient.length();
        let mut at = study_at + study.length();
        patient.put(&mut out, 0, study_at)?;
        study.put(&mut out, 0, at)?;
        let mut series_left = self.series.len();
        for SeriesRecords { series, instances } in self.series {
            series_left -= 1;
            let instance_at = at + series.length();
            let end = instance_at + instances.iter().map(Record::length).sum::<usize>();
            series.put(&mut out, if series_left == 0 { 0 } else { end }, instance_at)?;
            at = instance_at;
            for instance in instances {
                at += instance.length();
                instance.put(&mut out, if at == end { 0 } else { at }, 0)?;
            }
        }
        Ok(out)
    }
}

impl Record {
    fn new<'k>(
        kind: &'static str,
        reference: &[u8],
        header: &Map<String, Value>,
        keys: &'k [(&'k str, &'k str, &'k str)],
        more: &'k [(&'k str, &'k str, &'k str)],
    ) -> Result<Self, DirectoryError> {
        let mut found = Map::new();
        for (tag, vr, default) in keys.iter().chain(more) {
            let stored =
                header.get(*tag).filter(|attribute| attribute["Value"].as_array().is_some_and(|values| !values.is_empty()));
            let attribute = match stored {
                Some(attribute) => attribute.clone(),
                None if default.is_empty() => json!({"vr": vr}),
                None => json!({"vr": vr, "Value": [default]}),
            };
            // A sequence without an item says no more than none.
            if stored.is_some() || *vr != "SQ" {
                found.insert((*tag).to_owned(), attribute);
            }
        }
        let json = serde_json::to_vec(&found)?;
        let mut rest = reference.to_vec();
        for mut found in read_json(&json, &mut Budget::new(ComposeLimits::default()))? {
            for piece in found.lay_out(&|_| None)? {
                if let Piece::Bytes(bytes) = piece {
                    rest.extend(bytes);
                }
            }
        }
        Ok(Self { kind, rest })
    }

    /// Its length as an item.
    fn length(&self) -> usize {
        let kind = self.kind.len().next_multiple_of(2);
        8 + 12 + 10 + 12 + 8 + kind + self.rest.len()
    }

    fn put(&self, out: &mut Vec<u8>, next: usize, lower: usize) -> Result<(), DirectoryError> {
        out.extend(b"\xfe\xff\x00\xe0");
        out.extend(offset(self.length() - 8)?.to_le_bytes());
        put_number(out, Tag(4, 0x1400), offset(next)?);
        put_header(out, Tag(4, 0x1410), VR::US, 2);
        out.extend([0xFF; 2]);
        put_number(out, Tag(4, 0x1420), offset(lower)?);
        put_text(out, Tag(4, 0x1430), VR::CS, self.kind)?;
        out.extend_from_slice(&self.rest);
        Ok(())
    }
}

fn offset(place: usize) -> Result<u32, DirectoryError> {
    u32::try_from(place).map_err(|_| DirectoryError::TooLong)
}

fn put_number(out: &mut Vec<u8>, tag: Tag, number: u32) {
    put_header(out, tag, VR::UL, 4);
    out.extend(number.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, tag: Tag, vr: VR, text: &str) -> Result<(), DirectoryError> {
    let length = text.len().next_multiple_of(2);
    put_header(out, tag, vr, offset(length)?);
    out.extend_from_slice(text.as_bytes());
    if length > text.len() {
        out.push(if vr == VR::UI { 0 } else { b' ' });
    }
    Ok(())
}

/// Reads of a header no more than the keys of its records.
struct Wanted(&'static [Key]);

impl Wanted {
    fn wants(&self, tag: &str) -> bool {
        tag == "00200013" || [PATIENT, STUDY, SERIES, self.0].into_iter().flatten().any(|(key, ..)| *key == tag)
    }
}

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Map<String, Value>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a data set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Map::new();
        while let Some(tag) = map.next_key::<String>()? {
            if self.wants(&tag) {
                found.insert(tag, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use dicom_object::InMemDicomObject;

    use super::*;
    use crate::data_set::read_header;
    use crate::file_meta::FileMetaReader;

    fn file(number: usize, class: &str) -> ReferencedFile {
        ReferencedFile {
            file_id: vec!["DICOM".to_owned(), "S0000001".to_owned(), format!("I{number:07}")],
            sop_class: SopClassUid::parse(class).expect("a UID"),
            sop_instance: SopInstanceUid::parse(&format!("1.2.{number}")).expect("a UID"),
            transfer_syntax: TargetSyntax::ExplicitVrLittleEndian.transfer_syntax(),
        }
    }

    fn header(series: &str) -> Vec<u8> {
        let header = json!({
            "00080060": {"vr": "CS", "Value": ["CT"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Đỗ"}]},
            "00100020": {"vr": "LO", "Value": ["P1"]},
            "0020000D": {"vr": "UI", "Value": ["1.1"]},
            "0020000E": {"vr": "UI", "Value": [series]},
            "7FE00010": {"vr": "OW", "BulkDataURI": "frames"},
        });
        header.to_string().into_bytes()
    }

    /// Type of each record by its offset, with the offsets that it names.
    fn records(bytes: &[u8]) -> Vec<(u32, String, u32, u32)> {
        let start = FileMetaReader::new().push(bytes).expect("a DICOM file").expect("all of it");
        let object = read_header(&start.rest, &start.transfer_syntax).expect("a data set");
        let number = |item: &InMemDicomObject, element| {
            item.get(dicom_core::Tag(4, element)).and_then(|found| found.to_int::<u32>().ok()).expect("a number")
        };
        let items = object.get(dicom_core::Tag(4, 0x1220)).and_then(|found| found.items()).expect("records");
        let mut at = u32::try_from(start.data_set_offset).expect("small") + 54;
        let found = items
            .iter()
            .map(|item| {
                let place = at;
                let record = &bytes[usize::try_from(place).expect("small")..];
                assert!(record.starts_with(b"\xfe\xff\x00\xe0"));
                at += 8 + u32::from_le_bytes(record[4..8].try_into().expect("four bytes"));
                let kind = item.get(dicom_core::Tag(4, 0x1430)).expect("a type").to_str().expect("text").into_owned();
                (place, kind, number(item, 0x1400), number(item, 0x1420))
            })
            .collect();
        assert_eq!(number(&object, 0x1200), u32::try_from(start.data_set_offset).expect("small") + 54);
        found
    }

    #[test]
    fn records_name_the_next_and_the_lower_ones_by_their_place() {
        let mut directory = Directory::default();
        let ct = "1.2.840.10008.5.1.4.1.1.2";
        directory.add(&header("1.5"), "1.5", &file(1, ct)).expect("a record");
        directory.add(&header("1.5"), "1.5", &file(2, ct)).expect("a record");
        directory.add(&header("1.6"), "1.6", &file(3, "1.2.840.10008.5.1.4.1.1.88.33")).expect("a record");
        let bytes = directory.finish(SopInstanceUid::parse("1.2.99").expect("a UID")).expect("a file");
        let found = records(&bytes);
        let kinds: Vec<_> = found.iter().map(|(_, kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["PATIENT", "STUDY", "SERIES", "IMAGE", "IMAGE", "SERIES", "SR DOCUMENT"]);
        let at = |place: usize| found[place].0;
        let links: Vec<_> = found.iter().map(|(_, _, next, lower)| (*next, *lower)).collect();
        assert_eq!(links, [(0, at(1)), (0, at(2)), (at(5), at(3)), (at(4), 0), (0, 0), (0, at(6)), (0, 0)]);
        assert!(bytes.windows(10).any(|window| window == b"ISO_IR 192"), "a name beyond ASCII says its character set");
        assert!(bytes.windows(23).any(|window| window == b"DICOM\\S0000001\\I0000003"));
    }

    #[test]
    fn an_empty_directory_is_one() {
        let bytes = Directory::default().finish(SopInstanceUid::parse("1.2.99").expect("a UID")).expect("a file");
        assert!(bytes.ends_with(b"\x04\0\x20\x12SQ\0\0\0\0\0\0"));
    }
}
