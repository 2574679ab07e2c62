//! What can go wrong with the index, by what the caller can do about it.

/// A request to the index that failed. No message holds patient data: the databases' own words are causes, not texts.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database does not answer, or not in time. Trying again may help.
    #[error("the index database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The disk is full, or a limit of the database is reached.
    #[error("the index database is out of space or another resource")]
    OutOfResources(#[source] sqlx::Error),
    /// The URL names no database we know.
    #[error("{0}")]
    Url(String),
    /// The tables are missing or older than this program.
    #[error("the index has not been migrated to this version: run `filmless migrate`")]
    NotMigrated,
    /// The tables are newer than this program.
    #[error("the index was migrated by a newer filmless (migration {0}): update this one")]
    Newer(i64),
    /// A migration failed or differs from the one that was applied.
    #[error("cannot migrate the index")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A row refers to something that is not there, such as a token of an unknown account.
    #[error("the request breaks the constraint {constraint}")]
    Constraint {
        /// The constraint's name, where the engine tells it.
        constraint: String,
        /// The database's word.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what no version of this program writes.
    #[error("the index is corrupt: {0}")]
    Corrupt(String),
    /// Another failure of the database.
    #[error("the index database refused a statement")]
    Database(#[source] sqlx::Error),
}
