//! `filmless check`: every row has its bytes and their digest is right; every blob has its row.

use std::process::ExitCode;
use std::time::Duration;

use filmless_archive::verify::{Finding, Progress};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::commands::EXIT_FOUND;
use crate::commands::console::{note, print};
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut findings = 0_u64;
    let mut last = Progress::default();
    let mut broken = Ok(());
    archive
        .check(
            |finding| {
                findings += 1;
                broken = bar.suspend(|| print(describe(&finding)));
            },
            |progress| {
                last = progress;
                bar.set_message(format!("{} rows, {} blobs, {} read", last.rows, last.blobs, HumanBytes(last.bytes)));
            },
        )
        .await?;
    bar.finish_and_clear();
    broken?;
    index.close().await;
    let (rows, blobs, bytes) = (last.rows, last.blobs, HumanBytes(last.bytes));
    if findings == 0 {
        print(format_args!("nothing wrong: {rows} rows, {blobs} blobs, {bytes} read"))?;
        return Ok(ExitCode::SUCCESS);
    }
    note(format_args!("{findings} findings in {rows} rows and {blobs} blobs"));
    Ok(ExitCode::from(EXIT_FOUND))
}

fn describe(finding: &Finding) -> String {
    match finding {
        Finding::MissingBlob(address, version) => format!("missing bytes: instance {}, version {version}", address.instance),
        Finding::WrongLength(address, version) => format!("wrong length: instance {}, version {version}", address.instance),
        Finding::WrongDigest(address, version) => format!("changed bytes: instance {}, version {version}", address.instance),
        Finding::UnreadableBlob(address, version, why) => {
            format!("unreadable bytes ({why}): instance {}, version {version}", address.instance)
        }
        Finding::BlobWithoutRow(path) => format!("bytes without a row: {}", super::console::printable(path)),
    }
}
