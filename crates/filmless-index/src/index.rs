//! The seam of the index: what every engine does, and the rows it takes and gives.
//! Longer than 500 lines because the trait has so many acts.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::address::{InstanceAddress, Resource};
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::Attribute;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditHead};
use filmless_model::change::Change;
use filmless_model::commitment::{
    AskedCommitment, AskedSummary, Commitment, CommitmentAnswer, CommitmentFailure, CommitmentRequest, CommitmentSummary,
    Reference,
};
use filmless_model::conflict::Conflict;
use filmless_model::deletion::{DeletedVersion, Deletion};
use filmless_model::export::{Export, ExportFilter, ListedExport};
use filmless_model::forwarding::Hours;
use filmless_model::further::FurtherAttribute;
use filmless_model::order::{Order, OrderOutcome, OrderQuery, PerformedStep, Put, ScheduledStep, StepStatus, Words};
use filmless_model::peer::{InboxEntry, Peer};
use filmless_model::performed_step::{ReportedStep, StepFilter, StepMessage};
use filmless_model::query::{Match, PatientMatch, Query, QueryRetrieveLevel};
use filmless_model::record::{InstanceRecord, InstanceVersion};
use filmless_model::setting::SettingName;
use filmless_model::store_outcome::StoreEffect;
use filmless_model::uid::{SopClassUid, SopInstanceUid, TransactionUid, TransferSyntaxUid};
use filmless_model::version::{Digest, VersionId};

use crate::audit::{AuditCheck, AuditFault};
use crate::availability::AvailabilityIndex;
pub use crate::commit::Known;
use crate::error::IndexError;
use crate::forwarding::ForwardingIndex;
use crate::study_list::StudyListIndex;

/// Attributes that are compared by their folded text (`filmless_dicom::text::fold`).
///
/// The index does not fold: a record brings the folded texts ([`InstanceRecord::folded`]) and a query's keys on
/// these attributes arrive folded, wild cards included. Where a record has none, its lower-cased text stands in.
pub const FOLDED_ATTRIBUTES: [Attribute; 4] =
    [Attribute::PatientName, Attribute::ReferringPhysicianName, Attribute::StudyDescription, Attribute::SeriesDescription];

/// The most rows the inbox keeps, so that whoever knocks again and again under new names fills no disk.
pub const INBOX_LIMIT: u32 = 1000;

/// A copy of an instance whose bytes are durable, to be recorded.
#[derive(Debug, Clone)]
pub struct VersionCommit {
    /// What the header says.
    pub record: InstanceRecord,
    /// The copy.
    pub version: InstanceVersion,
    /// The header as zstd-compressed DICOM JSON.
    pub dicom_json: Vec<u8>,
    /// The actor may replace instances that another source stored first.
    pub may_replace: bool,
    /// Where the bytes come from.
    pub origin: Origin,
    /// What [`Index::known`] said a moment ago, or [`Index::expected`], if it was asked: it saves looking again.
    pub known: Known,
}

/// Where the bytes of a commit come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody sent them.
    Arrived,
    /// They were deleted and are to be seen again. If they are not deleted any more, nothing changes.
    Deleted,
}

/// What is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionOrder {
    /// The study, series or instance.
    pub resource: Resource,
    /// Who wants it.
    pub deleted_by: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// How a deletion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Its number, by which it can be taken back.
    pub key: i64,
    /// How many instances are no longer visible.
    pub instances: u64,
    /// The sequence of the last change, if anything visible went.
    pub change: Option<i64>,
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// What it changed.
    pub effect: StoreEffect,
    /// Where the instance stands.
    pub address: InstanceAddress,
    /// The version that holds the bytes: an earlier one if they were already stored.
    pub version: VersionId,
    /// The sequence of the change, if anything changed.
    pub change: Option<i64>,
    /// What was known beforehand proved true, and one request to the database did.
    pub(crate) as_known: bool,
}

/// An instance with its served version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstance {
    /// Where it stands.
    pub address: InstanceAddress,
    /// Its SOP class.
    pub sop_class: SopClassUid,
    /// The copy that is served.
    pub version: InstanceVersion,
}

