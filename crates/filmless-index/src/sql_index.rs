//! The index over a database: which connection serves which request. What is asked stands in the modules beside.
//! Longer than 500 lines because the trait has so many acts, each of which has its few lines here.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::ae_title::AeTitle;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditHead};
use filmless_model::change::Change;
use filmless_model::commitment::{
    AskedCommitment, AskedSummary, Commitment, CommitmentAnswer, CommitmentRequest, CommitmentSummary, Reference,
};
use filmless_model::conflict::Conflict;
use filmless_model::deletion::{DeletedVersion, Deletion};
use filmless_model::export::{Export, ExportFilter, ListedExport};
use filmless_model::forwarding::Hours;
use filmless_model::further::FurtherAttribute;
use filmless_model::order::{Order, OrderOutcome, OrderQuery, PerformedStep, ScheduledStep, StepStatus};
use filmless_model::peer::{InboxEntry, Peer};
use filmless_model::performed_step::{ReportedStep, StepFilter, StepMessage};
use filmless_model::query::{Match, PatientMatch, Query, QueryRetrieveLevel};
use filmless_model::record::InstanceRecord;
use filmless_model::setting::SettingName;
use filmless_model::uid::{SopInstanceUid, TransactionUid};
use filmless_model::version::{Digest, VersionId};
use futures::future::BoxFuture;
use sqlx::AnyConnection;

use crate::audit::{AuditCheck, AuditFault};
use crate::commit::{self, arriving::Arriving};
use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{
    ChangedHeader, Committed, CommittedCopy, Deleted, DeletionOrder, FurtherRow, FurtherValues, Index, Known, NewCommitment,
    OrderCommit, StoredHeader, StoredInstance, VersionCommit, VersionSummary,
};
use crate::{
    accounts, asked_commitments, audit, coercions, commitments, deletions, exports, feed, further, orders, peers,
    performed_steps, retrieve, search, settings, versions,
};

/// The index over SQLite or Postgres.
#[derive(Debug, Clone)]
pub(crate) struct SqlIndex {
    pub(crate) connections: Arc<Connections>,
    arriving: Arc<Arriving>,
    /// What is written to the audit log together with what is written by this handle.
    event: Option<Arc<AuditEvent>>,
}

impl SqlIndex {
    pub(crate) fn new(connections: Connections) -> Self {
        Self { connections: Arc::new(connections), arriving: Arc::default(), event: None }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.connections.engine()
    }

    pub(crate) async fn write<T, F>(&self, write: F) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        let Some(event) = self.event.clone() else { return self.connections.write(write).await };
        let (engine, write) = (self.engine(), Arc::new(write));
        self.connections
            .write(move |connection| {
                let (write, event) = (write.clone(), event.clone());
                Box::pin(async move {
                    let event = audit::completed(&mut *connection, &event).await?;
                    let done = write(&mut *connection).await?;
                    audit::append(engine, connection, &event).await?;
                    Ok(done)
                })
            })
            .await
    }
}

#[async_trait]
impl Index for SqlIndex {
    async fn known(&self, record: &InstanceRecord, digest: &Digest) -> Result<Known, IndexError> {
        commit::known(&self.connections.fetch_one(commit::look(record, digest)).await?)
    }

    fn expected(&self, record: &InstanceRecord) -> Option<Known> {
        self.arriving.expected(record)
    }

    async fn commit_version(&self, version: VersionCommit) -> Result<Committed, IndexError> {
        let version = Arc::new(version);
        let committed = self.connections.commit_version(version.clone()).await;
        self.arriving.learn(&version, &committed);
        committed
    }

    async fn search(&self, query: &Query) -> Result<Vec<Match>, IndexError> {
        search::search(&self.connections, query).await
    }

    async fn search_patients(&self, query: &Query) -> Result<Vec<PatientMatch>, IndexError> {
        search::patients::search(&self.connections, query).await
    }

    async fn count(&self, query: &Query) -> Result<u64, IndexError> {
        search::count(&self.connections, query).await
    }

    async fn instances(&self, resource: &Resource) -> Result<Vec<StoredInstance>, IndexError> {
        retrieve::instances(&self.connections, resource).await
    }

    async fn served_versions(&self, resource: &Resource) -> Result<Vec<VersionId>, IndexError> {
        retrieve::served_versions(&self.connections, resource).await
    }

