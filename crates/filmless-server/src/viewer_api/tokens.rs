//! `/api/tokens` and `/api/accounts/{account}/tokens`: secrets for programs, for each their own, and for administrators those of
//! all. Only the answer to making one shows its secret.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::accounts::{MAX_TOKENS, TokenWish};
use filmless_model::account::{AccountName, MAX_LABEL_LENGTH, Token};
use filmless_model::actor::{Act, Actor, Acts};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::secrets;
use crate::viewer_api::accounts::named;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The longest time that can be asked for; without end is another wish.
const MAX_DAYS: u32 = 3660;

/// A token as it is shown.
#[derive(Serialize)]
pub struct Shown {
    token: String,
    account: AccountName,
    label: String,
    /// What it is for; nothing if for all that its account may do.
    acts: Option<Vec<&'static str>>,
    created_ms: i64,
    expires_ms: Option<i64>,
}

/// What is sent to make one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    label: String,
    #[serde(default)]
    acts: Option<Vec<String>>,
    #[serde(default)]
    days: Option<u32>,
}

/// The one time that the secret is shown.
#[derive(Serialize)]
pub struct Made {
    token: String,
    secret: String,
}

async fn list(app: &App, actor: &Actor, whose: Option<&AccountName>) -> Result<Json<Vec<Shown>>, Problem> {
    let words = |acts: Acts| Act::ALL.into_iter().filter(|act| acts.contains(*act)).map(Act::as_str).collect();
    let shown = |token: Token| Shown {
        token: token.id,
        account: token.account,
        label: token.label,
        acts: (token.acts != Acts::ALL).then(|| words(token.acts)),
        created_ms: token.created_ms,
        expires_ms: token.expires_ms,
    };
    Ok(Json(app.archive.tokens(actor, whose).await?.into_iter().map(shown).collect()))
}

async fn add(
    app: &App,
    actor: &Actor,
    whose: Option<&AccountName>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<Json<Made>, Problem> {
    let Json(Sent { label, acts, days }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let label = label.trim().to_owned();
    if label.is_empty() || label.len() > MAX_LABEL_LENGTH || label.chars().any(char::is_control) {
        return Err(bad(format!("label has 1 to {MAX_LABEL_LENGTH} bytes")).of_field("label"));
    }
    let acts = match acts {
        None => Acts::ALL,
        Some(words) => {
            let acts: Option<Acts> = words.iter().map(|word| Act::parse(word)).collect();
            acts.ok_or_else(|| bad(format!("acts are of {}", Act::ALL.map(Act::as_str).join(", "))).of_field("acts"))?
        }
    };
    if days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        return Err(bad(format!("days is 1 to {MAX_DAYS}")).of_field("days"));
    }
    let secret = secrets::random_token().map_err(|_| Problem::internal("no random bytes"))?;
    let wish = TokenWish { label, acts, lifetime: days.map(|days| Duration::from_hours(24) * days) };
    if let Some(token) = app.archive.add_token(actor, whose, wish, &secrets::digest(&secret)).await? {
        return Ok(Json(Made { token: token.id, secret }));
    }
    Err(Problem::new(StatusCode::CONFLICT, format!("an account has {MAX_TOKENS} tokens at most")))
}

async fn revoke(app: &App, actor: &Actor, whose: Option<&AccountName>, id: &str) -> Result<StatusCode, Problem> {
    app.archive.revoke_token(actor, whose, id).await?;
    app.tokens.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// One's own.
pub async fn list_own(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    list(&app, &actor, None).await
}

/// Those of an account.
pub async fn list_of(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<Shown>>, Problem> {
    list(&app, &actor, Some(&named(name)?)).await
}

/// Makes one of one's own.
pub async fn add_own(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<Json<Made>, Problem> {
    add(&app, &actor, None, sent).await
}

/// Makes one of an account's.
pub async fn add_of(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<Json<Made>, Problem> {
    add(&app, &actor, Some(&named(name)?), sent).await
}

/// Revokes one of one's own.
pub async fn revoke_own(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(id) = id.map_err(|_| Problem::not_found())?;
    revoke(&app, &actor, None, &id).await
}

/// Revokes one of an account's.
pub async fn revoke_of(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path((name, id)) = path.map_err(|_| Problem::not_found())?;
    revoke(&app, &actor, Some(&named(Ok(Path(name)))?), &id).await
}
