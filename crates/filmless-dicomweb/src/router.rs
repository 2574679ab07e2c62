//! Which path is answered by which room (PS3.18 section 10.3, Resources), and what all of them share.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use filmless_archive::Archive;
use tokio::sync::Semaphore;
use tower::limit::GlobalConcurrencyLimitLayer;

use crate::config::DicomwebConfig;
use crate::problem::Problem;
use crate::{bulkdata, changes, delete, frames, metadata, rendered, retrieve, search, store};

/// What every handler has at hand.
#[derive(Clone)]
pub struct Door {
    pub(crate) archive: Arc<Archive>,
    pub(crate) config: Arc<DicomwebConfig>,
    /// Permits to decode.
    pub(crate) decodings: Arc<Semaphore>,
}

/// The router of this door, to be nested under [`DicomwebConfig::base_path`].
pub fn router(archive: Arc<Archive>, config: DicomwebConfig) -> Router {
    let max_requests = config.max_requests.max(1);
    let decodings = Arc::new(Semaphore::new(config.max_decodings.max(1)));
    let door = Door { archive, config: Arc::new(config), decodings };

    let instance = "/studies/{study}/series/{series}/instances/{instance}";
    let of_instance = |rest: &str| format!("{instance}{rest}");
    Router::new()
        .route("/studies", with_options(get(search::studies).post(store::store), "GET, HEAD, POST, OPTIONS"))
        .route("/changes", read(get(changes::changes)))
        .route("/series", read(get(search::series)))
        .route("/instances", read(get(search::instances)))
        .route(
            "/studies/{study}",
            with_options(get(retrieve::retrieve).post(store::store).delete(delete::delete), "GET, HEAD, POST, DELETE, OPTIONS"),
        )
        .route("/studies/{study}/metadata", read(get(metadata::metadata)))
        .route("/studies/{study}/rendered", read(get(rendered::rendered)))
        .route("/studies/{study}/thumbnail", read(get(rendered::thumbnail)))
        .route("/studies/{study}/series", read(get(search::series)))
        .route("/studies/{study}/instances", read(get(search::instances)))
        .route(
            "/studies/{study}/series/{series}",
            with_options(get(retrieve::retrieve).delete(delete::delete), "GET, HEAD, DELETE, OPTIONS"),
        )
        .route("/studies/{study}/series/{series}/metadata", read(get(metadata::metadata)))
        .route("/studies/{study}/series/{series}/rendered", read(get(rendered::rendered)))
        .route("/studies/{study}/series/{series}/thumbnail", read(get(rendered::thumbnail)))
        .route("/studies/{study}/series/{series}/instances", read(get(search::instances)))
        .route(instance, with_options(get(retrieve::retrieve).delete(delete::delete), "GET, HEAD, DELETE, OPTIONS"))
        .route(&of_instance("/metadata"), read(get(metadata::metadata)))
        .route(&of_instance("/rendered"), read(get(rendered::rendered)))
        .route(&of_instance("/thumbnail"), read(get(rendered::thumbnail)))
        .route(&of_instance("/frames"), read(get(frames::frames)))
        .route(&of_instance("/pixeldata"), read(get(frames::frames)))
        .route(&of_instance("/frames/{frames}"), read(get(frames::frames)))
        .route(&of_instance("/frames/{frames}/rendered"), read(get(rendered::rendered)))
        .route(&of_instance("/frames/{frames}/thumbnail"), read(get(rendered::thumbnail)))
        .route(&of_instance("/bulkdata/{bulkdata}"), read(get(bulkdata::bulkdata)))
        .fallback(async || Problem::UnknownPath)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        // Bodies are streamed and bounded by the store room itself.
        .layer(DefaultBodyLimit::disable())
        .layer(GlobalConcurrencyLimitLayer::new(max_requests))
        .with_state(door)
}

/// A path that is only read.
fn read(methods: MethodRouter<Door>) -> MethodRouter<Door> {
    with_options(methods, "GET, HEAD, OPTIONS")
}

/// Answers `OPTIONS` with the methods of the path (RFC 9110 section 9.3.7).
fn with_options(methods: MethodRouter<Door>, allow: &'static str) -> MethodRouter<Door> {
    methods.options(move || async move { options(allow) })
}

fn options(allow: &'static str) -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, HeaderValue::from_static(allow))]).into_response()
}
