//! The audit log: a chain of entries, to which is added and nothing else is done.
//!
//! An entry has a place, and a digest over the digest of the one before, its place and its text. Transactions that add to it wait
//! for each other until they are committed, so that no place is left out: acts that people do, not instances that arrive.

use std::collections::VecDeque;

use filmless_model::actor::Actor;
use filmless_model::audit::{AuditEvent, AuditFilter, AuditHead, AuditedAct, Outcome};
use filmless_model::change::ChangeKind;
use filmless_model::uid::StudyInstanceUid;
use filmless_model::version::Digest;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Executor};

use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::row;

/// What stands before the first entry.
pub(crate) const BEFORE_FIRST: [u8; 32] = [0; 32];

/// The digest of an entry that follows another.
fn digest(before: &Digest, sequence: i64, entry: &str) -> Digest {
    let hash = Sha256::new().chain_update(before.as_bytes()).chain_update(sequence.to_be_bytes()).chain_update(entry);
    Digest::new(hash.finalize().into())
}

/// The event with the patient whose study it is about: as the index knows it, before the act, which may remove the study; or else
/// as it was written down when it was there.
pub(crate) async fn completed(connection: &mut AnyConnection, event: &AuditEvent) -> Result<AuditEvent, IndexError> {
    let mut event = event.clone();
    let (Some(study), None) = (&event.study, &event.patient_id) else { return Ok(event) };
    let known = "select p.patient_id, p.issuer_of_patient_id from studies st join patients p on p.patient_key = st.patient_key \
                 where st.study_instance_uid = $1";
    let written = "select entry from audit_log where study_instance_uid = $1 and patient_id is not null \
                   order by sequence desc limit 1";
    if let Some(row) = sqlx::query(known).bind(study.as_str().to_owned()).fetch_optional(&mut *connection).await? {
        let issuer = row::text(&row, 1)?;
        event.issuer_of_patient_id = (!issuer.is_empty()).then_some(issuer);
        event.patient_id = Some(row::text(&row, 0)?);
    } else if let Some(row) = sqlx::query(written).bind(study.as_str().to_owned()).fetch_optional(&mut *connection).await?
        && let Ok(before) = serde_json::from_str::<AuditEvent>(&row::text(&row, 0)?)
    {
        (event.patient_id, event.issuer_of_patient_id) = (before.patient_id, before.issuer_of_patient_id);
    }
    Ok(event)
}

/// Adds an entry in the transaction of the act that it is about.
pub(crate) async fn append(engine: Engine, connection: &mut AnyConnection, event: &AuditEvent) -> Result<(), IndexError> {
    for lock in engine.keep_log_in_order() {
        connection.execute(*lock).await?;
    }
    let last = "select sequence, digest from audit_log order by sequence desc limit 1";
    let (sequence, before) = match sqlx::query(last).fetch_optional(&mut *connection).await? {
        Some(row) => (row::number(&row, 0)? + 1, row::parsed(&row, 1, Digest::parse)?),
        None => (1, Digest::new(BEFORE_FIRST)),
    };
    let entry = serde_json::to_string(event).map_err(|error| IndexError::Corrupt(error.to_string()))?;
    let digest = digest(&before, sequence, &entry);
    let sql = "insert into audit_log (sequence, entry, digest, at_ms, act, actor, study_instance_uid, patient_id) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let query = sqlx::query(sql).bind(sequence).bind(entry).bind(digest.to_string()).bind(event.at_ms);
    let query = query.bind(event.act.as_str()).bind(event.actor.clone());
    let query = query.bind(event.study.as_ref().map(|study| study.as_str().to_owned())).bind(event.patient_id.clone());
    query.execute(connection).await?;
    Ok(())
}

