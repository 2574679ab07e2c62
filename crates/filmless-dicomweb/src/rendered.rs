//! Pictures for programs that know nothing of DICOM: rendered instances and frames, and thumbnails at every level
//! (PS3.18 sections 10.4.1.1.3, Rendered Resources, and 10.4.1.1.4, Thumbnail Resources).
//!
//! A study or a series is shown by one of its images, from the middle; so is an instance of many frames as a
//! thumbnail. As a rendered instance it is shown by its first, or by all of them as a GIF that moves. What is no picture is
//! shown by [`crate::documents`], and by a drawing where a thumbnail is asked for; a presentation state by an image that it
//! is for.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use filmless_dicom::icon::{self, Icon};
use filmless_dicom::lut::Window;
use filmless_dicom::render::{Annotation, Colours, Format, RenderOptions, Viewport};
use filmless_index::StoredInstance;
use filmless_model::actor::Act;
use filmless_model::address::Resource;
use filmless_model::frame::FrameNumber;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::answers::{Answer, AnswerKey};
use crate::category::Category;
use crate::config::DicomwebConfig;
use crate::documents;
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::multipart::writer::Boundary;
use crate::presented::{self, Presented};
use crate::problem::Problem;
use crate::query_parameters::{self, Pairs};
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::validators::{EntityTag, Freshness, Representation};

/// Quality of JPEG where the client names none.
pub const DEFAULT_QUALITY: u8 = 90;

/// Quality of thumbnails where the client names none.
const THUMBNAIL_QUALITY: u8 = 75;

/// How one representation may travel, as clients like it that do not care.
const ALONE_OR_PART: [Packaging; 2] = [Packaging::Single, Packaging::Multipart];

/// What a picture is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Rendered,
    Thumbnail,
}

impl Purpose {
    /// In which forms so many frames can be had: each a picture, alone or as a part, or all of them as one that moves.
    fn offers(self, frames: usize) -> Vec<Offer> {
        let packagings: &[_] = if frames > 1 { &[Packaging::Multipart] } else { &ALONE_OR_PART };
        let formats: &[_] = match self {
            Self::Rendered => &[Format::Jpeg, Format::Png, Format::WebP],
            Self::Thumbnail => &[Format::Jpeg, Format::Png],
        };
        let offer = |packaging| move |format: &Format| Offer::plain(packaging, format.media_type());
        let mut offers: Vec<_> = packagings.iter().flat_map(|packaging| formats.iter().map(offer(*packaging))).collect();
        if self == Self::Rendered {
            offers.push(Offer::plain(Packaging::Single, Format::Gif.media_type()));
        }
        offers
    }
}

/// What a picture is of.
pub enum Subject {
    /// Frames of the instance.
    Frames,
    /// The kind of the instance.
    Drawing(Icon),
    /// An image, as the instance says that it is to be shown.
    Presented(Box<Presented>),
}

/// What is said of presentation states of other kinds.
const OTHER_STATES: &str = "only grayscale and color softcopy presentation states are shown; this one is of another kind";

/// `GET …/rendered`.
pub async fn rendered(
    door: State<Door>,
    caller: Caller,
    target: Target,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    picture(&door, &caller, &target, query.0.as_deref(), &headers, Purpose::Rendered).await
}

/// `GET …/thumbnail`.
pub async fn thumbnail(
    door: State<Door>,
    caller: Caller,
    target: Target,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    picture(&door, &caller, &target, query.0.as_deref(), &headers, Purpose::Thumbnail).await
}

