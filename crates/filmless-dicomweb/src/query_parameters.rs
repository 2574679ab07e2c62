//! Query strings: taken apart, and those of searches read into a [`Query`] (PS3.18 section 8.3.4, Search Query
//! Parameters). A parameter that cannot be honoured is named in the answer, never dropped in silence: a filter that
//! is ignored shows the wrong patient's studies.

pub mod further;

use filmless_dicom::dictionary;
use filmless_dicom::match_key::{self, EMPTY_VALUE, ENDS_BEFORE_IT_BEGINS, Extended, ends_before_it_begins};
use filmless_model::attribute::{Attribute, Level, REQUEST_ATTRIBUTES_SEQUENCE, Tag, Vr};
use filmless_model::further::FurtherAttribute;
use filmless_model::module;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};

use crate::config::DicomwebConfig;
use crate::problem::{NOT_SEARCHED_BY, Problem};
use further::Further;

/// The most parameters of one query string.
const MAX_PARAMETERS: usize = 512;

/// The keyword of the only sequence that is searched.
const REQUEST_ATTRIBUTES_KEYWORD: &str = "RequestAttributesSequence";

/// The pairs of a query string, decoded.
pub type Pairs = Vec<(String, String)>;

/// Decodes a query string. Plus signs are spaces in values as browsers' forms write them, except in `accept` and
/// `contentType`, whose media types have them, and in time zones.
pub fn decode(query: Option<&str>, max_bytes: usize) -> Result<Pairs, Problem> {
    let query = query.unwrap_or_default();
    if query.len() > max_bytes {
        return Err(Problem::QueryTooLong { limit: max_bytes });
    }
    let mut pairs = Pairs::new();
    for piece in query.split('&').filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let not_text = || Problem::bad_parameter(name, "it is not percent-encoded UTF-8");
        let name = percent_decode(name, true).ok_or_else(not_text)?;
        let plus_is_plus = ["accept", "contentType", "TimezoneOffsetFromUTC", "00080201"].contains(&name.as_str());
        let value = percent_decode(value, !plus_is_plus).ok_or_else(not_text)?;
        if pairs.len() == MAX_PARAMETERS {
            return Err(Problem::bad_parameter(&name, format!("there are more than {MAX_PARAMETERS} parameters")));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// The first value of a parameter.
pub fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

fn percent_decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'%' => {
                let digit = |place: usize| char::from(*rest.get(place)?).to_digit(16);
                let code = digit(0)? * 16 + digit(1)?;
                bytes.push(u8::try_from(code).ok()?);
                rest = rest.get(2..)?;
            }
            b'+' if plus_is_space => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Which attributes an answer has besides those that every answer of its path has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Include {
    /// `includefield=all`.
    pub all: bool,
    /// Those named, and those of the match keys.
    pub attributes: Vec<Attribute>,
    /// Those that the headers of the instances have.
    pub further: Further,
}

/// A search as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchParameters {
    /// What the archive is asked. Its limit is the page's.
    pub query: Query,
    /// What is returned of each answer.
    pub include: Include,
    /// Whether the number of all answers is asked for, by `count=true`.
    pub count: bool,
    /// Texts for `Warning: 299`.
    pub warnings: Vec<String>,
}

/// Reads the parameters of a search below `study` and `series`.
pub fn search(
    level: QueryRetrieveLevel,
    study: Option<StudyInstanceUid>,
    series: Option<SeriesInstanceUid>,
    pairs: &Pairs,
    config: &DicomwebConfig,
    indexed: &[FurtherAttribute],
) -> Result<SearchParameters, Problem> {
    let limit_by_default = config.default_results.min(config.max_results);
    // Combined matching of dates and times is what this transaction does (PS3.18 section 10.6.2, Behavior).
    let mut query = Query { study, series, limit: limit_by_default, combined_date_times: true, ..Query::new(level) };
    let extended =
        Extended { empty_values: flag(pairs, "emptyvaluematching")?, multiple_values: flag(pairs, "multiplevaluematching")? };
    let (mut include, mut count, mut warnings) = (Include::default(), false, Vec::new());
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut further_keys = Vec::new();
    for (name, text) in pairs {
        let repeatable = matches!(name.as_str(), "includefield" | "accept");
        if !repeatable && seen.iter().any(|(n, _)| n == name) {
            if seen.contains(&(name.as_str(), text.as_str())) {
                continue;
            }
            return Err(Problem::bad_parameter(name, "it is given more than once with different values"));
        }
        seen.push((name, text));
        match name.as_str() {
            "limit" => query.limit = limit(name, text, config.max_results)?,
            "offset" => query.offset = number(name, text, i64::MAX.unsigned_abs())?,
            "fuzzymatching" => query.fuzzy_matching = boolean(name, text)?,
            "count" => count = boolean(name, text)?,
            "includefield" => include_fields(name, text, &mut include)?,
            "emptyvaluematching" | "multiplevaluematching" | "accept" | "charset" => {}
            _ => match attribute(name) {
                // It says what zone the other keys are of and is not matched itself (PS3.4 section C.2.2.2, Attribute Matching).
                Key::Indexed(Attribute::TimezoneOffsetFromUtc) => {
                    if query.time_zone.is_some() {
                        return Err(Problem::bad_parameter(name, "the attribute is given more than once"));
                    }
                    query.time_zone = match_key::time_zone(text).map_err(|reason| Problem::bad_parameter(name, reason))?;
                    include.attributes.push(Attribute::TimezoneOffsetFromUtc);
                }
                Key::Indexed(attribute) => {
                    if query.matches.iter().any(|(a, _)| *a == attribute) {
                        return Err(Problem::bad_parameter(name, "the attribute is given more than once"));
                    }
                    if let Some(matching) =
                        match_key::parse(attribute, text, extended).map_err(|reason| Problem::bad_parameter(name, reason))?
                    {
                        query.matches.push((attribute, matching));
                    }
                    include.attributes.push(attribute);
                }
                Key::RequestAttributes => {
                    let empty = extended.empty_values && text == EMPTY_VALUE;
                    if !empty && !text.is_empty() {
                        return Err(Problem::bad_parameter(name, "a sequence is matched by an attribute of its items"));
                    }
                    for attribute in request_attributes() {
                        query.matches.extend(empty.then_some((attribute, Matching::Empty)));
                        include.attributes.push(attribute);
                    }
                }
                Key::Further(path) => match path.as_slice() {
                    [tag] if tag.is_private_creator() => include.further.creators.push((*tag, text.trim().to_owned())),
                    path => {
                        include.further.tags.extend(path.first());
                        further_keys.push((name, path.to_vec(), text));
                    }
                },
                Key::NotIndexed(reason) => return Err(Problem::unknown_attribute(name, reason)),
                // Not the shape of an attribute: PS3.18 section 8.3.1 lets servers ignore parameters they do not know.
                Key::Other => warnings.push("A query parameter is not supported and was ignored.".to_owned()),
            },
        }
    }
    warnings.dedup();
    check_times(&query, pairs)?;
    for (name, path, text) in further_keys {
        if text.is_empty() {
            continue;
        }
        let attribute = further::named(&path, &include.further.creators, indexed);
        let attribute = attribute.ok_or_else(|| Problem::unknown_attribute(name, NOT_SEARCHED_BY))?;
        if query.further.iter().any(|(a, _)| a == attribute) {
            return Err(Problem::bad_parameter(name, "the attribute is given more than once"));
        }
        let matching = further::parse(attribute.vr(), text, extended, query.time_zone);
        let matching = matching.map_err(|reason| Problem::bad_parameter(name, reason))?;
        query.further.extend(matching.map(|matching| (attribute.clone(), matching)));
    }
    settle_further(level, &query, &mut include);
    Ok(SearchParameters { query, include, count, warnings })
}

/// A range of times may end before it begins only within a range of days.
fn check_times(query: &Query, pairs: &Pairs) -> Result<(), Problem> {
    for (time, _) in query.matches.iter().filter(|(a, matching)| a.vr() == Vr::TM && ends_before_it_begins(matching)) {
        let spans_days = |date: Attribute| match query.combined(date) {
            Some((Matching::Range { from, to }, _)) => from < to,
            _ => false,
        };
        if !query.matches.iter().any(|(date, _)| date.time_beside() == Some(*time) && spans_days(*date)) {
            let named = |name: &&str| matches!(attribute(name), Key::Indexed(attribute) if attribute == *time);
            let name = pairs.iter().map(|(name, _)| name.as_str()).find(named).unwrap_or(time.keyword());
            return Err(Problem::bad_parameter(name, ENDS_BEFORE_IT_BEGINS));
        }
    }
    Ok(())
}

/// Leaves out what is of lower levels, and says which levels `all` is of: what the path says need not be repeated.
fn settle_further(level: QueryRetrieveLevel, query: &Query, include: &mut Include) {
    include.further.tags.retain(|tag| is_returned(level, module::level(*tag)));
    if include.all {
        include.further.all = Some(match level {
            QueryRetrieveLevel::Study => (Level::Patient, Level::Study),
            QueryRetrieveLevel::Series if query.study.is_some() => (Level::Series, Level::Series),
            QueryRetrieveLevel::Series => (Level::Patient, Level::Series),
            QueryRetrieveLevel::Instance if query.series.is_some() => (Level::Instance, Level::Instance),
            QueryRetrieveLevel::Instance if query.study.is_some() => (Level::Series, Level::Instance),
            QueryRetrieveLevel::Instance => (Level::Patient, Level::Instance),
        });
    }
}

/// Whether a parameter is there and true.
fn flag(pairs: &Pairs, name: &str) -> Result<bool, Problem> {
    value(pairs, name).map_or(Ok(false), |text| boolean(name, text))
}

fn boolean(name: &str, text: &str) -> Result<bool, Problem> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Problem::bad_parameter(name, "it is true or false")),
    }
}

