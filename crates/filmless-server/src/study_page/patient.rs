//! Who the study is of, in words: as the viewer has it over its pictures.

use jiff::Unit;
use jiff::civil::Date;

use super::data_set::DataSet;
use super::texts::Texts;

/// The patient band.
pub(super) struct Band {
    pub(super) name: String,
    pub(super) details: Vec<String>,
}

/// Name, and what identifies the patient and the study.
pub(super) fn band(study: &DataSet, texts: &Texts) -> Band {
    let study_date = study.text("00080020");
    let age = age(study.text("00100030").as_deref(), study_date.as_deref(), study.text("00101010").as_deref());
    let details = [
        study.text("00100020"),
        study.text("00100040").map(|sex| match sex.as_str() {
            "M" | "F" | "O" => texts.text(&format!("patient.sex.{sex}")).to_owned(),
            _ => sex,
        }),
        age.map(|(count, unit)| texts.counted(&format!("patient.age.{unit}"), count)),
        study_date.map(|date| readable_date(&date)),
        study.text("00081030"),
    ];
    Band {
        name: study.person_name("00100010").unwrap_or_else(|| texts.text("patient.unnamed").to_owned()),
        details: details.into_iter().flatten().collect(),
    }
}

/// A DA (PS3.5 section 6.2), if it is of the calendar.
fn date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(|character| *character != '.').collect();
    (digits.len() == 8).then(|| Date::strptime("%Y%m%d", digits).ok())?
}

/// dd/mm/yyyy, which both languages read without doubt; what is no date is shown as it came.
fn readable_date(text: &str) -> String {
    date(text).map_or_else(|| text.to_owned(), |date| date.strftime("%d/%m/%Y").to_string())
}

/// Age at the study: from the birth date, else as the file states it. Under two years in months, under two months in days.
fn age(birth: Option<&str>, study: Option<&str>, stated: Option<&str>) -> Option<(i64, &'static str)> {
    let (from, to) = match (birth.and_then(date), study.and_then(date)) {
        (Some(from), Some(to)) if from <= to => (from, to),
        _ => return stated_age(stated?),
    };
    let months = i64::from(from.until((Unit::Month, to)).ok()?.get_months());
    Some(match months {
        24.. => (months / 12, "years"),
        2.. => (months, "months"),
        _ => (i64::from(from.until((Unit::Day, to)).ok()?.get_days()), "days"),
    })
}

/// An AS (PS3.5 section 6.2).
fn stated_age(text: &str) -> Option<(i64, &'static str)> {
    let (digits, unit) = (text.get(..3)?, text.get(3..)?);
    let count: i64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some(match unit {
        "Y" => (count, "years"),
        "M" => (count, "months"),
        "W" => (count * 7, "days"),
        "D" => (count, "days"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_of_the_day_of_the_study() {
        for (birth, study, stated, expected) in [
            (Some("19800115"), Some("20200114"), None, Some((39, "years"))),
            (Some("19800115"), Some("20200115"), None, Some((40, "years"))),
            (Some("20200101"), Some("20210301"), None, Some((14, "months"))),
            (Some("20200101"), Some("20200120"), None, Some((19, "days"))),
            (None, Some("20200120"), Some("003W"), Some((21, "days"))),
            (Some("2020"), Some("20200120"), Some("045Y"), Some((45, "years"))),
            (Some("20200102"), Some("20200101"), Some("x45Y"), None),
        ] {
            assert_eq!(age(birth, study, stated), expected, "{birth:?} {study:?} {stated:?}");
        }
    }

    #[test]
    fn what_is_no_date_is_shown_as_it_came() {
        for (text, expected) in [("20240229", "29/02/2024"), ("2024.02.29", "29/02/2024"), ("20230229", "20230229"), ("?", "?")] {
            assert_eq!(readable_date(text), expected);
        }
    }
}