async fn picture(
    door: &Door,
    Caller(actor): &Caller,
    target: &Target,
    query: Option<&str>,
    headers: &HeaderMap,
    purpose: Purpose,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query, door.config.max_query_bytes)?;
    let numbers = target.frames(door.config.max_frames)?;
    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), headers);
    let resource = target.resource()?;
    let stored = door.archive.instances(actor, Act::View, &resource).await?;
    let (stored, freshness) = match resource {
        Resource::Instance(_) => (stored.into_iter().next(), Freshness::For(door.config.pixel_max_age)),
        // Another instance may stand for a study that has grown.
        Resource::Study(_) | Resource::Series(_) => (representative(stored), Freshness::AskAlways),
    };
    let stored = stored.ok_or(Problem::NoPixels)?;
    let is_whole = numbers.is_empty();
    if is_whole && purpose == Purpose::Rendered && documents::has_document(Category::of(&stored)) {
        return documents::document(door, actor, &stored, &acceptable, &ALONE_OR_PART, headers, freshness).await;
    }
    let subject = match Category::of(&stored) {
        Category::PresentationState if is_whole => Subject::Presented(Box::new(Presented::find(door, actor, &stored).await?)),
        Category::OtherPresentationState => return Err(Problem::StateNotShown(OTHER_STATES)),
        _ => match documents::icon(&stored).filter(|_| is_whole && purpose == Purpose::Thumbnail) {
            Some(icon) => Subject::Drawing(icon),
            None => Subject::Frames,
        },
    };

    let offers = purpose.offers(numbers.len());
    let is_instance = matches!(resource, Resource::Instance(_));
    let offer = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?;
    let format = Format::of(offer.essence).unwrap_or_default();
    let options = options(&pairs, format, purpose, &door.config)?;
    let (numbers, freshness) = match &subject {
        Subject::Frames if is_instance && is_whole && format == Format::Gif => (door.all_frames(&stored).await?, freshness),
        Subject::Frames => (door.numbers(&stored, numbers, purpose).await?, freshness),
        Subject::Drawing(_) => (vec![FrameNumber::FIRST], freshness),
        Subject::Presented(_) => {
            presented::check(&options)?;
            // Its image may be replaced, or go.
            (vec![FrameNumber::FIRST], Freshness::AskAlways)
        }
    };

    let pictures = Pictures { numbers, subject, options, packaging: offer.packaging, freshness };
    show(door, &stored, pictures, headers).await
}

/// What is shown of an instance, and how.
pub struct Pictures {
    /// The frames.
    pub numbers: Vec<FrameNumber>,
    /// What they are of.
    pub subject: Subject,
    /// As what each is shown.
    pub options: RenderOptions,
    /// Alone or in parts.
    pub packaging: Packaging,
    /// How long they may be kept.
    pub freshness: Freshness,
}

/// Answers with pictures of an instance, or with one that moves.
pub async fn show(door: &Door, stored: &StoredInstance, shown: Pictures, headers: &HeaderMap) -> Result<Response, Problem> {
    let Pictures { numbers, subject, options, packaging, freshness } = shown;
    let essence = options.format.media_type();
    let image = match &subject {
        Subject::Frames | Subject::Drawing(_) => None,
        Subject::Presented(presented) => Some(presented.image_version()),
    };
    let shown = format!("{options:?} {image:?}");
    let boundary = Boundary::of(&(stored.version.id, &numbers, &shown));
    let representation = Representation {
        content_type: match packaging {
            Packaging::Single => essence.to_owned(),
            Packaging::Multipart => boundary.content_type(essence),
        },
        tag: EntityTag::strong(&(stored.version.id, &numbers, &shown, packaging == Packaging::Single)),
        freshness,
    };
    if let Some(response) = representation.not_modified(headers) {
        return Ok(response);
    }
    if let [number] = numbers.as_slice() {
        let key = AnswerKey::of(&("picture", stored.version.id, number, &shown, &representation.content_type));
        let answer = if let Some(answer) = door.answers.get(key) {
            answer
        } else {
            let picture = match &subject {
                Subject::Frames => door.archive.pixels(stored).await?.render(*number, options).await?.into(),
                Subject::Drawing(icon) => {
                    icon::draw(*icon, &options).map_err(|error| Problem::Undecodable(error.to_string()))?.into()
                }
                Subject::Presented(presented) => presented.picture(door, options).await?,
            };
            let body = match packaging {
                Packaging::Single => picture,
                Packaging::Multipart => boundary.join(essence, &[picture]).into(),
            };
            let answer = Answer { content_type: representation.content_type.clone(), body };
            door.answers.keep(key, &answer);
            answer
        };
        return representation.whole_or_range(headers, answer.body);
    }
    if options.format == Format::Gif {
        let pieces = door.archive.pixels(stored).await?.animate(numbers, options).await?;
        return Ok(representation.stream(StatusCode::OK, None, Body::from_stream(pieces.map_err(io::Error::other))));
    }
    let pixels = Arc::new(door.archive.pixels(stored).await?);
    let end = boundary.end();
    let parts = stream::iter(numbers.into_iter().enumerate())
        .then(move |(place, number)| {
            let (pixels, boundary) = (pixels.clone(), boundary.clone());
            async move {
                let picture = Bytes::from(pixels.render(number, options).await.map_err(io::Error::other)?);
                let before = boundary.before_part(place == 0, essence, Some(picture.len() as u64), None);
                Ok::<_, io::Error>([before, picture])
            }
        })
        .flat_map(|part| match part {
            Ok(pieces) => stream::iter(Vec::from(pieces.map(Ok))),
            Err(error) => stream::iter(vec![Err(error)]),
        })
        .chain(stream::iter([Ok(end)]));
    Ok(representation.stream(StatusCode::OK, None, Body::from_stream(parts)))
}

