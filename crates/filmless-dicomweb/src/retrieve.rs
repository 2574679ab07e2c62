//! WADO-RS: studies, series and instances as DICOM files (PS3.18 section 10.4.1.1.1, DICOM Resources), one behind
//! the other, streamed: of a study nothing but the next pieces is in memory.
//!
//! Without a transfer syntax in the request instances go out in Explicit VR Little Endian, except where their pixels
//! are lossy or cannot be decoded here: those go out as they are stored (PS3.18 section 8.7.3). `transfer-syntax=*`
//! gets every instance as it is stored, byte for byte; any other transfer syntax that can be written must be asked for by
//! name.

use std::io;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use filmless_index::StoredInstance;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::frame::ByteRange;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};

use crate::base_url::BaseUrl;
use crate::media_type::{Acceptable, Offer, Packaging, SyntaxOffer};
use crate::medium;
use crate::metadata::identity;
use crate::multipart::writer::Boundary;
use crate::problem::Problem;
use crate::query_parameters;
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::transfer_syntax::{EXPLICIT_VR_LITTLE_ENDIAN, TargetSyntax, can_decode, is_deflated, may_be_lossy};
use crate::validators::{EntityTag, Freshness, Representation};

/// The media type of a DICOM file.
pub const DICOM: &str = "application/dicom";

/// How many instances are opened while the one before is being sent.
const OPEN_AHEAD: usize = 2;

/// The bytes of an instance.
type Bytestream = BoxStream<'static, io::Result<Bytes>>;

/// In which form an instance goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// Byte for byte, but for what is coerced.
    AsStored,
    /// Transcoded.
    In(TargetSyntax),
}

/// `GET /studies/{study}`, `…/series/{series}` and `…/instances/{instance}`.
pub async fn retrieve(
    State(door): State<Door>,
    Caller(actor): Caller,
    target: Target,
    base: BaseUrl,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), &headers);
    let resource = target.resource()?;
    let stored = door.archive.instances(&actor, Act::Download, &resource).await?;
    let container = Container::of(&acceptable, stored.len() == 1);
    let asked = FileRequest { door: &door, actor: &actor, resource, container, acceptable, base: &base, headers: &headers };
    asked.answer(stored).await
}

/// What a request for files says, whichever service it is made to.
pub(crate) struct FileRequest<'r> {
    pub(crate) door: &'r Door,
    pub(crate) actor: &'r Actor,
    pub(crate) resource: Resource,
    pub(crate) container: Container,
    pub(crate) acceptable: Acceptable,
    pub(crate) base: &'r BaseUrl,
    pub(crate) headers: &'r HeaderMap,
}

impl FileRequest<'_> {
    /// Answers with the stored instances of the resource, in a form that the client takes.
    pub(crate) async fn answer(&self, stored: Vec<StoredInstance>) -> Result<Response, Problem> {
        let Self { door, actor, container, base, headers, .. } = *self;
        let chosen = choose(door, &self.acceptable, &stored, container).await?;

        let is_instance = matches!(self.resource, Resource::Instance(_));
        let representation_of = |content_type: String| Representation {
            content_type,
            tag: EntityTag::strong(&(
                identity(&stored),
                &chosen.forms,
                chosen.packaging == Packaging::Single,
                container.essence(),
                base.as_str(),
            )),
            freshness: if is_instance { Freshness::For(door.config.pixel_max_age) } else { Freshness::AskAlways },
        };
        if container == Container::Medium {
            let representation = representation_of(medium::ZIP.to_owned());
            if let Some(response) = representation.not_modified(headers) {
                return Ok(response);
            }
            let (status, instances) = chosen.instances(stored);
            return medium::answer(door, actor, &representation, status, instances).await;
        }
        if chosen.packaging == Packaging::Single
            && let ([instance], [Some(form)]) = (stored.as_slice(), chosen.forms.as_slice())
        {
            let representation = representation_of(format!("{DICOM}; transfer-syntax={}", syntax_of(instance, *form)));
            return match representation.not_modified(headers) {
                Some(response) => Ok(response),
                None => single(door, &representation, instance, *form, headers).await,
            };
        }

        let boundary = Boundary::of(&(identity(&stored), &chosen.forms));
        let representation = representation_of(boundary.content_type(DICOM));
        if let Some(response) = representation.not_modified(headers) {
            return Ok(response);
        }
        let (status, instances) = chosen.instances(stored);
        let (body, length) = multipart(door, &boundary, base, instances).await?;
        Ok(representation.stream(status, length, body))
    }
}

