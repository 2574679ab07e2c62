//! `/api/session`: signing in and out. A session is 256 random bits in a cookie; the index keeps their digest.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, RequestExt};
use filmless_archive::clock::now_ms;
use filmless_model::account::AccountName;
use filmless_model::actor::Actor;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::config::SignInConfig;
use crate::http::authentication::{SESSION_COOKIE, Session};
use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::http::rate_limit::RateLimit;
use crate::http::{App, cross_site, sessions};
use crate::secrets;
use crate::viewer_api::unreadable;

/// Attempts per address count this many times those per account and address: a ward shares one address.
const ATTEMPTS_PER_NETWORK: u32 = 10;
const PERIOD: Duration = Duration::from_mins(1);
/// How long a sign-in waits for its turn to be checked.
const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// Sign-ins that wait for their turn, per one that is checked.
const WAITING_PER_CHECK: usize = 8;

/// Guards the check of passwords: how often, and how many at once.
pub struct SignIn {
    by_account: RateLimit<(IpAddr, String)>,
    by_network: RateLimit<IpAddr>,
    checks: Arc<Semaphore>,
    waiting: Semaphore,
}

impl SignIn {
    /// As the settings say.
    pub fn new(config: &SignInConfig) -> Self {
        let checks = usize::try_from(config.max_concurrent).unwrap_or(1).max(1);
        Self {
            by_account: RateLimit::new(config.attempts_per_minute, PERIOD),
            by_network: RateLimit::new(config.attempts_per_minute.saturating_mul(ATTEMPTS_PER_NETWORK), PERIOD),
            checks: Arc::new(Semaphore::new(checks)),
            waiting: Semaphore::new(checks * WAITING_PER_CHECK),
        }
    }

    /// Whether the password fits the hash; takes its turn and leaves the async threads.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let busy = || Problem::unavailable("too many sign-ins at once");
        let _waiting = self.waiting.try_acquire().map_err(|_| busy())?;
        let turn = tokio::time::timeout(TURN_PATIENCE, self.checks.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let verified = tokio::task::spawn_blocking(move || {
            let fits = secrets::verify_password(&password, hash.as_deref());
            drop(turn);
            fits
        });
        verified.await.map_err(|_| Problem::internal("checking the password stopped"))
    }
}

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
}

/// `POST`: checks the password and sets the cookie.
pub async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let client = Client::of(request.extensions(), request.headers());
    if cross_site::same_origin(&app.config, request.headers()) == Some(false) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "sign in from our own pages"));
    }
    let sent: Result<Json<Credentials>, JsonRejection> = request.extract().await;
    let Json(Credentials { account, password }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let name = AccountName::parse(&account).ok();

    let key = (client.network(), name.as_ref().map(ToString::to_string).unwrap_or_default());
    let now = Instant::now();
    let limited = app.sign_in.by_network.take(key.0, now).and_then(|()| app.sign_in.by_account.take(key.clone(), now));
    if let Err(wait) = limited {
        metrics::counter!("filmless_sign_ins_total", "outcome" => "limited").increment(1);
        tracing::warn!(client.address = %client.address, "too many attempts to sign in");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many attempts; wait a little");
        return Err(problem.retry_after(wait.as_secs() + 1));
    }

    let known = match &name {
        Some(name) => app.index.account(name).await?,
        None => None,
    };
    let fits = app.sign_in.verify(password, known.as_ref().map(|account| account.password_hash.clone())).await?;
    let (Some(account), true) = (known, fits) else {
        metrics::counter!("filmless_sign_ins_total", "outcome" => "refused").increment(1);
        tracing::warn!(client.address = %client.address, "wrong account or password");
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong account or password"));
    };
    app.sign_in.by_account.give_back(&key);
    app.sign_in.by_network.give_back(&key.0);

    let now_ms = now_ms();
    let secret = sessions::new_secret(now_ms).map_err(|_| Problem::internal("no random bytes"))?;
    app.index.add_session(&account.name, &secrets::digest(&secret), app.sessions.first_expiry_ms(now_ms)).await?;
    metrics::counter!("filmless_sign_ins_total", "outcome" => "accepted").increment(1);
    tracing::info!(account = %account.name, "signed in");
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(&app, &secret, app.config.sessions.lifetime_seconds)?);
    Ok(response)
}

/// `GET`: who is signed in.
pub async fn show(Extension(actor): Extension<Actor>) -> Result<Json<Shown>, Problem> {
    match actor {
        Actor::Account { name, role } => Ok(Json(Shown { account: name.into(), role: role.as_str() })),
        Actor::Peer { .. } | Actor::Operator => Err(Problem::unauthorized()),
    }
}

/// `DELETE`: ends the session. A token has none to end.
pub async fn sign_out(State(app): State<Arc<App>>, session: Option<Extension<Session>>) -> Result<Response, Problem> {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(Extension(session)) = session {
        app.index.remove_session(&session.digest).await?;
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
