//! `filmless order`: orders from a file of the hospital's, as the API takes them.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use filmless_dicom::order_file::MAX_BYTES;
use filmless_model::actor::Actor;

use crate::cli;
use crate::commands::console::{note, print, printable};
use crate::commands::{EXIT_FOUND, close};
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config, command: cli::Order) -> anyhow::Result<ExitCode> {
    let cli::Order::Import { file } = command;
    let bytes = read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let report = match archive.import_orders(&Actor::Operator, bytes.into()).await? {
        Ok(report) => report,
        Err(fault) => bail!("{}:{}", file.display(), printable(fault)),
    };
    close(&archive, &*index).await?;
    for fault in &report.failed {
        note(format_args!("{}:{}", file.display(), printable(fault)));
    }
    let (created, changed, unchanged, failed) = (report.created, report.changed, report.unchanged, report.failed.len());
    print(format_args!("{created} created, {changed} changed, {unchanged} unchanged, {failed} failed"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

/// No more of a file than what may be one of orders.
fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let source: Box<dyn std::io::Read> =
        if file == Path::new("-") { Box::new(std::io::stdin().lock()) } else { Box::new(std::fs::File::open(file)?) };
    let mut bytes = Vec::new();
    source.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
