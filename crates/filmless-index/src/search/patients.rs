//! Searching for patients: those whose studies meet the keys.

use std::collections::{BTreeMap, BTreeSet};

use filmless_model::attribute::Level;
use filmless_model::query::{Match, PatientMatch, Query, QueryRetrieveLevel};

use super::conditions::Page;
use super::zones::Zones;
use super::{fetch, rows};
use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

/// See [`crate::Index::search_patients`].
pub(crate) async fn search(connections: &Connections, query: &Query) -> Result<Vec<PatientMatch>, IndexError> {
    let (engine, zones) = (connections.engine(), Zones::of(connections, query).await?);
    let page = fetch(connections, Page::patients(engine, query, &zones)).await?;
    let last = |row| row::number(row, 0);
    let studies = page.iter().map(last).collect::<Result<BTreeSet<_>, _>>()?;
    if studies.is_empty() {
        return Ok(Vec::new());
    }
    let mut patients = BTreeMap::new();
    for row in fetch(connections, rows::of(engine, QueryRetrieveLevel::Study, &studies)).await? {
        let mut values = rows::values(QueryRetrieveLevel::Study, &row)?.values;
        values.retain(|(attribute, _)| attribute.level() == Level::Patient);
        patients.insert(row::number(&row, 0)?, Match { values, ..Match::default() });
    }
    let mut found = Vec::with_capacity(page.len());
    for row in &page {
        // A study that was removed since the page was read is left out.
        let Some(patient) = patients.remove(&last(row)?) else { continue };
        let [studies, series, instances] = [1, 2, 3].map(|column| row::unsigned(row, column));
        found.push(PatientMatch { patient, studies: studies?, series: series?, instances: instances? });
    }
    Ok(found)
}
