//! C-FIND of the Query/Retrieve Service Class (PS3.7 section 9.1.2, PS3.4 section C.4.1): a search with its answers.
//!
//! The same searches as those of the web door. A key that cannot be read is a failure and never ignored: a filter that is
//! ignored shows the wrong patient's studies. A key that is not supported is answered empty, and the status says so.

use filmless_archive::ArchiveError;
use filmless_dicom::identifier::{self, Answer, AnswerValue, Key, KeyValue};
use filmless_dicom::match_key::{self, Extended};
use filmless_model::attribute::{Attribute, REQUEST_ATTRIBUTES_SEQUENCE, Tag, Value, Vr};
use filmless_model::query::{Match, Matching, PatientMatch, Query, QueryRetrieveLevel};
use filmless_model::record::RequestAttributes;
use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::message::End;
use crate::negotiation::{Model, QueryOptions, Service};
use crate::services::query_keys::{self, PAGE, QUERY_RETRIEVE_LEVEL, UNIQUE};
use crate::services::{Caller, Exchange};
use crate::status::Status;

pub(super) const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const RETRIEVE_AE_TITLE: Tag = Tag(0x0008, 0x0054);
/// Number of Patient Related Studies, Series and Instances, which are derived for an answer and no attributes of the index.
const PATIENT_RELATED: [Tag; 3] = [Tag(0x0020, 0x1200), Tag(0x0020, 0x1202), Tag(0x0020, 0x1204)];

/// Searches, and sends an answer for everything that is found. A search that comes to nothing is a success.
pub(crate) async fn perform<S>(caller: Caller<'_>, exchange: &mut Exchange<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Service::Find(model, options) = caller.context.service else { return Ok(Status::unrecognised_operation()) };
    let keys = match query_keys::read(caller, exchange).await? {
        Ok(keys) => keys,
        Err(status) => return Ok(status),
    };
    let search = match Search::of(&keys, model, options) {
        Ok(search) => search,
        Err(status) => return Ok(status),
    };
    let status = answer(caller, search, exchange).await?;
    exchange.flush().await?;
    Ok(status)
}

async fn answer<S>(caller: Caller<'_>, mut search: Search, exchange: &mut Exchange<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let pending = if search.lacks_keys { Status::PENDING_WITHOUT_SOME_KEYS } else { Status::PENDING };
    loop {
        let answers = match search.page(caller).await {
            Ok(answers) => answers,
            Err(ArchiveError::Forbidden(_)) => return Ok(Status::not_authorised()),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot search");
                return Ok(Status::out_of_resources("the search failed"));
            }
        };
        let is_last = answers.len() < PAGE as usize;
        search.query.offset += answers.len() as u64;
        for answer in answers {
            let Some(identifier) = identifier::write(&answer, &caller.context.transfer_syntax) else {
                return Ok(Status::unable_to_process("an answer cannot be written"));
            };
            exchange.answer(&pending, &identifier).await?;
        }
        if exchange.is_cancelled().await? {
            return Ok(Status::CANCELLED);
        }
        if is_last {
            return Ok(Status::SUCCESS);
        }
    }
}

/// What an identifier asks for.
#[derive(Debug)]
struct Search {
    /// Whether patients are searched, by the keys of their studies.
    of_patients: bool,
    query: Query,
    returned: Vec<Returned>,
    /// Whether there are keys that are not supported.
    lacks_keys: bool,
}

/// An attribute of the answers.
#[derive(Debug)]
enum Returned {
    Found(Attribute),
    /// The sequence, with these attributes in each item.
    RequestAttributes(Vec<Attribute>),
    /// One of [`PATIENT_RELATED`], by its place there.
    PatientRelated(usize),
    Unsupported(Key),
}

impl Search {
    /// Reads the keys (PS3.4 section C.4.1.2, C-FIND SCU Behavior).
    fn of(keys: &[Key], model: Model, options: QueryOptions) -> Result<Self, Status> {
        let level = query_keys::level(keys, model)?;
        let mut search = Self {
            of_patients: level.is_none(),
            query: Query {
                fuzzy_matching: options.fuzzy_matching,
                combined_date_times: options.combined_date_times,
                limit: PAGE,
                ..Query::new(level.unwrap_or(QueryRetrieveLevel::Study))
            },
            returned: Vec::new(),
            lacks_keys: false,
        };
        for key in keys.iter().filter(|key| key.tag.1 != 0) {
            search.take(key, options)?;
        }
        if search.query.matches.iter().any(|(_, matching)| match_key::ends_before_it_begins(matching))
            && !options.combined_date_times
        {
            return Err(Status::unable_to_process(match_key::ENDS_BEFORE_IT_BEGINS));
        }
        search.place(model, options)?;
        Ok(search)
    }

