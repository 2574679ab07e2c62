//! Identifiers of searches by DIMSE (PS3.4 section C.4.1.1.3, Identifier): data sets of keys come, data sets of answers go.

use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_core::value::{DataSetSequence, PrimitiveValue, Value as CoreValue};
use dicom_core::{DataElement, Tag as CoreTag, VR};
use dicom_object::{InMemDicomObject, StandardDataDictionary};
use filmless_model::attribute::Tag;
use filmless_model::uid::TransferSyntaxUid;

use crate::data_set::{self, read_header};
use crate::header::HeaderError;

/// So many sequences deep keys are looked for: none of a Query/Retrieve Information Model stands deeper.
const MAX_DEPTH: usize = 4;

/// A key: an attribute and what it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The attribute.
    pub tag: Tag,
    /// Its representation, as the data set or else the dictionary has it.
    pub vr: VR,
    /// What is asked.
    pub value: KeyValue,
}

/// What a key asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// Its values with backslashes between; empty for universal matching.
    Text(String),
    /// The keys of a sequence's items.
    Items(Vec<Vec<Key>>),
}

/// Reads the keys of a data set, by tag. Values that are no text or number count as empty.
pub fn read(bytes: &[u8], transfer_syntax: &TransferSyntaxUid) -> Result<Vec<Key>, HeaderError> {
    Ok(keys(&read_header(bytes, transfer_syntax)?, MAX_DEPTH))
}

fn keys(object: &InMemDicomObject, depth: usize) -> Vec<Key> {
    let key = |element: &DataElement<InMemDicomObject>| {
        let tag = element.header().tag;
        let value = match element.value() {
            CoreValue::Sequence(_) if depth == 0 => KeyValue::Items(Vec::new()),
            CoreValue::Sequence(sequence) => KeyValue::Items(sequence.items().iter().map(|item| keys(item, depth - 1)).collect()),
            value => KeyValue::Text(value.to_multi_str().map(|texts| texts.join("\\")).unwrap_or_default()),
        };
        Key { tag: Tag(tag.group(), tag.element()), vr: representation(tag, element.vr()), value }
    };
    object.iter().map(key).collect()
}

/// A data set in Implicit VR, or one that says UN, leaves it to the dictionary.
fn representation(tag: CoreTag, vr: VR) -> VR {
    if vr != VR::UN {
        return vr;
    }
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerValue {
    /// Without a value.
    Empty,
    /// One, or several with backslashes between.
    Text(String),
    /// A whole number.
    Number(i64),
    /// The items of a sequence.
    Items(Vec<Vec<Answer>>),
}

/// An attribute of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The attribute.
    pub tag: Tag,
    /// Its representation.
    pub vr: VR,
    /// Its value.
    pub value: AnswerValue,
}

/// Writes an answer. Where it has more than ASCII it is in UTF-8, and Specific Character Set says so.
///
/// `None` if the transfer syntax is none of the uncompressed ones.
pub fn write(answers: &[Answer], transfer_syntax: &TransferSyntaxUid) -> Option<Vec<u8>> {
    data_set::write(object(answers), transfer_syntax)
}

fn object(answers: &[Answer]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    for Answer { tag, vr, value } in answers {
        let tag = CoreTag(tag.0, tag.1);
        object.put(match value {
            AnswerValue::Items(items) => {
                let items: Vec<_> = items.iter().map(|item| self::object(item)).collect();
                DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
            }
            AnswerValue::Empty if *vr == VR::SQ => DataElement::new(tag, VR::SQ, DataSetSequence::from(Vec::new())),
            AnswerValue::Empty => DataElement::new(tag, *vr, PrimitiveValue::Empty),
            // A NUL pads a UID (PS3.5 section 6.2, VR UI); dicom-object would take a space.
            AnswerValue::Text(uid) if *vr == VR::UI && uid.len() % 2 == 1 => {
                DataElement::new(tag, VR::UI, PrimitiveValue::from(format!("{uid}\0")))
            }
            AnswerValue::Text(text) => DataElement::new(tag, *vr, PrimitiveValue::from(text.as_str())),
            AnswerValue::Number(number) if *vr == VR::US => {
                DataElement::new(tag, *vr, PrimitiveValue::from(u16::try_from(*number).unwrap_or(u16::MAX)))
            }
            AnswerValue::Number(number) => DataElement::new(tag, *vr, PrimitiveValue::from(number.to_string())),
        });
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(uid: &str) -> TransferSyntaxUid {
        TransferSyntaxUid::parse(uid).expect("a UID")
    }

    fn answer(tag: Tag, vr: VR, value: AnswerValue) -> Answer {
        Answer { tag, vr, value }
    }

    #[test]
    fn what_is_written_is_read_as_keys_in_each_transfer_syntax() {
        let text = |text: &str| AnswerValue::Text(text.to_owned());
        let item = vec![answer(Tag(0x0040, 0x1001), VR::SH, text("R1"))];
        let answers = vec![
            answer(Tag(0x0008, 0x0052), VR::CS, text("STUDY")),
            answer(Tag(0x0008, 0x0061), VR::CS, text("CT\\MR")),
            answer(Tag(0x0010, 0x0010), VR::PN, text("Nguyễn^Văn An")),
            answer(Tag(0x0020, 0x000D), VR::UI, text("1.2.3")),
            answer(Tag(0x0020, 0x1206), VR::IS, AnswerValue::Number(3)),
            answer(Tag(0x0028, 0x0010), VR::US, AnswerValue::Number(512)),
            answer(Tag(0x0040, 0x0275), VR::SQ, AnswerValue::Items(vec![item])),
            answer(Tag(0x0040, 0x0244), VR::DA, AnswerValue::Empty),
        ];
        let explicit = write(&answers, &syntax("1.2.840.10008.1.2.1")).expect("written");
        assert!(explicit.windows(14).any(|window| window == b"\x20\0\x0d\0UI\x06\x001.2.3\0"), "a UID is padded with NUL");
        for uid in ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"] {
            let bytes = write(&answers, &syntax(uid)).expect("written");
            let keys = read(&bytes, &syntax(uid)).expect("read");
            let found = |group, element| &keys.iter().find(|key| key.tag == Tag(group, element)).expect("there").value;
            let expected = |text: &str| KeyValue::Text(text.to_owned());
            for ((group, element), text) in [
                ((0x0008, 0x0005), "ISO_IR 192"),
                ((0x0008, 0x0061), "CT\\MR"),
                ((0x0010, 0x0010), "Nguyễn^Văn An"),
                ((0x0020, 0x000D), "1.2.3"),
                ((0x0020, 0x1206), "3"),
                ((0x0028, 0x0010), "512"),
                ((0x0040, 0x0244), ""),
            ] {
                assert_eq!(found(group, element), &expected(text), "{uid}");
            }
            let KeyValue::Items(items) = found(0x0040, 0x0275) else { panic!("no items") };
            assert_eq!(items[0][0], Key { tag: Tag(0x0040, 0x1001), vr: VR::SH, value: expected("R1") });
        }
        assert_eq!(write(&answers, &syntax("1.2.840.10008.1.2.4.50")), None);
    }
}
