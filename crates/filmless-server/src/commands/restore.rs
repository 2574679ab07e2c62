//! `filmless restore`: shows what was deleted, and takes it back.

use std::process::ExitCode;

use anyhow::bail;
use filmless_archive::ArchiveError;
use filmless_model::actor::Actor;
use filmless_model::address::Resource;

use crate::cli::Restore;
use crate::commands::console::{note, table};
use crate::commands::{close, format_time};
use crate::config::Config;
use crate::wiring;

/// So many deletions are shown.
const SHOWN: u32 = 100;

pub(super) async fn run(config: &Config, options: &Restore) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    match options.deletion {
        None => {
            let deletions = archive.deletions(&Actor::Operator, SHOWN).await?;
            if deletions.is_empty() {
                note("nothing was deleted");
            } else {
                let row = |deletion: &filmless_model::deletion::Deletion| {
                    let (what, uid) = match &deletion.resource {
                        Resource::Study(study) => ("study", study.to_string()),
                        Resource::Series(address) => ("series", address.series.to_string()),
                        Resource::Instance(address) => ("instance", address.instance.to_string()),
                    };
                    let (by, at) = (deletion.deleted_by.clone(), format_time(deletion.at_ms));
                    [deletion.key.to_string(), what.to_owned(), uid, by, at, deletion.restorable.to_string()]
                };
                let rows: Vec<_> = deletions.iter().map(row).collect();
                table(["DELETION", "OF", "UID", "BY", "WHEN (UTC)", "RESTORABLE"], &rows)?;
            }
        }
        Some(deletion) => match archive.restore(&Actor::Operator, deletion).await {
            Ok(restored) => note(format_args!("restored {restored} stored copies")),
            Err(ArchiveError::NotFound) => bail!("nothing of deletion {deletion} can be restored; `filmless restore` shows all"),
            Err(error) => return Err(error.into()),
        },
    }
    close(&archive, &*index).await?;
    Ok(ExitCode::SUCCESS)
}
