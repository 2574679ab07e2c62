//! Reads the DICOM JSON Model (PS3.18 Annex F) without holding more of it than the data sets it becomes.
//!
//! What JSON does not allow ends the document; what DICOM does not allow is a flaw of one data set.

use std::fmt;

use filmless_model::attribute::Tag;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Budget, DataSet, DataSetBuilder, Given, GivenValue, MetadataError};

/// The component groups of a name, in their order (PS3.18 section F.2.2).
const NAME_GROUPS: [&str; 3] = ["Alphabetic", "Ideographic", "Phonetic"];

/// Reads an array of data sets, or a single one.
pub fn read_json(json: &[u8], budget: &mut Budget) -> Result<Vec<DataSet>, MetadataError> {
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let mut reader = Reader { budget, refused: &mut refused };
    let read = Documents(&mut reader).deserialize(&mut deserializer).and_then(|found| deserializer.end().map(|()| found));
    // The message of serde_json may quote a value: only the place is told.
    read.map_err(|error| {
        refused.unwrap_or_else(|| MetadataError::Malformed(format!("line {}, column {}", error.line(), error.column())))
    })
}

/// What all readers share.
struct Reader<'r> {
    budget: &'r mut Budget,
    /// Why reading was ended from here, since serde's error cannot carry it.
    refused: &'r mut Option<MetadataError>,
}

impl Reader<'_> {
    fn allow<E: serde::de::Error>(&mut self, allowed: Result<(), MetadataError>) -> Result<(), E> {
        allowed.map_err(|error| {
            *self.refused = Some(error);
            E::custom("a bound")
        })
    }

    fn spend<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let spent = self.budget.spend();
        self.allow(spent)
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        let entered = self.budget.enter();
        self.allow(entered)
    }
}

/// Says what a visitor wants; never shown.
macro_rules! expecting {
    ($what:literal) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str($what)
        }
    };
}

struct Documents<'s, 'r>(&'s mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Documents<'_, '_> {
    type Value = Vec<DataSet>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Documents<'_, '_> {
    type Value = Vec<DataSet>;

    expecting!("data sets");

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(data_set) = list.next_element_seed(Document(self.0))? {
            found.push(data_set);
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![read_data_set(self.0, None, &mut map)?.finish()])
    }
}

struct Document<'s, 'r>(&'s mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = DataSet;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = DataSet;

    expecting!("a data set");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        Ok(read_data_set(self.0, None, &mut map)?.finish())
    }
}

/// Reads the attributes of a data set or item, whose first name may have been read.
fn read_data_set<'de, A: MapAccess<'de>>(
    reader: &mut Reader<'_>,
    first: Option<String>,
    map: &mut A,
) -> Result<DataSetBuilder, A::Error> {
    reader.enter()?;
    let mut builder = DataSetBuilder::default();
    let mut next = match first {
        Some(first) => Some(first),
        None => map.next_key::<String>()?,
    };
    while let Some(name) = next {
        reader.spend()?;
        let (vr, given) = map.next_value_seed(Attribute(reader))?;
        builder.add(Tag::parse(&name), vr.as_deref(), None, given);
        next = map.next_key()?;
    }
    reader.budget.leave();
    Ok(builder)
}

struct Attribute<'s, 'r>(&'s mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Attribute<'_, '_> {
    type Value = (Option<String>, Given);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attribute<'_, '_> {
    type Value = (Option<String>, Given);

    expecting!("an attribute");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut vr, mut given) = (None, Given::default());
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "vr" => vr = Some(map.next_value()?),
                "Value" => given.values = map.next_value_seed(Values(self.0))?,
                "InlineBinary" => given.inline_binary = Some(map.next_value()?),
                "BulkDataURI" => given.bulk_data_uri = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok((vr, given))
    }
}

struct Values<'s, 'r>(&'s mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Values<'_, '_> {
    type Value = Vec<GivenValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, '_> {
    type Value = Vec<GivenValue>;

    expecting!("values");

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Value(self.0))? {
            values.push(value);
        }
        Ok(values)
    }
}

