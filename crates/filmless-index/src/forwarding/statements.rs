//! The statements about destinations, rules, how far the feed was held against them, and what is on its way.
//!
//! What is on its way is had by who put its number into `taken_by`, until `next_ms`. Nobody else takes it before that time; if
//! its owner dies, anybody does then.

use std::collections::BTreeMap;

use filmless_model::address::Resource;
use filmless_model::forwarding::{Destination, ForwardState, ForwardingName, Rule};
use filmless_model::uid::TransactionUid;
use serde::de::DeserializeOwned;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::forwarding::{DestinationRow, Forward, ForwardSummary, Routed, SettledForward, Taking};
use crate::index::StoredInstance;
use crate::row::{self, version_columns};
use crate::text::kept;
use crate::visible::{of_resource, visible};

const WAITING: &str = ForwardState::Waiting.as_str();
const UNPROVEN: &str = ForwardState::Unproven.as_str();
const SENT: &str = ForwardState::Sent.as_str();
const FAILED: &str = ForwardState::Failed.as_str();

/// Of more than so many that are due it is not said how many.
const DUE: i64 = 4096;

fn settings<T: DeserializeOwned>(row: &AnyRow, column: usize) -> Result<T, IndexError> {
    row::parsed(row, column, |text| serde_json::from_str(text).ok())
}

fn written<T: serde::Serialize>(settings: &T) -> Result<String, IndexError> {
    serde_json::to_string(settings).map_err(|error| IndexError::NotCommitted(error.to_string()))
}

/// Destinations, by name.
pub(crate) async fn destinations(connections: &Connections, now_ms: i64) -> Result<Vec<DestinationRow>, IndexError> {
    let sql = "select d.destination_key, d.settings, d.failures, d.trouble, d.next_ms, \
               (select count(*) from (select 1 as one from forwards f where f.destination_key = d.destination_key \
               and f.state = $1 and f.next_ms <= $2 limit $3) as due), \
               (select count(*) from (select 1 as one from forwards f where f.destination_key = d.destination_key \
               and f.state = $4 and f.next_ms <= $2 limit $3) as due_proofs) \
               from destinations d order by d.name";
    let query = sqlx::query(sql).bind(WAITING).bind(now_ms).bind(DUE).bind(UNPROVEN);
    let rows = connections.fetch_all(query).await?;
    let destination = |row: &AnyRow| {
        Ok(DestinationRow {
            key: row::number(row, 0)?,
            destination: settings(row, 1)?,
            failures: u32::try_from(row::unsigned(row, 2)?).unwrap_or(u32::MAX),
            trouble: row::optional_text(row, 3)?,
            next_ms: row::number(row, 4)?,
            due: row::unsigned(row, 5)?,
            due_proofs: row::unsigned(row, 6)?,
        })
    };
    rows.iter().map(destination).collect()
}

/// How many forwards of each destination are in each state.
pub(crate) async fn counts(connections: &Connections) -> Result<BTreeMap<(i64, ForwardState), u64>, IndexError> {
    let sql = "select destination_key, state, count(*) from forwards group by destination_key, state";
    let count = |row: &AnyRow| Ok(((row::number(row, 0)?, row::parsed(row, 1, ForwardState::parse)?), row::unsigned(row, 2)?));
    connections.fetch_all(sqlx::query(sql)).await?.iter().map(count).collect()
}

pub(crate) async fn put_destination(connection: &mut AnyConnection, destination: &Destination) -> Result<(), IndexError> {
    // What was wrong with it may be mended by the change: it is tried at once.
    let sql = "insert into destinations (name, settings) values ($1, $2) \
               on conflict (name) do update set settings = excluded.settings, failures = 0, trouble = null, next_ms = 0";
    let query = sqlx::query(sql).bind(destination.name.as_str().to_owned()).bind(written(destination)?);
    query.execute(connection).await?;
    Ok(())
}