/// The header of an instance's served version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHeader {
    /// Where the instance stands.
    pub address: InstanceAddress,
    /// The copy that is served.
    pub version: VersionId,
    /// The transfer syntax it is stored in.
    pub transfer_syntax: TransferSyntaxUid,
    /// The header as zstd-compressed DICOM JSON.
    pub dicom_json: Vec<u8>,
}

/// A further attribute that is indexed, or is being so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherRow {
    /// Its number, never given again.
    pub key: i64,
    /// [`FurtherAttribute::name`].
    pub name: String,
    /// The last change whose instance has been read: with that it is indexed as far as the feed goes.
    pub indexed_through: i64,
}

/// A change, with the header of its instance if that is visible in the version that the change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedHeader {
    /// The sequence of the change.
    pub sequence: i64,
    /// The version that it is about, if that is served.
    pub served: Option<ServedHeader>,
}

/// The header of a version that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedHeader {
    /// The key of the instance.
    pub instance: i64,
    /// The key of the version.
    pub version: i64,
    /// Who sent it.
    pub source: String,
    /// When it was stored, in milliseconds since 1970-01-01T00:00:00Z.
    pub stored_ms: i64,
    /// The header as zstd-compressed DICOM JSON.
    pub dicom_json: Vec<u8>,
}

/// What the headers of a page of changes have of further attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherValues {
    /// The numbers of the attributes.
    pub attributes: Vec<i64>,
    /// They were indexed as far as this.
    pub from: i64,
    /// They are indexed as far as this now.
    pub through: i64,
    /// The instances that were read.
    pub instances: Vec<i64>,
    /// What was found in them.
    pub values: Vec<FurtherValue>,
}

/// A value of a further attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherValue {
    /// The number of the attribute.
    pub attribute: i64,
    /// Keys of the instance and of the version that was read.
    pub instance: (i64, i64),
    /// Tells the items of a sequence apart.
    pub item: u32,
    /// In the form that is compared.
    pub value: String,
}

/// What became of a request for storage commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewCommitment {
    /// It has this number; these of its references have failed already.
    Added(i64, Vec<(usize, CommitmentFailure)>),
    /// The same request is under way.
    Known,
}

/// A kept copy of an instance that is to be vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedCopy {
    /// Its class and UID.
    pub reference: Reference,
    /// Which copy.
    pub version: VersionId,
    /// SHA-256 of the blob.
    pub digest: Digest,
    /// Length of the blob in bytes.
    pub length_bytes: u64,
}

/// What a check of the bytes needs to know of a kept version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSummary {
    /// Which version.
    pub id: VersionId,
    /// SHA-256 of the blob.
    pub digest: Digest,
    /// Length of the blob in bytes.
    pub length_bytes: u64,
    /// Where the version says it belongs.
    pub address: InstanceAddress,
}

/// An order to be put.
#[derive(Debug, Clone)]
pub struct OrderCommit {
    /// The order.
    pub order: Order,
    /// Its folded words, those of names and descriptions, that searches compare with.
    pub folded: Words,
    /// The same of each step.
    pub folded_steps: Vec<Words>,
    /// Whether it must be new.
    pub put: Put,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
}

/// The metadata index.
///
/// Writes are durable when they return. Texts may hold any character; NUL, which Postgres cannot keep, is dropped.
#[async_trait]
pub trait Index: ForwardingIndex + AvailabilityIndex + StudyListIndex {
    /// What is known of an instance with this record and these bytes, before it is stored.
    async fn known(&self, record: &InstanceRecord, digest: &Digest) -> Result<Known, IndexError>;

    /// What an instance with this record most likely meets, without asking the database: `None` unless its series is
    /// arriving. That it is new is only expected; committing finds out.
    fn expected(&self, record: &InstanceRecord) -> Option<Known>;

    /// Records a version, with its change row, in one transaction. `commit/rules.rs` says what becomes of it.
    async fn commit_version(&self, commit: VersionCommit) -> Result<Committed, IndexError>;

    /// The answers to a search. Studies: newest first. Series and instances within one study: by number, then UID;
    /// across studies: in the order of arrival.
    async fn search(&self, query: &Query) -> Result<Vec<Match>, IndexError>;

    /// The patients of the studies that a search for studies finds, in the order of arrival. Limit and offset count patients.
    async fn search_patients(&self, query: &Query) -> Result<Vec<PatientMatch>, IndexError>;

