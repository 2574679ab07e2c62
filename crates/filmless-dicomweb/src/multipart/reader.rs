//! Takes `multipart/related` apart as it arrives: push bytes, pull events. Memory is bounded by the longest
//! permitted part header, whatever the peer sends; a representation is handed on in the pieces it came in.
//!
//! A line that merely begins like the boundary is data, as RFC 2046 has it.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

use crate::media_type::MediaType;

/// The longest boundary (RFC 2046 section 5.1.1).
pub const MAX_BOUNDARY_BYTES: usize = 70;

/// White space that may stand between a boundary and the end of its line; more is data.
const MAX_PADDING_BYTES: usize = 256;

/// What a reader refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartLimits {
    /// The most parts.
    pub max_parts: usize,
    /// The longest header of a part, in bytes.
    pub max_part_header_bytes: usize,
    /// The longest text before the first part, in bytes.
    pub max_preamble_bytes: usize,
}

impl Default for MultipartLimits {
    fn default() -> Self {
        Self { max_parts: 100_000, max_part_header_bytes: 16 * 1024, max_preamble_bytes: 64 * 1024 }
    }
}

/// Why a body is not multipart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The `Content-Type` names no usable boundary.
    #[error("the content type has no boundary of 1 to {MAX_BOUNDARY_BYTES} characters")]
    NoBoundary,
    /// No boundary line came within the limit.
    #[error("the body does not begin with its boundary")]
    NoFirstPart,
    /// The header of a part is longer than the limit.
    #[error("the header of a part is too long")]
    HeaderTooLong,
    /// More parts than the limit.
    #[error("the body has too many parts")]
    TooManyParts,
    /// The body ended inside a part.
    #[error("the body ends before its closing boundary")]
    Truncated,
}

/// What the header of a part says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartHeader {
    /// `Content-Type`, if there is a readable one.
    pub media_type: Option<MediaType>,
    /// `Content-Location`: a name that others use for the part, and nothing else.
    pub location: Option<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    PartBegins(PartHeader),
    /// Bytes of the part.
    Data(Bytes),
    /// The part is complete.
    PartEnds,
    /// The closing boundary was read: nothing follows.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    Header,
    Body,
    Epilogue,
}

/// A reader of one body.
#[derive(Debug)]
pub struct MultipartReader {
    limits: MultipartLimits,
    /// CRLF, two dashes and the boundary.
    delimiter: memmem::Finder<'static>,
    buffer: BytesMut,
    state: State,
    /// Leading bytes of the buffer that belong to a header: a delimiter may begin in them, data does not.
    header_bytes: usize,
    /// Before this place of the buffer no delimiter begins.
    searched: usize,
    parts: usize,
    preamble_bytes: usize,
    /// What is told after the event before.
    pending: Option<Event>,
}

/// What the bytes behind a boundary make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// A part follows after so many bytes, delimiter included.
    NextPart(usize),
    /// The last one.
    Close,
    /// The bytes are still to come.
    Unknown,
}

impl MultipartReader {
    /// A reader for the boundary that a `Content-Type` names.
    pub fn new(content_type: &MediaType, limits: MultipartLimits) -> Result<Self, MultipartError> {
        let boundary = content_type.parameter("boundary").unwrap_or_default().trim_end();
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY_BYTES {
            return Err(MultipartError::NoBoundary);
        }
        Ok(Self {
            limits,
            delimiter: memmem::Finder::new(&format!("\r\n--{boundary}")).into_owned(),
            // The first boundary may stand at the very beginning: as if a line had ended before.
            buffer: BytesMut::from(&b"\r\n"[..]),
            state: State::Preamble,
            header_bytes: 2,
            searched: 0,
            parts: 0,
            preamble_bytes: 0,
            pending: None,
        })
    }

    /// Takes bytes of the body. Pull [`Self::next_event`] until it has none before pushing again.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.state != State::Epilogue {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next event that the pushed bytes hold, or `None` if more are needed.
    pub fn next_event(&mut self) -> Result<Option<Event>, MultipartError> {
        if let Some(event) = self.pending.take() {
            return Ok(Some(event));
        }
        match self.state {
            State::Preamble => self.preamble(),
            State::Header => self.header(),
            State::Body => Ok(self.body()),
            State::Epilogue => Ok(None),
        }
    }

