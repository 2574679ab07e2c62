//! Reads a data set in the Native DICOM Model (PS3.19 section A.1). Entities of a document type are not looked at, elements of
//! other models are passed over, and nothing is fetched.

use filmless_dicom::compose::{Budget, DataSet, DataSetBuilder, Given, GivenValue, MetadataError};
use filmless_model::attribute::Tag;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{NAME_COMPONENTS, NAME_GROUPS};

/// Reads one document.
pub fn read_document(xml: &[u8], budget: &mut Budget) -> Result<DataSet, MetadataError> {
    let mut reader = Reader::from_reader(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut reader = XmlReader { reader, budget };
    loop {
        match reader.next()? {
            Event::Start(start) if is_named(&start, "NativeDicomModel") => break,
            Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
            _ => return Err(reader.malformed()),
        }
    }
    let data_set = reader.data_set()?.finish();
    loop {
        match reader.next()? {
            Event::Eof => return Ok(data_set),
            Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
            _ => return Err(reader.malformed()),
        }
    }
}

fn is_named(start: &BytesStart<'_>, name: &str) -> bool {
    start.local_name().as_ref() == name.as_bytes()
}

struct XmlReader<'x, 'b> {
    reader: Reader<&'x [u8]>,
    budget: &'b mut Budget,
}

impl<'x> XmlReader<'x, '_> {
    fn malformed(&self) -> MetadataError {
        MetadataError::Malformed(format!("byte {}", self.reader.buffer_position()))
    }

    /// What comes next and means something.
    fn next(&mut self) -> Result<Event<'x>, MetadataError> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_)) => {}
                Ok(event) => return Ok(event),
                Err(_) => return Err(self.malformed()),
            }
        }
    }

    /// The next element within the one that is open, or `None` at its end.
    fn child(&mut self) -> Result<Option<BytesStart<'x>>, MetadataError> {
        loop {
            match self.next()? {
                Event::Start(start) => return Ok(Some(start)),
                Event::End(_) => return Ok(None),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                _ => return Err(self.malformed()),
            }
        }
    }

    fn skip(&mut self, start: &BytesStart<'_>) -> Result<(), MetadataError> {
        self.reader.read_to_end(start.name()).map(|_| ()).map_err(|_| self.malformed())
    }

    fn xml_attribute(&self, start: &BytesStart<'_>, name: &str) -> Result<Option<String>, MetadataError> {
        let found = start.try_get_attribute(name).map_err(|_| self.malformed())?;
        let value = found.map(|found| found.normalized_value(XmlVersion::Implicit1_0).map(std::borrow::Cow::into_owned));
        value.transpose().map_err(|_| self.malformed())
    }

    /// The attributes of the data set or item that is open.
    fn data_set(&mut self) -> Result<DataSetBuilder, MetadataError> {
        self.budget.enter()?;
        let mut builder = DataSetBuilder::default();
        while let Some(start) = self.child()? {
            if !is_named(&start, "DicomAttribute") {
                self.skip(&start)?;
                continue;
            }
            self.budget.spend()?;
            let tag = self.xml_attribute(&start, "tag")?;
            let vr = self.xml_attribute(&start, "vr")?;
            let creator = self.xml_attribute(&start, "privateCreator")?;
            let given = self.attribute()?;
            builder.add(tag.as_deref().and_then(Tag::parse), vr.as_deref(), creator.as_deref(), given);
        }
        self.budget.leave();
        Ok(builder)
    }

    /// What the attribute that is open says.
    fn attribute(&mut self) -> Result<Given, MetadataError> {
        let mut given = Given::default();
        while let Some(start) = self.child()? {
            match start.local_name().as_ref() {
                b"Value" => {
                    let place = self.place(&start, &mut given.values)?;
                    let text = self.text()?;
                    self.put(&mut given.values, place, GivenValue::Text(text))?;
                }
                b"PersonName" => {
                    let place = self.place(&start, &mut given.values)?;
                    let name = self.name()?;
                    self.put(&mut given.values, place, GivenValue::Text(name))?;
                }
                b"Item" => {
                    let place = self.place(&start, &mut given.values)?;
                    let item = self.data_set()?.finish_item();
                    self.put(&mut given.values, place, GivenValue::Item(item))?;
                }
                b"InlineBinary" => given.inline_binary = Some(self.text()?),
                b"BulkData" => {
                    let uri = self.xml_attribute(&start, "uri")?;
                    given.bulk_data_uri = Some(uri.ok_or_else(|| self.malformed())?);
                    self.skip(&start)?;
                }
                _ => self.skip(&start)?,
            }
        }
        Ok(given)
    }

    /// The place of a value, which its number tells; without number it is the next.
    fn place(&self, start: &BytesStart<'_>, values: &mut [GivenValue]) -> Result<usize, MetadataError> {
        let Some(number) = self.xml_attribute(start, "number")? else { return Ok(values.len()) };
        let number = number.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        number.ok_or_else(|| self.malformed())
    }

    /// Puts a value in its place; those before it that did not come are empty.
    fn put(&mut self, values: &mut Vec<GivenValue>, place: usize, value: GivenValue) -> Result<(), MetadataError> {
        while values.len() <= place {
            self.budget.spend()?;
            values.push(GivenValue::Empty);
        }
        match values.get_mut(place) {
            Some(slot @ GivenValue::Empty) => *slot = value,
            // Two values of one number.
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    /// The text within the element that is open, up to its end.
    fn text(&mut self) -> Result<String, MetadataError> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Event::Text(piece) => text.push_str(&piece.xml10_content().map_err(|_| self.malformed())?),
                Event::CData(piece) => text.push_str(&piece.xml10_content().map_err(|_| self.malformed())?),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(character)) => text.push(character),
                    Ok(None) => {
                        let name = reference.decode().map_err(|_| self.malformed())?;
                        text.push_str(resolve_predefined_entity(&name).ok_or_else(|| self.malformed())?);
                    }
                    Err(_) => return Err(self.malformed()),
                },
                Event::End(_) => return Ok(text),
                _ => return Err(self.malformed()),
            }
        }
    }

    /// The name within the element that is open: groups with `=`, components with `^` between them.
    fn name(&mut self) -> Result<String, MetadataError> {
        let mut groups: [String; NAME_GROUPS.len()] = Default::default();
        while let Some(start) = self.child()? {
            let group = NAME_GROUPS.iter().position(|group| is_named(&start, group)).ok_or_else(|| self.malformed())?;
            let mut components: [String; NAME_COMPONENTS.len()] = Default::default();
            while let Some(start) = self.child()? {
                let component = NAME_COMPONENTS.iter().position(|component| is_named(&start, component));
                components[component.ok_or_else(|| self.malformed())?] = self.text()?;
            }
            components.join("^").trim_end_matches('^').clone_into(&mut groups[group]);
        }
        Ok(groups.join("=").trim_end_matches('=').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use filmless_dicom::compose::{ComposeLimits, Piece, read_json};

    use super::*;

    fn read(xml: &str, limits: ComposeLimits) -> Result<DataSet, MetadataError> {
        read_document(xml.as_bytes(), &mut Budget::new(limits))
    }

    fn pieces(mut data_set: DataSet) -> Vec<Piece> {
        data_set.lay_out(&|_| None).expect("no flaw")
    }

    /// Fails unless the XML means the same as the JSON.
    fn check(xml: &str, json: &str) {
        let from_json = read_json(json.as_bytes(), &mut Budget::new(ComposeLimits::default())).expect("DICOM JSON").remove(0);
        let from_xml = read(&format!("<NativeDicomModel>{xml}</NativeDicomModel>"), ComposeLimits::default()).expect("XML");
        assert_eq!(pieces(from_xml), pieces(from_json), "{xml}");
    }

    #[test]
    fn xml_means_what_json_does() {
        check("", "{}");
        check(
            r#"<DicomAttribute tag="00081030" vr="LO" keyword="StudyDescription"><Value number="3">a &lt;&#x110;<![CDATA[&amp;]]></Value>
               <Value number="1">x<!-- y -->z</Value></DicomAttribute><Other><Value/></Other>"#,
            r#"{"00081030":{"vr":"LO","Value":["xz",null,"a <Đ&amp;"]}}"#,
        );
        check(
            r#"<DicomAttribute tag="00100010" vr="PN"><PersonName number="1"><Alphabetic><FamilyName>Nguyễn</FamilyName>
               <NameSuffix>Jr</NameSuffix></Alphabetic><Phonetic><GivenName>g</GivenName></Phonetic></PersonName></DicomAttribute>"#,
            r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Nguyễn^^^^Jr","Phonetic":"^g"}]}}"#,
        );
        check(
            r#"<DicomAttribute tag="00400275" vr="SQ"><Item number="1"/><Item number="2"><DicomAttribute tag="00400009" vr="SH">
               <Value number="1">s</Value></DicomAttribute></Item></DicomAttribute>"#,
            r#"{"00400275":{"vr":"SQ","Value":[{},{"00400009":{"vr":"SH","Value":["s"]}}]}}"#,
        );
        check(
            r#"<DicomAttribute tag="00090002" vr="OB" privateCreator="ACME"><InlineBinary> AA
               E= </InlineBinary></DicomAttribute><DicomAttribute tag="00090010" vr="LO"><Value number="1">OTHER</Value></DicomAttribute>
               <DicomAttribute tag="00090003" vr="LO" privateCreator="OTHER"/>"#,
            r#"{"00090010":{"vr":"LO","Value":["OTHER"]},"00090011":{"vr":"LO","Value":["ACME"]},
                "00091003":{"vr":"LO"},"00091102":{"vr":"OB","InlineBinary":"AAE="}}"#,
        );
    }

    #[test]
    fn what_we_write_is_read_back() {
        let json = r#"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00081030":{"vr":"LO","Value":["a < b & \"c\"\r",null,"Đ"]},
            "00090010":{"vr":"LO","Value":["ACME"]},"00091001":{"vr":"SQ","Value":[{"00080060":{"vr":"CS","Value":["CT"]}}]},
            "00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Ideographic":"C"}]},"00280010":{"vr":"US","Value":[512]}}"#;
        let mut xml = Vec::new();
        super::super::write_document(&mut xml, json.as_bytes()).expect("a data set");
        let from_json = read_json(json.as_bytes(), &mut Budget::new(ComposeLimits::default())).expect("DICOM JSON").remove(0);
        let from_xml = read_document(&xml, &mut Budget::new(ComposeLimits::default())).expect("XML");
        assert_eq!(pieces(from_xml), pieces(from_json));
    }

    #[test]
    fn hostile_documents_are_refused() {
        let limits = ComposeLimits { max_depth: 3, max_values: 20 };
        let item = r#"<DicomAttribute tag="00400275" vr="SQ"><Item number="1">"#;
        let nested = |depth| {
            format!("<NativeDicomModel>{}{}</NativeDicomModel>", item.repeat(depth), "</Item></DicomAttribute>".repeat(depth))
        };
        assert!(read(&nested(2), limits).is_ok());
        assert_eq!(read(&nested(3), limits).err(), Some(MetadataError::TooDeep(3)));
        let far = r#"<NativeDicomModel><DicomAttribute tag="00081030" vr="LO"><Value number="4000000000">a</Value></DicomAttribute></NativeDicomModel>"#;
        assert_eq!(read(far, limits).err(), Some(MetadataError::TooMany(20)));
        for xml in [
            "",
            "text",
            "<Other/>",
            "<NativeDicomModel>",
            "<NativeDicomModel></Other>",
            "<NativeDicomModel/><NativeDicomModel/>",
            "<NativeDicomModel>text</NativeDicomModel>",
            r#"<NativeDicomModel><DicomAttribute tag="00081030" vr="LO"><Value number="0">a</Value></DicomAttribute></NativeDicomModel>"#,
            r#"<NativeDicomModel><DicomAttribute tag="00081030" vr="LO"><Value>a<b/></Value></DicomAttribute></NativeDicomModel>"#,
            r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><NativeDicomModel><DicomAttribute tag="00081030" vr="LO">
               <Value number="1">&e;</Value></DicomAttribute></NativeDicomModel>"#,
            r#"<NativeDicomModel><DicomAttribute tag="00081030" vr="LO"><Value number="1">a</Value><Value number="1">b</Value>
               </DicomAttribute></NativeDicomModel>"#,
        ] {
            assert!(matches!(read(xml, limits), Err(MetadataError::Malformed(_))), "{xml}");
        }
    }
}
