//! Performed procedure steps: rows, and the data sets that made them what they are.

use std::collections::{BTreeMap, HashSet};

use filmless_model::performed_step::{PerformedSeries, ReportedStep, Schedule, StepFilter, StepMessage, StepState};
use filmless_model::record::PatientKey;
use filmless_model::uid::{SopClassUid, SopInstanceUid};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::row;
use crate::text::kept;

/// What [`step_of`] reads.
macro_rules! select_steps {
    ($rest:literal) => {
        concat!(
            "select s.step_key, s.sop_instance_uid, s.state, s.source, s.patient_id, s.issuer_of_patient_id, \
             s.performed_procedure_step_id, s.performed_station_ae_title, s.modality, s.start_date, s.start_time, s.end_date, \
             s.end_time, s.performed_series, s.created_ms, s.changed_ms, s.revision from performed_steps s ",
            $rest
        )
    };
}

/// Adds a step with its first message; false if its UID is known.
pub(crate) async fn add(connection: &mut AnyConnection, step: &ReportedStep, message: &StepMessage) -> Result<bool, IndexError> {
    let sql = "insert into performed_steps (sop_instance_uid, state, source, patient_id, issuer_of_patient_id, \
               performed_procedure_step_id, performed_station_ae_title, modality, start_date, start_time, end_date, end_time, \
               performed_series, created_ms, changed_ms, revision) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1) \
               on conflict (sop_instance_uid) do nothing returning step_key";
    let query = sqlx::query(sql)
        .bind(step.uid.as_str().to_owned())
        .bind(step.state.as_str())
        .bind(step.source.clone())
        .bind(kept(&step.patient.patient_id).into_owned())
        .bind(kept(&step.patient.issuer).into_owned())
        .bind(kept(&step.id).into_owned())
        .bind(kept(&step.station_ae_title).into_owned())
        .bind(kept(&step.modality).into_owned())
        .bind(step.start_date.clone())
        .bind(step.start_time.clone())
        .bind(step.end_date.clone())
        .bind(step.end_time.clone())
        .bind(series_json(&step.series))
        .bind(step.created_ms)
        .bind(step.changed_ms);
    let Some(row) = query.fetch_optional(&mut *connection).await? else { return Ok(false) };
    let key = row::number(&row, 0)?;
    for (item, scheduled) in (0_i64..).zip(&step.scheduled) {
        let sql = "insert into performed_step_schedules (step_key, item, study_instance_uid, accession_number, \
                   requested_procedure_id, scheduled_procedure_step_id) values ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(sql).bind(key).bind(item).bind(scheduled.study.as_str().to_owned());
        let query = query.bind(kept(&scheduled.accession_number).into_owned());
        let query = query.bind(kept(&scheduled.requested_procedure_id).into_owned());
        query.bind(kept(&scheduled.scheduled_procedure_step_id).into_owned()).execute(&mut *connection).await?;
    }
    add_message(connection, key, 1, message).await?;
    Ok(true)
}

/// Changes a step that was read at `revision`; false if it is at another one now.
pub(crate) async fn change(
    connection: &mut AnyConnection,
    step: &ReportedStep,
    message: &StepMessage,
    revision: i64,
) -> Result<bool, IndexError> {
    let sql = "update performed_steps set state = $1, end_date = $2, end_time = $3, performed_series = $4, changed_ms = $5, \
               revision = revision + 1 where sop_instance_uid = $6 and revision = $7 returning step_key";
    let query = sqlx::query(sql)
        .bind(step.state.as_str())
        .bind(step.end_date.clone())
        .bind(step.end_time.clone())
        .bind(series_json(&step.series))
        .bind(step.changed_ms)
        .bind(step.uid.as_str().to_owned())
        .bind(revision);
    let Some(row) = query.fetch_optional(&mut *connection).await? else { return Ok(false) };
    add_message(connection, row::number(&row, 0)?, revision + 1, message).await?;
    Ok(true)
}

async fn add_message(connection: &mut AnyConnection, key: i64, revision: i64, message: &StepMessage) -> Result<(), IndexError> {
    let sql = "insert into performed_step_messages (step_key, revision, transfer_syntax_uid, data_set) values ($1, $2, $3, $4)";
    let query = sqlx::query(sql).bind(key).bind(revision).bind(message.transfer_syntax.as_str().to_owned());
    query.bind(message.data_set.clone()).execute(connection).await?;
    Ok(())
}

/// One step, with its revision.
pub(crate) async fn step(connections: &Connections, uid: &SopInstanceUid) -> Result<Option<(ReportedStep, i64)>, IndexError> {
    let query = sqlx::query(select_steps!("where s.sop_instance_uid = $1")).bind(uid.as_str().to_owned());
    let rows = connections.fetch_all(query).await?;
    let revision = rows.first().map(|row| row::number(row, 16)).transpose()?;
    let step = with_schedules(connections, rows).await?.pop();
    Ok(step.zip(revision))
}

