//! Writing for people: results on standard output, the rest on standard error.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, bail};

use crate::secrets;

/// Writes a line of the result.
pub(crate) fn print(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Writes a line about the work. Where standard error is closed, nobody reads it.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes rows in columns as wide as their widest cell.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).chain([header[column].len()]).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let write = |cells: [&str; N]| {
        let line: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        print(line.join("  ").trim_end())
    };
    write(header)?;
    rows.iter().try_for_each(|row| write(std::array::from_fn(|column| row[column].as_str())))
}

/// A path or a peer's text without characters that a terminal would obey.
pub(crate) fn printable(text: impl Display) -> String {
    text.to_string().chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// A new password: from standard input, or asked for twice.
pub(crate) fn new_password(from_stdin: bool) -> anyhow::Result<String> {
    if from_stdin {
        let password = read_line()?;
        secrets::check_password(&password)?;
        return Ok(password);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("no terminal to ask for a password; give it on standard input with --password-stdin");
    }
    let password = ask("Password: ")?;
    secrets::check_password(&password)?;
    if ask("Again: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(password)
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    let limit = u64::try_from(secrets::MAX_PASSWORD_LENGTH_BYTES + 3).context("a small number")?;
    io::Read::take(io::stdin().lock(), limit).read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn ask(prompt: &str) -> anyhow::Result<String> {
    let terminal = console::Term::stderr();
    terminal.write_str(prompt)?;
    terminal.read_secure_line().context("cannot read the password from the terminal")
}
