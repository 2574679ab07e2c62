//! Instances opened for their pixels.

use std::io::Write;
use std::sync::Arc;

use filmless_archive::{Archive, ArchiveError};
use filmless_dicom::file_meta::FileMeta;
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::frame::FrameNumber;
use filmless_model::uid::TransferSyntaxUid;
use filmless_testkit::instance::Instance;
use futures::TryStreamExt;

use crate::fixture::Fixture;

async fn stored(fixture: &Fixture, file: &[u8]) -> StoredInstance {
    let stored = fixture.store(&Actor::Operator, file).await.expect("stores");
    fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there")
}

fn deflated(instance: &Instance) -> Vec<u8> {
    let meta = FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: TransferSyntaxUid::parse("1.2.840.10008.1.2.1.99").expect("a UID"),
    };
    let mut encoder = flate2::write::DeflateEncoder::new(meta.encode(), flate2::Compression::fast());
    encoder.write_all(&instance.data_set()).expect("writing to memory succeeds");
    encoder.finish().expect("writing to memory succeeds")
}

async fn transcoded(archive: &Arc<Archive>, instance: &StoredInstance) -> Result<Vec<u8>, ArchiveError> {
    let stream = archive.pixels(instance).await?.file_in(TargetSyntax::ExplicitVrLittleEndian).await?;
    Ok(stream.try_collect::<Vec<_>>().await?.concat())
}

#[tokio::test]
async fn frames_of_a_deflated_instance_are_those_of_a_plain_one() {
    let (fixture, plain) = (Fixture::new().await, Fixture::new().await);
    let instance = Instance { frames: 5, ..Instance::ct() };
    let pixels = instance.data_set()[instance.data_set().len() - 5 * 512..].to_vec();
    let plain = (stored(&plain, &instance.part10()).await, plain);
    let stored = stored(&fixture, &deflated(&instance)).await;
    assert_eq!(stored.version.frames.count(), 0, "the stored bytes hold no frames");
    let opened = fixture.archive.pixels(&stored).await.expect("it is inflated");
    for (number, expected) in (1..).zip(pixels.chunks(512)) {
        let frame = FrameNumber::new(number).expect("not 0");
        assert_eq!(opened.frame_in(TargetSyntax::ExplicitVrLittleEndian, frame).await.expect("is there"), expected);
        assert_eq!(opened.decode(frame).await.expect("is there").bytes.len(), 512);
    }
    let beyond = FrameNumber::new(6).expect("not 0");
    assert!(matches!(opened.frame_in(TargetSyntax::ExplicitVrLittleEndian, beyond).await, Err(ArchiveError::NotFound)));
    let file = transcoded(&fixture.archive, &stored).await.expect("transcodes");
    assert_eq!(file, transcoded(&plain.1.archive, &plain.0).await.expect("transcodes"));
    assert_eq!(file[file.len() - 5 * 512..], pixels);
}

#[tokio::test]
async fn a_header_that_is_too_long_is_refused_for_pictures_and_for_transcoding() {
    let fixture = Fixture::new().await;
    let long = (0x7001, 0x1001, "OB", vec![0; 64 << 20]);
    let file = Instance { extra: vec![long], ..Instance::ct() }.part10();
    let stored = stored(&fixture, &file).await;
    assert_eq!(fixture.archive.frame(&stored, FrameNumber::FIRST).await.expect("its place is known").len(), 512);
    for error in [fixture.archive.pixels(&stored).await.err(), fixture.archive.header(&stored).await.err()] {
        assert!(matches!(&error, Some(ArchiveError::Undecodable(reason)) if reason.contains("is longer than")), "{error:?}");
    }
}
