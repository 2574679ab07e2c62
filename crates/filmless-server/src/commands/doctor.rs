//! `filmless doctor`: looks at everything the service needs and names what is at fault, with the setting to change.
//!
//! It changes nothing that is there: the database is not migrated, and what is written to the store is removed again.

mod certificates;
mod surroundings;

use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

use filmless_index::{Index, IndexError};
use filmless_model::account::Account;

use crate::cli::Place;
use crate::commands::EXIT_FOUND;
use crate::commands::console::{print, printable};
use crate::config::Config;
use crate::wiring;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should be.
    Fine,
    /// Works, but somebody should look.
    Warning,
    /// Does not work.
    Fault,
}

/// Writes one line for each check, and remembers the worst.
pub(super) struct Findings {
    faults: u32,
}

impl Findings {
    pub(super) fn tell(&mut self, verdict: Verdict, what: &str, detail: impl Display) -> std::io::Result<()> {
        let word = match verdict {
            Verdict::Fine => "ok",
            Verdict::Warning => "look",
            Verdict::Fault => "FAULT",
        };
        if verdict == Verdict::Fault {
            self.faults += 1;
        }
        let detail = detail.to_string().lines().map(printable).collect::<Vec<_>>().join("\n                      ");
        print(format_args!("{word:<6} {what:<14} {detail}"))
    }
}

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let mut findings = Findings { faults: 0 };
    match Config::load(place.config.as_deref(), place.data.as_deref()) {
        Ok(config) => {
            let file =
                place.config.as_ref().map_or_else(|| "defaults and environment".to_owned(), |path| path.display().to_string());
            findings.tell(Verdict::Fine, "configuration", file)?;
            examine(&config, &mut findings).await?;
        }
        Err(error) => findings.tell(Verdict::Fault, "configuration", chain(&error))?,
    }
    Ok(if findings.faults == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

async fn examine(config: &Config, findings: &mut Findings) -> anyhow::Result<()> {
    surroundings::folder_and_disk(config, findings)?;
    surroundings::open_files(config, findings)?;
    let index = database(config, findings).await?;
    store(config, findings).await?;
    surroundings::clock(index.as_deref(), findings).await?;
    surroundings::ports(config, findings).await?;
    certificates::examine(config, findings)?;
    let accounts = match &index {
        Some(index) => index.accounts().await.unwrap_or_default(),
        None => Vec::new(),
    };
    accounts_and_doors(config, &accounts, findings)?;
    if let Some(index) = index {
        index.close().await;
    }
    Ok(())
}

/// Opens the database as it is.
async fn database(config: &Config, findings: &mut Findings) -> anyhow::Result<Option<Arc<dyn Index>>> {
    let what = wiring::about_database(config);
    if config.database.url.is_empty() && !wiring::data_folder(config)?.join(wiring::DATABASE_FILE).exists() {
        findings.tell(Verdict::Fine, "database", format_args!("{what}: not made yet; the first `filmless serve` makes it"))?;
        return Ok(None);
    }
    let opened = match filmless_index::open(&wiring::index_config(config)?).await {
        Ok(index) => index.ping().await.map(|()| index),
        Err(error) => Err(error),
    };
    match opened {
        Ok(index) => {
            findings.tell(Verdict::Fine, "database", format_args!("{what}: answers, up to date"))?;
            Ok(Some(index))
        }
        Err(error @ IndexError::NotMigrated) => {
            findings.tell(Verdict::Warning, "database", format_args!("{what}: {error}; `filmless serve` does it too"))?;
            Ok(None)
        }
        Err(error) => {
            findings.tell(
                Verdict::Fault,
                "database",
                format_args!("{what}: {}\nchange database.url, or start the database", chain(&error)),
            )?;
            Ok(None)
        }
    }
}

/// Writes, reads and removes a small blob.
async fn store(config: &Config, findings: &mut Findings) -> anyhow::Result<()> {
    let settings = wiring::blobstore_config(config)?;
    let what = settings.url.clone();
    let probed = match wiring::open_blobstore(config) {
        Ok(blobstore) => blobstore.probe().await.map_err(|error| chain(&error)),
        Err(error) => Err(chain(error.as_ref())),
    };
    match probed {
        Ok(()) => findings.tell(Verdict::Fine, "store", format_args!("{what}: written, read and removed a test blob"))?,
        Err(error) => findings.tell(
            Verdict::Fault,
            "store",
            format_args!("{what}: {error}\nchange storage.url, or the endpoint, region and credentials of [storage]"),
        )?,
    }
    Ok(())
}

fn accounts_and_doors(config: &Config, accounts: &[Account], findings: &mut Findings) -> std::io::Result<()> {
    let open = config.doors().into_iter().find(|(_, address)| !address.ip().to_canonical().is_loopback());
    match (open, accounts.len()) {
        (Some((key, address)), 0) => findings.tell(
            Verdict::Fault,
            "accounts",
            format_args!("{key} is {address}, which other machines can reach, but there is no account\nmake one: filmless account add NAME --role admin"),
        ),
        (None, 0) => findings.tell(
            Verdict::Warning,
            "accounts",
            "none yet, so nobody can sign in\nmake one: filmless account add NAME --role admin",
        ),
        (_, count) => findings.tell(Verdict::Fine, "accounts", count),
    }
}

/// An error with its causes. Some libraries repeat the cause in their own text; it is said once.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.map(ToString::to_string).fold(
        error.to_string(),
        |text, cause| {
            if text.contains(&cause) { text } else { format!("{text}: {cause}") }
        },
    )
}
