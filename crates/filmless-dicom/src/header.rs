//! Reads the header of an instance from its bytes as they pass: record, frame index and DICOM JSON.
//!
//! What is held in memory is bounded by [`HeaderLimits`], however long the data set is and however it is cut into
//! pieces: pixel data is stepped over, not kept. Lenient in what is read (a bad optional attribute is a warning),
//! strict in what is indexed (the four UIDs must be there and legal). Pixels are not looked at.

mod collect;
mod inflate;
mod record;
mod representation;
mod syntax;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;

use filmless_model::attribute::Tag;
use filmless_model::coercion::CharacterSetRepair;
use filmless_model::frame::FrameIndex;
use filmless_model::record::InstanceRecord;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransferSyntaxUid};

use collect::Collector;
pub(crate) use inflate::Inflater;
pub(crate) use record::{coerce, date, time};
pub(crate) use representation::{dictionary_vr, has_long_length, has_sample_sign, is_binary, is_pixel_data};
pub(crate) use syntax::{Encoding, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Syntax, UNDEFINED, guess};
pub(crate) use tokens::{Token, Tokenizer};

/// So many warnings are kept of one data set: they are for people to read.
const MAX_WARNINGS: usize = 32;

/// Binary values of up to so many bytes stand in the DICOM JSON, longer ones are bulk data.
const INLINE_BINARY_BYTES: usize = 1024;

/// What a data set may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderLimits {
    /// Sequences within sequences.
    pub max_depth: usize,
    /// Data elements and items altogether.
    pub max_elements: u64,
    /// Longer values are not kept; DICOM JSON refers to them as bulk data.
    pub max_value_bytes: usize,
    /// DICOM JSON before compression.
    pub max_json_bytes: usize,
    /// DICOM JSON as compressed, which is what stays in memory.
    pub max_compressed_json_bytes: usize,
    /// Fragments of encapsulated Pixel Data, and so frames.
    pub max_frames: usize,
    /// Bytes that one byte of a deflated data set may become, once [`Self::max_free_inflation`] is used up.
    pub max_inflated_ratio: u64,
    /// A deflated data set may become so many bytes at any ratio.
    pub max_free_inflation: u64,
}

impl Default for HeaderLimits {
    fn default() -> Self {
        Self {
            max_depth: 32,
            max_elements: 16_000_000,
            max_value_bytes: 64 << 10,
            max_json_bytes: crate::json::MAX_JSON_BYTES,
            max_compressed_json_bytes: 32 << 20,
            max_frames: 1 << 20,
            max_inflated_ratio: 200,
            max_free_inflation: 64 << 20,
        }
    }
}

/// Why a data set cannot be taken. Messages name places and attributes, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Neither a Part 10 file nor a data set.
    #[error("not DICOM: no DICM prefix, and no data set that could be guessed")]
    NotDicom,
    /// File Meta Information without end.
    #[error("file meta information is longer than {limit} bytes")]
    FileMetaTooLong {
        /// The bound.
        limit: usize,
    },
    /// The bytes end where more were announced.
    #[error("data set ends within an element, at byte {offset}")]
    Truncated {
        /// Where, in bytes from the start of the blob; of the data set, inflated or not, if it is deflated.
        offset: u64,
    },
    /// Too many sequences within sequences.
    #[error("sequences are nested more than {limit} deep")]
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// Too many elements.
    #[error("more than {limit} data elements")]
    TooManyElements {
        /// The bound.
        limit: u64,
    },
    /// The header alone is too long.
    #[error("the header is too long: its DICOM JSON passes {limit} bytes")]
    HeaderTooLong {
        /// The bound.
        limit: usize,
    },
    /// The structure cannot be followed further.
    #[error("malformed data set: {what}, at byte {offset}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the start of the blob (of the inflated data set, if deflated).
        offset: u64,
    },
    /// Pixel Data is compressed under a label that says it is not, or the reverse. Nothing tells how it is compressed.
    #[error("Pixel Data is {0}, unlike its label")]
    OtherPixelForm(&'static str),
    /// A data set that no transfer syntax describes.
    #[error("data set in Implicit VR Big Endian, which is no transfer syntax")]
    NoTransferSyntax,
    /// A deflated data set that is no deflate stream.
    #[error("deflated data set is corrupt")]
    CorruptDeflate,
    /// A deflated data set that grows out of all proportion.
    #[error("deflated data set grows more than {limit} times")]
    InflatesTooMuch {
        /// The bound.
        limit: u64,
    },
    /// A UID without which nothing can be stored is absent or empty.
    #[error("{0} is missing")]
    MissingUid(&'static str),
    /// Such a UID is not one.
    #[error("{0} is not a UID")]
    InvalidUid(&'static str),
}

/// Which instance a data set says it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// SOP Class UID (0008,0016), if present and legal.
    pub sop_class: Option<SopClassUid>,
    /// SOP Instance UID (0008,0018), if present and legal.
    pub sop_instance: Option<SopInstanceUid>,
}

/// What is known of an instance once its bytes have passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The indexed attributes.
    pub record: InstanceRecord,
    /// Where the frames are.
    pub frames: FrameIndex,
    /// The data set as DICOM JSON (PS3.18 annex F), compressed: see [`crate::json::decompress`].
    ///
    /// `BulkDataURI` is relative to the instance: `bulkdata/OFFSET-LENGTH` names bytes of the blob, `frames` the
    /// frames of encapsulated Pixel Data, `inflated/OFFSET-LENGTH` bytes of the inflated data set.
    pub dicom_json: Vec<u8>,
    /// What was wrong and went well nevertheless. Names tags, never values.
    pub warnings: Vec<String>,
    /// What rules of coercion look at, if that was asked for.
    pub gathered: Option<Box<Gathered>>,
}

