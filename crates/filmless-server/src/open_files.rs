//! How many files and sockets the process may have open (`RLIMIT_NOFILE`), against how many its settings may make it open.
//!
//! Systems start a process with a soft limit of 1024 for the sake of programs that use `select`; this one does not.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Of an association or a request that stores or retrieves: its socket, a file that is staged or read, the folder that is
/// synced when it is published, and a connection to an S3 store.
const FOR_A_TRANSFER: u64 = 4;
/// Of a database connection: a socket, or the file of SQLite, its log and its index.
const FOR_A_DATABASE_CONNECTION: u64 = 3;
/// Of a codec worker: three pipes, and one to learn of its end.
const FOR_A_CODEC_WORKER: u64 = 4;
/// Listeners, the runtime, the log, name servers.
const FOR_THE_PROCESS: u64 = 64;

/// So many may be open at once with these settings.
pub fn needed(config: &Config) -> u64 {
    let stores = u64::from(config.dicom.max_associations) * u64::from(config.dicom.max_operations);
    let transfers = stores + u64::from(config.http.max_requests);
    transfers * FOR_A_TRANSFER
        + u64::from(config.dicom.max_pending_connections)
        + u64::from(config.http.max_connections)
        + u64::from(config.database.max_connections) * FOR_A_DATABASE_CONNECTION
        + u64::from(config.codecs.workers) * FOR_A_CODEC_WORKER
        + FOR_THE_PROCESS
}

/// So many the system lets the process have at most, if it says (the hard limit).
pub fn allowed() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// Raises the soft limit to what is needed, as far as the hard limit lets it.
pub fn raise(config: &Config) {
    let needed = needed(config);
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    if limit.current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
    {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    if wanted < needed {
        tracing::warn!(
            needed,
            allowed = wanted,
            "the system lets too few files be open for these settings; see `filmless doctor`"
        );
    }
}
