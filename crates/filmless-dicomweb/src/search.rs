//! QIDO-RS: searching for studies, series and instances (PS3.18 section 10.6, Search Transaction).
//!
//! What each path returns is decided once for a request and written as prepared text; an answer then costs little
//! more than copying its values.

mod further;

use std::fmt::Write as _;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use filmless_model::attribute::{Attribute, Level, REQUEST_ATTRIBUTES_SEQUENCE, Tag, Value};
use filmless_model::query::{Match, QueryRetrieveLevel};
use filmless_model::record::RequestAttributes;

use crate::answers::Answer;
use crate::base_url::BaseUrl;
use crate::data_sets::{self, Form};
use crate::dicom_json::{open_attribute, write_string, write_value};
use crate::media_type::Acceptable;
use crate::problem::Problem;
use crate::query_parameters::{self, Include, SearchParameters, is_returned};
use crate::router::Door;
use crate::target::{Caller, Target};
use crate::validators::{EntityTag, Freshness, Representation};

/// How many answers there are in all, if asked for.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// `GET /studies`.
pub async fn studies(
    door: State<Door>,
    caller: Caller,
    target: Target,
    base: BaseUrl,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(&door, &caller, target, &base, QueryRetrieveLevel::Study, query.0.as_deref(), &headers).await
}

/// `GET /series` and `GET /studies/{study}/series`.
pub async fn series(
    door: State<Door>,
    caller: Caller,
    target: Target,
    base: BaseUrl,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(&door, &caller, target, &base, QueryRetrieveLevel::Series, query.0.as_deref(), &headers).await
}

/// `GET /instances` and those of a study or of a series.
pub async fn instances(
    door: State<Door>,
    caller: Caller,
    target: Target,
    base: BaseUrl,
    query: RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(&door, &caller, target, &base, QueryRetrieveLevel::Instance, query.0.as_deref(), &headers).await
}

async fn search(
    door: &Door,
    Caller(actor): &Caller,
    target: Target,
    base: &BaseUrl,
    level: QueryRetrieveLevel,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let pairs = query_parameters::decode(query, door.config.max_query_bytes)?;
    let form = Form::of(&Acceptable::of(query_parameters::value(&pairs, "accept"), headers))?;
    let parameters =
        query_parameters::search(level, target.study, target.series, &pairs, &door.config, &door.archive.further_attributes())?;
    let SearchParameters { query, include, count, mut warnings } = parameters;

    // One more than the page tells whether there are more.
    let page = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut one_more = query.clone();
    one_more.limit = query.limit.saturating_add(1);
    let mut matches = door.archive.search(actor, &one_more).await?;
    let total = if count { Some(door.archive.count(actor, &query).await?) } else { None };
    if matches.len() > page {
        matches.truncate(page);
        let shown = query.offset.saturating_add(u64::from(query.limit));
        // Counting all the rest of a large archive for every page would cost more than the page.
        warnings.push(match total.map(|total| total.saturating_sub(shown)) {
            Some(remaining) => format!("There are {remaining} additional results that can be requested."),
            None => "There are additional results that can be requested.".to_owned(),
        });
    }

    let columns = Columns::of(level, query.study.is_some(), query.series.is_some(), &include);
    let mut response = if matches.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let mut documents = columns.write(&matches, level, base);
        if !include.further.is_empty() {
            documents = further::add(door, actor, level, (&matches, &documents), include.further, base).await?;
        }
        let tag = EntityTag::weak(&(&documents, total, &warnings, form));
        let Answer { content_type, body } = data_sets::write(form, &documents)?;
        let representation = Representation { content_type, tag, freshness: Freshness::AskAlways };
        if let Some(response) = representation.not_modified(headers) {
            return Ok(response);
        }
        representation.stream(StatusCode::OK, Some(body.len() as u64), body.into())
    };
    for warning in warnings {
        let value = format!("299 {}: {warning}", base.as_str());
        response.headers_mut().append(header::WARNING, HeaderValue::try_from(value).expect("a warning is our own words"));
    }
    if let Some(total) = total {
        response.headers_mut().insert(TOTAL_COUNT, total.into());
    }
    Ok(response)
}

/// Attributes that an answer always has, empty where there is no value (PS3.18 table 10.6.3-3, Study Resource
/// Search Response Payload).
const STUDY_REQUIRED: &[Attribute] = &[
    Attribute::StudyDate,
    Attribute::StudyTime,
    Attribute::AccessionNumber,
    Attribute::ReferringPhysicianName,
    Attribute::PatientName,
    Attribute::PatientId,
    Attribute::PatientBirthDate,
    Attribute::PatientSex,
    Attribute::StudyInstanceUid,
    Attribute::StudyId,
    Attribute::NumberOfStudyRelatedSeries,
    Attribute::NumberOfStudyRelatedInstances,
];

