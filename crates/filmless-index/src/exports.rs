//! Who took pictures out of the archive. Rows are added and read, and nothing else.

use filmless_model::export::{Export, ExportCode, ExportFilter, ExportFormat, ExportedPatient, ListedExport};
use filmless_model::uid::SopInstanceUid;
use serde_json::json;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::connections::Connections;
use crate::error::IndexError;
use crate::row;

/// Keeps an export.
pub(crate) async fn add(connection: &mut AnyConnection, export: &Export) -> Result<(), IndexError> {
    let sql = "insert into exports \
               (code, exported_by, address, study_instance_uid, format, images, instances, with_identity, at_ms) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let instances: Vec<_> = export.instances.iter().map(SopInstanceUid::as_str).collect();
    let query = sqlx::query(sql).bind(export.code.as_str().to_owned()).bind(export.exported_by.clone());
    let query = query.bind(export.address.to_string()).bind(export.study.as_str().to_owned());
    let query = query.bind(export.format.as_str()).bind(i64::try_from(export.images).unwrap_or(i64::MAX));
    let query = query.bind(json!(instances).to_string()).bind(i16::from(export.with_identity)).bind(export.at_ms);
    query.execute(connection).await?;
    Ok(())
}

/// Exports with whose they are, last first. The columns of exports come first, as [`export`] reads them.
macro_rules! listed {
    ($of_study:literal) => {
        concat!(
            "select e.code, e.exported_by, e.address, e.study_instance_uid, e.format, e.images, e.instances, e.with_identity, \
             e.at_ms, p.patient_id, coalesce(st.patient_name, '') from exports e \
             left join studies st on st.study_instance_uid = e.study_instance_uid \
             left join patients p on p.patient_key = st.patient_key \
             where ($1 = '' or e.exported_by = $1) and ($2 = '' or p.patient_id = $2) and e.at_ms >= $3 and e.at_ms < $4 \
             and ($5 = '' or e.export_key < (select export_key from exports where code = $5))",
            $of_study,
            " order by e.export_key desc limit $6"
        )
    };
}

/// Those of a filter, last first.
pub(crate) async fn list(connections: &Connections, filter: &ExportFilter, limit: u32) -> Result<Vec<ListedExport>, IndexError> {
    // With a condition that may be empty, no engine would go by the index of studies.
    const OF_ALL: &str = listed!("");
    const OF_STUDY: &str = listed!(" and e.study_instance_uid = $7");
    let query = sqlx::query(if filter.study.is_some() { OF_STUDY } else { OF_ALL });
    let query = query.bind(filter.exported_by.clone()).bind(filter.patient_id.clone());
    let query = query.bind(filter.from_ms.unwrap_or(i64::MIN)).bind(filter.until_ms.unwrap_or(i64::MAX));
    let query = query.bind(filter.before.as_ref().map_or("", ExportCode::as_str).to_owned()).bind(i64::from(limit));
    let query = match &filter.study {
        Some(study) => query.bind(study.as_str().to_owned()),
        None => query,
    };
    connections.fetch_all(query).await?.iter().map(listed).collect()
}

fn listed(row: &AnyRow) -> Result<ListedExport, IndexError> {
    let name = row::text(row, 10)?;
    let patient = row::optional_text(row, 9)?.map(|id| ExportedPatient { id, name });
    Ok(ListedExport { export: export(row)?, patient })
}

fn export(row: &AnyRow) -> Result<Export, IndexError> {
    Ok(Export {
        code: row::parsed(row, 0, |text| text.parse().ok())?,
        exported_by: row::text(row, 1)?,
        address: row::parsed(row, 2, |text| text.parse().ok())?,
        study: row::uid(row, 3)?,
        format: row::parsed(row, 4, ExportFormat::parse)?,
        images: row::unsigned(row, 5)?,
        instances: row::parsed(row, 6, |text| serde_json::from_str::<Vec<String>>(text).ok())?
            .iter()
            .filter_map(|uid| uid.parse().ok())
            .collect(),
        with_identity: row::flag(row, 7)?,
        at_ms: row::number(row, 8)?,
    })
}
