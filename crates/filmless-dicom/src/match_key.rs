//! The value of a match key, read as its attribute's value representation has it (PS3.4 section C.2.2.2, Attribute
//! Matching). Times of lower precision become the range that they stand for.

use filmless_model::attribute::{Attribute, Origin, Vr};
use filmless_model::query::Matching;
use filmless_model::uid::SopInstanceUid;
use filmless_model::utc_offset::UtcOffset;

/// The longest value of a key, lists of UIDs aside, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// The most entries of a list.
const MAX_LIST: usize = 1000;

/// What asks for what has no value (PS3.4 section C.2.2.2.7, Empty Value Matching).
pub const EMPTY_VALUE: &str = "\"\"";

/// Kinds of matching that a request asks for by parameters of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extended {
    /// [`EMPTY_VALUE`] stands for no value.
    pub empty_values: bool,
    /// Of several values each must be there (PS3.4 section C.2.2.2.8, Multiple Value Matching).
    pub multiple_values: bool,
}

/// Whether searches match an attribute. All others are known only once an answer is made.
pub fn is_matched(attribute: Attribute) -> bool {
    attribute.origin() != Origin::Derived || attribute == Attribute::ModalitiesInStudy
}

/// Reads a key's value. `None` is universal matching: everything matches. The error says what is wrong.
pub fn parse(attribute: Attribute, text: &str, extended: Extended) -> Result<Option<Matching>, String> {
    let text = trimmed(text);
    if is_universal(text) {
        return Ok(None);
    }
    if !is_matched(attribute) {
        return Err("this attribute can be returned but not matched".to_owned());
    }
    // Only an attribute that may have several values can have each of several.
    let multiple_values = extended.multiple_values && attribute == Attribute::ModalitiesInStudy;
    read(attribute.vr(), text, Extended { multiple_values, ..extended }).map(Some)
}

/// Reads the time zone that dates and times of a request are of; `None` if it is not said.
pub fn time_zone(text: &str) -> Result<Option<UtcOffset>, String> {
    let text = trimmed(text);
    if is_universal(text) {
        return Ok(None);
    }
    UtcOffset::parse(text).map(Some).ok_or_else(|| "a time zone is its offset from UTC, &ZZXX, as in +0700".to_owned())
}

/// A value without its padding.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c == ' ' || c == '\0')
}

/// `*` alone matches everything, also nothing at all (PS3.4 section C.2.2.2.4, Wild Card Matching).
pub fn is_universal(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}

/// Reads a value that is trimmed and not universal.
pub fn read(vr: Vr, text: &str, extended: Extended) -> Result<Matching, String> {
    if extended.empty_values && text == EMPTY_VALUE {
        return Ok(Matching::Empty);
    }
    if vr != Vr::UI && text.len() > MAX_VALUE_BYTES {
        return Err(format!("the value is longer than {MAX_VALUE_BYTES} bytes"));
    }
    if text.chars().any(char::is_control) {
        return Err("the value has a control character".to_owned());
    }
    Ok(match vr {
        Vr::UI => uids(text)?,
        Vr::DA => match range(text, date)? {
            Some(range) if ends_before_it_begins(&range) => return Err(ENDS_BEFORE_IT_BEGINS.to_owned()),
            Some(range) => range,
            None => Matching::Single(date(text)?.0),
        },
        Vr::TM => {
            if let Some(range) = range(text, time)? {
                range
            } else {
                time(text)?;
                Matching::Single(text.to_owned())
            }
        }
        Vr::IS | Vr::US => Matching::Single(integer(text)?),
        Vr::CS if text.contains(['\\', ',']) => {
            let words = list(text)?;
            if words.iter().any(|word| word.contains(['*', '?'])) {
                return Err("a list has no wild cards".to_owned());
            }
            if extended.multiple_values { Matching::All(words) } else { Matching::List(words) }
        }
        _ if text.contains(['*', '?']) => Matching::WildCard(text.to_owned()),
        _ => Matching::Single(text.to_owned()),
    })
}

