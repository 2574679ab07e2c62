//! `GET /api/openapi.json`: what is our own, for programs: the viewer's API, and what DICOMweb has beyond PS3.18. OpenAPI 3.1,
//! made from the tables that the routers are made from. What is the standard's, the Capabilities Description tells.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use filmless_dicomweb::resources::{COMMON_STATUSES, RESOURCES, Resource, Transaction};
use filmless_model::order::{MOST_STEPS, OrderAttribute, StepStatus};
use serde_json::{Map, Value, json};

use super::operations::{Gives, May, OPERATIONS, Operation, Shape};
use crate::http::App;

/// Where this document says that errors look like this.
const PROBLEM: &str = "#/components/responses/Problem";

/// The document.
pub async fn show(State(app): State<Arc<App>>) -> Json<Value> {
    Json(document(app.config.public_url().map_or_else(|| "/".to_owned(), String::from).trim_end_matches('/')))
}

fn document(server: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut add = |path: String, method: &str, operation: Value| {
        let path = paths.entry(path).or_insert_with(|| json!({}));
        path[method.to_ascii_lowercase()] = operation;
    };
    for own in OPERATIONS {
        add(format!("/api{}", own.path), own.method, operation(own));
    }
    for resource in RESOURCES.iter().filter(|resource| resource.path != "/") {
        for own in resource.transactions.iter().filter(|transaction| transaction.section.is_none()) {
            add(format!("/dicom-web{}", resource.path), own.method, transaction(resource, own));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Filmless", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": if server.is_empty() { "/" } else { server } }],
        "security": [{ "token": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::http::authentication::SESSION_COOKIE,
                    "description": "What changes something also needs the header X-Filmless-Request: 1.",
                },
            },
            "responses": {
                "Problem": {
                    "description": "An error (RFC 9457, Problem Details for HTTP APIs).",
                    "content": { "application/problem+json": { "schema": {
                        "type": "object",
                        "properties": {
                            "title": { "type": "string" },
                            "status": { "type": "integer" },
                            "code": { "type": "string" },
                            "detail": { "type": "string" },
                            "parameter": { "type": "string" },
                            "field": { "type": "string" },
                        },
                    } } },
                },
            },
        },
    })
}

fn operation(own: &Operation) -> Value {
    let numbers = own.parameters.iter().map(|name| parameter(name, "query", &json!({ "type": "integer", "minimum": 0 })));
    let query = numbers.chain(own.texts.iter().map(|name| parameter(name, "query", &json!({ "type": "string" }))));
    let content = |media_type: &str, shape: &Shape| json!({ media_type: { "schema": schema(shape) } });
    let answer = match &own.gives {
        Gives::Nothing => json!({ "description": "Done." }),
        Gives::Json(shape) => json!({ "description": "The answer.", "content": content("application/json", shape) }),
        Gives::File(media_type) => json!({ "description": "The file.", "content": { *media_type: {} } }),
        Gives::Events(shape) => json!({
            "description": "Events `change`; the identifier is a sequence, the data are as described.",
            "content": content("text/event-stream", shape),
        }),
    };
    let mut described = json!({
        "operationId": own.id,
        "summary": own.summary,
        "parameters": templates(own.path).chain(query).collect::<Vec<_>>(),
        "responses": { own.status.to_string(): answer, "default": { "$ref": PROBLEM } },
    });
    if let Some(shape) = &own.takes {
        described["requestBody"] = json!({ "required": true, "content": content("application/json", shape) });
    }
    match own.may {
        May::Anybody => described["security"] = json!([]),
        May::SignedIn => {}
        May::Person => {
            described["description"] = "For people who have signed in; a token is not enough.".into();
            described["security"] = json!([{ "session": [] }]);
        }
        May::Act(act) => described["description"] = format!("For whoever may {}.", act.as_str()).into(),
    }
    described
}

fn transaction(resource: &Resource, own: &Transaction) -> Value {
    let schema = |kind: &str| match kind {
        "xs:nonNegativeInteger" => json!({ "type": "integer", "minimum": 0 }),
        _ => json!({ "type": "string" }),
    };
    let query = own.parameters.iter().map(|own| {
        let mut parameter = parameter(own.name, "query", &schema(own.kind));
        parameter["description"] = own.meaning.into();
        parameter
    });
    let content: Map<_, _> = own.offers.media_types().into_iter().map(|essence| (essence, json!({}))).collect();
    let answer = |status: &u16| match status {
        200..300 if content.is_empty() => (status.to_string(), json!({ "description": "Done." })),
        200..300 => {
            (status.to_string(), json!({ "description": "The answer; CONFORMANCE.md describes it.", "content": content }))
        }
        _ => (status.to_string(), json!({ "$ref": PROBLEM })),
    };
    let responses: Map<_, _> = own.statuses.iter().chain(&COMMON_STATUSES).map(answer).collect();
    json!({
        "operationId": own.name,
        "parameters": templates(resource.path).chain(query).collect::<Vec<_>>(),
        "responses": responses,
    })
}

/// What is said of an order, from the table of its attributes. Values are texts, also numbers and dates.
fn order(shape: &Shape) -> Value {
    let texts =
        |is_of_step| OrderAttribute::of(is_of_step).map(|attribute| (attribute.name().to_owned(), json!({ "type": "string" })));
    let mut members: Map<_, _> = texts(matches!(shape, Shape::StepWords)).collect();
    match shape {
        Shape::StepWords => {
            let words = StepStatus::ALL.map(StepStatus::as_str);
            members.insert("status".to_owned(), json!({ "type": "string", "enum": words, "readOnly": true }));
        }
        Shape::Order => {
            let steps = json!({ "type": "array", "minItems": 1, "maxItems": MOST_STEPS, "items": order(&Shape::StepWords) });
            members.insert("steps".to_owned(), steps);
        }
        _ => {}
    }
    json!({ "type": "object", "properties": members, "additionalProperties": false })
}

/// The parameters in a path.
fn templates(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| parameter(name, "path", &json!({ "type": "string" })))
}

fn parameter(name: &str, place: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": place, "required": place == "path", "schema": schema })
}

/// JSON Schema of a shape.
fn schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::OneOf(words) => json!({ "type": "string", "enum": words }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Order | Shape::OrderWords | Shape::StepWords => order(shape),
        Shape::Document => json!({ "type": "object" }),
        Shape::Optional(inner) => json!({ "anyOf": [schema(inner), { "type": "null" }] }),
        Shape::List(item) => json!({ "type": "array", "items": schema(item) }),
        Shape::Object(members) => {
            let properties: Map<_, _> = members.iter().map(|(name, member)| ((*name).to_owned(), schema(member))).collect();
            let required = members.iter().filter(|(_, member)| !matches!(member, Shape::Optional(_)));
            let required: Vec<_> = required.map(|(name, _)| *name).collect();
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
        }
    }
}
