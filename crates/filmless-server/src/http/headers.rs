//! Headers that every answer gets, and which answers are compressed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::App;

/// What the viewer's pages may load: only from here, with WebAssembly for decoding and workers made of it. Frames are for
/// PDF, which browsers show by viewers of their own: of what is here only documents and reports let themselves be framed
/// (their own `frame-ancestors`), and neither a frame of `data:` nor one of `blob:`, which would be of our origin, is let in.
pub const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
     connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self'; media-src 'self'; \
     frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Everything else is data, and loads nothing even if somebody opens it as a page.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Headers of every answer.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Adds the headers. A route that set its own keeps it.
pub async fn protect(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(DATA_POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.config.public_url().is_some_and(|url| url.scheme() == "https") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Whether an answer is worth compressing: JSON that is not tiny. Pixels are compressed already or must stay byte for
/// byte; multipart bodies carry both.
pub fn compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let json = media_type == "application/json" || media_type.starts_with("application/") && media_type.ends_with("+json");
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    json && length.is_none_or(|length| length >= 860)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_compressed() {
        for (media_type, expected) in [
            ("application/json", true),
            ("application/dicom+json; charset=utf-8", true),
            ("application/problem+json", true),
            ("application/dicom", false),
            ("application/octet-stream", false),
            ("multipart/related; type=\"application/dicom\"", false),
            ("image/jpeg", false),
            ("text/event-stream", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            assert_eq!(compressible(StatusCode::OK, Version::HTTP_11, &headers, &Extensions::new()), expected, "{media_type}");
        }
    }
}