/// The words between commas or backslashes.
fn list(text: &str) -> Result<Vec<String>, String> {
    let words: Vec<_> = text.split(['\\', ',']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match words.len() {
        0 => Err("the list is empty".to_owned()),
        length if length > MAX_LIST => Err(format!("the list has more than {MAX_LIST} values")),
        _ => Ok(words),
    }
}

/// PS3.4 section C.2.2.2.2 (List of UID Matching). The check is the same for UIDs of all things.
fn uids(text: &str) -> Result<Matching, String> {
    let mut words = list(text)?;
    for word in &mut words {
        *word = SopInstanceUid::parse(word).map_err(|error| error.to_string())?.into();
    }
    Ok(match <[String; 1]>::try_from(words) {
        Ok([word]) => Matching::Single(word),
        Err(words) => Matching::List(words),
    })
}

/// What is wrong with a range whose ends are in the wrong order.
pub const ENDS_BEFORE_IT_BEGINS: &str = "the range ends before it begins";

/// Whether the ends of a range are in the wrong order. A time of day may be so beside a range of days, and not alone.
pub fn ends_before_it_begins(matching: &Matching) -> bool {
    matches!(matching, Matching::Range { from: Some(from), to: Some(to) } if from > to)
}

/// First and last moment that a component stands for.
pub type Span = (String, String);

/// PS3.4 section C.2.2.2.5 (Range Matching): two components with a hyphen between, one of which may be missing.
fn range(text: &str, component: fn(&str) -> Result<Span, String>) -> Result<Option<Matching>, String> {
    let Some((first, last)) = text.split_once('-') else { return Ok(None) };
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() && last.is_empty() {
        return Err("the range has neither beginning nor end".to_owned());
    }
    let from = if first.is_empty() { None } else { Some(component(first)?.0) };
    let to = if last.is_empty() { None } else { Some(component(last)?.1) };
    Ok(Some(Matching::Range { from, to }))
}

/// `YYYYMMDD` (PS3.5 table 6.2-1, VR DA).
fn date(text: &str) -> Result<Span, String> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let within = |place: std::ops::Range<usize>, largest: u8| {
        text.get(place).and_then(|digits| digits.parse::<u8>().ok()).is_some_and(|number| (1..=largest).contains(&number))
    };
    if digits && within(4..6, 12) && within(6..8, 31) {
        Ok((text.to_owned(), text.to_owned()))
    } else {
        Err("a date is YYYYMMDD; a range is YYYYMMDD-YYYYMMDD, open at either end".to_owned())
    }
}

/// `HH`, `HHMM`, `HHMMSS` or `HHMMSS.FFFFFF` (PS3.5 table 6.2-1, VR TM).
pub fn time(text: &str) -> Result<Span, String> {
    let wrong =
        || "a time is HH, HHMM, HHMMSS or HHMMSS.FFFFFF; a range is two of them with - between, open at either end".to_owned();
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let pairs: Option<Vec<u8>> = whole
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
            _ => None,
        })
        .collect();
    // A leap second is legal.
    let legal = match pairs.as_deref() {
        Some([hour]) => *hour < 24,
        Some([hour, minute]) => *hour < 24 && *minute < 60,
        Some([hour, minute, second]) => *hour < 24 && *minute < 60 && *second <= 60,
        _ => false,
    };
    let fraction_legal = match fraction {
        None => true,
        Some(digits) => whole.len() == 6 && (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()),
    };
    if !legal || !fraction_legal {
        return Err(wrong());
    }
    let first = format!("{whole:0<6}");
    let last = match whole.len() {
        2 => format!("{whole}5959"),
        4 => format!("{whole}59"),
        _ => whole.to_owned(),
    };
    Ok(match fraction {
        // Stored times of whole seconds are shorter texts, which come first.
        None => (first, format!("{last}.999999")),
        Some(digits) => (format!("{first}.{digits}"), format!("{last}.{digits:9<6}")),
    })
}

