//! Recording a version: look at what is known, judge, write. One transaction, insert-only but for the row of an
//! instance whose served version changes, and the mark of bytes that were deleted and come back.
//!
//! Transactions that store one study side by side meet at unique constraints, never at a lock of ours: rows are
//! inserted in one order (patient, study, series, version, instance, change), at most one of each, so none waits in
//! a circle. Whoever comes second finds the row there, takes everything back and looks again; each look finds at
//! least one row more, so it ends. Deletions are kept out meanwhile. SQLite's one writer never comes second.

pub(crate) mod arriving;
mod rules;
pub(crate) mod statements;

use filmless_model::change::ChangeKind;
use filmless_model::conflict::ConflictKind;
use filmless_model::record::InstanceRecord;
use filmless_model::store_outcome::StoreEffect;
use filmless_model::version::Digest;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::columns::Table;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{Committed, Origin, VersionCommit};
use crate::row;
pub use rules::Known;
use rules::{DeletedBytes, KnownInstance, KnownSeries, KnownStudy, Verdict, judge};
use statements::{
    AnyQuery, COERCE_VERSION, INSERT_CONFLICT, INSERT_HEADER, INSERT_INSTANCE, INSERT_PATIENT, INSERT_SERIES, INSERT_STUDY,
    INSERT_VERSION, LOOK, REPLACE_HEADER, REPLACE_INSTANCE, REVIVE_VERSION, bind_attributes, bind_patient, bind_version,
    coercion_text, insert_request_attributes, request_attributes,
};

/// How one try to commit ended.
#[derive(Debug)]
pub(crate) enum Attempt {
    Done(Committed),
    /// Another transaction wrote a row in between: take back what was written and try again.
    Raced,
}

/// Looks and writes on one connection, inside a transaction that the caller began. No deletion is under way beside it.
pub(crate) async fn commit(
    engine: Engine,
    connection: &mut AnyConnection,
    commit: &VersionCommit,
) -> Result<Attempt, IndexError> {
    let known = known(&look(&commit.record, &commit.version.digest).fetch_one(&mut *connection).await?)?;
    if commit.origin == Origin::Deleted && known.deleted.is_none() {
        let (address, version) = (commit.record.address.clone(), commit.version.id);
        return Ok(Attempt::Done(Committed {
            effect: StoreEffect::AlreadyStored,
            address,
            version,
            change: None,
            as_known: false,
        }));
    }
    let verdict = judge(&known, &commit.version.source, commit.may_replace);
    match verdict {
        Verdict::AlreadyStored { version, address } => {
            Ok(Attempt::Done(Committed { effect: StoreEffect::AlreadyStored, address, version, change: None, as_known: false }))
        }
        verdict => write(engine, connection, commit, &known, verdict).await,
    }
}

/// The one request to the database that settles nearly every commit: a new instance of a series that was known a moment
/// ago. If another transaction wrote something in between, the request breaks a constraint and leaves nothing.
/// `None` if more is needed.
pub(crate) fn in_one_request(commit: &VersionCommit, text: &'static str) -> Option<AnyQuery> {
    let series = commit.known.series?;
    if commit.known.deleted.is_some() || commit.origin == Origin::Deleted {
        return None;
    }
    match judge(&commit.known, &commit.version.source, commit.may_replace) {
        Verdict::New => {
            let query = bind_version(sqlx::query(text), commit).bind(commit.dicom_json.clone());
            Some(bind_attributes(query.bind(series.study_key).bind(series.key), commit, Table::Instances))
        }
        _ => None,
    }
}

/// What [`in_one_request`] did, from the rows that it returned.
pub(crate) fn done_in_one(commit: &VersionCommit, rows: &[AnyRow]) -> Result<Committed, IndexError> {
    let row = rows.first().ok_or_else(|| IndexError::Corrupt("a change was not recorded".to_owned()))?;
    Ok(Committed { as_known: true, ..done(commit, StoreEffect::New, row::number(row, 0)?) })
}

