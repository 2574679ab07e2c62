//! The HTTP door: who asks, what is answered to nobody, and the layers around DICOMweb, the viewer's API, its pages and files.
//!
//! DICOMweb itself is `filmless-dicomweb`'s; here stands what all routes share.

pub mod authentication;
pub mod client;
pub mod cross_site;
pub mod headers;
pub mod health;
pub mod listener;
pub mod observe;
pub mod problem;
pub mod rate_limit;
pub mod sessions;
pub mod sign_in;
mod stall;
pub mod tokens;
pub mod viewer;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use filmless_archive::Archive;
use filmless_dicomweb::DicomwebConfig;
use filmless_dicomweb::events::Listeners;
use filmless_dimse::requester::Requester;
use filmless_index::Index;
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::{TimeoutBody, TimeoutLayer};

use self::health::Health;
use self::problem::Problem;
use self::sessions::Sessions;
use self::tokens::Tokens;
use crate::config::{Config, seconds};
use crate::http::sign_in::SignIn;
use crate::peer_operations::PeerOperations;
use crate::{study_page, viewer_api};

/// What the routes share.
pub struct App {
    /// The acts.
    pub archive: Arc<Archive>,
    /// Accounts, tokens and sessions; everything else goes through the archive.
    pub index: Arc<dyn Index>,
    /// The settings.
    pub config: Config,
    /// Whether database and store answer.
    pub health: Health,
    /// Calls other nodes.
    pub requester: Requester,
    /// What goes on with them.
    pub peer_operations: PeerOperations,
    /// What is counted.
    pub metrics: PrometheusHandle,
    /// How long sessions last.
    pub sessions: Sessions,
    /// Tokens that were seen a moment ago.
    pub tokens: Tokens,
    /// The check of passwords.
    pub sign_in: SignIn,
    /// Who follows live events.
    pub listeners: Listeners,
    /// Cancelled when the service stops.
    pub shutdown: CancellationToken,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        archive: Arc<Archive>,
        index: Arc<dyn Index>,
        config: Config,
        health: Health,
        requester: Requester,
        metrics: PrometheusHandle,
        shutdown: CancellationToken,
    ) -> Arc<Self> {
        let sign_in = SignIn::new(&config.sign_in);
        let sessions = Sessions::new(&config.sessions);
        let places = usize::try_from(config.http.max_event_clients).unwrap_or(usize::MAX);
        let listeners = Listeners::new(places, shutdown.clone());
        Arc::new(Self {
            archive,
            index,
            config,
            health,
            requester,
            peer_operations: PeerOperations::default(),
            metrics,
            sessions,
            tokens: Tokens::default(),
            sign_in,
            listeners,
            shutdown,
        })
    }
}

/// Every route of the service.
pub fn router(app: &Arc<App>, dicomweb: DicomwebConfig) -> Router {
    let http = &app.config.http;
    let api =
        viewer_api::router(app).layer(DefaultBodyLimit::max(usize::try_from(http.max_body_bytes).unwrap_or(usize::MAX))).layer(
            TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, seconds(http.request_timeout_seconds)),
        );
    let dicomweb = DicomwebConfig { listeners: app.listeners.clone(), ..dicomweb };
    let dicomweb = filmless_dicomweb::router(app.archive.clone(), dicomweb).layer(from_fn(authentication::require_actor));
    let guarded = Router::new()
        .nest("/api", api)
        .route("/metrics", get(health::metrics))
        .with_state(app.clone())
        .merge(study_page::router(dicomweb.clone()))
        .merge(dicomweb)
        .layer(from_fn_with_state(app.clone(), authentication::authenticate));
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .with_state(app.clone())
        .merge(guarded)
        .fallback(viewer::serve)
        .layer(CompressionLayer::new().compress_when(headers::compressible))
        .layer(from_fn_with_state(app.clone(), headers::protect))
        .layer(from_fn_with_state(app.clone(), bound_body))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("the request panicked").into_response()))
        .layer(from_fn(observe::observe))
}

/// Ends a request whose body stops coming.
async fn bound_body(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let timeout = seconds(app.config.http.body_timeout_seconds);
    next.run(request.map(|body| axum::body::Body::new(TimeoutBody::new(timeout, body).map_err(axum::Error::new)))).await
}
