//! Text of an instance within HTML and SVG: always text, never markup.

use std::fmt::{self, Write as _};

/// Text within markup.
pub struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Characters that no page may have, and those that turn the order of others.
                '\n' | '\t' => f.write_char(character)?,
                '\r' => {}
                '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}' => f.write_char('\u{FFFD}')?,
                character if character.is_control() => f.write_char('\u{FFFD}')?,
                character => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        for (text, expected) in [
            ("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("a & b\r\nệ", "a &amp; b\nệ"),
            ("\0\u{1b}\u{202e}", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            assert_eq!(Escaped(text).to_string(), expected);
        }
    }
}
