//! `filmless account`: people and programs that sign in.

use std::process::ExitCode;

use anyhow::{Context, bail};
use filmless_archive::clock::now_ms;
use filmless_index::{Index, IndexError};
use filmless_model::account::{Account, AccountName};

use crate::cli;
use crate::commands::console::{new_password, note, table};
use crate::commands::{format_time, recorded};
use crate::config::Config;
use crate::http::sign_in::SignIn;
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
            let account = Account::new(name.clone(), role, password_hash, now_ms());
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
            if !recorded(&*index, format!("password of {name}")).set_password(&name, &password_hash, false).await? {
                bail!("there is no account {name} any more");
            }
            note(format_args!("the password of {name} is changed; its sessions have ended"));
            index.close().await;
        }
        cli::Account::Role { name, role } => {
            let done = format!("account {} is {} now", parse(&name)?, role.as_str());
            change(config, &name, done, async |index, name| index.set_role(name, role).await).await?;
        }
        cli::Account::Hours { name, hours } => {
            let said = hours.map_or_else(|| "at any time".to_owned(), |hours| hours.to_string());
            let done = format!("account {} may be used {said}", parse(&name)?);
            change(config, &name, done, async |index, name| index.set_hours(name, hours).await).await?;
        }
        cli::Account::ForgetSecondFactor { name } => {
            let done = format!("second factor of {} taken away", parse(&name)?);
            change(config, &name, done, async |index, name| index.set_second_factor(name, None, 0).await).await?;
        }
        cli::Account::Block { name } => {
            let done = format!("account {} blocked", parse(&name)?);
            change(config, &name, done, async |index, name| index.block_account(name).await).await?;
        }
        cli::Account::Admit { name } => {
            let done = format!("account {} let in", parse(&name)?);
            change(config, &name, done, async |index, name| index.let_account_in(name, now_ms()).await).await?;
        }
        cli::Account::List => {
            let index = wiring::open_index(config).await?;
            let accounts = index.accounts().await?;
            if accounts.is_empty() {
                note("no accounts; `filmless account add NAME --role admin` makes one");
                return Ok(ExitCode::SUCCESS);
            }
            let rules = SignIn::new(&config.sign_in);
            let mut rows = Vec::new();
            for account in accounts {
                let now_ms = now_ms();
                let trouble = if let Some(barred) = rules.barred(&account, now_ms) {
                    barred.as_str()
                } else if rules.is_locked(&*index, &account.name, now_ms).await? {
                    "the account is locked for wrong passwords"
                } else if account.must_change_password {
                    "the password must be changed"
                } else {
                    ""
                };
                let (role, made, used) =
                    (account.role.as_str().to_owned(), format_time(account.created_ms), format_time(account.used_ms));
                rows.push([account.name.to_string(), role, made, used, trouble.to_owned()]);
            }
            table(["NAME", "ROLE", "MADE (UTC)", "USED (UTC)", "TROUBLE"], &rows)?;
            index.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Changes an account, which `done` says.
async fn change(
    config: &Config,
    name: &str,
    done: String,
    change: impl AsyncFnOnce(&dyn Index, &AccountName) -> Result<bool, IndexError>,
) -> anyhow::Result<()> {
    let name = parse(name)?;
    let index = wiring::open_index(config).await?;
    if !change(&*recorded(&*index, done.clone()), &name).await? {
        bail!("there is no account {name}; `filmless account list` shows all");
    }
    note(done);
    index.close().await;
    Ok(())
}

pub(super) fn parse(name: &str) -> anyhow::Result<AccountName> {
    AccountName::parse(name).with_context(|| format!("{name:?} is not an account name"))
}

async fn hash(password: String) -> anyhow::Result<String> {
    Ok(tokio::task::spawn_blocking(move || secrets::hash_password(&password)).await.context("hashing stopped")??)
}
