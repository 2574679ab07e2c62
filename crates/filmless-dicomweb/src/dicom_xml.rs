//! Writes data sets in the Native DICOM Model (PS3.19 section A.1), the form of `application/dicom+xml`, from the DICOM JSON
//! that answers are made of.

pub mod reader;

use std::io;

use filmless_dicom::dictionary;
use filmless_model::attribute::Tag;
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

/// The component groups of a name, and the components of each (PS3.19 table A.1.5-4, DICOM Person Name).
const NAME_GROUPS: [&str; 3] = ["Alphabetic", "Ideographic", "Phonetic"];
const NAME_COMPONENTS: [&str; 5] = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

/// Why a data set cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// It is no DICOM JSON.
    #[error("a data set is not in the DICOM JSON Model")]
    NotDicomJson(#[from] serde_json::Error),
    /// Writing to memory failed.
    #[error("a data set cannot be written as XML")]
    Write(#[from] io::Error),
}

/// Where XML goes.
type Xml<'o> = Writer<&'o mut Vec<u8>>;

/// Writes one data set as an XML document.
pub fn write_document(out: &mut Vec<u8>, dicom_json: &[u8]) -> Result<(), XmlError> {
    let data_set: Map<String, Value> = serde_json::from_slice(dicom_json)?;
    let mut xml = Writer::new(out);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let model = BytesStart::new("NativeDicomModel").with_attributes([("xml:space", "preserve")]);
    within(&mut xml, model, |xml| write_attributes(xml, &data_set))?;
    Ok(())
}

/// Writes an element with what `inner` writes in it.
fn within(xml: &mut Xml<'_>, start: BytesStart<'_>, inner: impl FnOnce(&mut Xml<'_>) -> io::Result<()>) -> io::Result<()> {
    let end = start.to_end().into_owned();
    xml.write_event(Event::Start(start))?;
    inner(xml)?;
    xml.write_event(Event::End(end))
}

/// Writes an element with a text in it.
fn text_element(xml: &mut Xml<'_>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    let text = legal(text);
    // A bare carriage return would reach the reader as a line feed (XML 1.0 section 2.11, End-of-Line Handling).
    let escaped = escape(text.as_str()).replace('\r', "&#13;");
    within(xml, start, |xml| xml.write_event(Event::Text(BytesText::from_escaped(escaped))))
}

/// A text without the characters that XML cannot have (XML 1.0 section 2.2, Characters).
fn legal(text: &str) -> String {
    let is_legal = |c: char| !(c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().map(|c| if is_legal(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

fn write_attributes(xml: &mut Xml<'_>, data_set: &Map<String, Value>) -> io::Result<()> {
    for (key, attribute) in data_set {
        let Some(tag) = Tag::parse(key) else { continue };
        // Blocks of private attributes have no number here, and so nobody reserves one: the creator stands with each.
        if tag.is_private() && tag.1 <= 0x00FF {
            continue;
        }
        let vr = attribute["vr"].as_str().unwrap_or("UN");
        let mut start = BytesStart::new("DicomAttribute");
        let creator = format!("{:04X}{:04X}", tag.0, tag.1 >> 8);
        let creator = data_set.get(&creator).and_then(|creator| creator["Value"][0].as_str()).filter(|_| tag.is_private());
        if let Some(creator) = creator {
            start.push_attribute(("tag", format!("{:04X}{:04X}", tag.0, tag.1 & 0x00FF).as_str()));
            start.push_attribute(("vr", vr));
            start.push_attribute(("privateCreator", legal(creator).as_str()));
        } else {
            start.push_attribute(("tag", key.as_str()));
            start.push_attribute(("vr", vr));
            if let Some(keyword) = dictionary::keyword(tag) {
                start.push_attribute(("keyword", keyword));
            }
        }
        within(xml, start, |xml| write_value(xml, attribute))?;
    }
    Ok(())
}

fn write_value(xml: &mut Xml<'_>, attribute: &Value) -> io::Result<()> {
    if let Some(uri) = attribute["BulkDataURI"].as_str() {
        let bulk_data = BytesStart::new("BulkData").with_attributes([("uri", uri)]);
        return xml.write_event(Event::Empty(bulk_data));
    }
    if let Some(base64) = attribute["InlineBinary"].as_str() {
        return text_element(xml, BytesStart::new("InlineBinary"), base64);
    }
    let values = attribute["Value"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_name = attribute["vr"] == "PN";
    for (place, value) in values.iter().enumerate() {
        let number = (place + 1).to_string();
        let numbered = |name: &'static str| BytesStart::new(name).with_attributes([("number", number.as_str())]);
        match value {
            // A value between others that is empty has its number and no element.
            Value::Null => {}
            Value::Object(name) if is_name => within(xml, numbered("PersonName"), |xml| write_name(xml, name))?,
            Value::Object(item) => within(xml, numbered("Item"), |xml| write_attributes(xml, item))?,
            Value::String(text) => text_element(xml, numbered("Value"), text)?,
            other => text_element(xml, numbered("Value"), &other.to_string())?,
        }
    }
    Ok(())
}

fn write_name(xml: &mut Xml<'_>, name: &Map<String, Value>) -> io::Result<()> {
    for group in NAME_GROUPS {
        let Some(text) = name.get(group).and_then(Value::as_str).filter(|text| !text.is_empty()) else { continue };
        within(xml, BytesStart::new(group), |xml| {
            let components = NAME_COMPONENTS.into_iter().zip(text.splitn(NAME_COMPONENTS.len(), '^'));
            for (component, text) in components.filter(|(_, text)| !text.is_empty()) {
                text_element(xml, BytesStart::new(component), text)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let mut out = Vec::new();
        write_document(&mut out, json.as_bytes()).expect("a data set");
        let head = r#"<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xml:space="preserve">"#;
        assert_eq!(String::from_utf8(out).expect("UTF-8"), format!("{head}{expected}</NativeDicomModel>"));
    }

    #[test]
    fn attributes_are_written_as_the_model_has_them() {
        check("{}", "");
        check(
            r#"{"00080018":{"vr":"UI","Value":["1.2"]},"00080050":{"vr":"SH"}}"#,
            "<DicomAttribute tag=\"00080018\" vr=\"UI\" keyword=\"SOPInstanceUID\"><Value number=\"1\">1.2</Value></DicomAttribute>\
             <DicomAttribute tag=\"00080050\" vr=\"SH\" keyword=\"AccessionNumber\"></DicomAttribute>",
        );
        check(
            r#"{"00081030":{"vr":"LO","Value":["a < b & \"c\"",null,"x\ry\u0001"]},"00200013":{"vr":"IS","Value":[7]}}"#,
            "<DicomAttribute tag=\"00081030\" vr=\"LO\" keyword=\"StudyDescription\">\
             <Value number=\"1\">a &lt; b &amp; &quot;c&quot;</Value><Value number=\"3\">x&#13;y\u{fffd}</Value></DicomAttribute>\
             <DicomAttribute tag=\"00200013\" vr=\"IS\" keyword=\"InstanceNumber\"><Value number=\"1\">7</Value></DicomAttribute>",
        );
    }

    #[test]
    fn names_sequences_and_bulk_data_have_their_own_elements() {
        check(
            r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Nguyễn^Văn^^^Jr","Ideographic":"阮^文"}]}}"#,
            "<DicomAttribute tag=\"00100010\" vr=\"PN\" keyword=\"PatientName\"><PersonName number=\"1\">\
             <Alphabetic><FamilyName>Nguyễn</FamilyName><GivenName>Văn</GivenName><NameSuffix>Jr</NameSuffix></Alphabetic>\
             <Ideographic><FamilyName>阮</FamilyName><GivenName>文</GivenName></Ideographic></PersonName></DicomAttribute>",
        );
        check(
            r#"{"00400275":{"vr":"SQ","Value":[{},{"00400009":{"vr":"SH","Value":["s"]}}]},"7FE00010":{"vr":"OW","BulkDataURI":"http://h/f?a&b"}}"#,
            "<DicomAttribute tag=\"00400275\" vr=\"SQ\" keyword=\"RequestAttributesSequence\"><Item number=\"1\"></Item>\
             <Item number=\"2\"><DicomAttribute tag=\"00400009\" vr=\"SH\" keyword=\"ScheduledProcedureStepID\">\
             <Value number=\"1\">s</Value></DicomAttribute></Item></DicomAttribute>\
             <DicomAttribute tag=\"7FE00010\" vr=\"OW\" keyword=\"PixelData\"><BulkData uri=\"http://h/f?a&amp;b\"/></DicomAttribute>",
        );
    }

    #[test]
    fn private_attributes_name_their_creator_in_place_of_a_block() {
        check(
            r#"{"00090011":{"vr":"LO","Value":["ACME"]},"00091102":{"vr":"OB","InlineBinary":"AAE="},"00091203":{"vr":"LO"}}"#,
            "<DicomAttribute tag=\"00090002\" vr=\"OB\" privateCreator=\"ACME\"><InlineBinary>AAE=</InlineBinary></DicomAttribute>\
             <DicomAttribute tag=\"00091203\" vr=\"LO\"></DicomAttribute>",
        );
        assert!(write_document(&mut Vec::new(), b"[").is_err());
    }
}
