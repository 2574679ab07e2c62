//! `/api/inbox`: who called without being known, and letting them in.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_model::actor::Actor;
use filmless_model::peer::{InboxEntry, PeerRights};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::{peers, unreadable};

/// Rows that are read.
const MAX_ROWS: u32 = 1000;

/// Query/Retrieve SOP Classes share this root and end in 1 (FIND), 2 (MOVE) or 3 (GET): PS3.4 section C.6.
const QUERY_RETRIEVE_ROOT: &str = "1.2.840.10008.5.1.4.1.2.";
/// Modality Worklist and Modality Performed Procedure Step SOP Classes.
const WORKLIST: [&str; 2] = ["1.2.840.10008.5.1.4.31", "1.2.840.10008.3.1.2.3.3"];
/// Verification SOP Class.
const VERIFICATION: &str = "1.2.840.10008.1.1";

/// An entry as it is shown.
#[derive(Serialize)]
pub struct Shown {
    calling_ae_title: String,
    called_ae_title: String,
    address: IpAddr,
    reason: String,
    abstract_syntaxes: Vec<String>,
    first_ms: i64,
    at_ms: i64,
    count: i64,
}

impl From<InboxEntry> for Shown {
    fn from(entry: InboxEntry) -> Self {
        Self {
            calling_ae_title: entry.calling_ae_title,
            called_ae_title: entry.called_ae_title,
            address: entry.address,
            reason: entry.reason,
            abstract_syntaxes: entry.abstract_syntaxes,
            first_ms: entry.first_ms,
            at_ms: entry.last_ms,
            count: entry.count,
        }
    }
}

/// Whom to let in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    calling_ae_title: String,
    address: IpAddr,
}

/// The inbox, last seen first.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    Ok(Json(app.archive.inbox(&actor, MAX_ROWS).await?.into_iter().map(Shown::from).collect()))
}

/// Lets a caller in, from the address it called from, for what it asked to do.
pub async fn accept(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    sent: Result<Json<Accept>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let ae_title = peers::parse(&sent.calling_ae_title)?;
    let address = sent.address.to_canonical();
    let entries: Vec<_> = app
        .archive
        .inbox(&actor, MAX_ROWS)
        .await?
        .into_iter()
        .filter(|entry| entry.calling_ae_title == ae_title.as_str() && entry.address.to_canonical() == address)
        .collect();
    if entries.is_empty() {
        return Err(Problem::not_found());
    }
    let rights = rights_for(entries.iter().flat_map(|entry| &entry.abstract_syntaxes));
    for entry in &entries {
        app.archive.accept_from_inbox(&actor, &ae_title, &entry.called_ae_title, entry.address, rights).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The rights that match what a caller proposed; storing if it proposed nothing that tells.
pub fn rights_for<'a>(abstract_syntaxes: impl IntoIterator<Item = &'a String>) -> PeerRights {
    let mut rights = PeerRights::default();
    for uid in abstract_syntaxes {
        match uid.strip_prefix(QUERY_RETRIEVE_ROOT) {
            Some(rest) if rest.ends_with(".1") => rights.query = true,
            Some(_) => rights.retrieve = true,
            None if uid == VERIFICATION => {}
            None if WORKLIST.contains(&uid.as_str()) => rights.worklist = true,
            None => rights.store = true,
        }
    }
    if rights == PeerRights::default() {
        rights.store = true;
    }
    rights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_gets_the_rights_it_asked_for_and_no_more() {
        for (uids, expected) in [
            (&["1.2.840.10008.1.1"][..], "store"),
            (&[], "store"),
            (&["1.2.840.10008.5.1.4.1.1.2"], "store"),
            (&["1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.1.1"], "query"),
            (&["1.2.840.10008.5.1.4.31", "1.2.840.10008.5.1.4.1.1.2"], "store,worklist"),
            (&["1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.1.2"], "query,retrieve"),
        ] {
            let uids: Vec<_> = uids.iter().map(|uid| (*uid).to_owned()).collect();
            assert_eq!(rights_for(&uids).to_words(), expected, "{uids:?}");
        }
    }
}
