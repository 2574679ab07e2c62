//! Text whose character set changes by escape sequences (PS3.5 section 6.1.2.5, Code Extension Techniques).
//!
//! Two code elements are in force at a time: G0 for bytes below 128, G1 for those above. G0 is ASCII at the
//! start and after each delimiter. Devices forget escape sequences; what they must have meant is assumed.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::{ESCAPE, Repair};

/// A code element of PS3.3 tables C.12-3 and C.12-4, by its ISO registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeElement {
    /// ISO-IR 6; also ISO-IR 14, which differs in two signs that DICOM uses in their ASCII sense.
    Ascii,
    /// ISO-IR 13: JIS X 0201 katakana.
    Katakana,
    /// The upper half of an ISO 8859 set.
    Upper(&'static Encoding),
    /// ISO-IR 87: JIS X 0208, pairs of bytes below 128.
    JisX0208,
    /// ISO-IR 159: JIS X 0212, pairs of bytes below 128.
    JisX0212,
    /// ISO-IR 149: KS X 1001, pairs of bytes above 127.
    KsX1001,
    /// ISO-IR 58: GB 2312, pairs of bytes above 127.
    Gb2312,
}

impl CodeElement {
    pub(super) fn of_registration(number: &str) -> Option<Self> {
        Some(match number {
            "6" => Self::Ascii,
            "13" => Self::Katakana,
            "87" => Self::JisX0208,
            "159" => Self::JisX0212,
            "149" => Self::KsX1001,
            "58" => Self::Gb2312,
            "100" => Self::Upper(encoding_rs::WINDOWS_1252),
            "101" => Self::Upper(encoding_rs::ISO_8859_2),
            "109" => Self::Upper(encoding_rs::ISO_8859_3),
            "110" => Self::Upper(encoding_rs::ISO_8859_4),
            "144" => Self::Upper(encoding_rs::ISO_8859_5),
            "127" => Self::Upper(encoding_rs::ISO_8859_6),
            "126" => Self::Upper(encoding_rs::ISO_8859_7),
            "138" => Self::Upper(encoding_rs::ISO_8859_8),
            "148" => Self::Upper(encoding_rs::WINDOWS_1254),
            "166" => Self::Upper(encoding_rs::WINDOWS_874),
            "203" => Self::Upper(encoding_rs::ISO_8859_15),
            _ => return None,
        })
    }

    /// What a set declared without code extensions is among others that have them.
    pub(super) fn of_encoding(encoding: &'static Encoding) -> Self {
        if encoding == encoding_rs::SHIFT_JIS { Self::Katakana } else { Self::Upper(encoding) }
    }

    fn is_g0(self) -> bool {
        matches!(self, Self::Ascii | Self::JisX0208 | Self::JisX0212)
    }

    /// Appends a run of bytes of this element; true if some had no meaning.
    fn append(self, bytes: &[u8], out: &mut String) -> bool {
        let encoded: Vec<u8>;
        let (encoding, bytes) = match self {
            Self::Ascii => {
                out.extend(bytes.iter().map(|byte| char::from(*byte)));
                return false;
            }
            Self::Katakana => (encoding_rs::SHIFT_JIS, bytes),
            Self::Upper(encoding) => (encoding, bytes),
            Self::KsX1001 => (encoding_rs::EUC_KR, bytes),
            Self::Gb2312 => (encoding_rs::GBK, bytes),
            Self::JisX0208 => {
                encoded = bytes.iter().map(|byte| byte | 0x80).collect();
                (encoding_rs::EUC_JP, encoded.as_slice())
            }
            Self::JisX0212 => {
                encoded =
                    bytes.chunks(2).flat_map(|pair| [0x8F].into_iter().chain(pair.iter().map(|byte| byte | 0x80))).collect();
                (encoding_rs::EUC_JP, encoded.as_slice())
            }
        };
        let (text, replaced) = encoding.decode_without_bom_handling(bytes);
        out.push_str(&text);
        replaced
    }
}

