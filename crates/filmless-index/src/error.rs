//! What can go wrong with the index, by what the caller can do about it.

/// A request to the index that failed. Messages hold no patient data.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database does not answer, or not in time. Trying again may help.
    #[error("the index database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Another request of the same group failed and took this one with it. Trying again may help.
    #[error("the index could not commit: {0}")]
    NotCommitted(String),
    /// The disk is full, or a limit of the database is reached.
    #[error("the index database is out of space or another resource")]
    OutOfResources(#[source] sqlx::Error),
    /// The index has been closed.
    #[error("the index is closed")]
    Closed,
    /// The URL names no database we know.
    #[error("{0}")]
    Url(String),
    /// The tables are missing or older than this program.
    #[error("the index has not been migrated to this version: run `filmless migrate`")]
    NotMigrated,
    /// The tables are newer than this program.
    #[error(
        "the index was migrated by a newer filmless (migration {0}), which this one cannot read: update this one, then run `filmless migrate`"
    )]
    Newer(i64),
    /// A migration failed or differs from the one that was applied.
    #[error("cannot migrate the index")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A row is missing, doubled or refers to one that is not there, such as a token of an unknown account.
    #[error("the request breaks a constraint of the index")]
    Constraint(#[source] sqlx::Error),
    /// A row, or the database file, holds what no version of this program writes.
    #[error("the index is corrupt: {0}")]
    Corrupt(String),
    /// Another failure of the database.
    #[error("the index database refused a statement")]
    Database(#[source] sqlx::Error),
}

/// What a database's error code says.
enum Meaning {
    Busy,
    Full,
    Damaged,
    Other,
}

/// Reads SQLite's primary result code: <https://www.sqlite.org/rescode.html>.
fn sqlite_meaning(code: i32) -> Meaning {
    match code & 0xff {
        5 | 6 | 10 | 14 => Meaning::Busy, // BUSY, LOCKED, IOERR, CANTOPEN
        7 | 13 => Meaning::Full,          // NOMEM, FULL
        11 | 26 => Meaning::Damaged,      // CORRUPT, NOTADB
        _ => Meaning::Other,
    }
}

/// Reads an SQLSTATE: appendix A of Postgres' manual, Error Codes.
fn sqlstate_meaning(code: &str) -> Meaning {
    match code.get(..2) {
        Some("08" | "40" | "55" | "57" | "58") => Meaning::Busy, // connection, rollback, in use, intervention, system
        Some("53") => Meaning::Full,                             // insufficient resources
        Some("XX") if code != "XX000" => Meaning::Damaged,       // data or index corrupted
        _ => Meaning::Other,
    }
}

impl From<sqlx::Error> for IndexError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::PoolClosed => Self::Closed,
                // The error's own text may quote the value.
                sqlx::Error::ColumnDecode { index, .. } => Self::Corrupt(format!("column {index} cannot be read")),
                sqlx::Error::Decode(_) => Self::Corrupt("a column cannot be read".to_owned()),
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
                _ => Self::Database(error),
            };
        };
        if database.is_unique_violation() || database.is_foreign_key_violation() || database.is_check_violation() {
            return Self::Constraint(error);
        }
        let code = database.code().unwrap_or_default();
        // SQLSTATEs have five characters, SQLite's codes at most four digits.
        let meaning = match code.parse() {
            Ok(number) if code.len() < 5 => sqlite_meaning(number),
            _ => sqlstate_meaning(&code),
        };
        match meaning {
            Meaning::Busy => Self::Unavailable(error),
            Meaning::Full => Self::OutOfResources(error),
            Meaning::Damaged => Self::Corrupt("the database says that its file is damaged".to_owned()),
            Meaning::Other => Self::Database(error),
        }
    }
}

impl IndexError {
    /// Whether two transactions got in each other's way, so that doing it again is right.
    pub(crate) fn is_collision(&self) -> bool {
        match self {
            Self::Unavailable(error) => Self::is_rollback(error),
            Self::Constraint(error) => Self::breaks_a_constraint(error),
            _ => false,
        }
    }

    /// Whether a row was there, or was not, against what was expected.
    pub(crate) fn breaks_a_constraint(error: &sqlx::Error) -> bool {
        error.as_database_error().is_some_and(|error| error.is_unique_violation() || error.is_foreign_key_violation())
    }

    /// Whether Postgres rolled a transaction back for another's sake: serialization failure or deadlock.
    pub(crate) fn is_rollback(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| code == "40001" || code == "40P01")
    }
}