pub(crate) async fn remove_destination(connection: &mut AnyConnection, name: &ForwardingName) -> Result<bool, IndexError> {
    let sql = "delete from forwards where destination_key in (select destination_key from destinations where name = $1)";
    sqlx::query(sql).bind(name.as_str().to_owned()).execute(&mut *connection).await?;
    let query = sqlx::query("delete from destinations where name = $1").bind(name.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

/// Says how it went with a destination; see [`crate::ForwardingIndex::note_destination`].
pub(crate) async fn note_destination(
    connection: &mut AnyConnection,
    key: i64,
    failures: u32,
    trouble: Option<&str>,
    next_ms: i64,
) -> Result<(), IndexError> {
    let sql = "update destinations set failures = $1, trouble = $2, next_ms = $3 where destination_key = $4";
    let trouble = trouble.map(|trouble| kept(trouble).into_owned());
    sqlx::query(sql).bind(i64::from(failures)).bind(trouble).bind(next_ms).bind(key).execute(connection).await?;
    Ok(())
}

pub(crate) async fn rules(connections: &Connections) -> Result<Vec<Rule>, IndexError> {
    let rows = connections.fetch_all(sqlx::query("select settings from forwarding_rules order by name")).await?;
    rows.iter().map(|row| settings(row, 0)).collect()
}

pub(crate) async fn put_rule(connection: &mut AnyConnection, rule: &Rule) -> Result<(), IndexError> {
    let sql = "insert into forwarding_rules (name, settings) values ($1, $2) \
               on conflict (name) do update set settings = excluded.settings";
    sqlx::query(sql).bind(rule.name.as_str().to_owned()).bind(written(rule)?).execute(connection).await?;
    Ok(())
}

pub(crate) async fn remove_rule(connection: &mut AnyConnection, name: &ForwardingName) -> Result<bool, IndexError> {
    let query = sqlx::query("delete from forwarding_rules where name = $1").bind(name.as_str().to_owned());
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

pub(crate) async fn routed_through(connections: &Connections) -> Result<i64, IndexError> {
    let row = connections.fetch_one(sqlx::query("select routed_through from forwarding_progress")).await?;
    row::number(&row, 0)
}

/// See [`crate::ForwardingIndex::route`].
pub(crate) async fn route(engine: Engine, connection: &mut AnyConnection, page: &Routed) -> Result<bool, IndexError> {
    let mark = sqlx::query("update forwarding_progress set routed_through = $1 where routed_through = $2");
    if mark.bind(page.through).bind(page.from).execute(&mut *connection).await?.rows_affected() == 0 {
        return Ok(false);
    }
    if page.forwards.is_empty() {
        return Ok(true);
    }
    let sql = format!(
        "insert into forwards (destination_key, version_key, state, queued_ms, next_ms) \
         select d.destination_key, cast(e.value ->> 1 as bigint), '{WAITING}', $2, $2 \
         from {} join destinations d on d.destination_key = cast(e.value ->> 0 as bigint) where 1 = 1 on conflict do nothing",
        engine.arrays(1)
    );
    let forwards = page.forwards.iter().map(|(destination, version)| json!([destination, version]));
    let forwards = serde_json::Value::Array(forwards.collect()).to_string();
    sqlx::query(AssertSqlSafe(sql)).bind(forwards).bind(page.now_ms).execute(connection).await?;
    Ok(true)
}

/// Puts the served versions of a resource on their way, also those that were sent or failed before; how many.
pub(crate) async fn queue(
    connection: &mut AnyConnection,
    destination: i64,
    resource: &Resource,
    now_ms: i64,
) -> Result<u64, IndexError> {
    let sql = concat!(
        "insert into forwards (destination_key, version_key, state, queued_ms, next_ms) \
         select cast($4 as bigint), i.version_key, $5, cast($6 as bigint), cast($6 as bigint) ",
        visible!(),
        " and exists (select 1 from destinations d where d.destination_key = $4) \
         order by se.series_number nulls last, se.series_instance_uid, i.instance_number nulls last, i.sop_instance_uid \
         on conflict (destination_key, version_key) do update set state = excluded.state, attempts = 0, trouble = null, \
         next_ms = excluded.next_ms where forwards.state <> excluded.state"
    );
    let query = of_resource(sql, resource).bind(destination).bind(WAITING).bind(now_ms);
    Ok(query.execute(connection).await?.rows_affected())
}

/// Takes what has been due longest. What is not served any more goes nowhere.
pub(crate) async fn take(engine: Engine, connection: &mut AnyConnection, taking: Taking) -> Result<Vec<Forward>, IndexError> {
    let sql = "update forwards set next_ms = $1, taken_by = $2 where forward_key in (select forward_key from forwards \
               where destination_key = $3 and state = $4 and next_ms <= $5 order by next_ms, forward_key limit $6) \
               and next_ms <= $5 and state = $4 returning forward_key";
    let query = sqlx::query(sql).bind(taking.until_ms).bind(taking.taken_by).bind(taking.destination).bind(taking.state.as_str());
    let rows = query.bind(taking.now_ms).bind(i64::from(taking.limit)).fetch_all(&mut *connection).await?;
    let keys = rows.iter().map(|row| row::number(row, 0)).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys = serde_json::Value::from(keys).to_string();
    let listed = engine.numbers(1);
    let gone = format!(
        "delete from forwards where forward_key in {listed} and not exists (select 1 from instance_versions v \
         join instances i on i.sop_instance_uid = v.sop_instance_uid and i.version_key = v.version_key \
         where v.version_key = forwards.version_key)"
    );
    sqlx::query(AssertSqlSafe(gone)).bind(keys.clone()).execute(&mut *connection).await?;
    let sql = format!(
        "select f.forward_key, f.attempts, st.study_instance_uid, se.series_instance_uid, i.sop_instance_uid, i.sop_class_uid, \
         {}, f.asked, f.transaction_uid from forwards f join instance_versions v on v.version_key = f.version_key \
         join instances i on i.sop_instance_uid = v.sop_instance_uid and i.version_key = v.version_key \
         join series se on se.study_key = i.study_key and se.series_key = i.series_key \
         join studies st on st.study_key = i.study_key \
         where f.forward_key in {listed} order by f.forward_key",
        version_columns!()
    );
    let forward = |row: &AnyRow| {
        Ok(Forward {
            key: row::number(row, 0)?,
            attempts: u32::try_from(row::unsigned(row, 1)?).unwrap_or(u32::MAX),
            asked: u32::try_from(row::unsigned(row, 15)?).unwrap_or(u32::MAX),
            transaction: row::optional(row, 16, |text| TransactionUid::parse(text).ok())?,
            instance: StoredInstance {
                address: row::address(row, 2)?,
                sop_class: row::uid(row, 5)?,
                version: row::version(row, 6)?,
            },
        })
    };
    sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(connection).await?.iter().map(forward).collect()
}

/// Goes on having these until `until_ms`, or gives them back if that is now; how many of them are still had.
pub(crate) async fn keep(
    engine: Engine,
    connection: &mut AnyConnection,
    taken_by: i64,
    keys: &[i64],
    until_ms: i64,
) -> Result<u64, IndexError> {
    let sql =
        format!("update forwards set next_ms = $2 where forward_key in {} and taken_by = $3 and state = $4", engine.numbers(1));
    let query = sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(keys).to_string());
    Ok(query.bind(until_ms).bind(taken_by).bind(WAITING).execute(connection).await?.rows_affected())
}

/// Keeps what became of some of those that are had.
pub(crate) async fn settle(
    engine: Engine,
    connection: &mut AnyConnection,
    taken_by: i64,
    settled: &[SettledForward],
) -> Result<(), IndexError> {
    let sql = format!(
        "update forwards set state = e.value ->> 1, attempts = attempts + case when state = '{WAITING}' then 1 else 0 end, \
         trouble = e.value ->> 2, next_ms = cast(e.value ->> 3 as bigint), taken_by = 0, asked = 0, transaction_uid = null \
         from {} where forward_key = cast(e.value ->> 0 as bigint) and taken_by = $2",
        engine.arrays(1)
    );
    let one = |s: &SettledForward| json!([s.key, s.state.as_str(), s.trouble.as_deref().map(kept), s.next_ms]);
    let settled = serde_json::Value::Array(settled.iter().map(one).collect()).to_string();
    sqlx::query(AssertSqlSafe(sql)).bind(settled).bind(taken_by).execute(connection).await?;
    Ok(())
}

/// Forwards of a destination in a state, last due first.
pub(crate) async fn list(
    connections: &Connections,
    destination: i64,
    state: ForwardState,
    limit: u32,
) -> Result<Vec<ForwardSummary>, IndexError> {
    let sql = "select f.forward_key, f.attempts, f.trouble, f.queued_ms, f.next_ms, v.study_instance_uid, \
               v.series_instance_uid, v.sop_instance_uid \
               from forwards f join instance_versions v on v.version_key = f.version_key \
               where f.destination_key = $1 and f.state = $2 order by f.next_ms desc, f.forward_key desc limit $3";
    let rows = connections.fetch_all(sqlx::query(sql).bind(destination).bind(state.as_str()).bind(i64::from(limit))).await?;
    let summary = |row: &AnyRow| {
        Ok(ForwardSummary {
            key: row::number(row, 0)?,
            attempts: u32::try_from(row::unsigned(row, 1)?).unwrap_or(u32::MAX),
            trouble: row::optional_text(row, 2)?,
            queued_ms: row::number(row, 3)?,
            at_ms: row::number(row, 4)?,
            address: row::address(row, 5)?,
        })
    };
    rows.iter().map(summary).collect()
}

/// Has what failed on its way to a destination sent again, and what waits because of trouble sent now; how many failed.
pub(crate) async fn retry(connection: &mut AnyConnection, destination: i64, now_ms: i64) -> Result<u64, IndexError> {
    let now = "update destinations set failures = 0, trouble = null, next_ms = 0 where destination_key = $1";
    sqlx::query(now).bind(destination).execute(&mut *connection).await?;
    let waiting = "update forwards set next_ms = $1 \
                   where destination_key = $2 and state in ($3, $4) and next_ms > $1 and taken_by = 0";
    let query = sqlx::query(waiting).bind(now_ms).bind(destination).bind(WAITING).bind(UNPROVEN);
    query.execute(&mut *connection).await?;
    let sql = "update forwards set state = $1, attempts = 0, next_ms = $2 where destination_key = $3 and state = $4";
    let query = sqlx::query(sql).bind(WAITING).bind(now_ms).bind(destination).bind(FAILED);
    Ok(query.execute(connection).await?.rows_affected())
}

/// Forgets what was sent before `before_ms`.
pub(crate) async fn forget(connection: &mut AnyConnection, before_ms: i64) -> Result<u64, IndexError> {
    let sql = "delete from forwards where state = $1 and next_ms < $2 \
               and destination_key in (select destination_key from destinations)";
    Ok(sqlx::query(sql).bind(SENT).bind(before_ms).execute(connection).await?.rows_affected())
}
