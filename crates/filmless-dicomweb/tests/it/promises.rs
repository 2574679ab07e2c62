//! What the table of paths says, asked of the router: every path with every method, media type, parameter and status, and
//! nothing besides. CONFORMANCE.md and the Capabilities Description say the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use filmless_dicom::file_meta::FileMeta;
use filmless_dicomweb::query_parameters::match_keys;
use filmless_dicomweb::resources::{COMMON_STATUSES, Parameter, RESOURCES, Resource, Transaction};
use filmless_model::uid::{SopClassUid, TransferSyntaxUid};
use filmless_testkit::instance::Instance;
use filmless_testkit::repository::root;
use serde_json::Value;

use crate::site::{Answer, Site, wado_path};
use crate::waveforms::waveform;

/// A transfer syntax for each media type of frames, with the beginning of a codestream. Video has one for each container.
const CODESTREAMS: [(&str, &[u8]); 12] = [
    ("1.2.840.10008.1.2.4.50", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.5", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.80", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.90", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.92", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.201", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.110", b"\xff\xd8\xff\xd9"),
    ("1.2.840.10008.1.2.4.100", b"\0\0\x01\xba"),
    ("1.2.840.10008.1.2.4.102", b"\0\0\0\x0cftypmp42"),
    ("1.2.840.10008.1.2.4.102", b"\0\0\0\x01"),
    ("1.2.840.10008.1.2.4.103", b"\x47\x40\x11\x10"),
    ("1.2.840.10008.1.2.4.107", b"\0\0\0\x01"),
];

/// Instances of SOP classes that are rendered as something else than pictures.
fn documents() -> Vec<Instance> {
    let document = |suffix: &str| Instance {
        sop_class: SopClassUid::parse(&format!("1.2.840.10008.5.1.4.1.1.{suffix}")).expect("a UID"),
        extra: vec![(0x0042, 0x0011, "OB", b"a document".to_vec())],
        ..Instance::ct()
    };
    let mut documents: Vec<_> = ["104.1", "104.2", "104.3", "104.4", "104.5", "88.11"].map(document).into();
    documents.push(waveform("1.2.840.10008.5.1.4.1.1.9.1.2", b"SS", &[0, 1, 2, 1]));
    documents
}

/// An archive with one instance that is not compressed.
async fn plain() -> (Site, Instance) {
    let site = Site::new().await;
    let instance = Instance::ct();
    site.fill(std::slice::from_ref(&instance)).await;
    (site, instance)
}

/// A file whose pixels are the beginning of a codestream.
fn compressed(instance: &Instance, transfer_syntax: &str, codestream: &[u8]) -> Vec<u8> {
    const ITEM: &[u8] = b"\xfe\xff\0\xe0";
    const END: &[u8] = b"\xfe\xff\xdd\xe0\0\0\0\0";
    let meta = FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: TransferSyntaxUid::parse(transfer_syntax).expect("a UID"),
    };
    let mut data_set = instance.data_set_of_fragments();
    let (items, _) = data_set.iter().enumerate().rfind(|(place, _)| data_set[*place..].starts_with(ITEM)).expect("an item");
    data_set.truncate(items);
    let length = u32::try_from(codestream.len()).expect("short").to_le_bytes();
    [meta.encode(), data_set, ITEM.to_vec(), length.to_vec(), codestream.to_vec(), END.to_vec()].concat()
}

/// Every transaction with the path it stands at.
fn transactions(method: &str) -> impl Iterator<Item = (&'static Resource, &'static Transaction)> {
    let all = RESOURCES.iter().flat_map(|resource| resource.transactions.iter().map(move |transaction| (resource, transaction)));
    all.filter(move |(_, transaction)| transaction.method == method)
}

