//! A report as a page. Whatever the instance says is text of the page and never markup of it; there is no script, and the page
//! loads nothing.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use axum::http::HeaderValue;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::{Page, Piece};
use crate::documents::markup::Escaped;

/// The deepest indentation; what stands deeper is not indented further.
const MAX_INDENT: usize = 8;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem;margin:0 0 .8rem}h2,h3,h4,h5,h6{margin:1.2rem 0 .3rem}\
h2{font-size:1.25rem;border-bottom:1px solid #8886}h3{font-size:1.1rem}h4,h5,h6{font-size:1rem}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1rem;padding:.7rem 1rem;border:1px solid #8886;border-radius:.4rem}\
dt{opacity:.75}dd{margin:0}p{margin:.15rem 0}p span{white-space:pre-wrap;overflow-wrap:anywhere}\
small{opacity:.7;margin-right:.4rem}:target{outline:2px solid #48f}\
.d2{margin-left:1.2rem}.d3{margin-left:2.4rem}.d4{margin-left:3.6rem}.d5{margin-left:4.8rem}.d6{margin-left:6rem}.d7{margin-left:7.2rem}.d8{margin-left:8.4rem}\
@media print{body{margin:0;max-width:none}}";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = BASE64.encode(&Sha256::digest(STYLE));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'");
    HeaderValue::try_from(policy).expect("our words and Base64 are legal in a header")
});

/// What the page may do: have its own style.
pub(in crate::documents) fn policy() -> HeaderValue {
    POLICY.clone()
}

pub(super) fn write(page: &Page) -> String {
    let mut out = String::with_capacity(16 << 10);
    write_page(page, &mut out).expect("writing to a string cannot fail");
    out
}

fn write_page(page: &Page, out: &mut String) -> fmt::Result {
    let (language, title) = (page.language.tag(), Escaped(&page.title));
    write!(out, "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"utf-8\">")?;
    write!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    write!(out, "<title>{title}</title><style>{STYLE}</style></head><body><header><h1>{title}</h1><dl>")?;
    for (label, value) in &page.facts {
        write!(out, "<dt>{label}</dt><dd>{}</dd>", Escaped(value))?;
    }
    write!(out, "</dl></header><main>")?;
    for line in &page.lines {
        let element = match (line.is_heading, line.depth) {
            (false, _) => "p",
            (true, 0 | 1) => "h2",
            (true, 2) => "h3",
            (true, 3) => "h4",
            (true, 4) => "h5",
            (true, _) => "h6",
        };
        write!(out, "\n<{element} class=\"d{}\"", line.depth.clamp(1, MAX_INDENT))?;
        if let Some(anchor) = &line.anchor {
            write!(out, " id=\"item-{anchor}\"")?;
        }
        write!(out, ">")?;
        if let Some(relationship) = line.relationship {
            write!(out, "<small>{relationship}</small>")?;
        }
        if line.is_heading {
            write!(out, "{}", Escaped(&line.name))?;
        } else if !line.name.is_empty() {
            write!(out, "<b>{}:</b> ", Escaped(&line.name))?;
        }
        for (place, piece) in line.value.iter().enumerate() {
            let separator = if place > 0 { "; " } else { "" };
            match piece {
                Piece::Text(text) => write!(out, "{separator}<span>{}</span>", Escaped(text))?,
                Piece::Link { path, text } => write!(out, "{separator}<a href=\"{}\">{}</a>", Escaped(path), Escaped(text))?,
                Piece::Pointer { place, text } => write!(out, "{separator}<a href=\"#item-{place}\">{}</a>", Escaped(text))?,
            }
        }
        write!(out, "</{element}>")?;
    }
    if page.is_cut {
        write!(out, "<p><b>{}</b></p>", page.language.choose(super::CUT.0, super::CUT.1))?;
    }
    write!(out, "</main></body></html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_style_and_nothing_else() {
        let policy = policy();
        let policy = policy.to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(!STYLE.contains('<') && !STYLE.contains("url("));
    }
}
