//! Deleting, and what becomes of it: rows leave the searched tables at once, kept copies wait to be restored or
//! destroyed.
//!
//! Nothing is stored beside a deletion: a store that comes second finds what the deletion has done, as `schema.md` says.

use filmless_model::address::{InstanceAddress, Resource, SeriesAddress};
use filmless_model::deletion::{DeletedVersion, Deletion};
use filmless_model::version::VersionId;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::index::{Deleted, DeletionOrder};
use crate::row::{self, version_columns};
use crate::visible::{of_resource, visible};

const INSERT_DELETION: &str = "\
insert into deletions (study_instance_uid, series_instance_uid, sop_instance_uid, deleted_by, at_ms) \
values ($1, nullif($2, ''), nullif($3, ''), $4, $5) returning deletion_key";

/// Every kept copy of the visible instances, served or not, goes with deletion `$4`.
const MARK_VISIBLE: &str = concat!(
    "insert into deleted_versions (version_key, deletion_key, state, was_served, sop_class_uid) \
     select v.version_key, cast($4 as bigint), 'kept', case when v.version_key = served.version_key then 1 else 0 end, \
     case when v.version_key = served.version_key then served.sop_class_uid end \
     from (select i.sop_instance_uid, i.sop_class_uid, i.version_key ",
    visible!(),
    ") as served join instance_versions v on v.sop_instance_uid = served.sop_instance_uid \
     where not exists (select 1 from deleted_versions d where d.version_key = v.version_key)"
);

/// So do copies in conflict that say they belong there, unless their instance is visible elsewhere.
const MARK_IN_CONFLICT: &str = "\
insert into deleted_versions (version_key, deletion_key, state, was_served) \
select distinct v.version_key, cast($4 as bigint), 'kept', 0 \
from conflicts c join instance_versions v on v.version_key = c.later_version_key \
where v.study_instance_uid = $1 and ($2 = '' or v.series_instance_uid = $2) and ($3 = '' or v.sop_instance_uid = $3) \
  and not exists (select 1 from instances i where i.sop_instance_uid = v.sop_instance_uid) \
  and not exists (select 1 from deleted_versions d where d.version_key = v.version_key)";

const APPEND_CHANGES: &str = "\
insert into changes (kind, version_key, at_ms) \
select 'deleted', version_key, cast($2 as bigint) from deleted_versions where deletion_key = $1 and was_served = 1 \
order by version_key";

const DELETE_INSTANCES: &str = concat!("delete from instances where instance_key in (select i.instance_key ", visible!(), ")");

const DELETE_VALUES_OF_INSTANCES: &str = concat!(
    "delete from further_values \
     where attribute_key in (select a.attribute_key from further_attributes a where a.owner = 'instance') \
     and owner_key in (select i.instance_key ",
    visible!(),
    ")"
);

const DELETE_VALUES_OF_SERIES: &str = "\
delete from further_values where attribute_key in (select a.attribute_key from further_attributes a where a.owner = 'series') \
and owner_key in (select se.series_key from series se where se.study_key = $1 and not exists \
(select 1 from instances i where i.study_key = se.study_key and i.series_key = se.series_key))";

const DELETE_VALUES_OF_STUDY: &str = "\
delete from further_values where attribute_key in (select a.attribute_key from further_attributes a where a.owner = 'study') \
and owner_key = $1 and not exists (select 1 from instances i where i.study_key = $1)";

const DELETE_EMPTY_SERIES: &str = "\
delete from series where study_key = $1 and not exists \
(select 1 from instances i where i.study_key = series.study_key and i.series_key = series.series_key)";

const DELETE_EMPTY_STUDY: &str = "\
delete from studies where study_key = $1 and not exists (select 1 from series se where se.study_key = studies.study_key)";

const DELETE_EMPTY_PATIENT: &str = "\
delete from patients where patient_key = $1 and not exists \
(select 1 from studies st where st.patient_key = patients.patient_key)";

