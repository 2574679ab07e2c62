//! The statements of a commit. The column lists are assembled once, from the table of attributes and no input.

use std::fmt::Write as _;
use std::sync::LazyLock;

use filmless_model::attribute::Attribute;
use filmless_model::record::{InstanceRecord, InstanceVersion, RequestAttributes};
use sqlx::Any;
use sqlx::any::AnyArguments;

use crate::columns::{Table, column, is_folded, is_number, kept_folded, kept_text, stored_in};
use crate::engine::Engine;
use crate::index::VersionCommit;
use crate::sqlite::writer::Place;
use crate::text::kept;

/// A statement with values bound to it.
pub(crate) type AnyQuery = sqlx::query::Query<'static, Any, AnyArguments>;

/// Everything known about `$1` the instance, `$2` its digest, `$3`/`$4` the patient, `$5` the study and `$6` the series.
pub(crate) const LOOK: &str = "\
select same.version_id, same.study_instance_uid, same.series_instance_uid, same.sop_instance_uid,
       p.patient_key, st.study_key, st.patient_key, se.series_key, se.study_key,
       i.instance_key, i.series_key, i.version_key, i.first_source, gone.version_key
from (select 1 as one) as base
left join instance_versions same on same.sop_instance_uid = $1 and same.digest = $2
left join deleted_versions gone on gone.version_key = same.version_key
left join patients p on p.patient_id = $3 and p.issuer_of_patient_id = $4
left join studies st on st.study_instance_uid = $5
left join series se on se.series_instance_uid = $6
left join instances i on i.sop_instance_uid = $1";

/// A patient, unless it is there.
pub(crate) const INSERT_PATIENT: &str = "\
insert into patients (patient_id, issuer_of_patient_id) values ($1, $2) on conflict do nothing returning patient_key";

const VERSION_COLUMNS: &str = "\
version_id, study_instance_uid, series_instance_uid, sop_instance_uid, digest, length_bytes, transfer_syntax_uid, \
data_set_offset, frames, coercion, source, stored_ms";

/// How many placeholders [`bind_version`] fills; the last is `stored_ms`.
const VERSION_VALUES: usize = 12;

/// The placeholder of the version's source.
const SOURCE_VALUE: usize = 11;

/// A version, unless the instance has one with these bytes.
pub(crate) static INSERT_VERSION: LazyLock<String> = LazyLock::new(|| {
    let values = placeholders(1, VERSION_VALUES);
    format!("insert into instance_versions ({VERSION_COLUMNS}) values ({values}) on conflict do nothing returning version_key")
});

/// The header of a version.
pub(crate) const INSERT_HEADER: &str = "insert into instance_headers (version_key, dicom_json) values ($1, $2)";

/// A study of patient `$1`, unless it is there.
pub(crate) static INSERT_STUDY: LazyLock<String> =
    LazyLock::new(|| insert(Table::Studies, "studies", &["patient_key"], "study_key"));

/// Items of the Request Attributes Sequence of series `$1`: arrays of texts in the array `$2`, in the order of the columns.
pub(crate) fn insert_request_attributes(engine: Engine) -> String {
    let columns = columns(Table::RequestAttributes);
    let values: Vec<_> = (0..columns.len()).map(|place| format!("e.value ->> {}", place + 1)).collect();
    format!(
        "insert into request_attributes (series_key, item, {}) select cast($1 as bigint), cast(e.value ->> 0 as bigint), {} from {}",
        columns.join(", "),
        values.join(", "),
        engine.arrays(2)
    )
}

/// The items of a record as the arrays that [`insert_request_attributes`] takes.
pub(crate) fn request_attributes(record: &InstanceRecord) -> String {
    let texts = |item: &RequestAttributes| {
        let text = |wanted| item.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, text)| kept(text).into_owned());
        stored_in(Table::RequestAttributes).map(text).collect::<Vec<_>>()
    };
    let items = record.request_attributes.iter().enumerate().map(|(place, item)| {
        let mut row = vec![serde_json::Value::from(place)];
        row.extend(texts(item).into_iter().map(serde_json::Value::from));
        serde_json::Value::Array(row)
    });
    serde_json::Value::Array(items.collect()).to_string()
}

/// A series of study `$1`, unless it is there.
pub(crate) static INSERT_SERIES: LazyLock<String> =
    LazyLock::new(|| insert(Table::Series, "series", &["study_key"], "series_key"));

