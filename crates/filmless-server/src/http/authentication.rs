//! Turns a session cookie or a bearer token into an [`Actor`]. What the actor may do is the archive's to say.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use filmless_archive::clock::{milliseconds, now_ms};
use filmless_index::IndexError;
use filmless_model::account::{Account, Session};
use filmless_model::actor::{Actor, User};

use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::http::{App, cross_site};
use crate::secrets;

/// The cookie of a session.
pub const SESSION_COOKIE: &str = "filmless_session";

/// The longest secret that is looked up, in bytes.
const MAX_SECRET_LENGTH: usize = 256;

/// Finds out who asks, and puts the [`Actor`] into the request. Nobody is fine here: see [`require_actor`].
pub async fn authenticate(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let identified = match identify(&app, Client::of(request.extensions(), request.headers()), request.headers()).await {
        Ok(identified) => identified,
        Err(error) => return Problem::from(error).into_response(),
    };
    if let Some((actor, session)) = identified {
        if let Some(session) = session {
            if cross_site::is_unsafe(request.method()) && !cross_site::is_ours(&app.config, request.headers()) {
                let detail =
                    "a request with a cookie that changes something must come from our own pages: send X-Filmless-Request: 1";
                return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
            }
            request.extensions_mut().insert(session);
        }
        request.extensions_mut().insert(actor);
    }
    next.run(request).await
}

/// Turns away whom [`authenticate`] did not recognise.
pub async fn require_actor(request: Request, next: Next) -> Response {
    if request.extensions().get::<Actor>().is_none() {
        return Problem::unauthorized().into_response();
    }
    next.run(request).await
}

/// Turns away whom [`authenticate`] did not recognise by a session: a token is not for what concerns the person.
pub async fn require_session(request: Request, next: Next) -> Response {
    if request.extensions().get::<Session>().is_none() {
        return Problem::new(StatusCode::FORBIDDEN, "sign in with the password for that; a token is not enough").into_response();
    }
    next.run(request).await
}

/// Whose a request is, and its session unless it came with a token. A token that is sent decides alone.
async fn identify(app: &App, client: Client, headers: &HeaderMap) -> Result<Option<(Actor, Option<Session>)>, IndexError> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let Some(secret) = value.to_str().ok().and_then(bearer) else { return Ok(None) };
        return Ok(bearer_of(app, secret).await?.map(|user| (actor(user, client), None)));
    }
    let Some(secret) = session_secret(headers) else { return Ok(None) };
    let digest = secrets::digest(secret);
    let now_ms = now_ms();
    let Some((account, session)) = app.index.account_of_session(&digest, now_ms).await? else { return Ok(None) };
    if app.sessions.is_over(&session, now_ms) || app.sign_in.barred_from(&account, client.address, now_ms).is_some() {
        return Ok(None);
    }
    if let Some(expires_ms) = app.sessions.renewal(&session, now_ms) {
        app.index.extend_session(&session.id, now_ms, expires_ms).await?;
    }
    note_use(app, &account, now_ms).await?;
    let user = User { within: app.sign_in.within(&account), name: account.name, role: account.role };
    Ok(Some((actor(user, client), Some(session))))
}

/// Notes once a day that an account is used.
async fn note_use(app: &App, account: &Account, now_ms: i64) -> Result<(), IndexError> {
    if now_ms < account.used_ms.saturating_add(milliseconds(Duration::from_hours(24))) {
        return Ok(());
    }
    app.index.note_use(&account.name, now_ms).await
}

/// Whose a token is.
async fn bearer_of(app: &App, secret: &str) -> Result<Option<User>, IndexError> {
    let (digest, now) = (secrets::digest(secret), Instant::now());
    if let Some(user) = app.tokens.recall(&digest, now) {
        return Ok(Some(user));
    }
    let Some((account, token)) = app.index.account_of_token(&digest).await? else { return Ok(None) };
    let now_ms = now_ms();
    if token.is_over(now_ms) || app.sign_in.barred(&account, now_ms).is_some() {
        return Ok(None);
    }
    note_use(app, &account, now_ms).await?;
    let user = User { name: account.name, role: account.role, within: token.acts };
    app.tokens.note(digest, user.clone(), now);
    Ok(Some(user))
}

fn actor(user: User, client: Client) -> Actor {
    Actor::Account { name: user.name, role: user.role, within: user.within, address: client.address }
}

/// The token of an Authorization header (RFC 6750 section 2.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty() && secret.len() <= MAX_SECRET_LENGTH).then_some(secret)
}

/// The secret of the session cookie.
fn session_secret(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| {
            (name == SESSION_COOKIE && !value.is_empty() && value.len() <= MAX_SECRET_LENGTH).then_some(value)
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_secret_is_found_in_its_header_only() {
        for (value, expected) in
            [("Bearer abc", Some("abc")), ("bearer  abc ", Some("abc")), ("Basic abc", None), ("Bearer ", None), ("Bearer", None)]
        {
            assert_eq!(bearer(value), expected, "{value:?}");
        }
        for (value, expected) in [
            ("filmless_session=s", Some("s")),
            ("a=b; filmless_session=s; c=d", Some("s")),
            ("xfilmless_session=s", None),
            ("filmless_session=", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(value));
            assert_eq!(session_secret(&headers), expected, "{value:?}");
        }
    }
}
