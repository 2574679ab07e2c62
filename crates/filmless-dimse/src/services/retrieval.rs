//! What C-GET and C-MOVE share (PS3.4 section C.4.2 and C.4.3): the instances that an identifier names, and the account of the
//! sub-operations that send them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use filmless_archive::ArchiveError;
use filmless_dicom::identifier::{self, Answer, AnswerValue, Key, KeyValue};
use filmless_dicom::match_key;
use filmless_index::StoredInstance;
use filmless_model::actor::Act;
use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::attribute::{Attribute, Tag};
use filmless_model::query::{Match, Matching, Query, QueryRetrieveLevel};
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid, TransferSyntaxUid};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::command::{CommandSet, CommandTag};
use crate::message::End;
use crate::negotiation::Model;
use crate::services::query_keys::{self, PAGE, UNIQUE};
use crate::services::{Caller, Exchange};
use crate::status::{Meaning, Status};

/// A pending response is sent after so long.
const BETWEEN_RESPONSES: Duration = Duration::from_millis(250);

/// The instances that the identifier of a request names.
pub(crate) async fn named<S>(
    caller: Caller<'_>,
    exchange: &mut Exchange<'_, S>,
    model: Model,
    relational: bool,
) -> Result<Result<Vec<StoredInstance>, Status>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let keys = match query_keys::read(caller, exchange).await? {
        Ok(keys) => keys,
        Err(status) => return Ok(Err(status)),
    };
    let (is_of_patient, query) = match query(&keys, model, relational) {
        Ok(query) => query,
        Err(status) => return Ok(Err(status)),
    };
    Ok(find(caller, query, is_of_patient).await.unwrap_or_else(|error| match error {
        ArchiveError::Forbidden(_) => Err(Status::not_authorised()),
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot find what is to be retrieved");
            Err(Status::unable_to_calculate_matches())
        }
    }))
}

/// Reads the unique keys: one value of each level above, and one or more of the level itself. Issuer of Patient ID tells
/// patients of one Patient ID apart. Other keys have no place here and are not looked at.
fn query(keys: &[Key], model: Model, relational: bool) -> Result<(bool, Query), Status> {
    let level = query_keys::level(keys, model)?;
    let own = level.map_or(0, |level| 1 + level as usize);
    let mut query = Query { limit: PAGE, ..Query::new(level.unwrap_or(QueryRetrieveLevel::Study)) };
    for (place, attribute) in UNIQUE.into_iter().enumerate().take(own + 1) {
        let found = keys.iter().find(|key| key.tag == attribute.tag());
        let text = found.and_then(|key| if let KeyValue::Text(text) = &key.value { Some(text.as_str()) } else { None });
        let keyword = attribute.keyword();
        let matching = match_key::parse(attribute, text.unwrap_or_default(), match_key::Extended::default());
        let matching = matching.map_err(|reason| Status::unable_to_process(&format!("{keyword}: {reason}")))?;
        match matching {
            Some(matching @ Matching::Single(_)) => query.matches.push((attribute, matching)),
            Some(matching @ Matching::List(_)) if place == own && place > 0 => query.matches.push((attribute, matching)),
            Some(_) => return Err(Status::identifier_does_not_match(&format!("{keyword} has one value here, and no wild card"))),
            // The study root has no patients; relational retrieval needs none of the levels above.
            None if place < own && (relational || place == 0 && model == Model::StudyRoot) => {}
            None => return Err(Status::identifier_does_not_match(&format!("{keyword} is needed at this level"))),
        }
    }
    let issuer = keys.iter().find(|key| key.tag == Attribute::IssuerOfPatientId.tag()).map(|key| &key.value);
    if let Some(KeyValue::Text(issuer)) = issuer
        && let Ok(Some(matching @ Matching::Single(_))) =
            match_key::parse(Attribute::IssuerOfPatientId, issuer, match_key::Extended::default())
    {
        query.matches.push((Attribute::IssuerOfPatientId, matching));
    }
    Ok((level.is_none(), query))
}

