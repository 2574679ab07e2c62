//! Data sets of the Instance Availability Notification (PS3.4 table R.3.2-1), written by hand: a study may have tens of
//! thousands of instances.

use dicom_core::VR;
use filmless_model::attribute::Tag;
use filmless_model::availability::{Availability, AvailableStudy};
use filmless_model::uid::TransferSyntaxUid;

use crate::element_header::{put_element, put_header_in, put_item};
use crate::header::{Encoding, ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, Syntax, UNDEFINED};

const RETRIEVE_AE_TITLE: Tag = Tag(0x0008, 0x0054);
const INSTANCE_AVAILABILITY: Tag = Tag(0x0008, 0x0056);
const REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE: Tag = Tag(0x0008, 0x1111);
const REFERENCED_SERIES_SEQUENCE: Tag = Tag(0x0008, 0x1115);
const REFERENCED_SOP_CLASS_UID: Tag = Tag(0x0008, 0x1150);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x1155);
const RETRIEVE_URL: Tag = Tag(0x0008, 0x1190);
const REFERENCED_SOP_SEQUENCE: Tag = Tag(0x0008, 0x1199);
const STUDY_INSTANCE_UID: Tag = Tag(0x0020, 0x000D);
const SERIES_INSTANCE_UID: Tag = Tag(0x0020, 0x000E);
const PERFORMED_WORKITEM_CODE_SEQUENCE: Tag = Tag(0x0040, 0x4019);

const PERFORMED_PROCEDURE_STEP: &str = dicom_dictionary_std::uids::MODALITY_PERFORMED_PROCEDURE_STEP;

/// Says what of a study can be retrieved from us, by DIMSE, and by DICOMweb if the address of that is known.
pub fn write(
    available: &AvailableStudy,
    retrieve_ae_title: &str,
    dicomweb: Option<&str>,
    transfer_syntax: &TransferSyntaxUid,
) -> Vec<u8> {
    let encoding = Syntax::of(transfer_syntax).encoding;
    let mut out = Vec::new();
    put_items(encoding, &mut out, REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, &available.step, |out, step| {
        put_uid(encoding, out, REFERENCED_SOP_CLASS_UID, PERFORMED_PROCEDURE_STEP);
        put_uid(encoding, out, REFERENCED_SOP_INSTANCE_UID, step.as_str());
        put_header_in(encoding, out, PERFORMED_WORKITEM_CODE_SEQUENCE, VR::SQ, 0);
    });
    put_items(encoding, &mut out, REFERENCED_SERIES_SEQUENCE, &available.series, |out, (series, references)| {
        let url = dicomweb.map(|base| format!("{base}/studies/{}/series/{series}/instances/", available.study));
        put_items(encoding, out, REFERENCED_SOP_SEQUENCE, references, |out, ((class, instance), availability)| {
            put_element(encoding, out, RETRIEVE_AE_TITLE, VR::AE, retrieve_ae_title.as_bytes());
            put_element(encoding, out, INSTANCE_AVAILABILITY, VR::CS, availability.as_str().as_bytes());
            put_uid(encoding, out, REFERENCED_SOP_CLASS_UID, class.as_str());
            put_uid(encoding, out, REFERENCED_SOP_INSTANCE_UID, instance.as_str());
            if let (Some(url), Availability::Online) = (&url, availability) {
                put_element(encoding, out, RETRIEVE_URL, VR::UR, format!("{url}{instance}").as_bytes());
            }
        });
        put_uid(encoding, out, SERIES_INSTANCE_UID, series.as_str());
    });
    put_uid(encoding, &mut out, STUDY_INSTANCE_UID, available.study.as_str());
    out
}

fn put_uid(encoding: Encoding, out: &mut Vec<u8>, tag: Tag, uid: &str) {
    put_element(encoding, out, tag, VR::UI, uid.as_bytes());
}

