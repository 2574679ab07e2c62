//! `filmless import`: takes in files, folders, ZIP files and DICOMDIR media, several at a time.
//!
//! It keeps no state of its own: what is stored already is recognised by its digest, so running it again resumes.

mod file;
mod media;
mod report;
mod walk;
mod zip_file;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use futures::StreamExt;
use tokio::sync::mpsc;

pub use self::report::{Report, Tally};
use self::walk::Found;
use crate::cli::Import;
use crate::commands::console::print;
use crate::commands::{EXIT_FOUND, close};
use crate::config::Config;
use crate::wiring;
use filmless_archive::Archive;

/// Files that the walk is ahead of the stores.
const AHEAD: usize = 256;

pub(super) async fn run(config: &Config, options: &Import) -> anyhow::Result<ExitCode> {
    for path in &options.paths {
        anyhow::ensure!(path.exists(), "there is no {}", path.display());
    }
    let index = wiring::open_index(config).await?;
    let blobstore = wiring::open_blobstore(config)?;
    let archive = wiring::archive(config, index.clone(), blobstore.clone())?;
    let report = Report::to_terminal();
    let tally = import_paths(&archive, &options.paths, usize::from(options.jobs), report).await?;
    blobstore.close().await?;
    close(&archive, &*index).await?;
    print(tally)?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

/// Takes in everything under the paths.
pub async fn import_paths(archive: &Arc<Archive>, paths: &[PathBuf], jobs: usize, report: Report) -> anyhow::Result<Tally> {
    let report = Arc::new(report);
    let (sender, receiver) = mpsc::channel(AHEAD);
    let (roots, counted) = (paths.to_vec(), report.clone());
    // Counting is far quicker than storing, so the bar soon knows its length.
    let count = tokio::task::spawn_blocking(move || {
        walk::walk(&roots, |found| {
            if matches!(found, Found::File(_)) {
                counted.expect_one_more();
            }
            true
        });
    });
    let roots = paths.to_vec();
    let walk = tokio::task::spawn_blocking(move || walk::walk(&roots, |found| sender.blocking_send(found).is_ok()));
    let found = futures::stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|found| (found, receiver)) });
    found
        .for_each_concurrent(jobs, |found| {
            let (archive, report) = (archive.clone(), report.clone());
            async move {
                match found {
                    Found::File(path) => {
                        file::import(&archive, &path, &report).await;
                        report.one_done();
                    }
                    Found::Skipped(path, why) => report.skipped(&path.display(), why),
                    Found::Failed(path, why) => report.failed(&path.display(), &why),
                }
            }
        })
        .await;
    walk.await?;
    count.await?;
    Ok(report.finish())
}
