//! What people who read set for themselves: names of settings. What their values mean, the viewer knows.

use std::fmt;

/// The longest name, in bytes.
pub const MAX_NAME_LENGTH: usize = 64;
/// The longest value, in bytes of JSON.
pub const MAX_VALUE_BYTES: usize = 16 * 1024;
/// The most settings of one account.
pub const MAX_SETTINGS: u32 = 100;

/// The name of a setting: lower-case letters, digits and `.-_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SettingName(Box<str>);

/// Why a text is no name of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a setting has 1 to {MAX_NAME_LENGTH} lower-case letters, digits and .-_")]
pub struct SettingNameError;

impl SettingName {
    /// Checks a name.
    pub fn parse(text: &str) -> Result<Self, SettingNameError> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b);
        if text.is_empty() || text.len() > MAX_NAME_LENGTH || !text.bytes().all(legal) {
            return Err(SettingNameError);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SettingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        let longest = "a".repeat(MAX_NAME_LENGTH);
        for text in ["theme", "hanging.0f-9_", longest.as_str()] {
            assert_eq!(SettingName::parse(text).expect("legal").as_str(), text);
        }
        let longer = "a".repeat(MAX_NAME_LENGTH + 1);
        for text in ["", "Theme", "a/b", "ngực", "a\0", longer.as_str()] {
            assert_eq!(SettingName::parse(text), Err(SettingNameError), "{text:?}");
        }
    }
}
