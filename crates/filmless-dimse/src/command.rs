//! Command sets (PS3.7 section 6.3 and annex E, Command Dictionary): group 0000 in Implicit VR Little Endian.
//!
//! Bounded and lenient: elements may come in any order, and those that nobody asks for may hold anything. Nothing
//! outside group 0000 is taken.

use bytes::Bytes;
use filmless_model::attribute::Tag;

/// The longest command set that is read. Those of the standard stay below 1 KiB.
pub const MAX_COMMAND_SET_BYTES: usize = 64 * 1024;

/// An element of group 0000, by its element number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandTag(pub u16);

#[expect(missing_docs, reason = "the names of PS3.7 annex E")]
impl CommandTag {
    pub const GROUP_LENGTH: Self = Self(0x0000);
    pub const AFFECTED_SOP_CLASS_UID: Self = Self(0x0002);
    pub const REQUESTED_SOP_CLASS_UID: Self = Self(0x0003);
    pub const COMMAND_FIELD: Self = Self(0x0100);
    pub const MESSAGE_ID: Self = Self(0x0110);
    pub const MESSAGE_ID_BEING_RESPONDED_TO: Self = Self(0x0120);
    pub const MOVE_DESTINATION: Self = Self(0x0600);
    pub const PRIORITY: Self = Self(0x0700);
    pub const COMMAND_DATA_SET_TYPE: Self = Self(0x0800);
    pub const STATUS: Self = Self(0x0900);
    pub const OFFENDING_ELEMENT: Self = Self(0x0901);
    pub const ERROR_COMMENT: Self = Self(0x0902);
    pub const ERROR_ID: Self = Self(0x0903);
    pub const AFFECTED_SOP_INSTANCE_UID: Self = Self(0x1000);
    pub const REQUESTED_SOP_INSTANCE_UID: Self = Self(0x1001);
    pub const EVENT_TYPE_ID: Self = Self(0x1002);
    pub const ATTRIBUTE_IDENTIFIER_LIST: Self = Self(0x1005);
    pub const ACTION_TYPE_ID: Self = Self(0x1008);
    pub const NUMBER_OF_REMAINING_SUBOPERATIONS: Self = Self(0x1020);
    pub const NUMBER_OF_COMPLETED_SUBOPERATIONS: Self = Self(0x1021);
    pub const NUMBER_OF_FAILED_SUBOPERATIONS: Self = Self(0x1022);
    pub const NUMBER_OF_WARNING_SUBOPERATIONS: Self = Self(0x1023);
    pub const MOVE_ORIGINATOR_APPLICATION_ENTITY_TITLE: Self = Self(0x1030);
    pub const MOVE_ORIGINATOR_MESSAGE_ID: Self = Self(0x1031);
}

/// Command Field (0000,0100).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandField(pub u16);

#[expect(missing_docs, reason = "the names of PS3.7 table E.1-1")]
impl CommandField {
    pub const C_STORE_RQ: Self = Self(0x0001);
    pub const C_STORE_RSP: Self = Self(0x8001);
    pub const C_GET_RQ: Self = Self(0x0010);
    pub const C_FIND_RQ: Self = Self(0x0020);
    pub const C_MOVE_RQ: Self = Self(0x0021);
    pub const C_ECHO_RQ: Self = Self(0x0030);
    pub const C_ECHO_RSP: Self = Self(0x8030);
    pub const N_EVENT_REPORT_RQ: Self = Self(0x0100);
    pub const N_GET_RQ: Self = Self(0x0110);
    pub const N_SET_RQ: Self = Self(0x0120);
    pub const N_ACTION_RQ: Self = Self(0x0130);
    pub const N_CREATE_RQ: Self = Self(0x0140);
    pub const C_CANCEL_RQ: Self = Self(0x0FFF);

    /// Whether it answers a request.
    pub fn is_response(self) -> bool {
        self.0 & 0x8000 != 0
    }

    /// The field of the answer to this request.
    #[must_use]
    pub fn response(self) -> Self {
        Self(self.0 | 0x8000)
    }
}

impl CommandField {
    /// The name of PS3.7 table E.1-1; one name for all that it does not have.
    pub fn name(self) -> &'static str {
        match self.0 {
            0x0001 => "C-STORE-RQ",
            0x0010 => "C-GET-RQ",
            0x0020 => "C-FIND-RQ",
            0x0021 => "C-MOVE-RQ",
            0x0030 => "C-ECHO-RQ",
            0x0100 => "N-EVENT-REPORT-RQ",
            0x0110 => "N-GET-RQ",
            0x0120 => "N-SET-RQ",
            0x0130 => "N-ACTION-RQ",
            0x0140 => "N-CREATE-RQ",
            0x0150 => "N-DELETE-RQ",
            0x0FFF => "C-CANCEL-RQ",
            _ => "unknown",
        }
    }
}

