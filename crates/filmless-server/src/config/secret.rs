//! A text that must not be shown: keys, passwords, database addresses.

use std::fmt;

use serde::Deserialize;
use url::Url;

/// A secret setting. Its `Debug` form is a row of stars; only [`Secret::expose`] gives the text.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as a URL without user, password and parameters: fit for a message.
    pub fn as_public_url(&self) -> String {
        match Url::parse(&self.0) {
            Ok(mut url) => {
                // Fails only for URLs without a host, which hold no credentials either.
                let _ = url.set_password(None);
                let _ = url.set_username("");
                url.set_query(None);
                url.into()
            }
            Err(_) => self.0.split(':').next().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(not set)" } else { "****" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_neither_itself_nor_the_password_in_it() {
        let secret = Secret::new("postgres://filmless:hunter2@db.example.org/pacs?password=hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "****");
        assert_eq!(secret.as_public_url(), "postgres://db.example.org/pacs");
        assert_eq!(
            Secret::new("postgres hunter2".to_owned()).as_public_url(),
            "postgres hunter2".split(':').next().unwrap_or_default()
        );
    }
}
