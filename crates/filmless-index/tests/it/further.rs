//! Further attributes: what is read for them, how far each is, and what searches find by them.

use filmless_index::{DeletionOrder, FurtherValue, FurtherValues};
use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::attribute::{Attribute, Tag, Vr};
use filmless_model::further::FurtherAttribute;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};

use crate::sample::{Fixture, Sample, on_each_engine, series_uid, single, study, study_uid};

on_each_engine! {
    attributes_are_added_once_and_removed_with_their_values
    values_are_found_at_every_level
    one_item_of_a_sequence_meets_all_keys
    a_replaced_instance_loses_its_old_values
    values_go_with_what_they_are_of
    of_two_that_read_the_same_page_one_keeps_it
}

fn standard(path: &[(u16, u16)], vr: Vr) -> FurtherAttribute {
    let path = path.iter().map(|(group, element)| Tag(*group, *element)).collect();
    FurtherAttribute::standard(path, vr).expect("a standard attribute")
}

/// Of a study.
fn weight() -> FurtherAttribute {
    standard(&[(0x0010, 0x1030)], Vr::LO)
}

/// Of a series.
fn protocol() -> FurtherAttribute {
    standard(&[(0x0018, 0x1030)], Vr::LO)
}

/// Of an instance.
fn image_type() -> FurtherAttribute {
    standard(&[(0x0008, 0x0008)], Vr::CS)
}

fn code(element: u16) -> FurtherAttribute {
    standard(&[(0x0008, 0x1032), (0x0008, element)], Vr::SH)
}

async fn add(fixture: &Fixture, attribute: &FurtherAttribute) -> bool {
    fixture.index.add_further_attribute(attribute).await.expect("added")
}

/// Reads all changes that the attributes lack. `values` says what an instance has, by its header.
async fn read(
    fixture: &Fixture,
    values: impl Fn(&FurtherAttribute, &str) -> Vec<(u32, String)>,
    attributes: &[&FurtherAttribute],
) {
    loop {
        let rows = fixture.index.further_attributes().await.expect("listed");
        let from = rows.iter().map(|row| row.indexed_through).min().expect("there is one");
        let page = fixture.index.changed_headers(from, 3).await.expect("read");
        let Some(last) = page.last() else { return };
        let rows: Vec<_> = rows.iter().filter(|row| row.indexed_through == from).collect();
        let mut kept = FurtherValues {
            attributes: rows.iter().map(|row| row.key).collect(),
            from,
            through: last.sequence,
            instances: Vec::new(),
            values: Vec::new(),
        };
        for served in page.into_iter().filter_map(|change| change.served) {
            let (instance, version) = (served.instance, served.version);
            kept.instances.push(instance);
            let header = String::from_utf8(served.dicom_json).expect("the headers of samples are text");
            for row in &rows {
                let attribute = attributes.iter().find(|attribute| attribute.name() == row.name).expect("known");
                let found = values(attribute, &header);
                kept.values.extend(found.into_iter().map(|(item, value)| FurtherValue {
                    attribute: row.key,
                    instance: (instance, version),
                    item,
                    value,
                }));
            }
        }
        assert!(fixture.index.keep_further_values(&kept).await.expect("kept"));
    }
}

async fn found(fixture: &Fixture, level: QueryRetrieveLevel, further: &[(FurtherAttribute, Matching)]) -> Vec<String> {
    let query = Query { further: further.to_vec(), ..Query::new(level) };
    let unique = match level {
        QueryRetrieveLevel::Study => Attribute::StudyInstanceUid,
        QueryRetrieveLevel::Series => Attribute::SeriesInstanceUid,
        QueryRetrieveLevel::Instance => Attribute::SopInstanceUid,
    };
    let answers = fixture.search(&query).await;
    assert_eq!(fixture.index.count(&query).await.expect("counted"), answers.len() as u64);
    let last = |uid: &str| uid.rsplit('.').next().unwrap_or_default().to_owned();
    let mut found: Vec<_> = answers.iter().map(|answer| last(answer.text(unique).unwrap_or_default())).collect();
    found.sort();
    found
}