/// Those of the same table that are left out where there is no value. The table wants Modalities in Study always, but OHIF
/// shows no study at all where one has it empty.
const STUDY_CONDITIONAL: &[Attribute] =
    &[Attribute::InstanceAvailability, Attribute::ModalitiesInStudy, Attribute::TimezoneOffsetFromUtc];

/// Table 10.6.3-4 (Series Resources Search Response Payload).
const SERIES_REQUIRED: &[Attribute] =
    &[Attribute::Modality, Attribute::SeriesInstanceUid, Attribute::SeriesNumber, Attribute::NumberOfSeriesRelatedInstances];

/// Those of the same table that are left out where there is no value.
const SERIES_CONDITIONAL: &[Attribute] = &[
    Attribute::TimezoneOffsetFromUtc,
    Attribute::SeriesDescription,
    Attribute::PerformedProcedureStepStartDate,
    Attribute::PerformedProcedureStepStartTime,
    Attribute::ScheduledProcedureStepId,
    Attribute::RequestedProcedureId,
];

/// Table 10.6.3-5 (Instance Resources Search Response Payload).
const INSTANCE_REQUIRED: &[Attribute] = &[Attribute::SopClassUid, Attribute::SopInstanceUid, Attribute::InstanceNumber];

/// Those of the same table that are left out where there is no value.
const INSTANCE_CONDITIONAL: &[Attribute] = &[
    Attribute::InstanceAvailability,
    Attribute::TimezoneOffsetFromUtc,
    Attribute::AvailableTransferSyntaxUid,
    Attribute::Rows,
    Attribute::Columns,
    Attribute::BitsAllocated,
    Attribute::NumberOfFrames,
];

/// Specific Character Set (0008,0005): JSON is UTF-8, whatever the instances are (PS3.18 section F.2).
const CHARACTER_SET: &str = "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]}";

/// One attribute of the answers to a request.
#[derive(Debug)]
struct Column {
    attribute: Attribute,
    /// `,"GGGGEEEE":{"vr":"XX"`, or without comma as the first of a sequence item.
    opening: String,
    is_required: bool,
}

/// The attributes of the answers to a request, by tag.
#[derive(Debug)]
struct Columns {
    before_retrieve_url: Vec<Column>,
    after_retrieve_url: Vec<Column>,
    request_attributes: Vec<Column>,
    after_request_attributes: Vec<Column>,
}

impl Columns {
    fn of(level: QueryRetrieveLevel, in_study: bool, in_series: bool, include: &Include) -> Self {
        // A path below a study repeats nothing of the study but its UID; likewise a path below a series.
        let with_study = level == QueryRetrieveLevel::Study || !in_study;
        let with_series = level == QueryRetrieveLevel::Series || (level == QueryRetrieveLevel::Instance && !in_series);
        let (mut required, mut conditional) = (Vec::new(), Vec::new());
        if with_study {
            required.extend_from_slice(STUDY_REQUIRED);
            conditional.extend_from_slice(STUDY_CONDITIONAL);
        } else {
            required.push(Attribute::StudyInstanceUid);
        }
        if with_series {
            required.extend_from_slice(SERIES_REQUIRED);
            conditional.extend_from_slice(SERIES_CONDITIONAL);
        } else if level == QueryRetrieveLevel::Instance {
            required.push(Attribute::SeriesInstanceUid);
        }
        if level == QueryRetrieveLevel::Instance {
            required.extend_from_slice(INSTANCE_REQUIRED);
            conditional.extend_from_slice(INSTANCE_CONDITIONAL);
        }
        let allowed = |attribute: &Attribute| is_returned(level, attribute.level());
        required.extend(include.attributes.iter().filter(|attribute| allowed(attribute)));
        if include.all {
            let own = match level {
                QueryRetrieveLevel::Instance if in_series => Level::Instance,
                QueryRetrieveLevel::Series | QueryRetrieveLevel::Instance if in_study => Level::Series,
                _ => Level::Patient,
            };
            conditional.extend(Attribute::ALL.iter().filter(|attribute| allowed(attribute) && attribute.level() >= own));
        }

        let mut columns: Vec<_> = Attribute::ALL
            .iter()
            .filter(|attribute| required.contains(attribute) || conditional.contains(attribute))
            .filter(|attribute| **attribute != Attribute::RetrieveUrl)
            .map(|attribute| Column {
                attribute: *attribute,
                opening: format!(",{}", open_attribute(attribute.tag(), attribute.vr().as_str())),
                is_required: required.contains(attribute),
            })
            .collect();
        columns.sort_by_key(|column| column.attribute.tag());
        let (mut request_attributes, columns): (Vec<_>, Vec<_>) =
            columns.into_iter().partition(|c| c.attribute.is_request_attribute());
        for column in &mut request_attributes {
            column.opening.remove(0);
        }
        let split = |columns: Vec<Column>, tag: Tag| columns.into_iter().partition::<Vec<_>, _>(|c| c.attribute.tag() < tag);
        let (before_retrieve_url, rest) = split(columns, Attribute::RetrieveUrl.tag());
        let (after_retrieve_url, after_request_attributes) = split(rest, REQUEST_ATTRIBUTES_SEQUENCE);
        Self { before_retrieve_url, after_retrieve_url, request_attributes, after_request_attributes }
    }

