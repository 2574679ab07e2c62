//! The router of this door, made from the table of [`crate::resources`], and what all its rooms share.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::routing::MethodRouter;
use filmless_archive::Archive;
use tokio::sync::Semaphore;
use tower::limit::GlobalConcurrencyLimitLayer;

use crate::answers::Answers;
use crate::config::DicomwebConfig;
use crate::problem::Problem;
use crate::resources::{RESOURCES, Resource};

/// What every handler has at hand.
#[derive(Clone)]
pub struct Door {
    pub(crate) archive: Arc<Archive>,
    pub(crate) config: Arc<DicomwebConfig>,
    /// Answers that took work to make.
    pub(crate) answers: Arc<Answers>,
    /// Permits to decode.
    pub(crate) decodings: Arc<Semaphore>,
}

/// The router of this door, with all its paths under [`DicomwebConfig::base_path`].
pub fn router(archive: Arc<Archive>, config: DicomwebConfig) -> Router {
    let max_requests = config.max_requests.max(1);
    let decodings = Arc::new(Semaphore::new(config.max_decodings.max(1)));
    let base = config.base_path.trim_end_matches('/').to_owned();
    let answers = Arc::new(Answers::new(config.answer_cache_bytes));
    let door = Door { archive, config: Arc::new(config), answers, decodings };

    let mut below = Router::new().fallback(async || Problem::UnknownPath);
    // The base is the same place with a slash at its end as without.
    let mut with_slash = Router::new();
    for resource in RESOURCES {
        below = below.route(resource.path, methods(resource));
        if resource.path == "/" {
            with_slash = with_slash.route(&format!("{base}/"), methods(resource));
        }
    }
    with_slash
        .nest(&base, below)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        // Bodies are streamed and bounded by the store room itself.
        .layer(DefaultBodyLimit::disable())
        .layer(GlobalConcurrencyLimitLayer::new(max_requests))
        .with_state(door)
}

/// Who answers at a path. `OPTIONS` is answered with its methods (RFC 9110 section 9.3.7), unless it is a transaction.
fn methods(resource: &'static Resource) -> MethodRouter<Door> {
    let methods = resource.transactions.iter().map(|transaction| (transaction.handler)());
    let methods = methods.fold(MethodRouter::new(), MethodRouter::merge);
    if resource.has("OPTIONS") {
        return methods;
    }
    methods.options(async || (StatusCode::NO_CONTENT, [(header::ALLOW, resource.allow())]))
}