impl Door {
    /// Every frame of an instance.
    pub(crate) async fn all_frames(&self, stored: &StoredInstance) -> Result<Vec<FrameNumber>, Problem> {
        let (count, most) = (self.frame_count(stored).await?, self.config.max_frames);
        if usize::try_from(count).is_ok_and(|count| count > most) {
            return Err(Problem::Undecodable(format!(
                "{count} frames are more than the {most} of one picture: name some of them"
            )));
        }
        if count == 0 { Err(Problem::NoPixels) } else { Ok((1..=count).filter_map(FrameNumber::new).collect()) }
    }

    /// The frames to show: those asked for, if they exist, or the one that stands for the instance.
    async fn numbers(
        &self,
        stored: &StoredInstance,
        asked: Vec<FrameNumber>,
        purpose: Purpose,
    ) -> Result<Vec<FrameNumber>, Problem> {
        let count = self.frame_count(stored).await?;
        if count == 0 {
            return Err(Problem::NoPixels);
        }
        if let Some(frame) = asked.iter().find(|frame| frame.get() > count).copied() {
            return Err(Problem::NoSuchFrame { frame, count });
        }
        if !asked.is_empty() {
            return Ok(asked);
        }
        let number = match purpose {
            Purpose::Rendered => FrameNumber::FIRST,
            Purpose::Thumbnail => self.archive.representative_frame(stored).await?,
        };
        Ok(vec![number])
    }
}

/// The instance that stands for a study or a series: the middle one of the first series that has images; where there are
/// none, the first instance that can be shown.
fn representative(stored: Vec<StoredInstance>) -> Option<StoredInstance> {
    let (mut images, others): (Vec<_>, Vec<_>) = stored.into_iter().partition(|stored| Category::of(stored) == Category::Image);
    let Some(series) = images.first().map(|image| image.address.series.clone()) else {
        let is_shown =
            |other: &StoredInstance| !matches!(Category::of(other), Category::OtherPresentationState | Category::Other);
        return others.into_iter().find(is_shown);
    };
    images.retain(|image| image.address.series == series);
    let middle = images.len() / 2;
    Some(images.swap_remove(middle))
}

