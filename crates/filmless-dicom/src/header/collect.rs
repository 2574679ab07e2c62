//! Gives each token of a data set to those who want it: DICOM JSON, record and frame index.
//!
//! Of an element that stands twice, the first is kept. Group lengths are nobody's.

use std::collections::HashSet;
use std::sync::Arc;

use dicom_core::VR;
use filmless_model::attribute::{REQUEST_ATTRIBUTES_SEQUENCE, Tag};
use filmless_model::coercion::CharacterSetRepair;
use filmless_model::frame::ByteRange;

use super::record::RecordBuilder;
use super::representation::is_pixel_data;
use super::syntax::{PixelForm, Syntax};
use super::tokens::{BASIC_OFFSETS, EXTENDED_LENGTHS, EXTENDED_OFFSETS, Token};
use super::{Encoding, Gathered, Header, HeaderError, HeaderLimits, Identity, Warnings};
use crate::frames::{Chroma, Fragment, PixelFacts, PixelValue, starts_image};
use crate::json::{JsonWriter, numbers};
use crate::text::{Repair, SpecificCharacterSet, is_text};

const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const SAMPLES_PER_PIXEL: Tag = Tag(0x0028, 0x0002);
const PHOTOMETRIC_INTERPRETATION: Tag = Tag(0x0028, 0x0004);
const NUMBER_OF_FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);
const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);

/// The tags met in one data set or item, which come in ascending order (PS3.5 section 7.1) unless a device errs.
#[derive(Debug, Default)]
struct SeenTags {
    ascending: Vec<Tag>,
    late: HashSet<Tag>,
}

impl SeenTags {
    /// Whether the tag was not met before.
    fn insert(&mut self, tag: Tag, warnings: &mut Warnings) -> bool {
        if self.ascending.last().is_none_or(|last| *last < tag) {
            self.ascending.push(tag);
            return true;
        }
        if self.ascending.binary_search(&tag).is_ok() || !self.late.insert(tag) {
            warnings.add_at("a second element", tag);
            return false;
        }
        warnings.add("elements are not in ascending order");
        true
    }
}

/// What belongs to the data set or to one item within it.
#[derive(Debug)]
struct DataSet {
    character_set: SpecificCharacterSet,
    seen: SeenTags,
}

/// Receives tokens.
pub(crate) struct Collector {
    json: JsonWriter,
    record: RecordBuilder,
    pixels: PixelFacts,
    warnings: Warnings,
    /// The data set, and the items that are open within it.
    data_sets: Vec<DataSet>,
    /// Sequences that are open, by tag.
    sequences: Vec<Tag>,
    /// How many of the innermost open sequences, items and fragment lists stand in an element that is left out.
    muted: usize,
    signed_samples: bool,
    deflated: bool,
    pixel_form: PixelForm,
    max_frames: usize,
    repair: Option<CharacterSetRepair>,
    /// For rules of coercion, where there are some, with what they look at.
    gathered: Option<(Arc<[Tag]>, Box<Gathered>)>,
}

impl Collector {
    pub(crate) fn new(syntax: Syntax, limits: &HeaderLimits) -> Self {
        Self {
            json: JsonWriter::new(limits.max_json_bytes, limits.max_compressed_json_bytes),
            record: RecordBuilder::default(),
            pixels: PixelFacts { video: syntax.video, rle: syntax.rle, ..PixelFacts::default() },
            warnings: Warnings::default(),
            data_sets: vec![DataSet { character_set: SpecificCharacterSet::default(), seen: SeenTags::default() }],
            sequences: Vec::new(),
            muted: 0,
            signed_samples: false,
            deflated: syntax.deflated,
            pixel_form: syntax.pixel_form,
            max_frames: limits.max_frames,
            repair: None,
            gathered: None,
        }
    }

    /// See [`super::HeaderReader::gathering`]; before the first token.
    pub(crate) fn gather(&mut self, repair: Option<CharacterSetRepair>, wanted: Arc<[Tag]>) {
        self.repair = repair;
        self.gathered = Some((wanted, Box::default()));
        for level in &mut self.data_sets {
            level.character_set = std::mem::take(&mut level.character_set).repaired(repair);
        }
    }

    pub(crate) fn gathered(self) -> Gathered {
        self.gathered.map_or_else(Gathered::default, |(_, gathered)| *gathered)
    }

    pub(crate) fn identity(&self) -> Option<Identity> {
        self.record.identity()
    }

    /// Pixel Representation (0028,0103) is 1.
    pub(crate) fn has_signed_samples(&self) -> bool {
        self.signed_samples
    }

