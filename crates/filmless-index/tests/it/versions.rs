//! What a check of the bytes reads.

use std::collections::HashSet;

use filmless_model::version::VersionId;

use crate::sample::{Fixture, Sample, on_each_engine};

on_each_engine! {
    versions_are_listed_page_by_page_in_the_order_of_their_names
    known_versions_are_told_from_others
}

async fn versions_are_listed_page_by_page_in_the_order_of_their_names(fixture: Fixture) {
    let mut expected = Vec::new();
    for n in 0..7 {
        let sample = Sample::new(1, 1, n);
        let commit = sample.commit();
        expected.push((commit.version.id, sample.digest(), commit.version.length_bytes, sample.address()));
        fixture.index.commit_version(commit).await.expect("a commit succeeds");
    }
    let conflicting = Sample { patient: "P2".to_owned(), ..Sample::new(1, 1, 8) };
    let committed = fixture.commit(&conflicting).await;
    expected.push((committed.version, conflicting.digest(), 530_660, conflicting.address()));
    expected.sort_by_key(|(id, ..)| *id);

    let mut listed: Vec<(VersionId, _, _, _)> = Vec::new();
    loop {
        let after = listed.last().map(|(id, ..)| *id);
        let page = fixture.index.versions(after, 3).await.expect("listed");
        if page.is_empty() {
            break;
        }
        listed.extend(page.into_iter().map(|version| (version.id, version.digest, version.length_bytes, version.address)));
    }
    assert_eq!(listed, expected);
}

async fn known_versions_are_told_from_others(fixture: Fixture) {
    let known = fixture.commit(&Sample::new(1, 1, 1)).await.version;
    let asked: Vec<_> = (0..50).map(|_| VersionId::new()).chain([known]).collect();
    assert_eq!(fixture.index.known_versions(&asked).await.expect("asked"), HashSet::from([known]));
    assert_eq!(fixture.index.known_versions(&[]).await.expect("asked"), HashSet::new());
}
