//! The migrations, embedded. A new one is a pair of files and one line here.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::engine::Engine;

struct Twins {
    version: i64,
    description: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Twins] = &[
    Twins {
        version: 1,
        description: "archive",
        sqlite: include_str!("../migrations/sqlite/0001_archive.sql"),
        postgres: include_str!("../migrations/postgres/0001_archive.sql"),
    },
    Twins {
        version: 2,
        description: "deletions",
        sqlite: include_str!("../migrations/sqlite/0002_deletions.sql"),
        postgres: include_str!("../migrations/postgres/0002_deletions.sql"),
    },
    Twins {
        version: 3,
        description: "further_attributes",
        sqlite: include_str!("../migrations/sqlite/0003_further_attributes.sql"),
        postgres: include_str!("../migrations/postgres/0003_further_attributes.sql"),
    },
    Twins {
        version: 4,
        description: "request_attributes",
        sqlite: include_str!("../migrations/sqlite/0004_request_attributes.sql"),
        postgres: include_str!("../migrations/postgres/0004_request_attributes.sql"),
    },
    Twins {
        version: 5,
        description: "time_zones",
        sqlite: include_str!("../migrations/sqlite/0005_time_zones.sql"),
        postgres: include_str!("../migrations/postgres/0005_time_zones.sql"),
    },
    Twins {
        version: 6,
        description: "orders",
        sqlite: include_str!("../migrations/sqlite/0006_orders.sql"),
        postgres: include_str!("../migrations/postgres/0006_orders.sql"),
    },
    Twins {
        version: 7,
        description: "performed_steps",
        sqlite: include_str!("../migrations/sqlite/0007_performed_steps.sql"),
        postgres: include_str!("../migrations/postgres/0007_performed_steps.sql"),
    },
    Twins {
        version: 8,
        description: "peer_certificates",
        sqlite: include_str!("../migrations/sqlite/0008_peer_certificates.sql"),
        postgres: include_str!("../migrations/postgres/0008_peer_certificates.sql"),
    },
    Twins {
        version: 9,
        description: "commitments",
        sqlite: include_str!("../migrations/sqlite/0009_commitments.sql"),
        postgres: include_str!("../migrations/postgres/0009_commitments.sql"),
    },
    Twins {
        version: 10,
        description: "peer_settings",
        sqlite: include_str!("../migrations/sqlite/0010_peer_settings.sql"),
        postgres: include_str!("../migrations/postgres/0010_peer_settings.sql"),
    },
    Twins {
        version: 11,
        description: "forwarding",
        sqlite: include_str!("../migrations/sqlite/0011_forwarding.sql"),
        postgres: include_str!("../migrations/postgres/0011_forwarding.sql"),
    },
    Twins {
        version: 12,
        description: "peer_tls",
        sqlite: include_str!("../migrations/sqlite/0012_peer_tls.sql"),
        postgres: include_str!("../migrations/postgres/0012_peer_tls.sql"),
    },
    Twins {
        version: 13,
        description: "asked_commitments",
        sqlite: include_str!("../migrations/sqlite/0013_asked_commitments.sql"),
        postgres: include_str!("../migrations/postgres/0013_asked_commitments.sql"),
    },
    Twins {
        version: 14,
        description: "coercions",
        sqlite: include_str!("../migrations/sqlite/0014_coercions.sql"),
        postgres: include_str!("../migrations/postgres/0014_coercions.sql"),
    },
    Twins {
        version: 15,
        description: "proofs",
        sqlite: include_str!("../migrations/sqlite/0015_proofs.sql"),
        postgres: include_str!("../migrations/postgres/0015_proofs.sql"),
    },
    Twins {
        version: 16,
        description: "availability",
        sqlite: include_str!("../migrations/sqlite/0016_availability.sql"),
        postgres: include_str!("../migrations/postgres/0016_availability.sql"),
    },
    Twins {
        version: 17,
        description: "availability_told",
        sqlite: include_str!("../migrations/sqlite/0017_availability_told.sql"),
        postgres: include_str!("../migrations/postgres/0017_availability_told.sql"),
    },
    Twins {
        version: 18,
        description: "asked_commitments_listed",
        sqlite: include_str!("../migrations/sqlite/0018_asked_commitments_listed.sql"),
        postgres: include_str!("../migrations/postgres/0018_asked_commitments_listed.sql"),
    },
    Twins {
        version: 19,
        description: "study_list",
        sqlite: include_str!("../migrations/sqlite/0019_study_list.sql"),
        postgres: include_str!("../migrations/postgres/0019_study_list.sql"),
    },
    Twins {
        version: 30,
        description: "account_settings",
        sqlite: include_str!("../migrations/sqlite/0030_account_settings.sql"),
        postgres: include_str!("../migrations/postgres/0030_account_settings.sql"),
    },
    Twins {
        version: 40,
        description: "exports",
        sqlite: include_str!("../migrations/sqlite/0040_exports.sql"),
        postgres: include_str!("../migrations/postgres/0040_exports.sql"),
    },
    Twins {
        version: 41,
        description: "audit_log",
        sqlite: include_str!("../migrations/sqlite/0041_audit_log.sql"),
        postgres: include_str!("../migrations/postgres/0041_audit_log.sql"),
    },
    Twins {
        version: 42,
        description: "roles",
        sqlite: include_str!("../migrations/sqlite/0042_roles.sql"),
        postgres: include_str!("../migrations/postgres/0042_roles.sql"),
    },
    Twins {
        version: 43,
        description: "sign_in",
        sqlite: include_str!("../migrations/sqlite/0043_sign_in.sql"),
        postgres: include_str!("../migrations/postgres/0043_sign_in.sql"),
    },
    Twins {
        version: 44,
        description: "second_factor",
        sqlite: include_str!("../migrations/sqlite/0044_second_factor.sql"),
        postgres: include_str!("../migrations/postgres/0044_second_factor.sql"),
    },
];

