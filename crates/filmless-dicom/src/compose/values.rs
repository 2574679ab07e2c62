//! Values as text to values as bytes, by value representation (PS3.5 section 6.2, Value Representation).

use dicom_core::VR;

use super::GivenValue;
use crate::header::is_binary;

/// The longest Decimal String.
const MAX_DECIMAL_BYTES: usize = 16;

/// The text of a value that is no item; an item without attributes is a name without groups.
pub(super) fn text_of(value: GivenValue) -> Option<String> {
    match value {
        GivenValue::Empty => Some(String::new()),
        GivenValue::Text(text) => Some(text),
        GivenValue::Item(item) if item.elements.is_empty() && item.flaw.is_none() => Some(String::new()),
        GivenValue::Item(_) => None,
    }
}

/// The value in Explicit VR Little Endian, of even length; `None` where a text is no value of the representation.
pub(super) fn encode(vr: VR, values: &[String]) -> Option<Vec<u8>> {
    if values.iter().all(String::is_empty) && values.len() < 2 {
        return Some(Vec::new());
    }
    match vr {
        VR::AT => numbers(values, |text| {
            let tag = filmless_model::attribute::Tag::parse(text)?;
            let ([a, b], [c, d]) = (tag.0.to_le_bytes(), tag.1.to_le_bytes());
            Some([a, b, c, d])
        }),
        VR::US => numbers(values, |text| u16::try_from(whole(text)?).ok().map(u16::to_le_bytes)),
        VR::SS => numbers(values, |text| i16::try_from(whole(text)?).ok().map(i16::to_le_bytes)),
        VR::UL => numbers(values, |text| u32::try_from(whole(text)?).ok().map(u32::to_le_bytes)),
        VR::SL => numbers(values, |text| i32::try_from(whole(text)?).ok().map(i32::to_le_bytes)),
        VR::UV => numbers(values, |text| u64::try_from(whole(text)?).ok().map(u64::to_le_bytes)),
        VR::SV => numbers(values, |text| i64::try_from(whole(text)?).ok().map(i64::to_le_bytes)),
        VR::FL => numbers(values, |text| text.trim().parse().ok().map(f32::to_le_bytes)),
        VR::FD => numbers(values, |text| text.trim().parse().ok().map(f64::to_le_bytes)),
        VR::SQ => None,
        vr if is_binary(vr) => None,
        VR::DS => Some(padded(&values.iter().map(|text| decimal(text)).collect::<Vec<_>>().join("\\"), b' ')),
        VR::UI => Some(padded(&values.join("\\"), 0)),
        _ => Some(padded(&values.join("\\"), b' ')),
    }
}

fn padded(text: &str, padding: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(2), padding);
    bytes
}

fn numbers<const N: usize>(values: &[String], read: impl Fn(&str) -> Option<[u8; N]>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(values.len() * N);
    for text in values {
        out.extend(read(text)?);
    }
    Some(out)
}

/// A whole number, also one that a client wrote with a fraction of nothing.
fn whole(text: &str) -> Option<i128> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        let is_nothing = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
        is_nothing.then(|| whole.parse().ok())?
    })
}

/// A Decimal String. JSON has numbers of more digits than it may: the last of them go.
fn decimal(text: &str) -> String {
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else { return text.to_owned() };
    if text.len() <= MAX_DECIMAL_BYTES || !number.is_finite() {
        return text.to_owned();
    }
    // What is neither very large nor very small reads better without an exponent.
    let is_usual = (1e-4..1e15).contains(&number.abs());
    let shortened = |digits: usize| if is_usual { format!("{number:.digits$}") } else { format!("{number:.digits$e}") };
    let mut all = (0..=MAX_DECIMAL_BYTES).rev().map(shortened);
    all.find(|text| text.len() <= MAX_DECIMAL_BYTES).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(vr: VR, values: &[&str], expected: Option<&[u8]>) {
        let values: Vec<_> = values.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(encode(vr, &values).as_deref(), expected, "{vr} {values:?}");
    }

    #[test]
    fn values_are_written_as_their_representation_has_them() {
        check(VR::LO, &[], Some(b""));
        check(VR::LO, &["a", "", "c"], Some(b"a\\\\c"));
        check(VR::CS, &["abc"], Some(b"abc "));
        check(VR::UI, &["1.2.3"], Some(b"1.2.3\0"));
        check(VR::US, &["1", "65535", "7.0"], Some(b"\x01\0\xff\xff\x07\0"));
        check(VR::US, &["65536"], None);
        check(VR::US, &["-1"], None);
        check(VR::US, &[""], Some(b""));
        check(VR::US, &["1", ""], None);
        check(VR::SS, &["-2"], Some(b"\xfe\xff"));
        check(VR::SV, &["-9223372036854775808"], Some(&i64::MIN.to_le_bytes()));
        check(VR::AT, &["00100020"], Some(b"\x10\0\x20\0"));
        check(VR::AT, &["0010002"], None);
        check(VR::FD, &["0.5"], Some(&0.5_f64.to_le_bytes()));
        check(VR::FL, &["Infinity"], Some(&f32::INFINITY.to_le_bytes()));
        check(VR::FL, &["x"], None);
        check(VR::OB, &["AAAA"], None);
    }

    #[test]
    fn decimal_strings_are_not_longer_than_they_may_be() {
        for (text, expected) in [
            ("1.5", "1.5"),
            ("0.30000000000000004", "0.30000000000000"),
            ("-0.12345678901234567", "-0.1234567890123"),
            ("123456789012.123456", "123456789012.123"),
            ("1.2345678901234567e-30", "1.2345678901e-30"),
            ("-1.2345678901234567e+300", "-1.234567890e300"),
            ("not a number of any kind", "not a number of any kind"),
        ] {
            assert_eq!(decimal(text), expected);
        }
    }
}
