//! Which bulk data a request's instances wait for, and what has come of it. Parts are known by their `Content-Location`, which is
//! what a `BulkDataURI` says once both are resolved against the address of the request (RFC 3986 section 5); nothing is ever
//! fetched from anywhere.

use std::collections::{BTreeSet, HashMap};

use filmless_dicom::compose::{Flaw, is_compressed};
use filmless_model::frame::ByteRange;
use url::Url;

use crate::media_type::MediaType;
use crate::store::response::Failed;
use crate::transfer_syntax::OCTET_STREAM;

/// Resolves what parts and metadata call the same thing.
#[derive(Debug)]
pub(super) struct Resolver(Option<Url>);

impl Resolver {
    pub(super) fn new(request: &str) -> Self {
        Self(Url::parse(request).ok())
    }

    pub(super) fn resolve(&self, uri: &str) -> String {
        let resolved = self.0.as_ref().and_then(|base| base.join(uri).ok());
        resolved.map_or_else(|| uri.trim().to_owned(), String::from)
    }
}

/// What the bytes of a part are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BulkKind {
    /// The value as it stands in the data set.
    Plain,
    /// Compressed pixels: of one frame, or of all if it is a video.
    Compressed { media_type: String, declared: Option<String> },
}

impl BulkKind {
    fn of(media_type: Option<&MediaType>, is_pixel_data: bool) -> Result<Self, Flaw> {
        let essence = media_type.map_or(OCTET_STREAM, |media_type| media_type.essence.as_str());
        let declared = media_type.and_then(|media_type| media_type.parameter("transfer-syntax")).map(str::trim);
        // Of other attributes the value is what came, whatever a person would call it: a PDF, an STL file, a picture.
        if !is_pixel_data || !is_compressed(essence, declared)? {
            return Ok(Self::Plain);
        }
        Ok(Self::Compressed { media_type: essence.to_owned(), declared: declared.map(str::to_owned) })
    }

    fn is_by_frame(&self) -> bool {
        matches!(self, Self::Compressed { media_type, .. } if !media_type.starts_with("video/"))
    }
}

/// The bulk data of one URI.
#[derive(Debug)]
pub(super) struct BulkParts {
    /// Instances that wait for it or have it.
    pub(super) instances: BTreeSet<usize>,
    /// Parts that there will be, if each is a frame.
    frames: u32,
    is_pixel_data: bool,
    pub(super) kind: Option<BulkKind>,
    pub(super) ranges: Vec<ByteRange>,
    pub(super) failed: Option<Failed>,
}

impl BulkParts {
    pub(super) fn is_complete(&self) -> bool {
        let wanted = match &self.kind {
            Some(kind) if kind.is_by_frame() => usize::try_from(self.frames).unwrap_or(usize::MAX),
            _ => 1,
        };
        self.failed.is_some() || self.ranges.len() >= wanted
    }
}

/// A part that is arriving.
#[derive(Debug)]
pub(super) struct ArrivingBulk {
    pub(super) location: String,
    /// What has come of it.
    pub(super) range: ByteRange,
    pub(super) failed: Option<Failed>,
}

/// The bulk data of a request, by resolved URI.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    by_location: HashMap<String, BulkParts>,
    /// Ranges that are kept for anybody.
    kept: usize,
}

impl Awaited {
    /// An instance wants it; whether it must wait for it.
    pub(super) fn want(&mut self, location: String, instance: usize, frames: u32, is_pixel_data: bool) -> bool {
        let parts = self.by_location.entry(location).or_insert_with(|| BulkParts {
            instances: BTreeSet::new(),
            frames: 1,
            is_pixel_data: false,
            kind: None,
            ranges: Vec::new(),
            failed: None,
        });
        let was_complete = parts.is_complete();
        parts.instances.insert(instance);
        parts.is_pixel_data |= is_pixel_data;
        if is_pixel_data {
            parts.frames = parts.frames.max(frames);
        }
        !was_complete
    }

    /// Begins a part at this place; `None` if nobody waits for it.
    pub(super) fn begin(&mut self, location: String, media_type: Option<&MediaType>, offset: u64) -> Option<ArrivingBulk> {
        let parts = self.by_location.get_mut(&location).filter(|parts| !parts.is_complete())?;
        let kind = BulkKind::of(media_type, parts.is_pixel_data);
        let failed = match (kind, &parts.kind) {
            (Err(flaw), _) => Some(flaw.into()),
            (Ok(kind), Some(first)) => (kind != *first).then(|| Flaw::NotOfItsType.into()),
            (Ok(kind), None) => {
                parts.kind = Some(kind);
                None
            }
        };
        Some(ArrivingBulk { location, range: ByteRange { offset, length: 0 }, failed })
    }

    /// A part has come; the instances that wait for nothing more from this URI, if they do not.
    pub(super) fn end(&mut self, part: &ArrivingBulk) -> Vec<usize> {
        let Some(parts) = self.by_location.get_mut(&part.location) else { return Vec::new() };
        parts.failed = parts.failed.or(part.failed);
        parts.ranges.push(part.range);
        self.kept += 1;
        if parts.is_complete() { parts.instances.iter().copied().collect() } else { Vec::new() }
    }

    pub(super) fn get(&self, location: &str) -> Option<&BulkParts> {
        self.by_location.get(location)
    }

    /// An instance needs its bulk data no longer.
    pub(super) fn release(&mut self, location: &str, instance: usize) {
        if let Some(parts) = self.by_location.get_mut(location) {
            parts.instances.remove(&instance);
            if parts.instances.is_empty() {
                self.kept -= parts.ranges.len();
                self.by_location.remove(location);
            }
        }
    }

    /// Whether bytes are kept for anybody.
    pub(super) fn has_bytes(&self) -> bool {
        self.kept > 0
    }
}