/// A whole number without leading zeros, as numbers are stored.
fn integer(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let legal = !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = legal.then(|| text.parse::<i64>().ok()).flatten();
    number.map(|number| number.to_string()).ok_or_else(|| "it is a whole number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the table beside has errors too")]
    fn single(text: &str) -> Result<Option<Matching>, ()> {
        Ok(Some(Matching::Single(text.to_owned())))
    }

    #[expect(clippy::unnecessary_wraps, reason = "the table beside has errors too")]
    fn range_of(from: &str, to: &str) -> Result<Option<Matching>, ()> {
        let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Some(Matching::Range { from: end(from), to: end(to) }))
    }

    #[test]
    fn values_are_read_as_their_representation_has_them() {
        use Attribute::{
            InstanceAvailability, InstanceNumber, ModalitiesInStudy, NumberOfStudyRelatedSeries, PatientId, PatientName, Rows,
            StudyDate, StudyInstanceUid, StudyTime,
        };
        let list = |words: &[&str]| Ok(Some(Matching::List(words.iter().map(|&word| word.to_owned()).collect())));
        let wild = |text: &str| Ok(Some(Matching::WildCard(text.to_owned())));
        let long_list = vec!["1.2"; MAX_LIST + 1].join(",");
        for (attribute, text, expected) in [
            (PatientName, "Nguyễn^Văn An", single("Nguyễn^Văn An")),
            (PatientName, " nguyen* ", wild("nguyen*")),
            (PatientName, "*", Ok(None)),
            (PatientName, "**", Ok(None)),
            (PatientName, "", Ok(None)),
            (PatientName, "a\u{1}", Err(())),
            (PatientId, "a?b", wild("a?b")),
            (PatientId, "a,b", single("a,b")),
            (StudyInstanceUid, "1.2", single("1.2")),
            (StudyInstanceUid, "1.2,1.3\\1.4,", list(&["1.2", "1.3", "1.4"])),
            (StudyInstanceUid, "1.2*", Err(())),
            (StudyInstanceUid, ",", Err(())),
            (StudyInstanceUid, &long_list, Err(())),
            (ModalitiesInStudy, "CT", single("CT")),
            (ModalitiesInStudy, "CT\\MR", list(&["CT", "MR"])),
            (ModalitiesInStudy, "CT,M*", Err(())),
            (NumberOfStudyRelatedSeries, "3", Err(())),
            (InstanceAvailability, "", Ok(None)),
            (StudyDate, "20260102", single("20260102")),
            (StudyDate, "20260101-20261231", range_of("20260101", "20261231")),
            (StudyDate, "20260101-", range_of("20260101", "")),
            (StudyDate, "-20260101", range_of("", "20260101")),
            (StudyDate, "-", Err(())),
            (StudyDate, "20261231-20260101", Err(())),
            (StudyDate, "2026-01-01", Err(())),
            (StudyDate, "20261301", Err(())),
            (StudyDate, "20260100", Err(())),
            (StudyDate, "2026010１", Err(())),
            (StudyTime, "10", single("10")),
            (StudyTime, "103015.5", single("103015.5")),
            (StudyTime, "103015.5-1031", range_of("103015.5", "103159.999999")),
            (StudyTime, "22-06", range_of("220000", "065959.999999")),
            (StudyTime, "10-1130", range_of("100000", "113059.999999")),
            (StudyTime, "-12", range_of("", "125959.999999")),
            (StudyTime, "25", Err(())),
            (StudyTime, "1060", Err(())),
            (StudyTime, "10:30", Err(())),
            (StudyTime, "103", Err(())),
            (StudyTime, "10.5", Err(())),
            (InstanceNumber, "007", single("7")),
            (InstanceNumber, "-1", single("-1")),
            (InstanceNumber, "1.5", Err(())),
            (Rows, "512", single("512")),
            (Rows, "99999999999999999999", Err(())),
        ] {
            assert_eq!(parse(attribute, text, Extended::default()).map_err(drop), expected, "{attribute:?}={text}");
        }
    }

    #[test]
    fn a_time_zone_is_an_offset_from_utc() {
        for (text, expected) in [
            ("+0700", Ok(Some(420))),
            (" -0330 ", Ok(Some(-210))),
            ("", Ok(None)),
            ("*", Ok(None)),
            ("07:00", Err(())),
            ("+07*", Err(())),
            ("\"\"", Err(())),
        ] {
            assert_eq!(time_zone(text).map(|zone| zone.map(UtcOffset::minutes)).map_err(drop), expected, "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_by_parameters_is_read_so() {
        let extended = Extended { empty_values: true, multiple_values: true };
        let read = |attribute, text| parse(attribute, text, extended).expect("a value");
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(read(Attribute::StudyDate, "\"\""), Some(Matching::Empty));
        assert_eq!(read(Attribute::PatientName, "\"\""), Some(Matching::Empty));
        assert_eq!(read(Attribute::PatientName, ""), None);
        assert_eq!(read(Attribute::ModalitiesInStudy, "CT\\PT"), Some(Matching::All(words(&["CT", "PT"]))));
        assert_eq!(read(Attribute::Modality, "CT\\PT"), Some(Matching::List(words(&["CT", "PT"]))));
        assert!(parse(Attribute::StudyDate, "\"\"", Extended::default()).is_err());
    }
}
