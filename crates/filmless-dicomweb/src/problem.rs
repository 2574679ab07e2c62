//! What can go wrong with a request, and how it is said: a status code of PS3.18 and a body of RFC 9457 (Problem
//! Details for HTTP APIs). One variant, one `code`; clients may rely on both.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use filmless_archive::ArchiveError;
use filmless_dicom::compose::MetadataError;
use filmless_index::IndexError;
use filmless_model::frame::FrameNumber;
use serde_json::json;

use crate::events::CannotFollow;
use crate::multipart::reader::MultipartError;

/// Warning Reason (0008,1196) of an instance that was kept and listed as a conflict but is not served: a value of
/// our own, as PS3.18 table I.2-1 (Store Instances Response Warning Reason Values) permits.
pub const KEPT_AS_CONFLICT: u16 = 0xB001;

/// Failure Reason (0008,1197) of a part that is no DICOM file by its own `Content-Type`: Cannot understand
/// (PS3.18 table I.2-2, Store Instances Response Failure Reason Values).
pub const NOT_A_DICOM_PART: u16 = 0xC000;

/// Failure Reason (0008,1197) of pixels in a transfer syntax that they cannot have: Referenced Transfer Syntax not supported
/// (PS3.18 table I.2-2).
pub const TRANSFER_SYNTAX_NOT_SUPPORTED: u16 = 0xC122;

/// Failure Reason (0008,1197) of what came after a limit: Refused out of Resources (PS3.18 table I.2-2).
pub const OUT_OF_RESOURCES: u16 = 0xA700;

/// Seconds after which a client may try again what the server could not do for now.
const RETRY_AFTER_SECONDS: u16 = 5;

/// Why an attribute is no match key.
pub const NOT_SEARCHED_BY: &str = "it is not an attribute that this archive searches by";

/// The longest echo of a parameter's name, in characters.
const MAX_ECHO: usize = 64;

