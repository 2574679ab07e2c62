//! Part 10 files (PS3.10 section 7.1, DICOM File Meta Information) as a test sees them: what stands in front, and the data set.

use std::path::Path;

/// Deflated Explicit VR Little Endian
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// Group 0008 stands in these.
const HEAD_BYTES: usize = 4096;

/// A file taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part10 {
    /// (0002,0002)
    pub sop_class: String,
    /// (0002,0003)
    pub sop_instance: String,
    /// (0002,0010)
    pub transfer_syntax: String,
    /// Everything behind the File Meta Information.
    pub data_set: Vec<u8>,
}

impl Part10 {
    /// Takes apart a file that keeps to the standard; `None` for any other.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.get(128..132)? != b"DICM" {
            return None;
        }
        let mut at = 132;
        let mut found =
            Self { sop_class: String::new(), sop_instance: String::new(), transfer_syntax: String::new(), data_set: Vec::new() };
        while bytes.get(at..at + 2)? == [2, 0] {
            let element = u16::from_le_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?);
            let (start, length) = if matches!(bytes.get(at + 4..at + 6)?, b"OB" | b"UN" | b"OW" | b"SQ" | b"UT") {
                (at + 12, u32::from_le_bytes(bytes.get(at + 8..at + 12)?.try_into().ok()?) as usize)
            } else {
                (at + 8, usize::from(u16::from_le_bytes(bytes.get(at + 6..at + 8)?.try_into().ok()?)))
            };
            let value = bytes.get(start..start.checked_add(length)?)?;
            let text = || String::from_utf8_lossy(value).trim_end_matches(['\0', ' ']).to_owned();
            match element {
                2 => found.sop_class = text(),
                3 => found.sop_instance = text(),
                0x10 => found.transfer_syntax = text(),
                _ => {}
            }
            at = start + length;
        }
        found.data_set = bytes.get(at..)?.to_vec();
        Some(found)
    }

    /// Whether the data set has the SOP Instance UID that the File Meta Information names. Always said of a deflated one.
    pub fn names_its_data_set(&self) -> bool {
        self.transfer_syntax == DEFLATED || self.places_of(&self.sop_instance).next().is_some()
    }

    /// Whether this is the data set's SOP Instance UID (0008,0018). Its tag stands eight bytes before the value.
    pub fn data_set_is(&self, uid: &str) -> bool {
        let tag_before = |at: usize| at.checked_sub(8).and_then(|tag| self.data_set.get(tag..tag + 4));
        let ends = |at: usize| self.data_set.get(at + uid.len()).is_none_or(|byte| !byte.is_ascii_digit() && *byte != b'.');
        self.places_of(uid)
            .any(|at| ends(at) && tag_before(at).is_some_and(|tag| tag == [8, 0, 0x18, 0] || tag == [0, 8, 0, 0x18]))
    }

    /// Where a UID stands at the beginning of the data set.
    fn places_of(&self, uid: &str) -> impl Iterator<Item = usize> {
        let head = &self.data_set[..self.data_set.len().min(HEAD_BYTES)];
        head.windows(uid.len().max(1)).enumerate().filter(move |(_, text)| *text == uid.as_bytes()).map(|(at, _)| at)
    }

    /// Reads and takes apart a file of the test data.
    pub fn read(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }
}
