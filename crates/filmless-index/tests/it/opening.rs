//! Opening, migrating and closing.

use filmless_index::{IndexConfig, IndexError, migrate, open};
use sqlx::{AnyConnection, Connection, Executor};

use crate::sample::{Fixture, Sample, on_each_engine};

on_each_engine! {
    migrating_again_changes_nothing
    tables_of_a_newer_program_are_refused
    what_was_committed_is_there_after_reopening
    a_closed_index_says_so
}

async fn execute(config: &IndexConfig, sql: &'static str) {
    let mut connection = AnyConnection::connect(&config.url).await.expect("the database is there");
    connection.execute(sql).await.expect("a valid statement");
    connection.close().await.expect("an idle connection closes");
}

async fn migrating_again_changes_nothing(fixture: Fixture) {
    assert_eq!(migrate(&fixture.config).await.expect("migrated"), [""; 0]);
    fixture.index.ping().await.expect("an answer");
}

async fn tables_of_a_newer_program_are_refused(fixture: Fixture) {
    execute(&fixture.config, "update _sqlx_migrations set version = 9999 where version = 1").await;
    let opened = open(&fixture.config).await.map(|_| ());
    assert!(matches!(opened, Err(IndexError::Newer(9999))), "{opened:?}");
    let migrated = migrate(&fixture.config).await;
    assert!(matches!(migrated, Err(IndexError::Newer(9999))), "{migrated:?}");
    let words = IndexError::Newer(9999).to_string();
    assert!(words.contains("filmless migrate"), "{words}");

    execute(&fixture.config, "delete from _sqlx_migrations").await;
    let opened = open(&fixture.config).await.map(|_| ());
    assert!(matches!(opened, Err(IndexError::NotMigrated)), "{opened:?}");
}

async fn what_was_committed_is_there_after_reopening(fixture: Fixture) {
    let committed = fixture.commit(&Sample::new(1, 1, 1)).await;
    fixture.index.close().await;
    let index = open(&fixture.config).await.expect("it opens again");
    let versions = index.versions(None, 10).await.expect("listed");
    assert_eq!(versions.iter().map(|version| version.id).collect::<Vec<_>>(), [committed.version]);
}

async fn a_closed_index_says_so(fixture: Fixture) {
    fixture.index.close().await;
    let committed = fixture.index.commit_version(Sample::new(1, 1, 1).commit()).await;
    assert!(matches!(committed, Err(IndexError::Closed)), "{committed:?}");
    let pinged = fixture.index.ping().await;
    assert!(matches!(pinged, Err(IndexError::Closed)), "{pinged:?}");
    fixture.index.close().await;
}

#[tokio::test]
async fn an_index_that_was_never_migrated_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = IndexConfig::new(format!("sqlite:{}", folder.path().join("không có.db").display()));
    let opened = open(&config).await.map(|_| ());
    assert!(matches!(opened, Err(IndexError::NotMigrated)), "{opened:?}");
    assert!(!folder.path().join("không có.db").exists(), "opening makes no file");
    let applied = migrate(&config).await.expect("migrated");
    assert_eq!(
        applied,
        [
            "0001_archive",
            "0002_deletions",
            "0003_further_attributes",
            "0004_request_attributes",
            "0005_time_zones",
            "0006_orders",
            "0007_performed_steps",
            "0008_peer_certificates",
            "0009_commitments",
            "0010_peer_settings",
            "0011_forwarding",
            "0012_peer_tls",
            "0013_asked_commitments",
            "0014_coercions",
            "0015_proofs",
            "0016_availability",
            "0017_availability_told",
            "0018_asked_commitments_listed",
            "0019_study_list",
            "0030_account_settings",
            "0040_exports",
            "0041_audit_log",
            "0042_roles",
            "0043_sign_in",
            "0044_second_factor",
        ]
    );
    open(&config).await.expect("it opens now").close().await;
}

#[tokio::test]
async fn a_url_that_names_no_database_is_refused() {
    for url in ["", "mysql://localhost/db", "/var/lib/filmless.db", "postgres://[::1/db"] {
        let opened = open(&IndexConfig::new(url)).await.map(|_| ());
        assert!(matches!(opened, Err(IndexError::Url(_))), "{url}: {opened:?}");
    }
    let secret = format!("{:?}", IndexConfig::new("postgres://lan:hunter2@localhost/db"));
    assert!(!secret.contains("hunter2"), "{secret}");
}
