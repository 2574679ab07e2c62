//! The form in which texts of data sets are kept and compared.

use std::borrow::Cow;

/// The longest text of an attribute, in bytes. No value representation that is indexed may be longer (a person name
/// has 3 × 64 characters of up to 4 bytes, PS3.5 section 6.2); Postgres refuses SQL index rows past 2704 bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 1024;

/// A text as it is kept: without NUL, which Postgres refuses, and cut to [`MAX_TEXT_BYTES`].
pub(crate) fn kept(text: &str) -> Cow<'_, str> {
    let text = without_nul(text);
    if text.len() <= MAX_TEXT_BYTES {
        return text;
    }
    let mut end = MAX_TEXT_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(text[..end].to_owned())
}

/// A text without NUL.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_text_has_no_nul_and_is_cut_between_characters() {
        assert_eq!(kept("Nguyễn\0 Văn"), "Nguyễn Văn");
        let long = "ễ".repeat(MAX_TEXT_BYTES);
        let cut = kept(&long);
        assert!(cut.len() <= MAX_TEXT_BYTES && cut.len() > MAX_TEXT_BYTES - 3);
        assert!(cut.chars().all(|c| c == 'ễ'));
    }
}
