//! The series that arrive at this moment. Their next instance is most likely new as well, so nothing needs to be looked up
//! before it: a commit that expects too much breaks a constraint, and looks then.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use filmless_model::record::{InstanceRecord, PatientKey};
use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};

use crate::commit::Known;
use crate::error::IndexError;
use crate::index::{Committed, VersionCommit};

/// So many series are remembered; then all are forgotten, which costs each of them one look.
const SERIES: usize = 1024;

/// What is known of a series whose last instance was new.
#[derive(Debug)]
struct Parents {
    patient: PatientKey,
    study: StudyInstanceUid,
    known: Known,
}

/// The series that arrive.
#[derive(Debug, Default)]
pub(crate) struct Arriving(Mutex<HashMap<SeriesInstanceUid, Parents>>);

impl Arriving {
    /// See [`crate::Index::expected`].
    pub(crate) fn expected(&self, record: &InstanceRecord) -> Option<Known> {
        let series = self.lock();
        let parents = series.get(&record.address.series)?;
        (parents.study == record.address.study && parents.patient == record.patient).then(|| parents.known.clone())
    }

    /// Learns from how a commit ended.
    pub(crate) fn learn(&self, commit: &VersionCommit, committed: &Result<Committed, IndexError>) {
        let address = &commit.record.address;
        let mut series = self.lock();
        if !committed.as_ref().is_ok_and(|committed| committed.as_known) {
            series.remove(&address.series);
        } else if !series.contains_key(&address.series) {
            if series.len() == SERIES {
                series.clear();
            }
            let (patient, study, known) = (commit.record.patient.clone(), address.study.clone(), commit.known.clone());
            series.insert(address.series.clone(), Parents { patient, study, known });
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SeriesInstanceUid, Parents>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
