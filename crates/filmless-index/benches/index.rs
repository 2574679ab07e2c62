//! What commits and searches cost, on both engines, in one run: `cargo bench -p filmless-index`. The disk that counts
//! is the one that holds the temporary folder (`TMPDIR`); Postgres runs without syncs, so its commits are only a bound.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::time::{Duration, Instant};

use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::attribute::Attribute;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};

#[path = "../tests/it/sample.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "shared with the tests, which use all of it")]
mod sample;

use sample::{Fixture, Sample, series_uid, single, store, study_uid};

const STUDIES: u32 = 50;
const INSTANCES: u32 = 500;

fn instance(study: u32, n: u32) -> Sample {
    let sample = Sample::new(study, study * 10 + n % 5, study * 10_000 + n);
    sample
        .name(Attribute::PatientName, "Nguyễn^Văn An", "nguyen van an")
        .text(Attribute::StudyDate, &format!("202601{:02}", study % 28 + 1))
        .text(Attribute::StudyTime, "103000")
        .text(Attribute::AccessionNumber, &format!("ACC{study}"))
        .text(Attribute::Modality, "CT")
        .number(Attribute::SeriesNumber, i64::from(n % 5))
        .number(Attribute::InstanceNumber, i64::from(n))
        .number(Attribute::Rows, 512)
        .number(Attribute::Columns, 512)
}

/// Commits `count` instances from `writers` tasks and prints the rate.
async fn commits(fixture: &Fixture, first_study: u32, writers: u32, count: u32) {
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let index = fixture.index.clone();
            tokio::spawn(async move {
                for n in 0..count / writers {
                    store(&*index, &instance(first_study + writer, n)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a writer writes");
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    println!("  commits, {writers:2} writers      {rate:8.0} /s");
}

/// Prints the median time of what `act` does.
async fn median(what: &str, rounds: usize, mut act: impl AsyncFnMut()) {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        act().await;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median: Duration = times[rounds / 2];
    println!("  {what:24} {:8.0} µs", median.as_secs_f64() * 1e6);
}

async fn measure(name: &str, fixture: Fixture) {
    println!("{name}");
    for (first_study, writers) in [(1000, 1), (2000, 4), (3000, 16)] {
        commits(&fixture, first_study, writers, 1600).await;
    }
    let fill: Vec<_> = (0..STUDIES)
        .map(|study| {
            let index = fixture.index.clone();
            tokio::spawn(async move {
                for n in 0..INSTANCES {
                    store(&*index, &instance(study, n)).await;
                }
            })
        })
        .collect();
    for task in fill {
        task.await.expect("a writer writes");
    }
    let found = async |query: &Query, expected: usize| {
        assert_eq!(fixture.index.search(query).await.expect("a search succeeds").len(), expected);
    };
    let by_patient = Query { matches: vec![(Attribute::PatientId, single("P7"))], ..Query::new(QueryRetrieveLevel::Study) };
    median("search by PatientID", 1000, async || found(&by_patient, 1).await).await;
    let by_name = Query {
        matches: vec![(Attribute::PatientName, Matching::WildCard("nguyen*".to_owned()))],
        limit: 50,
        ..Query::new(QueryRetrieveLevel::Study)
    };
    median("page of 50 by name", 200, async || found(&by_name, 50).await).await;
    let page = Query { limit: 50, ..Query::new(QueryRetrieveLevel::Study) };
    median("page of 50 studies", 200, async || found(&page, 50).await).await;
    let instances = Query { study: Some(study_uid(7)), limit: 500, ..Query::new(QueryRetrieveLevel::Instance) };
    median("search 500 instances", 100, async || found(&instances, 500).await).await;
    let study = Resource::Study(study_uid(7));
    median("retrieve 500 instances", 100, async || {
        assert_eq!(fixture.index.instances(&study).await.expect("a retrieve succeeds").len(), 500);
    })
    .await;
    let series = Resource::Series(SeriesAddress { study: study_uid(7), series: series_uid(71) });
    median("headers of 100 instances", 100, async || {
        assert_eq!(fixture.index.dicom_json(&series).await.expect("a retrieve succeeds").len(), 100);
    })
    .await;
    fixture.index.close().await;
}

#[tokio::main]
async fn main() {
    measure("SQLite", Fixture::sqlite().await).await;
    if let Some(fixture) = Fixture::postgres().await {
        measure("Postgres", fixture).await;
    }
}
