//! An archive of its own for a test: SQLite and a folder, with every route of the real service.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use filmless_archive::Archive;
use filmless_archive::clock::now_ms;
use filmless_dimse::requester::Requester;
use filmless_index::Index;
use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::actor::Acts;
use filmless_server::config::Config;
use filmless_server::http::health::Health;
use filmless_server::http::{self, App};
use filmless_server::{secrets, telemetry, wiring};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "correct horse battery staple 9";

pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) index: Arc<dyn Index>,
    pub(crate) archive: Arc<Archive>,
    pub(crate) router: Router,
    pub(crate) shutdown: CancellationToken,
    pub(crate) health: Health,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The cookie that was set, as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::default();
        config.data.directory = folder.path().join("data");
        change(&mut config);
        let index = wiring::open_index(&config).await.expect("an embedded database");
        let blobstore = wiring::open_blobstore(&config).expect("a folder");
        let archive = wiring::archive(&config, index.clone(), blobstore.clone()).expect("an archive");
        let health = Health::new(archive.clone(), blobstore);
        let shutdown = CancellationToken::new();
        let dicomweb = wiring::dicomweb_config(&config).expect("legal settings");
        let metrics = telemetry::metrics().expect("a recorder");
        let requester = Requester::new(wiring::dimse_config(&config).expect("legal settings"), shutdown.clone());
        let app = App::new(archive.clone(), index.clone(), config, health.clone(), requester, metrics, shutdown.clone());
        Self { folder, index, archive, router: http::router(&app, dicomweb), shutdown, health }
    }

    /// Makes an account with [`PASSWORD`].
    pub(crate) async fn account(&self, name: &str, role: Role) -> AccountName {
        let name = AccountName::parse(name).expect("a legal name");
        let password_hash = secrets::hash_password(PASSWORD).expect("a legal password");
        let account = Account::new(name.clone(), role, password_hash, now_ms());
        assert!(self.index.add_account(&account).await.expect("a database"));
        name
    }

    /// Makes a token for an account, and gives the header that carries it.
    pub(crate) async fn token(&self, account: &AccountName) -> String {
        self.token_for(account, &format!("of-{account}"), Acts::ALL, None).await
    }

    /// The same for some acts and some time.
    pub(crate) async fn token_for(&self, account: &AccountName, id: &str, acts: Acts, expires_ms: Option<i64>) -> String {
        let secret = secrets::random_token().expect("randomness");
        let (id, label) = (id.to_owned(), "a test".to_owned());
        let token = Token { id, account: account.clone(), label, acts, created_ms: now_ms(), expires_ms };
        self.index.add_token(&token, &secrets::digest(&secret)).await.expect("a database");
        format!("Bearer {secret}")
    }

    /// Opens a session of an account, and gives the cookie that carries it.
    pub(crate) async fn session(&self, account: &AccountName, id: &str, began_ms: i64, expires_ms: i64) -> String {
        let secret = secrets::random_secret().expect("randomness");
        let (id, agent, address) = (id.to_owned(), "a test".to_owned(), Ipv4Addr::LOCALHOST.into());
        let session = Session { id, account: account.clone(), began_ms, expires_ms, address, agent };
        self.index.add_session(&session, &secrets::digest(&secret)).await.expect("a database");
        format!("filmless_session={secret}")
    }

    pub(crate) async fn send(&self, request: Builder, body: impl Into<Body>) -> Answer {
        read(self.open(request, body).await).await
    }

    /// Sends a request and leaves the body of the answer to be read.
    pub(crate) async fn open(&self, request: Builder, body: impl Into<Body>) -> Response {
        let mut request = request.body(body.into()).expect("a legal request");
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
        }
        self.router.clone().oneshot(request).await.expect("a router does not fail")
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers), Body::empty()).await
    }

    pub(crate) async fn post_json(&self, path: &str, headers: &[(&str, &str)], body: &serde_json::Value) -> Answer {
        let request = request(Method::POST, path, headers).header(header::CONTENT_TYPE, "application/json");
        self.send(request, body.to_string()).await
    }

    pub(crate) async fn sign_in(&self, account: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "account": account, "password": password });
        self.post_json("/api/session", &[("sec-fetch-site", "same-origin")], &body).await
    }
}

pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}
