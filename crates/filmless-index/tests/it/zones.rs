//! What a search that names its time zone finds among studies of several.

use filmless_model::attribute::Attribute;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::utc_offset::UtcOffset;

use crate::sample::{Fixture, Sample, on_each_engine, single};

on_each_engine! {
    dates_and_times_are_compared_in_the_zone_of_each_study
}

fn range(from: &str, to: &str) -> Matching {
    let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Matching::Range { from: end(from), to: end(to) }
}

/// Studies 1 and 2 are of one moment, in Việt Nam on 5 January and in UTC on the 4th. 3 has no zone, 4 one that cannot be
/// read, 5 no time.
async fn archive(fixture: &Fixture) {
    for (study, day, time, zone) in [
        (1, "20260105", "003000.5", "+0700"),
        (2, "20260104", "173000.5", "+0000"),
        (3, "20260105", "003000.5", ""),
        (4, "20260105", "003000.5", "local"),
        (5, "20260105", "", "+0000"),
    ] {
        let texts = [
            (Attribute::StudyDate, day),
            (Attribute::StudyTime, time),
            (Attribute::ContentDate, day),
            (Attribute::ContentTime, time),
            (Attribute::PatientBirthDate, "19800229"),
            (Attribute::TimezoneOffsetFromUtc, zone),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let sample = texts.fold(Sample::new(study, study, study), |sample, (attribute, text)| sample.text(attribute, text));
        fixture.commit(&sample).await;
    }
}

async fn dates_and_times_are_compared_in_the_zone_of_each_study(fixture: Fixture) {
    use Attribute::{ContentDate, ContentTime, PatientBirthDate, StudyDate, StudyTime};
    archive(&fixture).await;
    let day_and_time = |days: Matching, times: Matching| vec![(StudyDate, days), (StudyTime, times)];
    for (zone, matches, expected) in [
        // Without a zone all is as it is written.
        (None, vec![(StudyDate, single("20260105"))], "1345"),
        (None, vec![(StudyTime, single("0030"))], "134"),
        // Days, of which the hours fall on two days elsewhere.
        (Some("+0700"), vec![(StudyDate, single("20260105"))], "12345"),
        (Some("+0700"), vec![(StudyDate, single("20260104"))], ""),
        (Some("+0000"), vec![(StudyDate, single("20260104"))], "12"),
        (Some("+0000"), vec![(StudyDate, single("20260105"))], "345"),
        (Some("+0000"), vec![(StudyDate, range("", "20260104"))], "12"),
        (Some("-0330"), vec![(StudyDate, range("20260104", "20260104"))], "12"),
        (Some("-1200"), vec![(StudyDate, range("20260105", ""))], "345"),
        (Some("+0700"), vec![(StudyDate, Matching::Empty)], ""),
        // Times of day, which go on past midnight elsewhere.
        (Some("+0700"), vec![(StudyTime, single("0030"))], "1234"),
        (Some("+0000"), vec![(StudyTime, range("17", "18"))], "12"),
        (Some("+0000"), vec![(StudyTime, range("00", "01"))], "34"),
        (Some("+0700"), vec![(StudyTime, range("00", "12"))], "1234"),
        (Some("+0700"), vec![(StudyTime, range("", "003000.5"))], "1234"),
        (Some("+0700"), vec![(StudyTime, range("003000.6", ""))], ""),
        (Some("-0330"), vec![(StudyTime, range("135959", "140000.5"))], "12"),
        // Both together are moments.
        (Some("+0000"), day_and_time(range("20260104", "20260104"), range("1730", "1730")), "12"),
        (Some("+0700"), day_and_time(range("20260105", "20260106"), range("0030", "00")), "1234"),
        (Some("+0700"), day_and_time(range("20260105", ""), range("003001", "")), ""),
        (Some("+0000"), day_and_time(range("20260104", ""), range("", "16")), "34"),
        // Instances are of the zone of their study; people are born on a day.
        (Some("+0000"), vec![(ContentDate, single("20260104")), (ContentTime, single("173000.5"))], "12"),
        (Some("-1200"), vec![(PatientBirthDate, single("19800229"))], "12345"),
        // A day that no calendar has.
        (Some("+0000"), vec![(StudyDate, range("20260104", "20260231"))], "12345"),
    ] {
        let time_zone = zone.map(|zone| UtcOffset::parse(zone).expect("an offset"));
        for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
            let query = Query { matches: matches.clone(), combined_date_times: true, time_zone, ..Query::new(level) };
            let found = fixture.search(&query).await;
            let mut found: Vec<_> = found.iter().filter_map(|answer| answer.text(Attribute::PatientId)).collect();
            found.sort_unstable();
            assert_eq!(found.concat().replace('P', ""), expected, "{query:?}");
            assert_eq!(fixture.index.count(&query).await.expect("a count succeeds"), found.len() as u64, "{query:?}");
        }
    }
}