    pub(crate) fn take(&mut self, token: Token<'_>) -> Result<(), HeaderError> {
        if self.muted > 0 {
            match token {
                Token::SequenceStart { .. } | Token::ItemStart | Token::FragmentsStart { .. } => self.muted += 1,
                Token::SequenceEnd | Token::ItemEnd | Token::FragmentsEnd { .. } => self.muted -= 1,
                _ => {}
            }
            return Ok(());
        }
        match token {
            Token::Value { tag, vr, big_endian, bytes } => {
                if self.begin(tag) {
                    self.value(tag, vr, big_endian, bytes);
                }
            }
            Token::Bulk { tag, vr, big_endian, offset, length } => {
                // One without a byte is in either form.
                if tag == PIXEL_DATA && self.at_top_level() && length > 0 && self.pixel_form == PixelForm::Encapsulated {
                    return Err(HeaderError::OtherPixelForm("uncompressed"));
                }
                if self.begin(tag) {
                    self.bulk(tag, vr, big_endian, ByteRange { offset, length });
                }
            }
            Token::Table { tag, big_endian, bytes } => self.table(tag, big_endian, bytes),
            Token::SequenceStart { tag } => {
                if self.begin(tag) {
                    self.json.begin_sequence(tag);
                    self.sequences.push(tag);
                } else {
                    self.muted = 1;
                }
            }
            Token::SequenceEnd => {
                self.sequences.pop();
                self.json.end_sequence();
            }
            Token::ItemStart => {
                // An item inherits the character set of what it stands in (PS3.3 C.12.1.1.2).
                let character_set = self.data_sets.last().map(|level| level.character_set.clone()).unwrap_or_default();
                self.data_sets.push(DataSet { character_set, seen: SeenTags::default() });
                if self.sequences.as_slice() == [REQUEST_ATTRIBUTES_SEQUENCE] {
                    self.record.begin_request(&mut self.warnings);
                }
                self.json.begin_item();
            }
            Token::ItemEnd => {
                self.data_sets.pop();
                self.json.end_item();
            }
            Token::FragmentsStart { tag, vr } => {
                if tag == PIXEL_DATA && self.at_top_level() && self.pixel_form == PixelForm::Native {
                    return Err(HeaderError::OtherPixelForm("compressed"));
                }
                if !self.begin(tag) {
                    self.muted = 1;
                } else if self.at_top_level() && is_pixel_data(tag) {
                    self.pixels.value = PixelValue::Encapsulated(Vec::new());
                    self.json.bulk(tag, vr, format_args!("frames"));
                } else {
                    self.json.begin_bulk(tag, vr);
                }
            }
            Token::Fragment { item, offset, length, head } => self.fragment(item, ByteRange { offset, length }, head),
            Token::FragmentsEnd { offset, length } => {
                let scheme = self.bulk_scheme();
                self.json.end_bulk(format_args!("{scheme}/{offset}-{length}"));
            }
        }
        self.json.check()
    }

    fn at_top_level(&self) -> bool {
        self.data_sets.len() == 1
    }

