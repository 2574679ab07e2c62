//! What an archive shows of an instance in place of what its machine sent: text read in a character set that nobody declared,
//! and coerced attributes (PS3.4 B.4.1.3, Coercion of Attributes). The stored bytes stay as they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attribute::Tag;

macro_rules! character_sets {
    ($($(#[$doc:meta])* $name:ident $word:literal)*) => {
        /// A character set of Vietnam, that of UTF-8 included, which machines use without saying so.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum AssumedCharacterSet {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl AssumedCharacterSet {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word that settings use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

character_sets! {
    /// UTF-8.
    Utf8 "utf-8"
    /// TCVN 5712:1993 VN3, also called ABC.
    Tcvn3 "tcvn3"
    /// VNI for Windows.
    Vni "vni"
    /// VISCII (RFC 1456).
    Viscii "viscii"
    /// Windows-1258.
    Windows1258 "windows-1258"
}

/// Which texts of a machine are read in the assumed character set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppliesTo {
    /// Those of which Specific Character Set (0008,0005) says nothing, or ASCII.
    #[default]
    Undeclared,
    /// All: the machine declares what is not so.
    All,
}

/// How texts of a machine are read that does not say, or says wrongly, how they are written. What is Latin text in UTF-8 is
/// UTF-8 all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharacterSetRepair {
    /// The character set.
    pub assume: AssumedCharacterSet,
    /// Where.
    #[serde(default)]
    pub applies_to: AppliesTo,
}

/// What is shown of one stored copy in place of what its bytes say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coercion {
    /// How its texts are read; absent where that changes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub character_set: Option<CharacterSetRepair>,
    /// Texts of the data set itself, of several values with backslashes between; `None` where the attribute is taken away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changed: BTreeMap<Tag, Option<String>>,
}

impl Coercion {
    /// Whether all is as the bytes say.
    pub fn is_nothing(&self) -> bool {
        self.character_set.is_none() && self.changed.is_empty()
    }

    /// Whether it needs letters that the character set of the stored copy may not have.
    pub fn needs_unicode(&self) -> bool {
        self.character_set.is_some() || self.changed.values().flatten().any(|text| !text.is_ascii())
    }
}

/// A rule of coercion as people write it; what it may say is known to `filmless_dicom::coercion::CoercionRule`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WrittenRule {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<WrittenCondition>,
    /// Which attribute is changed: a keyword or eight hexadecimal digits.
    pub attribute: String,
    /// The word of what becomes of it.
    pub action: String,
    /// What it is set to, or what stands in front of it or behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// What becomes what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, String>>,
}

/// A condition of such a rule: an attribute, and one of the tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WrittenCondition {
    /// Which: a keyword or eight hexadecimal digits.
    pub attribute: String,
    /// One of its values is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// One of its values is like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Whether it is missing; only true is a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_character_sets_are_read_back() {
        for set in AssumedCharacterSet::ALL {
            assert_eq!(AssumedCharacterSet::parse(set.as_str()), Some(*set));
        }
        assert_eq!(AssumedCharacterSet::parse("latin-1"), None);
    }

    #[test]
    fn what_needs_unicode_is_told() {
        let changed = |text: Option<&str>| Coercion {
            changed: BTreeMap::from([(Tag(0x0010, 0x0010), text.map(str::to_owned))]),
            ..Coercion::default()
        };
        assert!(Coercion::default().is_nothing() && !Coercion::default().needs_unicode());
        assert!(!changed(None).is_nothing() && !changed(None).needs_unicode());
        assert!(!changed(Some("A^B")).needs_unicode() && changed(Some("Đỗ")).needs_unicode());
    }
}
