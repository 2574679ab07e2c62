//! Writes a data set as DICOM JSON (PS3.18 annex F, DICOM JSON Model) while it is read, compressed with zstd.
//!
//! Numbers of DS and IS keep their digits; what is not a number stays a string, as section F.2.3 allows. Short binary
//! values stand in the text, others are named by a URI. Attributes without a value have no `Value`.

use std::fmt;
use std::io::{Read, Write};

use data_encoding::BASE64;
use dicom_core::VR;
use filmless_model::attribute::Tag;

use crate::header::{Encoding, HeaderError};

/// DICOM JSON of one instance is not longer than this.
pub const MAX_JSON_BYTES: usize = 128 << 20;

/// DICOM JSON that is longer than this is compressed as it grows, shorter at once: that is faster and smaller.
const SPILL_BYTES: usize = 256 << 10;

/// zstd's fastest ordinary level: higher ones cost more time than they save bytes on texts of this size.
const LEVEL: i32 = 1;

/// Why stored DICOM JSON cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum DecompressError {
    /// Not what was written.
    #[error("stored DICOM JSON cannot be decompressed")]
    Corrupt(#[source] std::io::Error),
    /// More than was written.
    #[error("stored DICOM JSON is longer than {MAX_JSON_BYTES} bytes")]
    TooLong,
}

/// Reads back [`crate::header::Header::dicom_json`]: UTF-8 of one JSON object.
pub fn decompress(dicom_json: &[u8]) -> Result<Vec<u8>, DecompressError> {
    Decompressor::new()?.decompress(dicom_json)
}

