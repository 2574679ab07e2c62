//! The header of a copy that leaves: coerced values, what they were before in Original Attributes Sequence (PS3.3 C.12.1.1.9,
//! Original Attributes Macro), and all text in one character set. The pixels behind it stay the bytes they are.
//!
//! Previous values stand in Modified Attributes Sequence, those that were in no declared character set in Nonconforming
//! Modified Attributes Sequence, as bytes. An attribute that was not there has an empty previous value.

use std::collections::BTreeMap;

use dicom_core::VR;
use dicom_dictionary_std::tags;
use filmless_model::attribute::Tag;
use filmless_model::coercion::{CharacterSetRepair, Coercion};
use filmless_model::uid::TransferSyntaxUid;

use super::shown::UNICODE;
use crate::element_header::{put_element, put_item};
use crate::header::{Encoding, HeaderError, ITEM, Syntax, dictionary_vr};
use crate::text::{Repair, SpecificCharacterSet, is_text};
use crate::transcode_header::{Editor, Edits, Replacement, edit};

const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const MODIFIED_ATTRIBUTES_SEQUENCE: Tag = Tag(0x0400, 0x0550);
/// The most values without a character set that are kept, and their bytes.
const MAX_NONCONFORMING: usize = 256;
const MAX_NONCONFORMING_BYTES: usize = 64 << 10;

/// Whose values they were, and who changed them when.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// For Source of Previous Values.
    pub source: &'a str,
    /// For Modifying System.
    pub system: &'a str,
    /// For Attribute Modification Date Time (0400,0562), in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// The header of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedHead {
    /// Its bytes, encoded as the stored header is.
    pub bytes: Vec<u8>,
    /// Where in the stored header Pixel Data begin, or where it ends.
    pub end: usize,
}

/// Makes the header of a copy from the stored one, which begins with the data set and is there up to Pixel Data. One that is
/// deflated is given inflated, as Explicit VR Little Endian.
pub fn copied_head(
    head: &[u8],
    transfer_syntax: &TransferSyntaxUid,
    coercion: &Coercion,
    provenance: Provenance<'_>,
) -> Result<CopiedHead, HeaderError> {
    let declared = Syntax::of(transfer_syntax).encoding;
    let seen = head.first_chunk::<8>().and_then(|first| declared.corrected(*first));
    let encoding = seen.unwrap_or(declared);
    let mut before = Texts::new(coercion.character_set, encoding);
    edit(head, encoding, encoding, Edits { editor: Some(&mut before), keeps_pixels: true, ..Edits::default() })?;
    let is_unicode = coercion.needs_unicode() && !before.declared.is_utf8();
    let mut changed = coercion.changed.clone();
    if is_unicode {
        changed.insert(SPECIFIC_CHARACTER_SET, Some(UNICODE.to_owned()));
    }
    let added = (Tag(0x0400, 0x0561), VR::SQ, before.original_attributes(&changed, provenance));
    let mut replacements = vec![Replacement { tag: added.0, vr: added.1, value: added.2 }];
    for (tag, text) in &changed {
        if let Some(text) = text {
            replacements.push(Replacement { tag: *tag, vr: dictionary_vr(*tag), value: text.clone().into_bytes() });
        }
    }
    replacements.sort_by_key(|replacement| replacement.tag);
    let removed: Vec<_> = changed.iter().filter(|(_, text)| text.is_none()).map(|(tag, _)| *tag).collect();
    let mut writing = is_unicode.then(|| before.again());
    let editor = writing.as_mut().map(|texts| texts as &mut dyn Editor);
    let edits = Edits { replacements: &replacements, removed: &removed, editor, keeps_pixels: true };
    let (bytes, end) = edit(head, encoding, encoding, edits)?;
    Ok(CopiedHead { bytes, end })
}

/// A value in no declared character set.
struct Nonconforming {
    /// The sequences and numbers of items that it stands in.
    path: Vec<(Tag, u32)>,
    tag: Tag,
    bytes: Vec<u8>,
}

/// Looks at the texts of a header, or writes them in UTF-8.
struct Texts {
    repair: Option<CharacterSetRepair>,
    encoding: Encoding,
    is_writing: bool,
    /// That of the data set itself.
    declared: SpecificCharacterSet,
    /// Of the data set and of the items that are open; `None` where text stays as it is.
    sets: Vec<Option<SpecificCharacterSet>>,
    /// Sequences that are open, with the number of the item.
    path: Vec<(Tag, u32)>,
    /// What is open: whether an item.
    open: Vec<bool>,
    /// The first texts of the data set itself, with what reading them took.
    stored: BTreeMap<Tag, (Vec<u8>, Repair)>,
    nonconforming: Vec<Nonconforming>,
}

