//! Media types: reading them as clients write them, and choosing one to answer with (PS3.18 section 8.7, Media
//! Types; RFC 9110 section 12.5.1, Accept).
//!
//! Clients quote parameters or do not, send `Accept: undefined` and invent parameters. What can be read is
//! respected; what cannot never costs a request its answer. Which forms a resource has is its own room's to say.

use axum::http::{HeaderMap, header};

/// The longest `Accept` that is read; what stands behind is ignored.
const MAX_ACCEPT_BYTES: usize = 8 * 1024;

/// The most ranges of one `Accept` that are read.
const MAX_RANGES: usize = 64;

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case; either may be `*`.
    pub essence: String,
    /// Names in lower case, values without quotes.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads one media type; `None` if there is no `type/subtype` in it. Odd parameters are skipped.
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = split_outside_quotes(text, ';');
        let essence = pieces.next()?.trim().to_ascii_lowercase();
        let essence = if essence == "*" { "*/*".to_owned() } else { essence };
        let (kind, subtype) = essence.split_once('/')?;
        let is_token = |word: &str| !word.is_empty() && word.bytes().all(is_token_byte);
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let parameters = pieces
            .filter_map(|piece| {
                let (name, value) = piece.split_once('=')?;
                Some((name.trim().to_ascii_lowercase(), unquoted(value.trim())))
            })
            .collect();
        Some(Self { essence, parameters })
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The media type of the parts, in lower case, if this is a multipart type that names it.
    pub fn part_type(&self) -> Option<String> {
        self.parameter("type").map(|text| text.trim().to_ascii_lowercase())
    }
}

/// Bytes of a token (RFC 9110 section 5.6.2, Tokens).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Splits at a separator, but not within quoted strings. A quote that is never closed runs to the end.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        if escaped {
            escaped = false;
        } else if quoted && c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        } else {
            return c == separator && !quoted;
        }
        false
    })
}

/// The content of a quoted string; other text as it is.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let mut value = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => value.extend(characters.next()),
            _ => value.push(c),
        }
    }
    value
}

/// One entry of `Accept`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MediaRange {
    media_type: MediaType,
    /// The weight in thousandths.
    quality: u16,
}

/// What a client accepts. Without a readable entry it accepts everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acceptable {
    ranges: Vec<MediaRange>,
}

impl Acceptable {
    /// Reads the `accept` query parameter if it says anything, else the header (PS3.18 section 8.3.3.1, Accept
    /// Query Parameter): a link cannot set headers, and some clients send a wrong one beside a right parameter.
    pub fn of(parameter: Option<&str>, headers: &HeaderMap) -> Self {
        let from_parameter = parameter.map(Self::parse).unwrap_or_default();
        if !from_parameter.ranges.is_empty() {
            return from_parameter;
        }
        let values: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        Self::parse(&values.join(","))
    }

    /// Whether there is no readable entry.
    pub fn is_silent(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Reads a list of media ranges, skipping what is none.
    pub fn parse(text: &str) -> Self {
        let end = (0..=text.len().min(MAX_ACCEPT_BYTES)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let ranges = split_outside_quotes(&text[..end], ',')
            .filter_map(|entry| {
                let media_type = MediaType::parse(entry)?;
                let quality = media_type.parameter("q").map_or(1000, quality);
                Some(MediaRange { media_type, quality })
            })
            .take(MAX_RANGES)
            .collect();
        Self { ranges }
    }

    /// Chooses the offer that the client likes best: by weight, then by its own order, then by ours. The weight of
    /// an offer is that of the most specific range that matches it, so `image/png;q=0, */*` never yields PNG.
    pub fn choose<'a>(&self, offers: &'a [Offer]) -> Option<&'a Offer> {
        if self.ranges.is_empty() {
            return offers.iter().find(|offer| offer.syntax == SyntaxOffer::Unasked);
        }
        let mut best: Option<((u16, bool, usize), &Offer)> = None;
        for offer in offers {
            let matching = self.ranges.iter().enumerate().filter_map(|(place, range)| {
                let specificity = offer.matched_by(&range.media_type)?;
                Some((specificity, range.quality, place))
            });
            let most_specific = matching.max_by_key(|(specificity, quality, place)| (*specificity, *quality, usize::MAX - place));
            let Some((_, quality, place)) = most_specific.filter(|(_, quality, _)| *quality > 0) else { continue };
            let rank = (quality, !offer.yields(), usize::MAX - place);
            if best.is_none_or(|(best, _)| rank > best) {
                best = Some((rank, offer));
            }
        }
        best.map(|(_, offer)| offer)
    }
}

