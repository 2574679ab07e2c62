//! The answer to a store request: its status and the Store Instances Response Module (PS3.18 Annex I).

use axum::http::StatusCode;
use filmless_dicom::compose::Flaw;
use filmless_model::attribute::Tag;
use filmless_model::store_outcome::{StoreEffect, StoreFailure, Stored};
use filmless_model::uid::{SopClassUid, SopInstanceUid};

use crate::base_url::BaseUrl;
use crate::dicom_json::{open_attribute, write_string};
use crate::dicom_xml;
use crate::media_type::{Acceptable, Offer, Packaging};
use crate::problem::{KEPT_AS_CONFLICT, NOT_A_DICOM_PART, OUT_OF_RESOURCES, Problem, TRANSFER_SYNTAX_NOT_SUPPORTED};
use crate::retrieve::not_acceptable;

const REFERENCED_SOP_CLASS_UID: Tag = Tag(0x0008, 0x1150);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x1155);
const RETRIEVE_URL: Tag = Tag(0x0008, 0x1190);
const WARNING_REASON: Tag = Tag(0x0008, 0x1196);
const FAILURE_REASON: Tag = Tag(0x0008, 0x1197);
const FAILED_SOP_SEQUENCE: Tag = Tag(0x0008, 0x1198);
const REFERENCED_SOP_SEQUENCE: Tag = Tag(0x0008, 0x1199);
const OTHER_FAILURES_SEQUENCE: Tag = Tag(0x0008, 0x119A);

/// In which form the answer goes out (PS3.18 table 10.5.3-2, Store Response Payload).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerForm {
    /// `application/dicom+json`, or `application/json` for clients that know no better.
    Json(&'static str),
    /// `application/dicom+xml`.
    Xml,
}

/// The media type of a data set as XML.
const XML: &str = "application/dicom+xml";

impl AnswerForm {
    /// The form that a client likes best.
    pub fn of(acceptable: &Acceptable) -> Result<Self, Problem> {
        let offers = ["application/dicom+json", "application/json", XML].map(|essence| Offer::plain(Packaging::Single, essence));
        match acceptable.choose(&offers).map(|offer| offer.essence) {
            Some(XML) => Ok(Self::Xml),
            Some(json) => Ok(Self::Json(json)),
            None => Err(not_acceptable(&offers)),
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json(essence) => essence,
            Self::Xml => XML,
        }
    }

    /// The answer in this form.
    pub fn write(self, outcomes: &Outcomes, base: &BaseUrl) -> Result<Vec<u8>, Problem> {
        let json = outcomes.write(base);
        if self != Self::Xml {
            return Ok(json);
        }
        let mut xml = Vec::new();
        dicom_xml::write_document(&mut xml, &json).map_err(|error| {
            tracing::error!(%error, "the answer to a store request cannot be written as XML");
            Problem::Internal
        })?;
        Ok(xml)
    }
}

/// Why a part was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// Failure Reason (0008,1197).
    pub reason: u16,
    kind: Kind,
}

/// What a failure says about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The archive could not; another time it may.
    Resources,
    /// The actor may not.
    Permission,
    /// The instance is at fault.
    Instance,
}

impl Failed {
    /// A part that is neither a DICOM file nor anything that another part asks for.
    pub fn not_dicom() -> Self {
        Self { reason: NOT_A_DICOM_PART, kind: Kind::Instance }
    }
}

impl From<Flaw> for Failed {
    fn from(flaw: Flaw) -> Self {
        let reason = if flaw == Flaw::TransferSyntax { TRANSFER_SYNTAX_NOT_SUPPORTED } else { NOT_A_DICOM_PART };
        Self { reason, kind: Kind::Instance }
    }
}

impl From<StoreFailure> for Failed {
    fn from(failure: StoreFailure) -> Self {
        let kind = match failure {
            StoreFailure::OutOfResources(_) => Kind::Resources,
            StoreFailure::NotAuthorised => Kind::Permission,
            _ => Kind::Instance,
        };
        Self { reason: failure.code(), kind }
    }
}

/// How one part ended.
#[derive(Debug)]
pub enum Outcome {
    /// It is stored.
    Stored {
        /// SOP Class UID as the file says it.
        sop_class: Option<SopClassUid>,
        /// What the archive says.
        stored: Stored,
    },
    /// It is not.
    Failed {
        /// SOP Class UID, if the part has one.
        sop_class: Option<SopClassUid>,
        /// SOP Instance UID, if the part has one.
        sop_instance: Option<SopInstanceUid>,
        /// Why.
        failed: Failed,
    },
}

impl Outcome {
    /// A part that names no instance and is not stored.
    pub fn nameless(failed: Failed) -> Self {
        Self::Failed { sop_class: None, sop_instance: None, failed }
    }

