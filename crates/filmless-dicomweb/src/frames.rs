//! Frames (PS3.18 section 10.4.1.1.6, Frame Pixel Data Resources): as they are stored, straight from their place in
//! the stored file, or decoded to the samples of Explicit VR Little Endian.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use filmless_archive::pixels::Pixels;
use filmless_dicom::pixel::PixelDescription;
use filmless_index::StoredInstance;
use filmless_model::address::Resource;
use filmless_model::frame::{FrameIndex, FrameNumber};
use futures::{StreamExt as _, stream};

use crate::media_type::{Acceptable, Offer, Packaging};
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::query_parameters;
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::transfer_syntax::{
    EXPLICIT_VR_LITTLE_ENDIAN, OCTET_STREAM, can_decode, codestream_type, has_plain_frames, is_deflated,
};
use crate::validators::{EntityTag, Freshness, Representation};

/// How many frames of one request are read ahead.
const READ_AHEAD: usize = 4;

/// Where the samples of a frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// The stored bytes.
    AsStored,
    /// Our decoder.
    Decoded,
}

/// `GET …/frames/{frames}`, and all frames by `GET …/frames` or `GET …/pixeldata`.
pub async fn frames(
    State(door): State<Door>,
    Caller(actor): Caller,
    target: Target,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), &headers);
    let mut numbers = target.frames(door.config.max_frames)?;
    let Resource::Instance(address) = target.resource()? else { return Err(Problem::UnknownPath) };
    let stored = door.archive.instance(&actor, &address).await?;
    let count = door.frame_count(&stored).await?;
    if numbers.is_empty() {
        numbers = (1..=count).filter_map(FrameNumber::new).collect();
    }
    if let Some(frame) = numbers.iter().find(|frame| frame.get() > count).copied() {
        return Err(Problem::NoSuchFrame { frame, count });
    }
    if numbers.is_empty() {
        return Err(Problem::NoPixels);
    }

    let offers = offers(&stored, numbers.len() == 1);
    let offer = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?;
    let form = form_of(&stored, offer);
    let syntax = offer.transfer_syntax.as_deref().unwrap_or(EXPLICIT_VR_LITTLE_ENDIAN);
    let part_type = format!("{}; transfer-syntax={syntax}", offer.essence);
    let boundary = Boundary::of(&(stored.version.id, &numbers, syntax));
    let representation = Representation {
        content_type: match offer.packaging {
            Packaging::Single => part_type.clone(),
            Packaging::Multipart => boundary.content_type(offer.essence),
        },
        tag: EntityTag::strong(&(stored.version.id, &numbers, syntax, offer.essence, offer.packaging == Packaging::Single)),
        freshness: Freshness::For(door.config.pixel_max_age),
    };
    if let Some(response) = representation.not_modified(&headers) {
        return Ok(response);
    }
    let pixels = match form {
        Form::AsStored => None,
        Form::Decoded => Some(Arc::new(door.archive.pixels(&stored).await?)),
    };
    if let [number] = numbers.as_slice() {
        let frame = read(&door, &stored, *number, pixels.as_deref()).await?;
        // The boundary is always the same for this frame, so ranges of the multipart body join too.
        let content = match offer.packaging {
            Packaging::Single => frame,
            Packaging::Multipart => boundary.join(&part_type, &[frame]).into(),
        };
        return representation.whole_or_range(&headers, content);
    }

    let end = boundary.end();
    let parts = stream::iter(numbers.into_iter().enumerate())
        .map(move |(place, number)| {
            let (door, stored, boundary, part_type) = (door.clone(), stored.clone(), boundary.clone(), part_type.clone());
            let pixels = pixels.clone();
            async move {
                let frame = read(&door, &stored, number, pixels.as_deref()).await.map_err(io::Error::other)?;
                let before = boundary.before_part(place == 0, &part_type, Some(frame.len() as u64), None);
                Ok::<_, io::Error>([before, frame])
            }
        })
        .buffered(READ_AHEAD)
        .flat_map(|part| match part {
            Ok(pieces) => stream::iter(Vec::from(pieces.map(Ok))),
            Err(error) => stream::iter(vec![Err(error)]),
        })
        .chain(stream::iter([Ok(end)]));
    Ok(representation.stream(StatusCode::OK, None, Body::from_stream(parts)))
}

/// The forms of the frames of an instance.
fn offers(stored: &StoredInstance, is_one_frame: bool) -> Vec<Offer> {
    let own = &stored.version.transfer_syntax;
    let packagings: &[_] = if is_one_frame { &[Packaging::Multipart, Packaging::Single] } else { &[Packaging::Multipart] };
    let is_decodable = can_decode(own);
    let has_codestreams = matches!(stored.version.frames, FrameIndex::Encapsulated { .. });
    let mut offers = Vec::new();
    for packaging in packagings {
        let offer = |essence, syntax: &str, default_syntax| Offer {
            packaging: *packaging,
            essence,
            transfer_syntax: Some(syntax.to_owned()),
            default_syntax,
        };
        if has_codestreams {
            offers.push(offer(OCTET_STREAM, own.as_str(), !is_decodable));
        }
        if is_decodable {
            offers.push(offer(OCTET_STREAM, EXPLICIT_VR_LITTLE_ENDIAN, true));
        }
        if let Some(essence) = codestream_type(own).filter(|_| has_codestreams) {
            offers.push(offer(essence, own.as_str(), true));
        }
    }
    offers
}

fn form_of(stored: &StoredInstance, offer: &Offer) -> Form {
    let own = &stored.version.transfer_syntax;
    let is_stored = has_plain_frames(own) || offer.transfer_syntax.as_deref() == Some(own.as_str());
    if is_stored && stored.version.frames.count() > 0 { Form::AsStored } else { Form::Decoded }
}

/// One frame: out of the opened pixels where it is to be decoded, else as it is stored.
async fn read(door: &Door, stored: &StoredInstance, number: FrameNumber, pixels: Option<&Pixels>) -> Result<Bytes, Problem> {
    let Some(pixels) = pixels else { return Ok(door.archive.frame(stored, number).await?) };
    let _permit = door.decodings.acquire().await.map_err(|_| Problem::Unavailable)?;
    Ok(pixels.explicit_frame(number).await?)
}

impl Door {
    /// How many frames an instance has. Those of a deflated data set are known only when it is read.
    pub(crate) async fn frame_count(&self, stored: &StoredInstance) -> Result<u32, Problem> {
        let count = stored.version.frames.count();
        if count > 0 || !is_deflated(&stored.version.transfer_syntax) {
            return Ok(count);
        }
        let header = self.archive.header(stored).await?;
        Ok(PixelDescription::from_header(&header).map_or(0, |description| description.number_of_frames))
    }
}
