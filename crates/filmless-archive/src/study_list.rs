//! The study list, and what each account has read and keeps of it: nobody sees or changes what is another's.

use filmless_index::MOST_FILTERS;
use filmless_model::account::AccountName;
use filmless_model::actor::{Act, Actor};
use filmless_model::study_list::{ListChoices, ListedStudy, SavedFilter, StudyListQuery};
use filmless_model::uid::StudyInstanceUid;

use crate::archive::{Archive, ArchiveError};
use crate::authorize::Forbidden;
use crate::clock::now_ms;
use crate::search::folded;

impl Archive {
    /// The account that marks and filters are of: nodes, and whoever runs a command, have none.
    fn reader<'a>(&self, actor: &'a Actor) -> Result<&'a AccountName, Forbidden> {
        self.permit(actor, Act::Search)?;
        match actor {
            Actor::Account { name, .. } => Ok(name),
            Actor::Peer { .. } | Actor::Operator => Err(self.refused(actor, Act::Search, None)),
        }
    }

    /// A page of the list as the actor's account sees it, now; whose marks are shown and the time are not the caller's to say.
    pub async fn list_studies(&self, actor: &Actor, query: StudyListQuery) -> Result<Vec<ListedStudy>, ArchiveError> {
        let reader = self.reader(actor)?.clone();
        self.note_search(actor, &query.query);
        self.be_indexed(&query.query.further).await?;
        let query = StudyListQuery { query: folded(&query.query), reader, now_ms: now_ms(), ..query };
        Ok(self.index.list_studies(&query).await?)
    }

    /// What the list can be narrowed to.
    pub async fn list_choices(&self, actor: &Actor) -> Result<ListChoices, ArchiveError> {
        self.permit(actor, Act::Search)?;
        Ok(self.index.list_choices().await?)
    }

    /// Notes that the actor's account has read a study.
    pub async fn mark_read(&self, actor: &Actor, study: &StudyInstanceUid) -> Result<(), ArchiveError> {
        let marked = self.index.mark_read(self.reader(actor)?, study, now_ms()).await?;
        marked.then_some(()).ok_or(ArchiveError::NotFound)
    }

    /// Has a study look unread to the actor's account.
    pub async fn mark_unread(&self, actor: &Actor, study: &StudyInstanceUid) -> Result<(), ArchiveError> {
        let marked = self.index.mark_unread(self.reader(actor)?, study).await?;
        marked.then_some(()).ok_or(ArchiveError::NotFound)
    }

    /// The filters of the actor's account, by name.
    pub async fn saved_filters(&self, actor: &Actor) -> Result<Vec<SavedFilter>, ArchiveError> {
        Ok(self.index.saved_filters(self.reader(actor)?).await?)
    }

    /// Keeps a filter for the actor's account; false if it has [`MOST_FILTERS`] others.
    pub async fn put_saved_filter(&self, actor: &Actor, filter: &SavedFilter) -> Result<bool, ArchiveError> {
        Ok(self.index.put_saved_filter(self.reader(actor)?, filter).await?)
    }

    /// Removes a filter of the actor's account.
    pub async fn remove_saved_filter(&self, actor: &Actor, name: &str) -> Result<(), ArchiveError> {
        let removed = self.index.remove_saved_filter(self.reader(actor)?, name).await?;
        removed.then_some(()).ok_or(ArchiveError::NotFound)
    }
}

/// The most filters of an account.
pub const MOST_SAVED_FILTERS: u32 = MOST_FILTERS;