    /// The body has ended: an error unless its closing boundary was read.
    pub fn finish(&self) -> Result<(), MultipartError> {
        match self.state {
            State::Epilogue => Ok(()),
            State::Preamble => Err(MultipartError::NoFirstPart),
            State::Header | State::Body => Err(MultipartError::Truncated),
        }
    }

    fn preamble(&mut self) -> Result<Option<Event>, MultipartError> {
        let (before, delimiter) = self.locate();
        self.buffer.advance(before);
        self.searched -= before;
        self.preamble_bytes = self.preamble_bytes.saturating_add(before);
        if self.preamble_bytes > self.limits.max_preamble_bytes {
            return Err(MultipartError::NoFirstPart);
        }
        match delimiter {
            None | Some(Delimiter::Unknown) => Ok(None),
            Some(Delimiter::NextPart(length)) => {
                self.enter_header(length);
                self.header()
            }
            Some(Delimiter::Close) => {
                self.close();
                Ok(Some(Event::End))
            }
        }
    }

    fn header(&mut self) -> Result<Option<Event>, MultipartError> {
        let limit = self.limits.max_part_header_bytes;
        // A header may be empty: then the blank line that ends it stands at once.
        let end =
            if self.buffer.starts_with(b"\r\n") { Some(0) } else { memmem::find(&self.buffer, b"\r\n\r\n").map(|end| end + 2) };
        let end = match end {
            Some(end) if end <= limit => end,
            None if self.buffer.len() <= limit => return Ok(None),
            _ => return Err(MultipartError::HeaderTooLong),
        };
        self.parts += 1;
        if self.parts > self.limits.max_parts {
            return Err(MultipartError::TooManyParts);
        }
        let header = PartHeader::parse(&self.buffer.split_to(end));
        // The blank line stays in the buffer: behind an empty part it begins the next delimiter.
        self.header_bytes = 2;
        self.searched = 0;
        self.state = State::Body;
        Ok(Some(Event::PartBegins(header)))
    }

    fn body(&mut self) -> Option<Event> {
        let (before, delimiter) = self.locate();
        if before > self.header_bytes {
            self.buffer.advance(self.header_bytes);
            let data = self.buffer.split_to(before - self.header_bytes).freeze();
            self.searched -= before;
            self.header_bytes = 0;
            return Some(Event::Data(data));
        }
        match delimiter? {
            Delimiter::Unknown => None,
            Delimiter::NextPart(length) => {
                self.buffer.advance(before);
                self.enter_header(length);
                Some(Event::PartEnds)
            }
            Delimiter::Close => {
                self.close();
                self.pending = Some(Event::End);
                Some(Event::PartEnds)
            }
        }
    }

    /// How many leading bytes of the buffer are certainly no delimiter, and the delimiter behind them if there is one.
    fn locate(&mut self) -> (usize, Option<Delimiter>) {
        let length = self.delimiter.needle().len();
        while let Some(found) = self.buffer.get(self.searched..).and_then(|rest| self.delimiter.find(rest)) {
            let place = self.searched + found;
            self.searched = place;
            match following(&self.buffer[place + length..]) {
                Some(Delimiter::NextPart(more)) => return (place, Some(Delimiter::NextPart(length + more))),
                Some(delimiter) => return (place, Some(delimiter)),
                None => self.searched = place + 1,
            }
        }
        self.searched = self.searched.max((self.buffer.len() + 1).saturating_sub(length));
        (self.searched.min(self.buffer.len()), None)
    }

    fn enter_header(&mut self, delimiter_bytes: usize) {
        self.buffer.advance(delimiter_bytes);
        self.searched = 0;
        self.state = State::Header;
    }

    fn close(&mut self) {
        self.state = State::Epilogue;
        self.buffer = BytesMut::new();
        self.searched = 0;
    }
}

