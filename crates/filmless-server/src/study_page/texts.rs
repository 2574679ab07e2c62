//! The languages of the page and its texts, which are those of the viewer.

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use serde_json::Value;

/// The cookie in which the viewer remembers the language that was chosen.
const COOKIE: &str = "filmless_language";

/// A language of the viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Vietnamese,
    English,
}

/// The texts of a language.
pub(super) struct Texts {
    language: &'static str,
    shell: Value,
    page: Value,
}

static VIETNAMESE: LazyLock<Texts> = LazyLock::new(|| {
    Texts::read(
        "vi",
        include_str!("../../../../viewer/src/locales/vi/shell.json"),
        include_str!("../../../../viewer/src/locales/vi/lite.json"),
    )
});
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| {
    Texts::read(
        "en",
        include_str!("../../../../viewer/src/locales/en/shell.json"),
        include_str!("../../../../viewer/src/locales/en/lite.json"),
    )
});

impl Language {
    /// The language that was chosen, else the first that the browser wants and there is, else Vietnamese.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let values = |name| headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        let chosen = values(header::COOKIE)
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == COOKIE).then(|| Self::named(value)).flatten());
        let wanted = || values(header::ACCEPT_LANGUAGE).flat_map(|value| value.split(',')).find_map(Self::named);
        chosen.or_else(wanted).unwrap_or(Self::Vietnamese)
    }

    /// A language by its tag (RFC 5646), whatever follows the primary one.
    fn named(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', ';']).next()?.to_ascii_lowercase();
        match primary.as_str() {
            "vi" => Some(Self::Vietnamese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    pub(super) fn texts(self) -> &'static Texts {
        match self {
            Self::Vietnamese => &VIETNAMESE,
            Self::English => &ENGLISH,
        }
    }
}

impl Texts {
    fn read(language: &'static str, shell: &str, page: &str) -> Self {
        let read = |json| serde_json::from_str(json).expect("the viewer's texts are JSON, as its own tests hold");
        Self { language, shell: read(shell), page: read(page) }
    }

    pub(super) fn language(&self) -> &'static str {
        self.language
    }

    /// The text of a key, `app.name` or the like; empty if there is none.
    pub(super) fn text(&self, key: &str) -> &str {
        let pointer = format!("/{}", key.replace('.', "/"));
        let found = self.page.pointer(&pointer).or_else(|| self.shell.pointer(&pointer));
        found.and_then(Value::as_str).unwrap_or_default()
    }

    /// The text of a key for so many. Vietnamese has one form, English another for 1.
    pub(super) fn counted(&self, key: &str, count: i64) -> String {
        let one = self.text(&format!("{key}_one"));
        let text = if count == 1 && !one.is_empty() { one } else { self.text(&format!("{key}_other")) };
        text.replace("{{count}}", &count.to_string())
    }

    /// What the script of the page says.
    pub(super) fn of_the_page(&self) -> &Value {
        &self.page["lite"]
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_chosen_language_counts_then_the_browsers() {
        for (cookie, accepted, expected) in [
            ("filmless_language=en", "vi-VN,vi;q=0.9", "en"),
            ("a=b; filmless_language=vi", "en", "vi"),
            ("filmless_language=fr", "fr-FR,fr;q=0.9,en-GB;q=0.8", "en"),
            ("", "vi-VN,en;q=0.5", "vi"),
            ("", "de", "vi"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted));
            assert_eq!(Language::of(&headers).texts().language(), expected, "{cookie} {accepted}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::Vietnamese);
    }

    #[test]
    fn texts_are_found_and_counted() {
        let (vietnamese, english) = (Language::Vietnamese.texts(), Language::English.texts());
        assert_eq!(vietnamese.text("patient.sex.F"), "Nữ");
        assert_eq!(english.counted("patient.age.years", 1), "1 year");
        assert_eq!(english.counted("patient.age.years", 40), "40 years");
        assert_eq!(vietnamese.counted("patient.age.years", 1), "1 tuổi");
        assert_eq!(english.text("no.such.key"), "");
        assert!(!vietnamese.text("lite.preview").is_empty());
    }
}
