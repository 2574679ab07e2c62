//! Orders and their steps: putting one, reading one, and how far its steps are. Searching them stands in `search/orders.rs`.
//!
//! The lists of columns are those of the table of attributes, and no input.

use std::sync::LazyLock;

use filmless_model::order::{Order, OrderAttribute, OrderOutcome, PerformedStep, Put, Step, StepStatus, Words};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::error::IndexError;
use crate::index::OrderCommit;
use crate::row;
use crate::text::without_nul;

type AnyQuery = sqlx::query::Query<'static, Any, AnyArguments>;

/// What parts the values of an attribute that may have several; no value can hold it (PS3.5 section 6.4, Value Multiplicity).
const SEPARATOR: char = '\\';

/// The columns that [`read`] takes, of orders `o` or of steps `s`.
pub(crate) fn columns_read(is_of_step: bool) -> String {
    let alias = if is_of_step { "s" } else { "o" };
    let names: Vec<_> = OrderAttribute::of(is_of_step).map(|attribute| format!("{alias}.{}", attribute.name())).collect();
    names.join(", ")
}

/// The words of the columns from `first` on, and the place behind them.
fn read(row: &AnyRow, first: usize, is_of_step: bool) -> Result<(Words, usize), IndexError> {
    let mut words = Words::new();
    let mut column = first;
    for attribute in OrderAttribute::of(is_of_step) {
        if let Some(text) = row::optional_text(row, column)? {
            let text = if attribute.has_many() {
                row::parsed(row, column, |text| serde_json::from_str::<Vec<String>>(text).ok())?.join("\\")
            } else {
                text
            };
            words.insert(attribute, text);
        }
        column += 1;
    }
    Ok((words, column))
}

/// A row of an order's columns, a step's status, and the step's columns.
pub(crate) fn order_and_step(row: &AnyRow, first: usize) -> Result<(Words, Step), IndexError> {
    let (order, place) = read(row, first, false)?;
    let status = row::parsed(row, place, StepStatus::parse)?;
    let (words, _) = read(row, place + 1, true)?;
    Ok((order, Step { words, status }))
}

/// The columns that [`bind`] fills, the folded ones last.
fn columns_written(is_of_step: bool) -> Vec<String> {
    let plain = OrderAttribute::of(is_of_step).map(|attribute| attribute.name().to_owned());
    let folded = OrderAttribute::of(is_of_step).filter(|attribute| attribute.is_folded());
    plain.chain(folded.map(|attribute| format!("{}_folded", attribute.name()))).collect()
}

fn bind(mut query: AnyQuery, words: &Words, folded: &Words, is_of_step: bool) -> AnyQuery {
    let kept = |words: &Words, attribute| words.get(&attribute).map(|text| without_nul(text).into_owned());
    for attribute in OrderAttribute::of(is_of_step) {
        let text = kept(words, attribute);
        query = query.bind(if attribute.has_many() {
            text.map(|text| text.split(SEPARATOR).collect::<serde_json::Value>().to_string())
        } else {
            text
        });
    }
    for attribute in OrderAttribute::of(is_of_step).filter(|attribute| attribute.is_folded()) {
        query = query.bind(kept(folded, attribute));
    }
    query
}

/// An insert of the columns and those that `others` names, whose placeholders come first.
fn insert(table: &str, others: &[&str], is_of_step: bool) -> String {
    let columns: Vec<_> = others.iter().map(|other| (*other).to_owned()).chain(columns_written(is_of_step)).collect();
    let values: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    format!("insert into {table} ({}) values ({})", columns.join(", "), values.join(", "))
}

/// An update of all columns and `other`, which is `$2`, where `key` is `$1`.
fn update(table: &str, key: &str, other: &str, is_of_step: bool) -> String {
    let sets = (3..).zip(columns_written(is_of_step)).map(|(n, column)| format!(", {column} = ${n}"));
    format!("update {table} set {other} = $2{} where {key} = $1", sets.collect::<String>())
}

static INSERT_ORDER: LazyLock<String> =
    LazyLock::new(|| format!("{} returning order_key", insert("orders", &["changed_ms"], false)));
