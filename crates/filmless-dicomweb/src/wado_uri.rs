//! WADO-URI: one instance, named in the query string, as a DICOM file or as a picture (PS3.18 section 9, URI Service).
//!
//! It asks for what WADO-RS gives by other words, and is answered by the same rooms. Instances are not anonymized here,
//! and presentation states are not applied: who asks for either is refused, not given something else.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use filmless_dicom::lut::{Window, WindowFunction};
use filmless_dicom::render::{Annotation, Format, RenderOptions, Source, Viewport};
use filmless_index::StoredInstance;
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::frame::FrameNumber;
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid, UidError};

use crate::base_url::BaseUrl;
use crate::category::Category;
use crate::config::DicomwebConfig;
use crate::documents::{self, has_document};
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::problem::Problem;
use crate::query_parameters::{self, Pairs};
use crate::rendered::{self, DEFAULT_QUALITY, Pictures, Subject, annotation, quality};
use crate::retrieve::{Container, DICOM, FileRequest, not_acceptable};
use crate::router::Door;
use crate::target::{Caller, parse_frame};
use crate::validators::Freshness;

/// `transferSyntax` of who takes any.
const ANY: &str = "*";

/// Parameters of the standard that this door does not honour, and why.
const REFUSED: [(&str, &str); 3] = [
    ("anonymize", "instances are not anonymized here"),
    ("presentationUID", "presentation states are not applied here"),
    ("presentationSeriesUID", "presentation states are not applied here"),
];

/// `GET /wado`.
pub async fn wado(
    State(door): State<Door>,
    Caller(actor): Caller,
    base: BaseUrl,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let asked = Asked::read(&pairs, &door.config)?;
    let acceptable = asked.accepted.clone().unwrap_or_else(|| Acceptable::of(None, &headers));
    let stored = door.archive.instance(&actor, &asked.address).await?;
    let count = door.frame_count(&stored).await?;
    let freshness = Freshness::For(door.config.pixel_max_age);
    let offers = asked.offers(&stored, count);
    let offer = match acceptable.choose(&offers) {
        Some(offer) => offer,
        None if has_document(Category::of(&stored)) => {
            return documents::document(&door, &actor, &stored, &acceptable, &[Packaging::Single], &headers, freshness).await;
        }
        None => return Err(not_acceptable(&offers)),
    };
    if let Some(format) = Format::of(offer.essence) {
        let numbers = match asked.frame {
            _ if count == 0 => return Err(Problem::NoPixels),
            Some(frame) if frame.get() > count => return Err(bad("frameNumber", format!("the instance has {count} frames"))),
            Some(frame) => vec![frame],
            None if format == Format::Gif => door.all_frames(&stored).await?,
            None => vec![FrameNumber::FIRST],
        };
        let options = RenderOptions { format, ..asked.options };
        let pictures = Pictures { numbers, subject: Subject::Frames, options, packaging: Packaging::Single, freshness };
        return rendered::show(&door, &stored, pictures, &headers).await;
    }
    let named = asked.transfer_syntax.map(|syntax| Acceptable::parse(&format!("{DICOM}; transfer-syntax={syntax}")));
    let (acceptable, resource) = (named.unwrap_or(acceptable), Resource::Instance(asked.address));
    let (container, door, actor) = (Container::File, &door, &actor);
    door.archive.hand_out(actor, std::slice::from_ref(&stored))?;
    let asked = FileRequest { door, actor, resource, container, acceptable, base: &base, headers: &headers };
    asked.answer(vec![stored]).await
}

/// What a query string asks for.
#[derive(Debug)]
struct Asked {
    address: InstanceAddress,
    /// By `contentType`.
    accepted: Option<Acceptable>,
    /// A UID or [`ANY`].
    transfer_syntax: Option<String>,
    frame: Option<FrameNumber>,
    options: RenderOptions,
}

