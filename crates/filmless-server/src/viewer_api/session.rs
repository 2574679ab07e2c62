//! `/api/session`: signing in and out. A session is 256 random bits in a cookie; the index keeps their digest.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, RequestExt};
use filmless_archive::authorize::may;
use filmless_archive::clock::now_ms;
use filmless_model::account::{AccountName, MAX_AGENT_LENGTH, Session};
use filmless_model::actor::{Act, Actor};
use filmless_model::audit::{AuditEvent, AuditedAct};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::authentication::SESSION_COOKIE;
use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::http::sign_in::{Refusal, Shown};
use crate::http::{App, cross_site};
use crate::second_factor::{self, Enrolment};
use crate::secrets;
use crate::viewer_api::accounts::hashed;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// What is sent to sign in.
#[derive(Deserialize)]
pub struct Credentials {
    account: String,
    password: String,
    /// The digits of the second factor.
    #[serde(default)]
    code: Option<String>,
}

/// Who is signed in.
#[derive(Serialize)]
pub struct SessionShown {
    account: String,
    role: &'static str,
    /// What the account may do.
    acts: Vec<&'static str>,
    /// Nothing, before it has a new password.
    must_change_password: bool,
    /// Nothing, before it has a second factor.
    must_add_second_factor: bool,
    has_second_factor: bool,
}

/// What is sent to add a second factor, or to put another in its place: its secret, and digits that show that it works.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSecondFactor {
    password: String,
    secret: String,
    code: String,
}

/// What is sent to change one's password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    password: String,
    new_password: String,
}

/// `POST`: checks the password and sets the cookie.
pub async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let client = Client::of(request.extensions(), request.headers());
    if cross_site::same_origin(&app.config, request.headers()) == Some(false) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "sign in from our own pages"));
    }
    let agent = agent(request.headers());
    let sent: Result<Json<Credentials>, JsonRejection> = request.extract().await;
    let Json(Credentials { account, password, code }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let account = app.sign_in.check(&app, client, &account, Shown::PasswordAndCode(&password, code.as_deref())).await?;
    let actor = Actor::Account {
        within: app.sign_in.within(&account),
        name: account.name.clone(),
        role: account.role,
        address: client.address,
    };
    let response = open_session(&app, &actor, account.name.clone(), client, agent).await?;
    tracing::info!(account = %account.name, "signed in");
    Ok(response)
}

/// Opens a session, and sets its cookie.
async fn open_session(
    app: &App,
    actor: &Actor,
    account: AccountName,
    client: Client,
    agent: String,
) -> Result<Response, Problem> {
    let now_ms = now_ms();
    let secret = secrets::random_secret().map_err(|_| Problem::internal("no random bytes"))?;
    let id = Uuid::now_v7().simple().to_string();
    let expires_ms = app.sessions.first_expiry_ms(now_ms);
    let session = Session { id, account, began_ms: now_ms, expires_ms, address: client.address, agent };
    let index = app.index.recording(AuditEvent::of(actor, AuditedAct::SignIn, now_ms));
    index.add_session(&session, &secrets::digest(&secret)).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(app, &secret, app.config.sessions.lifetime_seconds)?);
    Ok(response)
}

/// What the browser calls itself.
fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(MAX_AGENT_LENGTH).collect()
}

/// `POST …/password`: changes one's own password. All sessions of the account end; whoever asks gets a new one.
pub async fn change_password(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Extension(session): Extension<Session>,
    client: Client,
    headers: HeaderMap,
    sent: Result<Json<NewPassword>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(NewPassword { password, new_password }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let account = app.sign_in.check(&app, client, session.account.as_str(), Shown::Password(&password)).await?;
    secrets::check_new_password(&account.name, &password, &new_password)
        .map_err(|error| bad(error.to_string()).of_field("new_password"))?;
    app.archive.set_password(&actor, None, &hashed(new_password).await?).await?;
    open_session(&app, &actor, account.name, client, agent(&headers)).await
}

/// `POST …/second-factor`: makes a secret for one's app, which is not kept before it comes back with digits.
pub async fn begin_second_factor(Extension(session): Extension<Session>) -> Result<Json<Enrolment>, Problem> {
    let made = second_factor::enrolment(session.account.as_str());
    made.map(Json).map_err(|_| Problem::internal("no second factor can be made"))
}

/// `PUT …/second-factor`: gives one's account a second factor.
pub async fn put_second_factor(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Extension(session): Extension<Session>,
    client: Client,
    sent: Result<Json<NewSecondFactor>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(NewSecondFactor { password, secret, code }) = sent.map_err(|rejection| unreadable(&rejection))?;
    app.sign_in.check(&app, client, session.account.as_str(), Shown::Password(&password)).await?;
    let step = second_factor::step(&secret, &code, now_ms()).ok_or_else(wrong_code)?;
    app.archive.set_second_factor(&actor, &secret, step).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn wrong_code() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "these are not the digits of the second factor now").of_field("code")
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooManyAttempts(wait) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too many attempts; wait a little").retry_after(wait.as_secs() + 1)
            }
            Refusal::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong account or password"),
            Refusal::CodeWanted => {
                Self::new(StatusCode::UNAUTHORIZED, "the digits of the second factor are wanted").of_field("code")
            }
            Refusal::WrongCode => wrong_code(),
            Refusal::Barred(why) => Self::new(StatusCode::FORBIDDEN, why.as_str()),
            Refusal::Busy => Self::unavailable("too many sign-ins at once"),
            Refusal::Fault => Self::internal("checking the password stopped"),
            Refusal::Unavailable(error) => error.into(),
        }
    }
}

/// `GET`: who is signed in.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    session: Option<Extension<Session>>,
) -> Result<Json<SessionShown>, Problem> {
    let acts = Act::ALL.into_iter().filter(|act| may(&actor, *act)).map(Act::as_str).collect();
    match actor {
        Actor::Account { name, role, .. } => {
            let account = if session.is_some() { app.index.account(&name).await? } else { None };
            let account = account.as_ref();
            Ok(Json(SessionShown {
                account: name.into(),
                role: role.as_str(),
                acts,
                must_change_password: account.is_some_and(|account| account.must_change_password),
                must_add_second_factor: account.is_some_and(|account| app.sign_in.wants_second_factor(account)),
                has_second_factor: account.is_some_and(|account| account.second_factor.is_some()),
            }))
        }
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
        app.index.recording(AuditEvent::of(&actor, AuditedAct::SignOut, now_ms())).remove_session(&session.id).await?;
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
