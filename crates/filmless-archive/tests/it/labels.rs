//! Data sets that are not in the transfer syntax they are announced in.

use bytes::Bytes;
use filmless_dicom::file_meta::FileMeta;
use filmless_model::actor::Actor;
use filmless_model::store_outcome::{StoreEffect, StoreFailure, Stored};
use filmless_model::uid::TransferSyntaxUid;
use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance, to_implicit};
use filmless_testkit::part10::Part10;
use futures::TryStreamExt;

use crate::fixture::{Fixture, peer};

const IMPLICIT_VR_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";
const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
const PRIVATE: &str = "1.2.826.0.1.3680043.10.99";

fn meta(instance: &Instance, transfer_syntax: &str) -> FileMeta {
    FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: TransferSyntaxUid::parse(transfer_syntax).expect("a UID"),
    }
}

/// Stores as C-STORE does.
async fn store(fixture: &Fixture, meta: FileMeta, data_set: &[u8]) -> Result<Stored, StoreFailure> {
    let mut incoming = fixture.archive.begin_store_data_set(&peer("CT1"), meta).await?;
    for piece in data_set.chunks(100) {
        incoming.write(Bytes::copy_from_slice(piece)).await?;
    }
    incoming.finish().await
}

#[tokio::test]
async fn a_swapped_label_is_put_right_and_said() {
    let instance = Instance::ct();
    let explicit = instance.data_set();
    let implicit = to_implicit(&explicit);
    for (announced, data_set, expected) in [
        (IMPLICIT_VR_LITTLE_ENDIAN, &explicit, EXPLICIT_VR_LITTLE_ENDIAN),
        (EXPLICIT_VR_BIG_ENDIAN, &explicit, EXPLICIT_VR_LITTLE_ENDIAN),
        (EXPLICIT_VR_LITTLE_ENDIAN, &implicit, IMPLICIT_VR_LITTLE_ENDIAN),
    ] {
        let fixture = Fixture::new().await;
        let stored = store(&fixture, meta(&instance, announced), data_set).await.expect("stores");
        assert!(stored.warnings.iter().any(|warning| warning.contains(announced)), "{:?}", stored.warnings);
        let found = fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there");
        assert_eq!(found.version.transfer_syntax.as_str(), expected);
        let blob = fixture.archive.blob(&found, None).await.expect("opens");
        let file = Part10::parse(&blob.try_collect::<Vec<_>>().await.expect("reads").concat()).expect("a DICOM file");
        assert_eq!(file.transfer_syntax, expected);
        assert_eq!(&file.data_set, data_set, "not a byte of it is touched");

        // A file with the same wrong label, and one with the right one, are the same instance again.
        for label in [announced, expected] {
            let file = [meta(&instance, label).encode(), data_set.clone()].concat();
            let again = fixture.store(&Actor::Operator, &file).await.expect("stores");
            assert_eq!(again.effect, StoreEffect::AlreadyStored, "{label}");
        }
    }
}

#[tokio::test]
async fn a_label_that_only_names_the_compression_is_left() {
    let fixture = Fixture::new().await;
    let instance = Instance::ct();
    // Elements in Implicit VR around compressed pixels: no transfer syntax is that, and JPEG is what a reader must know.
    let mut data_set = to_implicit(&Instance { rows: 0, ..instance.clone() }.data_set());
    data_set.truncate(data_set.len() - 4);
    data_set.extend(b"\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0\xfe\xff\0\xe0\x04\0\0\0\xff\xd8\xff\xd9\xfe\xff\xdd\xe0\0\0\0\0");
    let stored = store(&fixture, meta(&instance, JPEG_BASELINE), &data_set).await.expect("stores");
    let found = fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there");
    assert_eq!(found.version.transfer_syntax.as_str(), JPEG_BASELINE);
}

#[tokio::test]
async fn pixels_in_another_form_than_their_label_says_are_refused() {
    let fixture = Fixture::new().await;
    let instance = Instance::ct();
    let (native, fragments) = (instance.data_set(), instance.data_set_of_fragments());
    for (announced, data_set, is_stored) in [
        (EXPLICIT_VR_LITTLE_ENDIAN, &fragments, false),
        (IMPLICIT_VR_LITTLE_ENDIAN, &fragments, false),
        (JPEG_BASELINE, &native, false),
        (JPEG_BASELINE, &fragments, true),
        (PRIVATE, &native, true),
    ] {
        let file = [meta(&instance, announced).encode(), data_set.clone()].concat();
        for outcome in [store(&fixture, meta(&instance, announced), data_set).await, fixture.store(&Actor::Operator, &file).await]
        {
            match outcome {
                Ok(_) => assert!(is_stored, "{announced}"),
                Err(StoreFailure::CannotUnderstand(why)) => {
                    assert!(!is_stored && why.starts_with("Pixel Data is "), "{announced}: {why}");
                }
                Err(other) => panic!("{announced}: {other}"),
            }
        }
    }
    assert_eq!(fixture.blobs().len(), 2, "nothing of what was refused is kept");
}