impl Texts {
    fn new(repair: Option<CharacterSetRepair>, encoding: Encoding) -> Self {
        let declared = SpecificCharacterSet::default().repaired(repair);
        Self {
            repair,
            encoding,
            is_writing: false,
            sets: vec![Some(declared.clone())],
            declared,
            path: Vec::new(),
            open: Vec::new(),
            stored: BTreeMap::new(),
            nonconforming: Vec::new(),
        }
    }

    /// What writes the texts that this one has seen.
    fn again(&self) -> Self {
        let again = Self::new(self.repair, self.encoding);
        Self { is_writing: true, sets: vec![Some(self.declared.clone())], declared: self.declared.clone(), ..again }
    }

    fn is_top_level(&self) -> bool {
        self.open.is_empty()
    }

    fn keep_nonconforming(&mut self, tag: Tag, bytes: &[u8]) {
        let kept: usize = self.nonconforming.iter().map(|value| value.bytes.len()).sum();
        let is_private = tag.is_private() || self.path.iter().any(|(tag, _)| tag.is_private());
        if !is_private && self.nonconforming.len() < MAX_NONCONFORMING && kept + bytes.len() <= MAX_NONCONFORMING_BYTES {
            self.nonconforming.push(Nonconforming { path: self.path.clone(), tag, bytes: bytes.to_vec() });
        }
    }

    /// The item of Original Attributes Sequence.
    fn original_attributes(&self, changed: &BTreeMap<Tag, Option<String>>, provenance: Provenance<'_>) -> Vec<u8> {
        let mut modified = Item::new(self.encoding);
        for tag in changed.keys() {
            match self.stored.get(tag) {
                Some((_, repair)) if *repair != Repair::None => {}
                Some((bytes, _)) => modified.put(*tag, dictionary_vr(*tag), bytes),
                None => modified.put(*tag, dictionary_vr(*tag), &[]),
            }
        }
        let kept: Vec<_> = self.nonconforming.iter().filter(|value| self.is_modified(value, changed)).collect();
        let mut item = Item::new(self.encoding);
        item.sequence(MODIFIED_ATTRIBUTES_SEQUENCE, &[modified]);
        if !kept.is_empty() {
            let items: Vec<_> = kept.into_iter().map(|value| self.nonconforming_item(value)).collect();
            item.sequence(of(tags::NONCONFORMING_MODIFIED_ATTRIBUTES_SEQUENCE), &items);
        }
        let at = jiff::Timestamp::from_millisecond(provenance.at_ms).unwrap_or_default();
        let at = at.strftime("%Y%m%d%H%M%S.%3f+0000").to_string();
        for (tag, vr, text) in [
            (tags::ATTRIBUTE_MODIFICATION_DATE_TIME, VR::DT, at.as_str()),
            (tags::MODIFYING_SYSTEM, VR::LO, provenance.system),
            (tags::SOURCE_OF_PREVIOUS_VALUES, VR::LO, provenance.source),
            (tags::REASON_FOR_THE_ATTRIBUTE_MODIFICATION, VR::CS, "COERCE"),
        ] {
            item.put(of(tag), vr, text.as_bytes());
        }
        item.finish()
    }

    /// Whether a value is another one now: all that are read in an assumed character set are.
    fn is_modified(&self, value: &Nonconforming, changed: &BTreeMap<Tag, Option<String>>) -> bool {
        self.repair.is_some() || value.path.is_empty() && changed.contains_key(&value.tag)
    }

    /// Selector Attribute Macro (PS3.3 table 10-20), and the bytes.
    fn nonconforming_item(&self, value: &Nonconforming) -> Item {
        let mut item = Item::new(self.encoding);
        let tag_bytes = |tag: Tag| [self.encoding.u16_bytes(tag.0), self.encoding.u16_bytes(tag.1)].concat();
        item.put(of(tags::SELECTOR_ATTRIBUTE), VR::AT, &tag_bytes(value.tag));
        if !value.path.is_empty() {
            let pointer: Vec<u8> = value.path.iter().flat_map(|(tag, _)| tag_bytes(*tag)).collect();
            item.put(of(tags::SELECTOR_SEQUENCE_POINTER), VR::AT, &pointer);
            let items: Vec<_> = value.path.iter().map(|(_, number)| number.to_string()).collect();
            item.put(of(tags::SELECTOR_SEQUENCE_POINTER_ITEMS), VR::IS, items.join("\\").as_bytes());
        }
        item.put(of(tags::NONCONFORMING_DATA_ELEMENT_VALUE), VR::OB, &value.bytes);
        item
    }
}

