//! The Status (0000,0900) of a response with its comment (PS3.7 annex C, Status Type Encoding; PS3.4 section B.2.3).

use filmless_model::store_outcome::StoreFailure;

use crate::command::{CommandSet, CommandTag};

/// What a response says about how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    code: u16,
    comment: Option<String>,
    offending: &'static [CommandTag],
}

impl Status {
    /// Success.
    pub(crate) const SUCCESS: Self = Self { code: 0x0000, comment: None, offending: &[] };

    /// Invalid SOP Instance: the UID is missing or malformed.
    pub(crate) fn invalid_sop_instance() -> Self {
        const OFFENDING: &[CommandTag] = &[CommandTag::AFFECTED_SOP_INSTANCE_UID];
        Self::failure(0x0117, "Affected SOP Instance UID is missing or malformed", OFFENDING)
    }

    /// SOP Class not supported: not that of the presentation context.
    pub(crate) fn sop_class_not_supported() -> Self {
        const OFFENDING: &[CommandTag] = &[CommandTag::AFFECTED_SOP_CLASS_UID];
        Self::failure(0x0122, "SOP class is not that of the presentation context", OFFENDING)
    }

    /// Unrecognized operation: not a service of ours, or not one of this SOP Class.
    pub(crate) fn unrecognised_operation() -> Self {
        Self::failure(0x0211, "operation is not supported", &[CommandTag::COMMAND_FIELD])
    }

    /// Mistyped argument: a data set where none belongs, or none where one does.
    pub(crate) fn wrong_data_set_type() -> Self {
        const OFFENDING: &[CommandTag] = &[CommandTag::COMMAND_DATA_SET_TYPE];
        Self::failure(0x0212, "Command Data Set Type does not fit the operation", OFFENDING)
    }

    /// Pending: an answer comes with this response (PS3.4 table C.4-1, C-FIND Response Status Values).
    pub(crate) const PENDING: Self = Self { code: 0xFF00, comment: None, offending: &[] };

    /// Pending, and optional keys of the request are not supported.
    pub(crate) const PENDING_WITHOUT_SOME_KEYS: Self = Self { code: 0xFF01, comment: None, offending: &[] };

    /// Cancelled: the peer wanted no more answers.
    pub(crate) const CANCELLED: Self = Self { code: 0xFE00, comment: None, offending: &[] };

    /// Some sub-operations failed or gave a warning (PS3.4 table C.4-2, C-MOVE Response Status Values, and C.4-3 for C-GET).
    pub(crate) const SUB_OPERATIONS_WITH_FAILURES: Self = Self { code: 0xB000, comment: None, offending: &[] };

    /// Out of resources: unable to perform sub-operations.
    pub(crate) fn unable_to_perform_sub_operations(why: &str) -> Self {
        Self::failure(0xA702, why, &[])
    }

    /// Identifier does not match SOP Class: a key that must be there is not, or one that must not is.
    pub(crate) fn identifier_does_not_match(why: &str) -> Self {
        Self::failure(0xA900, why, &[])
    }

    /// Out of resources.
    pub(crate) fn out_of_resources(why: &str) -> Self {
        Self::failure(0xA700, why, &[])
    }

    /// Out of resources: unable to calculate number of matches.
    pub(crate) fn unable_to_calculate_matches() -> Self {
        Self::failure(0xA701, "the search failed", &[])
    }

    /// Unable to process: the identifier cannot be read.
    pub(crate) fn unable_to_process(why: &str) -> Self {
        Self::failure(0xC001, why, &[])
    }

    /// Refused: not authorized.
    pub(crate) fn not_authorised() -> Self {
        Self::failure(0x0124, "not authorised", &[])
    }

    fn failure(code: u16, comment: &str, offending: &'static [CommandTag]) -> Self {
        Self { code, comment: Some(self::comment(comment)), offending }
    }

    /// The number.
    pub(crate) fn code(&self) -> u16 {
        self.code
    }

    /// Whether the operation was done.
    pub(crate) fn is_success(&self) -> bool {
        self.code == 0
    }

    /// Puts the status into a response.
    pub(crate) fn write(&self, mut response: CommandSet) -> CommandSet {
        response = response.with_number(CommandTag::STATUS, self.code);
        if !self.offending.is_empty() {
            response = response.with_tags(CommandTag::OFFENDING_ELEMENT, self.offending);
        }
        match &self.comment {
            Some(comment) => response.with_long_string(CommandTag::ERROR_COMMENT, comment),
            None => response,
        }
    }
}

impl From<&StoreFailure> for Status {
    fn from(failure: &StoreFailure) -> Self {
        Self { code: failure.code(), comment: Some(comment(&failure.to_string())), offending: &[] }
    }
}

/// A text fit for VR LO: at most 64 characters of the default repertoire, without backslash.
fn comment(text: &str) -> String {
    const MAX_CHARACTERS: usize = 64;
    let legal = |c: char| if c.is_ascii() && !c.is_ascii_control() && c != '\\' { c } else { '?' };
    text.chars().take(MAX_CHARACTERS).map(legal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_failure_keeps_its_number_and_its_words_fit_an_error_comment() {
        let long = "x".repeat(100);
        for (failure, code, expected) in [
            (StoreFailure::NotAuthorised, 0x0124, "not authorised to store"),
            (StoreFailure::OutOfResources("disk\\\nfull".to_owned()), 0xA700, "out of resources: disk??full"),
            (StoreFailure::DataSetDoesNotMatch("phim Xquang é".to_owned()), 0xA900, "data set does not match: phim Xquang ?"),
            (StoreFailure::CannotUnderstand(long), 0xC000, &format!("cannot understand: {}", "x".repeat(45))),
        ] {
            let response = Status::from(&failure).write(CommandSet::default());
            assert_eq!(response.number(CommandTag::STATUS), Some(code));
            assert_eq!(response.text(CommandTag::ERROR_COMMENT), Some(expected));
            assert!(response.value(CommandTag::ERROR_COMMENT).is_some_and(|value| value.len() <= 64));
        }
    }

    #[test]
    fn the_offending_element_is_named() {
        let response = Status::sop_class_not_supported().write(CommandSet::default());
        assert_eq!(response.value(CommandTag::OFFENDING_ELEMENT).map(|value| &value[..]), Some(&[0, 0, 2, 0][..]));
        assert!(Status::SUCCESS.write(CommandSet::default()).value(CommandTag::ERROR_COMMENT).is_none());
    }
}
