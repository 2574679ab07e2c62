//! The File Meta Information of a Part 10 file (PS3.10 section 7.1, DICOM File Meta Information): ours, and others'.
//!
//! What is written depends on the instance alone, so that the same data set makes the same file, byte for byte. What is
//! read may lack its preamble, its group length, its transfer syntax or all of it.

use dicom_core::VR;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};

use crate::header::{HeaderError, guess};

/// Implementation Class UID (0002,0012) of Filmless: a UUID under the root of PS3.5 section B.2 (UUID Derived UID).
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.279841106263374913117268409733482713064";

/// Implementation Version Name (0002,0013): at most 16 characters.
pub const IMPLEMENTATION_VERSION_NAME: &str = concat!("FILMLESS_", env!("CARGO_PKG_VERSION"));

const PREAMBLE_BYTES: usize = 128;
const PREFIX: &[u8; 4] = b"DICM";

/// File meta information of others that is longer than this is not read: theirs has some hundred bytes.
const MAX_META_BYTES: usize = 64 << 10;

/// What our File Meta Information says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMeta {
    /// Media Storage SOP Class UID (0002,0002).
    pub sop_class: SopClassUid,
    /// Media Storage SOP Instance UID (0002,0003).
    pub sop_instance: SopInstanceUid,
    /// Transfer Syntax UID (0002,0010).
    pub transfer_syntax: TransferSyntaxUid,
}

impl FileMeta {
    /// Preamble, prefix and File Meta Information, in Explicit VR Little Endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut group = Vec::with_capacity(256);
        // File Meta Information Version is the only element with a long header.
        group.extend_from_slice(b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01");
        for (element, vr, padding, value) in [
            (0x02, b"UI", 0, self.sop_class.as_str()),
            (0x03, b"UI", 0, self.sop_instance.as_str()),
            (0x10, b"UI", 0, self.transfer_syntax.as_str()),
            (0x12, b"UI", 0, IMPLEMENTATION_CLASS_UID),
            (0x13, b"SH", b' ', IMPLEMENTATION_VERSION_NAME),
        ] {
            let padded = value.len() + value.len() % 2;
            let length = u16::try_from(padded).expect("a UID has at most 64 characters");
            group.extend_from_slice(&[0x02, 0x00, element, 0x00]);
            group.extend_from_slice(vr);
            group.extend_from_slice(&length.to_le_bytes());
            group.extend_from_slice(value.as_bytes());
            group.resize(group.len() + padded - value.len(), padding);
        }
        let mut out = vec![0; PREAMBLE_BYTES];
        out.extend_from_slice(PREFIX);
        out.extend_from_slice(b"\x02\x00\x00\x00UL\x04\x00");
        out.extend_from_slice(&u32::try_from(group.len()).expect("five short values").to_le_bytes());
        out.append(&mut group);
        out
    }
}

/// What stands before a data set, and its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStart {
    /// As declared, or guessed from the data set.
    pub transfer_syntax: TransferSyntaxUid,
    /// Whether it was guessed.
    pub guessed: bool,
    /// Media Storage SOP Class UID, if present and legal.
    pub sop_class: Option<SopClassUid>,
    /// Media Storage SOP Instance UID, if present and legal.
    pub sop_instance: Option<SopInstanceUid>,
    /// Where the data set begins in the file.
    pub data_set_offset: u64,
    /// Bytes of the data set that were pushed already.
    pub rest: Vec<u8>,
}

/// Push reader of what stands before the data set in a Part 10 file.
///
/// A file may begin with preamble and prefix, with the prefix, with group 0002, or with the data set itself.
#[derive(Debug, Default)]
pub struct FileMetaReader {
    bytes: Vec<u8>,
    /// Where the next element of group 0002 begins, once that is known.
    next: Option<usize>,
    transfer_syntax: Option<TransferSyntaxUid>,
    sop_class: Option<SopClassUid>,
    sop_instance: Option<SopInstanceUid>,
}

