//! The change feed and the conflict list.

use filmless_model::change::{Change, ChangeKind};
use filmless_model::conflict::{Conflict, ConflictKind};
use filmless_model::version::VersionId;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

/// Changes after `since`, in order.
pub(crate) async fn changes(connections: &Connections, since: i64, limit: u32) -> Result<Vec<Change>, IndexError> {
    let sql = "select c.sequence, c.kind, v.study_instance_uid, v.series_instance_uid, v.sop_instance_uid, v.version_id, c.at_ms \
               from changes c join instance_versions v on v.version_key = c.version_key \
               where c.sequence > $1 order by c.sequence limit $2";
    let rows = connections.fetch_all(sqlx::query(sql).bind(since).bind(i64::from(limit))).await?;
    let change = |row| {
        Ok(Change {
            sequence: row::number(row, 0)?,
            kind: row::parsed(row, 1, ChangeKind::parse)?,
            address: row::address(row, 2)?,
            version: row::version_id(row, 5)?,
            at_ms: row::number(row, 6)?,
        })
    };
    rows.iter().map(change).collect()
}

/// The sequence of the last change, 0 if there is none.
pub(crate) async fn last_change(connections: &Connections) -> Result<i64, IndexError> {
    let row = connections.fetch_one(sqlx::query("select coalesce(max(sequence), 0) from changes")).await?;
    row::number(&row, 0)
}

/// Conflicts, newest first.
pub(crate) async fn conflicts(connections: &Connections, limit: u32, offset: u64) -> Result<Vec<Conflict>, IndexError> {
    let sql = "select c.kind, l.study_instance_uid, l.series_instance_uid, l.sop_instance_uid, l.version_id, e.version_id, \
                      case when i.version_key = l.version_key then 1 else 0 end, c.at_ms \
               from conflicts c \
               join instance_versions l on l.version_key = c.later_version_key \
               left join instance_versions e on e.version_key = c.earlier_version_key \
               left join instances i on i.sop_instance_uid = l.sop_instance_uid \
               where not exists (select 1 from deleted_versions d where d.version_key = l.version_key) \
               order by c.conflict_key desc limit $1 offset $2";
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let rows = connections.fetch_all(sqlx::query(sql).bind(i64::from(limit)).bind(offset)).await?;
    let conflict = |row| {
        let earlier: Option<String> = row::optional_text(row, 5)?;
        Ok(Conflict {
            kind: row::parsed(row, 0, ConflictKind::parse)?,
            address: row::address(row, 1)?,
            later: row::version_id(row, 4)?,
            earlier: earlier.map(|_| row::parsed(row, 5, VersionId::parse)).transpose()?,
            later_is_served: row::flag(row, 6)?,
            at_ms: row::number(row, 7)?,
        })
    };
    rows.iter().map(conflict).collect()
}
