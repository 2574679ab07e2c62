//! STOW-RS: storing instances (PS3.18 section 10.5, Store Transaction). Files are handed to the archive as they arrive,
//! instances that come as metadata and bulk data once both are there; what one part does wrong costs no other, and nothing is
//! said to be stored before it is.

use axum::body::{Body, BodyDataStream};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use filmless_model::actor::Actor;
use filmless_model::uid::StudyInstanceUid;
use futures::StreamExt as _;

use crate::base_url::BaseUrl;
use crate::media_type::{Acceptable, MediaType};
use crate::multipart::reader::{Event, MultipartError, MultipartLimits, MultipartReader, PartHeader};
use crate::problem::Problem;
use crate::query_parameters;
use crate::router::Door;
use crate::store::bulk_parts::ArrivingBulk;
use crate::store::composition::Composition;
use crate::store::file::ArrivingFile;
use crate::store::metadata::Model;
use crate::store::response::{AnswerForm, Failed, Outcome, Outcomes};
use crate::target::{Caller, Target};

mod bulk_parts;
mod composition;
mod file;
mod metadata;
pub mod response;

/// The media type of a DICOM file.
const DICOM: &str = "application/dicom";

/// `POST /studies` and `POST /studies/{study}`.
pub async fn store(
    State(door): State<Door>,
    Caller(actor): Caller,
    target: Target,
    base: BaseUrl,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let form = AnswerForm::of(&Acceptable::of(query_parameters::value(&pairs, "accept"), &headers))?;
    let packaging = packaging(&headers)?;
    let mut request = Request {
        body: BoundedBody { stream: body.into_data_stream(), left: door.config.max_store_bytes, door: door.clone() },
        composition: Composition::new(door.clone(), actor.clone(), target.study.clone(), &base),
        door,
        actor,
        study: target.study,
        outcomes: Outcomes::default(),
    };
    let ended = match packaging {
        Packaging::Single(kind) => request.single(kind).await,
        Packaging::Multipart(kind, reader) => request.multipart(kind, reader).await,
    };
    let mut outcomes = request.outcomes;
    let is_untouched = outcomes.is_empty();
    outcomes.extend(request.composition.finish());
    match ended {
        // Nothing was stored and nothing refused by the archive: the request itself is at fault.
        Err(problem) if is_untouched => Err(problem),
        Ok(()) if outcomes.is_empty() => Err(Problem::NothingToStore),
        Err(problem) => {
            tracing::info!(%problem, "a store request broke off");
            outcomes.break_off(&problem);
            answer(&outcomes, form, &base)
        }
        Ok(()) => answer(&outcomes, form, &base),
    }
}