    /// How many answers a search has, whatever its limit and offset.
    async fn count(&self, query: &Query) -> Result<u64, IndexError>;

    /// The served instances of a resource, by series number and UID, then instance number and UID.
    async fn instances(&self, resource: &Resource) -> Result<Vec<StoredInstance>, IndexError>;

    /// The served versions of a resource, in the order of [`Index::instances`].
    async fn served_versions(&self, resource: &Resource) -> Result<Vec<VersionId>, IndexError>;

    /// The headers of the served instances of a resource, compressed, in the order of [`Index::instances`].
    async fn dicom_json(&self, resource: &Resource) -> Result<Vec<StoredHeader>, IndexError>;

    /// The headers, compressed, of the first instance of each of these studies or series, or of these instances
    /// themselves, in no particular order.
    async fn headers(&self, level: QueryRetrieveLevel, uids: &[String]) -> Result<Vec<(InstanceAddress, Vec<u8>)>, IndexError>;

    /// The further attributes, by number.
    async fn further_attributes(&self) -> Result<Vec<FurtherRow>, IndexError>;

    /// Has an attribute indexed from the beginning of the feed; false if it is so already.
    async fn add_further_attribute(&self, attribute: &FurtherAttribute) -> Result<bool, IndexError>;

    /// Has an attribute indexed no more; false if it was not. Its values are rubbish then.
    async fn remove_further_attribute(&self, attribute: &FurtherAttribute) -> Result<bool, IndexError>;

    /// Removes values of attributes that are indexed no more, of at most so many owners. 0: there are none.
    async fn remove_further_rubbish(&self, limit: u32) -> Result<u64, IndexError>;

    /// Changes after `after`, in order, with what is to be read for them.
    async fn changed_headers(&self, after: i64, limit: u32) -> Result<Vec<ChangedHeader>, IndexError>;

    /// Keeps what was read, and how far that is; false if another process was first, and nothing is kept. What was deleted
    /// or replaced since it was read is left out: a later change is about that.
    async fn keep_further_values(&self, values: &FurtherValues) -> Result<bool, IndexError>;

    /// Changes after `since`, in order. Who has read up to N never finds a change below N later.
    async fn changes(&self, since: i64, limit: u32) -> Result<Vec<Change>, IndexError>;

    /// The sequence of the last change; 0 if there is none.
    async fn last_change(&self) -> Result<i64, IndexError>;

    /// Conflicts, newest first.
    async fn conflicts(&self, limit: u32, offset: u64) -> Result<Vec<Conflict>, IndexError>;

    /// Deletes a resource, with a change row for each visible instance; `None` if there is nothing of it. Every kept
    /// copy of its instances goes, and copies in conflict that belong to nothing else.
    async fn delete(&self, order: &DeletionOrder) -> Result<Option<Deleted>, IndexError>;

    /// Acts of deletion, newest first.
    async fn deletions(&self, limit: u32) -> Result<Vec<Deletion>, IndexError>;

    /// Copies of a deletion that can be restored, by number, after number `after`. To restore a served one, commit it
    /// with [`Origin::Deleted`].
    async fn deleted_versions(&self, deletion: i64, after: i64, limit: u32) -> Result<Vec<DeletedVersion>, IndexError>;

    /// A deleted copy that was not served is kept again, and not served.
    async fn keep_again(&self, version: VersionId) -> Result<(), IndexError>;

    /// Gives up copies deleted before `before_ms`: all that is known of them goes but their names, to which the feed
    /// refers. Returns those whose bytes are to be removed, with those of earlier runs that did not end.
    async fn begin_to_destroy(&self, before_ms: i64, limit: u32) -> Result<Vec<VersionId>, IndexError>;

    /// The bytes of these are removed.
    async fn end_to_destroy(&self, versions: &[VersionId]) -> Result<(), IndexError>;

    /// The same index, whose writes are each written to the audit log in their own transaction. What nothing came of is written
    /// as well.
    fn recording(&self, event: AuditEvent) -> Arc<dyn Index>;

    /// Adds to the audit log what no write goes with.
    async fn record(&self, events: &[AuditEvent]) -> Result<(), IndexError>;

    /// Writes to the audit log who stored how many instances of which study in the next changes that this was not done for, of
    /// `limit` at most; says how many changes that were.
    async fn sum_up_stores(&self, limit: u32) -> Result<u64, IndexError>;

