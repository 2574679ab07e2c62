//! `/api/settings`: what whoever is signed in set for themselves: keys and mouse, the theme, hanging protocols.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, put};
use axum::{Extension, Json};
use filmless_model::actor::{Act, Actor};
use filmless_model::setting::{MAX_SETTINGS, MAX_VALUE_BYTES, SettingName};
use serde_json::{Map, Value};

use super::operations::{Gives, LIST, May, Operation, Shape};
use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// `GET /api/settings`
pub(super) const SHOW: Operation = Operation {
    path: "/settings",
    id: "listSettings",
    summary: "Gives what whoever asks has set for themselves, by name.",
    may: May::Act(Act::KeepSettings),
    gives: Gives::Json(Shape::Document),
    handler: || get(list),
    ..LIST
};

/// `PUT /api/settings/{name}`
pub(super) const CHANGE: Operation = Operation {
    path: "/settings/{name}",
    method: "PUT",
    id: "putSetting",
    summary: "Keeps a setting: any object of at most 16 KiB, at most 100 of an account. A name has lower-case letters, digits and .-_",
    may: May::Act(Act::KeepSettings),
    takes: Some(Shape::Document),
    status: 204,
    // White space of the sender does not count, within reason.
    handler: || put(change).layer(DefaultBodyLimit::max(2 * MAX_VALUE_BYTES)),
    ..LIST
};

/// `DELETE /api/settings/{name}`
pub(super) const REMOVE: Operation = Operation {
    path: "/settings/{name}",
    method: "DELETE",
    id: "removeSetting",
    summary: "Forgets a setting.",
    may: May::Act(Act::KeepSettings),
    status: 204,
    handler: || delete(remove),
    ..LIST
};

fn parse(name: &str) -> Result<SettingName, Problem> {
    SettingName::parse(name).map_err(|error| bad(error.to_string()).of_field("name"))
}

/// All settings.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Value>, Problem> {
    let damaged = |_| Problem::internal("a setting is not what was kept");
    let mut settings = Map::new();
    for (name, value) in app.archive.settings(&actor).await? {
        settings.insert(name.to_string(), serde_json::from_str(&value).map_err(damaged)?);
    }
    Ok(Json(Value::Object(settings)))
}

/// Keeps one.
pub async fn change(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    sent: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let name = parse(&name)?;
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let value = Value::Object(sent).to_string();
    if value.len() > MAX_VALUE_BYTES {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a setting has at most {MAX_VALUE_BYTES} bytes")));
    }
    if app.archive.put_setting(&actor, &name, &value).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(StatusCode::CONFLICT, format!("an account has at most {MAX_SETTINGS} settings")))
    }
}

/// Forgets one.
pub async fn remove(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    app.archive.remove_setting(&actor, &parse(&name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
