//! Accounts, their tokens and their sessions. Administrators see and change those of all, everybody their own.

use std::time::Duration;

use filmless_model::account::{Account, AccountName, Role, Session, Token};
use filmless_model::actor::{Act, Actor, Acts};
use filmless_model::forwarding::Hours;
use uuid::Uuid;

use crate::archive::{Archive, ArchiveError};
use crate::authorize::Forbidden;
use crate::clock::{milliseconds, now_ms};

/// The most tokens of an account.
pub const MAX_TOKENS: usize = 100;

/// What of an account is changed; the rest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChange {
    /// Another role.
    Role(Role),
    /// The hours in which it may be used; `None` for all.
    Hours(Option<Hours>),
    /// Nobody comes in by it; sessions end, and tokens are refused.
    Block,
    /// Whoever was blocked, idle or locked may come in again.
    LetIn,
}

/// The token that is wished for.
#[derive(Debug, Clone)]
pub struct TokenWish {
    /// What it is for, in its maker's words.
    pub label: String,
    /// What of its account's acts it is for.
    pub acts: Acts,
    /// How long it holds; `None` for ever.
    pub lifetime: Option<Duration>,
}

impl Archive {
    /// Whose account an act is about: that of who asks with all their rights, or of `whose`, which is for administrators.
    fn account<'a>(&self, actor: &'a Actor, whose: Option<&'a AccountName>) -> Result<&'a AccountName, Forbidden> {
        match (actor, whose) {
            (Actor::Account { name, within, .. }, None) if *within == Acts::ALL => Ok(name),
            (_, Some(name)) => self.permit(actor, Act::ManageAccounts).map(|()| name),
            (_, None) => Err(self.refused(actor, Act::ManageAccounts, None)),
        }
    }

    /// The same for what is done before anything else: with a first password, or without a second factor.
    fn account_at_first<'a>(&self, actor: &'a Actor, whose: Option<&'a AccountName>) -> Result<&'a AccountName, Forbidden> {
        match (actor, whose) {
            (Actor::Account { name, .. }, None) => Ok(name),
            _ => self.account(actor, whose),
        }
    }

    /// All accounts, by name.
    pub async fn accounts(&self, actor: &Actor) -> Result<Vec<Account>, ArchiveError> {
        self.permit(actor, Act::ManageAccounts)?;
        Ok(self.index.accounts().await?)
    }

    /// Makes an account; false if the name is taken.
    pub async fn add_account(&self, actor: &Actor, account: &Account) -> Result<bool, ArchiveError> {
        self.permit(actor, Act::ManageAccounts)?;
        let detail = format!("account {} added as {}", account.name, account.role.as_str());
        Ok(self.administered(actor, detail).add_account(account).await?)
    }

    /// Changes an account.
    pub async fn change_account(&self, actor: &Actor, name: &AccountName, change: AccountChange) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManageAccounts)?;
        let found = match change {
            AccountChange::Role(role) => {
                let detail = format!("account {name} is {} now", role.as_str());
                self.administered(actor, detail).set_role(name, role).await?
            }
            AccountChange::Hours(hours) => {
                let detail = format!("hours of {name}: {}", hours.map_or_else(|| "all".to_owned(), |hours| hours.to_string()));
                self.administered(actor, detail).set_hours(name, hours).await?
            }
            AccountChange::Block => self.administered(actor, format!("account {name} blocked")).block_account(name).await?,
            AccountChange::LetIn => {
                self.administered(actor, format!("account {name} let in")).let_account_in(name, now_ms()).await?
            }
        };
        if found { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Sets a password. One that its owner did not choose must be changed first of all. The account's sessions end.
    pub async fn set_password(
        &self,
        actor: &Actor,
        whose: Option<&AccountName>,
        password_hash: &str,
    ) -> Result<(), ArchiveError> {
        let name = self.account_at_first(actor, whose)?;
        let index = self.administered(actor, format!("password of {name}"));
        let found = index.set_password(name, password_hash, whose.is_some()).await?;
        if found { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Gives whoever asks a second factor, of which `step` was used to show that it works.
    pub async fn set_second_factor(&self, actor: &Actor, secret: &str, step: i64) -> Result<(), ArchiveError> {
        let name = self.account_at_first(actor, None)?;
        let index = self.administered(actor, format!("second factor of {name} set"));
        let found = index.set_second_factor(name, Some(secret), step).await?;
        if found { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// Takes away the second factor of who has lost it.
    pub async fn remove_second_factor(&self, actor: &Actor, whose: &AccountName) -> Result<(), ArchiveError> {
        self.permit(actor, Act::ManageAccounts)?;
        let index = self.administered(actor, format!("second factor of {whose} taken away"));
        let found = index.set_second_factor(whose, None, 0).await?;
        if found { Ok(()) } else { Err(ArchiveError::NotFound) }
    }

    /// The sessions of an account, the newest first.
    pub async fn sessions(&self, actor: &Actor, whose: Option<&AccountName>) -> Result<Vec<Session>, ArchiveError> {
        let name = self.account(actor, whose)?;
        let sessions = self.index.sessions(now_ms()).await?;
        Ok(sessions.into_iter().filter(|session| session.account == *name).collect())
    }

    /// Ends a session of an account.
    pub async fn end_session(&self, actor: &Actor, whose: Option<&AccountName>, id: &str) -> Result<(), ArchiveError> {
        let sessions = self.sessions(actor, whose).await?;
        let session = sessions.iter().find(|session| session.id == id).ok_or(ArchiveError::NotFound)?;
        self.administered(actor, format!("session of {} ended", session.account)).remove_session(&session.id).await?;
        Ok(())
    }

    /// The tokens of an account, the oldest first.
    pub async fn tokens(&self, actor: &Actor, whose: Option<&AccountName>) -> Result<Vec<Token>, ArchiveError> {
        let name = self.account(actor, whose)?;
        Ok(self.index.tokens().await?.into_iter().filter(|token| token.account == *name).collect())
    }

    /// Makes a token, whose secret comes as its SHA-256 in hexadecimal digits. Nothing if the account has [`MAX_TOKENS`] already.
    pub async fn add_token(
        &self,
        actor: &Actor,
        whose: Option<&AccountName>,
        wish: TokenWish,
        secret_digest: &str,
    ) -> Result<Option<Token>, ArchiveError> {
        if self.tokens(actor, whose).await?.len() >= MAX_TOKENS {
            return Ok(None);
        }
        let account = self.account(actor, whose)?;
        if self.index.account(account).await?.is_none() {
            return Err(ArchiveError::NotFound);
        }
        let (id, created_ms) = (Uuid::now_v7().simple().to_string(), now_ms());
        let expires_ms = wish.lifetime.map(|lifetime| created_ms.saturating_add(milliseconds(lifetime)));
        let token = Token { id, account: account.clone(), label: wish.label, acts: wish.acts, created_ms, expires_ms };
        let detail = format!("token {} of {account} for {}", token.id, token.acts.to_words());
        self.administered(actor, detail).add_token(&token, secret_digest).await?;
        Ok(Some(token))
    }

    /// Revokes a token of an account.
    pub async fn revoke_token(&self, actor: &Actor, whose: Option<&AccountName>, id: &str) -> Result<(), ArchiveError> {
        let tokens = self.tokens(actor, whose).await?;
        let token = tokens.iter().find(|token| token.id == id).ok_or(ArchiveError::NotFound)?;
        self.administered(actor, format!("token {} of {} revoked", token.id, token.account)).remove_token(&token.id).await?;
        Ok(())
    }
}
