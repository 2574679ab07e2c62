//! Synthetic instances: small, valid, different from each other, and of nobody.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid};

/// CT Image Storage
pub const CT_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
/// MR Image Storage
pub const MR_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.4";
/// Multi-frame Grayscale Word Secondary Capture Image Storage
pub const MULTI_FRAME_WORD_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.7.3";
/// Explicit VR Little Endian, the transfer syntax of what is built here.
pub const EXPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";

/// A UID that nobody has used: of the UUID root (PS3.5 section B.2, UUID Derived UID), without being a UUID.
pub fn fresh_uid() -> String {
    let random = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    format!("2.25.{}", (random(0) << 64) | random(1))
}

/// An instance to be built. Every field may be changed before it is.
#[derive(Debug, Clone)]
pub struct Instance {
    /// (0008,0016)
    pub sop_class: SopClassUid,
    /// (0008,0018)
    pub sop_instance: SopInstanceUid,
    /// (0020,000D)
    pub study: StudyInstanceUid,
    /// (0020,000E)
    pub series: SeriesInstanceUid,
    /// (0008,0060)
    pub modality: &'static str,
    /// (0010,0010), in the character set of `character_set`
    pub patient_name: Vec<u8>,
    /// (0010,0020)
    pub patient_id: String,
    /// (0010,0021), absent if empty
    pub issuer_of_patient_id: String,
    /// (0008,0005), absent if empty
    pub character_set: &'static str,
    /// (0008,0020)
    pub study_date: String,
    /// (0008,0050)
    pub accession_number: String,
    /// (0020,0011)
    pub series_number: u32,
    /// (0020,0013)
    pub instance_number: u32,
    /// (0028,0010)
    pub rows: u16,
    /// (0028,0011)
    pub columns: u16,
    /// (0028,0008), absent if 1
    pub frames: u32,
    /// What the pixels are made from: another seed, other pixels.
    pub seed: u64,
    /// Elements besides: group, element, VR, value.
    pub extra: Vec<(u16, u16, &'static str, Vec<u8>)>,
}

impl Instance {
    /// A CT slice of a study of its own.
    pub fn ct() -> Self {
        Self {
            sop_class: SopClassUid::parse(CT_IMAGE_STORAGE).expect("a UID of the standard"),
            sop_instance: SopInstanceUid::parse(&fresh_uid()).expect("a fresh UID is a UID"),
            study: StudyInstanceUid::parse(&fresh_uid()).expect("a fresh UID is a UID"),
            series: SeriesInstanceUid::parse(&fresh_uid()).expect("a fresh UID is a UID"),
            modality: "CT",
            patient_name: b"Phantom^Water".to_vec(),
            patient_id: "PHANTOM-1".to_owned(),
            issuer_of_patient_id: String::new(),
            character_set: "",
            study_date: "20260102".to_owned(),
            accession_number: "A1".to_owned(),
            series_number: 1,
            instance_number: 1,
            rows: 16,
            columns: 16,
            frames: 1,
            seed: 1,
            extra: Vec::new(),
        }
    }

    /// An MR slice of a study of its own.
    pub fn mr() -> Self {
        Self { sop_class: SopClassUid::parse(MR_IMAGE_STORAGE).expect("a UID of the standard"), modality: "MR", ..Self::ct() }
    }

    /// An instance that says to have so many square frames, of which the first alone is there: who sends it makes the others.
    pub fn first_of_frames(frames: u32, side: u16) -> Self {
        Self {
            sop_class: SopClassUid::parse(MULTI_FRAME_WORD_STORAGE).expect("a UID of the standard"),
            modality: "OT",
            rows: side,
            columns: side,
            extra: vec![(0x0028, 0x0008, "IS", frames.to_string().into_bytes())],
            ..Self::ct()
        }
    }

