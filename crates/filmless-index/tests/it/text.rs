//! Texts that devices send and databases trip over.

use filmless_model::attribute::Attribute;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::store_outcome::StoreEffect;
use proptest::prelude::{ProptestConfig, Strategy as _};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::sample::{Fixture, Sample, on_each_engine, single};

on_each_engine! {
    nul_is_dropped_on_the_way_in_and_in_keys
    odd_text_is_found_by_itself_and_only_by_itself
    text_of_any_length_is_stored
}

async fn nul_is_dropped_on_the_way_in_and_in_keys(fixture: Fixture) {
    let sample = Sample { patient: "P\0X".to_owned(), issuer: "\0".to_owned(), ..Sample::new(1, 1, 1) };
    fixture.commit(&sample.text(Attribute::StudyDescription, "a\0b").text(Attribute::AccessionNumber, "\0")).await;
    for key in ["PX", "P\0X", "PX\0"] {
        let found = fixture.find(Attribute::PatientId, QueryRetrieveLevel::Study, &[(Attribute::PatientId, single(key))]).await;
        assert_eq!(found, ["PX"], "{key:?}");
    }
    for matching in [
        Matching::WildCard("a\0*".to_owned()),
        Matching::List(vec!["ab\0".to_owned()]),
        Matching::Range { from: Some("\0a".to_owned()), to: Some("b".to_owned()) },
    ] {
        let matches = [(Attribute::StudyDescription, matching)];
        assert_eq!(fixture.find(Attribute::StudyDescription, QueryRetrieveLevel::Study, &matches).await, ["ab"]);
    }
    let fuzzy = Query {
        matches: vec![(Attribute::PatientName, single("x\0y"))],
        fuzzy_matching: true,
        ..Query::new(QueryRetrieveLevel::Study)
    };
    assert_eq!(fixture.search(&fuzzy).await, []);
    let study = &fixture.search(&Query::new(QueryRetrieveLevel::Study)).await[0];
    assert_eq!(study.text(Attribute::AccessionNumber), None, "nothing but NUL is no value");
}

async fn odd_text_is_found_by_itself_and_only_by_itself(fixture: Fixture) {
    // Letters that mean something to LIKE, GLOB, JSON, SQL or Unicode, in every mixture.
    const LETTERS: [&str; 21] = [
        "%",
        "_",
        "\\",
        "[",
        "]",
        "^",
        "-",
        "'",
        "\"",
        "$1",
        ";",
        "a",
        "A",
        "đ",
        "ễ",
        "e\u{302}\u{303}",
        "山",
        "😀",
        " ",
        "{",
        "\u{1}",
    ];
    let texts = proptest::collection::vec(proptest::sample::select(&LETTERS[..]), 1..6).prop_map(|parts| parts.concat());
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut all = std::collections::BTreeSet::new();
    while all.len() < 60 {
        all.insert(texts.new_tree(&mut runner).expect("a text").current());
    }
    for (n, text) in (1..).zip(&all) {
        let sample = Sample { patient: text.clone(), ..Sample::new(n, n, n) };
        let folded = text.to_lowercase();
        let sample = sample.text(Attribute::AccessionNumber, text).name(Attribute::PatientName, text, &folded);
        assert_eq!(fixture.commit(&sample).await.effect, StoreEffect::New);
    }
    for text in &all {
        let by = async |attribute, matching| {
            let mut found = fixture.find(attribute, QueryRetrieveLevel::Study, &[(attribute, matching)]).await;
            found.sort();
            found
        };
        let itself = vec![text.clone()];
        assert_eq!(by(Attribute::PatientId, single(text)).await, itself);
        assert_eq!(by(Attribute::AccessionNumber, Matching::List(vec![text.clone()])).await, itself, "{text:?}");
        // With wild cards around it, it finds exactly the texts that hold it.
        let holding: Vec<_> = all.iter().filter(|other| other.contains(text.as_str())).cloned().collect();
        assert_eq!(by(Attribute::AccessionNumber, Matching::WildCard(format!("*{text}*"))).await, holding, "{text:?}");
        let beginning: Vec<_> = all.iter().filter(|other| other.starts_with(text.as_str())).cloned().collect();
        assert_eq!(by(Attribute::PatientId, Matching::WildCard(format!("{text}*"))).await, beginning, "{text:?}");
        // One `?` for one character.
        let question: String = text.chars().map(|_| '?').collect();
        let as_long: Vec<_> = all.iter().filter(|other| other.chars().count() == text.chars().count()).cloned().collect();
        assert_eq!(by(Attribute::PatientId, Matching::WildCard(question)).await, as_long, "{text:?}");
        let folded: Vec<_> = all.iter().filter(|other| other.to_lowercase() == text.to_lowercase()).cloned().collect();
        assert_eq!(by(Attribute::PatientName, single(text)).await, folded, "{text:?}");
    }
}

async fn text_of_any_length_is_stored(fixture: Fixture) {
    // Not compressible, so that it would not fit Postgres' SQL indexes.
    let long: String = (0..20_000_u32).map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000).expect("a CJK character")).collect();
    let sample = Sample { patient: long.clone(), issuer: long.clone(), ..Sample::new(1, 1, 1) };
    let sample = sample
        .name(Attribute::PatientName, &long, &long)
        .text(Attribute::AccessionNumber, &long)
        .text(Attribute::StudyDate, &long);
    assert_eq!(fixture.commit(&sample).await.effect, StoreEffect::New);
    for attribute in [Attribute::PatientId, Attribute::AccessionNumber, Attribute::PatientName] {
        let matches = [(attribute, single(&long))];
        assert_eq!(
            fixture.find(Attribute::StudyInstanceUid, QueryRetrieveLevel::Study, &matches).await.len(),
            1,
            "{attribute:?}"
        );
    }
}