    /// Each answer as DICOM JSON.
    fn write(&self, matches: &[Match], level: QueryRetrieveLevel, base: &BaseUrl) -> Vec<Vec<u8>> {
        let mut documents = Vec::with_capacity(matches.len());
        let retrieve_url_opening = format!(",{},\"Value\":[", open_attribute(Attribute::RetrieveUrl.tag(), "UR"));
        let request_attributes_opening = format!(",{},\"Value\":[", open_attribute(REQUEST_ATTRIBUTES_SEQUENCE, "SQ"));
        let mut url = String::new();
        for answer in matches {
            let mut out = Vec::with_capacity(1024);
            let mut values: [Option<&Value>; Attribute::ALL.len()] = [None; Attribute::ALL.len()];
            for (attribute, value) in &answer.values {
                values[*attribute as usize] = Some(value);
            }
            out.extend_from_slice(CHARACTER_SET.as_bytes());
            write_columns(&mut out, &self.before_retrieve_url, &values);
            out.extend_from_slice(retrieve_url_opening.as_bytes());
            retrieve_url(&mut url, answer, level, base);
            write_string(&mut out, &url);
            out.extend_from_slice(b"]}");
            write_columns(&mut out, &self.after_retrieve_url, &values);
            self.write_request_attributes(&mut out, &answer.request_attributes, &request_attributes_opening);
            write_columns(&mut out, &self.after_request_attributes, &values);
            out.push(b'}');
            documents.push(out);
        }
        documents
    }

    /// Every item that has one of the attributes that are returned.
    fn write_request_attributes(&self, out: &mut Vec<u8>, items: &[RequestAttributes], opening: &str) {
        let start = out.len();
        let mut before = opening;
        for item in items {
            let mut before_attribute = "{";
            for column in &self.request_attributes {
                let Some((attribute, text)) = item.iter().find(|(attribute, _)| *attribute == column.attribute) else { continue };
                out.extend_from_slice(std::mem::take(&mut before).as_bytes());
                out.extend_from_slice(std::mem::replace(&mut before_attribute, ",").as_bytes());
                out.extend_from_slice(column.opening.as_bytes());
                write_value(out, *attribute, &Value::Text(text.clone()));
                out.push(b'}');
            }
            if before_attribute == "," {
                out.push(b'}');
                before = ",";
            }
        }
        if out.len() > start {
            out.extend_from_slice(b"]}");
        }
    }
}

fn write_columns(out: &mut Vec<u8>, columns: &[Column], values: &[Option<&Value>]) {
    for column in columns {
        match values[column.attribute as usize] {
            None if !column.is_required => {}
            value => {
                out.extend_from_slice(column.opening.as_bytes());
                if let Some(value) = value {
                    write_value(out, column.attribute, value);
                }
                out.push(b'}');
            }
        }
    }
}