/// What the index is asked before a version is stored; [`known`] reads the row that it answers.
pub(crate) fn look(record: &InstanceRecord, digest: &Digest) -> AnyQuery {
    let address = &record.address;
    let query = sqlx::query(LOOK).bind(address.instance.as_str().to_owned()).bind(digest.as_bytes().to_vec());
    bind_patient(query, record).bind(address.study.as_str().to_owned()).bind(address.series.as_str().to_owned())
}

/// See [`crate::Index::known`].
pub(crate) fn known(row: &AnyRow) -> Result<Known, IndexError> {
    let (mut same_bytes, mut deleted) = (None, None);
    match (row::optional_text(row, 0)?, row::optional_number(row, 13)?) {
        (None, _) => {}
        (Some(_), None) => same_bytes = Some((row::version_id(row, 0)?, row::address(row, 1)?)),
        (Some(_), Some(key)) => deleted = Some(DeletedBytes { key, version: row::version_id(row, 0)? }),
    }
    let (study, series) = (row::optional_number(row, 5)?, row::optional_number(row, 7)?);
    Ok(Known {
        same_bytes,
        deleted,
        patient: row::optional_number(row, 4)?,
        study: study.map(|key| Ok::<_, IndexError>(KnownStudy { key, patient_key: row::number(row, 6)? })).transpose()?,
        series: series.map(|key| Ok::<_, IndexError>(KnownSeries { key, study_key: row::number(row, 8)? })).transpose()?,
        instance: known_instance(row)?,
    })
}

fn known_instance(row: &AnyRow) -> Result<Option<KnownInstance>, IndexError> {
    let Some(key) = row::optional_number(row, 9)? else { return Ok(None) };
    let (series_key, version_key) = (row::number(row, 10)?, row::number(row, 11)?);
    Ok(Some(KnownInstance { key, series_key, version_key, first_source: row::text(row, 12)? }))
}

/// Writes what a verdict says. Leaves rows behind when it returns [`Attempt::Raced`].
async fn write(
    engine: Engine,
    connection: &mut AnyConnection,
    commit: &VersionCommit,
    known: &Known,
    verdict: Verdict,
) -> Result<Attempt, IndexError> {
    let parents = match verdict {
        Verdict::New => match insert_parents(engine, connection, commit, known).await? {
            Some(parents) => Some(parents),
            None => return Ok(Attempt::Raced),
        },
        _ => None,
    };
    let version = match known.deleted {
        Some(deleted) => {
            if commit.origin == Origin::Arrived {
                coerce_again(connection, commit, deleted.key).await?;
            }
            deleted.key
        }
        None => match insert_version(connection, commit).await? {
            Some(version) => version,
            None => return Ok(Attempt::Raced),
        },
    };
    let (effect, conflict) = match verdict {
        Verdict::AlreadyStored { .. } => unreachable!("nothing is written for bytes that are there"),
        Verdict::New => {
            let (study, series) = parents.expect("a new instance has its parents inserted above");
            let query = sqlx::query(INSERT_INSTANCE.as_str()).bind(study).bind(series).bind(version);
            let query = query.bind(commit.version.source.clone());
            if insert_missing(connection, bind_attributes(query, commit, Table::Instances)).await?.is_none() {
                return Ok(Attempt::Raced);
            }
            (StoreEffect::New, None)
        }
        Verdict::Replace { instance_key, earlier_version_key } => {
            let query = sqlx::query(REPLACE_INSTANCE.as_str()).bind(version).bind(instance_key).bind(earlier_version_key);
            let replaced = bind_attributes(query, commit, Table::Instances).execute(&mut *connection).await?;
            if replaced.rows_affected() == 0 {
                return Ok(Attempt::Raced);
            }
            (StoreEffect::Replaced, Some((ConflictKind::Content, Some(earlier_version_key))))
        }
        Verdict::Keep { kind, earlier_version_key } => (StoreEffect::Conflict, Some((kind, earlier_version_key))),
    };
    if let Some((kind, earlier)) = conflict {
        let query = sqlx::query(INSERT_CONFLICT).bind(kind.as_str()).bind(version).bind(earlier);
        query.bind(commit.version.stored_ms).execute(&mut *connection).await?;
    }
    if known.deleted.is_some() && sqlx::query(REVIVE_VERSION).bind(version).execute(&mut *connection).await?.rows_affected() == 0
    {
        return Ok(Attempt::Raced);
    }
    let kind = match effect {
        StoreEffect::Replaced => ChangeKind::Replaced,
        StoreEffect::Conflict => ChangeKind::Conflict,
        StoreEffect::New | StoreEffect::AlreadyStored => ChangeKind::Stored,
    };
    // The last statement: on Postgres it takes the lock that keeps the feed in order.
    let query = sqlx::query(engine.append_change()).bind(kind.as_str()).bind(version).bind(commit.version.stored_ms);
    let change = row::number(&query.fetch_one(connection).await?, 0)?;
    let mut committed = done(commit, effect, change);
    committed.version = known.deleted.map_or(committed.version, |deleted| deleted.version);
    Ok(Attempt::Done(committed))
}

