//! An index in memory that knows peers and counts commits, and can be told to fail.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use filmless_index::{Committed, Index, IndexError, StoredInstance, VersionCommit, VersionSummary};
use filmless_model::account::{Account, AccountName, Token};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::ae_title::AeTitle;
use filmless_model::change::Change;
use filmless_model::conflict::Conflict;
use filmless_model::peer::{InboxEntry, Peer};
use filmless_model::query::{Match, Query};
use filmless_model::store_outcome::StoreEffect;
use filmless_model::uid::SopInstanceUid;
use filmless_model::version::{Digest, VersionId};

#[derive(Default)]
pub(crate) struct TestIndex {
    fails: AtomicBool,
    peers: Mutex<HashMap<AeTitle, Peer>>,
    inbox: Mutex<Vec<InboxEntry>>,
    commits: Mutex<Vec<VersionCommit>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TestIndex {
    /// From now on every request fails.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    pub(crate) fn add_peer(&self, peer: Peer) {
        lock(&self.peers).insert(peer.ae_title.clone(), peer);
    }

    pub(crate) fn commits(&self) -> Vec<VersionCommit> {
        lock(&self.commits).clone()
    }

    pub(crate) fn remembered(&self) -> Vec<InboxEntry> {
        lock(&self.inbox).clone()
    }

    fn check(&self) -> Result<(), IndexError> {
        if self.fails.load(Ordering::SeqCst) { Err(IndexError::Corrupt("told to fail".to_owned())) } else { Ok(()) }
    }
}

/// What the door has no business with.
fn not_the_doors<T>() -> Result<T, IndexError> {
    Err(IndexError::Corrupt("the door should not ask for this".to_owned()))
}

#[async_trait]
impl Index for TestIndex {
    async fn find_version(
        &self,
        instance: &SopInstanceUid,
        digest: &Digest,
    ) -> Result<Option<(InstanceAddress, VersionId)>, IndexError> {
        self.check()?;
        let commits = lock(&self.commits);
        let known = commits.iter().find(|c| c.record.address.instance == *instance && c.version.digest == *digest);
        Ok(known.map(|commit| (commit.record.address.clone(), commit.version.id)))
    }

    async fn commit_version(&self, commit: VersionCommit) -> Result<Committed, IndexError> {
        self.check()?;
        let committed = Committed {
            effect: StoreEffect::New,
            address: commit.record.address.clone(),
            version: commit.version.id,
            change: None,
        };
        lock(&self.commits).push(commit);
        Ok(committed)
    }

    async fn peer(&self, ae_title: &AeTitle) -> Result<Option<Peer>, IndexError> {
        self.check()?;
        Ok(lock(&self.peers).get(ae_title).cloned())
    }

    async fn remember(&self, entry: &InboxEntry) -> Result<(), IndexError> {
        self.check()?;
        lock(&self.inbox).push(entry.clone());
        Ok(())
    }

    async fn ping(&self) -> Result<(), IndexError> {
        self.check()
    }

    async fn close(&self) {}

    async fn search(&self, _: &Query) -> Result<Vec<Match>, IndexError> {
        not_the_doors()
    }

    async fn count(&self, _: &Query) -> Result<u64, IndexError> {
        not_the_doors()
    }

    async fn instances(&self, _: &Resource) -> Result<Vec<StoredInstance>, IndexError> {
        not_the_doors()
    }

    async fn dicom_json(&self, _: &Resource) -> Result<Vec<(InstanceAddress, Vec<u8>)>, IndexError> {
        not_the_doors()
    }

    async fn changes(&self, _: i64, _: u32) -> Result<Vec<Change>, IndexError> {
        not_the_doors()
    }

    async fn last_change(&self) -> Result<i64, IndexError> {
        not_the_doors()
    }

    async fn conflicts(&self, _: u32, _: u64) -> Result<Vec<Conflict>, IndexError> {
        not_the_doors()
    }

    async fn versions(&self, _: Option<VersionId>, _: u32) -> Result<Vec<VersionSummary>, IndexError> {
        not_the_doors()
    }

    async fn known_versions(&self, _: &[VersionId]) -> Result<HashSet<VersionId>, IndexError> {
        not_the_doors()
    }

    async fn peers(&self) -> Result<Vec<Peer>, IndexError> {
        not_the_doors()
    }

    async fn put_peer(&self, _: &Peer) -> Result<(), IndexError> {
        not_the_doors()
    }

    async fn remove_peer(&self, _: &AeTitle) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn inbox(&self, _: u32) -> Result<Vec<InboxEntry>, IndexError> {
        not_the_doors()
    }

    async fn forget(&self, _: &str, _: &str, _: IpAddr) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn accounts(&self) -> Result<Vec<Account>, IndexError> {
        not_the_doors()
    }

    async fn account(&self, _: &AccountName) -> Result<Option<Account>, IndexError> {
        not_the_doors()
    }

    async fn add_account(&self, _: &Account) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn set_password(&self, _: &AccountName, _: &str) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn add_token(&self, _: &Token, _: &str) -> Result<(), IndexError> {
        not_the_doors()
    }

    async fn tokens(&self) -> Result<Vec<Token>, IndexError> {
        not_the_doors()
    }

    async fn remove_token(&self, _: &str) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn account_of_token(&self, _: &str) -> Result<Option<Account>, IndexError> {
        not_the_doors()
    }

    async fn add_session(&self, _: &AccountName, _: &str, _: i64) -> Result<(), IndexError> {
        not_the_doors()
    }

    async fn account_of_session(&self, _: &str, _: i64) -> Result<Option<Account>, IndexError> {
        not_the_doors()
    }

    async fn extend_session(&self, _: &str, _: i64, _: i64) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn remove_session(&self, _: &str) -> Result<bool, IndexError> {
        not_the_doors()
    }

    async fn remove_expired_sessions(&self, _: i64) -> Result<u64, IndexError> {
        not_the_doors()
    }
}
