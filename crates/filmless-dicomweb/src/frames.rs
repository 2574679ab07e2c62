//! Frames (PS3.18 section 10.4.1.1.6, Frame Pixel Data Resources): as they are stored, straight from their place in
//! the stored file, decoded to the samples of Explicit VR Little Endian, or encoded as asked for.

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

use crate::media_type::{Acceptable, Offer, Packaging, SyntaxOffer};
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::query_parameters;
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::transfer_syntax::{
    EXPLICIT_VR_LITTLE_ENDIAN, OCTET_STREAM, TargetSyntax, can_decode, codestream_type, has_plain_frames, is_deflated,
    made_on_request,
};
use crate::validators::{EntityTag, Freshness, Representation};

/// How many frames of one request are read ahead.
const READ_AHEAD: usize = 4;

/// Where the samples of a frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// The stored bytes.
    AsStored,
    /// Our codecs.
    In(TargetSyntax),
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

    let mut pixels = None;
    let mut offers = offers(&stored, numbers.len() == 1);
    let (offer, form) = loop {
        let offer = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?;
        let form = form_of(&stored, offer);
        let Form::In(target @ TargetSyntax::Encapsulated(_)) = form else { break (offer, form) };
        let opened = Arc::new(door.archive.pixels(&stored).await?);
        if opened.can_become(target) {
            pixels = Some(opened);
            break (offer, form);
        }
        // Another of the forms that the client takes may do.
        offers.retain(|offer| offer.transfer_syntax.as_deref() != Some(target.uid()));
    };
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
    let transcoded = match (form, pixels) {
        (Form::AsStored, _) => None,
        (Form::In(target), Some(pixels)) => Some((pixels, target)),
        (Form::In(target), None) => Some((Arc::new(door.archive.pixels(&stored).await?), target)),
    };
    if let [number] = numbers.as_slice() {
        let frame = read(&door, &stored, *number, transcoded.as_ref()).await?;
        // The boundary is always the same for this frame, so ranges of the multipart body join too.
        let pieces = match offer.packaging {
            Packaging::Single => vec![frame],
            Packaging::Multipart => {
                vec![boundary.before_part(true, &part_type, Some(frame.len() as u64), None), frame, boundary.end()]
            }
        };
        return representation.pieces_or_range(&headers, pieces);
    }

    let end = boundary.end();
    let parts = stream::iter(numbers.into_iter().enumerate())
        .map(move |(place, number)| {
            let (door, stored, boundary, part_type) = (door.clone(), stored.clone(), boundary.clone(), part_type.clone());
            let transcoded = transcoded.clone();
            async move {
                let frame = read(&door, &stored, number, transcoded.as_ref()).await.map_err(io::Error::other)?;
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
        let offer =
            |essence, own: &str, syntax| Offer { packaging: *packaging, essence, transfer_syntax: Some(own.to_owned()), syntax };
        if has_codestreams {
            let syntax = if is_decodable { SyntaxOffer::Any } else { SyntaxOffer::Unasked };
            offers.push(offer(OCTET_STREAM, own.as_str(), syntax));
        }
        if is_decodable {
            offers.push(offer(OCTET_STREAM, EXPLICIT_VR_LITTLE_ENDIAN, SyntaxOffer::Unasked));
        }
        let own_essence = codestream_type(own.as_str()).filter(|_| has_codestreams);
        if let Some(essence) = own_essence {
            offers.push(offer(essence, own.as_str(), SyntaxOffer::Unasked));
        }
        for target in TargetSyntax::all().filter(|target| is_decodable && target.uid() != own.as_str()) {
            let Some(essence) = codestream_type(target.uid()) else { continue };
            // What is stored in a media type goes out in it, unless another transfer syntax is asked for by name.
            let syntax = if own_essence == Some(essence) { SyntaxOffer::Named } else { made_on_request(target) };
            offers.push(offer(essence, target.uid(), syntax));
        }
    }
    offers
}

fn form_of(stored: &StoredInstance, offer: &Offer) -> Form {
    let own = &stored.version.transfer_syntax;
    let target = offer.transfer_syntax.as_deref().and_then(TargetSyntax::of);
    let is_plain = has_plain_frames(own) && target == Some(TargetSyntax::ExplicitVrLittleEndian);
    let is_stored = is_plain || offer.transfer_syntax.as_deref() == Some(own.as_str());
    match target {
        Some(target) if !is_stored || stored.version.frames.count() == 0 => Form::In(target),
        _ => Form::AsStored,
    }
}

/// One frame: out of the opened pixels where it is to be transcoded, else as it is stored.
async fn read(
    door: &Door,
    stored: &StoredInstance,
    number: FrameNumber,
    transcoded: Option<&(Arc<Pixels>, TargetSyntax)>,
) -> Result<Bytes, Problem> {
    let Some((pixels, target)) = transcoded else { return Ok(door.archive.frame(stored, number).await?) };
    let _permit = door.decodings.acquire().await.map_err(|_| Problem::Unavailable)?;
    Ok(pixels.frame_in(*target, number).await?)
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
