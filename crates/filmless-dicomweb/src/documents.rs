//! The rendered form of what is not a picture (PS3.18 section 8.7.4, Rendered Media Types): encapsulated documents and
//! video as they are stored, everything else as it is made by the rooms below.
//!
//! What a peer put into a document runs nothing here: its media type is one of ours, a browser may not guess another, and
//! what may hold scripts is sandboxed.

mod concepts;
mod encapsulated;
mod language;
pub mod markup;
mod report;
mod video;
mod waveform;

use std::io;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use filmless_dicom::icon::Icon;
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::frame::ByteRange;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};

use self::language::Language;
use crate::answers::{Answer, AnswerKey};
use crate::category::Category;
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::validators::{EntityTag, Freshness, Representation, Span};

/// A document may load nothing and run nothing, and is of no origin.
const SANDBOXED: &str = "default-src 'none'; sandbox";

/// Browsers show PDF by a viewer of their own, which a sandbox would keep from starting; scripts of a PDF never meet the page.
const SHOWN_BY_THE_BROWSER: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/// What the form of a document depends on.
const VARY: HeaderValue = HeaderValue::from_static("accept, accept-language");

/// Where the bytes of a document are.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    /// In the stored file, one run behind the other.
    Stored(Vec<ByteRange>),
    /// In memory.
    Held(Bytes),
}

/// A document that is at hand in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Document {
    form: DocumentForm,
    content: Content,
}

/// A media type with what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DocumentForm {
    essence: &'static str,
    /// Of the name under which it is saved.
    extension: &'static str,
}

/// What an instance is shown by.
enum Source {
    /// What it holds.
    Found(Document),
    /// What is made of a report.
    Report,
    /// What is drawn of a waveform.
    Waveform,
}

/// Whether an instance of this category is shown as a document.
pub fn has_document(category: Category) -> bool {
    matches!(category, Category::Video | Category::Document | Category::Report | Category::Waveform)
}

/// The drawing that stands for an instance without images.
pub fn icon(stored: &StoredInstance) -> Option<Icon> {
    match Category::of(stored) {
        Category::Video => Some(Icon::Video),
        Category::Document => Some(encapsulated::icon(stored.sop_class.as_str())),
        Category::Report => Some(Icon::Text),
        Category::Waveform => Some(Icon::Waveform),
        Category::Image | Category::PresentationState | Category::OtherPresentationState | Category::Other => None,
    }
}

/// An instance that is no picture.
pub async fn document(
    door: &Door,
    actor: &Actor,
    stored: &StoredInstance,
    acceptable: &Acceptable,
    packagings: &[Packaging],
    headers: &HeaderMap,
    freshness: Freshness,
) -> Result<Response, Problem> {
    let source = match Category::of(stored) {
        Category::Video => Source::Found(video::read(door, stored).await?),
        Category::Document => Source::Found(encapsulated::read(door, actor, stored).await?),
        Category::Report => Source::Report,
        Category::Waveform => Source::Waveform,
        Category::Image | Category::PresentationState | Category::OtherPresentationState | Category::Other => {
            return Err(Problem::NoPixels);
        }
    };
    let forms = source.forms();
    let offers: Vec<_> =
        packagings.iter().flat_map(|packaging| forms.iter().map(|form| Offer::plain(*packaging, form.essence))).collect();
    let offer = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?;
    let form = forms.iter().find(|form| form.essence == offer.essence).copied().ok_or(Problem::NoPixels)?;
    // Our own words are in the language of who asks; what was found has none of them.
    let language = if matches!(source, Source::Found(_)) { Language::English } else { Language::of(headers) };
    let content_type = if form.is_text() { format!("{}; charset=utf-8", form.essence) } else { form.essence.to_owned() };
    let boundary = Boundary::of(&(stored.version.id, form.essence, language));
    let representation = Representation {
        content_type: match offer.packaging {
            Packaging::Single => content_type.clone(),
            Packaging::Multipart => boundary.content_type(form.essence),
        },
        tag: EntityTag::strong(&(stored.version.id, form.essence, language, offer.packaging == Packaging::Single)),
        freshness,
    };
    if let Some(mut response) = representation.not_modified(headers) {
        response.headers_mut().insert(header::VARY, VARY);
        return Ok(response);
    }
    let content = match source {
        Source::Found(document) => document.content,
        Source::Report | Source::Waveform => Content::Held(made(door, stored, &source, form, language).await?),
    };
    let length = content.length();
    let mut response = match offer.packaging {
        Packaging::Single => content.single(door, stored, &representation, headers).await?,
        Packaging::Multipart => {
            let (before, after) = (boundary.before_part(true, &content_type, Some(length), None), boundary.end());
            let total = before.len() as u64 + length + after.len() as u64;
            let body = stream::iter([Ok(before)]).chain(content.bytes(door, stored)).chain(stream::iter([Ok(after)]));
            representation.stream(StatusCode::OK, Some(total), Body::from_stream(body))
        }
    };
    protect(response.headers_mut(), form, stored);
    Ok(response)
}

