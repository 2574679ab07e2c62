//! `/api/accounts`: who signs in, for administrators. Passwords that others than their owners know are made here, shown once,
//! and changed at the first sign-in.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::accounts::AccountChange;
use filmless_archive::clock::now_ms;
use filmless_model::account::{Account, AccountName, Barred, Role};
use filmless_model::actor::Actor;
use filmless_model::forwarding::Hours;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::secrets;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// An account as it is shown.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the answer")]
pub struct Shown {
    account: AccountName,
    role: Role,
    must_change_password: bool,
    blocked: bool,
    idle: bool,
    locked: bool,
    created_ms: i64,
    used_ms: i64,
    second_factor: bool,
    hours: Option<String>,
}

/// What is sent to make one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    account: String,
    role: String,
}

/// What is sent to change one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    blocked: Option<bool>,
    /// Empty for all hours.
    #[serde(default)]
    hours: Option<String>,
}

/// A password that is shown once.
#[derive(Serialize)]
pub struct Initial {
    password: String,
}

/// All accounts, by name.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    let now_ms = now_ms();
    let mut shown = Vec::new();
    for account in app.archive.accounts(&actor).await? {
        shown.push(Shown {
            idle: app.sign_in.barred(&account, now_ms) == Some(Barred::Idle),
            locked: app.sign_in.is_locked(&*app.index, &account.name, now_ms).await?,
            account: account.name,
            role: account.role,
            must_change_password: account.must_change_password,
            blocked: account.is_blocked,
            created_ms: account.created_ms,
            used_ms: account.used_ms,
            second_factor: account.second_factor.is_some(),
            hours: account.hours.map(|hours| hours.to_string()),
        });
    }
    Ok(Json(shown))
}

/// Makes one, and shows its first password.
pub async fn add(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<Json<Initial>, Problem> {
    let Json(Sent { account, role }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let name = AccountName::parse(&account).map_err(|error| bad(error.to_string()).of_field("account"))?;
    let role = role_of(&role)?;
    let (password, hash) = initial_password().await?;
    // Nobody signs in as a program: it has tokens.
    let account = Account { must_change_password: role != Role::Service, ..Account::new(name, role, hash, now_ms()) };
    if app.archive.add_account(&actor, &account).await? {
        return Ok(Json(Initial { password }));
    }
    Err(Problem::new(StatusCode::CONFLICT, "there is an account of this name").of_field("account"))
}

/// Gives one another role or other hours, blocks it or lets it in again.
pub async fn change(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
    sent: Result<Json<Change>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let name = named(name)?;
    let Json(Change { role, blocked, hours }) = sent.map_err(|rejection| unreadable(&rejection))?;
    let role = role.as_deref().map(role_of).transpose()?.map(AccountChange::Role);
    let blocked = blocked.map(|is_blocked| if is_blocked { AccountChange::Block } else { AccountChange::LetIn });
    let hours = hours.as_deref().map(hours_of).transpose()?.map(AccountChange::Hours);
    // So there is always one who administers.
    if matches!(&actor, Actor::Account { name: own, .. } if *own == name) {
        return Err(Problem::new(StatusCode::CONFLICT, "another administrator changes your account"));
    }
    for change in [role, hours, blocked].into_iter().flatten() {
        app.archive.change_account(&actor, &name, change).await?;
    }
    app.tokens.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Takes away the second factor of one, who has lost it.
pub async fn remove_second_factor(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    app.archive.remove_second_factor(&actor, &named(name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives one a new first password, which is shown; its sessions end.
pub async fn reset_password(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Initial>, Problem> {
    let name = named(name)?;
    if matches!(&actor, Actor::Account { name: own, .. } if *own == name) {
        return Err(Problem::new(StatusCode::CONFLICT, "change your own password with POST /api/session/password"));
    }
    let (password, hash) = initial_password().await?;
    app.archive.set_password(&actor, Some(&name), &hash).await?;
    Ok(Json(Initial { password }))
}

/// The account in a path.
pub(super) fn named(name: Result<Path<String>, PathRejection>) -> Result<AccountName, Problem> {
    name.ok().and_then(|Path(name)| AccountName::parse(&name).ok()).ok_or_else(Problem::not_found)
}

fn role_of(word: &str) -> Result<Role, Problem> {
    let words = || Role::ALL.map(Role::as_str).join(", ");
    Role::parse(word).ok_or_else(|| bad(format!("role is one of {}", words())).of_field("role"))
}

fn hours_of(text: &str) -> Result<Option<Hours>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Hours::parse(text).map(Some).ok_or_else(|| bad("hours are written as 07:00-17:00+0700").of_field("hours"))
}

/// A random password, and what is kept of it.
async fn initial_password() -> Result<(String, String), Problem> {
    let password = secrets::random_password().map_err(|_| Problem::internal("no random bytes"))?;
    let hash = hashed(password.clone()).await?;
    Ok((password, hash))
}

/// What is kept of a password.
pub(super) async fn hashed(password: String) -> Result<String, Problem> {
    let hashed = tokio::task::spawn_blocking(move || secrets::hash_password(&password)).await;
    hashed.map_err(|_| Problem::internal("hashing stopped"))?.map_err(|_| Problem::internal("the password cannot be hashed"))
}