/// Of one instance a form that it can have: what has no place in the transfer syntax is known by its header. Of many each is
/// looked at when its turn comes.
async fn choose(
    door: &Door,
    acceptable: &Acceptable,
    stored: &[StoredInstance],
    container: Container,
) -> Result<Choice, Problem> {
    let mut unfit = Vec::new();
    loop {
        let chosen = Choice::of(acceptable, stored, container, &unfit)?;
        let ([instance], [Some(Form::In(target @ TargetSyntax::Encapsulated(_)))]) = (stored, chosen.forms.as_slice()) else {
            return Ok(chosen);
        };
        if door.archive.pixels(instance).await?.can_become(*target) {
            return Ok(chosen);
        }
        unfit.push(*target);
    }
}

/// What the instances of a resource go out in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// The file of one instance, alone.
    File,
    /// Files, in parts where they are several.
    Files,
    /// A medium in an archive.
    Medium,
}

impl Container {
    /// The one that a client likes better. Which transfer syntaxes it takes is asked afterwards.
    fn of(acceptable: &Acceptable, is_one: bool) -> Self {
        let offers: Vec<_> = [Self::Files, Self::Medium]
            .into_iter()
            .flat_map(|container| container.packagings(is_one).iter().map(move |packaging| (container, *packaging)))
            .map(|(container, packaging)| Offer::plain(packaging, container.essence()))
            .collect();
        let is_medium = acceptable.choose(&offers).is_some_and(|offer| offer.essence == medium::ZIP);
        if is_medium { Self::Medium } else { Self::Files }
    }

    fn essence(self) -> &'static str {
        match self {
            Self::File | Self::Files => DICOM,
            Self::Medium => medium::ZIP,
        }
    }

    fn packagings(self, is_one: bool) -> &'static [Packaging] {
        match self {
            Self::Files if is_one => &[Packaging::Multipart, Packaging::Single],
            Self::Files => &[Packaging::Multipart],
            Self::File | Self::Medium => &[Packaging::Single],
        }
    }
}

/// What goes out of a resource.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    packaging: Packaging,
    /// For each instance; `None` where none of its forms is acceptable.
    forms: Vec<Option<Form>>,
}

impl Choice {
    fn of(
        acceptable: &Acceptable,
        stored: &[StoredInstance],
        container: Container,
        unfit: &[TargetSyntax],
    ) -> Result<Self, Problem> {
        let offers = |instance: &StoredInstance| offers(instance, container, stored.len() == 1, unfit);
        let choose = |instance: &StoredInstance| {
            let offers = offers(instance);
            let offer = acceptable.choose(&offers)?;
            let asked = offer.transfer_syntax.as_deref().unwrap_or_default();
            let target = TargetSyntax::of(asked).filter(|_| asked != instance.version.transfer_syntax.as_str());
            Some((offer.packaging, target.map_or(Form::AsStored, Form::In)))
        };
        // Instances of one study have few transfer syntaxes: each is decided once.
        let mut decided: Vec<(&StoredInstance, Option<(Packaging, Form)>)> = Vec::new();
        let mut forms = Vec::with_capacity(stored.len());
        for instance in stored {
            let known = decided.iter().find(|(known, _)| have_same_forms(known, instance)).map(|(_, choice)| *choice);
            let choice = known.unwrap_or_else(|| {
                let choice = choose(instance);
                decided.push((instance, choice));
                choice
            });
            forms.push(choice.map(|(_, form)| form));
        }
        let packaging = decided.iter().find_map(|(_, choice)| choice.map(|(packaging, _)| packaging));
        if let Some(packaging) = packaging {
            return Ok(Self { packaging, forms });
        }
        let mut offered = stored.first().map(offers).unwrap_or_default();
        if container != Container::File {
            offered.push(Offer::plain(Packaging::Single, medium::ZIP));
        }
        Err(not_acceptable(&offered))
    }

