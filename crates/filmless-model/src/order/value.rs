//! What a value of an order may be (PS3.5 section 6.2, Value Representation). Dates and times may come with their
//! separators, and are kept without.

use super::attribute::OrderAttribute;
use crate::ae_title::AeTitle;
use crate::attribute::Vr;
use crate::uid::StudyInstanceUid;

/// The longest texts, in characters.
const SHORT: usize = 16;
const LONG: usize = 64;
const LONGEST: usize = 10_240;
/// The longest part of a name, and the most of those between equals signs and between carets.
const NAME_PART: usize = 64;
const NAME_GROUPS: usize = 3;
const NAME_COMPONENTS: usize = 5;
/// The most values of an attribute that may have several.
const MOST_VALUES: usize = 16;

/// A value as it is kept, `None` if it says nothing; the error says what is wrong with it.
pub(super) fn checked(attribute: OrderAttribute, text: &str) -> Result<Option<String>, String> {
    let text = text.trim_matches([' ', '\0', '\t', '\r', '\n']);
    if text.is_empty() {
        return Ok(None);
    }
    if attribute.has_many() {
        let values: Vec<_> = text.split('\\').map(str::trim).filter(|value| !value.is_empty()).collect();
        if values.len() > MOST_VALUES {
            return Err(format!("it has more than {MOST_VALUES} values"));
        }
        let values: Vec<_> = values.into_iter().map(|value| one(attribute, value)).collect::<Result<_, _>>()?;
        return Ok((!values.is_empty()).then(|| values.join("\\")));
    }
    one(attribute, text).map(Some)
}

fn one(attribute: OrderAttribute, text: &str) -> Result<String, String> {
    let vr = attribute.vr();
    let is_line_end = |c: char| vr == Vr::LT && matches!(c, '\r' | '\n' | '\t');
    if text.chars().any(|c| c.is_control() && !is_line_end(c)) {
        return Err("it has a control character".to_owned());
    }
    if vr != Vr::LT && text.contains('\\') {
        return Err("it has a backslash".to_owned());
    }
    let of_length = |most: usize| {
        let is_short_enough = text.chars().count() <= most;
        if is_short_enough { Ok(text.to_owned()) } else { Err(format!("it is longer than {most} characters")) }
    };
    match vr {
        Vr::AE => AeTitle::parse(text).map(String::from).map_err(|error| error.to_string()),
        Vr::UI => StudyInstanceUid::parse(text).map(String::from).map_err(|error| error.to_string()),
        Vr::CS => code(attribute, &text.to_ascii_uppercase()),
        Vr::DA => date(text).ok_or_else(|| "it is no date, YYYYMMDD or YYYY-MM-DD".to_owned()),
        Vr::TM => time(text).ok_or_else(|| "it is no time of day, HHMMSS or HH:MM".to_owned()),
        Vr::DS => number(text).ok_or_else(|| "it is no number of at most 16 characters".to_owned()),
        // PS3.3 C.2.4 (Patient Medical Module): 0001H not pregnant, 0002H possibly, 0003H definitely, 0004H unknown.
        Vr::US => matches!(text, "1" | "2" | "3" | "4")
            .then(|| text.to_owned())
            .ok_or_else(|| "it is 1 (not pregnant), 2 (possibly), 3 (pregnant) or 4 (unknown)".to_owned()),
        Vr::PN => name(text),
        Vr::LT => of_length(LONGEST),
        Vr::LO => of_length(LONG),
        _ => of_length(SHORT),
    }
}

fn code(attribute: OrderAttribute, text: &str) -> Result<String, String> {
    if attribute == OrderAttribute::PatientSex && !matches!(text, "M" | "F" | "O") {
        return Err("it is M, F or O".to_owned());
    }
    let is_legal =
        text.len() <= SHORT && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b" _".contains(&b));
    if is_legal { Ok(text.to_owned()) } else { Err(format!("it has at most {SHORT} letters A to Z, digits and _")) }
}

fn name(text: &str) -> Result<String, String> {
    let groups: Vec<_> = text.split('=').collect();
    if groups.len() > NAME_GROUPS || groups.iter().any(|group| group.split('^').count() > NAME_COMPONENTS) {
        return Err("it has too many parts".to_owned());
    }
    if groups.iter().any(|group| group.chars().count() > NAME_PART) {
        return Err(format!("it is longer than {NAME_PART} characters"));
    }
    if text.chars().all(|c| matches!(c, '^' | '=' | ' ')) {
        return Err("it names nobody".to_owned());
    }
    Ok(text.to_owned())
}

