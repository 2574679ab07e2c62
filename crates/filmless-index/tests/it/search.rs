//! Which studies, series and instances a search finds, and what it says of them.

use filmless_index::DeletionOrder;
use filmless_model::address::InstanceAddress;
use filmless_model::attribute::{Attribute, Level, Origin, Value, Vr};
use filmless_model::query::{Match, Matching, Query, QueryRetrieveLevel};

use crate::sample::{Fixture, Sample, on_each_engine, series_uid, single, study, study_uid};

on_each_engine! {
    keys_find_the_studies_that_match
    fuzzy_keys_find_names_by_the_beginnings_of_their_words
    keys_find_series_and_instances
    an_answer_has_all_values_of_its_level_and_those_above
    studies_come_newest_first_and_children_by_number
    a_search_within_a_study_stays_there
    a_date_with_its_time_is_a_moment
    every_item_of_a_request_is_found_and_returned
    headers_are_those_of_first_instances
}

fn list(keys: &[&str]) -> Matching {
    Matching::List(keys.iter().map(|key| (*key).to_owned()).collect())
}

fn all(keys: &[&str]) -> Matching {
    Matching::All(keys.iter().map(|key| (*key).to_owned()).collect())
}

fn wild(key: &str) -> Matching {
    Matching::WildCard(key.to_owned())
}

fn range(from: &str, to: &str) -> Matching {
    let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Matching::Range { from: end(from), to: end(to) }
}

/// Three studies: 1 is CT of Nguyễn Văn An, 2 is MR and SR of Trần Thị Đức with two series, 3 has hardly a value.
async fn archive(fixture: &Fixture) {
    let an = |sample: Sample| {
        sample
            .name(Attribute::PatientName, "Nguyễn^Văn An", "nguyen van an")
            .text(Attribute::PatientBirthDate, "19800229")
            .text(Attribute::PatientSex, "M")
            .text(Attribute::StudyDate, "20260105")
            .text(Attribute::StudyTime, "103000")
            .text(Attribute::AccessionNumber, "ACC_1%")
            .name(Attribute::StudyDescription, "Siêu âm thai 12-14 tuần", "sieu am thai 12-14 tuan")
            .name(Attribute::ReferringPhysicianName, "Lê^Bác sĩ", "le bac si")
            .text(Attribute::StudyId, "[1]")
            .text(Attribute::Modality, "CT")
            .text(Attribute::BodyPartExamined, "CHEST")
            .number(Attribute::SeriesNumber, 2)
            .request(&[(Attribute::RequestedProcedureId, "RP1")])
            .number(Attribute::Rows, 512)
    };
    fixture.commit(&an(Sample::new(1, 1, 1)).number(Attribute::InstanceNumber, 1)).await;
    fixture
        .commit(&an(Sample::new(1, 1, 2)).number(Attribute::InstanceNumber, 12).text(Attribute::ContentTime, "103001.5"))
        .await;
    let duc = |sample: Sample| {
        sample
            .name(Attribute::PatientName, "Trần^Thị Đức", "tran thi duc")
            .text(Attribute::StudyDate, "20260212")
            .text(Attribute::StudyTime, "235959.25")
            .text(Attribute::AccessionNumber, "acc_1x")
    };
    fixture.commit(&duc(Sample::new(2, 3, 3)).text(Attribute::Modality, "MR").text(Attribute::BodyPartExamined, "HEAD")).await;
    fixture.commit(&duc(Sample::new(2, 4, 4)).text(Attribute::Modality, "SR").text(Attribute::BodyPartExamined, "CHEST")).await;
    fixture.commit(&Sample { issuer: "BVND2".to_owned(), ..Sample::new(3, 5, 5) }).await;
}

/// The numbers of the studies that a search finds, newest first.
async fn studies(fixture: &Fixture, matches: &[(Attribute, Matching)]) -> Vec<String> {
    let found = fixture.find(Attribute::StudyInstanceUid, QueryRetrieveLevel::Study, matches).await;
    let query = Query { matches: matches.to_vec(), ..Query::new(QueryRetrieveLevel::Study) };
    let count = fixture.index.count(&query).await.expect("a count succeeds");
    assert_eq!(count, found.len() as u64, "{matches:?}");
    found.iter().map(|uid| uid.trim_start_matches("1.2.3.1.").to_owned()).collect()
}

