//! What becomes of a version that arrives, given what the index knows. No I/O.
//!
//! Nothing that arrives is lost and nothing visible is changed by whoever may not change it: other bytes become a
//! version of their own, and a version that contradicts the hierarchy or the patient is kept and listed, not shown.

use filmless_model::address::InstanceAddress;
use filmless_model::conflict::ConflictKind;
use filmless_model::version::VersionId;

/// What the index knows of the patient, study, series and instance that a version says it belongs to.
///
/// Knowledge is of one moment. A commit uses it as a hint: what it says is there stays there, and what appeared since
/// is noticed. The default knows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// A kept version of the instance with the same bytes, served or not, with the address it says it has.
    pub same_bytes: Option<(VersionId, InstanceAddress)>,
    /// A deleted version of the instance with the same bytes, which can still be restored.
    pub deleted: Option<DeletedBytes>,
    /// The patient's key.
    pub(crate) patient: Option<i64>,
    /// The study, whoever its patient is.
    pub(crate) study: Option<KnownStudy>,
    /// The series, whatever its study is.
    pub(crate) series: Option<KnownSeries>,
    /// The visible instance, whatever its series is.
    pub(crate) instance: Option<KnownInstance>,
}

impl Known {
    /// Whether the study is here.
    pub fn has_study(&self) -> bool {
        self.study.is_some()
    }
}

/// A deleted version that can still be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletedBytes {
    pub(crate) key: i64,
    pub(crate) version: VersionId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownStudy {
    pub(crate) key: i64,
    pub(crate) patient_key: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownSeries {
    pub(crate) key: i64,
    pub(crate) study_key: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownInstance {
    pub(crate) key: i64,
    pub(crate) series_key: i64,
    /// The served version.
    pub(crate) version_key: i64,
    /// Who stored the instance first.
    pub(crate) first_source: String,
}

/// What becomes of the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The bytes are there: nothing changes.
    AlreadyStored { version: VersionId, address: InstanceAddress },
    /// The instance becomes visible, with its series, study and patient if they are new.
    New,
    /// Kept, and served from now on instead of the earlier version.
    Replace { instance_key: i64, earlier_version_key: i64 },
    /// Kept and listed, but not served.
    Keep { kind: ConflictKind, earlier_version_key: Option<i64> },
}

/// Judges a version from `source`.
pub(crate) fn judge(known: &Known, source: &str, may_replace: bool) -> Verdict {
    if let Some((version, address)) = known.same_bytes.clone() {
        return Verdict::AlreadyStored { version, address };
    }
    let earlier_version_key = known.instance.as_ref().map(|instance| instance.version_key);
    if known.study.is_some_and(|study| Some(study.patient_key) != known.patient) {
        return Verdict::Keep { kind: ConflictKind::Patient, earlier_version_key };
    }
    let series_elsewhere = known.series.is_some_and(|series| Some(series.study_key) != known.study.map(|study| study.key));
    let Some(instance) = &known.instance else {
        if series_elsewhere {
            return Verdict::Keep { kind: ConflictKind::Hierarchy, earlier_version_key };
        }
        return Verdict::New;
    };
    if series_elsewhere || Some(instance.series_key) != known.series.map(|series| series.key) {
        return Verdict::Keep { kind: ConflictKind::Hierarchy, earlier_version_key };
    }
    // What was deleted comes back, but not in place of what came since.
    if known.deleted.is_none() && (may_replace || source == instance.first_source) {
        return Verdict::Replace { instance_key: instance.key, earlier_version_key: instance.version_key };
    }
    Verdict::Keep { kind: ConflictKind::Content, earlier_version_key }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY: KnownStudy = KnownStudy { key: 20, patient_key: 10 };
    const SERIES: KnownSeries = KnownSeries { key: 30, study_key: 20 };

    fn known(
        patient: Option<i64>,
        study: Option<KnownStudy>,
        series: Option<KnownSeries>,
        series_of_instance: Option<i64>,
    ) -> Known {
        let instance = series_of_instance.map(|series_key| KnownInstance {
            key: 40,
            series_key,
            version_key: 50,
            first_source: "dimse:CT1".to_owned(),
        });
        Known { same_bytes: None, deleted: None, patient, study, series, instance }
    }

    #[test]
    fn a_version_is_judged_by_what_is_known() {
        let keep = |kind, earlier_version_key| Verdict::Keep { kind, earlier_version_key };
        let elsewhere = KnownSeries { study_key: 21, ..SERIES };
        for (what, known, source, may_replace, expected) in [
            ("nothing known", known(None, None, None, None), "dimse:CT1", false, Verdict::New),
            ("patient known", known(Some(10), None, None, None), "dimse:CT1", false, Verdict::New),
            ("study known", known(Some(10), Some(STUDY), None, None), "dimse:CT1", false, Verdict::New),
            ("series known", known(Some(10), Some(STUDY), Some(SERIES), None), "dimse:CT1", false, Verdict::New),
            ("another patient", known(Some(11), Some(STUDY), Some(SERIES), None), "x", true, keep(ConflictKind::Patient, None)),
            ("an unknown patient", known(None, Some(STUDY), None, None), "x", true, keep(ConflictKind::Patient, None)),
            (
                "another patient, known instance",
                known(Some(11), Some(STUDY), Some(SERIES), Some(30)),
                "x",
                true,
                keep(ConflictKind::Patient, Some(50)),
            ),
            (
                "series of another study",
                known(Some(10), Some(STUDY), Some(elsewhere), None),
                "x",
                true,
                keep(ConflictKind::Hierarchy, None),
            ),
            (
                "series known, study not",
                known(Some(10), None, Some(SERIES), None),
                "x",
                true,
                keep(ConflictKind::Hierarchy, None),
            ),
            (
                "instance of another series",
                known(Some(10), Some(STUDY), Some(SERIES), Some(31)),
                "x",
                true,
                keep(ConflictKind::Hierarchy, Some(50)),
            ),
            (
                "instance known, series not",
                known(Some(10), Some(STUDY), None, Some(31)),
                "dimse:CT1",
                false,
                keep(ConflictKind::Hierarchy, Some(50)),
            ),
            (
                "other bytes, same source",
                known(Some(10), Some(STUDY), Some(SERIES), Some(30)),
                "dimse:CT1",
                false,
                Verdict::Replace { instance_key: 40, earlier_version_key: 50 },
            ),
            (
                "other bytes, another source",
                known(Some(10), Some(STUDY), Some(SERIES), Some(30)),
                "dimse:CT2",
                false,
                keep(ConflictKind::Content, Some(50)),
            ),
            (
                "other bytes, a source that may replace",
                known(Some(10), Some(STUDY), Some(SERIES), Some(30)),
                "dimse:CT2",
                true,
                Verdict::Replace { instance_key: 40, earlier_version_key: 50 },
            ),
        ] {
            assert_eq!(judge(&known, source, may_replace), expected, "{what}");
            let deleted = Some(DeletedBytes { key: 60, version: VersionId::new() });
            let expected = match expected {
                Verdict::Replace { earlier_version_key, .. } => keep(ConflictKind::Content, Some(earlier_version_key)),
                expected => expected,
            };
            assert_eq!(judge(&Known { deleted, ..known }, source, may_replace), expected, "{what}, bytes deleted before");
        }
    }
}