/// What is written about an instance; kept for those who ask again.
async fn made(
    door: &Door,
    stored: &StoredInstance,
    source: &Source,
    form: DocumentForm,
    language: Language,
) -> Result<Bytes, Problem> {
    let key = AnswerKey::of(&("document", stored.version.id, form.essence, language));
    if let Some(answer) = door.answers.get(key) {
        return Ok(answer.body);
    }
    let text = match source {
        Source::Waveform => waveform::write(door, stored, language).await?,
        Source::Report | Source::Found(_) => report::write(door, stored, form, language).await?,
    };
    let answer = Answer { content_type: form.essence.to_owned(), body: text.into() };
    door.answers.keep(key, &answer);
    Ok(answer.body)
}

impl Source {
    fn forms(&self) -> Vec<DocumentForm> {
        match self {
            Self::Found(document) => vec![document.form],
            Self::Report => report::FORMS.to_vec(),
            Self::Waveform => vec![waveform::FORM],
        }
    }
}

impl DocumentForm {
    /// Whether we wrote it, in UTF-8. What a peer wrote says itself what it is in, or does not.
    fn is_text(self) -> bool {
        matches!(self.essence, "text/html" | "text/plain")
    }
}

impl Content {
    fn length(&self) -> u64 {
        match self {
            Self::Stored(ranges) => ranges.iter().map(|range| range.length).sum(),
            Self::Held(bytes) => bytes.len() as u64,
        }
    }

    /// As the body, or the range of it that is asked for.
    async fn single(
        self,
        door: &Door,
        stored: &StoredInstance,
        representation: &Representation,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let length = self.length();
        let ranges = match self {
            Self::Held(bytes) => return representation.whole_or_range(headers, bytes),
            Self::Stored(ranges) => ranges,
        };
        let span = representation.requested_span(headers, length)?;
        let ranges = span.map_or_else(|| ranges.clone(), |span| part(&ranges, span));
        // What cannot be opened is an answer of its own, and not one that breaks off.
        let mut bytes = Self::Stored(ranges).bytes(door, stored);
        let first = bytes.try_next().await.map_err(|error| {
            tracing::warn!(%error, instance.uid = %stored.address.instance, "a document cannot be read");
            Problem::Unavailable
        })?;
        let body = Body::from_stream(stream::iter(first.map(Ok)).chain(bytes));
        if let Some(span) = span {
            return Ok(representation.range(span, length, body));
        }
        let mut response = representation.stream(StatusCode::OK, Some(length), body);
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        Ok(response)
    }

    /// The bytes, piece by piece: the next run is opened when the one before has been sent.
    fn bytes(self, door: &Door, stored: &StoredInstance) -> BoxStream<'static, io::Result<Bytes>> {
        let (archive, stored) = (door.archive.clone(), stored.clone());
        match self {
            Self::Held(bytes) => stream::iter([Ok(bytes)]).boxed(),
            Self::Stored(ranges) => stream::iter(ranges)
                .then(move |range| {
                    let (archive, stored) = (archive.clone(), stored.clone());
                    async move {
                        let bytes = archive.blob(&stored, Some(range)).await.map_err(io::Error::other)?;
                        Ok::<_, io::Error>(bytes.map_err(io::Error::other))
                    }
                })
                .try_flatten()
                .boxed(),
        }
    }
}

/// The runs of bytes that a span covers.
fn part(ranges: &[ByteRange], span: Span) -> Vec<ByteRange> {
    let mut begin = 0;
    let mut part = Vec::new();
    for range in ranges {
        let (first, end) = (span.first.max(begin), (span.last + 1).min(begin + range.length));
        if first < end {
            part.push(ByteRange { offset: range.offset + (first - begin), length: end - first });
        }
        begin += range.length;
    }
    part
}

/// Says what a browser may do with a document, and under which name it is saved: the SOP Instance UID, digits and dots alone.
fn protect(headers: &mut HeaderMap, form: DocumentForm, stored: &StoredInstance) {
    let is_shown = !form.essence.starts_with("model/");
    let name = format!("{}.{}", stored.address.instance, form.extension);
    let disposition = format!("{}; filename=\"{name}\"", if is_shown { "inline" } else { "attachment" });
    let policy = match form.essence {
        encapsulated::PDF => HeaderValue::from_static(SHOWN_BY_THE_BROWSER),
        // Its links are followed with the session of who reads it, which a sandbox would not have.
        "text/html" => report::policy(),
        _ => HeaderValue::from_static(SANDBOXED),
    };
    let mut set = |name: HeaderName, value| headers.insert(name, value);
    set(header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("UIDs and our words are legal in a header"));
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::VARY, VARY);
    set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_cut_out_of_several_runs() {
        let run = |offset, length| ByteRange { offset, length };
        let runs = [run(100, 10), run(200, 5), run(300, 10)];
        for (first, last, expected) in [
            (0, 24, vec![run(100, 10), run(200, 5), run(300, 10)]),
            (0, 0, vec![run(100, 1)]),
            (9, 10, vec![run(109, 1), run(200, 1)]),
            (12, 13, vec![run(202, 2)]),
            (14, 24, vec![run(204, 1), run(300, 10)]),
        ] {
            assert_eq!(part(&runs, Span { first, last }), expected, "{first}-{last}");
        }
    }
}
