//! What was deleted, and how long it can be taken back.

use crate::address::Resource;
use crate::record::InstanceVersion;

/// One act of deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Its number.
    pub key: i64,
    /// What was deleted.
    pub resource: Resource,
    /// Who did it: an account, or `operator`.
    pub deleted_by: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Kept copies that can still be restored.
    pub restorable: u64,
    /// Copies whose bytes are destroyed, or are being destroyed.
    pub destroyed: u64,
}

/// A copy that was deleted and can still be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedVersion {
    /// Its number; later copies have larger ones.
    pub key: i64,
    /// The copy.
    pub version: InstanceVersion,
    /// Whether it was the one served.
    pub was_served: bool,
}
