//! Attributes that are searched by although no column keeps them: an administrator names them, and their values are kept
//! apart from the columns.

use std::fmt::Write as _;

use crate::attribute::{Level, Tag, Vr};
use crate::module;
use crate::query::QueryRetrieveLevel;

/// Such an attribute: where it stands in a data set, and how its values compare.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FurtherAttribute {
    path: Vec<Tag>,
    vr: Vr,
    creator: String,
}

impl FurtherAttribute {
    /// A standard attribute at the end of a path through sequences; `None` if the path is empty or has private tags.
    pub fn standard(path: Vec<Tag>, vr: Vr) -> Option<Self> {
        let is_standard = !path.is_empty() && !path.iter().any(|tag| tag.is_private());
        is_standard.then_some(Self { path, vr, creator: String::new() })
    }

    /// A private attribute of the top level, in whichever block its creator reserves (PS3.5 section 7.8.1, Private Data
    /// Element Tags).
    pub fn private(group: u16, element: u8, creator: &str, vr: Vr) -> Option<Self> {
        let tag = Tag(group, u16::from(element));
        let legal = tag.is_private() && !creator.is_empty() && creator == creator.trim() && !creator.contains(char::is_control);
        legal.then(|| Self { path: vec![tag], vr, creator: creator.to_owned() })
    }

    /// From the sequence at the top level down to the attribute. The tag of a private one has the element without its block.
    pub fn path(&self) -> &[Tag] {
        &self.path
    }

    /// The sequences that it stands in; none at the top level.
    pub fn sequences(&self) -> &[Tag] {
        self.path.split_last().map_or(&[], |(_, sequences)| sequences)
    }

    /// The value representation.
    pub fn vr(&self) -> Vr {
        self.vr
    }

    /// Who defined it, if it is private.
    pub fn creator(&self) -> Option<&str> {
        (!self.creator.is_empty()).then_some(&self.creator)
    }

    /// Its name in the database: `00101030:DS`, `00081032.00080100:SH`, `0009xx01:LO:ACME 1.1`.
    pub fn name(&self) -> String {
        let mut name = String::new();
        for tag in &self.path {
            let point = if name.is_empty() { "" } else { "." };
            match self.creator() {
                None => write!(name, "{point}{}", tag.to_hex()),
                Some(_) => write!(name, "{point}{:04X}xx{:02X}", tag.0, tag.1),
            }
            .expect("a String takes all");
        }
        write!(name, ":{}", self.vr.as_str()).expect("a String takes all");
        if let Some(creator) = self.creator() {
            write!(name, ":{creator}").expect("a String takes all");
        }
        name
    }

    /// Whose values these are: once for a study or series what describes it, else instance by instance. Items of sequences
    /// are kept together, and so with the instance.
    pub fn owner(&self) -> QueryRetrieveLevel {
        match self.path.as_slice() {
            [tag] => match module::level(*tag) {
                Level::Patient | Level::Study => QueryRetrieveLevel::Study,
                Level::Series => QueryRetrieveLevel::Series,
                Level::Instance => QueryRetrieveLevel::Instance,
            },
            _ => QueryRetrieveLevel::Instance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_a_name_and_an_owner() {
        let standard = |path: &[Tag], vr| FurtherAttribute::standard(path.to_vec(), vr);
        for (attribute, name, owner) in [
            (standard(&[Tag(0x0010, 0x1030)], Vr::DS), "00101030:DS", QueryRetrieveLevel::Study),
            (standard(&[Tag(0x0018, 0x1030)], Vr::LO), "00181030:LO", QueryRetrieveLevel::Series),
            (standard(&[Tag(0x0018, 0x0050)], Vr::DS), "00180050:DS", QueryRetrieveLevel::Instance),
            (standard(&[Tag(0x0008, 0x1032), Tag(0x0008, 0x0100)], Vr::SH), "00081032.00080100:SH", QueryRetrieveLevel::Instance),
            (FurtherAttribute::private(9, 1, "ACME 1.1", Vr::LO), "0009xx01:LO:ACME 1.1", QueryRetrieveLevel::Instance),
        ] {
            let attribute = attribute.expect(name);
            assert_eq!((attribute.name().as_str(), attribute.owner()), (name, owner));
        }
        assert_eq!(standard(&[], Vr::LO), None);
        assert_eq!(standard(&[Tag(0x0009, 0x1001)], Vr::LO), None);
        assert_eq!(FurtherAttribute::private(0x0010, 1, "ACME", Vr::LO), None);
        assert_eq!(FurtherAttribute::private(9, 1, " ", Vr::LO), None);
    }
}
