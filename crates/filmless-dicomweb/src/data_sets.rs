//! Answers that are lists of data sets, of searches and of metadata: one DICOM JSON array, or one part of XML for each
//! (PS3.18 section 8.7.3.2, DICOM Media Type Sets).

use std::hash::{BuildHasher as _, RandomState};

use filmless_archive::ArchiveError;

use crate::answers::Answer;
use crate::dicom_xml;
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::retrieve::not_acceptable;

/// The media type of a data set as XML.
const XML: &str = "application/dicom+xml";

/// In which form a list of data sets goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `application/dicom+json`, or `application/json` for clients that know no better.
    Json(&'static str),
    /// `multipart/related; type="application/dicom+xml"`.
    Xml,
}

/// JSON in both its names.
const JSON: [&str; 2] = ["application/dicom+json", "application/json"];

impl Form {
    /// The form that a client likes best.
    pub fn of(acceptable: &Acceptable) -> Result<Self, Problem> {
        let [dicom_json, json] = JSON.map(|essence| Offer::plain(Packaging::Single, essence));
        let offers = [dicom_json, json, Offer::plain(Packaging::Multipart, XML)];
        match acceptable.choose(&offers) {
            Some(offer) if offer.packaging == Packaging::Multipart => Ok(Self::Xml),
            Some(offer) => Ok(Self::Json(offer.essence)),
            None => Err(not_acceptable(&offers)),
        }
    }
}

/// Puts data sets, each as DICOM JSON, in a row.
pub fn write(form: Form, documents: &[Vec<u8>]) -> Result<Answer, Problem> {
    match form {
        Form::Json(content_type) => {
            let mut body = Vec::with_capacity(documents.iter().map(|json| json.len() + 1).sum::<usize>() + 2);
            body.push(b'[');
            for (place, json) in documents.iter().enumerate() {
                if place > 0 {
                    body.push(b',');
                }
                body.extend_from_slice(json);
            }
            body.push(b']');
            Ok(Answer { content_type: content_type.to_owned(), body: body.into() })
        }
        Form::Xml => {
            // A boundary that nobody can know beforehand stands in no value.
            let boundary = Boundary::of(&RandomState::new().hash_one(documents));
            let mut body = Vec::new();
            for (place, json) in documents.iter().enumerate() {
                body.extend_from_slice(&boundary.before_part(place == 0, XML, None, None));
                dicom_xml::write_document(&mut body, json).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
            }
            body.extend_from_slice(&boundary.end());
            Ok(Answer { content_type: boundary.content_type(XML), body: body.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_form_it_likes_best() {
        let json = Some(Form::Json("application/dicom+json"));
        for (accept, expected) in [
            ("", json),
            ("*/*", json),
            ("application/dicom+json", json),
            ("application/json", Some(Form::Json("application/json"))),
            ("multipart/related; type=\"application/dicom+xml\"", Some(Form::Xml)),
            ("multipart/related;type=application/dicom+xml", Some(Form::Xml)),
            ("multipart/related", Some(Form::Xml)),
            ("multipart/related; type=\"application/dicom+xml\";q=0.5, application/dicom+json", json),
            ("multipart/related; type=\"application/dicom+xml\", application/dicom+json;q=0.5", Some(Form::Xml)),
            ("application/dicom+xml", None),
            ("text/html", None),
        ] {
            assert_eq!(Form::of(&Acceptable::parse(accept)).ok(), expected, "{accept}");
        }
    }
}
