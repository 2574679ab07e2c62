//! The study list: any order, page after page; what each account has read and keeps; how far a study is.

use std::time::{Duration, Instant};

use filmless_index::{DeletionOrder, MOST_FILTERS};
use filmless_model::account::{Account, AccountName, Role};
use filmless_model::attribute::Attribute;
use filmless_model::order::{OrderAttribute, Put};
use filmless_model::performed_step::{PerformedSeries, ReportedStep, StepState};
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};
use filmless_model::study_list::{
    ListedStudy, Place, ReadMark, SavedFilter, SortValue, SortedBy, StudyListQuery, StudyOrder, StudyState,
};
use filmless_model::uid::SopClassUid;
use sqlx::{AnyPool, AssertSqlSafe};

use crate::orders;
use crate::performed_steps::{message, step};
use crate::sample::{Fixture, Sample, instance_uid, on_each_engine, series_uid, single, study, study_uid};

on_each_engine! {
    pages_in_every_order_make_the_whole_list
    a_place_holds_when_its_study_is_gone
    a_range_of_dates_bounds_the_order_by_date
    priors_are_of_the_same_patient_and_issuer
    what_is_read_is_an_accounts_own
    what_is_gone_is_no_longer_read
    a_study_is_as_far_as_machines_say
    choices_are_what_studies_have
    filters_are_kept_for_their_account
    a_page_far_down_costs_what_the_second_does
}

const NOW: i64 = 1_763_676_000_000;

fn reader() -> AccountName {
    AccountName::parse("lan").expect("a name")
}

/// Every study, newest first, long after the last came.
fn list() -> StudyListQuery {
    StudyListQuery {
        query: Query { limit: 1000, ..Query::new(QueryRetrieveLevel::Study) },
        order: StudyOrder::NEWEST,
        after: None,
        state: None,
        unread: false,
        reader: reader(),
        now_ms: NOW + 600_000,
    }
}

impl Fixture {
    async fn list(&self, query: &StudyListQuery) -> Vec<ListedStudy> {
        self.index.list_studies(query).await.expect("a page")
    }

    async fn listed(&self, n: u32) -> ListedStudy {
        let mut query = list();
        query.query.matches.push((Attribute::StudyInstanceUid, single(study_uid(n).as_str())));
        self.list(&query).await.pop().expect("the study is there")
    }

    async fn account(&self, name: &str) -> AccountName {
        let name = AccountName::parse(name).expect("a name");
        let account = Account::new(name.clone(), Role::Radiologist, "x".to_owned(), 0);
        assert!(self.index.add_account(&account).await.expect("added"));
        name
    }
}

fn uids(page: &[ListedStudy]) -> Vec<String> {
    page.iter().map(|row| row.study.text(Attribute::StudyInstanceUid).expect("a UID").to_owned()).collect()
}

fn orders() -> impl Iterator<Item = StudyOrder> {
    SortedBy::ALL.into_iter().flat_map(|by| [false, true].map(|descending| StudyOrder { by, descending }))
}

async fn pages_in_every_order_make_the_whole_list(fixture: Fixture) {
    // Values that are missing or level put every order to the test.
    for n in 0..24_u32 {
        let mut sample = Sample { patient: format!("P{}", n % 7), ..Sample::new(n, n, n) };
        for (every, attribute, text) in [
            (3, Attribute::StudyDate, format!("2026010{}", n % 4 + 1)),
            (4, Attribute::StudyTime, format!("0{}0000", n % 3)),
            (5, Attribute::PatientSex, ["F", "M"][n as usize % 2].to_owned()),
            (6, Attribute::PatientBirthDate, format!("19{}00101", n % 5 + 4)),
            (7, Attribute::AccessionNumber, format!("A{}", n % 6)),
            (3, Attribute::Modality, ["CT", "MR", "US"][n as usize % 3].to_owned()),
            (4, Attribute::BodyPartExamined, ["CHEST", "HEAD"][n as usize % 2].to_owned()),
            (5, Attribute::InstitutionName, ["Bệnh viện A", "Bệnh viện B"][n as usize % 2].to_owned()),
        ] {
            if n % every != 0 {
                sample = sample.text(attribute, &text);
            }
        }
        if n % 5 != 0 {
            sample = sample.name(Attribute::PatientName, &format!("Đỗ {}", n % 5), &format!("do {}", n % 5));
            sample = sample.name(Attribute::StudyDescription, "Sọ", &format!("so {}", n % 3));
        }
        fixture.commit(&sample).await;
        for more in 0..n % 3 {
            fixture.commit(&Sample { instance: 100 + 3 * n + more, ..sample.clone() }).await;
        }
    }
    for order in orders() {
        let whole = fixture.list(&StudyListQuery { order, ..list() }).await;
        assert_eq!(whole.len(), 24, "{order:?}");
        let ascending = |a: &ListedStudy, b: &ListedStudy| {
            let value = |row: &ListedStudy| match &row.place.0 {
                SortValue::Number(number) => (*number, String::new()),
                SortValue::Text(text) => (0, text.clone()),
            };
            (value(a), a.place.1) < (value(b), b.place.1)
        };
        assert!(whole.windows(2).all(|two| ascending(&two[0], &two[1]) != order.descending), "{order:?}");
        for size in [3, 24] {
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let mut query = StudyListQuery { order, after, ..list() };
                query.query.limit = size;
                let page = fixture.list(&query).await;
                let Some(last) = page.last() else { break };
                after = Some(last.place.clone());
                pages.extend(page);
            }
            assert_eq!(pages, whole, "{order:?} in pages of {size}");
        }
    }
}

