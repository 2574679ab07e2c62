//! The viewer's own API under /api: what DICOMweb has no word for. JSON in and out, errors as RFC 9457.

pub mod about;
pub mod accounts;
pub mod asked_commitments;
pub mod audit_log;
pub mod availability;
pub mod coercion_rules;
pub mod conflicts;
pub mod deletions;
pub mod description;
pub mod events;
pub mod exports;
pub mod forwarding;
pub mod inbox;
pub mod operations;
pub mod orders;
pub mod page;
pub mod peer_operations;
pub mod peer_search;
pub mod peers;
pub mod performed_steps;
pub mod prints;
pub mod saved_filters;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod storage_commitments;
pub mod study_list;
pub mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::middleware::from_fn;

use self::operations::{May, OPERATIONS};
use crate::http::App;
use crate::http::authentication::{require_actor, require_session};
use crate::http::problem::Problem;

/// Every route of the API. Only signing in is open to nobody in particular.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let (mut open, mut guarded, mut personal) = (Router::new(), Router::new(), Router::new());
    for operation in OPERATIONS {
        let router = match operation.may {
            May::Anybody => &mut open,
            May::Person => &mut personal,
            May::SignedIn | May::Act(_) => &mut guarded,
        };
        *router = std::mem::take(router).route(operation.path, (operation.handler)());
    }
    let guarded = guarded.merge(personal.route_layer(from_fn(require_session))).route_layer(from_fn(require_actor));
    open.merge(guarded).fallback(|| async { Problem::not_found() }).with_state(app.clone())
}

/// A body that could not be read, in our own form of error.
fn unreadable(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    let detail = match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "send the body as application/json",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
        _ => "the body is not the JSON that this request takes",
    };
    Problem::new(status, detail)
}
