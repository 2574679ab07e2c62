//! The commands. Each reads the settings, opens what it needs and ends with an exit code that scripts can use.

mod account;
mod audit;
mod check;
mod codec_worker;
mod coercion;
mod console;
mod doctor;
mod forwarding;
pub mod import;
mod index_attribute;
mod migrate;
mod order;
mod peer;
mod restore;
pub mod serve;
mod token;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use filmless_archive::Archive;
use filmless_archive::clock::now_ms;
use filmless_index::Index;
use filmless_model::actor::Actor;
use filmless_model::audit::{AuditEvent, AuditedAct};

use crate::cli::{Cli, Command, Place};
use crate::config::Config;

/// Something was found wrong, or a part failed.
pub const EXIT_FOUND: u8 = 1;
/// The command could not do its work.
pub const EXIT_COULD_NOT_RUN: u8 = 2;

/// Runs a command to its end.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // A worker decodes hostile bytes: it gets neither settings nor threads.
    if matches!(cli.command, Command::CodecWorker) {
        return codec_worker::run();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let code = runtime.block_on(dispatch(cli));
    // A blocking read that hangs must not keep a finished command alive.
    runtime.shutdown_background();
    code
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let place = cli.place;
    match cli.command {
        Command::Serve(options) => serve::run(settings(&place)?, &options).await,
        Command::Import(options) => import::run(&settings(&place)?, &options).await,
        Command::Account(command) => account::run(&settings(&place)?, command).await,
        Command::Token(command) => token::run(&settings(&place)?, command).await,
        Command::Audit(command) => audit::run(&settings(&place)?, command).await,
        Command::Peer(command) => peer::run(&settings(&place)?, command).await,
        Command::Coercion(command) => coercion::run(&settings(&place)?, command).await,
        Command::Forwarding(command) => forwarding::run(&settings(&place)?, command).await,
        Command::IndexAttribute(command) => index_attribute::run(&settings(&place)?, command).await,
        Command::Order(command) => order::run(&settings(&place)?, command).await,
        Command::Restore(options) => restore::run(&settings(&place)?, &options).await,
        Command::Migrate => migrate::run(&settings(&place)?).await,
        Command::Doctor => doctor::run(&place).await,
        Command::Check => check::run(&settings(&place)?).await,
        Command::CodecWorker => codec_worker::run(),
    }
}

fn settings(place: &Place) -> anyhow::Result<Config> {
    Ok(Config::load(place.config.as_deref(), place.data.as_deref())?)
}

/// The index for a change that a command makes, which `detail` says in few words: it is written to the audit log with it.
fn recorded(index: &dyn Index, detail: impl Into<String>) -> Arc<dyn Index> {
    index.recording(AuditEvent::of(&Actor::Operator, AuditedAct::Administer, now_ms()).with_detail(detail))
}

/// The end of a command that acted on the archive.
async fn close(archive: &Archive, index: &dyn Index) -> anyhow::Result<()> {
    archive.write_notes(true).await?;
    index.close().await;
    Ok(())
}

/// A day and time for a table, in UTC.
fn format_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}
