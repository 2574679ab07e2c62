//! What the hospital's own books say of a machine: to which department it belongs, whose patient IDs it writes, and under which
//! code its examinations are claimed. Nothing is derived from it here.

use std::fmt;

/// A text as VR LO has it: 1 to 64 characters, no backslash, no control character (PS3.5 table 6.2-1, DICOM Value
/// Representations).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongString(Box<str>);

impl LongString {
    /// The longest text, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Reads a text without the spaces around it; `None` if it is none of the sort.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_legal =
            !text.is_empty() && text.chars().count() <= Self::MAX_LENGTH && !text.contains(|c: char| c == '\\' || c.is_control());
        is_legal.then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LongString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code of a machine (mã máy) in claims to the health insurance of Vietnam: group, funding, facility and number, as
/// `CL.1.01234.5`; several of them with semicolons between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineCode(Box<str>);

impl MachineCode {
    /// The longest text, in characters: the width of the field `MA_MAY` of the claims.
    pub const MAX_LENGTH: usize = 1024;

    /// Reads one or several codes, each of four parts. Which groups there are is not checked: lists of them grow.
    pub fn parse(text: &str) -> Option<Self> {
        let codes: Vec<_> = text.split(';').map(str::trim).collect();
        let joined = codes.join(";");
        let is_legal = joined.chars().count() <= Self::MAX_LENGTH && codes.into_iter().all(is_code);
        is_legal.then(|| Self(joined.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MachineCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_code(text: &str) -> bool {
    /// Characters of the code of a facility.
    const FACILITY: usize = 5;
    let mut parts = text.splitn(4, '.');
    let (Some(group), Some(funding), Some(facility), Some(number)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    !group.is_empty()
        && group.chars().all(char::is_alphabetic)
        && matches!(funding, "1" | "2" | "3")
        && facility.len() == FACILITY
        && facility.bytes().all(|b| b.is_ascii_alphanumeric())
        && !number.is_empty()
        && !number.contains(char::is_control)
}

/// What is recorded of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Machine {
    /// Who issues the patient IDs that it writes.
    pub issuer_of_patient_id: Option<LongString>,
    /// The department it belongs to.
    pub department: Option<LongString>,
    /// Its code in claims.
    pub code: Option<MachineCode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_string_has_sixty_four_characters_whatever_their_bytes() {
        let letters = "ơ".repeat(64);
        for (text, expected) in [
            (" Khoa Chẩn đoán hình ảnh ", Some("Khoa Chẩn đoán hình ảnh")),
            (letters.as_str(), Some(letters.as_str())),
            (&"ơ".repeat(65), None),
            ("a\\b", None),
            ("a\nb", None),
            ("  ", None),
        ] {
            assert_eq!(LongString::parse(text).as_ref().map(LongString::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn a_machine_code_has_four_parts() {
        let many = vec!["CL.1.01234.5"; 80].join(";");
        for (text, expected) in [
            ("CL.1.01234.5", Some("CL.1.01234.5")),
            (" ĐT.3.79A01.SN-12.7 ; XQ.2.01234.2 ", Some("ĐT.3.79A01.SN-12.7;XQ.2.01234.2")),
            ("CL.4.01234.5", None),
            ("CL.1.1234.5", None),
            ("CL.1.01234.", None),
            ("CL.1.01234", None),
            (".1.01234.5", None),
            ("CL.1.01234.5;", None),
            ("CL.1.01234.5\n6", None),
            ("", None),
            (many.as_str(), None),
        ] {
            assert_eq!(MachineCode::parse(text).as_ref().map(MachineCode::as_str), expected, "{text:?}");
        }
    }
}
