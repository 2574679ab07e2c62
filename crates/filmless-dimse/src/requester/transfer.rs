//! How far a transfer of instances is, whichever way they go, and which are wanted.

use std::sync::Arc;

use filmless_archive::{Archive, ArchiveError};
use filmless_index::StoredInstance;
use filmless_model::actor::{Act, Actor};
use filmless_model::address::{Resource, SeriesAddress};
use filmless_model::uid::{SeriesInstanceUid, SopInstanceUid, StudyInstanceUid};

/// So many failures are told one by one; of more it is only said how many.
const MOST_TOLD: usize = 100;

/// What is to go over: a study, a series of it, or instances of that series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The study.
    pub study: StudyInstanceUid,
    /// The series; all of the study if absent.
    pub series: Option<SeriesInstanceUid>,
    /// The instances of the series; all if there are none.
    pub instances: Vec<SopInstanceUid>,
}

impl Wanted {
    /// Those that are stored here.
    pub async fn stored(&self, archive: &Arc<Archive>, actor: &Actor) -> Result<Vec<StoredInstance>, ArchiveError> {
        let study = self.study.clone();
        let resource = match self.series.clone() {
            Some(series) => Resource::Series(SeriesAddress { study, series }),
            None => Resource::Study(study),
        };
        let mut instances = archive.instances(actor, Act::Download, &resource).await?;
        if !self.instances.is_empty() {
            instances.retain(|stored| self.instances.contains(&stored.address.instance));
        }
        if instances.is_empty() { Err(ArchiveError::NotFound) } else { Ok(instances) }
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfer {
    /// How many instances there are, once that is known.
    pub total: Option<usize>,
    /// So many went over.
    pub completed: usize,
    /// So many of these with a warning of the receiver.
    pub warnings: usize,
    /// So many did not.
    pub failed: usize,
    /// The first of those that did not.
    pub failures: Vec<Failure>,
}

/// Why an instance did not go over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which, if that is known.
    pub instance: Option<SopInstanceUid>,
    /// Why, in words.
    pub reason: String,
}

impl Transfer {
    /// One went over.
    pub(crate) fn complete(&mut self, with_warning: bool) {
        self.completed += 1;
        self.warnings += usize::from(with_warning);
    }

    /// One did not.
    pub(crate) fn fail(&mut self, instance: Option<SopInstanceUid>, reason: &str) {
        self.failed += 1;
        if self.failures.len() < MOST_TOLD {
            self.failures.push(Failure { instance, reason: reason.to_owned() });
        }
    }
}
