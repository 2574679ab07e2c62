//! Who took pictures out of the archive. Rows are added and read, and nothing else.

use filmless_model::export::{Export, ExportFormat};
use filmless_model::uid::{SopInstanceUid, StudyInstanceUid};
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

/// Exports, of one study or of all, last first.
pub(crate) async fn list(
    connections: &Connections,
    study: Option<&StudyInstanceUid>,
    limit: u32,
) -> Result<Vec<Export>, IndexError> {
    const OF_ALL: &str = "select code, exported_by, address, study_instance_uid, format, images, instances, with_identity, at_ms \
                          from exports order by export_key desc limit $1";
    const OF_STUDY: &str = "select code, exported_by, address, study_instance_uid, format, images, instances, with_identity, at_ms \
         from exports where study_instance_uid = $2 order by export_key desc limit $1";
    let query = sqlx::query(if study.is_some() { OF_STUDY } else { OF_ALL }).bind(i64::from(limit));
    let query = match study {
        Some(study) => query.bind(study.as_str().to_owned()),
        None => query,
    };
    connections.fetch_all(query).await?.iter().map(export).collect()
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
