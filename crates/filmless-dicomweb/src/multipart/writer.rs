//! Writes `multipart/related`: boundaries, part headers and closing lines, whose lengths are known before any
//! representation is read, so that answers can say their length.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;

/// A boundary: the same whenever the same versions go out in the same form, so that byte ranges of one answer join.
///
/// It is made from version ids, which the archive chooses after a peer's bytes are sealed: no file can be written
/// that holds its own boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// The boundary for what `identity` identifies.
    pub fn of(identity: &impl Hash) -> Self {
        let half = |salt: &str| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            identity.hash(&mut hasher);
            hasher.finish()
        };
        Self(format!("filmless-{:016x}{:016x}", half("first"), half("second")))
    }

    /// The text between the dashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Content-Type` of the whole answer.
    pub fn content_type(&self, part_type: &str) -> String {
        format!("multipart/related; type=\"{part_type}\"; boundary={}", self.0)
    }

    /// The line and header that stand before a part. Header names are spelled as in the standard's examples:
    /// a client in wide use finds `Content-Type:` only so.
    pub fn before_part(&self, is_first: bool, content_type: &str, length: Option<u64>, location: Option<&str>) -> Bytes {
        let mut text = String::with_capacity(256);
        text.push_str(if is_first { "--" } else { "\r\n--" });
        text.push_str(&self.0);
        text.push_str("\r\nContent-Type: ");
        text.push_str(content_type);
        if let Some(length) = length {
            write!(text, "\r\nContent-Length: {length}").expect("writing to a string cannot fail");
        }
        if let Some(location) = location {
            text.push_str("\r\nContent-Location: ");
            text.push_str(location);
        }
        text.push_str("\r\n\r\n");
        text.into()
    }

    /// What stands behind the last part.
    pub fn end(&self) -> Bytes {
        format!("\r\n--{}--\r\n", self.0).into()
    }

    /// A whole body of parts that are at hand.
    pub fn join(&self, content_type: &str, parts: &[Bytes]) -> Vec<u8> {
        let mut body = Vec::with_capacity(parts.iter().map(|part| part.len() + 256).sum::<usize>() + 64);
        for (place, part) in parts.iter().enumerate() {
            body.extend_from_slice(&self.before_part(place == 0, content_type, Some(part.len() as u64), None));
            body.extend_from_slice(part);
        }
        body.extend_from_slice(&self.end());
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_depends_on_the_identity_alone() {
        assert_eq!(Boundary::of(&("a", 1)), Boundary::of(&("a", 1)));
        assert_ne!(Boundary::of(&("a", 1)), Boundary::of(&("a", 2)));
        let boundary = Boundary::of(&"x");
        assert!(boundary.as_str().len() <= 70, "RFC 2046 allows 70 characters");
        assert!(boundary.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    }

    #[test]
    fn a_body_is_spelled_as_the_standard_shows_it() {
        let boundary = Boundary::of(&"x");
        let b = boundary.as_str();
        let body = boundary.join("image/jls; transfer-syntax=1.2.3", &[Bytes::from_static(b"one"), Bytes::from_static(b"")]);
        let expected = format!(
            "--{b}\r\nContent-Type: image/jls; transfer-syntax=1.2.3\r\nContent-Length: 3\r\n\r\none\
             \r\n--{b}\r\nContent-Type: image/jls; transfer-syntax=1.2.3\r\nContent-Length: 0\r\n\r\n\
             \r\n--{b}--\r\n"
        );
        assert_eq!(String::from_utf8(body).expect("text"), expected);
    }
}
