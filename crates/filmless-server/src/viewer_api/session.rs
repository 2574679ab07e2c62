//! `/api/session`: signing in and out. A session is 256 random bits in a cookie; the index keeps their digest.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, RequestExt};
use filmless_archive::authorize::may;
use filmless_archive::clock::now_ms;
use filmless_model::actor::{Act, Actor};
use filmless_model::audit::{AuditEvent, AuditedAct};
use serde::{Deserialize, Serialize};

use crate::http::authentication::{SESSION_COOKIE, Session};
use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::http::sign_in::Refusal;
use crate::http::{App, cross_site, sessions};
use crate::secrets;
use crate::viewer_api::unreadable;

/// What is sent to sign in.
#[derive(Deserialize)]
pub struct Credentials {
    account: String,
    password: String,
}

/// Who is signed in.
#[derive(Serialize)]
pub struct Shown {
    account: String,
    role: &'static str,
    /// What the account may do.
    acts: Vec<&'static str>,
}

/// `POST`: checks the password and sets the cookie.
pub async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let client = Client::of(request.extensions(), request.headers());
    if cross_site::same_origin(&app.config, request.headers()) == Some(false) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "sign in from our own pages"));
    }
    let sent: Result<Json<Credentials>, JsonRejection> = request.extract().await;
    let Json(Credentials { account, password }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let account = app.sign_in.check(&app, client, &account, Some(&password)).await?;

    let now_ms = now_ms();
    let secret = sessions::new_secret(now_ms).map_err(|_| Problem::internal("no random bytes"))?;
    let actor = Actor::Account { name: account.name.clone(), role: account.role, address: client.address };
    let index = app.index.recording(AuditEvent::of(&actor, AuditedAct::SignIn, now_ms));
    index.add_session(&account.name, &secrets::digest(&secret), app.sessions.first_expiry_ms(now_ms)).await?;
    tracing::info!(account = %account.name, "signed in");
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(&app, &secret, app.config.sessions.lifetime_seconds)?);
    Ok(response)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooManyAttempts(wait) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too many attempts; wait a little").retry_after(wait.as_secs() + 1)
            }
            Refusal::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong account or password"),
            Refusal::Busy => Self::unavailable("too many sign-ins at once"),
            Refusal::Fault => Self::internal("checking the password stopped"),
            Refusal::Unavailable(error) => error.into(),
        }
    }
}

/// `GET`: who is signed in.
pub async fn show(Extension(actor): Extension<Actor>) -> Result<Json<Shown>, Problem> {
    let acts = Act::ALL.into_iter().filter(|act| may(&actor, *act)).map(Act::as_str).collect();
    match actor {
        Actor::Account { name, role, .. } => Ok(Json(Shown { account: name.into(), role: role.as_str(), acts })),
        Actor::Peer { .. } | Actor::Operator => Err(Problem::unauthorized()),
    }
}

/// `DELETE`: ends the session. A token has none to end.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    session: Option<Extension<Session>>,
) -> Result<Response, Problem> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(Extension(session)) = session {
        app.index.recording(AuditEvent::of(&actor, AuditedAct::SignOut, now_ms())).remove_session(&session.digest).await?;
        response.headers_mut().append(header::SET_COOKIE, cookie(&app, "", 0)?);
    }
    Ok(response)
}

/// The cookie: not for scripts, not for other sites, and over TLS only where there is TLS.
fn cookie(app: &App, secret: &str, max_age_seconds: u64) -> Result<HeaderValue, Problem> {
    let secure = if app.config.public_url().is_some_and(|url| url.scheme() == "https") { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_seconds}{secure}");
    HeaderValue::from_str(&text).map_err(|_| Problem::internal("the cookie cannot be written"))
}
