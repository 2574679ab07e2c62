//! `/api/peers`: the DICOM nodes that may call.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use filmless_dimse::requester::{RemoteNode, RequestError};
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::machine::{LongString, Machine, MachineCode};
use filmless_model::peer::{MoveDestinations, Peer, PeerRights, WorklistCharacters, WorklistNames, WorklistOptions};
use filmless_model::uid::TransferSyntaxUid;
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::unreadable;

/// The longest host name (RFC 1035 section 2.3.4, Size limits).
const MAX_HOST_LENGTH: usize = 255;

/// The most values of a list.
const MAX_LISTED: usize = 256;

/// Who asks whether a peer is there does not wait longer.
const ECHO_PATIENCE: Duration = Duration::from_secs(15);

/// A peer as it is shown.
#[derive(Serialize)]
pub struct Shown {
    ae_title: String,
    address: Option<String>,
    port: Option<u16>,
    tls: bool,
    allow: Vec<String>,
    worklist: Worklist,
    certificate: Option<String>,
    move_destinations: Option<Vec<AeTitle>>,
    accepted_transfer_syntaxes: Vec<TransferSyntaxUid>,
    offered_transfer_syntaxes: Vec<TransferSyntaxUid>,
    max_associations: Option<u32>,
    instance_availability: bool,
    issuer_of_patient_id: Option<String>,
    department: Option<String>,
    machine_code: Option<String>,
}

/// How the worklist is put to a peer.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worklist {
    characters: String,
    names: String,
    #[serde(default)]
    max_entries: Option<u32>,
}

impl From<WorklistOptions> for Worklist {
    fn from(options: WorklistOptions) -> Self {
        Self {
            characters: options.characters.as_str().to_owned(),
            names: options.names.as_str().to_owned(),
            max_entries: options.max_entries,
        }
    }
}

impl Worklist {
    fn options(&self) -> Result<WorklistOptions, Problem> {
        let characters = WorklistCharacters::parse(&self.characters).ok_or_else(|| bad("characters is utf-8 or ascii"))?;
        let names = WorklistNames::parse(&self.names).ok_or_else(|| bad("names is as-ordered, whole or parsed"))?;
        if self.max_entries == Some(0) {
            return Err(bad("max_entries is at least 1").of_field("max_entries"));
        }
        Ok(WorklistOptions { characters, names, max_entries: self.max_entries })
    }
}

impl From<Peer> for Shown {
    fn from(peer: Peer) -> Self {
        Self {
            ae_title: peer.ae_title.into(),
            address: peer.address,
            port: peer.port,
            tls: peer.tls,
            allow: words(peer.rights),
            worklist: peer.worklist.into(),
            certificate: peer.certificate.map(|certificate| certificate.to_string()),
            move_destinations: match peer.move_destinations {
                MoveDestinations::All => None,
                MoveDestinations::Only(listed) => Some(listed),
            },
            accepted_transfer_syntaxes: peer.accepted_transfer_syntaxes,
            offered_transfer_syntaxes: peer.offered_transfer_syntaxes,
            max_associations: peer.max_associations,
            instance_availability: peer.instance_availability,
            issuer_of_patient_id: peer.machine.issuer_of_patient_id.map(|text| text.to_string()),
            department: peer.machine.department.map(|text| text.to_string()),
            machine_code: peer.machine.code.map(|text| text.to_string()),
        }
    }
}

/// What is sent to add or change a peer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    port: Option<u16>,
    #[serde(default)]
    tls: bool,
    allow: Vec<String>,
    #[serde(default)]
    worklist: Option<Worklist>,
    #[serde(default)]
    certificate: Option<String>,
    /// Everywhere, if absent; nowhere, if it has none.
    #[serde(default)]
    move_destinations: Option<Vec<String>>,
    #[serde(default)]
    accepted_transfer_syntaxes: Vec<String>,
    #[serde(default)]
    offered_transfer_syntaxes: Vec<String>,
    #[serde(default)]
    max_associations: Option<u32>,
    #[serde(default)]
    instance_availability: bool,
    #[serde(default)]
    issuer_of_patient_id: Option<String>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    machine_code: Option<String>,
}

