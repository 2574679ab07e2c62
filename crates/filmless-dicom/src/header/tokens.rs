//! Cuts pushed bytes into data elements (PS3.5 section 7, The Data Set), however they are cut into pieces.
//!
//! A state machine without recursion: sequences are levels on a bounded stack, values that are needed are
//! collected up to a bound, all others are stepped over without being copied. No length that is declared is
//! ever allocated. Values are not interpreted here.
//!
//! Longer than 500 lines because the states of one machine read best side by side.

use dicom_core::VR;
use filmless_model::attribute::Tag;

use super::representation::{dictionary_vr, has_long_length, has_sample_sign, is_binary, is_pixel_data};
use super::syntax::{Encoding, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, UNDEFINED};
use super::{HeaderError, HeaderLimits, Warnings};

/// Data Set Trailing Padding (PS3.10 section 7.2).
const TRAILING_PADDING: Tag = Tag(0xFFFC, 0xFFFC);
/// Extended Offset Table and Extended Offset Table Lengths (PS3.3 C.7.6.3.1.8).
pub(crate) const EXTENDED_OFFSETS: Tag = Tag(0x7FE0, 0x0001);
pub(crate) const EXTENDED_LENGTHS: Tag = Tag(0x7FE0, 0x0002);
/// A delimiter is a header without a value.
const DELIMITER_BYTES: u64 = 8;
/// So much of each fragment is shown: enough for the signature of every still image codestream.
const HEAD_BYTES: usize = 12;

/// What the reader sees next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    /// A whole value.
    Value {
        tag: Tag,
        vr: VR,
        big_endian: bool,
        bytes: &'a [u8],
    },
    /// A value that is too long or too binary to be kept.
    Bulk {
        tag: Tag,
        vr: VR,
        big_endian: bool,
        offset: u64,
        length: u64,
    },
    /// A piece of an offset table: of the Extended Offset Table elements, or, under [`BASIC_OFFSETS`], of the Basic one.
    Table {
        tag: Tag,
        big_endian: bool,
        bytes: &'a [u8],
    },
    SequenceStart {
        tag: Tag,
    },
    SequenceEnd,
    ItemStart,
    ItemEnd,
    /// An encapsulated value begins (PS3.5 section A.4).
    FragmentsStart {
        tag: Tag,
        vr: VR,
    },
    /// A fragment: where its item begins, where its bytes are, and the first of them.
    Fragment {
        item: u64,
        offset: u64,
        length: u64,
        head: &'a [u8],
    },
    /// It ends; the range covers its items, offset table included.
    FragmentsEnd {
        offset: u64,
        length: u64,
    },
}

/// The tag under which [`Token::Table`] shows the Basic Offset Table.
pub(crate) const BASIC_OFFSETS: Tag = ITEM;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
    Fragments { start: u64, basic_table_seen: bool },
}

#[derive(Debug, Clone, Copy)]
struct Level {
    kind: Kind,
    /// Where it ends, unless a delimiter says so.
    end: Option<u64>,
    /// Nothing within may reach past this: the nearest defined end of this level and those around it.
    bound: u64,
    encoding: Encoding,
    /// The encoding of the items within is to be checked: they were labelled UN.
    doubtful: bool,
}

#[derive(Debug, Clone, Copy)]
struct Header {
    tag: Tag,
    vr: VR,
    length: u32,
    /// Where the header began.
    start: u64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Element,
    Value {
        tag: Tag,
        vr: VR,
        big_endian: bool,
        length: usize,
    },
    Skip {
        remaining: u64,
    },
    Table {
        tag: Tag,
        big_endian: bool,
        remaining: u64,
    },
    FragmentHead {
        item: u64,
        length: u64,
    },
    /// What follows is padding.
    Padding,
}

