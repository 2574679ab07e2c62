//! The retrieve act.

use filmless_archive::ArchiveError;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::Resource;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::StudyInstanceUid;
use filmless_testkit::instance::{Instance, fresh_uid};

use crate::fixture::Fixture;

#[tokio::test]
async fn frames_are_served_by_byte_range() {
    let fixture = Fixture::new().await;
    let mut instance = Instance::ct();
    instance.frames = 3;
    let data_set = instance.data_set();
    let pixels = &data_set[data_set.len() - 3 * 512..];
    let stored = fixture.store(&Actor::Operator, &instance.part10()).await.expect("stores");
    let stored = fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there");
    for (number, expected) in (1..).zip(pixels.chunks(512)) {
        let frame = FrameNumber::new(number).expect("not 0");
        assert_eq!(fixture.archive.frame(&stored, frame).await.expect("is there"), expected);
    }
    let beyond = FrameNumber::new(4).expect("not 0");
    assert!(matches!(fixture.archive.frame(&stored, beyond).await, Err(ArchiveError::NotFound)));
}

#[tokio::test]
async fn metadata_are_the_data_set_as_json_with_bulk_data_by_uri() {
    let fixture = Fixture::new().await;
    let series = Instance::ct().series_of(2);
    for instance in &series {
        fixture.store(&Actor::Operator, &instance.part10()).await.expect("stores");
    }
    let study = Resource::Study(series[0].study.clone());
    let metadata = fixture.archive.metadata(&Actor::Operator, &study).await.expect("is there");
    assert_eq!(metadata.len(), 2);
    for (metadata, instance) in metadata.iter().zip(&series) {
        assert_eq!(metadata.address.instance, instance.sop_instance);
        let json: serde_json::Value = serde_json::from_slice(&metadata.json).expect("JSON");
        assert_eq!(json["00080018"]["Value"][0], instance.sop_instance.as_str());
        assert_eq!(json["00100010"]["Value"][0]["Alphabetic"], "Phantom^Water");
        let uri = json["7FE00010"]["BulkDataURI"].as_str().expect("pixel data by URI");
        assert!(uri.starts_with("bulkdata/"), "{uri}");
    }
}

#[tokio::test]
async fn what_the_archive_does_not_have_is_not_found() {
    let fixture = Fixture::new().await;
    let study = Resource::Study(StudyInstanceUid::parse(&fresh_uid()).expect("a UID"));
    assert!(matches!(fixture.archive.instances(&Actor::Operator, Act::View, &study).await, Err(ArchiveError::NotFound)));
    assert!(matches!(fixture.archive.metadata(&Actor::Operator, &study).await, Err(ArchiveError::NotFound)));
}