fn number(name: &str, text: &str, largest: u64) -> Result<u64, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = digits.then(|| text.parse().ok()).flatten().filter(|value| *value <= largest);
    value.ok_or_else(|| Problem::bad_parameter(name, format!("it is a whole number from 0 to {largest}")))
}

/// A limit above the maximum is no mistake: the answer is cut and says so (PS3.18 section 8.3.4.4, Result Paging).
fn limit(name: &str, text: &str, maximum: u32) -> Result<u32, Problem> {
    if !text.is_empty() && text.len() > 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(maximum);
    }
    let value = number(name, text, u64::from(u32::MAX))?;
    Ok(u32::try_from(value).unwrap_or(maximum).min(maximum))
}

fn include_fields(name: &str, text: &str, include: &mut Include) -> Result<(), Problem> {
    for field in text.split(',').map(str::trim).filter(|field| !field.is_empty()) {
        if field == "all" {
            include.all = true;
            continue;
        }
        match attribute(field) {
            Key::Indexed(attribute) => include.attributes.push(attribute),
            // The sequence itself stands for what is known of its items.
            Key::RequestAttributes => include.attributes.extend(request_attributes()),
            Key::Further(path) => include.further.tags.extend(path.first()),
            // Only what the server supports is returned (PS3.18 section 10.6.3.3).
            Key::NotIndexed(_) => {}
            Key::Other => return Err(Problem::bad_parameter(name, "it lists keywords or tags of attributes, or is all")),
        }
    }
    Ok(())
}

