//! Entity tags, conditional requests and byte ranges (RFC 9110 sections 8.8.3, 13 and 14), for answers whose whole
//! content is at hand and for those that are streamed.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;

use crate::problem::Problem;

/// An entity tag as it stands in headers, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// A tag that changes whenever a byte does. Its text is ours: hexadecimal digits of a hash.
    pub fn strong(identity: &impl Hash) -> Self {
        Self(format!("\"{}\"", hash(identity)))
    }

    /// A tag for content that may be compressed on its way.
    pub fn weak(identity: &impl Hash) -> Self {
        Self(format!("W/\"{}\"", hash(identity)))
    }

    fn header(&self) -> HeaderValue {
        HeaderValue::try_from(self.0.as_str()).expect("a tag is hexadecimal digits and quotes")
    }

    /// Whether the client has this content already (RFC 9110 section 13.1.2, If-None-Match).
    fn is_known_to(&self, headers: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let own = opaque(&self.0);
        let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == own)
    }
}

fn hash(identity: &impl Hash) -> String {
    // The same for all processes of one build; after another build clients fetch once more.
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// How long a client may use an answer without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It must ask each time.
    AskAlways,
    /// It need not ask for so long.
    For(Duration),
}

/// What all answers about one content have in common.
#[derive(Debug, Clone)]
pub struct Representation {
    /// `Content-Type`.
    pub content_type: String,
    /// `ETag`.
    pub tag: EntityTag,
    /// `Cache-Control`. Answers are always private: they depend on who asks.
    pub freshness: Freshness,
}

impl Representation {
    /// `304 Not Modified` if the client has the content already.
    pub fn not_modified(&self, headers: &HeaderMap) -> Option<Response> {
        self.tag.is_known_to(headers).then(|| {
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            self.write_headers(response.headers_mut());
            response.headers_mut().remove(header::CONTENT_TYPE);
            response
        })
    }

    /// An answer with a body of a known length or none.
    pub fn stream(&self, status: StatusCode, length: Option<u64>, body: Body) -> Response {
        let mut response = (status, body).into_response();
        self.write_headers(response.headers_mut());
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }

    /// An answer with the content or with the range of it that is asked for.
    pub fn whole_or_range(&self, headers: &HeaderMap, content: Bytes) -> Result<Response, Problem> {
        let length = content.len() as u64;
        let Some(span) = self.requested_span(headers, length)? else {
            let mut response = self.stream(StatusCode::OK, Some(length), Body::from(content));
            response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            return Ok(response);
        };
        let (first, last) = (to_index(span.first), to_index(span.last));
        Ok(self.range(span, length, Body::from(content.slice(first..=last))))
    }

