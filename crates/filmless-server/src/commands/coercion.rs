//! `filmless coercion`: what is done with what peers send. Takes effect within a second, also in a running server.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use filmless_archive::coercions::PreviewOf;
use filmless_dicom::coercion::PeerCoercion;
use filmless_dicom::dictionary;
use filmless_model::actor::Actor;
use filmless_model::ae_title::AeTitle;

use crate::cli;
use crate::commands::close;
use crate::commands::console::{note, print, printable, table};
use crate::config::Config;
use crate::wiring;

pub(super) async fn run(config: &Config, command: cli::Coercion) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    let operator = Actor::Operator;
    match command {
        cli::Coercion::Show { peer } => {
            let written = archive.coercions(&operator).await?;
            match (written.get(&peer), &peer) {
                (Some(coercion), _) => print(serde_json::to_string_pretty(coercion)?)?,
                (None, Some(peer)) => bail!("there are no rules for {peer}"),
                (None, None) => note("there are no rules for all peers"),
            }
            let others: Vec<_> = written.keys().flatten().filter(|other| Some(*other) != peer.as_ref()).collect();
            if !others.is_empty() {
                let others: Vec<_> = others.into_iter().map(AeTitle::as_str).collect();
                note(format_args!("there are rules for {} also", others.join(", ")));
            }
        }
        cli::Coercion::Set { file, peer } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let coercion = PeerCoercion::from_json(&text).with_context(|| format!("no rules in {}", file.display()))?;
            archive.put_coercion(&operator, peer.as_ref(), &coercion).await?;
            let (count, who) = (coercion.rules.len(), whose(peer.as_ref()));
            note(format_args!("{count} rules for {who}; they are for what is stored from now on"));
        }
        cli::Coercion::Remove { peer } => {
            archive.put_coercion(&operator, peer.as_ref(), &PeerCoercion::default()).await?;
            note(format_args!("nothing is coerced for {}", whose(peer.as_ref())));
        }
        cli::Coercion::Preview { peer, file, last } => {
            let coercion = match file {
                Some(file) => {
                    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                    PeerCoercion::from_json(&text).with_context(|| format!("no rules in {}", file.display()))?
                }
                None => archive.coercion_of(&operator, Some(&peer)).await?,
            };
            let previews = archive.preview_coercion(&operator, coercion, PreviewOf::LastOf(peer, last)).await?;
            let mut rows = Vec::new();
            for preview in &previews {
                for change in &preview.changes {
                    let rule = change.rule.map_or_else(|| "character set".to_owned(), |rule| (rule + 1).to_string());
                    let attribute = dictionary::keyword(change.attribute).unwrap_or("?").to_owned();
                    let text = |text: &Option<String>| text.as_ref().map_or_else(|| "-".to_owned(), printable);
                    let instance = preview.address.instance.to_string();
                    rows.push([instance, rule, attribute, text(&change.before), text(&change.after)]);
                }
            }
            table(["INSTANCE", "RULE", "ATTRIBUTE", "BEFORE", "AFTER"], &rows)?;
            note(format_args!("{} instances looked at, nothing kept", previews.len()));
        }
    }
    close(&archive, &*index).await?;
    Ok(ExitCode::SUCCESS)
}

fn whose(peer: Option<&AeTitle>) -> String {
    peer.map_or_else(|| "all peers".to_owned(), ToString::to_string)
}