/// The version of the newest migration.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The migrations of an engine, with the names that people are told.
pub(crate) fn named() -> impl Iterator<Item = (i64, String)> {
    MIGRATIONS.iter().map(|migration| (migration.version, format!("{:04}_{}", migration.version, migration.description)))
}

/// What applies the migrations of an engine.
pub(crate) fn migrator(engine: Engine) -> Migrator {
    let migrations = MIGRATIONS.iter().map(|twins| {
        let sql = match engine {
            Engine::Sqlite => twins.sqlite,
            Engine::Postgres => twins.postgres,
        };
        let description = Cow::Borrowed(twins.description);
        Migration::new(twins.version, description, MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(engine: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII name")).collect()
    }

    /// Names of tables and their columns, and of SQL indexes with what they are on.
    fn outline(sql: &str) -> Vec<String> {
        let mut outline = Vec::new();
        for line in sql.lines().map(|line| line.replace(" nulls last", "")) {
            let word = line.trim().split([' ', '(']).next().unwrap_or_default().to_owned();
            if line.starts_with("create table") || line.starts_with("create index") {
                outline.push(line.trim_end_matches(" (").to_owned());
            } else if line.starts_with("    constraint") {
                outline.push(line.trim().to_owned());
            } else if line.starts_with("    ") && word.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                outline.push(format!("{word}{}", if line.contains("not null") { " not null" } else { "" }));
            }
        }
        outline
    }

    #[test]
    fn every_file_is_embedded_and_has_its_twin_with_a_header() {
        let expected: BTreeSet<String> = named().map(|(_, name)| format!("{name}.sql")).collect();
        assert_eq!(files("sqlite"), expected);
        assert_eq!(files("postgres"), expected);
        for twins in MIGRATIONS {
            for sql in [twins.sqlite, twins.postgres] {
                assert!(sql.starts_with(&format!("-- {:04} {}: ", twins.version, twins.description)));
            }
        }
    }

    #[test]
    fn twins_make_the_same_tables_columns_constraints_and_sql_indexes() {
        for twins in MIGRATIONS {
            let postgres = twins.postgres.split("create function").collect::<Vec<_>>();
            let postgres = match postgres[..] {
                [whole] => whole.to_owned(),
                [before, after] => format!("{before}{}", after.split_once("$$;").expect("the body ends").1),
                _ => panic!("teach this test about two functions"),
            };
            assert_eq!(outline(twins.sqlite), outline(&postgres));
        }
    }
}
