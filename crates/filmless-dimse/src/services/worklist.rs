//! C-FIND of the Modality Worklist Information Model (PS3.4 annex K, Basic Worklist Management Service): the steps of orders
//! that wait for a machine, one answer for each.
//!
//! As in the other models, a key that cannot be read is a failure and never ignored. Where a date and a time are ranges both,
//! they are one range of moments (PS3.4 table K.6-1).

use filmless_archive::ArchiveError;
use filmless_dicom::identifier::{Answer, AnswerValue, Key, KeyValue};
use filmless_dicom::match_key::{self, Extended};
use filmless_dicom::{identifier, person_name, text};
use filmless_model::attribute::{Tag, Vr};
use filmless_model::order::attribute::{PROCEDURE_CODE_SEQUENCE, PROTOCOL_CODE_SEQUENCE, STEP_SEQUENCE, STEP_STATUS};
use filmless_model::order::{OrderAttribute, OrderQuery, Place, ScheduledStep, StepStatus};
use filmless_model::peer::{WorklistCharacters, WorklistNames, WorklistOptions};
use filmless_model::query::Matching;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::message::End;
use crate::negotiation::QueryOptions;
use crate::services::c_find::{SPECIFIC_CHARACTER_SET, representation};
use crate::services::query_keys::{self, PAGE};
use crate::services::{Caller, Exchange};
use crate::status::Status;

/// Referenced Study Sequence and Referenced Patient Sequence, which may be asked for and have no items: what they refer to is
/// named by its UID and ID already.
const WITHOUT_ITEMS: [Tag; 2] = [Tag(0x0008, 0x1110), Tag(0x0008, 0x1120)];

/// Finds the steps, and sends an answer for each.
pub(crate) async fn perform<S>(caller: Caller<'_>, options: QueryOptions, exchange: &mut Exchange<'_, S>) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let keys = match query_keys::read(caller, exchange).await? {
        Ok(keys) => keys,
        Err(status) => return Ok(status),
    };
    let search = match Search::of(&keys, options) {
        Ok(search) => search,
        Err(status) => return Ok(status),
    };
    let form = match caller.archive.worklist_options(caller.actor).await {
        Ok(form) => form,
        Err(error) => return Ok(failed(&error)),
    };
    let status = answer(caller, search, form, exchange).await?;
    exchange.flush().await?;
    Ok(status)
}

fn failed(error: &ArchiveError) -> Status {
    if matches!(error, ArchiveError::Forbidden(_)) {
        return Status::not_authorised();
    }
    tracing::error!(error = error as &dyn std::error::Error, "cannot search the worklist");
    Status::out_of_resources("the search failed")
}

async fn answer<S>(
    caller: Caller<'_>,
    mut search: Search,
    form: WorklistOptions,
    exchange: &mut Exchange<'_, S>,
) -> Result<Status, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let pending = if search.lacks_keys { Status::PENDING_WITHOUT_SOME_KEYS } else { Status::PENDING };
    let mut room = form.max_entries.unwrap_or(u32::MAX);
    loop {
        search.query.limit = PAGE.min(room);
        let steps = match caller.archive.search_orders(caller.actor, &search.query).await {
            Ok(steps) => steps,
            Err(error) => return Ok(failed(&error)),
        };
        let found = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        room = room.saturating_sub(found);
        search.query.offset += u64::from(found);
        for step in &steps {
            let answer = search.answer(step, form);
            let Some(identifier) = identifier::write(&answer, &caller.context.transfer_syntax) else {
                return Ok(Status::unable_to_process("an answer cannot be written"));
            };
            exchange.answer(&pending, &identifier).await?;
        }
        if exchange.is_cancelled().await? {
            return Ok(Status::CANCELLED);
        }
        if found < search.query.limit || room == 0 {
            return Ok(Status::SUCCESS);
        }
    }
}

/// What an identifier asks for.
#[derive(Debug)]
struct Search {
    query: OrderQuery,
    returned: Vec<Returned>,
    /// Whether there are keys that are not supported.
    lacks_keys: bool,
}

/// An attribute of the answers.
#[derive(Debug)]
enum Returned {
    Found(OrderAttribute),
    Status,
    /// A sequence of one item with these; of none if none of these has a value.
    Item(Tag, Vec<Returned>),
    Unsupported(Key),
}

