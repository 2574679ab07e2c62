//! Whether a request that changes something comes from our own pages (CSRF).
//!
//! SameSite=Strict already keeps the cookie away from other sites. Beyond that a request with a cookie that may change
//! something needs a header that no form can send, and the browser's word that the page is ours.

use axum::http::{HeaderMap, Method, header};
use url::Url;

use crate::config::Config;

/// The header of our own pages.
pub const REQUEST_HEADER: &str = "x-filmless-request";

/// Whether a method may change something (RFC 9110 section 9.2.1, Safe Methods).
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request that carries the session cookie comes from our own pages.
pub fn is_ours(config: &Config, headers: &HeaderMap) -> bool {
    headers.get(REQUEST_HEADER).is_some_and(|value| value == "1") && same_origin(config, headers) == Some(true)
}

/// Whether the browser says that the page is of our origin; nothing if it says nothing.
pub fn same_origin(config: &Config, headers: &HeaderMap) -> Option<bool> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    let origin = Url::parse(origin).ok()?;
    if let Some(public) = config.public_url() {
        return Some(origin.origin() == public.origin());
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let ours = Url::parse(&format!("http://{host}")).ok()?;
    Some(origin.origin() == ours.origin())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_our_own_pages_pass() {
        let here = [("host", "127.0.0.1:8080"), ("x-filmless-request", "1")];
        for (more, public_url, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], "", true),
            (&[("origin", "http://127.0.0.1:8080")], "", true),
            (&[("origin", "https://pacs.example.org")], "https://pacs.example.org", true),
            (&[], "", false),
            (&[("sec-fetch-site", "cross-site")], "", false),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")], "", false),
            (&[("origin", "http://127.0.0.1:9999")], "", false),
            (&[("origin", "null")], "", false),
            (&[("origin", "http://127.0.0.1:8080")], "https://pacs.example.org", false),
            (&[("sec-fetch-site", "same-origin"), ("x-filmless-request", "0")], "", false),
        ] {
            let mut config = Config::default();
            public_url.clone_into(&mut config.http.public_url);
            let mut headers = HeaderMap::new();
            for (name, value) in here.iter().chain(more) {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(is_ours(&config, &headers), expected, "{more:?} {public_url}");
        }
    }
}