struct Value<'s, 'r>(&'s mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = GivenValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.spend()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = GivenValue;

    expecting!("a value");

    fn visit_unit<E>(self) -> Result<GivenValue, E> {
        Ok(GivenValue::Empty)
    }

    fn visit_str<E>(self, text: &str) -> Result<GivenValue, E> {
        Ok(GivenValue::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<GivenValue, E> {
        Ok(GivenValue::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<GivenValue, E> {
        Ok(GivenValue::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<GivenValue, E> {
        // The shortest digits that mean this number, with an exponent where that is shorter.
        Ok(GivenValue::Text(format!("{number:?}")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GivenValue, A::Error> {
        let Some(first) = map.next_key::<String>()? else { return Ok(GivenValue::Item(DataSet::default())) };
        if !NAME_GROUPS.contains(&first.as_str()) {
            return Ok(GivenValue::Item(read_data_set(self.0, Some(first), &mut map)?.finish_item()));
        }
        let mut groups: [Option<String>; 3] = Default::default();
        let mut next = Some(first);
        while let Some(name) = next {
            let place = NAME_GROUPS.iter().position(|group| *group == name).ok_or_else(|| A::Error::custom("a group"))?;
            groups[place] = map.next_value()?;
            next = map.next_key()?;
        }
        let name = groups.map(Option::unwrap_or_default).join("=");
        Ok(GivenValue::Text(name.trim_end_matches('=').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ComposeLimits, Flaw, Piece};
    use super::*;

    fn read(json: &str, limits: ComposeLimits) -> Result<Vec<DataSet>, MetadataError> {
        read_json(json.as_bytes(), &mut Budget::new(limits))
    }

    fn check(json: &str, expected: Result<&[u8], Flaw>) {
        let mut found = read(json, ComposeLimits::default()).expect("DICOM JSON");
        let pieces = found[0].lay_out(&|_| None);
        let bytes = pieces.map(|pieces| match pieces.as_slice() {
            [Piece::Bytes(bytes)] => bytes.clone(),
            other => panic!("no bulk data, one piece: {other:?}"),
        });
        assert_eq!(bytes.as_deref(), expected.as_deref(), "{json}");
    }

    #[test]
    fn attributes_are_written_in_order_whatever_order_they_came_in() {
        check("{}", Ok(b""));
        check(
            r#"{"00280010":{"Value":[16],"vr":"US"},"00080060":{"vr":"CS","Value":["CT"]},"00080050":{"vr":"SH"}}"#,
            Ok(b"\x08\0\x50\0SH\0\0\x08\0\x60\0CS\x02\0CT\x28\0\x10\0US\x02\0\x10\0"),
        );
        check(
            r#"{"00400275":{"vr":"SQ","Value":[{"00400009":{"vr":"SH","Value":["s1"]}},{},null]}}"#,
            Ok(b"\x40\0\x75\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff\x40\0\x09\0SH\x02\0s1\xfe\xff\x0d\xe0\0\0\0\0\
                \xfe\xff\0\xe0\xff\xff\xff\xff\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\0\xe0\xff\xff\xff\xff\xfe\xff\x0d\xe0\0\0\0\0\
                \xfe\xff\xdd\xe0\0\0\0\0"),
        );
        check(r#"{"00091001":{"vr":"OB","InlineBinary":"AAEC"}}"#, Ok(b"\x09\0\x01\x10OB\0\0\x04\0\0\0\0\x01\x02\0"));
    }

    #[test]
    fn names_are_put_together_and_text_beyond_ascii_says_what_it_is() {
        check(r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B"}]}}"#, Ok(b"\x10\0\x10\0PN\x04\0A^B "));
        check(
            r#"{"00100010":{"vr":"PN","Value":[{"Ideographic":"Đ"}]},"00080005":{"vr":"CS","Value":["ISO_IR 100"]}}"#,
            Ok(b"\x08\0\x05\0CS\x0a\0ISO_IR 192\x10\0\x10\0PN\x04\0=\xc4\x90 "),
        );
        check(r#"{"00100010":{"vr":"PN","Value":[{}]}}"#, Ok(b"\x10\0\x10\0PN\0\0"));
    }

    #[test]
    fn what_is_not_of_the_data_set_is_left_out() {
        check(
            r#"{"00020010":{"vr":"UI","Value":["1"]},"00083002":{"vr":"UI","Value":["1"]},"00100000":{"vr":"UL","Value":[4]},
                "7FE00001":{"vr":"OV","InlineBinary":""}}"#,
            Ok(b""),
        );
    }

    #[test]
    fn flaws_stay_with_their_data_set() {
        for (json, flaw) in [
            (r#"{"0010001":{"vr":"PN"}}"#, Flaw::Tag),
            (r#"{"FFFEE000":{"vr":"UN"}}"#, Flaw::Tag),
            (r#"{"00100010":{"vr":"XX"}}"#, Flaw::ValueRepresentation(Tag(0x10, 0x10))),
            (r#"{"00280010":{"vr":"US","Value":["rows"]}}"#, Flaw::Value(Tag(0x28, 0x10))),
            (r#"{"00280010":{"vr":"US","Value":[{"00280010":{"vr":"US"}}]}}"#, Flaw::Value(Tag(0x28, 0x10))),
            (r#"{"00091001":{"vr":"OB","InlineBinary":"?"}}"#, Flaw::Value(Tag(9, 0x1001))),
            (r#"{"00400275":{"vr":"SQ","Value":["text"]}}"#, Flaw::Value(Tag(0x40, 0x275))),
            (r#"{"00400275":{"vr":"SQ","BulkDataURI":"b"}}"#, Flaw::Value(Tag(0x40, 0x275))),
            (r#"{"00080060":{"vr":"CS"},"00080060":{"vr":"CS"}}"#, Flaw::Repeated(Tag(8, 0x60))),
        ] {
            check(json, Err(flaw));
        }
        let two = read(r#"[{"x":{}},{"00080060":{"vr":"CS"}}]"#, ComposeLimits::default()).expect("DICOM JSON");
        assert_eq!((two[0].flaw(), two[1].flaw()), (Some(Flaw::Tag), None));
    }

    #[test]
    fn documents_beyond_their_bounds_are_refused() {
        let limits = ComposeLimits { max_depth: 3, max_values: 20 };
        let nested = |depth| format!("{}{{}}{}", r#"{"00400275":{"vr":"SQ","Value":["#.repeat(depth), "]}}".repeat(depth));
        assert!(read(&nested(3), limits).is_ok());
        assert_eq!(read(&nested(4), limits).err(), Some(MetadataError::TooDeep(3)));
        let many = format!(r#"{{"00280010":{{"vr":"US","Value":[{}]}}}}"#, ["1"; 30].join(","));
        assert_eq!(read(&many, limits).err(), Some(MetadataError::TooMany(20)));
        for json in
            ["", "[", "7", "[7]", r#"{"00080060":7}"#, r#"{"00080060":{"vr":7}}"#, r#"{"00080060":{"vr":"CS","Value":"secret"}}"#]
        {
            let error = read(json, limits).expect_err("no DICOM JSON");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(matches!(read(&"[".repeat(100_000), ComposeLimits::default()), Err(MetadataError::Malformed(_))));
    }
}