    fn warning(&self) -> Option<u16> {
        match self {
            Self::Stored { stored, .. } if stored.effect == StoreEffect::Conflict => Some(KEPT_AS_CONFLICT),
            _ => None,
        }
    }

    fn failed(&self) -> Option<Failed> {
        match self {
            Self::Stored { .. } => None,
            Self::Failed { failed, .. } => Some(*failed),
        }
    }
}

/// How all parts ended, in their order.
#[derive(Debug, Default)]
pub struct Outcomes {
    list: Vec<Outcome>,
    /// Why the rest of the body was not looked at.
    broken_end: Option<Failed>,
}

impl Outcomes {
    /// Whether no part has ended.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many parts have ended.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds the next part.
    pub fn push(&mut self, outcome: Outcome) {
        self.list.push(outcome);
    }

    /// Adds the next parts.
    pub fn extend(&mut self, outcomes: Vec<Outcome>) {
        self.list.extend(outcomes);
    }

    /// Adds that the body broke off.
    pub fn break_off(&mut self, problem: &Problem) {
        let reason = if problem.status() == StatusCode::PAYLOAD_TOO_LARGE { OUT_OF_RESOURCES } else { NOT_A_DICOM_PART };
        self.broken_end = Some(Failed { reason, kind: Kind::Instance });
    }

    /// The status of the whole (PS3.18 table 10.5.3-1, Status Code Meaning).
    pub fn status(&self) -> StatusCode {
        let failures: Vec<_> = self.list.iter().filter_map(Outcome::failed).chain(self.broken_end).collect();
        let is_stored = self.list.iter().any(|outcome| outcome.failed().is_none());
        let is_all = |kind| failures.iter().all(|failed| failed.kind == kind);
        if is_stored {
            let is_clean = failures.is_empty() && self.list.iter().all(|outcome| outcome.warning().is_none());
            return if is_clean { StatusCode::OK } else { StatusCode::ACCEPTED };
        }
        if is_all(Kind::Permission) {
            StatusCode::FORBIDDEN
        } else if is_all(Kind::Resources) {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::CONFLICT
        }
    }

    /// The module in the DICOM JSON Model.
    pub fn write(&self, base: &BaseUrl) -> Vec<u8> {
        let mut out = vec![b'{'];
        let mut studies = self.list.iter().filter_map(|outcome| match outcome {
            Outcome::Stored { stored, .. } => Some(&stored.address.study),
            Outcome::Failed { .. } => None,
        });
        // Retrieve URL of the study: there is one only if all instances are of one study.
        if let Some(study) = studies.next()
            && studies.all(|other| other == study)
        {
            write_text(&mut out, RETRIEVE_URL, "UR", &base.study(study));
        }
        write_sequence(&mut out, FAILED_SOP_SEQUENCE, &self.list, |out, outcome| {
            let Outcome::Failed { sop_class, sop_instance: Some(sop_instance), failed } = outcome else { return };
            if let Some(sop_class) = sop_class {
                write_text(out, REFERENCED_SOP_CLASS_UID, "UI", sop_class.as_str());
            }
            write_text(out, REFERENCED_SOP_INSTANCE_UID, "UI", sop_instance.as_str());
            write_number(out, FAILURE_REASON, failed.reason);
        });
        write_sequence(&mut out, REFERENCED_SOP_SEQUENCE, &self.list, |out, outcome| {
            let Outcome::Stored { sop_class, stored } = outcome else { return };
            if let Some(sop_class) = sop_class {
                write_text(out, REFERENCED_SOP_CLASS_UID, "UI", sop_class.as_str());
            }
            write_text(out, REFERENCED_SOP_INSTANCE_UID, "UI", stored.address.instance.as_str());
            write_text(out, RETRIEVE_URL, "UR", &base.instance(&stored.address));
            if let Some(warning) = outcome.warning() {
                write_number(out, WARNING_REASON, warning);
            }
        });
        let nameless = self.list.iter().filter_map(|outcome| match outcome {
            Outcome::Failed { sop_instance: None, failed, .. } => Some(*failed),
            _ => None,
        });
        let other_failures: Vec<_> = nameless.chain(self.broken_end).collect();
        write_sequence(&mut out, OTHER_FAILURES_SEQUENCE, &other_failures, |out, failed| {
            write_number(out, FAILURE_REASON, failed.reason);
        });
        out.push(b'}');
        out
    }
}

fn comma(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') && out.last() != Some(&b'[') {
        out.push(b',');
    }
}

fn write_text(out: &mut Vec<u8>, tag: Tag, vr: &str, text: &str) {
    comma(out);
    out.extend_from_slice(open_attribute(tag, vr).as_bytes());
    out.extend_from_slice(b",\"Value\":[");
    write_string(out, text);
    out.extend_from_slice(b"]}");
}

