//! Pages laid side by side are the whole list, whatever their size.

use filmless_model::attribute::Attribute;
use filmless_model::query::{Query, QueryRetrieveLevel};

use crate::sample::{Fixture, Sample, on_each_engine};

on_each_engine! {
    pages_of_any_size_make_the_whole_list
    a_page_beyond_the_end_is_empty
}

async fn pages_of_any_size_make_the_whole_list(fixture: Fixture) {
    // Dates and numbers that are missing or equal put the order to the test.
    for n in 0..24_u32 {
        let mut sample = Sample { patient: "P".to_owned(), ..Sample::new(n / 3, n / 2 + 100, n) };
        if n % 4 != 0 {
            sample = sample.text(Attribute::StudyDate, &format!("2026010{}", n % 2 + 1));
        }
        if n % 5 != 0 {
            sample = sample.number(Attribute::SeriesNumber, i64::from(n % 3)).number(Attribute::InstanceNumber, i64::from(n % 2));
        }
        fixture.commit(&Sample { series: n + 100, ..sample }).await;
    }
    for level in [QueryRetrieveLevel::Study, QueryRetrieveLevel::Series, QueryRetrieveLevel::Instance] {
        let whole = fixture.search(&Query { limit: 1000, ..Query::new(level) }).await;
        assert_eq!(whole.len(), if level == QueryRetrieveLevel::Study { 8 } else { 24 });
        for size in [1, 2, 3, 5, 7, 23, 24, 25] {
            let mut pages = Vec::new();
            loop {
                let page = fixture.search(&Query { limit: size, offset: pages.len() as u64, ..Query::new(level) }).await;
                if page.is_empty() {
                    break;
                }
                pages.extend(page);
            }
            assert_eq!(pages, whole, "{level:?} in pages of {size}");
        }
    }
}

async fn a_page_beyond_the_end_is_empty(fixture: Fixture) {
    fixture.commit(&Sample::new(1, 1, 1)).await;
    for (limit, offset) in [(0, 0), (10, 1), (u32::MAX, u64::MAX)] {
        let query = Query { limit, offset, ..Query::new(QueryRetrieveLevel::Study) };
        assert_eq!(fixture.search(&query).await, [], "{limit} from {offset}");
    }
    let query = Query { limit: u32::MAX, ..Query::new(QueryRetrieveLevel::Study) };
    assert_eq!(fixture.search(&query).await.len(), 1);
}