/// A sequence of an item for each of `items`.
fn put_items<'a, T: 'a>(
    encoding: Encoding,
    out: &mut Vec<u8>,
    tag: Tag,
    items: impl IntoIterator<Item = &'a T>,
    put: impl Fn(&mut Vec<u8>, &T),
) {
    put_header_in(encoding, out, tag, VR::SQ, UNDEFINED);
    for item in items {
        put_item(encoding, out, ITEM, UNDEFINED);
        put(out, item);
        put_item(encoding, out, ITEM_DELIMITER, 0);
    }
    put_item(encoding, out, SEQUENCE_DELIMITER, 0);
}

#[cfg(test)]
mod tests {
    use filmless_model::uid::{SeriesInstanceUid, SopClassUid, SopInstanceUid, StudyInstanceUid};

    use super::*;
    use crate::identifier::{Key, KeyValue, read};

    fn items(keys: &[Key], tag: Tag) -> Vec<Vec<Key>> {
        match keys.iter().find(|key| key.tag == tag).map(|key| &key.value) {
            Some(KeyValue::Items(items)) => items.clone(),
            other => panic!("{tag:?}: {other:?}"),
        }
    }

    fn texts(keys: &[Key]) -> Vec<String> {
        let text = |key: &Key| match &key.value {
            KeyValue::Text(text) => Some(text.trim_matches([' ', '\0']).to_owned()),
            KeyValue::Items(_) => None,
        };
        keys.iter().filter_map(text).collect()
    }

    #[test]
    fn a_study_is_written_as_it_reads() {
        let class = SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID");
        let instance = |n: u32| SopInstanceUid::parse(&format!("1.2.3.{n}")).expect("a UID");
        let online = |n| ((class.clone(), instance(n)), Availability::Online);
        let gone = |n| ((class.clone(), instance(n)), Availability::Unavailable);
        let series = |n: u32| SeriesInstanceUid::parse(&format!("1.2.4.{n}")).expect("a UID");
        let mut available = AvailableStudy {
            study: StudyInstanceUid::parse("1.2.5").expect("a UID"),
            series: vec![(series(1), vec![online(1), gone(2)]), (series(2), vec![online(3)])],
            last_deletion: 0,
            step: Some(SopInstanceUid::parse("1.2.6").expect("a UID")),
        };
        for uid in ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"] {
            let syntax = TransferSyntaxUid::parse(uid).expect("a UID");
            let keys = read(&write(&available, "FILMLESS", Some("https://x/dicom-web"), &syntax), &syntax).expect("a data set");
            assert_eq!(texts(&keys), ["1.2.5"]);
            let steps = items(&keys, REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE);
            assert_eq!((steps.len(), texts(&steps[0])), (1, vec![PERFORMED_PROCEDURE_STEP.to_owned(), "1.2.6".to_owned()]));
            assert_eq!(items(&steps[0], PERFORMED_WORKITEM_CODE_SEQUENCE), Vec::<Vec<Key>>::new());
            let all = items(&keys, REFERENCED_SERIES_SEQUENCE);
            let counts: Vec<_> = all.iter().map(|one| (texts(one), items(one, REFERENCED_SOP_SEQUENCE).len())).collect();
            assert_eq!(counts, [(vec!["1.2.4.1".to_owned()], 2), (vec!["1.2.4.2".to_owned()], 1)]);
            let url = "https://x/dicom-web/studies/1.2.5/series/1.2.4.2/instances/1.2.3.3";
            let last = texts(&items(&all[1], REFERENCED_SOP_SEQUENCE)[0]);
            assert_eq!(last, ["FILMLESS", "ONLINE", class.as_str(), "1.2.3.3", url]);
            let gone = texts(&items(&all[0], REFERENCED_SOP_SEQUENCE)[1]);
            assert_eq!(gone, ["FILMLESS", "UNAVAILABLE", class.as_str(), "1.2.3.2"], "there is no address to have it from");
        }
        available.step = None;
        let syntax = TransferSyntaxUid::parse("1.2.840.10008.1.2.1").expect("a UID");
        let keys = read(&write(&available, "FILMLESS", None, &syntax), &syntax).expect("a data set");
        assert_eq!(items(&keys, REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE), Vec::<Vec<Key>>::new());
        let all = items(&keys, REFERENCED_SERIES_SEQUENCE);
        assert_eq!(texts(&items(&all[0], REFERENCED_SOP_SEQUENCE)[0]).len(), 4, "no address");
    }
}
