//! What a check of the bytes reads: every kept version, served or not.

use std::collections::HashSet;

use filmless_model::version::VersionId;
use sqlx::AssertSqlSafe;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::index::VersionSummary;
use crate::row;

/// Versions after `after`, in the order of their names.
pub(crate) async fn versions(
    connections: &Connections,
    after: Option<VersionId>,
    limit: u32,
) -> Result<Vec<VersionSummary>, IndexError> {
    let sql = "select version_id, digest, length_bytes, study_instance_uid, series_instance_uid, sop_instance_uid \
               from instance_versions v where version_id > $1 \
               and not exists (select 1 from deleted_versions d where d.version_key = v.version_key and d.state <> 'kept') \
               order by version_id limit $2";
    // Every name is after the empty text.
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = connections.fetch_all(sqlx::query(sql).bind(after).bind(i64::from(limit))).await?;
    let summary = |row| {
        Ok(VersionSummary {
            id: row::version_id(row, 0)?,
            digest: row::digest(row, 1)?,
            length_bytes: row::unsigned(row, 2)?,
            address: row::address(row, 3)?,
        })
    };
    rows.iter().map(summary).collect()
}

/// Those of `ids` whose bytes may be there.
pub(crate) async fn known_versions(connections: &Connections, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError> {
    of_these(connections, ids, "d.state = 'destroyed'").await
}

/// Those of `ids` whose bytes must be there.
pub(crate) async fn kept_versions(connections: &Connections, ids: &[VersionId]) -> Result<HashSet<VersionId>, IndexError> {
    of_these(connections, ids, "d.state <> 'kept'").await
}

async fn of_these(connections: &Connections, ids: &[VersionId], unless_deleted: &str) -> Result<HashSet<VersionId>, IndexError> {
    let sql = format!(
        "select version_id from instance_versions v where version_id in {} \
         and not exists (select 1 from deleted_versions d where d.version_key = v.version_key and {unless_deleted})",
        connections.engine().texts(1)
    );
    let ids: Vec<String> = ids.iter().map(VersionId::to_string).collect();
    let rows = connections.fetch_all(sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(ids).to_string())).await?;
    rows.iter().map(|row| row::version_id(row, 0)).collect()
}
