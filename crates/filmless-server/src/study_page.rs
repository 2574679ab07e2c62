//! The page of a study as the server makes it for somebody who is signed in: patient, series and the first picture are
//! there with the HTML, before any script. Everybody else gets the viewer's index, whether there is such a study or not.
//!
//! What it shows is asked of the web door, as the actor who asks for the page: nothing here opens the archive.

mod data_set;
mod door;
mod opening;
mod patient;
mod series;
mod template;
mod texts;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use data_encoding::BASE64;
use filmless_model::actor::Actor;
use filmless_model::uid::StudyInstanceUid;
use serde_json::json;
use url::form_urlencoded;

use self::data_set::DataSet;
use self::door::Door;
use self::opening::{Picture, opening_frame};
use self::patient::band;
use self::series::{Series, listed};
use self::template::{Markup, fill, inline_json, text};
use self::texts::{Language, Texts};
use crate::http::headers::VIEWER_POLICY;
use crate::http::viewer;

/// What the band shows of patient and study.
const BAND: &str = "00100010,00100020,00100030,00100040,00101010,00080020,00081030";

/// The page waits no longer for its picture, which the script fetches as well.
const PICTURE_TIMEOUT: Duration = Duration::from_secs(2);

/// Sides and qualities of the picture in the page, the first that is not too large. The line that this is for carries
/// 200 kB in a second.
const PICTURE_FORMS: [(u32, u8); 3] = [(384, 60), (256, 60), (160, 50)];

/// Of the picture in the page, in bytes.
const LARGEST_PICTURE: usize = 15_000;

/// The route of the page. `dicomweb` is the web door, with all that stands in front of it but the actor.
pub(crate) fn router(dicomweb: Router) -> Router {
    Router::new().route("/studies/{study}", get(show).fallback(viewer::serve)).with_state(Arc::new(Door::new(dicomweb)))
}

/// The study of an address, and the series that it says is to be shown first.
fn asked(uri: &Uri) -> Option<(StudyInstanceUid, Option<String>)> {
    let study = StudyInstanceUid::parse(uri.path().strip_prefix("/studies/")?).ok()?;
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    Some((study, pairs.find_map(|(name, value)| (name == "series").then(|| value.into_owned()))))
}

async fn show(State(door): State<Arc<Door>>, request: Request) -> Response {
    let actor = request.extensions().get::<Actor>().filter(|actor| matches!(actor, Actor::Account { .. }));
    if let (Some(actor), Some((study, series))) = (actor, asked(request.uri())) {
        let texts = Language::of(request.headers()).texts();
        if let Some(page) = page(&door.of(actor.clone()), &study, series.as_deref(), texts).await {
            return page;
        }
    }
    viewer::serve(request).await
}

/// The page; nothing if there is no such study, or the viewer was not built.
async fn page(door: &door::AskedBy<'_>, study: &StudyInstanceUid, wanted: Option<&str>, texts: &Texts) -> Option<Response> {
    let template = viewer::study_template()?;
    let of_the_study = format!("/studies?StudyInstanceUID={study}&includefield={BAND}");
    let of_its_series = format!("/studies/{study}/series?includefield=all&limit=1000");
    let (found, series) = tokio::join!(door.data_sets(&of_the_study), door.data_sets(&of_its_series));
    let found = found?.into_iter().next()?;
    let series = listed(&series.unwrap_or_default());
    let shown = wanted.and_then(|uid| series.iter().find(|series| series.uid == uid)).or_else(|| series.first());
    let picture = match shown {
        Some(shown) => tokio::time::timeout(PICTURE_TIMEOUT, first_picture(door, study, shown)).await.ok().flatten(),
        None => None,
    };
    let state = json!({
        "study": study.as_str(),
        "series": series,
        "opening": picture.as_ref().map(|(picture, _)| picture),
        "texts": texts.of_the_page(),
    });
    let band = band(&found, texts);
    let html = fill(&template, &|name| {
        Some(match name {
            "language" => text(texts.language()),
            "title" => text(&format!("{} · {}", band.name, texts.text("app.name"))),
            "patient" => text(&band.name),
            "details" => text(&band.details.join(" · ")),
            "series" => series::markup(&series, shown, texts),
            "picture" => picture.as_ref().map_or_else(Markup::nothing, |(picture, bytes)| image(picture, bytes)),
            "quality" => text(texts.text(if picture.is_some() { "lite.preview" } else { "lite.loading" })),
            "level" => text(if picture.is_some() { "preview" } else { "loading" }),
            "state" => inline_json(&state),
            key if key.contains('.') => text(texts.text(key)),
            _ => return None,
        })
    });
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, VIEWER_POLICY)];
    Some((StatusCode::OK, headers, Html(html)).into_response())
}

/// The frame that the series opens with, as a JPEG that is small enough for the page.
async fn first_picture(door: &door::AskedBy<'_>, study: &StudyInstanceUid, shown: &Series) -> Option<(Picture, Vec<u8>)> {
    if !shown.is_pictures() {
        return None;
    }
    let series = &shown.uid;
    let instances: Vec<opening::Instance> = door.json(&format!("/studies/{study}/series/{series}/metadata")).await?;
    let picture = opening_frame(series, &instances)?;
    let Picture { instance, frame, .. } = &picture;
    for (side, quality) in PICTURE_FORMS {
        let form = format!("viewport={side},{side}&quality={quality}");
        let path = format!("/studies/{study}/series/{series}/instances/{instance}/frames/{frame}/rendered?{form}");
        let bytes = door.bytes(&path, "image/jpeg").await?;
        if bytes.len() <= LARGEST_PICTURE {
            return Some((picture, bytes.into()));
        }
    }
    None
}

fn image(picture: &Picture, bytes: &[u8]) -> Markup {
    let Picture { rows, columns, .. } = picture;
    let data = BASE64.encode(bytes);
    Markup::written(format!(r#"<img id="first" alt="" src="data:image/jpeg;base64,{data}" data-size="{columns},{rows}">"#))
}
