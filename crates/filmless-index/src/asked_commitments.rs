//! What we asked peers to vouch for, and what they said.

use filmless_model::ae_title::AeTitle;
use filmless_model::commitment::{AskedCommitment, AskedSummary, CommitmentAnswer, Reference};
use filmless_model::uid::{SopInstanceUid, TransactionUid};
use serde_json::json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::commitments::{count, referenced_json};
use crate::connections::Connections;
use crate::error::IndexError;
use crate::forwarding::proofs;
use crate::row;
use crate::text::kept;

/// Keeps what is about to be asked.
pub(crate) async fn add(connection: &mut AnyConnection, asked: &AskedCommitment) -> Result<(), IndexError> {
    let sql =
        "insert into asked_commitments (transaction_uid, peer, referenced, instances, asked_ms) values ($1, $2, $3, $4, $5)";
    let query = sqlx::query(sql).bind(asked.transaction.as_str().to_owned()).bind(asked.peer.as_str().to_owned());
    let query = query.bind(referenced_json(&asked.references)).bind(count(asked.references.len())).bind(asked.asked_ms);
    query.execute(connection).await?;
    Ok(())
}

/// Keeps why the peer could not be asked.
pub(crate) async fn note_trouble(
    connection: &mut AnyConnection,
    transaction: &TransactionUid,
    trouble: &str,
) -> Result<(), IndexError> {
    let query = sqlx::query("update asked_commitments set trouble = $1 where transaction_uid = $2");
    query.bind(kept(trouble).into_owned()).bind(transaction.as_str().to_owned()).execute(connection).await?;
    Ok(())
}

/// Keeps what the peer said; false if it was not asked that.
pub(crate) async fn answer(
    connection: &mut AnyConnection,
    transaction: &TransactionUid,
    peer: &AeTitle,
    answer: &CommitmentAnswer,
) -> Result<bool, IndexError> {
    let sql = "select referenced from asked_commitments where transaction_uid = $1 and peer = $2";
    let query = sqlx::query(sql).bind(transaction.as_str().to_owned()).bind(peer.as_str().to_owned());
    let Some(row) = query.fetch_optional(&mut *connection).await? else { return Ok(false) };
    let references: Vec<Reference> = row::parsed(&row, 0, |text| serde_json::from_str(text).ok())?;
    let committed: Vec<_> = answer.committed.iter().map(SopInstanceUid::as_str).collect();
    let failed: Vec<_> = answer.failed.iter().map(|(instance, reason)| json!([instance.as_str(), reason])).collect();
    let sql = "update asked_commitments set committed = $1, failed = $2, answered_ms = $3, refused = $4, reasons = $5 \
               where transaction_uid = $6";
    let query = sqlx::query(sql).bind(json!(committed).to_string()).bind(json!(failed).to_string()).bind(answer.at_ms);
    let query = query.bind(count(answer.refused(&references))).bind(json!(answer.reasons()).to_string());
    query.bind(transaction.as_str().to_owned()).execute(&mut *connection).await?;
    proofs::answered(connection, transaction, answer.at_ms).await?;
    Ok(true)
}

/// What was asked, last first.
pub(crate) async fn list(connections: &Connections, limit: u32) -> Result<Vec<AskedSummary>, IndexError> {
    let sql = "select transaction_uid, peer, instances, refused, reasons, trouble, asked_ms, answered_ms \
               from asked_commitments order by asked_ms desc, transaction_uid desc limit $1";
    let summary = |row: &AnyRow| {
        Ok(AskedSummary {
            transaction: row::uid(row, 0)?,
            peer: row::parsed(row, 1, |text| AeTitle::parse(text).ok())?,
            instances: row::unsigned(row, 2)?,
            refused: row::unsigned(row, 3)?,
            reasons: row::parsed(row, 4, |text| serde_json::from_str(text).ok())?,
            trouble: row::optional_text(row, 5)?,
            asked_ms: row::number(row, 6)?,
            answered_ms: row::optional_number(row, 7)?,
        })
    };
    connections.fetch_all(sqlx::query(sql).bind(i64::from(limit))).await?.iter().map(summary).collect()
}

/// What was asked under a transaction.
pub(crate) async fn get(connections: &Connections, transaction: &TransactionUid) -> Result<Option<AskedCommitment>, IndexError> {
    let sql = "select peer, referenced, asked_ms, committed, failed, answered_ms from asked_commitments \
               where transaction_uid = $1";
    let row = connections.fetch_optional(sqlx::query(sql).bind(transaction.as_str().to_owned())).await?;
    let Some(row) = row else { return Ok(None) };
    let answer = match row::optional_number(&row, 5)? {
        None => None,
        Some(at_ms) => Some(CommitmentAnswer {
            committed: row::optional(&row, 3, |text| serde_json::from_str(text).ok())?.unwrap_or_default(),
            failed: row::optional(&row, 4, |text| serde_json::from_str(text).ok())?.unwrap_or_default(),
            at_ms,
        }),
    };
    Ok(Some(AskedCommitment {
        transaction: transaction.clone(),
        peer: row::parsed(&row, 0, |text| AeTitle::parse(text).ok())?,
        references: row::parsed(&row, 1, |text| serde_json::from_str(text).ok())?,
        asked_ms: row::number(&row, 2)?,
        answer,
    }))
}

/// Forgets what was asked before `before_ms`.
pub(crate) async fn forget(connection: &mut AnyConnection, before_ms: i64) -> Result<u64, IndexError> {
    let query = sqlx::query("delete from asked_commitments where asked_ms < $1").bind(before_ms);
    Ok(query.execute(connection).await?.rows_affected())
}
