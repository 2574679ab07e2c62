//! Searches of patients, by what is known of their studies.

use filmless_model::attribute::{Attribute, Value};
use filmless_model::query::{Matching, PatientMatch, Query, QueryRetrieveLevel};

use crate::sample::{Fixture, Sample, on_each_engine, single, study_uid};

on_each_engine! {
    patients_are_those_of_the_studies_found
}

async fn patients_are_those_of_the_studies_found(fixture: Fixture) {
    for (study, patient, name) in [(1, "A", "An"), (2, "B", "Binh"), (3, "A", "An^Moi")] {
        for instance in [1, 2] {
            let mut sample = Sample { patient: patient.to_owned(), ..Sample::new(study, study, study * 10 + instance) };
            sample.values.insert(Attribute::PatientName, Value::Text(name.to_owned()));
            sample.folded.insert(Attribute::PatientName, name.to_lowercase());
            fixture.commit(&sample).await;
        }
    }
    let find = async |matches: &[(Attribute, Matching)], limit, offset| {
        let query = Query { matches: matches.to_vec(), limit, offset, ..Query::new(QueryRetrieveLevel::Study) };
        let found = fixture.index.search_patients(&query).await.expect("a search succeeds");
        let told = |patient: &PatientMatch| {
            let text = |attribute| patient.patient.text(attribute).unwrap_or_default();
            let (name, id) = (text(Attribute::PatientName), text(Attribute::PatientId));
            format!("{id} {name} {} {} {}", patient.studies, patient.series, patient.instances)
        };
        found.iter().map(told).collect::<Vec<_>>()
    };
    // The name is that of the last of the studies found.
    assert_eq!(find(&[], 10, 0).await, ["A An^Moi 2 2 4", "B Binh 1 1 2"]);
    assert_eq!(find(&[], 1, 1).await, ["B Binh 1 1 2"]);
    assert_eq!(find(&[(Attribute::PatientName, single("an"))], 10, 0).await, ["A An 2 2 4"]);
    assert_eq!(find(&[(Attribute::PatientId, Matching::WildCard("B*".to_owned()))], 10, 0).await, ["B Binh 1 1 2"]);
    assert_eq!(find(&[(Attribute::StudyInstanceUid, single(study_uid(3).as_str()))], 10, 0).await, ["A An^Moi 2 2 4"]);
    assert_eq!(find(&[(Attribute::PatientId, single("C"))], 10, 0).await, [""; 0]);
}