fn answer(outcomes: &Outcomes, form: AnswerForm, base: &BaseUrl) -> Result<Response, Problem> {
    let status = outcomes.status();
    let mut response = (status, form.write(outcomes, base)?).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    Ok(response)
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartKind {
    /// A DICOM file.
    File,
    /// Metadata of one instance or several.
    Metadata(Model),
    /// A value of an instance whose metadata came before.
    BulkData,
}

impl PartKind {
    /// The kind of a media type, if it is one of DICOM.
    fn of(essence: &str) -> Option<Self> {
        match essence {
            DICOM => Some(Self::File),
            "application/dicom+json" => Some(Self::Metadata(Model::Json)),
            "application/dicom+xml" => Some(Self::Metadata(Model::Xml)),
            _ => None,
        }
    }
}

/// How the instances are packed.
enum Packaging {
    Single(PartKind),
    /// Parts without a type of their own are of this kind.
    Multipart(PartKind, Box<MultipartReader>),
}

/// Reads `Content-Type` (PS3.18 section 10.5.1.3, Request Header Fields).
fn packaging(headers: &HeaderMap) -> Result<Packaging, Problem> {
    let unsupported = |what: &str| Problem::UnsupportedMediaType(what.to_owned());
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported("the body must not have a content encoding"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(MediaType::parse);
    let content_type = content_type.ok_or_else(|| unsupported("the request has no readable Content-Type"))?;
    let kind = if content_type.essence == "multipart/related" {
        // Without `type` the parts say what they are.
        content_type.part_type().map_or(Some(PartKind::File), |part_type| PartKind::of(&part_type))
    } else {
        PartKind::of(&content_type.essence)
    };
    match kind {
        None => Err(unsupported(
            "instances are stored as multipart/related with a type of application/dicom, application/dicom+json or \
             application/dicom+xml, or as one body of these types",
        )),
        Some(kind) if content_type.essence == "multipart/related" => {
            let kind = if kind == PartKind::File { kind } else { PartKind::BulkData };
            Ok(Packaging::Multipart(kind, Box::new(MultipartReader::new(&content_type, MultipartLimits::default())?)))
        }
        Some(kind) => Ok(Packaging::Single(kind)),
    }
}

/// A request's body with its bounds.
struct BoundedBody {
    stream: BodyDataStream,
    left: u64,
    door: Door,
}

impl BoundedBody {
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let next = tokio::time::timeout(self.door.config.body_idle_timeout, self.stream.next()).await;
        let Some(chunk) = next.map_err(|_| Problem::BodyTimedOut)? else { return Ok(None) };
        let chunk = chunk.map_err(|_| Problem::BodyBroken)?;
        self.left =
            self.left.checked_sub(chunk.len() as u64).ok_or(Problem::BodyTooLong { limit: self.door.config.max_store_bytes })?;
        Ok(Some(chunk))
    }
}

/// A request that is being worked on.
struct Request {
    door: Door,
    actor: Actor,
    study: Option<StudyInstanceUid>,
    body: BoundedBody,
    composition: Composition,
    outcomes: Outcomes,
}

/// A part that is arriving.
enum Arriving {
    File(ArrivingFile),
    Metadata(Model, Vec<u8>),
    Bulk(ArrivingBulk),
    /// Its bytes are read and dropped, so that the next part is found.
    Refused,
}

impl Request {
    /// The body is one part.
    async fn single(&mut self, kind: PartKind) -> Result<(), Problem> {
        let mut arriving = None;
        while let Some(chunk) = self.body.next().await? {
            if chunk.is_empty() {
                continue;
            }
            let mut part = match arriving.take() {
                Some(part) => part,
                None => self.begin(kind, PartHeader::default()),
            };
            self.write(&mut part, chunk).await?;
            arriving = Some(part);
        }
        match arriving {
            // A document that cannot be read is the whole request: there is nothing else to answer about.
            Some(Arriving::Metadata(model, document)) => {
                let found = self.composition.add(model, document).await??;
                self.outcomes.extend(found);
                Ok(())
            }
            Some(part) => self.end(part).await,
            None => Ok(()),
        }
    }

    /// The body is parts. An instance whose part is not complete when the body breaks off is dropped, not stored.
    async fn multipart(&mut self, untyped: PartKind, mut reader: Box<MultipartReader>) -> Result<(), Problem> {
        let mut arriving: Option<Arriving> = None;
        while let Some(chunk) = self.body.next().await? {
            reader.push(&chunk);
            while let Some(event) = reader.next_event()? {
                match event {
                    Event::PartBegins(header) => {
                        if self.outcomes.len() >= self.door.config.max_store_instances {
                            return Err(MultipartError::TooManyParts.into());
                        }
                        let kind = header.media_type.as_ref().map(|media_type| PartKind::of(&media_type.essence));
                        let kind = kind.map_or(untyped, |kind| kind.unwrap_or(PartKind::BulkData));
                        arriving = Some(self.begin(kind, header));
                    }
                    Event::Data(bytes) => {
                        if let Some(part) = &mut arriving {
                            self.write(part, bytes).await?;
                        }
                    }
                    Event::PartEnds => {
                        if let Some(part) = arriving.take() {
                            self.end(part).await?;
                        }
                    }
                    Event::End => {}
                }
            }
        }
        Ok(reader.finish()?)
    }

    fn begin(&mut self, kind: PartKind, header: PartHeader) -> Arriving {
        match kind {
            PartKind::File => Arriving::File(ArrivingFile::begin(&self.door.archive, &self.actor, self.study.clone())),
            PartKind::Metadata(model) => Arriving::Metadata(model, Vec::new()),
            PartKind::BulkData => {
                let begun = self.composition.begin_bulk(header);
                if begun.is_none() {
                    self.outcomes.push(Outcome::nameless(Failed::not_dicom()));
                }
                begun.map_or(Arriving::Refused, Arriving::Bulk)
            }
        }
    }

    async fn write(&mut self, part: &mut Arriving, bytes: Bytes) -> Result<(), Problem> {
        match part {
            Arriving::File(file) => file.write(bytes).await,
            Arriving::Metadata(_, document) => {
                self.composition.allow_metadata(document.len() + bytes.len())?;
                document.extend_from_slice(&bytes);
            }
            Arriving::Bulk(bulk) => self.composition.write_bulk(bulk, &bytes).await,
            Arriving::Refused => {}
        }
        Ok(())
    }

    async fn end(&mut self, part: Arriving) -> Result<(), Problem> {
        match part {
            Arriving::File(file) => self.outcomes.push(file.finish().await),
            Arriving::Metadata(model, document) => {
                let room = self.door.config.max_store_instances.saturating_sub(self.outcomes.len());
                match self.composition.add(model, document).await? {
                    Ok(found) => self.outcomes.extend(found),
                    // An XML document is one instance, a JSON document all of them.
                    Err(problem) if model == Model::Json => return Err(problem),
                    Err(_) => self.outcomes.push(Outcome::nameless(Failed::not_dicom())),
                }
                if self.composition.waiting() > room {
                    return Err(MultipartError::TooManyParts.into());
                }
            }
            Arriving::Bulk(bulk) => {
                let stored = self.composition.end_bulk(bulk).await;
                self.outcomes.extend(stored);
            }
            Arriving::Refused => {}
        }
        Ok(())
    }
}