impl Editor for Texts {
    fn sequence(&mut self, tag: Tag) {
        self.path.push((tag, 0));
        self.open.push(false);
    }

    fn item(&mut self) {
        if let Some((_, number)) = self.path.last_mut() {
            *number += 1;
        }
        self.sets.push(self.sets.last().cloned().unwrap_or_default());
        self.open.push(true);
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some(true) => drop(self.sets.pop()),
            _ => drop(self.path.pop()),
        }
    }

    fn value(&mut self, tag: Tag, vr: VR, value: Vec<u8>) -> Option<Vec<u8>> {
        if !is_text(vr) {
            return Some(value);
        }
        if tag == SPECIFIC_CHARACTER_SET {
            let (declared, _) = SpecificCharacterSet::parse(&value);
            let set = declared.repaired(self.repair);
            // Values of before, in the character set of before.
            let is_of_before = self.path.last().is_some_and(|(tag, _)| *tag == MODIFIED_ATTRIBUTES_SEQUENCE);
            if self.is_top_level() {
                self.declared = set.clone();
                self.stored.entry(tag).or_insert((value.clone(), Repair::None));
            }
            if let Some(own) = self.sets.last_mut() {
                *own = (!is_of_before).then_some(set);
            }
            return (!self.is_writing || is_of_before).then_some(value);
        }
        let Some(Some(set)) = self.sets.last() else { return Some(value) };
        let (text, repair) = set.decode(&value);
        if self.is_writing {
            return Some(text.into_owned().into_bytes());
        }
        drop(text);
        if self.is_top_level() {
            self.stored.entry(tag).or_insert((value.clone(), repair));
        }
        if repair != Repair::None {
            self.keep_nonconforming(tag, &value);
        }
        Some(value)
    }
}

fn of(tag: dicom_core::Tag) -> Tag {
    Tag(tag.group(), tag.element())
}

/// An item that is being written, with lengths; elements in order of tag.
struct Item {
    encoding: Encoding,
    content: Vec<u8>,
}

impl Item {
    fn new(encoding: Encoding) -> Self {
        Self { encoding, content: Vec::new() }
    }

    fn put(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        put_element(self.encoding, &mut self.content, tag, vr, value);
    }

    fn sequence(&mut self, tag: Tag, items: &[Self]) {
        let items: Vec<u8> = items.iter().flat_map(Self::finish).collect();
        self.put(tag, VR::SQ, &items);
    }

    fn finish(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_item(self.encoding, &mut out, ITEM, u32::try_from(self.content.len()).expect("it is a part of a header"));
        out.extend_from_slice(&self.content);
        out
    }
}

#[cfg(test)]
mod tests {
    use dicom_core::header::HasLength;
    use dicom_object::InMemDicomObject;
    use filmless_model::coercion::{AppliesTo, AssumedCharacterSet};

    use super::*;
    use crate::data_set::read_header;
    use crate::element_header::put_header_in;
    use crate::transcode_header::rewrite;

    const NAME: Tag = Tag(0x0010, 0x0010);
    const ID: Tag = Tag(0x0010, 0x0020);
    const COMMENTS: Tag = Tag(0x0010, 0x4000);
    const REQUESTS: Tag = Tag(0x0040, 0x0275);
    const PROVENANCE: Provenance<'_> = Provenance { source: "CT1", system: "FILMLESS", at_ms: 1_700_000_000_123 };

    fn uid(text: &str) -> TransferSyntaxUid {
        TransferSyntaxUid::parse(text).expect("a UID")
    }

