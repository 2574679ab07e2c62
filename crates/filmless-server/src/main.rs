//! `filmless`: reads the command line, runs the command, and says in one line what went wrong.

use std::process::ExitCode;

use clap::Parser;
use filmless_server::cli::Cli;
use filmless_server::commands;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("filmless: {error:#}");
            ExitCode::from(commands::EXIT_COULD_NOT_RUN)
        }
    }
}