    fn bulk_scheme(&self) -> &'static str {
        if self.deflated { "inflated" } else { "bulkdata" }
    }

    /// Notes an element; false if it is not to be taken.
    fn begin(&mut self, tag: Tag) -> bool {
        if self.at_top_level() {
            self.record.pass(tag);
        }
        // Group lengths and command and file meta groups do not belong to DICOM JSON (PS3.18 section F.2.2).
        if tag.1 == 0 || tag.0 <= 2 {
            return false;
        }
        self.data_sets.last_mut().is_some_and(|level| level.seen.insert(tag, &mut self.warnings))
    }

    fn value(&mut self, tag: Tag, vr: VR, big_endian: bool, bytes: &[u8]) {
        let encoding = Encoding { explicit: true, big_endian };
        if !is_text(vr) {
            self.json.binary(tag, vr, encoding, bytes);
            if self.at_top_level() {
                self.number(tag, vr, encoding, bytes);
            }
            return;
        }
        let Some(level) = self.data_sets.last_mut() else { return };
        if tag == SPECIFIC_CHARACTER_SET {
            let (character_set, all_known) = SpecificCharacterSet::parse(bytes);
            level.character_set = character_set.repaired(self.repair);
            if !all_known {
                self.warnings.add("Specific Character Set (0008,0005) has an unknown term");
            }
        }
        let (text, repair) = level.character_set.decode(bytes);
        let is_assumed = level.character_set.is_assumed();
        if let Some((wanted, gathered)) = &mut self.gathered {
            if is_assumed && repair != Repair::None {
                gathered.repaired = self.repair;
            }
            if self.data_sets.len() == 1 && wanted.binary_search(&tag).is_ok() {
                gathered.texts.insert(tag, text.trim_end_matches([' ', '\0']).to_owned());
            }
        }
        match repair {
            Repair::None => {}
            // It was known before.
            Repair::Utf8 | Repair::Windows1258 | Repair::Tcvn3 | Repair::Vni | Repair::Viscii if is_assumed => {}
            Repair::Utf8 => self.warnings.add("text is UTF-8 though Specific Character Set (0008,0005) does not say so"),
            Repair::Windows1258 => self.warnings.add("text of an undeclared character set is read as Windows-1258"),
            Repair::Tcvn3 => self.warnings.add("text of an undeclared character set is read as TCVN3"),
            Repair::Vni => self.warnings.add("text of an undeclared character set is read as VNI"),
            Repair::Viscii => self.warnings.add("text of an undeclared character set is read as VISCII"),
            Repair::Windows1252 => self.warnings.add("text of an undeclared character set is read as Windows-1252"),
            Repair::Replaced => self.warnings.add("text has bytes that its character set does not know"),
        }
        self.json.text(tag, vr, &text);
        if self.at_top_level() {
            self.record.text(tag, &text, &mut self.warnings);
            self.describe_in_text(tag, &text);
        } else if self.sequences.as_slice() == [REQUEST_ATTRIBUTES_SEQUENCE] {
            self.record.request_text(tag, &text, &mut self.warnings);
        }
    }

    /// Numbers of the top level that the record or the frames need.
    fn number(&mut self, tag: Tag, vr: VR, encoding: Encoding, bytes: &[u8]) {
        if tag.0 != 0x0028 {
            return;
        }
        let Some(number) = numbers(vr, encoding, bytes).next() else { return };
        self.record.number(tag, number);
        let number = u64::try_from(number).unwrap_or(0);
        match tag {
            SAMPLES_PER_PIXEL => self.pixels.samples = number,
            ROWS => self.pixels.rows = number,
            COLUMNS => self.pixels.columns = number,
            BITS_ALLOCATED => self.pixels.bits_allocated = number,
            PIXEL_REPRESENTATION => self.signed_samples = number == 1,
            _ => {}
        }
    }

    fn describe_in_text(&mut self, tag: Tag, text: &str) {
        match tag {
            NUMBER_OF_FRAMES => self.pixels.number_of_frames = text.trim().parse().unwrap_or(0),
            PHOTOMETRIC_INTERPRETATION => {
                self.pixels.chroma = match text.trim_matches(['\0', ' ']) {
                    "YBR_FULL_422" | "YBR_PARTIAL_422" => Chroma::Half,
                    "YBR_PARTIAL_420" => Chroma::Quarter,
                    _ => Chroma::Full,
                }
            }
            _ => {}
        }
    }

    fn bulk(&mut self, tag: Tag, vr: VR, big_endian: bool, range: ByteRange) {
        let pixel_data = self.at_top_level() && is_pixel_data(tag);
        if pixel_data && self.deflated {
            // Bytes of the blob hold no frames; they are served by decoding the file.
            self.json.bulk(tag, vr, format_args!("frames"));
            return;
        }
        let scheme = self.bulk_scheme();
        self.json.bulk(tag, vr, format_args!("{scheme}/{}-{}", range.offset, range.length));
        if !pixel_data {
            return;
        }
        if matches!(self.pixels.value, PixelValue::None) {
            self.pixels.value = PixelValue::Native(range);
            self.pixels.big_endian_words = big_endian && vr == VR::OW;
            match tag.1 {
                0x0008 => self.pixels.bits_allocated = 32,
                0x0009 => self.pixels.bits_allocated = 64,
                _ => {}
            }
        }
    }

    fn table(&mut self, tag: Tag, big_endian: bool, bytes: &[u8]) {
        let limit = self.max_frames;
        match tag {
            // Of an encapsulated value other than Pixel Data.
            BASIC_OFFSETS if !self.json.is_between_elements() => {}
            BASIC_OFFSETS => self.pixels.basic_offsets.push(bytes, 4, big_endian, limit),
            EXTENDED_OFFSETS => self.pixels.extended_offsets.push(bytes, 8, big_endian, limit),
            EXTENDED_LENGTHS => self.pixels.extended_lengths.push(bytes, 8, big_endian, limit),
            _ => {}
        }
    }

    fn fragment(&mut self, item: u64, bytes: ByteRange, head: &[u8]) {
        if !self.at_top_level() || !self.json.is_between_elements() {
            return;
        }
        if let PixelValue::Encapsulated(fragments) = &mut self.pixels.value {
            if fragments.len() < self.max_frames {
                fragments.push(Fragment { item, bytes, starts_image: starts_image(head) });
            } else {
                self.pixels.value = PixelValue::TooManyFragments;
            }
        }
    }

    /// Ends the data set, of whose last value so many bytes are missing.
    pub(crate) fn finish(mut self, missing: u64, mut warnings: Warnings) -> Result<Header, HeaderError> {
        if let PixelValue::Native(range) = &mut self.pixels.value {
            // What misses a byte may be another value behind Pixel Data: that costs a frame at most, of such a file.
            range.length = range.length.saturating_sub(missing);
        }
        for warning in self.warnings.0 {
            warnings.add(&warning);
        }
        let frames = self.pixels.index(&mut warnings);
        let record = self.record.finish(&mut warnings)?;
        let dicom_json = self.json.finish()?;
        let gathered = self.gathered.map(|(_, gathered)| gathered);
        Ok(Header { record, frames, dicom_json, warnings: warnings.0, gathered })
    }
}
