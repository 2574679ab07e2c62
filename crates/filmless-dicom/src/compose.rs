//! Makes a data set of metadata and bulk data that arrive apart, as STOW-RS brings them (PS3.18 section 10.5, Store
//! Transaction): attributes from the DICOM JSON Model or the Native DICOM Model, values to be fetched from elsewhere.
//!
//! What comes out is Explicit VR Little Endian, or the like with encapsulated Pixel Data, in UTF-8, and depends on what came in
//! alone. A flaw of one attribute is a flaw of its data set, not of others beside it. No bulk data is held here: a layout names
//! the ranges that stand between its bytes.

mod codestream;
mod json;
mod layout;
mod values;

use std::str::FromStr as _;

use data_encoding::BASE64;
use dicom_core::VR;
use filmless_model::attribute::Tag;

pub use codestream::{Codestream, HEAD_BYTES, identify, is_compressed};
pub use json::read_json;
pub use layout::{Bulk, Piece};

use crate::header::{dictionary_vr, is_binary};
use crate::text::is_text;

const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// Said by those who serve an instance, not by the instance (PS3.18 table 10.6.3-5).
const AVAILABLE_TRANSFER_SYNTAX_UID: Tag = Tag(0x0008, 0x3002);
const EXTENDED_OFFSET_TABLE: Tag = Tag(0x7FE0, 0x0001);
const EXTENDED_OFFSET_TABLE_LENGTHS: Tag = Tag(0x7FE0, 0x0002);
pub(crate) const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);

/// What the metadata of a request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComposeLimits {
    /// Sequences within sequences.
    pub max_depth: usize,
    /// Attributes, items and values of a document altogether.
    pub max_values: usize,
}

impl Default for ComposeLimits {
    fn default() -> Self {
        Self { max_depth: 32, max_values: 1_000_000 }
    }
}

/// Why a document cannot be read. Messages hold no text of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// It is not in the model that it is said to be in.
    #[error("the metadata cannot be read at {0}")]
    Malformed(String),
    /// Too many sequences within sequences.
    #[error("sequences are nested more than {0} deep")]
    TooDeep(usize),
    /// Too many attributes and values.
    #[error("the metadata has more than {0} attributes and values")]
    TooMany(usize),
}

/// Why a data set cannot be made. Messages name attributes, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A name of an attribute that is no tag of a data set.
    #[error("an attribute has no usable tag")]
    Tag,
    /// A value representation that does not exist.
    #[error("({:04X},{:04X}) has an unknown value representation", .0.0, .0.1)]
    ValueRepresentation(Tag),
    /// A value that is none of its value representation.
    #[error("({:04X},{:04X}) has a value that is none of its value representation", .0.0, .0.1)]
    Value(Tag),
    /// A value that is longer than its length field can say.
    #[error("({:04X},{:04X}) is too long", .0.0, .0.1)]
    TooLong(Tag),
    /// An attribute that stands twice.
    #[error("({:04X},{:04X}) stands twice", .0.0, .0.1)]
    Repeated(Tag),
    /// More private creators than a group has blocks.
    #[error("a private group has too many creators")]
    Creators,
    /// No part brought the bulk data.
    #[error("the bulk data of ({:04X},{:04X}) is missing", .0.0, .0.1)]
    NoBulkData(Tag),
    /// Compressed bulk data where only Pixel Data of the instance itself may be compressed.
    #[error("({:04X},{:04X}) cannot be compressed", .0.0, .0.1)]
    Compressed(Tag),
    /// Compressed pixels that are not what their media type says, or in parts of unlike kind.
    #[error("Pixel Data is not of its media type")]
    NotOfItsType,
    /// A transfer syntax that is unknown, or none of the media type.
    #[error("the transfer syntax of Pixel Data is not supported")]
    TransferSyntax,
}

/// What a document says about one attribute.
#[derive(Debug, Default)]
pub struct Given {
    /// Its values, one by one.
    pub values: Vec<GivenValue>,
    /// Its value in base64.
    pub inline_binary: Option<String>,
    /// Where its value is.
    pub bulk_data_uri: Option<String>,
}

/// One of several values.
#[derive(Debug)]
pub enum GivenValue {
    /// It has its place, and nothing in it.
    Empty,
    /// Text, or the digits of a number; the groups of a name with `=` between them.
    Text(String),
    /// An item of a sequence.
    Item(DataSet),
}

/// Counts what a document costs.
#[derive(Debug)]
pub struct Budget {
    limits: ComposeLimits,
    values: usize,
    depth: usize,
}

impl Budget {
    /// Nothing was spent.
    pub fn new(limits: ComposeLimits) -> Self {
        Self { limits, values: 0, depth: 0 }
    }

    /// One more attribute, item or value.
    pub fn spend(&mut self) -> Result<(), MetadataError> {
        self.values += 1;
        if self.values > self.limits.max_values { Err(MetadataError::TooMany(self.limits.max_values)) } else { Ok(()) }
    }

