//! Forwarding: the places that instances go to by themselves, and the rules that say which go where.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ae_title::AeTitle;
use crate::coercion::WrittenRule;
use crate::uid::TransferSyntaxUid;

mod hours;

pub use hours::Hours;

/// The longest name of a destination or a rule, in bytes.
pub const MAX_NAME_LENGTH: usize = 64;

/// The name of a destination or a rule, as people gave it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ForwardingName(Box<str>);

/// Why a text is not such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_NAME_LENGTH} bytes and no slash")]
pub struct ForwardingNameError;

impl ForwardingName {
    /// Checks a name and removes spaces around it.
    pub fn parse(text: &str) -> Result<Self, ForwardingNameError> {
        let text = text.trim();
        let illegal = |c: char| c.is_control() || c == '/' || c == '\\';
        if text.is_empty() || text.len() > MAX_NAME_LENGTH || text.contains(illegal) || matches!(text, "." | "..") {
            return Err(ForwardingNameError);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ForwardingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ForwardingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForwardingName({})", self.0)
    }
}

impl std::str::FromStr for ForwardingName {
    type Err = ForwardingNameError;

    fn from_str(text: &str) -> Result<Self, ForwardingNameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ForwardingName {
    type Error = ForwardingNameError;

    fn try_from(text: String) -> Result<Self, ForwardingNameError> {
        Self::parse(&text)
    }
}

impl From<ForwardingName> for String {
    fn from(name: ForwardingName) -> String {
        name.0.into()
    }
}

/// A place that instances go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// What it is called.
    pub name: ForwardingName,
    /// Where it is, and how it is spoken to.
    pub target: Target,
    /// Whether anything is sent. What is to go there waits until it is.
    #[serde(default = "yes")]
    pub active: bool,
    /// How many associations or requests may be open at once, from 1 to [`Destination::MAX_PARALLEL`].
    #[serde(default = "two")]
    pub parallel: u8,
    /// How many bytes a second may be sent to it; as many as go through if absent.
    #[serde(default)]
    pub bytes_per_second: Option<u32>,
    /// When it may be sent to; always if absent.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Whether what was sent counts only once the peer vouches for it (PS3.4 annex J, Storage Commitment).
    #[serde(default)]
    pub commit: bool,
    /// What is changed in the copies that go there; the stored instances stay as they are.
    #[serde(default)]
    pub coercion: Vec<WrittenRule>,
}

impl Destination {
    /// The most associations or requests at once.
    pub const MAX_PARALLEL: u8 = 16;
    /// The slowest that can be asked for, in bytes a second.
    pub const MIN_BYTES_PER_SECOND: u32 = 1024;

    /// A destination with nothing set but its name and its target.
    pub fn new(name: ForwardingName, target: Target) -> Self {
        Self {
            name,
            target,
            active: true,
            parallel: two(),
            bytes_per_second: None,
            hours: None,
            commit: false,
            coercion: Vec::new(),
        }
    }

    /// Says in words what is wrong with it, if anything.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=Self::MAX_PARALLEL).contains(&self.parallel) {
            return Err(format!("parallel is from 1 to {}", Self::MAX_PARALLEL));
        }
        if self.bytes_per_second.is_some_and(|rate| rate < Self::MIN_BYTES_PER_SECOND) {
            return Err(format!("bytes_per_second is {} or more", Self::MIN_BYTES_PER_SECOND));
        }
        if self.commit && !matches!(self.target, Target::Peer(_)) {
            return Err("only a peer can be asked to commit".to_owned());
        }
        Ok(())
    }
}

/// Where a destination is, and how it is spoken to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A peer, by C-STORE (PS3.4 annex B), where it is recorded and in the transfer syntaxes that are set for it.
    Peer(AeTitle),
    /// A web service, by STOW-RS (PS3.18 section 10.5, Store Transaction).
    Web {
        /// The resource that instances are stored to, as `https://pacs.example/dicom-web/studies`.
        url: String,
        /// The Authorization header field, as `Bearer …`. It is never shown again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        authorization: Option<String>,
        /// What instances become on the way, without loss, if they can; as they are stored if absent.
        #[serde(default)]
        transfer_syntax: Option<TransferSyntaxUid>,
    },
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(ae_title) => write!(f, "Peer({ae_title})"),
            Self::Web { url, .. } => write!(f, "Web({url})"),
        }
    }
}

/// Which instances go where: those that a peer of `peers` stored within `hours`, and that fit all conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called.
    pub name: ForwardingName,
    /// Whether it is followed. A new one is tried first.
    #[serde(default)]
    pub active: bool,
    /// Who stored them; anybody, by whichever door, if empty.
    #[serde(default)]
    pub peers: Vec<AeTitle>,
    /// What their headers say.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// When they were stored; at any time if absent.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Where they go.
    pub destinations: Vec<ForwardingName>,
}

impl Rule {
    /// The most conditions and the most destinations of a rule.
    pub const MAX_PARTS: usize = 32;

    /// Says in words what is wrong with it, if anything. Attributes are not looked at.
    pub fn check(&self) -> Result<(), String> {
        if self.destinations.is_empty() {
            return Err("a rule needs a destination".to_owned());
        }
        let parts = [self.destinations.len(), self.conditions.len(), self.peers.len()];
        let values = self.conditions.iter().map(|condition| condition.values.len());
        if parts.into_iter().chain(values).any(|length| length > Self::MAX_PARTS) {
            return Err(format!("a rule has at most {} of each", Self::MAX_PARTS));
        }
        Ok(())
    }
}

/// What an attribute must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A keyword, a tag, or several with points between them for one within sequences.
    pub attribute: String,
    /// What one of its values must be like: `*` stands for any run of characters, `?` for one; marks and case do not count.
    /// If there are none, the attribute must be absent or empty.
    pub values: Vec<String>,
    /// The other way round: it must not be like this.
    #[serde(default)]
    pub not: bool,
}

fn yes() -> bool {
    true
}

fn two() -> u8 {
    2
}

/// How far an instance is on its way to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForwardState {
    /// It is to be sent.
    Waiting,
    /// The destination has taken it, and is still to vouch for it.
    Unproven,
    /// The destination has it.
    Sent,
    /// It cannot be sent; somebody has to look.
    Failed,
}

impl ForwardState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Unproven, Self::Sent, Self::Failed];

    /// The word in the table and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Unproven => "unproven",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_no_paths() {
        assert_eq!(ForwardingName::parse(" Bệnh viện tỉnh ").expect("a name").as_str(), "Bệnh viện tỉnh");
        for text in ["", "  ", "a/b", "a\\b", "..", "a\nb", &"x".repeat(65)] {
            assert_eq!(ForwardingName::parse(text), Err(ForwardingNameError), "{text:?}");
        }
    }

    #[test]
    fn a_secret_is_not_in_the_words_of_a_log() {
        let target = Target::Web {
            url: "https://a.example/studies".to_owned(),
            authorization: Some("Bearer abc".to_owned()),
            transfer_syntax: None,
        };
        assert_eq!(format!("{target:?}"), "Web(https://a.example/studies)");
    }
}