impl FileMetaReader {
    /// A reader at the first byte of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next bytes; `None` when more are needed. Not to be called again once it returned something.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<FileStart>, HeaderError> {
        self.bytes.extend_from_slice(bytes);
        self.read(false)
    }

    /// Says that the file has ended: what can be told from what there is.
    pub fn finish(&mut self) -> Result<FileStart, HeaderError> {
        self.read(true)?.ok_or(HeaderError::NotDicom)
    }

    fn read(&mut self, ended: bool) -> Result<Option<FileStart>, HeaderError> {
        let start = match self.next {
            Some(next) => next,
            None => match self.find_start(ended)? {
                Some(start) => start,
                None => return Ok(None),
            },
        };
        self.next = Some(start);
        self.read_group(start, ended)
    }

    /// Where group 0002, or the data set if there is no such group, begins.
    fn find_start(&self, ended: bool) -> Result<Option<usize>, HeaderError> {
        let prefixed = PREAMBLE_BYTES + PREFIX.len();
        if self.bytes.get(PREAMBLE_BYTES..prefixed) == Some(PREFIX) {
            return Ok(Some(prefixed));
        }
        if self.bytes.len() < prefixed && !ended {
            return Ok(None);
        }
        if self.bytes.starts_with(PREFIX) {
            return Ok(Some(PREFIX.len()));
        }
        match self.bytes.first_chunk::<8>() {
            Some([0x02, 0x00, _, 0x00, v, r, _, _]) if VR::from_binary([*v, *r]).is_some() => Ok(Some(0)),
            Some(first) if guess(*first).is_some() => Ok(Some(0)),
            _ => Err(HeaderError::NotDicom),
        }
    }

    fn read_group(&mut self, mut at: usize, ended: bool) -> Result<Option<FileStart>, HeaderError> {
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let in_group = match rest {
                [0x02, 0x00, ..] => true,
                [_, _, ..] => false,
                _ if ended => return Err(if at > PREAMBLE_BYTES { truncated(at) } else { HeaderError::NotDicom }),
                _ => break,
            };
            if !in_group {
                return self.start(at, ended);
            }
            if at > MAX_META_BYTES {
                return Err(HeaderError::FileMetaTooLong { limit: MAX_META_BYTES });
            }
            let Some((header, length)) = element(rest) else {
                if ended {
                    return Err(truncated(at));
                }
                break;
            };
            if length > MAX_META_BYTES {
                return Err(HeaderError::FileMetaTooLong { limit: MAX_META_BYTES });
            }
            let Some(value) = rest.get(header..header + length) else {
                if ended {
                    return Err(truncated(at));
                }
                break;
            };
            let text = std::str::from_utf8(value).unwrap_or_default();
            match rest[2..4] {
                [0x02, 0x00] => self.sop_class = SopClassUid::parse(text).ok(),
                [0x03, 0x00] => self.sop_instance = SopInstanceUid::parse(text).ok(),
                [0x10, 0x00] => self.transfer_syntax = TransferSyntaxUid::parse(text).ok(),
                _ => {}
            }
            // The group length (0002,0000) is not needed: the group ends where another begins.
            at += header + length;
            self.next = Some(at);
        }
        Ok(None)
    }

    fn start(&mut self, at: usize, ended: bool) -> Result<Option<FileStart>, HeaderError> {
        let data_set = self.bytes.get(at..).unwrap_or_default();
        let (transfer_syntax, guessed) = match self.transfer_syntax.take() {
            Some(declared) => (declared, false),
            None => match data_set.first_chunk::<8>() {
                Some(first) => {
                    // Behind file meta information stands a data set, even if it begins as none other does.
                    let guessed = guess(*first).or((at > 0).then_some("1.2.840.10008.1.2")).ok_or(HeaderError::NotDicom)?;
                    (TransferSyntaxUid::parse(guessed).expect("the standard's UIDs are UIDs"), true)
                }
                None if ended => return Err(HeaderError::NotDicom),
                None => return Ok(None),
            },
        };
        let mut rest = std::mem::take(&mut self.bytes);
        rest.drain(..at);
        Ok(Some(FileStart {
            transfer_syntax,
            guessed,
            sop_class: self.sop_class.take(),
            sop_instance: self.sop_instance.take(),
            data_set_offset: at as u64,
            rest,
        }))
    }
}

fn truncated(at: usize) -> HeaderError {
    HeaderError::Truncated { offset: at as u64 }
}

