//! `filmless peer`: the DICOM nodes that may call, and those that called without being known. Takes effect at once,
//! also in a running server.

mod calls;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use filmless_model::ae_title::AeTitle;
use filmless_model::certificate::CertificateBinding;
use filmless_model::peer::{InboxEntry, MoveDestinations, Peer};
use filmless_model::uid::TransferSyntaxUid;
use tokio_util::sync::CancellationToken;

use crate::cli;
use crate::commands::console::{note, printable, table};
use crate::commands::{format_time, recorded};
use crate::config::Config;
use crate::viewer_api::inbox::rights_for;
use crate::wiring;

/// Rows of the inbox that are shown.
const INBOX_ROWS: u32 = 1000;

pub(super) async fn run(config: &Config, command: cli::Peer) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    match command {
        cli::Peer::Add(added) => {
            let peer = Peer::from(*added);
            let verb = if index.peer(&peer.ae_title).await?.is_some() { "changed" } else { "added" };
            recorded(&*index, format!("peer {}", peer.ae_title)).put_peer(&peer).await?;
            let from = peer.address.as_ref().map_or_else(|| "any address".to_owned(), printable);
            let shows = shows(peer.certificate.as_ref());
            note(format_args!("peer {} {verb}: may {} from {from}{shows}", peer.ae_title, peer.rights.to_words()));
        }
        cli::Peer::Show { ae_title } => {
            let Some(peer) = index.peer(&ae_title).await? else {
                bail!("there is no peer {ae_title}; `filmless peer list` shows all");
            };
            table(["SETTING", "VALUE"], &settings(&peer).map(|(name, value)| [name.to_owned(), printable(value)]))?;
        }
        cli::Peer::List => {
            let peers = index.peers().await?;
            if peers.is_empty() {
                note("no peers; `filmless peer add AE_TITLE --allow store` lets one in");
            } else {
                let rows: Vec<_> = peers
                    .iter()
                    .map(|p| {
                        let address = p.address.as_ref().map_or_else(|| "any".to_owned(), printable);
                        let port = p.port.map_or_else(|| "-".to_owned(), |port| port.to_string());
                        let port = if p.tls { format!("{port} (TLS)") } else { port };
                        let certificate = p.certificate.as_ref().map_or_else(|| "any or none".to_owned(), printable);
                        let department = or_dash(p.machine.department.as_ref());
                        let code = or_dash(p.machine.code.as_ref());
                        [p.ae_title.to_string(), address, port, p.rights.to_words(), certificate, department, code]
                    })
                    .collect();
                table(["AE TITLE", "ADDRESS", "PORT", "MAY", "CERTIFICATE", "DEPARTMENT", "MACHINE CODE"], &rows)?;
            }
        }
        cli::Peer::Echo { ae_title } => {
            let (_, node) = calls::node(&*index, &ae_title).await?;
            let requester = wiring::requester(config, CancellationToken::new())?;
            let began = Instant::now();
            requester.echo(&node).await.with_context(|| calls::place(&node))?;
            note(format_args!("{ae_title} answers, in {} ms", began.elapsed().as_millis()));
        }
        cli::Peer::Send { ae_title, which, commit } => return calls::send(config, index, &ae_title, (which, commit)).await,
        cli::Peer::Find { ae_title, keys, level, limit } => {
            return calls::find(config, index, &ae_title, (level, &keys), limit).await;
        }
        cli::Peer::Fetch { ae_title, which } => return calls::fetch(config, index, &ae_title, which).await,
        cli::Peer::Remove { ae_title } => {
            if !recorded(&*index, format!("peer {ae_title} removed")).remove_peer(&ae_title).await? {
                bail!("there is no peer {ae_title}; `filmless peer list` shows all");
            }
            note(format_args!("peer {ae_title} is forgotten"));
        }
        cli::Peer::Inbox => {
            let entries = index.inbox(INBOX_ROWS).await?;
            if entries.is_empty() {
                note("nobody called without being known");
            } else {
                let rows: Vec<_> = entries.iter().map(row).collect();
                table(["AE TITLE", "ADDRESS", "CALLED", "WHY REJECTED", "TIMES", "LAST (UTC)"], &rows)?;
            }
        }
        cli::Peer::Accept { ae_title, address } => {
            let entries = index.inbox(INBOX_ROWS).await?;
            let mut found: Vec<_> = entries
                .into_iter()
                .filter(|entry| entry.calling_ae_title == ae_title.as_str() && address.is_none_or(|a| a == entry.address))
                .collect();
            let addresses: std::collections::BTreeSet<_> = found.iter().map(|entry| entry.address).collect();
            if addresses.len() > 1 {
                let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                bail!("{ae_title} called from {}; say which one with --address", list.join(", "));
            }
            let Some(entry) = found.pop() else { bail!("{ae_title} is not in the inbox; `filmless peer inbox` shows who is") };
            let rights = rights_for(entry.abstract_syntaxes.iter().chain(found.iter().flat_map(|e| &e.abstract_syntaxes)));
            let peer = index.peer(&ae_title).await?.unwrap_or_else(|| Peer::named(ae_title.clone()));
            let peer = peer.let_in(entry.address, rights);
            recorded(&*index, format!("peer {ae_title} let in")).put_peer(&peer).await?;
            let shows = shows(peer.certificate.as_ref());
            for entry in found.iter().chain([&entry]) {
                index.forget(&entry.calling_ae_title, &entry.called_ae_title, entry.address).await?;
            }
            note(format_args!("peer {ae_title} added: may {} from {}{shows}", peer.rights.to_words(), entry.address));
        }
    }
    index.close().await;
    Ok(ExitCode::SUCCESS)
}

