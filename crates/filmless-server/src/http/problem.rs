//! Errors of our own API and of sign-in, as RFC 9457 (Problem Details for HTTP APIs) writes them.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use filmless_archive::ArchiveError;
use filmless_index::IndexError;
use serde::Serialize;

/// An answer that is an error. `detail` is for people and names no patient.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    retry_after_seconds: Option<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Problem {
    /// An error with this status.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), field: None, retry_after_seconds: None }
    }

    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign in, or send a token as Authorization: Bearer")
    }

    /// There is no such thing.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here")
    }

    /// Our fault; the log says more.
    pub fn internal(detail: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Trying again later may help.
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(5)
    }

    /// Names the parameter or member that is wrong.
    #[must_use]
    pub fn of_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = Body { title, status: self.status.as_u16(), detail: &self.detail, field: self.field.as_deref() };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"filmless\""));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the index failed");
        Self::unavailable("the database does not answer")
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "this account may not do that"),
            ArchiveError::NotFound => Self::not_found(),
            ArchiveError::Index(error) => error.into(),
            other => {
                tracing::error!(error = &other as &dyn std::error::Error, "an act failed");
                Self::internal("the archive failed; its log says more")
            }
        }
    }
}