async fn delete(fixture: &Fixture, resource: Resource) {
    let order = DeletionOrder { resource, deleted_by: "lan".to_owned(), at_ms: 0 };
    fixture.index.delete(&order).await.expect("deleted").expect("there was something");
}

/// Of instance n: item 0 says `n`, and that it is there.
fn numbered(_: &FurtherAttribute, header: &str) -> Vec<(u32, String)> {
    let instance = header.split(' ').nth(2).unwrap_or_default();
    vec![(0, instance.to_owned()), (0, "all".to_owned())]
}

async fn attributes_are_added_once_and_removed_with_their_values(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    assert!(add(&fixture, &weight()).await);
    assert!(!add(&fixture, &weight()).await);
    read(&fixture, numbered, &[&weight()]).await;
    let rows = fixture.index.further_attributes().await.expect("listed");
    assert_eq!(
        (rows[0].name.as_str(), rows[0].indexed_through),
        ("00101030:LO", fixture.index.last_change().await.expect("asked"))
    );
    assert_eq!(fixture.index.remove_further_rubbish(10).await.expect("swept"), 0);

    assert!(fixture.index.remove_further_attribute(&weight()).await.expect("removed"));
    assert!(!fixture.index.remove_further_attribute(&weight()).await.expect("asked"));
    assert!(found(&fixture, QueryRetrieveLevel::Study, &[(weight(), single("all"))]).await.is_empty());
    assert!(add(&fixture, &weight()).await, "added again before its old values are gone");
    assert!(found(&fixture, QueryRetrieveLevel::Study, &[(weight(), single("all"))]).await.is_empty());
    assert_eq!(fixture.index.remove_further_rubbish(10).await.expect("swept"), 2);
    assert_eq!(fixture.index.remove_further_rubbish(10).await.expect("swept"), 0);
    read(&fixture, numbered, &[&weight()]).await;
    assert_eq!(found(&fixture, QueryRetrieveLevel::Study, &[(weight(), single("1"))]).await, ["1"]);
}

async fn values_are_found_at_every_level(fixture: Fixture) {
    for (study, series, instance) in [(1, 1, 1), (1, 1, 2), (1, 2, 3), (2, 3, 4)] {
        fixture.commit(&Sample::new(study, series, instance)).await;
    }
    let attributes = [&weight(), &protocol(), &image_type()];
    for attribute in attributes {
        add(&fixture, attribute).await;
    }
    read(&fixture, numbered, &attributes).await;
    let range = Matching::Range { from: Some("2".to_owned()), to: Some("3".to_owned()) };
    let any = |words: &[&str]| Matching::List(words.iter().map(|&word| word.to_owned()).collect());
    let each = |words: &[&str]| Matching::All(words.iter().map(|&word| word.to_owned()).collect());
    for (attribute, matching, studies, series, instances) in [
        (weight(), single("2"), &["1"][..], &["1", "2"][..], &["1", "2", "3"][..]),
        (protocol(), single("2"), &["1"], &["1"], &["1", "2"]),
        (image_type(), single("2"), &["1"], &["1"], &["2"]),
        (image_type(), range, &["1"], &["1", "2"], &["2", "3"]),
        (image_type(), any(&["4", "9"]), &["2"], &["3"], &["4"]),
        (image_type(), each(&["4", "all"]), &["2"], &["3"], &["4"]),
        (image_type(), each(&["4", "3"]), &[], &[], &[]),
        (image_type(), Matching::WildCard("a?l*".to_owned()), &["1", "2"], &["1", "2", "3"], &["1", "2", "3", "4"]),
        (image_type(), Matching::Empty, &[], &[], &[]),
        (code(0x0100), Matching::Empty, &["1", "2"], &["1", "2", "3"], &["1", "2", "3", "4"]),
        (code(0x0100), single("all"), &[], &[], &[]),
    ] {
        for (level, expected) in [
            (QueryRetrieveLevel::Study, studies),
            (QueryRetrieveLevel::Series, series),
            (QueryRetrieveLevel::Instance, instances),
        ] {
            let key = [(attribute.clone(), matching.clone())];
            assert_eq!(found(&fixture, level, &key).await, expected, "{level:?} {key:?}");
        }
    }
    let both = [(protocol(), single("1")), (image_type(), single("3"))];
    assert!(found(&fixture, QueryRetrieveLevel::Study, &both).await.is_empty(), "no series has both");
}

