//! `filmless token`: secrets for programs. Only `add` shows one, once, alone on standard output.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use filmless_archive::clock::{milliseconds, now_ms};
use filmless_model::account::{MAX_LABEL_LENGTH, Token};
use uuid::Uuid;

use crate::cli;
use crate::commands::console::{note, print, table};
use crate::commands::{account, format_time, recorded};
use crate::config::Config;
use crate::{secrets, wiring};

pub(super) async fn run(config: &Config, command: cli::Token) -> anyhow::Result<ExitCode> {
    let index = wiring::open_index(config).await?;
    match command {
        cli::Token::Add { account, label, acts, days } => {
            if label.len() > MAX_LABEL_LENGTH || label.chars().any(char::is_control) {
                bail!("a label has at most {MAX_LABEL_LENGTH} bytes");
            }
            let name = account::parse(&account)?;
            if index.account(&name).await?.is_none() {
                bail!("there is no account {name}; `filmless account add {name} --role radiologist` makes it");
            }
            let secret = secrets::random_token()?;
            let (id, created_ms) = (Uuid::now_v7().simple().to_string(), now_ms());
            let expires_ms = days.map(|days| created_ms.saturating_add(milliseconds(Duration::from_hours(24) * days)));
            let token = Token { id, account: name.clone(), label, acts, created_ms, expires_ms };
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
                let ends = |token: &Token| token.expires_ms.map_or_else(|| "never".to_owned(), format_time);
                let row = |token: &Token| {
                    let (made, ends) = (format_time(token.created_ms), ends(token));
                    [token.id.clone(), token.account.to_string(), token.label.clone(), token.acts.to_words(), made, ends]
                };
                let rows: Vec<_> = tokens.iter().map(row).collect();
                table(["ID", "ACCOUNT", "LABEL", "ACTS", "MADE (UTC)", "ENDS (UTC)"], &rows)?;
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