impl Search {
    fn of(keys: &[Key], options: QueryOptions) -> Result<Self, Status> {
        let query = OrderQuery {
            matches: Vec::new(),
            statuses: StepStatus::WAITING.to_vec(),
            text: None,
            fuzzy_matching: options.fuzzy_matching,
            limit: PAGE,
            offset: 0,
        };
        let mut search = Self { query, returned: Vec::new(), lacks_keys: false };
        search.returned = search.take_all(keys, Place::Order)?;
        let of = |wanted| search.query.matches.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, matching)| matching);
        let has_days = matches!(of(OrderAttribute::StartDate), Some(Matching::Range { .. }));
        if !has_days && of(OrderAttribute::StartTime).is_some_and(match_key::ends_before_it_begins) {
            return Err(Status::unable_to_process(match_key::ENDS_BEFORE_IT_BEGINS));
        }
        Ok(search)
    }

    fn take_all(&mut self, keys: &[Key], place: Place) -> Result<Vec<Returned>, Status> {
        keys.iter().filter(|key| key.tag.1 != 0 && key.tag != SPECIFIC_CHARACTER_SET).map(|key| self.take(key, place)).collect()
    }

    fn take(&mut self, key: &Key, place: Place) -> Result<Returned, Status> {
        let items = match &key.value {
            KeyValue::Items(items) => Some(items.as_slice()),
            KeyValue::Text(text) if text.is_empty() => Some(&[][..]),
            KeyValue::Text(_) => None,
        };
        let below = match (place, key.tag) {
            (Place::Order, STEP_SEQUENCE) => Some(Place::Step),
            (Place::Order, PROCEDURE_CODE_SEQUENCE) => Some(Place::ProcedureCode),
            (Place::Step, PROTOCOL_CODE_SEQUENCE) => Some(Place::ProtocolCode),
            _ => None,
        };
        if let (Some(below), Some(items)) = (below, items) {
            return match items {
                [] => Ok(Returned::Item(key.tag, everything(below))),
                [item] if item.is_empty() => Ok(Returned::Item(key.tag, everything(below))),
                [item] => Ok(Returned::Item(key.tag, self.take_all(item, below)?)),
                _ => Err(Status::identifier_does_not_match("a sequence of keys has one item")),
            };
        }
        match (&key.value, OrderAttribute::at(place, key.tag)) {
            (KeyValue::Text(text), Some(attribute)) => {
                self.take_matching(attribute, text)?;
                Ok(Returned::Found(attribute))
            }
            (KeyValue::Text(text), None) if place == Place::Step && key.tag == STEP_STATUS => {
                self.take_status(text)?;
                Ok(Returned::Status)
            }
            _ if place == Place::Order && WITHOUT_ITEMS.contains(&key.tag) => Ok(Returned::Item(key.tag, Vec::new())),
            _ => {
                self.lacks_keys = true;
                Ok(Returned::Unsupported(key.clone()))
            }
        }
    }

    fn take_matching(&mut self, attribute: OrderAttribute, text: &str) -> Result<(), Status> {
        let text = match_key::trimmed(text);
        if !match_key::is_universal(text) {
            let matching = match_key::read(attribute.vr(), text, Extended::default())
                .map_err(|reason| Status::unable_to_process(&format!("{}: {reason}", attribute.name())))?;
            self.query.matches.push((attribute, matching));
        }
        Ok(())
    }

    /// Without a key there are the steps that wait; a key may ask for those that have begun, and for no cancelled ones.
    fn take_status(&mut self, text: &str) -> Result<(), Status> {
        let text = match_key::trimmed(text);
        if match_key::is_universal(text) {
            return Ok(());
        }
        let terms = match match_key::read(Vr::CS, text, Extended::default()) {
            Ok(Matching::Single(term)) => vec![term],
            Ok(Matching::List(terms)) => terms,
            _ => return Err(Status::unable_to_process("the status of a step has no wild cards")),
        };
        let is_wanted = |status: &StepStatus| status.term().is_some_and(|term| terms.iter().any(|wanted| wanted == term));
        self.query.statuses = StepStatus::ALL.into_iter().filter(is_wanted).collect();
        Ok(())
    }

    fn answer(&self, found: &ScheduledStep, form: WorklistOptions) -> Vec<Answer> {
        self.returned.iter().map(|returned| value(returned, found, form)).collect()
    }
}

/// All that a sequence has, for one that is asked for without keys.
fn everything(place: Place) -> Vec<Returned> {
    let own = OrderAttribute::ALL.iter().copied().filter(|attribute| attribute.place() == place).map(Returned::Found);
    let mut all: Vec<_> = own.collect();
    if place == Place::Step {
        all.push(Returned::Status);
        all.push(Returned::Item(PROTOCOL_CODE_SEQUENCE, everything(Place::ProtocolCode)));
    }
    all
}

fn value(returned: &Returned, found: &ScheduledStep, form: WorklistOptions) -> Answer {
    let text = |text: Option<String>| text.map_or(AnswerValue::Empty, AnswerValue::Text);
    match returned {
        Returned::Found(attribute) => {
            let words = if attribute.place().is_of_step() { &found.step.words } else { &found.order };
            let value = text(words.get(attribute).map(|text| put(*attribute, text, form)));
            let value = match (attribute.vr(), value) {
                (Vr::US, AnswerValue::Text(number)) => number.parse().map_or(AnswerValue::Empty, AnswerValue::Number),
                (_, value) => value,
            };
            Answer { tag: attribute.tag(), vr: representation(attribute.vr()), value }
        }
        Returned::Status => {
            let value = text(found.step.status.term().map(str::to_owned));
            Answer { tag: STEP_STATUS, vr: representation(Vr::CS), value }
        }
        Returned::Item(tag, within) => {
            let item: Vec<_> = within.iter().map(|returned| value(returned, found, form)).collect();
            let is_there = *tag == STEP_SEQUENCE || item.iter().any(|answer| answer.value != AnswerValue::Empty);
            let items = if is_there { vec![item] } else { Vec::new() };
            Answer { tag: *tag, vr: dicom_core::VR::SQ, value: AnswerValue::Items(items) }
        }
        Returned::Unsupported(key) => Answer { tag: key.tag, vr: key.vr, value: AnswerValue::Empty },
    }
}

/// A text as the machine can show it.
fn put(attribute: OrderAttribute, value: &str, form: WorklistOptions) -> String {
    let value = match form.names {
        WorklistNames::Whole if attribute.vr() == Vr::PN => person_name::whole(value),
        WorklistNames::Parsed if attribute.vr() == Vr::PN => person_name::parsed(value),
        _ => value.to_owned(),
    };
    match form.characters {
        WorklistCharacters::Utf8 => value,
        WorklistCharacters::Ascii => text::without_marks(&value),
    }
}
