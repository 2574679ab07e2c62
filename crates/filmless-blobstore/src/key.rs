//! What is stored, and only here: under which path.

use filmless_model::audit::AuditHead;
use filmless_model::version::{Digest, VersionId};
use object_store::path::Path;

/// Names a blob. A closed list: no text of a peer ever becomes part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// One version of an instance, a DICOM file (PS3.10).
    Instance(VersionId),
    /// How far the audit log was at some time; all there is to say stands in the path.
    AuditHead(AuditHead),
    /// Written, read and deleted by `filmless doctor`.
    Probe(VersionId),
}

/// The folder of instances.
pub(crate) const INSTANCES: &str = "instances";
/// The folder of places in the audit log.
pub(crate) const AUDIT_HEADS: &str = "audit";

impl BlobKey {
    /// The path: a folder for each day (UTC), so that none grows without end and a day can be copied by itself.
    pub fn path(&self) -> Path {
        match self {
            Self::Instance(version) => {
                let ms = i64::try_from(version.created_ms()).unwrap_or(i64::MAX);
                let day = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX).strftime("%Y/%m/%d");
                Path::from(format!("{INSTANCES}/{day}/{version}.dcm"))
            }
            Self::AuditHead(AuditHead { sequence, digest }) => Path::from(format!("{AUDIT_HEADS}/{sequence}-{digest}")),
            Self::Probe(version) => Path::from(format!("probe/{version}")),
        }
    }

    /// Reads the path of an instance; `None` for whatever else lies in the store.
    pub fn parse(path: &Path) -> Option<VersionId> {
        let version = VersionId::parse(path.filename()?.strip_suffix(".dcm")?)?;
        (Self::Instance(version).path() == *path).then_some(version)
    }

    /// Reads the path of a place in the audit log.
    pub(crate) fn parse_audit_head(path: &Path) -> Option<AuditHead> {
        let (sequence, digest) = path.filename()?.split_once('-')?;
        let head = AuditHead { sequence: sequence.parse().ok()?, digest: Digest::parse(digest)? };
        (Self::AuditHead(head).path() == *path).then_some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_path_and_from_no_other() {
        let key = BlobKey::Instance(VersionId::new());
        let path = key.path();
        assert_eq!(path.parts().count(), 5, "{path}");
        assert_eq!(BlobKey::parse(&path).map(BlobKey::Instance), Some(key));
        assert_eq!(BlobKey::parse(&Path::from(format!("elsewhere/{}", path.filename().expect("has one")))), None);
        assert_eq!(BlobKey::parse(&Path::from("instances/2026/01/01/readme.txt")), None);
    }
}