impl Asked {
    /// Reads the parameters of PS3.18 sections 9.1.2, 9.4.1.2 and 9.5.1.2. Others are left alone, and so are empty ones.
    fn read(pairs: &Pairs, config: &DicomwebConfig) -> Result<Self, Problem> {
        let mut given: Vec<(&str, &str)> = Vec::new();
        for (name, text) in pairs.iter().filter(|(_, text)| !text.is_empty()) {
            match given.iter().find(|(n, _)| n == name) {
                Some((_, other)) if other != text => return Err(bad(name, "it is given more than once with different values")),
                _ => given.push((name, text)),
            }
        }
        let value = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, text)| *text);
        let required = |name| value(name).ok_or_else(|| bad(name, "it is missing"));
        if required("requestType")? != "WADO" {
            return Err(bad("requestType", "it is WADO"));
        }
        if let Some((name, reason)) = REFUSED.iter().find(|(name, _)| value(name).is_some()) {
            return Err(bad(name, *reason));
        }
        let accepted = value("contentType").map(Acceptable::parse);
        if accepted.as_ref().is_some_and(Acceptable::is_silent) {
            return Err(bad("contentType", "it is one or more media types, with commas between"));
        }
        let transfer_syntax = value("transferSyntax").map(|text| match text {
            ANY => Ok(ANY.to_owned()),
            text => TransferSyntaxUid::parse(text).map(|uid| uid.as_str().to_owned()).map_err(malformed("transferSyntax")),
        });
        let frame =
            value("frameNumber").map(|text| parse_frame(text).ok_or_else(|| bad("frameNumber", "it is a whole number from 1")));
        Ok(Self {
            address: InstanceAddress {
                study: StudyInstanceUid::parse(required("studyUID")?).map_err(malformed("studyUID"))?,
                series: SeriesInstanceUid::parse(required("seriesUID")?).map_err(malformed("seriesUID"))?,
                instance: SopInstanceUid::parse(required("objectUID")?).map_err(malformed("objectUID"))?,
            },
            accepted,
            transfer_syntax: transfer_syntax.transpose()?,
            frame: frame.transpose()?,
            options: RenderOptions {
                window: window(value("windowCenter"), value("windowWidth"))?,
                viewport: viewport(value("columns"), value("rows"), value("region"), config.max_viewport)?,
                quality: value("imageQuality").map_or(Ok(DEFAULT_QUALITY), |text| quality("imageQuality", text))?,
                annotation: value("annotation").map_or(Ok(Annotation::default()), annotation)?,
                ..RenderOptions::default()
            },
        })
    }

    /// The forms of an instance, the default first: a picture of what is one frame, a file of all else.
    fn offers(&self, stored: &StoredInstance, count: u32) -> Vec<Offer> {
        let formats = if Category::of(stored) == Category::Image { &Format::ALL[..] } else { &[] };
        let pictures = formats.iter().map(|format| format.media_type());
        let is_picture = self.transfer_syntax.is_none() && (count == 1 || self.frame.is_some());
        let essences: Vec<_> =
            if is_picture { pictures.chain([DICOM]).collect() } else { [DICOM].into_iter().chain(pictures).collect() };
        essences.into_iter().map(|essence| Offer::plain(Packaging::Single, essence)).collect()
    }
}

fn bad(name: &str, reason: impl Into<String>) -> Problem {
    Problem::bad_parameter(name, reason)
}

fn malformed(name: &'static str) -> impl Fn(UidError) -> Problem {
    move |error| bad(name, error.to_string())
}

fn window(center: Option<&str>, width: Option<&str>) -> Result<Option<Window>, Problem> {
    let number = |name, text: &str| {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| bad(name, "it is a decimal number"))
    };
    let (center, width) = match (center, width) {
        (None, None) => return Ok(None),
        (Some(center), Some(width)) => (number("windowCenter", center)?, number("windowWidth", width)?),
        (None, Some(_)) => return Err(bad("windowCenter", "it is missing beside windowWidth")),
        (Some(_), None) => return Err(bad("windowWidth", "it is missing beside windowCenter")),
    };
    if width < 1.0 {
        return Err(bad("windowWidth", "it is at least 1"));
    }
    Ok(Some(Window { center, width, function: WindowFunction::Linear }))
}