/// What a step yields; bytes that were collected stay in the tokenizer.
enum Step<'a> {
    NeedsMore,
    Continue,
    Value { tag: Tag, vr: VR, big_endian: bool, bytes: Option<&'a [u8]> },
    Head { item: u64, offset: u64, length: u64, bytes: Option<&'a [u8]> },
    Token(Token<'a>),
}

/// The push state machine.
pub(crate) struct Tokenizer {
    max_depth: usize,
    max_elements: u64,
    max_value_bytes: u32,
    max_binary_bytes: u32,
    encoding: Encoding,
    doubtful: bool,
    position: u64,
    elements: u64,
    depth: usize,
    stack: Vec<Level>,
    state: State,
    /// A header that arrived in part.
    held: [u8; 12],
    held_length: usize,
    /// A value that arrived in part.
    collected: Vec<u8>,
    /// Pixel Representation (0028,0103) is 1: attributes that hold samples are signed.
    pub(crate) signed_samples: bool,
    pub(crate) warnings: Warnings,
}

impl Tokenizer {
    /// A tokenizer at the first byte of a data set. Of binary values, those of up to `max_binary_bytes` are kept.
    pub(crate) fn new(encoding: Encoding, position: u64, limits: &HeaderLimits, max_binary_bytes: usize) -> Self {
        let length = |bytes| u32::try_from(bytes).unwrap_or(UNDEFINED - 1);
        Self {
            max_depth: limits.max_depth,
            max_elements: limits.max_elements,
            max_value_bytes: length(limits.max_value_bytes),
            max_binary_bytes: length(max_binary_bytes),
            encoding,
            doubtful: true,
            position,
            elements: 0,
            depth: 0,
            stack: Vec::new(),
            state: State::Element,
            held: [0; 12],
            held_length: 0,
            collected: Vec::new(),
            signed_samples: false,
            warnings: Warnings::default(),
        }
    }

    /// The next token, or `None` when `input` is used up. `input` moves forward.
    pub(crate) fn next<'t, 'i: 't>(&'t mut self, input: &mut &'i [u8]) -> Result<Option<Token<'t>>, HeaderError> {
        self.release();
        loop {
            match self.step(input)? {
                Step::NeedsMore => return Ok(None),
                Step::Continue => {}
                Step::Token(token) => return Ok(Some(token)),
                Step::Value { tag, vr, big_endian, bytes } => {
                    let bytes = bytes.unwrap_or(&self.collected);
                    return Ok(Some(Token::Value { tag, vr, big_endian, bytes }));
                }
                Step::Head { item, offset, length, bytes } => {
                    let head = bytes.unwrap_or(&self.collected);
                    return Ok(Some(Token::Fragment { item, offset, length, head }));
                }
            }
        }
    }

    /// Forgets the value that the last token showed; after a long one, its memory too.
    fn release(&mut self) {
        let shown = matches!(self.state, State::Element | State::Skip { .. } | State::Padding);
        if shown && self.collected.capacity() > 4096 {
            self.collected = Vec::new();
        } else if shown {
            self.collected.clear();
        }
    }

    /// How the data set is encoded: as declared, or as its first element, once that was read, is.
    pub(crate) fn data_set_encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the input may end here; if so, how many bytes are missing at its very end: 0 or 1.
    pub(crate) fn finish(&mut self) -> Result<u64, HeaderError> {
        let truncated = HeaderError::Truncated { offset: self.position };
        match self.state {
            State::Padding => return Ok(0),
            State::Element => {}
            // The byte that pads an odd Pixel Data to even length is sometimes not written.
            State::Skip { remaining: 1 } if self.stack.is_empty() => {
                self.warnings.add("the padding byte of the last value is missing");
                return Ok(1);
            }
            _ => return Err(truncated),
        }
        if self.held_length > 0 {
            if !self.stack.is_empty() || self.held[..self.held_length].iter().any(|byte| *byte != 0) {
                return Err(truncated);
            }
            self.warnings.add("bytes of padding follow the data set");
        }
        match self.stack.as_slice() {
            [] => Ok(0),
            [Level { kind: Kind::Fragments { .. }, .. }] => {
                self.warnings.add("encapsulated Pixel Data is not closed by a delimiter");
                Ok(0)
            }
            _ => Err(truncated),
        }
    }

    fn step<'i>(&mut self, input: &mut &'i [u8]) -> Result<Step<'i>, HeaderError> {
        match self.state {
            State::Element => {
                if self.held_length == 0
                    && let Some(level) = self.stack.last()
                    && level.end == Some(self.position)
                {
                    return Ok(Step::Token(self.close()));
                }
                match self.take_header(input) {
                    Some(header) => self.enter(header),
                    None => Ok(Step::NeedsMore),
                }
            }
            State::Value { tag, vr, big_endian, length } => {
                let Some(bytes) = self.take(input, length) else { return Ok(Step::NeedsMore) };
                self.state = State::Element;
                Ok(Step::Value { tag, vr, big_endian, bytes })
            }
            State::Skip { remaining } => {
                let skipped = remaining.min(input.len() as u64);
                self.advance(input, usize::try_from(skipped).unwrap_or(usize::MAX));
                let remaining = remaining - skipped;
                self.state = if remaining == 0 { State::Element } else { State::Skip { remaining } };
                Ok(if remaining == 0 { Step::Continue } else { Step::NeedsMore })
            }
            State::Table { tag, big_endian, remaining } => {
                if remaining == 0 {
                    self.state = State::Element;
                    return Ok(Step::Continue);
                }
                if input.is_empty() {
                    return Ok(Step::NeedsMore);
                }
                let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(input.len());
                let bytes = self.advance(input, length);
                self.state = State::Table { tag, big_endian, remaining: remaining - length as u64 };
                Ok(Step::Token(Token::Table { tag, big_endian, bytes }))
            }
            State::FragmentHead { item, length } => {
                let head = usize::try_from(length).unwrap_or(usize::MAX).min(HEAD_BYTES);
                let Some(bytes) = self.take(input, head) else { return Ok(Step::NeedsMore) };
                self.state = State::Skip { remaining: length - head as u64 };
                Ok(Step::Head { item, offset: item + 8, length, bytes })
            }
            State::Padding => {
                self.advance(input, input.len());
                Ok(Step::NeedsMore)
            }
        }
    }

    fn advance<'i>(&mut self, input: &mut &'i [u8], length: usize) -> &'i [u8] {
        let (bytes, rest) = input.split_at(length.min(input.len()));
        *input = rest;
        self.position += bytes.len() as u64;
        bytes
    }

    /// `length` bytes: `Some(Some(bytes))` from the input alone, `Some(None)` when they were collected in pieces.
    #[expect(clippy::option_option, reason = "needs more / from the input / in self.collected")]
    fn take<'i>(&mut self, input: &mut &'i [u8], length: usize) -> Option<Option<&'i [u8]>> {
        if self.collected.is_empty() && input.len() >= length {
            return Some(Some(self.advance(input, length)));
        }
        let missing = length - self.collected.len();
        let bytes = self.advance(input, missing);
        self.collected.extend_from_slice(bytes);
        (self.collected.len() == length).then_some(None)
    }

    /// The header of the next element, item or delimiter.
    fn take_header(&mut self, input: &mut &[u8]) -> Option<Header> {
        if self.held_length == 0
            && let Some(bytes) = input.first_chunk::<12>()
        {
            let (mut header, size) = self.read_header(bytes);
            header.start = self.position;
            self.advance(input, size);
            return Some(header);
        }
        // The header straddles pieces, or ends the input.
        loop {
            let size = if self.held_length < 8 { 8 } else { self.read_header(&self.held.clone()).1 };
            if self.held_length == size && size >= 8 {
                let bytes = self.held;
                let (mut header, size) = self.read_header(&bytes);
                header.start = self.position - size as u64;
                self.held_length = 0;
                return Some(header);
            }
            if input.is_empty() {
                return None;
            }
            let bytes = self.advance(input, size - self.held_length);
            self.held[self.held_length..self.held_length + bytes.len()].copy_from_slice(bytes);
            self.held_length += bytes.len();
        }
    }

    /// Reads a header and its size: 8, or 12, of which only then the last four bytes count.
    fn read_header(&mut self, bytes: &[u8; 12]) -> (Header, usize) {
        let [t0, t1, t2, t3, a, b, c, d, rest @ ..] = *bytes;
        self.check_encoding([t0, t1, t2, t3, a, b, c, d]);
        let encoding = self.encoding();
        let tag = encoding.tag([t0, t1, t2, t3]);
        let long = encoding.u32([a, b, c, d]);
        let header = |vr, length, size| (Header { tag, vr, length, start: 0 }, size);
        if tag.0 == 0xFFFE {
            return header(VR::UN, long, 8);
        }
        if !encoding.explicit {
            return header(self.implied_vr(tag), long, 8);
        }
        match VR::from_binary([a, b]) {
            Some(vr) if has_long_length(vr) => header(vr, encoding.u32(rest), 12),
            Some(vr) => header(vr, u32::from(encoding.u16([c, d])), 8),
            None => {
                self.warnings.add_at("illegal value representation", tag);
                if a.is_ascii_uppercase() && b.is_ascii_uppercase() && [c, d] == [0, 0] {
                    // A VR of a later edition: all new ones have the long form (PS3.5 section 7.1.2).
                    header(VR::UN, encoding.u32(rest), 12)
                } else if a.is_ascii_graphic() && b.is_ascii_graphic() || [a, b] == *b"  " {
                    header(VR::UN, u32::from(encoding.u16([c, d])), 8)
                } else {
                    // No VR at all: this element is written as in Implicit VR.
                    header(self.implied_vr(tag), long, 8)
                }
            }
        }
    }

    /// The value representation of an element that does not say it.
    fn implied_vr(&self, tag: Tag) -> VR {
        match dictionary_vr(tag) {
            VR::US if self.signed_samples && has_sample_sign(tag) => VR::SS,
            vr => vr,
        }
    }

    fn encoding(&self) -> Encoding {
        self.stack.last().map_or(self.encoding, |level| level.encoding)
    }

    /// Where the encoding is in doubt, the first element settles it.
    fn check_encoding(&mut self, first: [u8; 8]) {
        let Some(level) = self.stack.last_mut() else {
            if self.doubtful && self.elements == 0 {
                if let Some(seen) = self.encoding.corrected(first) {
                    self.warnings.add("the data set is encoded otherwise than its transfer syntax says");
                    self.encoding = seen;
                }
                self.doubtful = false;
            }
            return;
        };
        if level.doubtful && level.kind == Kind::Item {
            level.doubtful = false;
            if first[..4] != [0xFE, 0xFF, 0x0D, 0xE0] && VR::from_binary([first[4], first[5]]).is_some() {
                level.encoding.explicit = true;
            }
        }
    }

    fn malformed(what: &'static str, offset: u64) -> HeaderError {
        HeaderError::Malformed { what, offset }
    }

    fn bound(&self) -> u64 {
        self.stack.last().map_or(u64::MAX, |level| level.bound)
    }

    /// Where a value of this length ends, if it stays within what is around it.
    fn end_of(&self, header: &Header) -> Result<u64, HeaderError> {
        let end = self.position.saturating_add(u64::from(header.length));
        if end > self.bound() {
            return Err(Self::malformed("a value runs past the item or sequence it stands in", header.start));
        }
        Ok(end)
    }

    fn push(&mut self, kind: Kind, end: Option<u64>, encoding: Encoding, doubtful: bool) {
        let bound = end.unwrap_or_else(|| self.bound());
        self.stack.push(Level { kind, end, bound, encoding, doubtful });
    }

    /// Ends the innermost level.
    fn close<'i>(&mut self) -> Token<'i> {
        let level = self.stack.pop().expect("callers have seen a level");
        match level.kind {
            Kind::Item => Token::ItemEnd,
            Kind::Sequence => {
                self.depth -= 1;
                Token::SequenceEnd
            }
            Kind::Fragments { start, .. } => {
                Token::FragmentsEnd { offset: start, length: self.position - start - DELIMITER_BYTES }
            }
        }
    }

    fn enter<'i>(&mut self, header: Header) -> Result<Step<'i>, HeaderError> {
        self.elements += 1;
        if self.elements > self.max_elements {
            return Err(HeaderError::TooManyElements { limit: self.max_elements });
        }
        match self.stack.last().map(|level| level.kind) {
            Some(Kind::Sequence) => self.enter_in_sequence(header),
            Some(Kind::Fragments { .. }) => self.enter_in_fragments(header),
            Some(Kind::Item) | None => self.enter_in_data_set(header),
        }
    }

    fn enter_in_sequence<'i>(&mut self, header: Header) -> Result<Step<'i>, HeaderError> {
        let level = *self.stack.last().expect("a sequence is open");
        match header.tag {
            ITEM => {
                let end = match header.length {
                    UNDEFINED => None,
                    // Some writers change an item and forget its length. The sequence's is believed: what follows
                    // it stays in step.
                    _ => Some(self.end_of(&header).unwrap_or_else(|_| {
                        self.warnings.add("an item is longer than its sequence");
                        level.bound
                    })),
                };
                self.push(Kind::Item, end, level.encoding, level.doubtful);
                Ok(Step::Token(Token::ItemStart))
            }
            SEQUENCE_DELIMITER if level.end.is_none() => Ok(Step::Token(self.close())),
            SEQUENCE_DELIMITER | ITEM_DELIMITER => {
                self.warnings.add("a delimiter stands where none belongs");
                Ok(Step::Continue)
            }
            _ => Err(Self::malformed("something other than an item stands in a sequence", header.start)),
        }
    }

    fn enter_in_fragments<'i>(&mut self, header: Header) -> Result<Step<'i>, HeaderError> {
        if header.tag == SEQUENCE_DELIMITER {
            return Ok(Step::Token(self.close()));
        }
        if header.tag != ITEM || header.length == UNDEFINED {
            return Err(Self::malformed("something other than a fragment stands in encapsulated data", header.start));
        }
        self.end_of(&header)?;
        let top_level = self.stack.len() == 1;
        let level = self.stack.last_mut().expect("fragments are open");
        let big_endian = level.encoding.big_endian;
        if let Kind::Fragments { basic_table_seen, .. } = &mut level.kind
            && !*basic_table_seen
        {
            *basic_table_seen = true;
            let remaining = u64::from(header.length);
            self.state =
                if top_level { State::Table { tag: BASIC_OFFSETS, big_endian, remaining } } else { State::Skip { remaining } };
            return Ok(Step::Continue);
        }
        self.state = State::FragmentHead { item: header.start, length: u64::from(header.length) };
        Ok(Step::Continue)
    }

    fn enter_in_data_set<'i>(&mut self, header: Header) -> Result<Step<'i>, HeaderError> {
        let Header { tag, mut vr, length, start } = header;
        let mut encoding = self.encoding();
        if tag.0 == 0xFFFE {
            return self.enter_stray(header);
        }
        if self.stack.is_empty() && (tag == TRAILING_PADDING || (tag, length) == (Tag(0, 0), 0)) {
            self.state = State::Padding;
            return Ok(Step::Continue);
        }
        let unknown = vr == VR::UN && encoding.explicit;
        if unknown {
            // What is labelled UN is encoded as in Implicit VR Little Endian (PS3.5 section 6.2.2, Unknown (UN)
            // Value Representation); what it is, the dictionary knows if the tag is the standard's.
            encoding = Encoding::IMPLICIT_LITTLE;
            vr = self.implied_vr(tag);
        }
        if length == UNDEFINED {
            return match vr {
                VR::SQ | VR::UN => self.enter_sequence(tag, None, encoding, unknown),
                VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV => {
                    let kind = Kind::Fragments { start: self.position, basic_table_seen: false };
                    self.push(kind, None, self.encoding(), false);
                    Ok(Step::Token(Token::FragmentsStart { tag, vr }))
                }
                _ if unknown => self.enter_sequence(tag, None, encoding, unknown),
                _ => Err(Self::malformed("a value that must have a length has none", start)),
            };
        }
        let end = self.end_of(&header)?;
        if vr == VR::SQ {
            return self.enter_sequence(tag, Some(end), encoding, unknown);
        }
        if length % 2 == 1 {
            self.warnings.add_at("odd length", tag);
        }
        let big_endian = encoding.big_endian;
        if self.stack.is_empty() && (tag == EXTENDED_OFFSETS || tag == EXTENDED_LENGTHS) {
            self.state = State::Table { tag, big_endian, remaining: u64::from(length) };
            return Ok(Step::Continue);
        }
        let kept = if is_binary(vr) { self.max_binary_bytes } else { self.max_value_bytes };
        if length > kept || is_pixel_data(tag) {
            let length = u64::from(length);
            self.state = State::Skip { remaining: length };
            return Ok(Step::Token(Token::Bulk { tag, vr, big_endian, offset: self.position, length }));
        }
        self.state = State::Value { tag, vr, big_endian, length: usize::try_from(length).unwrap_or(usize::MAX) };
        Ok(Step::Continue)
    }

    fn enter_sequence<'i>(
        &mut self,
        tag: Tag,
        end: Option<u64>,
        encoding: Encoding,
        doubtful: bool,
    ) -> Result<Step<'i>, HeaderError> {
        if self.depth == self.max_depth {
            return Err(HeaderError::TooDeep { limit: self.max_depth });
        }
        self.depth += 1;
        self.push(Kind::Sequence, end, encoding, doubtful);
        Ok(Step::Token(Token::SequenceStart { tag }))
    }

    /// An item or delimiter among the elements of a data set.
    fn enter_stray<'i>(&mut self, header: Header) -> Result<Step<'i>, HeaderError> {
        let in_open_item = self.stack.last().is_some_and(|level| level.end.is_none());
        match header.tag {
            ITEM_DELIMITER if in_open_item => Ok(Step::Token(self.close())),
            SEQUENCE_DELIMITER if in_open_item => {
                // The item's own delimiter is missing: the sequence's closes both.
                self.warnings.add("an item is not closed by a delimiter");
                let item = self.close();
                if let Some(sequence) = self.stack.last_mut() {
                    sequence.end = Some(self.position);
                }
                Ok(Step::Token(item))
            }
            ITEM_DELIMITER | SEQUENCE_DELIMITER => {
                self.warnings.add("a delimiter stands where none belongs");
                Ok(Step::Continue)
            }
            _ => Err(Self::malformed("an item stands outside a sequence", header.start)),
        }
    }
}
