//! A report as plain text: a line for each content item, indented as deep as it stands.

use std::fmt::Write as _;

use super::{Page, Piece};

/// Spaces of one step.
const STEP: usize = 2;

pub(super) fn write(page: &Page) -> String {
    let mut out = format!("{}\n\n", page.title);
    for (label, value) in &page.facts {
        writeln!(out, "{label}: {value}").expect("writing to a string cannot fail");
    }
    for line in &page.lines {
        let indent = line.depth.saturating_sub(1) * STEP;
        let above = if line.is_heading { "\n" } else { "" };
        let relationship = line.relationship.map(|relationship| format!("({relationship}) ")).unwrap_or_default();
        let colon = if line.is_heading || line.name.is_empty() { "" } else { ": " };
        write!(out, "{above}{:indent$}{relationship}{}{colon}", "", line.name).expect("writing to a string cannot fail");
        for (place, piece) in line.value.iter().enumerate() {
            let (Piece::Text(text) | Piece::Link { text, .. } | Piece::Pointer { text, .. }) = piece;
            out.push_str(if place > 0 { "; " } else { "" });
            // Lines of a text stay below its first one.
            out.push_str(&text.replace("\r\n", "\n").replace(['\r', '\n'], &format!("\n{:indent$}", "")));
        }
        out.push('\n');
    }
    if page.is_cut {
        writeln!(out, "\n[{}]", page.language.choose(super::CUT.0, super::CUT.1)).expect("writing to a string cannot fail");
    }
    out
}