/// Command Data Set Type (0000,0800) of a message without a data set; every other value says that one follows.
pub const NO_DATA_SET: u16 = 0x0101;

/// Command Data Set Type (0000,0800) of a message of ours that a data set follows.
pub const DATA_SET_FOLLOWS: u16 = 0x0001;

/// The bytes are not a command set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedCommandSet;

/// A command set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandSet {
    /// In the order of arrival, or of being put in; without the group length.
    elements: Vec<(CommandTag, Bytes)>,
}

impl CommandSet {
    /// Reads a command set.
    pub fn decode(mut bytes: Bytes) -> Result<Self, MalformedCommandSet> {
        if bytes.len() > MAX_COMMAND_SET_BYTES {
            return Err(MalformedCommandSet);
        }
        let mut elements = Vec::with_capacity(8);
        while !bytes.is_empty() {
            let header: [u8; 8] = *bytes.first_chunk().ok_or(MalformedCommandSet)?;
            let [g0, g1, e0, e1, a, b, c, d] = header;
            let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| MalformedCommandSet)?;
            if u16::from_le_bytes([g0, g1]) != 0 || length > bytes.len() - header.len() {
                return Err(MalformedCommandSet);
            }
            let _ = bytes.split_to(header.len());
            let value = bytes.split_to(length);
            let tag = CommandTag(u16::from_le_bytes([e0, e1]));
            // The group length is not needed: the last fragment says where the command set ends.
            if tag != CommandTag::GROUP_LENGTH {
                elements.push((tag, value));
            }
        }
        Ok(Self { elements })
    }

    /// Writes the command set: group length first, elements in ascending order.
    pub fn encode(&self) -> Vec<u8> {
        let mut elements: Vec<_> = self.elements.iter().collect();
        elements.sort_by_key(|(tag, _)| *tag);
        let length: usize = elements.iter().map(|(_, value)| 8 + value.len()).sum();
        let mut bytes = Vec::with_capacity(12 + length);
        let mut put = |tag: CommandTag, value: &[u8]| {
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(&tag.0.to_le_bytes());
            bytes.extend_from_slice(&u32::try_from(value.len()).expect("values are short").to_le_bytes());
            bytes.extend_from_slice(value);
        };
        put(CommandTag::GROUP_LENGTH, &u32::try_from(length).expect("values are short").to_le_bytes());
        for (tag, value) in elements {
            put(*tag, value);
        }
        bytes
    }

    /// The first value of an element.
    pub fn value(&self, tag: CommandTag) -> Option<&Bytes> {
        self.elements.iter().find(|(found, _)| *found == tag).map(|(_, value)| value)
    }

    /// A value of VR US; `None` if it is missing or has another length.
    pub fn number(&self, tag: CommandTag) -> Option<u16> {
        let bytes = self.value(tag)?.as_ref().try_into().ok()?;
        Some(u16::from_le_bytes(bytes))
    }

    /// A value of VR UI or another text; `None` if it is missing, empty or not of the default repertoire.
    pub fn text(&self, tag: CommandTag) -> Option<&str> {
        let text = std::str::from_utf8(self.value(tag)?).ok()?.trim_matches(|c| c == ' ' || c == '\0');
        (!text.is_empty() && text.is_ascii()).then_some(text)
    }

    /// Values of VR AT: elements of any group. `None` if there are none or the bytes are no tags.
    pub fn tags(&self, tag: CommandTag) -> Option<Vec<Tag>> {
        let (tags, []) = self.value(tag)?.as_chunks::<4>() else { return None };
        let number = |low, high| u16::from_le_bytes([low, high]);
        Some(tags.iter().map(|[g0, g1, e0, e1]| Tag(number(*g0, *g1), number(*e0, *e1))).collect())
    }

    /// Command Field (0000,0100).
    pub fn field(&self) -> Option<CommandField> {
        self.number(CommandTag::COMMAND_FIELD).map(CommandField)
    }

    /// Whether it is a response to this request.
    pub fn answers(&self, request: CommandField, message_id: u16) -> bool {
        let answered = self.number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO);
        self.field() == Some(request.response()) && answered == Some(message_id)
    }

    /// Adds a value of VR US.
    #[must_use]
    pub fn with_number(mut self, tag: CommandTag, value: u16) -> Self {
        self.elements.push((tag, Bytes::copy_from_slice(&value.to_le_bytes())));
        self
    }

    /// Adds a value of VR UI, padded with NUL.
    #[must_use]
    pub fn with_uid(self, tag: CommandTag, uid: &str) -> Self {
        self.with_text(tag, uid, 0)
    }

    /// Adds a value of VR AE or LO, padded with a space.
    #[must_use]
    pub fn with_long_string(self, tag: CommandTag, text: &str) -> Self {
        self.with_text(tag, text, b' ')
    }

    /// Adds all elements of another.
    #[must_use]
    pub fn with_all(mut self, other: Self) -> Self {
        self.elements.extend(other.elements);
        self
    }

    /// Adds values of VR AT: elements of group 0000.
    #[must_use]
    pub fn with_command_tags(self, tag: CommandTag, values: &[CommandTag]) -> Self {
        self.with_tags(tag, &values.iter().map(|CommandTag(element)| Tag(0, *element)).collect::<Vec<_>>())
    }

    /// Adds values of VR AT: elements of any group.
    #[must_use]
    pub fn with_tags(mut self, tag: CommandTag, values: &[Tag]) -> Self {
        let bytes = values.iter().flat_map(|Tag(group, element)| [group.to_le_bytes(), element.to_le_bytes()].concat());
        self.elements.push((tag, bytes.collect()));
        self
    }

    fn with_text(mut self, tag: CommandTag, text: &str, padding: u8) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        if !bytes.len().is_multiple_of(2) {
            bytes.push(padding);
        }
        self.elements.push((tag, bytes.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_c_echo_response_is_written_as_the_standard_has_it() {
        let command = CommandSet::default()
            .with_uid(CommandTag::AFFECTED_SOP_CLASS_UID, "1.2.840.10008.1.1")
            .with_number(CommandTag::STATUS, 0)
            .with_number(CommandTag::COMMAND_FIELD, 0x8030)
            .with_number(CommandTag::MESSAGE_ID_BEING_RESPONDED_TO, 7)
            .with_number(CommandTag::COMMAND_DATA_SET_TYPE, NO_DATA_SET);
        let expected = b"\0\0\0\0\x04\0\0\0\x42\0\0\0\
            \0\0\x02\0\x12\0\0\x001.2.840.10008.1.1\0\
            \0\0\0\x01\x02\0\0\0\x30\x80\
            \0\0\x20\x01\x02\0\0\0\x07\0\
            \0\0\0\x08\x02\0\0\0\x01\x01\
            \0\0\0\x09\x02\0\0\0\0\0";
        assert_eq!(command.encode(), expected);
    }

    #[test]
    fn what_is_not_a_command_set_is_refused_and_wrong_values_are_not_there() {
        let element = |header: &'static [u8]| CommandSet::decode(Bytes::from_static(header));
        assert_eq!(element(b"\0\0\0\x01\x02\0\0"), Err(MalformedCommandSet), "header cut off");
        assert_eq!(element(b"\0\0\0\x01\x03\0\0\0\x01\0"), Err(MalformedCommandSet), "value cut off");
        assert_eq!(element(b"\0\0\0\x01\xff\xff\xff\xff\x01\0"), Err(MalformedCommandSet), "undefined length");
        assert_eq!(element(b"\x08\0\x18\0\0\0\0\0"), Err(MalformedCommandSet), "another group");
        assert_eq!(CommandSet::decode(vec![0; MAX_COMMAND_SET_BYTES + 8].into()), Err(MalformedCommandSet), "too long");

        let command = element(b"\0\0\0\x01\x04\0\0\0\x01\0\0\0\0\0\x02\0\x02\0\0\0\0 ").expect("well formed");
        assert_eq!(command.field(), None, "four bytes are no US");
        assert_eq!(command.text(CommandTag::AFFECTED_SOP_CLASS_UID), None, "padding only");
        assert_eq!(command.number(CommandTag::MESSAGE_ID), None);

        let list = |value: &'static [u8]| {
            let tags = CommandSet { elements: vec![(CommandTag::ATTRIBUTE_IDENTIFIER_LIST, Bytes::from_static(value))] };
            tags.tags(CommandTag::ATTRIBUTE_IDENTIFIER_LIST)
        };
        assert_eq!(list(b"\x40\0\x52\x02\x10\0\x20\0"), Some(vec![Tag(0x0040, 0x0252), Tag(0x0010, 0x0020)]));
        assert_eq!(list(b"\x40\0\x52"), None, "half a tag");
    }

    proptest::proptest! {
        #[test]
        fn a_command_set_is_read_back(
            numbers in proptest::collection::btree_map(1_u16..0x2000, proptest::num::u16::ANY, 0..20),
            text in "[0-9.]{1,64}",
        ) {
            let mut command = CommandSet::default().with_uid(CommandTag(0x3000), &text);
            for (tag, value) in &numbers {
                command = command.with_number(CommandTag(*tag), *value);
            }
            let decoded = CommandSet::decode(command.encode().into()).expect("as written");
            proptest::prop_assert_eq!(decoded.text(CommandTag(0x3000)), Some(text.as_str()));
            for (tag, value) in numbers {
                proptest::prop_assert_eq!(decoded.number(CommandTag(tag)), Some(value));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = CommandSet::decode(bytes.into());
        }
    }
}
