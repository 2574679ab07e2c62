//! Where a study, a series or an instance stands in the hierarchy of PS3.3 section A.1.2 (Entity-Relationship Model).

use crate::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};

/// A series within its study.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeriesAddress {
    /// The study.
    pub study: StudyInstanceUid,
    /// The series.
    pub series: SeriesInstanceUid,
}

/// An instance within its series and study.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceAddress {
    /// The study.
    pub study: StudyInstanceUid,
    /// The series.
    pub series: SeriesInstanceUid,
    /// The instance.
    pub instance: SopInstanceUid,
}

/// One resource of the archive: what a retrieve names (PS3.18 section 10.3.1, Target Resources).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A whole study.
    Study(StudyInstanceUid),
    /// A whole series.
    Series(SeriesAddress),
    /// One instance.
    Instance(InstanceAddress),
}

impl Resource {
    /// The study that the resource is, or belongs to.
    pub fn study(&self) -> &StudyInstanceUid {
        match self {
            Self::Study(study) => study,
            Self::Series(address) => &address.study,
            Self::Instance(address) => &address.study,
        }
    }
}