    /// The instances that go out. Where some exist in no form that the client takes, it gets the others and learns it by
    /// the status.
    fn instances(self, stored: Vec<StoredInstance>) -> (StatusCode, Vec<(StoredInstance, Form)>) {
        let status = if self.forms.contains(&None) { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        let instances = stored.into_iter().zip(self.forms).filter_map(|(stored, form)| Some((stored, form?))).collect();
        (status, instances)
    }
}

/// Whether the offers for one are those for the other.
fn have_same_forms(one: &StoredInstance, other: &StoredInstance) -> bool {
    one.version.transfer_syntax == other.version.transfer_syntax && may_have_pixels(one) == may_have_pixels(other)
}

/// Where pixels of a deflated data set begin is not known before it is inflated.
fn may_have_pixels(instance: &StoredInstance) -> bool {
    instance.version.frames.count() > 0 || is_deflated(&instance.version.transfer_syntax)
}

/// The forms of an instance.
fn offers(instance: &StoredInstance, container: Container, is_one: bool, unfit: &[TargetSyntax]) -> Vec<Offer> {
    let own = &instance.version.transfer_syntax;
    let is_explicit = own.as_str() == EXPLICIT_VR_LITTLE_ENDIAN;
    let is_decodable = can_decode(own);
    let stored_is_default = is_explicit || !is_decodable || may_be_lossy(own);
    let mut offers = Vec::new();
    for packaging in container.packagings(is_one) {
        let offer = |transfer_syntax: &str, syntax| Offer {
            packaging: *packaging,
            essence: container.essence(),
            transfer_syntax: Some(transfer_syntax.to_owned()),
            syntax,
        };
        offers.push(offer(own.as_str(), if stored_is_default { SyntaxOffer::Unasked } else { SyntaxOffer::Any }));
        for target in TargetSyntax::all().filter(|target| is_decodable && target.uid() != own.as_str() && !unfit.contains(target))
        {
            let syntax = match target {
                TargetSyntax::ExplicitVrLittleEndian if stored_is_default => SyntaxOffer::Any,
                TargetSyntax::ExplicitVrLittleEndian => SyntaxOffer::Unasked,
                TargetSyntax::DeflatedExplicitVrLittleEndian => SyntaxOffer::Named,
                // A directory would name the instances that are stored, and not those that lossy compression makes of them.
                TargetSyntax::Encapsulated(encoder) if matches!(container, Container::Medium) && encoder.loss().is_some() => {
                    continue;
                }
                TargetSyntax::Encapsulated(_) if may_have_pixels(instance) => SyntaxOffer::Named,
                // Implicit VR is for DIMSE alone (PS3.18 section 8.7.3, DICOM Media Type Sets).
                TargetSyntax::Encapsulated(_) | TargetSyntax::ImplicitVrLittleEndian => continue,
            };
            offers.push(offer(target.uid(), syntax));
        }
    }
    offers
}

/// 406 with the list of what could be had.
pub fn not_acceptable(offers: &[Offer]) -> Problem {
    let describe = |offer: &Offer| {
        let syntax = offer.transfer_syntax.as_ref().map(|syntax| format!("; transfer-syntax={syntax}")).unwrap_or_default();
        match offer.packaging {
            Packaging::Multipart => format!("multipart/related; type=\"{}\"{syntax}", offer.essence),
            Packaging::Single => format!("{}{syntax}", offer.essence),
        }
    };
    Problem::NotAcceptable { offered: offers.iter().map(describe).collect::<Vec<_>>().join(", ") }
}

/// The transfer syntax of a form.
pub(crate) fn syntax_of(instance: &StoredInstance, form: Form) -> &str {
    match form {
        Form::AsStored => instance.version.transfer_syntax.as_str(),
        Form::In(target) => target.uid(),
    }
}

/// One instance as the body.
async fn single(
    door: &Door,
    representation: &Representation,
    instance: &StoredInstance,
    form: Form,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if let Form::In(target) = form {
        let bytes = transcoded(door, instance, target).await?;
        return Ok(representation.stream(StatusCode::OK, None, Body::from_stream(bytes)));
    }
    let file = door.archive.file(instance).await?;
    let length = file.length_bytes();
    if let Some(span) = representation.requested_span(headers, length)? {
        let range = ByteRange { offset: span.first, length: span.last - span.first + 1 };
        let bytes = file.bytes(Some(range)).await?;
        return Ok(representation.range(span, length, Body::from_stream(bytes)));
    }
    let bytes = file.bytes(None).await?;
    let mut response = representation.stream(StatusCode::OK, Some(length), Body::from_stream(bytes));
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}

/// Instances as parts, and how long the whole is if that is known. The first is opened before the answer begins: what is
/// wrong with it is still an answer of its own, and not one that breaks off.
async fn multipart(
    door: &Door,
    boundary: &Boundary,
    base: &BaseUrl,
    instances: Vec<(StoredInstance, Form)>,
) -> Result<(Body, Option<u64>), Problem> {
    let (boundary, base, end) = (boundary.clone(), base.clone(), boundary.end());
    let before = move |place: usize, instance: &StoredInstance, form: Form| {
        let content_type = format!("{DICOM}; transfer-syntax={}", syntax_of(instance, form));
        let length = length_of(instance, form);
        boundary.before_part(place == 0, &content_type, length, Some(&base.instance(&instance.address)))
    };
    let length = instances.iter().enumerate().try_fold(end.len() as u64, |sum, (place, (instance, form))| {
        Some(sum + before(place, instance, *form).len() as u64 + length_of(instance, *form)?)
    });
    let door = door.clone();
    let parts = stream::iter(instances.into_iter().enumerate())
        .map(move |(place, (instance, form))| {
            let (door, before) = (door.clone(), before.clone());
            async move {
                let (form, bytes) = open(&door, &instance, form).await.map_err(io::Error::other)?;
                Ok::<_, io::Error>(stream::iter([Ok(before(place, &instance, form))]).chain(bytes))
            }
        })
        .buffered(OPEN_AHEAD)
        .try_flatten()
        .chain(stream::iter([Ok(end)]));
    let mut parts = Box::pin(parts);
    let first = match parts.try_next().await {
        Ok(first) => stream::iter(first.map(Ok)),
        Err(error) => return Err(error.downcast().unwrap_or(Problem::Unavailable)),
    };
    Ok((Body::from_stream(first.chain(parts)), length))
}

/// How long the file of an instance is, if that is known before it is made.
pub(crate) fn length_of(instance: &StoredInstance, form: Form) -> Option<u64> {
    (form == Form::AsStored && instance.version.coercion.is_none()).then_some(instance.version.length_bytes)
}

/// The bytes of an instance and the form they are in: where its pixels turn out not to be transcodable, an instance of
/// many goes out as it is stored, and says so. When the client goes away the stream is dropped, and with it what it
/// holds.
pub(crate) async fn open(door: &Door, instance: &StoredInstance, form: Form) -> Result<(Form, Bytestream), Problem> {
    if let Form::In(target) = form {
        match transcoded(door, instance, target).await {
            Ok(bytes) => return Ok((form, bytes)),
            Err(Problem::Undecodable(reason)) => {
                tracing::info!(instance.uid = %instance.address.instance, reason, "an instance goes out as stored");
            }
            Err(problem) => return Err(problem),
        }
    }
    let file = door.archive.file(instance).await?;
    Ok((Form::AsStored, file.bytes(None).await?.map_err(io::Error::other).boxed()))
}

/// An instance in another transfer syntax. The permit covers its beginning only: a client that reads slowly must not
/// keep others from theirs, and later frames are bounded by the codecs themselves.
async fn transcoded(door: &Door, instance: &StoredInstance, target: TargetSyntax) -> Result<Bytestream, Problem> {
    // Opened before the permit is taken: who holds it waits for nothing that others hold while they wait for it.
    let pixels = door.archive.pixels(instance).await?;
    let _permit = door.decodings.acquire().await.map_err(|_| Problem::Unavailable)?;
    let bytes = pixels.file_in(target).await?;
    Ok(bytes.map_err(io::Error::other).boxed())
}