/// What the name of a parameter names.
enum Key {
    Indexed(Attribute),
    /// The sequence as a whole, or more of it than is indexed.
    RequestAttributes,
    /// A path to what may stand in the headers of instances.
    Further(Vec<Tag>),
    /// It has the shape of an attribute; why it is not one that is searched by.
    NotIndexed(&'static str),
    Other,
}

/// Reads `keyword`, `GGGGEEEE`, or a path of those through sequences.
fn attribute(name: &str) -> Key {
    let mut path = name.split('.');
    let (first, second, third) = (path.next().unwrap_or_default(), path.next(), path.next());
    let found = match (second, third) {
        (None, _) => one_attribute(first),
        (Some(second), None) if is_request_attributes(first) => one_attribute(second).filter(|a| a.is_request_attribute()),
        _ => None,
    };
    if let Some(attribute) = found {
        return Key::Indexed(attribute);
    }
    if Attribute::ALL.iter().any(|attribute| attribute.keyword().eq_ignore_ascii_case(name)) {
        return Key::NotIndexed("keywords are written with the standard's capitals, as in PatientName");
    }
    if second.is_none() && is_request_attributes(first) {
        return Key::RequestAttributes;
    }
    let steps: Option<Vec<Tag>> = name.split('.').map(|word| Tag::parse(word).or_else(|| dictionary::tag(word))).collect();
    if let Some(path) = steps
        && path.first().is_some_and(|first| Attribute::from_tag(*first).is_none())
    {
        return Key::Further(path);
    }
    let is_keyword =
        |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let has_shape = |word: &str| Tag::parse(word).is_some() || is_keyword(word);
    if name.split('.').all(has_shape) {
        return Key::NotIndexed(NOT_SEARCHED_BY);
    }
    Key::Other
}

fn one_attribute(word: &str) -> Option<Attribute> {
    Attribute::from_keyword(word).or_else(|| Attribute::from_tag(Tag::parse(word)?))
}

fn request_attributes() -> impl Iterator<Item = Attribute> {
    Attribute::ALL.iter().copied().filter(|attribute| attribute.is_request_attribute())
}

fn is_request_attributes(word: &str) -> bool {
    word == REQUEST_ATTRIBUTES_KEYWORD || Tag::parse(word) == Some(REQUEST_ATTRIBUTES_SEQUENCE)
}

/// The names of the attributes that searches match, which are parameters as well; each may be given by tag.
pub fn match_keys() -> impl Iterator<Item = String> {
    Attribute::ALL.iter().filter(|attribute| match_key::is_matched(**attribute)).map(|attribute| {
        if attribute.is_request_attribute() {
            format!("{REQUEST_ATTRIBUTES_KEYWORD}.{}", attribute.keyword())
        } else {
            attribute.keyword().to_owned()
        }
    })
}

/// Whether an answer of a level has attributes of another (PS3.18 section 10.6.3.3, Response Payload).
pub fn is_returned(level: QueryRetrieveLevel, of: Level) -> bool {
    match level {
        QueryRetrieveLevel::Study => of <= Level::Study,
        QueryRetrieveLevel::Series => of <= Level::Series,
        QueryRetrieveLevel::Instance => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use filmless_model::query::Matching;

    fn read(text: &str) -> Result<SearchParameters, Problem> {
        let config = DicomwebConfig { max_results: 500, default_results: 50, ..DicomwebConfig::default() };
        let pairs = decode(Some(text), config.max_query_bytes)?;
        search(QueryRetrieveLevel::Study, None, None, &pairs, &config, &indexed())
    }

    fn indexed() -> Vec<FurtherAttribute> {
        let names = ["AcquisitionDateTime", "SliceThickness", "ImageType", "ProcedureCodeSequence.CodeValue", "0009xx01:LO:ACME"];
        names.iter().map(|name| filmless_dicom::further::parse(name).expect(name)).collect()
    }

    fn matches(text: &str) -> Vec<(Attribute, Matching)> {
        read(text).unwrap_or_else(|problem| panic!("{text}: {problem}")).query.matches
    }

    #[test]
    fn keys_are_keywords_tags_and_paths() {
        let single = |text: &str| Matching::Single(text.to_owned());
        for (text, expected) in [
            ("PatientID=1", vec![(Attribute::PatientId, single("1"))]),
            ("00100020=1", vec![(Attribute::PatientId, single("1"))]),
            ("0020000d=1.2", vec![(Attribute::StudyInstanceUid, single("1.2"))]),
            ("PatientID=", vec![]),
            ("PatientID", vec![]),
            ("PatientID=a%20b+c", vec![(Attribute::PatientId, single("a b c"))]),
            ("RequestAttributesSequence.ScheduledProcedureStepID=s", vec![(Attribute::ScheduledProcedureStepId, single("s"))]),
            ("00400275.00400009=s", vec![(Attribute::ScheduledProcedureStepId, single("s"))]),
            ("00400275.RequestedProcedureID=s", vec![(Attribute::RequestedProcedureId, single("s"))]),
            (
                "StudyTime=22-06&StudyDate=20260101-20260103",
                vec![
                    (Attribute::StudyTime, Matching::Range { from: Some("220000".into()), to: Some("065959.999999".into()) }),
                    (Attribute::StudyDate, Matching::Range { from: Some("20260101".into()), to: Some("20260103".into()) }),
                ],
            ),
            ("RequestAttributesSequence=", vec![]),
            (
                "RequestAttributesSequence=\"\"&emptyvaluematching=true",
                vec![(Attribute::ScheduledProcedureStepId, Matching::Empty), (Attribute::RequestedProcedureId, Matching::Empty)],
            ),
            ("PatientID=1&PatientID=1&&", vec![(Attribute::PatientId, single("1"))]),
        ] {
            assert_eq!(matches(text), expected, "{text}");
        }
    }

    #[test]
    fn further_attributes_are_keys_once_they_are_indexed() {
        let of = |text: &str| {
            let query = read(text).unwrap_or_else(|problem| panic!("{text}: {problem}")).query;
            query.further.iter().map(|(attribute, _)| attribute.name()).collect::<Vec<_>>()
        };
        assert_eq!(of("SliceThickness=1.5&00080008=AXIAL"), ["00180050:DS", "00080008:CS"]);
        assert_eq!(of("ProcedureCodeSequence.CodeValue=A&SliceThickness="), ["00081032.00080100:SH"]);
        assert_eq!(of("00091101=x&00090011=ACME"), ["0009xx01:LO:ACME"]);
        assert!(of("SliceThickness=*").is_empty());
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_by_name() {
        for (text, parameter) in [
            ("PatientWeight=70", "PatientWeight"),
            ("SliceThickness=thin", "SliceThickness"),
            ("SliceThickness=2-1", "SliceThickness"),
            ("SliceThickness=1&00180050=1.0", "00180050"),
            ("AcquisitionDateTime=yesterday", "AcquisitionDateTime"),
            ("ProcedureCodeSequence.CodeMeaning=x", "ProcedureCodeSequence.CodeMeaning"),
            ("00091101=x", "00091101"),
            ("00091101=x&00090011=OTHER", "00091101"),
            ("00101030=70", "00101030"),
            ("patientname=x", "patientname"),
            ("00400275.00100020=x", "00400275.00100020"),
            ("PatientID.StudyID=x", "PatientID.StudyID"),
            ("PatientID=1&PatientID=2", "PatientID"),
            ("PatientID=1&00100020=2", "00100020"),
            ("PatientID=%ff", "PatientID"),
            ("PatientID=%4", "PatientID"),
            ("limit=-1", "limit"),
            ("limit=", "limit"),
            ("limit=ten", "limit"),
            ("offset=1.5", "offset"),
            ("offset=9223372036854775808", "offset"),
            ("fuzzymatching=yes", "fuzzymatching"),
            ("includefield=%3Cscript%3E", "includefield"),
            ("StudyDate=20261301", "StudyDate"),
            ("00080030=22-06", "00080030"),
            ("StudyTime=22-06&StudyDate=20260101", "StudyTime"),
            ("StudyTime=22-06&StudyDate=20260101-20260101", "StudyTime"),
            ("RequestAttributesSequence=x", "RequestAttributesSequence"),
            ("TimezoneOffsetFromUTC=07:00", "TimezoneOffsetFromUTC"),
            ("TimezoneOffsetFromUTC=+0700&00080201=+0800", "00080201"),
        ] {
            let problem = read(text).expect_err(text);
            let (Problem::BadParameter { name, .. } | Problem::UnknownAttribute { name, .. }) = problem else {
                panic!("{text}: {problem}");
            };
            assert_eq!(name, parameter, "{text}");
        }
        let long = "x".repeat(DicomwebConfig::default().max_query_bytes + 1);
        assert!(matches!(read(&long), Err(Problem::QueryTooLong { .. })));
        assert!(read(&"a=1&".repeat(MAX_PARAMETERS + 1)).is_err());
    }

    #[test]
    fn paging_and_flags_are_read() {
        let parameters = read("limit=10&offset=20&fuzzymatching=true&count=true").expect("a search");
        assert_eq!((parameters.query.limit, parameters.query.offset), (10, 20));
        assert!(parameters.query.fuzzy_matching && parameters.count);
        assert_eq!(read("").expect("a search").query.limit, 50);
        assert_eq!(read("limit=501").expect("a search").query.limit, 500);
        assert_eq!(read("limit=99999999999999999999").expect("a search").query.limit, 500);
        assert_eq!(read("limit=0").expect("a search").query.limit, 0);
        assert_eq!(read("_=17&emptyvaluematching=true&multiplevaluematching=true").expect("a search").warnings.len(), 1);
        assert!(read("emptyvaluematching=maybe").is_err());
    }

    #[test]
    fn included_fields_are_listed_or_repeated_and_unknown_ones_are_passed_over() {
        let include = |text: &str| read(text).expect("a search").include;
        assert_eq!(
            include("includefield=StudyDescription,00080060&includefield=PatientWeight&includefield=00400275").attributes,
            [
                Attribute::StudyDescription,
                Attribute::Modality,
                Attribute::ScheduledProcedureStepId,
                Attribute::RequestedProcedureId
            ]
        );
        assert!(include("includefield=all").all);
        assert_eq!(include("includefield=all").further.all, Some((Level::Patient, Level::Study)));
        let tags = |text: &str| include(text).further.tags;
        assert_eq!(
            tags("includefield=PatientWeight,00101020&includefield=ProcedureCodeSequence.CodeValue&Occupation="),
            [Tag(0x0010, 0x1030), Tag(0x0010, 0x1020), Tag(0x0008, 0x1032), Tag(0x0010, 0x2180),]
        );
        assert_eq!(tags("includefield=SliceThickness,ProtocolName,NoSuchThing"), []);
        let private = include("includefield=00091001&00090010=ACME");
        assert_eq!((private.further.tags, private.further.creators), (vec![], vec![(Tag(0x0009, 0x0010), "ACME".to_owned())]));
        assert_eq!(include("Modality=CT").attributes, [Attribute::Modality]);
    }

    #[test]
    fn accept_keeps_its_plus_signs() {
        let pairs = decode(Some("accept=application/dicom+json&x=a+b"), 100).expect("pairs");
        assert_eq!((value(&pairs, "accept"), value(&pairs, "x")), (Some("application/dicom+json"), Some("a b")));
    }
}
