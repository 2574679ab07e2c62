//! The statements about what destinations are to vouch for (PS3.4 annex J). What is unproven is taken and settled as what waits is.

use filmless_model::forwarding::ForwardState;
use filmless_model::uid::TransactionUid;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::engine::Engine;
use crate::error::IndexError;
use crate::text::kept;

const UNPROVEN: &str = ForwardState::Unproven.as_str();

/// Keeps what a destination is about to be asked under; see [`crate::ForwardingIndex::ask_for_forwards`].
pub(crate) async fn ask(
    engine: Engine,
    connection: &mut AnyConnection,
    taken_by: i64,
    keys: &[i64],
    transaction: &TransactionUid,
    next_ms: i64,
) -> Result<(), IndexError> {
    let sql = format!(
        "update forwards set transaction_uid = $2, asked = asked + 1, next_ms = $3, taken_by = 0 \
         where forward_key in {} and taken_by = $4 and state = $5",
        engine.numbers(1)
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(keys).to_string());
    let query = query.bind(transaction.as_str().to_owned()).bind(next_ms).bind(taken_by).bind(UNPROVEN);
    query.execute(connection).await?;
    Ok(())
}

/// It was asked, or could not be; see [`crate::ForwardingIndex::postpone_proof`].
pub(crate) async fn postpone(
    connection: &mut AnyConnection,
    (transaction, due_ms): (&TransactionUid, i64),
    trouble: Option<&str>,
    next_ms: i64,
) -> Result<(), IndexError> {
    let sql = "update forwards set trouble = $1, next_ms = $2 where transaction_uid = $3 and next_ms = $4 and state = $5";
    let query = sqlx::query(sql).bind(trouble.map(|trouble| kept(trouble).into_owned())).bind(next_ms);
    query.bind(transaction.as_str().to_owned()).bind(due_ms).bind(UNPROVEN).execute(connection).await?;
    Ok(())
}

/// It has answered: what it was asked about is to be settled.
pub(crate) async fn answered(
    connection: &mut AnyConnection,
    transaction: &TransactionUid,
    now_ms: i64,
) -> Result<(), IndexError> {
    let sql = "update forwards set next_ms = $1 where transaction_uid = $2 and state = $3";
    sqlx::query(sql).bind(now_ms).bind(transaction.as_str().to_owned()).bind(UNPROVEN).execute(connection).await?;
    Ok(())
}