    /// A header whose Request Attributes Sequence holds a physician's name, with Pixel Data behind it.
    fn head(set: &str, name: &[u8], encoding: Encoding) -> Vec<u8> {
        let explicit = Encoding::EXPLICIT_LITTLE;
        let mut requests = Item::new(explicit);
        requests.put(Tag(0x0032, 0x1032), VR::PN, name);
        let mut all = Item::new(explicit);
        if !set.is_empty() {
            all.put(SPECIFIC_CHARACTER_SET, VR::CS, set.as_bytes());
        }
        all.put(Tag(0x0008, 0x0060), VR::CS, b"CT");
        all.put(NAME, VR::PN, name);
        all.put(ID, VR::LO, b"BN 1");
        all.put(COMMENTS, VR::LT, b"none");
        all.put(Tag(0x0028, 0x0010), VR::US, &[5, 0]);
        all.sequence(REQUESTS, &[requests]);
        let mut head = rewrite(&all.content, explicit, encoding, &[]).expect("good");
        put_header_in(encoding, &mut head, Tag(0x7FE0, 0x0010), VR::OW, 4);
        head
    }

    fn coerced(coercion: &Coercion, head: &[u8], transfer_syntax: &str) -> InMemDicomObject {
        let copied = copied_head(head, &uid(transfer_syntax), coercion, PROVENANCE).expect("good");
        let pixel_header = head.len() - copied.end;
        assert!(matches!(pixel_header, 8 | 12), "Pixel Data begin at {} of {}", copied.end, head.len());
        read_header(&copied.bytes, &uid(transfer_syntax)).expect("a data set")
    }

    fn text(object: &InMemDicomObject, tag: Tag) -> String {
        let element = object.get(dicom_core::Tag(tag.0, tag.1));
        element.map(|element| element.to_str().expect("text").trim_end().to_owned()).unwrap_or_default()
    }

    fn first(object: &InMemDicomObject, tag: Tag) -> InMemDicomObject {
        let element = object.get(dicom_core::Tag(tag.0, tag.1)).expect("a sequence");
        element.items().expect("items").first().expect("an item").clone()
    }

    fn changed(changes: &[(Tag, Option<&str>)]) -> Coercion {
        let texts = changes.iter().map(|(tag, text)| (*tag, text.map(str::to_owned)));
        Coercion { changed: texts.collect(), ..Coercion::default() }
    }

    #[test]
    fn changed_values_and_what_they_were_are_written_in_every_encoding() {
        let coercion = changed(&[(ID, Some("HN1")), (COMMENTS, None), (Tag(0x0010, 0x0021), Some("BVDK"))]);
        for (encoding, transfer_syntax) in [
            (Encoding::EXPLICIT_LITTLE, "1.2.840.10008.1.2.4.70"),
            (Encoding::IMPLICIT_LITTLE, "1.2.840.10008.1.2"),
            (Encoding::EXPLICIT_BIG, "1.2.840.10008.1.2.2"),
        ] {
            let object = coerced(&coercion, &head("ISO_IR 100", b"M\xfcller", encoding), transfer_syntax);
            assert_eq!((text(&object, ID).as_str(), text(&object, NAME).as_str()), ("HN1", "Müller"));
            assert_eq!(text(&object, SPECIFIC_CHARACTER_SET), "ISO_IR 100");
            assert!(object.get(tags::PATIENT_COMMENTS).is_none());
            assert_eq!(object.get(tags::ROWS).expect("there").to_int::<u16>().ok(), Some(5));
            let original = first(&object, Tag(0x0400, 0x0561));
            assert_eq!(text(&original, Tag(0x0400, 0x0562)), "20231114221320.123+0000");
            assert_eq!(text(&original, Tag(0x0400, 0x0563)), "FILMLESS");
            assert_eq!(text(&original, Tag(0x0400, 0x0564)), "CT1");
            assert_eq!(text(&original, Tag(0x0400, 0x0565)), "COERCE");
            let modified = first(&original, MODIFIED_ATTRIBUTES_SEQUENCE);
            assert_eq!((text(&modified, ID).as_str(), text(&modified, COMMENTS).as_str()), ("BN 1", "none"));
            assert!(modified.get(tags::ISSUER_OF_PATIENT_ID).is_some_and(HasLength::is_empty));
            assert_eq!(modified.iter().count(), 3);
        }
    }