fn write_number(out: &mut Vec<u8>, tag: Tag, number: u16) {
    comma(out);
    out.extend_from_slice(open_attribute(tag, "US").as_bytes());
    out.extend_from_slice(format!(",\"Value\":[{number}]}}").as_bytes());
}

/// Writes a sequence of those entries that `write` writes anything for, or nothing at all.
fn write_sequence<T>(out: &mut Vec<u8>, tag: Tag, entries: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    let start = out.len();
    comma(out);
    out.extend_from_slice(open_attribute(tag, "SQ").as_bytes());
    out.extend_from_slice(b",\"Value\":[");
    let mut is_empty = true;
    for entry in entries {
        let before = out.len();
        comma(out);
        out.push(b'{');
        let opened = out.len();
        write(out, entry);
        if out.len() == opened {
            out.truncate(before);
            continue;
        }
        out.push(b'}');
        is_empty = false;
    }
    out.extend_from_slice(b"]}");
    if is_empty {
        out.truncate(start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use filmless_model::address::InstanceAddress;
    use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};
    use filmless_model::version::VersionId;
    use serde_json::json;

    fn stored(study: &str, effect: StoreEffect) -> Outcome {
        let address = InstanceAddress {
            study: StudyInstanceUid::parse(study).expect("a UID"),
            series: SeriesInstanceUid::parse("1.2").expect("a UID"),
            instance: SopInstanceUid::parse("1.3").expect("a UID"),
        };
        let stored = Stored { address, version: VersionId::new(), effect, warnings: Vec::new() };
        Outcome::Stored { sop_class: SopClassUid::parse("1.9").ok(), stored }
    }

    fn failed(failure: StoreFailure, instance: Option<&str>) -> Outcome {
        let sop_instance = instance.map(|uid| SopInstanceUid::parse(uid).expect("a UID"));
        Outcome::Failed { sop_class: None, sop_instance, failed: failure.into() }
    }

    fn outcomes(list: Vec<Outcome>) -> Outcomes {
        Outcomes { list, broken_end: None }
    }

    #[test]
    fn the_status_tells_whether_all_some_or_nothing_was_stored() {
        let new = || stored("1.1", StoreEffect::New);
        let resources = || failed(StoreFailure::OutOfResources(String::new()), None);
        let malformed = || failed(StoreFailure::CannotUnderstand(String::new()), None);
        for (list, expected) in [
            (vec![new()], 200),
            (vec![new(), stored("1.1", StoreEffect::AlreadyStored)], 200),
            (vec![new(), stored("1.1", StoreEffect::Conflict)], 202),
            (vec![new(), malformed()], 202),
            (vec![malformed()], 409),
            (vec![malformed(), resources()], 409),
            (vec![resources(), resources()], 503),
            (vec![failed(StoreFailure::NotAuthorised, None)], 403),
        ] {
            let description = format!("{list:?}");
            assert_eq!(outcomes(list).status().as_u16(), expected, "{description}");
        }
        let mut broken = outcomes(vec![new()]);
        broken.break_off(&Problem::BodyBroken);
        assert_eq!(broken.status().as_u16(), 202);
    }

    #[test]
    fn the_module_lists_what_was_stored_and_what_was_not() {
        let list = vec![
            stored("1.1", StoreEffect::New),
            failed(StoreFailure::DataSetDoesNotMatch(String::new()), Some("1.7")),
            failed(StoreFailure::CannotUnderstand(String::new()), None),
            stored("1.1", StoreEffect::Conflict),
        ];
        let base = BaseUrl::for_tests("http://h/dicom-web");
        let written: serde_json::Value = serde_json::from_slice(&outcomes(list).write(&base)).expect("JSON");
        let url = "http://h/dicom-web/studies/1.1/series/1.2/instances/1.3";
        let referenced = json!({
            "00081150": {"vr": "UI", "Value": ["1.9"]},
            "00081155": {"vr": "UI", "Value": ["1.3"]},
            "00081190": {"vr": "UR", "Value": [url]},
        });
        let mut conflict = referenced.clone();
        conflict["00081196"] = json!({"vr": "US", "Value": [KEPT_AS_CONFLICT]});
        assert_eq!(
            written,
            json!({
                "00081190": {"vr": "UR", "Value": ["http://h/dicom-web/studies/1.1"]},
                "00081198": {"vr": "SQ", "Value": [
                    {"00081155": {"vr": "UI", "Value": ["1.7"]}, "00081197": {"vr": "US", "Value": [0xA900]}}
                ]},
                "00081199": {"vr": "SQ", "Value": [referenced, conflict]},
                "0008119A": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0xC000]}}]},
            })
        );
        let two_studies = outcomes(vec![stored("1.1", StoreEffect::New), stored("1.4", StoreEffect::New)]);
        let written: serde_json::Value = serde_json::from_slice(&two_studies.write(&base)).expect("JSON");
        assert_eq!(written.get("00081190"), None);
    }
}
