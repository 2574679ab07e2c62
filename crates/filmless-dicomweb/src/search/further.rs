//! Adds to the answers of a search what stands in the headers of instances only. Of a study or a series the header of the
//! first instance speaks for all.

use std::collections::HashMap;
use std::sync::Arc;

use filmless_dicom::json_attributes::{JsonAttribute, attributes};
use filmless_model::actor::Actor;
use filmless_model::address::InstanceAddress;
use filmless_model::attribute::{Attribute, Tag};
use filmless_model::query::{Match, QueryRetrieveLevel};
use serde_json::Value;

use crate::base_url::BaseUrl;
use crate::metadata::write_with_links;
use crate::problem::Problem;
use crate::query_parameters::further::Further;
use crate::router::Door;

/// How many headers are read at a time.
const CHUNK: usize = 64;

/// The longest that all answers may be together, in bytes.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// The answers with the attributes that are asked for of the headers, by tag.
pub(super) async fn add(
    door: &Door,
    actor: &Actor,
    level: QueryRetrieveLevel,
    (matches, documents): (&[Match], &[Vec<u8>]),
    further: Further,
    base: &BaseUrl,
) -> Result<Vec<Vec<u8>>, Problem> {
    let unique = match level {
        QueryRetrieveLevel::Study => Attribute::StudyInstanceUid,
        QueryRetrieveLevel::Series => Attribute::SeriesInstanceUid,
        QueryRetrieveLevel::Instance => Attribute::SopInstanceUid,
    };
    let uid = |address: &InstanceAddress| match level {
        QueryRetrieveLevel::Study => address.study.to_string(),
        QueryRetrieveLevel::Series => address.series.to_string(),
        QueryRetrieveLevel::Instance => address.instance.to_string(),
    };
    let further = Arc::new(further);
    let mut whole = Vec::with_capacity(documents.len());
    let mut length = 0;
    for (matches, documents) in matches.chunks(CHUNK).zip(documents.chunks(CHUNK)) {
        let uids: Vec<_> = matches.iter().map(|answer| answer.text(unique).unwrap_or_default().to_owned()).collect();
        let (further, base) = (further.clone(), base.clone());
        let read = move |address: &InstanceAddress, json: &[u8]| picked(&further, json, &base.instance(address));
        let headers = door.archive.headers(actor, level, &uids, read).await?;
        let headers: HashMap<_, _> = headers.into_iter().map(|(address, picked)| (uid(&address), picked)).collect();
        for (uid, document) in uids.iter().zip(documents) {
            let document = merged(document, headers.get(uid).map(Vec::as_slice).unwrap_or_default());
            length += document.len();
            if length > MAX_ANSWER_BYTES {
                return Err(Problem::AnswerTooLong { limit: MAX_ANSWER_BYTES });
            }
            whole.push(document);
        }
    }
    Ok(whole)
}

/// The attributes of a header that are asked for, with their links absolute.
fn picked(further: &Further, header: &[u8], instance_url: &str) -> Vec<(Tag, Vec<u8>)> {
    let creator = |tag: Tag| {
        let creator = attributes(header).find(|attribute| attribute.tag == tag)?;
        let value: Value = serde_json::from_slice(creator.value()).ok()?;
        Some(value["Value"][0].as_str()?.to_owned())
    };
    let write = |attribute: JsonAttribute<'_>| {
        let mut text = Vec::with_capacity(attribute.text.len());
        write_with_links(&mut text, attribute.text, instance_url);
        (attribute.tag, text)
    };
    attributes(header).filter(|attribute| further.has(attribute, creator)).map(write).collect()
}

/// An object with further attributes, in the order of the tags. What it has stays as it is.
fn merged(document: &[u8], further: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    let mut all: Vec<(Tag, &[u8])> = attributes(document).map(|attribute| (attribute.tag, attribute.text)).collect();
    all.extend(further.iter().map(|(tag, text)| (*tag, text.as_slice())));
    // A stable sort: of two with one tag the document's own comes first, and remains.
    all.sort_by_key(|(tag, _)| *tag);
    all.dedup_by_key(|(tag, _)| *tag);
    let mut out = Vec::with_capacity(all.iter().map(|(_, text)| text.len() + 1).sum::<usize>() + 2);
    for (place, (_, text)) in all.iter().enumerate() {
        out.push(if place == 0 { b'{' } else { b',' });
        out.extend_from_slice(text);
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_the_header_join_in_the_order_of_tags() {
        let header = concat!(
            r#"{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00101030":{"vr":"DS","Value":[70.50]},"00104000":{"vr":"LT"},"#,
            r#""00430010":{"vr":"LO","Value":["ACME"]},"00431001":{"vr":"OB","BulkDataURI":"bulkdata/1-2"}}"#
        );
        let tags = vec![Tag(0x0008, 0x0005), Tag(0x0010, 0x1030), Tag(0x0043, 0x1001)];
        let creators = vec![(Tag(0x0043, 0x0010), "ACME".to_owned())];
        let further = Further { tags, creators, ..Further::default() };
        let document = br#"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"0020000D":{"vr":"UI","Value":["1.2"]}}"#;
        let whole = merged(document, &picked(&further, header.as_bytes(), "http://h/i"));
        let expected = concat!(
            r#"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00101030":{"vr":"DS","Value":[70.50]},"#,
            r#""0020000D":{"vr":"UI","Value":["1.2"]},"00430010":{"vr":"LO","Value":["ACME"]},"#,
            r#""00431001":{"vr":"OB","BulkDataURI":"http://h/i/bulkdata/1-2"}}"#
        );
        assert_eq!(String::from_utf8(whole).expect("UTF-8"), expected);
        let other = Further { creators: vec![(Tag(0x0043, 0x0010), "OTHER".to_owned())], ..further };
        let tags: Vec<_> = picked(&other, header.as_bytes(), "").into_iter().map(|(tag, _)| tag).collect();
        assert_eq!(tags, [Tag(0x0008, 0x0005), Tag(0x0010, 0x1030), Tag(0x0043, 0x0010)]);
    }
}
