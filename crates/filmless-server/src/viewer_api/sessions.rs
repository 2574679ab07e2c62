//! `/api/sessions` and `/api/accounts/{account}/sessions`: who is signed in from where, for each their own, and for
//! administrators those of all.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_model::account::{AccountName, Session};
use filmless_model::actor::Actor;
use serde::Serialize;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::accounts::named;

/// A session as it is shown.
#[derive(Serialize)]
pub struct Shown {
    session: String,
    account: AccountName,
    began_ms: i64,
    expires_ms: i64,
    address: String,
    agent: String,
    /// Whether it is that of this request.
    current: bool,
}

async fn list(
    app: &App,
    actor: &Actor,
    whose: Option<&AccountName>,
    current: Option<&Session>,
) -> Result<Json<Vec<Shown>>, Problem> {
    let shown = |session: Session| Shown {
        current: current.is_some_and(|current| current.id == session.id),
        session: session.id,
        account: session.account,
        began_ms: session.began_ms,
        expires_ms: session.expires_ms,
        address: session.address.to_string(),
        agent: session.agent,
    };
    Ok(Json(app.archive.sessions(actor, whose).await?.into_iter().map(shown).collect()))
}

/// One's own.
pub async fn list_own(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Extension(session): Extension<Session>,
) -> Result<Json<Vec<Shown>>, Problem> {
    list(&app, &actor, None, Some(&session)).await
}

/// Those of an account.
pub async fn list_of(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    session: Option<Extension<Session>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<Shown>>, Problem> {
    list(&app, &actor, Some(&named(name)?), session.as_deref()).await
}

/// Ends one of one's own.
pub async fn end_own(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = id.map_err(|_| Problem::not_found())?;
    app.archive.end_session(&actor, None, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of an account's.
pub async fn end_of(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path((name, id)) = path.map_err(|_| Problem::not_found())?;
    app.archive.end_session(&actor, Some(&named(Ok(Path(name)))?), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