/// The address of what was found.
fn retrieve_url(url: &mut String, answer: &Match, level: QueryRetrieveLevel, base: &BaseUrl) {
    url.clear();
    url.push_str(base.as_str());
    let parts = [
        (QueryRetrieveLevel::Study, "studies", Attribute::StudyInstanceUid),
        (QueryRetrieveLevel::Series, "series", Attribute::SeriesInstanceUid),
        (QueryRetrieveLevel::Instance, "instances", Attribute::SopInstanceUid),
    ];
    for (_, word, attribute) in parts.into_iter().filter(|(of, ..)| *of <= level) {
        write!(url, "/{word}/{}", answer.text(attribute).unwrap_or_default()).expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DicomwebConfig;

    fn answer() -> Match {
        let text = |text: &str| Value::Text(text.to_owned());
        Match {
            values: vec![
                (Attribute::PatientName, text("Nguyễn^Văn An")),
                (Attribute::ModalitiesInStudy, Value::TextList(vec!["CT".to_owned()])),
                (Attribute::StudyInstanceUid, text("1.2")),
                (Attribute::SeriesInstanceUid, text("1.2.3")),
                (Attribute::SopInstanceUid, text("1.2.3.4")),
                (Attribute::StudyDescription, text("CT")),
                (Attribute::NumberOfStudyRelatedSeries, Value::Number(2)),
                (Attribute::SeriesNumber, Value::Number(7)),
                (Attribute::Rows, Value::Number(512)),
            ],
            request_attributes: vec![
                vec![(Attribute::ScheduledProcedureStepId, "sps".to_owned()), (Attribute::RequestedProcedureId, "rp".to_owned())],
                vec![(Attribute::RequestedProcedureId, "rp2".to_owned())],
            ],
        }
    }

    fn written(level: QueryRetrieveLevel, in_study: bool, in_series: bool, query: &str) -> serde_json::Value {
        let config = DicomwebConfig { public_origin: Some("http://h".to_owned()), ..DicomwebConfig::default() };
        let pairs = query_parameters::decode(Some(query), 1000).expect("pairs");
        let include = query_parameters::search(level, None, None, &pairs, &config, &[]).expect("a search").include;
        let columns = Columns::of(level, in_study, in_series, &include);
        let body = columns.write(&[answer(), answer()], level, &BaseUrl::for_tests("http://h/dicom-web"));
        assert_eq!(body.len(), 2);
        serde_json::from_slice(&body[0]).expect("JSON")
    }

    fn tags(value: &serde_json::Value) -> Vec<&str> {
        value.as_object().expect("an object").keys().map(String::as_str).collect()
    }

    #[test]
    fn a_study_has_the_attributes_of_its_table() {
        let study = written(QueryRetrieveLevel::Study, false, false, "");
        assert_eq!(
            tags(&study),
            [
                "00080005", "00080020", "00080030", "00080050", "00080061", "00080090", "00081190", "00100010", "00100020",
                "00100030", "00100040", "0020000D", "00200010", "00201206", "00201208"
            ]
        );
        assert_eq!(study["00081190"]["Value"][0], "http://h/dicom-web/studies/1.2");
        assert_eq!(study["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn An");
        assert_eq!(study["00201206"], serde_json::json!({"vr": "IS", "Value": [2]}));
        assert_eq!(study["00080020"], serde_json::json!({"vr": "DA"}));
    }

    #[test]
    fn series_and_instances_repeat_what_their_path_does_not_say() {
        let below_study = written(QueryRetrieveLevel::Series, true, false, "");
        assert_eq!(
            tags(&below_study),
            ["00080005", "00080060", "00081190", "0020000D", "0020000E", "00200011", "00201209", "00400275"]
        );
        assert_eq!(below_study["00081190"]["Value"][0], "http://h/dicom-web/studies/1.2/series/1.2.3");
        assert_eq!(
            below_study["00400275"]["Value"],
            serde_json::json!([
                {"00400009": {"vr": "SH", "Value": ["sps"]}, "00401001": {"vr": "SH", "Value": ["rp"]}},
                {"00401001": {"vr": "SH", "Value": ["rp2"]}}
            ])
        );
        assert!(tags(&written(QueryRetrieveLevel::Series, false, false, "")).contains(&"00100010"));

        let below_series = written(QueryRetrieveLevel::Instance, true, true, "");
        assert_eq!(
            tags(&below_series),
            ["00080005", "00080016", "00080018", "00081190", "0020000D", "0020000E", "00200013", "00280010"]
        );
        assert!(tags(&written(QueryRetrieveLevel::Instance, true, false, "")).contains(&"00080060"));
        assert!(tags(&written(QueryRetrieveLevel::Instance, false, false, "")).contains(&"00100010"));
    }

    #[test]
    fn included_and_matched_attributes_of_the_level_and_above_are_returned() {
        let study = written(QueryRetrieveLevel::Study, false, false, "includefield=StudyDescription,Modality&PatientSex=&Rows=1");
        assert_eq!(study["00081030"]["Value"][0], "CT");
        assert_eq!(study.get("00080060"), None);
        assert_eq!(study.get("00280010"), None);
        let series = written(QueryRetrieveLevel::Series, true, false, "includefield=PatientName,InstitutionName");
        assert_eq!(series["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn An");
        assert_eq!(series["00080080"], serde_json::json!({"vr": "LO"}));
        assert!(tags(&written(QueryRetrieveLevel::Study, false, false, "includefield=all")).contains(&"00081030"));
        assert!(!tags(&written(QueryRetrieveLevel::Study, false, false, "includefield=all")).contains(&"00200011"));
    }
}