/// Deletes a resource; `None` if there is nothing of it.
pub(crate) async fn delete(
    engine: Engine,
    connection: &mut AnyConnection,
    order: &DeletionOrder,
) -> Result<Option<Deleted>, IndexError> {
    keep_stores_out(engine, connection).await?;
    let insert = of_resource(INSERT_DELETION, &order.resource).bind(order.deleted_by.clone()).bind(order.at_ms);
    let key = row::number(&insert.fetch_one(&mut *connection).await?, 0)?;
    let mark = of_resource(MARK_VISIBLE, &order.resource).bind(key);
    mark.execute(&mut *connection).await?;

    let appended = sqlx::query(APPEND_CHANGES).bind(key).bind(order.at_ms).execute(&mut *connection).await?;
    let instances = appended.rows_affected();
    let mut change = None;
    if instances > 0 {
        let last = sqlx::query("select max(sequence) from changes").fetch_one(&mut *connection).await?;
        change = Some(row::number(&last, 0)?);
        delete_rows(connection, &order.resource).await?;
    }
    let mark = of_resource(MARK_IN_CONFLICT, &order.resource).bind(key);
    let in_conflict = mark.execute(&mut *connection).await?.rows_affected();
    if instances == 0 && in_conflict == 0 {
        sqlx::query("delete from deletions where deletion_key = $1").bind(key).execute(&mut *connection).await?;
        return Ok(None);
    }
    Ok(Some(Deleted { key, instances, change }))
}

