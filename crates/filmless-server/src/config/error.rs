//! Says where a bad setting stands and what to do about it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::ENVIRONMENT_PREFIX;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A value that cannot work.
    #[error("{place}: {problem}")]
    Invalid {
        /// File, line and key, or the variable.
        place: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// Knows where each key was set, to name the place in errors.
pub(super) struct Places<'a> {
    file: Option<&'a Path>,
    text: Option<&'a str>,
    variables: &'a HashMap<String, String>,
}

impl<'a> Places<'a> {
    pub(super) fn new(file: Option<&'a Path>, text: Option<&'a str>, variables: &'a HashMap<String, String>) -> Self {
        Self { file, text, variables }
    }

    /// An error about the value of a key.
    pub(super) fn invalid(&self, key: &str, problem: String) -> ConfigError {
        ConfigError::Invalid { place: self.of(key), problem }
    }

    /// Turns what the config crate says into our words. Never repeats a line of the file: it may hold a secret.
    pub(super) fn explain(&self, error: config::ConfigError) -> ConfigError {
        match error {
            config::ConfigError::FileParse { cause, .. } => {
                let text = cause.to_string();
                let line =
                    text.lines().next().and_then(|first| first.split("line ").nth(1)).and_then(|rest| rest.split(',').next());
                let problem = text.lines().last().unwrap_or("not TOML").to_owned();
                let file = self.file.map_or_else(|| "the configuration".to_owned(), |path| path.display().to_string());
                ConfigError::Invalid { place: line.map_or_else(|| file.clone(), |line| format!("{file} line {line}")), problem }
            }
            config::ConfigError::Type { key, expected, .. } => {
                self.invalid(&key.unwrap_or_default(), format!("must be {expected}; config/filmless.toml shows every key"))
            }
            config::ConfigError::At { error, key, .. } => {
                let key = key.unwrap_or_default();
                let message = error.to_string();
                let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
                match unknown {
                    Some(field) => self.unknown(&join(&key, field), &message),
                    None => self.invalid(&key, message),
                }
            }
            other => {
                let message = other.to_string();
                match message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
                    Some(field) => self.unknown(field, &message),
                    None => ConfigError::Invalid { place: self.of(""), problem: message },
                }
            }
        }
    }

    fn unknown(&self, key: &str, message: &str) -> ConfigError {
        let known = message.split_once("expected ").map_or("", |(_, known)| known).replace('`', "");
        let known = known.trim_start_matches("one of ");
        self.invalid(key, format!("there is no such key; known here: {known}"))
    }

    /// The variable that sets the key, or the line of the file that does.
    fn of(&self, key: &str) -> String {
        let variable = format!("{ENVIRONMENT_PREFIX}{}", key.replace('.', "__").to_ascii_uppercase());
        let mut names: Vec<&String> =
            self.variables.keys().filter(|name| name.to_ascii_uppercase().starts_with(&variable)).collect();
        names.sort();
        if let (Some(name), false) = (names.first(), key.is_empty()) {
            return format!("environment variable {name}");
        }
        match (self.file, self.text) {
            (Some(file), Some(text)) => match line_of(text, key) {
                Some(line) => format!("{} line {line}, key {key}", file.display()),
                None if key.is_empty() => file.display().to_string(),
                None => format!("{}, key {key}", file.display()),
            },
            _ if key.is_empty() => "the configuration".to_owned(),
            _ => format!("key {key}"),
        }
    }
}

fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// The line on which a key of the form `section.name` (or a section alone) is set, counted from 1.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut current = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            header.split(']').next().unwrap_or_default().trim().clone_into(&mut current);
            if current == key {
                return Some(number + 1);
            }
        } else if let Some((left, _)) = line.split_once('=') {
            let left = left.trim().trim_matches('"');
            if (current == section && left == name) || (current.is_empty() && left == key) {
                return Some(number + 1);
            }
        }
    }
    None
}