async fn find(
    caller: Caller<'_>,
    mut query: Query,
    is_of_patient: bool,
) -> Result<Result<Vec<StoredInstance>, Status>, ArchiveError> {
    let mut found: Vec<Match> = Vec::new();
    loop {
        let page = caller.archive.named(caller.actor, &query).await?;
        query.offset += page.len() as u64;
        let is_last = page.len() < PAGE as usize;
        found.extend(page);
        if is_last {
            break;
        }
    }
    let text = |found: &Match, attribute| found.text(attribute).unwrap_or_default().to_owned();
    if is_of_patient {
        let issuers: BTreeSet<_> = found.iter().map(|found| text(found, Attribute::IssuerOfPatientId)).collect();
        // Two people may have one Patient ID of two hospitals.
        if issuers.len() > 1 {
            let why = "this Patient ID is of several issuers: name Issuer of Patient ID";
            return Ok(Err(Status::identifier_does_not_match(why)));
        }
    }
    // The instances of a series are read together, however many of them are wanted.
    let mut resources: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for found in &found {
        let (study, series) = (text(found, Attribute::StudyInstanceUid), text(found, Attribute::SeriesInstanceUid));
        let instances = resources.entry((study, series)).or_default();
        instances.extend(found.text(Attribute::SopInstanceUid).map(str::to_owned));
    }
    let mut instances = Vec::new();
    for ((study, series), wanted) in resources {
        let Ok(study) = StudyInstanceUid::parse(&study) else { continue };
        let resource = match SeriesInstanceUid::parse(&series) {
            Ok(series) => Resource::Series(SeriesAddress { study, series }),
            Err(_) => Resource::Study(study),
        };
        let stored = match caller.archive.instances(caller.actor, Act::Download, &resource).await {
            Ok(stored) => stored,
            // Deleted since it was found.
            Err(ArchiveError::NotFound) => continue,
            Err(error) => return Err(error),
        };
        instances
            .extend(stored.into_iter().filter(|stored| wanted.is_empty() || wanted.contains(stored.address.instance.as_str())));
    }
    Ok(Ok(instances))
}

/// The account of the sub-operations of a retrieve.
#[derive(Debug)]
pub(crate) struct SubOperations {
    remaining: usize,
    completed: usize,
    warning: usize,
    failed: Vec<SopInstanceUid>,
    last_told: Option<Instant>,
}

impl SubOperations {
    pub(crate) fn new(count: usize) -> Self {
        Self { remaining: count, completed: 0, warning: 0, failed: Vec::new(), last_told: None }
    }

    /// One of them is over, with this status of its C-STORE; without one if it could not be sent.
    pub(crate) fn count(&mut self, instance: &StoredInstance, status: Option<u16>) {
        self.remaining = self.remaining.saturating_sub(1);
        match status.map(Meaning::of) {
            Some(Meaning::Success) => self.completed += 1,
            Some(Meaning::Warning) => self.warning += 1,
            _ => self.failed.push(instance.address.instance.clone()),
        }
    }

    /// Those that are left have failed.
    pub(crate) fn give_up<'a>(&mut self, instances: impl Iterator<Item = &'a StoredInstance>) {
        for instance in instances {
            self.count(instance, None);
        }
    }

    /// Whether it is time for another pending response.
    pub(crate) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.last_told.is_none_or(|last| now - last >= BETWEEN_RESPONSES);
        if is_due {
            self.last_told = Some(now);
        }
        is_due
    }

    /// How all of it went, unless something else ended it.
    pub(crate) fn status(&self) -> Status {
        match (self.completed + self.warning, self.failed.len(), self.warning) {
            (_, 0, 0) => Status::SUCCESS,
            (0, _, _) => Status::unable_to_perform_sub_operations("no instance could be sent; the log says why"),
            _ => Status::SUB_OPERATIONS_WITH_FAILURES,
        }
    }

    /// The numbers for a response. How many remain is said while some do (PS3.4 section C.4.2.1.6 and C.4.3.1.3, Number of
    /// Remaining Sub-operations), and at the end only after a cancel.
    pub(crate) fn elements(&self, with_remaining: bool) -> CommandSet {
        let mut response = CommandSet::default();
        let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        if with_remaining {
            response = response.with_number(CommandTag::NUMBER_OF_REMAINING_SUBOPERATIONS, number(self.remaining));
        }
        response
            .with_number(CommandTag::NUMBER_OF_COMPLETED_SUBOPERATIONS, number(self.completed))
            .with_number(CommandTag::NUMBER_OF_FAILED_SUBOPERATIONS, number(self.failed.len()))
            .with_number(CommandTag::NUMBER_OF_WARNING_SUBOPERATIONS, number(self.warning))
    }

    /// An identifier with Failed SOP Instance UID List (0008,0058), if any failed; as many as the value can have.
    pub(crate) fn failed(&self, transfer_syntax: &TransferSyntaxUid) -> Option<Vec<u8>> {
        /// The longest value of VR UI in Explicit VR (PS3.5 section 7.1.2).
        const MAX_BYTES: usize = 65_534;
        if self.failed.is_empty() {
            return None;
        }
        let mut list = String::new();
        for uid in &self.failed {
            if list.len() + 1 + uid.as_str().len() > MAX_BYTES {
                break;
            }
            if !list.is_empty() {
                list.push('\\');
            }
            list.push_str(uid.as_str());
        }
        let list = Answer { tag: Tag(0x0008, 0x0058), vr: dicom_core::VR::UI, value: AnswerValue::Text(list) };
        identifier::write(&[list], transfer_syntax)
    }
}