/// All that is set for a peer, under the names of the flags that set it.
fn settings(peer: &Peer) -> [(&'static str, String); 17] {
    let joined = |uids: &[TransferSyntaxUid], otherwise: &str| {
        let uids: Vec<_> = uids.iter().map(TransferSyntaxUid::as_str).collect();
        if uids.is_empty() { otherwise.to_owned() } else { uids.join(",") }
    };
    let move_to = match &peer.move_destinations {
        MoveDestinations::All => "all".to_owned(),
        MoveDestinations::Only(listed) if listed.is_empty() => "none".to_owned(),
        MoveDestinations::Only(listed) => listed.iter().map(AeTitle::as_str).collect::<Vec<_>>().join(","),
    };
    [
        ("ae-title", peer.ae_title.to_string()),
        ("address", peer.address.clone().unwrap_or_else(|| "any".to_owned())),
        ("port", or_dash(peer.port)),
        ("tls", yes_or_no(peer.tls)),
        ("allow", peer.rights.to_words()),
        ("certificate", peer.certificate.as_ref().map_or_else(|| "any or none".to_owned(), ToString::to_string)),
        ("worklist-characters", peer.worklist.characters.as_str().to_owned()),
        ("worklist-names", peer.worklist.names.as_str().to_owned()),
        ("worklist-max-entries", or_dash(peer.worklist.max_entries)),
        ("move-to", move_to),
        ("accept-transfer-syntaxes", joined(&peer.accepted_transfer_syntaxes, "all")),
        ("offer-transfer-syntaxes", joined(&peer.offered_transfer_syntaxes, "as stored, else uncompressed")),
        ("max-associations", or_dash(peer.max_associations)),
        ("instance-availability", yes_or_no(peer.instance_availability)),
        ("issuer-of-patient-id", or_dash(peer.machine.issuer_of_patient_id.as_ref())),
        ("department", or_dash(peer.machine.department.as_ref())),
        ("machine-code", or_dash(peer.machine.code.as_ref())),
    ]
}

fn yes_or_no(is_set: bool) -> String {
    if is_set { "yes" } else { "no" }.to_owned()
}

fn or_dash(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), printable)
}

/// What a peer has to show, as the end of a sentence.
fn shows(certificate: Option<&CertificateBinding>) -> String {
    certificate.map_or_else(String::new, |certificate| format!(", if it shows the certificate {}", printable(certificate)))
}

fn row(entry: &InboxEntry) -> [String; 6] {
    [
        printable(&entry.calling_ae_title),
        entry.address.to_string(),
        printable(&entry.called_ae_title),
        entry.reason.clone(),
        entry.count.to_string(),
        format_time(entry.last_ms),
    ]
}