/// Reads the parameters (PS3.18 section 8.3.5, Rendering Query Parameters). Annotation and ICC profiles are optional
/// for servers and left alone here.
fn options(pairs: &Pairs, format: Format, purpose: Purpose, config: &DicomwebConfig) -> Result<RenderOptions, Problem> {
    let window = query_parameters::value(pairs, "window").map(|text| {
        let wrong = "it is center,width,function; the function is linear, linear-exact or sigmoid";
        Window::parse(text).ok_or_else(|| Problem::bad_parameter("window", wrong))
    });
    let viewport = query_parameters::value(pairs, "viewport").map(|text| {
        let largest = config.max_viewport;
        let is_within = |viewport: &Viewport| viewport.sides.iter().flatten().all(|side| *side <= largest);
        let viewport = Viewport::parse(text).filter(is_within);
        let wrong =
            || format!("it is width,height with numbers from 1 to {largest}, and perhaps ,x,y,width,height of the source");
        viewport.ok_or_else(|| Problem::bad_parameter("viewport", wrong()))
    });
    let quality = query_parameters::value(pairs, "quality").map(|text| quality("quality", text));
    let annotation = query_parameters::value(pairs, "annotation").map(annotation);
    let colours = query_parameters::value(pairs, "iccprofile")
        .map(|text| Colours::parse(text).ok_or_else(|| Problem::bad_parameter("iccprofile", "it is no, yes or srgb")));
    let small = Viewport::fit(config.thumbnail_size, config.thumbnail_size);
    Ok(match purpose {
        Purpose::Rendered => RenderOptions {
            window: window.transpose()?,
            viewport: viewport.transpose()?,
            format,
            quality: quality.transpose()?.unwrap_or(DEFAULT_QUALITY),
            annotation: annotation.transpose()?.unwrap_or_default(),
            colours: colours.transpose()?.unwrap_or_default(),
        },
        Purpose::Thumbnail => RenderOptions {
            window: window.transpose()?,
            viewport: Some(viewport.transpose()?.unwrap_or(small)),
            format,
            quality: quality.transpose()?.unwrap_or(THUMBNAIL_QUALITY),
            ..RenderOptions::default()
        },
    })
}

/// Reads what is to be burned in.
pub fn annotation(text: &str) -> Result<Annotation, Problem> {
    Annotation::parse(text).ok_or_else(|| Problem::bad_parameter("annotation", "it is patient, technique, or both with a comma"))
}

/// Reads the quality of JPEG.
pub fn quality(name: &str, text: &str) -> Result<u8, Problem> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let quality = digits.then(|| text.parse().ok()).flatten().filter(|quality| (1..=100).contains(quality));
    quality.ok_or_else(|| Problem::bad_parameter(name, "it is a whole number from 1 to 100"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, purpose: Purpose) -> Result<RenderOptions, Problem> {
        let pairs = query_parameters::decode(Some(query), 1000)?;
        options(&pairs, Format::Jpeg, purpose, &DicomwebConfig::default())
    }

    #[test]
    fn rendering_parameters_are_read_or_refused_by_name() {
        let options = read("window=40,400,linear&viewport=64,32&quality=50", Purpose::Rendered).expect("options");
        assert_eq!(options.window.map(|window| (window.center, window.width)), Some((40.0, 400.0)));
        assert_eq!(options.viewport, Some(Viewport::fit(64, 32)));
        assert_eq!(options.quality, 50);
        assert_eq!(read("", Purpose::Rendered).expect("options").viewport, None);
        assert_eq!(read("", Purpose::Thumbnail).expect("options").viewport, Some(Viewport::fit(128, 128)));
        for (query, parameter) in [
            ("window=40", "window"),
            ("window=40,0,linear", "window"),
            ("window=40,400,cubic", "window"),
            ("window=NaN,400,linear", "window"),
            ("viewport=0,10", "viewport"),
            ("viewport=10", "viewport"),
            ("viewport=4097,10", "viewport"),
            ("viewport=-1,10", "viewport"),
            ("quality=0", "quality"),
            ("quality=101", "quality"),
            ("quality=%2B50", "quality"),
            ("annotation=all", "annotation"),
            ("iccprofile=", "iccprofile"),
            ("iccprofile=adobergb", "iccprofile"),
        ] {
            match read(query, Purpose::Rendered) {
                Err(Problem::BadParameter { name, .. }) => assert_eq!(name, parameter, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
