//! Coercion: what machines send stays, what the archive shows and sends is right.

use std::io::Write as _;

use bytes::Bytes;
use dicom_object::InMemDicomObject;
use filmless_archive::ArchiveError;
use filmless_archive::coercions::PreviewOf;
use filmless_dicom::coercion::PeerCoercion;
use filmless_dicom::data_set::read_header;
use filmless_dicom::file_meta::FileMeta;
use filmless_dicom::json::decompress;
use filmless_dicom::target_syntax::TargetSyntax;
use filmless_index::StoredInstance;
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::{Attribute, Tag};
use filmless_model::frame::ByteRange;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::store_outcome::{StoreEffect, Stored};
use filmless_model::uid::TransferSyntaxUid;
use filmless_testkit::instance::{EXPLICIT_VR_LITTLE_ENDIAN, Instance};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use futures::{Stream, TryStreamExt};
use serde_json::json;

use crate::fixture::{Fixture, peer};

const TCVN3_NAME: &[u8] = b"Nguy\xd4n V\xa8n \xa7\xf8c";
const NAME: Tag = Tag(0x0010, 0x0010);
const ID: Tag = Tag(0x0010, 0x0020);
const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const ORIGINAL_ATTRIBUTES: Tag = Tag(0x0400, 0x0561);

fn title(text: &str) -> AeTitle {
    AeTitle::parse(text).expect("legal")
}

fn coercion() -> PeerCoercion {
    let coercion = json!({
        "character_set": {"assume": "tcvn3"},
        "rules": [
            {"attribute": "PatientID", "action": "prefix", "value": "HN-"},
            {"when": [{"attribute": "IssuerOfPatientID", "missing": true}],
             "attribute": "IssuerOfPatientID", "action": "set", "value": "BVĐK"},
            {"attribute": "AccessionNumber", "action": "remove"},
        ],
    });
    PeerCoercion::from_json(&coercion.to_string()).expect("rules")
}

fn vietnamese() -> Instance {
    Instance { patient_name: TCVN3_NAME.to_vec(), frames: 3, ..Instance::ct() }
}

async fn with_rules() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.archive.put_coercion(&Actor::Operator, Some(&title("CT1")), &coercion()).await.expect("kept");
    fixture
}

async fn store(fixture: &Fixture, ae_title: &str, instance: &Instance) -> Stored {
    let meta = FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: TransferSyntaxUid::parse(EXPLICIT_VR_LITTLE_ENDIAN).expect("a UID"),
    };
    let mut incoming = fixture.archive.begin_store_data_set(&peer(ae_title), meta).await.expect("begins");
    for piece in instance.data_set().chunks(333) {
        incoming.write(Bytes::copy_from_slice(piece)).await.expect("goes on");
    }
    incoming.finish().await.expect("stores")
}

async fn found(fixture: &Fixture, stored: &Stored) -> StoredInstance {
    fixture.archive.instance(&Actor::Operator, &stored.address).await.expect("is there")
}

async fn all<E: std::fmt::Debug>(bytes: impl Stream<Item = Result<Bytes, E>>) -> Vec<u8> {
    bytes.try_collect::<Vec<_>>().await.expect("reads").concat()
}

fn text(object: &InMemDicomObject, tag: Tag) -> String {
    let element = object.get(dicom_object::Tag(tag.0, tag.1));
    element.map(|element| element.to_str().expect("text").trim_end().to_owned()).unwrap_or_default()
}

fn read(data_set: &[u8], transfer_syntax: &str) -> InMemDicomObject {
    read_header(data_set, &TransferSyntaxUid::parse(transfer_syntax).expect("a UID")).expect("a data set")
}

#[tokio::test]
async fn searches_and_metadata_show_what_is_coerced_and_the_bytes_stay() {
    let fixture = with_rules().await;
    let instance = vietnamese();
    let stored = store(&fixture, "CT1", &instance).await;
    assert_eq!(stored.warnings, Vec::<String>::new());
    let found = found(&fixture, &stored).await;
    let blob = all(fixture.archive.blob(&found, None).await.expect("opens")).await;
    assert!(blob.ends_with(&instance.data_set()), "the bytes stay");

    let name = Matching::Single("nguyen van duc".to_owned());
    let mut query = Query { matches: vec![(Attribute::PatientName, name)], ..Query::new(QueryRetrieveLevel::Study) };
    query.fuzzy_matching = true;
    let answers = fixture.archive.search(&Actor::Operator, &query).await.expect("answers");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].text(Attribute::PatientName), Some("Nguyễn Văn Đức"));
    assert_eq!(answers[0].text(Attribute::PatientId), Some("HN-PHANTOM-1"));
    assert_eq!(answers[0].text(Attribute::IssuerOfPatientId), Some("BVĐK"));
    assert_eq!(answers[0].text(Attribute::AccessionNumber), None);

    let resource = Resource::Instance(stored.address.clone());
    let metadata = fixture.archive.metadata(&Actor::Operator, &resource).await.expect("is there").remove(0);
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.json).expect("JSON");
    assert_eq!(metadata["00100010"]["Value"], json!([{"Alphabetic": "Nguyễn Văn Đức"}]));
    assert_eq!(metadata["00100020"]["Value"], json!(["HN-PHANTOM-1"]));
    assert_eq!(metadata["00080005"]["Value"], json!(["ISO_IR 192"]));
    assert_eq!(metadata["00080050"], json!(null));
}

