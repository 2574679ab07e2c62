//! `filmless account`: people and programs that sign in.

use std::process::ExitCode;

use anyhow::{Context, bail};
use filmless_archive::clock::now_ms;
use filmless_model::account::{Account, AccountName};

use crate::cli;
use crate::commands::console::{new_password, note, table};
use crate::commands::{format_time, recorded};
use crate::config::Config;
use crate::{secrets, wiring};

pub(super) async fn run(config: &Config, command: cli::Account) -> anyhow::Result<ExitCode> {
    match command {
        cli::Account::Add { name, role, password_stdin } => {
            let name = parse(&name)?;
            let index = wiring::open_index(config).await?;
            if index.account(&name).await?.is_some() {
                bail!("account {name} exists; `filmless account passwd {name}` changes its password");
            }
            let password_hash = hash(new_password(password_stdin)?).await?;
            let account = Account { name: name.clone(), role, password_hash, created_ms: now_ms() };
            if !recorded(&*index, format!("account {name} added as {}", role.as_str())).add_account(&account).await? {
                bail!("account {name} exists; it was made a moment ago");
            }
            note(format_args!("account {name} can sign in as {}", role.as_str()));
            index.close().await;
        }
        cli::Account::Passwd { name, password_stdin } => {
            let name = parse(&name)?;
            let index = wiring::open_index(config).await?;
            if index.account(&name).await?.is_none() {
                bail!("there is no account {name}; `filmless account list` shows all");
            }
            let password_hash = hash(new_password(password_stdin)?).await?;
            if !recorded(&*index, format!("password of {name}")).set_password(&name, &password_hash).await? {
                bail!("there is no account {name} any more");
            }
            note(format_args!("the password of {name} is changed; its sessions have ended"));
            index.close().await;
        }
        cli::Account::List => {
            let index = wiring::open_index(config).await?;
            let accounts = index.accounts().await?;
            if accounts.is_empty() {
                note("no accounts; `filmless account add NAME --role admin` makes one");
                return Ok(ExitCode::SUCCESS);
            }
            let rows: Vec<_> =
                accounts.iter().map(|a| [a.name.to_string(), a.role.as_str().to_owned(), format_time(a.created_ms)]).collect();
            table(["NAME", "ROLE", "MADE (UTC)"], &rows)?;
            index.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn parse(name: &str) -> anyhow::Result<AccountName> {
    AccountName::parse(name).with_context(|| format!("{name:?} is not an account name"))
}

async fn hash(password: String) -> anyhow::Result<String> {
    Ok(tokio::task::spawn_blocking(move || secrets::hash_password(&password)).await.context("hashing stopped")??)
}