/// Reads a weight: `0`, `1`, `0.5`, `.5`. What is none counts as 1.
fn quality(text: &str) -> u16 {
    let Ok(value) = text.trim().parse::<f32>() else { return 1000 };
    if !value.is_finite() {
        return 1000;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1 before")]
    let thousandths = (value.clamp(0.0, 1.0) * 1000.0).round() as u16;
    thousandths
}

/// Whether representations travel alone or as parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packaging {
    /// `multipart/related`, one part or many.
    Multipart,
    /// The representation is the body.
    Single,
}

/// One form in which a resource can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Alone or in parts.
    pub packaging: Packaging,
    /// Media type of the representation, in lower case.
    pub essence: &'static str,
    /// Its transfer syntax, where it has one.
    pub transfer_syntax: Option<String>,
    /// What a client must say of transfer syntaxes to be given it.
    pub syntax: SyntaxOffer,
}

/// What a client must say of transfer syntaxes to be given a form (PS3.18 section 8.7.3.5.2, Transfer Syntax Parameter).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxOffer {
    /// Nothing; or any of what is below.
    Unasked,
    /// `*`, or its name.
    Any,
    /// Its name.
    Named,
}

impl Offer {
    /// A form without transfer syntax.
    pub fn plain(packaging: Packaging, essence: &'static str) -> Self {
        Self { packaging, essence, transfer_syntax: None, syntax: SyntaxOffer::Unasked }
    }

    /// Whether any other form goes before it that the client likes as well. Browsers name WebP in front of `image/*`, but
    /// it is encoded without loss here, and larger than JPEG.
    fn yields(&self) -> bool {
        self.essence == "image/webp"
    }

    /// How specifically a range matches this form, higher being more specific; `None` if it does not.
    fn matched_by(&self, range: &MediaType) -> Option<u8> {
        let syntax = match (range.parameter("transfer-syntax").map(str::trim), &self.transfer_syntax) {
            (None, _) => (self.syntax == SyntaxOffer::Unasked).then_some(0),
            (Some(asked), Some(own)) if asked != "*" => (asked == own).then_some(1),
            (Some(_), Some(_)) if self.syntax == SyntaxOffer::Named => None,
            // Any will do; or it is a rendered image, of which the parameter says nothing (PS3.18 section 8.7.4).
            (Some(_), _) => Some(0),
        }?;
        let media = match self.packaging {
            Packaging::Single => essence_specificity(&range.essence, self.essence)?,
            Packaging::Multipart => match range.essence.as_str() {
                "*/*" => 0,
                "multipart/*" => 1,
                "multipart/related" => match range.part_type() {
                    None => 2,
                    Some(part_type) => essence_specificity(&part_type, self.essence)? + 2,
                },
                _ => return None,
            },
        };
        Some(media * 2 + syntax)
    }
}

