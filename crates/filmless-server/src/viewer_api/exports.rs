//! `/api/exports` and `/api/studies/{study}/exports`: pictures that the viewer makes into files or copies, written down before
//! it may, and who did so. What is printed is [`super::prints`]'.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use filmless_archive::ArchiveError;
use filmless_archive::export::{ExportOrder, ExportedImage};
use filmless_model::actor::Actor;
use filmless_model::export::{ExportFilter, ExportFormat, ListedExport};
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SopInstanceUid, StudyInstanceUid};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::viewer_api::page::Limit;
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The most pictures of one export: as many as the viewer believes a series to have.
const MAX_IMAGES: usize = 20_000;

/// Which part of the list.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    limit: Limit,
    study: String,
    account: String,
    patient_id: String,
    from_ms: Option<u64>,
    until_ms: Option<u64>,
    before: String,
}

impl Page {
    fn filter(self) -> Result<ExportFilter, Problem> {
        let moment = |ms| i64::try_from(ms).unwrap_or(i64::MAX);
        let code = self.before.replace('-', "");
        let before = if code.is_empty() { None } else { Some(code.parse()) };
        Ok(ExportFilter {
            study: if self.study.is_empty() { None } else { Some(study_uid(&self.study)?) },
            exported_by: self.account,
            patient_id: self.patient_id,
            from_ms: self.from_ms.map(moment),
            until_ms: self.until_ms.map(moment),
            before: before.transpose().map_err(|()| bad("before is the code of an export").of_field("before"))?,
        })
    }
}

/// A row of the list.
#[derive(Serialize)]
pub struct Row {
    code: String,
    exported_by: String,
    address: String,
    study: String,
    format: &'static str,
    images: u64,
    instances: Vec<String>,
    with_identity: bool,
    at_ms: i64,
    patient_id: String,
    patient_name: String,
}

impl From<ListedExport> for Row {
    fn from(ListedExport { export, patient }: ListedExport) -> Self {
        let (patient_id, patient_name) = patient.map(|patient| (patient.id, patient.name)).unwrap_or_default();
        Self {
            patient_id,
            patient_name,
            code: export.code.to_string(),
            exported_by: export.exported_by,
            address: export.address.to_string(),
            study: export.study.into(),
            format: export.format.as_str(),
            images: export.images,
            instances: export.instances.into_iter().map(SopInstanceUid::into).collect(),
            with_identity: export.with_identity,
            at_ms: export.at_ms,
        }
    }
}

/// What the viewer is about to give out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    format: String,
    with_identity: bool,
    images: Vec<SentImages>,
}

/// Pictures of one instance.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentImages {
    series: String,
    instance: String,
    frames: Vec<u32>,
}

/// What the export is looked up by.
#[derive(Serialize)]
pub struct Recorded {
    code: String,
}

/// The list, last first.
pub async fn list(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Vec<Row>>, Problem> {
    let Query(page) =
        page.map_err(|_| bad("the parameters are study, account, patient_id, from_ms, until_ms, before and limit"))?;
    let rows = page.limit.rows();
    let exports = app.archive.exports(&actor, &page.filter()?, rows).await?;
    Ok(Json(exports.into_iter().map(Row::from).collect()))
}

/// Writes down that pictures are given out; without this answer the viewer gives none.
pub async fn record(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    client: Client,
    study: Result<Path<String>, PathRejection>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<Json<Recorded>, Problem> {
    let Path(study) = study.map_err(|_| bad("the study is a UID"))?;
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    // What is printed is recorded by who makes the pages.
    let format = ExportFormat::parse(&sent.format).filter(|format| *format != ExportFormat::Pdf);
    let format = format.ok_or_else(|| bad("format is png, jpeg, mp4, webm or clipboard").of_field("format"))?;
    let mut images = Vec::new();
    for of_instance in sent.images {
        for frame in of_instance.frames {
            if images.len() == MAX_IMAGES {
                return Err(bad(format!("there are more than {MAX_IMAGES} images")).of_field("images"));
            }
            images.push(image(&of_instance.series, &of_instance.instance, frame)?);
        }
    }
    let (study, with_identity, address) = (study_uid(&study)?, sent.with_identity, client.address);
    let order = ExportOrder { study, format, images, with_identity, address };
    let export = app.archive.record_export(&actor, &order).await.map_err(foreign)?;
    Ok(Json(Recorded { code: export.code.to_string() }))
}

/// A picture as it is named by whoever made it.
pub(super) fn image(series: &str, instance: &str, frame: u32) -> Result<ExportedImage, Problem> {
    let wrong = |field: &'static str, detail: &'static str| bad(detail).of_field(field);
    Ok(ExportedImage {
        series: series.parse().map_err(|_| wrong("series", "the series is a UID"))?,
        instance: instance.parse().map_err(|_| wrong("instance", "the instance is a UID"))?,
        frame: FrameNumber::new(frame).ok_or_else(|| wrong("frame", "frames are counted from 1"))?,
    })
}

pub(super) fn study_uid(text: &str) -> Result<StudyInstanceUid, Problem> {
    text.parse().map_err(|_| bad("the study is a UID").of_field("study"))
}

/// A study, or a picture of it, that is not here.
pub(super) fn foreign(error: ArchiveError) -> Problem {
    match error {
        ArchiveError::NotFound => {
            Problem::new(axum::http::StatusCode::NOT_FOUND, "the study has no such images").of_field("images")
        }
        other => other.into(),
    }
}