/// `YYYYMMDD` of a day of the calendar.
fn date(text: &str) -> Option<String> {
    let digits: String = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.split('-').collect(),
        _ => text.to_owned(),
    };
    let part = |place: std::ops::Range<usize>| digits.get(place)?.parse::<u32>().ok();
    let is_date = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (is_date && (1..=days).contains(&day)).then_some(digits)
}

/// `HHMMSS`.
fn time(text: &str) -> Option<String> {
    let digits: String = match text.as_bytes() {
        [_, _, b':', _, _] | [_, _, b':', _, _, b':', _, _] => text.split(':').collect(),
        _ => text.to_owned(),
    };
    let is_time = matches!(digits.len(), 4 | 6) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let below = |place: std::ops::Range<usize>, end: u32| {
        digits.get(place).is_none_or(|part| part.parse::<u32>().is_ok_and(|number| number < end))
    };
    (is_time && below(0..2, 24) && below(2..4, 60) && below(4..6, 60)).then(|| format!("{digits:0<6}"))
}

/// A decimal number, with a comma as it is written in Vietnam or a full stop.
fn number(text: &str) -> Option<String> {
    let text = text.replace(',', ".");
    let is_legal = text.len() <= SHORT && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    (is_legal && text.parse::<f64>().is_ok_and(f64::is_finite)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::OrderAttribute::{
        Allergies, Modality, PatientBirthDate, PatientName, PatientSex, PatientWeight, PregnancyStatus,
        RequestedProcedureComments, ScheduledStationAeTitle, StartTime, StepId, StudyInstanceUid,
    };
    use super::*;

    #[test]
    fn values_are_kept_in_the_form_of_their_representation_or_refused() {
        let long = "x".repeat(65);
        for (attribute, text, expected) in [
            (PatientName, " Nguyễn Văn An ", Ok(Some("Nguyễn Văn An"))),
            (PatientName, "NGUYEN^VAN AN", Ok(Some("NGUYEN^VAN AN"))),
            (PatientName, "^^", Err(())),
            (PatientName, "a^b^c^d^e^f", Err(())),
            (PatientName, &long, Err(())),
            (PatientName, "a\\b", Err(())),
            (PatientName, "a\u{7}b", Err(())),
            (PatientName, "  ", Ok(None)),
            (PatientBirthDate, "1980-02-29", Ok(Some("19800229"))),
            (PatientBirthDate, "19810229", Err(())),
            (PatientBirthDate, "1980-2-9", Err(())),
            (PatientBirthDate, "1980é2", Err(())),
            (StartTime, "08:30", Ok(Some("083000"))),
            (StartTime, "083015", Ok(Some("083015"))),
            (StartTime, "8:30", Err(())),
            (StartTime, "2460", Err(())),
            (PatientSex, "f", Ok(Some("F"))),
            (PatientSex, "Nam", Err(())),
            (Modality, "ct", Ok(Some("CT"))),
            (Modality, "C-T", Err(())),
            (PatientWeight, "62,5", Ok(Some("62.5"))),
            (PatientWeight, "heavy", Err(())),
            (PatientWeight, "inf", Err(())),
            (PregnancyStatus, "4", Ok(Some("4"))),
            (PregnancyStatus, "5", Err(())),
            (Allergies, &long, Err(())),
            (StepId, "12345678901234567", Err(())),
            (StudyInstanceUid, "1.2.840", Ok(Some("1.2.840"))),
            (StudyInstanceUid, "1.2.x", Err(())),
            (ScheduledStationAeTitle, "CT1\\ CT2", Ok(Some("CT1\\CT2"))),
            (ScheduledStationAeTitle, "\\", Ok(None)),
            (ScheduledStationAeTitle, "SEVENTEEN_LETTERS", Err(())),
            (RequestedProcedureComments, "two\nlines \\ here", Ok(Some("two\nlines \\ here"))),
        ] {
            let found = checked(attribute, text);
            assert_eq!(found.as_ref().map(Option::as_deref).map_err(|_| ()), expected, "{attribute:?} {text:?}");
        }
    }
}