/// Steps, last started first.
pub(crate) async fn steps(connections: &Connections, filter: &StepFilter, limit: u32) -> Result<Vec<ReportedStep>, IndexError> {
    let query = match filter {
        StepFilter::Study(study) => sqlx::query(select_steps!(
            "where s.step_key in (select c.step_key from performed_step_schedules c where c.study_instance_uid = $1) \
             order by s.start_date desc, s.start_time desc, s.step_key desc limit $2"
        ))
        .bind(study.as_str().to_owned()),
        StepFilter::Day(Some(day)) => {
            let sql =
                select_steps!("where s.start_date = $1 order by s.start_date desc, s.start_time desc, s.step_key desc limit $2");
            sqlx::query(sql).bind(day.clone())
        }
        StepFilter::Day(None) => {
            let sql =
                select_steps!("where s.start_date > $1 order by s.start_date desc, s.start_time desc, s.step_key desc limit $2");
            sqlx::query(sql).bind(String::new())
        }
    };
    let rows = connections.fetch_all(query.bind(i64::from(limit))).await?;
    with_schedules(connections, rows).await
}

/// The messages of a step, first first.
pub(crate) async fn messages(connections: &Connections, uid: &SopInstanceUid) -> Result<Vec<StepMessage>, IndexError> {
    let sql = "select m.transfer_syntax_uid, m.data_set from performed_steps s \
               join performed_step_messages m on m.step_key = s.step_key where s.sop_instance_uid = $1 order by m.revision";
    let rows = connections.fetch_all(sqlx::query(sql).bind(uid.as_str().to_owned())).await?;
    let message = |row: &AnyRow| Ok(StepMessage { transfer_syntax: row::uid(row, 0)?, data_set: row::bytes(row, 1)? });
    rows.iter().map(message).collect()
}

/// Those of `uids` that are visible instances.
pub(crate) async fn visible(connections: &Connections, uids: &[SopInstanceUid]) -> Result<HashSet<SopInstanceUid>, IndexError> {
    let engine = connections.engine();
    let sql = format!("select i.sop_instance_uid from instances i where i.sop_instance_uid in {}", engine.texts(1));
    let uids: Vec<_> = uids.iter().map(SopInstanceUid::as_str).collect();
    // Safe: a fixed text around a fixed one.
    let query = sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(uids).to_string());
    connections.fetch_all(query).await?.iter().map(|row| row::uid(row, 0)).collect()
}

async fn with_schedules(connections: &Connections, rows: Vec<AnyRow>) -> Result<Vec<ReportedStep>, IndexError> {
    let keys: Vec<_> = rows.iter().map(|row| row::number(row, 0)).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let engine: Engine = connections.engine();
    let sql = format!(
        "select step_key, study_instance_uid, accession_number, requested_procedure_id, scheduled_procedure_step_id \
         from performed_step_schedules where step_key in {} order by step_key, item",
        engine.numbers(1)
    );
    let mut schedules: BTreeMap<i64, Vec<Schedule>> = BTreeMap::new();
    let query = sqlx::query(AssertSqlSafe(sql)).bind(serde_json::Value::from(keys.as_slice()).to_string());
    for row in connections.fetch_all(query).await? {
        schedules.entry(row::number(&row, 0)?).or_default().push(Schedule {
            study: row::uid(&row, 1)?,
            accession_number: row::text(&row, 2)?,
            requested_procedure_id: row::text(&row, 3)?,
            scheduled_procedure_step_id: row::text(&row, 4)?,
        });
    }
    rows.iter().zip(keys).map(|(row, key)| step_of(row, schedules.remove(&key).unwrap_or_default())).collect()
}

fn step_of(row: &AnyRow, scheduled: Vec<Schedule>) -> Result<ReportedStep, IndexError> {
    Ok(ReportedStep {
        uid: row::uid(row, 1)?,
        state: row::parsed(row, 2, StepState::parse)?,
        source: row::text(row, 3)?,
        scheduled,
        patient: PatientKey { patient_id: row::text(row, 4)?, issuer: row::text(row, 5)? },
        id: row::text(row, 6)?,
        station_ae_title: row::text(row, 7)?,
        modality: row::text(row, 8)?,
        start_date: row::text(row, 9)?,
        start_time: row::text(row, 10)?,
        end_date: row::text(row, 11)?,
        end_time: row::text(row, 12)?,
        series: row::parsed(row, 13, series_of)?,
        created_ms: row::number(row, 14)?,
        changed_ms: row::number(row, 15)?,
    })
}

fn series_json(series: &[PerformedSeries]) -> String {
    let one = |series: &PerformedSeries| {
        let instances: Vec<_> = series.instances.iter().map(|(class, uid)| json!([class.as_str(), uid.as_str()])).collect();
        json!([series.series.as_str(), instances])
    };
    series.iter().map(one).collect::<serde_json::Value>().to_string()
}

fn series_of(text: &str) -> Option<Vec<PerformedSeries>> {
    let all: Vec<(String, Vec<(SopClassUid, SopInstanceUid)>)> = serde_json::from_str(text).ok()?;
    let one = |(series, instances): (String, _)| Some(PerformedSeries { series: series.parse().ok()?, instances });
    all.into_iter().map(one).collect()
}
