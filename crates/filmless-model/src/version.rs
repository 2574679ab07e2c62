//! One stored copy of an instance's bytes.

use std::fmt;

use uuid::Uuid;

/// Names a stored copy. Made by us, never from what a peer sent; sorts by the time it was made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionId(Uuid);

impl VersionId {
    /// A new name, unlike every other.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().filter(|uuid| uuid.get_version_num() == 7).map(Self)
    }

    /// The name in sixteen bytes, as [`VersionId::from_bytes`] reads them.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Reads sixteen bytes; `None` if they are no name, such as zeros.
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        Some(Uuid::from_bytes(bytes)).filter(|uuid| uuid.get_version_num() == 7).map(Self)
    }

    /// When the name was made: milliseconds since 1970-01-01T00:00:00Z.
    pub fn created_ms(&self) -> u64 {
        let bytes = self.0.as_bytes();
        bytes[..6].iter().fold(0, |ms, byte| ms << 8 | u64::from(*byte))
    }
}

impl Default for VersionId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionId({self})")
    }
}

/// SHA-256 of a stored copy, the file as `sha256sum` sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps the 32 bytes of a SHA-256.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_and_a_digest_are_read_back_from_their_text() {
        let version = VersionId::new();
        assert_eq!(VersionId::parse(&version.to_string()), Some(version));
        assert!(version.created_ms() > 1_700_000_000_000);
        assert_eq!(VersionId::parse("../../etc/passwd"), None);

        let digest = Digest::new(std::array::from_fn(|i| u8::try_from(i * 7).expect("31 * 7 < 256")));
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse(&"zz".repeat(32)), None);
    }
}