async fn a_place_holds_when_its_study_is_gone(fixture: Fixture) {
    for n in 1..=4 {
        fixture.commit(&Sample::new(n, n, n).text(Attribute::StudyDate, &format!("2026010{n}"))).await;
    }
    let whole = fixture.list(&list()).await;
    let order = DeletionOrder { resource: study(3), deleted_by: "lan".to_owned(), at_ms: NOW };
    fixture.index.delete(&order).await.expect("deleted");
    let after = Some(whole[1].place.clone());
    assert_eq!(uids(&fixture.list(&StudyListQuery { after, ..list() }).await), uids(&whole[2..]));
}

async fn a_range_of_dates_bounds_the_order_by_date(fixture: Fixture) {
    for (n, date, time) in [(1, "20260101", "235959"), (2, "20260102", ""), (3, "20260103", "120000"), (4, "20260104", "000000")]
    {
        fixture.commit(&Sample::new(n, n, n).text(Attribute::StudyDate, date).text(Attribute::StudyTime, time)).await;
    }
    fixture.commit(&Sample::new(5, 5, 5)).await;
    let range =
        |from: Option<&str>, to: Option<&str>| Matching::Range { from: from.map(str::to_owned), to: to.map(str::to_owned) };
    for (matching, expected) in [
        (range(Some("20260102"), Some("20260103")), vec![3, 2]),
        (range(None, Some("20260102")), vec![2, 1]),
        (range(Some("20260103"), None), vec![4, 3]),
        (single("20260103"), vec![3]),
    ] {
        for order in orders() {
            let mut query = StudyListQuery { order, ..list() };
            query.query.matches.push((Attribute::StudyDate, matching.clone()));
            let mut found = uids(&fixture.list(&query).await);
            let mut expected: Vec<_> = expected.iter().map(|n| study_uid(*n).as_str().to_owned()).collect();
            if order != StudyOrder::NEWEST {
                found.sort();
                expected.sort();
            }
            assert_eq!(found, expected, "{matching:?} {order:?}");
        }
    }
}

async fn priors_are_of_the_same_patient_and_issuer(fixture: Fixture) {
    let of = |patient: &str, issuer: &str, n| Sample {
        patient: patient.to_owned(),
        issuer: issuer.to_owned(),
        ..Sample::new(n, n, n)
    };
    for sample in [of("A", "X", 1), of("A", "X", 2), of("A", "X", 3), of("A", "Y", 4), of("", "", 5), of("", "", 6)] {
        fixture.commit(&sample).await;
    }
    for (n, expected) in [(1, 2), (2, 2), (3, 2), (4, 0), (5, 0), (6, 0)] {
        assert_eq!(fixture.listed(n).await.priors, expected, "study {n}");
    }
}

async fn what_is_read_is_an_accounts_own(fixture: Fixture) {
    let (lan, minh) = (fixture.account("lan").await, fixture.account("minh").await);
    let index = &fixture.index;
    for n in 1..=2 {
        fixture.commit(&Sample::new(n, n, n)).await;
    }
    let unread = || StudyListQuery { unread: true, ..list() };
    assert!(index.mark_read(&lan, &study_uid(1), NOW).await.expect("marked"));
    assert!(index.mark_read(&lan, &study_uid(1), NOW + 1).await.expect("marked again"));
    assert_eq!(fixture.listed(1).await.read, ReadMark::Read);
    assert_eq!(fixture.listed(2).await.read, ReadMark::Unread);
    assert_eq!(uids(&fixture.list(&unread()).await), [study_uid(2).as_str()]);
    assert_eq!(fixture.list(&StudyListQuery { reader: minh.clone(), ..unread() }).await.len(), 2);

    fixture.commit(&Sample::new(1, 1, 11)).await;
    assert_eq!(fixture.listed(1).await.read, ReadMark::Changed);
    assert_eq!(fixture.list(&unread()).await.len(), 2);
    assert!(index.mark_unread(&minh, &study_uid(1)).await.expect("nothing to do"));
    assert_eq!(fixture.listed(1).await.read, ReadMark::Changed);
    assert!(index.mark_unread(&lan, &study_uid(1)).await.expect("unmarked"));
    assert_eq!(fixture.listed(1).await.read, ReadMark::Unread);
    assert!(!index.mark_read(&lan, &study_uid(9), NOW).await.expect("asked"), "there is no such study");
    assert!(!index.mark_unread(&lan, &study_uid(9)).await.expect("asked"));
}

