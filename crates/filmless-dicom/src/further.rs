//! Further attributes: how an administrator names them, and what the header of an instance has of them.

use std::collections::BTreeSet;

use filmless_model::attribute::{Attribute, Tag, Vr};
use filmless_model::further::FurtherAttribute;
use serde_json::Value;

use crate::comparable::comparable;
use crate::dictionary;
use crate::json_attributes::attributes;

/// The most values of an attribute that are kept of one instance. Items of sequences can be many.
pub const MAX_VALUES: usize = 4096;

/// The most sequences within sequences of a path.
const MAX_PATH: usize = 8;

const TIMEZONE_OFFSET_FROM_UTC: Tag = Tag(0x0008, 0x0201);

/// Reads `PatientWeight`, `00101030`, `ProcedureCodeSequence.CodeValue` or `0009xx01:LO:ACME 1.1`. The error says what is
/// wrong.
pub fn parse(text: &str) -> Result<FurtherAttribute, String> {
    let mut parts = text.trim().splitn(3, ':');
    let (path, vr, creator) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let vr = vr.map(|vr| Vr::parse(vr.trim()).ok_or_else(|| format!("{vr} is no value representation that is searched by")));
    let vr = vr.transpose()?;
    if let Some(creator) = creator {
        let private = private(path)
            .zip(vr)
            .and_then(|((group, element), vr)| FurtherAttribute::private(group, element, creator.trim(), vr));
        return private.ok_or_else(|| "a private attribute is named as in 0009xx01:LO:ACME 1.1".to_owned());
    }
    let steps = path.split('.').map(|word| Tag::parse(word).or_else(|| dictionary::tag(word)).ok_or(word));
    let path =
        steps.collect::<Result<Vec<Tag>, _>>().map_err(|word| format!("{word:?} is no keyword and no tag of the standard"))?;
    let Some((last, sequences)) = path.split_last().filter(|(_, sequences)| sequences.len() < MAX_PATH) else {
        return Err(format!("a path has at most {MAX_PATH} steps"));
    };
    if sequences.is_empty() && Attribute::from_tag(*last).is_some_and(|attribute| !attribute.is_request_attribute()) {
        return Err("this attribute is indexed in any case".to_owned());
    }
    if sequences.iter().any(|tag| dictionary::vr(*tag) != Some("SQ")) {
        return Err("a path goes through sequences".to_owned());
    }
    let known =
        dictionary::vr(*last).ok_or("it is not an attribute of the standard; a private one is named as in 0009xx01:LO:ACME")?;
    let vr = vr.or_else(|| Vr::parse(known)).ok_or_else(|| format!("values of {known} are not searched by"))?;
    FurtherAttribute::standard(path, vr).ok_or_else(|| "a path has no private attributes".to_owned())
}

/// `GGGGxxEE`.
fn private(text: &str) -> Option<(u16, u8)> {
    let (group, element) = text.split_once("xx").filter(|(group, element)| group.len() == 4 && element.len() == 2)?;
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let legal = is_hex(group) && is_hex(element);
    legal.then(|| Some((u16::from_str_radix(group, 16).ok()?, u8::from_str_radix(element, 16).ok()?)))?
}

/// The name for people: keywords where the standard has them.
pub fn keywords(attribute: &FurtherAttribute) -> String {
    if attribute.creator().is_some() {
        return attribute.name();
    }
    let word = |tag: &Tag| dictionary::keyword(*tag).map_or_else(|| tag.to_hex(), str::to_owned);
    attribute.path().iter().map(word).collect::<Vec<_>>().join(".")
}

/// The values that the DICOM JSON of an instance has, comparable, each with the number of the item it stands in: that of the
/// outermost sequence, 0 at the top level. At most [`MAX_VALUES`].
pub fn values(attribute: &FurtherAttribute, json: &[u8]) -> BTreeSet<(u32, String)> {
    let element = |tag: Tag| {
        let found = attributes(json).find(|attribute| attribute.tag == tag)?;
        serde_json::from_slice::<Value>(found.value()).ok()
    };
    let mut values = BTreeSet::new();
    let (first, rest) = attribute.path().split_first().expect("a path has a step");
    let tag = match attribute.creator() {
        None => Some(*first),
        Some(creator) => attributes(json)
            .filter(|block| block.tag.0 == first.0 && block.tag.is_private_creator())
            .find(|block| {
                let value = serde_json::from_slice::<Value>(block.value());
                value.is_ok_and(|value| value["Value"][0].as_str().is_some_and(|name| name.trim() == creator))
            })
            .map(|block| Tag(first.0, block.tag.1 << 8 | first.1)),
    };
    if let Some(found) = tag.and_then(element) {
        let offset = if attribute.vr() == Vr::DT { element(TIMEZONE_OFFSET_FROM_UTC) } else { None };
        let offset = offset.as_ref().and_then(|offset| offset["Value"][0].as_str());
        let mut gather = Gather { vr: attribute.vr(), offset, values: &mut values };
        gather.element(&found, rest, None);
    }
    values
}

struct Gather<'v> {
    vr: Vr,
    offset: Option<&'v str>,
    values: &'v mut BTreeSet<(u32, String)>,
}

