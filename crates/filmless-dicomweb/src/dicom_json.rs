//! Writes answers of searches and stores in the DICOM JSON Model (PS3.18 Annex F). Metadata of instances is not
//! made here: it was written when they were stored.

use std::io::Write as _;

use filmless_model::attribute::{Attribute, Tag, Value, Vr};

/// Begins an attribute: `"GGGGEEEE":{"vr":"XX"`.
pub fn open_attribute(tag: Tag, vr: &str) -> String {
    format!("\"{:04X}{:04X}\":{{\"vr\":\"{vr}\"", tag.0, tag.1)
}

/// Writes a JSON string.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain..place]);
        plain = place + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => write!(out, "\\u{byte:04x}").expect("writing to memory cannot fail"),
        }
    }
    out.extend_from_slice(&bytes[plain..]);
    out.push(b'"');
}

/// Writes the `,"Value":[…]` of an attribute, or nothing where there is no value.
pub fn write_value(out: &mut Vec<u8>, attribute: Attribute, value: &Value) {
    match value {
        Value::Number(number) => write!(out, ",\"Value\":[{number}]").expect("writing to memory cannot fail"),
        Value::Text(text) if text.is_empty() => {}
        Value::Text(text) if attribute.vr() == Vr::UR => write_texts(out, attribute.vr(), std::iter::once(text.as_str())),
        // A backslash stands between values in all other representations that are indexed (PS3.5 section 6.2).
        Value::Text(text) => write_texts(out, attribute.vr(), text.split('\\')),
        Value::TextList(texts) if texts.is_empty() => {}
        Value::TextList(texts) => write_texts(out, attribute.vr(), texts.iter().map(String::as_str)),
    }
}

fn write_texts<'a>(out: &mut Vec<u8>, vr: Vr, texts: impl Iterator<Item = &'a str>) {
    out.extend_from_slice(b",\"Value\":[");
    for (place, text) in texts.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        if text.is_empty() {
            out.extend_from_slice(b"null");
        } else if vr == Vr::PN {
            write_name(out, text);
        } else {
            write_string(out, text);
        }
    }
    out.push(b']');
}

/// The component groups of a name (PS3.18 section F.2.2, DICOM JSON Model Object Structure).
fn write_name(out: &mut Vec<u8>, name: &str) {
    out.push(b'{');
    let mut is_first = true;
    for (group, text) in ["Alphabetic", "Ideographic", "Phonetic"].into_iter().zip(name.split('=')) {
        if text.is_empty() {
            continue;
        }
        if !is_first {
            out.push(b',');
        }
        is_first = false;
        write!(out, "\"{group}\":").expect("writing to memory cannot fail");
        write_string(out, text);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(attribute: Attribute, value: &Value, expected: &str) {
        let mut out = Vec::new();
        write_value(&mut out, attribute, value);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn values_are_written_as_annex_f_has_them() {
        let text = |text: &str| Value::Text(text.to_owned());
        check(Attribute::PatientName, &text("Nguyễn^Văn An"), r#","Value":[{"Alphabetic":"Nguyễn^Văn An"}]"#);
        check(
            Attribute::PatientName,
            &text("Yamada^Tarou=山田^太郎=やまだ^たろう"),
            r#","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"}]"#,
        );
        check(Attribute::PatientName, &text("=山田"), r#","Value":[{"Ideographic":"山田"}]"#);
        check(Attribute::PatientId, &text("a\"b\u{1}"), r#","Value":["a\"b\u0001"]"#);
        check(Attribute::StudyDescription, &text("one\\two"), r#","Value":["one","two"]"#);
        check(Attribute::StudyDescription, &text("one\\\\two"), r#","Value":["one",null,"two"]"#);
        check(Attribute::StudyDescription, &text(""), "");
        check(Attribute::SeriesNumber, &Value::Number(-3), r#","Value":[-3]"#);
        check(Attribute::ModalitiesInStudy, &Value::TextList(vec!["CT".to_owned(), "SR".to_owned()]), r#","Value":["CT","SR"]"#);
        check(Attribute::ModalitiesInStudy, &Value::TextList(vec![]), "");
    }

    proptest! {
        #[test]
        fn any_text_survives_a_json_reader(text in any::<String>()) {
            let mut out = Vec::new();
            write_string(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("a JSON string"), text);
        }
    }
}