/// Lengths of the header and of the value of an element of group 0002; `None` when the header is not all there.
///
/// Some writers encode the group as Implicit VR, against PS3.10 section 7.1.
fn element(bytes: &[u8]) -> Option<(usize, usize)> {
    let [_, _, _, _, a, b, c, d] = *bytes.first_chunk::<8>()?;
    let wide = |bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX);
    match VR::from_binary([a, b]) {
        Some(VR::OB | VR::OW | VR::UN | VR::UT | VR::SQ) => {
            Some((12, wide([*bytes.get(8)?, *bytes.get(9)?, *bytes.get(10)?, *bytes.get(11)?])))
        }
        Some(_) => Some((8, usize::from(u16::from_le_bytes([c, d])))),
        None => Some((8, wide([a, b, c, d]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> FileMeta {
        FileMeta {
            sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID"),
            sop_instance: SopInstanceUid::parse("1.2.3").expect("a UID"),
            transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID"),
        }
    }

    /// A data set of one element: (0008,0005), empty.
    const DATA_SET: &[u8] = b"\x08\x00\x05\x00CS\x00\x00";

    fn read(bytes: &[u8], piece: usize) -> Result<FileStart, HeaderError> {
        let mut reader = FileMetaReader::new();
        let mut pieces = bytes.chunks(piece);
        while let Some(bytes) = pieces.next() {
            if let Some(mut start) = reader.push(bytes)? {
                start.rest.extend(pieces.flatten());
                return Ok(start);
            }
        }
        reader.finish()
    }

    #[test]
    fn our_file_meta_information_is_read_back_however_it_is_cut() {
        let mut file = meta().encode();
        let offset = file.len() as u64;
        file.extend_from_slice(DATA_SET);
        for piece in [1, 2, 7, 131, 132, 1000] {
            let start = read(&file, piece).expect("it is ours");
            assert_eq!(start.transfer_syntax, meta().transfer_syntax);
            assert_eq!(start.sop_class, Some(meta().sop_class));
            assert_eq!(start.sop_instance, Some(meta().sop_instance));
            assert_eq!((start.data_set_offset, start.guessed), (offset, false));
            assert_eq!(start.rest, DATA_SET);
        }
    }

    #[test]
    fn our_file_meta_information_is_as_part_10_says() {
        let file = meta().encode();
        assert_eq!(file[..128], [0; 128]);
        assert_eq!(&file[128..132], b"DICM");
        let length = u32::from_le_bytes(file[140..144].try_into().expect("four bytes"));
        assert_eq!(file.len() - 144, length as usize, "group length counts the bytes behind it");
        assert_eq!(file.len() % 2, 0);
        assert!(IMPLEMENTATION_VERSION_NAME.len() <= 16);
        assert!(SopInstanceUid::parse(IMPLEMENTATION_CLASS_UID).is_ok());
        assert_eq!(file, meta().encode());
    }

    #[test]
    fn damaged_beginnings_are_read_where_they_can_be() {
        let whole = [meta().encode(), DATA_SET.to_vec()].concat();
        let without_group_length = [&whole[..132], &whole[144..]].concat();
        let mut lying_group_length = whole.clone();
        lying_group_length[140..144].copy_from_slice(&0x7FFF_FFFFu32.to_le_bytes());
        let without_syntax = {
            let at = whole.windows(4).position(|bytes| bytes == [2, 0, 0x10, 0]).expect("it is there");
            [&whole[..at], &whole[at + 28..]].concat()
        };
        for (name, file, guessed) in [
            ("no preamble", &whole[128..], false),
            ("no preamble and prefix", &whole[132..], false),
            ("no group length", &without_group_length, false),
            ("group length of 2 GiB", &lying_group_length, false),
            ("no transfer syntax", &without_syntax, true),
            ("no file meta information", DATA_SET, true),
        ] {
            let start = read(file, 5).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(start.transfer_syntax, meta().transfer_syntax, "{name}");
            assert_eq!(start.guessed, guessed, "{name}");
            assert_eq!(start.rest, DATA_SET, "{name}");
        }
    }

    #[test]
    fn what_is_not_dicom_is_refused() {
        let preamble_only = meta().encode()[..132].to_vec();
        let no_data_set = meta().encode();
        let private = [&b"\x02\x00\x00\x01LO\xf8\x03"[..], &[b'x'; 1016]].concat();
        let endless = [&meta().encode()[..132], &private.repeat(80)].concat();
        for (name, file, expected) in [
            ("nothing", &b""[..], HeaderError::NotDicom),
            ("127 bytes", &[0; 127], HeaderError::NotDicom),
            ("zeros", &[0; 1000], HeaderError::NotDicom),
            ("a PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", HeaderError::NotDicom),
            ("a text", &b"This is a letter. ".repeat(20), HeaderError::NotDicom),
            ("a preamble alone", &preamble_only, HeaderError::Truncated { offset: 132 }),
            ("no data set", &no_data_set, HeaderError::Truncated { offset: no_data_set.len() as u64 }),
            ("cut in the group", &no_data_set[..150], HeaderError::Truncated { offset: 144 }),
            ("meta without end", &endless, HeaderError::FileMetaTooLong { limit: MAX_META_BYTES }),
        ] {
            for piece in [3, 100_000] {
                assert_eq!(read(file, piece), Err(expected.clone()), "{name}");
            }
        }
    }
}