/// Reads back many, one after the other, at less cost.
pub struct Decompressor(zstd::bulk::Decompressor<'static>);

impl Decompressor {
    /// Takes the memory that all will use.
    pub fn new() -> Result<Self, DecompressError> {
        zstd::bulk::Decompressor::new().map(Self).map_err(DecompressError::Corrupt)
    }

    /// See [`decompress`].
    pub fn decompress(&mut self, dicom_json: &[u8]) -> Result<Vec<u8>, DecompressError> {
        match zstd::zstd_safe::get_frame_content_size(dicom_json) {
            Ok(Some(length)) if length > MAX_JSON_BYTES as u64 => Err(DecompressError::TooLong),
            // Compressed at once: it says how long it is.
            Ok(Some(length)) if length <= SPILL_BYTES as u64 => {
                let capacity = usize::try_from(length).map_err(|_| DecompressError::TooLong)?;
                self.0.decompress(dicom_json, capacity).map_err(DecompressError::Corrupt)
            }
            _ => decompress_stream(dicom_json),
        }
    }
}

/// What was compressed as it grew.
fn decompress_stream(dicom_json: &[u8]) -> Result<Vec<u8>, DecompressError> {
    let mut json = Vec::new();
    let decoder = zstd::Decoder::with_buffer(dicom_json).map_err(DecompressError::Corrupt)?;
    let limit = MAX_JSON_BYTES as u64;
    decoder.take(limit + 1).read_to_end(&mut json).map_err(DecompressError::Corrupt)?;
    if json.len() > MAX_JSON_BYTES {
        return Err(DecompressError::TooLong);
    }
    Ok(json)
}

/// The streaming writer.
pub(crate) struct JsonWriter {
    out: Vec<u8>,
    encoder: Option<zstd::Encoder<'static, Vec<u8>>>,
    spilled: usize,
    max_bytes: usize,
    max_compressed: usize,
    /// Something stands before that a comma must part from what comes next.
    needs_comma: bool,
    /// An element whose bulk data URI is still to come is open.
    open_bulk: bool,
    /// Whether each open sequence has an item yet.
    sequences: Vec<bool>,
}

impl JsonWriter {
    pub(crate) fn new(max_bytes: usize, max_compressed: usize) -> Self {
        let mut out = Vec::with_capacity(16 << 10);
        out.push(b'{');
        Self {
            out,
            encoder: None,
            spilled: 0,
            max_bytes,
            max_compressed,
            needs_comma: false,
            open_bulk: false,
            sequences: Vec::new(),
        }
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn begin_element(&mut self, tag: Tag, vr: VR) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        if self.needs_comma {
            self.out.push(b',');
        }
        let digit = |number: u16, shift: u16| DIGITS[usize::from(number >> shift & 0xF)];
        let Tag(g, e) = tag;
        self.out.push(b'"');
        self.out.extend([digit(g, 12), digit(g, 8), digit(g, 4), digit(g, 0)]);
        self.out.extend([digit(e, 12), digit(e, 8), digit(e, 4), digit(e, 0)]);
        self.put("\":{\"vr\":\"");
        self.put(vr.to_string());
        self.out.push(b'"');
    }

    fn end_element(&mut self) {
        self.out.push(b'}');
        self.needs_comma = true;
    }

    pub(crate) fn begin_sequence(&mut self, tag: Tag) {
        self.begin_element(tag, VR::SQ);
        self.sequences.push(false);
    }

    pub(crate) fn end_sequence(&mut self) {
        if self.sequences.pop() == Some(true) {
            self.out.push(b']');
        }
        self.end_element();
    }

    pub(crate) fn begin_item(&mut self) {
        match self.sequences.last_mut() {
            Some(has_items) if !*has_items => {
                *has_items = true;
                self.put(",\"Value\":[{");
            }
            _ => self.put(",{"),
        }
        self.needs_comma = false;
    }

    pub(crate) fn end_item(&mut self) {
        self.out.push(b'}');
    }

    /// An element whose value is to be fetched from `uri`.
    pub(crate) fn bulk(&mut self, tag: Tag, vr: VR, uri: fmt::Arguments<'_>) {
        self.begin_bulk(tag, vr);
        self.end_bulk(uri);
    }

    /// The same where the URI is known later; nothing else may be written before [`Self::end_bulk`].
    pub(crate) fn begin_bulk(&mut self, tag: Tag, vr: VR) {
        self.begin_element(tag, vr);
        self.open_bulk = true;
    }

    pub(crate) fn end_bulk(&mut self, uri: fmt::Arguments<'_>) {
        if !self.open_bulk {
            return;
        }
        self.open_bulk = false;
        write!(self.out, ",\"BulkDataURI\":\"{uri}\"").expect("writing to memory succeeds");
        self.end_element();
    }

    /// No element is half written.
    pub(crate) fn is_between_elements(&self) -> bool {
        !self.open_bulk
    }

    /// An element as it was written before.
    pub(crate) fn verbatim(&mut self, element: &[u8]) {
        if self.needs_comma {
            self.out.push(b',');
        }
        self.out.extend_from_slice(element);
        self.needs_comma = true;
    }

    /// An element with a value of characters, decoded, with padding.
    pub(crate) fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        self.begin_element(tag, vr);
        let undivided = matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR);
        // Leading spaces mean something only where text has a layout (PS3.5 section 6.2).
        let trimmed = |value: &str| -> usize { value.trim_end_matches([' ', '\0']).len() };
        let text = &text[..trimmed(text)];
        if !text.trim_start_matches(' ').is_empty() {
            self.put(",\"Value\":[");
            if undivided {
                self.string(text);
            } else {
                for (place, value) in text.split('\\').enumerate() {
                    if place > 0 {
                        self.out.push(b',');
                    }
                    let value = &value[..trimmed(value)];
                    let value = if vr == VR::UC { value } else { value.trim_start_matches(' ') };
                    match vr {
                        _ if value.is_empty() => self.put("null"),
                        VR::PN => self.person_name(value),
                        VR::DS if is_plain_number(value) => self.put(value),
                        VR::IS => self.number_or_string(value, whole_number(value)),
                        VR::DS => self.number_or_string(value, decimal_number(value)),
                        _ => self.string(value),
                    }
                }
            }
            self.out.push(b']');
        }
        self.end_element();
    }

    /// The component groups of a name (PS3.18 section F.2.2, Person Name value representation).
    fn person_name(&mut self, name: &str) {
        const GROUPS: [&str; 3] = ["\"Alphabetic\":", "\"Ideographic\":", "\"Phonetic\":"];
        self.out.push(b'{');
        let mut first = true;
        for (label, group) in GROUPS.iter().zip(name.splitn(3, '=')) {
            let group = group.trim_end_matches(['=', ' ']);
            if group.is_empty() {
                continue;
            }
            if !first {
                self.out.push(b',');
            }
            first = false;
            self.put(label);
            self.string(group);
        }
        self.out.push(b'}');
    }

    fn number_or_string(&mut self, value: &str, number: Option<String>) {
        match number {
            Some(number) => self.put(&number),
            None => self.string(value),
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = text.as_bytes();
        while let Some(place) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
            let (plain, special) = rest.split_at(place);
            self.out.extend_from_slice(plain);
            match special[0] {
                b'"' => self.put("\\\""),
                b'\\' => self.put("\\\\"),
                b'\n' => self.put("\\n"),
                b'\r' => self.put("\\r"),
                b'\t' => self.put("\\t"),
                control => write!(self.out, "\\u{control:04x}").expect("writing to memory succeeds"),
            }
            rest = &special[1..];
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
    }

    /// An element with a value of binary numbers, tags or bytes.
    pub(crate) fn binary(&mut self, tag: Tag, vr: VR, encoding: Encoding, bytes: &[u8]) {
        self.begin_element(tag, vr);
        if !bytes.is_empty() {
            match vr {
                VR::AT => self.list(bytes, |out, [a, b, c, d]| {
                    let Tag(group, element) = encoding.tag([a, b, c, d]);
                    write!(out, "\"{group:04X}{element:04X}\"")
                }),
                VR::US => self.list(bytes, |out, raw| write!(out, "{}", encoding.u16(raw))),
                VR::SS => self.list(bytes, |out, raw| write!(out, "{}", encoding.u16(raw).cast_signed())),
                VR::UL => self.list(bytes, |out, raw| write!(out, "{}", encoding.u32(raw))),
                VR::SL => self.list(bytes, |out, raw| write!(out, "{}", encoding.u32(raw).cast_signed())),
                VR::UV => self.list(bytes, |out, raw| wide(out, encoding.u64(raw).into())),
                VR::SV => self.list(bytes, |out, raw| wide(out, encoding.u64(raw).cast_signed().into())),
                VR::FL => self.list(bytes, |out, raw| {
                    let number = f32::from_bits(encoding.u32(raw));
                    if number.is_finite() { write!(out, "{number:?}") } else { not_finite(out, number.into()) }
                }),
                VR::FD => self.list(bytes, |out, raw| {
                    let number = f64::from_bits(encoding.u64(raw));
                    if number.is_finite() { write!(out, "{number:?}") } else { not_finite(out, number) }
                }),
                _ => {
                    self.put(",\"InlineBinary\":\"");
                    let swapped = if encoding.big_endian { little_endian(vr, bytes) } else { None };
                    let text = BASE64.encode(swapped.as_deref().unwrap_or(bytes));
                    self.put(&text);
                    self.out.push(b'"');
                }
            }
        }
        self.end_element();
    }

    /// `Value` of numbers of `N` bytes each; bytes behind the last whole one are dropped.
    fn list<const N: usize>(&mut self, bytes: &[u8], put: impl Fn(&mut Vec<u8>, [u8; N]) -> std::io::Result<()>) {
        let (numbers, _) = bytes.as_chunks::<N>();
        for (place, raw) in numbers.iter().enumerate() {
            self.put(if place == 0 { ",\"Value\":[" } else { "," });
            put(&mut self.out, *raw).expect("writing to memory succeeds");
        }
        if !numbers.is_empty() {
            self.out.push(b']');
        }
    }

    /// Holds the bounds; called after each token.
    pub(crate) fn check(&mut self) -> Result<(), HeaderError> {
        if self.out.len() < SPILL_BYTES {
            return self.check_length();
        }
        self.spilled += self.out.len();
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            empty => empty.insert(zstd::Encoder::new(Vec::new(), LEVEL).expect("zstd has memory and knows the level")),
        };
        encoder.write_all(&self.out).expect("compressing into memory succeeds");
        self.out.clear();
        if encoder.get_ref().len() > self.max_compressed {
            return Err(HeaderError::HeaderTooLong { limit: self.max_compressed });
        }
        self.check_length()
    }

    fn check_length(&self) -> Result<(), HeaderError> {
        if self.spilled + self.out.len() > self.max_bytes {
            return Err(HeaderError::HeaderTooLong { limit: self.max_bytes });
        }
        Ok(())
    }

    /// The compressed object.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, HeaderError> {
        self.out.push(b'}');
        self.check_length()?;
        let Some(mut encoder) = self.encoder else {
            return Ok(zstd::bulk::compress(&self.out, LEVEL).expect("zstd has memory and knows the level"));
        };
        encoder.write_all(&self.out).expect("compressing into memory succeeds");
        Ok(encoder.finish().expect("compressing into memory succeeds"))
    }
}

