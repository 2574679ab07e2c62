//! What the index knows of an instance: the attributes read from its data set, by level.

use std::collections::BTreeMap;

use crate::address::InstanceAddress;
use crate::attribute::{Attribute, Level, Value};
use crate::coercion::Coercion;
use crate::frame::FrameIndex;
use crate::uid::{SopClassUid, TransferSyntaxUid};
use crate::version::{Digest, VersionId};

/// Who a patient is: a Patient ID means something only beside its issuer, so hospitals never collide.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientKey {
    /// Issuer of Patient ID (0010,0021), or empty.
    pub issuer: String,
    /// Patient ID (0010,0020), or empty where the device sent none.
    pub patient_id: String,
}

/// What is indexed of an item of the Request Attributes Sequence, as pairs of attribute and text.
pub type RequestAttributes = Vec<(Attribute, String)>;

/// The indexed attributes of one instance and of the series, study and patient it says it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRecord {
    /// The patient.
    pub patient: PatientKey,
    /// Study, series and instance.
    pub address: InstanceAddress,
    /// SOP Class UID.
    pub sop_class: SopClassUid,
    /// Every [`crate::attribute::Origin::Stored`] attribute that has a usable value, UIDs and patient key included. Those of
    /// the Request Attributes Sequence stand apart.
    pub values: BTreeMap<Attribute, Value>,
    /// The items of the Request Attributes Sequence that have a usable value, in their order.
    pub request_attributes: Vec<RequestAttributes>,
    /// For each name among the values, the text that searches compare with: see `filmless_dicom::text::fold`.
    pub folded: BTreeMap<Attribute, String>,
}

impl InstanceRecord {
    /// The text of an attribute.
    pub fn text(&self, attribute: Attribute) -> Option<&str> {
        match self.values.get(&attribute) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of an attribute.
    pub fn number(&self, attribute: Attribute) -> Option<i64> {
        match self.values.get(&attribute) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The values of one level.
    pub fn of_level(&self, level: Level) -> impl Iterator<Item = (Attribute, &Value)> {
        self.values.iter().map(|(attribute, value)| (*attribute, value)).filter(move |(attribute, _)| attribute.level() == level)
    }
}

/// One stored copy of an instance's bytes: where they are and how to read them without parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceVersion {
    /// Its name, from which the blob's key is made.
    pub id: VersionId,
    /// SHA-256 of the blob.
    pub digest: Digest,
    /// Length of the blob in bytes.
    pub length_bytes: u64,
    /// Transfer syntax of the data set.
    pub transfer_syntax: TransferSyntaxUid,
    /// Where the data set begins in the blob, after preamble and File Meta Information.
    pub data_set_offset: u64,
    /// Where the frames are.
    pub frames: FrameIndex,
    /// Who sent it: `dimse:AETITLE`, `stow:ACCOUNT` or `import:ACCOUNT`. The first source of an instance may replace it.
    pub source: String,
    /// When it was stored, in milliseconds since 1970-01-01T00:00:00Z.
    pub stored_ms: i64,
    /// What is shown of it in place of what its bytes say; absent for most.
    pub coercion: Option<Box<Coercion>>,
}