/// Inserts the version with its header. `None` if the instance has one with these bytes.
async fn insert_version(connection: &mut AnyConnection, commit: &VersionCommit) -> Result<Option<i64>, IndexError> {
    let insert = bind_version(sqlx::query(INSERT_VERSION.as_str()), commit);
    let Some(version) = insert_missing(connection, insert).await? else { return Ok(None) };
    sqlx::query(INSERT_HEADER).bind(version).bind(commit.dicom_json.clone()).execute(connection).await?;
    Ok(Some(version))
}

/// Bytes that were deleted and come again are shown as the rules of today say.
async fn coerce_again(connection: &mut AnyConnection, commit: &VersionCommit, version: i64) -> Result<(), IndexError> {
    let query = sqlx::query(COERCE_VERSION).bind(version).bind(coercion_text(&commit.version));
    query.execute(&mut *connection).await?;
    sqlx::query(REPLACE_HEADER).bind(version).bind(commit.dicom_json.clone()).execute(connection).await?;
    Ok(())
}

/// Inserts the patient, study and series that are missing. `None` if one of them appeared meanwhile.
async fn insert_parents(
    engine: Engine,
    connection: &mut AnyConnection,
    commit: &VersionCommit,
    known: &Known,
) -> Result<Option<(i64, i64)>, IndexError> {
    if let Some(series) = known.series {
        return Ok(Some((series.study_key, series.key)));
    }
    let study = match (known.study, known.patient) {
        (Some(study), _) => Some(study.key),
        (None, Some(patient)) => insert_study(connection, commit, patient).await?,
        (None, None) => match insert_missing(connection, bind_patient(sqlx::query(INSERT_PATIENT), &commit.record)).await? {
            Some(patient) => insert_study(connection, commit, patient).await?,
            None => None,
        },
    };
    let Some(study) = study else { return Ok(None) };
    let query = bind_attributes(sqlx::query(INSERT_SERIES.as_str()).bind(study), commit, Table::Series);
    let Some(series) = insert_missing(connection, query).await? else { return Ok(None) };
    if !commit.record.request_attributes.is_empty() {
        let insert = sqlx::query(AssertSqlSafe(insert_request_attributes(engine))).bind(series);
        insert.bind(request_attributes(&commit.record)).execute(connection).await?;
    }
    Ok(Some((study, series)))
}

async fn insert_study(connection: &mut AnyConnection, commit: &VersionCommit, patient: i64) -> Result<Option<i64>, IndexError> {
    let query = bind_attributes(sqlx::query(INSERT_STUDY.as_str()).bind(patient), commit, Table::Studies);
    insert_missing(connection, query).await
}

/// Inserts a row and returns its key; `None` if it was there.
async fn insert_missing(connection: &mut AnyConnection, query: AnyQuery) -> Result<Option<i64>, IndexError> {
    query.fetch_optional(connection).await?.map(|row| row::number(&row, 0)).transpose()
}

fn done(commit: &VersionCommit, effect: StoreEffect, change: i64) -> Committed {
    Committed {
        effect,
        address: commit.record.address.clone(),
        version: commit.version.id,
        change: Some(change),
        as_known: false,
    }
}
