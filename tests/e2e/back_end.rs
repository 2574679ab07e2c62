//! The two back ends that every scenario runs on.

use filmless_testkit::postgres::PostgresCluster;
use filmless_testkit::s3::S3Server;
use filmless_testkit::site::Site;

/// SQLite and a folder.
pub(crate) fn embedded() -> Site {
    Site::embedded()
}

/// Postgres and S3: a database and a bucket of its own; `None` where Postgres is to be skipped.
pub(crate) async fn external() -> Option<Site> {
    let url = PostgresCluster::shared()?.create_database().await;
    let name = url.rsplit('/').next().expect("a URL ends with the name of the database").replace('_', "-");
    Some(Site::external(&url, &S3Server::shared().bucket(&name)))
}
