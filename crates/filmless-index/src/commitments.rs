//! Storage commitments: requests, who works on them until when, and what became of them.
//!
//! A row is had by whoever moved its `next_ms` on. Nobody else takes it before that time; if its owner dies, anybody does then.

use std::net::IpAddr;

use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{
    Commitment, CommitmentFailure, CommitmentRequest, CommitmentState, CommitmentSummary, Reference,
};
use filmless_model::version::VersionId;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::error::IndexError;
use crate::index::{CommittedCopy, NewCommitment};
use crate::row;
use crate::text::kept;

const CHECKING: &str = CommitmentState::Checking.as_str();
const REPORTING: &str = CommitmentState::Reporting.as_str();

/// Adds a request, had until `next_ms`; see [`crate::Index::add_commitment`].
pub(crate) async fn add(
    connection: &mut AnyConnection,
    request: &CommitmentRequest,
    now_ms: i64,
    next_ms: i64,
) -> Result<NewCommitment, IndexError> {
    let referenced = referenced_json(&request.references);
    let sql = "select commitment_key, referenced from commitments \
               where transaction_uid = $1 and peer = $2 and state in ($3, $4) order by commitment_key limit 1";
    let query = sqlx::query(sql).bind(request.transaction.as_str().to_owned()).bind(request.peer.as_str().to_owned());
    let in_use = query.bind(CHECKING).bind(REPORTING).fetch_optional(&mut *connection).await?;
    let mut failures = Vec::new();
    if let Some(row) = in_use {
        if row::text(&row, 1)? == referenced {
            return Ok(NewCommitment::Known);
        }
        failures.extend((0..request.references.len()).map(|place| (place, CommitmentFailure::DuplicateTransaction)));
    }
    let state = if failures.is_empty() { CHECKING } else { REPORTING };
    let sql = "insert into commitments (transaction_uid, peer, address, referenced, instances, state, failures, failed, \
               attempts, requested_ms, next_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10) returning commitment_key";
    let query = sqlx::query(sql)
        .bind(request.transaction.as_str().to_owned())
        .bind(request.peer.as_str().to_owned())
        .bind(request.address.to_string())
        .bind(referenced)
        .bind(count(request.references.len()))
        .bind(state)
        .bind(failures_json(&failures))
        .bind(count(failures.len()))
        .bind(now_ms)
        .bind(next_ms);
    let key = row::number(&query.fetch_one(connection).await?, 0)?;
    Ok(NewCommitment::Added(key, failures))
}

/// Whether a commitment is due. Asked often, so it is only read.
pub(crate) async fn is_due(connections: &Connections, now_ms: i64) -> Result<bool, IndexError> {
    let sql = "select commitment_key from commitments where state in ($1, $2) and next_ms <= $3 limit 1";
    let query = sqlx::query(sql).bind(CHECKING).bind(REPORTING).bind(now_ms);
    Ok(connections.fetch_optional(query).await?.is_some())
}

/// Takes the commitment that is due the longest, until `next_ms`.
pub(crate) async fn take(connection: &mut AnyConnection, now_ms: i64, next_ms: i64) -> Result<Option<Commitment>, IndexError> {
    let sql = "update commitments set next_ms = $1 where commitment_key = (select commitment_key from commitments \
               where state in ($2, $3) and next_ms <= $4 order by next_ms, commitment_key limit 1) and next_ms <= $4 \
               returning commitment_key, transaction_uid, peer, address, referenced, state, failures, attempts, requested_ms";
    let query = sqlx::query(sql).bind(next_ms).bind(CHECKING).bind(REPORTING).bind(now_ms);
    query.fetch_optional(connection).await?.as_ref().map(commitment_of).transpose()
}

