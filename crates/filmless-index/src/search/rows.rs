//! The rows of a page: attributes of each level by key, with what is derived from the rows below.

use std::collections::BTreeSet;

use filmless_model::attribute::{Attribute, Value};
use filmless_model::query::{Match, QueryRetrieveLevel};
use filmless_model::record::RequestAttributes;
use sqlx::any::AnyRow;

use super::Statement;
use super::comparisons::Bind;
use crate::columns::{Table, column, is_number, stored_in};
use crate::engine::Engine;
use crate::error::IndexError;
use crate::row;

/// What parts the values of a text list; no value of a data set can hold it (PS3.5 section 6.4, Value Multiplicity).
pub(super) const SEPARATOR: char = '\\';

/// The attributes that the rows of a level have, in the order of their columns.
fn stored(level: QueryRetrieveLevel) -> Vec<(Table, Attribute)> {
    let tables: &[Table] = match level {
        QueryRetrieveLevel::Study => &[Table::Patients, Table::Studies],
        QueryRetrieveLevel::Series => &[Table::Series],
        QueryRetrieveLevel::Instance => &[Table::Instances],
    };
    tables.iter().flat_map(|table| stored_in(*table).map(|attribute| (*table, attribute))).collect()
}

/// Derived attributes of a level with their expressions.
fn derived(level: QueryRetrieveLevel) -> &'static [(Attribute, &'static str)] {
    match level {
        QueryRetrieveLevel::Study => &[
            (Attribute::NumberOfStudyRelatedSeries, "(select count(*) from series c where c.study_key = st.study_key)"),
            (Attribute::NumberOfStudyRelatedInstances, "(select count(*) from instances c where c.study_key = st.study_key)"),
            (
                Attribute::ModalitiesInStudy,
                "(select string_agg(modality, '\\') \
                 from (select distinct modality from series c where c.study_key = st.study_key) as modalities)",
            ),
        ],
        QueryRetrieveLevel::Series => &[(
            Attribute::NumberOfSeriesRelatedInstances,
            "(select count(*) from instances c where c.study_key = se.study_key and c.series_key = se.series_key)",
        )],
        QueryRetrieveLevel::Instance => &[(Attribute::AvailableTransferSyntaxUid, "v.transfer_syntax_uid")],
    }
}

/// What is read of a row: its key, attributes, and what is derived.
pub(super) fn columns(level: QueryRetrieveLevel, key: &str) -> String {
    let mut columns = vec![key.to_owned()];
    columns.extend(stored(level).into_iter().map(|(table, a)| format!("{}.{}", table.alias(), column(a))));
    columns.extend(derived(level).iter().map(|(_, expression)| (*expression).to_owned()));
    if level == QueryRetrieveLevel::Series {
        columns.push(request_attributes());
    }
    columns.join(", ")
}

/// How many columns that is of a study.
pub(super) fn columns_of_study() -> usize {
    1 + stored(QueryRetrieveLevel::Study).len() + derived(QueryRetrieveLevel::Study).len()
}

/// Reads the studies of a page of keys, in its order. They are counted behind the page, not before its limit.
pub(super) fn of_page(page: Statement) -> Statement {
    let columns = columns(QueryRetrieveLevel::Study, "st.study_key");
    let sql = format!(
        "select {columns} from ({}) as page join studies st on st.study_key = page.study_key \
         join patients p on p.patient_key = st.patient_key \
         order by page.study_date desc nulls last, page.study_time desc nulls last, page.study_instance_uid",
        page.sql
    );
    Statement { sql, binds: page.binds }
}

/// Reads the rows of a level with these keys.
pub(super) fn of(engine: Engine, level: QueryRetrieveLevel, keys: &BTreeSet<i64>) -> Statement {
    let (key, from) = match level {
        QueryRetrieveLevel::Study => ("st.study_key", "studies st join patients p on p.patient_key = st.patient_key"),
        QueryRetrieveLevel::Series => ("se.series_key", "series se"),
        QueryRetrieveLevel::Instance => {
            ("i.instance_key", "instances i join instance_versions v on v.version_key = i.version_key")
        }
    };
    let sql = format!("select {} from {from} where {key} in {}", columns(level, key), engine.numbers(1));
    let keys: Vec<String> = keys.iter().map(i64::to_string).collect();
    Statement { sql, binds: vec![Bind::Text(format!("[{}]", keys.join(",")))] }
}

