//! `POST /api/studies/{study}/prints`: pictures that the viewer made, as pages to print.
//!
//! The viewer says which images they are and how they lie in the pictures. Whose they are, how large they are and what they lost
//! is read from the archive; the print is written down before it is given out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Json, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use filmless_archive::export::{ExportOrder, ExportedImage, ImageFacts};
use filmless_dicom::person_name;
use filmless_model::actor::Actor;
use filmless_model::attribute::{Attribute, Value};
use filmless_model::export::{ExportCode, ExportFormat};
use filmless_model::query::{Match, Query, QueryRetrieveLevel};
use filmless_model::uid::StudyInstanceUid;
use jiff::Zoned;
use jiff::civil::Date;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::exports::{foreign, image, study_uid};
use crate::http::App;
use crate::http::client::Client;
use crate::http::problem::Problem;
use crate::printing::Print;
use crate::printing::paper::{Format, Grid, MOST_ROWS, Paper};
use crate::printing::picture::{Printed, Reduction, Samples, Scale};
use crate::printing::words::{Label, Language};
use crate::viewer_api::peers::bad;
use crate::viewer_api::unreadable;

/// The longest body: pictures in Base 64.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// The most pictures of a print.
const MAX_PICTURES: usize = 120;
/// The most pixels of all of them, which are three bytes each while the pages are made.
const MAX_PIXELS: u64 = 100_000_000;
/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// Pictures have up to so many times fewer pixels than the image before they count as reduced: how they lie is rounded.
const ROUNDING: f64 = 1.01;

/// Prints that are made at once.
static PLACES: Semaphore = Semaphore::const_new(2);

/// What is to be printed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    paper: String,
    landscape: bool,
    rows: u8,
    columns: u8,
    language: String,
    title: String,
    true_size: bool,
    with_identity: bool,
    pictures: Vec<SentPicture>,
}

/// A picture, and how the image lies in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SentPicture {
    series: String,
    instance: String,
    frame: u32,
    /// The step of one pixel of the picture to the right, in columns and rows of the image.
    right: [f64; 2],
    /// The same downwards.
    down: [f64; 2],
    /// PNG or JPEG in Base 64.
    file: String,
}

/// Makes the pages.
pub async fn make(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    client: Client,
    study: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(study) = study.map_err(|_| bad("the study is a UID"))?;
    let study = study_uid(&study)?;
    let _place = PLACES.acquire().await.map_err(|_| Problem::internal("no print is made any more"))?;
    let Json(sent) = Json::<Sent>::from_request(request, &()).await.map_err(|rejection| unreadable(&rejection))?;
    let wished = Wished::read(&sent)?;
    let images = sent.pictures.iter().map(|picture| image(&picture.series, &picture.instance, picture.frame));
    let images = images.collect::<Result<Vec<ExportedImage>, Problem>>()?;
    let (format, with_identity, address) = (ExportFormat::Pdf, sent.with_identity, client.address);
    let order = ExportOrder { study: study.clone(), format, images, with_identity, address };
    let instances = app.archive.instances_to_export(&actor, &order).await.map_err(foreign)?;
    let facts = app.archive.image_facts(&order.images, &instances).await?;
    let found = find(&app, &actor, QueryRetrieveLevel::Study, &study).await?;
    let series = find(&app, &actor, QueryRetrieveLevel::Series, &study).await?;

    let code = ExportCode::generate();
    let language = wished.language;
    let said_age = facts.first().map_or("", |facts| facts.patient_age.as_str());
    let band = if with_identity { band(&found, said_age, language) } else { Vec::new() };
    let (institution, printed_by) = (plain(&series, Attribute::InstitutionName), actor.name());
    let printed_at = Zoned::now().strftime("%d/%m/%Y %H:%M (UTC%:z)").to_string();
    let (paper, grid, title, is_true_size) = (wished.paper, wished.grid, sent.title.clone(), sent.true_size);
    let shown_code = code.to_string();
    let making = tokio::task::spawn_blocking(move || {
        let pictures = printed(sent.pictures, &facts)?;
        let print = Print {
            paper,
            grid,
            language,
            title,
            is_true_size,
            band,
            institution,
            printed_by,
            printed_at,
            code: shown_code,
            pictures,
        };
        print.pdf().map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a print failed");
            Problem::internal("the pages could not be made; the log says more")
        })
    });
    let pdf = making.await.map_err(|_| Problem::internal("the pages could not be made"))??;
    app.archive.record_export_under(&actor, &order, code.clone()).await.map_err(foreign)?;
    let name = format!("inline; filename=\"filmless-{code}.pdf\"");
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((StatusCode::OK, headers, pdf).into_response())
}

