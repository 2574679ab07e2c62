//! `filmless token`: secrets for programs. Only `add` shows one, once, alone on standard output.

use std::process::ExitCode;

use anyhow::{Context, bail};
use filmless_archive::clock::now_ms;
use filmless_model::account::Token;
use uuid::Uuid;

use crate::cli;
use crate::commands::console::{note, print, table};
use crate::commands::{account, format_time, recorded};
use crate::config::Config;
use crate::{secrets, wiring};

pub(super) async fn run(config: &Config, command: cli::Token) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    match command {
        cli::Token::Add { account } => {
            let name = account::parse(&account)?;
            if index.account(&name).await?.is_none() {
                bail!("there is no account {name}; `filmless account add {name} --role radiologist` makes it");
            }
            let secret = secrets::random_token()?;
            let token = Token { id: Uuid::now_v7().simple().to_string(), account: name.clone(), created_ms: now_ms() };
            let index = recorded(&*index, format!("token {} of {name}", token.id));
            index.add_token(&token, &secrets::digest(&secret)).await.context("cannot keep the token")?;
            print(&secret)?;
            note(format_args!("token {} of {name}; keep it now, it is not shown again", token.id));
        }
        cli::Token::List => {
            let tokens = index.tokens().await?;
            if tokens.is_empty() {
                note("no tokens");
            } else {
                let rows: Vec<_> =
                    tokens.iter().map(|t| [t.id.clone(), t.account.to_string(), format_time(t.created_ms)]).collect();
                table(["ID", "ACCOUNT", "MADE (UTC)"], &rows)?;
            }
        }
        cli::Token::Revoke { id } => {
            if !recorded(&*index, format!("token {id} revoked")).remove_token(&id).await? {
                bail!("there is no token {id:?}; `filmless token list` shows all");
            }
            note(format_args!("token {id} is revoked"));
        }
    }
    index.close().await;
    Ok(ExitCode::SUCCESS)
}