/// What an escape sequence designates, and its length with the escape; `None` where it is unknown or cut.
fn designation(bytes: &[u8]) -> Option<(CodeElement, usize)> {
    let upper = |number| CodeElement::of_registration(number).map(|element| (element, 3));
    match bytes {
        [_, b'(', b'B' | b'J', ..] => Some((CodeElement::Ascii, 3)),
        [_, b')', b'I', ..] => upper("13"),
        [_, b'-', b'A', ..] => upper("100"),
        [_, b'-', b'B', ..] => upper("101"),
        [_, b'-', b'C', ..] => upper("109"),
        [_, b'-', b'D', ..] => upper("110"),
        [_, b'-', b'L', ..] => upper("144"),
        [_, b'-', b'G', ..] => upper("127"),
        [_, b'-', b'F', ..] => upper("126"),
        [_, b'-', b'H', ..] => upper("138"),
        [_, b'-', b'M', ..] => upper("148"),
        [_, b'-', b'T', ..] => upper("166"),
        [_, b'-', b'b', ..] => upper("203"),
        [_, b'$', b'@' | b'B', ..] => Some((CodeElement::JisX0208, 3)),
        [_, b'$', b'(', b'D', ..] => Some((CodeElement::JisX0212, 4)),
        [_, b'$', b')', b'C', ..] => Some((CodeElement::KsX1001, 4)),
        [_, b'$', b')', b'A', ..] => Some((CodeElement::Gb2312, 4)),
        _ => None,
    }
}

/// Decodes text whose declared code elements are these.
pub(super) fn decode(bytes: &[u8], declared: &[CodeElement]) -> (Cow<'static, str>, Repair) {
    // G1 where no escape sequence says: the first declared element of that half.
    let implied = declared.iter().copied().find(|element| !element.is_g0());
    // G0 is ASCII at the start, also where a device declares pairs of bytes first, which it may not.
    let (mut g0, mut g1) = (CodeElement::Ascii, implied);
    let mut out = String::with_capacity(bytes.len());
    let mut replaced = false;
    let mut rest = bytes;
    while let Some(byte) = rest.first().copied() {
        if byte == ESCAPE {
            if let Some((element, length)) = designation(rest) {
                if element.is_g0() {
                    g0 = element;
                } else {
                    g1 = Some(element);
                }
                rest = &rest[length..];
            } else {
                replaced = true;
                rest = &rest[1..];
            }
            continue;
        }
        let wide = matches!(g0, CodeElement::JisX0208 | CodeElement::JisX0212);
        if byte.is_ascii() && wide && byte > 0x20 {
            let length = rest.iter().position(|byte| !byte.is_ascii() || *byte <= 0x20).unwrap_or(rest.len());
            // A caret or equals sign where a pair should begin: the device forgot to switch back.
            let length =
                rest[..length].chunks(2).position(|pair| pair.len() < 2 || ends_text(pair)).map_or(length, |pairs| pairs * 2);
            if length == 0 {
                g0 = CodeElement::Ascii;
                continue;
            }
            let (run, after) = rest.split_at(length);
            replaced |= g0.append(run, &mut out);
            rest = after;
        } else if byte.is_ascii() {
            // Delimiters bring back the first set (PS3.5 section 6.1.2.5.3); G1 stays, for devices do not say it again.
            if matches!(byte, b'\\' | b'\r' | b'\n' | b'\t' | 0x0C) {
                g0 = CodeElement::Ascii;
            }
            out.push(char::from(byte));
            rest = &rest[1..];
        } else {
            let length = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
            let (run, after) = rest.split_at(length);
            replaced |= match g1 {
                Some(element) => element.append(run, &mut out),
                None => CodeElement::Upper(encoding_rs::WINDOWS_1252).append(run, &mut out),
            };
            rest = after;
        }
    }
    (Cow::Owned(out), if replaced { Repair::Replaced } else { Repair::None })
}

/// Whether what looks like a pair of bytes is a delimiter and what follows: rows 5E (`^`) and 3D (`=`) with a lone letter.
fn ends_text(pair: &[u8]) -> bool {
    matches!(pair, [b'^' | b'=' | b'\\', second] if *second == ESCAPE)
}
