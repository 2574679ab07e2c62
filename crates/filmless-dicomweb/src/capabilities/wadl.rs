//! Documents of WADL (Web Application Description Language), as XML and, after PS3.18 annex G (WADL JSON Representation),
//! as JSON.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

/// Elements that stand once in their parent; of all others there may be several (PS3.18 section G.2, XML Elements).
const UNIQUE: [&str; 3] = ["application", "resources", "request"];

/// An element of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: Option<Cow<'static, str>>,
    children: Vec<Element>,
}

impl Element {
    /// An element with attributes.
    pub(super) fn new<const N: usize>(name: &'static str, attributes: [(&'static str, &str); N]) -> Self {
        let attributes = attributes.map(|(name, value)| (name, value.to_owned())).into();
        Self { name, attributes, text: None, children: Vec::new() }
    }

    /// A text for people.
    pub(super) fn doc(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: Some(text.into()), ..Self::new("doc", [("xml:lang", "en")]) }
    }

    /// The same with children behind those it has.
    pub(super) fn with(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The whole document as XML.
    pub(super) fn to_xml(&self) -> Vec<u8> {
        let mut xml = Writer::new(Vec::new());
        let declaration = xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        declaration.and_then(|()| self.write(&mut xml)).expect("writing to memory cannot fail");
        xml.into_inner()
    }

    fn write(&self, xml: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        let start = BytesStart::new(self.name).with_attributes(attributes);
        if self.text.is_none() && self.children.is_empty() {
            return xml.write_event(Event::Empty(start));
        }
        let end = start.to_end().into_owned();
        xml.write_event(Event::Start(start))?;
        if let Some(text) = &self.text {
            xml.write_event(Event::Text(BytesText::new(text)))?;
        }
        for child in &self.children {
            child.write(xml)?;
        }
        xml.write_event(Event::End(end))
    }

    /// The whole document as JSON.
    pub(super) fn to_json(&self) -> Value {
        Value::Object(Map::from_iter([(self.name.to_owned(), self.content())]))
    }

    fn content(&self) -> Value {
        let attributes = self.attributes.iter().map(|(name, value)| (format!("@{name}"), Value::from(value.as_str())));
        let mut object: Map<String, Value> = attributes.collect();
        object.extend(self.text.iter().map(|text| ("value".to_owned(), Value::from(text.as_ref()))));
        for child in &self.children {
            if UNIQUE.contains(&child.name) {
                object.insert(child.name.to_owned(), child.content());
            } else if let Value::Array(list) = object.entry(child.name).or_insert_with(|| Value::Array(Vec::new())) {
                list.push(child.content());
            }
        }
        Value::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Element {
        let request = Element::new("request", []).with([Element::new("param", [("name", "a&b")])]);
        let method = |name| Element::new("method", [("name", name)]).with([request.clone()]);
        Element::new("application", []).with([Element::doc("1 < 2"), method("GET"), method("PUT")])
    }

    #[test]
    fn a_document_is_written_as_xml() {
        let method = |name| format!("<method name=\"{name}\"><request><param name=\"a&amp;b\"/></request></method>");
        let expected = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><application><doc xml:lang=\"en\">1 &lt; 2</doc>{}{}</application>",
            method("GET"),
            method("PUT")
        );
        assert_eq!(String::from_utf8_lossy(&document().to_xml()), expected);
    }

    #[test]
    fn unique_elements_are_objects_and_all_others_arrays() {
        let request = json!({"param": [{"@name": "a&b"}]});
        let expected = json!({"application": {
            "doc": [{"@xml:lang": "en", "value": "1 < 2"}],
            "method": [{"@name": "GET", "request": request}, {"@name": "PUT", "request": request}],
        }});
        assert_eq!(document().to_json(), expected);
    }
}