/// Entries of a filter with their places, last first.
pub(crate) async fn list(
    connections: &Connections,
    filter: &AuditFilter,
    limit: u32,
) -> Result<Vec<(i64, AuditEvent)>, IndexError> {
    let named = [
        ("actor", filter.actor.as_str()),
        ("patient_id", filter.patient_id.as_str()),
        ("study_instance_uid", filter.study.as_ref().map_or("", StudyInstanceUid::as_str)),
    ];
    // With conditions that may be empty, no engine would go by the SQL index of the one that is not.
    let named: Vec<_> = named.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let conditions: Vec<_> = named.iter().zip(6..).map(|((column, _), place)| format!(" and {column} = ${place}")).collect();
    let conditions = conditions.concat();
    let sql = format!(
        "select sequence, entry from audit_log where at_ms >= $1 and at_ms < $2 and sequence < $3 and ($4 = '' or act = $4)\
         {conditions} order by sequence desc limit $5"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(filter.from_ms.unwrap_or(i64::MIN));
    let query = query.bind(filter.until_ms.unwrap_or(i64::MAX)).bind(filter.before.unwrap_or(i64::MAX));
    let query = query.bind(filter.act.map_or("", AuditedAct::as_str)).bind(i64::from(limit));
    let query = named.iter().fold(query, |query, (_, value)| query.bind((*value).to_owned()));
    let event = |row| Ok((row::number(row, 0)?, row::parsed(row, 1, |text| serde_json::from_str(text).ok())?));
    connections.fetch_all(query).await?.iter().map(event).collect()
}

/// How far the log is; nothing if it is empty.
pub(crate) async fn head(connections: &Connections) -> Result<Option<AuditHead>, IndexError> {
    let sql = "select sequence, digest from audit_log order by sequence desc limit 1";
    let row = connections.fetch_optional(sqlx::query(sql)).await?;
    row.map(|row| Ok(AuditHead { sequence: row::number(&row, 0)?, digest: row::parsed(&row, 1, Digest::parse)? })).transpose()
}

/// Writes who stored how many instances of which study in the next changes that this was not done for; how many changes that were.
pub(crate) async fn sum_up_stores(engine: Engine, connection: &mut AnyConnection, limit: u32) -> Result<u64, IndexError> {
    // Taken before the place is read: of two processes the second goes on behind the first.
    for lock in engine.keep_log_in_order() {
        connection.execute(*lock).await?;
    }
    let through = row::number(&sqlx::query("select through from audited_changes").fetch_one(&mut *connection).await?, 0)?;
    let next = "select coalesce(max(sequence), 0), count(*) from \
                (select sequence from changes where sequence > $1 order by sequence limit $2) as page";
    let row = sqlx::query(next).bind(through).bind(i64::from(limit)).fetch_one(&mut *connection).await?;
    let (last, changes) = (row::number(&row, 0)?, row::number(&row, 1)?);
    if changes == 0 {
        return Ok(0);
    }
    let sql = "select v.source, v.study_instance_uid, min(c.at_ms), count(*) from changes c \
               join instance_versions v on v.version_key = c.version_key \
               where c.sequence > $1 and c.sequence <= $2 and c.kind <> $3 \
               group by v.source, v.study_instance_uid order by min(c.sequence)";
    let query = sqlx::query(sql).bind(through).bind(last).bind(ChangeKind::Deleted.as_str());
    for row in query.fetch_all(&mut *connection).await? {
        let stored = stored(&row::text(&row, 0)?, row::parsed(&row, 1, |uid| StudyInstanceUid::parse(uid).ok())?, &row)?;
        let event = completed(connection, &stored).await?;
        append(engine, connection, &event).await?;
    }
    sqlx::query("update audited_changes set through = $1").bind(last).execute(connection).await?;
    Ok(changes.unsigned_abs())
}

/// That a source stored instances of a study: first when, and how many.
fn stored(source: &str, study: StudyInstanceUid, row: &AnyRow) -> Result<AuditEvent, IndexError> {
    Ok(AuditEvent {
        at_ms: row::number(row, 2)?,
        act: AuditedAct::Store,
        outcome: Outcome::Done,
        actor: Actor::name_of_source(source).to_owned(),
        ae_title: source.strip_prefix("dimse:").map(ToOwned::to_owned),
        address: None,
        study: Some(study),
        patient_id: None,
        issuer_of_patient_id: None,
        count: Some(row::number(row, 3)?.unsigned_abs()),
        purpose: None,
        detail: None,
    })
}

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// From one place to another nothing is there.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        through: i64,
    },
    /// What is at this place is not what was put there.
    Altered(i64),
    /// The chain up to this place is not the one that was kept of it outside the database: it was written anew.
    Rewritten(i64),
}

