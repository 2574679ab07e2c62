//! `/api/coercion-rules`: what is done with what peers send, and what rules would do.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Extension, Json};
use filmless_archive::coercions::{CoercionPreview, PreviewOf, PreviewedChange};
use filmless_dicom::coercion::{PeerCoercion, WrongRule};
use filmless_dicom::dictionary;
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::coercion::{CharacterSetRepair, WrittenRule};
use filmless_model::uid::StudyInstanceUid;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::operations::{Gives, LIST, Operation, Shape};
use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// Instances that a preview of what came last looks at, unless it says.
const LAST: u32 = 10;

const OPTIONAL_TEXT: Shape = Shape::Optional(&Shape::Text);
const CHARACTER_SET: Shape = Shape::Optional(&Shape::Object(&[
    ("assume", Shape::OneOf(&["utf-8", "tcvn3", "vni", "viscii", "windows-1258"])),
    ("applies_to", Shape::OneOf(&["undeclared", "all"])),
]));
/// Rules, in their order.
pub const RULES: Shape = Shape::List(&Shape::Document);

const PREVIEWED: Shape = Shape::Object(&[
    ("study", Shape::Text),
    ("series", Shape::Text),
    ("instance", Shape::Text),
    (
        "changes",
        Shape::List(&Shape::Object(&[
            ("rule", Shape::Optional(&Shape::Integer)),
            ("name", OPTIONAL_TEXT),
            ("attribute", Shape::Text),
            ("before", OPTIONAL_TEXT),
            ("after", OPTIONAL_TEXT),
        ])),
    ),
]);

/// `GET /api/coercion-rules`
pub(super) const SHOW: Operation = Operation {
    path: "/coercion-rules",
    id: "listCoercionRules",
    summary: "Lists what is done with what each peer sends; what no peer is named for is done with all, before.",
    gives: Gives::Json(Shape::List(&Shape::Object(&[
        ("peer", OPTIONAL_TEXT),
        ("character_set", CHARACTER_SET),
        ("rules", RULES),
    ]))),
    handler: || get(list),
    ..LIST
};

/// `PUT /api/coercion-rules`
pub(super) const CHANGE: Operation = Operation {
    path: "/coercion-rules",
    method: "PUT",
    id: "putCoercionRules",
    summary: "Says what is done with what a peer, or every peer, sends from now on; CONFORMANCE.md describes rules. Without \
              character set and rules nothing is done.",
    takes: Some(Shape::Object(&[("peer", OPTIONAL_TEXT), ("character_set", CHARACTER_SET), ("rules", Shape::Optional(&RULES))])),
    status: 204,
    handler: || put(change),
    ..LIST
};

/// `POST /api/coercion-rules/preview`
pub(super) const PREVIEW: Operation = Operation {
    path: "/coercion-rules/preview",
    method: "POST",
    id: "previewCoercionRules",
    summary: "Says what these rules, or else those of the peer, would make of the instances of a study, or of the last ones of \
              the peer. Nothing is kept.",
    takes: Some(Shape::Object(&[
        ("peer", OPTIONAL_TEXT),
        ("study", OPTIONAL_TEXT),
        ("last", Shape::Optional(&Shape::Integer)),
        ("character_set", CHARACTER_SET),
        ("rules", Shape::Optional(&RULES)),
    ])),
    gives: Gives::Json(Shape::Object(&[("instances", Shape::List(&PREVIEWED))])),
    handler: || post(preview),
    ..LIST
};

/// What is done with what a peer sends.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    #[serde(default)]
    peer: Option<AeTitle>,
    #[serde(default)]
    character_set: Option<CharacterSetRepair>,
    #[serde(default)]
    rules: Option<Vec<WrittenRule>>,
}

/// What would become of instances.
#[derive(Serialize)]
pub struct Preview {
    instances: Vec<Previewed>,
}

/// What would become of an instance.
#[derive(Serialize)]
pub struct Previewed {
    study: String,
    series: String,
    instance: String,
    changes: Vec<Change>,
}

/// What would become of an attribute.
#[derive(Serialize)]
pub struct Change {
    rule: Option<usize>,
    name: Option<String>,
    attribute: String,
    before: Option<String>,
    after: Option<String>,
}

/// Of which instances a preview is, and of which rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    peer: Option<AeTitle>,
    #[serde(default)]
    study: Option<StudyInstanceUid>,
    #[serde(default)]
    last: Option<u32>,
    #[serde(default)]
    character_set: Option<CharacterSetRepair>,
    #[serde(default)]
    rules: Option<Vec<WrittenRule>>,
}

/// Reads a body. What is wrong with a rule is told, which the JSON's own reader does not do.
fn read<T: DeserializeOwned>(sent: Result<Json<Value>, JsonRejection>) -> Result<T, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    serde_json::from_value(sent).map_err(|error| bad(error.to_string()))
}

/// What is wrong with a rule of `list`, and which of its members it is.
pub(super) fn wrong_rule(list: &str, WrongRule { member, reason }: WrongRule) -> Problem {
    let field = member.map_or_else(|| list.to_owned(), |member| format!("{list}.{member}"));
    bad(reason.to_string()).of_field(field)
}

fn checked(character_set: Option<CharacterSetRepair>, rules: Option<Vec<WrittenRule>>) -> Result<PeerCoercion, Problem> {
    let read = PeerCoercion::of_rules(&rules.unwrap_or_default()).map_err(|wrong| wrong_rule("rules", wrong))?;
    Ok(PeerCoercion { character_set, ..read })
}

/// All rules.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Written>>, Problem> {
    let coercions = app.archive.coercions(&actor).await?;
    let row = |(peer, coercion): (_, PeerCoercion)| Written {
        peer,
        character_set: coercion.character_set,
        rules: Some(coercion.rules.into_iter().map(WrittenRule::from).collect()),
    };
    Ok(Json(coercions.into_iter().map(row).collect()))
}

/// Changes those of a peer, or of all.
pub async fn change(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let sent: Written = read(sent)?;
    let coercion = checked(sent.character_set, sent.rules)?;
    app.archive.put_coercion(&actor, sent.peer.as_ref(), &coercion).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries rules.
pub async fn preview(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Preview>, Problem> {
    let asked: Asked = read(sent)?;
    let coercion = match (asked.character_set, asked.rules) {
        (None, None) => app.archive.coercion_of(&actor, asked.peer.as_ref()).await?,
        (character_set, rules) => checked(character_set, rules)?,
    };
    let of = match (asked.study, asked.peer) {
        (Some(study), _) => PreviewOf::Study(study),
        (None, Some(peer)) => PreviewOf::LastOf(peer, asked.last.unwrap_or(LAST)),
        (None, None) => return Err(bad("name a study, or a peer whose last instances are looked at")),
    };
    let names: Vec<_> = coercion.rules.iter().map(|rule| rule.name.clone()).collect();
    let previews = app.archive.preview_coercion(&actor, coercion, of).await?;
    let change = |change: PreviewedChange| Change {
        rule: change.rule,
        name: change.rule.and_then(|rule| names.get(rule).cloned().flatten()),
        attribute: dictionary::keyword(change.attribute).map_or_else(|| change.attribute.to_hex(), str::to_owned),
        before: change.before,
        after: change.after,
    };
    let row = |CoercionPreview { address, changes }| Previewed {
        study: address.study.to_string(),
        series: address.series.to_string(),
        instance: address.instance.to_string(),
        changes: changes.into_iter().map(change).collect(),
    };
    Ok(Json(Preview { instances: previews.into_iter().map(row).collect() }))
}