/// Reads the header of the first instance of each of these studies or series, or of these instances. Which is first says the
/// SQL index `instances_by_series`, so that one row is read for each.
pub(super) fn headers(engine: Engine, level: QueryRetrieveLevel, uids: &[String]) -> Statement {
    let first =
        |of: &str| format!("(select f.instance_key from instances f where {of} order by f.series_key, f.instance_key limit 1)");
    let (from, uid) = match level {
        QueryRetrieveLevel::Study => (
            format!(
                "studies st join instances i on i.instance_key = {} \
                 join series se on se.study_key = i.study_key and se.series_key = i.series_key",
                first("f.study_key = st.study_key")
            ),
            "st.study_instance_uid",
        ),
        QueryRetrieveLevel::Series => (
            format!(
                "series se join studies st on st.study_key = se.study_key join instances i on i.instance_key = {}",
                first("f.study_key = se.study_key and f.series_key = se.series_key")
            ),
            "se.series_instance_uid",
        ),
        QueryRetrieveLevel::Instance => (
            "instances i join series se on se.study_key = i.study_key and se.series_key = i.series_key \
             join studies st on st.study_key = i.study_key"
                .to_owned(),
            "i.sop_instance_uid",
        ),
    };
    let sql = format!(
        "select st.study_instance_uid, se.series_instance_uid, i.sop_instance_uid, h.dicom_json \
         from {from} join instance_headers h on h.version_key = i.version_key where {uid} in {}",
        engine.texts(1)
    );
    Statement { sql, binds: vec![Bind::Text(serde_json::Value::from(uids).to_string())] }
}

/// The items of a series' Request Attributes Sequence, one after the other, each with a text for every attribute.
fn request_attributes() -> String {
    let texts: Vec<_> = stored_in(Table::RequestAttributes).map(|a| format!("coalesce(r.{}, '')", column(a))).collect();
    format!(
        "(select string_agg(texts, '\\') from (select {} as texts from request_attributes r \
         where r.series_key = se.series_key order by r.item) as items)",
        texts.join(" || '\\' || ")
    )
}

/// What [`request_attributes`] gave.
fn items(texts: &str) -> Vec<RequestAttributes> {
    let attributes: Vec<_> = stored_in(Table::RequestAttributes).collect();
    let texts: Vec<_> = texts.split(SEPARATOR).collect();
    let item = |texts: &[&str]| {
        let pairs = attributes.iter().zip(texts).filter(|(_, text)| !text.is_empty());
        pairs.map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()
    };
    texts.chunks(attributes.len()).map(item).collect()
}

/// The values of a row; those it has not are left out.
pub(super) fn values(level: QueryRetrieveLevel, row: &AnyRow) -> Result<Match, IndexError> {
    let mut values = Vec::new();
    let mut at = 1;
    for (_, attribute) in stored(level) {
        let value = if is_number(attribute) {
            row::optional_number(row, at)?.map(Value::Number)
        } else {
            row::optional_text(row, at)?.filter(|text| !text.is_empty()).map(Value::Text)
        };
        values.extend(value.map(|value| (attribute, value)));
        at += 1;
    }
    for (attribute, _) in derived(level) {
        let value = match attribute {
            Attribute::ModalitiesInStudy => {
                let text = row::optional_text(row, at)?.unwrap_or_default();
                let mut list: Vec<_> = text.split(SEPARATOR).filter(|text| !text.is_empty()).map(str::to_owned).collect();
                list.sort_unstable();
                Some(list).filter(|list| !list.is_empty()).map(Value::TextList)
            }
            Attribute::AvailableTransferSyntaxUid => row::optional_text(row, at)?.map(Value::Text),
            _ => row::optional_number(row, at)?.map(Value::Number),
        };
        values.extend(value.map(|value| (*attribute, value)));
        at += 1;
    }
    let request_attributes = match level {
        QueryRetrieveLevel::Series => row::optional_text(row, at)?.as_deref().map(items).unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(Match { values, request_attributes })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_rows_of_each_level() {
        let mut shapes = String::new();
        let page = of_page(Statement { sql: "PAGE".to_owned(), binds: Vec::new() });
        writeln!(shapes, "a page of studies\n{}\n", page.sql).expect("a String takes all");
        for engine in [Engine::Sqlite, Engine::Postgres] {
            for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
                let statement = of(engine, level, &BTreeSet::from([7, 9]));
                writeln!(shapes, "{engine:?} {level:?}\n{}\n{:?}\n", statement.sql, statement.binds).expect("a String takes all");
                let statement = headers(engine, level, &["1.2".to_owned()]);
                writeln!(shapes, "headers\n{}\n{:?}\n", statement.sql, statement.binds).expect("a String takes all");
            }
        }
        insta::assert_snapshot!(shapes);
    }
}