    fn take(&mut self, key: &Key, options: QueryOptions) -> Result<(), Status> {
        if [SPECIFIC_CHARACTER_SET, QUERY_RETRIEVE_LEVEL, RETRIEVE_AE_TITLE].contains(&key.tag) {
            return Ok(());
        }
        let attribute = Attribute::from_tag(key.tag).filter(|attribute| !attribute.is_request_attribute());
        if self.of_patients
            && let Some(place) = PATIENT_RELATED.iter().position(|tag| *tag == key.tag)
        {
            self.returned.push(Returned::PatientRelated(place));
            return Ok(());
        }
        match (attribute, &key.value) {
            (Some(attribute), KeyValue::Text(text)) if attribute != Attribute::RetrieveUrl => {
                self.returned.push(Returned::Found(attribute));
                self.take_matching(attribute, text, options)
            }
            (None, KeyValue::Items(items)) if key.tag == REQUEST_ATTRIBUTES_SEQUENCE && items.len() <= 1 => {
                let mut within = Vec::new();
                for inner in items.iter().flatten() {
                    match (Attribute::from_tag(inner.tag).filter(|attribute| attribute.is_request_attribute()), &inner.value) {
                        (Some(attribute), KeyValue::Text(text)) => {
                            within.push(attribute);
                            self.take_matching(attribute, text, options)?;
                        }
                        _ => self.lacks_keys = true,
                    }
                }
                if within.is_empty() {
                    within.extend(Attribute::ALL.iter().filter(|attribute| attribute.is_request_attribute()));
                }
                self.returned.push(Returned::RequestAttributes(within));
                Ok(())
            }
            _ => {
                self.lacks_keys = true;
                self.returned.push(Returned::Unsupported(key.clone()));
                Ok(())
            }
        }
    }

    fn take_matching(&mut self, attribute: Attribute, text: &str, options: QueryOptions) -> Result<(), Status> {
        let wrong = |reason: String| Status::unable_to_process(&format!("{}: {reason}", attribute.keyword()));
        if attribute == Attribute::TimezoneOffsetFromUtc {
            if options.time_zone_adjusted {
                self.query.time_zone = match_key::time_zone(text).map_err(wrong)?;
            }
            return Ok(());
        }
        if !match_key::is_matched(attribute) {
            self.lacks_keys |= !match_key::is_universal(match_key::trimmed(text));
            return Ok(());
        }
        let matching = match_key::parse(attribute, text, Extended::default()).map_err(wrong)?;
        self.query.matches.extend(matching.map(|matching| (attribute, matching)));
        Ok(())
    }

    /// Settles where is searched. Without relational queries the unique keys of the levels above say it (PS3.4 section
    /// C.4.1.2.1, Baseline Behavior of SCU).
    fn place(&mut self, model: Model, options: QueryOptions) -> Result<(), Status> {
        let single = |attribute: Attribute, matches: &[(Attribute, Matching)]| {
            matches.iter().find_map(|(found, matching)| match matching {
                Matching::Single(uid) if *found == attribute => Some(uid.clone()),
                _ => None,
            })
        };
        let study = single(Attribute::StudyInstanceUid, &self.query.matches);
        let series = single(Attribute::SeriesInstanceUid, &self.query.matches);
        let patient = single(Attribute::PatientId, &self.query.matches);
        if model == Model::PatientRoot && !self.of_patients && patient.is_none() && !options.relational {
            return Err(Status::identifier_does_not_match("one Patient ID is needed at this level"));
        }
        let lacks = |level, uid: &Option<String>| self.query.level > level && uid.is_none() && !options.relational;
        if lacks(QueryRetrieveLevel::Study, &study) {
            return Err(Status::identifier_does_not_match("one Study Instance UID is needed at this level"));
        }
        if lacks(QueryRetrieveLevel::Series, &series) {
            return Err(Status::identifier_does_not_match("one Series Instance UID is needed at this level"));
        }
        if self.query.level > QueryRetrieveLevel::Study {
            self.query.study = study.and_then(|uid| StudyInstanceUid::parse(&uid).ok());
        }
        if self.query.level > QueryRetrieveLevel::Series {
            self.query.series = series.and_then(|uid| SeriesInstanceUid::parse(&uid).ok());
        }
        Ok(())
    }