/// What the bytes behind a boundary make of it; `None` if it is data that only looks like one.
fn following(rest: &[u8]) -> Option<Delimiter> {
    if rest.starts_with(b"--") {
        return Some(Delimiter::Close);
    }
    if b"--".starts_with(rest) {
        return Some(Delimiter::Unknown);
    }
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if padding > MAX_PADDING_BYTES {
        return None;
    }
    match &rest[padding..] {
        [b'\r', b'\n', ..] => Some(Delimiter::NextPart(padding + 2)),
        [] | [b'\r'] => Some(Delimiter::Unknown),
        _ => None,
    }
}

impl PartHeader {
    fn parse(header: &[u8]) -> Self {
        let Ok(header) = std::str::from_utf8(header) else { return Self::default() };
        let value_of = |wanted: &str| {
            let mut lines = header.split("\r\n").filter_map(|line| line.split_once(':'));
            lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        Self {
            media_type: value_of("content-type").and_then(MediaType::parse),
            location: value_of("content-location").filter(|value| !value.is_empty()).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Content type and bytes of each part, and how reading ended.
    type Read = (Vec<(String, Vec<u8>)>, Result<(), MultipartError>);

    fn read(boundary: &str, chunks: &[&[u8]], limits: MultipartLimits) -> Read {
        let content_type = MediaType::parse(&format!("multipart/related; boundary=\"{boundary}\"")).expect("a media type");
        let mut parts = Vec::new();
        let result = (|| {
            let mut reader = MultipartReader::new(&content_type, limits)?;
            let mut open = None;
            for chunk in chunks {
                reader.push(chunk);
                while let Some(event) = reader.next_event()? {
                    match event {
                        Event::PartBegins(PartHeader { media_type, location }) => {
                            assert!(open.is_none(), "a part begins inside another");
                            let essence = media_type.map(|m| m.essence).unwrap_or_default();
                            open = Some((
                                format!("{essence}{}", location.map(|at| format!(" at {at}")).unwrap_or_default()),
                                Vec::new(),
                            ));
                        }
                        Event::Data(bytes) => {
                            assert!(!bytes.is_empty());
                            open.as_mut().expect("data stands in a part").1.extend_from_slice(&bytes);
                        }
                        Event::PartEnds => parts.push(open.take().expect("a part ends that began")),
                        Event::End => assert!(open.is_none(), "the end comes after the last part"),
                    }
                }
            }
            reader.finish()
        })();
        (parts, result)
    }

    fn part(media_type: &str, data: &[u8]) -> (String, Vec<u8>) {
        (media_type.to_owned(), data.to_vec())
    }

    #[test]
    fn bodies_are_taken_apart_as_rfc_2046_has_it() {
        let limits = MultipartLimits { max_parts: 3, max_part_header_bytes: 64, max_preamble_bytes: 32 };
        let ok = |parts: &[(&str, &[u8])]| (parts.iter().map(|(m, d)| part(m, d)).collect::<Vec<_>>(), Ok(()));
        let failed = |parts: &[(&str, &[u8])], error| (parts.iter().map(|(m, d)| part(m, d)).collect::<Vec<_>>(), Err(error));
        for (body, expected) in [
            ("--b\r\nContent-Type: a/b\r\n\r\none\r\n--b--", ok(&[("a/b", b"one")])),
            ("\r\n--b\r\ncontent-type:A/B\r\n\r\none\r\n--b--\r\nepilogue", ok(&[("a/b", b"one")])),
            ("preamble\r\n--b \t\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", ok(&[("", b"one"), ("", b"two")])),
            ("--b\r\nContent-location:  x:y \r\nContent-Type: a/b\r\n\r\none\r\n--b--", ok(&[("a/b at x:y", b"one")])),
            ("--b\r\n\r\n\r\n--b\r\n\r\n\r\n\r\n--b--", ok(&[("", b""), ("", b"\r\n")])),
            ("--b\r\n\r\n\r\n--bb\r\n--b-\r\n--b--", ok(&[("", b"\r\n--bb\r\n--b-")])),
            ("--b\r\nX: y\r\nContent-Type: a/b; c=d\r\n\r\n-\r\n--\r\n--b--", ok(&[("a/b", b"-\r\n--")])),
            ("--b\r\nContent-Type: a/b\r\n\r\n--b--", ok(&[("a/b", b"")])),
            ("--b--", ok(&[])),
            ("", failed(&[], MultipartError::NoFirstPart)),
            ("no boundary at all, and then much more text", failed(&[], MultipartError::NoFirstPart)),
            ("--b\r\n\r\none", failed(&[], MultipartError::Truncated)),
            ("--b\r\n\r\none\r\n--b\r\n", failed(&[("", b"one")], MultipartError::Truncated)),
            ("--b\r\n\r\none\r\n--b", failed(&[], MultipartError::Truncated)),
            (
                "--b\r\nContent-Type: a/b; padding=0123456789012345678901234567890123456789\r\n\r\none\r\n--b--",
                failed(&[], MultipartError::HeaderTooLong),
            ),
            (
                "--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b\r\n\r\n4\r\n--b--",
                failed(&[("", b"1"), ("", b"2"), ("", b"3")], MultipartError::TooManyParts),
            ),
        ] {
            assert_eq!(read("b", &[body.as_bytes()], limits), expected, "{body:?}");
            let single_bytes: Vec<_> = body.as_bytes().chunks(1).collect();
            assert_eq!(read("b", &single_bytes, limits), expected, "{body:?} byte by byte");
        }
    }

    #[test]
    fn a_content_type_without_a_usable_boundary_is_refused() {
        for text in ["multipart/related", "multipart/related; boundary=", "multipart/related; boundary=\"\""] {
            let content_type = MediaType::parse(text).expect("a media type");
            let error = MultipartReader::new(&content_type, MultipartLimits::default()).err();
            assert_eq!(error, Some(MultipartError::NoBoundary), "{text}");
        }
        assert_eq!(read(&"b".repeat(71), &[], MultipartLimits::default()).1, Err(MultipartError::NoBoundary));
    }

    #[test]
    fn an_endless_header_and_an_endless_part_do_not_grow_the_buffer() {
        let content_type = MediaType::parse("multipart/related; boundary=b").expect("a media type");
        let mut reader = MultipartReader::new(&content_type, MultipartLimits::default()).expect("a reader");
        reader.push(b"--b\r\n\r\n");
        let chunk = vec![b'\r'; 64 * 1024];
        for _ in 0..64 {
            reader.push(&chunk);
            while reader.next_event().expect("data is no error").is_some() {}
            assert!(reader.buffer.len() < 128);
        }

        let mut reader = MultipartReader::new(&content_type, MultipartLimits::default()).expect("a reader");
        reader.push(b"--b\r\n");
        reader.push(&chunk);
        assert_eq!(reader.next_event(), Err(MultipartError::HeaderTooLong));
    }

    proptest! {
        #[test]
        fn any_parts_in_any_chunks_come_back_whole(
            parts in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"\r\n-b x"[..]), 0..40), 0..5),
            cuts in prop::collection::vec(0usize..400, 0..20),
        ) {
            let boundary = "b-boundary-b";
            let mut body = Vec::new();
            for data in &parts {
                body.extend_from_slice(format!("--{boundary}\r\nContent-Type: a/b\r\n\r\n").as_bytes());
                body.extend_from_slice(data);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(format!("--{boundary}--").as_bytes());
            let mut places: Vec<_> = cuts.into_iter().map(|cut| cut.min(body.len())).collect();
            places.push(0);
            places.push(body.len());
            places.sort_unstable();
            let chunks: Vec<_> = places.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
            let expected: Vec<_> = parts.iter().map(|data| part("a/b", data)).collect();
            prop_assert_eq!(read(boundary, &chunks, MultipartLimits::default()), (expected, Ok(())));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(prop::sample::select(&b"\r\n-b:"[..]), 0..200)) {
            let whole = read("b", &[&bytes], MultipartLimits::default());
            let single_bytes: Vec<_> = bytes.chunks(1).collect();
            prop_assert_eq!(whole, read("b", &single_bytes, MultipartLimits::default()));
        }
    }
}
