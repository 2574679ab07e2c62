//! What is shown in place of what was sent, and the rules of peers.

use std::collections::BTreeMap;

use filmless_index::{DeletionOrder, Origin, VersionCommit};
use filmless_model::ae_title::AeTitle;
use filmless_model::attribute::Tag;
use filmless_model::coercion::{AppliesTo, AssumedCharacterSet, CharacterSetRepair, Coercion};

use crate::sample::{Fixture, Sample, on_each_engine, study};

on_each_engine! {
    rules_are_put_read_and_removed
    what_is_shown_of_a_version_is_kept_with_it
    the_last_instances_of_a_source_are_found
}

async fn rules_are_put_read_and_removed(fixture: Fixture) {
    let index = &fixture.index;
    let ct = AeTitle::parse("CT1").expect("a title");
    index.put_coercion(Some(&ct), "one").await.expect("kept");
    index.put_coercion(None, "two").await.expect("kept");
    index.put_coercion(Some(&ct), "three").await.expect("kept");
    let all = vec![(None, "two".to_owned()), (Some(ct.clone()), "three".to_owned())];
    assert_eq!(index.coercions().await.expect("read"), all);
    assert!(index.remove_coercion(None).await.expect("removed"));
    assert!(!index.remove_coercion(None).await.expect("asked"));
    assert_eq!(index.coercions().await.expect("read"), all[1..]);
}

fn coercion(name: &str) -> Coercion {
    let repair = CharacterSetRepair { assume: AssumedCharacterSet::Tcvn3, applies_to: AppliesTo::All };
    let changed = BTreeMap::from([(Tag(0x0010, 0x0010), Some(name.to_owned())), (Tag(0x0010, 0x0020), None)]);
    Coercion { character_set: Some(repair), changed }
}

async fn what_is_shown_of_a_version_is_kept_with_it(fixture: Fixture) {
    let index = &fixture.index;
    let plain = Sample::new(1, 1, 1);
    fixture.commit(&plain).await;
    let mut commit = Sample::new(1, 1, 2).commit();
    commit.version.coercion = Some(Box::new(coercion("Đỗ \"A\"")));
    index.commit_version(commit.clone()).await.expect("a commit succeeds");
    let shown: Vec<_> = index.instances(&study(1)).await.expect("read").into_iter().map(|i| i.version.coercion).collect();
    assert_eq!(shown, [None, Some(Box::new(coercion("Đỗ \"A\"")))]);

    let order = DeletionOrder { resource: study(1), deleted_by: "test".to_owned(), at_ms: 1 };
    let deleted = index.delete(&order).await.expect("deleted").expect("something");
    let versions = index.deleted_versions(deleted.key, 0, 9).await.expect("listed");
    assert_eq!(versions.iter().filter_map(|version| version.version.coercion.clone()).count(), 1);

    // The same bytes again are shown as the rules say now.
    commit.version.coercion = Some(Box::new(coercion("Hà")));
    commit.dicom_json = b"another".to_vec();
    let known = index.known(&commit.record, &commit.version.digest).await.expect("asked");
    index.commit_version(VersionCommit { known, origin: Origin::Arrived, ..commit }).await.expect("a commit succeeds");
    let shown = index.instances(&study(1)).await.expect("read").remove(0).version.coercion;
    assert_eq!(shown, Some(Box::new(coercion("Hà"))));
    assert_eq!(index.dicom_json(&study(1)).await.expect("read")[0].dicom_json, b"another");
}

async fn the_last_instances_of_a_source_are_found(fixture: Fixture) {
    for n in 1..=4 {
        let source = if n == 3 { "dimse:MR1" } else { "dimse:CT9" };
        fixture.commit(&Sample { source, ..Sample::new(1, 1, n) }).await;
    }
    let found = fixture.index.last_of_source("dimse:CT9", 2).await.expect("found");
    let found: Vec<_> = found.into_iter().map(|instance| instance.address.instance.to_string()).collect();
    assert_eq!(found, ["1.2.3.3.4", "1.2.3.3.2"]);
    assert_eq!(fixture.index.last_of_source("dimse:US1", 2).await.expect("asked"), []);
}