async fn one_item_of_a_sequence_meets_all_keys(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    let attributes = [&code(0x0100), &code(0x0102)];
    for attribute in attributes {
        add(&fixture, attribute).await;
    }
    let items = |attribute: &FurtherAttribute, _: &str| {
        let values =
            if *attribute == code(0x0100) { [(0, "A"), (1, "B"), (2, "C")].to_vec() } else { [(0, "X"), (1, "Y")].to_vec() };
        values.into_iter().map(|(item, value)| (item, value.to_owned())).collect()
    };
    read(&fixture, items, &attributes).await;
    for (value, scheme, expected) in [
        ("A", single("X"), 1),
        ("B", single("Y"), 1),
        ("A", single("Y"), 0),
        ("C", Matching::Empty, 1),
        ("A", Matching::Empty, 0),
    ] {
        let keys = [(code(0x0100), single(value)), (code(0x0102), scheme)];
        assert_eq!(found(&fixture, QueryRetrieveLevel::Study, &keys).await.len(), expected, "{keys:?}");
    }
}

async fn a_replaced_instance_loses_its_old_values(fixture: Fixture) {
    let contents = |_: &FurtherAttribute, header: &str| vec![(0, header.rsplit(' ').next().unwrap_or_default().to_owned())];
    fixture.commit(&Sample::new(1, 1, 1)).await;
    add(&fixture, &image_type()).await;
    read(&fixture, contents, &[&image_type()]).await;
    assert_eq!(found(&fixture, QueryRetrieveLevel::Instance, &[(image_type(), single("0"))]).await, ["1"]);
    fixture.commit(&Sample { contents: 7, ..Sample::new(1, 1, 1) }).await;
    read(&fixture, contents, &[&image_type()]).await;
    assert_eq!(found(&fixture, QueryRetrieveLevel::Instance, &[(image_type(), single("7"))]).await, ["1"]);
    assert!(found(&fixture, QueryRetrieveLevel::Instance, &[(image_type(), single("0"))]).await.is_empty());
}

async fn values_go_with_what_they_are_of(fixture: Fixture) {
    for (series, instance) in [(1, 1), (1, 2), (2, 3)] {
        fixture.commit(&Sample::new(1, series, instance)).await;
    }
    let attributes = [&weight(), &protocol(), &image_type()];
    for attribute in attributes {
        add(&fixture, attribute).await;
    }
    read(&fixture, numbered, &attributes).await;
    delete(&fixture, Resource::Instance(Sample::new(1, 1, 2).address())).await;
    delete(&fixture, Resource::Series(SeriesAddress { study: study_uid(1), series: series_uid(2) })).await;
    read(&fixture, numbered, &attributes).await;
    let rest = async |attribute: &FurtherAttribute, level| found(&fixture, level, &[(attribute.clone(), single("all"))]).await;
    assert_eq!(rest(&image_type(), QueryRetrieveLevel::Instance).await, ["1"]);
    assert_eq!(rest(&protocol(), QueryRetrieveLevel::Series).await, ["1"]);
    assert_eq!(rest(&weight(), QueryRetrieveLevel::Study).await, ["1"]);
    delete(&fixture, study(1)).await;
    for attribute in attributes {
        fixture.index.remove_further_attribute(attribute).await.expect("removed");
    }
    assert_eq!(fixture.index.remove_further_rubbish(100).await.expect("swept"), 0, "nothing was left of them");
}

async fn of_two_that_read_the_same_page_one_keeps_it(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    add(&fixture, &image_type()).await;
    let row = fixture.index.further_attributes().await.expect("listed").remove(0);
    let through = fixture.index.last_change().await.expect("asked");
    let page = |from| FurtherValues { attributes: vec![row.key], from, through, instances: Vec::new(), values: Vec::new() };
    assert!(fixture.index.keep_further_values(&page(0)).await.expect("kept"));
    assert!(!fixture.index.keep_further_values(&page(0)).await.expect("asked"));
    fixture.index.remove_further_attribute(&image_type()).await.expect("removed");
    assert!(!fixture.index.keep_further_values(&page(through)).await.expect("asked"));
}