/// The whole numbers of a value, where it is one of whole numbers.
pub(crate) fn numbers(vr: VR, encoding: Encoding, bytes: &[u8]) -> impl Iterator<Item = i64> {
    let width = match vr {
        VR::US | VR::SS => 2,
        VR::UL | VR::SL => 4,
        VR::UV | VR::SV => 8,
        _ => bytes.len().max(1) + 1,
    };
    bytes.chunks_exact(width).filter_map(move |raw| match (vr, raw) {
        (VR::US, [a, b]) => Some(encoding.u16([*a, *b]).into()),
        (VR::SS, [a, b]) => Some(encoding.u16([*a, *b]).cast_signed().into()),
        (VR::UL, raw) => Some(encoding.u32(raw.try_into().ok()?).into()),
        (VR::SL, raw) => Some(encoding.u32(raw.try_into().ok()?).cast_signed().into()),
        (VR::UV, raw) => i64::try_from(encoding.u64(raw.try_into().ok()?)).ok(),
        (VR::SV, raw) => Some(encoding.u64(raw.try_into().ok()?).cast_signed()),
        _ => None,
    })
}

/// Numbers of 64 bits are strings where a JSON reader's double would round them (PS3.18 section F.2.3).
fn wide(out: &mut Vec<u8>, number: i128) -> std::io::Result<()> {
    const EXACT: u128 = 1 << 53;
    if number.unsigned_abs() <= EXACT { write!(out, "{number}") } else { write!(out, "\"{number}\"") }
}

