//! Bulk data: long values that metadata names by link (PS3.18 section 10.4.1.1.5, Bulkdata Resources). A link is a
//! place in the stored file, so a value is a byte range; it is served as it is stored.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use filmless_model::address::Resource;
use filmless_model::frame::ByteRange;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::media_type::{Acceptable, Offer, Packaging};
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::query_parameters;
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::transfer_syntax::OCTET_STREAM;
use crate::validators::{EntityTag, Freshness, Representation};

/// `GET …/instances/{instance}/bulkdata/{offset}-{length}`.
pub async fn bulkdata(
    State(door): State<Door>,
    Caller(actor): Caller,
    target: Target,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), &headers);
    let offers = [Packaging::Single, Packaging::Multipart].map(|packaging| Offer::plain(packaging, OCTET_STREAM));
    let packaging = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?.packaging;

    let Resource::Instance(address) = target.resource()? else { return Err(Problem::UnknownPath) };
    let stored = door.archive.instance(&actor, &address).await?;
    let (offset, length) = target.bulkdata().ok_or(Problem::NoSuchBulkdata)?;
    let end = offset.checked_add(length).ok_or(Problem::NoSuchBulkdata)?;
    if offset < stored.version.data_set_offset || end > stored.version.length_bytes || length == 0 {
        return Err(Problem::NoSuchBulkdata);
    }

    let boundary = Boundary::of(&(stored.version.id, offset, length));
    let representation = Representation {
        content_type: match packaging {
            Packaging::Single => OCTET_STREAM.to_owned(),
            Packaging::Multipart => boundary.content_type(OCTET_STREAM),
        },
        tag: EntityTag::strong(&(stored.version.id, offset, length, packaging == Packaging::Single)),
        freshness: Freshness::For(door.config.pixel_max_age),
    };
    if let Some(response) = representation.not_modified(&headers) {
        return Ok(response);
    }
    if packaging == Packaging::Multipart {
        let (before, after) = (boundary.before_part(true, OCTET_STREAM, Some(length), None), boundary.end());
        let total = before.len() as u64 + length + after.len() as u64;
        let bytes = door.archive.blob(&stored, Some(ByteRange { offset, length })).await?;
        let body = stream::iter([Ok(before)]).chain(bytes.map_err(std::io::Error::other)).chain(stream::iter([Ok(after)]));
        return Ok(representation.stream(StatusCode::OK, Some(total), Body::from_stream(body)));
    }
    if let Some(span) = representation.requested_span(&headers, length)? {
        let range = ByteRange { offset: offset + span.first, length: span.last - span.first + 1 };
        let bytes = door.archive.blob(&stored, Some(range)).await?;
        return Ok(representation.range(span, length, Body::from_stream(bytes)));
    }
    let bytes = door.archive.blob(&stored, Some(ByteRange { offset, length })).await?;
    let mut response = representation.stream(StatusCode::OK, Some(length), Body::from_stream(bytes));
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}
