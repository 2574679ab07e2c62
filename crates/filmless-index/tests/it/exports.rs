//! Who took pictures out.

use std::net::{IpAddr, Ipv6Addr};

use filmless_model::export::{Export, ExportCode, ExportFormat};

use crate::sample::{Fixture, on_each_engine, study_uid};

on_each_engine! {
    exports_are_kept_as_they_are_and_listed_last_first
    a_code_is_given_once
}

fn export(study: u32, format: ExportFormat) -> Export {
    Export {
        code: ExportCode::generate(),
        exported_by: "lan".to_owned(),
        address: IpAddr::V6(Ipv6Addr::LOCALHOST),
        study: study_uid(study),
        format,
        images: 7,
        instances: vec!["1.2.3".parse().expect("a UID"), "1.2.4".parse().expect("a UID")],
        with_identity: study == 1,
        at_ms: 1_763_700_000_000,
    }
}

async fn exports_are_kept_as_they_are_and_listed_last_first(fixture: Fixture) {
    let all = [export(1, ExportFormat::Pdf), export(2, ExportFormat::Mp4), export(1, ExportFormat::Clipboard)];
    for export in &all {
        fixture.index.add_export(export).await.expect("kept");
    }
    let [first, second, third] = all;
    let of_one = fixture.index.exports(Some(&study_uid(1)), 10).await.expect("listed");
    assert_eq!(of_one, [third.clone(), first.clone()]);
    assert_eq!(fixture.index.exports(None, 2).await.expect("listed"), [third, second]);
    assert_eq!(fixture.index.exports(Some(&study_uid(3)), 10).await.expect("listed"), []);
}

async fn a_code_is_given_once(fixture: Fixture) {
    let export = export(1, ExportFormat::Pdf);
    fixture.index.add_export(&export).await.expect("kept");
    fixture.index.add_export(&export).await.expect_err("the code stands on a print already");
}
