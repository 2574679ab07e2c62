//! Searching: the page of keys, and the attributes of its rows. The only place that builds SQL.
//!
//! The keys of a page are found first, in order, in the tables that the conditions name. Studies are read with their keys, in
//! one statement. Of series and instances two or three more read the rows of the keys: the answers' own, and those of their
//! series and studies, once each however many answers share them. Counts come with them, from covering SQL indexes; there is
//! no counter that stores would queue for.

mod comparisons;
mod conditions;
mod further;
pub(crate) mod orders;
pub(crate) mod patients;
mod rows;
pub(crate) mod study_list;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use filmless_model::address::InstanceAddress;
use filmless_model::attribute::{Attribute, Value};
use filmless_model::query::{Match, Query, QueryRetrieveLevel};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;
use comparisons::Bind;
use conditions::Page;
use zones::Zones;

/// The answers to a query.
pub(crate) async fn search(connections: &Connections, query: &Query) -> Result<Vec<Match>, IndexError> {
    let (engine, zones) = (connections.engine(), Zones::of(connections, query).await?);
    let page = Page::keys(engine, query, &zones);
    if query.level == QueryRetrieveLevel::Study {
        let studies = fetch(connections, rows::of_page(page)).await?;
        return studies.iter().map(|row| rows::values(query.level, row).map(available)).collect();
    }
    let page = fetch(connections, page).await?;
    let keys = page.iter().map(|row| keys(row, query.level)).collect::<Result<Vec<_>, _>>()?;
    let distinct = |level: QueryRetrieveLevel| -> BTreeSet<i64> { keys.iter().filter_map(|keys| keys.of(level)).collect() };

    let mut values = BTreeMap::new();
    for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
        let wanted = distinct(level);
        if !wanted.is_empty() {
            for row in fetch(connections, rows::of(engine, level, &wanted)).await? {
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
        Some(available(answer))
    };
    // A row that was removed since the page was read is left out.
    Ok(keys.iter().filter_map(answer).collect())
}

pub(super) fn available(mut answer: Match) -> Match {
    answer.values.push((Attribute::InstanceAvailability, Value::Text(conditions::AVAILABILITY.to_owned())));
    answer
}

/// How many answers a query has.
pub(crate) async fn count(connections: &Connections, query: &Query) -> Result<u64, IndexError> {
    let zones = Zones::of(connections, query).await?;
    let rows = fetch(connections, Page::count(connections.engine(), query, &zones)).await?;
    rows.first().map_or(Ok(0), |row| row::unsigned(row, 0))
}

/// See [`crate::Index::headers`].
pub(crate) async fn headers(
    connections: &Connections,
    level: QueryRetrieveLevel,
    uids: &[String],
) -> Result<Vec<(InstanceAddress, Vec<u8>)>, IndexError> {
    let rows = fetch(connections, rows::headers(connections.engine(), level, uids)).await?;
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

async fn fetch(connections: &Connections, statement: Statement) -> Result<Vec<AnyRow>, IndexError> {
    // Safe: built from fixed words and names of columns; whatever came from outside is bound.
    let mut query = sqlx::query(AssertSqlSafe(statement.sql));
    for bind in statement.binds {
        query = match bind {
            Bind::Text(text) => query.bind(text),
            Bind::Number(number) => query.bind(number),
        };
    }
    connections.fetch_all(query).await
}
