//! The search act.

use filmless_dicom::text;
use filmless_index::FOLDED_ATTRIBUTES;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::InstanceAddress;
use filmless_model::audit::{AuditEvent, AuditedAct};
use filmless_model::query::{Match, Matching, PatientMatch, Query, QueryRetrieveLevel};

use crate::archive::{Archive, ArchiveError};
use crate::clock::now_ms;
use crate::retrieve::read_headers;

impl Archive {
    /// Finds studies, series or instances. Names and descriptions are compared without diacritics and case.
    pub async fn search(&self, actor: &Actor, query: &Query) -> Result<Vec<Match>, ArchiveError> {
        self.permit(actor, Act::Search)?;
        self.note_search(actor, query);
        self.be_indexed(&query.further).await?;
        Ok(self.index.search(&folded(query)).await?)
    }

    /// Finds the patients of the studies that a search for studies would find.
    pub async fn search_patients(&self, actor: &Actor, query: &Query) -> Result<Vec<PatientMatch>, ArchiveError> {
        self.permit(actor, Act::Search)?;
        self.note_search(actor, query);
        self.be_indexed(&query.further).await?;
        Ok(self.index.search_patients(&folded(query)).await?)
    }

    /// How many a search would find without its limit and offset.
    pub async fn count(&self, actor: &Actor, query: &Query) -> Result<u64, ArchiveError> {
        self.permit(actor, Act::Search)?;
        self.be_indexed(&query.further).await?;
        Ok(self.index.count(&folded(query)).await?)
    }

    /// Reads the DICOM JSON of the first instance of each of these studies or series, or of these instances, with `read`,
    /// one at a time. What is gone meanwhile is left out.
    pub async fn headers<T: Send + 'static>(
        &self,
        actor: &Actor,
        level: QueryRetrieveLevel,
        uids: &[String],
        read: impl Fn(&InstanceAddress, &[u8]) -> T + Send + 'static,
    ) -> Result<Vec<(InstanceAddress, T)>, ArchiveError> {
        self.permit(actor, Act::Search)?;
        let headers = self.index.headers(level, uids).await?;
        read_headers(headers, move |address, json| read(address, &json)).await
    }
}

/// The longest that is written down of the keys of a search, in characters.
const MOST_OF_KEYS: usize = 512;

impl Archive {
    /// Notes that an actor searches, and by which keys.
    pub(crate) fn note_search(&self, actor: &Actor, query: &Query) {
        let level = match query.level {
            QueryRetrieveLevel::Study => "study",
            QueryRetrieveLevel::Series => "series",
            QueryRetrieveLevel::Instance => "instance",
        };
        let keys = query.matches.iter().map(|(attribute, matching)| (attribute.keyword().to_owned(), matching));
        let keys = keys.chain(query.further.iter().map(|(attribute, matching)| (attribute.name(), matching)));
        let event = AuditEvent::of(actor, AuditedAct::Search, now_ms()).with_detail(keys_of(level, keys));
        self.note(AuditEvent { study: query.study.clone(), ..event });
    }
}

/// What is searched and by which keys, in one line.
pub(crate) fn keys_of<'a>(what: &str, keys: impl Iterator<Item = (String, &'a Matching)>) -> String {
    let pairs = keys.map(|(name, matching)| {
        let key = match matching {
            Matching::Single(key) | Matching::WildCard(key) => key.clone(),
            Matching::List(keys) | Matching::All(keys) => keys.join("\\"),
            Matching::Empty => "\"\"".to_owned(),
            Matching::Range { from, to } => format!("{}-{}", from.as_deref().unwrap_or(""), to.as_deref().unwrap_or("")),
        };
        format!(" {name}={key}")
    });
    let line = format!("{what}{}", pairs.collect::<String>());
    match line.char_indices().nth(MOST_OF_KEYS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The query with its text keys in the form that the index keeps beside names and descriptions.
pub(crate) fn folded(query: &Query) -> Query {
    let mut query = query.clone();
    for (attribute, matching) in &mut query.matches {
        if FOLDED_ATTRIBUTES.contains(attribute) {
            fold(matching);
        }
    }
    query
}

/// Folds the keys of names and descriptions.
pub(crate) fn fold(matching: &mut Matching) {
    match matching {
        Matching::Single(key) | Matching::WildCard(key) => *key = text::fold(key),
        Matching::List(keys) | Matching::All(keys) => keys.iter_mut().for_each(|key| *key = text::fold(key)),
        Matching::Range { .. } | Matching::Empty => {}
    }
}