    /// The answers of the next page.
    async fn page(&self, caller: Caller<'_>) -> Result<Vec<Vec<Answer>>, ArchiveError> {
        let ae_title = caller.config.ae_title.as_str();
        if self.of_patients {
            let found = caller.archive.search_patients(caller.actor, &self.query).await?;
            return Ok(found.iter().map(|found| self.answer(&found.patient, Some(found), ae_title)).collect());
        }
        let found = caller.archive.search(caller.actor, &self.query).await?;
        Ok(found.iter().map(|found| self.answer(found, None, ae_title)).collect())
    }

    /// An answer: what was asked for, the unique keys, and where it can be retrieved from.
    fn answer(&self, found: &Match, patient: Option<&PatientMatch>, ae_title: &str) -> Vec<Answer> {
        let (level, unique) = match self.query.level {
            _ if self.of_patients => ("PATIENT", &UNIQUE[..1]),
            QueryRetrieveLevel::Study => ("STUDY", &UNIQUE[1..2]),
            QueryRetrieveLevel::Series => ("SERIES", &UNIQUE[1..3]),
            QueryRetrieveLevel::Instance => ("IMAGE", &UNIQUE[1..]),
        };
        let text = |tag: Tag, vr, text: &str| Answer { tag, vr, value: AnswerValue::Text(text.to_owned()) };
        let mut answers =
            vec![text(QUERY_RETRIEVE_LEVEL, dicom_core::VR::CS, level), text(RETRIEVE_AE_TITLE, dicom_core::VR::AE, ae_title)];
        answers.extend(unique.iter().map(|attribute| value(*attribute, found)));
        for returned in &self.returned {
            match returned {
                Returned::Found(attribute) if unique.contains(attribute) => {}
                Returned::Found(attribute) => answers.push(value(*attribute, found)),
                Returned::RequestAttributes(within) => {
                    let items = found.request_attributes.iter().map(|item| request_attributes(within, item)).collect();
                    let (tag, vr) = (REQUEST_ATTRIBUTES_SEQUENCE, dicom_core::VR::SQ);
                    answers.push(Answer { tag, vr, value: AnswerValue::Items(items) });
                }
                Returned::PatientRelated(place) => answers.extend(patient.map(|patient| {
                    let count = [patient.studies, patient.series, patient.instances][*place];
                    let value = AnswerValue::Number(i64::try_from(count).unwrap_or(i64::MAX));
                    Answer { tag: PATIENT_RELATED[*place], vr: dicom_core::VR::IS, value }
                })),
                Returned::Unsupported(key) => answers.push(Answer { tag: key.tag, vr: key.vr, value: AnswerValue::Empty }),
            }
        }
        answers
    }
}

fn value(attribute: Attribute, found: &Match) -> Answer {
    let value = found.values.iter().find(|(of, _)| *of == attribute).map(|(_, value)| value);
    let value = match value {
        None => AnswerValue::Empty,
        Some(Value::Text(text)) => AnswerValue::Text(text.clone()),
        Some(Value::Number(number)) => AnswerValue::Number(*number),
        Some(Value::TextList(list)) => AnswerValue::Text(list.join("\\")),
    };
    Answer { tag: attribute.tag(), vr: representation(attribute.vr()), value }
}

fn request_attributes(within: &[Attribute], item: &RequestAttributes) -> Vec<Answer> {
    let answer = |attribute: &Attribute| {
        let text = item.iter().find(|(of, _)| of == attribute).map(|(_, text)| text.clone());
        let value = text.map_or(AnswerValue::Empty, AnswerValue::Text);
        Answer { tag: attribute.tag(), vr: representation(attribute.vr()), value }
    };
    within.iter().map(answer).collect()
}

pub(super) fn representation(vr: Vr) -> dicom_core::VR {
    vr.as_str().parse().expect("the two letters of a representation")
}