async fn keys_find_the_studies_that_match(fixture: Fixture) {
    archive(&fixture).await;
    for (attribute, matching, expected) in [
        // Exact texts keep their case.
        (Attribute::PatientId, single("P1"), &["1"][..]),
        (Attribute::PatientId, single("p1"), &[]),
        (Attribute::PatientId, wild("P?"), &["2", "1", "3"]),
        (Attribute::PatientId, wild("p*"), &[]),
        (Attribute::PatientId, list(&["P1", "P3", "P9"]), &["1", "3"]),
        (Attribute::IssuerOfPatientId, single("BVND2"), &["3"]),
        // Every value meets these.
        (Attribute::PatientId, single(""), &["2", "1", "3"]),
        (Attribute::PatientName, wild("*"), &["2", "1", "3"]),
        (Attribute::StudyDate, range("", ""), &["2", "1", "3"]),
        (Attribute::StudyInstanceUid, list(&[]), &["2", "1", "3"]),
        // Special characters of LIKE and GLOB are themselves.
        (Attribute::AccessionNumber, single("ACC_1%"), &["1"]),
        (Attribute::AccessionNumber, wild("*_1%"), &["1"]),
        (Attribute::AccessionNumber, wild("ACC?1?"), &["1"]),
        (Attribute::AccessionNumber, wild("ACC%"), &[]),
        (Attribute::StudyId, wild("[1]*"), &["1"]),
        (Attribute::StudyId, wild("[0-9]*"), &[]),
        (Attribute::StudyId, wild("\\*"), &[]),
        // Names and descriptions are compared folded.
        (Attribute::PatientName, single("nguyen van an"), &["1"]),
        (Attribute::PatientName, single("nguyen"), &[]),
        (Attribute::PatientName, wild("nguyen*"), &["1"]),
        (Attribute::PatientName, wild("* duc"), &["2"]),
        (Attribute::PatientName, wild("tran th? *"), &["2"]),
        (Attribute::ReferringPhysicianName, wild("le*"), &["1"]),
        (Attribute::StudyDescription, wild("*am thai*"), &["1"]),
        // Dates and times.
        (Attribute::StudyDate, single("20260105"), &["1"]),
        (Attribute::StudyDate, range("20260105", "20260212"), &["2", "1"]),
        (Attribute::StudyDate, range("20260106", ""), &["2"]),
        (Attribute::StudyDate, range("", "202601"), &["1"]),
        (Attribute::StudyTime, range("10", "1030"), &["1"]),
        (Attribute::StudyTime, range("103001", ""), &["2"]),
        (Attribute::StudyTime, range("", "235959"), &["2", "1"]),
        (Attribute::StudyTime, single("1030"), &["1"]),
        (Attribute::StudyTime, single("103000.000"), &["1"]),
        (Attribute::StudyTime, single("235959.2"), &["2"]),
        (Attribute::StudyTime, single("2359"), &["2"]),
        // UIDs.
        (Attribute::StudyInstanceUid, single("1.2.3.1.2"), &["2"]),
        (Attribute::StudyInstanceUid, list(&["1.2.3.1.2", "1.2.3.1.3", "9"]), &["2", "3"]),
        (Attribute::StudyInstanceUid, list(&["\"],[\"1.2.3.1.2"]), &[]),
        // What stands in series and instances.
        (Attribute::Modality, single("CT"), &["1"]),
        (Attribute::ModalitiesInStudy, single("SR"), &["2"]),
        (Attribute::ModalitiesInStudy, wild("?R"), &["2"]),
        (Attribute::ModalitiesInStudy, list(&["CT", "SR"]), &["2", "1"]),
        (Attribute::SeriesNumber, single("2"), &["1"]),
        (Attribute::SeriesNumber, single("two"), &[]),
        (Attribute::SeriesInstanceUid, single("1.2.3.2.4"), &["2"]),
        (Attribute::SopInstanceUid, list(&["1.2.3.3.2", "1.2.3.3.5"]), &["1", "3"]),
        (Attribute::SopClassUid, single("1.2.840.10008.5.1.4.1.1.2"), &["2", "1", "3"]),
        (Attribute::Rows, single("512"), &["1"]),
        (Attribute::Rows, single("512.0"), &[]),
        (Attribute::InstanceNumber, wild("1?"), &["1"]),
        (Attribute::InstanceNumber, range("2", "12"), &["1"]),
        (Attribute::InstanceNumber, list(&["3", "12", "x"]), &["1"]),
        (Attribute::ContentTime, range("103001", "103001"), &["1"]),
        (Attribute::RequestedProcedureId, single("RP1"), &["1"]),
        (Attribute::AvailableTransferSyntaxUid, single("1.2.840.10008.1.2.1"), &["2", "1", "3"]),
        (Attribute::AvailableTransferSyntaxUid, single("1.2.840.10008.1.2"), &[]),
        // Without a value; with several.
        (Attribute::StudyDate, Matching::Empty, &["3"]),
        (Attribute::PatientName, Matching::Empty, &["3"]),
        (Attribute::PatientId, Matching::Empty, &[]),
        (Attribute::SeriesNumber, Matching::Empty, &["2", "3"]),
        (Attribute::RequestedProcedureId, Matching::Empty, &["2", "3"]),
        (Attribute::ModalitiesInStudy, Matching::Empty, &["3"]),
        (Attribute::InstanceAvailability, Matching::Empty, &[]),
        (Attribute::ModalitiesInStudy, all(&["MR", "SR"]), &["2"]),
        (Attribute::ModalitiesInStudy, all(&["MR", "CT"]), &[]),
        (Attribute::ModalitiesInStudy, all(&[]), &["2", "1", "3"]),
        (Attribute::AccessionNumber, all(&["ACC_1%"]), &["1"]),
        // What is derived.
        (Attribute::NumberOfStudyRelatedSeries, single("2"), &["2"]),
        (Attribute::NumberOfStudyRelatedInstances, range("2", ""), &["2", "1"]),
        (Attribute::NumberOfSeriesRelatedInstances, single("2"), &["1"]),
        (Attribute::InstanceAvailability, single("ONLINE"), &["2", "1", "3"]),
        (Attribute::InstanceAvailability, single("OFFLINE"), &[]),
        (Attribute::RetrieveUrl, single("anything"), &["2", "1", "3"]),
    ] {
        let matches = [(attribute, matching)];
        assert_eq!(studies(&fixture, &matches).await, expected, "{matches:?}");
    }
    // All keys must match, those on children in one and the same child.
    let chest_mr = [(Attribute::Modality, single("MR")), (Attribute::BodyPartExamined, single("CHEST"))];
    assert_eq!(studies(&fixture, &chest_mr).await, [""; 0]);
    let sr_of_chest = [(Attribute::Modality, single("SR")), (Attribute::BodyPartExamined, single("CHEST"))];
    assert_eq!(studies(&fixture, &sr_of_chest).await, ["2"]);
    let all_levels = [
        (Attribute::PatientId, single("P1")),
        (Attribute::StudyDate, range("20260101", "")),
        (Attribute::Modality, single("CT")),
        (Attribute::InstanceNumber, single("12")),
    ];
    assert_eq!(studies(&fixture, &all_levels).await, ["1"]);
}