/// Of columns and rows one may be missing: then the picture has as many as its shape asks for.
fn viewport(columns: Option<&str>, rows: Option<&str>, region: Option<&str>, largest: u32) -> Result<Option<Viewport>, Problem> {
    let side = |name, text: Option<&str>| {
        let side = |text: &str| parse_frame(text).map(FrameNumber::get).filter(|side| *side <= largest);
        let wrong = || bad(name, format!("it is a whole number from 1 to {largest}"));
        text.map(|text| side(text).ok_or_else(wrong)).transpose()
    };
    let sides = match (side("columns", columns)?, side("rows", rows)?) {
        (None, None) => None,
        (columns, rows) => Some([columns.unwrap_or(largest), rows.unwrap_or(largest)]),
    };
    let source = region.map(|text| {
        let wrong = "it is left,top,right,bottom with numbers from 0 to 1, left below right and top below bottom";
        Source::parse_parts(text).ok_or_else(|| bad("region", wrong))
    });
    let source = source.transpose()?;
    Ok((sides.is_some() || source.is_some()).then_some(Viewport { sides, source }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UIDS: &str = "requestType=WADO&studyUID=1.2&seriesUID=1.2.3&objectUID=1.2.3.4";

    fn read(query: &str) -> Result<Asked, Problem> {
        let config = DicomwebConfig::default();
        let pairs = query_parameters::decode(Some(query), config.max_query_bytes)?;
        Asked::read(&pairs, &config)
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let asked = read(&format!(
            "{UIDS}&contentType=image/png&frameNumber=2&rows=64&region=0,0,0.5,1&windowCenter=-40.5&windowWidth=400&imageQuality=50"
        ));
        let asked = asked.expect("good");
        assert_eq!(asked.address.instance.as_str(), "1.2.3.4");
        assert_eq!(asked.frame.map(FrameNumber::get), Some(2));
        let viewport = asked.options.viewport.expect("a viewport");
        assert_eq!(viewport.sides, Some([4096, 64]));
        assert!(viewport.source.is_some());
        assert_eq!(asked.options.window.map(|window| (window.center, window.width)), Some((-40.5, 400.0)));
        assert_eq!(asked.options.quality, 50);
        let bare = read(&format!("{UIDS}&rows=&contentType=&anonymize=&objectUID=1.2.3.4")).expect("good");
        assert!(bare.options.viewport.is_none() && bare.accepted.is_none());
    }

    #[test]
    fn what_is_missing_malformed_or_not_done_is_refused_by_name() {
        for (query, parameter) in [
            ("", "requestType"),
            ("requestType=wado", "requestType"),
            ("requestType=WADO&seriesUID=1.2.3&objectUID=1.2.3.4", "studyUID"),
            ("requestType=WADO&studyUID=1.2&objectUID=1.2.3.4", "seriesUID"),
            ("requestType=WADO&studyUID=1.2&seriesUID=1.2.3", "objectUID"),
            ("requestType=WADO&studyUID=abc&seriesUID=1.2.3&objectUID=1.2.3.4", "studyUID"),
        ] {
            assert_names(query, parameter);
        }
        for (more, parameter) in [
            ("objectUID=1.2.3.5", "objectUID"),
            ("anonymize=yes", "anonymize"),
            ("presentationUID=1.2", "presentationUID"),
            ("presentationSeriesUID=1.2", "presentationSeriesUID"),
            ("contentType=,;", "contentType"),
            ("transferSyntax=jpeg", "transferSyntax"),
            ("frameNumber=0", "frameNumber"),
            ("frameNumber=1,2", "frameNumber"),
            ("rows=0", "rows"),
            ("columns=4097", "columns"),
            ("columns=%2B4", "columns"),
            ("region=0,0,1", "region"),
            ("region=0.5,0,0.5,1", "region"),
            ("windowCenter=40", "windowWidth"),
            ("windowWidth=40", "windowCenter"),
            ("windowCenter=NaN&windowWidth=40", "windowCenter"),
            ("windowCenter=40&windowWidth=0", "windowWidth"),
            ("imageQuality=0", "imageQuality"),
            ("imageQuality=101", "imageQuality"),
            ("annotation=name", "annotation"),
        ] {
            assert_names(&format!("{UIDS}&{more}"), parameter);
        }
    }

    fn assert_names(query: &str, parameter: &str) {
        match read(query) {
            Err(Problem::BadParameter { name, .. }) => assert_eq!(name, parameter, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
}