/// How pages are to look.
struct Wished {
    paper: Paper,
    grid: Grid,
    language: Language,
}

impl Wished {
    fn read(sent: &Sent) -> Result<Self, Problem> {
        let format = Format::parse(&sent.paper).ok_or_else(|| {
            let words = Format::ALL.map(|(word, _)| word).join(", ");
            bad(format!("paper is one of {words}")).of_field("paper")
        })?;
        let grid = Grid::new(sent.rows, sent.columns)
            .ok_or_else(|| bad(format!("rows and columns are 1 to {MOST_ROWS}")).of_field("rows"))?;
        let language = Language::parse(&sent.language).ok_or_else(|| bad("language is vi, en or both").of_field("language"))?;
        if sent.title.chars().count() > MAX_TITLE {
            return Err(bad(format!("the title is longer than {MAX_TITLE} characters")).of_field("title"));
        }
        if !(1..=MAX_PICTURES).contains(&sent.pictures.len()) {
            return Err(bad(format!("there are 1 to {MAX_PICTURES} pictures")).of_field("pictures"));
        }
        Ok(Self { paper: Paper { format, is_landscape: sent.landscape }, grid, language })
    }
}

/// The pictures with what the archive says of them.
fn printed(pictures: Vec<SentPicture>, facts: &[ImageFacts]) -> Result<Vec<Printed>, Problem> {
    let mut pixels = 0_u64;
    let mut all = Vec::with_capacity(pictures.len());
    for (picture, facts) in pictures.into_iter().zip(facts) {
        let wrong = |detail: String| bad(detail).of_field("pictures");
        let [across, down] = [picture.right, picture.down].map(|[columns, rows]| columns.hypot(rows));
        if !(across.is_finite() && down.is_finite() && across > 0.0 && down > 0.0) {
            return Err(wrong("right and down are steps in the image".to_owned()));
        }
        let file = BASE64.decode(picture.file.as_bytes()).map_err(|_| wrong("a picture is not Base 64".to_owned()))?;
        let samples = Samples::decode(&file).map_err(|error| wrong(error.to_string()))?;
        let (width, height) = samples.sides();
        pixels += u64::from(width) * u64::from(height);
        if pixels > MAX_PIXELS {
            return Err(wrong(format!("the pictures have more than {MAX_PIXELS} pixels together")));
        }
        let scale = facts.spacing.map(|spacing| {
            let mm = (picture.right[0] * spacing.column_mm).hypot(picture.right[1] * spacing.row_mm);
            #[expect(clippy::cast_possible_truncation, reason = "a page is drawn in single precision")]
            let mm = mm as f32;
            Scale { mm, source: spacing.source }
        });
        let reductions = [
            (facts.has_lost, Reduction::StoredWithLoss),
            (samples.has_lost(), Reduction::SentWithLoss),
            (across > ROUNDING || down > ROUNDING, Reduction::Smaller),
        ];
        let reductions = reductions.into_iter().filter(|(is_so, _)| *is_so).map(|(_, reduction)| reduction).collect();
        let scale = scale.filter(|scale| scale.mm.is_normal());
        all.push(Printed { samples, name: facts.name.clone(), scale, reductions });
    }
    Ok(all)
}

/// What the index says of the study, or of the first of its series.
async fn find(app: &App, actor: &Actor, level: QueryRetrieveLevel, study: &StudyInstanceUid) -> Result<Match, Problem> {
    let query = Query { study: Some(study.clone()), limit: 1, ..Query::new(level) };
    Ok(app.archive.named(actor, &query).await?.into_iter().next().unwrap_or_default())
}

