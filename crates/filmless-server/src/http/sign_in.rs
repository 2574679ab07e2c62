//! The check of names and passwords, for the web and for users that call by DICOM: how often, and how many at once.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use filmless_archive::clock::{milliseconds, now_ms};
use filmless_dimse::users::{UserRefusal, Users};
use filmless_index::{Index, IndexError};
use filmless_model::account::{Account, AccountName, Barred, Role};
use filmless_model::actor::{Actor, Acts, User};
use filmless_model::audit::{AuditEvent, AuditedAct, Outcome};
use futures::future::BoxFuture;
use ipnet::IpNet;
use tokio::sync::Semaphore;

use crate::config::SignInConfig;
use crate::http::App;
use crate::http::client::Client;
use crate::http::rate_limit::RateLimit;
use crate::{second_factor, secrets};

/// Attempts per address count this many times those per account and address: a ward shares one address.
const ATTEMPTS_PER_NETWORK: u32 = 10;
const PERIOD: Duration = Duration::from_mins(1);
/// How long a sign-in waits for its turn to be checked.
const TURN_PATIENCE: Duration = Duration::from_secs(10);
/// Sign-ins that wait for their turn, per one that is checked.
const WAITING_PER_CHECK: usize = 8;

/// Guards the check of passwords.
pub struct SignIn {
    by_account: RateLimit<(IpAddr, String)>,
    by_network: RateLimit<IpAddr>,
    checks: Arc<Semaphore>,
    waiting: Semaphore,
    lock_after: u64,
    lock: Duration,
    idle_ms: i64,
    second_factor_for: Vec<Role>,
    inside: Vec<IpNet>,
}

/// What somebody shows who says a name.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// Nothing: the account is only looked up.
    Nothing,
    /// The password alone.
    Password(&'a str),
    /// The password, and the digits of the second factor where the account has one.
    PasswordAndCode(&'a str, Option<&'a str>),
}

/// Why somebody is not signed in.
#[derive(Debug)]
pub enum Refusal {
    /// Too often wrong; the next attempt may be made after this time.
    TooManyAttempts(Duration),
    /// No such account, or another password.
    Wrong,
    /// The password is right, and the account may not be used.
    Barred(Barred),
    /// The password is right, and the digits of the second factor are wanted.
    CodeWanted,
    /// The password is right, and these digits are not.
    WrongCode,
    /// Too many sign-ins at once.
    Busy,
    /// The check stopped.
    Fault,
    /// The database does not answer.
    Unavailable(IndexError),
}

impl SignIn {
    /// As the settings say.
    pub fn new(config: &SignInConfig) -> Self {
        let checks = usize::try_from(config.max_concurrent).unwrap_or(1).max(1);
        Self {
            by_account: RateLimit::new(config.attempts_per_minute, PERIOD),
            by_network: RateLimit::new(config.attempts_per_minute.saturating_mul(ATTEMPTS_PER_NETWORK), PERIOD),
            checks: Arc::new(Semaphore::new(checks)),
            waiting: Semaphore::new(checks * WAITING_PER_CHECK),
            lock_after: config.lock_after_attempts.into(),
            lock: Duration::from_secs(config.lock_seconds),
            idle_ms: milliseconds(Duration::from_hours(24) * config.idle_days),
            second_factor_for: config.second_factor_for.clone(),
            inside: config.inside_networks.clone(),
        }
    }

    /// Why an account may not be used, whatever secret is shown.
    pub fn barred(&self, account: &Account, now_ms: i64) -> Option<Barred> {
        account.barred(self.idle_ms, now_ms)
    }

    /// Why a person may not use an account from an address.
    pub fn barred_from(&self, account: &Account, address: IpAddr, now_ms: i64) -> Option<Barred> {
        let is_inside =
            self.inside.is_empty() || address.is_loopback() || self.inside.iter().any(|network| network.contains(&address));
        let is_outside = !is_inside && account.second_factor.is_none();
        self.barred(account, now_ms).or(is_outside.then_some(Barred::Outside))
    }

    /// Whether an account must be given a second factor before anything else.
    pub fn wants_second_factor(&self, account: &Account) -> bool {
        account.second_factor.is_none() && self.second_factor_for.contains(&account.role)
    }

    /// What of its role's acts a person may do with an account now.
    pub fn within(&self, account: &Account) -> Acts {
        if self.wants_second_factor(account) { Acts::NONE } else { account.within() }
    }

    /// Whether a name is locked for the wrong passwords that were given for it, an account's or not.
    pub async fn is_locked(&self, index: &dyn Index, name: &AccountName, now_ms: i64) -> Result<bool, IndexError> {
        Ok(index.wrong_passwords(name, self.lock_since(now_ms)).await? >= self.lock_after)
    }

    /// What is older than this does not count any more.
    fn lock_since(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(milliseconds(self.lock))
    }

