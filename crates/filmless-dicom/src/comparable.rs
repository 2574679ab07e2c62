//! The form in which values of further attributes are kept and compared: texts that are equal, and in order, when the values
//! are. Keys of searches are brought into the same form.

use filmless_model::attribute::Vr;
use filmless_model::utc_offset::UtcOffset;
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use unicode_normalization::UnicodeNormalization;

use crate::header::{date, time};
use crate::text::fold;

/// The sign of a number in 64 bits.
const SIGN: u64 = 1 << 63;

/// A value as it is compared; `None` if it is not one of its kind. `offset` is that of a date with time that has none itself.
pub fn comparable(vr: Vr, value: &str, offset: Option<&str>) -> Option<String> {
    let value = value.trim_matches([' ', '\0']);
    let comparable = match vr {
        Vr::DA => date(value)?,
        Vr::TM => time(value)?,
        Vr::DT => moments(value, offset)?.0,
        Vr::PN => fold(value),
        _ if vr.is_number() => number(value.parse().ok()?)?,
        _ => text(value),
    };
    (!comparable.is_empty()).then_some(comparable)
}

/// A text in composed form, as columns keep it.
pub fn text(value: &str) -> String {
    value.nfc().filter(|character| !character.is_control()).collect::<String>().trim().to_owned()
}

/// A number as sixteen digits that are in the order of the numbers; `None` if it is not finite.
pub fn number(number: f64) -> Option<String> {
    // Zero has two signs and is one number.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    number.is_finite().then(|| format!("{ordered:016x}"))
}

/// The first and the last moment that a DT of any precision stands for (PS3.5 table 6.2-1, VR DT), in UTC if its offset is
/// known, as `YYYYMMDDHHMMSS.FFFFFF`.
pub fn moments(text: &str, offset: Option<&str>) -> Option<(String, String)> {
    const FIRST: &str = "00000101000000.000000";
    const LAST: &str = "99991231235959.999999";
    let (local, offset) = match text.find(['+', '-']) {
        Some(place) => (text.get(..place)?, text.get(place..)),
        None => (text, offset),
    };
    let (whole, fraction) = local.split_once('.').unwrap_or((local, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let legal = matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14) && digits(whole) && digits(fraction) && fraction.len() <= 6;
    if !legal || (local.len() > whole.len() && (whole.len() < 14 || fraction.is_empty())) {
        return None;
    }
    let minutes = offset.map_or(Some(0), |offset| UtcOffset::parse(offset).map(UtcOffset::minutes))?;
    let mut last = format!("{local}{}", LAST.get(local.len()..)?);
    if whole.len() == 6 {
        let days = jiff::civil::Date::new(whole.get(..4)?.parse().ok()?, whole.get(4..)?.parse().ok()?, 1).ok()?.days_in_month();
        last.replace_range(6..8, &format!("{days:02}"));
    }
    let first = format!("{local}{}", FIRST.get(local.len()..)?);
    Some((shifted(&first, minutes)?, shifted(&last, minutes)?))
}

/// A whole local moment in UTC.
fn shifted(moment: &str, minutes: i64) -> Option<String> {
    let part = |place: std::ops::Range<usize>| moment.get(place)?.parse::<i8>().ok();
    let (second, fraction) = (part(12..14)?, moment.get(14..)?);
    // A leap second is legal, and compares as the second before it.
    let local =
        DateTime::new(moment.get(..4)?.parse().ok()?, part(4..6)?, part(6..8)?, part(8..10)?, part(10..12)?, second.min(59), 0);
    let utc = local.ok().filter(|_| second <= 60)?.checked_sub(minutes.minutes()).ok()?;
    Some(format!("{}{fraction}", utc.strftime("%Y%m%d%H%M%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_each_representation_have_one_form() {
        for (vr, value, expected) in [
            (Vr::LO, " Chợ Rẫy ", Some("Chợ Rẫy")),
            (Vr::LO, "Cho\u{302}", Some("Chô")),
            (Vr::LO, "  ", None),
            (Vr::UI, "1.2.3\0", Some("1.2.3")),
            (Vr::PN, "Nguyễn^Văn An", Some("nguyen van an")),
            (Vr::DA, "2026.01.05", Some("20260105")),
            (Vr::DA, "today", None),
            (Vr::TM, "1030", Some("103000")),
            (Vr::DT, "20260105103000+0700", Some("20260105033000.000000")),
            (Vr::DT, "2026", Some("20260101000000.000000")),
            (Vr::DS, "many", None),
            (Vr::DS, "NaN", None),
        ] {
            assert_eq!(comparable(vr, value, None).as_deref(), expected, "{vr:?} {value}");
        }
        assert_eq!(comparable(Vr::DS, "70.50", None), comparable(Vr::FD, "70.5", None));
        assert_eq!(comparable(Vr::DS, "-0", None), comparable(Vr::IS, "0", None));
        assert_eq!(comparable(Vr::DT, "20260105103000", Some("+0700")), comparable(Vr::DT, "20260105033000", None));
    }

    #[test]
    fn numbers_are_in_order() {
        let ordered = [-1e300, -70.5, -2.0, -1e-9, 0.0, 1e-9, 0.5, 2.0, 10.0, 1e300].map(number);
        assert!(ordered.is_sorted() && ordered.iter().all(Option::is_some));
        assert_eq!(number(f64::INFINITY), None);
    }

    #[test]
    fn a_moment_of_less_precision_is_what_it_covers() {
        for (text, offset, expected) in [
            ("202602", None, Some(("20260201000000.000000", "20260228235959.999999"))),
            ("20260105", None, Some(("20260105000000.000000", "20260105235959.999999"))),
            ("2026010510", Some("-0130"), Some(("20260105113000.000000", "20260105122959.999999"))),
            ("20260101003000.5+0700", Some("+0000"), Some(("20251231173000.500000", "20251231173000.599999"))),
            ("20260105103060", None, Some(("20260105103059.000000", "20260105103059.999999"))),
            ("20261305", None, None),
            ("20260230", None, None),
            ("202601051", None, None),
            ("20260105.5", None, None),
            ("2026+7", None, None),
            ("2026+1500", None, None),
            ("năm", None, None),
            ("", None, None),
        ] {
            let expected = expected.map(|(first, last): (&str, &str)| (first.to_owned(), last.to_owned()));
            assert_eq!(moments(text, offset), expected, "{text}");
        }
    }
}
