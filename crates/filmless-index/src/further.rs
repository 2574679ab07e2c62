//! Further attributes: which there are, how far each is indexed, and their values.
//!
//! Values are kept in the order of the change feed, each page in a transaction that also moves the mark: whatever
//! interrupts it, the next run goes on there, and of two processes one is first. Stores know nothing of it. Nothing is
//! missed, since the feed misses nothing; whoever searches compares the mark with the end of the feed.

use filmless_model::further::FurtherAttribute;
use filmless_model::query::QueryRetrieveLevel;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{ChangedHeader, FurtherRow, FurtherValues, ServedHeader};
use crate::row;
use crate::text::kept;

/// The word for the owner of an attribute's values.
fn owner(attribute: &FurtherAttribute) -> &'static str {
    match attribute.owner() {
        QueryRetrieveLevel::Study => "study",
        QueryRetrieveLevel::Series => "series",
        QueryRetrieveLevel::Instance => "instance",
    }
}

pub(crate) async fn attributes(connections: &Connections) -> Result<Vec<FurtherRow>, IndexError> {
    let sql = "select attribute_key, name, indexed_through from further_attributes order by attribute_key";
    let attribute = |row: &AnyRow| {
        Ok(FurtherRow { key: row::number(row, 0)?, name: row::text(row, 1)?, indexed_through: row::number(row, 2)? })
    };
    connections.fetch_all(sqlx::query(sql)).await?.iter().map(attribute).collect()
}

pub(crate) async fn add(connection: &mut AnyConnection, attribute: &FurtherAttribute) -> Result<bool, IndexError> {
    let sql = "insert into further_attributes (name, owner, indexed_through) values ($1, $2, 0) on conflict do nothing";
    let query = sqlx::query(sql).bind(attribute.name()).bind(owner(attribute));
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn remove(connection: &mut AnyConnection, name: &str) -> Result<bool, IndexError> {
    let query = sqlx::query("delete from further_attributes where name = $1").bind(name.to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

/// An attribute that has values and is indexed no more.
pub(crate) async fn rubbish(connections: &Connections) -> Result<Option<i64>, IndexError> {
    // From key to key by the SQL index, over however many values each has.
    let sql = "select f.attribute_key, a.attribute_key \
               from (select min(attribute_key) as attribute_key from further_values where attribute_key > $1) f \
               left join further_attributes a on a.attribute_key = f.attribute_key where f.attribute_key is not null";
    let mut last = 0;
    while let Some(row) = connections.fetch_optional(sqlx::query(sql).bind(last)).await? {
        last = row::number(&row, 0)?;
        if row::optional_number(&row, 1)?.is_none() {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

pub(crate) async fn remove_values(connection: &mut AnyConnection, attribute: i64, limit: u32) -> Result<u64, IndexError> {
    let sql = "delete from further_values where attribute_key = $1 and owner_key in \
               (select owner_key from further_values where attribute_key = $1 order by owner_key limit $2)";
    let query = sqlx::query(sql).bind(attribute).bind(i64::from(limit));
    Ok(query.execute(connection).await?.rows_affected())
}

pub(crate) async fn changed_headers(connections: &Connections, after: i64, limit: u32) -> Result<Vec<ChangedHeader>, IndexError> {
    let sql = "select c.sequence, i.instance_key, i.version_key, v.source, v.stored_ms, h.dicom_json \
               from changes c join instance_versions v on v.version_key = c.version_key \
               left join instances i on i.sop_instance_uid = v.sop_instance_uid and i.version_key = c.version_key \
               left join instance_headers h on h.version_key = i.version_key \
               where c.sequence > $1 order by c.sequence limit $2";
    let rows = connections.fetch_all(sqlx::query(sql).bind(after).bind(i64::from(limit))).await?;
    let served = |row: &AnyRow, instance| -> Result<_, IndexError> {
        Ok(ServedHeader {
            instance,
            version: row::number(row, 2)?,
            source: row::text(row, 3)?,
            stored_ms: row::number(row, 4)?,
            dicom_json: row::bytes(row, 5)?,
        })
    };
    let header = |row: &AnyRow| {
        let served = row::optional_number(row, 1)?.map(|instance| served(row, instance)).transpose()?;
        Ok(ChangedHeader { sequence: row::number(row, 0)?, served })
    };
    rows.iter().map(header).collect()
}

/// See [`crate::Index::keep_further_values`].
pub(crate) async fn keep(engine: Engine, connection: &mut AnyConnection, page: &FurtherValues) -> Result<bool, IndexError> {
    for sql in engine.keep_deletions_out() {
        sqlx::query(*sql).execute(&mut *connection).await?;
    }
    let attributes = serde_json::Value::from(page.attributes.as_slice()).to_string();
    let mark = format!(
        "update further_attributes set indexed_through = $1 where indexed_through = $2 and attribute_key in {}",
        engine.numbers(3)
    );
    let mark = sqlx::query(AssertSqlSafe(mark)).bind(page.through).bind(page.from).bind(attributes.clone());
    match mark.execute(&mut *connection).await?.rows_affected() {
        0 => return Ok(false),
        moved if moved == page.attributes.len() as u64 => {}
        _ => return Err(IndexError::NotCommitted("the further attributes changed in between".to_owned())),
    }
    // What an earlier version of an instance had. What describes a study or a series stays as it came, as in columns.
    let old = format!(
        "delete from further_values where attribute_key in \
         (select a.attribute_key from further_attributes a where a.owner = 'instance' and a.attribute_key in {}) \
         and owner_key in {}",
        engine.numbers(1),
        engine.numbers(2)
    );
    let instances = serde_json::Value::from(page.instances.as_slice()).to_string();
    sqlx::query(AssertSqlSafe(old)).bind(attributes).bind(instances).execute(&mut *connection).await?;
    let insert = format!(
        "insert into further_values (attribute_key, owner_key, item, value) \
         select a.attribute_key, case a.owner when 'study' then i.study_key when 'series' then i.series_key else i.instance_key end, \
         cast(e.value ->> 3 as bigint), e.value ->> 4 \
         from {} join further_attributes a on a.attribute_key = cast(e.value ->> 0 as bigint) \
         join instances i on i.instance_key = cast(e.value ->> 1 as bigint) and i.version_key = cast(e.value ->> 2 as bigint) \
         where 1 = 1 on conflict do nothing",
        engine.arrays(1)
    );
    let rows = page.values.iter().map(|v| json!([v.attribute, v.instance.0, v.instance.1, v.item, kept(&v.value)]));
    let rows = serde_json::Value::Array(rows.collect()).to_string();
    sqlx::query(AssertSqlSafe(insert)).bind(rows).execute(connection).await?;
    Ok(true)
}