    /// The next slice of the same series: another instance, other pixels.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            sop_instance: SopInstanceUid::parse(&fresh_uid()).expect("a fresh UID is a UID"),
            instance_number: self.instance_number + 1,
            seed: self.seed + 1,
            ..self.clone()
        }
    }

    /// As many slices of one series, this one first.
    pub fn series_of(self, count: usize) -> Vec<Self> {
        std::iter::successors(Some(self), |last| Some(last.next())).take(count).collect()
    }

    /// The data set in Explicit VR Little Endian.
    pub fn data_set(&self) -> Vec<u8> {
        let mut elements = BTreeMap::new();
        let mut put = |group: u16, element: u16, vr: &'static str, value: &[u8]| {
            elements.insert((group, element), (vr, value.to_vec()));
        };
        if !self.character_set.is_empty() {
            put(0x0008, 0x0005, "CS", self.character_set.as_bytes());
        }
        put(0x0008, 0x0016, "UI", self.sop_class.as_str().as_bytes());
        put(0x0008, 0x0018, "UI", self.sop_instance.as_str().as_bytes());
        put(0x0008, 0x0020, "DA", self.study_date.as_bytes());
        put(0x0008, 0x0030, "TM", b"101500");
        put(0x0008, 0x0050, "SH", self.accession_number.as_bytes());
        put(0x0008, 0x0060, "CS", self.modality.as_bytes());
        put(0x0008, 0x1030, "LO", b"Synthetic study");
        put(0x0010, 0x0010, "PN", &self.patient_name);
        put(0x0010, 0x0020, "LO", self.patient_id.as_bytes());
        if !self.issuer_of_patient_id.is_empty() {
            put(0x0010, 0x0021, "LO", self.issuer_of_patient_id.as_bytes());
        }
        put(0x0020, 0x000D, "UI", self.study.as_str().as_bytes());
        put(0x0020, 0x000E, "UI", self.series.as_str().as_bytes());
        put(0x0020, 0x0011, "IS", self.series_number.to_string().as_bytes());
        put(0x0020, 0x0013, "IS", self.instance_number.to_string().as_bytes());
        put(0x0028, 0x0002, "US", &1_u16.to_le_bytes());
        put(0x0028, 0x0004, "CS", b"MONOCHROME2");
        if self.frames != 1 {
            put(0x0028, 0x0008, "IS", self.frames.to_string().as_bytes());
        }
        put(0x0028, 0x0010, "US", &self.rows.to_le_bytes());
        put(0x0028, 0x0011, "US", &self.columns.to_le_bytes());
        put(0x0028, 0x0100, "US", &16_u16.to_le_bytes());
        put(0x0028, 0x0101, "US", &12_u16.to_le_bytes());
        put(0x0028, 0x0102, "US", &11_u16.to_le_bytes());
        put(0x0028, 0x0103, "US", &0_u16.to_le_bytes());
        put(0x7FE0, 0x0010, "OW", &self.pixels());
        for (group, element, vr, value) in &self.extra {
            put(*group, *element, vr, value);
        }
        let mut data_set = Vec::new();
        for ((group, element), (vr, value)) in elements {
            write_element(&mut data_set, group, element, vr, &value);
        }
        data_set
    }

    /// The whole file: preamble, File Meta Information, data set.
    pub fn part10(&self) -> Vec<u8> {
        let mut meta = Vec::new();
        write_element(&mut meta, 0x0002, 0x0001, "OB", &[0, 1]);
        write_element(&mut meta, 0x0002, 0x0002, "UI", self.sop_class.as_str().as_bytes());
        write_element(&mut meta, 0x0002, 0x0003, "UI", self.sop_instance.as_str().as_bytes());
        write_element(&mut meta, 0x0002, 0x0010, "UI", EXPLICIT_VR_LITTLE_ENDIAN.as_bytes());
        write_element(&mut meta, 0x0002, 0x0012, "UI", b"2.25.1");
        let mut file = vec![0; 128];
        file.extend(b"DICM");
        let length = u32::try_from(meta.len()).expect("File Meta Information is short");
        write_element(&mut file, 0x0002, 0x0000, "UL", &length.to_le_bytes());
        file.extend(meta);
        file.extend(self.data_set());
        file
    }

    /// The data set with its pixels as fragments, as compressed ones are.
    pub fn data_set_of_fragments(&self) -> Vec<u8> {
        let mut data_set = self.data_set();
        let pixels = self.pixels().len();
        data_set.truncate(data_set.len() - pixels - 4);
        data_set
            .extend(b"\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0\x04\0\0\0\xff\xd8\xff\xd9\xfe\xff\xdd\xe0\0\0\0\0");
        data_set
    }

    /// Twelve-bit noise of the seed.
    fn pixels(&self) -> Vec<u8> {
        let mut state = self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let count = u64::from(self.rows) * u64::from(self.columns) * u64::from(self.frames);
        let mut pixels = Vec::new();
        for _ in 0..count {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let [low, high, ..] = state.to_le_bytes();
            pixels.extend([low, high & 0x0F]);
        }
        pixels
    }
}

/// A data set of this file in Implicit VR Little Endian.
pub fn to_implicit(mut data_set: &[u8]) -> Vec<u8> {
    let mut implicit = Vec::new();
    while let [g0, g1, e0, e1, v, r, a, b, ..] = *data_set {
        let (header, length) = match [v, r] {
            [b'O', b'B' | b'W'] | [b'S', b'Q'] | [b'U', b'N' | b'T'] => {
                let length = data_set[8..12].try_into().expect("four bytes");
                (12, u32::from_le_bytes(length))
            }
            _ => (8, u32::from(u16::from_le_bytes([a, b]))),
        };
        let (element, rest) = data_set.split_at(header + length as usize);
        implicit.extend([g0, g1, e0, e1]);
        implicit.extend(length.to_le_bytes());
        implicit.extend_from_slice(&element[header..]);
        data_set = rest;
    }
    implicit
}

fn write_element(out: &mut Vec<u8>, group: u16, element: u16, vr: &str, value: &[u8]) {
    let padding = if matches!(vr, "UI" | "OB" | "OW" | "UN") { 0 } else { b' ' };
    let length = value.len() + value.len() % 2;
    out.extend(group.to_le_bytes());
    out.extend(element.to_le_bytes());
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
        out.extend([0, 0]);
        out.extend(u32::try_from(length).expect("a synthetic value is below 4 GiB").to_le_bytes());
    } else {
        out.extend(u16::try_from(length).expect("a short value is below 64 KiB").to_le_bytes());
    }
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part10::Part10;

    #[test]
    fn a_built_file_is_read_back() {
        let instance = Instance::mr();
        let file = Part10::parse(&instance.part10()).expect("a Part 10 file");
        assert_eq!(file.sop_class, MR_IMAGE_STORAGE);
        assert_eq!(file.sop_instance, instance.sop_instance.as_str());
        assert_eq!(file.transfer_syntax, EXPLICIT_VR_LITTLE_ENDIAN);
        assert_eq!(file.data_set, instance.data_set());
    }

    #[test]
    fn slices_of_a_series_differ_in_uid_and_pixels() {
        let slices = Instance::ct().series_of(3);
        assert_eq!(slices[0].series, slices[2].series);
        assert_ne!(slices[0].sop_instance, slices[1].sop_instance);
        assert_ne!(slices[0].pixels(), slices[1].pixels());
    }
}