    async fn dicom_json(&self, resource: &Resource) -> Result<Vec<StoredHeader>, IndexError> {
        retrieve::dicom_json(&self.connections, resource).await
    }

    async fn headers(&self, level: QueryRetrieveLevel, uids: &[String]) -> Result<Vec<(InstanceAddress, Vec<u8>)>, IndexError> {
        search::headers(&self.connections, level, uids).await
    }

    async fn further_attributes(&self) -> Result<Vec<FurtherRow>, IndexError> {
        further::attributes(&self.connections).await
    }

    async fn add_further_attribute(&self, attribute: &FurtherAttribute) -> Result<bool, IndexError> {
        let attribute = Arc::new(attribute.clone());
        self.write(move |connection| {
            let attribute = attribute.clone();
            Box::pin(async move { further::add(connection, &attribute).await })
        })
        .await
    }

    async fn remove_further_attribute(&self, attribute: &FurtherAttribute) -> Result<bool, IndexError> {
        let name: Arc<str> = attribute.name().into();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { further::remove(connection, &name).await })
        })
        .await
    }

    async fn remove_further_rubbish(&self, limit: u32) -> Result<u64, IndexError> {
        let Some(attribute) = further::rubbish(&self.connections).await? else { return Ok(0) };
        self.write(move |connection| Box::pin(further::remove_values(connection, attribute, limit))).await
    }

    async fn changed_headers(&self, after: i64, limit: u32) -> Result<Vec<ChangedHeader>, IndexError> {
        further::changed_headers(&self.connections, after, limit).await
    }

    async fn keep_further_values(&self, values: &FurtherValues) -> Result<bool, IndexError> {
        let (engine, values) = (self.engine(), Arc::new(values.clone()));
        self.write(move |connection| {
            let values = values.clone();
            Box::pin(async move { further::keep(engine, connection, &values).await })
        })
        .await
    }

    async fn changes(&self, since: i64, limit: u32) -> Result<Vec<Change>, IndexError> {
        feed::changes(&self.connections, since, limit).await
    }

    async fn last_change(&self) -> Result<i64, IndexError> {
        feed::last_change(&self.connections).await
    }

    async fn conflicts(&self, limit: u32, offset: u64) -> Result<Vec<Conflict>, IndexError> {
        feed::conflicts(&self.connections, limit, offset).await
    }

    async fn versions(&self, after: Option<VersionId>, limit: u32) -> Result<Vec<VersionSummary>, IndexError> {
        versions::versions(&self.connections, after, limit).await
    }

    async fn known_versions(&self, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError> {
        versions::known_versions(&self.connections, ids).await
    }

    async fn kept_versions(&self, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError> {
        versions::kept_versions(&self.connections, ids).await
    }

    async fn delete(&self, order: &DeletionOrder) -> Result<Option<Deleted>, IndexError> {
        let (engine, order) = (self.engine(), Arc::new(order.clone()));
        self.write(move |connection| {
            let order = order.clone();
            Box::pin(async move { deletions::delete(engine, connection, &order).await })
        })
        .await
    }

    async fn add_export(&self, export: &Export) -> Result<(), IndexError> {
        let export = Arc::new(export.clone());
        self.write(move |connection| {
            let export = export.clone();
            Box::pin(async move { exports::add(connection, &export).await })
        })
        .await
    }

    async fn exports(&self, filter: &ExportFilter, limit: u32) -> Result<Vec<ListedExport>, IndexError> {
        exports::list(&self.connections, filter, limit).await
    }

    fn recording(&self, event: AuditEvent) -> Arc<dyn Index> {
        Arc::new(Self { event: Some(Arc::new(event)), ..self.clone() })
    }

    async fn record(&self, events: &[AuditEvent]) -> Result<(), IndexError> {
        let (engine, events) = (self.engine(), Arc::<[AuditEvent]>::from(events));
        self.connections
            .write(move |connection| {
                let events = events.clone();
                Box::pin(async move {
                    for event in events.iter() {
                        let event = audit::completed(&mut *connection, event).await?;
                        audit::append(engine, &mut *connection, &event).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn sum_up_stores(&self, limit: u32) -> Result<u64, IndexError> {
        let engine = self.engine();
        self.connections
            .write(move |connection| Box::pin(async move { audit::sum_up_stores(engine, connection, limit).await }))
            .await
    }

    async fn audit_head(&self) -> Result<Option<AuditHead>, IndexError> {
        audit::head(&self.connections).await
    }

    async fn audit_log(&self, filter: &AuditFilter, limit: u32) -> Result<Vec<(i64, AuditEvent)>, IndexError> {
        audit::list(&self.connections, filter, limit).await
    }

    async fn check_audit_log(&self, check: &mut AuditCheck, limit: u32) -> Result<(u64, Vec<AuditFault>), IndexError> {
        audit::check(&self.connections, check, limit).await
    }

    async fn deletions(&self, limit: u32) -> Result<Vec<Deletion>, IndexError> {
        deletions::deletions(&self.connections, limit).await
    }

    async fn deleted_versions(&self, deletion: i64, after: i64, limit: u32) -> Result<Vec<DeletedVersion>, IndexError> {
        deletions::deleted_versions(&self.connections, deletion, after, limit).await
    }

    async fn keep_again(&self, version: VersionId) -> Result<(), IndexError> {
        let engine = self.engine();
        self.write(move |connection| Box::pin(deletions::keep_again(engine, connection, version))).await
    }

    async fn begin_to_destroy(&self, before_ms: i64, limit: u32) -> Result<Vec<VersionId>, IndexError> {
        let engine = self.engine();
        self.write(move |connection| Box::pin(deletions::begin_to_destroy(engine, connection, before_ms, limit))).await
    }

    async fn end_to_destroy(&self, versions: &[VersionId]) -> Result<(), IndexError> {
        let (engine, versions): (_, Arc<[_]>) = (self.engine(), versions.into());
        self.write(move |connection| {
            let versions = versions.clone();
            Box::pin(async move { deletions::end_to_destroy(engine, connection, &versions).await })
        })
        .await
    }

    async fn add_step(&self, step: &ReportedStep, message: &StepMessage) -> Result<bool, IndexError> {
        let added = Arc::new((step.clone(), message.clone()));
        self.write(move |connection| {
            let added = added.clone();
            Box::pin(async move { performed_steps::add(connection, &added.0, &added.1).await })
        })
        .await
    }

    async fn change_step(&self, step: &ReportedStep, message: &StepMessage, revision: i64) -> Result<bool, IndexError> {
        let changed = Arc::new((step.clone(), message.clone()));
        self.write(move |connection| {
            let changed = changed.clone();
            Box::pin(async move { performed_steps::change(connection, &changed.0, &changed.1, revision).await })
        })
        .await
    }

    async fn step(&self, uid: &SopInstanceUid) -> Result<Option<(ReportedStep, i64)>, IndexError> {
        performed_steps::step(&self.connections, uid).await
    }

    async fn steps(&self, filter: &StepFilter, limit: u32) -> Result<Vec<ReportedStep>, IndexError> {
        performed_steps::steps(&self.connections, filter, limit).await
    }

    async fn step_messages(&self, uid: &SopInstanceUid) -> Result<Vec<StepMessage>, IndexError> {
        performed_steps::messages(&self.connections, uid).await
    }

    async fn visible_instances(&self, uids: &[SopInstanceUid]) -> Result<HashSet<SopInstanceUid>, IndexError> {
        performed_steps::visible(&self.connections, uids).await
    }

    async fn add_commitment(&self, request: &CommitmentRequest, now_ms: i64, next_ms: i64) -> Result<NewCommitment, IndexError> {
        let request = Arc::new(request.clone());
        self.write(move |connection| {
            let request = request.clone();
            Box::pin(async move { commitments::add(connection, &request, now_ms, next_ms).await })
        })
        .await
    }

    async fn take_commitment(&self, now_ms: i64, next_ms: i64) -> Result<Option<Commitment>, IndexError> {
        if !commitments::is_due(&self.connections, now_ms).await? {
            return Ok(None);
        }
        self.write(move |connection| Box::pin(commitments::take(connection, now_ms, next_ms))).await
    }

    async fn keep_commitment(&self, key: i64, had_ms: i64, next_ms: i64) -> Result<bool, IndexError> {
        self.write(move |connection| Box::pin(commitments::keep(connection, key, had_ms, next_ms))).await
    }

    async fn move_commitment(&self, commitment: &Commitment, trouble: Option<&str>, next_ms: i64) -> Result<(), IndexError> {
        let moved = Arc::new((commitment.clone(), trouble.map(str::to_owned)));
        self.write(move |connection| {
            let moved = moved.clone();
            Box::pin(async move { commitments::move_on(connection, &moved.0, moved.1.as_deref(), next_ms).await })
        })
        .await
    }

    async fn retry_commitment(&self, key: i64, now_ms: i64) -> Result<bool, IndexError> {
        self.write(move |connection| Box::pin(commitments::retry(connection, key, now_ms))).await
    }

    async fn forget_commitments(&self, before_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| Box::pin(commitments::forget(connection, before_ms))).await
    }

    async fn commitments(&self, limit: u32) -> Result<Vec<CommitmentSummary>, IndexError> {
        commitments::list(&self.connections, limit).await
    }

    async fn committed_copies(&self, references: &[Reference]) -> Result<Vec<CommittedCopy>, IndexError> {
        commitments::copies(&self.connections, references).await
    }

    async fn add_asked_commitment(&self, asked: &AskedCommitment) -> Result<(), IndexError> {
        let asked = Arc::new(asked.clone());
        self.write(move |connection| {
            let asked = asked.clone();
            Box::pin(async move { asked_commitments::add(connection, &asked).await })
        })
        .await
    }

    async fn note_asking_trouble(&self, transaction: &TransactionUid, trouble: &str) -> Result<(), IndexError> {
        let noted = Arc::new((transaction.clone(), trouble.to_owned()));
        self.write(move |connection| {
            let noted = noted.clone();
            Box::pin(async move { asked_commitments::note_trouble(connection, &noted.0, &noted.1).await })
        })
        .await
    }

    async fn answer_asked_commitment(
        &self,
        transaction: &TransactionUid,
        peer: &AeTitle,
        answer: &CommitmentAnswer,
    ) -> Result<bool, IndexError> {
        let said = Arc::new((transaction.clone(), peer.clone(), answer.clone()));
        self.write(move |connection| {
            let said = said.clone();
            Box::pin(async move { asked_commitments::answer(connection, &said.0, &said.1, &said.2).await })
        })
        .await
    }

    async fn asked_commitment(&self, transaction: &TransactionUid) -> Result<Option<AskedCommitment>, IndexError> {
        asked_commitments::get(&self.connections, transaction).await
    }

    async fn asked_commitments(&self, limit: u32) -> Result<Vec<AskedSummary>, IndexError> {
        asked_commitments::list(&self.connections, limit).await
    }

    async fn forget_asked_commitments(&self, before_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| Box::pin(asked_commitments::forget(connection, before_ms))).await
    }

    async fn peers(&self) -> Result<Vec<Peer>, IndexError> {
        peers::peers(&self.connections).await
    }

    async fn peer(&self, ae_title: &AeTitle) -> Result<Option<Peer>, IndexError> {
        peers::peer(&self.connections, ae_title).await
    }

    async fn put_peer(&self, peer: &Peer) -> Result<(), IndexError> {
        let peer = Arc::new(peer.clone());
        self.write(move |connection| {
            let peer = peer.clone();
            Box::pin(async move { peers::put_peer(connection, &peer).await })
        })
        .await
    }

    async fn remove_peer(&self, ae_title: &AeTitle) -> Result<bool, IndexError> {
        let ae_title = ae_title.clone();
        self.write(move |connection| {
            let ae_title = ae_title.clone();
            Box::pin(async move { peers::remove_peer(connection, &ae_title).await })
        })
        .await
    }

    async fn coercions(&self) -> Result<Vec<(Option<AeTitle>, String)>, IndexError> {
        coercions::all(&self.connections).await
    }

    async fn put_coercion(&self, peer: Option<&AeTitle>, definition: &str) -> Result<(), IndexError> {
        let put = Arc::new((peer.cloned(), definition.to_owned()));
        self.write(move |connection| {
            let put = put.clone();
            Box::pin(async move { coercions::put(connection, put.0.as_ref(), &put.1).await })
        })
        .await
    }

    async fn remove_coercion(&self, peer: Option<&AeTitle>) -> Result<bool, IndexError> {
        let peer = peer.cloned();
        self.write(move |connection| {
            let peer = peer.clone();
            Box::pin(async move { coercions::remove(connection, peer.as_ref()).await })
        })
        .await
    }

    async fn last_of_source(&self, source: &str, limit: u32) -> Result<Vec<StoredInstance>, IndexError> {
        retrieve::last_of_source(&self.connections, source, limit).await
    }

    async fn remember(&self, entry: &InboxEntry) -> Result<(), IndexError> {
        let entry = Arc::new(entry.clone());
        self.write(move |connection| {
            let entry = entry.clone();
            Box::pin(async move { peers::remember(connection, &entry).await })
        })
        .await
    }

    async fn inbox(&self, limit: u32) -> Result<Vec<InboxEntry>, IndexError> {
        peers::inbox(&self.connections, limit).await
    }

    async fn forget(&self, calling_ae_title: &str, called_ae_title: &str, address: IpAddr) -> Result<bool, IndexError> {
        let titles = Arc::new((calling_ae_title.to_owned(), called_ae_title.to_owned()));
        self.write(move |connection| {
            let titles = titles.clone();
            Box::pin(async move { peers::forget(connection, &titles.0, &titles.1, address).await })
        })
        .await
    }

    async fn put_order(&self, commit: &OrderCommit) -> Result<OrderOutcome, IndexError> {
        let commit = Arc::new(commit.clone());
        self.write(move |connection| {
            let commit = commit.clone();
            Box::pin(async move { orders::put(connection, &commit).await })
        })
        .await
    }

    async fn order(&self, accession_number: &str) -> Result<Option<Order>, IndexError> {
        orders::order(&self.connections, accession_number).await
    }

    async fn search_orders(&self, query: &OrderQuery) -> Result<Vec<ScheduledStep>, IndexError> {
        search::orders::search(&self.connections, query).await
    }

    async fn cancel_order(&self, accession_number: &str) -> Result<OrderOutcome, IndexError> {
        let accession_number: Arc<str> = accession_number.into();
        self.write(move |connection| {
            let accession_number = accession_number.clone();
            Box::pin(async move { orders::cancel(connection, &accession_number).await })
        })
        .await
    }

    async fn set_step_status(&self, accession_number: &str, step_id: &str, status: StepStatus) -> Result<u64, IndexError> {
        let step = Arc::new((accession_number.to_owned(), step_id.to_owned()));
        self.write(move |connection| {
            let step = step.clone();
            Box::pin(async move { orders::set_status(connection, &step.0, &step.1, status).await })
        })
        .await
    }

    async fn perform_steps(&self, performed: &PerformedStep, status: StepStatus) -> Result<u64, IndexError> {
        let performed = Arc::new(performed.clone());
        self.write(move |connection| {
            let performed = performed.clone();
            Box::pin(async move { orders::perform(connection, &performed, status).await })
        })
        .await
    }

    async fn accounts(&self) -> Result<Vec<Account>, IndexError> {
        accounts::accounts(&self.connections).await
    }

    async fn account(&self, name: &AccountName) -> Result<Option<Account>, IndexError> {
        accounts::account(&self.connections, name).await
    }

    async fn add_account(&self, account: &Account) -> Result<bool, IndexError> {
        let account = Arc::new(account.clone());
        self.write(move |connection| {
            let account = account.clone();
            Box::pin(async move { accounts::add_account(connection, &account).await })
        })
        .await
    }

    async fn set_password(&self, name: &AccountName, password_hash: &str, must_change: bool) -> Result<bool, IndexError> {
        let change = Arc::new((name.clone(), password_hash.to_owned()));
        self.write(move |connection| {
            let change = change.clone();
            Box::pin(async move { accounts::set_password(connection, &change.0, &change.1, must_change).await })
        })
        .await
    }

    async fn set_role(&self, name: &AccountName, role: Role) -> Result<bool, IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::set_role(connection, &name, role).await })
        })
        .await
    }

    async fn set_hours(&self, name: &AccountName, hours: Option<Hours>) -> Result<bool, IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::set_hours(connection, &name, hours).await })
        })
        .await
    }

    async fn set_second_factor(&self, name: &AccountName, secret: Option<&str>, step: i64) -> Result<bool, IndexError> {
        let set = Arc::new((name.clone(), secret.map(str::to_owned)));
        self.write(move |connection| {
            let set = set.clone();
            Box::pin(async move { accounts::set_second_factor(connection, &set.0, set.1.as_deref(), step).await })
        })
        .await
    }

    async fn use_second_factor(&self, name: &AccountName, step: i64) -> Result<bool, IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::use_second_factor(connection, &name, step).await })
        })
        .await
    }

    async fn block_account(&self, name: &AccountName) -> Result<bool, IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::block(connection, &name).await })
        })
        .await
    }

    async fn let_account_in(&self, name: &AccountName, now_ms: i64) -> Result<bool, IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::let_in(connection, &name, now_ms).await })
        })
        .await
    }

    async fn note_use(&self, name: &AccountName, now_ms: i64) -> Result<(), IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::note_use(connection, &name, now_ms).await })
        })
        .await
    }

    async fn wrong_passwords(&self, name: &AccountName, since_ms: i64) -> Result<u64, IndexError> {
        accounts::wrong_passwords(&self.connections, name, since_ms).await
    }

    async fn note_wrong_password(&self, name: &AccountName, now_ms: i64, since_ms: i64) -> Result<(), IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::note_wrong_password(connection, &name, now_ms, since_ms).await })
        })
        .await
    }

    async fn forget_wrong_passwords(&self, name: &AccountName) -> Result<(), IndexError> {
        let name = name.clone();
        self.write(move |connection| {
            let name = name.clone();
            Box::pin(async move { accounts::forget_wrong_passwords(connection, &name).await })
        })
        .await
    }

    async fn add_token(&self, token: &Token, secret_digest: &str) -> Result<(), IndexError> {
        let token = Arc::new((token.clone(), secret_digest.to_owned()));
        self.write(move |connection| {
            let token = token.clone();
            Box::pin(async move { accounts::add_token(connection, &token.0, &token.1).await })
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, IndexError> {
        accounts::tokens(&self.connections).await
    }

    async fn remove_token(&self, id: &str) -> Result<bool, IndexError> {
        let id: Arc<str> = id.into();
        self.write(move |connection| {
            let id = id.clone();
            Box::pin(async move { accounts::remove_token(connection, &id).await })
        })
        .await
    }

    async fn account_of_token(&self, secret_digest: &str) -> Result<Option<(Account, Token)>, IndexError> {
        accounts::account_of_token(&self.connections, secret_digest).await
    }

    async fn settings(&self, account: &AccountName) -> Result<Vec<(SettingName, String)>, IndexError> {
        settings::all(&self.connections, account).await
    }

    async fn put_setting(&self, account: &AccountName, name: &SettingName, value: &str, most: u32) -> Result<bool, IndexError> {
        let put = Arc::new((account.clone(), name.clone(), value.to_owned()));
        self.write(move |connection| {
            let put = put.clone();
            Box::pin(async move { settings::put(connection, &put.0, &put.1, &put.2, most).await })
        })
        .await
    }

    async fn remove_setting(&self, account: &AccountName, name: &SettingName) -> Result<bool, IndexError> {
        let removed = Arc::new((account.clone(), name.clone()));
        self.write(move |connection| {
            let removed = removed.clone();
            Box::pin(async move { settings::remove(connection, &removed.0, &removed.1).await })
        })
        .await
    }

    async fn add_session(&self, session: &Session, secret_digest: &str) -> Result<(), IndexError> {
        let session = Arc::new((session.clone(), secret_digest.to_owned()));
        self.write(move |connection| {
            let session = session.clone();
            Box::pin(async move { accounts::add_session(connection, &session.0, &session.1).await })
        })
        .await
    }

    async fn sessions(&self, now_ms: i64) -> Result<Vec<Session>, IndexError> {
        accounts::sessions(&self.connections, now_ms).await
    }

    async fn account_of_session(&self, secret_digest: &str, now_ms: i64) -> Result<Option<(Account, Session)>, IndexError> {
        accounts::account_of_session(&self.connections, secret_digest, now_ms).await
    }

    async fn extend_session(&self, id: &str, now_ms: i64, expires_ms: i64) -> Result<bool, IndexError> {
        let id: Arc<str> = id.into();
        self.write(move |connection| {
            let id = id.clone();
            Box::pin(async move { accounts::extend_session(connection, &id, now_ms, expires_ms).await })
        })
        .await
    }

    async fn remove_session(&self, id: &str) -> Result<bool, IndexError> {
        let id: Arc<str> = id.into();
        self.write(move |connection| {
            let id = id.clone();
            Box::pin(async move { accounts::remove_session(connection, &id).await })
        })
        .await
    }

    async fn remove_expired_sessions(&self, now_ms: i64) -> Result<u64, IndexError> {
        self.write(move |connection| Box::pin(accounts::remove_expired_sessions(connection, now_ms))).await
    }

    async fn ping(&self) -> Result<(), IndexError> {
        self.connections.fetch_one(sqlx::query("select 1")).await.map(|_| ())
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}