async fn fuzzy_keys_find_names_by_the_beginnings_of_their_words(fixture: Fixture) {
    archive(&fixture).await;
    for (key, expected) in [
        (single("an nguyen"), 1),
        (single("ng v"), 1),
        (wild("nguyen*"), 1),
        (wild("*an*"), 1),
        (single("guyen"), 0),
        (single("nguyen duc"), 0),
        (single("nguyen%"), 0),
        (wild("ngu?en*"), 1),
        (single("t"), 1),
        (single(" "), 3),
    ] {
        let query = Query {
            matches: vec![(Attribute::PatientName, key.clone())],
            fuzzy_matching: true,
            ..Query::new(QueryRetrieveLevel::Study)
        };
        assert_eq!(fixture.search(&query).await.len(), expected, "{key:?}");
    }
}

async fn keys_find_series_and_instances(fixture: Fixture) {
    archive(&fixture).await;
    for (level, returned, matches, expected) in [
        (
            QueryRetrieveLevel::Series,
            Attribute::SeriesInstanceUid,
            vec![(Attribute::PatientId, single("P2"))],
            &["1.2.3.2.3", "1.2.3.2.4"][..],
        ),
        (QueryRetrieveLevel::Series, Attribute::Modality, vec![(Attribute::StudyDate, range("20260201", ""))], &["MR", "SR"]),
        (QueryRetrieveLevel::Series, Attribute::Modality, vec![(Attribute::ModalitiesInStudy, single("SR"))], &["MR", "SR"]),
        (QueryRetrieveLevel::Series, Attribute::Modality, vec![(Attribute::Modality, single("SR"))], &["SR"]),
        (QueryRetrieveLevel::Series, Attribute::Modality, vec![(Attribute::InstanceNumber, single("12"))], &["CT"]),
        (
            QueryRetrieveLevel::Series,
            Attribute::Modality,
            vec![(Attribute::NumberOfSeriesRelatedInstances, single("2"))],
            &["CT"],
        ),
        (
            QueryRetrieveLevel::Series,
            Attribute::Modality,
            vec![(Attribute::NumberOfStudyRelatedInstances, single("2"))],
            &["CT", "MR", "SR"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::PatientName, wild("nguyen*"))],
            &["1.2.3.3.1", "1.2.3.3.2"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::Modality, list(&["MR", "SR"]))],
            &["1.2.3.3.3", "1.2.3.3.4"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::ModalitiesInStudy, single("MR"))],
            &["1.2.3.3.3", "1.2.3.3.4"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::SeriesInstanceUid, single("1.2.3.2.4"))],
            &["1.2.3.3.4"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::NumberOfSeriesRelatedInstances, single("2"))],
            &["1.2.3.3.1", "1.2.3.3.2"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![(Attribute::NumberOfStudyRelatedSeries, single("2"))],
            &["1.2.3.3.3", "1.2.3.3.4"],
        ),
        (
            QueryRetrieveLevel::Instance,
            Attribute::SopInstanceUid,
            vec![
                (Attribute::AvailableTransferSyntaxUid, wild("1.2.840.*")),
                (Attribute::IssuerOfPatientId, single("BVND2")),
                (Attribute::PatientSex, single("")),
            ],
            &["1.2.3.3.5"],
        ),
    ] {
        assert_eq!(fixture.find(returned, level, &matches).await, expected, "{level:?} {matches:?}");
    }
}

