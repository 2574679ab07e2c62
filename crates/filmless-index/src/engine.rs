//! What the two engines say differently in one statement. Everything else is one text for both.

/// The database engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The rows of a list of whole numbers that is bound as a JSON array to placeholder `n`.
    pub(crate) fn numbers(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("(select value from json_each(${n}))"),
            Self::Postgres => {
                format!("(select cast(value as bigint) from json_array_elements_text(cast(${n} as json)) as list (value))")
            }
        }
    }

    /// The rows of a list of texts that is bound as a JSON array to placeholder `n`.
    pub(crate) fn texts(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("(select value from json_each(${n}))"),
            Self::Postgres => format!("(select value from json_array_elements_text(cast(${n} as json)) as list (value))"),
        }
    }

    /// The arrays of a list of arrays that is bound as a JSON array to placeholder `n`, as `e.value`. Both engines read the
    /// places of one with `->>`.
    pub(crate) fn arrays(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("json_each(${n}) as e"),
            Self::Postgres => format!("json_array_elements(cast(${n} as json)) as e (value)"),
        }
    }

    /// The texts of a JSON array of texts in a column, as `v.value`.
    pub(crate) fn values_of(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("json_each({column}) as v"),
            Self::Postgres => format!("json_array_elements_text(cast({column} as json)) as v (value)"),
        }
    }

    /// What `performed_steps.performed_series` names in a column: `x.value ->> 1` is the UID of an instance.
    pub(crate) fn performed_instances(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("json_each({column}) as e, json_each(e.value, '$[1]') as x"),
            Self::Postgres => format!(
                "json_array_elements(cast({column} as json)) as e (value), json_array_elements(e.value -> 1) as x (value)"
            ),
        }
    }

    /// Matches `expression` with the pattern bound to placeholder `n`: see [`Engine::pattern`].
    pub(crate) fn matches_pattern(self, expression: &str, n: usize) -> String {
        match self {
            // LIKE ignores the case of ASCII letters in SQLite; GLOB does not, and has the wild cards of DICOM.
            Self::Sqlite => format!("{expression} glob ${n}"),
            Self::Postgres => format!("{expression} like ${n} escape '\\'"),
        }
    }

    /// A key with the wild cards `*` and `?` as the engine's pattern; its own special characters lose their meaning.
    pub(crate) fn pattern(self, key: &str) -> String {
        let mut pattern = String::with_capacity(key.len());
        for c in key.chars() {
            match (self, c) {
                (Self::Sqlite, '[') => pattern.push_str("[[]"),
                (Self::Postgres, '*') => pattern.push('%'),
                (Self::Postgres, '?') => pattern.push('_'),
                (Self::Postgres, '%' | '_' | '\\') => pattern.extend(['\\', c]),
                _ => pattern.push(c),
            }
        }
        pattern
    }

    /// Whether a word of `expression`, whose words are parted by single spaces, begins with the text of placeholder `n`.
    pub(crate) fn has_word(self, expression: &str, n: usize) -> String {
        let function = match self {
            Self::Sqlite => "instr",
            Self::Postgres => "strpos",
        };
        format!("{function}(' ' || {expression}, ' ' || ${n}) > 0")
    }

    /// Taken until the commit by a transaction that deletes: the lock that stores share (`postgres/transaction.rs`), then
    /// that of `append_change` (migration 0001), so that nothing is committed beside it. SQLite's one writer needs no
    /// locks of ours.
    pub(crate) fn keep_stores_out(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => {
                &["select 1 from pg_advisory_xact_lock(7364123302)", "select 1 from pg_advisory_xact_lock(7364123301)"]
            }
        }
    }

    /// Taken until the commit by a transaction that must have no deletion beside it: it shares the first lock with stores.
    pub(crate) fn keep_deletions_out(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &["select 1 from pg_advisory_xact_lock_shared(7364123302)"],
        }
    }

    /// Taken until the commit by a transaction that adds to the audit log, so that none adds in between.
    pub(crate) fn keep_log_in_order(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[],
            Self::Postgres => &["select 1 from pg_advisory_xact_lock(7364123303)"],
        }
    }

    /// The bytes of a text.
    pub(crate) fn bytes_of(self, expression: &str) -> String {
        match self {
            Self::Sqlite => format!("cast({expression} as blob)"),
            Self::Postgres => format!("convert_to({expression}, 'UTF8')"),
        }
    }

    /// Appends a change of kind `$1` about version `$2` at `$3` and returns its sequence.
    pub(crate) fn append_change(self) -> &'static str {
        match self {
            Self::Sqlite => "insert into changes (kind, version_key, at_ms) values ($1, $2, $3) returning sequence",
            Self::Postgres => "select append_change($1, $2, $3)",
        }
    }
}
