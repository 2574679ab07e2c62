//! Whether the service runs, whether it can work, and what it counted: for machines that watch it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use filmless_archive::Archive;
use filmless_archive::authorize::may;
use filmless_blobstore::Blobstore;
use filmless_model::actor::{Act, Actor};

use crate::http::App;
use crate::http::client::Client;
use crate::http::problem::Problem;

/// How often database and store are asked.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// How long they may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The last word of database and store. Asked in the background, so that nobody outside can make them work.
#[derive(Clone)]
pub struct Health {
    archive: Arc<Archive>,
    blobstore: Blobstore,
    /// What is wrong, in a word for the probe; nothing when all is well.
    trouble: Arc<Mutex<Option<&'static str>>>,
}

impl Health {
    /// Not ready until the first [`Health::refresh`].
    pub fn new(archive: Arc<Archive>, blobstore: Blobstore) -> Self {
        Self { archive, blobstore, trouble: Arc::new(Mutex::new(Some("starting"))) }
    }

    /// Asks database and store.
    pub async fn refresh(&self) {
        let database = tokio::time::timeout(PATIENCE, self.archive.ping());
        let store = tokio::time::timeout(PATIENCE, self.blobstore.probe());
        let (database, store) = tokio::join!(database, store);
        let trouble = match (database, store) {
            (Ok(Ok(())), Ok(Ok(()))) => None,
            (Ok(Ok(())), Ok(Err(error))) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store does not work");
                Some("store")
            }
            (Ok(Ok(())), Err(_)) => Some("store"),
            (Ok(Err(error)), _) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the database does not work");
                Some("database")
            }
            (Err(_), _) => Some("database"),
        };
        self.set(trouble);
    }

    /// Says that the service is about to stop, so that no new work is sent here.
    pub fn stopping(&self) {
        self.set(Some("stopping"));
    }

    fn set(&self, trouble: Option<&'static str>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    fn trouble(&self) -> Option<&'static str> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `/healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `/readyz`: database and store answered a moment ago.
pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.health.trouble() {
        None => "ready\n".into_response(),
        Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {trouble}\n")).into_response(),
    }
}

/// `/metrics` in the text format of Prometheus: for this machine, and for administrators.
pub async fn metrics(State(app): State<Arc<App>>, request: Request) -> Response {
    let client = Client::of(request.extensions(), request.headers());
    if !client.local {
        match request.extensions().get::<Actor>() {
            None => return Problem::unauthorized().into_response(),
            Some(actor) if !may(actor, Act::ManageAccounts) => {
                return Problem::new(StatusCode::FORBIDDEN, "metrics are for administrators").into_response();
            }
            Some(_) => {}
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}
