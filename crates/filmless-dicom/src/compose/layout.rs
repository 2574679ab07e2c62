//! Writes a data set whose bulk data has come: bytes, and ranges of what was kept (PS3.5 section 7, The Data Set, and
//! section A.4, Transfer Syntaxes for Encapsulation of Encoded Pixel Data).

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::frame::ByteRange;

use super::{Content, DataSet, EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS, Flaw, PIXEL_DATA};
use crate::element_header::put_header;
use crate::header::{UNDEFINED, has_long_length};

/// The longest even length of 32 bits.
const MAX_LENGTH: u64 = 0xFFFF_FFFE;
const ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0011);
const ENCAPSULATED_DOCUMENT_LENGTH: Tag = Tag(0x0042, 0x0015);

/// Bulk data that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Where its bytes are; of compressed pixels, those of each frame.
    pub ranges: Vec<ByteRange>,
    /// Whether they are compressed pixels.
    pub is_compressed: bool,
}

/// A piece of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of this range.
    Stored(ByteRange),
}

#[derive(Default)]
struct Layout {
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
}

/// Writes the items of a sequence without bulk data.
pub(super) fn sequence(items: &[DataSet]) -> Result<Vec<u8>, Flaw> {
    let mut layout = Layout::default();
    layout.items(items, &|_| None)?;
    Ok(layout.bytes)
}

impl DataSet {
    /// The pieces of the data set, in their order; `bulk` gives what came from a URI.
    pub fn lay_out<'a>(&mut self, bulk: &dyn Fn(&str) -> Option<&'a Bulk>) -> Result<Vec<Piece>, Flaw> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        self.say_length_of_document(bulk)?;
        let mut layout = Layout::default();
        layout.data_set(self, true, bulk)?;
        layout.pieces.push(Piece::Bytes(layout.bytes));
        Ok(layout.pieces)
    }

    /// A document of odd length gets a byte of padding, from which its length must tell it
    /// (PS3.3 section C.24.2, Encapsulated Document Module).
    fn say_length_of_document<'a>(&mut self, bulk: &dyn Fn(&str) -> Option<&'a Bulk>) -> Result<(), Flaw> {
        let Some(Content::Bulk(uri)) = self.get(ENCAPSULATED_DOCUMENT).map(|element| &element.content) else { return Ok(()) };
        let length = bulk(uri).map(|bulk| bulk.ranges.iter().map(|range| range.length).sum::<u64>()).unwrap_or_default();
        if length % 2 == 1 {
            let length = u32::try_from(length).map_err(|_| Flaw::TooLong(ENCAPSULATED_DOCUMENT))?;
            self.add_missing(ENCAPSULATED_DOCUMENT_LENGTH, VR::UL, length.to_le_bytes().to_vec());
        }
        Ok(())
    }
}

