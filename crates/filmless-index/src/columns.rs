//! Which column of which table keeps an attribute.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use filmless_model::attribute::{Attribute, Level, Origin, Value, Vr};
use filmless_model::record::InstanceRecord;

use crate::index::FOLDED_ATTRIBUTES;
use crate::text::kept;

/// The tables that keep attributes, from the top of the hierarchy down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Patients,
    Studies,
    Series,
    /// Items of a series.
    RequestAttributes,
    Instances,
}

impl Table {
    /// The name that statements give the table.
    pub(crate) fn alias(self) -> &'static str {
        match self {
            Self::Patients => "p",
            Self::Studies => "st",
            Self::Series => "se",
            Self::RequestAttributes => "r",
            Self::Instances => "i",
        }
    }
}

/// Where an attribute is kept. Names, birth date and sex stand with the study and not with the patient: devices send
/// the same Patient ID, or none, for different people, and a study must show the name it came with.
pub(crate) fn table(attribute: Attribute) -> Table {
    match attribute {
        Attribute::PatientId | Attribute::IssuerOfPatientId => Table::Patients,
        _ if attribute.is_request_attribute() => Table::RequestAttributes,
        _ => match attribute.level() {
            Level::Patient | Level::Study => Table::Studies,
            Level::Series => Table::Series,
            Level::Instance => Table::Instances,
        },
    }
}

/// The column of a stored attribute: its keyword in snake case.
pub(crate) fn column(attribute: Attribute) -> &'static str {
    static COLUMNS: LazyLock<BTreeMap<Attribute, String>> =
        LazyLock::new(|| Attribute::ALL.iter().map(|a| (*a, snake_case(a.keyword()))).collect());
    &COLUMNS[&attribute]
}

/// Whether the attribute has a second column with its folded text, named like the first with `_folded` behind.
pub(crate) fn is_folded(attribute: Attribute) -> bool {
    FOLDED_ATTRIBUTES.contains(&attribute)
}

/// Whether the column holds a whole number.
pub(crate) fn is_number(attribute: Attribute) -> bool {
    matches!(attribute.vr(), Vr::IS | Vr::US)
}

/// The stored attributes of a table, in the order of [`Attribute::ALL`].
pub(crate) fn stored_in(wanted: Table) -> impl Iterator<Item = Attribute> {
    Attribute::ALL.iter().copied().filter(move |a| a.origin() == Origin::Stored && table(*a) == wanted)
}

/// The text that a record's attribute is kept as.
pub(crate) fn kept_text(record: &InstanceRecord, attribute: Attribute) -> Option<String> {
    record.text(attribute).map(|text| kept(text).into_owned()).filter(|text| !text.is_empty())
}

/// The folded text that a record's attribute is kept as.
pub(crate) fn kept_folded(record: &InstanceRecord, attribute: Attribute) -> Option<String> {
    let text = match (record.folded.get(&attribute), record.values.get(&attribute)) {
        (Some(folded), _) => folded.clone(),
        (None, Some(Value::Text(text))) => text.to_lowercase(),
        (None, _) => return None,
    };
    Some(kept(&text).into_owned())
}

/// `StudyInstanceUID` → `study_instance_uid`, `PatientID` → `patient_id`.
fn snake_case(keyword: &str) -> String {
    let letters: Vec<char> = keyword.chars().collect();
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let before_is_lower = i > 0 && letters[i - 1].is_lowercase();
        let after_is_lower = letters.get(i + 1).is_some_and(|c| c.is_lowercase());
        if i > 0 && letter.is_uppercase() && (before_is_lower || after_is_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_keywords_in_snake_case() {
        for (attribute, expected) in [
            (Attribute::PatientId, "patient_id"),
            (Attribute::SopInstanceUid, "sop_instance_uid"),
            (Attribute::TimezoneOffsetFromUtc, "timezone_offset_from_utc"),
            (Attribute::PerformedProcedureStepStartDate, "performed_procedure_step_start_date"),
            (Attribute::Rows, "rows"),
        ] {
            assert_eq!(column(attribute), expected);
        }
    }

    #[test]
    fn every_stored_attribute_has_its_column_in_both_twins() {
        let twins = [
            [
                include_str!("../migrations/sqlite/0001_archive.sql"),
                include_str!("../migrations/sqlite/0004_request_attributes.sql"),
            ],
            [
                include_str!("../migrations/postgres/0001_archive.sql"),
                include_str!("../migrations/postgres/0004_request_attributes.sql"),
            ],
        ];
        let twins = twins.map(|files| files.concat());
        for attribute in Attribute::ALL.iter().copied().filter(|a| a.origin() == Origin::Stored) {
            let name = match table(attribute) {
                Table::Patients => "patients",
                Table::Studies => "studies",
                Table::Series => "series",
                Table::RequestAttributes => "request_attributes",
                Table::Instances => "instances",
            };
            for twin in &twins {
                let body = twin.split_once(&format!("create table {name} (")).expect("every table is created").1;
                let body = body.split_once("constraint").expect("every table has a constraint").0;
                let mut wanted = vec![column(attribute).to_owned()];
                if is_folded(attribute) {
                    wanted.push(format!("{}_folded", column(attribute)));
                }
                for column in wanted {
                    assert!(body.contains(&format!("\n    {column} ")), "{name}.{column}");
                }
            }
        }
    }
}
