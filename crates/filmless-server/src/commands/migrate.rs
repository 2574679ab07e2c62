//! `filmless migrate`: brings the database up to date.

use std::process::ExitCode;

use crate::commands::console::print;
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let applied = wiring::migrate(config).await?;
    for migration in &applied {
        print(format_args!("applied {migration}"))?;
    }
    if applied.is_empty() {
        print("the database is up to date")?;
    }
    Ok(ExitCode::SUCCESS)
}
