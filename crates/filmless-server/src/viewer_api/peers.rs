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
use filmless_model::peer::{Peer, PeerRights, WorklistCharacters, WorklistNames, WorklistOptions};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::problem::Problem;
use crate::viewer_api::unreadable;

/// The longest host name (RFC 1035 section 2.3.4, Size limits).
const MAX_HOST_LENGTH: usize = 255;

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
            return Err(bad("max_entries is at least 1"));
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
    let address = sent.address.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
    if address.as_ref().is_some_and(|host| host.len() > MAX_HOST_LENGTH || host.chars().any(|c| c.is_control() || c == ' ')) {
        return Err(bad("address is an IP address or a host name"));
    }
    if sent.port == Some(0) {
        return Err(bad("port is 1 to 65535"));
    }
    let rights =
        PeerRights::parse(&sent.allow.join(",")).map_err(|_| bad("allow has store, query, retrieve, replace or worklist"))?;
    let worklist = sent.worklist.map(|worklist| worklist.options()).transpose()?.unwrap_or_default();
    let certificate =
        sent.certificate.map(|text| CertificateBinding::parse(&text).ok_or_else(unknown_certificate)).transpose()?;
    let peer = Peer { address, port: sent.port, tls: sent.tls, rights, worklist, certificate, ..Peer::named(parse(&ae_title)?) };
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
    AeTitle::parse(ae_title).map_err(|_| bad("an AE title has 1 to 16 characters, without backslash"))
}

fn unknown_certificate() -> Problem {
    bad("certificate is CN= and a common name, or the SHA-256 of a certificate in hexadecimal digits")
}

pub(super) fn bad(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail)
}

fn words(rights: PeerRights) -> Vec<String> {
    rights.to_words().split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
