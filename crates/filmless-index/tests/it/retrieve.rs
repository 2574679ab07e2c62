//! The instances and headers of a resource.

use filmless_model::address::{Resource, SeriesAddress};

use crate::sample::{Fixture, Sample, on_each_engine, series_uid, study, study_uid};

on_each_engine! {
    a_resource_gives_its_instances_and_their_headers
    a_resource_named_by_the_wrong_study_is_empty
}

async fn a_resource_gives_its_instances_and_their_headers(fixture: Fixture) {
    for (study, series, instance) in [(1, 1, 1), (1, 1, 2), (1, 2, 3), (2, 3, 4)] {
        fixture.commit(&Sample::new(study, series, instance)).await;
    }
    let series = Resource::Series(SeriesAddress { study: study_uid(1), series: series_uid(1) });
    let instance = Resource::Instance(Sample::new(1, 2, 3).address());
    for (resource, expected) in [(study(1), &[1, 2, 3][..]), (series, &[1, 2]), (instance, &[3]), (study(9), &[])] {
        let stored = fixture.index.instances(&resource).await.expect("a retrieve succeeds");
        let headers = fixture.index.dicom_json(&resource).await.expect("a retrieve succeeds");
        let versions = fixture.index.served_versions(&resource).await.expect("a retrieve succeeds");
        assert_eq!(versions, stored.iter().map(|stored| stored.version.id).collect::<Vec<_>>());
        assert_eq!(versions, headers.iter().map(|header| header.version).collect::<Vec<_>>());
        let addresses: Vec<_> = stored.into_iter().map(|stored| stored.address).collect();
        assert_eq!(addresses, headers.iter().map(|header| header.address.clone()).collect::<Vec<_>>());
        let contents: Vec<_> = headers.iter().map(|header| String::from_utf8_lossy(&header.dicom_json).into_owned()).collect();
        assert_eq!(contents, expected.iter().map(|n| format!("header of {n} contents 0")).collect::<Vec<_>>(), "{resource:?}");
    }
}

async fn a_resource_named_by_the_wrong_study_is_empty(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    fixture.commit(&Sample::new(2, 2, 2)).await;
    let wrong = Sample::new(2, 1, 1).address();
    let series = SeriesAddress { study: wrong.study.clone(), series: wrong.series.clone() };
    for resource in [Resource::Series(series), Resource::Instance(wrong), Resource::Instance(Sample::new(1, 1, 2).address())] {
        assert_eq!(fixture.index.instances(&resource).await.expect("a retrieve succeeds"), [], "{resource:?}");
        assert_eq!(fixture.index.dicom_json(&resource).await.expect("a retrieve succeeds"), [], "{resource:?}");
        assert_eq!(fixture.index.served_versions(&resource).await.expect("a retrieve succeeds"), [], "{resource:?}");
    }
}