/// A path of an instance.
async fn filled(site: &Site, path: &str, instance: &Instance) -> String {
    let mut path = path
        .replace("{study}", instance.study.as_str())
        .replace("{series}", instance.series.as_str())
        .replace("{instance}", instance.sop_instance.as_str())
        .replace("{frames}", "1");
    if path.contains("{bulkdata}") {
        let metadata = site.get(&format!("/studies/{}/metadata", instance.study), "*/*").await.json();
        let link = metadata[0]["7FE00010"]["BulkDataURI"].as_str().expect("pixels are bulk data");
        path = path.replace("{bulkdata}", link.rsplit('/').next().expect("a last step"));
    }
    match path.as_str() {
        // The base itself has no slash at its end.
        "/" => String::new(),
        "/wado" => wado_path(instance),
        _ => path,
    }
}

/// A path with more in its query string.
fn with_query(path: &str, query: &str) -> String {
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

fn words(list: &str) -> BTreeSet<&str> {
    list.split(", ").collect()
}

/// The media types of a 406.
fn offered(refusal: &Answer) -> BTreeSet<String> {
    let problem = refusal.json();
    let detail = problem["detail"].as_str().expect("a text").to_owned();
    let (_, list) = detail.split_once("on offer: ").unwrap_or_else(|| panic!("{detail}"));
    let types = list.split(", ").map(|entry| entry.split("; transfer-syntax=").next().unwrap_or(entry));
    types.map(str::to_ascii_lowercase).collect()
}

#[tokio::test]
async fn every_path_has_the_methods_of_the_table_and_no_other() {
    for resource in RESOURCES {
        let (site, instance) = plain().await;
        let path = filled(&site, resource.path, &instance).await;
        let allow = resource.allow();
        for name in ["GET", "HEAD", "PUT", "PATCH", "POST", "OPTIONS", "DELETE"] {
            let answer = site.send(method(name), &path, &[("accept", "*/*")], Body::empty()).await;
            let is_allowed = words(&allow).contains(name);
            assert_eq!(answer.status != StatusCode::METHOD_NOT_ALLOWED, is_allowed, "{name} {path}: {}", answer.status);
            if name == "OPTIONS" || !is_allowed {
                assert_eq!(words(&answer.header("allow").replace(',', ", ").replace("  ", " ")), words(&allow), "{name} {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_path_gives_each_of_its_media_types_and_no_other() {
    let (site, instance) = plain().await;
    let mut instances = vec![instance];
    for (transfer_syntax, codestream) in CODESTREAMS {
        let instance = Instance::ct();
        let stored = site.store("/studies", &[compressed(&instance, transfer_syntax, codestream)]).await;
        assert_eq!(stored.status, StatusCode::OK, "{}", stored.text());
        instances.push(instance);
    }
    let images = instances.len();
    let documents = documents();
    site.fill(&documents).await;
    instances.extend(documents);
    for (resource, transaction) in transactions("GET") {
        let (mut had, mut on_offer) = (BTreeSet::new(), BTreeSet::new());
        let is_rendered = resource.path.ends_with("/rendered") && !resource.path.contains("{frames}");
        let asked = match resource.path {
            path if is_rendered || path == "/wado" => instances.len(),
            path if path.contains("{study}") => images,
            _ => 1,
        };
        for instance in instances.iter().take(asked) {
            if resource.path.contains("{bulkdata}") && instance.study != instances[0].study {
                continue;
            }
            let path = filled(&site, resource.path, instance).await;
            let refusal = site.get(&path, "x/none").await;
            refusal.assert_problem(406, "not-acceptable");
            on_offer.extend(offered(&refusal));
            for essence in transaction.offers.media_types() {
                let answer = site.open(&path, &[("accept", &essence)]).await;
                let content_type = answer.headers().get("content-type").map(|value| value.to_str().expect("text").to_owned());
                if answer.status() == StatusCode::OK
                    && content_type.is_some_and(|content_type| content_type.starts_with(&essence))
                {
                    had.insert(essence);
                }
            }
        }
        let documented: BTreeSet<_> = transaction.offers.media_types().into_iter().collect();
        assert_eq!(had, documented, "{}", resource.path);
        assert_eq!(on_offer, documented, "{}", resource.path);
    }
}

/// A value of a parameter that is in order, and one that is not if there is any.
fn values<'o>(parameter: &Parameter, offered: &'o str) -> (&'o str, Option<&'static str>) {
    match (parameter.name, parameter.kind) {
        ("accept", _) => (offered, None),
        ("charset", _) => ("utf-8", None),
        ("includefield", _) => ("PatientWeight,00080060", Some("%3Cscript%3E")),
        ("window", _) => ("40,400,linear", Some("40")),
        ("annotation", _) => ("patient,technique", Some("all")),
        ("iccprofile", _) => ("srgb", Some("rommrgb")),
        ("viewport", _) => ("64,64", Some("64")),
        // The path of the URI service has these already.
        ("requestType" | "studyUID" | "seriesUID" | "objectUID", _) => ("", Some("none")),
        ("contentType", _) => (offered, Some(",")),
        ("transferSyntax", _) => ("*", Some("jpeg")),
        ("region", _) => ("0,0,1,1", Some("0")),
        ("windowCenter", _) => ("40&windowWidth=400", Some("none&windowWidth=400")),
        ("windowWidth", _) => ("400&windowCenter=40", Some("0&windowCenter=40")),
        (_, "xs:boolean") => ("true", Some("maybe")),
        (_, "xs:nonNegativeInteger") => ("1", Some("-1")),
        (_, "xs:positiveInteger") => ("1", Some("0")),
        (name, kind) => panic!("{name} is of type {kind}, of which no value is known here"),
    }
}

#[tokio::test]
async fn every_parameter_is_read_and_no_other_is() {
    let (site, instance) = plain().await;
    for (resource, transaction) in transactions("GET") {
        let path = filled(&site, resource.path, &instance).await;
        let offers = transaction.offers.media_types();
        for parameter in transaction.parameters {
            let name = parameter.name;
            let (good, bad) = values(parameter, &offers[0]);
            let good = good.replace(' ', "%20").replace('"', "%22");
            let answer = site.get(&with_query(&path, &format!("{name}={good}")), "*/*").await;
            assert!(answer.status.is_success(), "{path}?{name}={good}: {}", answer.text());
            assert!(!answer.header("warning").contains("not supported"), "{path} {name}");
            if let Some(bad) = bad {
                let answer = site.get(&with_query(&path, &format!("{name}={bad}")), "*/*").await;
                answer.assert_problem(400, "bad-parameter");
                assert_eq!(answer.json()["parameter"], name, "{path}");
            }
        }
        let others = transactions("GET").flat_map(|(_, transaction)| transaction.parameters.iter().map(|p| p.name));
        let others: BTreeSet<_> = others.filter(|name| transaction.parameters.iter().all(|own| own.name != *name)).collect();
        for name in others {
            // Another's parameter, with a value that nobody takes: it is left alone, refused, or said to be ignored.
            let answer = site.get(&with_query(&path, &format!("{name}=%01")), "*/*").await;
            let may_refuse = transaction.name == "FollowChanges" || transaction.searches.is_some();
            let is_refused = answer.status == StatusCode::BAD_REQUEST && may_refuse;
            let is_ignored = answer.header("warning").contains("ignored") || transaction.searches.is_none();
            assert!(is_refused || answer.status.is_success() && is_ignored, "{path} {name}: {}", answer.text());
        }
        let Some(level) = transaction.searches else { continue };
        for key in match_keys() {
            let answer = site.get(&format!("{path}?{key}="), "*/*").await;
            assert!(answer.status.is_success() && answer.header("warning").is_empty(), "{level:?} {key}: {}", answer.text());
            let answer = site.get(&format!("{path}?{key}=%01"), "*/*").await;
            answer.assert_problem(400, "bad-parameter");
        }
    }
}

/// Those of the statuses of the table that no short request provokes; other tests have them.
const ELSEWHERE: [u16; 2] = [408, 413];

#[tokio::test]
async fn every_status_of_the_table_is_had_and_no_other() {
    let (site, instance) = plain().await;
    let nowhere = Instance::ct();
    for (resource, transaction) in transactions("GET") {
        let path = filled(&site, resource.path, &instance).await;
        let elsewhere = filled(&site, resource.path.split("/bulkdata").next().expect("a path"), &nowhere).await;
        let elsewhere = if resource.path.contains("{bulkdata}") { format!("{elsewhere}/bulkdata/0-1") } else { elsewhere };
        let malformed = resource.path.replace("{study}", "abc").replace(['{', '}'], "");
        let malformed = if malformed == resource.path { with_query(&path, "%ff") } else { malformed };
        let single = transaction.offers.media_types().into_iter().find(|essence| !essence.contains(';')).unwrap_or_default();
        let as_stored = format!("{single}; transfer-syntax=*, {single}");
        let tag = site.open(&path, &[("accept", "*/*")]).await;
        let tag = tag.headers().get("etag").map(|tag| tag.to_str().expect("text").to_owned()).unwrap_or_default();
        let search = if transaction.searches.is_some() { format!("{path}?PatientID=nobody") } else { path.clone() };
        let mut had = BTreeSet::new();
        for (path, headers) in [
            (path.as_str(), &[("accept", "*/*")][..]),
            (&path, &[("accept", "x/none")]),
            (&path, &[("accept", "*/*"), ("if-none-match", &tag)]),
            (&path, &[("accept", as_stored.as_str()), ("range", "bytes=0-0")]),
            (&path, &[("accept", as_stored.as_str()), ("range", "bytes=999999999-")]),
            (&elsewhere, &[("accept", "*/*")]),
            (&malformed, &[("accept", "*/*")]),
            (&search, &[("accept", "*/*")]),
        ] {
            had.insert(site.open(path, headers).await.status().as_u16());
        }
        let documented: BTreeSet<_> = transaction.statuses.iter().copied().filter(|status| !ELSEWHERE.contains(status)).collect();
        assert_eq!(had, documented, "{}", resource.path);
    }
}

#[tokio::test]
async fn stores_and_deletions_have_the_statuses_of_the_table() {
    let form = [("content-type", "application/dicom")];
    for (resource, transaction) in transactions("POST") {
        let (site, instance) = plain().await;
        let path = filled(&site, resource.path, &instance).await;
        let (file, garbage) = (instance.part10(), vec![1; 200]);
        let mut had = BTreeSet::new();
        let offers = transaction.offers.media_types();
        for essence in &offers {
            let headers = [form[0], ("accept", essence.as_str())];
            let answer = site.send(Method::POST, &path, &headers, file.clone().into()).await;
            assert!(offers.iter().any(|offered| offered == answer.header("content-type")), "{path} {essence}");
            had.insert(answer.status.as_u16());
        }
        had.insert(site.store(&path, &[file.clone(), garbage.clone()]).await.status.as_u16());
        had.insert(site.store(&path, &[garbage]).await.status.as_u16());
        for headers in [&form[..], &[("content-type", "text/plain")], &[form[0], ("accept", "x/none")]] {
            had.insert(site.send(Method::POST, &path, headers, Body::empty()).await.status.as_u16());
        }
        let documented: BTreeSet<_> = transaction.statuses.iter().copied().filter(|status| !ELSEWHERE.contains(status)).collect();
        assert_eq!(had, documented, "{path}");
    }
    for (resource, transaction) in transactions("DELETE") {
        let (site, instance) = plain().await;
        let path = filled(&site, resource.path, &instance).await;
        let malformed = resource.path.replace(['{', '}'], "");
        let mut had = BTreeSet::new();
        for path in [&path, &path, &malformed] {
            had.insert(site.send(Method::DELETE, path, &[], Body::empty()).await.status.as_u16());
        }
        assert_eq!(had, transaction.statuses.iter().copied().collect(), "{path}");
    }
}

#[tokio::test]
async fn what_is_deleted_is_gone_from_every_path() {
    for deleted in ["/studies/{study}", "/studies/{study}/series/{series}/instances/{instance}"] {
        let (site, instance) = plain().await;
        let mut paths = Vec::new();
        for (resource, transaction) in transactions("GET").filter(|(_, transaction)| transaction.section.is_some()) {
            let path = filled(&site, resource.path, &instance).await;
            let answer = site.get(&path, "*/*").await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            paths.push((path, answer.header("etag").to_owned(), if transaction.searches.is_some() { 204 } else { 404 }));
        }
        let path = filled(&site, deleted, &instance).await;
        assert_eq!(site.send(Method::DELETE, &path, &[], Body::empty()).await.status, StatusCode::NO_CONTENT);
        for (path, tag, expected) in paths {
            // Neither is a client told that what it has is still right.
            let headers = [("accept", "*/*"), ("if-none-match", tag.as_str())];
            assert_eq!(site.send(Method::GET, &path, &headers, Body::empty()).await.status.as_u16(), expected, "{path}");
        }
    }
}

#[tokio::test]
async fn what_holds_for_all_paths_holds_for_each() {
    let (mut site, instance) = plain().await;
    let all = RESOURCES.iter().flat_map(|resource| resource.transactions.iter().map(move |transaction| (resource, transaction)));
    for (resource, transaction) in all.clone().filter(|(_, transaction)| !transaction.parameters.is_empty()) {
        let path = with_query(&filled(&site, resource.path, &instance).await, &"x".repeat(20_000));
        site.send(method(transaction.method), &path, &[], Body::empty()).await.assert_problem(414, "query-too-long");
    }
    site.actor = None;
    for (resource, transaction) in all {
        let path = filled(&site, resource.path.split("/bulkdata").next().expect("a path"), &instance).await;
        site.send(method(transaction.method), &path, &[], Body::empty()).await.assert_problem(401, "unauthenticated");
    }
}

/// The methods below an element of WADL as JSON, with their paths.
fn methods<'v>(resource: &'v Value, parent: &str, found: &mut Vec<(String, &'v Value)>) {
    for child in resource["resource"].as_array().into_iter().flatten() {
        let path = format!("{parent}/{}", child["@path"].as_str().expect("a step"));
        found.extend(child["method"].as_array().into_iter().flatten().map(|method| (path.clone(), method)));
        methods(child, &path, found);
    }
}

fn texts(list: &Value, name: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|entry| entry[name].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn the_capabilities_are_those_of_the_table() {
    let site = Site::new().await;
    for name in ["OPTIONS", "GET"] {
        let answer = site.send(method(name), "", &[("accept", "application/json")], Body::empty()).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
        let document = answer.json();
        let resources = &document["application"]["resources"];
        assert_eq!(resources["@base"], "http://pacs.test/dicom-web");
        let mut found = Vec::new();
        methods(resources, "", &mut found);
        let table = RESOURCES.iter().filter(|resource| resource.path != "/");
        let mut table: Vec<_> = table.flat_map(|r| r.transactions.iter().map(|transaction| (r.path, transaction))).collect();
        assert_eq!(found.len(), table.len());
        for (path, method) in found {
            let place = table.iter().position(|(p, t)| *p == path && t.method == method["@name"]);
            let (_, transaction) = table.remove(place.unwrap_or_else(|| panic!("{path} {method}")));
            assert_eq!(method["@id"], transaction.name);
            assert_eq!(texts(&method["response"][0]["representation"], "@mediaType"), transaction.offers.media_types());
            assert_eq!(texts(&method["request"]["representation"], "@mediaType"), transaction.takes.media_types());
            let mut expected: Vec<_> = (!transaction.offers.is_empty()).then_some("Accept".to_owned()).into_iter().collect();
            expected.extend(transaction.parameters.iter().map(|parameter| parameter.name.to_owned()));
            expected.extend(match_keys().filter(|_| transaction.searches.is_some()));
            assert_eq!(texts(&method["request"]["param"], "@name"), expected);
        }

        let answer = site.send(method(name), "", &[("accept", "*/*")], Body::empty()).await;
        assert_eq!(answer.header("content-type"), "application/vnd.sun.wadl+xml");
        let text = answer.text();
        assert!(text.starts_with("<?xml") && text.ends_with("</application>"), "{text}");
        for (_, transaction) in transactions("GET").filter(|(resource, _)| resource.path != "/") {
            assert_eq!(text.matches(&format!("id=\"{}\"", transaction.name)).count(), 1, "{}", transaction.name);
        }
        let with_slash = site.send(method(name), "/", &[("accept", "*/*")], Body::empty()).await;
        assert_eq!(with_slash.text(), text);
        let tag = [("accept", "*/*"), ("if-none-match", answer.header("etag"))];
        assert_eq!(site.send(method(name), "", &tag, Body::empty()).await.status, StatusCode::NOT_MODIFIED);
        site.send(method(name), "", &[("accept", "x/none")], Body::empty()).await.assert_problem(406, "not-acceptable");
    }
}

/// Media types as CONFORMANCE.md writes them: what may come alone or in parts is named once.
fn media_types(list: &[String]) -> String {
    let part = |essence: &str| Some(essence.strip_prefix("multipart/related; type=\"")?.trim_end_matches('"').to_owned());
    let parts: Vec<_> = list.iter().filter_map(|essence| part(essence)).collect();
    let mut written: Vec<_> = parts
        .iter()
        .map(|essence| if list.contains(essence) { format!("`{essence}`±") } else { format!("`{essence}`+") })
        .collect();
    let alone = list.iter().filter(|essence| part(essence).is_none() && parts.iter().all(|part| part != *essence));
    written.extend(alone.map(|essence| format!("`{essence}`")));
    if written.is_empty() { "–".to_owned() } else { written.join(", ") }
}

/// The table of paths as CONFORMANCE.md has it.
fn markdown() -> String {
    let mut text = String::from(
        "| path | method | transaction | parameters | request | answer | statuses |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for resource in RESOURCES {
        for transaction in resource.transactions {
            let section = transaction.section.map_or("our own".to_owned(), |section| format!("section {section}"));
            let mut parameters: Vec<_> = transaction.parameters.iter().map(|p| format!("`{}`", p.name)).collect();
            parameters.extend(transaction.searches.map(|_| "keys".to_owned()));
            let parameters = if parameters.is_empty() { "–".to_owned() } else { parameters.join(" ") };
            let statuses: Vec<_> = transaction.statuses.iter().map(u16::to_string).collect();
            let (takes, offers) = (media_types(&transaction.takes.media_types()), media_types(&transaction.offers.media_types()));
            let (path, method, name) = (resource.path, transaction.method, transaction.name);
            let row = format!(
                "| `{path}` | `{method}` | {name} ({section}) | {parameters} | {takes} | {offers} | {} |",
                statuses.join(" ")
            );
            writeln!(text, "{row}").expect("writing to a string cannot fail");
        }
    }
    text
}

#[test]
fn the_conformance_statement_has_the_table() {
    let statement = std::fs::read_to_string(root().join("CONFORMANCE.md")).expect("CONFORMANCE.md");
    let expected = markdown();
    assert!(statement.contains(&expected), "CONFORMANCE.md must hold this table:\n\n{expected}");
    let keys: Vec<_> = match_keys().map(|key| format!("`{key}`")).collect();
    for key in keys {
        assert!(statement.contains(&key), "CONFORMANCE.md does not name {key} among the keys of searches");
    }
    let common: Vec<_> = COMMON_STATUSES.iter().map(u16::to_string).collect();
    let common = common.iter().find(|status| !statement.contains(status.as_str()));
    assert_eq!(common, None, "every status of all paths is explained");
}
