//! `filmless audit`: the log of who did what.

use std::process::ExitCode;

use anyhow::Context;
use filmless_archive::audit::AuditFault;
use filmless_model::actor::Actor;
use filmless_model::audit::{AuditEvent, AuditFilter};
use filmless_model::uid::StudyInstanceUid;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{Audit, AuditShow};
use crate::commands::console::{note, print, printable, table};
use crate::commands::{EXIT_FOUND, close, format_time};
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config, command: Audit) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let code = match command {
        Audit::Verify => {
            let (mut findings, mut broken) = (0_u64, Ok(()));
            let found = |fault| {
                findings += 1;
                if broken.is_ok() {
                    broken = print(describe(fault));
                }
            };
            let (entries, kept) = archive.verify_log(found).await?;
            broken?;
            if findings == 0 {
                print(format_args!("nothing wrong: {entries} entries, {kept} places kept outside the database"))?;
                ExitCode::SUCCESS
            } else {
                note(format_args!("{findings} findings in {entries} entries"));
                ExitCode::from(EXIT_FOUND)
            }
        }
        Audit::Show(asked) => {
            let filter = filter(&asked)?;
            let entries = archive.audit_log(&Actor::Operator, &filter, asked.limit).await?;
            if asked.json {
                for (_, event) in &entries {
                    print(serde_json::to_string(event)?)?;
                }
            } else {
                let rows: Vec<_> = entries.iter().map(row).collect();
                table(["ENTRY", "WHEN (UTC)", "WHO", "FROM", "ACT", "PATIENT", "STUDY", "DETAIL"], &rows)?;
            }
            ExitCode::SUCCESS
        }
    };
    close(&archive, &*index).await?;
    Ok(code)
}

fn describe(fault: AuditFault) -> String {
    match fault {
        AuditFault::Missing { from, through } if from == through => format!("missing: entry {from}"),
        AuditFault::Missing { from, through } => format!("missing: entries {from} to {through}"),
        AuditFault::Altered(sequence) => format!("changed: entry {sequence}"),
        AuditFault::Rewritten(sequence) => {
            format!(
                "written anew: the entries up to {sequence} are not those that were there when their end was kept outside the database"
            )
        }
    }
}

fn filter(asked: &AuditShow) -> anyhow::Result<AuditFilter> {
    let study = match asked.study.as_str() {
        "" => None,
        uid => Some(StudyInstanceUid::parse(uid).with_context(|| format!("{uid:?} is not a UID"))?),
    };
    let begin = |day: Date| day.to_zoned(TimeZone::UTC).map(|time| time.timestamp().as_millisecond());
    Ok(AuditFilter {
        actor: asked.actor.clone(),
        patient_id: asked.patient.clone(),
        study,
        act: asked.act,
        from_ms: asked.since.map(begin).transpose().context("--since")?,
        until_ms: asked.until.map(|day| day.tomorrow().and_then(begin)).transpose().context("--until")?,
        before: None,
    })
}

fn row((sequence, event): &(i64, AuditEvent)) -> [String; 8] {
    let count = event.count.map(|count| format!("{count}\u{d7}"));
    let besides = [count, event.purpose.clone(), event.detail.clone()];
    let who = match &event.ae_title {
        Some(ae_title) if !event.actor.ends_with(ae_title.as_str()) => format!("{} by {ae_title}", event.actor),
        _ => event.actor.clone(),
    };
    [
        sequence.to_string(),
        format_time(event.at_ms),
        printable(who),
        event.address.map(|address| address.to_string()).unwrap_or_default(),
        format!("{} ({})", event.act.as_str(), event.outcome.as_str()),
        printable(
            [&event.patient_id, &event.issuer_of_patient_id].map(|id| id.as_deref().unwrap_or_default()).join(" ").trim_end(),
        ),
        event.study.as_ref().map(ToString::to_string).unwrap_or_default(),
        printable(besides.into_iter().flatten().collect::<Vec<_>>().join(" ")),
    ]
}
