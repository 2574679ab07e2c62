//! Encapsulated documents (PS3.3 section C.24.2, Encapsulated Document Module): PDF, CDA and models, given out as they were
//! put in.

use data_encoding::BASE64;
use filmless_dicom::icon::Icon;
use filmless_dicom::json_attributes;
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::attribute::Tag;
use filmless_model::frame::ByteRange;
use serde_json::Value;

use super::{Content, Document, DocumentForm};
use crate::problem::Problem;
use crate::router::Door;

/// The media type of PDF.
pub(super) const PDF: &str = "application/pdf";

const ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0011);
const MIME_TYPE_OF_ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0012);
const ENCAPSULATED_DOCUMENT_LENGTH: Tag = Tag(0x0042, 0x0015);

/// What goes out, with the SOP class it is the format of and the names that writers give it. Of no other type is anything said.
const FORMS: [(&str, &[&str], DocumentForm); 5] = [
    ("1.2.840.10008.5.1.4.1.1.104.1", &[PDF], DocumentForm { essence: PDF, extension: "pdf" }),
    (
        "1.2.840.10008.5.1.4.1.1.104.2",
        &["text/xml", "application/xml", "application/hl7-v3+xml"],
        DocumentForm { essence: "text/xml", extension: "xml" },
    ),
    (
        "1.2.840.10008.5.1.4.1.1.104.3",
        &["model/stl", "application/sla", "application/vnd.ms-pki.stl"],
        DocumentForm { essence: "model/stl", extension: "stl" },
    ),
    ("1.2.840.10008.5.1.4.1.1.104.4", &["model/obj"], DocumentForm { essence: "model/obj", extension: "obj" }),
    ("1.2.840.10008.5.1.4.1.1.104.5", &["model/mtl"], DocumentForm { essence: "model/mtl", extension: "mtl" }),
];

/// Finds the document of an instance.
pub(super) async fn read(door: &Door, actor: &Actor, stored: &StoredInstance) -> Result<Document, Problem> {
    let metadata = door.archive.metadata(actor, &Resource::Instance(stored.address.clone())).await?;
    let header = metadata.first().filter(|metadata| metadata.version == stored.version.id).ok_or(Problem::NotFound)?;
    let (mut mime_type, mut length, mut place) = (None, None, None);
    for attribute in json_attributes::attributes(&header.json) {
        let value = || serde_json::from_slice::<Value>(attribute.value()).ok();
        match attribute.tag {
            ENCAPSULATED_DOCUMENT => place = value(),
            MIME_TYPE_OF_ENCAPSULATED_DOCUMENT => mime_type = value().and_then(|v| v["Value"][0].as_str().map(str::to_owned)),
            ENCAPSULATED_DOCUMENT_LENGTH => length = value().and_then(|value| value["Value"][0].as_u64()),
            _ => {}
        }
    }
    let form = form(stored.sop_class.as_str(), mime_type.as_deref()).ok_or(Problem::NoPixels)?;
    let content = match place.as_ref().map(|place| (place["InlineBinary"].as_str(), place["BulkDataURI"].as_str())) {
        Some((Some(inline), _)) => {
            let bytes = BASE64.decode(inline.as_bytes()).map_err(|_| Problem::NoPixels)?;
            let keep = without_padding(bytes.len() as u64, length, bytes.last().copied(), form);
            Content::Held(bytes.into_iter().take(usize::try_from(keep).unwrap_or(usize::MAX)).collect())
        }
        Some((_, Some(link))) => {
            // A deflated document has no place of its own in the stored file, and is not given out.
            let (offset, whole) = bulkdata(link).filter(|(_, length)| *length > 0).ok_or(Problem::NoPixels)?;
            let last = ByteRange { offset: offset + whole - 1, length: 1 };
            let last = door.archive.blob_range(stored, last).await?.last().copied();
            Content::Stored(vec![ByteRange { offset, length: without_padding(whole, length, last, form) }])
        }
        _ => return Err(Problem::NoPixels),
    };
    Ok(Document { form, content })
}

/// The form that a document has: what it says of itself if that is known, else what its SOP class says.
fn form(sop_class: &str, mime_type: Option<&str>) -> Option<DocumentForm> {
    let essence = mime_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let named = FORMS.iter().find(|(_, names, _)| names.contains(&essence.as_str()));
    named.or_else(|| FORMS.iter().find(|(class, ..)| *class == sop_class)).map(|(_, _, form)| *form)
}

/// The drawing that stands for a document of a SOP class.
pub(super) fn icon(sop_class: &str) -> Icon {
    match form(sop_class, None).map(|form| form.essence) {
        Some(PDF) => Icon::Pdf,
        Some("text/xml") | None => Icon::Text,
        Some(_) => Icon::Model,
    }
}

/// Reads `bulkdata/OFFSET-LENGTH`.
fn bulkdata(link: &str) -> Option<(u64, u64)> {
    let (offset, length) = link.strip_prefix("bulkdata/")?.split_once('-')?;
    Some((offset.parse().ok()?, length.parse().ok()?))
}

/// The length of a document without the byte that makes it even. Writers from before 2018 did not say the length: a zero behind
/// a text is padding, and one behind a binary model may be its own.
fn without_padding(whole: u64, declared: Option<u64>, last: Option<u8>, form: DocumentForm) -> u64 {
    match declared {
        Some(declared) if declared == whole || declared + 1 == whole => declared,
        _ if last == Some(0) && form.essence != "model/stl" => whole - 1,
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_is_one_of_ours_whatever_the_instance_says() {
        let pdf = "1.2.840.10008.5.1.4.1.1.104.1";
        for (class, mime_type, expected) in [
            (pdf, Some("application/pdf"), Some("application/pdf")),
            (pdf, Some("Application/PDF; charset=x"), Some("application/pdf")),
            (pdf, None, Some("application/pdf")),
            (pdf, Some("text/html"), Some("application/pdf")),
            (pdf, Some("text/xml\r\nset-cookie: a"), Some("application/pdf")),
            ("1.2.840.10008.5.1.4.1.1.104.2", Some("text/XML"), Some("text/xml")),
            ("1.2.840.10008.5.1.4.1.1.104.3", Some("application/sla"), Some("model/stl")),
            ("1.2.840.10008.5.1.4.1.1.104.9", Some("model/obj"), Some("model/obj")),
            ("1.2.840.10008.5.1.4.1.1.104.9", Some("text/html"), None),
        ] {
            assert_eq!(form(class, mime_type).map(|form| form.essence), expected, "{class} {mime_type:?}");
        }
    }

    #[test]
    fn padding_is_left_out() {
        let [(_, _, pdf), _, (_, _, stl), ..] = FORMS;
        for (whole, declared, last, form, expected) in [
            (10, Some(9), Some(0), pdf, 9),
            (10, Some(10), Some(0), pdf, 10),
            (10, Some(4), Some(0), pdf, 9),
            (10, Some(u64::MAX - 1), Some(1), pdf, 10),
            (10, None, Some(0), pdf, 9),
            (10, None, Some(b'\n'), pdf, 10),
            (10, None, Some(0), stl, 10),
        ] {
            assert_eq!(without_padding(whole, declared, last, form), expected, "{whole} {declared:?}");
        }
    }
}