/// Takes this commitment, which its owner had until `had_ms`, until `next_ms`; false if somebody else has it.
pub(crate) async fn keep(connection: &mut AnyConnection, key: i64, had_ms: i64, next_ms: i64) -> Result<bool, IndexError> {
    let sql = "update commitments set next_ms = $1 where commitment_key = $2 and next_ms = $3 and state in ($4, $5)";
    let query = sqlx::query(sql).bind(next_ms).bind(key).bind(had_ms).bind(CHECKING).bind(REPORTING);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

/// Says how far a commitment is; see [`crate::Index::move_commitment`].
pub(crate) async fn move_on(
    connection: &mut AnyConnection,
    commitment: &Commitment,
    trouble: Option<&str>,
    next_ms: i64,
) -> Result<(), IndexError> {
    let sql = "update commitments set state = $1, failures = $2, failed = $3, attempts = $4, trouble = $5, next_ms = $6 \
               where commitment_key = $7 and state in ($8, $9)";
    let query = sqlx::query(sql)
        .bind(commitment.state.as_str())
        .bind(failures_json(&commitment.failures))
        .bind(count(commitment.failures.len()))
        .bind(i64::from(commitment.attempts))
        .bind(trouble.map(|trouble| kept(trouble).into_owned()))
        .bind(next_ms)
        .bind(commitment.key)
        .bind(CHECKING)
        .bind(REPORTING);
    query.execute(connection).await?;
    Ok(())
}

/// Has a commitment worked on anew, from its bytes on; false if there is none or the peer was told.
pub(crate) async fn retry(connection: &mut AnyConnection, key: i64, now_ms: i64) -> Result<bool, IndexError> {
    let sql = "update commitments set state = $1, failures = '[]', failed = 0, attempts = 0, requested_ms = $2, next_ms = $2 \
               where commitment_key = $3 and state <> $4";
    let query = sqlx::query(sql).bind(CHECKING).bind(now_ms).bind(key).bind(CommitmentState::Reported.as_str());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

/// Forgets what ended before `before_ms`.
pub(crate) async fn forget(connection: &mut AnyConnection, before_ms: i64) -> Result<u64, IndexError> {
    let sql = "delete from commitments where state in ($1, $2) and next_ms < $3";
    let query = sqlx::query(sql).bind(CommitmentState::Reported.as_str()).bind(CommitmentState::GivenUp.as_str());
    Ok(query.bind(before_ms).execute(connection).await?.rows_affected())
}

/// Commitments, last asked for first.
pub(crate) async fn list(connections: &Connections, limit: u32) -> Result<Vec<CommitmentSummary>, IndexError> {
    let sql = "select commitment_key, transaction_uid, peer, state, instances, failed, attempts, trouble, requested_ms, next_ms \
               from commitments order by commitment_key desc limit $1";
    let rows = connections.fetch_all(sqlx::query(sql).bind(i64::from(limit))).await?;
    let summary = |row: &AnyRow| {
        Ok(CommitmentSummary {
            key: row::number(row, 0)?,
            transaction: row::uid(row, 1)?,
            peer: row::parsed(row, 2, |text| AeTitle::parse(text).ok())?,
            state: row::parsed(row, 3, CommitmentState::parse)?,
            instances: row::unsigned(row, 4)?,
            failed: row::unsigned(row, 5)?,
            attempts: u32::try_from(row::unsigned(row, 6)?).unwrap_or(u32::MAX),
            trouble: row::optional_text(row, 7)?,
            requested_ms: row::number(row, 8)?,
            at_ms: row::number(row, 9)?,
        })
    };
    rows.iter().map(summary).collect()
}

/// Every kept copy of those of the instances that are visible.
pub(crate) async fn copies(connections: &Connections, references: &[Reference]) -> Result<Vec<CommittedCopy>, IndexError> {
    let sql = format!(
        "select i.sop_instance_uid, i.sop_class_uid, v.version_id, v.digest, v.length_bytes \
         from instances i join instance_versions v on v.sop_instance_uid = i.sop_instance_uid \
         where i.sop_instance_uid in {} \
         and not exists (select 1 from deleted_versions d where d.version_key = v.version_key)",
        connections.engine().texts(1)
    );
    let uids: Vec<_> = references.iter().map(|(_, instance)| instance.as_str()).collect();
    // Safe: a fixed text around a fixed one.
    let query = sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(uids).to_string());
    let copy = |row: &AnyRow| {
        Ok(CommittedCopy {
            reference: (row::uid(row, 1)?, row::uid(row, 0)?),
            version: row::parsed(row, 2, VersionId::parse)?,
            digest: row::digest(row, 3)?,
            length_bytes: row::unsigned(row, 4)?,
        })
    };
    connections.fetch_all(query).await?.iter().map(copy).collect()
}

fn commitment_of(row: &AnyRow) -> Result<Commitment, IndexError> {
    Ok(Commitment {
        key: row::number(row, 0)?,
        request: CommitmentRequest {
            transaction: row::uid(row, 1)?,
            peer: row::parsed(row, 2, |text| AeTitle::parse(text).ok())?,
            address: row::parsed(row, 3, |text| text.parse::<IpAddr>().ok())?,
            references: row::parsed(row, 4, |text| serde_json::from_str(text).ok())?,
        },
        state: row::parsed(row, 5, CommitmentState::parse)?,
        failures: row::parsed(row, 6, failures_of)?,
        attempts: u32::try_from(row::unsigned(row, 7)?).unwrap_or(u32::MAX),
        requested_ms: row::number(row, 8)?,
    })
}

pub(crate) fn referenced_json(references: &[Reference]) -> String {
    let one = |(class, instance): &Reference| json!([class.as_str(), instance.as_str()]);
    references.iter().map(one).collect::<serde_json::Value>().to_string()
}

fn failures_json(failures: &[(usize, CommitmentFailure)]) -> String {
    failures.iter().map(|(place, failure)| json!([place, failure.code()])).collect::<serde_json::Value>().to_string()
}

fn failures_of(text: &str) -> Option<Vec<(usize, CommitmentFailure)>> {
    let all: Vec<(usize, u16)> = serde_json::from_str(text).ok()?;
    all.into_iter().map(|(place, code)| Some((place, CommitmentFailure::of_code(code)?))).collect()
}

pub(crate) fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
