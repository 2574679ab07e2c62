//! What people who read set for themselves. Each sees and changes their own, and nobody else's.

use filmless_model::account::AccountName;
use filmless_model::actor::{Act, Actor};
use filmless_model::setting::{MAX_SETTINGS, SettingName};

use crate::archive::{Archive, ArchiveError};

impl Archive {
    /// Whose settings an actor's are. Peers and operators have none.
    fn account_of<'a>(&self, actor: &'a Actor) -> Result<&'a AccountName, ArchiveError> {
        self.permit(actor, Act::KeepSettings)?;
        match actor {
            Actor::Account { name, .. } => Ok(name),
            Actor::Peer { .. } | Actor::Operator => Err(ArchiveError::NotFound),
        }
    }

    /// The settings of whoever asks, as JSON, by name.
    pub async fn settings(&self, actor: &Actor) -> Result<Vec<(SettingName, String)>, ArchiveError> {
        Ok(self.index.settings(self.account_of(actor)?).await?)
    }

    /// Keeps a setting; false if there are [`MAX_SETTINGS`] others.
    pub async fn put_setting(&self, actor: &Actor, name: &SettingName, value: &str) -> Result<bool, ArchiveError> {
        Ok(self.index.put_setting(self.account_of(actor)?, name, value, MAX_SETTINGS).await?)
    }

    /// Forgets a setting.
    pub async fn remove_setting(&self, actor: &Actor, name: &SettingName) -> Result<(), ArchiveError> {
        let removed = self.index.remove_setting(self.account_of(actor)?, name).await?;
        if removed { Ok(()) } else { Err(ArchiveError::NotFound) }
    }
}
