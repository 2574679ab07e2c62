//! One span, one log line and one count for every request. Query strings stay out of all three: they name patients.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

/// Names the request in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Measures a request to the head of its answer.
pub async fn observe(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    let method = method_label(request.method());
    // The template, never the path: UIDs would make a series each.
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "viewer".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request.id = id, http.method = method, http.route = route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let duration = start.elapsed();
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::warn!(http.status = status.as_u16(), duration_ms, "request failed");
        } else {
            tracing::debug!(http.status = status.as_u16(), duration_ms, "request answered");
        }
    });
    let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.as_u16().to_string())];
    metrics::counter!("filmless_http_requests_total", &labels).increment(1);
    metrics::histogram!("filmless_http_request_duration_seconds", "route" => route).record(duration.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A closed list, so that invented methods do not become labels.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