/// Takes the visible instances out, and with them the series, study and patient that hold nothing more.
async fn delete_rows(connection: &mut AnyConnection, resource: &Resource) -> Result<(), IndexError> {
    of_resource(DELETE_VALUES_OF_INSTANCES, resource).execute(&mut *connection).await?;
    of_resource(DELETE_INSTANCES, resource).execute(&mut *connection).await?;
    let study = sqlx::query("select study_key, patient_key from studies where study_instance_uid = $1");
    let study = study.bind(resource.study().as_str().to_owned()).fetch_one(&mut *connection).await?;
    let (study, patient) = (row::number(&study, 0)?, row::number(&study, 1)?);
    for (sql, key) in [
        (DELETE_VALUES_OF_SERIES, study),
        (DELETE_VALUES_OF_STUDY, study),
        (DELETE_EMPTY_SERIES, study),
        (DELETE_EMPTY_STUDY, study),
        (DELETE_EMPTY_PATIENT, patient),
    ] {
        sqlx::query(sql).bind(key).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Waits until stores are committed, and makes others wait for the commit.
async fn keep_stores_out(engine: Engine, connection: &mut AnyConnection) -> Result<(), IndexError> {
    for sql in engine.keep_stores_out() {
        sqlx::query(*sql).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Acts of deletion, newest first.
pub(crate) async fn deletions(connections: &Connections, limit: u32) -> Result<Vec<Deletion>, IndexError> {
    let sql = "select x.deletion_key, x.study_instance_uid, x.series_instance_uid, x.sop_instance_uid, x.deleted_by, x.at_ms, \
               (select count(*) from deleted_versions d where d.deletion_key = x.deletion_key and d.state = 'kept'), \
               (select count(*) from deleted_versions d where d.deletion_key = x.deletion_key and d.state <> 'kept') \
               from deletions x order by x.deletion_key desc limit $1";
    let rows = connections.fetch_all(sqlx::query(sql).bind(i64::from(limit))).await?;
    let deletion = |row: &AnyRow| {
        Ok(Deletion {
            key: row::number(row, 0)?,
            resource: resource(row, 1)?,
            deleted_by: row::text(row, 4)?,
            at_ms: row::number(row, 5)?,
            restorable: row::unsigned(row, 6)?,
            destroyed: row::unsigned(row, 7)?,
        })
    };
    rows.iter().map(deletion).collect()
}

fn resource(row: &AnyRow, first: usize) -> Result<Resource, IndexError> {
    let study = row::uid(row, first)?;
    if row::optional_text(row, first + 1)?.is_none() {
        return Ok(Resource::Study(study));
    }
    let series = row::uid(row, first + 1)?;
    if row::optional_text(row, first + 2)?.is_none() {
        return Ok(Resource::Series(SeriesAddress { study, series }));
    }
    Ok(Resource::Instance(InstanceAddress { study, series, instance: row::uid(row, first + 2)? }))
}

/// Copies of a deletion that can be restored, in the order they were stored, after number `after`.
pub(crate) async fn deleted_versions(
    connections: &Connections,
    deletion: i64,
    after: i64,
    limit: u32,
) -> Result<Vec<DeletedVersion>, IndexError> {
    let sql = concat!(
        "select ",
        version_columns!(),
        ", d.was_served, d.version_key from deleted_versions d join instance_versions v on v.version_key = d.version_key \
         where d.deletion_key = $1 and d.state = 'kept' and d.version_key > $2 order by d.version_key limit $3"
    );
    let rows = connections.fetch_all(sqlx::query(sql).bind(deletion).bind(after).bind(i64::from(limit))).await?;
    let deleted = |row: &AnyRow| {
        Ok(DeletedVersion { key: row::number(row, 10)?, version: row::version(row, 0)?, was_served: row::flag(row, 9)? })
    };
    rows.iter().map(deleted).collect()
}

/// A deleted copy is one of the kept ones again.
pub(crate) async fn keep_again(engine: Engine, connection: &mut AnyConnection, version: VersionId) -> Result<(), IndexError> {
    keep_stores_out(engine, connection).await?;
    let sql = "delete from deleted_versions where state = 'kept' and version_key in \
               (select version_key from instance_versions where version_id = $1)";
    sqlx::query(sql).bind(version.to_string()).execute(connection).await?;
    Ok(())
}

/// Takes what can be known of copies deleted before `before_ms` out of all tables but their names, and returns those whose
/// bytes are to be removed now, with those of a run that was interrupted.
pub(crate) async fn begin_to_destroy(
    engine: Engine,
    connection: &mut AnyConnection,
    before_ms: i64,
    limit: u32,
) -> Result<Vec<VersionId>, IndexError> {
    keep_stores_out(engine, connection).await?;
    let sql = "select v.version_id, v.version_key \
               from deletions x join deleted_versions d on d.deletion_key = x.deletion_key \
               join instance_versions v on v.version_key = d.version_key \
               where x.at_ms < $1 and d.state in ('kept', 'destroying') order by d.version_key limit $2";
    let rows = sqlx::query(sql).bind(before_ms).bind(i64::from(limit)).fetch_all(&mut *connection).await?;
    let keys: Vec<i64> = rows.iter().map(|row| row::number(row, 1)).collect::<Result<_, _>>()?;
    let keys = serde_json::Value::from(keys).to_string();
    let listed = engine.numbers(1);
    // The digest makes way, so that the same bytes can be stored as new at any time.
    let blank = format!(
        "update instance_versions set digest = {}, length_bytes = 0, transfer_syntax_uid = '', data_set_offset = 0, \
         frames = {}, coercion = null, source = '' where version_key in {listed}",
        engine.bytes_of("version_id"),
        engine.bytes_of("''"),
    );
    for sql in [
        format!("update deleted_versions set state = 'destroying' where version_key in {listed}"),
        format!("delete from instance_headers where version_key in {listed}"),
        format!("delete from conflicts where later_version_key in {listed}"),
        format!("update conflicts set earlier_version_key = null where earlier_version_key in {listed}"),
        blank,
    ] {
        sqlx::query(AssertSqlSafe(sql)).bind(keys.clone()).execute(&mut *connection).await?;
    }
    rows.iter().map(|row| row::version_id(row, 0)).collect()
}

/// The bytes of these copies are gone.
pub(crate) async fn end_to_destroy(
    engine: Engine,
    connection: &mut AnyConnection,
    versions: &[VersionId],
) -> Result<(), IndexError> {
    let sql = format!(
        "update deleted_versions set state = 'destroyed' where state = 'destroying' and version_key in \
         (select version_key from instance_versions where version_id in {})",
        engine.texts(1)
    );
    let versions: Vec<String> = versions.iter().map(VersionId::to_string).collect();
    sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(versions).to_string()).execute(connection).await?;
    Ok(())
}
