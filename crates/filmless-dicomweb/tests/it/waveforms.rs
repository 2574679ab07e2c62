//! Waveforms drawn on paper.

use axum::http::StatusCode;
use filmless_model::uid::SopClassUid;
use filmless_testkit::instance::Instance;

use crate::elements::{element, items};
use crate::site::{Site, instance_path, stored};

/// A waveform of one channel of words.
pub(crate) fn waveform(sop_class: &str, interpretation: &[u8], samples: &[i16]) -> Instance {
    let group = vec![
        element(0x003A, 0x0005, "US", &1u16.to_le_bytes()),
        element(0x003A, 0x0010, "UL", &u32::try_from(samples.len()).expect("few").to_le_bytes()),
        element(0x003A, 0x001A, "DS", b"500"),
        element(0x5400, 0x1004, "US", &16u16.to_le_bytes()),
        element(0x5400, 0x1006, "CS", interpretation),
        element(0x5400, 0x1010, "OW", &samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<_>>()),
    ];
    Instance {
        sop_class: SopClassUid::parse(sop_class).expect("a UID"),
        extra: vec![(0x5400, 0x0100, "SQ", items(&[group]))],
        ..Instance::ct()
    }
}

#[tokio::test]
async fn an_ecg_is_drawn_with_its_leads_on_a_grid() {
    let site = Site::new().await;
    let path = stored(&site, "dicom/ecg/waveform_ecg.dcm").await;
    let answer = site.get(&format!("{path}/rendered"), "image/*,*/*;q=0.8").await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "image/svg+xml"), "{}", answer.text());
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'; sandbox");
    let svg = answer.text();
    for lead in ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"] {
        assert!(svg.contains(&format!(">{lead}</text>")), "{lead}");
    }
    assert!(svg.contains("25 mm/s · 10 mm/mV") && svg.contains("RITMO SINUSALE"), "captions");
    assert!(svg.len() < 1 << 20, "{} bytes", svg.len());
    site.get(&format!("{path}/rendered"), "image/jpeg").await.assert_problem(406, "not-acceptable");
}

#[tokio::test]
async fn what_cannot_be_drawn_says_so() {
    let site = Site::new().await;
    for instance in [
        waveform("1.2.840.10008.5.1.4.1.1.9.1.2", b"AB", &[1, 2]),
        waveform("1.2.840.10008.5.1.4.1.1.9.1.2", b"SS", &[]),
        Instance { sop_class: SopClassUid::parse("1.2.840.10008.5.1.4.1.1.9.1.2").expect("a UID"), ..Instance::ct() },
    ] {
        site.fill(std::slice::from_ref(&instance)).await;
        site.get(&format!("{}/rendered", instance_path(&instance)), "*/*").await.assert_problem(406, "no-pixels");
    }
}

#[tokio::test]
async fn of_a_long_record_the_beginning_is_drawn() {
    let site = Site::new().await;
    let samples: Vec<i16> = (0..100_000).map(|at| i16::try_from(at % 100).expect("small")).collect();
    let instance = waveform("1.2.840.10008.5.1.4.1.1.9.1.3", b"SS", &samples);
    site.fill(std::slice::from_ref(&instance)).await;
    let svg = site.get(&format!("{}/rendered", instance_path(&instance)), "image/svg+xml").await;
    assert!(svg.status == StatusCode::OK && svg.text().contains("first 60 s of 200 s"), "{}", svg.text().len());
}
