//! Who took pictures out.

use std::net::{IpAddr, Ipv6Addr};

use filmless_model::attribute::Attribute;
use filmless_model::export::{Export, ExportCode, ExportFilter, ExportFormat, ListedExport};

use crate::sample::{Fixture, Sample, on_each_engine, study_uid};

on_each_engine! {
    exports_are_kept_as_they_are_and_listed_last_first
    exports_are_found_by_account_patient_and_time
    a_list_goes_on_behind_the_last_of_its_page
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
    let of = |study| ExportFilter { study: Some(study_uid(study)), ..ExportFilter::default() };
    assert_eq!(found(&fixture, &of(1), 10).await, [third.code.clone(), first.code]);
    assert_eq!(found(&fixture, &ExportFilter::default(), 2).await, [third.code.clone(), second.code]);
    assert_eq!(found(&fixture, &of(3), 10).await, []);
    let [last] = fixture.index.exports(&of(1), 1).await.expect("listed").try_into().expect("one");
    assert_eq!(last, ListedExport { export: third, patient: None }, "of a study that is not here");
}

async fn found(fixture: &Fixture, filter: &ExportFilter, limit: u32) -> Vec<ExportCode> {
    let listed = fixture.index.exports(filter, limit).await.expect("listed");
    listed.into_iter().map(|listed| listed.export.code).collect()
}

async fn exports_are_found_by_account_patient_and_time(fixture: Fixture) {
    let sample = Sample::new(1, 1, 1).name(Attribute::PatientName, "TRẦN^VĂN AN", "tran van an");
    fixture.commit(&sample).await;
    let here = export(1, ExportFormat::Pdf);
    let other = Export { exported_by: "minh".to_owned(), at_ms: here.at_ms + 60_000, ..export(2, ExportFormat::Png) };
    for export in [&here, &other] {
        fixture.index.add_export(export).await.expect("kept");
    }
    let any = ExportFilter::default();
    let patient = fixture.index.exports(&any, 10).await.expect("listed").pop().expect("the first").patient.expect("is here");
    assert_eq!([&patient.id, &patient.name], ["P1", "TRẦN^VĂN AN"]);
    for (filter, expected) in [
        (ExportFilter { exported_by: "minh".to_owned(), ..any.clone() }, vec![&other]),
        (ExportFilter { exported_by: "MINH".to_owned(), ..any.clone() }, vec![]),
        (ExportFilter { patient_id: patient.id.clone(), ..any.clone() }, vec![&here]),
        (ExportFilter { patient_id: "nobody".to_owned(), ..any.clone() }, vec![]),
        (ExportFilter { from_ms: Some(other.at_ms), ..any.clone() }, vec![&other]),
        (ExportFilter { until_ms: Some(other.at_ms), ..any.clone() }, vec![&here]),
        (ExportFilter { from_ms: Some(here.at_ms), until_ms: Some(other.at_ms + 1), ..any.clone() }, vec![&other, &here]),
    ] {
        let codes: Vec<_> = expected.into_iter().map(|export| export.code.clone()).collect();
        assert_eq!(found(&fixture, &filter, 10).await, codes, "{filter:?}");
    }
}

async fn a_list_goes_on_behind_the_last_of_its_page(fixture: Fixture) {
    let mut codes = Vec::new();
    for _ in 0..5 {
        let export = export(1, ExportFormat::Png);
        fixture.index.add_export(&export).await.expect("kept");
        codes.insert(0, export.code);
    }
    let mut seen = Vec::new();
    let mut filter = ExportFilter::default();
    loop {
        let page = found(&fixture, &filter, 2).await;
        let Some(last) = page.last() else { break };
        filter.before = Some(last.clone());
        seen.extend(page);
    }
    assert_eq!(seen, codes, "each once, whatever is added meanwhile");
    filter.before = Some(ExportCode::generate());
    assert_eq!(found(&fixture, &filter, 2).await, [], "behind one that there is not");
}

async fn a_code_is_given_once(fixture: Fixture) {
    let export = export(1, ExportFormat::Pdf);
    fixture.index.add_export(&export).await.expect("kept");
    fixture.index.add_export(&export).await.expect_err("the code stands on a print already");
}
