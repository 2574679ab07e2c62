//! The search act.

use filmless_dicom::text;
use filmless_index::FOLDED_ATTRIBUTES;
use filmless_model::actor::{Act, Actor};
use filmless_model::query::{Match, Matching, Query};

use crate::archive::{Archive, ArchiveError};
use crate::authorize::authorize;

impl Archive {
    /// Finds studies, series or instances. Names and descriptions are compared without diacritics and case.
    pub async fn search(&self, actor: &Actor, query: &Query) -> Result<Vec<Match>, ArchiveError> {
        authorize(actor, Act::Search)?;
        Ok(self.index.search(&folded(query)).await?)
    }

    /// How many a search would find without its limit and offset.
    pub async fn count(&self, actor: &Actor, query: &Query) -> Result<u64, ArchiveError> {
        authorize(actor, Act::Search)?;
        Ok(self.index.count(&folded(query)).await?)
    }
}

/// The query with its text keys in the form that the index keeps beside names and descriptions.
fn folded(query: &Query) -> Query {
    let mut query = query.clone();
    for (attribute, matching) in &mut query.matches {
        if FOLDED_ATTRIBUTES.contains(attribute) {
            match matching {
                Matching::Single(key) | Matching::WildCard(key) => *key = text::fold(key),
                Matching::List(keys) | Matching::All(keys) => keys.iter_mut().for_each(|key| *key = text::fold(key)),
                Matching::Range { .. } | Matching::Empty => {}
            }
        }
    }
    query
}
