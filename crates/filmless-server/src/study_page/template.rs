//! The page's template, `viewer/study.html`, with its `{{places}}` filled in one pass: what a value says is never looked at
//! again. Only [`text`] and [`inline_json`] take what a peer may have written.

use std::fmt::{self, Display};

use filmless_dicomweb::documents::markup::Escaped;
use serde::Serialize;

/// What may stand in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Markup(String);

impl Markup {
    /// Nothing to see.
    pub(super) fn nothing() -> Self {
        Self(String::new())
    }

    /// Markup of our own making.
    pub(super) fn written(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    pub(super) fn joined(pieces: impl IntoIterator<Item = Self>) -> Self {
        pieces.into_iter().collect()
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Markup>>(pieces: I) -> Self {
        Self(pieces.into_iter().map(|Self(piece)| piece).collect())
    }
}

impl Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text, within an element or a quoted attribute.
pub(super) fn text(text: &str) -> Markup {
    Markup(Escaped(text).to_string())
}

/// Data for the script, within `<script type="application/json">`: no character of it can end that element.
pub(super) fn inline_json(value: &impl Serialize) -> Markup {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    Markup(json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// The template with its places filled. A place that is not known stays empty.
pub(super) fn fill(template: &str, value: &dyn Fn(&str) -> Option<Markup>) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, place)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, after)) = place.split_once("}}") else {
            rest = place;
            break;
        };
        if let Some(Markup(markup)) = value(name) {
            page.push_str(&markup);
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_neither_markup_nor_a_place() {
        let hostile = "</title><script>alert('{{b}}')</script>\" onload=x {{b}}";
        let page = fill("<p title=\"{{a}}\">{{a}}</p>{{b}}{{c}}.", &|name| match name {
            "a" => Some(text(hostile)),
            "b" => Some(Markup::written("<b>")),
            _ => None,
        });
        let escaped = "&lt;/title&gt;&lt;script&gt;alert(&#39;{{b}}&#39;)&lt;/script&gt;&quot; onload=x {{b}}";
        assert_eq!(page, format!("<p title=\"{escaped}\">{escaped}</p><b>."));
    }

    #[test]
    fn data_cannot_end_its_script() {
        let hostile = "</script><!--<script>&";
        let markup = inline_json(&[hostile]).to_string();
        assert!(!markup.contains(['<', '>', '&']), "{markup}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&markup).expect("JSON"), [hostile]);
    }
}