#[tokio::test]
async fn the_same_bytes_again_are_the_same_copy_whatever_the_rules_are_now() {
    let fixture = with_rules().await;
    let instance = vietnamese();
    let first = store(&fixture, "CT1", &instance).await;
    let again = store(&fixture, "CT1", &instance).await;
    assert_eq!((again.effect, again.version), (StoreEffect::AlreadyStored, first.version));
    fixture.archive.put_coercion(&Actor::Operator, Some(&title("CT1")), &PeerCoercion::default()).await.expect("removed");
    let again = store(&fixture, "CT1", &instance).await;
    assert_eq!((again.effect, again.version), (StoreEffect::AlreadyStored, first.version));
    let mut findings = Vec::new();
    fixture.archive.check(|finding| findings.push(finding), |_| {}).await.expect("runs");
    assert_eq!(findings, []);
}

#[tokio::test]
async fn copies_that_leave_show_what_is_coerced_and_what_was_before() {
    let fixture = with_rules().await;
    let instance = vietnamese();
    let stored = found(&fixture, &store(&fixture, "CT1", &instance).await).await;
    let pixels = &instance.data_set()[instance.data_set().len() - 3 * 512..];
    let as_stored = all(fixture.archive.data_set(&stored).await.expect("opens")).await;
    let implicit = fixture.archive.data_set_in(&stored, TargetSyntax::ImplicitVrLittleEndian).await.expect("opens");
    let implicit = all(implicit).await;
    for (data_set, transfer_syntax) in [(&as_stored, EXPLICIT_VR_LITTLE_ENDIAN), (&implicit, "1.2.840.10008.1.2")] {
        assert!(data_set.ends_with(pixels), "{transfer_syntax}");
        let object = read(data_set, transfer_syntax);
        assert_eq!(text(&object, NAME), "Nguyễn Văn Đức");
        assert_eq!(text(&object, ID), "HN-PHANTOM-1");
        assert_eq!(text(&object, CHARACTER_SET), "ISO_IR 192");
        let original = object.get(dicom_object::Tag(ORIGINAL_ATTRIBUTES.0, ORIGINAL_ATTRIBUTES.1)).expect("there");
        assert_eq!(text(&original.items().expect("items")[0], Tag(0x0400, 0x0564)), "CT1");
    }
    let shown = fixture.archive.header(&stored).await.expect("reads");
    assert_eq!(text(&shown, NAME), "Nguyễn Văn Đức");

    // The file, whole and in parts.
    let file = fixture.archive.file(&stored).await.expect("opens");
    let whole = all(file.bytes(None).await.expect("reads")).await;
    assert_eq!(whole.len() as u64, file.length_bytes());
    assert!(whole.ends_with(&as_stored) && whole[128..132] == *b"DICM");
    let front = whole.len() as u64 - 3 * 512;
    for (offset, length) in [(0, 4), (130, 700), (front - 10, 20), (front + 3, 9), (0, front), (whole.len() as u64 - 1, 1)] {
        let part = all(file.bytes(Some(ByteRange { offset, length })).await.expect("reads")).await;
        let from = usize::try_from(offset).expect("short");
        assert!(part == whole[from..from + usize::try_from(length).expect("short")], "{offset} {length}");
    }
}

#[tokio::test]
async fn what_was_deleted_comes_back_as_it_was_shown() {
    let fixture = with_rules().await;
    let stored = store(&fixture, "CT1", &vietnamese()).await;
    let before = fixture.index().await.dicom_json(&Resource::Instance(stored.address.clone())).await.expect("reads").remove(0);
    let resource = Resource::Study(stored.address.study.clone());
    let deleted = fixture.archive.delete(&Actor::Operator, &resource).await.expect("deletes");
    fixture.archive.put_coercion(&Actor::Operator, Some(&title("CT1")), &PeerCoercion::default()).await.expect("removed");
    assert_eq!(fixture.archive.restore(&Actor::Operator, deleted.key).await.expect("restores"), 1);
    let after = fixture.index().await.dicom_json(&Resource::Instance(stored.address.clone())).await.expect("reads").remove(0);
    let json = |bytes: &[u8]| String::from_utf8(decompress(bytes).expect("decompresses")).expect("UTF-8");
    assert_eq!(json(&before.dicom_json), json(&after.dicom_json));
    let query = Query::new(QueryRetrieveLevel::Study);
    let answers = fixture.archive.search(&Actor::Operator, &query).await.expect("answers");
    assert_eq!(answers[0].text(Attribute::PatientId), Some("HN-PHANTOM-1"));
}