async fn what_is_gone_is_no_longer_read(fixture: Fixture) {
    let lan = fixture.account("lan").await;
    let sample = Sample::new(1, 1, 1);
    fixture.commit(&sample).await;
    assert!(fixture.index.mark_read(&lan, &study_uid(1), NOW).await.expect("marked"));
    let order = DeletionOrder { resource: study(1), deleted_by: "lan".to_owned(), at_ms: NOW };
    fixture.index.delete(&order).await.expect("deleted");
    fixture.commit(&sample).await;
    assert_eq!(fixture.listed(1).await.read, ReadMark::Unread);
}

async fn a_study_is_as_far_as_machines_say(fixture: Fixture) {
    let index = &fixture.index;
    for n in 1..=4 {
        fixture.commit(&Sample::new(n, n, n)).await;
    }
    let class = || SopClassUid::parse("1.2.840.10008.5.1.4.1.1.2").expect("a UID");
    let made = |n: u32, state, instances: &[u32]| ReportedStep {
        state,
        changed_ms: NOW + 500_000,
        series: vec![PerformedSeries {
            series: series_uid(n),
            instances: instances.iter().map(|instance| (class(), instance_uid(*instance))).collect(),
        }],
        ..step(n, "20261122", &[n, n])
    };
    for step in
        [made(2, StepState::InProgress, &[]), made(3, StepState::Completed, &[3, 31, 32]), made(4, StepState::Completed, &[4])]
    {
        assert!(index.add_step(&step, &message(1)).await.expect("added"));
    }
    let mut order = orders::order(1);
    order.words.insert(OrderAttribute::StudyInstanceUid, study_uid(1).as_str().to_owned());
    index.put_order(&orders::commit(order, Put::Create)).await.expect("put");

    for (n, state, missing, awaited) in [
        (1, StudyState::Received, 0, 1),
        (2, StudyState::Arriving, 0, 0),
        (3, StudyState::Incomplete, 2, 0),
        (4, StudyState::Complete, 0, 0),
    ] {
        let row = fixture.listed(n).await;
        assert_eq!((row.state, row.missing, row.awaited), (state, missing, awaited), "study {n}");
        let of_state = fixture.list(&StudyListQuery { state: Some(state), ..list() }).await;
        assert_eq!(of_state, [row], "{state:?}");
    }
    let just_now = StudyListQuery { state: Some(StudyState::Arriving), now_ms: NOW + 1000, ..list() };
    assert_eq!(fixture.list(&just_now).await.len(), 4, "they came a moment ago");
    let next_day = StudyListQuery { state: Some(StudyState::Arriving), now_ms: NOW + 86_400_000, ..list() };
    assert_eq!(fixture.list(&next_day).await, [], "that machine never said that it was done");

    fixture.commit(&Sample::new(3, 3, 31)).await;
    fixture.commit(&Sample::new(3, 3, 32)).await;
    assert_eq!(fixture.listed(3).await.state, StudyState::Complete);
}

async fn choices_are_what_studies_have(fixture: Fixture) {
    assert_eq!(fixture.index.list_choices().await.expect("read").body_parts, [""; 0]);
    for (n, part, institution) in [(1, "HEAD", "Bệnh viện B"), (2, "CHEST", ""), (3, "HEAD", "Bệnh viện A"), (4, "", "")]
    {
        let sample = Sample::new(n, n, n).text(Attribute::BodyPartExamined, part);
        fixture.commit(&sample.text(Attribute::InstitutionName, institution)).await;
    }
    let choices = fixture.index.list_choices().await.expect("read");
    assert_eq!(choices.body_parts, ["CHEST", "HEAD"]);
    assert_eq!(choices.institutions, ["Bệnh viện A", "Bệnh viện B"]);
    let mut query = list();
    query.query.matches.push((Attribute::InstitutionName, single("Bệnh viện A")));
    let found = fixture.list(&query).await;
    assert_eq!(uids(&found), [study_uid(3).as_str()]);
    assert_eq!((&found[0].body_parts, &found[0].institutions), (&vec!["HEAD".to_owned()], &vec!["Bệnh viện A".to_owned()]));
}

