//! STOW-RS: storing instances (PS3.18 section 10.5, Store Transaction). Parts are handed to the archive as they
//! arrive; what one part does wrong costs no other, and nothing is said to be stored before it is.

use axum::body::{Body, BodyDataStream};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use filmless_archive::store::Incoming;
use filmless_dicom::file_meta::FileMetaReader;
use filmless_model::actor::Actor;
use filmless_model::store_outcome::{StoreFailure, Stored};
use filmless_model::uid::{SopClassUid, SopInstanceUid, StudyInstanceUid};
use futures::StreamExt as _;

use crate::base_url::BaseUrl;
use crate::data_sets::Form;
use crate::media_type::{Acceptable, MediaType};
use crate::multipart::reader::{Event, MultipartLimits, MultipartReader};
use crate::problem::Problem;
use crate::query_parameters;
use crate::router::Door;
use crate::store::response::{Failed, Outcome, Outcomes};
use crate::target::{Caller, Target};

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
    Form::json(&Acceptable::of(query_parameters::value(&pairs, "accept"), &headers))?;
    let packaging = packaging(&headers)?;
    let mut request = Request {
        body: BoundedBody { stream: body.into_data_stream(), left: door.config.max_store_bytes, door: door.clone() },
        door,
        actor,
        study: target.study,
        outcomes: Outcomes::default(),
    };
    let ended = match packaging {
        Packaging::Single => request.single().await,
        Packaging::Multipart(reader) => request.multipart(reader).await,
    };
    let mut outcomes = request.outcomes;
    match ended {
        // Nothing was stored and nothing refused by the archive: the request itself is at fault.
        Err(problem) if outcomes.is_empty() => Err(problem),
        Ok(()) if outcomes.is_empty() => Err(Problem::NothingToStore),
        Err(problem) => {
            tracing::info!(%problem, "a store request broke off");
            outcomes.break_off(&problem);
            Ok(answer(&outcomes, &base))
        }
        Ok(()) => Ok(answer(&outcomes, &base)),
    }
}

fn answer(outcomes: &Outcomes, base: &BaseUrl) -> Response {
    let status = outcomes.status();
    let mut response = (status, outcomes.write(base)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/dicom+json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// How the instances are packed.
enum Packaging {
    Single,
    Multipart(Box<MultipartReader>),
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
    match content_type.essence.as_str() {
        DICOM => Ok(Packaging::Single),
        // Without `type` the parts say what they are.
        "multipart/related" if content_type.part_type().is_none_or(|part_type| part_type == DICOM) => {
            Ok(Packaging::Multipart(Box::new(MultipartReader::new(&content_type, MultipartLimits::default())?)))
        }
        _ => {
            Err(unsupported("instances are stored as multipart/related; type=\"application/dicom\", or one as application/dicom"))
        }
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
    outcomes: Outcomes,
}

impl Request {
    /// The body is one file.
    async fn single(&mut self) -> Result<(), Problem> {
        let mut arriving = None;
        while let Some(chunk) = self.body.next().await? {
            if !chunk.is_empty() {
                arriving.get_or_insert_with(|| self.begin()).write(chunk).await;
            }
        }
        if let Some(arriving) = arriving {
            self.outcomes.push(arriving.finish().await);
        }
        Ok(())
    }

    /// The body is parts. An instance whose part is not complete when the body breaks off is dropped, not stored.
    async fn multipart(&mut self, mut reader: Box<MultipartReader>) -> Result<(), Problem> {
        let mut arriving: Option<Arriving> = None;
        while let Some(chunk) = self.body.next().await? {
            reader.push(&chunk);
            while let Some(event) = reader.next_event()? {
                match event {
                    Event::PartBegins(media_type) => {
                        if self.outcomes.len() >= self.door.config.max_store_instances {
                            return Err(crate::multipart::reader::MultipartError::TooManyParts.into());
                        }
                        let is_dicom = media_type.is_none_or(|media_type| media_type.essence == DICOM);
                        arriving = Some(if is_dicom { self.begin() } else { Arriving::refused() });
                    }
                    Event::Data(bytes) => {
                        if let Some(arriving) = &mut arriving {
                            arriving.write(bytes).await;
                        }
                    }
                    Event::PartEnds => {
                        if let Some(arriving) = arriving.take() {
                            self.outcomes.push(arriving.finish().await);
                        }
                    }
                    Event::End => {}
                }
            }
        }
        Ok(reader.finish()?)
    }

    fn begin(&self) -> Arriving {
        let incoming = self.door.archive.begin_store_file(&self.actor, self.study.clone());
        Arriving { state: incoming.map_err(Failed::from), name: Name::Reading(FileMetaReader::new()) }
    }
}

/// One instance on its way in. After a failure its further bytes are read and dropped, so that the next part is found.
struct Arriving {
    state: Result<Incoming, Failed>,
    name: Name,
}

/// Which instance a part says it is, for the answer if it fails.
enum Name {
    Reading(FileMetaReader),
    Known(Option<SopClassUid>, Option<SopInstanceUid>),
}

impl Arriving {
    /// A part that is no DICOM file.
    fn refused() -> Self {
        Self { state: Err(Failed::not_dicom()), name: Name::Known(None, None) }
    }

    async fn write(&mut self, bytes: Bytes) {
        if let Name::Reading(reader) = &mut self.name {
            match reader.push(&bytes) {
                Ok(None) => {}
                Ok(Some(start)) => self.name = Name::Known(start.sop_class, start.sop_instance),
                Err(_) => self.name = Name::Known(None, None),
            }
        }
        let Ok(incoming) = &mut self.state else { return };
        if let Err(failure) = incoming.write(bytes).await {
            self.state = Err(failure.into());
        }
    }

    async fn finish(self) -> Outcome {
        let result: Result<Stored, Failed> = match self.state {
            Ok(incoming) => incoming.finish().await.map_err(|failure: StoreFailure| failure.into()),
            Err(failed) => Err(failed),
        };
        let (sop_class, sop_instance) = match self.name {
            Name::Known(sop_class, sop_instance) => (sop_class, sop_instance),
            Name::Reading(_) => (None, None),
        };
        match result {
            Ok(stored) => Outcome::Stored { sop_class, stored },
            Err(failed) => Outcome::Failed { sop_class, sop_instance, failed },
        }
    }
}
