//! The watch act: the change feed. Watchers are woken and then read the change table; a wake-up carries no data.

use filmless_model::actor::{Act, Actor};
use filmless_model::change::Change;
use filmless_model::conflict::Conflict;
use tokio::sync::watch;

use crate::archive::{Archive, ArchiveError};

impl Archive {
    /// Changes after `since`, oldest first.
    pub async fn changes(&self, actor: &Actor, since: i64, limit: u32) -> Result<Vec<Change>, ArchiveError> {
        self.permit(actor, Act::Watch)?;
        Ok(self.index.changes(since, limit).await?)
    }

    /// The sequence of the newest change, 0 if there is none.
    pub async fn last_change(&self, actor: &Actor) -> Result<i64, ArchiveError> {
        self.permit(actor, Act::Watch)?;
        Ok(self.index.last_change().await?)
    }

    /// Wakes whenever this process, or [`Archive::poll_changes`], has seen a newer change.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.last_change.subscribe()
    }

    /// Looks for changes that other processes made, such as an import or another node.
    pub async fn poll_changes(&self) -> Result<(), ArchiveError> {
        let last = self.index.last_change().await?;
        self.announce(last);
        Ok(())
    }

    /// The conflict list, newest first.
    pub async fn conflicts(&self, actor: &Actor, limit: u32, offset: u64) -> Result<Vec<Conflict>, ArchiveError> {
        self.permit(actor, Act::ManageConflicts)?;
        Ok(self.index.conflicts(limit, offset).await?)
    }

    pub(crate) fn announce(&self, sequence: i64) {
        self.last_change.send_if_modified(|last| {
            let newer = sequence > *last;
            *last = sequence.max(*last);
            newer
        });
    }
}
