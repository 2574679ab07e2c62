//! `GET /api/studies`: the study list, which QIDO-RS cannot be: in any order, page after page however many there are, and with
//! what the account has read. `PUT` and `DELETE /api/studies/{study}/read`: what it has read.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_dicom::match_key::{self, Extended};
use filmless_model::account::AccountName;
use filmless_model::actor::Actor;
use filmless_model::attribute::{Attribute, Value};
use filmless_model::query::{Match, Matching, Query as Search, QueryRetrieveLevel};
use filmless_model::study_list::{ListedStudy, Place, SortValue, StudyListQuery, StudyOrder, StudyState};
use filmless_model::uid::StudyInstanceUid;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::page::Limit;
use crate::viewer_api::peers::bad;

/// The most words of a text that is looked for.
const MOST_WORDS: usize = 16;

/// What narrows and orders the list. Texts that are empty do not.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// Words that begin words of the name, in any order, with or without marks.
    patient_name: String,
    /// From its beginning.
    patient_id: String,
    /// Of a Patient ID that is whole then: the patient's studies.
    issuer_of_patient_id: Option<String>,
    /// From its beginning.
    accession_number: String,
    /// Words, or parts of words, of the description.
    study_description: String,
    /// A day or a range of days, as in DICOMweb.
    study_date: String,
    modality: String,
    body_part: String,
    institution: String,
    /// UIDs, with commas between them.
    study: String,
    state: String,
    /// `unread`, or nothing.
    read: String,
    order: String,
    /// What `next` of the page before says.
    after: String,
    limit: Limit,
}

impl Page {
    fn query(&self) -> Result<StudyListQuery, Problem> {
        let mut matches = Vec::new();
        let exact = |text: &str| (!text.is_empty()).then(|| Matching::Single(text.to_owned()));
        let beginning = |text: &str| (!text.is_empty()).then(|| Matching::WildCard(format!("{}*", literal(text))));
        let name = literal(&self.patient_name);
        let words = Some(name).filter(|name| !name.is_empty()).map(Matching::Single);
        let id = if self.issuer_of_patient_id.is_some() { exact(&self.patient_id) } else { beginning(&self.patient_id) };
        let issuer = self.issuer_of_patient_id.as_deref().map(|issuer| match issuer {
            "" => Matching::Empty,
            issuer => Matching::Single(issuer.to_owned()),
        });
        for (attribute, matching) in [
            (Attribute::PatientName, words),
            (Attribute::PatientId, id),
            (Attribute::IssuerOfPatientId, issuer),
            (Attribute::AccessionNumber, beginning(&self.accession_number)),
            (Attribute::ModalitiesInStudy, exact(&self.modality)),
            (Attribute::BodyPartExamined, exact(&self.body_part)),
            (Attribute::InstitutionName, exact(&self.institution)),
        ] {
            matches.extend(matching.map(|matching| (attribute, matching)));
        }
        for word in literal(&self.study_description).split_whitespace().take(MOST_WORDS) {
            matches.push((Attribute::StudyDescription, Matching::WildCard(format!("*{word}*"))));
        }
        for (field, attribute, text) in [
            ("study_date", Attribute::StudyDate, self.study_date.clone()),
            ("study", Attribute::StudyInstanceUid, self.study.replace(',', "\\")),
        ] {
            if !match_key::is_universal(&text) {
                let matching = match_key::read(attribute.vr(), &text, Extended::default());
                matches.push((attribute, matching.map_err(|reason| bad(format!("{field}: {reason}")).of_field(field))?));
            }
        }
        let order = match self.order.as_str() {
            "" => StudyOrder::NEWEST,
            text => StudyOrder::parse(text).ok_or_else(|| bad("order: there is no such order").of_field("order"))?,
        };
        let state = match self.state.as_str() {
            "" => None,
            text => Some(StudyState::parse(text).ok_or_else(|| bad("state: there is no such state").of_field("state"))?),
        };
        let unread = match self.read.as_str() {
            "" => false,
            "unread" => true,
            _ => return Err(bad("read: it is unread, or left out").of_field("read")),
        };
        let query = Search { matches, fuzzy_matching: true, limit: self.limit.rows(), ..Search::new(QueryRetrieveLevel::Study) };
        let after = place(&self.after, order)?;
        // The archive says who reads, and when.
        let reader = AccountName::parse("nobody").expect("a name");
        Ok(StudyListQuery { query, order, after, state, unread, reader, now_ms: 0 })
    }
}

/// What people type has no wild cards, and carets part words as spaces do.
fn literal(text: &str) -> String {
    text.replace(['*', '?', '\\', '^', '='], " ").trim().to_owned()
}

/// Reads what `next` said, of the same order.
fn place(text: &str, order: StudyOrder) -> Result<Option<Place>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let place: Option<Place> = serde_json::from_str(text).ok();
    let of_order = place.filter(|place| matches!(place.0, SortValue::Number(_)) == order.by.is_number());
    of_order.map(Some).ok_or_else(|| bad("after: it is next of a page in this order").of_field("after"))
}

