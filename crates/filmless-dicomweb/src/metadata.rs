//! Metadata of studies, series and instances (PS3.18 section 10.4.1.1.2, Metadata Resources). The JSON was written
//! when the instances were stored; here it gets absolute links, is put in a row, and becomes XML if that is asked for.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use filmless_archive::retrieve::Metadata;
use filmless_index::StoredInstance;
use memchr::memmem;

use crate::answers::{Answer, AnswerKey};
use crate::base_url::BaseUrl;
use crate::data_sets::{self, Form};
use crate::media_type::Acceptable;
use crate::problem::Problem;
use crate::query_parameters;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::validators::{EntityTag, Freshness, Representation};

/// What stands before a link. Within a JSON string its quotes would have backslashes, so it is never a value.
const LINK: &[u8] = b"\"BulkDataURI\":\"";

/// The key of Available Transfer Syntax UID (0008,3002).
const AVAILABLE_TRANSFER_SYNTAX: &[u8] = b"\"00083002\":";

/// `GET …/metadata`.
pub async fn metadata(
    State(door): State<Door>,
    Caller(actor): Caller,
    target: Target,
    base: BaseUrl,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let form = Form::of(&Acceptable::of(query_parameters::value(&pairs, "accept"), &headers))?;
    let resource = target.resource()?;

    // The versions tell whether the client has the answer already, or it lies here, long before it is made.
    let versions = door.archive.served_versions(&actor, &resource).await?;
    let mut representation = Representation {
        content_type: String::new(),
        tag: EntityTag::weak(&(&versions, base.as_str(), form)),
        freshness: Freshness::AskAlways,
    };
    if let Some(response) = representation.not_modified(&headers) {
        return Ok(response);
    }
    let key = AnswerKey::of(&("metadata", &versions, base.as_str(), form));
    let answer = if let Some(answer) = door.answers.get(key) {
        answer
    } else {
        let documents = door.archive.metadata(&actor, &resource).await?;
        let answer = compose(&documents, form, &base)?;
        // Where an instance came or went between the two questions, the tag is too old for the content: the client
        // asks once more, and nobody else gets it.
        if documents.iter().map(|document| document.version).eq(versions) {
            door.answers.keep(key, &answer);
        }
        answer
    };
    representation.content_type = answer.content_type;
    let length = answer.body.len() as u64;
    Ok(representation.stream(StatusCode::OK, Some(length), answer.body.into()))
}

fn compose(documents: &[Metadata], form: Form, base: &BaseUrl) -> Result<Answer, Problem> {
    let whole = documents.iter().map(|Metadata { address, transfer_syntax, json, .. }| {
        let mut document = Vec::with_capacity(json.len() + 256);
        write_document(&mut document, json, transfer_syntax.as_str(), &base.instance(address));
        document
    });
    data_sets::write(form, &whole.collect::<Vec<_>>())
}

/// A number that changes whenever the list of versions does.
pub fn identity(instances: &[StoredInstance]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for instance in instances {
        instance.version.id.hash(&mut hasher);
    }
    hasher.finish()
}

/// Writes one instance: its links absolute, and the transfer syntax it can be had in, by which viewers choose.
fn write_document(out: &mut Vec<u8>, json: &[u8], transfer_syntax: &str, instance_url: &str) {
    let mut rest = json;
    if let [b'{', attributes @ ..] = json
        && memmem::find(json, AVAILABLE_TRANSFER_SYNTAX).is_none()
    {
        out.push(b'{');
        out.extend_from_slice(AVAILABLE_TRANSFER_SYNTAX);
        out.extend_from_slice(format!("{{\"vr\":\"UI\",\"Value\":[\"{transfer_syntax}\"]}}").as_bytes());
        if attributes.first() != Some(&b'}') {
            out.push(b',');
        }
        rest = attributes;
    }
    write_with_links(out, rest, instance_url);
}

/// Writes DICOM JSON with its links absolute.
pub fn write_with_links(out: &mut Vec<u8>, json: &[u8], instance_url: &str) {
    let mut written = 0;
    for place in memmem::find_iter(json, LINK) {
        let link = place + LINK.len();
        out.extend_from_slice(&json[written..link]);
        out.extend_from_slice(instance_url.as_bytes());
        out.push(b'/');
        written = link;
    }
    out.extend_from_slice(&json[written..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let mut out = Vec::new();
        write_document(&mut out, json.as_bytes(), "1.2", "http://h/i");
        let out = String::from_utf8(out).expect("UTF-8");
        assert_eq!(out, expected);
        serde_json::from_str::<serde_json::Value>(&out).expect("JSON");
    }

    #[test]
    fn links_become_absolute_and_the_transfer_syntax_is_told() {
        let syntax = r#"{"00083002":{"vr":"UI","Value":["1.2"]}"#;
        check("{}", &format!("{syntax}}}"));
        check(
            r#"{"7FE00010":{"vr":"OW","BulkDataURI":"bulkdata/132-10"},"x":{"BulkDataURI":"frames"}}"#,
            &format!(
                r#"{syntax},"7FE00010":{{"vr":"OW","BulkDataURI":"http://h/i/bulkdata/132-10"}},"x":{{"BulkDataURI":"http://h/i/frames"}}}}"#
            ),
        );
        check(r#"{"00083002":{"vr":"UI","Value":["1.9"]}}"#, r#"{"00083002":{"vr":"UI","Value":["1.9"]}}"#);
    }

    #[test]
    fn a_value_that_looks_like_a_link_stays_as_it_is() {
        let attribute = r#""00081030":{"vr":"LO","Value":["\"BulkDataURI\":\"x\""]}}"#;
        check(&format!("{{{attribute}"), &format!(r#"{{"00083002":{{"vr":"UI","Value":["1.2"]}},{attribute}"#));
    }
}
