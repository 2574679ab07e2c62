//! What the identifiers of all Query/Retrieve services have: keys, and the level that they are of (PS3.4 section C.4).

use filmless_dicom::identifier::{self, Key, KeyValue};
use filmless_dicom::match_key;
use filmless_model::attribute::{Attribute, Tag};
use filmless_model::query::QueryRetrieveLevel;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::message::End;
use crate::negotiation::Model;
use crate::services::{Caller, Exchange};
use crate::status::Status;

/// The longest identifier that is read: lists of UIDs make it long.
const MAX_IDENTIFIER_BYTES: usize = 1 << 20;

/// Query/Retrieve Level.
pub(crate) const QUERY_RETRIEVE_LEVEL: Tag = Tag(0x0008, 0x0052);

/// The unique keys of the levels, from the top.
pub(crate) const UNIQUE: [Attribute; 4] =
    [Attribute::PatientId, Attribute::StudyInstanceUid, Attribute::SeriesInstanceUid, Attribute::SopInstanceUid];

/// So many matches are read from the index at once.
pub(crate) const PAGE: u32 = 500;

/// Reads the keys of a request.
pub(crate) async fn read<S>(caller: Caller<'_>, exchange: &mut Exchange<'_, S>) -> Result<Result<Vec<Key>, Status>, End>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if let Err(status) = caller.check(exchange.message) {
        return Ok(Err(status));
    }
    let Some(bytes) = exchange.data_set().collect(MAX_IDENTIFIER_BYTES).await? else {
        return Ok(Err(Status::out_of_resources("the identifier is too long")));
    };
    Ok(identifier::read(&bytes, &caller.context.transfer_syntax).map_err(|error| {
        tracing::warn!(%error, "cannot read an identifier");
        Status::unable_to_process("the identifier cannot be read")
    }))
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