/// A request that is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nobody is signed in.
    #[error("sign in, or send a bearer token")]
    Unauthenticated,
    /// The actor may not.
    #[error("you may not do this")]
    Forbidden,
    /// No resource has this path.
    #[error("there is no such path; PS3.18 section 10.3 names the paths of studies, series and instances")]
    UnknownPath,
    /// The path is right, the method is not.
    #[error("the resource has no such method; see the Allow header")]
    MethodNotAllowed,
    /// A part of the path is malformed.
    #[error("the path's {part} is malformed: {reason}")]
    MalformedPath {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive has no such study, series or instance.
    #[error("the archive has no such study, series or instance")]
    NotFound,
    /// The instance has fewer frames.
    #[error("there is no frame {}: the instance has {count}", frame.get())]
    NoSuchFrame {
        /// The one asked for.
        frame: FrameNumber,
        /// How many there are.
        count: u32,
    },
    /// The bytes named are not bulk data of the instance.
    #[error("the instance has no such bulk data")]
    NoSuchBulkdata,
    /// Nothing of what is asked for can be shown as an image or a document.
    #[error("nothing here can be shown: there are no images, and no documents of a known form")]
    NoPixels,
    /// The instance is a presentation state that shows nothing here.
    #[error("{0}")]
    StateNotShown(&'static str),
    /// The pixels cannot be decoded.
    #[error("the pixels cannot be decoded: {0}")]
    Undecodable(String),
    /// No form of the resource is acceptable to the client.
    #[error("nothing that the client accepts is on offer; on offer: {offered}")]
    NotAcceptable {
        /// Media types that could be had.
        offered: String,
    },
    /// The value of a query parameter is malformed.
    #[error("query parameter {name}: {reason}")]
    BadParameter {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A match key names no attribute that is searched by.
    #[error("query parameter {name}: {reason}")]
    UnknownAttribute {
        /// The parameter.
        name: String,
        /// Why it is not one.
        reason: String,
    },
    /// A match key names an attribute whose values are being read.
    #[error("{0} is being indexed; searches by it are answered once that is done")]
    BeingIndexed(String),
    /// The query string is longer than permitted.
    #[error("the query string is longer than {limit} bytes")]
    QueryTooLong {
        /// How long it may be.
        limit: usize,
    },
    /// The body is longer than permitted.
    #[error("the body is longer than {limit} bytes")]
    BodyTooLong {
        /// How long it may be.
        limit: u64,
    },
    /// The answer would be longer than permitted.
    #[error("the answer is longer than {limit} bytes; ask for fewer attributes, or for fewer results at a time")]
    AnswerTooLong {
        /// How long it may be.
        limit: usize,
    },
    /// The client stopped sending.
    #[error("the body stopped coming")]
    BodyTimedOut,
    /// The body could not be read to its end.
    #[error("the body ended early")]
    BodyBroken,
    /// The body is not in a form that can be stored.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// The body is not multipart as its header says.
    #[error("the body is not as its content type says: {0}")]
    MalformedMultipart(#[from] MultipartError),
    /// The metadata of a store request cannot be read.
    #[error(transparent)]
    MalformedMetadata(#[from] MetadataError),
    /// The metadata of a store request are longer than permitted.
    #[error("the metadata of the request are longer than {limit} bytes")]
    MetadataTooLong {
        /// How long they may be.
        limit: usize,
    },
    /// The body holds nothing.
    #[error("the body holds no instance")]
    NothingToStore,
    /// The byte range is outside the representation.
    #[error("the range lies outside the {length} bytes of the representation")]
    RangeNotSatisfiable {
        /// How long the representation is.
        length: u64,
    },
    /// Something that is needed does not answer now.
    #[error("the archive cannot do this now; try again")]
    Unavailable,
    /// A fault of ours, already logged.
    #[error("the archive failed; its log says why")]
    Internal,
}

impl Problem {
    /// A malformed parameter; of long names only the beginning is kept.
    pub fn bad_parameter(name: &str, reason: impl Into<String>) -> Self {
        Self::BadParameter { name: echo(name), reason: reason.into() }
    }

    /// A match key that is none.
    pub fn unknown_attribute(name: &str, reason: impl Into<String>) -> Self {
        Self::UnknownAttribute { name: echo(name), reason: reason.into() }
    }

    /// The status and the code.
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "unknown-path"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::MalformedPath { .. } => (StatusCode::BAD_REQUEST, "malformed-path"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::NoSuchFrame { .. } => (StatusCode::NOT_FOUND, "no-such-frame"),
            Self::NoSuchBulkdata => (StatusCode::NOT_FOUND, "no-such-bulkdata"),
            Self::NoPixels => (StatusCode::NOT_ACCEPTABLE, "no-pixels"),
            Self::StateNotShown(_) => (StatusCode::NOT_ACCEPTABLE, "state-not-shown"),
            Self::Undecodable(_) => (StatusCode::NOT_ACCEPTABLE, "undecodable"),
            Self::NotAcceptable { .. } => (StatusCode::NOT_ACCEPTABLE, "not-acceptable"),
            Self::BadParameter { .. } => (StatusCode::BAD_REQUEST, "bad-parameter"),
            Self::UnknownAttribute { .. } => (StatusCode::BAD_REQUEST, "unknown-attribute"),
            Self::BeingIndexed(_) => (StatusCode::SERVICE_UNAVAILABLE, "being-indexed"),
            Self::QueryTooLong { .. } => (StatusCode::URI_TOO_LONG, "query-too-long"),
            Self::BodyTooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body-too-long"),
            Self::AnswerTooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "answer-too-long"),
            Self::BodyTimedOut => (StatusCode::REQUEST_TIMEOUT, "body-timed-out"),
            Self::BodyBroken => (StatusCode::BAD_REQUEST, "body-broken"),
            Self::UnsupportedMediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"),
            Self::MalformedMultipart(_) => (StatusCode::BAD_REQUEST, "malformed-multipart"),
            Self::MalformedMetadata(_) => (StatusCode::BAD_REQUEST, "malformed-metadata"),
            Self::MetadataTooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "metadata-too-long"),
            Self::NothingToStore => (StatusCode::BAD_REQUEST, "nothing-to-store"),
            Self::RangeNotSatisfiable { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "range-not-satisfiable"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.status_and_code().0
    }

    /// The parameter that is at fault.
    fn parameter(&self) -> Option<&str> {
        match self {
            Self::BadParameter { name, .. } | Self::UnknownAttribute { name, .. } => Some(name),
            _ => None,
        }
    }
}

fn echo(name: &str) -> String {
    name.chars().take(MAX_ECHO).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "code": code,
            "detail": self.to_string(),
        });
        if let Some(parameter) = self.parameter() {
            body["parameter"] = parameter.into();
        }
        let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut response = (status, [content_type, no_store], body.to_string()).into_response();
        let more: Option<(HeaderName, HeaderValue)> = match self {
            Self::Unauthenticated => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::Unavailable | Self::BeingIndexed(_) => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.into())),
            Self::RangeNotSatisfiable { length } => {
                let value = HeaderValue::try_from(format!("bytes */{length}")).expect("digits are legal in a header");
                Some((header::CONTENT_RANGE, value))
            }
            _ => None,
        };
        response.headers_mut().extend(more);
        response
    }
}

impl From<CannotFollow> for Problem {
    fn from(error: CannotFollow) -> Self {
        match error {
            CannotFollow::Full => Self::Unavailable,
            CannotFollow::Archive(error) => error.into(),
        }
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Forbidden(_) => Self::Forbidden,
            ArchiveError::NotFound => Self::NotFound,
            ArchiveError::NoImage => Self::NoPixels,
            ArchiveError::Undecodable(reason) => Self::Undecodable(reason),
            ArchiveError::BeingIndexed(name) => Self::BeingIndexed(name),
            ArchiveError::NotIndexed(name) => Self::unknown_attribute(&name, NOT_SEARCHED_BY),
            ArchiveError::Busy
            | ArchiveError::Index(IndexError::Unavailable(_) | IndexError::OutOfResources(_))
            | ArchiveError::Blobstore(_) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the archive is not available");
                Self::Unavailable
            }
            ArchiveError::Index(_) | ArchiveError::Damaged(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the archive failed");
                Self::Internal
            }
        }
    }
}
