//! An archive of its own for each test, with the router over it, asked without a network between.

use std::fs;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use filmless_archive::{Archive, ArchiveLimits};
use filmless_blobstore::Blobstore;
use filmless_blobstore::config::BlobstoreConfig;
use filmless_codecs::{CodecLimits, Codecs};
use filmless_dicomweb::{DicomwebConfig, router};
use filmless_index::{Index, IndexConfig};
use filmless_model::account::{AccountName, Role};
use filmless_model::actor::{Actor, Acts};
use filmless_testkit::instance::Instance;
use filmless_testkit::multipart::{self, Part};
use filmless_testkit::repository::testdata;
use serde_json::Value;
use tower::ServiceExt as _;

/// An archive, and the door to it.
pub(crate) struct Site {
    router: Router,
    pub(crate) archive: Arc<Archive>,
    pub(crate) index: Arc<dyn Index>,
    pub(crate) actor: Option<Actor>,
    _folder: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::with(DicomwebConfig::default()).await
    }

    pub(crate) async fn with(config: DicomwebConfig) -> Self {
        Self::with_limits(config, ArchiveLimits::default()).await
    }

    pub(crate) async fn with_limits(config: DicomwebConfig, limits: ArchiveLimits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().display();
        let index_config = IndexConfig::new(format!("sqlite:{path}/index.sqlite"));
        filmless_index::migrate(&index_config).await.expect("migrated");
        let index = filmless_index::open(&index_config).await.expect("an index");
        let blobs = BlobstoreConfig {
            url: format!("file://{path}/blobs"),
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            staging: folder.path().join("staging"),
        };
        let blobstore = Blobstore::open(&blobs).expect("a blobstore");
        let archive = Archive::new(index.clone(), blobstore, Codecs::new(CodecLimits::default()), limits);
        let name = AccountName::parse("tester").expect("a name");
        let actor = Some(Actor::Account { name, role: Role::Admin, within: Acts::ALL, address: Ipv4Addr::LOCALHOST.into() });
        Self { router: router(archive.clone(), config), archive, index, actor, _folder: folder }
    }

    /// Sends a request as the actor, if there is one.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let (parts, body) = self.request(method, path, headers, body).await.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Asks, and leaves the body of the answer to be read.
    pub(crate) async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.request(Method::GET, path, headers, Body::empty()).await
    }

    async fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Response {
        let mut request = Request::builder().method(method).uri(format!("/dicom-web{path}")).header("host", "pacs.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).expect("a request");
        if let Some(actor) = &self.actor {
            request.extensions_mut().insert(actor.clone());
        }
        self.router.clone().oneshot(request).await.expect("routers do not fail")
    }

    pub(crate) async fn get(&self, path: &str, accept: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", accept)], Body::empty()).await
    }

    /// Stores files as one request.
    pub(crate) async fn store(&self, path: &str, files: &[Vec<u8>]) -> Answer {
        let (content_type, body) = multipart::of_instances(files);
        self.send(Method::POST, path, &[("content-type", &content_type)], body.into()).await
    }

    /// Stores instances that are in order.
    pub(crate) async fn fill(&self, instances: &[Instance]) {
        let files: Vec<_> = instances.iter().map(Instance::part10).collect();
        let answer = self.store("/studies", &files).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn parts(&self) -> Vec<Part> {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        multipart::parse(self.header("content-type"), &self.body)
    }

    /// Checks that this is a problem of a code.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(u64::from(status))), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
}

/// The path of an instance.
pub(crate) fn instance_path(instance: &Instance) -> String {
    format!("/studies/{}/series/{}/instances/{}", instance.study, instance.series, instance.sop_instance)
}

/// The path of an instance for the URI service.
pub(crate) fn wado_path(instance: &Instance) -> String {
    let (study, series, object) = (&instance.study, &instance.series, &instance.sop_instance);
    format!("/wado?requestType=WADO&studyUID={study}&seriesUID={series}&objectUID={object}")
}

/// Stores a file of testdata and returns its path.
pub(crate) async fn stored(site: &Site, file: &str) -> String {
    let bytes = fs::read(testdata(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let answer = site.store("/studies", &[bytes]).await;
    assert_eq!(answer.status, StatusCode::OK, "{file}: {}", answer.text());
    let json = answer.json();
    let link = json["00081199"]["Value"][0]["00081190"]["Value"][0].as_str().expect("a link").to_owned();
    link.strip_prefix("http://pacs.test/dicom-web").expect("an absolute link").to_owned()
}
