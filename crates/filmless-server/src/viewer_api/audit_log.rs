//! `/api/audit-log`: who did what, to whose study, from where, why and when.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditedAct};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::exports::study_uid;
use crate::viewer_api::page::Limit;
use crate::viewer_api::peers::bad;

/// Which part of the log.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    limit: Limit,
    actor: String,
    patient_id: String,
    study: String,
    act: String,
    from_ms: Option<u64>,
    until_ms: Option<u64>,
    before: Option<u64>,
}

impl Page {
    fn filter(self) -> Result<AuditFilter, Problem> {
        let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
        let words = || AuditedAct::ALL.map(AuditedAct::as_str).join(", ");
        let act = |word: &str| AuditedAct::parse(word).ok_or_else(|| bad(format!("act is one of {}", words())).of_field("act"));
        Ok(AuditFilter {
            study: if self.study.is_empty() { None } else { Some(study_uid(&self.study)?) },
            act: if self.act.is_empty() { None } else { Some(act(&self.act)?) },
            actor: self.actor,
            patient_id: self.patient_id,
            from_ms: self.from_ms.map(number),
            until_ms: self.until_ms.map(number),
            before: self.before.map(number),
        })
    }
}

/// An entry. What is not known is empty.
#[derive(Serialize)]
pub struct Row {
    sequence: i64,
    at_ms: i64,
    act: &'static str,
    outcome: &'static str,
    actor: String,
    ae_title: String,
    address: String,
    study: String,
    patient_id: String,
    issuer_of_patient_id: String,
    count: Option<u64>,
    purpose: String,
    detail: String,
}

impl From<(i64, AuditEvent)> for Row {
    fn from((sequence, event): (i64, AuditEvent)) -> Self {
        Self {
            sequence,
            at_ms: event.at_ms,
            act: event.act.as_str(),
            outcome: event.outcome.as_str(),
            actor: event.actor,
            ae_title: event.ae_title.unwrap_or_default(),
            address: event.address.map(|address| address.to_string()).unwrap_or_default(),
            study: event.study.map(String::from).unwrap_or_default(),
            patient_id: event.patient_id.unwrap_or_default(),
            issuer_of_patient_id: event.issuer_of_patient_id.unwrap_or_default(),
            count: event.count,
            purpose: event.purpose.unwrap_or_default(),
            detail: event.detail.unwrap_or_default(),
        }
    }
}

/// The log, last first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) =
        page.map_err(|_| bad("the parameters are actor, patient_id, study, act, from_ms, until_ms, before and limit"))?;
    let rows = page.limit.rows();
    let entries = app.archive.audit_log(&actor, &page.filter()?, rows).await?;
    Ok(Json(entries.into_iter().map(Row::from).collect()))
}
