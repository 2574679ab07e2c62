//! The absolute address of this door as the client sees it, for links in answers.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use filmless_model::address::{InstanceAddress, Resource, SeriesAddress};
use filmless_model::uid::StudyInstanceUid;

use crate::config::DicomwebConfig;
use crate::router::Door;

/// The longest host with port that is believed.
const MAX_AUTHORITY_BYTES: usize = 261;

/// Where the paths of PS3.18 begin, without final slash: `http://127.0.0.1:8080/dicom-web`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    fn new(config: &DicomwebConfig, headers: &HeaderMap, uri_authority: Option<&str>) -> Self {
        let path = config.base_path.trim_end_matches('/');
        if let Some(origin) = &config.public_origin {
            return Self(format!("{}{path}", origin.trim_end_matches('/')));
        }
        // What a chain of proxies adds stands in a list: the first is what the client used.
        let forwarded = |name: &str| {
            let value = headers.get(name).filter(|_| config.trust_forwarded)?.to_str().ok()?;
            value.split(',').next().map(str::trim)
        };
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let authority =
            [forwarded("x-forwarded-host"), host, uri_authority].into_iter().flatten().find(|text| is_authority(text));
        let scheme = match forwarded("x-forwarded-proto") {
            Some(scheme @ ("http" | "https")) => scheme,
            _ if config.tls => "https",
            _ => "http",
        };
        // Without a host (HTTP/1.0) the path alone is still a link that the client can follow.
        let Some(authority) = authority else { return Self(path.to_owned()) };
        match config.listen_port.filter(|_| matches!(authority, "localhost" | "127.0.0.1" | "[::1]")) {
            Some(port) => Self(format!("{scheme}://{authority}:{port}{path}")),
            None => Self(format!("{scheme}://{authority}{path}")),
        }
    }

    /// An address as it stands.
    #[cfg(test)]
    pub fn for_tests(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a study.
    pub fn study(&self, study: &StudyInstanceUid) -> String {
        format!("{}/studies/{study}", self.0)
    }

    /// The address of a series.
    pub fn series(&self, address: &SeriesAddress) -> String {
        format!("{}/studies/{}/series/{}", self.0, address.study, address.series)
    }

    /// The address of an instance.
    pub fn instance(&self, address: &InstanceAddress) -> String {
        format!("{}/studies/{}/series/{}/instances/{}", self.0, address.study, address.series, address.instance)
    }

    /// The address of a resource.
    pub fn resource(&self, resource: &Resource) -> String {
        match resource {
            Resource::Study(study) => self.study(study),
            Resource::Series(address) => self.series(address),
            Resource::Instance(address) => self.instance(address),
        }
    }
}

/// Whether a text can only be a host and perhaps a port: it becomes part of links, so nothing else passes.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.'),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
    };
    text.len() <= MAX_AUTHORITY_BYTES && is_host && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

impl<S> FromRequestParts<S> for BaseUrl
where
    S: Send + Sync,
    Door: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let door = Door::from_ref(state);
        Ok(Self::new(&door.config, &parts.headers, parts.uri.authority().map(Authority::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn check(config: &DicomwebConfig, headers: &[(&'static str, &'static str)], expected: &str) {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        assert_eq!(BaseUrl::new(config, &headers, None).as_str(), expected);
    }

    #[test]
    fn links_begin_with_what_the_client_used() {
        let direct = DicomwebConfig::default();
        let proxied = DicomwebConfig { trust_forwarded: true, ..DicomwebConfig::default() };
        let named = DicomwebConfig { public_origin: Some("https://pacs.example.org/".to_owned()), ..DicomwebConfig::default() };
        let forwarded = [("host", "10.0.0.1"), ("x-forwarded-host", "pacs.vn, inner"), ("x-forwarded-proto", "https")];
        check(&direct, &[("host", "localhost:8080")], "http://localhost:8080/dicom-web");
        check(&direct, &[("host", "[::1]:8080")], "http://[::1]:8080/dicom-web");
        check(&direct, &[("host", "[fe80::1]")], "http://[fe80::1]/dicom-web");
        check(&direct, &forwarded, "http://10.0.0.1/dicom-web");
        check(&proxied, &forwarded, "https://pacs.vn/dicom-web");
        check(&proxied, &[("host", "h"), ("x-forwarded-proto", "javascript")], "http://h/dicom-web");
        check(&named, &forwarded, "https://pacs.example.org/dicom-web");
        let listening = DicomwebConfig { listen_port: Some(8080), ..DicomwebConfig::default() };
        check(&listening, &[("host", "127.0.0.1")], "http://127.0.0.1:8080/dicom-web");
        check(&listening, &[("host", "127.0.0.1:9090")], "http://127.0.0.1:9090/dicom-web");
        check(&listening, &[("host", "pacs.example.org")], "http://pacs.example.org/dicom-web");
        check(&DicomwebConfig { tls: true, ..direct.clone() }, &[("host", "h")], "https://h/dicom-web");
        for hostile in ["evil/path", "a b", "h:99999", "h:", "u@h", "\"><script>", "[::1", "", "h?x"] {
            check(&direct, &[("host", hostile)], "/dicom-web");
        }
    }
}