impl Gather<'_> {
    /// Follows the rest of a path from an attribute. `item` is that of the outermost sequence.
    fn element(&mut self, element: &Value, rest: &[Tag], item: Option<u32>) {
        let list = element["Value"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (value, place) in list.iter().zip(0_u32..) {
            if self.values.len() == MAX_VALUES {
                return;
            }
            match rest.split_first() {
                None => self.values.extend(self.value(value).map(|value| (item.unwrap_or(0), value))),
                Some((next, rest)) => {
                    if let Some(element) = value.get(next.to_hex()) {
                        self.element(element, rest, item.or(Some(place)));
                    }
                }
            }
        }
    }

    fn value(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            // A name: its component groups (PS3.18 section F.2.2).
            Value::Object(groups) => {
                let groups = ["Alphabetic", "Ideographic", "Phonetic"].map(|group| groups.get(group)?.as_str());
                groups.into_iter().flatten().collect::<Vec<_>>().join("=")
            }
            _ => return None,
        };
        comparable(self.vr, &text, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_named_by_keyword_tag_and_path() {
        for (text, expected) in [
            ("PatientWeight", Ok("00101030:DS")),
            (" 00180050 ", Ok("00180050:DS")),
            ("00180050:DS", Ok("00180050:DS")),
            ("ProcedureCodeSequence.CodeValue", Ok("00081032.00080100:SH")),
            ("00400275.00321060", Ok("00400275.00321060:LO")),
            ("0009xx01:LO:ACME 1.1", Ok("0009xx01:LO:ACME 1.1")),
            ("0009xx01:LO:ACME: X", Ok("0009xx01:LO:ACME: X")),
            ("PatientID", Err("in any case")),
            ("NoSuchThing", Err("no keyword")),
            ("00091001", Err("0009xx01:LO:ACME")),
            ("PixelData", Err("not searched by")),
            ("ProcedureCodeSequence", Err("not searched by")),
            ("PatientWeight.CodeValue", Err("through sequences")),
            ("PatientWeight:XX", Err("no value representation")),
            ("0010xx01:LO:ACME", Err("0009xx01:LO:ACME")),
            ("0009xx01:LO: ", Err("0009xx01:LO:ACME")),
            ("", Err("no keyword")),
            (&["ProcedureCodeSequence"; 10].join("."), Err("at most")),
        ] {
            match (parse(text), expected) {
                (Ok(attribute), expected) => {
                    assert_eq!(Ok(attribute.name().as_str()), expected, "{text}");
                    assert_eq!(parse(&attribute.name()), Ok(attribute), "{text}");
                }
                (Err(error), expected) => assert!(expected.is_err_and(|words| error.contains(words)), "{text}: {error}"),
            }
        }
        assert_eq!(keywords(&parse("00081032.00080100").expect("legal")), "ProcedureCodeSequence.CodeValue");
    }

    #[test]
    fn values_are_found_in_headers() {
        let json = concat!(
            r#"{"00080201":{"vr":"SH","Value":["+0700"]},"#,
            r#""00081032":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["A"]},"00080102":{"vr":"SH","Value":["X"]}},{},"#,
            r#"{"00080100":{"vr":"SH","Value":["B"]},"00080102":{"vr":"SH","Value":["Y"]}}]},"#,
            r#""00081060":{"vr":"PN","Value":[{"Alphabetic":"Lê^An"}]},"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},"#,
            r#""0008002A":{"vr":"DT","Value":["20260105103000"]},"00090010":{"vr":"LO","Value":["OTHER"]},"#,
            r#""00090011":{"vr":"LO","Value":["ACME"]},"00091001":{"vr":"LO","Value":["no"]},"00091101":{"vr":"LO","Value":["yes"]},"#,
            r#""00101030":{"vr":"DS","Value":[70.5]},"00104000":{"vr":"LT"},"00180050":{"vr":"DS","Value":["thin"]}}"#
        );
        let weight = comparable(Vr::DS, "70.5", None).expect("a number");
        for (name, expected) in [
            ("ProcedureCodeSequence.CodeValue", vec![(0, "A"), (2, "B")]),
            ("ProcedureCodeSequence.CodingSchemeDesignator", vec![(0, "X"), (2, "Y")]),
            ("PhysiciansOfRecord", vec![]),
            ("NameOfPhysiciansReadingStudy", vec![(0, "le an")]),
            ("ImageType", vec![(0, "AXIAL"), (0, "ORIGINAL")]),
            ("AcquisitionDateTime", vec![(0, "20260105033000.000000")]),
            ("0009xx01:LO:ACME", vec![(0, "yes")]),
            ("0009xx01:LO:NOBODY", vec![]),
            ("PatientWeight", vec![(0, weight.as_str())]),
            ("PatientComments", vec![]),
            ("SliceThickness", vec![]),
        ] {
            let found = values(&parse(name).expect(name), json.as_bytes());
            let found: Vec<_> = found.iter().map(|(item, value)| (*item, value.as_str())).collect();
            assert_eq!(found, expected, "{name}");
        }
        let words: Vec<_> = (0..5000).map(|n| n.to_string()).collect();
        let many = serde_json::json!({"00080008": {"vr": "CS", "Value": words}}).to_string();
        assert_eq!(values(&parse("ImageType").expect("legal"), many.as_bytes()).len(), MAX_VALUES);
    }
}