    /// An item, or a data set, begins.
    pub fn enter(&mut self) -> Result<(), MetadataError> {
        self.depth += 1;
        if self.depth > self.limits.max_depth { Err(MetadataError::TooDeep(self.limits.max_depth)) } else { self.spend() }
    }

    /// It ends.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }
}

#[derive(Debug)]
struct Element {
    tag: Tag,
    vr: VR,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// The value as it is written; of a sequence all items and its delimiter.
    Bytes(Vec<u8>),
    /// Items of a sequence of which one has bulk data.
    Items(Vec<DataSet>),
    /// To be fetched from this URI.
    Bulk(String),
}

/// A data set, or an item, whose bulk data may still be to come.
#[derive(Debug, Default)]
pub struct DataSet {
    elements: Vec<Element>,
    flaw: Option<Flaw>,
    /// It has text beyond ASCII, or its document named a character set.
    needs_character_set: bool,
}

/// Collects the attributes of a data set in any order.
#[derive(Debug, Default)]
pub struct DataSetBuilder {
    data_set: DataSet,
    /// Attributes whose private creator stands beside them: which, and whose.
    owned: Vec<(usize, String)>,
}

impl DataSetBuilder {
    /// Adds an attribute. `creator` is given where it stands with the attribute, whose tag then names no block.
    pub fn add(&mut self, tag: Option<Tag>, vr: Option<&str>, creator: Option<&str>, given: Given) {
        if let Err(flaw) = self.try_add(tag, vr, creator, given) {
            self.data_set.flaw.get_or_insert(flaw);
        }
    }

    fn try_add(&mut self, tag: Option<Tag>, vr: Option<&str>, creator: Option<&str>, given: Given) -> Result<(), Flaw> {
        let tag = tag.filter(|tag| tag.0 < 0xFFFE).ok_or(Flaw::Tag)?;
        let is_ours = matches!(tag, AVAILABLE_TRANSFER_SYNTAX_UID | EXTENDED_OFFSET_TABLE | EXTENDED_OFFSET_TABLE_LENGTHS);
        // Command and file meta groups, group lengths, and tables of fragments that are made anew.
        if tag.0 < 0x0008 || tag.1 == 0 || is_ours {
            return Ok(());
        }
        if tag == SPECIFIC_CHARACTER_SET {
            self.data_set.needs_character_set = true;
            return Ok(());
        }
        let vr = match vr {
            Some(vr) => VR::from_str(vr).map_err(|_| Flaw::ValueRepresentation(tag))?,
            None => dictionary_vr(tag),
        };
        if let Some(creator) = creator.filter(|_| tag.is_private()) {
            self.owned.push((self.data_set.elements.len(), creator.to_owned()));
        }
        let content = self.content(tag, vr, given)?;
        self.data_set.elements.push(Element { tag, vr, content });
        Ok(())
    }

    fn content(&mut self, tag: Tag, vr: VR, given: Given) -> Result<Content, Flaw> {
        match given {
            Given { bulk_data_uri: Some(uri), .. } if vr != VR::SQ => Ok(Content::Bulk(uri)),
            Given { inline_binary: Some(mut base64), .. } if is_binary(vr) => {
                base64.retain(|c| !c.is_ascii_whitespace());
                let mut bytes = BASE64.decode(base64.as_bytes()).map_err(|_| Flaw::Value(tag))?;
                bytes.resize(bytes.len().next_multiple_of(2), 0);
                Ok(Content::Bytes(bytes))
            }
            Given { bulk_data_uri: None, inline_binary: None, values } if vr == VR::SQ => {
                let items = values.into_iter().map(|value| match value {
                    GivenValue::Item(item) => Ok(item),
                    // pydicom writes items without attributes so.
                    GivenValue::Empty => Ok(DataSet::default()),
                    GivenValue::Text(_) => Err(Flaw::Value(tag)),
                });
                self.sequence(items.collect::<Result<_, _>>()?)
            }
            Given { bulk_data_uri: None, inline_binary: None, values } => {
                let texts: Option<Vec<_>> = values.into_iter().map(values::text_of).collect();
                let texts = texts.ok_or(Flaw::Value(tag))?;
                self.data_set.needs_character_set |= is_text(vr) && texts.iter().any(|text| !text.is_ascii());
                Ok(Content::Bytes(values::encode(vr, &texts).ok_or(Flaw::Value(tag))?))
            }
            _ => Err(Flaw::Value(tag)),
        }
    }

    fn sequence(&mut self, items: Vec<DataSet>) -> Result<Content, Flaw> {
        for item in &items {
            self.data_set.needs_character_set |= item.needs_character_set;
            if let Some(flaw) = item.flaw {
                return Err(flaw);
            }
        }
        if items.iter().any(DataSet::has_bulk) {
            return Ok(Content::Items(items));
        }
        layout::sequence(&items).map(Content::Bytes)
    }