    /// Whose name this is, if what is shown is right. Attempts count alike, whatever is shown. What is refused is written to the
    /// audit log.
    pub async fn check(&self, app: &App, client: Client, name: &str, shown: Shown<'_>) -> Result<Account, Refusal> {
        let password = match shown {
            Shown::Nothing => None,
            Shown::Password(password) | Shown::PasswordAndCode(password, _) => Some(password),
        };
        let name = AccountName::parse(name).ok();
        let key = (client.network(), name.as_ref().map(ToString::to_string).unwrap_or_default());
        let now = Instant::now();
        let limited = self.by_network.take(key.0, now).and_then(|()| self.by_account.take(key.clone(), now));
        let too_many = |wait| {
            metrics::counter!("filmless_sign_ins_total", "outcome" => "limited").increment(1);
            tracing::warn!(client.address = %client.address, "too many attempts to sign in");
            refused(app, client, None, "too many attempts");
            Refusal::TooManyAttempts(wait)
        };
        limited.map_err(too_many)?;
        let now_ms = now_ms();
        if let (Some(name), Some(_)) = (&name, password)
            && self.is_locked(&*app.index, name, now_ms).await.map_err(Refusal::Unavailable)?
        {
            return Err(too_many(self.lock));
        }
        let known = match &name {
            Some(name) => app.index.account(name).await.map_err(Refusal::Unavailable)?,
            None => None,
        };
        let fits = match password {
            Some(password) => {
                let hash = known.as_ref().map(|account| account.password_hash.clone());
                self.verify(password.to_owned(), hash).await?
            }
            None => known.is_some(),
        };
        let (Some(account), true) = (known.clone(), fits) else {
            if let (Some(name), Some(_)) = (&name, password) {
                let noted = app.index.note_wrong_password(name, now_ms, self.lock_since(now_ms)).await;
                noted.map_err(Refusal::Unavailable)?;
            }
            metrics::counter!("filmless_sign_ins_total", "outcome" => "refused").increment(1);
            tracing::warn!(client.address = %client.address, "wrong account or password");
            refused(app, client, known.as_ref(), "wrong account or password");
            return Err(Refusal::Wrong);
        };
        if let (Shown::PasswordAndCode(_, code), Some(secret)) = (shown, &account.second_factor) {
            let Some(code) = code else {
                self.give_back(&key);
                return Err(Refusal::CodeWanted);
            };
            let is_new = match second_factor::step(secret, code, now_ms) {
                Some(step) => app.index.use_second_factor(&account.name, step).await.map_err(Refusal::Unavailable)?,
                None => false,
            };
            if !is_new {
                metrics::counter!("filmless_sign_ins_total", "outcome" => "refused").increment(1);
                let noted = app.index.note_wrong_password(&account.name, now_ms, self.lock_since(now_ms)).await;
                noted.map_err(Refusal::Unavailable)?;
                refused(app, client, Some(&account), "wrong digits of the second factor");
                return Err(Refusal::WrongCode);
            }
        }
        self.give_back(&key);
        if let Some(barred) = self.barred_from(&account, client.address, now_ms) {
            metrics::counter!("filmless_sign_ins_total", "outcome" => "barred").increment(1);
            refused(app, client, Some(&account), barred.as_str());
            return Err(Refusal::Barred(barred));
        }
        if password.is_some() {
            app.index.forget_wrong_passwords(&account.name).await.map_err(Refusal::Unavailable)?;
        }
        metrics::counter!("filmless_sign_ins_total", "outcome" => "accepted").increment(1);
        Ok(account)
    }

    /// What was right is no guess and does not count.
    fn give_back(&self, key: &(IpAddr, String)) {
        self.by_account.give_back(key);
        self.by_network.give_back(&key.0);
    }

    /// Whether the password fits the hash; takes its turn and leaves the async threads.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Refusal> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let turn = tokio::time::timeout(TURN_PATIENCE, self.checks.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Refusal::Busy)?.map_err(|_| Refusal::Busy)?;
        let verified = tokio::task::spawn_blocking(move || {
            let fits = secrets::verify_password(&password, hash.as_deref());
            drop(turn);
            fits
        });
        verified.await.map_err(|_| Refusal::Fault)
    }
}

/// Notes a refused sign-in. A name that is no account's may be a password that was typed in the wrong field.
fn refused(app: &App, client: Client, account: Option<&Account>, why: &str) {
    let actor = account.map_or_else(|| "unknown".to_owned(), |account| account.name.to_string());
    let event = AuditEvent::of(&Actor::Operator, AuditedAct::SignIn, now_ms()).with_detail(why);
    app.archive.note(AuditEvent { actor, address: Some(client.address), outcome: Outcome::Refused, ..event });
}

impl Users for App {
    fn check<'a>(
        &'a self,
        address: IpAddr,
        username: &'a str,
        passcode: Option<&'a str>,
    ) -> BoxFuture<'a, Result<User, UserRefusal>> {
        Box::pin(async move {
            let client = Client { address, local: false };
            // Nodes have no digits to show; they are known themselves, and a user can but narrow what they may.
            let shown = passcode.map_or(Shown::Nothing, Shown::Password);
            match self.sign_in.check(self, client, username, shown).await {
                Ok(account) => Ok(User { within: account.within(), name: account.name, role: account.role }),
                Err(Refusal::Wrong | Refusal::Barred(_) | Refusal::CodeWanted | Refusal::WrongCode) => Err(UserRefusal::Wrong),
                Err(Refusal::TooManyAttempts(_)) => Err(UserRefusal::TooManyAttempts),
                Err(Refusal::Busy | Refusal::Fault) => Err(UserRefusal::Unavailable),
                Err(Refusal::Unavailable(error)) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot look up an account");
                    Err(UserRefusal::Unavailable)
                }
            }
        })
    }
}
