//! Searching: the page of keys, and the attributes of its rows. The only place that builds SQL.
//!
//! A search takes two to four statements. The first finds the keys of the page, in order, and touches only the tables
//! that its conditions name. The others read the rows of those keys: the answers' own, and those of their series and
//! studies, once each however many answers share them. Counts come with them, from covering SQL indexes; there is no
//! counter that stores would queue for.

mod comparisons;
mod conditions;
mod further;
mod rows;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use filmless_model::address::InstanceAddress;
use filmless_model::attribute::{Attribute, Value};
use filmless_model::query::{Match, Query, QueryRetrieveLevel};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe};

use crate::engine::Engine;
use crate::error::IndexError;
use crate::row;
use conditions::{Bind, Page};
use zones::Zones;

/// The answers to a query.
pub(crate) async fn search(engine: Engine, pool: &AnyPool, query: &Query) -> Result<Vec<Match>, IndexError> {
    let zones = Zones::of(pool, query).await?;
    let page = fetch(pool, Page::keys(engine, query, &zones)).await?;
    let keys = page.iter().map(|row| keys(row, query.level)).collect::<Result<Vec<_>, _>>()?;
    let distinct = |level: QueryRetrieveLevel| -> BTreeSet<i64> { keys.iter().filter_map(|keys| keys.of(level)).collect() };

    let mut values = BTreeMap::new();
    for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
        let wanted = distinct(level);
        if !wanted.is_empty() {
            for row in fetch(pool, rows::of(engine, level, &wanted)).await? {
                values.insert((level, row::number(&row, 0)?), rows::values(level, &row)?);
            }
        }
    }
    let answer = |keys: &Keys| -> Option<Match> {
        let mut answer = Match::default();
        for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
            if let Some(key) = keys.of(level) {
                let of_level = values.get(&(level, key))?;
                answer.values.extend(of_level.values.iter().cloned());
                answer.request_attributes.extend(of_level.request_attributes.iter().cloned());
            }
        }
        answer.values.push((Attribute::InstanceAvailability, Value::Text(conditions::AVAILABILITY.to_owned())));
        Some(answer)
    };
    // A row that was removed since the page was read is left out.
    Ok(keys.iter().filter_map(answer).collect())
}

/// How many answers a query has.
pub(crate) async fn count(engine: Engine, pool: &AnyPool, query: &Query) -> Result<u64, IndexError> {
    let zones = Zones::of(pool, query).await?;
    let rows = fetch(pool, Page::count(engine, query, &zones)).await?;
    rows.first().map_or(Ok(0), |row| row::unsigned(row, 0))
}

/// See [`crate::Index::headers`].
pub(crate) async fn headers(
    engine: Engine,
    pool: &AnyPool,
    level: QueryRetrieveLevel,
    uids: &[String],
) -> Result<Vec<(InstanceAddress, Vec<u8>)>, IndexError> {
    let rows = fetch(pool, rows::headers(engine, level, uids)).await?;
    rows.iter().map(|row| Ok((row::address(row, 0)?, row::bytes(row, 3)?))).collect()
}

/// The keys of an answer: its own and those above.
struct Keys {
    study: i64,
    series: Option<i64>,
    instance: Option<i64>,
}

impl Keys {
    fn of(&self, level: QueryRetrieveLevel) -> Option<i64> {
        match level {
            QueryRetrieveLevel::Study => Some(self.study),
            QueryRetrieveLevel::Series => self.series,
            QueryRetrieveLevel::Instance => self.instance,
        }
    }
}

fn keys(row: &AnyRow, level: QueryRetrieveLevel) -> Result<Keys, IndexError> {
    let at = |column, wanted| if level >= wanted { row::number(row, column).map(Some) } else { Ok(None) };
    Ok(Keys {
        study: row::number(row, 0)?,
        series: at(1, QueryRetrieveLevel::Series)?,
        instance: at(2, QueryRetrieveLevel::Instance)?,
    })
}

/// A built statement with the values of its placeholders.
struct Statement {
    sql: String,
    binds: Vec<Bind>,
}

async fn fetch(pool: &AnyPool, statement: Statement) -> Result<Vec<AnyRow>, IndexError> {
    // Safe: built from fixed words and names of columns; whatever came from outside is bound.
    let mut query = sqlx::query(AssertSqlSafe(statement.sql));
    for bind in statement.binds {
        query = match bind {
            Bind::Text(text) => query.bind(text),
            Bind::Number(number) => query.bind(number),
        };
    }
    Ok(query.fetch_all(pool).await?)
}