/// An instance of study `$1` and series `$2` served by version `$3` that came from `$4`, unless it is there.
pub(crate) static INSERT_INSTANCE: LazyLock<String> = LazyLock::new(|| {
    insert(Table::Instances, "instances", &["study_key", "series_key", "version_key", "first_source"], "instance_key")
});

/// Serves version `$1` of instance `$2` if version `$3` is served now.
pub(crate) static REPLACE_INSTANCE: LazyLock<String> = LazyLock::new(|| {
    let mut sets = String::from("version_key = $1");
    for (n, column) in columns(Table::Instances).iter().enumerate() {
        write!(sets, ", {column} = ${}", n + 4).expect("a String takes all");
    }
    format!("update instances set {sets} where instance_key = $2 and version_key = $3")
});

/// Version `$1` is deleted no more.
pub(crate) const REVIVE_VERSION: &str = "delete from deleted_versions where version_key = $1 and state = 'kept'";

/// Version `$1` is shown as `$2` says.
pub(crate) const COERCE_VERSION: &str = "update instance_versions set coercion = $2 where version_key = $1";

/// Version `$1` has this header.
pub(crate) const REPLACE_HEADER: &str = "update instance_headers set dicom_json = $2 where version_key = $1";

/// A row of the conflict list.
pub(crate) const INSERT_CONFLICT: &str = "\
insert into conflicts (kind, later_version_key, earlier_version_key, at_ms) values ($1, $2, $3, $4)";

// A new instance of a known series, with its version, header and change, in one request to the database; returns the
// change's sequence. A row that appeared meanwhile breaks a unique constraint. Bound are the version, the header, the keys
// of study and series, and the attributes of the instance.

/// For SQLite, with the begin and end of what it is part of.
pub(crate) fn store_new_instance_sqlite(place: Place) -> &'static str {
    &STORE_NEW_INSTANCE_SQLITE[place as usize]
}

/// For Postgres, in a transaction of its own.
pub(crate) fn store_new_instance_postgres() -> &'static str {
    &STORE_NEW_INSTANCE_POSTGRES
}

/// The statements of a write in a group of them, for each [`Place`], that sqlx hands to SQLite's thread at once: passing
/// each over alone costs more than running it. `last_insert_rowid()` is the version's key, then (being its own table's
/// primary key) the header's, which is the same.
static STORE_NEW_INSTANCE_SQLITE: LazyLock<[String; 4]> = LazyLock::new(|| {
    let header = VERSION_VALUES + 1;
    let (study, series) = (header + 1, header + 2);
    let columns = columns(Table::Instances);
    let statements = format!(
        "insert into instance_versions ({VERSION_COLUMNS}) values ({version_values}); \
         insert into instance_headers (version_key, dicom_json) values (last_insert_rowid(), ${header}); \
         insert into instances (study_key, series_key, version_key, first_source, {instance_columns}) \
         values (${study}, ${series}, last_insert_rowid(), ${SOURCE_VALUE}, {instance_values}); \
         insert into changes (kind, version_key, at_ms) \
         select 'stored', version_key, ${VERSION_VALUES} from instances where instance_key = last_insert_rowid() \
         returning sequence",
        version_values = placeholders(1, VERSION_VALUES),
        instance_columns = columns.join(", "),
        instance_values = placeholders(series + 1, columns.len()),
    );
    Place::ALL.map(|place| format!("{}; {statements}; {}", place.before(), place.after()))
});

/// One statement, so one round trip. Each step takes its rows from the one before, so that the lock of `append_change`
/// is waited for last.
static STORE_NEW_INSTANCE_POSTGRES: LazyLock<String> = LazyLock::new(|| {
    let header = VERSION_VALUES + 1;
    let (study, series) = (header + 1, header + 2);
    let columns = columns(Table::Instances);
    format!(
        "with version as (\
           insert into instance_versions ({VERSION_COLUMNS}) values ({version_values}) returning version_key, source, stored_ms\
         ), header as (\
           insert into instance_headers (version_key, dicom_json) select version_key, ${header} from version returning version_key\
         ), instance as (\
           insert into instances (study_key, series_key, version_key, first_source, {instance_columns}) \
           select ${study}, ${series}, version_key, version.source, {instance_values} from version join header using (version_key) \
           returning version_key\
         ) \
         select append_change('stored', version_key, version.stored_ms) from instance join version using (version_key)",
        version_values = placeholders(1, VERSION_VALUES),
        instance_columns = columns.join(", "),
        instance_values = placeholders(series + 1, columns.len()),
    )
});