/// 0 for `*/*`, 1 for `type/*`, 2 for the very type.
fn essence_specificity(range: &str, essence: &str) -> Option<u8> {
    if range == "*/*" {
        return Some(0);
    }
    if range == essence {
        return Some(2);
    }
    let kind = range.strip_suffix("/*")?;
    (essence.split_once('/')?.0 == kind).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const EXPLICIT: &str = "1.2.840.10008.1.2.1";
    const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";
    const NEAR_LOSSLESS: &str = "1.2.840.10008.1.2.4.81";

    /// The forms of one frame stored as JPEG 2000; one of them is lossy.
    fn frame_offers() -> Vec<Offer> {
        let mut offers = Vec::new();
        for packaging in [Packaging::Multipart, Packaging::Single] {
            for (essence, own, syntax) in [
                ("application/octet-stream", JPEG_2000, SyntaxOffer::Any),
                ("application/octet-stream", EXPLICIT, SyntaxOffer::Unasked),
                ("image/jp2", JPEG_2000, SyntaxOffer::Unasked),
                ("image/jls", NEAR_LOSSLESS, SyntaxOffer::Named),
            ] {
                offers.push(Offer { packaging, essence, transfer_syntax: Some(own.to_owned()), syntax });
            }
        }
        offers
    }

    fn check(accept: &str, expected: Option<(Packaging, &str, &str)>) {
        let offers = frame_offers();
        let chosen = Acceptable::parse(accept).choose(&offers);
        let chosen = chosen.map(|o| (o.packaging, o.essence, o.transfer_syntax.as_deref().unwrap_or_default()));
        assert_eq!(chosen, expected, "{accept}");
    }

    #[test]
    fn the_form_that_the_client_likes_best_is_chosen() {
        use Packaging::{Multipart, Single};
        let octets = "application/octet-stream";
        for (accept, expected) in [
            ("", Some((Multipart, octets, EXPLICIT))),
            ("*/*", Some((Multipart, octets, EXPLICIT))),
            ("*", Some((Multipart, octets, EXPLICIT))),
            ("undefined", Some((Multipart, octets, EXPLICIT))),
            (";;;, /, a/b c", Some((Multipart, octets, EXPLICIT))),
            ("multipart/related", Some((Multipart, octets, EXPLICIT))),
            ("multipart/*", Some((Multipart, octets, EXPLICIT))),
            ("multipart/related; type=application/octet-stream; transfer-syntax=*", Some((Multipart, octets, JPEG_2000))),
            ("multipart/related; type=\"application/octet-stream\"; transfer-syntax=\"*\"", Some((Multipart, octets, JPEG_2000))),
            ("Multipart/Related;Type=Application/Octet-Stream", Some((Multipart, octets, EXPLICIT))),
            ("multipart/related; type=\"image/jp2\"", Some((Multipart, "image/jp2", JPEG_2000))),
            ("multipart/related; type=image/*", Some((Multipart, "image/jp2", JPEG_2000))),
            (
                "multipart/related; type=\"image/jls\", multipart/related; type=\"image/jp2\"",
                Some((Multipart, "image/jp2", JPEG_2000)),
            ),
            ("image/jp2", Some((Single, "image/jp2", JPEG_2000))),
            ("image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90", Some((Single, "image/jp2", JPEG_2000))),
            ("image/jp2; transfer-syntax=1.2.840.10008.1.2.4.91", None),
            ("image/jls", None),
            ("image/jls; transfer-syntax=*", None),
            ("image/jls; transfer-syntax=1.2.840.10008.1.2.4.81", Some((Single, "image/jls", NEAR_LOSSLESS))),
            ("application/octet-stream", Some((Single, octets, EXPLICIT))),
            ("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.90", Some((Single, octets, JPEG_2000))),
            ("application/octet-stream;q=0.5, image/jp2;q=0.9", Some((Single, "image/jp2", JPEG_2000))),
            ("application/octet-stream, image/jp2", Some((Single, octets, EXPLICIT))),
            ("image/jp2, application/octet-stream", Some((Single, "image/jp2", JPEG_2000))),
            ("text/html, application/dicom+json", None),
            ("*/*;q=0", None),
            ("multipart/related;q=0, application/octet-stream;q=0, */*", Some((Single, "image/jp2", JPEG_2000))),
            ("image/jp2;q=nonsense", Some((Single, "image/jp2", JPEG_2000))),
        ] {
            check(accept, expected);
        }
    }

    #[test]
    fn webp_is_for_who_likes_it_better() {
        let offers = ["image/jpeg", "image/png", "image/webp"].map(|essence| Offer::plain(Packaging::Single, essence));
        for (accept, expected) in [
            ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "image/jpeg"),
            ("image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "image/png"),
            ("image/webp,image/*;q=0.8", "image/webp"),
            ("image/webp", "image/webp"),
        ] {
            let chosen = Acceptable::parse(accept).choose(&offers).map(|offer| offer.essence);
            assert_eq!(chosen, Some(expected), "{accept}");
        }
    }

    #[test]
    fn a_quoted_comma_or_semicolon_does_not_split_and_an_open_quote_ends_with_the_header() {
        let media_type = MediaType::parse("multipart/related; boundary=\"a;b,\\\"c\"; type=x/y").expect("a media type");
        assert_eq!(media_type.parameter("boundary"), Some("a;b,\"c"));
        assert_eq!(media_type.part_type().as_deref(), Some("x/y"));
        assert_eq!(Acceptable::parse("a/b; x=\"1,c/d\", e/f").ranges.len(), 2);
        assert_eq!(Acceptable::parse("a/b; x=\"1, c/d").ranges.len(), 1);
    }

    #[test]
    fn the_query_parameter_wins_over_the_header_if_it_can_be_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("image/png"));
        let essence = |acceptable: Acceptable| acceptable.ranges[0].media_type.essence.clone();
        assert_eq!(essence(Acceptable::of(Some("image/jpeg"), &headers)), "image/jpeg");
        assert_eq!(essence(Acceptable::of(Some("undefined"), &headers)), "image/png");
        assert_eq!(essence(Acceptable::of(None, &headers)), "image/png");
    }

    #[test]
    fn an_endless_accept_is_read_up_to_its_limit() {
        let acceptable = Acceptable::parse(&"ä/b,a/b,".repeat(100_000));
        assert!(acceptable.ranges.len() <= MAX_RANGES);
    }
}