    /// The item.
    pub fn finish_item(mut self) -> DataSet {
        if let Err(flaw) = self.assign_blocks() {
            self.data_set.flaw.get_or_insert(flaw);
        }
        let DataSet { elements, flaw, .. } = &mut self.data_set;
        elements.sort_by_key(|element| element.tag);
        elements.shrink_to_fit();
        if let Some(pair) = elements.windows(2).find(|pair| pair[0].tag == pair[1].tag) {
            flaw.get_or_insert(Flaw::Repeated(pair[0].tag));
        }
        self.data_set
    }

    /// The data set of an instance. All text in it is UTF-8, and it says so (PS3.18 section F.2, DICOM JSON Model).
    pub fn finish(self) -> DataSet {
        let mut data_set = self.finish_item();
        if data_set.needs_character_set {
            data_set.add_missing(SPECIFIC_CHARACTER_SET, VR::CS, b"ISO_IR 192".to_vec());
        }
        data_set
    }

    /// Gives private attributes that stand beside their creator a block (PS3.5 section 7.8.1, Private Data Element Tags).
    fn assign_blocks(&mut self) -> Result<(), Flaw> {
        let elements = &mut self.data_set.elements;
        let mut blocks: Vec<(u16, u16, String)> = Vec::new();
        if !self.owned.is_empty() {
            let reserved = elements.iter().filter(|element| element.tag.is_private_creator());
            blocks.extend(reserved.filter_map(|element| match &element.content {
                Content::Bytes(name) => {
                    let name = String::from_utf8_lossy(name);
                    Some((element.tag.0, element.tag.1, name.trim_end_matches([' ', '\0']).to_owned()))
                }
                _ => None,
            }));
        }
        for (place, creator) in std::mem::take(&mut self.owned) {
            let Some(Tag(group, number)) = elements.get(place).map(|element| element.tag) else { continue };
            let known = blocks.iter().find(|(g, _, name)| *g == group && *name == creator.trim());
            let block = if let Some((_, block, _)) = known {
                *block
            } else {
                let is_free = |block: &u16| !blocks.iter().any(|(g, b, _)| (*g, *b) == (group, *block));
                let block = (0x10..=0xFF_u16).find(is_free).ok_or(Flaw::Creators)?;
                let name = values::encode(VR::LO, &[creator.trim().to_owned()]).ok_or(Flaw::Creators)?;
                elements.push(Element { tag: Tag(group, block), vr: VR::LO, content: Content::Bytes(name) });
                blocks.push((group, block, creator.trim().to_owned()));
                block
            };
            elements[place].tag = Tag(group, block << 8 | number & 0x00FF);
        }
        Ok(())
    }
}

impl DataSet {
    /// What makes it unfit to be stored, if anything does.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    /// The text of an attribute of ASCII text, without padding.
    pub fn text(&self, tag: Tag) -> Option<&str> {
        match &self.get(tag)?.content {
            Content::Bytes(bytes) => std::str::from_utf8(bytes).ok().map(|text| text.trim_end_matches([' ', '\0'])),
            _ => None,
        }
    }

    /// How many frames Number of Frames (0028,0008) says there are; 1 without it.
    pub fn frames(&self) -> u32 {
        let number = self.text(Tag(0x0028, 0x0008)).and_then(|text| text.trim().parse().ok());
        number.unwrap_or(1).max(1)
    }

    /// Where its bulk data is to come from, each URI once, and whether it is Pixel Data of the instance.
    pub fn bulk_data(&self) -> Vec<(&str, bool)> {
        let mut found = Vec::new();
        self.collect_bulk_data(true, &mut found);
        found.sort_unstable();
        found.dedup_by(|later, earlier| {
            earlier.1 |= later.0 == earlier.0 && later.1;
            later.0 == earlier.0
        });
        found
    }

    fn collect_bulk_data<'a>(&'a self, is_instance: bool, found: &mut Vec<(&'a str, bool)>) {
        for element in &self.elements {
            match &element.content {
                Content::Bulk(uri) => found.push((uri, is_instance && element.tag == PIXEL_DATA)),
                Content::Items(items) => {
                    for item in items {
                        item.collect_bulk_data(false, found);
                    }
                }
                Content::Bytes(_) => {}
            }
        }
    }

    /// Adds an attribute unless there is one.
    fn add_missing(&mut self, tag: Tag, vr: VR, value: Vec<u8>) {
        if let Err(place) = self.elements.binary_search_by_key(&tag, |element| element.tag) {
            self.elements.insert(place, Element { tag, vr, content: Content::Bytes(value) });
        }
    }

    fn get(&self, tag: Tag) -> Option<&Element> {
        let place = self.elements.binary_search_by_key(&tag, |element| element.tag).ok()?;
        self.elements.get(place)
    }

    fn has_bulk(&self) -> bool {
        self.elements.iter().any(|element| !matches!(element.content, Content::Bytes(_)))
    }
}