static UPDATE_ORDER: LazyLock<String> = LazyLock::new(|| update("orders", "order_key", "changed_ms", false));
static INSERT_STEP: LazyLock<String> = LazyLock::new(|| insert("order_steps", &["order_key", "status"], true));
static UPDATE_STEP: LazyLock<String> = LazyLock::new(|| update("order_steps", "step_key", "order_key", true));
/// Order `$1`, a row for each step.
static SELECT_ORDER: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select o.order_key, s.step_key, {}, s.status, {} from orders o join order_steps s on s.order_key = o.order_key \
         where o.accession_number = $1 order by s.step_key",
        columns_read(false),
        columns_read(true)
    )
});

/// An order that is there, with the keys of its rows.
struct Found {
    key: i64,
    words: Words,
    steps: Vec<(i64, Step)>,
}

fn found(rows: &[AnyRow]) -> Result<Option<Found>, IndexError> {
    let mut found: Option<Found> = None;
    for row in rows {
        let (words, step) = order_and_step(row, 2)?;
        let (key, step_key) = (row::number(row, 0)?, row::number(row, 1)?);
        found.get_or_insert_with(|| Found { key, words, steps: Vec::new() }).steps.push((step_key, step));
    }
    Ok(found)
}

fn select(accession_number: &str) -> AnyQuery {
    sqlx::query(SELECT_ORDER.as_str()).bind(without_nul(accession_number).into_owned())
}

async fn look(connection: &mut AnyConnection, accession_number: &str) -> Result<Option<Found>, IndexError> {
    found(&select(accession_number).fetch_all(connection).await?)
}

/// One order.
pub(crate) async fn order(connections: &Connections, accession_number: &str) -> Result<Option<Order>, IndexError> {
    let found = found(&connections.fetch_all(select(accession_number)).await?)?;
    Ok(found.map(|found| Order { words: found.words, steps: found.steps.into_iter().map(|(_, step)| step).collect() }))
}

/// Creates an order or changes it. Steps keep their status; one that a machine has begun with does not go.
pub(crate) async fn put(connection: &mut AnyConnection, commit: &OrderCommit) -> Result<OrderOutcome, IndexError> {
    let mut order = commit.order.clone();
    let found = look(connection, order.accession_number()).await?;
    let Some(found) = found else {
        if commit.put == Put::Change {
            return Ok(OrderOutcome::Missing);
        }
        order.settle_study(None);
        let query = sqlx::query(INSERT_ORDER.as_str()).bind(commit.at_ms);
        let row = bind(query, &order.words, &commit.folded, false).fetch_one(&mut *connection).await?;
        let key = row::number(&row, 0)?;
        for place in 0..order.steps.len() {
            insert_step(connection, key, &order, commit, place).await?;
        }
        return Ok(OrderOutcome::Created);
    };
    if commit.put == Put::Create {
        return Ok(OrderOutcome::Exists);
    }
    order.settle_study(found.words.get(&OrderAttribute::StudyInstanceUid).map(String::as_str));
    let (kept, gone): (Vec<_>, Vec<_>) =
        found.steps.iter().partition(|(_, step)| order.steps.iter().any(|new| new.id() == step.id()));
    if let Some((_, begun)) = gone.iter().find(|(_, step)| step.status.has_begun()) {
        return Ok(OrderOutcome::Begun(begun.id().to_owned()));
    }
    let is_kept = |new: &Step| kept.iter().any(|(_, step)| step.words == new.words);
    if found.words == order.words && gone.is_empty() && order.steps.iter().all(is_kept) {
        return Ok(OrderOutcome::Unchanged);
    }
    let query = sqlx::query(UPDATE_ORDER.as_str()).bind(found.key).bind(commit.at_ms);
    bind(query, &order.words, &commit.folded, false).execute(&mut *connection).await?;
    for (key, _) in gone {
        sqlx::query("delete from order_steps where step_key = $1").bind(*key).execute(&mut *connection).await?;
    }
    for (place, new) in order.steps.iter().enumerate() {
        match kept.iter().find(|(_, step)| step.id() == new.id()) {
            Some((key, _)) => {
                let query = sqlx::query(UPDATE_STEP.as_str()).bind(*key).bind(found.key);
                bind(query, &new.words, folded_step(commit, place), true).execute(&mut *connection).await?;
            }
            None => insert_step(connection, found.key, &order, commit, place).await?,
        }
    }
    Ok(OrderOutcome::Changed)
}