#[tokio::test]
async fn rules_are_of_the_peer_they_name_or_of_all_and_come_after_those_of_all() {
    let fixture = with_rules().await;
    let all = json!({"rules": [{"attribute": "PatientID", "action": "suffix", "value": "/X"}]});
    let all = PeerCoercion::from_json(&all.to_string()).expect("rules");
    fixture.archive.put_coercion(&Actor::Operator, None, &all).await.expect("kept");
    for (instance, source, expected) in [
        (Instance::ct(), Some("CT1"), "HN-PHANTOM-1/X"),
        (Instance::ct(), Some("MR1"), "PHANTOM-1/X"),
        (Instance::ct(), None, "PHANTOM-1"),
    ] {
        let stored = match source {
            Some(source) => store(&fixture, source, &instance).await,
            None => fixture.store(&Actor::Operator, &instance.part10()).await.expect("stores"),
        };
        let found = found(&fixture, &stored).await;
        assert_eq!(found.version.coercion.is_some(), source.is_some());
        assert_eq!(text(&fixture.archive.header(&found).await.expect("reads"), ID), expected);
    }
    let rules = fixture.archive.coercions(&Actor::Operator).await.expect("listed");
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), [(None, all), (Some(title("CT1")), coercion())]);
}

#[tokio::test]
async fn a_preview_says_what_each_rule_would_change_and_keeps_nothing() {
    let fixture = Fixture::new().await;
    let stored = store(&fixture, "CT1", &vietnamese()).await;
    let before = found(&fixture, &stored).await;
    for of in [PreviewOf::Study(stored.address.study.clone()), PreviewOf::LastOf(title("CT1"), 5)] {
        let mut previews = fixture.archive.preview_coercion(&Actor::Operator, coercion(), of).await.expect("previews");
        assert_eq!(previews.len(), 1);
        let preview = previews.remove(0);
        assert_eq!(preview.address, stored.address);
        let changes: Vec<_> = preview
            .changes
            .iter()
            .map(|change| (change.rule, change.attribute, change.before.as_deref(), change.after.as_deref()))
            .collect();
        assert_eq!(
            changes,
            [
                (Some(0), ID, Some("PHANTOM-1"), Some("HN-PHANTOM-1")),
                (Some(1), Attribute::IssuerOfPatientId.tag(), None, Some("BVĐK")),
                (Some(2), Attribute::AccessionNumber.tag(), Some("A1"), None),
            ],
            "the name spells Vietnamese without help"
        );
    }
    let vni = PeerCoercion::from_json(r#"{"character_set":{"assume":"vni"}}"#).expect("a character set");
    let of = PreviewOf::Study(stored.address.study.clone());
    let preview = fixture.archive.preview_coercion(&Actor::Operator, vni, of).await.expect("previews").remove(0);
    assert_eq!((preview.changes[0].rule, preview.changes[0].attribute), (None, NAME));
    assert_eq!(found(&fixture, &stored).await, before);
    let nobody = PreviewOf::LastOf(title("MR9"), 5);
    assert_eq!(fixture.archive.preview_coercion(&Actor::Operator, coercion(), nobody).await.expect("previews"), []);
    let forbidden = fixture.archive.coercions(&peer("CT1")).await;
    assert!(matches!(forbidden, Err(ArchiveError::Forbidden(_))));
}

#[tokio::test]
async fn a_deflated_instance_leaves_deflated() {
    let fixture = with_rules().await;
    let instance = vietnamese();
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&instance.data_set()).expect("writing to memory succeeds");
    let deflated = TargetSyntax::DeflatedExplicitVrLittleEndian.transfer_syntax();
    let meta = FileMeta {
        sop_class: instance.sop_class.clone(),
        sop_instance: instance.sop_instance.clone(),
        transfer_syntax: deflated.clone(),
    };
    let mut incoming = fixture.archive.begin_store_data_set(&peer("CT1"), meta).await.expect("begins");
    incoming.write(encoder.finish().expect("writing to memory succeeds").into()).await.expect("goes on");
    let found = found(&fixture, &incoming.finish().await.expect("stores")).await;
    let copy = all(fixture.archive.data_set(&found).await.expect("opens")).await;
    assert_eq!(text(&read(&copy, deflated.as_str()), NAME), "Nguyễn Văn Đức");
    assert_eq!(text(&fixture.archive.header(&found).await.expect("reads"), ID), "HN-PHANTOM-1");
}