fn sorted(answer: &Match) -> Vec<(Attribute, Value)> {
    let mut values = answer.values.clone();
    values.sort_by_key(|(attribute, _)| *attribute);
    values
}

async fn an_answer_has_all_values_of_its_level_and_those_above(fixture: Fixture) {
    // Every stored attribute has a value of its own; each must come back.
    let mut sample = Sample::new(1, 1, 1);
    for (n, attribute) in Attribute::ALL.iter().enumerate() {
        let is_key = matches!(
            attribute,
            Attribute::PatientId
                | Attribute::IssuerOfPatientId
                | Attribute::StudyInstanceUid
                | Attribute::SeriesInstanceUid
                | Attribute::SopInstanceUid
                | Attribute::SopClassUid
        );
        if attribute.origin() == Origin::Stored && !is_key && !attribute.is_request_attribute() {
            sample = match attribute.vr() {
                Vr::IS | Vr::US => sample.number(*attribute, i64::try_from(n).expect("few")),
                _ => sample.text(*attribute, &format!("value {n}")),
            };
        }
    }
    fixture.commit(&sample.clone().text(Attribute::Modality, "MR")).await;
    let second = Sample { series: 2, instance: 2, ..sample.clone() }.text(Attribute::Modality, "CT");
    fixture.commit(&second).await;
    let third = Sample { instance: 3, ..second.clone() };
    fixture.commit(&third).await;

    let text = |text: &str| Value::Text(text.to_owned());
    let derived = vec![
        (Attribute::InstanceAvailability, text("ONLINE")),
        (Attribute::ModalitiesInStudy, Value::TextList(vec!["CT".to_owned(), "MR".to_owned()])),
        (Attribute::NumberOfStudyRelatedSeries, Value::Number(2)),
        (Attribute::NumberOfStudyRelatedInstances, Value::Number(3)),
        (Attribute::NumberOfSeriesRelatedInstances, Value::Number(2)),
        (Attribute::AvailableTransferSyntaxUid, text("1.2.840.10008.1.2.1")),
        (Attribute::SopClassUid, text("1.2.840.10008.5.1.4.1.1.2")),
    ];
    let mut expected: Vec<_> = third.commit().record.values.into_iter().chain(derived).collect();
    expected.sort_by_key(|(attribute, _)| *attribute);

    for (level, own) in [
        (QueryRetrieveLevel::Study, Level::Study),
        (QueryRetrieveLevel::Series, Level::Series),
        (QueryRetrieveLevel::Instance, Level::Instance),
    ] {
        let query = Query { matches: vec![(Attribute::SopInstanceUid, single("1.2.3.3.3"))], ..Query::new(level) };
        let found = fixture.search(&query).await;
        assert_eq!(found.len(), 1);
        let expected: Vec<_> = expected.iter().filter(|(attribute, _)| attribute.level() <= own).cloned().collect();
        let (found, expected) = (sorted(&found[0]), expected);
        assert_eq!(found, expected, "{level:?}");
    }
}

