//! Attributes that are asked for beyond those of the index: they stand in the headers of the instances.

use filmless_dicom::json_attributes::JsonAttribute;
use filmless_model::attribute::{Attribute, Level, Tag};
use filmless_model::module;

/// Which of them an answer has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Further {
    /// Those named.
    pub tags: Vec<Tag>,
    /// All of these levels, if all are asked for.
    pub all: Option<(Level, Level)>,
    /// The creators that private attributes must have (PS3.5 section 7.8.1, Private Data Element Tags).
    pub creators: Vec<(Tag, String)>,
}

/// Values that no search is for: they are long, and are fetched as bulk data.
const BINARY: [&[u8]; 7] = [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"];

impl Further {
    /// Whether headers need not be read.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.all.is_none()
    }

    /// Whether an attribute of a header is returned. `creator` finds the value of a Private Creator Element in it.
    pub fn has(&self, attribute: &JsonAttribute<'_>, creator: impl Fn(Tag) -> Option<String>) -> bool {
        let tag = attribute.tag;
        if Attribute::from_tag(tag).is_some_and(|attribute| !attribute.is_request_attribute()) {
            return false;
        }
        if let Some(reserved_by) = creator_of(tag) {
            let asked = self.creators.iter().find(|(element, _)| *element == reserved_by);
            let is_theirs = asked.is_none_or(|(_, name)| creator(reserved_by).as_deref() == Some(name));
            return self.tags.contains(&tag) && is_theirs;
        }
        if tag.is_private_creator() {
            return self.tags.iter().any(|private| creator_of(*private) == Some(tag));
        }
        let is_binary = attribute.vr().is_some_and(|vr| BINARY.contains(&vr));
        let in_all = |(from, to): (Level, Level)| !is_binary && (from..=to).contains(&module::level(tag));
        self.tags.contains(&tag) || self.all.is_some_and(in_all)
    }
}

/// The Private Creator Element that reserves the block of a private attribute.
fn creator_of(tag: Tag) -> Option<Tag> {
    (tag.is_private() && tag.1 >= 0x1000).then_some(Tag(tag.0, tag.1 >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_returned_if_named_or_of_all_levels() {
        let named = Further {
            tags: vec![Tag(0x0010, 0x1030), Tag(0x0009, 0x1001), Tag(0x0009, 0x1101)],
            creators: vec![(Tag(0x0009, 0x0010), "ACME".to_owned()), (Tag(0x0009, 0x0011), "OTHER".to_owned())],
            ..Further::default()
        };
        let all = Further { all: Some((Level::Patient, Level::Study)), ..Further::default() };
        for (text, by_name, by_all) in [
            (r#""00101030":{"vr":"DS","Value":[70]}"#, true, true),
            (r#""00100010":{"vr":"PN"}"#, false, false),
            (r#""00081032":{"vr":"SQ"}"#, false, true),
            (r#""00181030":{"vr":"LO"}"#, false, false),
            (r#""00104001":{"vr":"OB"}"#, false, false),
            (r#""00090010":{"vr":"LO","Value":["ACME"]}"#, true, false),
            (r#""00090012":{"vr":"LO","Value":["X"]}"#, false, false),
            (r#""00091001":{"vr":"LO"}"#, true, false),
            (r#""00091101":{"vr":"LO"}"#, false, false),
        ] {
            let json = format!("{{{text}}}");
            let attribute = filmless_dicom::json_attributes::attributes(json.as_bytes()).next().expect("an attribute");
            let creator = |_| Some("ACME".to_owned());
            assert_eq!((named.has(&attribute, creator), all.has(&attribute, creator)), (by_name, by_all), "{text}");
        }
    }
}
