//! `/api/saved-filters`: filters of the study list that an account keeps. What each member means is the viewer's to know; that
//! they are short texts and no others is checked here.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_archive::study_list::MOST_SAVED_FILTERS;
use filmless_model::actor::Actor;
use filmless_model::study_list::SavedFilter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The longest name and the longest member, in characters.
const MAX_TEXT: usize = 128;

/// What narrows and orders the list; a member that is absent does not. Words are those of the viewer's address, as `7d` for a
/// date, which is another range each day.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Filters {
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
}

impl Filters {
    fn check(&self) -> Result<(), Problem> {
        let Self { q, by, date, modality, part, institution, state, read, order } = self;
        let texts = [q, by, date, modality, part, institution, state, read, order];
        if texts.into_iter().flatten().all(|text| is_short(text)) {
            return Ok(());
        }
        Err(bad("filters: a text is longer than 128 characters, or has a control character").of_field("filters"))
    }
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control)
}

/// What is sent to keep one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    filters: Filters,
    #[serde(default)]
    opens: bool,
}

/// One that is kept.
#[derive(Serialize)]
pub struct Shown {
    name: String,
    filters: Value,
    opens: bool,
}

/// The account's filters, by name.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    let shown = |saved: SavedFilter| {
        let filters = serde_json::from_str(&saved.definition).map_err(|_| Problem::internal("a kept filter is not JSON"))?;
        Ok(Shown { name: saved.name, filters, opens: saved.opens })
    };
    app.archive.saved_filters(&actor).await?.into_iter().map(shown).collect::<Result<_, _>>().map(Json)
}

/// Keeps one under a name.
pub async fn keep(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let name = name.ok().map(|Path(name)| name.trim().to_owned()).filter(|name| !name.is_empty() && is_short(name));
    let name = name.ok_or_else(|| bad("name: it has 1 to 128 characters").of_field("name"))?;
    let Json(Sent { filters, opens }) = sent.map_err(|rejection| unreadable(&rejection))?;
    filters.check()?;
    let definition = serde_json::to_string(&filters).expect("texts");
    if app.archive.put_saved_filter(&actor, &SavedFilter { name, definition, opens }).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(StatusCode::CONFLICT, format!("an account keeps {MOST_SAVED_FILTERS} filters at most")))
}

/// Removes one.
pub async fn remove(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    name: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(name) = name.map_err(|_| bad("a filter has a name"))?;
    // A NUL is in no name; Postgres would refuse to compare with it.
    if name.contains('\0') {
        return Err(Problem::not_found());
    }
    app.archive.remove_saved_filter(&actor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
