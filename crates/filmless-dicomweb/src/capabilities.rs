//! What this door can do, for programs: the Capabilities Description (PS3.18 section 8.9, Retrieve Capabilities
//! Transaction, and annex H), made from the table of [`crate::resources`].

mod wadl;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use filmless_model::further::FurtherAttribute;

use crate::base_url::BaseUrl;
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::problem::Problem;
use crate::query_parameters::{self, further};
use crate::resources::{COMMON_STATUSES, Parameter, Payload, RESOURCES, Resource, Transaction};
use crate::retrieve::not_acceptable;
use crate::router::Door;
use crate::target::Caller;
use crate::validators::{EntityTag, Freshness, Representation};
use wadl::Element;

/// What an answer can be, the first if the client does not care.
pub const MEDIA_TYPES: [&str; 2] = ["application/vnd.sun.wadl+xml", "application/json"];

/// Answers with the description.
pub async fn capabilities(
    State(door): State<Door>,
    Caller(_): Caller,
    base: BaseUrl,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query.as_deref(), door.config.max_query_bytes)?;
    let offers = MEDIA_TYPES.map(|essence| Offer::plain(Packaging::Single, essence));
    let acceptable = Acceptable::of(query_parameters::value(&pairs, "accept"), &headers);
    let essence = acceptable.choose(&offers).ok_or_else(|| not_acceptable(&offers))?.essence;
    let document = description(&base, &door.archive.further_attributes());
    let body = if essence == MEDIA_TYPES[0] { document.to_xml() } else { document.to_json().to_string().into_bytes() };
    let tag = EntityTag::weak(&(&body, essence));
    let representation = Representation { content_type: essence.to_owned(), tag, freshness: Freshness::AskAlways };
    let length = Some(body.len() as u64);
    let mut response = match representation.not_modified(&headers) {
        Some(response) => response,
        None => representation.stream(StatusCode::OK, length, Bytes::from(body).into()),
    };
    let allow = RESOURCES.iter().find(|resource| resource.path == "/").map(Resource::allow).unwrap_or_default();
    let allow = HeaderValue::try_from(allow).expect("the names of methods are legal in a header");
    response.headers_mut().insert(header::ALLOW, allow);
    Ok(response)
}

fn description(base: &BaseUrl, indexed: &[FurtherAttribute]) -> Element {
    let namespaces = [("xmlns", "http://wadl.dev.java.net/2009/02"), ("xmlns:xs", "http://www.w3.org/2001/XMLSchema")];
    // The transaction itself is left out: WADL does not describe itself (PS3.18 annex H).
    let below: Vec<_> = RESOURCES.iter().filter(|resource| resource.path != "/").collect();
    let resources = Element::new("resources", [("base", base.as_str())]).with(tree("", &below, indexed));
    let character_sets = "Text in answers is in UTF-8, whatever the character set of the stored data set is.";
    Element::new("application", namespaces).with([Element::doc(character_sets), resources])
}

/// The resources one step below `parent`, each with those below it.
fn tree(parent: &str, resources: &[&Resource], indexed: &[FurtherAttribute]) -> Vec<Element> {
    let mut steps: Vec<&str> = Vec::new();
    for resource in resources {
        let step = resource.path.strip_prefix(parent).and_then(|rest| rest.strip_prefix('/')?.split('/').next());
        steps.extend(step.filter(|step| !steps.contains(step)));
    }
    let element = |step: &&str| {
        let path = format!("{parent}/{step}");
        let template = step.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        let template = template.map(|name| Element::new("param", [("name", name), ("style", "template"), ("type", "xs:string")]));
        let own = resources.iter().filter(|resource| resource.path == path).flat_map(|resource| resource.transactions);
        let below = format!("{path}/");
        let below: Vec<_> = resources.iter().copied().filter(|resource| resource.path.starts_with(&below)).collect();
        Element::new("resource", [("path", *step)])
            .with(template)
            .with(own.map(|own| method(own, indexed)))
            .with(tree(&path, &below, indexed))
    };
    steps.iter().map(element).collect()
}

fn method(transaction: &Transaction, indexed: &[FurtherAttribute]) -> Element {
    let representation = |essence: &str| Element::new("representation", [("mediaType", essence)]);
    let representations = |payload: Payload| payload.media_types().into_iter().map(move |essence| representation(&essence));
    let statuses = |wanted: fn(u16) -> bool| {
        let mut all: Vec<_> = transaction.statuses.iter().chain(&COMMON_STATUSES).filter(|status| wanted(**status)).collect();
        all.sort();
        all.into_iter().map(u16::to_string).collect::<Vec<_>>().join(" ")
    };
    let request = Element::new("request", []).with(parameters(transaction, indexed)).with(representations(transaction.takes));
    let success = Element::new("response", [("status", &statuses(|status| status < 300))]);
    let not_modified = transaction.statuses.contains(&304).then(|| Element::new("response", [("status", "304")]));
    let failure = Element::new("response", [("status", &statuses(|status| status >= 400))]);
    Element::new("method", [("name", transaction.method), ("id", transaction.name)])
        .with([request, success.with(representations(transaction.offers))])
        .with(not_modified)
        .with([failure.with([representation("application/problem+json")])])
}

/// The parameters of a request. Searches have those attributes too that an administrator has had indexed, as of a moment ago.
fn parameters(transaction: &Transaction, indexed: &[FurtherAttribute]) -> Vec<Element> {
    let parameter = |name: &str, style, kind| Element::new("param", [("name", name), ("style", style), ("type", kind)]);
    let options = transaction.offers.media_types();
    let options = options.iter().map(|essence| Element::new("option", [("value", essence.as_str())]));
    let accept = parameter("Accept", "header", "xs:string").with(options);
    let mut elements = if transaction.offers.is_empty() { Vec::new() } else { vec![accept] };
    let own = |own: &Parameter| parameter(own.name, "query", own.kind).with([Element::doc(own.meaning)]);
    elements.extend(transaction.parameters.iter().map(own));
    if transaction.searches.is_some() {
        elements.extend(query_parameters::match_keys().map(|key| parameter(&key, "query", "xs:string")));
        elements.extend(indexed.iter().map(|attribute| {
            let (key, creator) = further::key(attribute);
            let beside = creator.map(|creator| Element::doc(format!("with {creator} beside it: a private attribute")));
            parameter(&key, "query", "xs:string").with(beside)
        }));
    }
    elements
}