async fn filters_are_kept_for_their_account(fixture: Fixture) {
    let (lan, minh) = (fixture.account("lan").await, fixture.account("minh").await);
    let index = &fixture.index;
    let filter = |name: &str, opens| SavedFilter { name: name.to_owned(), definition: r#"{"q":"ễ"}"#.to_owned(), opens };
    for saved in [filter("Cấp cứu", true), filter("CT", false)] {
        assert!(index.put_saved_filter(&lan, &saved).await.expect("kept"));
    }
    assert!(index.put_saved_filter(&lan, &filter("CT", true)).await.expect("changed"));
    assert_eq!(index.saved_filters(&lan).await.expect("read"), [filter("CT", true), filter("Cấp cứu", false)]);
    assert_eq!(index.saved_filters(&minh).await.expect("read"), []);
    assert!(!index.remove_saved_filter(&minh, "CT").await.expect("asked"));
    assert!(index.remove_saved_filter(&lan, "CT").await.expect("removed"));
    assert_eq!(index.saved_filters(&lan).await.expect("read"), [filter("Cấp cứu", false)]);
    for n in 1..MOST_FILTERS {
        assert!(index.put_saved_filter(&lan, &filter(&n.to_string(), false)).await.expect("kept"));
    }
    assert!(!index.put_saved_filter(&lan, &filter("one more", false)).await.expect("refused"));
    assert!(index.put_saved_filter(&lan, &filter("7", true)).await.expect("changed"), "one that is there");
}

/// So many studies; as generated rows, for storing them would take minutes.
const MANY: u32 = 200_000;

async fn fill(fixture: &Fixture) {
    fixture.commit(&Sample::new(0, 0, 0)).await;
    let pool = AnyPool::connect(&fixture.config.url).await.expect("the same database");
    let numbers = format!("with recursive n (i) as (select 1 union all select i + 1 from n where i < {MANY})");
    let text = |expression: &str| format!("cast({expression} as text)");
    for sql in [
        format!(
            "insert into patients (patient_id, issuer_of_patient_id) {numbers} select 'BN' || {}, '' from n where i % 2 = 0",
            text("i")
        ),
        format!(
            "insert into studies (patient_key, study_instance_uid, patient_name_folded, patient_birth_date, patient_sex, \
             study_date, study_time, accession_number, study_description_folded) {numbers} \
             select p.patient_key, '1.9.' || {}, 'nguyen van ' || {}, {}, case when i % 2 = 0 then 'M' else 'F' end, \
             {}, '080000', 'A' || {}, 'ct ' || {} from n join patients p on p.patient_id = 'BN' || {}",
            text("i"),
            text("(i * 7919) % 5000"),
            text("19400101 + i % 600000"),
            text("20100101 + i % 160000"),
            text("i"),
            text("i % 30"),
            text("i - i % 2"),
        ),
    ] {
        sqlx::query(AssertSqlSafe(sql)).execute(&pool).await.expect("rows");
    }
    sqlx::query("analyze").execute(&pool).await.expect("statistics");
    pool.close().await;
}

async fn a_page_far_down_costs_what_the_second_does(fixture: Fixture) {
    fill(&fixture).await;
    let total = fixture.index.count(&Query::new(QueryRetrieveLevel::Study)).await.expect("counted");
    assert!(total >= u64::from(MANY) - 1, "{total}");
    let indexed = |order: &StudyOrder| {
        use SortedBy::{BodyPart, Instances, Institution, Modality, Priors};
        !matches!(order.by, Modality | BodyPart | Institution | Instances | Priors)
    };
    for order in orders().filter(indexed) {
        let page = |after: Option<Place>, limit| {
            let mut query = StudyListQuery { order, after, ..list() };
            query.query.limit = limit;
            query
        };
        // The far place is found from the other end of the list.
        let from_the_end = StudyListQuery { order: StudyOrder { descending: !order.descending, ..order }, ..page(None, 5000) };
        let near = fixture.list(&page(None, 100)).await.pop().expect("many").place;
        let far = fixture.list(&from_the_end).await.pop().expect("many").place;
        let rows = [0, 100, total - 5000];
        let queries = [None, Some(near), Some(far)].map(|after| page(after, 100));
        // By turns, so that what else the machine does slows all of them down.
        let mut best = [Duration::MAX; 3];
        for _ in 0..10 {
            for (query, best) in queries.iter().zip(&mut best) {
                let begun = Instant::now();
                assert_eq!(fixture.list(query).await.len(), 100);
                *best = (*best).min(begun.elapsed());
            }
        }
        // Reading all the rows before it, or sorting those that are level with it, takes ten times as long at least.
        let most = best[0].max(Duration::from_millis(5)) * 5;
        assert!(best.iter().all(|taken| *taken < most), "{order:?}: {best:?} behind rows {rows:?}");
    }
}