async fn studies_come_newest_first_and_children_by_number(fixture: Fixture) {
    for (study, date, time) in
        [(1, "20260101", "10"), (2, "20260102", ""), (3, "20260102", "09"), (4, "", "23"), (5, "20260102", "09")]
    {
        let mut sample = Sample::new(study, study * 10, study * 100);
        for (attribute, value) in [(Attribute::StudyDate, date), (Attribute::StudyTime, time)] {
            if !value.is_empty() {
                sample = sample.text(attribute, value);
            }
        }
        fixture.commit(&sample).await;
    }
    let uids = fixture.find(Attribute::StudyInstanceUid, QueryRetrieveLevel::Study, &[]).await;
    assert_eq!(uids, ["1.2.3.1.3", "1.2.3.1.5", "1.2.3.1.2", "1.2.3.1.1", "1.2.3.1.4"]);

    for (series, instance, number) in
        [(11, 101, Some(10)), (12, 102, Some(9)), (13, 103, None), (11, 104, Some(2)), (11, 105, None)]
    {
        let mut sample = Sample::new(1, series, instance);
        if let Some(number) = number {
            sample = sample.number(Attribute::SeriesNumber, number).number(Attribute::InstanceNumber, number);
        }
        fixture.commit(&sample).await;
    }
    let within = Query { study: Some(study_uid(1)), ..Query::new(QueryRetrieveLevel::Series) };
    let found: Vec<_> =
        fixture.search(&within).await.iter().filter_map(|answer| answer.number(Attribute::SeriesNumber)).collect();
    assert_eq!(found, [9, 10], "series without a number come last");
    let within = Query { study: Some(study_uid(1)), ..Query::new(QueryRetrieveLevel::Instance) };
    let found = fixture.search(&within).await;
    let uids: Vec<_> = found.iter().map(|answer| answer.text(Attribute::SopInstanceUid).unwrap_or_default()).collect();
    assert_eq!(uids, ["1.2.3.3.102", "1.2.3.3.104", "1.2.3.3.101", "1.2.3.3.105", "1.2.3.3.100", "1.2.3.3.103"]);
    let stored = fixture.index.instances(&crate::sample::study(1)).await.expect("a retrieve succeeds");
    assert_eq!(stored.iter().map(|stored| stored.address.instance.as_str()).collect::<Vec<_>>(), uids);
}

async fn a_search_within_a_study_stays_there(fixture: Fixture) {
    archive(&fixture).await;
    let within = |study: Option<u32>, series: Option<u32>, level| Query {
        study: study.map(study_uid),
        series: series.map(series_uid),
        ..Query::new(level)
    };
    for (study, series, level, expected) in [
        (Some(2), None, QueryRetrieveLevel::Study, 1),
        (Some(2), None, QueryRetrieveLevel::Series, 2),
        (Some(1), None, QueryRetrieveLevel::Instance, 2),
        (Some(1), Some(1), QueryRetrieveLevel::Instance, 2),
        (Some(2), Some(1), QueryRetrieveLevel::Instance, 0),
        (None, Some(1), QueryRetrieveLevel::Study, 1),
        (Some(9), None, QueryRetrieveLevel::Instance, 0),
    ] {
        let query = within(study, series, level);
        assert_eq!(fixture.search(&query).await.len(), expected, "{query:?}");
        assert_eq!(fixture.index.count(&query).await.expect("a count succeeds"), expected as u64, "{query:?}");
    }
}