    #[test]
    fn letters_that_the_character_set_has_not_bring_all_text_into_unicode() {
        let head = head("ISO_IR 100", b"M\xfcller", Encoding::EXPLICIT_LITTLE);
        let object = coerced(&changed(&[(ID, Some("Đ1"))]), &head, "1.2.840.10008.1.2.1");
        assert_eq!(text(&object, SPECIFIC_CHARACTER_SET), UNICODE);
        assert_eq!((text(&object, ID).as_str(), text(&object, NAME).as_str()), ("Đ1", "Müller"));
        assert_eq!(text(&first(&object, REQUESTS), Tag(0x0032, 0x1032)), "Müller");
        let modified = first(&first(&object, Tag(0x0400, 0x0561)), MODIFIED_ATTRIBUTES_SEQUENCE);
        assert_eq!((text(&modified, SPECIFIC_CHARACTER_SET).as_str(), text(&modified, ID).as_str()), ("ISO_IR 100", "BN 1"));
        assert!(modified.get(tags::PATIENT_NAME).is_none(), "it says what it said");
    }

    #[test]
    fn text_without_a_character_set_is_written_in_unicode_and_kept_as_bytes() {
        let name = b"Nguy\xd4n V\xa8n \xa7\xf8c";
        for set in ["", "ISO_IR 100"] {
            let repair = CharacterSetRepair { assume: AssumedCharacterSet::Tcvn3, applies_to: AppliesTo::All };
            let coercion = Coercion { character_set: Some(repair), ..changed(&[(ID, Some("HN1"))]) };
            let object = coerced(&coercion, &head(set, name, Encoding::EXPLICIT_LITTLE), "1.2.840.10008.1.2.1");
            assert_eq!(text(&object, SPECIFIC_CHARACTER_SET), UNICODE);
            assert_eq!((text(&object, NAME).as_str(), text(&object, ID).as_str()), ("Nguyễn Văn Đức", "HN1"));
            assert_eq!(text(&first(&object, REQUESTS), Tag(0x0032, 0x1032)), "Nguyễn Văn Đức");
            let original = first(&object, Tag(0x0400, 0x0561));
            let modified = first(&original, MODIFIED_ATTRIBUTES_SEQUENCE);
            assert_eq!((text(&modified, SPECIFIC_CHARACTER_SET).as_str(), text(&modified, ID).as_str()), (set, "BN 1"));
            let odd = original.get(tags::NONCONFORMING_MODIFIED_ATTRIBUTES_SEQUENCE).expect("there").items().expect("items");
            let selected = |item: &InMemDicomObject| {
                let element = item.get(tags::NONCONFORMING_DATA_ELEMENT_VALUE).expect("bytes");
                (
                    item.get(tags::SELECTOR_ATTRIBUTE).expect("a tag").value().primitive().cloned(),
                    element.to_bytes().expect("bytes").into_owned(),
                )
            };
            let tag = |tag| Some(dicom_core::PrimitiveValue::from(tag));
            let found: Vec<_> = odd.iter().map(selected).collect();
            assert_eq!(found, [(tag(tags::PATIENT_NAME), name.to_vec()), (tag(tags::REQUESTING_PHYSICIAN), name.to_vec())]);
            assert_eq!(text(&odd[1], Tag(0x0074, 0x1057)), "1");
        }
    }

    #[test]
    fn an_instance_that_was_coerced_before_keeps_what_it_says_of_that() {
        let once = copied_head(
            &head("ISO_IR 100", b"M\xfcller", Encoding::EXPLICIT_LITTLE),
            &uid("1.2.840.10008.1.2.1"),
            &changed(&[(ID, Some("Đ1"))]),
            Provenance { source: "CT1", ..PROVENANCE },
        );
        let mut head = once.expect("good").bytes;
        put_header_in(Encoding::EXPLICIT_LITTLE, &mut head, Tag(0x7FE0, 0x0010), VR::OW, 4);
        let object = coerced(&changed(&[(ID, Some("2"))]), &head, "1.2.840.10008.1.2.1");
        let items = object.get(tags::ORIGINAL_ATTRIBUTES_SEQUENCE).expect("there").items().expect("items");
        let before: Vec<_> = items.iter().map(|item| text(&first(item, MODIFIED_ATTRIBUTES_SEQUENCE), ID)).collect();
        assert_eq!(before, ["BN 1", "Đ1"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let repair = CharacterSetRepair { assume: AssumedCharacterSet::Viscii, applies_to: AppliesTo::All };
            let coercion = Coercion { character_set: Some(repair), ..changed(&[(ID, Some("Đ"))]) };
            for transfer_syntax in ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"] {
                let _ = copied_head(&bytes, &uid(transfer_syntax), &coercion, PROVENANCE);
            }
        }
    }
}
