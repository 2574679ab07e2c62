//! The viewer's files, embedded in the binary. A path that names no file, such as that of a study, is a page of the
//! viewer and gets index.html; what `study_page` makes of a template is not given out as it is.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use rust_embed::{Embed, EmbeddedFile};

use crate::http::headers::VIEWER_POLICY;
use crate::http::problem::Problem;

const INDEX: &str = "index.html";
/// The template of the page of a study.
const STUDY: &str = "study.html";
/// Files under this folder carry a digest in their name.
const HASHED: &str = "assets/";
/// Where other things than the viewer live.
const ELSEWHERE: [&str; 2] = ["api", "dicom-web"];

#[derive(Embed)]
#[folder = "../../viewer/dist/"]
struct Files;

/// The template of the page of a study; nothing where the viewer was not built.
pub fn study_template() -> Option<String> {
    String::from_utf8(Files::get(STUDY)?.data.into_owned()).ok()
}

/// Answers with a file of the viewer.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if ELSEWHERE.contains(&path.split('/').next().unwrap_or_default()) {
        return Problem::not_found().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let refusal = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the viewer's files are read with GET");
        return ([(header::ALLOW, "GET, HEAD")], refusal).into_response();
    }
    match choose(path, |path| Files::get(path).is_some()) {
        Some(path) => file(path, request.headers()),
        None => Problem::not_found().into_response(),
    }
}

/// The file that answers a path.
fn choose(path: &str, exists: impl Fn(&str) -> bool) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    match () {
        () if path.is_empty() => Some(INDEX),
        () if path.starts_with(STUDY) => None,
        () if exists(path) => Some(path),
        () if is_file_name(name) => None,
        () => Some(INDEX),
    }
}

/// Whether a name has a file's extension. The dots of a UID are followed by digits.
fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let Some(plain) = Files::get(path) else { return Problem::not_found().into_response() };
    let media_type = media_type(&plain);
    let (file, encoding) = encoded(path, headers).map_or((plain, None), |(file, encoding)| (file, Some(encoding)));
    let etag = format!("\"{}\"", HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fresh = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = fresh.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut response =
        if fresh { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(bytes(file.data)).into_response() };
    let answer = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, value);
    }
    if let (false, Ok(value)) = (fresh, HeaderValue::from_str(&media_type)) {
        answer.insert(header::CONTENT_TYPE, value);
    }
    if let (false, Some(encoding)) = (fresh, encoding) {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(VIEWER_POLICY));
    response
}

/// The sibling that was compressed when the viewer was built, if the client takes it.
fn encoded(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, extension)| Some((Files::get(&format!("{path}.{extension}"))?, encoding)))
}

/// Whether a list of encodings (RFC 9110 section 12.5.3, Accept-Encoding) has this one, with a weight above 0.
fn accepts(list: &str, encoding: &str) -> bool {
    list.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        named && !parts.any(|weight| weight.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)))
    })
}

fn media_type(file: &EmbeddedFile) -> String {
    let media_type = file.metadata.mimetype();
    if media_type.starts_with("text/") { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_fall_back_to_the_index_and_files_do_not() {
        let exists = |path: &str| ["index.html", "study.html", "study.html.br", "assets/app-1a2b.js"].contains(&path);
        for (path, expected) in [
            ("", Some("index.html")),
            ("studies/1", Some("index.html")),
            ("assets/app-1a2b.js", Some("assets/app-1a2b.js")),
            ("assets/gone.js", None),
            ("favicon.ico", None),
            ("studies/1.2.840.10008", Some("index.html")),
            ("../Cargo.toml", None),
            ("study.html", None),
            ("study.html.br", None),
        ] {
            assert_eq!(choose(path, exists), expected, "{path}");
        }
    }

    #[test]
    fn an_encoding_is_taken_only_if_it_is_accepted() {
        for (list, encoding, expected) in [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, BR;q=0.5", "br", true),
            ("br;q=0", "br", false),
            ("gzip", "br", false),
            ("brotli", "br", false),
        ] {
            assert_eq!(accepts(list, encoding), expected, "{list}");
        }
    }
}