fn plain(of: &Match, attribute: Attribute) -> String {
    of.text(attribute).unwrap_or_default().trim().to_owned()
}

/// Whose pictures they are.
fn band(study: &Match, said_age: &str, language: Language) -> Vec<(Label, String)> {
    let text = |attribute| plain(study, attribute);
    let name = |attribute| person_name::whole(&text(attribute)).replace('=', " · ");
    let (birth_date, study_date) = (text(Attribute::PatientBirthDate), text(Attribute::StudyDate));
    let age = age(said_age, &birth_date, &study_date);
    let modalities = study.values.iter().find_map(|(attribute, value)| match value {
        Value::TextList(modalities) if *attribute == Attribute::ModalitiesInStudy => Some(modalities.join(", ")),
        _ => None,
    });
    let modalities = modalities.unwrap_or_default();
    let all = [
        (Label::PatientName, name(Attribute::PatientName)),
        (Label::PatientId, text(Attribute::PatientId)),
        (Label::BirthDate, readable(&birth_date)),
        (Label::Sex, language.sex(&text(Attribute::PatientSex))),
        (Label::Age, age.map(|(count, unit)| language.age(count, unit)).unwrap_or_default()),
        (Label::AccessionNumber, text(Attribute::AccessionNumber)),
        (Label::StudyDate, readable(&study_date)),
        (Label::Modality, modalities),
        (Label::StudyDescription, text(Attribute::StudyDescription)),
        (Label::ReferringPhysician, name(Attribute::ReferringPhysicianName)),
    ];
    // Who holds the paper sees what is not known.
    all.map(|(label, text)| (label, if text.is_empty() { "—".to_owned() } else { text })).into()
}

fn date(text: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", text).ok()
}

/// A date as it is written in Vietnam; what is none as it came.
fn readable(text: &str) -> String {
    date(text).map_or_else(|| text.to_owned(), |date| date.strftime("%d/%m/%Y").to_string())
}

/// How old the patient was: what the study says (PS3.5 section 6.2, VR AS), or else what its dates do.
fn age(said: &str, birth_date: &str, study_date: &str) -> Option<(u32, char)> {
    let written = said.split_at_checked(3).and_then(|(digits, unit)| {
        let unit = unit.chars().next().filter(|unit| "DWMY".contains(*unit))?;
        Some((digits.parse().ok()?, unit))
    });
    written.or_else(|| {
        let (born, studied) = (date(birth_date)?, date(study_date)?);
        let years = i32::from(studied.year()) - i32::from(born.year());
        let before_birthday = (studied.month(), studied.day()) < (born.month(), born.day());
        let years = u32::try_from(years - i32::from(before_birthday)).ok()?;
        if years >= 2 {
            return Some((years, 'Y'));
        }
        let days = studied.since(born).ok()?.get_days();
        let months = days / 30;
        let (count, unit) = if months >= 1 { (months, 'M') } else { (days, 'D') };
        Some((u32::try_from(count).ok()?, unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_what_the_study_says_or_what_its_dates_do() {
        for (said, born, studied, expected) in [
            ("045Y", "19700101", "20261123", Some((45, 'Y'))),
            ("003M", "", "", Some((3, 'M'))),
            ("", "19701124", "20261123", Some((55, 'Y'))),
            ("", "19701123", "20261123", Some((56, 'Y'))),
            ("", "20260901", "20261123", Some((2, 'M'))),
            ("", "20261120", "20261123", Some((3, 'D'))),
            ("45", "", "20261123", None),
            ("", "20270101", "20261123", None),
        ] {
            assert_eq!(age(said, born, studied), expected, "{said:?} {born:?} {studied:?}");
        }
    }

    #[test]
    fn a_band_says_what_is_not_known() {
        let study = Match {
            values: vec![(Attribute::PatientName, Value::Text("NGUYỄN^VĂN AN=阮文安".to_owned()))],
            request_attributes: Vec::new(),
        };
        let band = band(&study, "", Language::Vietnamese);
        assert_eq!(band[0], (Label::PatientName, "NGUYỄN VĂN AN · 阮文安".to_owned()));
        assert_eq!(band[1], (Label::PatientId, "—".to_owned()));
    }
}