/// JSON has no word for these: strings, as in other implementations.
fn not_finite(out: &mut Vec<u8>, number: f64) -> std::io::Result<()> {
    out.write_all(match number {
        number if number.is_nan() => b"\"NaN\"",
        number if number > 0.0 => b"\"Infinity\"",
        _ => b"\"-Infinity\"",
    })
}

/// Bytes of words, least significant first, as inline binary always is (PS3.18 section F.2.7).
fn little_endian(vr: VR, bytes: &[u8]) -> Option<Vec<u8>> {
    let width = match vr {
        VR::OW => 2,
        VR::OF | VR::OL => 4,
        VR::OD | VR::OV => 8,
        _ => return None,
    };
    let mut swapped = bytes.to_vec();
    swapped.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    Some(swapped)
}

/// Whether text is a number as JSON writes them already, short enough for a double, without exponent; most are.
fn is_plain_number(value: &str) -> bool {
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    value.len() <= 16 && digits(whole) && digits(fraction) && (whole.len() == 1 || !whole.starts_with('0'))
}

/// JSON's form of an IS.
fn whole_number(value: &str) -> Option<String> {
    value.parse::<i64>().ok().map(|number| number.to_string())
}

/// JSON's form of a DS: its digits as they are, without plus sign and idle zeros, which JSON's grammar forbids.
fn decimal_number(value: &str) -> Option<String> {
    // No JSON reader takes what a double cannot hold.
    if !value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'))
        || !value.parse::<f64>().is_ok_and(f64::is_finite)
    {
        return None;
    }
    let (mantissa, exponent) = match value.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (value, None),
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let mut number = format!("{sign}{whole}");
    if !fraction.is_empty() {
        number.push('.');
        number.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        number.push('e');
        number.push_str(exponent);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut JsonWriter)) -> String {
        let mut json = JsonWriter::new(MAX_JSON_BYTES, 1 << 20);
        write(&mut json);
        let compressed = json.finish().expect("it is short");
        String::from_utf8(decompress(&compressed).expect("it was just compressed")).expect("JSON is UTF-8")
    }

    #[test]
    fn text_becomes_json_of_its_value_representation() {
        let check = |vr, text, expected: &str| {
            assert_eq!(written(|json| json.text(Tag(0x0010, 0x10AF), vr, text)), format!("{{\"001010AF\":{{{expected}}}}}"));
        };
        check(VR::LO, "", r#""vr":"LO""#);
        check(VR::LO, "  ", r#""vr":"LO""#);
        check(VR::LO, " a\\\\b \\", r#""vr":"LO","Value":["a",null,"b",null]"#);
        check(VR::LT, "  a\\b\r\n ", r#""vr":"LT","Value":["  a\\b\r\n"]"#);
        check(VR::UI, "1.2.3\0", r#""vr":"UI","Value":["1.2.3"]"#);
        check(VR::CS, "say \"hi\"\u{1}", r#""vr":"CS","Value":["say \"hi\"\u0001"]"#);
        check(VR::IS, "+7 \\ -03\\x", r#""vr":"IS","Value":[7,-3,"x"]"#);
        check(VR::DS, "1.50\\+.5\\-00.5\\5.\\1E5\\1.E-05", r#""vr":"DS","Value":[1.50,0.5,-0.5,5,1e5,1e-05]"#);
        check(VR::DS, "1e999\\nan\\1,5\\-\\--1", r#""vr":"DS","Value":["1e999","nan","1,5","-","--1"]"#);
        check(VR::PN, "Wang^XiaoDong=王^小东=", r#""vr":"PN","Value":[{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小东"}]"#);
        check(VR::PN, "==a\\\\B", r#""vr":"PN","Value":[{"Phonetic":"a"},null,{"Alphabetic":"B"}]"#);
    }

    #[test]
    fn numbers_and_bytes_become_json_in_either_byte_order() {
        let check = |vr, encoding, bytes: &[u8], expected: &str| {
            assert_eq!(
                written(|json| json.binary(Tag(0x0028, 0x0010), vr, encoding, bytes)),
                format!("{{\"00280010\":{{{expected}}}}}")
            );
        };
        let (little, big) = (Encoding::EXPLICIT_LITTLE, Encoding::EXPLICIT_BIG);
        check(VR::US, little, &[0, 2, 0xFF, 0xFF], r#""vr":"US","Value":[512,65535]"#);
        check(VR::US, big, &[2, 0, 9], r#""vr":"US","Value":[512]"#);
        check(VR::SS, little, &[0xFF, 0xFF], r#""vr":"SS","Value":[-1]"#);
        check(VR::AT, big, &[0x00, 0x28, 0x00, 0x0B], r#""vr":"AT","Value":["0028000B"]"#);
        check(VR::FL, little, &0.1f32.to_le_bytes(), r#""vr":"FL","Value":[0.1]"#);
        check(VR::FD, little, &1e300f64.to_le_bytes(), r#""vr":"FD","Value":[1e300]"#);
        check(VR::FD, little, &f64::NAN.to_le_bytes(), r#""vr":"FD","Value":["NaN"]"#);
        check(VR::FL, little, &f32::NEG_INFINITY.to_le_bytes(), r#""vr":"FL","Value":["-Infinity"]"#);
        check(VR::UV, little, &[0xFF; 8], r#""vr":"UV","Value":["18446744073709551615"]"#);
        check(VR::SV, little, &[0xFF; 8], r#""vr":"SV","Value":[-1]"#);
        check(VR::OB, little, &[1, 2, 3], r#""vr":"OB","InlineBinary":"AQID""#);
        check(VR::OW, big, &[1, 2], r#""vr":"OW","InlineBinary":"AgE=""#);
        check(VR::OW, little, &[], r#""vr":"OW""#);
        check(VR::US, little, &[1], r#""vr":"US""#);
    }

    #[test]
    fn sequences_nest_and_empty_ones_have_no_value() {
        let json = written(|json| {
            json.begin_sequence(Tag(8, 0x1140));
            json.end_sequence();
            json.begin_sequence(Tag(8, 0x1199));
            json.begin_item();
            json.end_item();
            json.begin_item();
            json.text(Tag(8, 0x1150), VR::UI, "1.2");
            json.text(Tag(8, 0x1155), VR::UI, "1.3");
            json.end_item();
            json.end_sequence();
            json.bulk(Tag(0x7FE0, 0x0010), VR::OW, format_args!("bulkdata/{}-{}", 900, 512));
        });
        let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(
            value,
            serde_json::json!({
                "00081140": {"vr": "SQ"},
                "00081199": {"vr": "SQ", "Value": [{}, {
                    "00081150": {"vr": "UI", "Value": ["1.2"]},
                    "00081155": {"vr": "UI", "Value": ["1.3"]},
                }]},
                "7FE00010": {"vr": "OW", "BulkDataURI": "bulkdata/900-512"},
            })
        );
    }

    #[test]
    fn a_json_that_passes_its_bound_is_refused_and_long_ones_survive() {
        let fill = |max_bytes| {
            let mut json = JsonWriter::new(max_bytes, 1 << 20);
            for element in 0..600 {
                json.text(Tag(9, element), VR::UT, &"x".repeat(1000));
                json.check()?;
            }
            json.finish()
        };
        assert_eq!(fill(500_000), Err(HeaderError::HeaderTooLong { limit: 500_000 }));
        let json = decompress(&fill(1 << 20).expect("600 kB are within 1 MiB")).expect("it was just compressed");
        let value: serde_json::Value = serde_json::from_slice(&json).expect("it is JSON");
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(600));
    }
}
