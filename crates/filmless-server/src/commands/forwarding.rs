//! `filmless forwarding`: how it goes with what is sent by itself. Takes effect within a second, also in a running server.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use filmless_archive::forwarding::{DestinationSummary, ForwardSummary};
use filmless_archive::{Archive, ArchiveError};
use filmless_model::actor::Actor;
use filmless_model::address::Resource;
use filmless_model::forwarding::{Condition, ForwardState, ForwardingName, Rule, Target};

use crate::cli::{Forwarding, ForwardingRule};
use crate::commands::console::{note, printable, table};
use crate::commands::{close, format_time};
use crate::config::Config;
use crate::wiring;

const OPERATOR: Actor = Actor::Operator;

pub(super) async fn run(config: &Config, command: Forwarding) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    let archive = wiring::archive(config, index.clone(), wiring::open_blobstore(config)?)?;
    match command {
        Forwarding::List => {
            let destinations = archive.destinations(&OPERATOR).await?;
            let rows: Vec<_> = destinations.iter().map(destination).collect();
            let head = ["DESTINATION", "WHERE", "ACTIVE", "WAITING", "UNPROVEN", "SENT", "FAILED", "NEXT (UTC)", "TROUBLE"];
            table(head, &rows)?;
        }
        Forwarding::Send { destination, study } => {
            known(&archive, &destination).await?;
            match archive.forward(&OPERATOR, &destination, &Resource::Study(study.clone())).await {
                Ok(queued) => note(format_args!("{queued} instances are on their way to {destination}")),
                Err(ArchiveError::NotFound) => bail!("there is no study {study}"),
                Err(error) => return Err(error.into()),
            }
        }
        Forwarding::Failed { destination, limit } => {
            known(&archive, &destination).await?;
            let failed = archive.forwards(&OPERATOR, &destination, ForwardState::Failed, limit).await?;
            let rows: Vec<_> = failed.iter().map(forward).collect();
            table(["STUDY", "INSTANCE", "ATTEMPTS", "LAST (UTC)", "WHY"], &rows)?;
        }
        Forwarding::Retry { destination } => {
            known(&archive, &destination).await?;
            let retried = archive.retry_forwards(&OPERATOR, &destination).await?;
            note(format_args!("{retried} instances that had failed are sent to {destination} again"));
        }
        Forwarding::Rule(ForwardingRule::List) => {
            let rows: Vec<_> = archive.forwarding_rules(&OPERATOR).await?.iter().map(rule).collect();
            table(["RULE", "ACTIVE", "STORED BY", "CONDITIONS", "HOURS", "GOES TO"], &rows)?;
        }
        Forwarding::Rule(ForwardingRule::Try { name, last }) => try_rule(&archive, &name, last).await?,
    }
    close(&archive, &*index).await?;
    Ok(ExitCode::SUCCESS)
}

async fn known(archive: &Archive, name: &ForwardingName) -> anyhow::Result<()> {
    let destinations = archive.destinations(&OPERATOR).await?;
    if destinations.iter().any(|summary| summary.row.destination.name == *name) {
        return Ok(());
    }
    bail!("there is no destination {name}; `filmless forwarding list` shows all")
}

async fn try_rule(archive: &Archive, name: &ForwardingName, last: u32) -> anyhow::Result<()> {
    let rules = archive.forwarding_rules(&OPERATOR).await?;
    let rule = rules.into_iter().find(|rule| rule.name == *name);
    let rule = rule.ok_or_else(|| anyhow!("there is no rule {name}; `filmless forwarding rule list` shows all"))?;
    let (looked_at, meant) = archive.try_forwarding_rule(&OPERATOR, &rule, last).await?;
    let count = meant.len();
    let mut studies = BTreeMap::<_, usize>::new();
    for address in meant {
        *studies.entry(address.study).or_default() += 1;
    }
    let rows: Vec<_> = studies.into_iter().map(|(study, instances)| [study.to_string(), instances.to_string()]).collect();
    table(["STUDY", "INSTANCES"], &rows)?;
    note(format_args!("{count} of the newest {looked_at} instances; nothing is sent"));
    Ok(())
}

fn destination(summary: &DestinationSummary) -> [String; 9] {
    let count = |state| summary.counts.get(&state).copied().unwrap_or(0).to_string();
    let row = &summary.row;
    let place = match &row.destination.target {
        Target::Peer(ae_title) => ae_title.to_string(),
        Target::Web { url, .. } => printable(url),
    };
    let next = row.trouble.as_ref().map_or_else(|| "-".to_owned(), |_| format_time(row.next_ms));
    [
        row.destination.name.to_string(),
        place,
        yes_or_no(row.destination.active),
        count(ForwardState::Waiting),
        count(ForwardState::Unproven),
        count(ForwardState::Sent),
        count(ForwardState::Failed),
        next,
        row.trouble.as_ref().map_or_else(|| "-".to_owned(), printable),
    ]
}

fn forward(row: &ForwardSummary) -> [String; 5] {
    let why = row.trouble.as_ref().map_or_else(|| "-".to_owned(), printable);
    let address = &row.address;
    [address.study.to_string(), address.instance.to_string(), row.attempts.to_string(), format_time(row.at_ms), why]
}

fn rule(rule: &Rule) -> [String; 6] {
    let listed = |names: Vec<String>| if names.is_empty() { "-".to_owned() } else { names.join(",") };
    [
        rule.name.to_string(),
        yes_or_no(rule.active),
        listed(rule.peers.iter().map(ToString::to_string).collect()),
        listed(rule.conditions.iter().map(condition).collect()),
        rule.hours.map_or_else(|| "-".to_owned(), |hours| hours.to_string()),
        listed(rule.destinations.iter().map(ToString::to_string).collect()),
    ]
}

fn condition(condition: &Condition) -> String {
    let sign = if condition.not { "!=" } else { "=" };
    printable(format_args!("{}{sign}{}", condition.attribute, condition.values.join("|")))
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
