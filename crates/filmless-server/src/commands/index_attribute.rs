//! `filmless index-attribute`: which further attributes searches match. What is said here stands in the database, and a
//! running server notices within seconds.

use std::process::ExitCode;

use anyhow::bail;
use filmless_archive::further::MAX_FURTHER_ATTRIBUTES;
use filmless_dicom::further;
use filmless_index::FurtherRow;

use crate::cli::IndexAttribute;
use crate::commands::console::{note, printable, table};
use crate::commands::recorded;
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config, command: IndexAttribute) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    match command {
        IndexAttribute::Add { attribute } => {
            let name = printable(further::keywords(&attribute));
            let rows = index.further_attributes().await?;
            if rows.len() >= MAX_FURTHER_ATTRIBUTES && !rows.iter().any(|row| row.name == attribute.name()) {
                bail!("there are {} already; remove one first", rows.len());
            }
            if recorded(&*index, format!("further attribute {}", attribute.name())).add_further_attribute(&attribute).await? {
                note(format_args!(
                    "{name} is being indexed while the server runs; searches by it are answered once that is done"
                ));
            } else {
                note(format_args!("{name} is indexed already"));
            }
        }
        IndexAttribute::List => {
            let (rows, last) = (index.further_attributes().await?, index.last_change().await?);
            if rows.is_empty() {
                note("no further attributes; `filmless index-attribute add KEYWORD` lets searches match one");
            } else {
                let rows: Vec<_> = rows.iter().map(|row| shown(row, last)).collect();
                table(["ATTRIBUTE", "INDEXED AS", "CHANGES TO READ"], &rows)?;
            }
        }
        IndexAttribute::Remove { attribute } => {
            let name = printable(further::keywords(&attribute));
            if config.index.attributes().is_ok_and(|named| named.contains(&attribute)) {
                bail!("index.additional_attributes names {name}, which would add it again; take it off there first");
            }
            if !recorded(&*index, format!("further attribute {} removed", attribute.name()))
                .remove_further_attribute(&attribute)
                .await?
            {
                bail!("{name} is not indexed; `filmless index-attribute list` shows what is");
            }
            note(format_args!("{name} is indexed no more"));
        }
    }
    index.close().await;
    Ok(ExitCode::SUCCESS)
}

fn shown(row: &FurtherRow, last: i64) -> [String; 3] {
    let name = further::parse(&row.name).map_or_else(|_| row.name.clone(), |attribute| further::keywords(&attribute));
    [printable(name), printable(&row.name), (last - row.indexed_through).to_string()]
}