    /// The same for content in pieces, which are put together for a range only: a copy of a frame costs as much as reading it.
    pub fn pieces_or_range(&self, headers: &HeaderMap, pieces: Vec<Bytes>) -> Result<Response, Problem> {
        if headers.contains_key(header::RANGE) {
            return self.whole_or_range(headers, pieces.concat().into());
        }
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        let body = Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)));
        let mut response = self.stream(StatusCode::OK, Some(length), body);
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        Ok(response)
    }

    /// `206 Partial Content`.
    pub fn range(&self, span: Span, length: u64, body: Body) -> Response {
        let mut response = self.stream(StatusCode::PARTIAL_CONTENT, Some(span.last - span.first + 1), body);
        let content_range = format!("bytes {}-{}/{length}", span.first, span.last);
        let content_range = HeaderValue::try_from(content_range).expect("digits are legal in a header");
        response.headers_mut().insert(header::CONTENT_RANGE, content_range);
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        response
    }

    /// The range that is asked for. Several ranges at once, other units and malformed ranges are answered in full,
    /// as RFC 9110 section 14.2 permits.
    pub fn requested_span(&self, headers: &HeaderMap, length: u64) -> Result<Option<Span>, Problem> {
        if headers.get(header::IF_RANGE).is_some_and(|value| value.as_bytes() != self.tag.0.as_bytes()) {
            return Ok(None);
        }
        let text = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        let Some((first, last)) = text.and_then(|text| text.strip_prefix("bytes=")?.trim().split_once('-')) else {
            return Ok(None);
        };
        let digits = |text: &str| {
            (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u64>().ok())?
        };
        let span = match (first, last) {
            ("", suffix) => match digits(suffix) {
                Some(0) => return Err(Problem::RangeNotSatisfiable { length }),
                Some(suffix) => Span { first: length.saturating_sub(suffix), last: length.saturating_sub(1) },
                None => return Ok(None),
            },
            (first, "") => match digits(first) {
                Some(first) => Span { first, last: length.saturating_sub(1) },
                None => return Ok(None),
            },
            (first, last) => match (digits(first), digits(last)) {
                (Some(first), Some(last)) if first <= last => Span { first, last: last.min(length.saturating_sub(1)) },
                _ => return Ok(None),
            },
        };
        if span.first >= length {
            return Err(Problem::RangeNotSatisfiable { length });
        }
        Ok(Some(span))
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        let cache_control = match self.freshness {
            Freshness::AskAlways => "private, no-cache".to_owned(),
            Freshness::For(time) => format!("private, max-age={}", time.as_secs()),
        };
        let content_type =
            HeaderValue::try_from(self.content_type.as_str()).expect("content types are made of our own words and UIDs");
        headers.insert(header::CONTENT_TYPE, content_type);
        headers
            .insert(header::CACHE_CONTROL, HeaderValue::try_from(cache_control).expect("words and digits are legal in a header"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        headers.insert(header::ETAG, self.tag.header());
    }
}

/// A range of bytes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

/// A place within bytes that are in memory.
fn to_index(place: u64) -> usize {
    usize::try_from(place).expect("the place lies within bytes in memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn representation() -> Representation {
        Representation {
            content_type: "application/octet-stream".to_owned(),
            tag: EntityTag::strong(&"content"),
            freshness: Freshness::AskAlways,
        }
    }

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).expect("a header value"))).collect()
    }

    #[test]
    fn one_range_of_bytes_is_honoured_and_everything_else_answered_in_full() {
        for (text, expected) in [
            ("bytes=0-3", Ok(Some((0, 3)))),
            ("bytes=4-", Ok(Some((4, 9)))),
            ("bytes=-3", Ok(Some((7, 9)))),
            ("bytes=-30", Ok(Some((0, 9)))),
            ("bytes=9-100", Ok(Some((9, 9)))),
            ("bytes=10-", Err(())),
            ("bytes=-0", Err(())),
            ("bytes=3-2", Ok(None)),
            ("bytes=0-1,4-5", Ok(None)),
            ("bytes=a-b", Ok(None)),
            ("bytes=", Ok(None)),
            ("items=0-1", Ok(None)),
            ("bytes=99999999999999999999-", Ok(None)),
        ] {
            let span = representation().requested_span(&headers(&[(header::RANGE, text)]), 10);
            assert_eq!(span.map(|span| span.map(|s| (s.first, s.last))).map_err(drop), expected, "{text}");
        }
        let span = representation().requested_span(&headers(&[(header::RANGE, "bytes=0-")]), 0);
        assert!(matches!(span, Err(Problem::RangeNotSatisfiable { length: 0 })));
    }

    #[test]
    fn if_range_honours_the_range_of_the_same_content_only() {
        let own = representation().tag.0;
        for (tag, expected) in [(own.as_str(), true), ("\"other\"", false), ("Wed, 21 Oct 2015 07:28:00 GMT", false)] {
            let headers = headers(&[(header::RANGE, "bytes=0-0"), (header::IF_RANGE, tag)]);
            let span = representation().requested_span(&headers, 10).expect("no problem");
            assert_eq!(span.is_some(), expected, "{tag}");
        }
    }

    #[test]
    fn content_that_the_client_has_is_not_sent_again() {
        let own = representation().tag.0;
        for (value, expected) in [
            (own.clone(), true),
            (format!("W/{own}"), true),
            (format!("\"other\", {own}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
        ] {
            let response = representation().not_modified(&headers(&[(header::IF_NONE_MATCH, &value)]));
            assert_eq!(response.is_some(), expected, "{value}");
        }
    }
}
