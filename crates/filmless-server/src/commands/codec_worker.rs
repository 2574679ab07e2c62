//! `filmless codec-worker`: the process in which C codecs decode frames. Talks to its parent through its pipes.

use std::process::ExitCode;

pub(super) fn run() -> anyhow::Result<ExitCode> {
    filmless_codecs::worker::run()
}
