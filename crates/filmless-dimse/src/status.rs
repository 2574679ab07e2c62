//! The Status (0000,0900) of a response with its comment (PS3.7 annex C, Status Type Encoding; PS3.4 section B.2.3).

use filmless_dicom::dictionary;
use filmless_model::attribute::Tag;
use filmless_model::store_outcome::StoreFailure;

use crate::command::{CommandSet, CommandTag};

/// What a response says about how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    code: u16,
    comment: Option<String>,
    offending: &'static [CommandTag],
    /// Error ID, where a service has numbers of its own for what went wrong.
    error_id: Option<u16>,
    /// Attribute Identifier List: the attributes of the data set that it is about.
    attributes: Vec<Tag>,
}

impl Status {
    /// Success.
    pub(crate) const SUCCESS: Self = Self::plain(0x0000);

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
    pub(crate) const PENDING: Self = Self::plain(0xFF00);

    /// Pending, and optional keys of the request are not supported.
    pub(crate) const PENDING_WITHOUT_SOME_KEYS: Self = Self::plain(0xFF01);

    /// Cancelled: the peer wanted no more answers.
    pub(crate) const CANCELLED: Self = Self::plain(0xFE00);

    /// Some sub-operations failed or gave a warning (PS3.4 table C.4-2, C-MOVE Response Status Values, and C.4-3 for C-GET).
    pub(crate) const SUB_OPERATIONS_WITH_FAILURES: Self = Self::plain(0xB000);

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

    /// Move Destination unknown.
    pub(crate) fn move_destination_unknown() -> Self {
        Self::failure(0xA801, "the destination is no peer with an address and a port", &[])
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

    /// Attribute list error, a warning: all was done but for these attributes.
    pub(crate) fn attribute_list_error(attributes: Vec<Tag>) -> Self {
        Self { attributes, ..Self::failure(0x0107, "attributes that may not be set were left as they are", &[]) }
    }

    /// Invalid attribute value.
    pub(crate) fn invalid_attribute_value(attribute: Tag) -> Self {
        Self::about(0x0106, "a wrong value of", attribute)
    }

    /// Missing attribute.
    pub(crate) fn missing_attribute(attribute: Tag) -> Self {
        Self::about(0x0120, "missing:", attribute)
    }

    /// Missing attribute value.
    pub(crate) fn missing_attribute_value(attribute: Tag) -> Self {
        Self::about(0x0121, "without a value:", attribute)
    }

    /// Processing failure.
    pub(crate) fn processing_failure(why: &str) -> Self {
        Self::failure(0x0110, why, &[])
    }

    /// Processing failure, in the words and with the number of PS3.4 section F.7.2.2.4 (Status Codes).
    pub(crate) fn step_has_ended() -> Self {
        const WORDS: &str = "Performed Procedure Step Object may no longer be updated";
        Self { error_id: Some(0xA501), ..Self::processing_failure(WORDS) }
    }

    /// Duplicate SOP Instance.
    pub(crate) fn duplicate_sop_instance() -> Self {
        Self::failure(0x0111, "there is such an instance already", &[CommandTag::AFFECTED_SOP_INSTANCE_UID])
    }

    /// No such SOP Instance.
    pub(crate) fn no_such_sop_instance() -> Self {
        Self::failure(0x0112, "there is no such instance", &[CommandTag::REQUESTED_SOP_INSTANCE_UID])
    }

    /// No such SOP Class: not one that the presentation context is for.
    pub(crate) fn no_such_sop_class(element: &'static [CommandTag]) -> Self {
        Self::failure(0x0118, "SOP class is not that of the presentation context", element)
    }

    /// Invalid argument value: of what an N-ACTION brings along.
    pub(crate) fn invalid_argument_value(attribute: Tag) -> Self {
        Self { attributes: Vec::new(), ..Self::about(0x0115, "missing or wrong:", attribute) }
    }

    /// No such action.
    pub(crate) fn no_such_action() -> Self {
        Self::failure(0x0123, "there is no such action", &[CommandTag::ACTION_TYPE_ID])
    }

    /// Resource limitation.
    pub(crate) fn resource_limitation(why: &str) -> Self {
        Self::failure(0x0213, why, &[])
    }

    fn about(code: u16, what: &str, attribute: Tag) -> Self {
        let Tag(group, element) = attribute;
        let name = dictionary::keyword(attribute).map_or_else(|| format!("({group:04X},{element:04X})"), str::to_owned);
        Self { attributes: vec![attribute], ..Self::failure(code, &format!("{what} {name}"), &[]) }
    }

    const fn plain(code: u16) -> Self {
        Self { code, comment: None, offending: &[], error_id: None, attributes: Vec::new() }
    }

    fn failure(code: u16, comment: &str, offending: &'static [CommandTag]) -> Self {
        Self { comment: Some(self::comment(comment)), offending, ..Self::plain(code) }
    }

    /// The number.
    pub(crate) fn code(&self) -> u16 {
        self.code
    }

    /// Why, if that is said.
    pub(crate) fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Whether the operation was done.
    pub(crate) fn is_success(&self) -> bool {
        const ATTRIBUTE_LIST_ERROR: u16 = 0x0107;
        [0, ATTRIBUTE_LIST_ERROR].contains(&self.code)
    }

    /// Puts the status into a response.
    pub(crate) fn write(&self, mut response: CommandSet) -> CommandSet {
        response = response.with_number(CommandTag::STATUS, self.code);
        if !self.offending.is_empty() {
            response = response.with_command_tags(CommandTag::OFFENDING_ELEMENT, self.offending);
        }
        if let Some(error_id) = self.error_id {
            response = response.with_number(CommandTag::ERROR_ID, error_id);
        }
        if !self.attributes.is_empty() {
            response = response.with_tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST, &self.attributes);
        }
        match &self.comment {
            Some(comment) => response.with_long_string(CommandTag::ERROR_COMMENT, comment),
            None => response,
        }
    }
}

/// What the status of a peer's response means (PS3.7 annex C.4, Status Type Encoding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Success,
    /// It did what it was asked to, but.
    Warning,
    /// More responses come.
    Pending,
    Cancelled,
    Failure,
}

impl Meaning {
    pub(crate) fn of(code: u16) -> Self {
        match code {
            0x0000 => Self::Success,
            0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF => Self::Warning,
            0xFF00 | 0xFF01 => Self::Pending,
            0xFE00 => Self::Cancelled,
            _ => Self::Failure,
        }
    }
}

impl From<&StoreFailure> for Status {
    fn from(failure: &StoreFailure) -> Self {
        Self::failure(failure.code(), &failure.to_string(), &[])
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
        let ended = Status::step_has_ended().write(CommandSet::default());
        assert_eq!((ended.number(CommandTag::STATUS), ended.number(CommandTag::ERROR_ID)), (Some(0x0110), Some(0xA501)));
        let missing = Status::missing_attribute(Tag(0x0040, 0x0253)).write(CommandSet::default());
        assert_eq!(missing.text(CommandTag::ERROR_COMMENT), Some("missing: PerformedProcedureStepID"));
        assert_eq!(missing.tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST), Some(vec![Tag(0x0040, 0x0253)]));
        assert!(Status::SUCCESS.write(CommandSet::default()).value(CommandTag::ERROR_COMMENT).is_none());
    }
}