/// A page of the list.
#[derive(Serialize)]
pub struct Shown {
    studies: Vec<Row>,
    /// From where the next page goes on, if there may be one.
    next: Option<String>,
}

/// A row of the list. Texts without a value are empty.
#[derive(Serialize)]
pub struct Row {
    study: String,
    patient_name: String,
    patient_id: String,
    issuer_of_patient_id: String,
    patient_sex: String,
    patient_birth_date: String,
    patient_age: String,
    study_date: String,
    study_time: String,
    study_description: String,
    accession_number: String,
    modalities: Vec<String>,
    body_parts: Vec<String>,
    institutions: Vec<String>,
    series: i64,
    instances: i64,
    priors: u64,
    state: &'static str,
    missing: u64,
    awaited: u64,
    read: &'static str,
}

impl Row {
    fn new(listed: ListedStudy, ages: &HashMap<String, String>) -> Self {
        let text = |attribute| listed.study.text(attribute).unwrap_or_default().to_owned();
        let study = text(Attribute::StudyInstanceUid);
        Self {
            patient_name: text(Attribute::PatientName),
            patient_id: text(Attribute::PatientId),
            issuer_of_patient_id: text(Attribute::IssuerOfPatientId),
            patient_sex: text(Attribute::PatientSex),
            patient_birth_date: text(Attribute::PatientBirthDate),
            patient_age: ages.get(&study).cloned().unwrap_or_default(),
            study_date: text(Attribute::StudyDate),
            study_time: text(Attribute::StudyTime),
            study_description: text(Attribute::StudyDescription),
            accession_number: text(Attribute::AccessionNumber),
            modalities: texts(&listed.study, Attribute::ModalitiesInStudy),
            series: number(&listed.study, Attribute::NumberOfStudyRelatedSeries),
            instances: number(&listed.study, Attribute::NumberOfStudyRelatedInstances),
            study,
            body_parts: listed.body_parts,
            institutions: listed.institutions,
            priors: listed.priors,
            state: listed.state.as_str(),
            missing: listed.missing,
            awaited: listed.awaited,
            read: listed.read.as_str(),
        }
    }
}

fn value(found: &Match, attribute: Attribute) -> Option<&Value> {
    found.values.iter().find(|(of, _)| *of == attribute).map(|(_, value)| value)
}

fn texts(found: &Match, attribute: Attribute) -> Vec<String> {
    match value(found, attribute) {
        Some(Value::TextList(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn number(found: &Match, attribute: Attribute) -> i64 {
    match value(found, attribute) {
        Some(Value::Number(number)) => *number,
        _ => 0,
    }
}

/// A page of studies.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Shown>, Problem> {
    let Query(page) = page.map_err(|_| bad("the description of the API names the parameters; limit is a whole number"))?;
    let query = page.query()?;
    let limit = query.query.limit as usize;
    let listed = app.archive.list_studies(&actor, query).await?;
    let last = listed.last().filter(|_| listed.len() == limit);
    let next = last.map(|row| serde_json::to_string(&row.place).expect("a text and a number"));
    let ages = ages(&app, &actor, &listed).await?;
    Ok(Json(Shown { studies: listed.into_iter().map(|listed| Row::new(listed, &ages)).collect(), next }))
}

/// Patient's Age of the studies that have no birth date; it has no column, so their headers are read.
async fn ages(app: &App, actor: &Actor, listed: &[ListedStudy]) -> Result<HashMap<String, String>, Problem> {
    let without = listed.iter().filter(|row| row.study.text(Attribute::PatientBirthDate).is_none());
    let uids: Vec<_> = without.filter_map(|row| row.study.text(Attribute::StudyInstanceUid)).map(str::to_owned).collect();
    if uids.is_empty() {
        return Ok(HashMap::new());
    }
    let age = |_: &_, json: &[u8]| {
        let header: serde_json::Value = serde_json::from_slice(json).ok()?;
        header["00101010"]["Value"][0].as_str().map(str::to_owned)
    };
    let read = app.archive.headers(actor, QueryRetrieveLevel::Study, &uids, age).await?;
    Ok(read.into_iter().filter_map(|(address, age)| age.map(|age| (address.study.into(), age))).collect())
}

/// What the list can be narrowed to.
#[derive(Serialize)]
pub struct Choices {
    body_parts: Vec<String>,
    institutions: Vec<String>,
}

/// What there is to choose from.
pub async fn choices(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Choices>, Problem> {
    let choices = app.archive.list_choices(&actor).await?;
    Ok(Json(Choices { body_parts: choices.body_parts, institutions: choices.institutions }))
}

/// The account has read a study.
pub async fn mark_read(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    study: Result<Path<StudyInstanceUid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(study) = study.map_err(|_| bad("a study is a UID"))?;
    app.archive.mark_read(&actor, &study).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The account wants a study to look unread.
pub async fn mark_unread(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    study: Result<Path<StudyInstanceUid>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(study) = study.map_err(|_| bad("a study is a UID"))?;
    app.archive.mark_unread(&actor, &study).await?;
    Ok(StatusCode::NO_CONTENT)
}