async fn a_date_with_its_time_is_a_moment(fixture: Fixture) {
    archive(&fixture).await;
    // Study 1 was on 5 January at 10:30, study 2 on 12 February just before midnight.
    for (days, times, apart, together) in [
        (range("20260105", "20260212"), range("1100", "1200"), &[][..], &[][..]),
        (range("20260105", "20260213"), range("1030", "1200"), &["1"], &["2", "1"]),
        (range("20260104", "20260212"), range("2200", "0600"), &[], &["1"]),
        (range("20260105", ""), range("1030", ""), &["2", "1"], &["2", "1"]),
        (range("20260105", ""), range("103001", ""), &["2"], &["2"]),
        (range("", "20260212"), range("", "2359"), &["2", "1"], &["2", "1"]),
        (range("", "20260212"), range("", "235958"), &["1"], &["1"]),
        // Ranges of another form, and what is no range, stay apart.
        (range("20260101", ""), range("", "12"), &["1"], &["1"]),
        (range("20260101", "20260301"), single("1030"), &["1"], &["1"]),
    ] {
        for (combined_date_times, expected) in [(false, apart), (true, together)] {
            let matches = vec![(Attribute::StudyTime, times.clone()), (Attribute::StudyDate, days.clone())];
            let query = Query { matches, combined_date_times, ..Query::new(QueryRetrieveLevel::Study) };
            let found: Vec<_> =
                fixture.search(&query).await.iter().filter_map(|m| m.text(Attribute::PatientId).map(str::to_owned)).collect();
            let expected: Vec<_> = expected.iter().map(|n| format!("P{n}")).collect();
            assert_eq!(found, expected, "{query:?}");
        }
    }
}

async fn headers_are_those_of_first_instances(fixture: Fixture) {
    archive(&fixture).await;
    let headers = async |level, uids: &[&str]| {
        let uids: Vec<_> = uids.iter().map(|uid| (*uid).to_owned()).collect();
        let mut found = fixture.index.headers(level, &uids).await.expect("headers are read");
        found.sort_by_key(|(address, _)| address.instance.to_string());
        let text = |(address, json): (InstanceAddress, Vec<u8>)| {
            assert!(String::from_utf8(json).expect("the sample's text").starts_with("header of "));
            address.instance.to_string()
        };
        found.into_iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(headers(QueryRetrieveLevel::Study, &["1.2.3.1.1", "1.2.3.1.2", "9"]).await, ["1.2.3.3.1", "1.2.3.3.3"]);
    assert_eq!(headers(QueryRetrieveLevel::Series, &["1.2.3.2.1", "1.2.3.2.4"]).await, ["1.2.3.3.1", "1.2.3.3.4"]);
    assert_eq!(headers(QueryRetrieveLevel::Instance, &["1.2.3.3.2"]).await, ["1.2.3.3.2"]);
    assert_eq!(headers(QueryRetrieveLevel::Instance, &[]).await, [""; 0]);
}

async fn every_item_of_a_request_is_found_and_returned(fixture: Fixture) {
    let (step, procedure) = (Attribute::ScheduledProcedureStepId, Attribute::RequestedProcedureId);
    let two = [vec![(step, "S1"), (procedure, "R1")], vec![(step, "S2")], vec![(step, "S3"), (procedure, "R3")]];
    let requested = two.iter().fold(Sample::new(1, 1, 1), |sample, item| sample.request(item));
    fixture.commit(&requested).await;
    fixture.commit(&Sample::new(2, 2, 2)).await;
    for (matches, expected) in [
        (vec![(step, single("S1"))], &["1"][..]),
        (vec![(step, single("S3"))], &["1"]),
        (vec![(step, wild("S*")), (procedure, single("R3"))], &["1"]),
        (vec![(step, single("S1")), (procedure, single("R3"))], &[]),
        (vec![(step, single("S2")), (procedure, Matching::Empty)], &["1"]),
        (vec![(step, single("S1")), (procedure, Matching::Empty)], &[]),
        (vec![(step, Matching::Empty), (procedure, Matching::Empty)], &["2"]),
        (vec![(procedure, Matching::Empty)], &["2"]),
        (vec![(procedure, list(&["R9", "R3"]))], &["1"]),
        (vec![(procedure, wild("*"))], &["1", "2"]),
    ] {
        assert_eq!(studies(&fixture, &matches).await, expected, "{matches:?}");
    }
    let expected: Vec<Vec<_>> =
        two.iter().map(|item| item.iter().map(|(attribute, text)| (*attribute, (*text).to_owned())).collect()).collect();
    for level in [QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
        let query = Query { matches: vec![(procedure, single("R1"))], ..Query::new(level) };
        let answers = fixture.search(&query).await;
        assert_eq!(answers.len(), 1, "{level:?}");
        assert_eq!(answers[0].request_attributes, expected, "{level:?}");
    }
    let order = DeletionOrder { resource: study(1), deleted_by: "lan".to_owned(), at_ms: 0 };
    fixture.index.delete(&order).await.expect("deleted").expect("there was something");
    assert!(studies(&fixture, &[(step, wild("S*"))]).await.is_empty());
}