impl Layout {
    fn data_set<'a>(
        &mut self,
        data_set: &DataSet,
        is_instance: bool,
        bulk: &dyn Fn(&str) -> Option<&'a Bulk>,
    ) -> Result<(), Flaw> {
        for element in &data_set.elements {
            let (tag, vr) = (element.tag, element.vr);
            match &element.content {
                Content::Bytes(items) if vr == VR::SQ => {
                    put_header(&mut self.bytes, tag, VR::SQ, UNDEFINED);
                    self.bytes.extend_from_slice(items);
                }
                Content::Bytes(value) => {
                    self.header(tag, vr, value.len() as u64)?;
                    self.bytes.extend_from_slice(value);
                }
                Content::Items(items) => {
                    put_header(&mut self.bytes, tag, VR::SQ, UNDEFINED);
                    self.items(items, bulk)?;
                }
                Content::Bulk(uri) => match bulk(uri).ok_or(Flaw::NoBulkData(tag))? {
                    Bulk { ranges, is_compressed: true } if is_instance && tag == PIXEL_DATA => self.fragments(ranges)?,
                    Bulk { is_compressed: true, .. } => return Err(Flaw::Compressed(tag)),
                    Bulk { ranges, .. } => {
                        let length = ranges.iter().map(|range| range.length).sum::<u64>();
                        self.header(tag, vr, length)?;
                        for range in ranges {
                            self.stored(*range);
                        }
                        self.pad(length);
                    }
                },
            }
        }
        Ok(())
    }

    /// Items and what ends them. Their lengths are undefined, so that nothing need be measured before it is written.
    fn items<'a>(&mut self, items: &[DataSet], bulk: &dyn Fn(&str) -> Option<&'a Bulk>) -> Result<(), Flaw> {
        for item in items {
            self.item(UNDEFINED);
            self.data_set(item, false, bulk)?;
            self.bytes.extend(b"\xfe\xff\x0d\xe0\0\0\0\0");
        }
        self.bytes.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        Ok(())
    }

    fn item(&mut self, length: u32) {
        self.bytes.extend(b"\xfe\xff\x00\xe0");
        self.bytes.extend(length.to_le_bytes());
    }

    /// The header of a native value. One that is too long for its representation becomes UN (PS3.5 section 6.2.2).
    fn header(&mut self, tag: Tag, vr: VR, length: u64) -> Result<(), Flaw> {
        let even = length.next_multiple_of(2);
        let length = u32::try_from(even).ok().filter(|_| even <= MAX_LENGTH).ok_or(Flaw::TooLong(tag))?;
        let vr = if !has_long_length(vr) && length > u32::from(u16::MAX) { VR::UN } else { vr };
        put_header(&mut self.bytes, tag, vr, length);
        Ok(())
    }

    fn stored(&mut self, range: ByteRange) {
        if !self.bytes.is_empty() {
            self.pieces.push(Piece::Bytes(std::mem::take(&mut self.bytes)));
        }
        self.pieces.push(Piece::Stored(range));
    }

    fn pad(&mut self, length: u64) {
        if length % 2 == 1 {
            self.bytes.push(0);
        }
    }

    /// Encapsulated Pixel Data with a fragment for each frame. Where there are several, a table says where they begin: the Basic
    /// Offset Table, or the extended one where 32 bits are not enough (PS3.3 section C.7.6.3.1.8).
    fn fragments(&mut self, frames: &[ByteRange]) -> Result<(), Flaw> {
        const ITEM_HEADER_BYTES: u64 = 8;
        let is_sound = |frame: &ByteRange| (1..=MAX_LENGTH).contains(&frame.length);
        let is_single = frames.len() == 1;
        if frames.is_empty() || !is_single && !frames.iter().all(is_sound) || frames.iter().any(|frame| frame.length == 0) {
            return Err(Flaw::TooLong(PIXEL_DATA));
        }
        let mut end = 0;
        let offsets: Vec<u64> = frames
            .iter()
            .map(|frame| {
                let start = end;
                end = start + ITEM_HEADER_BYTES + frame.length.next_multiple_of(2);
                start
            })
            .collect();
        let short: Option<Vec<u32>> = offsets.iter().map(|offset| u32::try_from(*offset).ok()).collect();
        let table = match short {
            _ if is_single => Vec::new(),
            Some(offsets) => offsets.into_iter().flat_map(u32::to_le_bytes).collect(),
            None => {
                let lengths = frames.iter().map(|frame| frame.length);
                for (tag, numbers) in [(EXTENDED_OFFSET_TABLE, offsets), (EXTENDED_OFFSET_TABLE_LENGTHS, lengths.collect())] {
                    self.header(tag, VR::OV, numbers.len() as u64 * 8)?;
                    self.bytes.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
                }
                Vec::new()
            }
        };
        put_header(&mut self.bytes, PIXEL_DATA, VR::OB, UNDEFINED);
        self.item(u32::try_from(table.len()).map_err(|_| Flaw::TooLong(PIXEL_DATA))?);
        self.bytes.extend(table);
        for frame in frames {
            // Only a single frame, such as a video, is ever longer than one fragment may be.
            let mut rest = *frame;
            while rest.length > 0 {
                let length = rest.length.min(MAX_LENGTH);
                self.item(u32::try_from(length.next_multiple_of(2)).expect("an even bound of 32 bits"));
                self.stored(ByteRange { offset: rest.offset, length });
                self.pad(length);
                rest = ByteRange { offset: rest.offset + length, length: rest.length - length };
            }
        }
        self.bytes.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Budget, ComposeLimits, DataSet, read_json};
    use super::*;

    fn data_set(json: &str) -> DataSet {
        let mut found = read_json(json.as_bytes(), &mut Budget::new(ComposeLimits::default())).expect("DICOM JSON");
        found.pop().expect("a data set")
    }

    /// Writes ranges as their offsets in brackets.
    fn written(pieces: &[Piece]) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => out.extend_from_slice(bytes),
                Piece::Stored(range) => out.extend(format!("[{}]", range.offset).bytes()),
            }
        }
        out
    }

    fn check(json: &str, bulk: &Bulk, expected: Result<&[u8], Flaw>) {
        let laid_out = data_set(json).lay_out(&|uri| (uri == "b").then_some(bulk));
        assert_eq!(laid_out.map(|pieces| written(&pieces)).as_deref(), expected.as_deref(), "{json}");
    }

    fn bulk(lengths: &[u64], is_compressed: bool) -> Bulk {
        let mut offset = 0;
        let ranges = lengths.iter().map(|length| {
            offset += length;
            ByteRange { offset: offset - length, length: *length }
        });
        Bulk { ranges: ranges.collect(), is_compressed }
    }

    #[test]
    fn native_bulk_data_is_written_with_its_length_and_padding() {
        let json = r#"{"7FE00010":{"vr":"OW","BulkDataURI":"b"},"00080018":{"vr":"UI","Value":["1.2"]}}"#;
        check(json, &bulk(&[3], false), Ok(b"\x08\0\x18\0UI\x04\x001.2\0\xe0\x7f\x10\0OW\0\0\x04\0\0\0[0]\0"));
        check(json, &bulk(&[0xFFFF_FFFF], false), Err(Flaw::TooLong(PIXEL_DATA)));
        let elsewhere = r#"{"7FE00010":{"vr":"OW","BulkDataURI":"c"}}"#;
        check(elsewhere, &bulk(&[2], false), Err(Flaw::NoBulkData(PIXEL_DATA)));
        let long_short = r#"{"00283006":{"vr":"US","BulkDataURI":"b"}}"#;
        check(long_short, &bulk(&[0x2_0000], false), Ok(b"\x28\0\x06\x30UN\0\0\0\0\x02\0[0]"));
    }

    #[test]
    fn frames_become_fragments_with_a_table_where_there_are_several() {
        let json = r#"{"7FE00010":{"vr":"OB","BulkDataURI":"b"}}"#;
        let end = b"\xfe\xff\xdd\xe0\0\0\0\0";
        let one = [&b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0\x04\0\0\0[0]\0"[..], end].concat();
        check(json, &bulk(&[3], true), Ok(&one));
        let two = [
            &b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\x08\0\0\0\0\0\0\0\x0c\0\0\0"[..],
            b"\xfe\xff\0\xe0\x04\0\0\0[0]\0\xfe\xff\0\xe0\x02\0\0\0[3]",
            end,
        ]
        .concat();
        check(json, &bulk(&[3, 2], true), Ok(&two));
        check(json, &bulk(&[3, 0], true), Err(Flaw::TooLong(PIXEL_DATA)));
        let long = data_set(json).lay_out(&|_| Some(Box::leak(Box::new(bulk(&[0xFFFF_FFF0, 0x20, 2], true)))));
        let long = written(&long.expect("a layout"));
        assert!(long.starts_with(b"\xe0\x7f\x01\0OV\0\0\x18\0\0\0\0\0\0\0\0\0\0\0\xf8\xff\xff\xff\0\0\0\0"), "{long:02x?}");
    }

    #[test]
    fn only_pixel_data_of_the_instance_is_compressed() {
        let icon = r#"{"00880200":{"vr":"SQ","Value":[{"7FE00010":{"vr":"OB","BulkDataURI":"b"}}]}}"#;
        check(icon, &bulk(&[2], true), Err(Flaw::Compressed(PIXEL_DATA)));
        let expected = b"\x88\0\0\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff\xe0\x7f\x10\0OB\0\0\x02\0\0\0[0]\
            \xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0";
        check(icon, &bulk(&[2], false), Ok(expected));
    }

    #[test]
    fn the_length_of_a_padded_document_is_said() {
        let json = r#"{"00420011":{"vr":"OB","BulkDataURI":"b"}}"#;
        check(json, &bulk(&[3], false), Ok(b"\x42\0\x11\0OB\0\0\x04\0\0\0[0]\0\x42\0\x15\0UL\x04\0\x03\0\0\0"));
        check(json, &bulk(&[2], false), Ok(b"\x42\0\x11\0OB\0\0\x02\0\0\0[0]"));
    }
}
