//! What a retrieve needs: the served instances of a resource, and their headers.

use filmless_model::address::Resource;
use filmless_model::version::VersionId;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::connections::Connections;
use crate::error::IndexError;
use crate::index::{StoredHeader, StoredInstance};
use crate::row::{self, version_columns};
use crate::text::kept;

/// A statement about the served instances of a resource: `$columns` of them, in the order of a reading.
macro_rules! of_resource {
    ($columns:expr, $tables:literal, $condition:literal) => {
        concat!(
            "select st.study_instance_uid, se.series_instance_uid, i.sop_instance_uid, ",
            $columns,
            " from studies st join series se on se.study_key = st.study_key",
            " join instances i on i.study_key = se.study_key and i.series_key = se.series_key ",
            $tables,
            " where st.study_instance_uid = $1",
            $condition,
            " order by se.series_number nulls last, se.series_instance_uid, i.instance_number nulls last, i.sop_instance_uid"
        )
    };
}

/// The statement for the level of a resource.
macro_rules! by_level {
    ($resource:expr, $columns:expr, $tables:literal) => {
        match $resource {
            Resource::Study(_) => of_resource!($columns, $tables, ""),
            Resource::Series(_) => of_resource!($columns, $tables, " and se.series_instance_uid = $2"),
            Resource::Instance(_) => {
                of_resource!($columns, $tables, " and se.series_instance_uid = $2 and i.sop_instance_uid = $3")
            }
        }
    };
}

async fn rows(
    connections: &Connections,
    sql: impl SqlSafeStr,
    resource: &Resource,
) -> Result<Vec<sqlx::any::AnyRow>, IndexError> {
    let query = sqlx::query(sql).bind(resource.study().as_str().to_owned());
    let query = match resource {
        Resource::Study(_) => query,
        Resource::Series(address) => query.bind(address.series.as_str().to_owned()),
        Resource::Instance(address) => query.bind(address.series.as_str().to_owned()).bind(address.instance.as_str().to_owned()),
    };
    connections.fetch_all(query).await
}

/// The served instances of a resource.
pub(crate) async fn instances(connections: &Connections, resource: &Resource) -> Result<Vec<StoredInstance>, IndexError> {
    let sql = by_level!(
        resource,
        concat!("i.sop_class_uid, ", version_columns!()),
        "join instance_versions v on v.version_key = i.version_key"
    );
    rows(connections, sql, resource).await?.iter().map(stored).collect()
}

/// The served instances that came last from a source, newest first. Only what was stored lately is looked at: a source that
/// has been silent for long must not cost a walk through all that was ever stored.
pub(crate) async fn last_of_source(
    connections: &Connections,
    source: &str,
    limit: u32,
) -> Result<Vec<StoredInstance>, IndexError> {
    let sql = concat!(
        "select v.study_instance_uid, v.series_instance_uid, v.sop_instance_uid, i.sop_class_uid, ",
        version_columns!(),
        " from (select * from instance_versions order by version_key desc limit 20000) as v \
         join instances i on i.sop_instance_uid = v.sop_instance_uid and i.version_key = v.version_key \
         where v.source = $1 order by v.version_key desc limit $2"
    );
    let query = sqlx::query(sql).bind(kept(source).into_owned()).bind(i64::from(limit));
    connections.fetch_all(query).await?.iter().map(stored).collect()
}

fn stored(row: &sqlx::any::AnyRow) -> Result<StoredInstance, IndexError> {
    Ok(StoredInstance { address: row::address(row, 0)?, sop_class: row::uid(row, 3)?, version: row::version(row, 4)? })
}

/// The served versions of a resource. One row for all of them: each would cost more than what is in it.
pub(crate) async fn served_versions(connections: &Connections, resource: &Resource) -> Result<Vec<VersionId>, IndexError> {
    let sql = by_level!(resource, "v.version_id", "join instance_versions v on v.version_key = i.version_key");
    // Safe: a fixed text around another.
    let sql = AssertSqlSafe(format!("select string_agg(version_id, ',') from ({sql}) as served"));
    let row = rows(connections, sql, resource).await?;
    let ids = row.first().map_or(Ok(None), |row| row::optional_text(row, 0))?.unwrap_or_default();
    let version = |id| VersionId::parse(id).ok_or_else(|| IndexError::Corrupt("a version has no name of ours".to_owned()));
    ids.split_terminator(',').map(version).collect()
}

/// The compressed headers of the served instances of a resource.
pub(crate) async fn dicom_json(connections: &Connections, resource: &Resource) -> Result<Vec<StoredHeader>, IndexError> {
    let sql = by_level!(
        resource,
        "v.version_id, v.transfer_syntax_uid, h.dicom_json",
        "join instance_versions v on v.version_key = i.version_key join instance_headers h on h.version_key = i.version_key"
    );
    let header = |row: &sqlx::any::AnyRow| {
        Ok(StoredHeader {
            address: row::address(row, 0)?,
            version: row::version_id(row, 3)?,
            transfer_syntax: row::uid(row, 4)?,
            dicom_json: row::bytes(row, 5)?,
        })
    };
    rows(connections, sql, resource).await?.iter().map(header).collect()
}
