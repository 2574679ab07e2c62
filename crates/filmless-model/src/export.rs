//! Pictures that leave the archive on paper, as a file or over the clipboard: each time is an act of its own (PS3.15 A.5.3.4,
//! Data Export, which counts printing among it), and kept before anything leaves.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use uuid::Uuid;

use crate::actor::Act;
use crate::uid::{SopInstanceUid, StudyInstanceUid};

/// As what pictures leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Pages to print.
    Pdf,
    /// A picture without loss.
    Png,
    /// A picture with loss.
    Jpeg,
    /// A moving picture in H.264.
    Mp4,
    /// A moving picture in VP9.
    Webm,
    /// A picture, copied.
    Clipboard,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Mp4, Self::Webm, Self::Clipboard];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
            Self::Clipboard => "clipboard",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// What must be permitted.
    pub fn act(self) -> Act {
        match self {
            Self::Pdf => Act::Print,
            Self::Png | Self::Jpeg | Self::Mp4 | Self::Webm | Self::Clipboard => Act::Export,
        }
    }
}

/// Letters and digits of codes, without those that are taken for one another on paper (Crockford's Base 32).
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a code: 60 bits, which nobody guesses.
const CODE_LENGTH: usize = 12;

/// What a print is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExportCode(String);

impl ExportCode {
    /// A code that nothing else has.
    pub fn generate() -> Self {
        // The lower 62 bits of a UUID of version 4 are random (RFC 9562 section 5.4).
        let mut bits = Uuid::new_v4().as_u128();
        let mut symbol = || {
            let symbol = SYMBOLS[usize::from(bits.to_le_bytes()[0] & 31)];
            bits >>= 5;
            char::from(symbol)
        };
        Self((0..CODE_LENGTH).map(|_| symbol()).collect())
    }

    /// As it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As it is kept.
impl FromStr for ExportCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let legal = text.len() == CODE_LENGTH && text.bytes().all(|byte| SYMBOLS.contains(&byte));
        if legal { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// As it is printed: in groups of four.
impl fmt::Display for ExportCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, rest) = self.0.split_at(4);
        let (second, third) = rest.split_at(4);
        write!(formatter, "{first}-{second}-{third}")
    }
}

/// One time that pictures of a study left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// What it is looked up by.
    pub code: ExportCode,
    /// Who took them: an account, or `operator`.
    pub exported_by: String,
    /// From which address.
    pub address: IpAddr,
    /// Of which study.
    pub study: StudyInstanceUid,
    /// As what.
    pub format: ExportFormat,
    /// How many.
    pub images: u64,
    /// The first of the instances, each once.
    pub instances: Vec<SopInstanceUid>,
    /// Whether the pictures say whose they are.
    pub with_identity: bool,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

impl Export {
    /// So many instances are kept by name.
    pub const NAMED_INSTANCES: usize = 100;
}

/// Which exports are looked for: those that meet all of this, where what is empty is met by any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportFilter {
    /// Of this study.
    pub study: Option<StudyInstanceUid>,
    /// Taken by this account.
    pub exported_by: String,
    /// Of studies that are here, of patients with this Patient ID (0010,0020).
    pub patient_id: String,
    /// At this time or later, in milliseconds since 1970-01-01T00:00:00Z.
    pub from_ms: Option<i64>,
    /// Before this time.
    pub until_ms: Option<i64>,
    /// Written down before this one: what follows it in a list that has the last first.
    pub before: Option<ExportCode>,
}

/// An export as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedExport {
    /// What was written down.
    pub export: Export,
    /// Whose the study is, as long as it is here.
    pub patient: Option<ExportedPatient>,
}

/// Whose pictures left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPatient {
    /// Patient ID (0010,0020).
    pub id: String,
    /// Patient's Name (0010,0010), if the study has one.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_back() {
        let (one, other) = (ExportCode::generate(), ExportCode::generate());
        assert_ne!(one, other);
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        assert_eq!(one.to_string().replace('-', ""), one.as_str());
        for wrong in ["", "0123456789A", "0123456789AI", "0123456789AB C"] {
            assert_eq!(wrong.parse::<ExportCode>(), Err(()), "{wrong:?}");
        }
    }

    #[test]
    fn formats_are_read_back() {
        for format in ExportFormat::ALL {
            assert_eq!(ExportFormat::parse(format.as_str()), Some(format));
        }
    }
}