impl Sent {
    /// The peer that it describes.
    fn peer(self, ae_title: AeTitle) -> Result<Peer, Problem> {
        let address = self.address.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
        if address.as_ref().is_some_and(|host| host.len() > MAX_HOST_LENGTH || host.chars().any(|c| c.is_control() || c == ' ')) {
            return Err(bad("address is an IP address or a host name").of_field("address"));
        }
        if self.port == Some(0) {
            return Err(bad("port is 1 to 65535").of_field("port"));
        }
        if self.max_associations == Some(0) {
            return Err(bad("max_associations is at least 1").of_field("max_associations"));
        }
        let rights =
            PeerRights::parse(&self.allow.join(",")).map_err(|_| bad("allow has store, query, retrieve, replace or worklist"))?;
        let worklist = self.worklist.map(|worklist| worklist.options()).transpose()?.unwrap_or_default();
        let certificate = optional("certificate", self.certificate.as_deref(), CERTIFICATE, CertificateBinding::parse)?;
        let move_destinations = match self.move_destinations {
            None => MoveDestinations::All,
            Some(sent) => MoveDestinations::Only(each("move_destinations", &sent, |title| AeTitle::parse(title).ok())?),
        };
        let uid = |uid: &str| TransferSyntaxUid::parse(uid).ok();
        Ok(Peer {
            address,
            port: self.port,
            tls: self.tls,
            rights,
            worklist,
            certificate,
            move_destinations,
            accepted_transfer_syntaxes: each("accepted_transfer_syntaxes", &self.accepted_transfer_syntaxes, uid)?,
            offered_transfer_syntaxes: each("offered_transfer_syntaxes", &self.offered_transfer_syntaxes, uid)?,
            max_associations: self.max_associations,
            instance_availability: self.instance_availability,
            machine: Machine {
                issuer_of_patient_id: optional(
                    "issuer_of_patient_id",
                    self.issuer_of_patient_id.as_deref(),
                    LONG_STRING,
                    LongString::parse,
                )?,
                department: optional("department", self.department.as_deref(), LONG_STRING, LongString::parse)?,
                code: optional("machine_code", self.machine_code.as_deref(), MACHINE_CODE, MachineCode::parse)?,
            },
            ..Peer::named(ae_title)
        })
    }
}

const CERTIFICATE: &str = "CN= and a common name, or the SHA-256 of a certificate in hexadecimal digits";
const LONG_STRING: &str = "at most 64 characters, without backslash";
const MACHINE_CODE: &str = "group, funding (1 to 3), five characters of the facility and number, with dots between";

/// A text that may be absent or blank.
fn optional<T>(
    field: &'static str,
    text: Option<&str>,
    form: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| bad(format!("{field} is {form}")).of_field(field))
}

/// The values of a list, each once.
fn each<T: PartialEq>(field: &'static str, texts: &[String], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Problem> {
    if texts.len() > MAX_LISTED {
        return Err(bad(format!("{field} has at most {MAX_LISTED} values")).of_field(field));
    }
    let mut values = Vec::new();
    for text in texts {
        let value = parse(text).ok_or_else(|| bad(format!("{field} has a value that is none")).of_field(field))?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

/// All peers.
pub async fn list(State(app): State<Arc<App>>, Extension(actor): Extension<Actor>) -> Result<Json<Vec<Shown>>, Problem> {
    Ok(Json(app.archive.peers(&actor).await?.into_iter().map(Shown::from).collect()))
}

/// Adds or changes a peer.
pub async fn put(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
    sent: Result<Json<Sent>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(sent) = sent.map_err(|rejection| unreadable(&rejection))?;
    let peer = sent.peer(parse(&ae_title)?)?;
    app.archive.put_peer(&actor, &peer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an echo came to.
#[derive(Serialize)]
pub struct Echo {
    answers: bool,
    /// Why not, as a word for programs.
    failure: Option<&'static str>,
    /// Why not, in words.
    detail: Option<String>,
    duration_ms: u64,
}

/// Asks a peer whether it is there (C-ECHO).
pub async fn echo(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
) -> Result<Json<Echo>, Problem> {
    let (_, node) = node(&app, &actor, &ae_title).await?;
    let began = Instant::now();
    let asked = tokio::time::timeout(ECHO_PATIENCE, app.requester.echo(&node)).await.unwrap_or(Err(RequestError::NoResponse));
    let failure = asked.err();
    Ok(Json(Echo {
        answers: failure.is_none(),
        failure: failure.as_ref().map(RequestError::word),
        detail: failure.map(|failure| failure.to_string()),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

/// A peer, and where it is called.
pub(super) async fn node(app: &App, actor: &Actor, ae_title: &str) -> Result<(Peer, RemoteNode), Problem> {
    let ae_title = parse(ae_title)?;
    let peers = app.archive.peers(actor).await?;
    let peer = peers.into_iter().find(|peer| peer.ae_title == ae_title).ok_or_else(Problem::not_found)?;
    let node = RemoteNode::of(&peer)
        .ok_or_else(|| Problem::new(StatusCode::CONFLICT, "it is not known where the peer is: give it an address and a port"))?;
    Ok((peer, node))
}

/// Forgets a peer.
pub async fn remove(
    State(app): State<Arc<App>>,
    Extension(actor): Extension<Actor>,
    Path(ae_title): Path<String>,
) -> Result<StatusCode, Problem> {
    let removed = app.archive.remove_peer(&actor, &parse(&ae_title)?).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

pub(super) fn parse(ae_title: &str) -> Result<AeTitle, Problem> {
    AeTitle::parse(ae_title).map_err(|_| bad("an AE title has 1 to 16 characters, without backslash").of_field("ae_title"))
}

pub(super) fn bad(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

fn words(rights: PeerRights) -> Vec<String> {
    rights.to_words().split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
