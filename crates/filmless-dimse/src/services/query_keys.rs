//! What the identifiers of all Query/Retrieve services have: keys, and the level that they are of (PS3.4 section C.4).

use filmless_dicom::identifier::{self, Key, KeyValue};
use filmless_dicom::match_key;
use filmless_model::attribute::Tag;
use filmless_model::query::QueryRetrieveLevel;

use crate::negotiation::{AcceptedContext, Model};
use crate::status::Status;

/// The longest identifier that is read: lists of UIDs make it long.
pub(crate) const MAX_IDENTIFIER_BYTES: usize = 1 << 20;

/// Query/Retrieve Level.
pub(crate) const QUERY_RETRIEVE_LEVEL: Tag = Tag(0x0008, 0x0052);

/// Reads the keys of an identifier.
pub(crate) fn read(bytes: &[u8], context: &AcceptedContext) -> Result<Vec<Key>, Status> {
    identifier::read(bytes, &context.transfer_syntax).map_err(|error| {
        tracing::warn!(%error, "cannot read an identifier");
        Status::unable_to_process("the identifier cannot be read")
    })
}

/// Query/Retrieve Level (0008,0052); `None` for PATIENT.
pub(crate) fn level(keys: &[Key], model: Model) -> Result<Option<QueryRetrieveLevel>, Status> {
    let said = keys.iter().find(|key| key.tag == QUERY_RETRIEVE_LEVEL);
    let Some(KeyValue::Text(text)) = said.map(|key| &key.value) else {
        return Err(Status::identifier_does_not_match("Query/Retrieve Level is missing"));
    };
    match (match_key::trimmed(text), model) {
        ("PATIENT", Model::PatientRoot) => Ok(None),
        ("STUDY", _) => Ok(Some(QueryRetrieveLevel::Study)),
        ("SERIES", _) => Ok(Some(QueryRetrieveLevel::Series)),
        ("IMAGE", _) => Ok(Some(QueryRetrieveLevel::Instance)),
        (_, Model::PatientRoot) => {
            Err(Status::identifier_does_not_match("Query/Retrieve Level is PATIENT, STUDY, SERIES or IMAGE"))
        }
        (_, Model::StudyRoot) => Err(Status::identifier_does_not_match("Query/Retrieve Level is STUDY, SERIES or IMAGE")),
    }
}