fn folded_step(commit: &OrderCommit, place: usize) -> &Words {
    static NONE: Words = Words::new();
    commit.folded_steps.get(place).unwrap_or(&NONE)
}

async fn insert_step(
    connection: &mut AnyConnection,
    order_key: i64,
    order: &Order,
    commit: &OrderCommit,
    place: usize,
) -> Result<(), IndexError> {
    if let Some(step) = order.steps.get(place) {
        let query = sqlx::query(INSERT_STEP.as_str()).bind(order_key).bind(step.status.as_str());
        bind(query, &step.words, folded_step(commit, place), true).execute(connection).await?;
    }
    Ok(())
}

/// Cancels the steps of an order, unless a machine has begun with one.
pub(crate) async fn cancel(connection: &mut AnyConnection, accession_number: &str) -> Result<OrderOutcome, IndexError> {
    let Some(found) = look(connection, accession_number).await? else { return Ok(OrderOutcome::Missing) };
    if let Some((_, begun)) = found.steps.iter().find(|(_, step)| step.status.has_begun()) {
        return Ok(OrderOutcome::Begun(begun.id().to_owned()));
    }
    if found.steps.iter().all(|(_, step)| step.status == StepStatus::Cancelled) {
        return Ok(OrderOutcome::Unchanged);
    }
    let sql = "update order_steps set status = 'cancelled' where order_key = $1 and status in ('scheduled', 'arrived')";
    sqlx::query(sql).bind(found.key).execute(connection).await?;
    Ok(OrderOutcome::Changed)
}

/// Says how far a step of an order is, or all its steps if `step_id` is empty, and how many these are.
pub(crate) async fn set_status(
    connection: &mut AnyConnection,
    accession_number: &str,
    step_id: &str,
    status: StepStatus,
) -> Result<u64, IndexError> {
    let sql = "update order_steps set status = $1 \
               where order_key = (select o.order_key from orders o where o.accession_number = $2) \
               and ($3 = '' or scheduled_procedure_step_id = $3)";
    let query = sqlx::query(sql).bind(status.as_str()).bind(without_nul(accession_number).into_owned());
    Ok(query.bind(without_nul(step_id).into_owned()).execute(connection).await?.rows_affected())
}

/// Says how far the steps are that a machine performs, and how many these are.
pub(crate) async fn perform(
    connection: &mut AnyConnection,
    performed: &PerformedStep,
    status: StepStatus,
) -> Result<u64, IndexError> {
    for (column, text) in
        [("study_instance_uid", &performed.study_instance_uid), ("accession_number", &performed.accession_number)]
    {
        let sql = format!("select order_key from orders where {column} = $1 order by order_key");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(without_nul(text).into_owned()).fetch_all(&mut *connection).await?;
        let mut steps = 0;
        for row in &rows {
            let sql = "update order_steps set status = $1 where order_key = $2 and (scheduled_procedure_step_id = $3 \
                       or ($3 = '' and status in ('scheduled', 'arrived', 'in_progress')))";
            let query = sqlx::query(sql).bind(status.as_str()).bind(row::number(row, 0)?);
            let query = query.bind(without_nul(&performed.step_id).into_owned());
            steps += query.execute(&mut *connection).await?.rows_affected();
        }
        if steps > 0 {
            return Ok(steps);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_its_column_in_both_twins() {
        for twin in [include_str!("../migrations/sqlite/0006_orders.sql"), include_str!("../migrations/postgres/0006_orders.sql")]
        {
            for (is_of_step, table) in [(false, "orders"), (true, "order_steps")] {
                let body = twin.split_once(&format!("create table {table} (")).expect("it is created").1;
                let body = body.split_once("\n    constraint").expect("it has a constraint").0;
                for column in columns_written(is_of_step) {
                    assert!(body.contains(&format!("\n    {column} text")), "{table}.{column}");
                }
            }
        }
    }
}