/// What rules of coercion look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The wanted texts of the data set itself, decoded, without padding at their end.
    pub texts: BTreeMap<Tag, String>,
    /// How texts are repaired, if some text was.
    pub repaired: Option<CharacterSetRepair>,
}

/// A bounded list of warnings, each once.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<String>);

impl Warnings {
    pub(crate) fn add(&mut self, what: &str) {
        if self.0.len() < MAX_WARNINGS && !self.0.iter().any(|known| known == what) {
            self.0.push(what.to_owned());
        }
    }

    pub(crate) fn add_at(&mut self, what: &str, tag: Tag) {
        if self.0.len() < MAX_WARNINGS {
            self.add(&format!("{what} in ({:04X},{:04X})", tag.0, tag.1));
        }
    }
}

/// The push reader.
pub struct HeaderReader {
    syntax: Syntax,
    tokenizer: Tokenizer,
    collector: Collector,
    inflater: Option<Inflater>,
    failed: Option<HeaderError>,
}

impl HeaderReader {
    /// A reader of a data set in this transfer syntax that begins at this byte of the blob.
    #[expect(clippy::needless_pass_by_value, reason = "limits are configuration that each reader takes its copy of")]
    pub fn new(transfer_syntax: &TransferSyntaxUid, data_set_offset: u64, limits: HeaderLimits) -> Self {
        let syntax = Syntax::of(transfer_syntax);
        let position = if syntax.deflated { 0 } else { data_set_offset };
        let inflater = syntax.deflated.then(|| Inflater::new(limits.max_free_inflation, limits.max_inflated_ratio));
        // Bytes of a deflated data set have no place in the blob from which they could be fetched.
        let inline = if syntax.deflated { limits.max_value_bytes } else { INLINE_BINARY_BYTES };
        Self {
            syntax,
            tokenizer: Tokenizer::new(syntax.encoding, position, &limits, inline),
            collector: Collector::new(syntax, &limits),
            inflater,
            failed: None,
        }
    }

    /// Has texts read as `repair` says, and the wanted ones of the data set itself gathered; `wanted` is in order.
    #[must_use]
    pub fn gathering(mut self, repair: Option<CharacterSetRepair>, wanted: Arc<[Tag]>) -> Self {
        self.collector.gather(repair, wanted);
        self
    }

    /// What was gathered so far, of a data set whose end does not matter.
    pub fn gathered(self) -> Gathered {
        self.collector.gathered()
    }

    /// Reads the next bytes of the data set. After an error, every further call returns it again.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), HeaderError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let read = match &mut self.inflater {
            None => feed(&mut self.tokenizer, &mut self.collector, bytes),
            Some(inflater) => inflater.push(bytes, |piece| feed(&mut self.tokenizer, &mut self.collector, piece)),
        };
        read.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// SOP Class and SOP Instance UID as the data set has them, once both are seen or group 0008 is past.
    pub fn identity(&self) -> Option<Identity> {
        self.collector.identity()
    }

    /// The transfer syntax that the data set is in, if its first element shows that it is not the declared one. Uncompressed
    /// ones only: a label that says how pixels are compressed is right about that, however the elements are encoded.
    pub fn corrected_transfer_syntax(&self) -> Result<Option<TransferSyntaxUid>, HeaderError> {
        let seen = self.tokenizer.data_set_encoding();
        if seen == self.syntax.encoding || !self.syntax.is_uncompressed() {
            return Ok(None);
        }
        let corrected = seen.transfer_syntax().ok_or(HeaderError::NoTransferSyntax)?;
        Ok(Some(TransferSyntaxUid::parse(corrected).expect("the standard's UIDs are UIDs")))
    }

    /// What was read.
    pub fn finish(mut self) -> Result<Header, HeaderError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(inflater) = &self.inflater {
            inflater.finish()?;
        }
        let missing = self.tokenizer.finish()?;
        self.collector.finish(missing, self.tokenizer.warnings)
    }
}

fn feed(tokenizer: &mut Tokenizer, collector: &mut Collector, mut bytes: &[u8]) -> Result<(), HeaderError> {
    while let Some(token) = tokenizer.next(&mut bytes)? {
        collector.take(token)?;
        tokenizer.signed_samples = collector.has_signed_samples();
    }
    Ok(())
}