/// Goes along the chain and tells what is wrong with it.
#[derive(Debug, Clone)]
pub struct AuditCheck {
    last: i64,
    /// Places that were kept outside the database, in their order; those that were not come to.
    kept: VecDeque<AuditHead>,
    /// What the last entry says that its digest is, if it is one, and what that must be.
    digests: [Digest; 2],
}

impl Default for AuditCheck {
    fn default() -> Self {
        Self { last: 0, kept: VecDeque::new(), digests: [Digest::new(BEFORE_FIRST); 2] }
    }
}

impl AuditCheck {
    /// A check that holds the chain against what was kept of it elsewhere as well.
    pub fn against(mut kept: Vec<AuditHead>) -> Self {
        kept.sort_unstable_by_key(|head| head.sequence);
        Self { kept: kept.into(), ..Self::default() }
    }

    /// What is wrong behind the last entry.
    pub fn end(&self) -> Option<AuditFault> {
        let last = self.kept.back().filter(|head| head.sequence > self.last)?;
        Some(AuditFault::Missing { from: self.last + 1, through: last.sequence })
    }

    /// Looks at what comes next. An entry is named where it was changed itself, not where only the one before was.
    fn look(&mut self, row: &LogRow) -> Vec<AuditFault> {
        let mut faults = Vec::new();
        let is_next = row.sequence == self.last + 1;
        if !is_next {
            faults.push(AuditFault::Missing { from: self.last + 1, through: row.sequence - 1 });
        }
        let must_be = self.digests.map(|before| digest(&before, row.sequence, &row.entry));
        // Behind a gap the digest before is not known: the entry itself may be whole.
        let is_whole = row.digest.is_some_and(|digest| !is_next || must_be.contains(&digest));
        if !is_whole || !row.is_found_by_what_it_says {
            faults.push(AuditFault::Altered(row.sequence));
        }
        // Of those that are passed over the entries are missing.
        while let Some(head) = self.kept.pop_front_if(|head| head.sequence <= row.sequence) {
            if head.sequence == row.sequence && Some(head.digest) != row.digest {
                faults.push(AuditFault::Rewritten(row.sequence));
            }
        }
        (self.last, self.digests) = (row.sequence, [row.digest.unwrap_or(must_be[0]), must_be[0]]);
        faults
    }
}

/// A row of the log as it is, whatever became of it.
struct LogRow {
    sequence: i64,
    entry: String,
    digest: Option<Digest>,
    is_found_by_what_it_says: bool,
}

/// Goes along a page of the chain; says how many entries that were.
pub(crate) async fn check(
    connections: &Connections,
    check: &mut AuditCheck,
    limit: u32,
) -> Result<(u64, Vec<AuditFault>), IndexError> {
    let sql = "select sequence, entry, digest, at_ms, act, actor, study_instance_uid, patient_id from audit_log \
               where sequence > $1 order by sequence limit $2";
    let rows = connections.fetch_all(sqlx::query(sql).bind(check.last).bind(i64::from(limit))).await?;
    let mut faults = Vec::new();
    for row in &rows {
        faults.extend(check.look(&log_row(row)?));
    }
    Ok((rows.len() as u64, faults))
}

fn log_row(row: &AnyRow) -> Result<LogRow, IndexError> {
    let entry = row::text(row, 1)?;
    // Whether the columns that the log is searched by hold what the entry says.
    let is_found_by_what_it_says = match serde_json::from_str::<AuditEvent>(&entry) {
        Ok(event) => {
            row::number(row, 3)? == event.at_ms
                && row::text(row, 4)? == event.act.as_str()
                && row::text(row, 5)? == event.actor
                && row::optional_text(row, 6)?.as_deref() == event.study.as_ref().map(StudyInstanceUid::as_str)
                && row::optional_text(row, 7)? == event.patient_id
        }
        Err(_) => false,
    };
    let digest = Digest::parse(&row::text(row, 2)?);
    Ok(LogRow { sequence: row::number(row, 0)?, entry, digest, is_found_by_what_it_says })
}