    /// How far the audit log is; nothing if it is empty.
    async fn audit_head(&self) -> Result<Option<AuditHead>, IndexError>;

    /// Entries of the audit log with their places, last first.
    async fn audit_log(&self, filter: &AuditFilter, limit: u32) -> Result<Vec<(i64, AuditEvent)>, IndexError>;

    /// Goes along the audit log from where the check is, by as many entries at most; says how many those were, and what is wrong.
    async fn check_audit_log(&self, check: &mut AuditCheck, limit: u32) -> Result<(u64, Vec<AuditFault>), IndexError>;

    /// Keeps that pictures left.
    async fn add_export(&self, export: &Export) -> Result<(), IndexError>;

    /// When pictures left, last first.
    async fn exports(&self, filter: &ExportFilter, limit: u32) -> Result<Vec<ListedExport>, IndexError>;

    /// Kept versions, served or not, deleted ones too until they are given up, in the order of their names, after `after`.
    async fn versions(&self, after: Option<VersionId>, limit: u32) -> Result<Vec<VersionSummary>, IndexError>;

    /// Those of `ids` whose bytes may be there: kept, or about to be removed.
    async fn known_versions(&self, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError>;

    /// Those of `ids` whose bytes must be there.
    async fn kept_versions(&self, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError>;

    /// Adds a performed procedure step with the message that created it; false if its UID is known.
    async fn add_step(&self, step: &ReportedStep, message: &StepMessage) -> Result<bool, IndexError>;

    /// Changes a step that was read at `revision`, with the message that did it; false if it is at another one now.
    async fn change_step(&self, step: &ReportedStep, message: &StepMessage, revision: i64) -> Result<bool, IndexError>;

    /// A performed procedure step, and at which revision it is.
    async fn step(&self, uid: &SopInstanceUid) -> Result<Option<(ReportedStep, i64)>, IndexError>;

    /// Performed procedure steps, last started first.
    async fn steps(&self, filter: &StepFilter, limit: u32) -> Result<Vec<ReportedStep>, IndexError>;

    /// The messages that made a step what it is, in their order.
    async fn step_messages(&self, uid: &SopInstanceUid) -> Result<Vec<StepMessage>, IndexError>;

    /// Those of `uids` that are visible instances.
    async fn visible_instances(&self, uids: &[SopInstanceUid]) -> Result<HashSet<SopInstanceUid>, IndexError>;

    /// Adds a request for storage commitment, had until `next_ms` by who adds it. One whose transaction another of the same
    /// peer is under way with fails, unless it is the same.
    async fn add_commitment(&self, request: &CommitmentRequest, now_ms: i64, next_ms: i64) -> Result<NewCommitment, IndexError>;

    /// Takes the commitment that is due the longest, until `next_ms`.
    async fn take_commitment(&self, now_ms: i64, next_ms: i64) -> Result<Option<Commitment>, IndexError>;

    /// Goes on having a commitment, until `next_ms` instead of `had_ms`; false if somebody else has it.
    async fn keep_commitment(&self, key: i64, had_ms: i64, next_ms: i64) -> Result<bool, IndexError>;

    /// Says how far a commitment is, and what is wrong; it is due at `next_ms`, or ended then.
    async fn move_commitment(&self, commitment: &Commitment, trouble: Option<&str>, next_ms: i64) -> Result<(), IndexError>;

    /// Has a commitment worked on anew; false if there is none or its peer was told.
    async fn retry_commitment(&self, key: i64, now_ms: i64) -> Result<bool, IndexError>;

    /// Forgets commitments that ended before `before_ms`, and says how many.
    async fn forget_commitments(&self, before_ms: i64) -> Result<u64, IndexError>;

    /// Commitments, last asked for first.
    async fn commitments(&self, limit: u32) -> Result<Vec<CommitmentSummary>, IndexError>;

    /// Every kept copy of those of these instances that are visible.
    async fn committed_copies(&self, references: &[Reference]) -> Result<Vec<CommittedCopy>, IndexError>;

    /// Keeps what we are about to ask a peer to vouch for.
    async fn add_asked_commitment(&self, asked: &AskedCommitment) -> Result<(), IndexError>;

    /// Keeps why the peer could not be asked that.
    async fn note_asking_trouble(&self, transaction: &TransactionUid, trouble: &str) -> Result<(), IndexError>;

    /// Keeps what a peer said to that; false if it was not asked so.
    async fn answer_asked_commitment(
        &self,
        transaction: &TransactionUid,
        peer: &AeTitle,
        answer: &CommitmentAnswer,
    ) -> Result<bool, IndexError>;

    /// What was asked under a transaction, and what the peer said.
    async fn asked_commitment(&self, transaction: &TransactionUid) -> Result<Option<AskedCommitment>, IndexError>;

    /// What was asked, last first.
    async fn asked_commitments(&self, limit: u32) -> Result<Vec<AskedSummary>, IndexError>;

    /// Forgets what was asked before `before_ms`, and says how much.
    async fn forget_asked_commitments(&self, before_ms: i64) -> Result<u64, IndexError>;

    /// Known peers, by AE title.
    async fn peers(&self) -> Result<Vec<Peer>, IndexError>;

    /// One peer.
    async fn peer(&self, ae_title: &AeTitle) -> Result<Option<Peer>, IndexError>;

    /// Adds a peer or replaces the one with its AE title.
    async fn put_peer(&self, peer: &Peer) -> Result<(), IndexError>;

    /// Removes a peer; false if there is none.
    async fn remove_peer(&self, ae_title: &AeTitle) -> Result<bool, IndexError>;

    /// What is done with the instances of each peer, or of all where none is named, as [`Index::put_coercion`] was told.
    async fn coercions(&self) -> Result<Vec<(Option<AeTitle>, String)>, IndexError>;

    /// Says what is done with the instances of a peer, or of all.
    async fn put_coercion(&self, peer: Option<&AeTitle>, definition: &str) -> Result<(), IndexError>;

    /// Nothing is done any more; false if nothing was.
    async fn remove_coercion(&self, peer: Option<&AeTitle>) -> Result<bool, IndexError>;

    /// The served instances that came last from a source, newest first, among the last thousands of all.
    async fn last_of_source(&self, source: &str, limit: u32) -> Result<Vec<StoredInstance>, IndexError>;

    /// Keeps a refused association in the inbox. One of the same caller, called title and address adds its count to the
    /// row that is there. Past [`INBOX_LIMIT`] rows the one seen longest ago is dropped.
    async fn remember(&self, entry: &InboxEntry) -> Result<(), IndexError>;

    /// The inbox, last seen first.
    async fn inbox(&self, limit: u32) -> Result<Vec<InboxEntry>, IndexError>;

    /// Removes a row of the inbox; false if there is none.
    async fn forget(&self, calling_ae_title: &str, called_ae_title: &str, address: IpAddr) -> Result<bool, IndexError>;

    /// Puts an order. Its steps keep the status they have; new ones are scheduled. One that names no study keeps its own.
    async fn put_order(&self, commit: &OrderCommit) -> Result<OrderOutcome, IndexError>;

    /// One order.
    async fn order(&self, accession_number: &str) -> Result<Option<Order>, IndexError>;

    /// Steps of orders, in the order of their beginning. Keys of names and descriptions arrive folded.
    async fn search_orders(&self, query: &OrderQuery) -> Result<Vec<ScheduledStep>, IndexError>;

    /// Cancels the steps of an order, unless a machine has begun with one.
    async fn cancel_order(&self, accession_number: &str) -> Result<OrderOutcome, IndexError>;

    /// Says how far a step of an order is, or all its steps if `step_id` is empty, and how many these are.
    async fn set_step_status(&self, accession_number: &str, step_id: &str, status: StepStatus) -> Result<u64, IndexError>;

    /// Says how far the steps are that a machine performs, and how many these are.
    async fn perform_steps(&self, performed: &PerformedStep, status: StepStatus) -> Result<u64, IndexError>;

    /// All accounts, by name.
    async fn accounts(&self) -> Result<Vec<Account>, IndexError>;

    /// One account.
    async fn account(&self, name: &AccountName) -> Result<Option<Account>, IndexError>;

    /// Adds an account; false if the name is taken.
    async fn add_account(&self, account: &Account) -> Result<bool, IndexError>;

    /// Sets a password, which must be changed first of all if `must_change` says so, and ends the account's sessions; false if there
    /// is no such account.
    async fn set_password(&self, name: &AccountName, password_hash: &str, must_change: bool) -> Result<bool, IndexError>;

    /// Gives an account another role; false if there is no such account.
    async fn set_role(&self, name: &AccountName, role: Role) -> Result<bool, IndexError>;

    /// Says in which hours an account may be used; false if there is no such account.
    async fn set_hours(&self, name: &AccountName, hours: Option<Hours>) -> Result<bool, IndexError>;

    /// Gives an account a second factor, of which `step` was used to show that it works, or takes it away; false if there is no such
    /// account.
    async fn set_second_factor(&self, name: &AccountName, secret: Option<&str>, step: i64) -> Result<bool, IndexError>;

    /// Uses a step of a second factor; false if it, or a later one, was used before.
    async fn use_second_factor(&self, name: &AccountName, step: i64) -> Result<bool, IndexError>;

    /// Blocks an account and ends its sessions; false if there is no such account.
    async fn block_account(&self, name: &AccountName) -> Result<bool, IndexError>;

    /// Lets an account in again that was blocked, idle, or locked for wrong passwords; false if there is no such account.
    async fn let_account_in(&self, name: &AccountName, now_ms: i64) -> Result<bool, IndexError>;

    /// Notes that an account is used.
    async fn note_use(&self, name: &AccountName, now_ms: i64) -> Result<(), IndexError>;

    /// How many wrong passwords were given in succession for a name, the last not before `since_ms`.
    async fn wrong_passwords(&self, name: &AccountName, since_ms: i64) -> Result<u64, IndexError>;

    /// Notes a wrong password for a name, whether it is an account's or not, and forgets all whose last was before `since_ms`.
    async fn note_wrong_password(&self, name: &AccountName, now_ms: i64, since_ms: i64) -> Result<(), IndexError>;

    /// Forgets the wrong passwords for a name.
    async fn forget_wrong_passwords(&self, name: &AccountName) -> Result<(), IndexError>;

    /// Adds a token of an existing account. The secret comes as its SHA-256 in hexadecimal digits.
    async fn add_token(&self, token: &Token, secret_digest: &str) -> Result<(), IndexError>;

    /// All tokens, oldest first.
    async fn tokens(&self) -> Result<Vec<Token>, IndexError>;

    /// Revokes a token; false if there is none.
    async fn remove_token(&self, id: &str) -> Result<bool, IndexError>;

    /// A token and whose it is, whether it holds or not.
    async fn account_of_token(&self, secret_digest: &str) -> Result<Option<(Account, Token)>, IndexError>;

    /// What an account has set, by name.
    async fn settings(&self, account: &AccountName) -> Result<Vec<(SettingName, String)>, IndexError>;

    /// Keeps a setting of an existing account; false if it has `most` others already.
    async fn put_setting(&self, account: &AccountName, name: &SettingName, value: &str, most: u32) -> Result<bool, IndexError>;

    /// Forgets a setting; false if there is none.
    async fn remove_setting(&self, account: &AccountName, name: &SettingName) -> Result<bool, IndexError>;

    /// Opens a session of an existing account.
    async fn add_session(&self, session: &Session, secret_digest: &str) -> Result<(), IndexError>;

    /// The sessions that have not expired at `now_ms`, the newest first.
    async fn sessions(&self, now_ms: i64) -> Result<Vec<Session>, IndexError>;

    /// A session and whose it is, unless it has expired at `now_ms`.
    async fn account_of_session(&self, secret_digest: &str, now_ms: i64) -> Result<Option<(Account, Session)>, IndexError>;

    /// Moves the end of a session; false if there is none. An expired one stays expired.
    async fn extend_session(&self, id: &str, now_ms: i64, expires_ms: i64) -> Result<bool, IndexError>;

    /// Ends a session; false if there is none.
    async fn remove_session(&self, id: &str) -> Result<bool, IndexError>;

    /// Ends the sessions that have expired at `now_ms` and says how many.
    async fn remove_expired_sessions(&self, now_ms: i64) -> Result<u64, IndexError>;

    /// Asks the database for an answer.
    async fn ping(&self) -> Result<(), IndexError>;

    /// Ends background work and closes the connections. Writes begun before are finished.
    async fn close(&self);
}