fn insert(table: Table, name: &str, keys: &[&str], returning: &str) -> String {
    let columns = columns(table);
    let values = placeholders(1, keys.len() + columns.len());
    let (keys, columns) = (keys.join(", "), columns.join(", "));
    format!("insert into {name} ({keys}, {columns}) values ({values}) on conflict do nothing returning {returning}")
}

/// The columns that [`bind_attributes`] fills.
fn columns(table: Table) -> Vec<String> {
    let mut columns = Vec::new();
    for attribute in stored_in(table) {
        columns.push(column(attribute).to_owned());
        if is_folded(attribute) {
            columns.push(format!("{}_folded", column(attribute)));
        }
    }
    columns
}

fn placeholders(first: usize, count: usize) -> String {
    let placeholders: Vec<_> = (first..first + count).map(|n| format!("${n}")).collect();
    placeholders.join(", ")
}

/// Binds the patient key of a record: Patient ID, then issuer.
pub(crate) fn bind_patient(query: AnyQuery, record: &InstanceRecord) -> AnyQuery {
    let patient = &record.patient;
    query.bind(kept(&patient.patient_id).into_owned()).bind(kept(&patient.issuer).into_owned())
}

/// Binds the attributes of a table in the order of its columns.
pub(crate) fn bind_attributes(mut query: AnyQuery, commit: &VersionCommit, table: Table) -> AnyQuery {
    let record = &commit.record;
    for attribute in stored_in(table) {
        query = match attribute {
            Attribute::StudyInstanceUid => query.bind(record.address.study.as_str().to_owned()),
            Attribute::SeriesInstanceUid => query.bind(record.address.series.as_str().to_owned()),
            Attribute::SopInstanceUid => query.bind(record.address.instance.as_str().to_owned()),
            Attribute::SopClassUid => query.bind(record.sop_class.as_str().to_owned()),
            _ if is_number(attribute) => query.bind(record.number(attribute)),
            _ => query.bind(kept_text(record, attribute)),
        };
        if is_folded(attribute) {
            query = query.bind(kept_folded(record, attribute));
        }
    }
    query
}

/// Binds the version of a commit in the order of `VERSION_COLUMNS`.
pub(crate) fn bind_version(query: AnyQuery, commit: &VersionCommit) -> AnyQuery {
    let (address, version) = (&commit.record.address, &commit.version);
    query
        .bind(version.id.to_string())
        .bind(address.study.as_str().to_owned())
        .bind(address.series.as_str().to_owned())
        .bind(address.instance.as_str().to_owned())
        .bind(version.digest.as_bytes().to_vec())
        .bind(i64::try_from(version.length_bytes).unwrap_or(i64::MAX))
        .bind(version.transfer_syntax.as_str().to_owned())
        .bind(i64::try_from(version.data_set_offset).unwrap_or(i64::MAX))
        .bind(version.frames.encode())
        .bind(coercion_text(version))
        .bind(kept(&version.source).into_owned())
        .bind(version.stored_ms)
}

/// What is shown of a version, as its column holds it.
pub(crate) fn coercion_text(version: &InstanceVersion) -> Option<String> {
    let coercion = version.coercion.as_ref()?;
    Some(kept(&serde_json::to_string(coercion).expect("texts are JSON")).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_of_a_commit() {
        let all = [
            LOOK,
            INSERT_PATIENT,
            &INSERT_STUDY,
            &INSERT_SERIES,
            &insert_request_attributes(Engine::Sqlite),
            &insert_request_attributes(Engine::Postgres),
            &INSERT_VERSION,
            INSERT_HEADER,
            &INSERT_INSTANCE,
            &REPLACE_INSTANCE,
            REVIVE_VERSION,
            COERCE_VERSION,
            REPLACE_HEADER,
            INSERT_CONFLICT,
            store_new_instance_sqlite(Place::Only),
            store_new_instance_postgres(),
        ];
        insta::assert_snapshot!(all.join("\n\n"));
    }
}
